/*
 * Between the files of undo: what a decision changed of one record, its versions, and the tasks that it closed.
 */
#ifndef IDENTITY_UNDO_H
#define IDENTITY_UNDO_H

#include "identity/service.h"

/* Before and after the decision. Only what an undo gives back is there. */
struct undo_change {
    struct record before, after;
};

/* Gives the record a field back unless somebody changed it since. */
#define UNDO_RESTORE(record, change, field)                                                                                        \
    do {                                                                                                                           \
        if ((record)->field == (change)->after.field)                                                                              \
            (record)->field = (change)->before.field;                                                                              \
    } while (0)

/* Did the decision make other traits the trusted ones, or settle what was kept apart? */
bool undo_is_about_versions(const struct undo_change *change);
/* Gives the record its versions of before, with the INS, status and attributes that were proven for them, and lays on them what
 * messages said since. True when it is found by other values now. */
bool undo_versions(struct plan *plan, struct record *record, const struct undo_change *change);

/* The tasks that the decision closed are open from here on: what the undo brings to light counts on them, one for each cause. */
void undo_tasks_open(struct plan *plan, const struct review_input *input);
/* After the undo: writes that they are, those left out that ask nothing any more, and that those which an undo had opened are
 * closed again, now by the decision that takes it back. Returns how many are open again. */
size_t undo_tasks_settle(struct plan *plan, const struct review_input *input, uint64_t decision);
/* Nothing but their state came back: they say so. */
void undo_tasks_tell_empty(struct plan *plan, const struct review_input *input, uint64_t decision);

#endif
