#!/bin/bash
# Tabs, trailing blanks, carriage returns, a missing last newline, long lines, and what a merge left behind.
. "$(dirname "$0")/files.sh"

files=$(house_files '*.c' '*.h' '*.sql' '*.sh' '*.cmake' '*.txt' '*.md' '*.js' '*.mjs' '*.css' '*.html' '*.scn' dev run)
# shellcheck disable=SC2086
{
    grep -nE $'\t' $files | sed -E 's/^([^:]+:[0-9]+):.*/\1: a tab/'
    grep -nE '[[:blank:]]$' $files | sed -E 's/^([^:]+:[0-9]+):.*/\1: blanks at the end/'
    grep -n $'\r' $files | sed -E 's/^([^:]+:[0-9]+):.*/\1: a carriage return/'
    grep -nE '^(<{7}|>{7})( |$)' $files | sed -E 's/^([^:]+:[0-9]+):.*/\1: a conflict that nobody settled/'
    # shellcheck disable=SC2046
    grep -nE '.{133}' $(printf '%s\n' $files | grep -E '\.(c|h|cmake|mjs|js)$') | sed -E 's/^([^:]+:[0-9]+):.*/\1: longer than 132 columns/'
    for file in $files; do
        [ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] || echo "$file: no newline at the end"
    done
} | report_findings "untidy text"
