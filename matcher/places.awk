# fixtures/data/communes_fr.csv -> C tables of place.c: which codes exist, and the current code of those that changed.
BEGIN { FS = "," }
function pack(code,    department) {
    department = substr(code, 1, 2)
    if (department == "2A") department = 100
    if (department == "2B") department = 101
    return department * 1000 + substr(code, 3, 3)
}
FNR > 1 {
    sub(/\r$/, "")
    code = $1; current = $NF; place = pack(code)
    word[int(place / 16)] += (place in seen) ? 0 : 2 ^ (place % 16)
    seen[place] = 1
    if (current != "" && current != code) {
        change_word[int(place / 16)] += (place in changed) ? 0 : 2 ^ (place % 16)
        changed[place] = pack(current)
    }
}
END {
    print "/* Generated from fixtures/data/communes_fr.csv by matcher/places.awk. */"
    print "static const uint16_t known_places[] = {"
    for (i = 0; i < 102000 / 16; i++) printf "%d,%s", word[i] + 0, i % 24 == 23 ? "\n" : ""
    print "};"
    print "static const uint16_t changed_bits[] = {"
    for (i = 0; i < 102000 / 16; i++) printf "%d,%s", change_word[i] + 0, i % 24 == 23 ? "\n" : ""
    print "};"
    print "static const struct place_change changed_places[] = {"
    for (place = 0; place < 102000; place++)
        if (place in changed) printf "{%d,%d},%s", place, changed[place], ++n % 10 == 0 ? "\n" : ""
    print "};"
}
