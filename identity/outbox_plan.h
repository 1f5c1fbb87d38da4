/* The outbox within the lane: what a batch adds to it. */
#ifndef IDENTITY_OUTBOX_PLAN_H
#define IDENTITY_OUTBOX_PLAN_H

#include "identity/plan.h"

struct touched_persons {
    VEC(uint64_t) items;
};

/* Adds to plan->notifications what subscribers are to be told of this batch, which is decided; nothing lies under it any more. */
void outbox_plan(struct plan *plan);

/* Adds what the peer is told of the next records that there are, from order->from on; sets *order->next. */
void outbox_plan_load(struct plan *plan, const struct peer *peer, const struct outbox_order *order);

#endif
