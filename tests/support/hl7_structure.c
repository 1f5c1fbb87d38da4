/* A checker of answers by tables; see hl7_structure.h. */
#include "tests/support/hl7_structure.h"

#include <stdio.h>
#include <string.h>

enum { MOST_ROWS = 256, MOST_SEGMENTS = 4096, MOST_WORDS = 64 };

struct field_row {
    struct span key; /* "PID", "RSP_K23:PID", "MSA@old", "PID@fra" */
    size_t field;    /* 0: every other */
    char usage;
    size_t most; /* repetitions; 0: any */
    struct span type, values;
};
struct type_row {
    struct span name;
    size_t components, subcomponents;
};
struct pair_row {
    struct span a, b; /* structure and its segments; field and the request's */
};

struct hl7_tables {
    struct field_row fields[MOST_ROWS];
    struct type_row types[MOST_ROWS];
    struct pair_row structures[MOST_ROWS], echoes[MOST_ROWS];
    size_t field_count, type_count, structure_count, echo_count;
};

/* -- the tables ----------------------------------------------------------------------------------------------------------- */

static struct span word_cut(struct span *line) {
    struct span word;
    *line = span_trim(*line);
    if (line->len == 0 || !span_cut(line, ' ', &word))
        return SPAN("");
    return word;
}

static size_t number_or_zero(struct span text) {
    uint64_t number = 0;
    return span_to_u64(text, &number) ? (size_t)number : 0;
}

static void read_field(struct hl7_tables *tables, struct span rest) {
    struct field_row *row = &tables->fields[tables->field_count++];
    row->key = word_cut(&rest);
    row->field = number_or_zero(word_cut(&rest));
    row->usage = word_cut(&rest).ptr[0];
    row->most = number_or_zero(word_cut(&rest));
    row->type = word_cut(&rest);
    row->values = span_trim(rest);
}

static void read_line(struct hl7_tables *tables, struct span line) {
    struct span rest = line, kind = word_cut(&rest);
    if (span_eq_cstr(kind, "field")) {
        read_field(tables, rest);
    } else if (span_eq_cstr(kind, "type")) {
        struct type_row *row = &tables->types[tables->type_count++];
        row->name = word_cut(&rest);
        row->components = number_or_zero(word_cut(&rest));
        row->subcomponents = number_or_zero(word_cut(&rest));
    } else if (span_eq_cstr(kind, "structure")) {
        struct pair_row *row = &tables->structures[tables->structure_count++];
        row->a = word_cut(&rest);
        row->b = rest;
    } else if (span_eq_cstr(kind, "echo")) {
        struct pair_row *row = &tables->echoes[tables->echo_count++];
        row->a = word_cut(&rest);
        row->b = word_cut(&rest);
    }
}

const struct hl7_tables *hl7_tables_read(struct span text, struct arena *arena) {
    struct hl7_tables *tables = ARENA_NEW(arena, struct hl7_tables);
    struct span line;
    *tables = (struct hl7_tables){.field_count = 0};
    while (span_cut(&text, '\n', &line)) {
        line = span_trim(line);
        if (line.len && line.ptr[0] != '#')
            read_line(tables, line);
        must(tables->field_count < MOST_ROWS && tables->type_count < MOST_ROWS);
    }
    return tables;
}

/* -- a message ------------------------------------------------------------------------------------------------------------ */

struct segment {
    struct span id, text;
};

struct message {
    const struct message *request; /* of an answer; NULL when it cannot be read */
    struct segment segments[MOST_SEGMENTS];
    size_t count;
    char separator, component, repetition, escape, sub;
    struct span structure;
    bool old;        /* before 2.4 */
    bool french;     /* PAM.fr 2.11 */
    bool may_delete; /* a notification: "" for what is gone */
};

static struct span piece(struct span text, char separator, size_t n) {
    struct span part = SPAN("");
    for (size_t i = 0; i < n; i++) {
        if (!span_cut(&text, separator, &part))
            return SPAN("");
    }
    return part;
}

static size_t pieces(struct span text, char separator) {
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == separator;
    return count;
}

/* Field n; MSH-1 is the separator itself. */
static struct span field_of(const struct message *message, const struct segment *segment, size_t n) {
    bool header = span_eq_cstr(segment->id, "MSH");
    if (header && n == 1)
        return span_make(&segment->text.ptr[3], 1);
    return piece(segment->text, message->separator, header ? n : n + 1);
}

