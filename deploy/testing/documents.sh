# The documents, followed to the letter by somebody who knows nothing else: sourced by deploy/test.
# shellcheck shell=bash disable=SC2154

# The commands of a section: what stands in its first block, or in the one after it.
#   commands FILE HEADING [NUMBER]
commands() {
    awk -v heading="$2" -v wanted="${3:-1}" '
        $0 == heading { here = 1; next }
        here && /^#/ { exit }
        here && /^```$/ { inside = !inside; block += inside; next }
        here && inside && block == wanted { print }' "$1" |
        grep -vE '^(\./hostscope|sudoedit|journalctl|systemctl status)' | sed 's/sudo //g'
}

# Runs them in the booted root, as root; each must work.
follow() {
    local lines
    lines=$(commands "$@")
    [[ -n $lines ]] || wrong "no commands in $1, $2"
    inside sh -exc "cd /opt && $lines"
}

tarball_by_the_document() {
    cp "$packages"/hostscope-*-"$rid".tar.gz "$machine/opt/"
    follow docs/INSTALL.md "## Any Linux: the tarball"
    within 20 active
    page_opens
}

nginx_by_the_document() {
    mkdir -p "$machine/usr/share/doc/hostscope"
    cp -r "$machine"/opt/hostscope-*/nginx "$machine/usr/share/doc/hostscope/"
    certificate
    sed -i 's/"listen"/"publicUrl": "https:\/\/metrics.example.org", "listen"/' "$machine/etc/hostscope/hostscope.json"
    inside systemctl restart hostscope
    follow docs/INSTALL.md "## nginx"
    inside hostscope user add anna <<<"$password"
    within 5 page_opens_through_nginx "anna:$password"
}

removed_by_the_document() {
    follow docs/UNINSTALL.md "# Uninstalling" 1
    follow docs/UNINSTALL.md "# Uninstalling" 2
    inside sh -c 'rm -rf /usr/share/doc/hostscope /var/log/nginx/hostscope.log*'
    nothing_of_ours_is_left
}

package_by_the_document() {
    follow docs/INSTALL.md "## Debian, Ubuntu: the package"
    within 20 active
    page_opens
    inside hostscope user add anna <<<"$password"
    LOGIN=anna:$password within 5 beside deploy/testing/page.mjs http://127.0.0.1:4678/
    inside apt-get purge -y -qq hostscope
    nothing_of_ours_is_left
}

document_checks() {
    apply "class { 'hostscope': ensure => absent }" >"$work/absent.log" || true
    check "docs/INSTALL.md leads from the package to the page" package_by_the_document
    check "docs/INSTALL.md leads from the tarball to the page" tarball_by_the_document
    check "docs/INSTALL.md puts nginx before it" nginx_by_the_document
    check "docs/UNINSTALL.md leaves nothing" removed_by_the_document
}
