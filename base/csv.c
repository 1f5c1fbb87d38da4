/* Comma-separated text; see csv.h. */
#include "base/csv.h"

#include "base/arena.h"
#include "base/buf.h"

#include <string.h>

/* -- what kind of text ------------------------------------------------------------------------------------------------------ */

/* The delimiter seen most often outside quotes in the first line; ',' when there is none. */
static char find_delimiter(struct span text) {
    static const char candidates[] = ",;\t|";
    size_t seen[4] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len && (quoted || text.ptr[i] != '\n'); i++) {
        if (text.ptr[i] == '"')
            quoted = !quoted;
        for (size_t c = 0; c < 4 && !quoted; c++)
            seen[c] += text.ptr[i] == candidates[c];
    }
    for (size_t c = 1; c < 4; c++)
        if (seen[c] > seen[best])
            best = c;
    return candidates[best];
}

/* A first line "sep=;", by which a spreadsheet tells the delimiter: its length, 0 when there is none. */
static size_t delimiter_line(struct span text, char *out_delimiter) {
    size_t end = span_find(text, '\n', 0);
    struct span line = span_sub(text, 0, end);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (line.len != 5 || !span_eq_nocase(span_sub(line, 0, 4), SPAN("sep=")) || line.ptr[4] == '"')
        return 0;
    *out_delimiter = line.ptr[4];
    return end < text.len ? end + 1 : end;
}

bool csv_is_utf_8(struct span text) {
    for (struct span rest = text, piece; span_cut(&rest, '\0', &piece);)
        if (!span_is_utf8(piece))
            return false;
    return true;
}

bool csv_is_utf_32(struct span text) {
    return span_starts(text, SPAN("\xff\xfe\0\0")) || span_starts(text, SPAN("\0\0\xfe\xff"));
}

bool csv_open(struct csv *csv, struct span text, struct error *err) {
    if (csv_is_utf_32(text))
        return error_set(err, ERROR_TYPE, "line 1", "the file is in UTF-32: save it as UTF-8");
    if (span_starts(text, SPAN("\xff\xfe")) || span_starts(text, SPAN("\xfe\xff")))
        return error_set(err, ERROR_TYPE, "line 1", "the file is in UTF-16: save it as UTF-8");
    if (span_starts(text, SPAN("\xef\xbb\xbf")))
        text = span_sub(text, 3, text.len);
    if (span_trim(span_sub(text, 0, 4096)).len == 0)
        return error_set(err, ERROR_MISSING, "line 1", "the file is empty: a header and rows are expected");
    if (span_find(text, '\0', 0) < span_find(text, '\n', 0))
        return error_set(err, ERROR_TYPE, "line 1", "the file holds binary data, not comma-separated text");
    char told;
    size_t begin = delimiter_line(text, &told);
    *csv = (struct csv){.delimiter = begin > 0 ? told : find_delimiter(text),
                        .encoding = csv_is_utf_8(text) ? CSV_UTF_8 : CSV_FIND_OUT,
                        .text = text,
                        .at = begin,
                        .next_line = begin > 0 ? 2 : 1};
    return true;
}

/* -- fields ----------------------------------------------------------------------------------------------------------------- */

static const uint16_t windows_1252[32] = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
                                          0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
                                          0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

static size_t put_utf8(char *out, unsigned code) {
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    out[0] = (char)(0xe0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 63));
    out[2] = (char)(0x80 | (code & 63));
    return 3;
}

static bool is_ascii(struct span field) {
    uint64_t word, bits = 0;
    size_t at = 0;
    for (; at + sizeof word <= field.len; at += sizeof word) {
        memcpy(&word, field.ptr + at, sizeof word);
        bits |= word;
    }
    for (; at < field.len; at++)
        bits |= (unsigned char)field.ptr[at];
    return (bits & UINT64_C(0x8080808080808080)) == 0;
}

