#!/bin/bash
# sosie export and import: export.sh SOSIE SOSIE-FIXTURES. What leaves as a batch comes in on an empty server as the same domain, to the byte.
set -u
SAY_WHO=export
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/own_server.sh"
sosie_program=$(realpath "$1")
fixtures_program=$(realpath "$2")
AT=2026-11-01T08:30:00Z
DOMAINS=(CHU-NORD CH-SUD CH-EST CLINIQUE-OUEST CABINET-CENTRE)

fixtures_make() { "$fixtures_program" --seed 23 --persons 1200 --quality hard --out "$VAR/fixtures"; }
lines() { tr '\r' '\n' <"$1"; }
ask_database() { cluster_psql -d sosie -At -c "$1"; }

own_server_begin "$sosie_program" 1200
cd "$VAR" || exit 1
server_up
fixtures_make >/dev/null
perl -pi -e 's/(PID\|(?:[^|\r]*\|){5}[A-Z][^|^\r]*)\|/$1^JEANNE|/g' fixtures/*.hl7 # PID-6.2, which the fixtures do not have
domains_fixtures >/dev/null 2>&1 || fail "the domains"
files=()
while IFS=, read -r name _; do files+=("fixtures/$name.hl7"); done < <(tail -n +2 fixtures/domains.csv)
sosie import "${files[@]}" >out 2>err
grep -q '^Import 1: ' out || fail "import: $(cat out err)"

# -- what is in it ------------------------------------------------------------------------------------------------------------

for domain in "${DOMAINS[@]}"; do
    sosie export "$domain" --out "$domain.1" --at $AT >out 2>err || fail "export of $domain: $(cat err)"
    [ "$(stat -c %a "$domain.1")" = 600 ] || fail "others may read the export of $domain"
    [ "$(lines "$domain.1" | grep -c '^MSH')" = "$(lines "$domain.1" | sed -n 's/^BTS|//p')" ] || fail "BTS-1 of $domain"
    hidden=$(ask_database "select count(*) from record r join domain d on d.id = r.domain_id where d.namespace = '$domain' and r.attributes & 5148 <> 0")
    all=$(ask_database "select count(*) from record r join domain d on d.id = r.domain_id where d.namespace = '$domain'")
    told=$(lines "$domain.1" | grep -c 'ADT^A28')
    [ "$told" -le $((all - hidden)) ] && [ "$told" -gt $((all - hidden - 20)) ] || fail "$told records of $domain, of $all with $hidden hidden"
    sosie export "$domain" --out "$domain.all" --hidden --at $AT >/dev/null || fail "export of $domain with all"
    [ "$(lines "$domain.all" | grep -c 'ADT^A28')" = "$all" ] || fail "--hidden leaves records of $domain out"
    merged=$(ask_database "select count(*) from record r join domain d on d.id = r.domain_id where d.namespace = '$domain' and r.merged_into <> 0")
    [ "$(lines "$domain.all" | grep -c 'ADT^A40')" = "$merged" ] || fail "merges of $domain"
done
grep -q 'ADT^A47' ./*.1 || fail "no replaced identifier in any of them: the fixtures are too small"
[ "$(lines CHU-NORD.1 | grep -c '\^INS|')" -gt 10 ] || fail "no INS leaves"
[ "$(lines CHU-NORD.1 | grep -c '^PID.*[A-Z]^JEANNE|')" -gt 10 ] || fail "no given name of a mother leaves"
sosie export CHU-NORD --out latin.hl7 --charset 8859/15 --version 2.5 --sender 'GAM|ICI' --at $AT >/dev/null || fail "8859/15"
lines latin.hl7 | grep -aq '^MSH|^~.&|GAM|ICI|.*|2.5||||||8859/15' || fail "MSH of 8859/15: $(lines latin.hl7 | sed -n 3p)"
[ "$(iconv -f ISO-8859-15 -t UTF-8 latin.hl7 | tr '\r' '\n' | grep -c '^PID')" = "$(lines CHU-NORD.1 | grep -c '^PID')" ] || fail "8859/15 is none"

# -- what is refused ----------------------------------------------------------------------------------------------------------

sosie export CHU-NORDD --out none >out 2>err && fail "a domain that is none"
sosie export REGION --out none >out 2>err && fail "a domain without records"
mkfifo pipe
sosie export CHU-NORD --out pipe >out 2>err && fail "an export takes the place of a pipe"
[ -p pipe ] || fail "the pipe is gone"
sosie export CHU-NORD --out no/such/folder >out 2>err && fail "a folder that is none"
sosie export CHU-NORD >out 2>err && fail "no file"
sosie export CHU-NORD --out none --charset KLINGON >out 2>err && fail "a character set that is none"
[ ! -e none ] || fail "a file is there all the same"
ls ./*.[0-9][0-9]* >/dev/null 2>&1 && fail "something was left behind: $(ls)"
for ((i = 0; i < 100; i++)); do
    [ "$(ask_database "select count(*) from audit where action = 'export-told' and detail like 'domain CHU-NORD: % records%'")" = 3 ] && break
    sleep 0.1
done
[ $i -lt 100 ] || fail "not in the audit trail: $(ask_database "select action, detail from audit where action like 'export%'")"

# -- and back -----------------------------------------------------------------------------------------------------------------

server_down >/dev/null 2>&1
ask_database 'truncate person, record, alias, version, link, negative_link, decision, task, task_event, visit, message, audit, change, notification,
    import_line, import_run'
rm -rf data && mkdir -m 0700 data
server_up >/dev/null 2>&1
for domain in "${DOMAINS[@]}"; do
    sosie import "$domain.1" --report report.csv >out 2>err || fail "import of the export of $domain: $(grep -v ',AA,' report.csv | head -n 3)"
done
for domain in "${DOMAINS[@]}"; do
    sosie export "$domain" --out "$domain.2" --at $AT >/dev/null || fail "second export of $domain"
    cmp -s "$domain.1" "$domain.2" ||
        fail "$domain came back otherwise: $(diff <(lines "$domain.1") <(lines "$domain.2") | grep '^[<>] [PM][IR]' | head -n 6)"
done
sosie import CHU-NORD.1 >out 2>err
grep -q '; 0 records made' out && grep -q ' of them copies' out || fail "the export once more: $(cat out)"
sosie check --index --audit >out 2>err || fail "check: $(cat out err)"

[ $failed -eq 0 ] && echo "ok"
exit $failed
