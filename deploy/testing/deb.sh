# The package's life on a booted Debian: sourced by deploy/test.
# shellcheck shell=bash disable=SC2154,SC2016

active() { same "$(inside systemctl is-active hostscope)" active "hostscope.service"; }

# In a root without libssl3 apt would fetch it; here it must be there already, for there is no network.
installs() { inside apt-get install -y -qq "/opt/$(basename "$deb")"; }

listens_on_loopback_only() {
    local address
    address=$(inside sh -c "cat /proc/net/tcp /proc/net/tcp6" | awk '$4 == "0A" && $2 ~ /:1246$/ { print $2 }')
    same "$address" 0100007F:1246 "where it listens"
}

# The processes of the booted root whose program is ours, by number. It has no procps.
processes() {
    inside sh -c 'cd /proc && ls -l [0-9]*/exe 2>/dev/null' |
        sed -nE 's:.* ([0-9]+)/exe -> .*/hostscope( \(deleted\))?$:\1:p'
}

runs_confined() {
    local pid status
    pid=$(inside systemctl show -P MainPID hostscope)
    # The same question says "none" once it is removed.
    same "$(processes)" "$pid" "its process"
    status=$(inside cat "/proc/$pid/status")
    has "$status" $'NoNewPrivs:\t1'
    has "$status" $'Seccomp:\t2'
    has "$status" $'CapEff:\t0000000000000000'
    same "$(inside systemctl show -P User hostscope)" hostscope "its user"
    # The range of users that exist only while a service runs, systemd.exec(5).
    local uid
    uid=$(inside stat -c %u "/proc/$pid")
    ((uid >= 61184 && uid <= 65519)) || wrong "its user id is $uid"
}

page_opens() { beside deploy/testing/page.mjs "${1:-http://127.0.0.1:4678/}"; }

# systemd has a sign of life not older than its watchdog's half.
watchdog_is_fed() {
    same "$(inside systemctl show -P WatchdogUSec hostscope)" 30s "the watchdog"
    [[ $(inside systemctl show -P WatchdogTimestamp hostscope) == *:* ]] || wrong "no sign of life"
    same "$(inside systemctl show -P NRestarts hostscope)" 0 "number of restarts"
    has "$(inside systemctl show -P StatusText hostscope)" "at http://127.0.0.1:4678"
}

