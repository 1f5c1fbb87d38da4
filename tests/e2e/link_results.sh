#!/bin/bash
# Where sosie link leaves its results: whole and together or not at all, whatever ends a run, and beside nothing that it replaces.
. "$(dirname "$0")/link_own.sh"

link a.csv --id id --columns "$columns" --out one || fail "a first run: $(cat err)"

# results come together: a run that fails or is stopped leaves those of an earlier run as they were, and none of its own
mixed() { # DIR WHAT: are results or parts of them there that should not be?
    [ -z "$(find "$1" -name '*.part')" ] || fail "$2 leaves parts: $(ls "$1")"
    [ "$1" = kept ] || [ -z "$(ls "$1")" ] || fail "$2 leaves results: $(ls "$1")"
    [ "$1" != kept ] || diff -rq one kept >differ || fail "$2 changes the results of an earlier run: $(cat differ)"
}
cp -r one kept
touch kept/pairs.csv.part
for dir in kept fresh; do
    mkdir -p $dir
    { head -1 a.csv; sed 1d a.csv | tr -d ';'; } >short-rows.csv
    expect_error "short-rows.csv: no row can be used; the first one, line 2: the row has fewer fields" short-rows.csv --id id \
        --columns "$columns" --out $dir
    mixed $dir "a file that cannot be used"
    (ulimit -f 8 && exec "$SOSIE" link a.csv --id id --columns "$columns" --out $dir --all-pairs) >out 2>err &&
        fail "results larger than the disk"
    grep -q 'pairs.csv cannot be written to its end: File too large' err || fail "a full disk: $(cat err)"
    [ $dir = fresh ] || grep -q 'the results of an earlier run stay in kept' err || fail "nothing is said of earlier results: $(cat err)"
    mixed $dir "a full disk"
    for signal in INT TERM HUP; do
        mkfifo endless
        env --default-signal "$SOSIE" link endless --id id --columns "$columns" --out $dir >out 2>err &
        running=$!
        exec 9>endless
        head -400 a.csv >&9
        until [ -e $dir/report.html.part ]; do sleep 0.02; done
        sleep 0.1
        kill -$signal $running
        wait $running
        [ $? -gt 128 ] || fail "SIG$signal does not end the command"
        exec 9>&-
        rm endless
        mixed $dir "SIG$signal"
    done
done
# two runs into one directory at a time: the second is refused, and takes nothing of the first away
mkfifo endless
"$SOSIE" link endless --id id --columns "$columns" --out both >out-first 2>err-first &
running=$!
exec 9>endless
until [ -e both/report.html.part ]; do sleep 0.02; done
expect_error "both: another run writes its results there" a.csv --id id --columns "$columns" --out both
cat a.csv >&9
exec 9>&-
rm endless
wait $running || fail "a run during which another was refused: $(cat err-first)"
cmp -s one/pairs.csv both/pairs.csv || fail "a run during which another was refused leaves other pairs: $(ls both)"
# a name that cannot be taken: what an earlier run left stays as it was, what this one made beside it, and both are said
cp -r one stuck
mkfifo endless
"$SOSIE" link endless --id id --columns "$columns" --out stuck --seed 2 >out 2>err &
running=$!
exec 9>endless
until [ -e stuck/report.html.part ]; do sleep 0.02; done
rm stuck/report.html
mkdir -p stuck/report.html stuck/report.html.earlier/held
cat a.csv >&9
exec 9>&-
rm endless
wait $running && fail "a name that cannot be taken is no failure"
grep -q 'stuck: report.html cannot be replaced: .*pairs.csv.part and so on: rename them, or see to report.html and run again' err &&
    grep -q 'the results of an earlier run stay in stuck' err || fail "a name that cannot be taken: $(cat err)"
for name in pairs.csv clusters.csv model rejected.csv; do
    cmp -s one/$name stuck/$name || fail "$name of the earlier run is lost where report.html cannot be taken: $(ls stuck)"
    [ -s stuck/$name.part ] || fail "$name of the new run is lost where report.html cannot be taken: $(ls stuck)"
done
# killed while names were taken: the next run puts back what stood there, whatever comes of it
cp -r one killed
for name in pairs.csv clusters.csv model rejected.csv report.html; do
    mv killed/$name killed/$name.earlier
    echo new >killed/$name.part
done
mv killed/report.html.part killed/report.html
expect_error "no row can be used" short-rows.csv --id id --columns "$columns" --out killed
diff -rq one killed >differ || fail "the results before those of a killed run are not put back: $(cat differ)"
# a file that is read is never replaced
for name in pairs.csv clusters.csv.part; do
    mkdir -p own
    cp a.csv own/$name
    expect_error "own: $name is a file to be read" own/$name --id id --columns "$columns" --out own
    cmp -s a.csv own/$name && [ "$(ls own)" = $name ] || fail "a file that was read is replaced: $(ls own)"
    "$SOSIE" link - --id id --columns "$columns" --out own <own/$name >out 2>err && fail "standard input is replaced"
    cmp -s a.csv own/$name || fail "standard input is replaced: $(ls own)"
    rm -r own
done
link a.csv --id id --columns "$columns" --out killed --model killed/model || fail "a model of the results it replaces: $(cat err)"
mkdir -p taken/clusters.csv
expect_error "clusters.csv cannot be written: it is a directory" a.csv --id id --columns "$columns" --out taken
[ "$(ls taken)" = clusters.csv ] || fail "a name that is taken: $(ls taken)"
link a.csv --id id --columns "$columns" --out kept --threads 2 || fail "again over earlier results: $(cat err)"
mixed kept "a run over earlier results"

# what was done is told from what could not be said
"$SOSIE" link a.csv --id id --columns "$columns" --out full >/dev/full 2>err && fail "output that is lost is no failure"
grep -q '^sosie: standard output cannot be written: No space left on device; the command itself is done' err ||
    fail "nothing is said of output that is lost: $(cat err)"
"$SOSIE" link a.csv --id id --columns "$columns" --out full >&- 2>err && fail "output that goes nowhere is no failure"
grep -q '^sosie: standard output cannot be written: Bad file descriptor; the command' err || fail "a closed output: $(cat err)"
cmp -s one/pairs.csv full/pairs.csv || fail "results hang on the output: $(ls full)"

[ $failed -eq 0 ] && echo "all as it should be"
exit $failed
