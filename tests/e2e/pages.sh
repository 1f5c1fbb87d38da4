#!/bin/bash
# The cell's pages in a browser, against a server and a PostgreSQL of their own: pages.sh SOSIE SOSIE-FIXTURES
set -u
SAY_WHO=pages
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/own_server.sh"
sosie_program=$(realpath "$1")
fixtures_program=$(realpath "$2")

fixtures_make() { "$fixtures_program" --seed 1 --persons 400 --out "$VAR/fixtures"; }

own_server_begin "$sosie_program" 400
npm_need
server_up
fixtures_send
SOSIE_URL=$(http_url) node --test --test-reporter=spec "$ROOT/tests/e2e/pages.mjs"
