/* Writes segments; see hl7_write.h. */
#include "mllp/hl7_write.h"

#include "mllp/frame.h"
#include "mllp/hl7_escape.h"
#include "mllp/hl7_scan.h"

#include <string.h>

static const struct hl7_place FIRST_PLACE = {0, 1, 1, 1};

/* A sign that is not in use yet, the usual one if possible. */
static char choose(const struct hl7_delimiters *taken, const char *candidates) {
    for (const char *c = candidates; *c; c++) {
        if (*c != taken->field && *c != taken->component && *c != taken->repetition && *c != taken->escape &&
            *c != taken->subcomponent)
            return *c;
    }
    return candidates[0];
}

void hl7_writer_init(struct hl7_writer *writer, const struct hl7_delimiters *delimiters, struct buf *out) {
    *writer = (struct hl7_writer){.out = out, .delimiters = *delimiters};
    struct hl7_delimiters *d = &writer->delimiters;
    if (!d->field)
        *d = HL7_DELIMITERS;
    if (!d->component)
        d->component = choose(d, "^!%*+");
    if (!d->repetition)
        d->repetition = choose(d, "~!%*+");
    if (!d->escape)
        d->escape = choose(d, "\\!%*+");
    if (!d->subcomponent)
        d->subcomponent = choose(d, "&!%*+");
}

void hl7_begin(struct hl7_writer *writer, const char *id) {
    writer->wanted = writer->written = FIRST_PLACE;
    buf_add_cstr(writer->out, id);
    if (strcmp(id, "MSH") != 0 && strcmp(id, "FHS") != 0 && strcmp(id, "BHS") != 0)
        return;
    const struct hl7_delimiters *d = &writer->delimiters;
    buf_add_bytes(writer->out, (const char[]){d->field, d->component, d->repetition, d->escape, d->subcomponent}, 5);
    writer->wanted.field = writer->written.field = 2;
}

void hl7_end(struct hl7_writer *writer) {
    buf_add_char(writer->out, '\r');
}

void hl7_at(struct hl7_writer *writer, size_t field) {
    writer->wanted = (struct hl7_place){field, 1, 1, 1};
}

void hl7_repeat(struct hl7_writer *writer) {
    writer->wanted = (struct hl7_place){writer->wanted.field, writer->wanted.repetition + 1, 1, 1};
}

static char *pad(char *out, char delimiter, size_t count) {
    while (count-- > 0)
        *out++ = delimiter;
    return out;
}

/* Adds the delimiters between the place written last and the one wanted, and text behind them as it stands. */
static void go_there(struct hl7_writer *writer, struct span raw) {
    const struct hl7_delimiters *d = &writer->delimiters;
    const struct hl7_place *to = &writer->wanted;
    struct hl7_place from = writer->written;
    size_t fields = to->field - from.field;
    if (fields)
        from = (struct hl7_place){to->field, 1, 1, 1};
    size_t repetitions = to->repetition - from.repetition;
    if (repetitions)
        from.component = from.subcomponent = 1;
    size_t components = to->component - from.component;
    size_t subcomponents = to->subcomponent - (components ? 1 : from.subcomponent);
    char *out = buf_extend(writer->out, fields + repetitions + components + subcomponents + raw.len);
    writer->written = *to;
    if (!out)
        return;
    out = pad(out, d->field, fields);
    out = pad(out, d->repetition, repetitions);
    out = pad(out, d->component, components);
    out = pad(out, d->subcomponent, subcomponents);
    if (raw.len)
        memcpy(out, raw.ptr, raw.len);
}

static void want(struct hl7_writer *writer, size_t component, size_t subcomponent) {
    writer->wanted.component = component;
    writer->wanted.subcomponent = subcomponent;
}

void hl7_add(struct hl7_writer *writer, size_t component, struct span text) {
    hl7_sub(writer, component, 1, text);
}

void hl7_sub(struct hl7_writer *writer, size_t component, size_t subcomponent, struct span text) {
    want(writer, component, subcomponent);
    if (span_is_empty(text))
        return;
    go_there(writer, SPAN(""));
    hl7_escape(&writer->delimiters, text, writer->out);
}

void hl7_add_raw(struct hl7_writer *writer, size_t component, struct span raw) {
    want(writer, component, 1);
    if (!span_is_empty(raw))
        go_there(writer, raw);
}

void hl7_add_cstr(struct hl7_writer *writer, size_t component, const char *text) {
    hl7_add(writer, component, span_of(text));
}

void hl7_add_u64(struct hl7_writer *writer, size_t component, uint64_t number) {
    char text[24];
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    hl7_add(writer, component, span_make(text, (size_t)len));
}

void hl7_put(struct hl7_writer *writer, size_t field, struct span text) {
    hl7_at(writer, field);
    hl7_add(writer, 1, text);
}

void hl7_put_raw(struct hl7_writer *writer, size_t field, struct span raw) {
    hl7_at(writer, field);
    hl7_add_raw(writer, 1, raw);
}

void hl7_put_cstr(struct hl7_writer *writer, size_t field, const char *text) {
    hl7_put(writer, field, span_of(text));
}