static size_t field_count(const struct message *message, const struct segment *segment) {
    return pieces(segment->text, message->separator) - (span_eq_cstr(segment->id, "MSH") ? 0 : 1);
}

static const struct segment *segment_named(const struct message *message, struct span id) {
    for (size_t i = 0; i < message->count; i++) {
        if (span_eq(message->segments[i].id, id))
            return &message->segments[i];
    }
    return NULL;
}

/* Any line ends; what does not begin with MSH is no message. */
static bool split(struct span text, struct message *out) {
    struct span line;
    out->count = 0;
    while (out->count < MOST_SEGMENTS && span_cut(&text, memchr(text.ptr, '\r', text.len) ? '\r' : '\n', &line)) {
        line = span_trim(line);
        if (line.len >= 3)
            out->segments[out->count++] = (struct segment){span_sub(line, 0, 3), line};
        if (span_is_absent(text) || text.len == 0)
            break;
    }
    if (out->count == 0 || !span_eq_cstr(out->segments[0].id, "MSH") || out->segments[0].text.len < 9)
        return false;
    const char *head = out->segments[0].text.ptr;
    out->separator = head[3];
    out->component = head[4];
    out->repetition = head[5];
    out->escape = head[6];
    out->sub = head[7];
    struct span type = field_of(out, &out->segments[0], 9), version = field_of(out, &out->segments[0], 12);
    out->structure = pieces(type, out->component) >= 3 ? piece(type, out->component, 3) : piece(type, out->component, 1);
    out->french = span_eq_cstr(version, "2.5^FRA^2.11");
    out->old = span_starts(version, SPAN("2.3")) || span_starts(version, SPAN("2.2")) || span_starts(version, SPAN("2.1"));
    return true;
}

/* -- order of segments ------------------------------------------------------------------------------------------------------ */

struct grammar {
    const struct message *message;
    struct span words[MOST_WORDS];
    size_t word_count;
};

static size_t closing(const struct grammar *grammar, size_t at) {
    size_t depth = 0;
    for (size_t i = at; i < grammar->word_count; i++) {
        char c = grammar->words[i].ptr[0];
        depth += c == '[' || c == '{';
        depth -= c == ']' || c == '}';
        if (depth == 0)
            return i;
    }
    must(false && "brackets match");
    return 0;
}

/* Eats what words [from, to) allow, as much as they can; SIZE_MAX when something that must be there is not. No structure here needs
 * to go back. */
static size_t eat(const struct grammar *grammar, size_t from, size_t to, size_t at) {
    for (size_t i = from; i < to; i++) {
        char c = grammar->words[i].ptr[0];
        if (c == '[' || c == '{') {
            size_t end = closing(grammar, i), after = eat(grammar, i + 1, end, at);
            if (after == SIZE_MAX && c == '{')
                return SIZE_MAX;
            while (c == '{' && after != SIZE_MAX && after > at) {
                at = after;
                after = eat(grammar, i + 1, end, at);
            }
            at = after == SIZE_MAX ? at : after;
            i = end;
        } else if (at < grammar->message->count && span_eq(grammar->message->segments[at].id, grammar->words[i])) {
            at++;
        } else {
            return SIZE_MAX;
        }
    }
    return at;
}

/* "[{ERR}]" to its tokens. */
static void read_grammar(struct span text, struct grammar *out) {
    for (size_t i = 0; i < text.len && out->word_count < MOST_WORDS; i++) {
        size_t len = strchr("[]{}", text.ptr[i]) ? 1 : 3;
        if (text.ptr[i] == ' ')
            continue;
        out->words[out->word_count++] = span_sub(text, i, len);
        i += len - 1;
    }
}

static bool check_order(const struct hl7_tables *tables, const struct message *message, struct error *err) {
    for (size_t i = 0; i < tables->structure_count; i++) {
        if (!span_eq(tables->structures[i].a, message->structure))
            continue;
        struct grammar grammar = {.message = message};
        read_grammar(tables->structures[i].b, &grammar);
        return eat(&grammar, 0, grammar.word_count, 0) == message->count ||
               error_set(err, ERROR_SEQUENCE, "structure", "the segments are not %.*s", SPAN_ARG(tables->structures[i].b));
    }
    return error_set(err, ERROR_SEQUENCE, "MSH-9", "no such structure: %.*s", SPAN_ARG(message->structure));
}

/* -- fields --------------------------------------------------------------------------------------------------------------- */

