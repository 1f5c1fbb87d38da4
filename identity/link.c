/* Joining and parting records; see link.h. */
#include "identity/link.h"

#include <stdlib.h>

static struct match_facts facts_of(const struct plan *plan, const struct record *record) {
    const struct domain *domain = plan_domain(plan, record->domain);
    return (struct match_facts){
        .domain = record->domain,
        .auto_link = domain->auto_link,
        .qualified = record->status == STATUS_QUALIFIED && !(record->flags & RECORD_INS_WITHHELD) && !record->quarantined,
        .fictitious = record->attributes & ATTRIBUTE_FICTITIOUS,
        .doubtful = record->attributes & ATTRIBUTE_DOUBTFUL,
        .hidden = record->attributes & (ATTRIBUTE_HIDDEN | ATTRIBUTE_ANONYMOUS | ATTRIBUTE_PROTECTED),
        .restricted = record->attributes & (ATTRIBUTE_RESTRICTED | ATTRIBUTE_DEACTIVATED),
    };
}

static void judge(struct plan *plan, uint64_t a, uint64_t b, struct pair *pair) {
    struct match_facts left = facts_of(plan, plan_record(plan, a)), right = facts_of(plan, plan_record(plan, b));
    pair->negative = plan_negative(plan, a, b);
    match_judge(plan->registry->model, &pair->score, &left, &right, pair->negative, &pair->verdict);
}

void link_compare(struct plan *plan, uint64_t a, uint64_t b, struct pair *out) {
    const struct match_form *left[PLAN_FORMS], *right[PLAN_FORMS];
    size_t left_count = plan_forms(plan, a, left), right_count = plan_forms(plan, b, right);
    match_compare(plan->registry->model, left, left_count, right, right_count, &out->score);
    judge(plan, a, b, out);
}

/* The record as it is now, against all that the other ever was: what an update says counts, not what it replaced. */
static void compare_current(struct plan *plan, uint64_t a, uint64_t b, struct pair *out) {
    const struct match_form *left[PLAN_FORMS], *right[PLAN_FORMS];
    size_t left_count = plan_forms(plan, a, left), right_count = plan_forms(plan, b, right);
    match_compare(plan->registry->model, left, left_count ? 1 : 0, right, right_count, &out->score);
    judge(plan, a, b, out);
}

bool link_fits(struct plan *plan, uint64_t record, uint64_t person, uint64_t *out_blocker, enum match_rule *out_rule) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, person, &members);
    *out_blocker = 0;
    if (count >= plan->options->person_record_limit) {
        *out_rule = MATCH_RULE_TOO_LARGE;
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (members[i] == record)
            continue;
        struct pair pair;
        link_compare(plan, record, members[i], &pair);
        *out_blocker = members[i];
        *out_rule = MATCH_RULE_NEGATIVE_LINK;
        if (pair.negative)
            return false;
        *out_rule = MATCH_RULE_SAME_DOMAIN;
        if (plan_record(plan, members[i])->domain == plan_record(plan, record)->domain)
            return false;
        if (!match_compatible(plan->registry->model, &pair.score, out_rule))
            return false;
    }
    *out_blocker = 0;
    return true;
}

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
            out_pair->score.weight_cb < match_model_conflict_cb(plan->registry->model))
            return false;
    }
    *out_blocker = 0;
    return true;
}

void link_part(struct plan *plan, uint64_t record, enum link_kind kind, uint64_t decision) {
    plan_move(plan, record, plan_new_person(plan), kind, decision);
}

/* -- rules 1 to 6 --------------------------------------------------------------------------------------------------------- */

struct candidate {
    uint64_t record;
    struct pair pair;
};

static void open_pair_task(struct plan *plan, enum task_kind kind, uint64_t a, const struct candidate *candidate,
                           enum match_rule rule, uint32_t priority) {
    (void)plan_task(plan, &(struct task_spec){.kind = kind,
                                              .record_a = a,
                                              .record_b = candidate->record,
                                              .rule = rule,
                                              .score = &candidate->pair.score,
                                              .verdict = &candidate->pair.verdict,
                                              .priority = priority});
}

