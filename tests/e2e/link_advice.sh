#!/bin/bash
# What sosie link says of files whose columns hardly tell people apart: too much to review, links of households, equal rows, too few.
. "$(dirname "$0")/link_own.sh"

awk -F';' -v OFS=';' 'NR == 1 { print $0, "tel", "tel2", "mail"; next } { n = $1; sub("copy-", "", n)
    print $0, "06" 10000000 + 7919 * n, "02" 20000000 + 13 * n, "m" n "@example.org" }' a.csv >contacts.csv
# one column that hardly tells people apart: said, not only done
awk 'BEGIN { print "id;sexe"; for (i = 0; i < 300; i++) print i ";" (i % 2 ? "M" : "F") }' >sexes.csv
link sexes.csv --id id --columns sex=sexe --out sexes || fail "the sex alone: $(cat err)"
warning="pairs to review, 7.450 for every 100 records, .*: the columns hardly tell people apart; name further columns, .*: family, given, birth_date"
grep -q "^sosie: warning: .* $warning" err || fail "no warning for the sex alone: $(cat err)"
grep -q "$warning" sexes/report.html || fail "no warning for the sex alone in the report"
# people look at one pair for ten records, not at one for two: neighbours of one name and one town
awk 'BEGIN {
    srand(11)
    print "id;nom;prenom;ville;sexe"
    split("BO DU LE MA RI TO VA NE CHA PEL", s, " ")
    for (i = 1; i <= 3000; i++) {
        nom = s[1 + int(10 * rand())] s[1 + int(10 * rand())]
        prenom = s[1 + int(10 * rand())] s[1 + int(4 * rand())]
        row = nom ";" prenom ";" s[1 + int(10 * rand())] s[1 + int(10 * rand())] ";" (rand() < .5 ? "M" : "F")
        print i ";" row
        if (i % 3 == 0) print "copy-" i ";" row
    }
}' >towns.csv
link towns.csv --id id --columns family=nom,given=prenom,city=ville --out towns --json || fail "names and towns: $(cat err)"
warning="pairs to review, [0-9]* for every 100 records, .*: birth_date, ins, phone, email, street, birth_place, sex; "
grep -q "^sosie: warning: .* $warning" err || fail "no warning of many tasks: $(cat err)"
grep -q '"too_many_to_review": true' out && grep -q "$warning" out || fail "no warning of many tasks in JSON: $(head -30 out)"
tasks=$(grep -c ',review$' towns/pairs.csv)
[ "$tasks" -gt 400 ] && [ "$tasks" -lt 80000 ] || fail "$tasks tasks are no test of this warning"
# in a file that needs keys, two columns of one trait have each its own name among them
awk -F';' -v OFS=';' 'NR == 1 { print $0, "tel", "tel2"; next } { n = $1; sub("copy-", "", n)
    print $0, "06" 10000000 + 7919 * n, "02" 20000000 + 13 * n; print "more-" $0, "07" 10000000 + 7919 * n, "01" 20000000 + 13 * n
    }' towns.csv >town-phones.csv
link town-phones.csv --id id --columns family=nom,given=prenom,phone=tel,phone=tel2 --out town-phones || fail "telephones: $(cat err)"
[ "$(grep -c '^<tr><td>phone</td>' town-phones/report.html)" -eq 1 ] && grep -q '^<tr><td>phone-2</td>' town-phones/report.html ||
    fail "two telephones have one name among the keys: $(grep 'td>phone' town-phones/report.html)"
