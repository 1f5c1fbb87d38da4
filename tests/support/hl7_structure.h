/*
 * Is this HL7 answer what its structure says? The tables of segments, fields and types are data (hl7/segments.txt, which explains
 * its lines); the reading of the message here is its own and shares nothing with mllp, so that one does not excuse the other.
 *
 * Beside the tables: every segment ends with CR; AE and AR bring an ERR, AA does not; CX and TS look like themselves.
 */
#ifndef TESTS_SUPPORT_HL7_STRUCTURE_H
#define TESTS_SUPPORT_HL7_STRUCTURE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

struct hl7_tables;

/* The tables of a text like segments.txt; they point into it. */
const struct hl7_tables *hl7_tables_read(struct span text, struct arena *arena);
/* `request` is what it answers. False with the first thing that is wrong: where = segment and field. */
bool hl7_structure_check(const struct hl7_tables *tables, struct span request, struct span answer, struct error *err);

/* The same of a message that a peer was told: order, fields and types. */
bool hl7_told_check(const struct hl7_tables *tables, struct span message, struct error *err);

#endif
