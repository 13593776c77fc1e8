# @summary The service
# @api private
class hostscope::service {
  assert_private()

  service { 'hostscope':
    ensure => $hostscope::service_ensure,
    enable => $hostscope::service_enable,
  }
}
