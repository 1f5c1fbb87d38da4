/* Writes segments; see hl7_write.h. */
#include "mllp/hl7_write.h"

#include "mllp/hl7_escape.h"

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
    if (strcmp(id, "MSH") != 0)
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

static void pad(struct buf *out, char delimiter, size_t count) {
    while (count-- > 0)
        buf_add_char(out, delimiter);
}

/* Adds the delimiters between the place written last and the one wanted. */
static void go_there(struct hl7_writer *writer) {
    const struct hl7_place *to = &writer->wanted;
    struct hl7_place from = writer->written;
    if (to->field != from.field) {
        pad(writer->out, writer->delimiters.field, to->field - from.field);
        from = (struct hl7_place){to->field, 1, 1, 1};
    }
    if (to->repetition != from.repetition) {
        pad(writer->out, writer->delimiters.repetition, to->repetition - from.repetition);
        from = (struct hl7_place){to->field, to->repetition, 1, 1};
    }
    if (to->component != from.component) {
        pad(writer->out, writer->delimiters.component, to->component - from.component);
        from.component = to->component;
        from.subcomponent = 1;
    }
    pad(writer->out, writer->delimiters.subcomponent, to->subcomponent - from.subcomponent);
    writer->written = *to;
}

static bool step(struct hl7_writer *writer, size_t component, size_t subcomponent, struct span text) {
    writer->wanted.component = component;
    writer->wanted.subcomponent = subcomponent;
    if (span_is_empty(text))
        return false;
    go_there(writer);
    return true;
}

void hl7_add(struct hl7_writer *writer, size_t component, struct span text) {
    hl7_sub(writer, component, 1, text);
}

void hl7_sub(struct hl7_writer *writer, size_t component, size_t subcomponent, struct span text) {
    if (step(writer, component, subcomponent, text))
        hl7_escape(&writer->delimiters, text, writer->out);
}

void hl7_add_raw(struct hl7_writer *writer, size_t component, struct span raw) {
    if (step(writer, component, 1, raw))
        buf_add(writer->out, raw);
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

static void copy_component(const struct hl7_message *message, struct span component, size_t number, struct hl7_writer *writer) {
    for (size_t i = 1;; i++) {
        struct span sub = hl7_subcomponent(message, component, i);
        if (span_is_absent(sub))
            return;
        hl7_sub(writer, number, i, hl7_text_exact(message, sub));
    }
}

static void copy_field(const struct hl7_message *message, struct span field, size_t number, struct hl7_writer *writer) {
    size_t repetitions = hl7_repetition_count(message, field);
    for (size_t i = 1; i <= repetitions; i++) {
        struct span repetition = hl7_repetition(message, field, i);
        if (i == 1)
            hl7_at(writer, number);
        else
            hl7_repeat(writer);
        for (size_t component = 1; component <= HL7_MOST_COMPONENTS; component++)
            copy_component(message, hl7_component(message, repetition, component), component, writer);
    }
}

void hl7_rewrite(const struct hl7_message *message, const struct hl7_segment *segment, struct hl7_writer *writer) {
    size_t first = strcmp(segment->id, "MSH") == 0 ? 3 : 1;
    hl7_begin(writer, segment->id);
    for (size_t field = first; field < segment->field_count; field++)
        copy_field(message, hl7_field(segment, field), field, writer);
    hl7_end(writer);
}
