#!/bin/bash
# sosie relink over an invented population: relink.sh SOSIE SOSIE-FIXTURES. Whatever the model, the run does what its preview counted, and
# then nothing is left to do; the last one runs without a server.
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
SAY_WHO=relink
for part in say packages cluster server; do
    # shellcheck source=/dev/null
    . "$ROOT/tools/$part.sh"
done
sosie_program=$(realpath "$1")
fixtures_program=$(realpath "$2")
shipped=$ROOT/matcher/models/french-1.model

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000)) # below those that the kernel gives to connections of other tests
        port_is_taken "$port" || break
    done
    echo "$port"
}

fixtures_make() { "$fixtures_program" --seed 5 --persons 800 --quality hard --out "$VAR/fixtures"; }

finish() {
    local code=$?
    [ $code -eq 0 ] || tail -n 20 "$VAR/log/server.log" 2>/dev/null
    server_down >/dev/null 2>&1
    cluster_down >/dev/null 2>&1
    cluster_remove >/dev/null 2>&1
    rm -rf "$VAR"
    exit $code
}

failed=0
fail() {
    echo "FAILED: $*"
    failed=1
}

# Previews the model and applies it: the run does what the preview counted, the lists are as long, and a second preview is empty.
try_model() { # FILE LEAST-ACTS
    local run acts
    sosie relink --model "$1" --preview --out lists >out 2>err || fail "preview of $1: $(cat err)"
    run=$(sed -n 's/^Run \([0-9]*\): .*/\1/p' out)
    acts=$(cat lists/*.csv | grep -vc record_a)
    [ "$acts" -ge "$2" ] || fail "$1 would do $acts things, expected $2 at least: $(cat out)"
    sosie relink --accept "$run" --author 'Camille Perrot' --reason "tries $1" --json >json 2>err || fail "accept of $1: $(cat err)"
    sed -n '/"preview": {/,/}/p' json | grep -o '"[a-z]*": [0-9][0-9]*' >previewed
    sed -n '/"done": {/,/}/p' json | grep -o '"[a-z]*": [0-9][0-9]*' >done
    grep -q '"link"' previewed || fail "no counts in: $(cat json)"
    cmp -s previewed done || fail "$1: previewed $(tr '\n' ' ' <previewed), done $(tr '\n' ' ' <done)"
    grep -q '"state": "done"' json || fail "run $run is not done: $(cat json)"
    sosie relink --model "$1" --preview >out 2>err || fail "second preview of $1: $(cat err)"
    grep -qF 'Nothing would change.' out || fail "after the run of $1: $(cat out)"
    sosie check --index --audit >out 2>err || fail "check after $1: $(cat out err)"
}

var=$(mktemp -d /tmp/sosie-relink-XXXXXX)
chmod 755 "$var" # PostgreSQL's user goes through it; what is private below is closed by itself
server_paths "$var"
SOSIE=$sosie_program
trap finish EXIT
trap 'exit 130' INT TERM
mkdir -p "$LOGS"
FIXTURE_PERSONS=800
cluster_up
conf_prepare "$(cluster_url)" "$(free_port)" "$(free_port)"
step migrate "the tables" "$LOGS/migrate.log" sosie migrate
step regional "the regional domain" "$LOGS/regional.log" domains_regional
cd "$VAR" || exit 1
server_up
fixtures_send

if sosie relink --model "$VAR/none.model" --preview >out 2>err; then fail "a model that is not there"; fi
echo 'no model' >bad.model
if sosie relink --model bad.model --preview >out 2>err; then fail "a model that is none"; fi
grep -q 'line 1' err || fail "the line is not named: $(cat err)"

sed -e 's/^model french-1/model strict/' -e 's/^link 0.9993/link 0.999999/' "$shipped" >strict.model
sed -e 's/^model french-1/model loose/' -e 's/^link 0.9993/link 0.95/' -e 's/^review 0.05/review 0.01/' "$shipped" >loose.model
sed -e 's/^model french-1/model narrow/' -e 's/^review 0.05/review 0.9/' -e 's/^conflict-bits -4/conflict-bits 2/' "$shipped" >narrow.model
try_model french 0 # some links have outlived what they were made for
try_model strict.model 20
try_model loose.model 20
try_model narrow.model 20
sosie train --out trained.model >out 2>err || fail "train: $(cat err)"
try_model trained.model 1
server_down >/dev/null 2>&1
try_model french 1

[ $failed -eq 0 ] && echo "ok"
exit $failed
