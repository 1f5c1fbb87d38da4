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
    [ -n "$FIXTURES_SENT" ] || report_feeds # sending has just said it
    echo
    say_title "what the server holds"
    sosie status | sed 's/^/    /'
    report_next
    echo
    say_done up "after $(took "$1"); stop with ./dev down$VAR_FLAG"
}

# A person of the fixtures that several establishments know: "LOCALID|FAMILY|YYYYMMDD", as CHU-NORD wrote it.
example_person() {
    local id
    id=$(awk -F, '
        NR > 1 && $4 == "" && $5 == "" { domains[$3]++; if ($1 == "CHU-NORD") id[$3] = $2 }
        END { for (p in id) if (domains[p] > best || (domains[p] == best && p + 0 < at)) { best = domains[p]; at = p + 0 } print id[at] }
    ' "$VAR/fixtures/truth.csv") || return
    tr '\r' '\n' <"$VAR/fixtures/CHU-NORD.hl7" | awk -F'|' -v id="$id" '
        $1 == "PID" && index($4, id "^") == 1 { split($6, name, "^"); family = name[1]; birth = substr($8, 1, 8) }
        END { if (family != "") print id "|" family "|" birth }'
}

report_next() {
    local config='' id='' birth='' family='' date
    [ "$VAR" = "$ROOT/var" ] || config=" --config $VAR_NAME/sosie.conf"
    [ ! -e "$VAR/fixtures/sent" ] || IFS='|' read -r id family birth < <(example_person)
    echo
    say_title "to try next"
    if [ -n "$birth" ]; then
        date=${birth:0:4}-${birth:4:2}-${birth:6:2}
        try_line "PIX query: who is this patient of CHU-NORD elsewhere? (ITI-9)" "build/sosie query pix '$id^^^CHU-NORD'$config"
        try_line "PDQ query by name and birth date (ITI-21)" "build/sosie query pdq --family '$family' --birthdate $date$config"
        try_line "PDQm search, FHIR (ITI-78)" "curl -s '$(http_url)/fhir/Patient?family=${family// /%20}&birthdate=$date'"
    else
        try_line "declare an establishment" \
            "build/sosie domain add CHU-EXEMPLE --oid 1.2.250.1.999.10 --kind hospital$config"
        try_line "send it a message, then ask for the patient" \
            "sed 's/CHU-NORD/CHU-EXEMPLE/g; s/999\\.10\\.1/999.10/' fixtures/messages/001-*.hl7 | build/sosie send -$config
      build/sosie query pix '100200301^^^CHU-EXEMPLE'$config"
    fi
    try_line "the queues of the cell, in a browser" "$(http_url)/"
}

try_line() { printf '    %s%s%s\n      %s\n' "$DIM" "$1" "$PLAIN" "$2"; }
