#!/bin/bash
# sosie link --explain: what makes up the weight of a pair is what pairs.csv says, under a fitted model, that of an earlier run and a
# server's; nothing is written.
shipped=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../../matcher/models/french-1.model
. "$(dirname "$0")/link_own.sh"

explains() { # DIR ARGUMENT...: every eighth pair of DIR/pairs.csv, as the run of these arguments explains it
    local dir=$1 a b weight posterior zone pairs=0
    shift
    while IFS=, read -r a b weight posterior zone; do
        link "$@" --explain "$a,$b" --json || fail "$a and $b are not explained: $(cat err)"
        awk -v w="$weight" -v p="$posterior" -v z="\"$zone\"" '{ sub(/,$/, "") }
            /^      "weight_bits":/ { sum += $2 }
            /^  "weight_bits":/ { weight = $2 }
            /^  "posterior":/ { posterior = $2 }
            /^  "zone":/ { zone = $2 }
            function apart(x, y) { return x - y > 0.0001 || y - x > 0.0001 }
            END { exit apart(sum, weight) || apart(weight, w) || apart(posterior, p) || zone != z }' out ||
            fail "$a and $b weigh $weight, posterior $posterior, $zone in $dir, and otherwise here: $(cat out)"
        pairs=$((pairs + 1))
    done < <(awk 'NR > 1 && NR % 8 == 0' "$dir/pairs.csv" | tr -d '\r')
    [ $pairs -ge 20 ] || fail "$dir has no pairs to explain"
}

# two domains, and a telephone that the home shares
awk -F';' -v OFS=';' 'NR == 1 { print $0, "dom", "tel" } NR > 1 { sub(/^copy-/, "copie ", $1); split($1, n, " ")
    print $0, n[2] ? "SUD" : "NORD", "06" 10000000 + 7919 * int((n[2] ? n[2] : n[1]) / 3) }' a.csv >b.csv
more="$columns,domain=dom,phone=tel"
link b.csv --id id --columns "$more" --out one || fail "a run: $(cat err)"
explains one b.csv --id id --columns "$more"
link b.csv --id id --columns "$more" --out again --model one/model --all-pairs || fail "again: $(cat err)"
explains one b.csv --id id --columns "$more" --model one/model
link b.csv --id id --columns "$more" --out french --model french || fail "french: $(cat err)"
explains french b.csv --id id --columns "$more" --model french
# its prior of the pairs between two domains
sed 's/^\[levels\]/domains NORD SUD 4\n[levels]/' "$shipped" >domains
link b.csv --id id --columns "$more" --out domains-out --model domains || fail "a model with domains: $(cat err)"
explains domains-out b.csv --id id --columns "$more" --model domains
IFS=, read -r a b rest < <(grep copie french/pairs.csv | tr -d '\r')
before=$(awk -F, -v a="$a" -v b="$b" '$1 == a && $2 == b { print $3 }' french/pairs.csv)
after=$(awk -F, -v a="$a" -v b="$b" '$1 == a && $2 == b { print $3 }' domains-out/pairs.csv)
awk "BEGIN { exit !($after - $before == 2) }" || fail "the prior of two domains moves no weight by 2 bits: $before, $after ($rest)"
link b.csv --id id --columns "$more" --model domains --explain "$a,$b" || fail "explain with domains: $(cat err)"
grep -q 'more matches between these than elsewhere' out || fail "domains are not explained: $(cat out)"
# of two files, the first identifier is of the first one
head -401 b.csv >first.csv
{ head -1 b.csv && tail -n +402 b.csv | sed 's/^/x/' && sed -n '2,401p' b.csv; } >second.csv
link first.csv second.csv --id id --columns "$more" --out two || fail "two files: $(cat err)"
explains two first.csv second.csv --id id --columns "$more"

# for people: both values, the chart, and in the end the zone with its reason
before=$(ls)
link b.csv --id id --columns "$more" --explain '3,"copie 3"' || fail "a pair for people: $(cat err)"
for said in '^trait  *column  *3  *copie 3' 'b.csv, line 4  *b.csv, line 5' '^birth_date  *naissance  *[0-9/]*  *[0-9/]*' '^phone  *tel  *06' \
    '^  birth-date  *same birth date  .*│█' '^  domains  *more matches between these than elsewhere  *\+' '^  weight    \+[0-9.]* bits; with -' \
    '^  link      from \+' '^  zone      link: it is as likely as a link has to be$'; do
    grep -qE "$said" out || fail "'$said' is not in: $(cat out)"
done
link b.csv --id id --columns "$more" --explain 3,6 || fail "two people: $(cat err)"
grep -q '^  zone      apart: less likely than what a person is asked about' out || fail "two people: $(cat out)"
[ "$(ls)" = "$before" ] || fail "an explanation writes files: $(ls)"

# what pairs.csv writes can be pasted, whatever an identifier holds
awk -F';' -v OFS=';' 'NR > 1 { split($1, n, " "); $1 = n[2] ? "\"copie, \"\"" n[2] "\"\"\"" : "\"\"\"" $1 "\"\"\"" } { print }' b.csv >quoted.csv
link quoted.csv --id id --columns "$more" --out quoted || fail "identifiers with quotes: $(cat err)"
[ "$(grep -c '^"""[0-9]*""","copie, ""[0-9]*""",.*,link$' quoted/pairs.csv)" -ge 100 ] || fail "no identifiers with quotes: $(head -3 quoted/pairs.csv)"
pasted=$(grep -o '^"""[0-9]*""","copie, ""[0-9]*"""' quoted/pairs.csv | head -1)
link quoted.csv --id id --columns "$more" --explain "$pasted" --json || fail "$pasted cannot be pasted: $(cat err)"
grep -q '"id": "copie, \\"[0-9]*\\""' out && grep -q '"id": "\\"[0-9]*\\""' out || fail "$pasted is another pair: $(cat out)"

# what is no pair
expect_usage "--explain: two identifiers" b.csv --id id --columns "$more" --explain 3
expect_usage "--explain: two identifiers" b.csv --id id --columns "$more" --explain 3,4,5
expect_usage "--explain: two identifiers" b.csv --id id --columns "$more" --explain ""
expect_usage "--explain: one record is named twice" b.csv --id id --columns "$more" --explain 3,3
expect_usage "--explain writes no results: leave --out out" b.csv --id id --columns "$more" --explain 3,4 --out x
expect_usage "--id is needed" b.csv --columns "$more" --explain 3,4
expect_error "b.csv has no row of the identifier '9999'" b.csv --id id --columns "$more" --explain 3,9999
expect_error "second.csv has no row of the identifier 'x1'" first.csv second.csv --id id --columns "$more" --explain 1,x1

[ $failed -eq 0 ] && echo "all as it should be"
exit $failed
