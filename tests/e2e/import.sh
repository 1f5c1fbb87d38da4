#!/bin/bash
# sosie import over an invented population: import.sh SOSIE SOSIE-FIXTURES. The command, the server and PostgreSQL are killed while files
# come in; what stands at the end, and the report, are those of an import that nobody disturbed.
set -u
SAY_WHO=import
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/own_server.sh"
sosie_program=$(realpath "$1")
fixtures_program=$(realpath "$2")
KILLS=9

fixtures_make() { "$fixtures_program" --seed 11 --persons 4000 --quality hard --out "$VAR/fixtures"; }

# What an import leaves, without what depends on the hour or on what was tried in vain.
picture() {
    cluster_psql -d sosie -At <<'EOF'
select 'messages', result, dead, count(*) from message group by 2, 3 order by 2, 3;
select 'lines', result, repeated, created, count(*) from import_line group by 2, 3, 4 order by 2, 3, 4;
select 'record', d.namespace, r.local_id, r.status, r.version, r.attributes, r.merged_into <> 0, r.quarantined <> 0 from record r join domain d on d.id = r.domain_id order by 2, 3;
select 'task', kind, state, rule, priority, sum(count), count(*), import_id from task group by 2, 3, 4, 5, 8 order by 2, 3, 4, 5;
select 'together', array_agg(local_id order by domain_id, local_id) from record group by person_id order by 2;
select 'apart', count(*) from negative_link;
EOF
}

forget_all() {
    server_down >/dev/null 2>&1
    cluster_psql -d sosie -c 'truncate person, record, alias, version, link, negative_link, decision, task, task_event, visit, message,
        audit, change, notification, relink_item, relink_run, import_line, import_run' || fail "the tables cannot be emptied"
    rm -rf "$VAR/data" && mkdir -m 0700 "$VAR/data"
    server_up >/dev/null 2>&1
}

at_work() { # a line more than before stands in the database, or the importer is gone
    local before
    before=$(cluster_psql -d sosie -At -c 'select count(*) from import_line')
    while kill -0 "$importer" 2>/dev/null && [ "$(cluster_psql -d sosie -At -c 'select count(*) from import_line')" = "$before" ]; do :; done
}

kill_something() { # NUMBER
    case $(($1 % 3)) in
    0) kill -KILL "$importer" 2>/dev/null ;;
    1)
        at_work # one that finds no server when it begins does all by itself
        kill -KILL "$(server_pid)"
        wait "$importer"
        server_up >/dev/null 2>&1 || fail "the server does not start again"
        ;;
    2)
        as_cluster_user "$PG_BIN/pg_ctl" -D "$PG_DATA" -m immediate stop >/dev/null 2>&1
        [ $(($1 + 1)) -eq $KILLS ] || kill -KILL "$importer" 2>/dev/null # the last one waits for it, and goes on
        cluster_launch || fail "PostgreSQL does not start again"
        ;;
    esac
}

own_server_begin "$sosie_program" 4000
cd "$VAR" || exit 1
server_up
fixtures_make >/dev/null
domains_fixtures >/dev/null 2>&1 || fail "the domains"
# One batch, as a registry leaves it: its counts are those of its messages, but for the last one.
{
    printf 'FHS|^~\\&|GAM|NORD\rBHS|^~\\&|GAM|NORD\r'
    tr -d '\013\034' <fixtures/CHU-NORD.hl7
    printf 'BTS|%s\rFTS|2\r' "$(grep -ao 'MSH|' fixtures/CHU-NORD.hl7 | wc -l)"
} >nord.hl7
cp fixtures/CH-SUD.hl7 sud.hl7
printf 'MSH|^~\\&|PASTEL-SUD|CH-SUD|||20260101||ADT^A28^ADT_A05|CUT-1|P|2.5\rPID|1||99999^^^CH-SUD||DUP' >>sud.hl7

