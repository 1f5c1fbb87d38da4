#!/bin/bash
# What sosie link makes of populations whose truth is known: link_quality.sh BENCH-LINK. Records of which names and year of birth are
# all that is known, used names and what practices write are neither lost nor flood the queue; twins, fathers and sons, parents and
# children stay two people. And what the benchmark says of files too small for it.
set -u
BENCH=$(realpath "$1")
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
cd "$DIR" || exit 1
failed=0

holds() { # QUALITY KIND JOINED ASKED TASKS: at least, at least, at most
    awk -v "q=$1" -v "kind=$2" -v "j=$3" -v "a=$4" -v "t=$5" '
        index($0, "  " kind "  ") == 1 { $0 = substr($0, 23); found = 1; joined = $3; asked = $4; tasks = $5 }
        END { printf "%s, %s: joined %s, or asked %s, tasks %s\n", q, kind, joined, asked, tasks
              exit !(found && joined >= j && asked >= a && tasks <= t) }' "$1.out" || failed=1
}

apart() { # QUALITY LIKENESS MOST
    awk -v "q=$1" -v "like=$2" -v "most=$3" '
        index($0, "  " like "  ") == 1 { $0 = substr($0, 30); found = 1; pairs = $1; joined = $2 }
        END { printf "%s, %s: %s of %s pairs joined\n", q, like, joined, pairs
              exit !(found && pairs > 0 && joined <= most) }' "$1.out" || failed=1
}

for quality in hospital practice; do
    "$BENCH" --alone --people 20000 --seed 8 --quality $quality --sparse 20 >$quality.out || exit 1
    apart $quality "twins" 0
    apart $quality "father and son" 0
    apart $quality "INS of a parent" 0
done
holds hospital "all" .965 .99 2
holds hospital "names and year alone" .65 .95 40
holds hospital "with a used name" .965 .99 2
holds hospital "of a practice" .95 .985 6
holds practice "all" .925 .985 5
holds practice "names and year alone" .6 .93 40
holds practice "with a used name" .925 .985 5
holds practice "of a practice" .9 .98 12
# of tiny files no ratio to PostgreSQL is told
"$BENCH" --people 1500 --small 1200 >tiny.out || exit 1
[ "$(grep -c '^pg_trgm .* sosie link [0-9.]* s$' tiny.out)" -eq 2 ] && ! grep -qE 'times (as fast|ours)' tiny.out ||
    { grep -A2 '^pg_trgm' tiny.out && failed=1; }
[ $failed -eq 0 ] || echo "FAILED: records are lost, queued too often, or joined with somebody else's; or a ratio of nothing is told"
exit $failed
