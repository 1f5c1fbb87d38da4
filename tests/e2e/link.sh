#!/bin/bash
# sosie link on files of a few rows: results, errors that name file and line, rows set aside, equal output on one thread and four.
CORPUS=$(cd "$(dirname "$0")/../fuzz/corpus/model" && pwd)
. "$(dirname "$0")/link_own.sh"

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
# of thresholds both have their line, however heavy the pairs; how many links are false is said in words
for name in review link; do
    [ "$(grep -c "stroke-dasharray.*>$name [-0-9.]*</text>" one/report.html)" -eq 1 ] || fail "no line of $name in the report"
done
grep -q "By their own posteriors fewer than one of $linked linked pairs is false[.]" one/report.html ||
    fail "false links are not told in words: $(grep -o 'Link from.*' one/report.html)"

grep -q 'bits: log2 m/u, within bounds: ' one/report.html || fail "the report does not say that weights are bounded"
# what turns a line round, or ends it, says nothing to who reads the report
sed '2,$s/^\([0-9]*\);/\1\xe2\x80\xae\x01;/' a.csv >turned.csv
link turned.csv --id id --columns "$columns" --out turned || fail "identifiers that turn a line round: $(cat err)"
grep -q '<tr><td>[0-9]*\.\.<br>' turned/report.html || fail "no identifier in the report: $(grep '<tr><td>[0-9]' turned/report.html | head -2)"
grep -q $'\xe2\x80\xae' turned/report.html && fail "an identifier turns the lines of the report round"

# of a long identifier the report shows how it begins
awk -F';' -v OFS=';' 'BEGIN { for (z = 0; length(z) < 20000; z = z z) ; } NR > 1 { $1 = $1 "-" z } { print }' a.csv >wide.csv
link wide.csv --id id --columns "$columns" --out wide || fail "identifiers of 32,000 signs: $(cut -c1-200 err)"
grep -qE '<tr><td>[0-9]+-0{190,199}\.\.\.<br>' wide/report.html && grep -q '</html>' wide/report.html ||
    fail "a report of long identifiers: $(wc -c wide/report.html)"

# from another probability: more or fewer pairs of those found, and none that a person should have looked at
link a.csv --id id --columns "$columns" --out easy --link-from 0.05 || fail "--link-from 0.05: $(cat err)"
link a.csv --id id --columns "$columns" --out hard --link-from .99999999 || fail "--link-from .99999999: $(cat err)"
[ "$(grep -c ',review$' easy/pairs.csv)" -eq 0 ] && [ "$(wc -l <easy/pairs.csv)" -eq "$(wc -l <one/pairs.csv)" ] ||
    fail "from 0.05 not all that was found is linked"
[ "$(awk -F, '$4 < 0.9999999 && /,link$/' hard/pairs.csv | wc -l)" -eq 0 ] || fail "linked below .99999999"
[ "$(grep -c ',link$' hard/pairs.csv)" -le "$linked" ] || fail "a higher threshold links more"
for bad in 1 0.04 most 1e-1 ""; do
    expect_usage "--link-from: a probability from 0.05, where review begins, to below 1" a.csv --id id --columns "$columns" --out no \
        --link-from "$bad"
done
expect_error "--link-from: a server's model links from its own thresholds" a.csv --id id --columns "$columns" --out no \
    --link-from 0.5 --model french

# files need no settings; those that are told are read all the same
expect_error 'nosuch.conf' a.csv --id id --columns "$columns" --out no --config nosuch.conf
expect_error 'mllp.port' a.csv --id id --columns "$columns" --out no --mllp.port 99999999
# a fit that ends at its most rounds says so
awk 'BEGIN {
    srand(3)
    print "id;naissance;ville"
    split("PARIS LYON LILLE BREST", towns, " ")
    for (i = 1; i <= 2000; i++) {
        row[i] = sprintf("%d-%02d-%02d;%s", 1930 + 85 * rand(), 1 + 12 * rand(), 1 + 28 * rand(), towns[1 + int(4 * rand())])
        if (i > 99 && i % 3 == 0) row[i] = row[1 + int((i - 1) * rand())]
        print i ";" row[i]
    }
}' >rounds.csv
link rounds.csv --id id --columns birth_date=naissance,city=ville --out rounds || fail "dates and towns: $(cat err)"
grep -q '^fit  *not settled' out || fail "nothing says that the fit stopped: $(cat out)"
link a.csv --id id --columns "$columns" --out json --json || fail "--json: $(cat err)"
grep -q '"pairs_linked": '"$linked"',' out && grep -q '^{' out || fail "--json prints no JSON: $(head -3 out)"
grep -q '"fit_settled": true' out || fail "a fit that settled: $(grep fit out)"

# a name that is no UTF-8 takes nothing from the JSON
odd=$(printf 'd\351c\350s')
awk -F';' -v OFS=';' 'NR > 1 { $4 = "x" } { print }' a.csv >"$odd.csv"
link "$odd.csv" --id id --columns "$columns" --out "$odd" --json || fail "a name that is no UTF-8: $(cat err)"
grep -q '"file": "d?c?s.csv"' out && grep -q '"directory": "d?c?s"' out && grep -q '800 of 800 birth dates' out ||
    fail "a name that is no UTF-8 is left out of the JSON: $(head -20 out)"
# a page about nothing says so, without an empty chart
printf 'id;nom;prenom;naissance;cp\n1;MARTIN;JEAN;03/02/1950;75011\n2;DUPONT;LUC;04/03/1960;69003\n' >none.csv
link none.csv --id id --columns "$columns" --out none || fail "no pairs: $(cat err)"
grep -q 'No pair reached review' none/report.html || fail "the report does not say that there is no pair"
grep -q 'histogram' none/report.html && fail "an empty chart in the report"
link none.csv --id id --columns "$columns" --out again --model none/model || fail "the model of two rows is not read: $(cat err)"
sed 's/2;DUPONT;LUC;04.03.1960;69003/2;MARTIN;JEAN;03\/02\/1950;75011/' none.csv >two.csv
link two.csv --id id --columns "$columns" --out two || fail "two equal rows: $(cat err)"
grep -q '^1,2,.*,review$' two/pairs.csv || fail "two equal rows are left to nobody: $(cat two/pairs.csv)"

# names and a year: what is linked is told, and how much of it is expected to be false
awk 'BEGIN {
    srand(3); print "id,f,g,y"; split("MA LO RI TEN DU VAL CHE BOR NA GUI SOL PER", s, " ")
    for (i = 0; i < 6000; i++) {
        f = s[1 + int(rand() * 12)] s[1 + int(rand() * 12)] s[1 + int(rand() * 12)]; g = s[1 + int(rand() * 12)] s[1 + int(rand() * 12)]
        y = 1930 + int(rand() * 80); print i "," f "," g "," y
        if (i % 2 == 0) { if (rand() < .1) sub(/.$/, "X", f); print "c" i "," f "," g "," y + (rand() < .05) }
    } }' >years.csv
