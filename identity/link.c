/* Joining and parting records; see link.h. */
#include "identity/link.h"
#include "identity/relink_walk.h"

#include <stdlib.h>

static struct match_facts facts_of(const struct plan *plan, const struct record *record) {
    const struct domain *domain = plan_domain(plan, record->domain);
    return (struct match_facts){
        .domain = record->domain,
        .model_domain = match_model_domain(plan->model, domain->namespace_id),
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
    match_judge(plan->model, &pair->score, &left, &right, pair->negative, &pair->verdict);
}

void link_compare(struct plan *plan, uint64_t a, uint64_t b, struct pair *out) {
    const struct match_form *left[PLAN_FORMS], *right[PLAN_FORMS];
    size_t left_count = plan_forms(plan, a, left), right_count = plan_forms(plan, b, right);
    must(left_count && right_count); /* both live: what was merged away has nothing to compare */
    match_compare(plan->model, left, left_count, right, right_count, &out->score);
    judge(plan, a, b, out);
}

int32_t link_fitness(struct plan *plan, const uint64_t *records, size_t count, uint64_t side) {
    enum { VETOED = 1 << 24 };
    int32_t best = INT32_MIN;
    for (size_t i = 0; i < count; i++) {
        struct pair pair;
        enum match_rule rule = MATCH_RULE_SCORE;
        link_compare(plan, records[i], side, &pair);
        bool vetoed = !match_compatible(plan->model, &pair.score, &rule) && rule != MATCH_RULE_SCORE;
        int32_t weight = pair.negative ? INT32_MIN : pair.score.weight_cb - (vetoed ? VETOED : 0);
        best = weight > best ? weight : best;
    }
    return best;
}

/* The record as it is now, against all that the other ever was: what an update says counts, not what it replaced. */
static void compare_current(struct plan *plan, uint64_t a, uint64_t b, struct pair *out) {
    const struct match_form *left[PLAN_FORMS], *right[PLAN_FORMS];
    size_t left_count = plan_forms(plan, a, left), right_count = plan_forms(plan, b, right);
    must(left_count && right_count);
    match_compare(plan->model, left, 1, right, right_count, &out->score);
    judge(plan, a, b, out);
}

/* What a link leaves open of a pair that it brings together: nothing, a doubt, or more than any person bears. */
static size_t doubts_of(const struct match_score *link, const struct pair *pair) {
    if (!link || pair->verdict.zone == MATCH_LINK || !match_leaves_open(link, &pair->score, pair->verdict.score_zone))
        return 0;
    return pair->verdict.score_zone == MATCH_REVIEW ? 1 : MATCH_DOUBTS_PART;
}

bool link_fits(struct plan *plan, uint64_t record, uint64_t person, const struct match_score *link, uint64_t *out_blocker,
               enum match_rule *out_rule) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, person, &members), doubts = 0;
    bool duplicates = false;
    uint64_t doubtful = 0;
    *out_blocker = 0;
    if (count > plan->options->person_record_limit) {
        *out_rule = MATCH_RULE_TOO_LARGE;
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (members[i] == record)
            continue;
        struct pair pair;
        link_compare(plan, record, members[i], &pair);
        *out_rule = MATCH_RULE_NEGATIVE_LINK;
        bool clash = pair.negative || !match_compatible(plan->model, &pair.score, out_rule);
        bool same_domain = plan_record(plan, members[i])->domain == plan_record(plan, record)->domain;
        if (clash || (same_domain && pair.verdict.zone != MATCH_REVIEW)) {
            *out_rule = clash ? *out_rule : MATCH_RULE_SAME_DOMAIN;
            *out_blocker = members[i];
            return false;
        }
        duplicates = duplicates || same_domain;
        doubts += doubts_of(link, &pair);
        doubtful = doubts && !doubtful ? members[i] : doubtful;
    }
    *out_rule = MATCH_RULE_SAME_DOMAIN;
    if (duplicates || doubts <= count / MATCH_DOUBTS_PART)
        return !duplicates;
    *out_rule = MATCH_RULE_KNOWS_LESS;
    *out_blocker = doubtful;
    return false;
}

/* -- rules 1 to 6 --------------------------------------------------------------------------------------------------------- */

struct candidate {
    uint64_t record;
    struct pair pair;
};

/* What one search may put into the queues: the best candidates of each kind, a task each. Beyond it, where one invented or copied
 * patient stands a thousand times in a domain, pairs would be tasks by the million, and none would be read; one task says that
 * there are more (rule 11). */
