/*
 * Random histories for the identity lane: a small universe in which links, vetoes, twins, father and son, collisions and
 * duplicates happen all the time, and one step after another in it.
 *
 * A step is a seed. What it does follows from the seed and from what the reference model holds when it is taken, so a history
 * stays meaningful when steps are left out of it: that is how a failing one is made small.
 */
#ifndef TESTS_SUPPORT_LANE_HISTORY_H
#define TESTS_SUPPORT_LANE_HISTORY_H

#include "base/rand.h"
#include "tests/support/reference.h"

enum step_kind {
    STEP_MESSAGES, /* one, or several at once on as many connections */
    STEP_REVIEW,   /* an outcome on a task */
    STEP_LINK,     /* manual acts */
    STEP_SEPARATE,
    STEP_UNDO,
    STEP_RESTART, /* the server stops and starts again */
    STEP_NOTHING,
};

enum { STEP_MESSAGES_MOST = 8 };

struct step {
    enum step_kind kind;
    struct ref_message messages[STEP_MESSAGES_MOST];
    size_t message_count;
    int task; /* place in the model's tasks */
    enum task_outcome outcome;
    int a, b;     /* records */
    int decision; /* number in the model's decisions, from 1 */
};

struct history {
    struct arena *arena;
    struct reference *ref;
    uint32_t controls;            /* control ids given */
    VEC(struct ref_message) sent; /* to be sent again */
};

void history_step(struct history *history, uint64_t seed, struct step *out);
/* What the step does, one line, for a failure report. */
const char *history_describe(const struct history *history, const struct step *step);

#endif