link years.csv --id id --columns family=f,given=g,birth_date=y --out years || fail "names and years: $(cat err)"
grep -q '^sosie: warning: by their own posteriors some [0-9]* of the pairs linked are of two people, [0-9]* for 100,000 records' err ||
    fail "nothing says that links are false: $(cat err)"
grep -q 'of the pairs linked are of two people' years/report.html || fail "the report does not say that links are false"

grep -q "By their own posteriors some [0-9 ]* of [0-9 ]* linked pairs are false[.]" years/report.html ||
    fail "false links are not told in words: $(grep -o 'Link from.*' years/report.html)"
# a pair that surer links join is linked below the threshold (which is printed to a hundredth): the legend says of how many that is so
awk -F';' -v OFS=';' 'NR == 1 { print $0, "tel"; next } { n = $1; sub("copy-", "", n); print $0, "06" 10000000 + 7919 * n
    if ($1 == n) next; split($4, d, "/"); print "third-" n, $2, $3, "01/01/" d[3] + 1, "", "06" 10000000 + 7919 * n
    print "fourth-" n, $2, $3, "", "99999", "" }' a.csv >four.csv
link four.csv --id id --columns "$columns,phone=tel" --out four || fail "four of one person: $(cat err)"
below=$(awk -F'[ (]*' 'FNR == NR { if (/^link from posterior/) bits = $5; next } FNR == 1 { FS = "," } /,link$/ && $3 < bits - .01 { n++ } END { print n + 0 }' out \
    four/pairs.csv)
[ "$below" -gt 0 ] && grep -q "> linked ($below of them left of the line &quot;link&quot;: surer links join their records)" four/report.html ||
    fail "$below links below the threshold are not told in the report: $(grep -o '> linked[^<]*' four/report.html)"
# dates in a writing that is not understood are counted
sed -E 's/;([0-9]{2}.[0-9]{2}.)[0-9]{2}([0-9]{2});/;\1\2;/' a.csv >short.csv
link short.csv --id id --columns "$columns" --out short || fail "short years: $(cat err)"
grep -q '^birth dates not understood *800$' out || fail "dates that were not understood are not counted: $(cat out)"
grep -q '^sosie: warning: short.csv: 800 of 800 birth dates .*on line 2.*four figures' err || fail "no warning of dates: $(cat err)"
grep -q '800 of 800 birth dates' short/report.html || fail "no warning of dates in the report"
grep -q "the first one on line 2: '[0-9/]*')" err || fail "the warning of dates does not show the first one: $(cat err)"
# where they are of one domain of several it is named, a few of a large file have no warning
awk -F';' -v OFS=';' '{ print $0, NR == 1 ? "dom" : NR % 20 == 7 ? "LABO" : NR % 3 ? "CHU" : "CLIN" }
    ' a.csv | awk -F';' -v OFS=';' 'NR > 1 { split($4, d, "/"); short = NR % 3 ? substr(d[3], 3) d[2] d[1] : "190512"
    $4 = $6 == "LABO" ? short : d[3] d[2] d[1] } { print }' >labo.csv
link labo.csv --id id --columns "$columns,domain=dom" --out labo || fail "short years of one domain: $(cat err)"
grep -q "^sosie: warning: labo.csv: 40 of 800 birth dates .* unknown; 40 of 40 in the domain 'LABO' (the first one on line 7: '[0-9]*'):" err ||
    fail "no warning of the dates of one domain: $(cat err)"
grep -q "^labo.csv: .*, numbers of six figures are no dates$" out || fail "190512 among yymmdd is a month: $(head -1 out)"
link labo.csv --id id --columns "$columns" --out labo || fail "short years of one row in twenty: $(cat err)"
[ "$(grep -c warning err)" -eq 0 ] || fail "a warning of some bad dates: $(cat err)"
# a date that stands for unknown ones is unknown, and said
awk -F';' -v OFS=';' 'NR % 8 == 3 { $4 = "15/06/1985" } { print }' a.csv >default.csv
awk -F';' -v OFS=';' 'NR % 8 == 3 { $4 = "" } { print }' a.csv >empty.csv
link empty.csv --id id --columns "$columns" --out empty || fail "dates left empty: $(cat err)"
[ "$(grep -c warning err)" -eq 0 ] || fail "a warning of dates left empty: $(cat err)"
link default.csv --id id --columns "$columns" --out default || fail "a default date: $(cat err)"
grep -q '^sosie: warning: default.csv: the birth date 1985-06-15 in 100 rows .* counts as unknown' err || fail "no warning of a default: $(cat err)"
grep -q 'the birth date 1985-06-15 in 100 rows' default/report.html || fail "no warning of a default in the report"
cmp -s default/pairs.csv empty/pairs.csv || fail "a default date is not as good as none"
sed 's/;15.06.1985;/;01\/01\/1970;/; 100,400s/;01.01.1970;/;02\/02\/2002;/' default.csv >defaults.csv
link defaults.csv --id id --columns "$columns" --out default || fail "two default dates: $(cat err)"
grep -q 'the birth dates 1970-01-01 in [0-9]* rows and 2002-02-02 in [0-9]* rows belong to far more' err || fail "no warning of two defaults: $(cat err)"
# a column of which nothing is understood, or that is empty throughout, has a warning of its own; one that is filled now and then, none
awk -F';' -v OFS=';' 'NR == 1 { print $0, "tel", "fixe", "mobile", "sexe", "mere" }
    NR > 1 { print $0, "06" 10000000 + 7919 * NR, "", NR % 50 ? "" : "0639981246", NR % 2 ? "X" : "Y", "" }' a.csv >silent.csv
link silent.csv --id id --columns "$columns,ins=tel,sex=sexe,mother=mere,phone=fixe+mobile" --out silent || fail "silent columns: $(cat err)"
grep -qF "warning: silent.csv: of the column 'tel' (ins) 800 of 800 values were not understood and count as unknown: an INS has 13" err &&
    grep -qF "warning: silent.csv: of the column 'sexe' (sex) 800 of 800 values were not understood" err &&
    grep -qF "warning: silent.csv: of the column 'mere' (mother) every value is empty" err || fail "no warning of columns: $(cat err)"
[ "$(grep -c warning err)" -eq 3 ] || fail "another warning of columns: $(grep warning err)"
grep -q "of the column 'sexe' (sex) 800 of 800" silent/report.html || grep -q "column &#39;sexe&#39; (sex) 800" silent/report.html ||
    fail "no warning of columns in the report: $(grep sexe silent/report.html)"
