# Makes the tables [family] and [given] of a model from the INSEE name lists:
#     awk -f matcher/models/tables.awk -v least=500 -v table=family last_names_fr.csv
#     awk -f matcher/models/tables.awk -v least=150 -v table=given first_names_fr.csv
# Names are written tight (A-Z without blanks), spellings that become equal are added up; rows below `least` are left to the rare name.
BEGIN {
    FS = ","
    n = split("À A Â A Ä A Ç C É E È E Ê E Ë E Î I Ï I Ñ N Ô O Ö O Ù U Û U Ü U Ÿ Y Æ AE Œ OE", fold, " ")
}
FNR > 1 {
    name = $1
    if (name ~ /[^A-Z]/) {
        for (i = 1; i <= n; i += 2) gsub(fold[i], fold[i + 1], name)
        gsub(/[^A-Z]/, "", name)
    }
    if (name == "" || length(name) > 60) next
    if (table == "given") { if ($2 == "M") boys[name] += $3; else girls[name] += $3 }
    count[name] += $NF
}
END {
    for (name in count) {
        if (count[name] < least) continue
        if (table == "given") print name, boys[name] + 0, girls[name] + 0
        else print name, count[name]
    }
}
