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

/* What divides a text from the one before: so many delimiters of each rank, in this order. */
struct gap {
    size_t fields, repetitions, components, subcomponents;
};

static char *pad(char *out, char delimiter, size_t count) {
    while (count-- > 0)
        *out++ = delimiter;
    return out;
}

static void add_behind(const struct hl7_writer *writer, const struct gap *gap, struct span raw) {
    const struct hl7_delimiters *d = &writer->delimiters;
    size_t count = gap->fields + gap->repetitions + gap->components + gap->subcomponents;
    char *out = buf_extend(writer->out, count + raw.len);
    if (!out)
        return;
    out = pad(out, d->field, gap->fields);
    out = pad(out, d->repetition, gap->repetitions);
    out = pad(out, d->component, gap->components);
    out = pad(out, d->subcomponent, gap->subcomponents);
    if (raw.len)
        memcpy(out, raw.ptr, raw.len);
}

/* Adds what divides the place wanted from the one written last, and text behind it as it stands. */
static void go_there(struct hl7_writer *writer, struct span raw) {
    const struct hl7_place *to = &writer->wanted;
    struct hl7_place from = writer->written;
    struct gap gap = {.fields = to->field - from.field};
    if (gap.fields)
        from = (struct hl7_place){to->field, 1, 1, 1};
    gap.repetitions = to->repetition - from.repetition;
    if (gap.repetitions)
        from.component = from.subcomponent = 1;
    gap.components = to->component - from.component;
    gap.subcomponents = to->subcomponent - (gap.components ? 1 : from.subcomponent);
    add_behind(writer, &gap, raw);
    writer->written = *to;
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

/* A delimiter more; those of lower ranks before it divide nothing. */
static inline struct gap widen(struct gap gap, unsigned kind) {
    return (struct gap){.fields = gap.fields + (kind == HL7_KIND_FIELD),
                        .repetitions = kind == HL7_KIND_FIELD ? 0 : gap.repetitions + (kind == HL7_KIND_REPETITION),
                        .components = kind >= HL7_KIND_REPETITION ? 0 : gap.components + (kind == HL7_KIND_COMPONENT),
                        .subcomponents = kind >= HL7_KIND_COMPONENT ? 0 : gap.subcomponents + 1};
}

/* A leaf that means something else to the writer than to the message. False when nothing is left of it. */
static bool translate(const struct hl7_message *message, struct span leaf, const struct gap *gap, struct hl7_writer *writer) {
    struct span text = hl7_text_exact(message, leaf);
    if (span_is_empty(text))
        return false;
    add_behind(writer, gap, SPAN(""));
    hl7_escape(&writer->delimiters, text, writer->out);
    return true;
}

/* All leaves of text that begins with a field, in one pass over its bytes. A leaf is `plain` when its bytes mean the same to the
 * message and to the writer. */
static void copy_leaves(const struct hl7_message *message, struct span text, struct hl7_writer *writer) {
    enum { SIGNS = 7 };
    const struct hl7_delimiters *d = &message->delimiters;
    const struct hl7_signs signs = hl7_signs_of(
        (const char[]){d->field, d->component, d->repetition, d->subcomponent, d->escape, FRAME_START, FRAME_END}, SIGNS);
    const bool same = same_delimiters(d, &writer->delimiters);
    struct gap gap = {.fields = 1};
    bool plain = same;
    size_t start = 0;
    for (size_t from = 0; from <= text.len; from += HL7_SCAN_BYTES) {
        for (uint64_t marks = hl7_scan(text, from, &signs, SIGNS); marks; marks &= marks - 1) {
            size_t at = from + (size_t)__builtin_ctzll(marks);
            unsigned kind = at < text.len ? message->kinds[(unsigned char)text.ptr[at]] : HL7_KIND_FIELD;
            if (kind > HL7_KIND_FIELD) {
                plain = false;
                continue;
            }
            struct span leaf = span_make(text.ptr + start, at - start);
            if (leaf.len && plain)
                add_behind(writer, &gap, leaf);
            if (leaf.len && (plain || translate(message, leaf, &gap, writer)))
                gap = (struct gap){0};
            gap = widen(gap, kind);
            start = at + 1;
            plain = same;
        }
    }
}

void hl7_rewrite(const struct hl7_message *message, const struct hl7_segment *segment, struct hl7_writer *writer) {
    size_t first = strcmp(segment->id, "MSH") == 0 ? 3 : 1;
    hl7_begin(writer, segment->id);
    if (first < segment->field_count) {
        size_t before = (size_t)(segment->fields[first].ptr - segment->text.ptr);
        copy_leaves(message, span_sub(segment->text, before, segment->text.len), writer);
    }
    hl7_end(writer);
}