# an age says what the birth date says; the model of that run knows it
awk -F';' -v OFS=';' 'NR == 1 { print $0, "age" } NR > 1 { print $0, 2025 - substr($4, 7) }' a.csv >aged.csv
link aged.csv --id id --columns "$columns,text:age=age" --out aged || fail "a column that follows: $(cat err)"
grep -qF "warning: aged.csv: of the column 'age' (text) nothing is weighed beside the birth date, from which it follows" err ||
    fail "no warning of a column that follows: $(cat err)"
grep -q '^follows age birth-date$' aged/model || fail "the model does not know that the age follows"
link aged.csv --id id --columns "$columns,text:age=age" --out aged-again --model aged/model || fail "a model with followers: $(cat err)"
cmp -s aged/pairs.csv aged-again/pairs.csv || fail "the model gives other pairs where a column follows"
{ cat aged/model && echo 'follows moon birth-date'; } >moon.model
expect_error "--columns does not name, or one line twice: line $(wc -l <moon.model), 'follows moon birth-date'" aged.csv --id id --columns "$columns,text:age=age" --out x \
    --model moon.model
# whatever the name of a column, the model of a run can be read back
for name in checksum household 'household postcode' prior '#' '"' 'a \\ "b"' 'a
b' names given; do
    link aged.csv --id id --columns "family=nom,birth_date=naissance,text:$name=cp,text:of=age" --out named ||
        fail "a column named '$name': $(cat err)"
    link aged.csv --id id --columns "family=nom,birth_date=naissance,text:$name=cp,text:of=age" --out named-again --model named/model ||
        fail "the model of a column named '$name': $(cat err)"
    cmp -s named/pairs.csv named-again/pairs.csv && cmp -s named/model named-again/model || fail "a column named '$name' is read otherwise"
    expect_error "the model weighs columns that --columns does not name: '" aged.csv --id id \
        --columns "family=nom,birth_date=naissance,text:of=age" --out x --model named/model
    [ "$(grep -c "'household'" err)" -eq 0 ] || fail "a reason of kin is taken for a column: $(cat err)"
done
sed '1s/8$/7/' one/model >broken
expect_error "fitted by another version of sosie link: fit it anew" a.csv --id id --columns "$columns" --out x --model broken
link a.csv --id id --columns family=nom,birth_date=naissance,postcode=cp --out twins || fail "no given names: $(cat err)"
grep -q 'warning: a.csv: no column holds given names: .*twins.* split it first into' err || fail "no warning of twins: $(cat err)"
# initials tell no twins apart, nor does a text compare ages; a number is an age only where the column is called so
awk -F';' -v OFS=';' 'NR == 1 { print $0, "initiale", "age", "service" }
    NR > 1 { print $0, substr($3, 1, 1) ".", 2025 - substr($4, 7), NR % 95 }' a.csv >shapes.csv
link shapes.csv --id id --columns family=nom,given=initiale,text:a=age,code:s=service --out shapes || fail "initials: $(cat err)"
grep -q "of the column 'initiale' (given) 800 of 800 values are initials: twins" err &&
    grep -q "of the column 'age' (text) 800 of 800 values are ages or years" err || fail "no warning of initials, or of ages: $(cat err)"
grep -q "'service'" err && fail "a number of a service is an age: $(cat err)"
link shapes.csv --id id --columns "$columns,given_names=initiale,text:a=age" --out shapes || fail "names and initials: $(cat err)"
grep -qE 'are initials|are ages' err && fail "initials beside names, or an age beside a date: $(cat err)"
long=$(printf '%09000d' 0)
sed "1s/mere/$long/" silent.csv >long.csv
link long.csv --id id --columns "$columns,mother=$long" --out long || fail "a column of a long name: $(cut -c1-200 err)"
grep -q "warning: long.csv: of the column '0*' (mother) every value is empty" err || fail "a long name hides what the warning says"
awk 'BEGIN { print "id;no"; for (i = 1; i <= 6000; i++) printf "%d;%08d\n", i, (i > 4000 ? i - 4000 : i) * 610187 % 100000000 }' >lonely.csv
link lonely.csv --id id --columns code:number=no --out lonely || fail "one column: $(cat err)"
grep -q 'warning: none of [0-9 ]* pairs is linked or for review: one column alone does not tell' err || fail "no warning of one column: $(cat err)"
# columns that make no key: nothing is compared, and it is said
for case in "family=f:given, birth_date" "given=g:family, birth_date" "birth_date=y:family, given" "text:own=id:family, given"; do
    link years.csv --id id --columns ${case%:*} --out keyless || fail "$case: $(cat err)"
    warning="no pair is compared: no two records share an INS, both names, .*; name further columns, where the file has them: ${case##*:},"
    grep -q '^pairs compared *0$' out && grep -q "^sosie: warning: $warning" err ||
        fail "nothing is said of columns that make no key, $case: $(cat out err)"
    grep -q 'no pair is compared' keyless/report.html || fail "nothing is said of columns that make no key in the report, $case"
done
awk -F';' -v OFS=';' 'NR > 1 { $3 = NR % 2 ? "MARIE" : "JEAN" } { print }' a.csv >named.csv
awk -F';' -v OFS=';' 'NR > 1 { name = $3; $3 = $2; $2 = name; $4 = "01/07/" substr($4, 7) } { print }' named.csv >habits.csv
link named.csv habits.csv --id id --columns "$columns" --out habits || fail "a file of habits: $(cat err)"
grep -q 'warning: habits.csv: 800 rows have family and given names exchanged, .*; 800 rows are all born on one day of the year, 07-01: ' err &&
    ! grep -q 'warning: named.csv' err || fail "no warning of habits: $(cat err)"
link a.csv silent.csv --id id --columns "$columns" --out silent || fail "two files: $(cat err)"
[ "$(grep -c warning err)" -eq 0 ] || fail "a warning of two good files: $(cat err)"
awk -F';' -v OFS=';' 'NR > 1 { $3 = "12345" } { print }' a.csv >figures.csv
link a.csv figures.csv --id id --columns "$columns" --out silent || fail "no given names in the second file: $(cat err)"
[ "$(grep -c 'warning: figures.csv: of the column .prenom. (given) 800 of 800 values' err)" -eq 1 ] && ! grep -q 'warning: a.csv' err ||
    fail "the second file alone has given names that are none: $(cat err)"