static bool quarantined(const struct plan *plan, uint64_t record) {
    return plan_record(plan, record)->quarantined != 0;
}

/* Joins by score and records the decision with its reasons. */
static void auto_link(struct plan *plan, uint64_t mover, uint64_t person, const struct candidate *candidate) {
    struct decision_row *decision = plan_decision(plan, "auto-link", mover, candidate->record);
    decision->rule = span_of(match_rule_name(candidate->pair.verdict.rule));
    decision->weight_bits = candidate->pair.verdict.weight_bits;
    decision->posterior = candidate->pair.verdict.posterior;
    decision->reasons = plan_reasons(plan, &candidate->pair.score, &candidate->pair.verdict);
    uint64_t id = decision->id, from = plan_record(plan, mover)->person;
    plan_audit(plan, "auto-link", mover, person, "from person %llu, decision %llu", (unsigned long long)from,
               (unsigned long long)id);
    plan_capture_start(plan);
    plan_move(plan, mover, person, LINK_SCORE, id);
    plan_capture_end(plan, id);
    plan_close_tasks(plan, 1u << TASK_POSSIBLE_MATCH, mover, candidate->record, "linked");
    plan->links_auto++;
}

static bool is_free(struct plan *plan, uint64_t record) {
    const uint64_t *members;
    return plan_live_members(plan, plan_record(plan, record)->person, &members) <= 1;
}

/* What becomes of a candidate that the score or a rule does not let link: the queue it goes to, or none. */
static void queue_candidate(struct plan *plan, uint64_t record, const struct candidate *candidate) {
    enum match_rule rule = candidate->pair.verdict.rule;
    if (rule == MATCH_RULE_SAME_INS_CONFLICT || rule == MATCH_RULE_DIFFERENT_INS)
        open_pair_task(plan, TASK_INS_CONFLICT, record, candidate, rule, 0);
    else if (plan_record(plan, record)->domain == plan_record(plan, candidate->record)->domain)
        open_pair_task(plan, TASK_DUPLICATE, record, candidate, MATCH_RULE_SAME_DOMAIN, 0);
    else /* what only a domain's policy keeps apart waits longest */
        open_pair_task(plan, TASK_POSSIBLE_MATCH, record, candidate, rule, rule == MATCH_RULE_DOMAIN_POLICY ? 25 : 0);
}

/* One candidate whose verdict is to link: joins, or says why not. Returns true when the record now stands on the candidate's
 * person. */
static bool try_link(struct plan *plan, uint64_t record, const struct candidate *candidate, bool *record_free) {
    uint64_t blocker;
    enum match_rule rule;
    uint64_t theirs = plan_record(plan, candidate->record)->person, ours = plan_record(plan, record)->person;
    if (*record_free && link_fits(plan, record, theirs, &blocker, &rule)) {
        auto_link(plan, record, theirs, candidate);
        *record_free = false;
        return true;
    }
    if (!*record_free && is_free(plan, candidate->record) && link_fits(plan, candidate->record, ours, &blocker, &rule)) {
        auto_link(plan, candidate->record, ours, candidate);
        return true;
    }
    if (!*record_free && !is_free(plan, candidate->record))
        rule = MATCH_RULE_SCORE;        /* two persons: the cell says whether they are one */
    if (rule != MATCH_RULE_SAME_DOMAIN) /* its duplicate task says it already */
        open_pair_task(plan, TASK_POSSIBLE_MATCH, record, candidate, rule, 0);
    return false;
}

