# Checks that are counted: sourced by deploy/test.
# shellcheck shell=bash disable=SC2154
passed=0
failed=0
cases=

xml() { sed -e 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g' -e 's/[^[:print:]\t]//g'; }

# One check: its name is a sentence, its command says nothing when all is well. A failure does not end the others.
check() {
    local name=$1 code said from=${EPOCHREALTIME/./} took
    shift
    # Not with "||" behind it, for then the command would go on after its first failure.
    set +e
    said=$(set -e; "$@" 2>&1 </dev/null)
    code=$?
    set -e
    took=$((${EPOCHREALTIME/./} - from))
    took=$((took / 1000000)).$(printf %06d $((took % 1000000)))
    cases+="<testcase classname=\"deploy\" name=\"$(xml <<<"$name")\" time=\"$took\">"
    if ((code == 0)); then
        passed=$((passed + 1))
        printf '  ok    %s\n' "$name" >&2
    else
        failed=$((failed + 1))
        printf '  FAIL  %s (exit code %d)\n%s\n' "$name" "$code" "${said:-nothing was said}" |
            sed '2,$s/^/        /' >&2
        cases+="<failure message=\"exit code $code\">$(xml <<<"$said")</failure>"
    fi
    cases+=$'</testcase>\n'
}

# Writes the JUnit file, and says the sum.
report() {
    [[ -z ${1:-} ]] || printf '<testsuite name="deploy" tests="%d" failures="%d">\n%s</testsuite>\n' \
        $((passed + failed)) "$failed" "$cases" >"$1"
    printf 'deploy: %d passed, %d failed\n' "$passed" "$failed" >&2
    ((failed == 0))
}

# Fails with a sentence.
wrong() {
    printf '%s\n' "$*"
    return 1
}

same() { [[ $1 == "$2" ]] || wrong "${3:-it} is '$1' and should be '$2'"; }

has() { [[ $1 == *"$2"* ]] || wrong "'$2' is not in: $1"; }

# Tries a command until it works, for at most some seconds.
within() {
    local seconds=$1 until=$((SECONDS + $1))
    shift
    while ! "$@" >"$work/within" 2>&1; do
        ((SECONDS < until)) || wrong "not within $seconds s: $*: $(cat "$work/within")" || return
        read -rt 0.2 <> <(:) || true
    done
}
