# The container's image and Vagrant's provisioning, without an engine for either: sourced by deploy/test.
# shellcheck shell=bash disable=SC2154

# Starts what the Dockerfile's last stage copies, as its last lines say: its root, its environment, its user, no
# capability; /proc and /dev as engines give them, a network of its own, and this machine's root below /host. Its
# process id is in $image.
start_image() {
    mkdir "$work/image"
    deploy/container/make-root "$published" "$work/image" || return
    mkdir "$work/image/proc" "$work/image/dev"
    # shellcheck disable=SC2016
    unshare --mount --net --uts --ipc sh -ec '
        image=$1
        shift
        ip link set lo up
        mount --rbind / "$image/host"
        mount -o remount,bind,ro "$image/host"
        mount -t proc proc "$image/proc"
        mount --bind /dev "$image/dev"
        exec env -i "$@" /usr/bin/setpriv --no-new-privs \
            /usr/sbin/chroot --userspec=65532:65532 "$image" /usr/bin/hostscope' \
        sh "$work/image" "${image_environment[@]}" >"$work/image.log" 2>&1 &
    image=$!
}

mapfile -d ' ' -t image_environment < <(sed -n 's/^ENV //p' deploy/container/Dockerfile | tr '\n' ' ')

in_image() {
    env -i "${image_environment[@]}" \
        /usr/bin/nsenter --target "$image" --mount --net --root --setuid=65532 --setgid=65532 "$@"
}

image_is_healthy() { has "$(in_image /usr/bin/hostscope health)" "ok: "; }

image_serves() {
    within 20 image_is_healthy || wrong "$(cat "$work/image.log")"
    nsenter --target "$image" --net deploy/testing/page.mjs http://127.0.0.1:4678/
}

# The host's name and file systems, not the image's, of which there are none.
image_shows_the_host() {
    local host
    host=$(nsenter --target "$image" --net curl -fsS http://127.0.0.1:4678/api/v1/hosts/local)
    same "$(jq -r .host.name <<<"$host")" "$(hostname)" "the name"
    has "$(jq -r .host.osPrettyName <<<"$host")" Debian
}

image_is_confined() {
    local status
    status=$(cat "/proc/$image/status")
    has "$status" $'CapEff:\t0000000000000000'
    has "$status" $'NoNewPrivs:\t1'
    same "$(stat -c %u:%g "/proc/$image")" 65532:65532 "its user"
    same "$(find "$work/image" -xdev -type f -perm /111 -not -name '*.so*')" "$work/image/usr/lib/hostscope/hostscope" \
        "all programs in the image"
}

image_ends_well() {
    kill -TERM "$image"
    within 10 eval "! kill -0 $image 2>/dev/null"
}

# The same script as `vagrant up` runs, with the same files at the same places.
vagrant_provisions() {
    mkdir -p "$machine/opt/hostscope/packages" "$machine/opt/hostscope/vagrant"
    cp -rL deploy/puppet "$machine/opt/hostscope/modules"
    cp "$deb" "$machine/opt/hostscope/packages/"
    cp deploy/vagrant/provision deploy/vagrant/site.pp "$machine/opt/hostscope/vagrant/"
    inside sh /opt/hostscope/vagrant/provision /opt/hostscope
    local again
    again=$(inside sh /opt/hostscope/vagrant/provision /opt/hostscope)
    if grep -E 'created|changed|executed|refresh' <<<"$again"; then
        wrong "the second run has changed something"
    fi
}

# As the browser on the other side of the forwarded port does: under localhost, with the port that it sees.
page_opens_over_the_forwarded_port() {
    CONNECT_TO=127.0.0.1:80 beside deploy/testing/page.mjs http://localhost:8080/
}

container_checks() {
    start_image
    check "The container's image serves the page" image_serves
    check "It shows the host and not the container" image_shows_the_host
    check "It runs without capability and without a shell" image_is_confined
    check "It ends when asked" image_ends_well
    check "Vagrant's provisioning sets up Hostscope behind nginx, and twice is as good as once" vagrant_provisions
    check "The page opens over Vagrant's forwarded port" page_opens_over_the_forwarded_port
}
