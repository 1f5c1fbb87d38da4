/* The tree of spans; see hl7_message.h. */
#include "mllp/hl7_message.h"

#include "base/arena.h"
#include "base/vec.h"
#include "mllp/hl7_escape.h"
#include "mllp/hl7_scan.h"

#include <string.h>

static bool is_line_end(char c) {
    return c == '\r' || c == '\n';
}

/* -- header --------------------------------------------------------------------------------------------------------------- */

static struct span strip_head(struct span raw, bool *out_mark) {
    *out_mark = false;
    for (;;) {
        if (span_starts(raw, SPAN("\xef\xbb\xbf"))) {
            *out_mark = true;
            raw = span_sub(raw, 3, raw.len);
        } else if (raw.len && (is_line_end(raw.ptr[0]) || raw.ptr[0] == ' ')) {
            raw = span_sub(raw, 1, raw.len);
        } else {
            return raw;
        }
    }
}

static struct span first_line(struct span text) {
    size_t len = 0;
    while (len < text.len && !is_line_end(text.ptr[len]))
        len++;
    return span_sub(text, 0, len);
}

/* A delimiter is a printable ASCII sign, no letter, digit, blank or quote, and no other delimiter. */
static bool may_delimit(char c, const struct hl7_delimiters *taken) {
    bool sign = c > ' ' && c < 0x7f && c != '"' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
    return sign && c != taken->field && c != taken->component && c != taken->repetition && c != taken->escape;
}

static bool read_delimiters(struct span line, struct hl7_delimiters *out, unsigned *io_warnings, struct error *err) {
    struct hl7_delimiters made = {0};
    if (line.len < 5 || !may_delimit(line.ptr[3], &made))
        return error_set(err, ERROR_SEQUENCE, "MSH^1^1", "the header has no field separator");
    made.field = line.ptr[3];
    struct span codes = span_sub(line, 4, span_find(line, made.field, 4) - 4);
    char *const places[] = {&made.component, &made.repetition, &made.escape, &made.subcomponent};
    for (size_t i = 0; i < 4 && i < codes.len; i++) {
        if (!may_delimit(codes.ptr[i], &made))
            return error_set(err, ERROR_TYPE, "MSH^1^2", "the encoding characters must be four different signs");
        *places[i] = codes.ptr[i];
    }
    if (made.component == '\0')
        return error_set(err, ERROR_MISSING, "MSH^1^2", "the header has no encoding characters");
    if (codes.len == 3 && made.escape == '&') { /* "^~&": the escape was forgotten, not the subcomponent (row 11) */
        made.escape = '\0';
        made.subcomponent = '&';
    }
    if (codes.len != 4)
        *io_warnings |= HL7_WARN_DELIMITERS;
    *out = made;
    return true;
}

/* The n-th field of a line that begins with MSH, before it is decoded. */
static struct span header_field(struct span line, char separator, size_t field) {
    struct span rest = line, piece = SPAN_ABSENT;
    for (size_t i = 1; i <= field; i++) {
        if (!span_cut(&rest, separator, &piece))
            return SPAN_ABSENT;
    }
    return piece;
}

static enum hl7_charset read_charset(struct span line, const struct hl7_delimiters *delimiters, enum hl7_charset fallback,
                                     unsigned *io_warnings) {
    struct span code = header_field(line, delimiters->field, 18);
    if (delimiters->repetition)
        code = span_sub(code, 0, span_find(code, delimiters->repetition, 0));
    bool alias = false;
    enum hl7_charset charset = hl7_charset_parse(code, &alias);
    if (alias)
        *io_warnings |= HL7_CHARSET_ALIAS;
    return charset == HL7_CHARSET_NONE ? fallback : charset;
}

/* -- segments ------------------------------------------------------------------------------------------------------------- */

static size_t count_char(struct span s, char c) {
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += s.ptr[i] == c;
    return count;
}

/* Too many fields of a segment, or repetitions of its field. */
static bool too_much(const struct hl7_segment *segment, size_t field, bool fields, struct error *err) {
    char where[32];
    int len = snprintf(where, sizeof where, "%s^%u", segment->id, segment->occurrence);
    if (fields)
        return error_set(err, ERROR_LIMIT, where, "more than %d fields", HL7_MOST_FIELDS);
    if (field)
        snprintf(where + len, sizeof where - (size_t)len, "^%zu", field);
    return error_set(err, ERROR_LIMIT, where, "more than %d repetitions", HL7_MOST_REPETITIONS);
}

