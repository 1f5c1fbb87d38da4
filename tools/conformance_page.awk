# docs/conformance.in with its marks filled in:
#
#     @version@ @cases@ @files@       the product's version; how many scenarios there are, in how many files
#     @shown STANDARD PARAGRAPH@      what proves it: scenarios and tests of the paragraph and of those below it; no scenario: an error
#     @tested STANDARD PARAGRAPH@     the same for what scenarios do not reach; no test: an error
#     @index@                         a line of its own: all paragraphs, where they are obeyed and what proves it
#
# TAGS names what tools/conformance_tags.awk made, sorted, VERSION the version.

function plural(count, what) { return count " " what (count == 1 ? "" : "s") }

# "name (3), other" of sorted names, and their sum.
function add(list, where, count) { return list (list == "" ? "" : ", ") "`" where "`" (count > 1 ? " (" count ")" : "") }

function shown(needed, standard, paragraph,    key, parts, scenarios, tests) {
    for (key in counts) {
        split(key, parts, "\t")
        if (parts[1] != standard || (parts[2] != paragraph && index(parts[2], paragraph ".") != 1))
            continue
        if (parts[3] == "scenario")
            scenarios += counts[key]
        if (parts[3] == "test")
            tests += counts[key]
    }
    if (needed == "shown" ? !scenarios : !tests) {
        print "docs/conformance.in claims " standard " " paragraph ", and no " (needed == "shown" ? "scenario" : "test") " shows it" | "cat >&2"
        failed = 1
    }
    if (!scenarios || !tests)
        return scenarios ? plural(scenarios, "scenario") : plural(tests, "test")
    return plural(scenarios, "scenario") ", " plural(tests, "test")
}

# Of one paragraph: cells of a row.
function write_row(    proof) {
    if (row_key == "")
        return
    proof = lists["scenario"]
    if (lists["test"] != "")
        proof = proof (proof == "" ? "" : "; ") lists["test"]
    print "| " row_name " | " lists["code"] " | " proof " |"
    lists["code"] = lists["scenario"] = lists["test"] = ""
}

function flush_where() {
    if (last_where != "")
        lists[last_kind] = add(lists[last_kind], last_where, last_kind == "code" ? 1 : where_count)
    last_where = ""
    where_count = 0
}

function write_index(    i, parts, key) {
    for (i = 1; i <= lines; i++) {
        split(line_of[i], parts, "\t")
        key = parts[1] "\t" parts[2] (parts[2] == "-" ? "\t" parts[3] : "")
        if (key != row_key || parts[4] != last_kind || parts[5] != last_where)
            flush_where()
        if (key != row_key) {
            write_row()
            if (parts[1] != standard_now) {
                print (standard_now == "" ? "" : "\n") "### " title[parts[1]] (parts[1] == title[parts[1]] ? "" : " (" parts[1] ")") "\n\n| paragraph | obeyed in | shown by |\n|---|---|---|"
                standard_now = parts[1]
            }
            row_key = key
            row_name = parts[2] == "-" ? parts[3] : parts[2] (parts[3] == "" ? "" : " " parts[3])
        }
        last_kind = parts[4]
        last_where = parts[5]
        where_count += parts[6]
    }
    flush_where()
    write_row()
}

BEGIN { FS = "\t" }

FILENAME == TAGS && $1 == "total" {
    files++
    cases += $2
    next
}

FILENAME == TAGS && $1 == "title" {
    title[$2] = $3
    next
}

FILENAME == TAGS {
    sub(/^[^\t]*\t/, "")
    line_of[++lines] = $0
    counts[$1 "\t" $2 "\t" $4] += $6
    next
}

$0 == "@index@" {
    write_index()
    next
}

{
    gsub(/@version@/, VERSION)
    gsub(/@cases@/, cases)
    gsub(/@files@/, files)
    while (match($0, /@(shown|tested) [^@]*@/)) {
        before = substr($0, 1, RSTART - 1)
        claim = substr($0, RSTART + 1, RLENGTH - 2)
        behind = substr($0, RSTART + RLENGTH)
        needed = standard = paragraph = claim
        sub(/ .*/, "", needed)
        sub(/.* /, "", paragraph)
        standard = substr(claim, length(needed) + 2, length(claim) - length(needed) - length(paragraph) - 2)
        $0 = before shown(needed, standard, paragraph) behind
    }
    print
}

END { exit failed }
