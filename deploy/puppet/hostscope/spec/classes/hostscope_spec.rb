# frozen_string_literal: true

require 'json'
require 'spec_helper'

# hostscope.json without its comment.
def settings(catalogue)
  JSON.parse(catalogue.resource('File', '/etc/hostscope/hostscope.json')[:content].sub(%r{^//.*$}, ''))
end

describe 'hostscope' do
  context 'with nothing said' do
    it { is_expected.to compile.with_all_deps }
    it { is_expected.to contain_package('hostscope').with_ensure('installed') }
    it { is_expected.to contain_service('hostscope').with(ensure: 'running', enable: true) }
    it { is_expected.not_to contain_package('nginx') }
    it { is_expected.to contain_file('/etc/hostscope/NLog.config').with_content(/name="\*" minlevel="Info" writeTo="console"/) }

    it 'serves loopback and records' do
      expect(settings(catalogue)).to eq('listen' => ['http://127.0.0.1:4678'], 'dataDir' => '/var/lib/hostscope')
    end
  end

  context 'with settings of its own' do
    let(:params) do
      {
        settings: { 'interval' => '500ms', 'allowedHosts' => ['a.example.org'] },
        allowed_hosts: ['b.example.org'],
        log_levels: { 'Hostscope.Gateway.*' => 'Debug', 'Hostscope.Sampling.*' => 'Off', '*' => 'Warn' },
        log_targets: %w[console json],
        drop_ins: { 'memory' => "[Service]\nMemoryMax=256M\n" },
      }
    end

    it { is_expected.to compile.with_all_deps }
    it { is_expected.to contain_file('/etc/systemd/system/hostscope.service.d/memory.conf') }
    it { is_expected.to contain_file('/etc/systemd/system/hostscope.service.d/log-file.conf').with_content(/LogsDirectory/) }

    it 'goes before the parameters' do
      expect(settings(catalogue)).to include('interval' => '500ms', 'allowedHosts' => ['a.example.org'])
    end

    it 'logs what was asked for, and nothing of what is off' do
      content = catalogue.resource('File', '/etc/hostscope/NLog.config')[:content]
      expect(content).to include('<logger name="Hostscope.Gateway.*" minlevel="Debug" writeTo="console,json" final="true" />')
      expect(content).to include('<logger name="Hostscope.Sampling.*" final="true" />')
      expect(content).not_to include('name="Hostscope.Sampling.*" minlevel')
    end
  end

  context 'behind nginx' do
    let(:params) do
      { server_name: 'm.example.org', nginx_tls_certificate: '/etc/ssl/m.pem', nginx_tls_key: '/etc/ssl/m.key' }
    end

    it { is_expected.to compile.with_all_deps }
    it { is_expected.to contain_package('nginx') }
    it { is_expected.to contain_file('/etc/nginx/conf.d/hostscope.conf').with_content(/server_name m\.example\.org;/) }

    it 'says the name' do
      expect(settings(catalogue)).to include('publicUrl' => 'https://m.example.org')
    end

    context 'without TLS' do
      let(:params) { super().merge(nginx_tls: false) }

      it 'says the name' do
        expect(settings(catalogue)).to include('allowedHosts' => ['m.example.org'])
      end
    end
  end

  context 'with a directory of its own' do
    let(:hash) { 'pbkdf2-sha256$600000$c2FsdA==$aGFzaA==' }
    let(:params) do
      { data_dir: '/srv/kept', users: RSpec::Puppet::Sensitive.new('anna' => { 'role' => 'viewer', 'password' => hash }) }
    end
    let(:drop_in) { catalogue.resource('File', '/etc/systemd/system/hostscope.service.d/data-dir.conf')[:content] }

    it { is_expected.to compile.with_all_deps }
    it { is_expected.to contain_user('_hostscope').with(system: true) }
    it { is_expected.to contain_file('/srv/kept').with(ensure: 'directory', owner: '_hostscope', mode: '0700') }
    it { is_expected.to contain_file('/srv/kept/users.json').with_mode('0600') }
    it { is_expected.not_to contain_file('/var/lib/private/hostscope') }

    it 'lets the unit write there, as a user that stays' do
      expect(drop_in).to match(/^ReadWritePaths=\/srv\/kept$/).and match(/^DynamicUser=no$/).and match(/^User=_hostscope$/)
      expect(settings(catalogue)).to include('dataDir' => '/srv/kept', 'users' => '/srv/kept/users.json')
    end

    context 'and gone again' do
      let(:params) { { ensure: 'absent', data_dir: '/srv/kept' } }

      it { is_expected.to compile.with_all_deps }
      it { is_expected.to contain_file('/srv/kept/rec').with_ensure('absent') }
      it { is_expected.not_to contain_file('/srv/kept') }
      it { is_expected.to contain_user('_hostscope').with_ensure('absent') }
    end
  end

  context 'with addresses that the unit allows by itself' do
    let(:params) { { listen: ['http://127.0.0.1:4678', 'http://[::1]:4678', 'http://localhost:0'] } }

    %w[low-port network data-dir].each do |name|
      it { is_expected.not_to contain_file("/etc/systemd/system/hostscope.service.d/#{name}.conf") }
    end
  end

  context 'with addresses that it does not' do
    let(:params) { { listen: ['http://127.0.0.1:4678', 'https://0.0.0.0:443'] } }

    it { is_expected.to contain_file('/etc/systemd/system/hostscope.service.d/low-port.conf').with_content(/^Amb.*BIND/) }
    it { is_expected.to contain_file('/etc/systemd/system/hostscope.service.d/network.conf').with_content(/^IPAddressDeny=$/) }
  end

  context 'with settings that have a parameter' do
    let(:params) { { settings: { 'dataDir' => '/srv/kept', 'listen' => [] } } }

    it { is_expected.to compile.and_raise_error(/settings: listen, dataDir: give the parameters/) }
  end

  context 'with a package of its own' do
    let(:params) { { package_source: '/var/cache/h.deb', package_ensure: 'latest' } }

    it { is_expected.to compile.with_all_deps }

    it 'takes the version of the file' do
      is_expected.to contain_package('hostscope').with(ensure: 'latest', provider: 'dpkg', source: '/var/cache/h.deb')
    end

    context 'and a version' do
      let(:params) { super().merge(package_ensure: '0.1.0-1') }

      it { is_expected.to compile.and_raise_error(/needs apt's sources/) }
    end
  end

  context "with a version of apt's" do
    let(:params) { { package_ensure: '0.1.0-1' } }

    it { is_expected.to contain_package('hostscope').with_ensure('0.1.0-1').without_provider }
  end

  context 'with users and tokens' do
    let(:hash) { 'pbkdf2-sha256$600000$c2FsdA==$aGFzaA==' }
    let(:params) do
      {
        users: RSpec::Puppet::Sensitive.new('anna' => { 'role' => 'operator', 'password' => hash }),
        tokens: RSpec::Puppet::Sensitive.new('prometheus' => { 'hash' => 'a' * 64, 'scopes' => ['metrics'] }),
      }
    end
    let(:file) { catalogue.resource('File', '/var/lib/private/hostscope/users.json') }

    it { is_expected.to compile.with_all_deps }

    it 'writes them where nobody else reads them, and shows them to nobody' do
      expect(file[:mode]).to eq('0600')
      expect(file.sensitive_parameters).to include(:content)
      written = JSON.parse(file[:content])
      expect(written['users']).to eq([{ 'name' => 'anna', 'role' => 'operator', 'password' => hash }])
      expect(written['tokens'][0]).to include('name' => 'prometheus', 'scopes' => ['metrics'], 'expires' => nil)
    end

    it 'says where they are' do
      expect(settings(catalogue)).to include('users' => '/var/lib/hostscope/users.json')
    end
  end

  context 'behind nginx without a certificate' do
    let(:params) { { server_name: 'm.example.org' } }

    it { is_expected.to compile.and_raise_error(/give nginx_tls_certificate and nginx_tls_key/) }
  end

  context 'with values that are not allowed' do
    [
      { listen: ['127.0.0.1'] }, { listen: [] }, { log_levels: { '*' => 'Inof' } }, { log_targets: ['network'] },
      { settings: { 'Not-a-key' => 1 } }, { server_name: 'a name' }, { package_ensure: 'newest' },
    ].each do |wrong|
      context wrong.to_s do
        let(:params) { wrong }

        it { is_expected.to compile.and_raise_error(/expects/) }
      end
    end
  end

  context 'with ensure absent' do
    let(:params) { { ensure: 'absent' } }

    it { is_expected.to compile.with_all_deps }
    it { is_expected.to contain_package('hostscope').with_ensure('purged') }
    it { is_expected.to contain_file('/etc/hostscope').with_ensure('absent') }
    it { is_expected.to contain_file('/etc/nginx/conf.d/hostscope.conf').with_ensure('absent') }
    it { is_expected.not_to contain_service('hostscope') }
  end

  context 'with ensure absent and data kept' do
    let(:params) { { ensure: 'absent', keep_data: true } }

    it { is_expected.to contain_package('hostscope').with_ensure('absent') }
    it { is_expected.not_to contain_file('/etc/hostscope') }
  end
end