enum { QUEUED_MOST = 32 };
struct queued {
    size_t pairs, ins_conflicts;
    bool more;
};

static bool may_queue(struct queued *queued, size_t *count) {
    queued->more |= *count >= QUEUED_MOST;
    return (*count)++ < QUEUED_MOST;
}

static void open_task(struct plan *plan, struct task_spec spec, const struct pair *pair) {
    uint64_t next = plan->counters.task;
    spec.score = &pair->score;
    spec.verdict = &pair->verdict;
    (void)plan_task(plan, &spec);
    if (plan->relink && plan->counters.task != next)
        relink_did(plan, RELINK_OPEN, (int)spec.kind, spec.record_a, spec.record_b, pair);
}

void link_open_task(struct plan *plan, enum task_kind kind, uint64_t a, uint64_t b, const struct pair *pair, enum match_rule rule,
                    uint32_t priority) {
    open_task(plan, (struct task_spec){.kind = kind, .record_a = a, .record_b = b, .rule = rule, .priority = priority}, pair);
}

static bool quarantined(const struct plan *plan, uint64_t record) {
    return plan_record(plan, record)->quarantined != 0;
}

void link_close_answered(struct plan *plan, uint64_t person) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, person, &members);
    for (size_t i = 0; i < count; i++)
        plan_close_answered(plan, members[i], "linked");
}

/* Joins the mover to the other's person by score and records the decision with its reasons. */
static void auto_link(struct plan *plan, uint64_t mover, uint64_t other, const struct candidate *candidate) {
    uint64_t person = plan_record(plan, other)->person;
    const char *kind = plan->relink ? "relink-link" : "auto-link";
    struct decision_row *decision = plan_decision(plan, kind, mover, other);
    decision->rule = span_of(match_rule_name(candidate->pair.verdict.rule));
    decision->weight_bits = candidate->pair.verdict.weight_bits;
    decision->posterior = candidate->pair.verdict.posterior;
    decision->reasons = plan_reasons(plan, &candidate->pair.score, &candidate->pair.verdict);
    uint64_t id = decision->id, from = plan_record(plan, mover)->person;
    size_t events = plan->events.count;
    plan_audit(plan, kind, mover, person, "from person %llu, decision %llu", (unsigned long long)from, (unsigned long long)id);
    plan_capture_start(plan);
    plan_move(plan, mover, person, LINK_SCORE, id);
    plan_close_answered(plan, mover, "linked");
    plan_capture_end(plan, id);
    plan->links_auto++;
    if (!plan->relink)
        return;
    relink_did(plan, RELINK_LINK, 0, mover, other, &candidate->pair);
    relink_did_close(plan, events);
}

bool link_is_alone(struct plan *plan, uint64_t record) {
    const uint64_t *members;
    return plan_live_members(plan, plan_record(plan, record)->person, &members) <= 1;
}

static bool about_ins(enum match_rule rule) {
    return rule == MATCH_RULE_SAME_INS_CONFLICT || rule == MATCH_RULE_DIFFERENT_INS;
}

/* One INS, which one of the two claims no more: what is left to ask is whether their traits are of one person. */
static bool may_be_one(struct plan *plan, const struct pair *pair) {
    enum match_rule rule;
    return !pair->negative && pair->verdict.score_zone != MATCH_APART && match_compatible(plan->model, &pair->score, &rule);
}

static void ask(struct plan *plan, uint64_t record, const struct candidate *candidate) {
    enum match_rule rule = candidate->pair.verdict.rule;
    bool claimed = link_both_claim(plan, record, candidate->record);
    if (rule == MATCH_RULE_SAME_INS_CONFLICT && !claimed && !may_be_one(plan, &candidate->pair))
        return;
    if (about_ins(rule) && claimed)
        link_open_task(plan, TASK_INS_CONFLICT, record, candidate->record, &candidate->pair, rule, 0);
    else if (plan_record(plan, record)->domain == plan_record(plan, candidate->record)->domain)
        link_open_task(plan, TASK_DUPLICATE, record, candidate->record, &candidate->pair, MATCH_RULE_SAME_DOMAIN, 0);
    else /* what only a domain's policy keeps apart waits longest */
        link_open_task(plan, TASK_POSSIBLE_MATCH, record, candidate->record, &candidate->pair, rule,
                       rule == MATCH_RULE_DOMAIN_POLICY ? 25 : 0);
}

