/*
 * Whose is the NIR? A child's record often holds a parent's (DESIGN.md section 3): two of its parts or more contradict the record's
 * traits then. A task asks, and while it is open the INS stays in (ins.h). The parent, who agrees with the number, is in no doubt.
 */
#ifndef IDENTITY_HOLDER_H
#define IDENTITY_HOLDER_H

#include "identity/plan.h"

/* For every new trusted version or INS; `form` is what matching sees of it. Asked anew only when there is news, another INS or
 * other strict traits: the cell that said it is right is not asked at every message. What contradicts no more needs no answer. */
void holder_ask(struct plan *plan, const struct record *record, const struct match_form *form, bool news);
/* For a record whose traits come back, or that is merged no more: its task was closed, and nobody knows what was said of it. */
void holder_ask_again(struct plan *plan, const struct record *record);

#endif