/* Collects the record's hits from the index and from this batch, judged; best first, as both lists are. */
static size_t collect(struct plan *plan, uint64_t record, struct candidate **out, bool *out_incomplete) {
    const struct match_form *forms[PLAN_FORMS];
    size_t form_count = plan_forms(plan, record, forms);
    const struct match_index *indexes[] = {plan->registry->index, plan->fresh};
    VEC(struct candidate) found = {0};
    *out_incomplete = false;
    for (size_t i = 0; i < 2; i++) {
        const struct match_hit *hits;
        struct match_search_report report = {0};
        size_t count =
            match_index_search(indexes[i], plan->registry->model, forms, form_count, record, plan->arena, &hits, &report);
        *out_incomplete |= report.incomplete;
        for (size_t j = 0; j < count; j++) {
            const struct record *other = plan_record(plan, hits[j].record);
            bool stale = i == 0 && idmap_first(&plan->formed, idmap_hash_number(hits[j].record));
            if (stale || !other || other->merged_into)
                continue;
            struct candidate candidate = {.record = hits[j].record, .pair.score = hits[j].score};
            judge(plan, record, hits[j].record, &candidate.pair);
            VEC_ADD(plan->arena, found, candidate);
        }
    }
    *out = found.items;
    return found.count;
}

static int by_weight(const void *a, const void *b) {
    const struct candidate *left = a, *right = b;
    if (left->pair.score.weight_cb != right->pair.score.weight_cb)
        return left->pair.score.weight_cb < right->pair.score.weight_cb ? 1 : -1;
    return left->record < right->record ? -1 : left->record > right->record;
}

void link_match(struct plan *plan, uint64_t record) {
    const struct record *self = plan_record(plan, record);
    if (self->merged_into)
        return;
    struct candidate *candidates;
    bool incomplete, free_record = is_free(plan, record);
    size_t count = collect(plan, record, &candidates, &incomplete);
    if (count)
        qsort(candidates, count, sizeof *candidates, by_weight);
    if (incomplete)
        (void)plan_task(plan, &(struct task_spec){.kind = TASK_INCOMPLETE_SEARCH, .record_a = record, .rule_text = "hot-key"});
    for (size_t i = 0; i < count; i++) { /* links first, best first */
        const struct candidate *candidate = &candidates[i];
        if (candidate->pair.verdict.zone != MATCH_LINK || quarantined(plan, record) || quarantined(plan, candidate->record))
            continue;
        if (plan_record(plan, candidate->record)->person != plan_record(plan, record)->person)
            (void)try_link(plan, record, candidate, &free_record);
    }
    for (size_t i = 0; i < count; i++) {
        const struct candidate *candidate = &candidates[i];
        bool together = plan_record(plan, candidate->record)->person == plan_record(plan, record)->person;
        if (candidate->pair.verdict.zone == MATCH_REVIEW && !together)
            queue_candidate(plan, record, candidate);
    }
}

/* -- rule 5, after an update ------------------------------------------------------------------------------------------------ */

static bool declared(enum link_kind kind) {
    return kind == LINK_DECLARED || kind == LINK_DECISION;
}

/* What holds two records of one person together: a declaration or decision of either, or only scores. The founder of a person holds
 * nothing itself. */
static bool held_by_declaration(const struct record *a, const struct record *b) {
    return declared(a->link_kind) || (a->link_kind == LINK_OWN && declared(b->link_kind));
}

/* Facts of a record, not of a pair, that allow no link by score. */
static bool bars_links(enum match_rule rule) {
    return rule == MATCH_RULE_FICTITIOUS || rule == MATCH_RULE_DOUBTFUL || rule == MATCH_RULE_HIDDEN ||
           rule == MATCH_RULE_RESTRICTED;
}

/* Strict traits that agreed before the update and no longer do: the link stays, the cell looks. */
static void tell_drift(struct plan *plan, uint64_t id, const struct match_form *before, const struct candidate *other) {
    const struct match_form *forms[PLAN_FORMS];
    struct match_score old;
    if (!before || other->pair.score.strict_agree || !plan_forms(plan, other->record, forms))
        return;
    match_compare_forms(plan->registry->model, before, forms[0], &old);
    if (old.strict_agree)
        open_pair_task(plan, TASK_TRAIT_DIVERGENCE, id, other, MATCH_RULE_SCORE, 0);
}

