#!/bin/bash
# sosie link on public development sets, which stay outside the project: DIR holds NAME.csv (rec_id, entity_id, and source for two
# files) and eval_pairs.py, the scorer. Prints the scorer's sweep over all pairs; the engine's own zones, false and true pairs, and its
# clusters; and those it makes where pairs are linked from other probabilities.
set -eu
SOSIE=$1 SETS=$2
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

half() { # SET SOURCE: the rows of one file of a set for linking
    awk -F, -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "source") at = i; print; next } $at == want' "$SETS/$1.csv"
}

clusters() { # SET: what of $WORK/out/clusters.csv is right
    awk -F, 'NR == FNR { if (FNR == 1) { for (i = 1; i <= NF; i++) at[$i] = i } else person[$at["rec_id"]] = $at["entity_id"]; next }
        FNR > 1 { all[person[$1]]++; size[$2]++; both[person[$1] " " $2]++ }
        END { for (p in all) t += all[p] * (all[p] - 1) / 2
              for (c in size) { f += size[c] * (size[c] - 1) / 2; if (size[c] > largest) largest = size[c] }
              for (b in both) good += both[b] * (both[b] - 1) / 2
              printf "precision %.4f, recall %.4f, F1 %.4f, largest %d\n", f ? good / f : 1, good / t, 2 * good / (f + t), largest }' \
        "$SETS/$1.csv" "$WORK/out/clusters.csv"
}

# The scorer reads id_a,id_b,score: the first three columns of pairs.csv are that.
run() { # TITLE SET COLUMNS FILE...
    local title=$1 set=$2 columns=$3 from
    shift 3
    local files=("$@")
    link() { # FLAG...
        "$SOSIE" link "${files[@]}" --id rec_id --columns "$columns" --out "$WORK/out" "$@" >"$WORK/summary" 2>"$WORK/errors" || {
            cat "$WORK/errors"
            return 1
        }
    }
    link --all-pairs
    echo "$title"
    python3 "$SETS/eval_pairs.py" "$SETS/$set.csv" "$WORK/out/pairs.csv"
    awk -F, 'NR == FNR { if (FNR == 1) { for (i = 1; i <= NF; i++) at[$i] = i } else person[$at["rec_id"]] = $at["entity_id"]; next }
        FNR > 1 && $5 != "apart" { n[$5 " " (person[$1] == person[$2])]++ }
        END { printf "  linked: %d false, %d true; review: %d false, %d true\n", n["link 0"], n["link 1"], n["review 0"], n["review 1"] }' \
        "$SETS/$set.csv" "$WORK/out/pairs.csv"
    echo "  clusters: $(clusters "$set")"
    for from in 0.1 0.2 0.3 0.5 0.7 0.9; do
        link --link-from "$from"
        echo "  clusters, linked from $from: $(clusters "$set")"
    done
}

febrl=given=given_name,family=surname,birth_date=date_of_birth,text:street_number=street_number,text:address_1=address_1
febrl+=,text:address_2=address_2,city=suburb,postcode=postcode,code:state=state
half febrl4 A >"$WORK/a.csv"
half febrl4 B >"$WORK/b.csv"
run "FEBRL4" febrl4 "$febrl,code:ssn=soc_sec_id" "$WORK/a.csv" "$WORK/b.csv"
run "FEBRL4 without soc_sec_id" febrl4 "$febrl" "$WORK/a.csv" "$WORK/b.csv"
run "RLdata10000" rldata10000 given=fname_c1,family=lname_c1,birth_date=by+bm+bd,text:given2=fname_c2,text:family2=lname_c2 \
    "$SETS/rldata10000.csv"
run "fake_1000" fake_1000 given=first_name,family=surname,birth_date=dob,city=city,email=email "$SETS/fake_1000.csv"
