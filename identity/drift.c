/*
 * Strict traits of two linked records that drifted apart (DESIGN.md section 5): the domains may bring them together again
 * themselves, and the task closes then.
 */
#include "identity/link.h"

bool link_agree(struct plan *plan, uint64_t a, uint64_t b) {
    const struct record *one = plan_record(plan, a), *other = plan_record(plan, b);
    struct pair pair;
    enum match_rule rule;
    if (one->merged_into || other->merged_into)
        return false;
    link_compare(plan, a, b, &pair);
    return pair.score.strict_agree && !pair.negative && match_compatible(plan->model, &pair.score, &rule);
}

void link_settle_drift(struct plan *plan, uint64_t id) {
    const uint64_t *others;
    if (!plan_has_task(plan, id, TASK_TRAIT_DIVERGENCE)) /* most often */
        return;
    size_t count = plan_asked_with(plan, id, TASK_TRAIT_DIVERGENCE, &others);
    for (size_t i = 0; i < count; i++) {
        const struct record *record = plan_record(plan, id), *other = plan_record(plan, others[i]);
        bool marked = record->person == other->person && (record->flags | other->flags) & RECORD_MARKED; /* waits for the cell */
        if (!marked && link_agree(plan, id, others[i]))
            plan_close_tasks(plan, 1u << TASK_TRAIT_DIVERGENCE, id, others[i], "their strict traits agree again");
    }
}
