#!/usr/bin/env bash
# Hostscope beside its peers on this machine, all in the same minute: bench/peers.sh PATH-OF-HOSTSCOPE [SECONDS]
#
# Each samples once a second: Hostscope that nobody watches, with a viewer of everything, scraped by Prometheus, and
# recording; node_exporter, scraped by the same Prometheus; btop, atop and glances in a terminal of 160 x 50; netdata,
# that nobody watches. CPU and memory are those of all its processes; the terminal, the viewer and Prometheus are not
# counted.
# Installs what is missing with apt-get when run as root.
set -euo pipefail
binary=$(realpath "${1:?path of the native binary}")
seconds=${2:-60}
warm_up=15
work=$(mktemp -d)
started=()
names=() roots=() shows=()

end_all() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" $(descendants "$pid") 2>/dev/null || true; done
    for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap end_all EXIT

install_missing() {
    local missing=() program
    for program in btop atop glances netdata prometheus prometheus-node-exporter script curl; do
        command -v "$program" >/dev/null || [[ -x /usr/sbin/$program ]] || missing+=("${program/#script/bsdutils}")
    done
    ((${#missing[@]})) || return 0
    echo "peers: installing ${missing[*]}" >&2
    # The programs are wanted, not their services: Debian asks this file before it starts one.
    local policy=/usr/sbin/policy-rc.d ours= code=0
    [[ -e $policy ]] || { ours=yes && printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"; }
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || code=$?
    [[ -z $ours ]] || rm -f "$policy"
    return $code
}

# Every process below one, however deep: those that made themselves a session of their own as well.
descendants() {
    cat /proc/[0-9]*/stat 2>/dev/null | sed 's/(.*)/-/' | awk -v root="$1" '
        { parent[$1] = $4 }
        END {
            for (pid in parent) {
                up = pid
                while (up in parent && up != root) up = parent[up]
                if (up == root && pid != root) print pid
            }
        }'
}

# Ticks of CPU of a tree, those of children that ended included. A terminal's own are not the program's.
ticks() {
    local pids
    pids=$(tree "$1")
    for pid in $pids; do cat "/proc/$pid/stat" 2>/dev/null || true; done | sed 's/(.*)/-/' |
        awk '{ sum += $14 + $15 + $16 + $17 } END { print sum + 0 }'
}

tree() {
    [[ $(<"/proc/$1/comm") == script ]] || echo "$1"
    descendants "$1"
}

# Sum over a tree of a line of a file below /proc/PID, in kB.
memory() {
    local pid
    for pid in $(tree "$1"); do grep -h "^$3:" "/proc/$pid/$2" 2>/dev/null || true; done |
        awk '{ sum += $2 } END { print sum + 0 }'
}

add() {
    names+=("$1")
    roots+=("$2")
    started+=("$2")
    shows+=("$3")
}

hostscope() {
    local line name=$1 says=$2
    shift 2
    exec {hostscope_out}< <(exec "$binary" --listen http://127.0.0.1:0 "$@" 2>/dev/null)
    add "$name" $! "$says"
    read -r line <&"$hostscope_out"
    address=${line##* at }
}

in_terminal() {
    local name=$1 says=$2
    shift 2
    TERM=xterm-256color LANG=C.UTF-8 HOME=$work script -qfc "stty rows 50 cols 160; exec $*" \
        /dev/null <&"$keyboard" >"$work/$name.screen" 2>&1 &
    add "$name" $! "$says"
}

series_of() { curl -s "$1/metrics" | grep -vc '^#'; }

install_missing
mkdir -p "$work/.config/btop" "$work/netdata/cache" "$work/netdata/lib" "$work/netdata/log"
mkfifo "$work/keyboard"
exec {keyboard}<>"$work/keyboard"
echo 'update_ms = 1000' >"$work/.config/btop/btop.conf"
cat >"$work/netdata.conf" <<END
[global]
    run as user = $(id -un)
[directories]
    cache = $work/netdata/cache
    lib = $work/netdata/lib
    log = $work/netdata/log
[db]
    update every = 1
[web]
    bind to = 127.0.0.1:19998
[statsd]
    enabled = no
END

hostscope 'Hostscope, nobody watches' idle --no-record
idle=$address
hostscope 'Hostscope, one viewer' '' --no-record
curl -sN "$address/api/v1/hosts/local/stream?topics=system,cores,processes,cgroups" >"$work/stream" &
started+=($!)
hostscope 'Hostscope, scraped' scraped --no-record
scraped=$address
prometheus-node-exporter --web.listen-address=127.0.0.1:19100 >"$work/node_exporter" 2>&1 &
add 'node_exporter, scraped' $! ''
in_terminal btop 'a screen: CPU, memory, disks, network, processes' btop --utf-force
in_terminal atop 'a screen: CPU, memory, disks, network, processes' atop 1
in_terminal glances 'a screen: CPU, memory, disks, network, processes' glances -t 1
"$(command -v netdata || echo /usr/sbin/netdata)" -D -c "$work/netdata.conf" -P "$work/netdata.pid" \
    >"$work/netdata.out" 2>&1 &
add 'netdata, nobody watches' $! ''
hostscope 'Hostscope, recording, nobody watches' '' --data-dir "$work/recorded"
cat >"$work/prometheus.yml" <<END
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: all
    static_configs: [{targets: ['${scraped#http://}', '127.0.0.1:19100']}]
END
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/prometheus" \
    --web.listen-address=127.0.0.1:19090 >"$work/prometheus.out" 2>&1 &
started+=($!)

sleep "$warm_up"
before=()
for root in "${roots[@]}"; do before+=("$(ticks "$root")"); done
bytes=$(stat -c %s "$work/stream")
sleep "$seconds"
after=()
for root in "${roots[@]}"; do after+=("$(ticks "$root")"); done
bytes=$((($(stat -c %s "$work/stream") - bytes) / seconds))

frame=$(curl -sN -m 3 "$idle/api/v1/hosts/local/stream" | grep -m1 '"type":"hello"' || true)
series=$(grep -o '"unit"' <<<"$frame" | wc -l)
shows[0]="$series series, kept for 300 s"
shows[1]="$series series, all processes, all cgroups; $bytes B/s sent"
shows[2]="$(series_of "$scraped") series in /metrics, with processes and cgroups"
shows[3]="$(series_of http://127.0.0.1:19100) series in /metrics"
shows[7]="$(curl -s 'http://127.0.0.1:19998/api/v1/allmetrics?format=prometheus' | grep -vc '^#') series, kept on disk"
shows[8]="$series series, all processes, all cgroups, kept on disk"

processes=$(find /proc -maxdepth 1 -name '[1-9]*' | wc -l)
echo "$(nproc) CPUs, $processes processes, $seconds s, $(uname -r):"
echo
echo '| program | CPU, % of one | Hostscope with a viewer is 1 | resident MB | of it its own share (PSS) | shows |'
echo '|---|---|---|---|---|---|'
for i in "${!roots[@]}"; do
    echo "$((after[i] - before[i]))|$((after[1] - before[1]))|$(memory "${roots[i]}" status VmRSS)" \
        "|$(memory "${roots[i]}" smaps_rollup Pss)|${names[i]}|${shows[i]}"
done | awk -F '|' -v seconds="$seconds" -v hz="$(getconf CLK_TCK)" '{
    printf "| %s | %.2f | %.1f | %.1f | %.1f | %s |\n", $5, $1 / hz / seconds * 100, $1 / $2,
        $3 / 1024, $4 / 1024, $6
}'
