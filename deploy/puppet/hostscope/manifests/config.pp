# @summary Settings, log and drop-ins
# @api private
class hostscope::config {
  assert_private()

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
    true    => { 'users' => '/var/lib/hostscope/users.json' },
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
  file { '/etc/systemd/system/hostscope.service.d':
    ensure  => directory,
    owner   => 'root',
    group   => 'root',
    mode    => '0755',
    recurse => true,
    purge   => true,
  }

  ($log_file + $hostscope::drop_ins).each |$name, $text| {
    file { "/etc/systemd/system/hostscope.service.d/${name}.conf":
      ensure  => file,
      owner   => 'root',
      group   => 'root',
      mode    => '0644',
      content => $text,
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
