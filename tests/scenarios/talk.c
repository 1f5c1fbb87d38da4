/* Steps that write messages by hand: with a header made for them, or byte for byte; see steps.h and README.md. */
#include "tests/scenarios/steps.h"

#include "base/buf.h"

#include <string.h>

static struct span pair_or(const struct step *step, const char *key, const char *otherwise) {
    struct span value = pairs_get(&step->pairs, key);
    return span_is_absent(value) ? span_of(otherwise) : value;
}

/* msg TYPE [as=APP|FACILITY] [version=] [charset=] [processing=] [control=] [stamp=] [accept=] [application=], then segments: the
 * header is made, and EVN where an ADT has none. */
static bool do_msg(struct world *world, const struct step *step, struct error *err) {
    struct span as = pair_or(step, "as", "GAM|CHU"), control = pairs_get(&step->pairs, "control"), type = step->words[0];
    struct span version = pair_or(step, "version", "2.5^FRA^2.11"), charset = pair_or(step, "charset", "UNICODE UTF-8");
    const char *country = span_find(version, '^', 0) < version.len ? "FRA" : "";
    struct buf text;
    if (span_is_absent(control))
        control = span_of(arena_printf(world->arena, "M%06u", ++world->control));
    buf_init(&text, 256 * 1024);
    buf_addf(&text, "MSH|^~\\&|%.*s|SOSIE|REGION|%.*s||%.*s|%.*s|%.*s|%.*s|||%.*s|%.*s|%s|%.*s\r", SPAN_ARG(as),
             SPAN_ARG(pair_or(step, "stamp", "20260302080000+0100")), SPAN_ARG(type), SPAN_ARG(control),
             SPAN_ARG(pair_or(step, "processing", "P")), SPAN_ARG(version), SPAN_ARG(pair_or(step, "accept", "")),
             SPAN_ARG(pair_or(step, "application", "")), country, SPAN_ARG(charset));
    if (span_starts(type, SPAN("ADT")) && !span_starts(step->block, SPAN("EVN")))
        buf_add_cstr(&text, "EVN||20260302080000\r");
    struct span block = step->block, line;
    while (span_cut(&block, '\n', &line))
        buf_addf(&text, "%.*s%s", SPAN_ARG(line), line.len ? "\r" : "");
    struct span message = buf_copy(&text, world->arena);
    buf_release(&text);
    return world_send(world, message, err);
}

static int hex(char c) {
    const char *digits = "0123456789ABCDEF", *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* wire [frames=N] [half-close=yes], then lines: each ends with CR, <0B> is that byte, and a line that ends with <> is not ended. */
static bool do_wire(struct world *world, const struct step *step, struct error *err) {
    struct buf bytes;
    struct span frames = pairs_get(&step->pairs, "frames"), text = step->block;
    uint64_t wanted = 1;
    if (frames.len && !number_of(frames, &wanted, err))
        return false;
    buf_init(&bytes, 256 * 1024);
    for (size_t i = 0; i < text.len; i++) {
        bool marks = text.ptr[i] == '<';
        if (marks && i + 3 < text.len && text.ptr[i + 3] == '>' && hex(text.ptr[i + 1]) >= 0) {
            buf_add_char(&bytes, (char)(hex(text.ptr[i + 1]) * 16 + hex(text.ptr[i + 2])));
            i += 3;
        } else if (marks && i + 2 < text.len && text.ptr[i + 1] == '>') {
            i += 2; /* and the end of the line */
        } else {
            buf_add_char(&bytes, text.ptr[i] == '\n' ? '\r' : text.ptr[i]);
        }
    }
    struct span all = buf_copy(&bytes, world->arena);
    buf_release(&bytes);
    return world_wire(world, all, wanted, span_eq_cstr(pairs_get(&step->pairs, "half-close"), "yes"), err);
}

/* The last query sent. */
static struct span last_query(const struct world *world) {
    for (size_t i = world->sent_count; i-- > 0;) {
        if (memmem(world->sent[i].message.ptr, world->sent[i].message.len, "|QBP^", 5))
            return world->sent[i].message;
    }
    return SPAN("");
}

/* The line with its n-th part between bars replaced, where there is something to replace it by. */
static struct span put_part(struct world *world, struct span line, size_t n, struct span value) {
    struct span part, rest = line;
    struct buf out;
    if (span_is_absent(value))
        return line;
    buf_init(&out, 64 * 1024);
    for (size_t i = 0; span_cut(&rest, '|', &part); i++)
        buf_addf(&out, "%s%.*s", i ? "|" : "", SPAN_ARG(i == n ? value : part));
    struct span made = buf_copy(&out, world->arena);
    buf_release(&out);
    return made;
}

/* continue [pointer= as= tag= ask= type=]: the last query again, with a control id of its own and the last DSC that was answered;
 * as another sender, under another tag, with another question or another pointer. */
static bool do_continue(struct world *world, const struct step *step, struct error *err) {
    struct span rest = last_query(world), line, as = pairs_get(&step->pairs, "as"), pointer = pairs_get(&step->pairs, "pointer");
    struct buf text;
    buf_init(&text, 64 * 1024);
    while (span_cut(&rest, '\r', &line)) {
        if (span_starts(line, SPAN("MSH"))) {
            size_t bar = span_find(as, '|', 0);
            line = put_part(world, line, 9, span_of(arena_printf(world->arena, "C%06u", ++world->control)));
            line = put_part(world, line, 8, pairs_get(&step->pairs, "type"));
            line = put_part(world, line, 2, span_is_absent(as) ? as : span_sub(as, 0, bar));
            line = put_part(world, line, 3, span_is_absent(as) ? as : span_sub(as, bar + 1, as.len));
        } else if (span_starts(line, SPAN("QPD"))) {
            line = put_part(world, line, 2, pairs_get(&step->pairs, "tag"));
            line = put_part(world, line, 3, pairs_get(&step->pairs, "ask"));
        }
        if (line.len && !span_starts(line, SPAN("DSC")))
            buf_addf(&text, "%.*s\r", SPAN_ARG(line));
    }
    buf_addf(&text, "DSC|%.*s|I\r", SPAN_ARG(span_is_absent(pointer) ? world->pointer : pointer));
    struct span message = buf_copy(&text, world->arena);
    buf_release(&text);
    return world_send(world, message, err);
}

const struct step_row TALK_STEPS[] = {
    {"msg", 1, do_msg, false}, {"wire", 0, do_wire, false}, {"continue", 0, do_continue, false}, {NULL, 0, NULL, false}};