void link_ask(struct plan *plan, uint64_t a, uint64_t b, const struct pair *pair) {
    ask(plan, a, &(const struct candidate){.record = b, .pair = *pair});
}

/* What becomes of a candidate that the score or a rule does not let link: the queue it goes to, or none. */
static void queue_candidate(struct plan *plan, uint64_t record, const struct candidate *candidate, struct queued *queued) {
    if (plan->relink && relink_asked_before(plan, record, candidate->record))
        return;
    plan->left_to_cell++;
    if (may_queue(queued, about_ins(candidate->pair.verdict.rule) ? &queued->ins_conflicts : &queued->pairs))
        ask(plan, record, candidate);
}

/* Somebody took back what had brought the two together (rule 15). Who came with this batch, or with the one that is being written,
 * was never brought anywhere. */
static bool taken_back(struct plan *plan, uint64_t mover, uint64_t other) {
    size_t count, other_count;
    const uint64_t *movers = person_members(plan_person(plan, plan_record(plan, mover)->person), &count),
                   *others = person_members(plan_person(plan, plan_record(plan, other)->person), &other_count);
    return plan->taken_back && mover <= plan->registry->last_record &&
           plan->taken_back(plan->read_context, movers, count, others, other_count);
}

struct candidates {
    struct candidate *items;
    size_t count;
    size_t apart;    /* more were compared, and are too far to be hits */
    bool incomplete; /* a key was too common to be read whole */
};

/* Collects the record's hits from the index, the batch before and this batch, judged. A record's newest forms count alone. */
static struct candidates collect(struct plan *plan, uint64_t record) {
    const struct match_form *forms[PLAN_FORMS];
    size_t form_count = plan_forms(plan, record, forms);
    const struct plan *under = plan->under;
    const struct match_index *indexes[] = {plan->fresh, under ? under->fresh : NULL, plan->registry->index};
    VEC(struct candidate) found = {0};
    struct candidates out = {0};
    for (size_t i = 0; i < 3; i++) {
        if (!indexes[i])
            continue;
        const struct match_hit *hits;
        struct match_search_report report = {0};
        size_t count = match_index_search(indexes[i], plan->model, forms, form_count, record, plan->arena, &hits, &report);
        out.incomplete |= report.incomplete;
        out.apart += report.candidates - count;
        for (size_t j = 0; j < count; j++) {
            const struct record *other = plan_record(plan, hits[j].record);
            uint64_t hash = idmap_hash_number(hits[j].record);
            bool stale = (i > 0 && idmap_first(&plan->formed, hash)) || (i > 1 && under && idmap_first(&under->formed, hash));
            if (stale || !other || other->merged_into)
                continue;
            struct candidate candidate = {.record = hits[j].record, .pair.score = hits[j].score};
            judge(plan, record, hits[j].record, &candidate.pair);
            VEC_ADD(plan->arena, found, candidate);
        }
    }
    out.items = found.items;
    out.count = found.count;
    return out;
}

/* Two persons that are not one, or of whom it is open: a record that fits both is of one of them. */
static bool are_at_odds(struct plan *plan, uint64_t one, uint64_t other, const struct match_score *link) {
    const uint64_t *ours, *theirs;
    size_t our_count = plan_live_members(plan, one, &ours), their_count = plan_live_members(plan, other, &theirs), doubts = 0;
    for (size_t i = 0; i < our_count; i++)
        for (size_t j = 0; j < their_count; j++) {
            struct pair pair;
            enum match_rule rule;
            link_compare(plan, ours[i], theirs[j], &pair);
            if (pair.negative || !match_compatible(plan->model, &pair.score, &rule))
                return true;
            doubts += doubts_of(link, &pair);
        }
    return doubts > our_count * their_count / MATCH_DOUBTS_PART;
}

/* Why the score does not link two records: a rule, and of whom it speaks when not of these two; 0: of them, or of their persons. */
struct bar {
    enum match_rule rule;
    uint64_t blocked, blocker;
};

