# frozen_string_literal: true

require 'rspec-puppet'

RSpec.configure do |config|
  config.module_path = [File.expand_path('../..', __dir__), ENV.fetch('PUPPET_STDLIB', '/usr/share/puppet/modules')].join(':')
  config.setup_fixtures = false
  config.manifest = ''
  config.default_facts = { 'os' => { 'family' => 'Debian', 'name' => 'Debian', 'release' => { 'major' => '12' } } }
end
