/*
 * Reading ER7 (HL7's bar-and-hat text) where a command needs a value out of a message: `sosie send` to keep order by identifier,
 * `sosie query` to print answers. The parser of mllp would not do: a sender sends bad messages too, and must find their control IDs
 * and identifiers in the bytes as they are, where that one refuses and decodes. Judges nothing. Delimiters are those of the
 * message's own MSH-1 and MSH-2 (HL7 2.5.1 ch.2.5.4). All spans point into the message.
 */
#ifndef SERVER_ER7_H
#define SERVER_ER7_H

#include "base/span.h"

struct arena;

struct er7 {
    struct span message; /* segments ended by CR or LF */
    char field, component, repetition, escape, subcomponent;
};

bool er7_open(struct span message, struct er7 *out); /* false when it does not begin with MSH */
size_t er7_count(const struct er7 *er7, const char *segment);
/* The whole field with its repetitions; occurrence from 1; empty when not there. */
struct span er7_field(const struct er7 *er7, const char *segment, size_t occurrence, size_t field);
/* First field of the segment of this name after the `anchor` segment's n-th occurrence and before its next: the QRI of a PID. */
struct span er7_field_after(const struct er7 *er7, const char *anchor, size_t occurrence, const char *segment, size_t field);
/* Component n (from 1) of one repetition; subcomponent n of one component. */
struct span er7_component(const struct er7 *er7, struct span repetition, size_t n);
struct span er7_subcomponent(const struct er7 *er7, struct span component, size_t n);
/* Delimiter escapes (\F\ \S\ \T\ \R\ \E\) undone; others stay as they are. */
struct span er7_text(const struct er7 *er7, struct span raw, struct arena *arena);
/* The way back, with the usual delimiters: for values put into a message; control characters become blanks. */
struct span er7_escaped(struct span text, struct arena *arena);

#endif
