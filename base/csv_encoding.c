/* Encodings of comma-separated text that are made UTF-8 before it is read; see csv.h. */
#include "base/csv.h"

#include "base/arena.h"

#include <string.h>

bool csv_encoding_read(struct span name, enum csv_encoding *out, struct error *err) {
    static const struct {
        const char *name;
        enum csv_encoding encoding;
    } known[] = {
        {"utf-8", CSV_UTF_8},
        {"utf8", CSV_UTF_8},
        {"windows-1252", CSV_WINDOWS_1252},
        {"cp1252", CSV_WINDOWS_1252},
        {"iso-8859-1", CSV_WINDOWS_1252},
        {"latin1", CSV_WINDOWS_1252},
        {"iso-8859-15", CSV_ISO_8859_15},
        {"latin9", CSV_ISO_8859_15},
        {"utf-16", CSV_UTF_16},
        {"utf16", CSV_UTF_16},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!span_eq_nocase(name, span_of(known[i].name)))
            continue;
        *out = known[i].encoding;
        return true;
    }
    return error_set(err, ERROR_UNKNOWN, "encoding", "known are utf-8, windows-1252, iso-8859-1, iso-8859-15 and utf-16");
}

/* A NUL is no text: U+FFFD stands for it, too. */
static size_t put(char *out, unsigned code) {
    code = code == 0 ? 0xfffd : code;
    size_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(lead[more] | code >> 6 * more);
    for (size_t i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (code >> 6 * (more - i) & 63));
    return more + 1;
}

/* -- UTF-16 ----------------------------------------------------------------------------------------------------------------- */

enum order { NOT_WIDE, LITTLE_END_FIRST, BIG_END_FIRST };

/* The characters of a header are mostly below U+0100: every second byte is 0. */
static enum order guess_order(struct span text) {
    size_t pairs = (text.len < 4096 ? text.len : 4096) / 2, zeros[2] = {0};
    for (size_t i = 0; i < 2 * pairs; i++)
        zeros[i % 2] += text.ptr[i] == 0;
    if (zeros[1] * 4 > pairs * 3 && zeros[0] * 4 < pairs)
        return LITTLE_END_FIRST;
    return zeros[0] * 4 > pairs * 3 && zeros[1] * 4 < pairs ? BIG_END_FIRST : NOT_WIDE;
}

static unsigned unit_at(struct span text, size_t at, enum order order) {
    unsigned first = (unsigned char)text.ptr[at], second = (unsigned char)text.ptr[at + 1];
    return order == LITTLE_END_FIRST ? second << 8 | first : first << 8 | second;
}

/* Half a pair of surrogates stands for U+FFFD; an odd byte at the end is left out. */
static char *from_wide(struct span text, enum order order, size_t *out_len) {
    char *out = mem_alloc(text.len / 2 * 3 + 1);
    size_t len = 0;
    for (size_t at = 0; at + 1 < text.len; at += 2) {
        unsigned code = unit_at(text, at, order);
        if (code >= 0xd800 && code < 0xe000) {
            unsigned next = code < 0xdc00 && at + 3 < text.len ? unit_at(text, at + 2, order) : 0;
            bool whole = next >= 0xdc00 && next < 0xe000;
            code = whole ? 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00) : 0xfffd;
            at += whole ? 2 : 0;
        }
        len += put(out + len, code);
    }
    *out_len = len;
    return out;
}

/* -- ISO 8859-15 ------------------------------------------------------------------------------------------------------------ */

static char *from_latin9(struct span text, size_t *out_len) {
    static const struct {
        unsigned char byte;
        unsigned code;
    } other[] = {{0xa4, 0x20ac}, {0xa6, 0x160}, {0xa8, 0x161}, {0xb4, 0x17d},
                 {0xb8, 0x17e},  {0xbc, 0x152}, {0xbd, 0x153}, {0xbe, 0x178}};
    char *out = mem_alloc(3 * text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned code = (unsigned char)text.ptr[i];
        for (size_t k = 0; k < sizeof other / sizeof other[0]; k++)
            code = other[k].byte == (unsigned char)text.ptr[i] ? other[k].code : code;
        len += put(out + len, code);
    }
    *out_len = len;
    return out;
}

char *csv_decode(struct span text, enum csv_encoding encoding, size_t *out_len) {
    bool little = span_starts(text, SPAN("\xff\xfe")), big = span_starts(text, SPAN("\xfe\xff"));
    if (encoding == CSV_ISO_8859_15)
        return from_latin9(text, out_len);
    if ((encoding != CSV_FIND_OUT && encoding != CSV_UTF_16) || csv_is_utf_32(text))
        return NULL;
    if (little || big)
        return from_wide(span_sub(text, 2, text.len), little ? LITTLE_END_FIRST : BIG_END_FIRST, out_len);
    enum order order = guess_order(text);
    if (order == NOT_WIDE && encoding == CSV_UTF_16)
        order = LITTLE_END_FIRST;
    return order == NOT_WIDE ? NULL : from_wide(text, order, out_len);
}
