#!/bin/bash
# No patient data in logs and error texts: calls of log_* and error_* do not touch fields of traits. A field that bears such a
# name and is not a patient's is marked on the spot: /* no trait */.
. "$(dirname "$0")/files.sh"

# shellcheck disable=SC2046
awk '
BEGIN {
    traits = "family|given|given_list|birth|birth_date|birth_place|ins|nir|nia|names|addresses|telecoms?|mother|phone|mail|street|city|postcode"
    keys = "LOG_(TEXT|SPAN|U64|I64)\\(\"(" traits "|name|address_line)\""
}
function check(text, where) {
    if (text ~ /\/\* no trait \*\//) return
    gsub(/"([^"\\]|\\.)*"/, "\"\"", text)
    if (match(text, "(->|\\.)(" traits ")[^a-z_A-Z(]"))
        print where ": a log or error text may not hold " substr(text, RSTART, RLENGTH - 1)
}
FNR == 1 { call = "" }
$0 ~ keys && !/no trait/ { print FILENAME ":" FNR ": a log line has no field of that name" }
call == "" && match($0, /(^|[^a-z_])(log_(debug|info|warn|error|write)|error_set|error_prefix)\(/) && !/^[#a-z_]/ {
    call = substr($0, RSTART); start = FILENAME ":" FNR
    if ($0 ~ /;[^;]*$/) { check(call, start); call = "" }
    next
}
call != "" {
    call = call " " $0
    if ($0 ~ /;/) { check(call, start); call = "" }
}' $(house_files '*.c' | grep -E "^(${ROOMS// /|})/") | report_findings "patient data on its way into logs or errors"
