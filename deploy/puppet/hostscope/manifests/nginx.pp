# @summary nginx before Hostscope, under a name of its own
# @api private
class hostscope::nginx {
  assert_private()

  if $hostscope::nginx_tls and !($hostscope::nginx_tls_certificate and $hostscope::nginx_tls_key) {
    fail('hostscope: give nginx_tls_certificate and nginx_tls_key, or nginx_tls => false for a page on loopback')
  }

  if $hostscope::nginx_manage_package {
    package { 'nginx':
      ensure => installed,
      before => File['/etc/nginx/conf.d/hostscope-common.conf'],
    }

    service { 'nginx':
      ensure  => running,
      enable  => true,
      require => Package['nginx'],
      before  => Exec['hostscope: nginx reload'],
    }
  }

  file {
    default:
      ensure => file,
      owner  => 'root',
      group  => 'root',
      mode   => '0644',
      notify => Exec['hostscope: nginx reload'],
      ;
    '/etc/nginx/conf.d/hostscope-common.conf':
      content => file('hostscope/nginx/hostscope-common.conf'),
      ;
    '/etc/nginx/snippets/hostscope-proxy.conf':
      content => file('hostscope/nginx/hostscope-proxy.conf'),
      ;
    '/etc/nginx/conf.d/hostscope.conf':
      content => epp('hostscope/nginx.conf.epp', {
          'server_name' => $hostscope::server_name,
          'tls'         => $hostscope::nginx_tls,
          'port'        => $hostscope::nginx_port,
          'tls_port'    => $hostscope::nginx_tls_port,
          'certificate' => $hostscope::nginx_tls_certificate,
          'key'         => $hostscope::nginx_tls_key,
      }),
      ;
  }

  # A configuration that nginx refuses leaves the old one in force, and this run failed.
  exec { 'hostscope: nginx reload':
    command     => 'nginx -t -q && systemctl reload nginx',
    path        => ['/usr/sbin', '/usr/bin', '/sbin', '/bin'],
    provider    => shell,
    refreshonly => true,
  }
}
