# ./dev up, down, status, reset: the server, its settings, and what it was fed.

CONF=
server_paths() { # the folder given by --var
    VAR=$(realpath -m "${1:-$ROOT/var}")
    VAR_NAME=$VAR
    [ "${VAR#"$ROOT"/}" = "$VAR" ] || VAR_NAME=${VAR#"$ROOT"/}
    LOGS=$VAR/log
    CONF=$VAR/sosie.conf
    SOSIE=$ROOT/build/sosie
    VAR_FLAG=
    [ "$VAR" = "$ROOT/var" ] || VAR_FLAG=" --var $VAR_NAME"
    local above=$VAR
    while [ ! -d "$above" ]; do above=$(dirname "$above"); done
    [ -w "$above" ] || die "$above cannot be written by $(id -un)"
    [ ! -d "$VAR" ] || [ -O "$VAR" ] || die "$VAR belongs to $(stat -c %U "$VAR"), not to $(id -un): use the same user, or --var"
}

sosie() { "$SOSIE" "$@" --config "$CONF"; }

# -- settings ----------------------------------------------------------------------------------------------------------------

conf_get() { sed -n "s/^$1 *= *//p" "$CONF" 2>/dev/null | tail -n 1; }

conf_write() { # KEY VALUE: changes the line, or adds it
    if grep -q "^$1 *=" "$CONF"; then
        local value=${2//\\/\\\\}
        value=${value//&/\\&}
        sed -i "s|^$1 *=.*|$1 = ${value//|/\\|}|" "$CONF"
    else
        printf '%s = %s\n' "$1" "$2" >>"$CONF"
    fi
}

conf_make() { # URL
    local control=$VAR/control.sock
    [ ${#control} -le 100 ] || control=/tmp/sosie-$(id -u)-$(path_hash "$VAR").control
    (
        umask 077
        cat >"$CONF" <<EOF
# Settings of this server, made by ./dev up. \`build/sosie check --config $VAR_NAME/sosie.conf\` checks them.

database.url = $1
data.directory = $VAR/data
control.socket = $control

mllp.address = 127.0.0.1
mllp.port = 2575
http.address = 127.0.0.1
http.port = 8080

# A development server: identities with test INS, and messages marked for production, training and debugging.
ins.oids = both
mllp.processing_ids = P,T,D
EOF
    )
}

# The settings that the flags ask for, in the file; nothing changes under a running server.
conf_prepare() { # URL MLLP_PORT HTTP_PORT
    local key want made='' changed=''
    mkdir -p "$VAR/data" "$LOGS"
    chmod 0700 "$VAR/data" # what was asked about whom
    [ -e "$CONF" ] || { conf_make "$1"; made=yes; }
    while read -r key want; do
        [ -n "$want" ] && [ "$(conf_get "$key")" != "$want" ] || continue
        server_runs && die "the server runs with $key = $(conf_get "$key")" "stop it first: ./dev down$VAR_FLAG"
        conf_write "$key" "$want"
        changed="$changed, $key = $want"
    done <<EOF
database.url $1
mllp.port $2
http.port $3
EOF
    if [ -n "$made" ]; then
        say_done settings "written to $VAR_NAME/sosie.conf"
    elif [ -n "$changed" ]; then
        say_done settings "changed in $VAR_NAME/sosie.conf: ${changed#, }"
    else
        say_done settings "$VAR_NAME/sosie.conf, as it was"
    fi
    sosie check >/dev/null || die "these settings are not valid" "mend $VAR_NAME/sosie.conf, or what the environment says"
}

# -- the process -------------------------------------------------------------------------------------------------------------

server_pid() { cat "$VAR/server.pid" 2>/dev/null; }

# Our server, and not another process that has its number by now.
server_runs() {
    local pid
    pid=$(server_pid)
    [ -n "$pid" ] && [ -d "/proc/$pid" ] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "serve --config $CONF "
}

http_url() { printf 'http://127.0.0.1:%s' "$(conf_get http.port)"; }

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

ports_check() { # MLLP_PORT HTTP_PORT
    [ "$1" != "$2" ] || die "MLLP and HTTP cannot share port $1" "give another: ./dev up$VAR_FLAG --mllp-port N --http-port N"
    server_runs && return
    port_is_taken "$1" && die "port $1 of 127.0.0.1, for MLLP, is taken by another program" \
        "choose another: ./dev up$VAR_FLAG --mllp-port N"
    port_is_taken "$2" && die "port $2 of 127.0.0.1, for HTTP, is taken by another program" \
        "choose another: ./dev up$VAR_FLAG --http-port N"
    return 0
}

server_wait_ready() { # PID
    local i
    for ((i = 0; i < 1200; i++)); do
        curl -fsS -o /dev/null "$(http_url)/ready" 2>/dev/null && return 0
        [ -d "/proc/$1" ] || {
            echo "the server ended while starting"
            return 1
        }
        sleep 0.1
    done
    echo "the server is not ready after two minutes"
    return 1
}

server_launch() {
    local from
    from=$(wc -l <"$LOGS/server.log" 2>/dev/null || echo 0)
    setsid "$SOSIE" serve --config "$CONF" >>"$LOGS/server.log" 2>&1 </dev/null &
    echo $! >"$VAR/server.pid"
    server_wait_ready $! && return 0
    tail -n +$((from + 1)) "$LOGS/server.log" | tail -n 15
    return 1
}

server_up() {
    if server_runs; then
        say_done server "runs already, pid $(server_pid)"
        return
    fi
    step server "starting, mllp port $(conf_get mllp.port), http port $(conf_get http.port)" "$LOGS/launch.log" server_launch
    SERVER_STARTED=yes
}

# A server of another build goes before the database is brought up to date: what it writes, the new one may read otherwise.
server_down_old() {
    if server_runs && ! [ "/proc/$(server_pid)/exe" -ef "$SOSIE" ]; then
        server_down "stopping the build before"
    fi
}

server_end() {
    local pid i
    pid=$(server_pid)
    kill -TERM "$pid"
    for ((i = 0; i < 600; i++)); do
        [ -d "/proc/$pid" ] || break
        sleep 0.1
    done
    [ ! -d "/proc/$pid" ] || kill -KILL "$pid"
    rm -f "$VAR/server.pid"
}

server_down() { # TEXT
    if server_runs; then
        step server "${1:-stopping}" "$LOGS/stop.log" server_end
    else
        rm -f "$VAR/server.pid"
        say_done server "does not run"
    fi
}

# -- building ----------------------------------------------------------------------------------------------------------------

build_in() { # FOLDER CMAKE-ARGUMENT...
    local folder=$ROOT/$1
    shift
    mkdir -p "$folder"
    (
        flock 9
        [ -e "$folder/build.ninja" ] && [ "$(cat "$folder/arguments" 2>/dev/null)" = "$*" ] ||
            { cmake -S "$ROOT" -B "$folder" -G Ninja "$@" && echo "$*" >"$folder/arguments"; } || exit 1
        ninja -C "$folder"
    ) 9>"$folder/lock"
}

build_release() {
    step build "release build in build/" "$ROOT/build/build.log" build_in build -DCMAKE_BUILD_TYPE=Release
    [ -x "$SOSIE" ] || die "build/sosie was not built"
}

# -- domains and fixtures ----------------------------------------------------------------------------------------------------

domain_is_declared() { sosie domain show "$1" >/dev/null 2>&1; }

domains_regional() {
    domain_is_declared REGION && return
    sosie domain add REGION --oid 1.2.250.1.999.1.1 --kind regional
}

# The five establishments of the fixtures; domains.csv comes with the messages.
domains_fixtures() {
    local namespace oid finess kind auto_link max_status evidence sender rest
    while IFS=, read -r namespace oid finess kind auto_link max_status evidence sender rest; do
        [ "$namespace" != namespace ] || continue
        domain_is_declared "$namespace" && continue
        sosie domain add "$namespace" --oid "$oid" --kind "$kind" --finess "$finess" --auto-link "$auto_link" \
            --max-status "$max_status" --evidence "$evidence" --sender "$sender" || return
    done <"$VAR/fixtures/domains.csv"
}

fixtures_make() {
    rm -rf "$VAR/fixtures"
    "$ROOT/build/sosie-fixtures" --seed 1 --persons "$FIXTURE_PERSONS" --out "$VAR/fixtures"
}

fixtures_send() {
    if [ -e "$VAR/fixtures/sent" ]; then
        say_done fixtures "were sent on $(cat "$VAR/fixtures/sent")"
        return
    fi
    step fixtures "five establishments, $FIXTURE_PERSONS people" "$LOGS/fixtures.log" fixtures_make
    local name
    step domains "declaring their domains" "$LOGS/domains.log" domains_fixtures
    say_note "sending to port $(conf_get mllp.port):"
    echo
    local files=()
    # In the order of domains.csv: the practice comes last, it names patients of the hospitals.
    while IFS=, read -r name _; do files+=("$VAR/fixtures/$name.hl7"); done < <(tail -n +2 "$VAR/fixtures/domains.csv")
    sosie send --connections "${FIXTURE_CONNECTIONS:-8}" "${files[@]}" | tee "$LOGS/send.log"
    [ "${PIPESTATUS[0]}" -le 1 ] || die "sending failed" "try again with ./dev up$VAR_FLAG: nothing is taken twice"
    date '+%Y-%m-%d %H:%M' >"$VAR/fixtures/sent"
    FIXTURES_SENT=yes
}

# -- the commands ------------------------------------------------------------------------------------------------------------

dev_up() {
    local mllp='' http='' url='' fixtures=yes from=$SECONDS
    FIXTURE_PERSONS=3000 SERVER_STARTED='' FIXTURES_SENT=''
    local var=
    while [ $# -gt 0 ]; do
        case $1 in
        --mllp-port) mllp=$(number_of "$@") && shift ;;
        --http-port) http=$(number_of "$@") && shift ;;
        --persons) FIXTURE_PERSONS=$(number_of "$@") && shift ;;
        --database) url=$(value_of "$@") && shift ;;
        --var) var=$(value_of "$@") && shift ;;
        --no-fixtures) fixtures= ;;
        *) usage_error up "$1" ;;
        esac || exit 1
        shift
    done
    server_paths "$var"
    say_title "sosie up"
    packages_need up
    local mllp_now=${mllp:-$(conf_get mllp.port)} http_now=${http:-$(conf_get http.port)}
    ports_check "${mllp_now:-2575}" "${http_now:-8080}"
    build_release
    mkdir -p "$LOGS"
    if [ -z "$url" ] && [ -e "$CONF" ] && [ ! -e "$VAR/postgres" ]; then
        url=$(conf_get database.url) # given by --database at the first time
    fi
    if [ -z "$url" ]; then
        cluster_up
        url=$(cluster_url)
    else
        say_done database "yours, as --database says"
    fi
    conf_prepare "$url" "$mllp" "$http"
    server_down_old
    step migrate "bringing the tables up to date" "$LOGS/migrate.log" sosie migrate
    step regional "declaring the domain of the persons' identifiers" "$LOGS/regional.log" domains_regional
    server_up
    [ -z "$fixtures" ] || fixtures_send
    report "$from"
}

