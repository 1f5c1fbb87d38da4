/* Visits inside this room: on a plan, and as what a search asks about. */
#ifndef IDENTITY_VISIT_PLAN_H
#define IDENTITY_VISIT_PLAN_H

#include "identity/feed.h"

/* Keeps what the message tells of a visit with the record; `late` adds to it but replaces nothing. */
void visit_take(struct plan *plan, uint64_t record, const struct visit_told *told, bool late);
/* A44: the account goes to the record, with its visits. */
void visit_move(struct plan *plan, uint64_t record, const struct visit_told *told);

/* Records that the criteria account, visit and unit of a query find. `asked`: there are such criteria. */
struct visit_hits {
    bool asked;
    const uint64_t *records; /* ascending */
    size_t count;
};
/* ERROR_LIMIT when there are too many to look at. */
bool visit_hits_read(struct identity *identity, const struct person_query *query, struct arena *arena, struct visit_hits *out,
                     struct error *err);

#endif
