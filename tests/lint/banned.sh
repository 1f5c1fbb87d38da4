#!/bin/bash
# What base/banned.h stops at the compiler, looked for in every C file; memory outside base; typedefed structs; #if in functions.
. "$(dirname "$0")/files.sh"

# shellcheck disable=SC2046
awk '
FNR == 1 { room = FILENAME; sub("/.*", "", room); inside = 0 }
FILENAME == "base/banned.h" { next }
{ code = $0; gsub(/"([^"\\]|\\.)*"/, "\"\"", code); sub(/\/\*.*/, "", code); sub(/^ \*.*/, "", code) }
code ~ /(^|[^A-Za-z0-9_>.])(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|atof)[ ]*\(/ {
    print FILENAME ":" FNR ": a banned function"
}
room != "tests" && room != "benchmarks" && room != "base" &&
code ~ /(^|[^A-Za-z0-9_>.])(malloc|calloc|realloc|free|strdup|strndup)[ ]*\(/ {
    print FILENAME ":" FNR ": memory comes from an arena or from mem_alloc"
}
code ~ /^typedef (struct|union|enum)/ { print FILENAME ":" FNR ": structs keep their word: no typedef" }
/^[A-Za-z].*\) \{$/ { inside = 1 }
/^}/ { inside = 0 }
inside && /^#[ ]*if/ { print FILENAME ":" FNR ": no #if inside a function" }' \
    $(house_files '*.c' '*.h') | report_findings "banned functions and forms"
