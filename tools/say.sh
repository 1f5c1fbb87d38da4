# What ./dev prints: one line a step, with what it came to and how long it took. Long work shows its own last line while it
# runs, when somebody watches; a log keeps all of it.

if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ] && [ -z "${NO_COLOR:-}" ]; then
    SAY_LIVE=yes
    BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m'
else
    SAY_LIVE=
    BOLD='' DIM='' RED='' GREEN='' PLAIN=''
fi
case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
*[Uu][Tt][Ff]*) MARK_OK='✓' MARK_BAD='✗' MARK_BUSY='·' ;;
*) MARK_OK='+' MARK_BAD='x' MARK_BUSY='.' ;;
esac

say() { printf '%s\n' "$*"; }
say_title() { printf '%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }

# say_done NAME TEXT: a step that is finished, or needed nothing
say_done() { printf '  %s%s%s %-11s %s\n' "$GREEN" "$MARK_OK" "$PLAIN" "$1" "$2"; }
say_bad() { printf '  %s%s%s %-11s %s\n' "$RED" "$MARK_BAD" "$PLAIN" "$1" "$2"; }
say_note() { printf '    %-11s %s\n' '' "$*"; }

# die TEXT...: one line each, the first is what is wrong, the others what to do
die() {
    printf '%s%s:%s %s\n' "$RED" "${SAY_WHO:-dev}" "$PLAIN" "$1" >&2
    shift
    local line
    for line in "$@"; do printf '     %s\n' "$line" >&2; done
    exit 1
}

# took FROM: "12 s", "2 min 5 s" since the second FROM of $SECONDS
took() {
    local s=$((SECONDS - $1))
    if [ $s -ge 60 ]; then printf '%d min %d s' $((s / 60)) $((s % 60)); else printf '%d s' $s; fi
}

# step NAME TEXT LOG COMMAND...: runs the command with its output in LOG; on failure shows the end of the log and ends
step() {
    try_step "$@" || {
        tail -n 40 "$3" >&2
        die "$1 failed; all of its output is in $3"
    }
}

# try_step: the same, but leaves the failure to the caller
try_step() {
    local name=$1 text=$2 log=$3 from=$SECONDS watcher='' code=0
    shift 3
    mkdir -p "$(dirname "$log")"
    : >"$log"
    if [ -n "$SAY_LIVE" ]; then
        say_watch "$name" "$text" "$log" &
        watcher=$!
    else
        printf '  %s %-11s %s ...\n' "$MARK_BUSY" "$name" "$text"
    fi
    "$@" >>"$log" 2>&1 </dev/null || code=$?
    if [ -n "$watcher" ]; then
        kill "$watcher" 2>/dev/null
        wait "$watcher" 2>/dev/null
        printf '\r\e[K'
    fi
    if [ $code -eq 0 ]; then
        say_done "$name" "$text, $(took "$from")"
    else
        say_bad "$name" "$text failed after $(took "$from")"
    fi
    return $code
}

# The live line of a running step; ended by kill.
say_watch() {
    local from=$SECONDS last
    while :; do
        last=$(tail -c 400 "$3" 2>/dev/null | tr '\r' '\n' | grep -v '^ *$' | tail -n 1 | tr -cd '[:print:]' | cut -c 1-60)
        printf '\r\e[K  %s %-11s %s, %s  %s%s%s' "$MARK_BUSY" "$1" "$2" "$(took "$from")" "$DIM" "$last" "$PLAIN"
        sleep 1
    done
}