dev_down() {
    var=$(var_only down "$@") || exit 1
    server_paths "$var"
    say_title "sosie down"
    server_down
    cluster_down
}

dev_reset() {
    var=$(var_only reset "$@") || exit 1
    server_paths "$var"
    say_title "sosie reset"
    server_down
    cluster_down
    cluster_remove
    rm -rf "${VAR:?}/fixtures" "${VAR:?}/data" "${VAR:?}/log" "${VAR:?}/shots" "${VAR:?}/sosie.conf" "${VAR:?}/server.pid" \
        "${VAR:?}/control.sock"
    rmdir "$VAR" 2>/dev/null
    say_done reset "$VAR_NAME is as before the first ./dev up; what was built stays"
}

dev_status() {
    var=$(var_only status "$@") || exit 1
    server_paths "$var"
    say_title "sosie status"
    if [ -e "$VAR/postgres" ]; then
        cluster_place
        if cluster_runs; then say_done database "PostgreSQL 15 runs"; else say_bad database "PostgreSQL does not run"; fi
    fi
    if ! server_runs; then
        say_bad server "does not run; ./dev up$VAR_FLAG starts it"
        return 1
    fi
    say_done server "runs, pid $(server_pid), mllp port $(conf_get mllp.port), $(http_url)/"
    echo
    sosie status
}