/* Does the mover fit another person about as well as this one, and is of one of them? `found`: its candidates. */
static bool is_contested(struct plan *plan, uint64_t mover, uint64_t person, int32_t weight_cb, const struct candidates *found,
                         struct bar *out) {
    uint64_t own = plan_record(plan, mover)->person;
    for (size_t i = 0; i < found->count; i++) {
        const struct candidate *rival = &found->items[i];
        uint64_t other = plan_record(plan, rival->record)->person, blocker;
        enum match_rule rule;
        if (rival->pair.verdict.zone == MATCH_LINK && rival->pair.score.weight_cb > weight_cb - MATCH_CONTESTED_CB &&
            other != person && other != own && !quarantined(plan, rival->record) &&
            link_fits(plan, mover, other, &rival->pair.score, &blocker, &rule) &&
            are_at_odds(plan, person, other, &rival->pair.score)) {
            *out = (struct bar){MATCH_RULE_CONTESTED, mover, rival->record};
            return true;
        }
    }
    return false;
}

/* Of two that stand alone either may be of somebody else. */
static bool is_either_contested(struct plan *plan, uint64_t mover, uint64_t other, int32_t weight_cb,
                                const struct candidates *found, struct bar *out) {
    if (is_contested(plan, mover, plan_record(plan, other)->person, weight_cb, found, out))
        return true;
    if (!link_is_alone(plan, other))
        return false;
    const struct candidates others = collect(plan, other);
    return is_contested(plan, other, plan_record(plan, mover)->person, weight_cb, &others, out);
}

/* May the mover come to the other's person by this link? A run has asked before whether that was taken back. */
static bool may_join(struct plan *plan, uint64_t mover, uint64_t other, const struct match_score *link,
                     const struct candidates *found, struct bar *out) {
    *out = (struct bar){.blocked = mover};
    if (!link_fits(plan, mover, plan_record(plan, other)->person, link, &out->blocker, &out->rule) ||
        is_either_contested(plan, mover, other, link->weight_cb, found, out))
        return false;
    *out = (struct bar){plan->relink || !taken_back(plan, mover, other) ? MATCH_RULE_SCORE : MATCH_RULE_LINK_UNDONE, 0, 0};
    return out->rule == MATCH_RULE_SCORE;
}

static bool asks_about(const struct candidates *of, uint64_t record) {
    for (size_t i = 0; i < of->count; i++)
        if (of->items[i].record == record)
            return of->items[i].pair.verdict.zone == MATCH_REVIEW;
    return false;
}

/* One candidate whose verdict is to link: joins, or says why not. The record joins the best person that it fits, once; two persons
 * are never merged, however small: the cell says whether they are one. Only where the record stood with others before may a record
 * that stands alone come to it. */
static void try_link(struct plan *plan, uint64_t record, const struct candidate *candidate, const struct candidates *found,
                     bool *joined, struct queued *queued) {
    uint64_t other = candidate->record;
    const struct match_score *link = &candidate->pair.score;
    struct bar bar = {.rule = MATCH_RULE_SCORE};
    struct candidates movers = *found;
    if (plan->relink && relink_left_to_people(plan, record, other)) /* nor asks: another model is no news of the two */
        return;
    if (link_is_alone(plan, record)) {
        if (may_join(plan, record, other, link, found, &bar)) {
            auto_link(plan, record, other, candidate);
            *joined = true;
            return;
        }
    } else if (link_is_alone(plan, other)) {
        movers = collect(plan, other);
        if (may_join(plan, other, record, link, &movers, &bar) && !*joined) {
            auto_link(plan, other, record, candidate);
            return;
        }
    }
    if (plan->relink && relink_asked_before(plan, record, other))
        return;
    plan->left_to_cell++;
    bool said = (bar.rule == MATCH_RULE_SAME_DOMAIN && !bar.blocker) ||
                (bar.rule == MATCH_RULE_KNOWS_LESS && asks_about(&movers, bar.blocker));
    if (!said && may_queue(queued, &queued->pairs))
        open_task(plan,
                  (struct task_spec){.kind = TASK_POSSIBLE_MATCH,
                                     .record_a = record,
                                     .record_b = other,
                                     .rule = bar.rule,
                                     .blocked = bar.blocked,
                                     .blocker = bar.blocker},
                  &candidate->pair);
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
    struct queued queued = {0};
    bool joined = false;
    const struct candidates found = collect(plan, record);
    if (found.count)
        qsort(found.items, found.count, sizeof *found.items, by_weight);
    for (size_t i = 0; i < found.count; i++) { /* links first, best first */
        const struct candidate *candidate = &found.items[i];
        if (candidate->pair.verdict.zone != MATCH_LINK || quarantined(plan, record) || quarantined(plan, candidate->record))
            continue;
        if (plan_record(plan, candidate->record)->person != plan_record(plan, record)->person)
            try_link(plan, record, candidate, &found, &joined, &queued);
    }
    plan->left_apart += found.apart;
    for (size_t i = 0; i < found.count; i++) {
        const struct candidate *candidate = &found.items[i];
        bool together = plan_record(plan, candidate->record)->person == plan_record(plan, record)->person;
        if (candidate->pair.verdict.zone == MATCH_REVIEW && !together)
            queue_candidate(plan, record, candidate, &queued);
        plan->left_apart += candidate->pair.verdict.zone == MATCH_APART && !together;
    }
    if ((found.incomplete && !plan->relink) || queued.more) /* keys are what they were: the record's message has said so */
        (void)plan_task(plan, &(struct task_spec){.kind = TASK_INCOMPLETE_SEARCH,
                                                  .record_a = record,
                                                  .rule_text = found.incomplete ? "hot-key" : "many-candidates"});
}

