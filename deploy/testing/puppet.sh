# The Puppet module on a booted Debian, with nginx before Hostscope: sourced by deploy/test.
# shellcheck shell=bash disable=SC2154,SC2016

site=metrics.example.org
password=correct-horse

# Applies a manifest; the exit codes are those of --detailed-exitcodes: 0 nothing to do, 2 changed, 4 and 6 failed.
apply() {
    local code=0
    printf '%s\n' "$1" >"$machine/opt/site.pp"
    inside puppet apply --detailed-exitcodes --modulepath /opt/modules:/usr/share/puppet/modules /opt/site.pp || code=$?
    return $code
}

# A user, as the program itself writes one.
user() {
    [[ -e $work/users.json ]] ||
        "$published/hostscope" user add anna --role operator --users "$work/users.json" <<<"$password" >/dev/null
    jq -r '.users[0].password' "$work/users.json"
}

wanted() {
    cat <<END
class { 'hostscope':
  package_source        => '/opt/$(basename "$deb")',
  settings              => { 'interval' => '500ms' },
  users                 => Sensitive({ 'anna' => { 'role' => 'operator', 'password' => '$(user)' } }),
  log_targets           => ['console', 'json'],
  drop_ins              => { 'memory' => "[Service]\nMemoryMax=256M\n" },
  server_name           => '$site',
  nginx_tls_certificate => '/etc/ssl/certs/$site.pem',
  nginx_tls_key         => '/etc/ssl/private/$site.key',
}
END
}

certificate() {
    openssl req -quiet -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$site" \
        -addext "subjectAltName=DNS:$site" -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null ||
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$site" \
            -addext "subjectAltName=DNS:$site" -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
    install -D -m 644 "$work/cert.pem" "$machine/etc/ssl/certs/$site.pem"
    install -D -m 600 "$work/key.pem" "$machine/etc/ssl/private/$site.key"
}

first_run_changes() {
    local code=0
    certificate
    apply "$(wanted)" || code=$?
    same "$code" 2 "the exit code"
    active
    same "$(inside systemctl is-active nginx)" active nginx
}

second_run_changes_nothing() {
    local code=0
    apply "$(wanted)" || code=$?
    same "$code" 0 "the exit code"
}

settings_are_in_force() {
    has "$(inside cat /etc/hostscope/hostscope.json)" '"interval": "500ms"'
    same "$(inside systemctl show -P MemoryMax hostscope)" $((256 << 20)) "the drop-in's limit"
    within 10 inside grep -q '"level":"info"' /var/log/hostscope/hostscope.jsonl
}

page_opens_through_nginx() {
    LOGIN=${1:-} CONNECT_TO=127.0.0.1 beside deploy/testing/page.mjs "https://$site/" "$work/cert.pem"
    local said
    said=$(beside curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' -H "Host: $site" http://127.0.0.1/)
    same "$said" "308 https://$site/" "http"
}

users_are_secret() {
    same "$(inside stat -c %a /var/lib/private/hostscope/users.json)" 600 "the mode"
    same "$(inside stat -c %u /var/lib/private/hostscope/users.json)" \
        "$(inside stat -c %u "/proc/$(inside systemctl show -P MainPID hostscope)")" "the owner"
    rm -f "$machine/opt/site.pp"
    ! inside grep -rlF "$(user)" /var/lib/puppet /var/cache/puppet /var/log /etc/hostscope || wrong "the hash is there"
}

other_names_are_refused() {
    local said
    said=$(beside curl -ksS -o /dev/null -w '%{http_code}' -H 'Host: evil.example' https://127.0.0.1/)
    same "$said" 421 "another name"
}

drift_is_mended() {
    echo '{}' >"$machine/etc/hostscope/hostscope.json"
    echo '[Service]' >"$machine/etc/systemd/system/hostscope.service.d/stray.conf"
    local code=0
    apply "$(wanted)" || code=$?
    same "$code" 2 "the exit code"
    has "$(inside cat /etc/hostscope/hostscope.json)" '"interval": "500ms"'
    inside test ! -e /etc/systemd/system/hostscope.service.d/stray.conf
    active
}

it_is_back() {
    within 20 active
    page_opens_through_nginx "anna:$password"
}

latest_upgrades() {
    local code=0 manifest
    manifest=$(wanted | sed "s:/opt/$(basename "$deb"):/opt/$(basename "$newer"):")
    apply "$manifest" || code=$?
    same "$code" 0 "the exit code with 'installed'"
    has "$(inside dpkg-query -W -f '${Version}' hostscope)" -1
    apply "${manifest/package_source/package_ensure => latest, package_source}" || code=$?
    same "$code" 2 "the exit code with 'latest'"
    has "$(inside dpkg-query -W -f '${Version}' hostscope)" -2
    within 20 active
    code=0
    apply "${manifest/package_source/package_ensure => latest, package_source}" || code=$?
    same "$code" 0 "the exit code of the second run"
}

# On another path and, below 1024 and beyond loopback, on an address that the unit by itself allows neither.
elsewhere() {
    wanted | sed "s:package_source :data_dir => '/srv/hostscope', listen => ['http\://127.0.0.1\:4678', \
        'http\://0.0.0.0\:81'], package_source :; s:/opt/$(basename "$deb"):/opt/$(basename "$newer"):"
}

records_elsewhere() {
    local code=0
    apply "$(elsewhere)" || code=$?
    same "$code" 2 "the exit code"
    within 20 active
    within 20 inside sh -c 'ls /srv/hostscope/rec/* >/dev/null'
    code=0
    same "$(inside stat -c %U:%a /srv/hostscope)" _hostscope:700 "owner and mode"
    LOGIN=anna:$password within 10 beside deploy/testing/page.mjs http://127.0.0.1:81/
    apply "$(elsewhere)" || code=$?
    same "$code" 0 "the exit code of the second run"
}

absent_removes() {
    local code=0
    apply "class { 'hostscope': ensure => absent, data_dir => '/srv/hostscope' }" || code=$?
    same "$code" 2 "the exit code"
    code=0
    apply "class { 'hostscope': ensure => absent, data_dir => '/srv/hostscope' }" || code=$?
    same "$code" 0 "the exit code of the second run"
    inside systemctl restart nginx
}

nothing_of_ours_is_left() {
    local left
    left=$(inside find / -xdev \( -path /proc -o -path /sys -o -path /opt -o -path /run -o -path /var/lib/puppet \
        -o -path /var/cache -o -path /etc/apt -o -path /var/log/journal \) -prune -o -iname '*hostscope*' -print)
    same "$left" "" "what is left"
    same "$(inside systemctl list-unit-files --no-legend 'hostscope*')" "" "units"
}

puppet_checks() {
    check "puppet apply installs it behind nginx" first_run_changes
    check "A second puppet apply changes nothing" second_run_changes_nothing
    check "The settings, the log's file and the drop-in are in force" settings_are_in_force
    check "The page, its files, the API and WebSocket come through nginx by https to who logs in" \
        page_opens_through_nginx "anna:$password"
    check "The users file is the service's alone, and in no report of Puppet's" users_are_secret
    check "Another name gets 421" other_names_are_refused
    check "puppet apply mends what was changed by hand" drift_is_mended
    shut_down
    boot "$machine"
    check "After a restart of the machine it is back" it_is_back
    check "package_ensure latest upgrades to the file's version" latest_upgrades
    check "Another directory, a low port and another address than loopback work" records_elsewhere
    check "ensure absent removes it, and twice is as good as once" absent_removes
    check "Nothing of it is left" nothing_of_ours_is_left
}
