#!/bin/bash
# A model trained on one population, used on another: train_quality.sh BENCH-QUALITY SOSIE-FIXTURES. It links no more falsely than the
# shipped model, links and finds no less, and its posterior is nearer to the truth, or so near that figures of this size do not tell.
set -u
BENCH=$(realpath "$1")
FIXTURES=$(realpath "$2")
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
cd "$DIR" || exit 1
failed=0

figures() { # LINES: false links, share linked, share linked or queued, calibration error
    awk '/^false links/ { wrong = $3 + 0 } /^true pairs/ { linked = $5; found = $9 } /^expected cal/ { error = $4 }
         END { print wrong, linked + 0, found + 0, error + 0 }' "$1"
}

compare() { # QUALITY
    read -r wrong linked found error < <(figures "$1.shipped")
    read -r wrong2 linked2 found2 error2 < <(figures "$1.trained")
    printf '%-10s false links %s -> %s, linked %s -> %s, linked or queued %s -> %s, calibration error %s -> %s\n' "$1" "$wrong" "$wrong2" \
        "$linked" "$linked2" "$found" "$found2" "$error" "$error2"
    awk -v "w=$wrong" -v "v=$wrong2" -v "l=$linked" -v "k=$linked2" -v "f=$found" -v "g=$found2" -v "e=$error" -v "d=$error2" \
        'BEGIN { exit !(l > 0.5 && v <= w && k > l - 0.002 && g > f - 0.002 && (d < e || d < 0.005)) }' || failed=1
}

for quality in hospital practice; do
    "$FIXTURES" --persons 15000 --seed 5 --quality $quality --csv learn.csv >/dev/null &&
        "$FIXTURES" --persons 15000 --seed 6 --quality $quality --csv judge.csv >/dev/null &&
        "$BENCH" learn.csv --train trained.model >train.out &&
        "$BENCH" judge.csv >$quality.shipped && "$BENCH" judge.csv --model trained.model >$quality.trained || exit 1
    compare $quality
    # keys lose next to nothing, and each kind of them says what it brings
    awk '/^pairs completeness/ { share = $3 } /^  .*(date|year|initial|names|INS) +[01]\./ { kinds++ }
         END { printf "%s: pairs completeness %s, %d kinds of keys\n", FILENAME, share, kinds; exit !(share > 0.99 && kinds >= 8) }' \
        $quality.shipped || failed=1
done
[ $failed -eq 0 ] || echo "FAILED: the trained model is worse, or keys lose pairs"
exit $failed