# numbers that count days are no dates, neither those of them that look like a year
awk -F';' -v OFS=';' 'NR > 1 { $4 = NR % 8 ? 10000 + 37 * NR : 1900 + NR % 200 } { print }' a.csv >days.csv
link days.csv --id id --columns "$columns" --out days || fail "days since 1900: $(cat err)"
grep -q '^birth dates not understood *800$' out && grep -q "^days.csv: delimiter ';', UTF-8, numbers are no dates$" out ||
    fail "days since 1900 are dates: $(cat out)"
# what was found out is told
link a.csv --id id --columns "$columns" --out found || fail "again: $(cat err)"
grep -q "^a.csv: delimiter ';', UTF-8, in dates the day first$" out || fail "what was found out is not told: $(cat out)"
grep -q 'warning' err && fail "a warning of good dates: $(cat err)"
grep -q "<strong>a.csv</strong>: delimiter ';', UTF-8, in dates the day first<" found/report.html || fail "the report does not tell it"
# months by name, in French and English
awk -F';' -v OFS=';' 'BEGIN { split("janv. f\303\251vr. March avril May juin juillet AO\303\233T Sep oct. novembre dec", m, " ") }
    NR > 1 { split($4, d, "/"); $4 = d[1] + 0 " " m[d[2] + 0] " " d[3] } { print }' a.csv >named.csv
link named.csv --id id --columns "$columns" --out named || fail "months by name: $(cat err)"
cmp -s named/pairs.csv found/pairs.csv || fail "dates with names of months give other pairs: $(cat out)"

# with the time of day, as HL7 writes it: most dates of the file are such numbers, and are dates
awk -F';' -v OFS=';' 'NR > 1 { split($4, d, "/"); $4 = d[3] d[2] d[1] (NR % 2 ? "101500+0100" : "000000") } { print }' a.csv >timed.csv
link timed.csv --id id --columns "$columns" --out timed || fail "dates with times: $(cat err)"
cmp -s timed/pairs.csv found/pairs.csv || fail "dates with times give other pairs: $(cat out)"

# encodings and orders of dates, one for each file
sed 's/^copy-/c\xc5\x93ur-/; s/;LE/;L\xc3\x89/' a.csv >utf8.csv
link utf8.csv --id id --columns "$columns" --out utf8 || fail "UTF-8: $(cat err)"
[ "$(grep -c '^[0-9]*,cœur-.*,link$' utf8/pairs.csv)" -ge 190 ] || fail "names with accents: $(head -3 utf8/pairs.csv)"
for encoding in UTF-16 UTF-16LE UTF-16BE ISO-8859-15 WINDOWS-1252; do
    iconv -f UTF-8 -t $encoding utf8.csv >encoded.csv || fail "iconv to $encoding"
    given=()
    [ $encoding = ISO-8859-15 ] && given=(--encoding iso-8859-15)
    link encoded.csv --id id --columns "$columns" --out encoded "${given[@]}" || fail "$encoding: $(cat err)"
    cmp -s utf8/pairs.csv encoded/pairs.csv || fail "a file in $encoding gives other pairs"
done
link utf8.csv --id id --columns "$columns" --out encoded --encoding cp1252 || fail "an encoding that is told: $(cat err)"
grep -q 'cÅ“ur' encoded/pairs.csv || fail "an encoding that is told is not the one that is read"
expect_error "encoded.csv: the file is not in UTF-8: line " encoded.csv --id id --columns "$columns" --out x --encoding utf-8
# one name that was cut in the middle of a letter, and what that says of the other rows: nothing
{ cat utf8.csv && printf '801;NGU\xc3;ANNE;03/02/1950;75011\n'; } >cut.csv
link cut.csv --id id --columns "$columns" --out cut-name || fail "one bad letter: $(cat err)"
grep -q "^cut.csv: delimiter ';', UTF-8 (1 field in Windows-1252, the first on line 802)" out || fail "one bad letter: $(cat out)"
[ "$(grep -c '^[0-9]*,cœur-.*,link$' cut-name/pairs.csv)" -ge 190 ] || fail "one bad letter changes others: $(head -3 cut-name/pairs.csv)"
expect_error "cut.csv: the file is not in UTF-8: line 802 holds" cut.csv --id id --columns "$columns" --out x --encoding utf-8
sed -E 's#;([0-9]{2})/([0-9]{2})/([0-9]{4});#;\2/\1/\3;#' a.csv | grep -v '^copy' >american.csv
{ head -1 a.csv; grep copy a.csv; } >copies.csv
grep -v '^copy' a.csv >originals.csv
link originals.csv copies.csv --id id --columns "$columns" --out alike || fail "dates in one order: $(cat err)"
link american.csv copies.csv --id id --columns "$columns" --out orders || fail "dates in two orders: $(cat err)"
cmp -s alike/pairs.csv orders/pairs.csv || fail "dates of two files in different orders give other pairs"
link copies.csv american.csv --id id --columns "$columns" --out orders || fail "dates in two orders: $(cat err)"
[ "$(grep -c ',link$' orders/pairs.csv)" -eq "$(grep -c ',link$' alike/pairs.csv)" ] || fail "the first file tells how to read the second"
# a file whose dates do not say is read like the other one
sed -E 's#;([0-9]{2})/([0-9]{2})/#;\2/\1/#' copies.csv | grep -E '^id|;(0.|1[0-2])/(0.|1[0-2])/' >vague.csv
sed -E 's#;([0-9]{2})/([0-9]{2})/([0-9]{4});#;\3-\1-\2;#' vague.csv >clear.csv
for name in vague clear; do
    link american.csv $name.csv --id id --columns "$columns" --out $name-second || fail "second $name: $(cat err)"
    link $name.csv american.csv --id id --columns "$columns" --out $name-first || fail "first $name: $(cat err)"
done
cmp -s vague-second/pairs.csv clear-second/pairs.csv || fail "dates of the second file are not read like those of the first"
cmp -s vague-first/pairs.csv clear-first/pairs.csv || fail "dates of the first file are not read like those of the second"

# dates of one file in both orders: said; those of each domain are read in its own
awk -F';' -v OFS=';' '{ $6 = NR == 1 ? "dom" : /^copy/ ? "US" : "FR" } /^copy/ { split($4, d, "/"); $4 = d[2] "/" d[1] "/" d[3] } { print }
    ' a.csv >mixed.csv
awk -F';' -v OFS=';' '{ $6 = NR == 1 ? "dom" : /^copy/ ? "US" : "FR"; print }' a.csv >in-order.csv
link mixed.csv --id id --columns "$columns" --out mixed || fail "dates in both orders: $(cat err)"
warning="birth dates are written in both orders: the day first in [0-9]* (the first one on line [0-9]*: '[0-9/]*'), the month in [0-9]* (\
the first one on line [0-9]*: '[0-9/]*'), and what may be either is read the day first: write all of them in one order, or 1950-02-13; of"
grep -q "^sosie: warning: mixed.csv: $warning several sources" err || fail "nothing is said of dates in both orders: $(cat err)"
for name in mixed in-order; do
    link $name.csv --id id --columns "$columns,domain=dom" --out $name || fail "$name: $(cat err)"
    grep -q warning err && fail "a warning of domains that each have their own order: $(cat err)"