static const struct field_row *row_named(const struct hl7_tables *tables, const char *key, size_t field) {
    for (size_t i = 0; i < tables->field_count; i++) {
        if (tables->fields[i].field == field && span_eq_cstr(tables->fields[i].key, key))
            return &tables->fields[i];
    }
    return NULL;
}

/* The row of a field: that of the structure, of the version, of the segment; the field itself before the segment's rest. */
static const struct field_row *row_of(const struct hl7_tables *tables, const struct message *message, const struct segment *segment,
                                      size_t field) {
    char keys[3][32];
    snprintf(keys[0], sizeof keys[0], "%.*s:%.*s", SPAN_ARG(message->structure), SPAN_ARG(segment->id));
    snprintf(keys[1], sizeof keys[1], "%.*s%s", SPAN_ARG(segment->id), message->old ? "@old" : message->french ? "@fra" : "");
    snprintf(keys[2], sizeof keys[2], "%.*s", SPAN_ARG(segment->id));
    for (size_t i = 0; i < 3; i++) {
        const struct field_row *row = row_named(tables, keys[i], field);
        row = row ? row : row_named(tables, keys[i], 0);
        if (row)
            return row;
    }
    return NULL;
}

static bool in_values(struct span values, struct span text) {
    struct span one;
    while (span_cut(&values, '|', &one)) {
        size_t blank = span_find(one, '~', 0); /* a blank in the table of words */
        if (span_eq(one, text) || (blank < one.len && text.len == one.len && text.ptr[blank] == ' ' &&
                                   span_eq(span_sub(one, 0, blank), span_sub(text, 0, blank)) &&
                                   span_eq(span_sub(one, blank + 1, one.len), span_sub(text, blank + 1, text.len))))
            return true;
    }
    return false;
}

static bool is_number(struct span text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    return text.len > 0;
}

/* YYYY[MM[DD[HH[MM[SS[.S...]]]]]][+ZZZZ] */
static bool is_time(struct span text) {
    size_t zone = span_find(text, '+', 0), minus = span_find(text, '-', 0);
    size_t end = zone < minus ? zone : minus;
    struct span digits = span_sub(text, 0, end), offset = span_sub(text, end, text.len);
    digits = span_sub(digits, 0, span_find(digits, '.', 0));
    bool whole = digits.len >= 4 && digits.len <= 14 && digits.len % 2 == 0 && is_number(digits);
    return whole && (offset.len == 0 || (offset.len == 5 && is_number(span_sub(offset, 1, 4))));
}

static bool check_type(const struct hl7_tables *tables, const struct message *message, const struct field_row *row,
                       struct span repetition, const char *where, struct error *err) {
    if (message->may_delete && span_eq_cstr(repetition, "\"\""))
        return true;
    for (size_t i = 0; i < tables->type_count; i++) {
        const struct type_row *type = &tables->types[i];
        if (!span_eq(type->name, row->type))
            continue;
        if (pieces(repetition, message->component) > type->components)
            return error_set(err, ERROR_TYPE, where, "more components than %.*s has", SPAN_ARG(row->type));
        struct span rest = repetition, component;
        while (span_cut(&rest, message->component, &component)) {
            if (pieces(component, message->sub) > type->subcomponents)
                return error_set(err, ERROR_TYPE, where, "more subcomponents than %.*s has", SPAN_ARG(row->type));
        }
    }
    struct span first = piece(repetition, message->component, 1), authority = piece(repetition, message->component, 4);
    if (span_eq_cstr(row->type, "CX") && (first.len == 0 || authority.len == 0))
        return error_set(err, ERROR_MISSING, where, "a CX without number or authority");
    if ((span_eq_cstr(row->type, "NM") || span_eq_cstr(row->type, "SI")) && !is_number(first))
        return error_set(err, ERROR_TYPE, where, "not a number");
    if (span_eq_cstr(row->type, "TS") && !is_time(first))
        return error_set(err, ERROR_TYPE, where, "not a time");
    return row->values.len == 0 || in_values(row->values, first) ||
           error_set(err, ERROR_TABLE, where, "not one of %.*s", SPAN_ARG(row->values));
}

/* A code of a header that came so from the other side. */
static bool is_repeated(const struct message *message, const struct segment *segment, size_t field) {
    bool header = span_eq_cstr(segment->id, "MSH") && message->request;
    return header && span_eq(field_of(message->request, &message->request->segments[0], field), field_of(message, segment, field));
}