# -- undisturbed ------------------------------------------------------------------------------------------------------------

sosie import --dry-run nord.hl7 sud.hl7 >out 2>err && fail "a wrong count is no reason to complain"
grep -q 'nord.hl7:[0-9]*: the number of batches is 1, FTS-1 says 2' out || fail "dry run: $(cat out err)"
[ "$(cluster_psql -d sosie -At -c 'select count(*) from message')" = 0 ] || fail "a dry run sent something"
sosie import nord.hl7 sud.hl7 --report whole.csv >out 2>err
[ $? -eq 1 ] || fail "what was refused, and a wrong count, do not show in the exit code: $(cat out err)"
grep -q 'Tasks open for the cell' out || fail "no tasks in: $(cat out)"
grep -q '^Import 1: ' out || fail "no import 1 in: $(cat out)"
grep -q '^.*sud.hl7,[0-9]*,CUT-1,A28,AE,.*it may have been cut",dead-letter$' whole.csv || fail "the cut message: $(tail -n 3 whole.csv)"
lines=$(tr '\r\013' '\n\n' <nord.hl7 | grep -ac '^MSH|')
[ "$(grep -c '/nord.hl7,.*,A' whole.csv)" -ge "$lines" ] || fail "not a line for each message of nord.hl7"
[ "$(stat -c %a whole.csv)" = 600 ] || fail "others may read the report"
picture >whole.txt
[ "$(sosie task list --limit 1 --json | sed -n 's/.*"total": \([0-9]*\).*/\1/p')" = 0 ] || fail "the cell sees tasks before the release"
[ "$(sosie task list --import 1 --limit 1 --json | sed -n 's/.*"total": \([0-9]*\).*/\1/p')" -gt 50 ] || fail "too few tasks for this test"
sosie import --release 1 >/dev/null || fail "release"
[ "$(sosie task list --limit 1 --json | sed -n 's/.*"total": \([0-9]*\).*/\1/p')" -gt 50 ] || fail "the cell sees no task after the release"
sosie import nord.hl7 >out 2>err
grep -q ' of them copies of earlier ones' out || fail "the same file again: $(cat out err)"
grep -q '; 0 records made' out || fail "the same file made records: $(cat out)"

{
    printf 'FHS|^~\\&\r'
    yes 'of no message' | head -n 1200 | tr '\n' '\r'
} >odd.hl7
sosie import --dry-run odd.hl7 >out 2>err && fail "a file of anything is fine"
sosie import odd.hl7 --report odd.csv >out 2>err && fail "a file of anything was brought"
grep -q '200 more like these are not listed' odd.csv || fail "what is not listed is not told: $(tail -n 3 odd.csv)"
grep -q 'odd.hl7,1201,.*no end (FTS)' odd.csv || fail "the cut file is not told behind what is odd in it: $(tail -n 3 odd.csv)"
sosie import --release 3 >/dev/null || fail "a release without any task"

# -- killed, again and again -------------------------------------------------------------------------------------------------

forget_all
resume='' killed=0
for ((i = 0; i < 200; i++)); do
    "$SOSIE" import nord.hl7 sud.hl7 $resume --report parts.csv --config "$CONF" >out 2>err & # itself, not a shell around it
    importer=$!
    if [ $killed -lt $KILLS ]; then
        sleep "0.0$((RANDOM % 8 + 2))"
        if kill -0 "$importer" 2>/dev/null; then
            kill_something $killed
            killed=$((killed + 1))
        fi
    fi
    wait "$importer"
    code=$?
    [ $code -ne 1 ] || ! grep -q '^Import 1: ' out || break
    # killed behind its end, and before the report: that is had again
    ! grep -q 'waits to be resumed' err || { sosie import --show 1 --report parts.csv >out || true; break; }
    resume=--resume
    [ "$(cluster_psql -d sosie -At -c 'select count(*) from import_run')" = 1 ] || resume=''