void link_recheck(struct plan *plan, uint64_t id, const struct match_form *before) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, plan_record(plan, id)->person, &members);
    bool leave = false;
    for (size_t i = 0; i < count; i++) {
        if (members[i] == id)
            continue;
        struct candidate other = {.record = members[i]};
        compare_current(plan, id, members[i], &other.pair);
        enum match_rule rule = MATCH_RULE_NEGATIVE_LINK;
        if (!other.pair.negative && !bars_links(other.pair.verdict.rule) &&
            match_compatible(plan->registry->model, &other.pair.score, &rule)) {
            tell_drift(plan, id, before, &other);
            continue;
        }
        if (!other.pair.negative && bars_links(other.pair.verdict.rule))
            rule = other.pair.verdict.rule;
        bool ins = rule == MATCH_RULE_DIFFERENT_INS || other.pair.verdict.rule == MATCH_RULE_SAME_INS_CONFLICT;
        enum task_kind kind = ins ? TASK_INS_CONFLICT : TASK_TRAIT_DIVERGENCE;
        if (held_by_declaration(plan_record(plan, id), plan_record(plan, members[i]))) {
            plan_edit(plan, declared(plan_record(plan, id)->link_kind) ? id : members[i])->flags |= RECORD_MARKED;
            open_pair_task(plan, kind, id, &other, rule, 100); /* first in the queue */
            plan_audit(plan, "link-marked", id, plan_record(plan, id)->person, "rule %s", match_rule_name(rule));
            continue;
        }
        leave = true;
        if (!bars_links(rule)) /* what the sender says of itself needs nobody's look */
            open_pair_task(plan, kind, id, &other, rule, 0);
    }
    if (!leave)
        return;
    plan_audit(plan, "auto-unlink", id, plan_record(plan, id)->person, "a veto came with an update");
    uint64_t decision = plan_decision(plan, "auto-unlink", id, 0)->id;
    link_part(plan, id, LINK_OWN, decision);
}

/* -- rule 8 --------------------------------------------------------------------------------------------------------------- */

bool link_declare(struct plan *plan, uint64_t record, uint64_t person, uint64_t named) {
    const struct record *self = plan_record(plan, record);
    if (self->person == person)
        return true;
    struct candidate other = {0};
    bool may = link_may_declare(plan, record, person, &other.record, &other.pair);
    bool moves = self->link_kind == LINK_DECLARED || self->link_kind == LINK_DECISION ||
                 (self->link_kind == LINK_OWN && !is_free(plan, record));
    if (!may || moves) { /* contradicted, or it says something else than an earlier declaration: the cell decides */
        if (may) {
            const uint64_t *members;
            if (!plan_live_members(plan, person, &members))
                return false;
            other.record = named ? named : members[0];
            link_compare(plan, record, other.record, &other.pair);
        }
        bool ins = other.pair.score.vetoes >> MATCH_RULE_DIFFERENT_INS & 1u;
        open_pair_task(plan, ins ? TASK_INS_CONFLICT : TASK_POSSIBLE_MATCH, record, &other, other.pair.verdict.rule, 60);
        return false;
    }
    struct decision_row *decision = plan_decision(plan, "declared-link", record, named);
    uint64_t id = decision->id, from = self->person;
    plan_audit(plan, "declared-link", record, person, "from person %llu, decision %llu", (unsigned long long)from,
               (unsigned long long)id);
    plan_capture_start(plan);
    plan_move(plan, record, person, LINK_DECLARED, id);
    plan_capture_end(plan, id);
    if (named)
        plan_close_tasks(plan, 1u << TASK_POSSIBLE_MATCH, record, named, "linked by declaration");
    plan->links_declared++;
    return true;
}
