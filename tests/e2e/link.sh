#!/bin/bash
# sosie link on files of a few rows: results, errors that name file and line, rows set aside, equal output on one thread and four.
set -u
SOSIE=$1
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
cd "$DIR" || exit 1
failed=0

fail() {
    echo "FAILED: $*"
    failed=1
}

link() { # ARGUMENT...: output in out, errors in err
    "$SOSIE" link "$@" >out 2>err
}

expect_error() { # TEXT ARGUMENT...
    local text=$1
    shift
    if link "$@"; then fail "this went well: $*"; fi
    grep -qF -- "$text" err || fail "'$text' is not in: $(grep sosie: err)"
}

columns=family=nom,given=prenom,birth_date=naissance,postcode=cp
awk 'BEGIN {
    srand(5)
    print "id;nom;prenom;naissance;cp"
    split("BO DU LE MA RI TO VA NE CHA PEL", s, " ")
    for (i = 1; i <= 600; i++) {
        nom = s[1 + int(10 * rand())] s[1 + int(10 * rand())] s[1 + int(10 * rand())] s[1 + int(10 * rand())]
        prenom = s[1 + int(10 * rand())] s[1 + int(10 * rand())]
        row = sprintf("%s;%02d/%02d/%d;%05d", prenom, 1 + 28 * rand(), 1 + 12 * rand(), 1930 + 80 * rand(), 1000 + 90000 * rand())
        print i ";" nom ";" row
        if (i % 3 == 0) print "copy-" i ";" nom (i % 2 ? "T" : "") ";" row
    }
}' >a.csv

link a.csv --id id --columns "$columns" --out one --threads 1 || fail "one thread: $(cat err)"
link a.csv --id id --columns "$columns" --out four --threads 4 || fail "four threads"
for name in pairs.csv clusters.csv model rejected.csv report.html; do
    cmp -s "one/$name" "four/$name" || fail "$name differs with the number of threads"
done
linked=$(grep -c ',link$' one/pairs.csv)
[ "$linked" -ge 190 ] && [ "$linked" -le 205 ] || fail "$linked of 200 copies linked"
wrong=$(awk -F, '/,link$/ && $1 != substr($2, 6) { n++ } END { print n + 0 }' one/pairs.csv)
[ "$wrong" -eq 0 ] || fail "$wrong wrong links"
[ "$(wc -l <one/clusters.csv)" -eq 801 ] || fail "clusters.csv has not one row for each record"
grep -q '<svg' one/report.html || fail "no chart in the report"
grep -q '>a\.csv<' one/report.html || fail "the report does not name its file"
grep -q '<text [^>]*>[+-][0-9]*[05]</text>' one/report.html || fail "the axis of weights has no round figures"
grep -qE 'https?:|src=' one/report.html && fail "the report is not self-contained"

link a.csv --id id --columns "$columns" --out json --json || fail "--json: $(cat err)"
grep -q '"pairs_linked": '"$linked"',' out && grep -q '^{' out || fail "--json prints no JSON: $(head -3 out)"

# a page about nothing says so, without an empty chart
printf 'id;nom;prenom;naissance;cp\n1;MARTIN;JEAN;03/02/1950;75011\n2;DUPONT;LUC;04/03/1960;69003\n' >none.csv
link none.csv --id id --columns "$columns" --out none || fail "no pairs: $(cat err)"
grep -q 'No pair reached review' none/report.html || fail "the report does not say that there is no pair"
grep -q 'histogram' none/report.html && fail "an empty chart in the report"

# dates in a writing that is not understood are counted
sed -E 's/;([0-9]{2}.[0-9]{2}.)[0-9]{2}([0-9]{2});/;\1\2;/' a.csv >short.csv
link short.csv --id id --columns "$columns" --out short || fail "short years: $(cat err)"
grep -q '^birth dates not understood *800$' out || fail "dates that were not understood are not counted: $(cat out)"

# two files: pairs across only
grep -v copy a.csv >first.csv
{ head -1 a.csv; grep copy a.csv; } >second.csv
link first.csv second.csv --id id --columns "$columns" --out two || fail "two files: $(cat err)"
awk -F, 'NR > 1 && ($1 ~ /copy/ || $2 !~ /copy/) { bad = 1 } END { exit bad }' two/pairs.csv || fail "a pair within one file"
[ "$(grep -c ',link$' two/pairs.csv)" -ge 190 ] || fail "two files: too few links"

# the model that comes with sosie
link a.csv --id id --columns "$columns" --out french --model french || fail "french: $(cat err)"
[ "$(wc -l <french/pairs.csv)" -gt 150 ] || fail "the French model finds too few pairs"

# the model of an earlier run weighs the same file alike, and refuses other columns
link a.csv --id id --columns "$columns" --out again --model one/model || fail "a model read back: $(cat err)"
for name in pairs.csv clusters.csv model report.html; do
    cmp -s "one/$name" "again/$name" || fail "$name differs under the model that it was fitted with"
done
link second.csv --id id --columns "$columns" --out other --model one/model || fail "a model on another file: $(cat err)"
expect_error "no line 'email exact': it was fitted to other columns" a.csv --id id --columns "$columns,email=cp" --out x --model one/model
expect_error "the model weighs columns that --columns does not name" a.csv --id id --columns family=nom,given=prenom,birth_date=naissance \
    --out x --model one/model
sed 's/^postcode exact [^ ]*/postcode exact 1.5/' one/model >broken
expect_error "--model: a.csv, line 1: " a.csv --id id --columns "$columns" --out x --model a.csv
expect_error "--model: the file cannot be read to its end" a.csv --id id --columns "$columns" --out x --model .
expect_error "the line 'postcode exact' of the model" a.csv --id id --columns "$columns" --out x --model broken

# rows that cannot be used are set aside with file and line
{ cat a.csv; printf '601;A;B\n3;X;Y;01/01/1950;75001\n;X;Y;01/01/1950;75001\n602;"open;Y;01/01/1950;75001\n'; } >bad.csv
link bad.csv --id id --columns "$columns" --out bad || fail "bad rows: $(cat err)"
[ "$(wc -l <bad/rejected.csv)" -eq 5 ] || fail "rejected.csv: $(cat bad/rejected.csv)"
for reason in 'bad.csv,802,the row has fewer fields' 'bad.csv,803,an earlier row' 'bad.csv,804,the row has no identifier' \
    'bad.csv,805,a quote is never closed'; do
    grep -qF "$reason" bad/rejected.csv || fail "rejected.csv lacks: $reason"
done

# errors
: >empty.csv
printf 'id\n1\n2\n' >single.csv
printf '\377\376i\0d\0' >wide.csv
expect_error "there is no column 'nmo' in the header; did you mean 'nom'" a.csv --id id --columns family=nmo --out x
expect_error "a.csv, line 1" a.csv --id id --columns family=nmo --out x
expect_error "there is no trait 'famly'; did you mean 'family'" a.csv --id id --columns famly=nom --out x
expect_error "empty.csv" empty.csv --id id --columns "$columns" --out x
expect_error "single.csv, line 1: a single column" single.csv --id id --columns "$columns" --out x
expect_error "UTF-16" wide.csv --id id --columns "$columns" --out x
expect_error "not there" "not there.csv" --id id --columns "$columns" --out x
expect_error "--out is needed" a.csv --id id --columns "$columns"

[ $failed -eq 0 ] && echo "all as it should be"
exit $failed
