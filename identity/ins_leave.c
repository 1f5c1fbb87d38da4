/* The rule by which an INS leaves, of what is committed and of what will be; see ins.h. */
#include "identity/ins.h"
#include "identity/plan.h"

static bool in_marked_person(const struct plan *plan, const struct record *record) {
    size_t count;
    const uint64_t *members = person_members(plan_person(plan, record->person), &count);
    for (size_t i = 0; i < count; i++)
        if (plan_record(plan, members[i])->flags & RECORD_MARKED)
            return true;
    return false;
}

bool ins_is_sure(const struct plan *plan, const struct record *record) {
    return record->ins[0] && !record->merged_into && record->status == STATUS_QUALIFIED && !(record->flags & RECORD_INS_WITHHELD) &&
           !plan_has_task(plan, record->id, TASK_INS_CONFLICT) && !plan_has_task(plan, record->id, TASK_NIR_INCOHERENT) &&
           !in_marked_person(plan, record);
}

bool ins_leaves(const struct plan *plan, const struct record *record) {
    return ins_is_sure(plan, record) && !record->quarantined && !plan_has_task(plan, record->id, TASK_COLLISION);
}

bool ins_may_leave(const struct registry *registry, const struct record *record) {
    const struct plan committed = {.registry = registry}; /* one that changes nothing */
    return ins_leaves(&committed, record);
}
