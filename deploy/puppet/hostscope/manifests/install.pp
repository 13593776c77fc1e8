# @summary The package
# @api private
class hostscope::install {
  assert_private()

  if $hostscope::package_source {
    # dpkg installs the version that the file has, and no other.
    unless $hostscope::package_ensure in ['installed', 'present', 'latest'] {
      fail("hostscope: package_ensure '${hostscope::package_ensure}' needs apt's sources: with package_source give installed or latest")
    }
    package { 'hostscope':
      ensure   => $hostscope::package_ensure,
      provider => 'dpkg',
      source   => $hostscope::package_source,
    }
  } else {
    package { 'hostscope':
      ensure => $hostscope::package_ensure,
    }
  }
}
