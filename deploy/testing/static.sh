# What can be said without installing anything: sourced by deploy/test.
# shellcheck shell=bash disable=SC2154,SC2317

# Its hints depend on how bytes happened to lie in the binary; those seen so far have their reasons all the same.
lint_package() { lintian --allow-root --tag-display-limit 0 --display-info --fail-on error,warning "$deb"; }

sums_are_right() { (cd "$packages" && sha256sum --check --quiet --strict SHA256SUMS); }

# Every package of the lock files that is not for building, and every file of the package's own directory.
bom_is_whole() {
    local bom names file
    bom=$(ls "$packages"/*.cdx.json)
    names=$(jq -r '.components[].name' "$bom")
    for file in $(dpkg-deb --fsys-tarfile "$deb" | tar -t --wildcards './usr/lib/hostscope/?*' | xargs -n1 basename); do
        has "$names" "$file"
    done
    for file in $(jq -r '.packages | to_entries[] | select(.key != "" and (.value.dev | not)) | .key' \
        web/package-lock.json | sed 's:.*node_modules/::'); do
        has "$names" "$file"
    done
    for file in $(jq -r '.dependencies["net10.0"] | to_entries[] | select(.value.resolved) | .key' \
        src/Hostscope/packages.lock.json | grep -vE '^Microsoft\.(CodeAnalysis|NET\.ILLink)'); do
        has "$names" "$file"
    done
    has "$names" "Microsoft.NETCore.App.Runtime.NativeAOT.$rid"
    same "$(jq '[.components[] | select(.licenses == null and .type != "file")] | length' "$bom")" 0 "without licence"
    same "$(jq -r '[.components[] | select(.type == "file" and .name == "hostscope")][0].hashes[0].content' "$bom")" \
        "$(dpkg-deb --fsys-tarfile "$deb" | tar -xO ./usr/lib/hostscope/hostscope | sha256sum | cut -d' ' -f1)" \
        "the sum of the binary"
}

unit_is_understood() {
    # The program is not installed here: the unit is asked about with one that is.
    mkdir -p "$work/unit"
    sed "s:^ExecStart=/usr/bin/hostscope:ExecStart=$published/hostscope:" deploy/systemd/hostscope.service \
        >"$work/unit/hostscope.service"
    local said
    said=$(systemd-analyze verify --man=no "$work/unit/hostscope.service" 2>&1) || wrong "$said"
    [[ -z $said ]] || wrong "$said"
}

# At most 2.0 of 10; prints the figure.
unit_is_confined() {
    local said
    said=$(systemd-analyze security --no-pager --offline=true --threshold=20 deploy/systemd/hostscope.service) ||
        wrong "$said"
    grep -o 'Overall exposure.*' <<<"$said" >"$work/exposure"
}

drop_ins_are_understood() {
    local file said
    for file in deploy/systemd/drop-ins/*.conf; do
        rm -rf "$work/unit/hostscope.service.d"
        install -D -m 644 "$file" "$work/unit/hostscope.service.d/drop-in.conf"
        said=$(systemd-analyze verify --man=no "$work/unit/hostscope.service" 2>&1) || wrong "$file: $said"
        [[ -z $said ]] || wrong "$file: $said"
    done
}

man_page_is_clean() {
    local said
    said=$(dpkg-deb --fsys-tarfile "$deb" | tar -xO ./usr/share/man/man8/hostscope.8.gz | gunzip |
        MANROFFSEQ='' MANWIDTH=80 man --warnings --encoding=UTF-8 -l - 2>&1 >/dev/null)
    [[ -z $said ]] || wrong "$said"
}

completion_completes() {
    dpkg-deb --fsys-tarfile "$deb" | tar -xO ./usr/share/bash-completion/completions/hostscope >"$work/completion"
    (
        # shellcheck disable=SC1091
        source "$work/completion"
        COMP_WORDS=(hostscope --da) COMP_CWORD=1
        _hostscope
        same "${COMPREPLY[*]}" --data-dir
        COMP_WORDS=(hostscope hea) COMP_CWORD=1
        _hostscope
        same "${COMPREPLY[*]}" health
        COMP_WORDS=(hostscope --data-dir /us) COMP_CWORD=2
        compopt() { :; } # Is for the shell at its prompt.
        _hostscope
        same "${COMPREPLY[*]}" /usr
    )
}

# Each option that the program knows is in the man page of the package.
man_page_has_every_option() {
    local page option
    page=$(dpkg-deb --fsys-tarfile "$deb" | tar -xO ./usr/share/man/man8/hostscope.8.gz | gunzip | sed 's/\\//g')
    for option in $("$published/hostscope" --help | grep -oE '^ +--[a-z-]+'); do
        has "$page" "$option"
    done
}

scripts_are_clean() {
    shellcheck dev deploy/test deploy/package deploy/reproducible deploy/testing/*.sh deploy/debian/p* \
        deploy/completions/*.bash deploy/container/make-root deploy/vagrant/provision
}

puppet_is_understood() {
    (
        cd deploy/puppet/hostscope || exit
        puppet parser validate --modulepath "..:$stdlib" manifests/*.pp types/*.pp
        puppet epp validate templates/*.epp
        jq -e . metadata.json >/dev/null
    )
}

puppet_is_tidy() { puppet-lint --fail-on-warnings deploy/puppet/hostscope/manifests deploy/puppet/hostscope/types; }

puppet_compiles() { (cd deploy/puppet/hostscope && rspec --format progress spec); }

# The site that Puppet writes is the one that deploy/nginx documents and tests.
puppet_site_is_ours() {
    puppet epp render --modulepath deploy/puppet --values '{ server_name => "metrics.example.org", tls => true,
        certificate => "/etc/ssl/certs/metrics.example.org.pem", key => "/etc/ssl/private/metrics.example.org.key",
        port => 80, tls_port => 443 }' hostscope/nginx.conf.epp |
        diff <(grep -vE '^ *(#|$)' deploy/nginx/hostscope.conf) <(grep -vE '^ *(#|$)' -)
}

vagrantfile_is_understood() { (cd deploy/vagrant && VAGRANT_HOME=$work/vagrant vagrant validate --ignore-provider); }

# One image, one volume, one directory in it, wherever the files and the documents name them.
container_is_named_once() {
    local version file names
    version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
    for file in deploy/container/{Dockerfile,compose.yaml,daemonset.yaml} docs/INSTALL.md; do
        names=$(grep -oE '\bhostscope:[0-9][0-9.]*[0-9]' "$file" | sort -u)
        same "$names" "hostscope:$version" "the image in $file"
    done
    for file in deploy/container/{Dockerfile,compose.yaml} docs/{INSTALL,CONFIGURATION}.md; do
        grep -q 'hostscope:/var/lib/hostscope' "$file" || wrong "$file does not name the volume"
        if grep -nE -- '(-v|^ +-) *(data|hostscope):/' "$file" | grep -v 'hostscope:/var/lib/hostscope'; then
            wrong "another volume in $file"
        fi
    done
}

yaml_is_understood() { yamllint --strict -d '{extends: default, rules: {line-length: {max: 120}}}' deploy; }

static_checks() {
    check "The sums are those of the files" sums_are_right
    check "The bill of materials lists every package and every shipped file" bom_is_whole
    check "lintian has nothing to say that has no reason" lint_package
    check "The man page is clean" man_page_is_clean
    check "The man page has every option" man_page_has_every_option
    check "bash completes options, commands and directories" completion_completes
    check "systemd understands the unit" unit_is_understood
    check "systemd understands each drop-in" drop_ins_are_understood
    check "The unit's exposure is at most 2.0" unit_is_confined
    [[ ! -s $work/exposure ]] || printf '        %s\n' "$(<"$work/exposure")" >&2
    check "The scripts are clean" scripts_are_clean
    check "YAML is well formed" yaml_is_understood
    check "The container's files and documents name one image and one volume" container_is_named_once
    check "Puppet understands the module" puppet_is_understood
    check "puppet-lint has nothing to say" puppet_is_tidy
    check "The module compiles to what it should" puppet_compiles
    check "Puppet's nginx site is the documented one" puppet_site_is_ours
    check "Vagrant understands the Vagrantfile" vagrantfile_is_understood
}