/* A sign that is not declared is no delimiter; a message holds no NUL. */
static void fill_kinds(const struct hl7_delimiters *delimiters, unsigned char kinds[256]) {
    kinds['\r'] = kinds['\n'] = HL7_KIND_LINE_END;
    kinds[0x0b] = kinds[0x1c] = HL7_KIND_BLOCK;
    kinds[(unsigned char)delimiters->escape] = HL7_KIND_ESCAPE;
    kinds[(unsigned char)delimiters->subcomponent] = HL7_KIND_SUBCOMPONENT;
    kinds[(unsigned char)delimiters->component] = HL7_KIND_COMPONENT;
    kinds[(unsigned char)delimiters->repetition] = HL7_KIND_REPETITION;
    kinds[(unsigned char)delimiters->field] = HL7_KIND_FIELD;
    kinds[0] = HL7_KIND_TEXT;
}

/* Cuts the line at the head of `text` into fields, in one pass over its bytes. */
static bool cut_segment(const struct hl7_message *message, struct span text, struct hl7_segment *segment, struct error *err) {
    enum { SIGNS = 4 };
    const struct hl7_delimiters *d = &message->delimiters;
    const struct hl7_signs signs = hl7_signs_of((const char[]){'\r', '\n', d->field, d->repetition}, SIGNS);
    const size_t most = HL7_MOST_FIELDS;
    struct span fields[HL7_MOST_FIELDS + 2];
    size_t count = 0, start = 0, repetitions = 0;
    unsigned kind = HL7_KIND_TEXT;
    for (size_t from = 0; kind != HL7_KIND_LINE_END; from += HL7_SCAN_BYTES) {
        for (uint64_t marks = hl7_scan(text, from, &signs, SIGNS); marks && kind != HL7_KIND_LINE_END; marks &= marks - 1) {
            size_t at = from + (size_t)__builtin_ctzll(marks);
            kind = at < text.len ? message->kinds[(unsigned char)text.ptr[at]] : HL7_KIND_LINE_END;
            if (kind == HL7_KIND_REPETITION) {
                repetitions++;
                continue;
            }
            if (count > most || repetitions >= HL7_MOST_REPETITIONS)
                return too_much(segment, count, count > most, err);
            fields[count++] = span_make(text.ptr + start, at - start);
            if (count == 1 && memcmp(segment->id, "MSH", 3) == 0)
                fields[count++] = span_make(text.ptr + 3, 1); /* MSH-1 is the separator itself */
            start = at + 1;
            repetitions = 0;
        }
    }
    segment->text = span_sub(text, 0, start - 1);
    segment->fields = arena_dup(message->arena, fields, count * sizeof *fields);
    segment->field_count = count;
    return true;
}