done
cmp -s in-order/pairs.csv mixed/pairs.csv || fail "dates of a domain are not read in its own order"
link mixed.csv --id id --columns "$columns,domain=dom" --out mixed || fail "again: $(cat err)"
grep -q "^mixed.csv: .*, in dates the day first, in those of 'US' the month$" out || fail "the order of a domain is not told: $(head -1 out)"
link mixed.csv --id id --columns "$columns,domain=dom" --explain 3,copy-3 --json || fail "a pair of two orders: $(cat err)"
awk -F';' '$1 ~ /^(copy-)?3$/ { print $4 }' mixed.csv | while read -r date; do grep -q "\"$date\"" out || echo "$date"; done | grep . &&
    fail "a date is not shown as it is written: $(cat out)"
link mixed.csv --id id --columns "$columns,domain=dom" --out mixed --dates dmy || fail "an order that is told: $(cat err)"
grep -q "warning: mixed.csv: birth dates are written in both orders: of 'US' the day first in 0, the month in [0-9]* (" err ||
    fail "nothing is said of a domain in another order than the one that is told: $(cat err)"

# dates with the day after the year, in all of a file or in one of its domains; dates in no calendar are said
awk -F';' -v OFS=';' 'NR > 1 { split($4, d, "/"); $4 = d[3] "-" d[2] "-" d[1] } { print }' in-order.csv >year-first.csv
awk -F';' -v OFS=';' 'NR > 1 { split($4, d, "-"); $4 = d[1] "-" d[3] "-" d[2] } { print }' year-first.csv >ydm.csv
awk -F';' -v OFS=';' '$6 == "US" { split($4, d, "-"); $4 = d[1] "-" d[3] "-" d[2] } { print }' year-first.csv >ydm-in-one.csv
for name in year-first ydm ydm-in-one; do
    link $name.csv --id id --columns "$columns,domain=dom" --out $name || fail "$name: $(cat err)"
    grep -q warning err && fail "a warning of $name: $(cat err)"
    cmp -s in-order/pairs.csv $name/pairs.csv || fail "$name gives other pairs"
done
grep -q "^ydm-in-one.csv: .*, after a year the month first, in those of 'US' the day$" out || fail "the order of a domain: $(head -1 out)"
link ydm-in-one.csv --id id --columns "$columns" --out ydm-in-one || fail "year first, both orders: $(cat err)"
grep -q "warning: ydm-in-one.csv: birth dates that begin with the year are written in both orders: the month first in [0-9]* (.*'), the \
day in [0-9]* (.*'), and what may be either is read the month first: write all of them as 1950-02-13; of several sources" err ||
    fail "nothing is said of both orders after the year: $(cat err)"
link ydm.csv --id id --columns "$columns" --out ydm-told --dates ymd || fail "an order that is told: $(cat err)"
grep -q ', after a year the month first (told)$' out || fail "an order that is told is not said: $(head -1 out)"
awk -F';' -v OFS=';' 'NR % 10 == 2 { $4 = substr($4, 1, 4) "-32-40" } { print }' year-first.csv >lunar.csv
link lunar.csv --id id --columns "$columns" --out lunar || fail "dates in no calendar: $(cat err)"
grep -q "warning: lunar.csv: [0-9]* of [0-9]* birth dates are in no calendar, and only the part of them counts that can be (the first one \
on line 2: '[0-9]*-32-40'): write 00 for a day or a month that is not known" err || fail "dates in no calendar are not said: $(cat err)"
# 31/02 tells that the day comes first, and is no day all the same; a fit that is refused leaves the warnings
awk -F';' -v OFS=';' 'NR % 10 == 2 { $4 = "31/02/" substr($4, 1, 4) } { print $0, (NR == 1 ? "mail" : "") }' year-first.csv >february.csv
link february.csv --id id --columns "$columns,email=mail" --out february --model lunar/model && fail "the model of other columns fits"
grep -q "warning: february.csv: [0-9]* of [0-9]* birth dates are in no calendar.*line 2: '31/02/[0-9]*')" err || fail "31/02: $(cat err)"

# two columns of one trait are two fields of the model
awk -F';' -v OFS=';' 'NR == 1 { print $0, "tel", "tel2", "mail"; next } { n = $1; sub("copy-", "", n)
    print $0, "06" 10000000 + 7919 * n, "02" 20000000 + 13 * n, "m" n "@example.org" }' a.csv >contacts.csv
link contacts.csv --id id --columns "$columns,phone=tel,phone=tel2" --out phones || fail "two telephones: $(cat err)"
link contacts.csv --id id --columns "$columns,phone=tel,phone=tel2" --out phones2 --model phones/model || fail "read back: $(cat err)"
cmp -s phones/pairs.csv phones2/pairs.csv || fail "a model with two telephones weighs otherwise when it is read back"
grep -q '^phone-2 exact ' phones/model || fail "the second telephone has no line in the model"
# the name of a birth place is not weighed beside its code: the report says so, where it shows its weights
awk -F';' -v OFS=';' 'NR == 1 { print $0, "lieu", "commune"; next }
    { n = $1; sub("copy-", "", n); code = 35001 + n % 40; print $0, code, "SAINT " substr("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ", n % 40 + 1, 6) }
    ' a.csv >places.csv
link places.csv --id id --columns "$columns,birth_place=lieu,birth_place_name=commune" --out places || fail "places: $(cat err)"
grep -q '>birth_place_name<br><small>not weighed beside<br>the birth place<' places/report.html ||
    fail "the report does not say that a birth place counts once: $(grep -o '>birth_place_name.\{60\}' places/report.html)"
expect_usage "family is given twice; columns are joined by '+': family=a+b" a.csv --id id --columns "$columns,family=prenom" --out x
# a column that stands for two traits would count twice; a part of a joined one may say something else by itself
expect_usage "family and used_family are both made of the column 'nom', which would count twice" a.csv --id id \
    --columns family=nom,used_family=nom,given=prenom --out x
expect_usage "phone and text:t are both made of the column 'tel'" contacts.csv --id id --columns "$columns,phone=tel,text:t=tel" --out x
expect_usage "phone and phone are both made of the column 'tel2+tel'" contacts.csv --id id \
    --columns "$columns,phone=tel2+tel,phone=tel2+tel" --out x
