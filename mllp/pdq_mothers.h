/* PID-6 of children whose feed names their mother by her identifier alone (OpenHIE CR-07; hl7v2.md 7). */
#ifndef MLLP_PDQ_MOTHERS_H
#define MLLP_PDQ_MOTHERS_H

#include "mllp/edge.h"

/* Puts the birth name of the mother that PID-21 names where a person has none from its feeds, as far as this asker may see her; the
 * persons of the list are replaced by copies then. */
bool pdq_fill_mothers(const struct mllp_request *request, const struct asker *asker, const struct person **persons, size_t count,
                      struct error *err);

#endif
