/* Reading ER7; see er7.h. */
#include "server/er7.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"

#include <string.h>

bool er7_open(struct span message, struct er7 *out) {
    if (message.len < 8 || !span_starts(message, SPAN("MSH")))
        return false;
    *out = (struct er7){
        .message = message, .field = message.ptr[3], .component = '^', .repetition = '~', .escape = '\\', .subcomponent = '&'};
    struct span codes = span_sub(message, 4, span_find(message, out->field, 4) - 4);
    char *const places[] = {&out->component, &out->repetition, &out->escape, &out->subcomponent};
    for (size_t i = 0; i < codes.len && i < 4; i++)
        *places[i] = codes.ptr[i];
    return true;
}

static bool next_segment(struct span *rest, struct span *out) {
    while (rest->len > 0) {
        size_t end = 0;
        while (end < rest->len && rest->ptr[end] != '\r' && rest->ptr[end] != '\n')
            end++;
        *out = span_sub(*rest, 0, end);
        *rest = span_sub(*rest, end + 1, rest->len);
        if (out->len > 0)
            return true;
    }
    return false;
}

static bool is_segment(const struct er7 *er7, struct span segment, const char *name) {
    size_t len = strlen(name);
    return span_starts(segment, span_of(name)) && (segment.len == len || segment.ptr[len] == er7->field);
}

static struct span cut_field(const struct er7 *er7, struct span segment, size_t field) {
    struct span rest = segment, piece = SPAN("");
    /* MSH-1 is the separator itself, so that the pieces of MSH count one less. */
    size_t skip = span_starts(segment, SPAN("MSH")) ? field : field + 1;
    for (size_t i = 0; i < skip; i++) {
        if (!span_cut(&rest, er7->field, &piece))
            return SPAN("");
    }
    return piece;
}

size_t er7_count(const struct er7 *er7, const char *segment) {
    struct span rest = er7->message, found;
    size_t count = 0;
    while (next_segment(&rest, &found))
        count += is_segment(er7, found, segment);
    return count;
}

struct span er7_field(const struct er7 *er7, const char *segment, size_t occurrence, size_t field) {
    struct span rest = er7->message, found;
    while (next_segment(&rest, &found)) {
        if (is_segment(er7, found, segment) && --occurrence == 0)
            return cut_field(er7, found, field);
    }
    return SPAN("");
}

struct span er7_field_after(const struct er7 *er7, const char *anchor, size_t occurrence, const char *segment, size_t field) {
    struct span rest = er7->message, found;
    size_t seen = 0;
    while (next_segment(&rest, &found)) {
        seen += is_segment(er7, found, anchor);
        if (seen == occurrence && is_segment(er7, found, segment))
            return cut_field(er7, found, field);
    }
    return SPAN("");
}

static struct span cut_nth(struct span text, char separator, size_t n) {
    struct span piece = SPAN("");
    for (size_t i = 0; i < n; i++) {
        if (!span_cut(&text, separator, &piece))
            return SPAN("");
    }
    return piece;
}

struct span er7_component(const struct er7 *er7, struct span repetition, size_t n) {
    return cut_nth(repetition, er7->component, n);
}

struct span er7_subcomponent(const struct er7 *er7, struct span component, size_t n) {
    return cut_nth(component, er7->subcomponent, n);
}

static char unescaped(const struct er7 *er7, char code) {
    switch (code) {
    case 'F':
        return er7->field;
    case 'S':
        return er7->component;
    case 'T':
        return er7->subcomponent;
    case 'R':
        return er7->repetition;
    case 'E':
        return er7->escape;
    }
    return 0;
}

struct span er7_text(const struct er7 *er7, struct span raw, struct arena *arena) {
    CLEANUP(buf_release) struct buf out = {0};
    buf_init(&out, raw.len + 1);
    for (size_t i = 0; i < raw.len; i++) {
        char code =
            raw.ptr[i] == er7->escape && i + 2 < raw.len && raw.ptr[i + 2] == er7->escape ? unescaped(er7, raw.ptr[i + 1]) : 0;
        buf_add_char(&out, code ? code : raw.ptr[i]);
        i += code ? 2 : 0;
    }
    return buf_copy(&out, arena);
}

struct span er7_escaped(struct span text, struct arena *arena) {
    static const char delimiters[] = "|^&~\\", codes[] = "FSTRE";
    CLEANUP(buf_release) struct buf out = {0};
    buf_init(&out, 3 * text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        const char *at = c ? strchr(delimiters, c) : NULL;
        if (at)
            buf_addf(&out, "\\%c\\", codes[at - delimiters]);
        else
            buf_add_char(&out, (unsigned char)c < 0x20 ? ' ' : c);
    }
    return buf_copy(&out, arena);
}
