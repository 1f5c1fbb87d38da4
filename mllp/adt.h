/*
 * ADT messages to feed commands: ITI-8, ITI-30, ITI-31 (IHE ITI TF-2 3.8, 3.30, 3.31; hl7v2.md 2.1, 2.6, 2.7). Reads what the
 * message says and judges only its form; what it means for an identity is identity's affair.
 */
#ifndef MLLP_ADT_H
#define MLLP_ADT_H

#include "mllp/dispatch.h"

/* Fills the subjects of the feed: one per PID, with MRG where the event has it. On failure *err says what is missing or malformed.
 */
bool adt_read(struct mllp_request *request, const struct dispatch_row *row, struct feed *out, struct error *err);

#endif