/* The text begins with a segment's name that ends there. */
static bool is_segment(struct span text, char separator) {
    if (text.len < 3 || (text.len > 3 && text.ptr[3] != separator && !is_line_end(text.ptr[3])))
        return false;
    for (size_t i = 0; i < 3; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return true;
}

static void set_id(struct hl7_segment *segment, struct span text) {
    for (size_t i = 0; i < 3; i++) {
        char c = text.ptr[i];
        segment->id[i] = c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
    }
    segment->id[3] = '\0';
}

/* Moves to the next line that is not empty. */
static bool next_line(struct span *rest, unsigned *io_warnings) {
    while (rest->len && is_line_end(rest->ptr[0])) {
        if (rest->ptr[0] == '\n')
            *io_warnings |= HL7_WARN_LINE_ENDS;
        *rest = span_sub(*rest, 1, rest->len);
    }
    return rest->len > 0;
}

bool hl7_open(struct span raw, enum hl7_charset default_charset, struct arena *arena, struct hl7_message **out, struct error *err) {
    bool mark;
    struct span head = strip_head(raw, &mark);
    if (span_starts(head, SPAN("FHS")) || span_starts(head, SPAN("BHS")))
        return error_set(err, ERROR_UNSUPPORTED_MESSAGE, head.ptr[0] == 'F' ? "FHS^1" : "BHS^1",
                         "batches are not accepted here; send each message in its own frame");
    if (!span_starts(head, SPAN("MSH")))
        return error_set(err, ERROR_SEQUENCE, "MSH^1", "the message does not begin with MSH");
    struct hl7_message *message = ARENA_NEW(arena, struct hl7_message);
    struct span line = first_line(head);
    message->arena = arena;
    message->raw = raw;
    if (!read_delimiters(line, &message->delimiters, &message->warnings, err))
        return false;
    fill_kinds(&message->delimiters, message->kinds);
    message->declared = read_charset(line, &message->delimiters, default_charset, &message->warnings);
    message->text = hl7_charset_decode(head, message->declared, mark, arena, &message->charset, &message->warnings);

    struct hl7_segment *header = ARENA_NEW(arena, struct hl7_segment);
    set_id(header, message->text);
    header->occurrence = 1;
    if (!cut_segment(message, message->text, header, err))
        return false;
    message->segments = header;
    message->segment_count = 1;
    *out = message;
    return true;
}

/* How many segments of this name came before: only names that can repeat in what we read are worth looking back for. */
static uint32_t occurrence_of(const struct hl7_segment *segments, size_t count, const char *id) {
    for (size_t i = count; i-- > 0;) {
        if (memcmp(segments[i].id, id, 3) == 0)
            return segments[i].occurrence + 1;
    }
    return 1;
}

bool hl7_parse(struct hl7_message *message, struct error *err) {
    if (message->declared == HL7_CHARSET_UNKNOWN)
        return error_set(err, ERROR_TABLE, "MSH^1^18", "the character set is not supported; use UNICODE UTF-8 or 8859/15");
    VEC(struct hl7_segment) segments = {0};
    VEC_ADD(message->arena, segments, message->segments[0]);
    struct span rest = span_sub(message->text, message->segments[0].text.len, message->text.len);
    while (next_line(&rest, &message->warnings)) {
        if (!is_segment(rest, message->delimiters.field)) {
            message->warnings |= HL7_WARN_ODD_LINE;
            rest = span_sub(rest, first_line(rest).len, rest.len);
            continue;
        }
        struct hl7_segment segment;
        set_id(&segment, rest);
        segment.occurrence = occurrence_of(segments.items, segments.count, segment.id);
        if (segments.count == HL7_MOST_SEGMENTS)
            return error_set(err, ERROR_LIMIT, "MSH^1", "more than %d segments", HL7_MOST_SEGMENTS);
        if (!cut_segment(message, rest, &segment, err))
            return false;
        VEC_ADD(message->arena, segments, segment);
        rest = span_sub(rest, segment.text.len, rest.len);
    }
    message->segments = segments.items;
    message->segment_count = segments.count;
    return true;
}

/* -- reading -------------------------------------------------------------------------------------------------------------- */

const struct hl7_segment *hl7_segment(const struct hl7_message *message, const char *id, uint32_t occurrence) {
    for (size_t i = 0; i < message->segment_count; i++) {
        if (message->segments[i].occurrence == occurrence && memcmp(message->segments[i].id, id, 3) == 0)
            return &message->segments[i];
    }
    return NULL;
}

struct span hl7_field(const struct hl7_segment *segment, size_t field) {
    return segment && field < segment->field_count ? segment->fields[field] : SPAN_ABSENT;
}

/* The n-th piece of s, from 1. Without a separator s is its own only piece. */
static struct span piece_of(struct span s, char separator, size_t n) {
    if (separator == '\0')
        return n == 1 ? s : SPAN_ABSENT;
    struct span piece = SPAN_ABSENT;
    for (size_t i = 0; i < n; i++) {
        if (!span_cut(&s, separator, &piece))
            return SPAN_ABSENT;
    }
    return piece;
}

size_t hl7_repetition_count(const struct hl7_message *message, struct span field) {
    if (span_is_empty(field))
        return 0;
    return message->delimiters.repetition ? count_char(field, message->delimiters.repetition) + 1 : 1;
}

struct span hl7_repetition(const struct hl7_message *message, struct span field, size_t repetition) {
    return piece_of(field, message->delimiters.repetition, repetition);
}

struct span hl7_component(const struct hl7_message *message, struct span repetition, size_t component) {
    return piece_of(repetition, message->delimiters.component, component);
}

struct span hl7_subcomponent(const struct hl7_message *message, struct span component, size_t subcomponent) {
    return piece_of(component, message->delimiters.subcomponent, subcomponent);
}

struct span hl7_part(const struct hl7_message *message, const struct hl7_segment *segment, size_t field, size_t component) {
    struct span repetition = hl7_repetition(message, hl7_field(segment, field), 1);
    return component ? hl7_component(message, repetition, component) : repetition;
}

void hl7_split(const struct hl7_message *message, struct span repetition, struct hl7_parts *out) {
    *out = (struct hl7_parts){0};
    struct span rest = repetition, piece;
    while (out->count < HL7_MOST_COMPONENTS && span_cut(&rest, message->delimiters.component, &piece))
        out->parts[++out->count] = piece;
}

static size_t put_number(char *out, size_t number) {
    char digits[20];
    size_t len = 0;
    do
        digits[len++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    *out = '^';
    for (size_t i = 0; i < len; i++)
        out[1 + i] = digits[len - 1 - i];
    return len + 1;
}

/* By hand: every identifier of every message has one. */
const char *hl7_where(const struct hl7_message *message, const struct hl7_segment *segment, size_t field, size_t repetition) {
    char *where = arena_alloc(message->arena, 72);
    size_t len = 3;
    memcpy(where, segment->id, 3);
    len += put_number(where + len, segment->occurrence);
    if (field)
        len += put_number(where + len, field);
    if (field && repetition)
        len += put_number(where + len, repetition);
    where[len] = '\0';
    return where;
}

/* Names the first component that is too long, if one is. */
static bool check_repetition(const struct hl7_message *message, struct span repetition, const char *where, struct error *err) {
    struct span rest = repetition, component;
    char place[64];
    for (size_t i = 1; span_cut(&rest, message->delimiters.component, &component); i++) {
        snprintf(place, sizeof place, "%s^%zu", where, i);
        if (component.len > HL7_MOST_COMPONENT_BYTES)
            return error_set(err, ERROR_LIMIT, place, "longer than %d bytes", HL7_MOST_COMPONENT_BYTES);
    }
    return true;
}

bool hl7_check_lengths(const struct hl7_message *message, const struct hl7_segment *segment, struct error *err) {
    for (size_t field = 1; segment && field <= segment->field_count; field++) {
        struct span value = hl7_field(segment, field);
        size_t count = value.len > HL7_MOST_COMPONENT_BYTES ? hl7_repetition_count(message, value) : 0;
        for (size_t i = 1; i <= count; i++)
            if (!check_repetition(message, hl7_repetition(message, value, i), hl7_where(message, segment, field, i), err))
                return false;
    }
    return true;
}

bool hl7_is_null(struct span raw) {
    return raw.len == 2 && raw.ptr[0] == '"' && raw.ptr[1] == '"';
}

struct span hl7_text_exact(const struct hl7_message *message, struct span raw) {
    return hl7_unescape(&message->delimiters, message->charset, raw, message->arena);
}

struct span hl7_text(const struct hl7_message *message, struct span raw) {
    struct span text = span_trim(hl7_text_exact(message, raw));
    return span_is_empty(text) ? SPAN_ABSENT : text;
}

struct span hl7_first(const struct hl7_message *message, struct span component) {
    return hl7_text(message, hl7_subcomponent(message, component, 1));
}

struct span hl7_comparable(struct span raw, struct arena *arena) {
    bool mark;
    struct span head = strip_head(raw, &mark);
    struct span when = head.len > 3 ? header_field(first_line(head), head.ptr[3], 7) : SPAN_ABSENT;
    if (span_is_empty(when))
        return raw;
    size_t before = (size_t)(when.ptr - raw.ptr), after = raw.len - before - when.len;
    char *kept = arena_alloc(arena, before + after);
    memcpy(kept, raw.ptr, before);
    memcpy(kept + before, when.ptr + when.len, after);
    return span_make(kept, before + after);
}

struct span hl7_peek_header(struct span raw, size_t field) {
    bool mark;
    struct span head = strip_head(raw, &mark);
    struct span text = head.len > 3 ? header_field(first_line(head), head.ptr[3], field) : SPAN_ABSENT;
    return span_is_utf8(text) ? text : SPAN_ABSENT;
}

bool hl7_next_message(struct span *rest, struct span *out_message) {
    if (span_is_absent(*rest) || rest->len == 0)
        return false;
    bool mark;
    struct span head = strip_head(*rest, &mark);
    bool framed = head.len > 3 && span_starts(head, SPAN("MSH"));
    char separator = framed ? head.ptr[3] : '\0';
    for (size_t at = (size_t)(head.ptr - rest->ptr) + 3; framed && at + 4 <= rest->len; at++) {
        if (is_line_end(rest->ptr[at - 1]) && memcmp(rest->ptr + at, "MSH", 3) == 0 && rest->ptr[at + 3] == separator) {
            *out_message = span_sub(*rest, 0, at);
            *rest = span_sub(*rest, at, rest->len);
            return true;
        }
    }
    *out_message = *rest;
    *rest = SPAN_ABSENT;
    return true;
}
