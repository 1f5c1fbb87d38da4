# The tags of the files given (see the end of docs/conformance.in), one use a line:
#
#     rank TAB standard TAB paragraph TAB subject TAB code|scenario|test TAB where TAB count
#
# for every scenario file a line "total TAB count" and for every standard a line "title TAB standard TAB title". PARAGRAPHS names docs/conformance.paragraphs.

function fail(what) {
    print (FILE == "" ? FILENAME : FILE) ": " what | "cat >&2"
    failed = 1
}

# standard TAB paragraph TAB subject of a citation, "" when it is none.
function row_for(citation,    standard, paragraph) {
    if (citation in row_of)
        return row_of[citation]
    if (citation ~ /^OpenHIE /)
        return row_of["OpenHIE CR"]
    if (citation ~ /^(hl7v2|fhir|identity-france)\.md /) {
        fail("\"" citation "\" has no row in docs/conformance.paragraphs")
        return ""
    }
    if (!match(citation, /^(IHE ITI TF-[123][abcx]?|HL7 [0-9.]+|RFC) /)) {
        fail("\"" citation "\" names no standard")
        return ""
    }
    standard = substr(citation, 1, RLENGTH - 1)
    paragraph = substr(citation, RLENGTH + 1)
    return standard "\t" paragraph "\t" subject_of[standard "\t" paragraph]
}

# Cites head and paragraph, and what follows of the same standard: "2.1, 2.6 and 2.7", "3.4 to 3.9".
function cite(head, text, kind, where, count,    first, last, number, stem) {
    match(text, /^[0-9]+[0-9A-Z]*(\.[0-9A-Z]+)*/)
    if (RLENGTH < 1)
        return
    first = substr(text, 1, RLENGTH)
    text = substr(text, RLENGTH + 1)
    found[head first] = 1
    if (match(text, /^ to [0-9]+\.[0-9]+/)) {
        last = substr(text, 5, RLENGTH - 4)
        text = substr(text, RLENGTH + 1)
        stem = first
        sub(/[0-9]+$/, "", stem)
        number = substr(first, length(stem) + 1) + 0
        sub(/^.*\./, "", last)
        while (++number <= last + 0)
            found[head stem number] = 1
    }
    if (match(text, /^(,| and) (ch\.)?[0-9]+[0-9A-Z]*\.[0-9A-Z]/)) {
        sub(/^(,| and) (ch\.)?/, "", text)
        cite(head, text)
    }
}

# All tags of a text into found[].
function find_tags(text,    head, rest) {
    split("", found)
    while (match(text, /IHE ITI TF-[123][abcx]? [0-9]|HL7 [0-9.]+ ch\.[0-9]|(hl7v2|fhir|identity-france)\.md [0-9]|OpenHIE CR-[0-9]+|RFC [0-9]+( section [0-9.]+[0-9])?|R4 [a-z]+\.html|IHE (PDQm|PIXm) ITI-[0-9]+|FR Core [0-9.]*[0-9]/)) {
        head = substr(text, RSTART, RLENGTH)
        rest = substr(text, RSTART + RLENGTH)
        if (head ~ /^(IHE ITI TF|HL7|hl7v2|fhir|identity)/)
            cite(substr(head, 1, length(head) - 1), substr(text, RSTART + RLENGTH - 1))
        else
            found[head] = 1
        text = rest
    }
}

# One line for each paragraph that the text cites, by whatever name.
function use_all(text, kind, where, count,    tag, row, parts, rows) {
    find_tags(text)
    split("", rows)
    for (tag in found)
        if ((row = row_for(tag)) != "")
            rows[row] = 1
    for (row in rows) {
        split(row, parts, "\t")
        if (!(parts[1] in rank_of))
            fail("\"" parts[1] "\" is no standard of docs/conformance.paragraphs")
        print rank_of[parts[1]] "\t" row "\t" kind "\t" where "\t" count
    }
}

# -- scenarios ---------------------------------------------------------------------------------------------------------------

function end_case() {
    if (case_tags != "") {
        use_all(case_tags, "scenario", name, withs ? withs : 1)
        total += withs ? withs : 1
    }
    case_tags = ""
    withs = 0
}

function end_scenarios() {
    end_case()
    if (!cases) {
        use_all(file_tags, "scenario", name, 1)
        total++
    }
    print "total\t" total
}

# -- C -----------------------------------------------------------------------------------------------------------------------

