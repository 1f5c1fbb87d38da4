#!/bin/bash
# server -> mllp, fhir, web -> identity -> matcher, sql -> base: a room includes its own files, base/*.h, and the doors
# (room/room.h) of the rooms below it; server may use matcher as well (sosie link, files without a registry). The edges do not reach through identity, and matcher knows no I/O, clock or lock.
. "$(dirname "$0")/files.sh"

# shellcheck disable=SC2046
awk '
BEGIN {
    below["base"] = " "; below["matcher"] = " "; below["sql"] = " "; below["identity"] = " matcher sql "
    below["mllp"] = below["fhir"] = below["web"] = " identity "
    below["server"] = " mllp fhir web identity matcher sql "; below["fixtures"] = " "
}
FNR == 1 { room = FILENAME; sub("/.*", "", room) }
/^#include "/ {
    path = $2; gsub("\"", "", path)
    other = path; sub("/.*", "", other)
    where = FILENAME ":" FNR ": "
    if (path == "sql_generated.h") { if (room != "sql") print where "only sql includes sql_generated.h"; next }
    if (path == "web_generated.h") { if (room != "web") print where "only web includes web_generated.h"; next }
    if (index(path, room "_") == 1) next # generated from the files of its own room
    if (index(path, "/") == 0) { print where path " is included without its room"; next }
    if (other == room) next
    if (other == "base") {
        if (path ~ /_impl\.h$/) print where path " is private to base"
        if (room == "matcher" && path ~ /base\/(clock|log|stream|tls|http|metrics|config)\.h/)
            print where "matcher is pure: no " path
        next
    }
    if (index(below[room], " " other " ") == 0) print where room " may not use " other
    else if (path != other "/" other ".h") print where "only the door " other "/" other ".h may be included, not " path
}
/^#include <(pthread|time|stdatomic|threads|unistd|fcntl|poll|netdb|sys\/socket|sys\/stat)\.h>/ && room == "matcher" {
    print FILENAME ":" FNR ": matcher is pure: no " $2
}' $(house_files '*.c' '*.h' | grep -E "^(${ROOMS// /|}|fixtures)/") | report_findings "includes against the map of the rooms"
