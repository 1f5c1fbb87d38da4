#!/bin/bash
# The cell's pages in a browser, against a server and a PostgreSQL of their own: pages.sh SOSIE SOSIE-FIXTURES
set -u
SAY_WHO=pages
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/own_server.sh"
sosie_program=$(realpath "$1")
fixtures_program=$(realpath "$2")
FIXTURE_CONNECTIONS=1 # one order, and so the same tasks in every run

fixtures_make() { "$fixtures_program" --seed 1 --persons 400 --out "$VAR/fixtures"; }

# The records of tests that need to know what stands where, in this order: DOMAIN ID FAMILY GIVEN BORN INS. An INS makes the third
# record of a name a veto against the one that has another.
records() {
    cat <<'END'
CHU-NORD PAGES-1 KERLEROUX SOAZIG 19770312 -
CH-EST PAGES-2 KERLEROUX SOAZIG 19770327 -
CHU-NORD PAGES-3 LANDREIN ROZENN 19840317 -
CH-EST PAGES-4 LANDREIN ROZENN 19840317 2840329019001
CH-SUD PAGES-5 LANDREIN ROZENN 19840317 2840329019002
CH-EST PAGES-6 GUIVARCH ENORA 19910604 2910629019003
CHU-NORD PAGES-7 GUIVARCH ENORA 19910604 -
CH-SUD PAGES-8 GUIVARCH ENORA 19910604 2910629019004
END
}

message() { # DOMAIN ID FAMILY GIVEN BORN INS OID SENDER
    local ids="$2^^^$1&$7&ISO^PI" status=PROV
    if [ "$6" != - ]; then
        ids+=$(printf '~%s%02d^^^&1.2.250.1.213.1.4.8&ISO^INS' "$6" $((97 - $6 % 97)))
        status=VALI
    fi
    echo "MSH|^~\\&|$8|SOSIE|REGION|20260601100000+0200||ADT^A28^ADT_A05|$2|P|2.5^FRA^2.11|||||FRA|UNICODE UTF-8|FR||2.11^IHE_FRANCE-2.11-PAM"
    echo "EVN||20260601100000||||20260601100000"
    echo "PID|1||$ids||$3^$4^$4^^^^L||$5|F|||^^BREST^^29200^FRA^BDL^^29019|||||||||||||N||||||N|N|$status|20260601100000"
    echo "PV1||N"
    [ "$status" = PROV ] || echo "ZFD||||N|INSI|20260601100000|CN"
}

records_send() {
    local domain id rest
    while read -r domain id rest; do
        IFS=, read -r oid sender < <(awk -F, -v domain="$domain" '$1 == domain { print $2 "," $8 }' "$VAR/fixtures/domains.csv")
        # shellcheck disable=SC2086
        message "$domain" "$id" $rest "$oid" "$sender"
    done < <(records) >"$VAR/records.hl7"
    sosie send --quiet "$VAR/records.hl7"
}

own_server_begin "$sosie_program" 400
npm_need
server_up
fixtures_send
step records "those of the tests about undo" "$LOGS/records.log" records_send
SOSIE_URL=$(http_url) node --test --test-reporter=spec "$ROOT/tests/e2e/pages.mjs"