# The sandbox takes nothing away that this machine has: no source failed, none was refused.
nothing_is_missing() {
    local host
    host=$(beside curl -fsS http://127.0.0.1:4678/api/v1/hosts/local)
    jq -r '.capabilities[] | select(.available == false) | "\(.name): \(.reason)"' <<<"$host" >"$work/missing"
    if grep -iE 'denied|refused|permitted|not be asked' "$work/missing"; then
        wrong "the unit takes something away"
    fi
    inside journalctl -u hostscope -o cat >"$work/journal"
    if grep -E 'WARN|ERROR|FATAL' "$work/journal"; then
        wrong "the journal has a warning"
    fi
}

health_is_good() { has "$(inside hostscope health)" "ok: "; }

api() { beside curl -fsS "http://127.0.0.1:4678/api/v1/hosts/local/$1"; }

has_a_moment() { [[ $(api "moment?at=now" | jq .frame.seq) -gt 0 ]]; }

# The store below the state directory, under the unit's sandbox, and a mark in it to be found again.
records() {
    within 20 has_a_moment
    beside curl -fsS -H 'Content-Type: application/json' -d '{"text":"before the upgrade"}' \
        http://127.0.0.1:4678/api/v1/hosts/local/marks >/dev/null
    within 10 history_is_kept
    inside sh -c 'ls /var/lib/private/hostscope/rec/* >/dev/null'
}

history_is_kept() { has "$(api "events?kind=mark")" "before the upgrade"; }

keeps_state() {
    inside test -d /var/lib/hostscope
    inside sh -c 'echo kept >/var/lib/hostscope/marker'
    sed -i 's/"listen"/"interval": "500ms", "listen"/' "$machine/etc/hostscope/hostscope.json"
    inside systemctl restart hostscope
    active
}

state_is_kept() {
    same "$(inside cat /var/lib/hostscope/marker)" kept "the recorded data"
    has "$(inside cat /etc/hostscope/hostscope.json)" 500ms
}

# What docs/UPGRADE.md says to do first: the new program is asked what it thinks of the settings.
newer_is_asked() {
    local asked code=0
    asked="dpkg-deb -x /opt/$(basename "$newer") /tmp/new && /tmp/new/usr/bin/hostscope health"
    has "$(inside sh -c "$asked")" "ok: "
    cp -p "$machine/etc/hostscope/hostscope.json" "$work/good.json"
    echo '{ "intervall": 1 }' >"$machine/etc/hostscope/hostscope.json"
    inside sh -c "$asked" >"$work/asked" 2>&1 || code=$?
    cp -p "$work/good.json" "$machine/etc/hostscope/hostscope.json"
    inside rm -r /tmp/new
    same "$code" 78 "exit code with a wrong setting"
    has "$(<"$work/asked")" "did you mean interval?"
    active
}

upgrades() {
    local before after
    before=$(inside systemctl show -P MainPID hostscope)
    inside apt-get install -y -qq -o Dpkg::Options::=--force-confold "/opt/$(basename "$newer")"
    has "$(inside dpkg-query -W -f '${Version}' hostscope)" -2
    active
    after=$(inside systemctl show -P MainPID hostscope)
    [[ $before != "$after" ]] || wrong "the old process runs on"
    state_is_kept
    within 20 history_is_kept
}

stays_disabled() {
    inside systemctl disable --now hostscope
    inside dpkg -i "/opt/$(basename "$newer")"
    same "$(inside systemctl is-enabled hostscope || true)" disabled "after installing it again"
    inside systemctl enable --now hostscope
    active
}

a_wrong_setting_is_said_and_not_tried_again() {
    cp -p "$machine/etc/hostscope/hostscope.json" "$work/good.json"
    echo '{ "intervall": 1 }' >"$machine/etc/hostscope/hostscope.json"
    inside systemctl restart hostscope && wrong "it has started"
    same "$(inside systemctl show -P Result hostscope)" exit-code result
    same "$(inside systemctl show -P ExecMainStatus hostscope)" 78 "exit code"
    same "$(inside systemctl show -P ActiveState hostscope)" failed state
    has "$(inside journalctl -u hostscope -o cat -n 20)" "did you mean interval?"
    cp -p "$work/good.json" "$machine/etc/hostscope/hostscope.json"
    inside systemctl restart hostscope
    active
}

# The secrets of docs/INSTALL.md's table, which only their owners read: a key as a credential, a secret by the data.
reads_what_the_documents_say() {
    certificate
    cp -p "$machine/etc/hostscope/hostscope.json" "$work/good.json"
    jq -n --arg site "$site" '{ listen: ["http://127.0.0.1:4678", "https://127.0.0.1:4679"],
        dataDir: "/var/lib/hostscope", tlsCert: "/etc/ssl/certs/\($site).pem",
        tlsKey: "/run/credentials/hostscope.service/tls.key",
        trustedProxies: ["127.0.0.9"], proxySecretFile: "/var/lib/hostscope/secret" }' \
        >"$machine/etc/hostscope/hostscope.json"
    inside sh -ec "
        mkdir /etc/systemd/system/hostscope.service.d
        printf '[Service]\nLoadCredential=tls.key:/etc/ssl/private/$site.key\n' \
            >/etc/systemd/system/hostscope.service.d/tls.conf
        cd /var/lib/private/hostscope
        (umask 077 && head -c 32 /dev/urandom | base64 >secret)
        chown --reference=/var/lib/private/hostscope secret
        systemctl daemon-reload
        systemctl restart hostscope" || wrong "$(inside journalctl -u hostscope -o cat -n 5)"
    # 503 until the first sample is there, which curl takes for a reason to ask again.
    same "$(beside curl -ksS --retry 10 --retry-delay 1 -o /dev/null -w '%{http_code}' \
        https://127.0.0.1:4679/healthz)" 200 "https"
    cp -p "$work/good.json" "$machine/etc/hostscope/hostscope.json"
    inside rm -r /etc/systemd/system/hostscope.service.d /var/lib/private/hostscope/secret
    inside systemctl daemon-reload
    inside systemctl restart hostscope
    active
}

removes() {
    inside apt-get remove -y -qq hostscope
    inside sh -c '! test -e /usr/bin/hostscope'
    same "$(processes)" "" "what still runs"
    state_is_kept
}

purges() {
    inside apt-get purge -y -qq hostscope
    same "$(inside dpkg-query -W -f '${Status}' hostscope 2>/dev/null || true)" "" "what dpkg knows of it"
}

nothing_is_left() {
    inventory >"$work/after"
    diff "$work/before" "$work/after" || wrong "files differ from those before the installation"
    same "$(inside systemctl list-unit-files --no-legend 'hostscope*')" "" "units"
    same "$(inside getent passwd hostscope || true)" "" "users"
}

deb_checks() {
    inventory >"$work/before"
    check "The package installs on a bare Debian 12" installs
    check "The service runs once it is installed" active
    check "It listens on loopback only" listens_on_loopback_only
    check "It runs as a user of its own, without capabilities, filtered" runs_confined
    check "The page, its files, the API and WebSocket come" page_opens
    check "hostscope health says so" health_is_good
    check "systemd's watchdog is fed" watchdog_is_fed
    check "The sandbox takes no value away" nothing_is_missing
    check "It records" records
    check "Data and settings are written" keeps_state
    check "The newer one says beforehand what it thinks of the settings" newer_is_asked
    check "An upgrade restarts it and keeps data and settings" upgrades
    check "A service that was disabled stays disabled" stays_disabled
    check "A wrong setting is said and not tried again" a_wrong_setting_is_said_and_not_tried_again
    check "It reads the key and the secret where docs/INSTALL.md puts them" reads_what_the_documents_say
    check "Removed, it is gone and its data are kept" removes
    check "Purged, it is forgotten" purges
    check "Nothing is left" nothing_is_left
}
