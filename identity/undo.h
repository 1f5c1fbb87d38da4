/*
 * Between the files of undo: what a decision changed of one record, and its versions.
 */
#ifndef IDENTITY_UNDO_H
#define IDENTITY_UNDO_H

#include "identity/plan.h"

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

#endif