static struct span to_utf8(struct span field, struct arena *arena) {
    size_t high = 0, len = 0;
    for (size_t i = 0; i < field.len; i++)
        high += (unsigned char)field.ptr[i] >= 0x80;
    char *out = arena_alloc(arena, field.len + 2 * high);
    for (size_t i = 0; i < field.len; i++) {
        unsigned code = (unsigned char)field.ptr[i];
        if (code < 0x80)
            out[len++] = field.ptr[i];
        else
            len += put_utf8(out + len, code < 0xa0 ? windows_1252[code - 0x80] : code);
    }
    return span_make(out, len);
}

static void count_seen(struct csv_seen *seen, size_t line) {
    if (seen->fields++ == 0)
        seen->line = line;
}

static struct span decoded(struct csv *csv, struct span field, struct arena *arena) {
    if (csv->encoding == CSV_UTF_8 || is_ascii(field))
        return field;
    bool is_utf_8 = csv->encoding == CSV_FIND_OUT && span_is_utf8(field);
    count_seen(is_utf_8 ? &csv->utf_8 : &csv->windows_1252, csv->line);
    return is_utf_8 ? field : to_utf8(field, arena);
}

struct span csv_undouble(struct span field, struct arena *arena) {
    char *out = arena_alloc(arena, field.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < field.len; i++) {
        out[len++] = field.ptr[i];
        if (field.ptr[i] == '"' && i + 1 < field.len && field.ptr[i + 1] == '"')
            i++;
    }
    return span_make(out, len);
}

static void add_field(struct csv *csv, struct span field, struct arena *arena) {
    if (csv->count == CSV_FIELDS_MOST) {
        csv->fault = "the row has too many fields";
        return;
    }
    if (field.len > CSV_FIELD_MOST) {
        csv->fault = "a field is longer than 1 MiB";
        return;
    }
    if (csv->count == csv->capacity) {
        size_t capacity = csv->capacity ? 2 * csv->capacity : 32;
        struct span *grown = arena_alloc(arena, capacity * sizeof *grown);
        if (csv->count)
            memcpy(grown, csv->fields, csv->count * sizeof *grown);
        csv->fields = grown;
        csv->capacity = capacity;
    }
    csv->fields[csv->count++] = decoded(csv, field, arena);
}

/* Past the quote that closes the field whose text begins at csv->at; false when none does: then every run of quotes from here on is
 * of even length, no later field looks further than its own quotes, and a file is read in linear time whatever stands in it. */
static bool read_quoted(struct csv *csv, struct arena *arena) {
    struct span text = csv->text;
    size_t from = csv->at, at = from;
    bool doubled = false;
    while (true) {
        at = span_find(text, '"', at);
        if (at >= text.len)
            return false;
        if (at + 1 >= text.len || text.ptr[at + 1] != '"') {
            struct span field = span_sub(text, from, at - from);
            for (size_t i = from; i < at; i++)
                csv->next_line += text.ptr[i] == '\n';
            add_field(csv, doubled && field.len <= CSV_FIELD_MOST ? csv_undouble(field, arena) : field, arena);
            csv->at = at + 1;
            return true;
        }
        doubled = true;
        at += 2;
    }
}

static bool ends_field(const struct csv *csv, char c) {
    return c == csv->delimiter || c == '\n';
}

/* Not 0 when one of its bytes is `c`. */
static uint64_t has_byte(uint64_t word, char c) {
    const uint64_t ones = UINT64_C(0x0101010101010101), high = UINT64_C(0x8080808080808080);
    uint64_t other = word ^ ones * (unsigned char)c;
    return (other - ones) & ~other & high;
}

/* Eight bytes at once that end no field. */
static void skip_plain(struct csv *csv) {
    uint64_t word;
    while (csv->text.len - csv->at >= sizeof word) {
        memcpy(&word, csv->text.ptr + csv->at, sizeof word);
        if ((has_byte(word, csv->delimiter) | has_byte(word, '\n')) != 0)
            break;
        csv->at += sizeof word;
    }
    while (csv->at < csv->text.len && !ends_field(csv, csv->text.ptr[csv->at]))
        csv->at++;
}

