# The private PostgreSQL cluster below var/: never run as root, reached by a unix socket only, in a folder that others cannot
# enter, and there only by peer authentication. Data checksums and synchronous commit are on.
#
#     var/postgres    the data folder            \ links into /var/lib/sosie-HASH when the user who runs PostgreSQL
#     var/socket      the folder of its socket   / cannot reach var/ (a clone below /root)
#
# A socket's path has 107 bytes at most: below a deep folder it moves to /tmp/sosie-UID-HASH.

PG_BIN=/usr/lib/postgresql/15/bin

path_hash() { printf '%s' "$1" | sha256sum | cut -c 1-10; }

# Who runs PostgreSQL: ourselves, or, when we are root, an unprivileged user.
cluster_user() {
    if [ "$(id -u)" != 0 ]; then
        id -un
    elif id postgres >/dev/null 2>&1; then
        echo postgres
    else
        id sosie >/dev/null 2>&1 || useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin sosie >&2
        echo sosie
    fi
}

as_cluster_user() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u "$PG_USER" -- "$@")
    else
        "$@"
    fi
}

# A folder of the cluster's user that nobody else may enter; one that somebody else owns is refused.
private_folder() { # PATH
    [ ! -L "$1" ] || die "$1 is a link and should be a folder"
    [ -d "$1" ] || mkdir -m 0700 "$1" || die "cannot make $1"
    [ "$(id -u)" != 0 ] || [ "$(stat -c %U "$1")" = "$PG_USER" ] || chown "$PG_USER:" "$1"
    [ "$(stat -c %U "$1")" = "$PG_USER" ] || die "$1 belongs to $(stat -c %U "$1"), not to $PG_USER"
    chmod 0700 "$1"
}

