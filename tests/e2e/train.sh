#!/bin/bash
# sosie train on a server of its own: train.sh SOSIE SOSIE-FIXTURES. The model is learnt beside the running server, the same each time,
# read by sosie link, and nothing in the registry changes.
set -u
SAY_WHO=train
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/own_server.sh"
sosie_program=$(realpath "$1")
fixtures_program=$(realpath "$2")

fixtures_make() { "$fixtures_program" --seed 1 --persons 1500 --out "$VAR/fixtures" --csv "$VAR/population.csv"; }

expect_error() { # TEXT ARGUMENT...
    local text=$1
    shift
    if sosie train "$@" >out 2>err; then fail "this went well: $*"; fi
    grep -qF -- "$text" err || fail "'$text' is not in: $(cat err)"
}

own_server_begin "$sosie_program" 1500
server_up
cd "$VAR" || exit 1
expect_error "0 records are too few to learn from" --out early.model
[ -e early.model ] && fail "a refused fit wrote a model"
fixtures_send

expect_error "--out is needed" --seed 1
sosie train --out x.model --seed first >out 2>err
[ $? -eq 2 ] || fail "a seed that is no number is no fault of the command line: $(cat err)"
expect_error "one word" --out x.model --name "two words"
expect_error "cannot be written" --out "$VAR/not there/x.model" --name x

sosie train --out first.model >out 2>err || fail "train: $(cat err)"
sosie train --out second.model --name first --report second.html >out 2>err || fail "train again: $(cat err)"
cmp -s first.model second.model || fail "the same registry and seed gave two models"
sosie train --out again.model --name first --report again.html >out 2>err && cmp -s second.html again.html || fail "two pages of one fit differ"
for text in 'sosie train: first' '<svg' 'domains with the fewest matches: CHU-NORD, CHU-NORD ' '<td>birth-date</td><td>exact</td>' '</html>'; do
    grep -qF "$text" second.html || fail "the page lacks $text"
done
grep -qE 'https?:|src=' second.html && fail "the page is not self-contained"
sosie train --out third.model --name first --seed 2 >out 2>err || fail "another seed: $(cat err)"
cmp -s first.model third.model && fail "another seed gave the same model"
grep -q '^model first$' first.model || fail "the model has not its file's name"
grep -q '^domains CHU-NORD CHU-NORD 0\.' first.model || fail "no prior of a pair of domains: $(grep domains first.model)"
for text in 'by pair of domains' 'Reliability' 'calibration error' 'What changed most' 'is written and not active' 'of one person, '; do
    grep -qF "$text" out || fail "'$text' is not in: $(cat out)"
done
cp out text
sosie train --out json.model --json >json 2>err || fail "--json: $(cat err)"
for text in '"domains"' '"commonest"' '"reliability"' '"calibration_error"' '"pairs_of_one_person"' '"bits_before"'; do
    grep -qF "$text" json || fail "--json lacks $text"
done

# decisions of the cell are labels
two_people() { awk '/decided by people/ { print $(NF - 2) }' "$1"; }
before=$(two_people text)
two=$(awk -F, 'NR > 1 && NR < 9 && $5 != "" { print $4 ":" $5 }' population.csv | head -n 2)
# shellcheck disable=SC2086
sosie separate $two --author test --reason 'two people' >out 2>err || fail "separate: $(cat err)"
sosie train --out fourth.model --name first >out 2>err || fail "train with a decision: $(cat err)"
[ "$(two_people out)" -eq $((before + 1)) ] || fail "the decision is no label: $(grep decided out)"

# sosie link reads it; it changes nothing in the registry
sosie link population.csv --id record --columns family=family,given=given,birth_date=birth_date,sex=sex --out linked \
    --model first.model >out 2>err || fail "link: $(cat err)"
[ "$(wc -l <linked/pairs.csv)" -gt 300 ] || fail "sosie link finds too few pairs by the trained model"
[ "$failed" -eq 0 ] && echo "all as it should be"
exit $failed
