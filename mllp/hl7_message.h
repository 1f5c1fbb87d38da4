/*
 * An HL7 v2 message as a tree of spans (HL7 2.5.1 ch.2.5): segments and fields are cut when the message is parsed; repetitions,
 * components and subcomponents when they are asked for. Nothing is copied but what a character set or an escape makes necessary.
 *
 *     message > segment (CR) > field (|) > repetition (~) > component (^) > subcomponent (&) > text (escapes undone)
 *
 * Numbers are those of the standard and of ERR-2: from 1; field 0 is the segment's name; MSH-1 is the separator itself. What is
 * not there is an absent span, never an error. "Raw" spans still hold delimiters and escapes; hl7_text takes them off, once, at
 * the leaf.
 *
 * Life cycle: hl7_open reads character set, delimiters and header, hl7_parse the rest; both live in the arena. The bytes must
 * outlive the message. Limits (a sender's choice that costs us): HL7_MOST_*; ERROR_LIMIT names the place.
 */
#ifndef MLLP_HL7_MESSAGE_H
#define MLLP_HL7_MESSAGE_H

#include "base/error.h"
#include "mllp/hl7_charset.h"

enum {
    HL7_MOST_SEGMENTS = 1000,
    HL7_MOST_FIELDS = 200,
    HL7_MOST_REPETITIONS = 200,
    HL7_MOST_COMPONENTS = 15, /* of hl7_split: no type that we read has more */
    HL7_MOST_COMPONENT_BYTES = 1000,
};

/* MSH-1 and MSH-2; '\0': not declared. */
struct hl7_delimiters {
    char field, component, repetition, escape, subcomponent;
};
#define HL7_DELIMITERS ((struct hl7_delimiters){'|', '^', '~', '\\', '&'})

struct hl7_segment {
    char id[4];
    uint32_t occurrence; /* among the segments of this name, from 1: ERR-2.2 */
    struct span text;
    const struct span *fields;
    size_t field_count; /* fields[0] .. fields[field_count - 1] */
};

enum hl7_warning { /* departures that are read all the same (hl7v2.md 6); with hl7_charset_warning in the low bits */
                   HL7_WARN_LINE_ENDS = 256,
                   HL7_WARN_ODD_LINE = 512,    /* a line that is no segment: ignored */
                   HL7_WARN_DELIMITERS = 1024, /* MSH-2 too short or too long */
};

/* What a byte is in a message, for loops that look at each. */
enum hl7_kind {
    HL7_KIND_TEXT,
    HL7_KIND_SUBCOMPONENT,
    HL7_KIND_COMPONENT,
    HL7_KIND_REPETITION,
    HL7_KIND_FIELD,
    HL7_KIND_LINE_END,
    HL7_KIND_ESCAPE,
    HL7_KIND_BLOCK, /* 0B, 1C: of the frame, escaped where they are text */
};

struct hl7_message {
    struct arena *arena;
    struct span raw;  /* as received */
    struct span text; /* UTF-8, form C */
    struct hl7_delimiters delimiters;
    enum hl7_charset declared, charset; /* what MSH-18 says; what was used */
    unsigned warnings;
    const struct hl7_segment *segments; /* [0] is MSH */
    size_t segment_count;
    unsigned char kinds[256]; /* enum hl7_kind, by byte */
};

/* Reads the header. False (ERROR_SEQUENCE, ERROR_UNSUPPORTED_MESSAGE for batches) when the bytes do not begin with a usable MSH.
 * `default_charset`: what an empty MSH-18 means; HL7_CHARSET_NONE: judge by the bytes. */
bool hl7_open(struct span raw, enum hl7_charset default_charset, struct arena *arena, struct hl7_message **out, struct error *err);
/* Cuts all segments. ERROR_TABLE at MSH^1^18 for a character set that we do not read, ERROR_LIMIT for too much of anything. */
bool hl7_parse(struct hl7_message *message, struct error *err);

/* The n-th segment of this name (from 1), NULL when there is none. */
const struct hl7_segment *hl7_segment(const struct hl7_message *message, const char *id, uint32_t occurrence);

struct span hl7_field(const struct hl7_segment *segment, size_t field);            /* raw, all repetitions; NULL segment: absent */
size_t hl7_repetition_count(const struct hl7_message *message, struct span field); /* 0 for an empty field */
struct span hl7_repetition(const struct hl7_message *message, struct span field, size_t repetition);
struct span hl7_component(const struct hl7_message *message, struct span repetition, size_t component);
struct span hl7_subcomponent(const struct hl7_message *message, struct span component, size_t subcomponent);
/* Raw component of the field's first repetition; 0: the whole repetition. */
struct span hl7_part(const struct hl7_message *message, const struct hl7_segment *segment, size_t field, size_t component);

/* A repetition cut into its components at once; parts[0] is unused. */
struct hl7_parts {
    struct span parts[HL7_MOST_COMPONENTS + 1];
    size_t count;
};
void hl7_split(const struct hl7_message *message, struct span repetition, struct hl7_parts *out);

/* "PID^1^3^2", for errors: ERR-2 (HL7 2.5.1 ch.2.15.5). Parts that are 0 are left out. */
const char *hl7_where(const struct hl7_message *message, const struct hl7_segment *segment, size_t field, size_t repetition);

bool hl7_is_null(struct span raw);                                        /* "" : delete (HL7 2.5.1 ch.2.5.3) */
struct span hl7_text(const struct hl7_message *message, struct span raw); /* escapes undone, blanks trimmed; absent when empty */
struct span hl7_text_exact(const struct hl7_message *message, struct span raw); /* escapes undone, blanks kept */
/* Text of the first subcomponent of a component. */
struct span hl7_first(const struct hl7_message *message, struct span component);

/* No component of the segment is longer than HL7_MOST_COMPONENT_BYTES: what is read of it is kept, compared and sent on for ever.
 * segment NULL is fine. */
bool hl7_check_lengths(const struct hl7_message *message, const struct hl7_segment *segment, struct error *err);

/* `raw` without the value of MSH-7: what two copies of one message have in common. */
struct span hl7_comparable(struct span raw, struct arena *arena);
/* A field of the header, undecoded, of a message that is not to be parsed; absent when it is not there or no UTF-8. */
struct span hl7_peek_header(struct span raw, size_t field);

/* Cuts a frame with several messages: at each line that begins with MSH and the first one's separator (section 6 row 6). Start
 * with *rest = frame; false when it is used up. */
bool hl7_next_message(struct span *rest, struct span *out_message);

#endif
