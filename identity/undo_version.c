/*
 * Undo of a decision about the version kept apart (DESIGN.md rules 7 and 9): the record is what it would be had the decision never
 * been taken. The versions of before come back, and what messages said since is laid on them as the lane would have: on the trusted
 * one when it fits that, else it is kept apart.
 *
 *     trusted 1, apart 2 --accepted--> trusted 3 --messages--> trusted 4
 *
 *     undone, when what 4 says beyond 3 fits 1:    trusted 1 with it, apart 2
 *             when it does not:                    trusted 1, apart 2 with it
 */
#include "identity/feed.h"
#include "identity/ins.h"
#include "identity/traits.h"
#include "identity/undo.h"

#include <string.h>

bool undo_is_about_versions(const struct undo_change *change) {
    return change->before.version != change->after.version || change->before.quarantined != change->after.quarantined;
}

/* -- INS, status, attributes --------------------------------------------------------------------------------------------------- */

static bool give_back_ins(struct plan *plan, struct record *record, const struct record *before) {
    if (strcmp(record->ins, before->ins) == 0)
        return false;
    plan_set_ins(plan, record, span_copy(span_of(before->ins), plan->arena), before->ins_oid);
    return true;
}

/* Each that nobody changed since. True when the INS changes. */
static bool restore_claims(struct plan *plan, struct record *record, const struct undo_change *change) {
    UNDO_RESTORE(record, change, attributes);
    UNDO_RESTORE(record, change, status);
    UNDO_RESTORE(record, change, claim);
    UNDO_RESTORE(record, change, proof);
    return strcmp(record->ins, change->after.ins) == 0 && give_back_ins(plan, record, &change->before);
}

/* What came since was said of somebody else: all of it is as it was, but for a doubt, which may be the cell's. */
static void claim_as_before(struct plan *plan, struct record *record, const struct record *before) {
    record->attributes = before->attributes | (record->attributes & ATTRIBUTE_DOUBTFUL);
    record->claim = before->claim;
    record->proof = before->proof;
    (void)give_back_ins(plan, record, before);
}

/* -- what messages said since -------------------------------------------------------------------------------------------------- */

static enum match_change change_of(struct plan *plan, const struct traits *trusted, const struct traits *said) {
    return match_change(plan->model, plan_standardize(plan, trusted, SPAN_ABSENT, ""),
                        plan_standardize(plan, said, SPAN_ABSENT, ""));
}

static void trust(struct plan *plan, struct record *record, const struct traits *traits) {
    subject_restate(plan, record, traits);
    (void)plan_add_version(plan, record, VERSION_TRUSTED, traits,
                           plan_standardize(plan, traits, span_of(record->ins), record->ins_oid));
}

static void keep_apart(struct plan *plan, struct record *record, const struct traits *traits) {
    record->quarantined =
        plan_add_version(plan, record, VERSION_QUARANTINED, traits, plan_standardize(plan, traits, SPAN_ABSENT, ""));
}

/* Messages renewed the version that the decision had made the trusted one. */
static void lay_updates(struct plan *plan, struct record *record, const struct undo_change *change, uint32_t newest) {
    const struct traits *trusted = plan_doc(plan, record->id, record->version), *said = plan_doc(plan, record->id, newest);
    struct traits beyond, updated, apart = *said;
    traits_difference(plan_doc(plan, record->id, change->after.version), said, plan->arena, &beyond);
    traits_update(trusted, &beyond, plan->arena, &updated);
    if (record->quarantined) /* whom they were about */
        traits_update(plan_doc(plan, record->id, record->quarantined), &beyond, plan->arena, &apart);
    bool emptied = change->before.status >= STATUS_VALIDATED && change_of(plan, trusted, &updated) == MATCH_CHANGE_EMPTIED;
    if (emptied || change_of(plan, trusted, &apart) == MATCH_CHANGE_COLLISION) {
        claim_as_before(plan, record, &change->before);
        subject_restate(plan, record, trusted);
        keep_apart(plan, record, &apart);
        return;
    }
    (void)restore_claims(plan, record, change);
    trust(plan, record, &updated);
}

/* A message was kept apart since, for it did not fit what the decision had made the trusted version. */
static void lay_apart(struct plan *plan, struct record *record, const struct undo_change *change, uint32_t newest) {
    const struct traits *trusted = plan_doc(plan, record->id, record->version), *said = plan_doc(plan, record->id, newest),
                        *apart = record->quarantined ? plan_doc(plan, record->id, record->quarantined) : NULL;
    struct traits updated;
    enum match_change fits = change_of(plan, trusted, said);
    if (fits != MATCH_CHANGE_COLLISION && (fits != MATCH_CHANGE_EMPTIED || change->before.status < STATUS_VALIDATED)) {
        traits_update(trusted, said, plan->arena, &updated);
        trust(plan, record, &updated);
    } else if (apart && change_of(plan, apart, said) != MATCH_CHANGE_COLLISION) {
        traits_update(apart, said, plan->arena, &updated);
        keep_apart(plan, record, &updated);
    } else {
        record->quarantined = newest;
    }
}

/* -- versions ------------------------------------------------------------------------------------------------------------------ */

/* What was trusted or kept apart is history, unless it still is one of both; what comes back is again what it was. */
static void settle_kinds(struct plan *plan, const struct record *record, const struct record *now) {
    for (uint32_t version = 1; version <= record->last_version; version++) {
        bool stood = version == now->version || version == now->quarantined || version > now->last_version;
        if (version == record->version && version != now->version)
            plan_set_version_kind(plan, record->id, version, VERSION_TRUSTED);
        else if (version == record->quarantined && version != now->quarantined)
            plan_set_version_kind(plan, record->id, version, VERSION_QUARANTINED);
        else if (stood && version != record->version && version != record->quarantined)
            plan_set_version_kind(plan, record->id, version, VERSION_LATE);
    }
}

bool undo_versions(struct plan *plan, struct record *record, const struct undo_change *change) {
    const struct record *before = &change->before, *after = &change->after, now = *record;
    bool replaced = before->version != after->version, updated = replaced && now.version != after->version;
    bool settled = after->quarantined && !now.quarantined; /* by somebody, since */
    if (!undo_is_about_versions(change))
        return restore_claims(plan, record, change);
    if (replaced) /* what was trusted since is no earlier value of whom it is now */
        plan_retire_versions(plan, record->id, VERSION_LATE);
    record->version = replaced ? before->version : now.version;
    record->quarantined = settled ? 0 : before->quarantined;
    if (updated)
        lay_updates(plan, record, change, now.version);
    else
        (void)restore_claims(plan, record, change);
    if (now.quarantined && now.quarantined != after->quarantined)
        lay_apart(plan, record, change, now.quarantined);
    settle_kinds(plan, record, &now);
    return record->version != now.version || strcmp(record->ins, now.ins) != 0;
}