# Tests of a file count where its head names the paragraph; where a comment in it does, the one test below.
function end_c(    i, n, parts) {
    for (i = 1; i <= uses; i++) {
        n = split(use_of[i], parts, "\t")
        if (is_test)
            use_all(parts[2], "test", name, parts[1] == "" ? tests : 1)
        else
            use_all(parts[2], "code", parts[1] == "" ? FILE : FILE ": " parts[1], 1)
    }
}

function note(where, text) {
    use_of[++uses] = where "\t" text
}

function name_of(line) {
    if (line !~ /^[A-Za-z_].*[ *][a-z_0-9]+\(/ || line ~ /^(typedef|#)/)
        return ""
    sub(/\(.*/, "", line)
    sub(/.*[ *]/, "", line)
    return line
}

function take_code(line,    called) {
    if (line ~ /^[ \t]*$/)
        return
    called = name_of(line)
    if (called != "" && line !~ /;[ \t]*$/)
        inside = called
    if (pending != "") {
        note(inside != "" ? inside : called, pending)
        pending = ""
    }
    if (line ~ /^}/)
        inside = ""
    if (line ~ /struct CMUnitTest /)
        listing = 1
    if (listing)
        tests += gsub(/[A-Za-z_]+\([a-z_0-9]+/, "", line)
    if (line ~ /};/)
        listing = 0
}

function take_line(line,    at, before) {
    while (line != "") {
        if (!comment) {
            at = index(line, "/*")
            if (!at) {
                take_code(line)
                return
            }
            before = substr(line, 1, at - 1)
            if (pending != "" && before ~ /^[ \t]*$/ && inside == "" && seen_code == 0) {
                note("", pending)
                pending = ""
            }
            if (before !~ /^[ \t]*$/) {
                take_code(before)
                seen_code = 1
                trailing = name_of(before) != "" ? name_of(before) : inside
                behind = 1
            }
            comment = 1
            text = ""
            line = substr(line, at + 2)
        }
        at = index(line, "*/")
        if (!at) {
            sub(/^ *\* ?/, "", line)
            text = text " " line
            return
        }
        text = text " " substr(line, 1, at - 1)
        line = substr(line, at + 2)
        comment = 0
        if (behind)
            note(trailing, text)
        else if (inside != "")
            note(inside, text)
        else if (!heads++)
            note("", text)
        else
            pending = pending " " text
        behind = 0
    }
}

# -- files -------------------------------------------------------------------------------------------------------------------

function end_file() {
    if (FILE ~ /\.scn$/)
        end_scenarios()
    else if (FILE != "" && FILE != PARAGRAPHS)
        end_c()
}

FNR == 1 {
    end_file()
    FILE = FILENAME
    name = FILE
    sub(/^tests\//, "", name)
    sub(/^scenarios\//, "", name)
    sub(/\.[a-z]+$/, "", name)
    is_test = FILE ~ /^tests\//
    file_tags = case_tags = inside = pending = text = ""
    listing = cases = withs = total = comment = uses = tests = heads = behind = seen_code = 0
    split("", use_of)
}

FILENAME == PARAGRAPHS {
    if ($0 ~ /^#/ || NF == 0)
        next
    n = split($0, cells, / \| /)
    if (n != 4)
        fail("line " FNR " is not \"citation | standard | paragraph | subject\"")
    if (cells[1] == "standard") {
        rank_of[cells[2]] = sprintf("%02d", ++ranks)
        print "title\t" cells[2] "\t" cells[3]
        next
    }
    key = cells[2] "\t" cells[3]
    if (cells[3] != "-" && key in subject_of && subject_of[key] != cells[4])
        fail("line " FNR ": " cells[2] " " cells[3] " is about \"" subject_of[key] "\" elsewhere")
    subject_of[key] = cells[4]
    row_of[cells[1]] = key "\t" cells[4]
    next
}

FILE ~ /\.scn$/ {
    if ($0 ~ /^#/ && !cases && !steps_begun[FILE])
        file_tags = file_tags " " substr($0, 2)
    else if ($1 == "case") {
        end_case()
        cases++
        split($0, cells, "\"")
        case_tags = cells[2]
    } else if ($1 == "with" && cases)
        withs++
    if ($0 !~ /^#/ && NF)
        steps_begun[FILE] = 1
    next
}

{ take_line($0) }

END {
    end_file()
    exit failed
}
