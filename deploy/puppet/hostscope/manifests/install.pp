# @summary The package
# @api private
class hostscope::install {
  assert_private()

  if $hostscope::package_source {
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
