# Sourced by the lints: the files of the house, and how a finding is told.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
export LC_ALL=C.UTF-8

ROOMS='base matcher sql identity mllp fhir web server'

# house_files PATTERN...: files of the source tree by name, none of what was built, installed or fed
house_files() {
    local names=() pattern
    for pattern in "$@"; do names+=(-o -name "$pattern"); done
    find . \( -name .git -o -name 'build*' -o -path ./var -o -name node_modules \) -prune -o -type f \( "${names[@]:1}" \) -print |
        sed 's|^\./||' | sort
}

# Ends the lint: what came in on standard input are its findings, one a line.
report_findings() { # WHAT
    local findings
    findings=$(cat)
    if [ -n "$findings" ]; then
        printf '%s\n' "$findings"
        printf '%d findings: %s\n' "$(printf '%s\n' "$findings" | wc -l)" "$1"
        exit 1
    fi
    echo "nothing found: $1"
}