expect_error "phone takes the column 'tel' twice" contacts.csv --id id --columns "$columns,phone=tel2+tel,phone=tel" --out x
expect_error "family takes the column 'nom' twice" contacts.csv --id id --columns family=nom+nom,given=prenom --out x
link contacts.csv --id id --columns "$columns,phone=tel,text:contact=tel2+mail+tel" --out x || fail "a part by itself: $(cat err)"
for name in name birth-date postcode a; do
    expect_error "the name '$name' is taken" contacts.csv --id id --columns "$columns,code:a=tel,text:$name=mail" --out x
done

# a column whose name holds a comma, an equals sign or a plus
sed '1s/.*/id;"nom, de naissance";prenom;a=b;c+d/' a.csv >names.csv
link names.csv --id id --columns 'family="nom, de naissance",given=prenom,birth_date=a=b,postcode="c+d"' --out names ||
    fail "names of columns in quotes: $(cat err)"
cmp -s one/pairs.csv names/pairs.csv || fail "names of columns in quotes give other pairs"
link names.csv --id id --columns 'text:all="nom, de naissance"+prenom+"c+d",birth_date=a=b' --out names || fail "joined names in quotes: $(cat err)"
# a quote within a name is doubled between quotes, as in the file; by itself it stands as it is
sed '1s/.*/id;"nom ""de naissance"", ou non";pre"nom;naissance;"""cp"""/' a.csv >names.csv
for given in 'pre"nom' '"pre""nom"'; do
    link names.csv --id id --columns 'family="nom ""de naissance"", ou non",given='"$given"',birth_date=naissance,postcode="""cp"""' --out names ||
        fail "quotes in names of columns: $(cat err)"
    cmp -s one/pairs.csv names/pairs.csv || fail "quotes in names of columns give other pairs"
done
expect_usage "family and text:t are both made of the column 'pre\"nom'" names.csv --id id --columns 'family=pre"nom,text:t="pre""nom"' --out x
sed '1s/.*/id;"nom, de naissance";prenom;a=b;c+d/' a.csv >names.csv
expect_usage "'de naissance' is not TRAIT=COLUMN; a column whose name holds a comma stands in double quotes" names.csv --id id \
    --columns 'family=nom, de naissance' --out x
expect_usage "a double quote is never closed" names.csv --id id --columns 'given=prenom,family="nom, de naissance' --out x
expect_error "there is no column 'nom, de naissanc' in the header; did you mean 'nom, de naissance'" names.csv --id id \
    --columns 'family="nom, de naissanc"' --out x

# used names where no column holds birth names: they are compared as those are, and their model goes with the same columns
used=used_family=nom,used_given=prenom,birth_date=naissance,postcode=cp
for name in "$used" "used_family=nom,${columns#*,}" "${columns/given=/used_given=}"; do
    link a.csv --id id --columns "$name" --out used || fail "used names: $(cat err)"
    cmp -s one/pairs.csv used/pairs.csv || fail "used names in place of birth names give other pairs: $name"
done
link a.csv --id id --columns "$used" --out used-again --model one/model || fail "a model of used names: $(cat err)"
cmp -s one/pairs.csv used-again/pairs.csv || fail "a model of used names weighs otherwise when it is read back"
link a.csv --id id --columns used_family=nom,birth_date=naissance,postcode=cp --out twins || fail "used names alone: $(cat err)"
grep -q 'warning: a.csv: no column holds given names: .*twins' err || fail "no warning of twins under used names: $(cat err)"

# several numbers in one field, mail addresses as they are pasted
awk -F';' -v OFS=';' 'NR == 1 { print $0, "tel", "mail"; next } { n = $1; sub("copy-", "", n)
    print $0, "06" 10000000 + 7919 * n, "m" n "@example.org" }' a.csv >plain.csv
awk -F';' -v OFS=';' '/^copy/ && NR % 3 { $6 = "02" 20000000 + 13 * NR " / " $6; $7 = NR % 2 ? "M <mailto:" $7 ">" : $7 ", x@example.org" }
    { print }' plain.csv >pasted.csv
for name in plain pasted; do
    link $name.csv --id id --columns "$columns,phone=tel,email=mail" --out $name || fail "$name contacts: $(cat err)"
done
cmp -s plain/pairs.csv pasted/pairs.csv || fail "several numbers in one field, or a pasted address, give other pairs"
# columns joined: the mobile counts, and no number is made of two
awk -F';' -v OFS=';' 'NR == 1 { print $0, "fixe", "autre"; next } { print $0, /^copy/ ? "02" 20000000 + 13 * NR : "", /^copy/ ? "z@example.org" : "" }' \
    plain.csv >joined.csv
link joined.csv --id id --columns "$columns,phone=fixe+tel,email=mail+autre" --out joined || fail "joined contacts: $(cat err)"
cmp -s plain/pairs.csv joined/pairs.csv || fail "joined columns of numbers or addresses give other pairs"

# two files: pairs across only
grep -v copy a.csv >first.csv
{ head -1 a.csv; grep copy a.csv; } >second.csv
link first.csv second.csv --id id --columns "$columns" --out two || fail "two files: $(cat err)"
awk -F, 'NR > 1 && ($1 ~ /copy/ || $2 !~ /copy/) { bad = 1 } END { exit bad }' two/pairs.csv || fail "a pair within one file"
[ "$(grep -c ',link$' two/pairs.csv)" -ge 190 ] || fail "two files: too few links"
[ "$(head -1 one/clusters.csv)" = id,cluster ] || fail "clusters.csv of one file: $(head -1 one/clusters.csv)"
# identifiers are unique in their file only: clusters.csv of two files says which
printf 'id;nom;prenom;naissance;cp\n1;MARTIN;PAUL;02/01/1950;75011\n2;DUPONT;ANNE;03/01/1960;69003\n' >ids-a.csv
printf 'id;nom;prenom;naissance;cp\n1;PETIT;ZOE;06/05/1970;33000\n2;MARTIN;PAUL;02/01/1950;75011\n' >ids-b.csv
link ids-a.csv ids-b.csv --id id --columns "$columns" --out ids --model french || fail "equal identifiers: $(cat err)"
[ "$(tr '\n' ' ' <ids/clusters.csv)" = "id,cluster,file 1,1,A 2,2,A 1,3,B 2,4,B " ] || fail "clusters.csv: $(cat ids/clusters.csv)"

