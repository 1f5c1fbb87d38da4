#!/bin/bash
# What a live feed notices of an import: import.sh SOSIE SOSIE-FIXTURES [PERSONS]. In one run, on one server: slices of one establishment's feed
# over MLLP, each message sent when the one before is answered, by turns alone and beside the import of another establishment's file.
set -u
SAY_WHO=bench-import
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/own_server.sh"
sosie_program=$(realpath "$1")
fixtures_program=$(realpath "$2")
PERSONS=${3:-20000}

fixtures_make() { "$fixtures_program" --seed 1 --persons "$PERSONS" --quality hospital --out "$VAR/fixtures"; }
member() { sed -n "s/^ *\"$2\": \([0-9.]*\),*$/\1/p" "$1" | head -n 1; } # FILE NAME
messages() { tr '\r\013\034' '\n\n\n' <"$1" | grep -ac '^MSH|'; }

# Slice i of n of a file of framed messages.
slice() { # FILE I N
    awk -v i="$2" -v n="$3" -v all="$(messages "$1")" 'BEGIN { RS = "\034"; ORS = "\034" } NR > (i - 1) * all / n && NR <= i * all / n' "$1"
}

live() { # NAME: sends the next slice, keeps what it noticed
    slices=$((slices + 1))
    slice fixtures/CLINIQUE-OUEST.hl7 $slices 8 >slice.hl7
    sosie send slice.hl7 --quiet --report "$1.json" >send.log 2>&1
    [ "$(member "$1.json" answered)" -gt 0 ] || { cat send.log; exit 1; }
}

own_server_begin "$sosie_program" "$PERSONS" >/dev/null
cd "$VAR" || exit 1
server_up >/dev/null
fixtures_make >/dev/null
domains_fixtures >/dev/null 2>&1
slices=0
printf '%-24s %12s %12s %12s %12s %9s %9s\n' 'beside the import of' 'alone p50' 'p99 us' 'beside p50' 'p99 us' 'ratio p50' 'p99'
for file in CHU-NORD CH-SUD CH-EST CABINET-CENTRE; do
    live alone
    from=$(date +%s%N)
    { sosie import "fixtures/$file.hl7" --quiet >import.log 2>&1; date +%s%N >ended; } &
    importer=$! # the server is a job of this shell too
    sleep 0.2
    live beside
    still=
    kill -0 $importer 2>/dev/null && still=yes
    wait $importer
    printf '%-24s %12s %12s %12s %12s' "$file" "$(member alone.json p50_us)" "$(member alone.json p99_us)" "$(member beside.json p50_us)" \
        "$(member beside.json p99_us)"
    awk -v a="$(member alone.json p50_us)" -v b="$(member beside.json p50_us)" -v c="$(member alone.json p99_us)" -v d="$(member beside.json p99_us)" \
        -v n="$(messages "fixtures/$file.hl7")" -v s="$(($(cat ended) - from))" -v still="$still" \
        'BEGIN { printf " %9.2f %9.2f   %d messages imported in %.1f s%s\n", b / a, d / c, n, s / 1e9, still != "" ? "" : ", done before the slice was" }'
done
from=$(date +%s%N)
sosie import fixtures/CHU-NORD.hl7 --quiet >import.log 2>&1
printf 'copies, no feed beside: %d messages/s\n' $(($(messages fixtures/CHU-NORD.hl7) * 1000000000 / ($(date +%s%N) - from)))
