# @summary Hostscope: a machine second by second in a browser
#
# @example The page on loopback
#   include hostscope
#
# @example Behind nginx under a name of its own
#   class { 'hostscope':
#     server_name           => 'metrics.example.org',
#     nginx_tls_certificate => '/etc/ssl/certs/metrics.example.org.pem',
#     nginx_tls_key         => '/etc/ssl/private/metrics.example.org.key',
#   }
#
# @param ensure
#   `absent` removes all that this class and the service have made; see `keep_data`
# @param package_ensure
#   `installed` (whatever version is there), `latest`, or a version of apt's sources. With `package_source`, `latest` is
#   the version of that file: a new file is an upgrade then
# @param package_source
#   A .deb on the machine's disk; the package comes from apt's sources when it is not given
# @param listen
#   Addresses to serve at. What the service may do follows: a port below 1024, another address than loopback
# @param data_dir
#   Where the past is recorded. In another place than /var/lib/hostscope it is made, and belongs to a user `_hostscope`
#   that is made as well, for the user of the package exists only while the service runs
# @param allowed_hosts
#   Names by which browsers may reach the server besides localhost and its address
# @param settings
#   Any other key of hostscope.json; goes before what parameters say, but `listen`, `dataDir` and `users` have their own
# @param users
#   Who may log in, by name: role and hash of the password. With users or tokens the file is Puppet's alone. A hash is
#   made by `hostscope user add NAME --users /tmp/users.json`, and stands in that file
# @param tokens
#   What scripts and Prometheus send, by name: hash and scopes, made by `hostscope token add` in the same way
# @param log_levels
#   Least level by logger, such as `{ 'Hostscope.Gateway.*' => 'Debug', '*' => 'Info' }`; the first that fits counts
# @param log_targets
#   Where the log goes: `console` is the journal; `file` and `json` need a directory, which is then made
# @param drop_ins
#   Changes of the service's unit: by name, the text of a systemd drop-in. Goes before those that parameters make:
#   `data-dir`, `log-file`, `low-port`, `network`
# @param service_ensure
#   Whether the service runs
# @param service_enable
#   Whether the service starts at boot
# @param keep_data
#   With `ensure => absent`: leave the configuration and what was recorded
# @param server_name
#   The name in the browser's address: nginx is set up before Hostscope under it, and it is an allowed host (with TLS:
#   the `publicUrl`)
# @param nginx_manage_package
#   Whether the package and the service of nginx are this class's, too
# @param nginx_tls
#   Whether nginx serves https. Without it passwords cross the network in the clear: for loopback only
# @param nginx_tls_certificate
#   Path of the certificate with its chain, PEM
# @param nginx_tls_key
#   Path of its key, PEM
# @param nginx_port
#   Port of http; with TLS it only sends browsers to https
# @param nginx_tls_port
#   Port of https
class hostscope (
  Enum['present', 'absent']                    $ensure,
  Hostscope::Version                           $package_ensure,
  Array[Hostscope::Listen, 1]                  $listen,
  Stdlib::Absolutepath                         $data_dir,
  Array[Stdlib::Fqdn]                          $allowed_hosts,
  Hash[Pattern[/\A[a-z][a-zA-Z]*\z/], Data]    $settings,
  Sensitive[Hash[String[1], Hostscope::User]]  $users,
  Sensitive[Hash[String[1], Hostscope::Token]] $tokens,
  Hash[String[1], Hostscope::Level, 1]         $log_levels,
  Array[Hostscope::Target, 1]                  $log_targets,
  Hash[Pattern[/\A[a-z0-9-]+\z/], String[1]]   $drop_ins,
  Stdlib::Ensure::Service                      $service_ensure,
  Boolean                                      $service_enable,
  Boolean                                      $keep_data,
  Boolean                                      $nginx_manage_package,
  Boolean                                      $nginx_tls,
  Stdlib::Port                                 $nginx_port,
  Stdlib::Port                                 $nginx_tls_port,
  Optional[Stdlib::Absolutepath]               $package_source = undef,
  Optional[Stdlib::Fqdn]                       $server_name = undef,
  Optional[Stdlib::Absolutepath]               $nginx_tls_certificate = undef,
  Optional[Stdlib::Absolutepath]               $nginx_tls_key = undef,
) {
  $has_users = !$users.unwrap.empty or !$tokens.unwrap.empty
  $has_own_directory = $data_dir != '/var/lib/hostscope'
  # As root sees it: below `private` systemd keeps what belongs to users that exist only while a service runs.
  $directory = $has_own_directory ? {
    true    => $data_dir,
    default => '/var/lib/private/hostscope',
  }
  if $ensure == 'present' {
    contain hostscope::install
    contain hostscope::config
    contain hostscope::service
    Class['hostscope::install'] -> Class['hostscope::config'] -> Class['hostscope::service']
    if $has_users {
      contain hostscope::users
      Class['hostscope::install'] -> Class['hostscope::users'] -> Class['hostscope::service']
    }
    if $server_name {
      contain hostscope::nginx
      Class['hostscope::service'] -> Class['hostscope::nginx']
    }
  } else {
    contain hostscope::remove
  }
}
