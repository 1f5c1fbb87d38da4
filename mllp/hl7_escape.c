/* Escape sequences; see hl7_escape.h. */
#include "mllp/hl7_escape.h"

#include "base/arena.h"

#include <string.h>

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "0D0A" -> two bytes, decoded from the message's character set. False when it is not an even number of hex digits. */
static bool add_hex(struct span digits, enum hl7_charset charset, struct arena *arena, struct buf *out) {
    if (digits.len == 0 || digits.len % 2)
        return false;
    char *bytes = arena_alloc(arena, digits.len / 2);
    for (size_t i = 0; i < digits.len; i += 2) {
        int high = hex_digit(digits.ptr[i]), low = hex_digit(digits.ptr[i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (char)(high * 16 + low);
    }
    enum hl7_charset used;
    unsigned warnings = 0;
    buf_add(out, hl7_charset_decode(span_make(bytes, digits.len / 2), charset, false, arena, &used, &warnings));
    return true;
}

static char delimiter_of(const struct hl7_delimiters *delimiters, char letter) {
    switch (letter) {
    case 'F':
        return delimiters->field;
    case 'S':
        return delimiters->component;
    case 'T':
        return delimiters->subcomponent ? delimiters->subcomponent : '&';
    case 'R':
        return delimiters->repetition ? delimiters->repetition : '~';
    case 'E':
        return delimiters->escape;
    default:
        return '\0';
    }
}

/* One sequence without its escape characters. False: not ours, keep it literally. */
static bool add_sequence(const struct hl7_delimiters *delimiters, enum hl7_charset charset, struct span sequence,
                         struct arena *arena, struct buf *out) {
    if (sequence.len == 0)
        return false;
    char letter = sequence.ptr[0];
    if (sequence.len == 1 && delimiter_of(delimiters, letter)) {
        buf_add_char(out, delimiter_of(delimiters, letter));
        return true;
    }
    if (sequence.len == 1 && (letter == 'H' || letter == 'N'))
        return true;
    if (letter == 'X')
        return add_hex(span_sub(sequence, 1, sequence.len), charset, arena, out);
    if (span_eq_cstr(sequence, ".br")) {
        buf_add_char(out, '\n');
        return true;
    }
    if (letter == '.' && sequence.len >= 3 && sequence.len <= 6) { /* .sp<n> .in<n> .ti<n> .fi .nf .ce .sk<n> */
        buf_add_char(out, ' ');
        return true;
    }
    return false;
}

struct span hl7_unescape(const struct hl7_delimiters *delimiters, enum hl7_charset charset, struct span leaf, struct arena *arena) {
    char escape = delimiters->escape;
    size_t start = escape ? span_find(leaf, escape, 0) : leaf.len;
    if (start == leaf.len)
        return leaf;
    struct buf out;
    buf_init(&out, leaf.len * 3);
    buf_add(&out, span_sub(leaf, 0, start));
    while (start < leaf.len) {
        size_t end = span_find(leaf, escape, start + 1);
        struct span sequence = span_sub(leaf, start + 1, end - start - 1);
        if (end < leaf.len && add_sequence(delimiters, charset, sequence, arena, &out)) {
            end++;
        } else {
            buf_add_char(&out, escape);
            buf_add(&out, sequence);
            /* the escape character that ended nothing may begin the next sequence */
        }
        size_t next = end < leaf.len ? span_find(leaf, escape, end) : leaf.len;
        if (end < leaf.len)
            buf_add(&out, span_sub(leaf, end, next - end));
        start = next;
    }
    struct span text = buf_copy(&out, arena);
    buf_release(&out);
    return text;
}

static char letter_of(const struct hl7_delimiters *delimiters, char c) {
    if (c == delimiters->field)
        return 'F';
    if (c == delimiters->component)
        return 'S';
    if (c == delimiters->subcomponent)
        return 'T';
    if (c == delimiters->repetition)
        return 'R';
    return c == delimiters->escape ? 'E' : '\0';
}

void hl7_escape(const struct hl7_delimiters *delimiters, struct span text, struct buf *out) {
    size_t kept = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool line = c == '\r' || c == '\n', frame = c == 0x0b || c == 0x1c;
        char letter = c ? letter_of(delimiters, c) : '\0';
        if (!line && !frame && !letter)
            continue;
        buf_add(out, span_sub(text, kept, i - kept));
        kept = i + 1;
        if (!delimiters->escape)
            buf_add_char(out, ' ');
        else if (letter)
            buf_addf(out, "%c%c%c", delimiters->escape, letter, delimiters->escape);
        else
            buf_addf(out, "%cX%02X%c", delimiters->escape, (unsigned)(unsigned char)c, delimiters->escape);
    }
    buf_add(out, span_sub(text, kept, text.len - kept));
}