void link_ask_ins(struct plan *plan, uint64_t record) {
    struct queued queued = {0};
    const struct candidates found = collect(plan, record);
    for (size_t i = 0; i < found.count; i++) {
        const struct candidate *candidate = &found.items[i];
        uint64_t other = candidate->record;
        bool together = plan_record(plan, other)->person == plan_record(plan, record)->person;
        if (!together && about_ins(candidate->pair.verdict.rule) && link_both_claim(plan, record, other) &&
            !plan_asks(plan, TASK_INS_CONFLICT, record, other) && may_queue(&queued, &queued.ins_conflicts))
            ask(plan, record, candidate);
    }
}

/* -- rule 5, after an update ------------------------------------------------------------------------------------------------ */

bool link_barred(const struct record *record) {
    return record->attributes & (ATTRIBUTE_FICTITIOUS | ATTRIBUTE_DOUBTFUL | ATTRIBUTE_HIDDEN | ATTRIBUTE_ANONYMOUS |
                                 ATTRIBUTE_PROTECTED | ATTRIBUTE_RESTRICTED | ATTRIBUTE_DEACTIVATED);
}

/* Strict traits that agreed before the update and no longer do: the link stays, the cell looks. */
static void tell_drift(struct plan *plan, uint64_t id, const struct match_form *before, const struct candidate *other) {
    const struct match_form *forms[PLAN_FORMS];
    struct match_score old;
    if (!before || other->pair.score.strict_agree || !plan_forms(plan, other->record, forms))
        return;
    match_compare_forms(plan->model, before, forms[0], &old);
    if (old.strict_agree)
        link_open_task(plan, TASK_TRAIT_DIVERGENCE, id, other->record, &other->pair, MATCH_RULE_SCORE, 0);
}

/* The two contradicted each other before the update, too, and stood together all the same: after an A47 that changed the INS and
 * the sex of one of them (identity-france.md 4.7 M15), or by a decision that outranks scores. The update brings nothing in, but
 * where its rule is a veto and only the score spoke before. */
static bool stood_against(struct plan *plan, const struct match_form *before, uint64_t member, enum match_rule now) {
    const struct match_form *forms[PLAN_FORMS];
    struct match_score old;
    enum match_rule rule;
    size_t count = before ? plan_forms(plan, member, forms) : 0;
    if (!count)
        return false;
    match_compare(plan->model, &before, 1, forms, count, &old);
    return !match_compatible(plan->model, &old, &rule) && (rule != MATCH_RULE_SCORE || now == MATCH_RULE_SCORE);
}

static enum task_kind contradiction_kind(const struct plan *plan, enum match_rule rule, uint64_t id,
                                         const struct candidate *other) {
    bool ins = rule == MATCH_RULE_DIFFERENT_INS || other->pair.verdict.rule == MATCH_RULE_SAME_INS_CONFLICT;
    bool disputed = link_tied(plan, id, other->record) || link_both_claim(plan, id, other->record);
    return ins && disputed ? TASK_INS_CONFLICT : TASK_TRAIT_DIVERGENCE;
}

/* One record beside the changed one. True when they contradict each other and only scores hold them together; a declared link
 * stays, marked, and its task is first in the queue. */