# Decides where data and socket are; sets PG_USER, PG_DATA, PG_SOCKET, and the links.
cluster_place() {
    PG_USER=$(cluster_user)
    local home=$VAR
    mkdir -p "$VAR"
    if [ -L "$VAR/postgres" ]; then
        home=$(dirname "$(readlink "$VAR/postgres")")
    elif [ ! -d "$VAR/postgres" ] && ! as_cluster_user test -x "$VAR"; then
        home=/var/lib/sosie-$(path_hash "$VAR")
        say_note "$PG_USER cannot enter $VAR: the cluster lives in $home"
    fi
    if [ "$home" != "$VAR" ]; then
        [ -d "$home" ] || mkdir -m 0755 "$home"
        ln -sfn "$home/postgres" "$VAR/postgres"
    fi
    PG_DATA=$home/postgres
    PG_SOCKET=$home/socket
    if [ ${#PG_SOCKET} -gt 90 ]; then
        PG_SOCKET=/tmp/sosie-$(id -u "$PG_USER")-$(path_hash "$VAR")
    fi
    [ "$PG_SOCKET" = "$VAR/socket" ] || ln -sfn "$PG_SOCKET" "$VAR/socket"
}

# The connection string of the server's own role, for the settings file.
cluster_url() {
    local i c path=''
    for ((i = 0; i < ${#PG_SOCKET}; i++)); do
        c=${PG_SOCKET:i:1}
        case $c in
        [A-Za-z0-9/._-]) path+=$c ;;
        *) path+=$(LC_ALL=C printf '%s' "$c" | od -An -tx1 | tr -d '\n' | sed 's/ /%/g') ;;
        esac
    done
    printf 'postgresql:///sosie?host=%s&user=sosie' "$path"
}

cluster_settings() {
    local memory_mb shared_mb
    memory_mb=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
    shared_mb=$((memory_mb / 8))
    [ $shared_mb -ge 128 ] || shared_mb=128
    [ $shared_mb -le 2048 ] || shared_mb=2048
    cat <<EOF
# Written by ./dev at every start; your own settings belong into postgresql.conf, below the include.
listen_addresses = ''
unix_socket_directories = '$PG_SOCKET'
unix_socket_permissions = 0700
synchronous_commit = on
full_page_writes = on
fsync = on
wal_level = replica
wal_compression = lz4
max_wal_size = 4GB
checkpoint_timeout = 15min
shared_buffers = ${shared_mb}MB
max_connections = 100
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%a '
EOF
}

cluster_init() {
    private_folder "$PG_DATA"
    as_cluster_user "$PG_BIN/initdb" -D "$PG_DATA" --username=postgres --auth-local=peer --auth-host=reject --data-checksums \
        --encoding=UTF8 --locale=C.UTF-8 --no-instructions || return
    # Only who the machine says to be us (root and the user who runs it) may be a role here.
    local who
    for who in root "$PG_USER"; do printf 'sosie %s postgres\nsosie %s sosie\n' "$who" "$who"; done | sort -u |
        as_cluster_user tee "$PG_DATA/pg_ident.conf" >/dev/null
    echo 'local all all peer map=sosie' | as_cluster_user tee "$PG_DATA/pg_hba.conf" >/dev/null
    echo "include 'sosie.conf'" | as_cluster_user tee -a "$PG_DATA/postgresql.conf" >/dev/null
}

cluster_runs() { [ -e "$VAR/postgres/PG_VERSION" ] && as_cluster_user "$PG_BIN/pg_ctl" -D "$PG_DATA" status >/dev/null 2>&1; }

cluster_launch() {
    private_folder "$PG_SOCKET"
    cluster_settings | as_cluster_user tee "$PG_DATA/sosie.conf" >/dev/null
    as_cluster_user "$PG_BIN/pg_ctl" -D "$PG_DATA" -w -t 120 start >>"$LOGS/postgres.log" 2>&1 </dev/null
}

cluster_psql() { as_cluster_user psql -X -q -v ON_ERROR_STOP=1 -h "$PG_SOCKET" -U postgres "$@"; }

cluster_has() { [ "$(cluster_psql -d postgres -At -c "SELECT 1 FROM $1 WHERE $2 = 'sosie'")" = 1 ]; }

cluster_database() {
    cluster_has pg_roles rolname || cluster_psql -d postgres -c 'CREATE ROLE sosie LOGIN'
    cluster_has pg_database datname || cluster_psql -d postgres -c 'CREATE DATABASE sosie OWNER sosie'
}

# Makes it when there is none, starts it when it does not run.
cluster_up() {
    [ -x $PG_BIN/initdb ] || die "PostgreSQL 15 is not in $PG_BIN"
    cluster_place
    if cluster_runs; then
        say_done database "PostgreSQL 15 runs already, pid $(as_cluster_user head -n 1 "$PG_DATA/postmaster.pid")"
        return
    fi
    if ! as_cluster_user test -e "$PG_DATA/PG_VERSION"; then
        rm -rf "${PG_DATA:?}"
        step database "making a cluster in ${VAR_NAME}/postgres, run by $PG_USER" "$LOGS/initdb.log" cluster_init
    fi
    step database "starting PostgreSQL 15" "$LOGS/start.log" cluster_launch
    cluster_database || die "PostgreSQL runs, but the database cannot be made; see $LOGS/postgres.log"
}

cluster_down() {
    [ -e "$VAR/postgres" ] || return 0
    cluster_place
    if cluster_runs; then
        step database "stopping PostgreSQL" "$LOGS/stop.log" as_cluster_user "$PG_BIN/pg_ctl" -D "$PG_DATA" -m fast -w -t 120 stop
    else
        say_done database "PostgreSQL does not run"
    fi
}

cluster_remove() {
    [ -e "$VAR/postgres" ] || [ -L "$VAR/postgres" ] || return 0
    cluster_place
    rm -rf "${PG_DATA:?}" "${PG_SOCKET:?}"
    case $PG_DATA in
    /var/lib/sosie-*) rm -rf "$(dirname "$PG_DATA")" ;;
    esac
    rm -rf "${VAR:?}/postgres" "${VAR:?}/socket"
}