static bool check_field(const struct hl7_tables *tables, const struct message *message, const struct segment *segment, size_t field,
                        struct error *err) {
    const struct field_row *row = row_of(tables, message, segment, field);
    struct span text = field_of(message, segment, field), rest = text, repetition;
    char where[32];
    snprintf(where, sizeof where, "%.*s-%zu", SPAN_ARG(segment->id), field);
    if (!row || (text.len == 0 && row->usage != 'R'))
        return true;
    if (text.len == 0)
        return error_set(err, ERROR_MISSING, where, "it must be there");
    if (row->usage == 'X')
        return error_set(err, ERROR_TYPE, where, "it must not be there");
    if ((span_eq_cstr(segment->id, "MSH") && field <= 2) || is_repeated(message, segment, field))
        return true;
    if (row->most && pieces(text, message->repetition) > row->most)
        return error_set(err, ERROR_TYPE, where, "more than %zu repetitions", row->most);
    while (span_cut(&rest, message->repetition, &repetition)) {
        if (repetition.len && !check_type(tables, message, row, repetition, where, err))
            return false;
    }
    return true;
}

static bool check_segment(const struct hl7_tables *tables, const struct message *message, const struct segment *segment,
                          struct error *err) {
    size_t most = field_count(message, segment);
    for (size_t i = 0; i < tables->field_count; i++) /* what must be there may lie beyond the last field */
        if (span_eq(tables->fields[i].key, segment->id) && tables->fields[i].field > most)
            most = tables->fields[i].field;
    for (size_t field = 1; field <= most; field++) {
        if (!check_field(tables, message, segment, field, err))
            return false;
    }
    return true;
}

/* -- echoes --------------------------------------------------------------------------------------------------------------- */

/* "QPD-3" of a message. */
static struct span field_named(const struct message *message, struct span name) {
    const struct segment *segment = segment_named(message, span_sub(name, 0, 3));
    return segment ? field_of(message, segment, number_or_zero(span_sub(name, 4, name.len))) : SPAN("");
}

static bool check_echoes(const struct hl7_tables *tables, const struct message *request, const struct message *answer,
                         struct error *err) {
    for (size_t i = 0; i < tables->echo_count; i++) {
        const struct pair_row *row = &tables->echoes[i];
        struct span asked = field_named(request, row->b), told = field_named(answer, row->a);
        bool there = segment_named(answer, span_sub(row->a, 0, 3)) != NULL;
        if (there && asked.len && !span_eq(asked, told))
            return error_set(err, ERROR_RULE, "echo", "%.*s does not repeat the request's %.*s", SPAN_ARG(row->a),
                             SPAN_ARG(row->b));
    }
    return true;
}

static bool check_outcome(const struct message *answer, struct error *err) {
    struct span code = field_named(answer, SPAN("MSA-1")), status = field_named(answer, SPAN("QAK-2"));
    bool good = code.len == 2 && code.ptr[1] == 'A', says = segment_named(answer, SPAN("ERR")) != NULL;
    if (good == says)
        return error_set(err, ERROR_RULE, "ERR", good ? "an error in an answer that accepts" : "a refusal that says no reason");
    if (status.len && (good ? span_eq_cstr(status, "AE") || span_eq_cstr(status, "AR") : !span_eq(status, code)))
        return error_set(err, ERROR_RULE, "QAK-2", "it does not go with MSA-1");
    return true;
}

static bool check_segments(const struct hl7_tables *tables, struct span text, const struct message *message, struct error *err) {
    if (text.ptr[text.len - 1] != '\r' || memchr(text.ptr, '\n', text.len))
        return error_set(err, ERROR_TYPE, "segments", "they do not all end with CR");
    if (!check_order(tables, message, err))
        return false;
    for (size_t i = 0; i < message->count; i++) {
        if (!check_segment(tables, message, &message->segments[i], err))
            return false;
    }
    return true;
}

bool hl7_told_check(const struct hl7_tables *tables, struct span message, struct error *err) {
    static struct message told;
    if (!split(message, &told))
        return error_set(err, ERROR_TYPE, "MSH", "it does not begin with a header");
    told.may_delete = true;
    return check_segments(tables, message, &told, err);
}

bool hl7_structure_check(const struct hl7_tables *tables, struct span request, struct span answer, struct error *err) {
    static struct message asked, told; /* large; one thread asks */
    told.request = split(request, &asked) ? &asked : NULL;
    if (!split(answer, &told))
        return error_set(err, ERROR_TYPE, "MSH", "it does not begin with a header");
    if (!check_segments(tables, answer, &told, err))
        return false;
    return check_outcome(&told, err) && (!told.request || check_echoes(tables, told.request, &told, err));
}
