#!/bin/bash
# The cell's pages in a browser, against a server and a PostgreSQL of their own: pages.sh SOSIE SOSIE-FIXTURES
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
SAY_WHO=pages
for part in say packages cluster server; do
    # shellcheck source=/dev/null
    . "$ROOT/tools/$part.sh"
done
sosie_program=$(realpath "$1")
fixtures_program=$(realpath "$2")

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000)) # below those that the kernel gives to connections of other tests
        port_is_taken "$port" || break
    done
    echo "$port"
}

fixtures_make() { "$fixtures_program" --seed 1 --persons 400 --out "$VAR/fixtures"; }

finish() {
    local code=$?
    [ $code -eq 0 ] || tail -n 20 "$VAR/log/server.log" 2>/dev/null
    server_down >/dev/null 2>&1
    cluster_down >/dev/null 2>&1
    cluster_remove >/dev/null 2>&1
    rm -rf "$VAR"
    exit $code
}

var=$(mktemp -d /tmp/sosie-pages-XXXXXX)
chmod 755 "$var" # PostgreSQL's user goes through it; what is private below is closed by itself
server_paths "$var"
SOSIE=$sosie_program
trap finish EXIT
trap 'exit 130' INT TERM
mkdir -p "$LOGS"
FIXTURE_PERSONS=400
npm_need
cluster_up
conf_prepare "$(cluster_url)" "$(free_port)" "$(free_port)"
step migrate "the tables" "$LOGS/migrate.log" sosie migrate
step regional "the regional domain" "$LOGS/regional.log" domains_regional
server_up
fixtures_send
SOSIE_URL=$(http_url) node --test --test-reporter=spec "$ROOT/tests/e2e/pages.mjs"