static bool contradicts(struct plan *plan, uint64_t id, uint64_t member, const struct match_form *before) {
    struct candidate other = {.record = member};
    const struct record *self = plan_record(plan, id);
    enum match_rule rule = MATCH_RULE_NEGATIVE_LINK;
    compare_current(plan, id, member, &other.pair);
    bool clash = other.pair.negative || !match_compatible(plan->model, &other.pair.score, &rule);
    if (!clash && !link_barred(self)) {
        tell_drift(plan, id, before, &other);
        return false;
    }
    rule = clash ? rule : other.pair.verdict.rule;
    enum task_kind kind = contradiction_kind(plan, rule, id, &other);
    if (link_tied(plan, id, member)) {
        plan_edit(plan, link_is_declared(self) ? id : member)->flags |= RECORD_MARKED;
        link_open_task(plan, kind, id, other.record, &other.pair, rule, 100);
        plan_audit(plan, "link-marked", id, plan_record(plan, id)->person, "rule %s", match_rule_name(rule));
        return false;
    }
    if (!other.pair.negative && !link_barred(self) && stood_against(plan, before, member, rule))
        return false;
    if (clash) /* what the sender says of itself needs nobody's look */
        link_open_task(plan, kind, id, other.record, &other.pair, rule, 0);
    return true;
}

static void auto_unlink(struct plan *plan, uint64_t id, const char *why) {
    plan_audit(plan, "auto-unlink", id, plan_record(plan, id)->person, "%s", why);
    link_part(plan, id, plan_decision(plan, "auto-unlink", id, 0)->id);
}

/* Are there others tied with it, and is the founder among them? Then they stay, and who contradicts it leaves. */
static bool stays(struct plan *plan, uint64_t id) {
    const uint64_t *tied;
    size_t count = link_tied_with(plan, id, &tied);
    for (size_t i = 0; i < count && count > 1; i++)
        if (plan_record(plan, tied[i])->link_kind == LINK_OWN)
            return true;
    return false;
}

/* The record leaves those that contradict it; or they leave, one by one. */
static void part_from(struct plan *plan, uint64_t id, const uint64_t *against, size_t count, const char *why) {
    uint64_t person = plan_record(plan, id)->person;
    bool kept = stays(plan, id);
    if (count && !kept)
        auto_unlink(plan, id, why);
    for (size_t i = 0; i < count && kept; i++)
        if (plan_record(plan, against[i])->person == person) /* it may have gone with another */
            auto_unlink(plan, against[i], why);
}

void link_recheck(struct plan *plan, uint64_t id, const struct match_form *before) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, plan_record(plan, id)->person, &members), leaving = 0;
    uint64_t *against = ARENA_ARRAY(plan->arena, uint64_t, count + 1);
    for (size_t i = 0; i < count; i++)
        if (members[i] != id && contradicts(plan, id, members[i], before))
            against[leaving++] = members[i];
    part_from(plan, id, against, leaving, "a veto came with an update");
}

void link_recheck_decided(struct plan *plan, uint64_t id) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, plan_record(plan, id)->person, &members), leaving = 0;
    uint64_t *against = ARENA_ARRAY(plan->arena, uint64_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct candidate other = {.record = members[i]};
        enum match_rule rule = MATCH_RULE_NEGATIVE_LINK;
        if (link_tied(plan, id, members[i])) /* itself, too */
            continue;
        link_compare(plan, id, members[i], &other.pair);
        bool clash = other.pair.negative || !match_compatible(plan->model, &other.pair.score, &rule);
        if (!clash || rule == MATCH_RULE_SCORE) /* a decision outranks scores (rule 15) */
            continue;
        link_open_task(plan, contradiction_kind(plan, rule, id, &other), id, other.record, &other.pair, rule, 0);
        against[leaving++] = members[i];
    }
    part_from(plan, id, against, leaving, "a veto came with a decision");
}

void link_recheck_undone(struct plan *plan, uint64_t id) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, plan_record(plan, id)->person, &members), twins = 0;
    for (size_t i = 0; i < count; i++) {
        struct candidate other = {.record = members[i]};
        if (members[i] == id || plan_record(plan, members[i])->domain != plan_record(plan, id)->domain ||
            link_tied_directly(plan, id, members[i]))
            continue;
        link_compare(plan, id, members[i], &other.pair);
        link_open_task(plan, TASK_DUPLICATE, id, other.record, &other.pair, MATCH_RULE_SAME_DOMAIN, 0);
        twins++;
    }
    if (!twins) {
        link_recheck(plan, id, NULL);
        return;
    }
    plan_audit(plan, "auto-unlink", id, plan_record(plan, id)->person, "another record of its domain stands there now");
    plan_move(plan, id, plan_new_person(plan), LINK_OWN, plan_decision(plan, "auto-unlink", id, 0)->id);
}