done
grep -q '^Import 1: ' out || fail "it never came to its end: $(cat out err)"
[ $killed -ge 6 ] || fail "only $killed kills: the files are too small"
picture >parts.txt
cmp -s whole.csv parts.csv || fail "after $killed kills the report is another one: $(diff whole.csv parts.csv | head -n 5)"
sosie import --show 1 --report again.csv >/dev/null
cmp -s whole.csv again.csv || fail "the report that is asked for later is another one: $(diff whole.csv again.csv | head -n 5)"
cmp -s whole.txt parts.txt || fail "after $killed kills: $(diff whole.txt parts.txt | head -n 12)"
sosie check --index --audit >out 2>err || fail "check: $(cat out err)"

# -- stopped by hand, changed, at the wrong time -------------------------------------------------------------------------------

forget_all
"$SOSIE" import sud.hl7 nord.hl7 --config "$CONF" >out 2>err &
importer=$!
while kill -0 $importer 2>/dev/null && [ "$(cluster_psql -d sosie -At -c 'select count(*) from import_line')" = 0 ]; do :; done
kill -STOP $importer 2>/dev/null
for more in '' --resume --anew; do
    sosie import sud.hl7 nord.hl7 $more >out2 2>err2 && fail "the same files beside a running import ($more)"
    grep -q "import 1 is running: process $importer brings these files since 20.*; wait until it ends, or stop it" err2 ||
        fail "who brings these files is not told ($more): $(cat err2)"
done
sosie import --release 1 --unfinished >out2 2>err2 && fail "the tasks of a running import are released"
grep -q "process $importer" err2 || fail "a release while it runs: $(cat err2)"
sosie import --list >out2 2>&1 && grep -q '^ *1 .* running ' out2 || fail "the list does not say that it runs: $(cat out2)"
kill -CONT $importer 2>/dev/null
kill -TERM $importer 2>/dev/null
wait $importer
if grep -q -- 'with --resume goes on' err; then
    sosie import --release 1 >out 2>err && fail "the cell sees the tasks of an import that did not end"
    grep -q -- '--unfinished' err || fail "how an import without an end is released: $(cat err)"
    sosie import sud.hl7 nord.hl7 >out 2>err && fail "an import of a file of which one did not end"
    grep -q -- '--resume goes on with it' err || fail "the way on is not told: $(cat err)"
    cp sud.hl7 kept.hl7
    sed -i '1s/PASTEL-SUD/PASTEL-XXX/' sud.hl7
    sosie import sud.hl7 nord.hl7 --resume >out 2>err && fail "resumed with another file"
    grep -q 'the files changed since' err || fail "a changed file: $(cat out err)"
    cp kept.hl7 sud.hl7
    sosie import sud.hl7 nord.hl7 --resume --report sud.csv >out 2>err
    grep -q 'messages' out || fail "resume after SIGTERM: $(cat out err)"
else
    fail "the import was faster than SIGTERM"
fi
sosie import nord.hl7 --report /no/such/folder/r.csv >out 2>err && fail "a report that cannot be written"
grep -q 'cannot be written' err && grep -q '^Import ' out || fail "what was done is not told: $(cat out err)"
sosie import nord.hl7 --resume >out 2>err && fail "nothing waits to be resumed"
mkfifo pipe
ln -s pipe link.csv
for target in pipe link.csv; do
    sosie import --show 1 --report $target >out 2>err && fail "a report takes the place of what is no file"
    grep -q 'is no file, and is not replaced' err && [ -p $target ] || fail "a report in the place of a pipe: $(cat err)"
done

# -- refused, and said why -------------------------------------------------------------------------------------------------------

refuses() { # TEXT WORD...: the import of these words fails, says this, and begins nothing
    local text=$1 runs
    shift
    runs=$(cluster_psql -d sosie -At -c 'select count(*) from import_run')
    sosie import "$@" >out 2>err && fail "sosie import $* is no failure"
    grep -q -- "$text" err || fail "sosie import $*: $(cat out err)"
    [ "$(cluster_psql -d sosie -At -c 'select count(*) from import_run')" = "$runs" ] || fail "sosie import $* began something"
}