# the model that comes with sosie
link a.csv --id id --columns "$columns" --out french --model french || fail "french: $(cat err)"
[ "$(wc -l <french/pairs.csv)" -gt 150 ] || fail "the French model finds too few pairs"
link a.csv --id id --columns "$columns" --out french2 --model french/model || fail "the model of a run under a server's: $(cat err)"
cmp -s french/pairs.csv french2/pairs.csv || fail "the model that a run under a server's wrote weighs otherwise"
grep -q "^sosie: warning" err && fail "a warning of columns that a server's model knows: $(cat err)"
link shapes.csv --id id --columns "$columns,text:a=age,code:s=service" --out french2 --model french || fail "further columns: $(cat err)"
warning="a server's model does not weigh what no message carries, the columns 'age' (text), 'service' (code); without --model one is learnt"
grep -q "^sosie: warning: $warning" err || fail "nothing is said of columns that a server's model does not weigh: $(cat err)"
link shapes.csv --id id --columns "$columns,text:a=age,code:s=service" --out unlike || fail "further columns, learnt: $(cat err)"
grep -q "a server's model" err && fail "a warning of a server's model that is not there: $(cat err)"
expect_usage "--id, --columns and --out are needed" a.csv french/pairs.csv

# the model of an earlier run weighs the same file alike, and refuses other columns
link a.csv --id id --columns "$columns" --out again --model one/model || fail "a model read back: $(cat err)"
for name in pairs.csv clusters.csv model report.html; do
    cmp -s "one/$name" "again/$name" || fail "$name differs under the model that it was fitted with"
done
grep -q '^second 0[.]0' one/model || fail "each has one copy at most, and the model does not say that second ones are few"
# which of two files a row is of means nothing in one file: there its place would decide
sed 's/^second .*/second 0.0625 0.5/; s/^checksum .*/checksum -/' one/model >two.model
link a.csv --id id --columns "$columns" --out of-two --model two.model || fail "a model of two files: $(cat err)"
grep -qx 'second 0.5 0.5' of-two/model || fail "a model of two files takes the first rows of one for the first file"
link a.csv --id id --columns "$columns" --out corpus --model "$CORPUS/fitted" || fail "what the fuzzer begins with is no model: $(cat err)"
link second.csv --id id --columns "$columns" --out other --model one/model || fail "a model on another file: $(cat err)"
expect_error "no line 'email exact': it was fitted to other columns" contacts.csv --id id --columns "$columns,email=mail" --out x \
    --model one/model
expect_error "the model weighs columns that --columns does not name: 'postcode'" a.csv --id id \
    --columns family=nom,given=prenom,birth_date=naissance --out x --model one/model
expect_error "the model weighs columns that --columns does not name: 'phone', 'phone-2'" a.csv --id id --columns "$columns" --out x \
    --model phones/model
sed 's/^postcode exact [^ ]*/postcode exact 1.5/' one/model >broken
expect_error "--model: a.csv, line 1: this is no model of sosie" a.csv --id id --columns "$columns" --out x --model a.csv
expect_error "--model: the file is too large for a model" a.csv --id id --columns "$columns" --out x --model /dev/zero
expect_error "--model: the file cannot be read to its end" a.csv --id id --columns "$columns" --out x --model .
expect_error "the line 'postcode exact' of the model" a.csv --id id --columns "$columns" --out x --model broken
sed -E 's/^(household|area) [^ ]*$/\1 0.6/' one/model >broken
expect_error "the priors of the model leave no pair to chance" a.csv --id id --columns "$columns" --out x --model broken
sed '/^postcode exact/s/ [^ ]* \([^ ]*\)$/ 900 \1/' one/model >broken
expect_error "the line 'postcode exact' of the model, line " a.csv --id id --columns "$columns" --out x --model broken
# a line that is lost or changed on the way is told; who edits a model says so; lines may end as Windows ends them
sed 's/$/\r/' one/model >windows
link a.csv --id id --columns "$columns" --out windows-again --model windows || fail "a model with CRLF: $(cat err)"
cmp -s one/model windows-again/model || fail "a model with CRLF is read otherwise"
sed 's/^\(namesakes 0\) .*/\1 0.001/' one/model >broken
expect_error "the model is not as it was written, a line is lost or changed" a.csv --id id --columns "$columns" --out x --model broken
grep -v '^checksum' one/model >broken
expect_error "the model does not end in its line 'checksum'" a.csv --id id --columns "$columns" --out x --model broken
echo 'checksum -' >>broken
link a.csv --id id --columns "$columns" --out edited --model broken || fail "a model that was edited on purpose: $(cat err)"
cmp -s one/model edited/model || fail "an edited model is not written with its checksum"
# a domain that the model does not know takes nothing from what it says of the others
awk -F';' -v OFS=';' '{ print $0, NR == 1 ? "dom" : NR % 2 ? "A" : "B" }' a.csv >domains.csv
awk -F';' -v OFS=';' 'NR == 3 { $6 = "NEW" } { print }' domains.csv >third.csv
link domains.csv --id id --columns "$columns,domain=dom" --out domains || fail "domains: $(cat err)"
link third.csv --id id --columns "$columns,domain=dom" --out third --model domains/model || fail "another domain: $(cat err)"
sed '0,/^domains/{/^domains/d}' domains/model >broken
expect_error "a line is lost or changed" domains.csv --id id --columns "$columns,domain=dom" --out x --model broken
[ "$(grep -c '^domains ' domains/model)" -eq 3 ] || fail "not one line for each two domains"
[ "$(grep '^domains ' third/model)" = "$(grep '^domains ' domains/model)" ] || fail "a new domain hides others: $(grep '^domains' third/model)"

# rows that cannot be used are set aside with file and line
{ cat a.csv; printf '601;A;B\n3;X;Y;01/01/1950;75001\n;X;Y;01/01/1950;75001\n602;"open;Y;01/01/1950;75001\n'; } >bad.csv
link bad.csv --id id --columns "$columns" --out bad || fail "bad rows: $(cat err)"
[ "$(wc -l <bad/rejected.csv)" -eq 5 ] || fail "rejected.csv: $(cat bad/rejected.csv)"
for reason in 'bad.csv,802,the row has fewer fields' 'bad.csv,803,an earlier row' 'bad.csv,804,the row has no identifier' \
    'bad.csv,805,a quote is never closed'; do
    grep -qF "$reason" bad/rejected.csv || fail "rejected.csv lacks: $reason"
