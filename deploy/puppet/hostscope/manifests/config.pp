# @summary Settings, log and drop-ins
# @api private
class hostscope::config {
  assert_private()

  $taken = ['listen', 'dataDir', 'users'].filter |$key| { $key in $hostscope::settings }
  unless $taken.empty {
    fail("hostscope: settings: ${taken.join(', ')}: give the parameters listen, data_dir and users, which the unit follows")
  }

  $base = { 'listen' => $hostscope::listen, 'dataDir' => $hostscope::data_dir }
  # Under https the name is that of the public URL, which makes cookies secure as well.
  $is_secure = $hostscope::server_name =~ NotUndef and $hostscope::nginx_tls
  $url = $is_secure ? {
    true    => { 'publicUrl' => $hostscope::nginx_tls_port ? {
        443     => "https://${hostscope::server_name}",
        default => "https://${hostscope::server_name}:${hostscope::nginx_tls_port}",
    } },
    default => {},
  }
  $plain = [$hostscope::server_name].filter |$name| { $name =~ NotUndef and !$hostscope::nginx_tls }
  $names = unique($hostscope::allowed_hosts + $plain)
  $hosts = $names ? {
    []      => {},
    default => { 'allowedHosts' => $names },
  }
  $users_file = $hostscope::has_users ? {
    true    => { 'users' => "${hostscope::data_dir}/users.json" },
    default => {},
  }
  $settings = $base + $url + $hosts + $users_file + $hostscope::settings

  file { '/etc/hostscope':
    ensure => directory,
    owner  => 'root',
    group  => 'root',
    mode   => '0755',
  }

  file { '/etc/hostscope/hostscope.json':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('hostscope/hostscope.json.epp', { 'settings' => $settings }),
    notify  => Class['hostscope::service'],
  }

  # The log's configuration is re-read while it runs: no restart.
  file { '/etc/hostscope/NLog.config':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('hostscope/NLog.config.epp', {
        'levels'  => $hostscope::log_levels,
        'targets' => $hostscope::log_targets,
    }),
  }

  $to_files = $hostscope::log_targets.any |$target| { $target != 'console' }
  $log_file = $to_files ? {
    true    => { 'log-file' => "[Service]\nLogsDirectory=hostscope\nLogsDirectoryMode=0750\n" },
    default => {},
  }

  # What the unit keeps from it, given back as far as the parameters need it.
  $ports = $hostscope::listen.map |$address| { Integer($address.regsubst(/\A.*:/, ''), 10) }
  $is_low = $ports.any |$port| { $port =~ Integer[1, 1023] }
  $low_port = $is_low ? {
    true    => { 'low-port' => file('hostscope/drop-ins/low-port.conf') },
    default => {},
  }
  $everywhere = $hostscope::listen.any |$address| { $address !~ /:\/\/(localhost|127\.[0-9.]+|\[::1\]):/ }
  $network = $everywhere ? {
    true    => { 'network' => file('hostscope/drop-ins/network.conf') },
    default => {},
  }
  $data_dir = $hostscope::has_own_directory ? {
    true    => { 'data-dir' => file('hostscope/drop-ins/data-dir.conf').regsubst('/srv/hostscope', $hostscope::data_dir, 'G') },
    default => {},
  }
  if $hostscope::has_own_directory {
    user { '_hostscope':
      ensure     => present,
      system     => true,
      home       => '/nonexistent',
      managehome => false,
      shell      => '/usr/sbin/nologin',
    }

    file { $hostscope::data_dir:
      ensure => directory,
      owner  => '_hostscope',
      group  => '_hostscope',
      mode   => '0700',
    }
  }

  file { '/etc/systemd/system/hostscope.service.d':
    ensure  => directory,
    owner   => 'root',
    group   => 'root',
    mode    => '0755',
    recurse => true,
    purge   => true,
  }

  ($log_file + $low_port + $network + $data_dir + $hostscope::drop_ins).each |$name, $text| {
    file { "/etc/systemd/system/hostscope.service.d/${name}.conf":
      ensure  => file,
      owner   => 'root',
      group   => 'root',
      mode    => '0644',
      content => $text,
      notify  => Exec['hostscope: systemctl daemon-reload'],
    }
  }

  exec { 'hostscope: systemctl daemon-reload':
    command     => 'systemctl daemon-reload',
    path        => ['/usr/bin', '/bin'],
    refreshonly => true,
    subscribe   => File['/etc/systemd/system/hostscope.service.d'],
    notify      => Class['hostscope::service'],
  }
}
