#!/bin/bash
# The form of .clang-format, where that program is installed.
. "$(dirname "$0")/files.sh"

command -v clang-format >/dev/null || {
    echo "clang-format is not installed: not checked"
    exit 0
}
house_files '*.c' '*.h' | xargs -P "$(nproc)" -n 20 clang-format --dry-run 2>&1 | grep -E '^[^ ].*warning' |
    sed -E 's/:([0-9]+):[0-9]+: warning:.*/:\1: not as .clang-format says/' | sort -u |
    report_findings "files that are not formatted (clang-format -i FILE)"
