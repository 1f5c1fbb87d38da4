/*
 * Writes HL7 v2 segments (HL7 2.5.1 ch.2.5). The writer is told where the next text belongs and adds the delimiters in between
 * only when text comes: trailing empty fields, repetitions and components never reach the wire.
 *
 *     hl7_begin(&w, "PID"); hl7_at(&w, 3); hl7_add(&w, 1, id); hl7_sub(&w, 4, 2, oid); hl7_repeat(&w); ... hl7_end(&w);
 *
 * Text is UTF-8 and escaped here; *_raw is copied as it stands.
 */
#ifndef MLLP_HL7_WRITE_H
#define MLLP_HL7_WRITE_H

#include "mllp/hl7_message.h"

struct hl7_writer {
    struct buf *out;
    struct hl7_delimiters delimiters; /* all declared */
    struct hl7_place {
        size_t field, repetition, component, subcomponent;
    } wanted, written;
};

/* Delimiters that the request left out are filled in from the usual ones. */
void hl7_writer_init(struct hl7_writer *writer, const struct hl7_delimiters *delimiters, struct buf *out);

void hl7_begin(struct hl7_writer *writer, const char *id); /* "MSH" (FHS, BHS) writes fields 1 and 2 too: go on at field 3 */
void hl7_end(struct hl7_writer *writer);                   /* CR */

void hl7_at(struct hl7_writer *writer, size_t field); /* first repetition; fields only go forward */
void hl7_repeat(struct hl7_writer *writer);           /* next repetition of this field */

void hl7_add(struct hl7_writer *writer, size_t component, struct span text);
void hl7_sub(struct hl7_writer *writer, size_t component, size_t subcomponent, struct span text);
void hl7_add_raw(struct hl7_writer *writer, size_t component, struct span raw);
void hl7_add_cstr(struct hl7_writer *writer, size_t component, const char *text);
void hl7_add_u64(struct hl7_writer *writer, size_t component, uint64_t number);

/* Whole fields. */
void hl7_put(struct hl7_writer *writer, size_t field, struct span text);
void hl7_put_raw(struct hl7_writer *writer, size_t field, struct span raw);
void hl7_put_cstr(struct hl7_writer *writer, size_t field, const char *text);

/* The segment taken apart to its leaves and written again: the same bytes, where the writer has the message's delimiters and the
 * segment is as the standard would write it (what ends empty left out, nothing escaped that need not be). */
void hl7_rewrite(const struct hl7_message *message, const struct hl7_segment *segment, struct hl7_writer *writer);

#endif
