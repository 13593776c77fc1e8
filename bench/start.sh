#!/usr/bin/env bash
# Start time, idle memory and idle CPU of the native binary: bench/start.sh PATH-OF-HOSTSCOPE [RUNS [IDLE-SECONDS]]
set -euo pipefail
binary=${1:?path of the native binary}
runs=${2:-20}
idle=${3:-60}
data=$(mktemp -d) # Recording, as it is when it is installed, but not among this machine's own history.
trap 'rm -rf "$data"' EXIT

# Prints the microseconds from the start of the process to its line on standard output, when the page can be opened.
start_once() {
    local from=${EPOCHREALTIME/./} line
    exec {out}< <(exec "$binary" --listen http://127.0.0.1:0 --data-dir "$data" 2>/dev/null)
    pid=$!
    read -r line <&"$out"
    echo "$((${EPOCHREALTIME/./} - from))"
    [[ $line == *" at http://"* ]] || exit 1
}

times=$(
    for ((i = 0; i < runs; i++)); do
        start_once
        kill "$pid"
        wait "$pid" 2>/dev/null || true
        exec {out}<&-
    done | sort -n
)

start_once >/dev/null
cpu_of() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
sleep 5
before=$(cpu_of)
sleep "$idle"
ticks=$(($(cpu_of) - before))
awk -v runs="$runs" -v times="$times" -v bytes="$(stat -c %s "$binary")" -v idle="$idle" -v ticks="$ticks" '
    BEGIN {
        split(times, t, "\n")
        printf "start to listening   median %.0f ms, fastest %.0f ms, slowest %.0f ms of %d\n",
            t[int((runs + 1) / 2)] / 1000, t[1] / 1000, t[runs] / 1000, runs
        printf "binary               %.1f MB\n", bytes / 1e6
        printf "CPU, idle            %.2f %% of one core over %d s\n", ticks / idle, idle
    }
    /^Vm(RSS|HWM)|^Rss(Anon|File)|^Threads/ { printf "%-20s %s %s\n", $1, $2, $3 }' "/proc/$pid/status"
kill "$pid"
wait "$pid" 2>/dev/null || true