patient() { # CONTROL MSH-3|MSH-4 PID-3 NAME: an A28 without MSH-18
    printf 'MSH|^~\\&|%s|||20260101||ADT^A28^ADT_A05|%s|P|2.5\rPID|1||%s||%b^LUC^^^^^L||19710203|M\r' "$2" "$1" "$3" "$4"
}

printf '\xff\xfe\0\0M\0\0\0' >wide.hl7
refuses 'say one of FILE' --quiet
refuses 'none.hl7 cannot be read: No such file' none.hl7
refuses 'an import is of files' -
refuses 'it is no file that can be read again' fixtures
refuses 'it is in UTF-32, which no HL7 message is' sud.hl7 wide.hl7
refuses '"KLINGON" is not a character set of HL7 table 0211' sud.hl7 --charset KLINGON
refuses 'either --resume or --anew' sud.hl7 --resume --anew
refuses 'no import of these files waits to be resumed' fixtures/CABINET*.hl7 --resume

{ patient OTHER-1 'GAM|CH-INCONNU' 1^^^CH-INCONNU MOREL; patient OTHER-2 'GAM|CH-INCONNU' 1^^^CH-SUD MOREL; } >other.hl7
sosie import other.hl7 --report other.csv --no-hold >out 2>err && fail "a domain that is not declared"
[ "$(grep -c ',OTHER-[12],A28,AE,' other.csv)" = 2 ] || fail "a domain that is not declared, one that another feeds: $(cat other.csv)"
printf 'FHS|^~\\&\rBHS|^~\\&\r' >counts.hl7
patient COUNT-1 'PASTEL-SUD|CH-SUD' 990001^^^CH-SUD MOREL >>counts.hl7
printf 'BTS|x\rFTS|7\r' >>counts.hl7
sosie import counts.hl7 --no-hold >out 2>err && fail "counts that are wrong"
grep -q 'counts.hl7:5: the number of messages is 1, BTS-1 says no number' out || fail "BTS-1 that is no number: $(cat out)"
grep -q 'counts.hl7:6: the number of batches is 1, FTS-1 says 7' out || fail "FTS-1 that is wrong: $(cat out)"

# The byte BC is another letter in each of these sets.
patient SET-1 'PASTEL-SUD|CH-SUD' 990015^^^CH-SUD 'LEB\xbcUF' >latin9.hl7
patient SET-2 'PASTEL-SUD|CH-SUD' 990001^^^CH-SUD 'LEB\xbcUF' >latin1.hl7
sosie import latin9.hl7 --charset 8859/15 --no-hold >out 2>err || fail "--charset 8859/15: $(cat out err)"
sosie import latin1.hl7 --charset 8859/1 --no-hold >out 2>err || fail "--charset 8859/1: $(cat out err)"
sosie export CH-SUD --out sets.hl7 >out 2>err || fail "the export: $(cat err)"
tr '\r' '\n' <sets.hl7 | grep '990015^^^CH-SUD' | grep -q 'LEBŒUF' || fail "--charset 8859/15 was not heeded"
tr '\r' '\n' <sets.hl7 | grep '990001^^^CH-SUD' | grep -q 'LEB¼UF' || fail "--charset 8859/1 was not heeded"

# -- without a server: the command becomes the writer ---------------------------------------------------------------------------

server_down >/dev/null 2>&1
sosie import fixtures/CLINIQUE-OUEST.hl7 --no-hold >out 2>err
grep -q '^Import ' out || fail "without a server: $(cat out err)"
grep -q 'does not see these tasks' out && fail "--no-hold holds"

[ $failed -eq 0 ] && echo "ok"
exit $failed
