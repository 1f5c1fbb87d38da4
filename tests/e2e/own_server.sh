# Sourced by the tests in shell that need a whole server: the parts of ./dev, a folder under /tmp, a PostgreSQL and ports of its own, all of
# it gone at the end. Before: SAY_WHO, and fixtures_make as a function when fixtures are sent.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
for part in say packages cluster server; do
    # shellcheck source=/dev/null
    . "$ROOT/tools/$part.sh"
done

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000)) # below those that the kernel gives to connections of other tests
        port_is_taken "$port" || break
    done
    echo "$port"
}

own_server_end() {
    local code=$?
    [ $code -eq 0 ] || tail -n 20 "$VAR/log/server.log" 2>/dev/null
    server_down >/dev/null 2>&1
    cluster_down >/dev/null 2>&1
    cluster_remove >/dev/null 2>&1
    rm -rf "$VAR"
    exit $code
}

failed=0
fail() {
    echo "FAILED: $*"
    failed=1
}

# Ready for server_up, which the test calls: the database is there, with its tables and the regional domain.
own_server_begin() { # SOSIE PERSONS
    local folder
    folder=$(mktemp -d "/tmp/sosie-$SAY_WHO-XXXXXX")
    chmod 755 "$folder" # PostgreSQL's user goes through it; what is private below is closed by itself
    server_paths "$folder"
    SOSIE=$1
    trap own_server_end EXIT
    trap 'exit 130' INT TERM
    mkdir -p "$LOGS"
    FIXTURE_PERSONS=$2
    cluster_up
    conf_prepare "$(cluster_url)" "$(free_port)" "$(free_port)"
    step migrate "the tables" "$LOGS/migrate.log" sosie migrate
    step regional "the regional domain" "$LOGS/regional.log" domains_regional
}
