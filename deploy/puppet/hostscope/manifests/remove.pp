# @summary Everything away
# @api private
class hostscope::remove {
  assert_private()

  # The package's own scripts stop the service; purged, they remove its configuration and what it has recorded.
  $how = $hostscope::keep_data ? {
    true    => 'absent',
    default => 'purged',
  }
  package { 'hostscope':
    ensure => $how,
  }

  # nginx stays, for it may serve others as well; what is ours in it goes.
  file { [
      '/etc/nginx/conf.d/hostscope-common.conf',
      '/etc/nginx/snippets/hostscope-proxy.conf',
      '/etc/nginx/conf.d/hostscope.conf',
    ]:
      ensure => absent,
      backup => false,
      notify => Exec['hostscope: nginx reload'],
  }

  exec { 'hostscope: nginx reload':
    command     => 'systemctl reload nginx',
    path        => ['/usr/bin', '/bin'],
    onlyif      => 'systemctl -q is-active nginx',
    refreshonly => true,
  }

  unless $hostscope::keep_data {
    # A directory that data_dir names may hold what is not ours: only what is goes, and the directory when it is empty.
    if $hostscope::has_own_directory {
      file { ["${hostscope::data_dir}/rec", "${hostscope::data_dir}/users.json"]:
        ensure  => absent,
        recurse => true,
        force   => true,
        backup  => false,
        require => Package['hostscope'],
      }
      -> exec { 'hostscope: the directory, when it is empty':
        command  => "rmdir --ignore-fail-on-non-empty '${hostscope::data_dir}'",
        onlyif   => "test -d '${hostscope::data_dir}' && test -z \"$(ls -A '${hostscope::data_dir}')\"",
        path     => ['/usr/bin', '/bin'],
        provider => shell,
      }
      -> user { '_hostscope':
        ensure => absent,
      }
    }

    file { ['/etc/hostscope', '/etc/systemd/system/hostscope.service.d']:
      ensure  => absent,
      recurse => true,
      force   => true,
      backup  => false,
      require => Package['hostscope'],
    }

    tidy { '/var/log/nginx':
      matches => ['hostscope.log*'],
      recurse => 1,
      backup  => false,
    }
  }
}
