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

/* Not of who agrees with the number, where the other contradicts it and is asked whose it is (holder.h): a parent's, on a child. */
static bool disputes(const struct plan *plan, const struct task_entry *task, uint64_t id) {
    uint64_t other = task->record_a == id ? task->record_b : task->record_a;
    bool anothers = other && other != id && plan_has_task(plan, other, TASK_NIR_INCOHERENT);
    return !anothers || !(plan_form_flags(plan, id) & MATCH_FORM_INS_COHERENT) ||
           !ins_same(span_of(plan_record(plan, id)->ins), span_of(plan_record(plan, other)->ins));
}

bool ins_is_sure(const struct plan *plan, const struct record *record) {
    return record->ins[0] && !record->merged_into && record->status == STATUS_QUALIFIED && !(record->flags & RECORD_INS_WITHHELD) &&
           !plan_any_task(plan, record->id, TASK_INS_CONFLICT, disputes) && !plan_has_task(plan, record->id, TASK_NIR_INCOHERENT) &&
           !in_marked_person(plan, record);
}

bool ins_leaves(const struct plan *plan, const struct record *record) {
    return ins_is_sure(plan, record) && !record->quarantined && !plan_has_task(plan, record->id, TASK_COLLISION);
}

bool ins_may_leave(const struct registry *registry, const struct record *record) {
    const struct plan committed = {.registry = registry}; /* one that changes nothing */
    return ins_leaves(&committed, record);
}
