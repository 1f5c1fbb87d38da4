#!/bin/bash
# Functions of 60 lines and files of 600 at most (STYLE: most are far smaller).
. "$(dirname "$0")/files.sh"

# shellcheck disable=SC2046
{
    awk '
    FNR == 1 { inside = 0 }
    # A definition begins in column 0 and its line, or the last line of its parameters, ends with ") {".
    !inside && /\) \{$/ && /^[A-Za-z_ ]/ { inside = 1; begin = FNR; head = $0 ~ /^ / ? last : $0 }
    !inside && /^[A-Za-z_]/ { last = $0 }
    inside && /^}/ {
        inside = 0
        if (FNR - begin + 1 > 60) {
            name = head; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
            print FILENAME ":" begin ": " name " has " FNR - begin + 1 " lines, 60 at most"
        }
    }' $(house_files '*.c' '*.h')
    for file in $(house_files '*.c' '*.h' '*.sh' '*.js' '*.mjs' '*.css' '*.html' '*.sql' '*.cmake' CMakeLists.txt dev); do
        lines=$(wc -l <"$file")
        [ "$lines" -le 600 ] || echo "$file: $lines lines, 600 at most"
    done
} | report_findings "functions and files that are too long"
