/* Links by declaration, DESIGN.md rule 8; see link.h. */
#include "identity/link.h"

bool link_may_declare(struct plan *plan, uint64_t record, uint64_t person, uint64_t *out_blocker, struct pair *out_pair) {
    static const uint32_t vetoes = 1u << MATCH_RULE_DIFFERENT_INS | 1u << MATCH_RULE_MULTIPLE_BIRTH | 1u << MATCH_RULE_FATHER_SON;
    const uint64_t *members;
    size_t count = plan_live_members(plan, person, &members);
    for (size_t i = 0; i < count; i++) {
        if (members[i] == record)
            continue;
        link_compare(plan, record, members[i], out_pair);
        *out_blocker = members[i];
        if (out_pair->negative || out_pair->score.vetoes & vetoes ||
            out_pair->score.weight_cb < match_model_conflict_cb(plan->model))
            return false;
    }
    *out_blocker = 0;
    return true;
}

uint64_t link_same_domain(struct plan *plan, uint64_t record, uint64_t person) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, person, &members);
    for (size_t i = 0; i < count; i++)
        if (members[i] != record && plan_record(plan, members[i])->domain == plan_record(plan, record)->domain)
            return members[i];
    return 0;
}

static uint64_t first_beside(struct plan *plan, uint64_t record, uint64_t person) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, person, &members);
    for (size_t i = 0; i < count; i++)
        if (members[i] != record)
            return members[i];
    return 0;
}

/* Whether the two are one was asked: it is said now. */
static void close_declared(struct plan *plan, uint64_t record, uint64_t named) {
    if (named)
        plan_close_tasks(plan, 1u << TASK_DUPLICATE | 1u << TASK_POSSIBLE_MATCH, record, named, "linked by declaration");
}

/* Who stood together by score, and is now declared: held by declaration from here on. A person declared as a whole says nothing new
 * of a record that is tied to somebody there. */
static void declare_held(struct plan *plan, uint64_t record, uint64_t named) {
    const uint64_t *tied;
    uint64_t other = named ? named : first_beside(plan, record, plan_record(plan, record)->person);
    if (!other || other == record || link_tied(plan, record, other) || (!named && link_tied_with(plan, record, &tied) > 1))
        return;
    uint64_t decision = plan_decision(plan, "declared-link", record, named)->id;
    plan_capture_start(plan);
    link_tie(plan, record, other, LINK_DECLARED, decision);
    close_declared(plan, record, named);
    plan_capture_end(plan, decision);
    plan_audit(plan, "declared-link", record, plan_record(plan, record)->person, "held by score before, decision %llu",
               (unsigned long long)decision);
}

/* The declaration says something else than an earlier one, or would take the founder away from those who joined it. */
static bool would_leave(struct plan *plan, uint64_t record) {
    const uint64_t *tied;
    return link_tied_with(plan, record, &tied) > 1 ||
           (plan_record(plan, record)->link_kind == LINK_OWN && !link_is_alone(plan, record));
}

/* What a declaration that makes no link asks of the cell: more urgent than what scores ask (relink.c tells the two by that). */
static void ask_about(struct plan *plan, uint64_t record, uint64_t other, const struct pair *pair) {
    bool two = pair->score.vetoes >> MATCH_RULE_DIFFERENT_INS & 1u, ins = two && link_both_claim(plan, record, other);
    link_open_task(plan, ins ? TASK_INS_CONFLICT : TASK_POSSIBLE_MATCH, record, other, pair, pair->verdict.rule, ins ? 85 : 60);
}

static void join_declared(struct plan *plan, uint64_t record, uint64_t person, uint64_t named) {
    uint64_t id = plan_decision(plan, "declared-link", record, named)->id, from = plan_record(plan, record)->person,
             twin = link_same_domain(plan, record, person);
    plan_audit(plan, "declared-link", record, person, "from person %llu, decision %llu", (unsigned long long)from,
               (unsigned long long)id);
    plan_capture_start(plan);
    plan_move(plan, record, person, LINK_DECLARED, id);
    plan_edit(plan, record)->tied_to = twin ? twin : named ? named : first_beside(plan, record, person);
    if (twin && named) /* its domain's own word: of the two records, and of the one that it named */
        link_tie(plan, twin, named, LINK_DECLARED, id);
    plan_close_answered(plan, record, "linked by declaration");
    close_declared(plan, record, named);
    plan_capture_end(plan, id);
    plan->links_declared++;
}

bool link_declare(struct plan *plan, uint64_t record, uint64_t person, uint64_t named, bool own_word) {
    struct pair pair;
    uint64_t other;
    if (plan_record(plan, record)->person == person) {
        declare_held(plan, record, named);
        return true;
    }
    if (!link_may_declare(plan, record, person, &other, &pair)) {
        ask_about(plan, record, other, &pair);
        return false;
    }
    uint64_t twin = own_word ? 0 : link_same_domain(plan, record, person);
    bool leaves = would_leave(plan, record);
    other = leaves && named ? named : twin && !leaves ? twin : first_beside(plan, record, person);
    if (!other)
        return false;
    if (leaves || twin) {
        link_compare(plan, record, other, &pair);
        if (leaves)
            ask_about(plan, record, other, &pair);
        else
            link_open_task(plan, TASK_DUPLICATE, record, other, &pair, MATCH_RULE_SAME_DOMAIN, 0);
        return false;
    }
    join_declared(plan, record, person, named);
    return true;
}
