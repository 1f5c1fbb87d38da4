# Sourced by the tests of sosie link, with the program as their argument: a folder of its own, a.csv of 600 people and 200 copies, and
# what runs the command and looks at its errors.
set -u
SOSIE=$1
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
cd "$DIR" || exit 1
failed=0

fail() {
    echo "FAILED: $*"
    failed=1
}

link() { # ARGUMENT...: output in out, errors in err
    "$SOSIE" link "$@" >out 2>err
}

expect_code() { # CODE TEXT ARGUMENT...
    local code=$1 text=$2
    shift 2
    link "$@"
    [ $? -eq "$code" ] || fail "not exit code $code: $*"
    grep -qF -- "$text" err || fail "'$text' is not in: $(grep sosie: err)"
}
expect_error() { expect_code 1 "$@"; }
expect_usage() { expect_code 2 "$@"; } # the command line is wrong, whatever the files hold

columns=family=nom,given=prenom,birth_date=naissance,postcode=cp
awk 'BEGIN {
    srand(5)
    print "id;nom;prenom;naissance;cp"
    split("BO DU LE MA RI TO VA NE CHA PEL", s, " ")
    for (i = 1; i <= 600; i++) {
        nom = s[1 + int(10 * rand())] s[1 + int(10 * rand())] s[1 + int(10 * rand())] s[1 + int(10 * rand())]
        prenom = s[1 + int(10 * rand())] s[1 + int(10 * rand())]
        row = sprintf("%s;%02d/%02d/%d;%05d", prenom, 1 + 28 * rand(), 1 + 12 * rand(), 1930 + 80 * rand(), 1000 + 90000 * rand())
        print i ";" nom ";" row
        if (i % 3 == 0) print "copy-" i ";" nom (i % 2 ? "T" : "") ";" row
    }
}' >a.csv
