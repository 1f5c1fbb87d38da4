/*
 * One INS on two people, or two INS on one: what such a task waits for can come from the domains themselves, an A47, a lower claim,
 * other traits. It closes then; while it is open no INS leaves either of the two, but for a parent's (ins.h).
 *
 *     held one number   now another, or none, or one alone claims it: closes; both still do: asks while their traits differ
 *     held two          now one, and traits that agree; or one alone has any; or they contradict each other no more: closes
 */
#include "base/vec.h"
#include "identity/ins.h"
#include "identity/link.h"

bool link_claims_ins(const struct record *record) {
    return record->ins[0] && record->claim != STATUS_PROVISIONAL;
}

bool link_both_claim(const struct plan *plan, uint64_t a, uint64_t b) {
    return link_claims_ins(plan_record(plan, a)) && link_claims_ins(plan_record(plan, b));
}

/* Why the two need not be asked about any more; NULL while they do. Who is merged away is its survivor's question, and a marked
 * link waits for the cell. */
static const char *answer(struct plan *plan, uint64_t id, uint64_t other_id, const char *ins_before) {
    const struct record *record = plan_record(plan, id), *other = plan_record(plan, other_id);
    bool together = record->person == other->person;
    struct pair pair;
    if (record->merged_into || other->merged_into || (together && (record->flags | other->flags) & RECORD_MARKED))
        return NULL;
    bool one = ins_same(span_of(record->ins), span_of(other->ins)), was_one = ins_same(span_of(ins_before), span_of(other->ins));
    bool claimed = link_both_claim(plan, id, other_id);
    if (was_one && !(one && claimed))
        return "only one of the two has this INS now";
    if (!claimed)
        return "only one of the two has an INS now";
    link_compare(plan, id, other_id, &pair);
    if (one)
        return pair.verdict.rule == MATCH_RULE_SAME_INS_CONFLICT ? NULL : "both hold the same INS, and their traits agree";
    return together || pair.score.vetoes >> MATCH_RULE_DIFFERENT_INS & 1u ? NULL : "the two INS contradict each other no more";
}

static void settle_ins(struct plan *plan, uint64_t record, const char *ins_before) {
    const uint64_t *others;
    if (!plan_has_task(plan, record, TASK_INS_CONFLICT)) /* most often */
        return;
    size_t count = plan_asked_with(plan, record, TASK_INS_CONFLICT, &others);
    for (size_t i = 0; i < count; i++) {
        const char *why = answer(plan, record, others[i], ins_before);
        if (why)
            plan_close_tasks(plan, 1u << TASK_INS_CONFLICT, record, others[i], why);
    }
}

void link_settle(struct plan *plan, uint64_t record, const char *ins_before) {
    settle_ins(plan, record, ins_before);
    link_settle_drift(plan, record);
}