done
[ "$(grep -c warning err)" -eq 0 ] || fail "a warning of four rows in 805: $(cat err)"
# more than one row in twenty set aside: most often --id, or --delimiter, is not the right one
link a.csv --id prenom --columns "family=nom,birth_date=naissance,postcode=cp" --out wrong-id || fail "a wrong --id: $(cat err)"
aside=$(($(wc -l <wrong-id/rejected.csv) - 1))
warning="$aside of 800 rows were set aside, $aside because an earlier row has this identifier (the first one on line [0-9]*): name with --id"
grep -q "^sosie: warning: a.csv: $warning" err || fail "no warning of a wrong --id: $(cat err)"
grep -q "$warning.*rejected.csv names each" wrong-id/report.html || fail "no warning of a wrong --id in the report"
link a.csv --id prenom --columns "family=nom,birth_date=naissance,postcode=cp" --out wrong-id --json || fail "--json: $(cat err)"
grep -q "\"$warning" out || fail "no warning of a wrong --id in JSON: $(head -12 out)"
# one row is left of nearly all: no pair, and the error says why there are no others
{ head -2 a.csv; sed '1,2d' a.csv | tr -d ';'; echo ';A;B;01/01/1950;75001'; } >single-row.csv
expect_error "single-row.csv: a single row can be used; 800 of 801 rows were set aside, 799 because the row has fewer fields than the \
header (the first one on line 3): --delimiter tells what stands between fields, and a field that holds it stands in quotes" single-row.csv \
    --id id --columns "$columns" --out x
expect_error "fit: there are no two records to compare" <(head -2 a.csv) --id id --columns "$columns" --out x
awk -F';' -v OFS=';' 'NR % 10 == 0 { $2 = $2 ";" $2 } { print }' a.csv >more.csv
link more.csv --id id --columns "$columns" --out more || fail "rows of too many fields: $(cat err)"
grep -q "80 of 800 rows were set aside, 80 because the row has more fields than the header (.* 10): --delimiter" err ||
    fail "no warning of rows with too many fields: $(cat err)"
# rows that end in delimiters which the header lacks
sed '2,$s/$/;/; 5s/$/;;/' a.csv >trail.csv
link trail.csv --id id --columns "$columns" --out trail || fail "rows that end in a delimiter: $(cat err)"
cmp -s one/pairs.csv trail/pairs.csv || fail "rows that end in a delimiter give other pairs: $(cat out err)"
sed '2,$s/$/;x/' a.csv >further.csv
expect_error "line 2: the row has more fields than the header: --delimiter tells what stands between fields" further.csv --id id \
    --columns "$columns" --out x

# errors
: >empty.csv
printf 'id\n1\n2\n' >single.csv
printf '\377\376i\0d\0' >wide.csv
expect_error "there is no column 'nmo' in the header; did you mean 'nom'" a.csv --id id --columns family=nmo --out x
expect_error "a.csv, line 1" a.csv --id id --columns family=nmo --out x
expect_error "did you mean 'nom'? (each of two files must have it: add an empty one" a.csv a.csv --id id --columns family=nmo --out x
expect_usage "there is no trait 'famly'; did you mean 'family'" a.csv --id id --columns famly=nom --out x
expect_usage "there is no trait 'naissance'; it is TRAIT=COLUMN, and sosie link --help lists" a.csv --id id --columns naissance=birth_date --out x
expect_usage "--seed is a number" a.csv --id id --columns "$columns" --out x --seed -1
expect_error "--model: not there: the file cannot be read" a.csv --id id --columns "$columns" --out x --model "not there"
expect_error "empty.csv" empty.csv --id id --columns "$columns" --out x
expect_error "single.csv, line 1: a single column" single.csv --id id --columns "$columns" --out x
expect_error "wide.csv, line 1: a single column" wide.csv --id id --columns "$columns" --out x
head -1 a.csv >header.csv
sed '1s/prenom/nom/' a.csv >twice.csv
expect_error "header.csv: the header is not followed by a row" header.csv --id id --columns "$columns" --out x
expect_error "this is a directory" . --id id --columns "$columns" --out x
expect_error "twice.csv, line 1: the header has two columns named 'nom'" twice.csv --id id --columns family=nom --out x
link twice.csv --id id --columns birth_date=naissance,postcode=cp --out x || fail "two columns that are not asked for: $(cat err)"
expect_error "/dev/zero: this is neither a file nor a pipe" /dev/zero --id id --columns "$columns" --out x
link <(cat a.csv) --id id --columns "$columns" --out pipe || fail "a pipe: $(cat err)"
cmp -s one/pairs.csv pipe/pairs.csv || fail "a pipe gives other pairs"
{ sed 's/;LE/;L\xc3\x89/' a.csv; printf '601;\0;B;01/01/1950;75001\n'; } >nul.csv
link nul.csv --id id --columns "$columns" --out nul || fail "one NUL byte: $(cat err)"
grep -q "^nul.csv: delimiter ';', UTF-8" out && grep -q 'nul.csv,802,the row holds a NUL byte' nul/rejected.csv ||
    fail "a NUL byte in one row: $(cat out nul/rejected.csv)"
printf 'PK\3\4\0\0' >binary.csv
expect_error "binary.csv, line 1: the file holds binary data" binary.csv --id id --columns "$columns" --out x
tr '\n' '\r' <a.csv >cr.csv
{ cat cr.csv && echo; } >cr-then-lf.csv
{ head -1 a.csv && tail -n +2 a.csv | tr '\n' '\r'; } >lf-then-cr.csv
{ echo 'sep=;' && cat a.csv; } >sep.csv
sed '1s/id/ID/' a.csv >upper.csv
head -c 900 one/model >cut
head -20 one/model >short-model
for name in cr cr-then-lf lf-then-cr sep; do
    link $name.csv --id id --columns "$columns" --out $name || fail "$name.csv: $(cat err)"
    cmp -s one/pairs.csv $name/pairs.csv || fail "$name.csv gives other pairs"
done
link - --id id --columns "$columns" --out stdin <a.csv || fail "standard input: $(cat err)"
cmp -s one/pairs.csv stdin/pairs.csv || fail "standard input gives other pairs"
expect_error "upper.csv, line 1: there is no column 'id' in the header; did you mean 'ID'" upper.csv --id id --columns "$columns" --out x
expect_error "--model: the model is cut off in the middle of a line" a.csv --id id --columns "$columns" --out x --model cut
expect_error "or is cut off" a.csv --id id --columns "$columns" --out x --model short-model
expect_error "empty.csv, line 1: the file is empty" empty.csv --id id --columns "$columns" --out x
for flag in model delimiter encoding dates; do
    expect_usage "--$flag is empty" a.csv --id id --columns "$columns" --out x --$flag ""
done
expect_usage "known are utf-8" a.csv --id id --columns "$columns" --out x --encoding ebcdic
expect_error "not there" "not there.csv" --id id --columns "$columns" --out x
expect_usage "--out is needed" a.csv --id id --columns "$columns"
for flag in author second-author reason; do
    expect_usage "--$flag goes with two records, not with files" a.csv --id id --columns "$columns" --out x --$flag "M. Durand"
done
expect_usage "standard input (-) is named twice" - - --id id --columns "$columns" --out x

[ $failed -eq 0 ] && echo "all as it should be"
exit $failed
