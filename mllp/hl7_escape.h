/*
 * Escape sequences (HL7 2.5.1 ch.2.7; hl7v2.md 1.4). Undone once, at the leaf, after all splitting; made when a leaf is written.
 */
#ifndef MLLP_HL7_ESCAPE_H
#define MLLP_HL7_ESCAPE_H

#include "mllp/hl7_message.h"

/* Undoes the escapes of a leaf. `charset` is that of the message: \Xhh..\ holds its bytes. Unknown sequences and a lone escape
 * character stay as they are; highlighting goes; formatting becomes a newline or a blank. Borrows `leaf` when nothing changes. */
struct span hl7_unescape(const struct hl7_delimiters *delimiters, enum hl7_charset charset, struct span leaf, struct arena *arena);

/* Adds `text` (UTF-8) with delimiters, CR and LF escaped. A delimiter that is not declared needs no escape; without an escape
 * character delimiters in text become blanks. */
void hl7_escape(const struct hl7_delimiters *delimiters, struct span text, struct buf *out);

#endif
