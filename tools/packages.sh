# Debian packages: what is missing of the groups that a command needs is installed, as root or through sudo.

PACKAGE_LIST=$ROOT/cmake/packages.txt

packages_of() { # GROUP...
    local group
    for group in "$@"; do awk -v group="$group" '$1 == group { print $2 }' "$PACKAGE_LIST"; done | sort -u
}

# A command of the package's own name counts too: npm may have come with a Node.js of another origin.
packages_missing() { # GROUP...
    local package
    for package in $(packages_of "$@"); do
        command -v "$package" >/dev/null && continue
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# PostgreSQL's package makes and starts a cluster of its own; we want the programs only, and leave an existing choice alone.
packages_install() {
    local conf=/etc/postgresql-common/createcluster.d quiet=''
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -q || return
    case " $* " in
    *" postgresql-15 "*)
        as_root apt-get install -y -q --no-install-recommends postgresql-common || return
        if [ ! -e $conf/sosie.conf ]; then
            quiet=$conf/sosie.conf
            as_root mkdir -p $conf
            echo 'create_main_cluster = false' | as_root tee $quiet >/dev/null
        fi
        ;;
    esac
    local code=0
    as_root apt-get install -y -q --no-install-recommends "$@" || code=$?
    [ -z "$quiet" ] || as_root rm -f "$quiet"
    return $code
}

packages_need() { # GROUP...
    local missing count
    command -v dpkg-query >/dev/null || die "this is not Debian: install by hand what cmake/packages.txt lists"
    missing=$(packages_missing "$@" | tr '\n' ' ')
    count=$(packages_of "$@" | wc -l)
    if [ -z "$missing" ]; then
        say_done packages "all $count are installed"
        return
    fi
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "packages are missing and there is no sudo; as root:" "apt-get install $missing"
        sudo -v || die "packages are missing; as root:" "apt-get install $missing"
    fi
    # shellcheck disable=SC2086
    step packages "installing $missing" "$LOGS/packages.log" packages_install $missing
}

# The browser tests' own packages, exactly those of their lock file.
npm_is_ready() { [ "$ROOT/tests/e2e/node_modules/.package-lock.json" -nt "$ROOT/tests/e2e/package-lock.json" ]; }

npm_install() { (cd "$ROOT/tests/e2e" && npm ci --no-audit --no-fund --ignore-scripts && touch node_modules/.package-lock.json); }

npm_need() { npm_is_ready || step npm "the browser tests' packages" "$LOGS/npm.log" npm_install; }
