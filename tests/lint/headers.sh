#!/bin/bash
# Every header compiles alone, by GCC and with the warnings of the house.
. "$(dirname "$0")/files.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake -DSQL_DIR="$PWD/sql" -DHEADER="$work/sql_generated.h" -DSOURCE="$work/sql_generated.c" -P cmake/embed_sql.cmake
cmake -DPAGES_DIR="$PWD/web/pages" -DHEADER="$work/web_generated.h" -DSOURCE="$work/web_generated.c" -P cmake/embed_web.cmake
flags=$(pkg-config --cflags libpq libxml-2.0 openssl icu-uc libmicrohttpd gnutls jansson cmocka)

check() {
    # shellcheck disable=SC2086
    gcc -std=gnu17 -D_GNU_SOURCE -fsyntax-only -Wall -Wextra -Wno-unused-function -Wno-unused-parameter -Werror -I. -I"$work" $flags -x c "$1" 2>"$work/out.$$" ||
        sed -n '1p' "$work/out.$$" | grep . || true
    rm -f "$work/out.$$"
}
export -f check
export work flags
house_files '*.h' | xargs -P "$(nproc)" -I{} bash -c 'check {}' | report_findings "headers that do not compile alone"