link a.csv --id id --columns "$columns" --out few --json || fail "few tasks: $(cat err)"
grep -q 'pairs to review, [0-9 ]* for every' err out && fail "a warning of few tasks: $(cat err)"
# where nothing tells the members of a household apart, links are of households: said; given names, days of birth or one's own code do
household="no column that most rows fill tells the members of one household apart, .*: a link says that two records are of one household"
awk -F';' -v OFS=';' 'NR > 1 { sub(/.*\//, "", $4) } { print }' contacts.csv >years.csv
awk -F';' -v OFS=';' 'NR > 1 && NR % 3 { $3 = "" } { print }' contacts.csv >few-given.csv
for case in contacts:family=nom,postcode=cp contacts:phone=tel,email=mail years:family=nom,birth_date=naissance,phone=tel \
    few-given:family=nom,given=prenom,phone=tel; do
    link ${case%%:*}.csv --id id --columns ${case#*:} --out household || fail "$case: $(cat err)"
    [ "$(grep -c "^sosie: warning: $household" err)" -eq 1 ] && grep -q "$household" household/report.html ||
        fail "no warning that links are of households, $case: $(cat err)"
done
link contacts.csv --id id --columns family=nom,postcode=cp --out household --json || fail "households: $(cat err)"
grep -q "$household" out || fail "no warning of households in JSON: $(head -20 out)"
for names in family=nom,given=prenom,postcode=cp family=nom,birth_date=naissance,phone=tel family=nom,code:own=tel; do
    link contacts.csv --id id --columns $names --out household || fail "$names: $(cat err)"
    grep -q 'one household' err && fail "a warning of households, $names: $(cat err)"
done
# rows that are all equal: nothing is linked or asked, and it is said why
awk 'BEGIN { print "id;nom;prenom;naissance;cp;ville;rue;mail"
    for (i = 1; i <= 20000; i++) print i ";MARTIN;JEAN;03/02/1950;75011;PARIS;3 RUE DES LILAS;jean.martin@example.org" }' >equal.csv
everything="$columns,city=ville,street=rue,email=mail"
link equal.csv --id id --columns "$everything" --out equal || fail "equal rows: $(cat err)"
warning="20 000 of 20 000 rows share all or nearly all of their values with a hundred others or more: .*; where they are copies, keep one"
grep -q "^pairs linked  *0$" out && grep -q "^pairs to review  *0$" out || fail "equal rows are no test of this warning: $(cat out)"
grep -q "^sosie: warning: $warning" err && grep -q "$warning" equal/report.html || fail "nothing is said of equal rows: $(cat err)"
awk -F';' -v OFS=';' 'NR > 151 { $2 = sprintf("%c%c%cE", 65 + NR % 26, 65 + NR / 26 % 26, 65 + NR / 676 % 26); $3 = $2; $4 = 1930 + NR % 80
    $5 = $6 = $7 = $8 = "" } { print }' equal.csv >some-equal.csv
link some-equal.csv --id id --columns "$everything" --out equal || fail "some equal rows: $(cat err)"
grep -q "^  rows under these *150$" out || fail "150 equal rows are no test: $(cat out)"
grep -q "share all or nearly all" err && fail "a warning of 150 equal rows in 20,000: $(cat err)"
# names that stand twice among a few rows may be common ones: said, and what needs no learning
{ head -13 a.csv; sed -n '2,13s/^/twin-/p' a.csv | grep -v copy; } >little.csv
link little.csv --id id --columns "${columns%,*}" --out little || fail "some dozens of rows: $(cat err)"
[ "$(grep -c ',link$' little/pairs.csv)" -eq 0 ] || fail "some dozens of rows are enough: $(head -3 little/pairs.csv)"
warning="no pair is linked: these [0-9]* records are too few to learn from; try --model french"
grep -q "^sosie: warning: $warning" err && grep -q "$warning" little/report.html || fail "nothing is said of too few rows: $(cat err)"
link little.csv --id id --columns "${columns%,*}" --out little --json || fail "some dozens of rows: $(cat err)"
grep -q "$warning" out || fail "nothing is said of too few rows in JSON: $(head -20 out)"
link little.csv --id id --columns "${columns%,*}" --out little --model french || fail "some dozens of rows, french: $(cat err)"
[ "$(grep -c ',link$' little/pairs.csv)" -ge 8 ] || fail "the advice for too few rows does not help: $(cat little/pairs.csv)"
grep -q 'too few' err && fail "what was done is advised: $(cat err)"
link little.csv --id id --columns "${columns%,*},code:cp=cp" --out little || fail "some dozens of rows and a code: $(cat err)"
grep -q 'too few' err && fail "french is advised, and does not know the column: $(cat err)"
[ "$(grep -c '^comparing: ' err)" -le 2 ] || fail "a step of no time says how far it is again and again: $(cat err)"

[ $failed -eq 0 ] && echo "all as it should be"
exit $failed
