# @summary Who may log in
# @api private
class hostscope::users {
  assert_private()

  # In the service's own directory, for its user exists only while it runs: systemd gives it the directory when it
  # starts. What is written later is given to the directory's owner here. A running server reads it again by itself.
  $directory = $hostscope::directory
  $users_file = "${directory}/users.json"
  unless $hostscope::has_own_directory {
    file { ['/var/lib/private', $directory]:
      ensure => directory,
      mode   => '0700',
    }
  }

  file { $users_file:
    ensure    => file,
    mode      => '0600',
    show_diff => false,
    backup    => false,
    content   => Sensitive(epp('hostscope/users.json.epp', {
          'users'  => $hostscope::users.unwrap,
          'tokens' => $hostscope::tokens.unwrap,
    })),
  }

  exec { 'hostscope: the users file is the service\'s':
    command  => "chown --reference=${directory} ${users_file}",
    unless   => "test \"$(stat -c %u:%g ${directory})\" = \"$(stat -c %u:%g ${users_file})\"",
    path     => ['/usr/bin', '/bin'],
    provider => shell,
    require  => File[$users_file],
  }
}