static void read_plain(struct csv *csv, struct arena *arena) {
    size_t from = csv->at;
    skip_plain(csv);
    size_t end = csv->at;
    bool line_ends = end == csv->text.len || csv->text.ptr[end] == '\n';
    if (line_ends && end > from && csv->text.ptr[end - 1] == '\r')
        end--;
    add_field(csv, span_sub(csv->text, from, end - from), arena);
}

/* After a closing quote only the delimiter or the end of the line may stand. */
static void skip_to_end_of_field(struct csv *csv) {
    while (csv->at < csv->text.len && !ends_field(csv, csv->text.ptr[csv->at])) {
        if (csv->text.ptr[csv->at] != '\r' && csv->text.ptr[csv->at] != ' ')
            csv->fault = "something follows a closing quote";
        csv->at++;
    }
}

/* The line alone is set aside; what follows it is read as usual. */
static void give_up_line(struct csv *csv, size_t begin, const char *fault) {
    csv->fault = fault;
    csv->at = span_find(csv->text, '\n', begin);
    csv->next_line = csv->line;
}

/* Rows may end in delimiters that the header lacks: nothing stands behind them. */
static void drop_empty_end(struct csv *csv) {
    while (csv->width > 0 && csv->count > csv->width && span_trim(csv->fields[csv->count - 1]).len == 0)
        csv->count--;
}

static void read_row(struct csv *csv, struct arena *arena) {
    size_t begin = csv->at;
    *csv = (struct csv){.delimiter = csv->delimiter,
                        .encoding = csv->encoding,
                        .utf_8 = csv->utf_8,
                        .windows_1252 = csv->windows_1252,
                        .line = csv->next_line,
                        .text = csv->text,
                        .at = begin,
                        .next_line = csv->next_line,
                        .width = csv->width,
                        .room = csv->room,
                        .fields = csv->room,
                        .capacity = csv->room ? CSV_FIELDS_MOST : 0};
    while (true) {
        if (csv->at < csv->text.len && csv->text.ptr[csv->at] == '"') {
            csv->at++;
            if (!read_quoted(csv, arena)) {
                give_up_line(csv, begin, "a quote is never closed");
                break;
            }
            skip_to_end_of_field(csv);
        } else {
            read_plain(csv, arena);
        }
        if (csv->at >= csv->text.len || csv->text.ptr[csv->at] == '\n')
            break;
        csv->at++;
    }
    drop_empty_end(csv);
    /* A quote left open runs to the next one, over rows that are none of its own: those are not to be lost. */
    if (csv->next_line > csv->line && (csv->fault || (csv->width && csv->count != csv->width)))
        give_up_line(csv, begin, "a quote is open at the end of the line");
    if (csv->width == 0 && !csv->fault)
        csv->width = csv->count;
    csv->raw = span_sub(csv->text, begin, csv->at - begin);
    if (!csv->fault && span_find(csv->raw, '\0', 0) < csv->raw.len)
        csv->fault = "the row holds a NUL byte";
    csv->at++;
    csv->next_line++;
}

void csv_use_room(struct csv *csv, struct span *room) {
    csv->room = room;
}

bool csv_next(struct csv *csv, struct arena *arena) {
    while (csv->at < csv->text.len) {
        read_row(csv, arena);
        if (span_trim(csv->raw).len > 0)
            return true;
    }
    return false;
}

void csv_write(struct buf *out, struct span field) {
    bool plain = true;
    for (size_t i = 0; i < field.len && plain; i++)
        plain = field.ptr[i] != '"' && field.ptr[i] != ',' && field.ptr[i] != '\n' && field.ptr[i] != '\r' && field.ptr[i] != ';';
    if (plain) {
        buf_add(out, field);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < field.len; i++) {
        if (field.ptr[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, field.ptr[i]);
    }
    buf_add_char(out, '"');
}
