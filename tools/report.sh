# What ./dev up ends with: what came of the messages, and what to try next. The figures are the server's own.

metrics_get() { curl -fsS "$(http_url)/metrics"; }

# "event outcome count" for each kind of message
metrics_feeds() { sed -n 's/^sosie_feeds_total{event="\([^"]*\)",outcome="\([^"]*\)"} \([0-9]*\)$/\1 \2 \3/p'; }

report_feeds() {
    local feeds
    feeds=$(metrics_get 2>/dev/null | metrics_feeds)
    [ -n "$feeds" ] || return 0
    echo
    say_title "messages by type"
    printf '%s\n' "$feeds" | awk '
    { count[$1, $2] += $3; all[$2] += $3; events[$1] }
    END {
        printf "    %-8s %10s %10s %10s\n", "event", "taken AA", "error AE", "refused AR"
        n = asort_keys(events, sorted)
        for (i = 1; i <= n; i++) line(sorted[i])
        printf "    %-8s %10d %10d %10d\n", "all", all["AA"], all["AE"], all["AR"]
    }
    function line(e) { printf "    %-8s %10d %10d %10d\n", e, count[e, "AA"], count[e, "AE"], count[e, "AR"] }
    function asort_keys(from, to,    key, n, i, t) {
        for (key in from) { to[++n] = key; for (i = n; i > 1 && to[i] < to[i - 1]; i--) { t = to[i]; to[i] = to[i - 1]; to[i - 1] = t } }
        return n
    }'
}

# Changes nothing that stands: the second ./dev up says so.
report() { # SECONDS-AT-START
    if [ -z "$SERVER_STARTED" ] && [ -z "$FIXTURES_SENT" ]; then
        say_done "all is up" "nothing was changed"
    fi
    report_feeds
    echo
    say_title "what the server holds"
    sosie status | sed 's/^/    /'
    report_next
    echo
    say_done up "after $(took "$1"); stop with ./dev down$VAR_FLAG"
}

report_next() {
    local config='' id name birth
    [ "$VAR" = "$ROOT/var" ] || config=" --config $VAR_NAME/sosie.conf"
    echo
    say_title "to try next"
    try_line "the queues of the cell" "$(http_url)/"
    try_line "what the server knows of itself" "curl -s $(http_url)/fhir/metadata"
}

try_line() { printf '    %s%s%s\n      %s\n' "$DIM" "$1" "$PLAIN" "$2"; }