/* -- rewriting ------------------------------------------------------------------------------------------------------------ */

static bool same_delimiters(const struct hl7_delimiters *a, const struct hl7_delimiters *b) {
    return a->field == b->field && a->component == b->component && a->repetition == b->repetition && a->escape == b->escape &&
           a->subcomponent == b->subcomponent;
}

/* A segment while it is written again. Delimiters are written as they come; one of a higher rank takes back those of lower ranks
 * that nothing came behind. */
struct copy {
    const struct hl7_message *message;
    struct hl7_writer *writer;
    char signs[HL7_KIND_FIELD + 1]; /* the writer's, by rank */
    char *out, *text_end;           /* where the next byte goes; behind the last text */
    unsigned last;                  /* rank of the delimiter before `out`, HL7_KIND_TEXT when there is none */
};

/* Room for so many bytes of the message, and for a delimiter at both ends. False beyond the ceiling. */
static bool make_room(struct copy *copy, size_t len) {
    copy->out = copy->text_end = buf_extend(copy->writer->out, len + 2);
    copy->last = HL7_KIND_TEXT;
    return copy->out != NULL;
}

/* What stands is all there is. */
static void give_back(struct copy *copy, const char *end) {
    buf_shorten(copy->writer->out, (size_t)(end - copy->writer->out->bytes));
}

static void take_back(struct copy *copy, unsigned rank) {
    while (copy->out > copy->text_end) {
        unsigned before = HL7_KIND_SUBCOMPONENT;
        while (copy->signs[before] != copy->out[-1])
            before++;
        if (before >= rank)
            return;
        copy->out--;
    }
}

static inline void put_delimiter(struct copy *copy, unsigned rank) {
    if (copy->last != HL7_KIND_TEXT && copy->last < rank)
        take_back(copy, rank);
    *copy->out++ = copy->signs[rank];
    copy->last = rank;
}

static inline void put_text(struct copy *copy, struct span text) {
    memcpy(copy->out, text.ptr, text.len);
    copy->out = copy->text_end = copy->out + text.len;
    copy->last = HL7_KIND_TEXT;
}

/* A leaf that means something else to the writer than to the message; `left` bytes come behind it. */
static bool translate(struct copy *copy, struct span leaf, size_t left) {
    struct span text = hl7_text_exact(copy->message, leaf);
    if (span_is_empty(text))
        return true;
    give_back(copy, copy->out);
    hl7_escape(&copy->writer->delimiters, text, copy->writer->out);
    return make_room(copy, left);
}

/* All leaves of text that begins with a field, in one pass over its bytes. A leaf is `plain` when its bytes mean the same to the
 * message and to the writer. */
static bool copy_leaves(struct copy *copy, struct span text) {
    enum { SIGNS = 7 };
    const struct hl7_delimiters *d = &copy->message->delimiters;
    const struct hl7_signs signs = hl7_signs_of(
        (const char[]){d->field, d->component, d->repetition, d->subcomponent, d->escape, FRAME_START, FRAME_END}, SIGNS);
    const bool same = same_delimiters(d, &copy->writer->delimiters);
    bool plain = same;
    size_t start = 0;
    put_delimiter(copy, HL7_KIND_FIELD);
    for (size_t from = 0; from <= text.len; from += HL7_SCAN_BYTES) {
        for (uint64_t marks = hl7_scan(text, from, &signs, SIGNS); marks; marks &= marks - 1) {
            size_t at = from + (size_t)__builtin_ctzll(marks);
            unsigned kind = at < text.len ? copy->message->kinds[(unsigned char)text.ptr[at]] : HL7_KIND_FIELD;
            if (kind > HL7_KIND_FIELD) {
                plain = false;
                continue;
            }
            struct span leaf = span_make(text.ptr + start, at - start);
            if (leaf.len && plain)
                put_text(copy, leaf);
            else if (leaf.len && !translate(copy, leaf, text.len - at))
                return false;
            put_delimiter(copy, kind);
            start = at + 1;
            plain = same;
        }
    }
    return true;
}

void hl7_rewrite(const struct hl7_message *message, const struct hl7_segment *segment, struct hl7_writer *writer) {
    const struct hl7_delimiters *d = &writer->delimiters;
    struct copy copy = {.message = message,
                        .writer = writer,
                        .signs = {[HL7_KIND_SUBCOMPONENT] = d->subcomponent,
                                  [HL7_KIND_COMPONENT] = d->component,
                                  [HL7_KIND_REPETITION] = d->repetition,
                                  [HL7_KIND_FIELD] = d->field}};
    size_t first = strcmp(segment->id, "MSH") == 0 ? 3 : 1;
    hl7_begin(writer, segment->id);
    if (first < segment->field_count) {
        struct span text = span_sub(segment->text, (size_t)(segment->fields[first].ptr - segment->text.ptr), segment->text.len);
        if (!make_room(&copy, text.len) || !copy_leaves(&copy, text))
            return; /* beyond the ceiling: the buf says so */
        give_back(&copy, copy.text_end);
    }
    hl7_end(writer);
}
