#!/bin/bash
# Makes docs/conformance.md of docs/conformance.in and the tags in the tree (what a tag is stands at the end of the page).
#     tools/conformance.sh           writes it
#     tools/conformance.sh --check   only says whether it is what the tree makes
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C.UTF-8

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

files_of() { find "$@" -type f \( -name '*.c' -o -name '*.h' \) | sort; }

# shellcheck disable=SC2046
awk -v PARAGRAPHS=docs/conformance.paragraphs -f tools/conformance_tags.awk docs/conformance.paragraphs \
    $(files_of base matcher sql identity mllp fhir web server) $(find tests/scenarios -name '*.scn' | sort) \
    $(files_of tests/unit tests/property tests/fuzz tests/e2e) >"$made/unsorted"
sort -t $'\t' -k1,1 -k2,2 -k3,3V -k4,4 -k5,5 -k6,6 "$made/unsorted" >"$made/tags"
version=$(sed -n 's/^project(sosie VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
awk -v TAGS="$made/tags" -v VERSION="$version" -f tools/conformance_page.awk "$made/tags" docs/conformance.in >"$made/page"

if [ "${1:-}" != --check ]; then
    cp "$made/page" docs/conformance.md
elif ! cmp -s "$made/page" docs/conformance.md; then
    diff "$made/page" docs/conformance.md | head -n 20 || true
    echo "docs/conformance.md is not what the tree makes of it: ./dev conformance writes it anew"
    exit 1
fi
