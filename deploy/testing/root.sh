# A bare Debian 12, and it booted under systemd in a container: sourced by deploy/test.
# shellcheck shell=bash disable=SC2154

# The packages that come from Debian, not from us: Puppet to apply the module with; nginx only downloaded, so that
# whoever installs it does so for real, without a network.
bare_root() {
    local root=$1 mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus bookworm "$root" "$mirror" \
        >"$work/debootstrap.log" 2>&1 ||
        { tail -20 "$work/debootstrap.log" >&2 && return 1; }
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    DEBIAN_FRONTEND=noninteractive chroot "$root" sh -ec '
        apt-get install -y -qq --no-install-recommends puppet-agent puppet-module-puppetlabs-stdlib
        apt-get install -y -qq --no-install-recommends --download-only nginx' >"$work/apt.log" 2>&1 </dev/null ||
        { tail -20 "$work/apt.log" >&2 && return 1; }
    rm "$root/usr/sbin/policy-rc.d"
}

# Boots a root with its own processes, mounts and network; inside() then runs commands in it. The system calls are
# those that a container of systemd's is refused and a machine is not.
boot() {
    local root=$1
    systemd-nspawn --quiet --directory="$root" --boot --register=no --keep-unit --private-network --resolv-conf=off \
        --system-call-filter='adjtimex clock_adjtime' --timezone=off --link-journal=no --console=read-only \
        --machine="hostscope-test-$$" \
        </dev/null >"$work/boot.log" 2>&1 &
    nspawn=$!
    within 30 leader || { tail -20 "$work/boot.log" >&2 && return 1; }
    within 60 booted || { tail -20 "$work/boot.log" >&2 && return 1; }
    inside sh -c 'ip link set lo up 2>/dev/null || true'
}

leader() {
    leader=$(cat "/proc/$nspawn/task/$nspawn/children" 2>/dev/null) && leader=${leader%% *} && [[ -n $leader ]]
}

booted() {
    local state
    state=$(inside systemctl is-system-running 2>/dev/null) || true
    [[ $state == running || $state == degraded ]]
}

# A command in the booted root.
inside() {
    nsenter --target "$leader" --mount --uts --ipc --net --pid --root \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# A command of this machine in the network of the booted root.
beside() { nsenter --target "$leader" --net "$@"; }

shut_down() {
    [[ -n ${nspawn:-} ]] || return 0
    kill -TERM "$nspawn" 2>/dev/null || true # nspawn passes it on as "halt".
    within 20 gone 2>/dev/null || kill -KILL "$nspawn" 2>/dev/null || true
    wait "$nspawn" 2>/dev/null || true
    nspawn=
}

gone() { ! kill -0 "$nspawn" 2>/dev/null; }

# Every file of the booted root that is not a matter of its own daily life, with mode, owner and contents.
inventory() {
    inside find / -xdev \( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /dev -o -path /var/log \
        -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/lib/systemd -o -path /var/tmp \
        -o -path /root/.puppet -o -path /var/lib/puppet -o -path /etc/puppet -o -path /etc/ssl -o -path /opt \) -prune \
        -o -printf '%M %u:%g %p\n' | sort
}
