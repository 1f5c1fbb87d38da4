#!/bin/bash
# sosie relink over an invented population: relink.sh SOSIE SOSIE-FIXTURES. Whatever the model, the run does what its preview counted, and
# then nothing is left to do; the last one runs without a server.
set -u
SAY_WHO=relink
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/own_server.sh"
sosie_program=$(realpath "$1")
fixtures_program=$(realpath "$2")
shipped=$ROOT/matcher/models/french-1.model

fixtures_make() { "$fixtures_program" --seed 5 --persons 800 --quality hard --out "$VAR/fixtures"; }

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

own_server_begin "$sosie_program" 800
cd "$VAR" || exit 1
server_up
fixtures_send

if sosie relink --model "$VAR/none.model" --preview >out 2>err; then fail "a model that is not there"; fi
echo 'no model' >bad.model
if sosie relink --model bad.model --preview >out 2>err; then fail "a model that is none"; fi
grep -q 'bad.model, line 1: ' err || fail "the file is not named: $(cat err)"
sed -e "s/^model french-1/model red$(printf '\033')[31m/" "$shipped" >red.model
sosie relink --model red.model --preview >out 2>err || fail "a model with a strange name: $(cat err)"
grep -q 'model red.\[31m (' out && ! grep -q "$(printf '\033')" out || fail "the model's name is printed raw: $(cat -v out)"
printf '# appris \340 Besan\347on\n' | cat - "$shipped" >latin.model
if sosie relink --model latin.model --preview >out 2>err; then fail "a model in Latin-1"; fi
grep -q 'latin.model, line 1: ' err || fail "the line that is no UTF-8 is not named: $(cat err)"
echo '# sosie link, fitted model 1' >link.model
if sosie relink --model link.model --preview >out 2>err; then fail "a model of sosie link"; fi
grep -q 'a model of sosie link' err || fail "a model of sosie link is not told from a broken one: $(cat err)"
read -r one two < <(sosie task list --kind possible-match --limit 1 | awk 'NR == 2 { print $3, $4 }')
COLUMNS=80 sosie explain "$one" "$two" >out 2>err || fail "explain: $(cat err)"
longest=$(LC_ALL=C.UTF-8 sed 's/[^ -~]/#/g' out | awk '{ n = length($0) > n ? length($0) : n } END { print n }')
[ "$longest" -gt 40 ] && [ "$longest" -le 80 ] || fail "the chart of explain takes $longest columns of a terminal of 80"
if sosie explain CHU-NORD:none-such CHU-NORD:none >out 2>err; then fail "records that are not there"; fi
grep -q 'CHU-NORD:none-such: this identifier is not known' err || fail "explain does not say which: $(cat err)"

sed -e 's/^model french-1/model strict/' -e 's/^link 0.999/link 0.999999/' "$shipped" >strict.model
sed -e 's/^model french-1/model loose/' -e 's/^link 0.999/link 0.95/' -e 's/^review 0.1/review 0.01/' "$shipped" >loose.model
sed -e 's/^model french-1/model narrow/' -e 's/^review 0.1/review 0.9/' -e 's/^conflict-bits -4/conflict-bits 2/' "$shipped" >narrow.model
try_model french 0 # some links have outlived what they were made for
try_model strict.model 20
try_model loose.model 20
try_model narrow.model 20
# a prior of its own for the pairs of two domains: a re-link like any other, and a pair's explanation says it
{ sed -n '/^\[levels\]/q;p' "$shipped" | sed 's/^model french-1/model sources/'
  for a in CHU-NORD CH-EST CH-SUD CLINIQUE-OUEST CABINET-CENTRE; do echo "domains $a ${one%%:*} 0.125"; done
  sed -n '/^\[levels\]/,$p' "$shipped"; } >sources.model
sed 's/^domains \(.*\) 0.125$/domains \1 none/' sources.model >wrong.model
if sosie relink --model wrong.model --preview >out 2>err; then fail "a model whose domains have no ratio"; fi
grep -q 'wrong.model, line [0-9]*: domains are given as: domains A B RATIO' err || fail "the line is not named: $(cat err)"
try_model sources.model 5
sosie explain "$one" "$two" >out 2>err || fail "explain with domains: $(cat err)"
grep -q "^  domains   -3.00 bits (pairs of these two are one person's 0.1[23] times as often as others)" out || fail "what the domains say is not explained: $(cat out)"
sosie train --out trained.model >out 2>err || fail "train: $(cat err)"
try_model trained.model 1
server_down >/dev/null 2>&1
try_model french 1
# without a server a run stops with its command, and the same command lets it go on
sosie relink --model strict.model --preview >out 2>err || fail "preview: $(cat err)"
run=$(sed -n 's/^Run \([0-9]*\): .*/\1/p' out)
sosie relink --accept "$run" --author 'Camille Perrot' --reason 'in two steps' --no-wait >out 2>err || fail "accept: $(cat err)"
sosie relink --list >out 2>err || fail "list: $(cat err)"
grep -q "^ *$run  running, [a-z]*ing [0-9]* %" out || fail "the run should be under way: $(cat out)"
sosie relink --accept "$run" --author 'Camille Perrot' --reason 'again' >out 2>err || fail "accept once more: $(cat out err)"
grep -q "was accepted already, by Camille Perrot, and goes on" err || fail "nothing says that it goes on: $(cat err)"
grep -q "^Run $run is done: " out || fail "the run should be done: $(cat out)"
sosie relink --accept "$run" --author 'Camille Perrot' --reason 'again' >out 2>err && fail "a run that is done: $(cat out)"

# behind a hundred newer ones a run is still found, and the list says that it is not whole
sosie relink --model loose.model --preview >out 2>err || fail "preview: $(cat err)"
run=$(sed -n 's/^Run \([0-9]*\): .*/\1/p' out)
cluster_psql -d sosie -q -c "insert into relink_run (state, model_hash, before_hash, change_no, previewed_at, previewed_by, records,
    links, unlinks, opens, closes) select state, model_hash, before_hash, change_no, previewed_at, previewed_by, records, links, unlinks,
    opens, closes from relink_run, generate_series(1, 100) where id = $run"
sosie relink --list >out 2>err || fail "list: $(cat err)"
grep -q 'These are the newest 100; sosie relink --show RUN' out || fail "the list is not said to be cut: $(tail -3 out)"
sosie relink --accept "$run" --author 'Camille Perrot' --reason 'the oldest of many' >out 2>err || fail "an old run: $(cat out err)"
grep -q "^Run $run is done: " out || fail "the old run should be done: $(cat out)"

[ $failed -eq 0 ] && echo "ok"
exit $failed
