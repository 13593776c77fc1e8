# The machine of the Vagrantfile: reached over a port forwarded from loopback, so without TLS.
class { 'hostscope':
  package_source => $facts['hostscope_package'],
  server_name    => 'localhost',
  nginx_tls      => false,
}
