# The machine of the Vagrantfile: reached over a port forwarded from loopback, so without TLS.
class { 'hostscope':
  package_ensure => latest, # The version of the file: `vagrant provision` after a new build is an upgrade.
  package_source => $facts['hostscope_package'],
  server_name    => 'localhost',
  nginx_tls      => false,
}
