/* ITI-22, Patient Demographics and Visit Query: the persons that ITI-21 finds, one group for each of their visits (IHE ITI
 * TF-2 3.22; hl7v2.md 2.5). */
#ifndef MLLP_PDQ_VISITS_H
#define MLLP_PDQ_VISITS_H

#include "mllp/pdq_criteria.h"
#include "mllp/query_pages.h"

/* Is it ITI-22? */
bool pdq_is_visits(const struct mllp_request *request);
/* Puts in place of each person found its visits that meet the criteria; persons without one go. */
bool pdq_expand_visits(const struct mllp_request *request, const struct asker *asker, const struct pdq_criteria *criteria,
                       struct query_snapshot *io_found, struct error *err);
/* The bodies of these visits, as they are now; absent where there is no such visit any more. */
bool pdq_visit_bodies(const struct mllp_request *request, const struct asker *asker, const uint64_t *persons,
                      const uint64_t *visits, size_t count, struct span *out, struct error *err);

#endif
