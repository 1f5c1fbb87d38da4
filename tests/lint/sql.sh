#!/bin/bash
# No SQL in C strings: statements are files of sql/queries, one each, with their head comment.
. "$(dirname "$0")/files.sh"

# shellcheck disable=SC2046
{
    grep -nE '"[[:space:]]*(SELECT[[:space:]]|INSERT[[:space:]]+INTO|UPDATE[[:space:]]+[a-z_]+[[:space:]]+SET|DELETE[[:space:]]+FROM|MERGE[[:space:]]+INTO|WITH[[:space:]]+[a-z_]+[[:space:]]+AS|CREATE[[:space:]]+(TABLE|INDEX|UNIQUE|SEQUENCE|VIEW|FUNCTION)|ALTER[[:space:]]+TABLE|DROP[[:space:]]+(TABLE|INDEX)|TRUNCATE[[:space:]]|COPY[[:space:]])' \
        $(house_files '*.c' '*.h' | grep -E "^(${ROOMS// /|})/") | sed -E 's/:([0-9]+):.*/:\1: a statement in a C string; make it a file of sql\/queries/'
    for file in sql/queries/*.sql; do
        [ -e "$file" ] || continue
        head -n 1 "$file" | grep -q '^--' || echo "$file:1: a query begins with a comment: parameters, columns, index used"
    done
} | report_findings "SQL outside of sql/"
