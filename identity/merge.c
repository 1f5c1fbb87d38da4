/*
 * A40, A24, A37: one domain's word about its identifiers, and a sender's word about two records (hl7v2.md 2.6, DESIGN.md rules 8,
 * 9, 14).
 */
#include "identity/feed.h"
#include "identity/holder.h"
#include "identity/link.h"
#include "identity/spelling.h"

#include <stdlib.h>

/* -- merging two records ---------------------------------------------------------------------------------------------------- */

static void pass_negatives(struct plan *plan, uint64_t loser, uint64_t survivor, uint64_t decision) {
    const uint64_t *others;
    size_t count = plan_negatives(plan, loser, &others);
    for (size_t i = 0; i < count; i++)
        if (others[i] != survivor)
            plan_set_negative_as(plan, survivor, others[i], plan_negative_said(plan, loser, others[i]), decision);
}

/* blocker: beside whom b does not fit, when that is not a. */
static void conflict_task(struct plan *plan, uint64_t a, uint64_t b, enum match_rule rule, uint64_t blocker, const char *text) {
    struct pair pair;
    link_compare(plan, a, b, &pair);
    (void)plan_task(plan, &(struct task_spec){.kind = TASK_MERGE_CONFLICT,
                                              .record_a = a,
                                              .record_b = b,
                                              .rule = rule,
                                              .rule_text = text,
                                              .blocked = b,
                                              .blocker = blocker,
                                              .score = &pair.score,
                                              .verdict = &pair.verdict});
}

/* Those whom declarations or decisions tie together go together, or stay together. */
static void bring_tied(struct plan *plan, uint64_t first, uint64_t named, uint64_t decision) {
    const uint64_t *tied;
    uint64_t blocker, to = plan_record(plan, named)->person;
    size_t count = link_tied_with(plan, first, &tied), fitting = 0;
    enum match_rule rule;
    if (tied[0] != first)
        return; /* seen already */
    for (size_t i = 0; i < count; i++) {
        bool fits = link_fits(plan, tied[i], to, NULL, &blocker, &rule);
        fitting += fits;
        if (!fits)
            conflict_task(plan, named, tied[i], rule, blocker, NULL);
    }
    for (size_t i = 0; i < count && fitting == count; i++) {
        enum link_kind kind = (enum link_kind)plan_record(plan, tied[i])->link_kind;
        plan_move(plan, tied[i], to, kind == LINK_OWN ? LINK_SCORE : kind, decision);
    }
}

void bring_companions(struct plan *plan, uint64_t from, uint64_t named, uint64_t decision) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, from, &members);
    for (size_t i = 0; i < count && from != plan_record(plan, named)->person; i++)
        if (plan_record(plan, members[i])->person == from)
            bring_tied(plan, members[i], named, decision);
}

/* A held merge has a direction, and each direction a task of its own: who accepts one must not do the other. */
static struct span held_cause(const struct plan *plan, uint64_t loser, uint64_t survivor) {
    return span_of(arena_printf(plan->arena, "merge-held %llu into %llu", (unsigned long long)loser, (unsigned long long)survivor));
}

static void close_held(struct plan *plan, uint64_t loser, uint64_t survivor, const char *why) {
    uint64_t open = plan_open_task(plan, held_cause(plan, loser, survivor));
    if (open && open != plan->task)
        plan_close_task(plan, open, why);
}

void merge_apply(struct plan *plan, uint64_t loser, uint64_t survivor, uint64_t decision) {
    uint64_t from = plan_record(plan, loser)->person, to = plan_record(plan, survivor)->person;
    struct held_list held = {0};
    link_held_on(plan, from, &held);
    struct record *lost = plan_edit(plan, loser);
    lost->merged_into = survivor;
    lost->flags &= ~(uint32_t)RECORD_MARKED; /* what contradicts the survivor marks that one */
    plan_touch(plan, lost);
    plan_touch(plan, plan_edit(plan, survivor));
    plan_set_forms(plan, loser, NULL, 0);
    if (from != to)
        plan_move(plan, loser, to, (enum link_kind)lost->link_kind, decision);
    pass_negatives(plan, loser, survivor, decision);
    bring_companions(plan, from, survivor, decision);
    plan_close_tasks(plan, 1u << TASK_DUPLICATE | 1u << TASK_POSSIBLE_MATCH | 1u << TASK_INS_CONFLICT | 1u << TASK_TRAIT_DIVERGENCE,
                     loser, survivor, "merged");
    plan_close_merged(plan, loser);
    close_held(plan, loser, survivor, "merged");
    close_held(plan, survivor, loser, "merged");
    plan_audit(plan, "merged", loser, to, "into record %llu, decision %llu", (unsigned long long)survivor,
               (unsigned long long)decision);
    link_recheck(plan, survivor, NULL);
    link_recheck_loose(plan, &held); /* those of the loser's person whom it held together */
    link_close_answered(plan, plan_record(plan, survivor)->person);
    link_match(plan, survivor);
}

/* -- A40 ------------------------------------------------------------------------------------------------------------------ */

struct merge_pair {
    struct subject_ids survivor, loser;
};

static bool resolve_pair(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct merge_pair *out,
                         struct error *err) {
    const char *where = subject_place(work, subject, "MRG", "1");
    if (!subject_resolve(plan, work, subject->traits.identifiers, subject->traits.identifier_count, &out->survivor, err))
        return false;
    if (!span_is_empty(out->survivor.beside))
        return error_set(err, ERROR_RULE, span_cstr(out->survivor.beside, work->arena),
                         "which identifier survives is not clear; send one of its domain only");
    if (!subject->prior_count)
        return error_set(err, ERROR_MISSING, where, "the identifier to merge away is missing");
    struct error fault = ERROR_INIT;
    if (!subject_resolve(plan, work, subject->prior, subject->prior_count, &out->loser, &fault))
        return error_set(err, fault.code == ERROR_MISSING ? ERROR_MISSING : ERROR_UNKNOWN, where, "%s", fault.text);
    if (out->loser.domain != out->survivor.domain)
        return error_set(err, ERROR_RULE, where,
                         "a merge stays inside one domain; to say that two domains mean one person send an A24");
    for (size_t i = 0; i < subject->prior_count; i++) {
        const struct trait_identifier *id = &subject->prior[i];
        if (subject_names_record(id) && !span_eq(id->value, out->loser.local_id) &&
            identity_domain_of(plan->domains, work->feed, id))
            return error_set(err, ERROR_RULE, span_cstr(id->where, work->arena),
                             "one identifier is merged at a time; send one A40 for each");
    }
    if (span_eq(out->loser.local_id, out->survivor.local_id))
        return error_set(err, ERROR_DUPLICATE, where, "the identifier to merge away is the surviving one");
    if (!out->loser.record) {
        work->waits_domain = out->loser.domain->id;
        work->waits_for = spelling_key(plan, out->loser.domain, out->loser.local_id);
        return error_set(err, ERROR_UNKNOWN, where,
                         "the identifier to merge away is not known; replay this message once it has been fed");
    }
    return true;
}

/* Across two INS or a negative link the merge waits for the cell (rule 14): both records go on answering. The last word of the
 * domain counts: one that waits the other way round is closed, as an applied one would be turned. */
static bool held(struct plan *plan, struct feed_work *work, uint64_t loser, uint64_t survivor) {
    struct pair pair;
    link_compare(plan, loser, survivor, &pair);
    bool two_ins = pair.score.vetoes >> MATCH_RULE_DIFFERENT_INS & 1u;
    if (!pair.negative && !two_ins)
        return false;
    close_held(plan, survivor, loser, "a later message asks for the merge the other way round");
    (void)plan_task(plan,
                    &(struct task_spec){.kind = TASK_MERGE_CONFLICT,
                                        .cause = held_cause(plan, loser, survivor),
                                        .record_a = survivor,
                                        .record_b = loser,
                                        .rule = pair.negative ? MATCH_RULE_NEGATIVE_LINK : MATCH_RULE_DIFFERENT_INS,
                                        .rule_text = pair.negative ? "merge-held: negative-link" : "merge-held: different-ins",
                                        .score = &pair.score,
                                        .verdict = &pair.verdict,
                                        .priority = 85});
    feed_warn(work, "merge held for the cell: %s", pair.negative ? "they were declared different" : "they have two different INS");
    plan_audit(plan, "merge-held", survivor, plan_record(plan, survivor)->person, "record %llu", (unsigned long long)loser);
    return true;
}

static uint64_t merge_decision(struct plan *plan, uint64_t loser, uint64_t survivor, struct pair *pair) {
    link_compare(plan, loser, survivor, pair);
    struct decision_row *decision = plan_decision(plan, "merge", survivor, loser);
    decision->weight_bits = pair->verdict.weight_bits;
    decision->posterior = pair->verdict.posterior;
    decision->reasons = plan_reasons(plan, &pair->score, &pair->verdict);
    return decision->id;
}

/* B->A after A->B: the direction turns, A lives again, B and all merged into B resolve to A (hl7v2.md 2.6). */
static void turn(struct plan *plan, uint64_t revived, uint64_t loser) {
    struct pair pair;
    plan_capture_start(plan); /* the revival is part of what an undo takes back */
    struct record *record = plan_edit(plan, revived);
    record->merged_into = 0;
    plan_retire_versions(plan, revived, VERSION_LATE);
    if (record->quarantined) /* the first merge had closed what was asked of it */
        subject_ask_collision(plan, record);
    holder_ask_again(plan, record);
    uint64_t decision = merge_decision(plan, loser, revived, &pair);
    merge_apply(plan, loser, revived, decision);
    plan_capture_end(plan, decision);
}

/* The survivor was merged away already: into the loser, and the direction turns (true), or elsewhere, and the loser joins the last
 * survivor. */
static bool merge_into_merged(struct plan *plan, struct feed_work *work, uint64_t loser, uint64_t survivor) {
    if (plan_survivor(plan, survivor) == loser) {
        turn(plan, survivor, loser);
        feed_warn(work, "merge against the direction of an earlier one: the survivor was swapped");
        return true;
    }
    feed_warn(work, "the surviving identifier was merged before: joined to its last survivor, traits not applied");
    return false;
}

static bool refuse_merged(const struct feed_work *work, const struct feed_subject *subject, struct error *err) {
    return error_set(err, ERROR_UNKNOWN, subject_place(work, subject, "MRG", "1"),
                     "the identifier to merge away was merged into another one before");
}

/* Do traits speak against the merge? That one has no name does not (rule 3), and where it is told nothing else does. */
static bool contradicting(const struct plan *plan, const struct pair *pair, enum match_rule *out_rule) {
    return !match_compatible(plan->model, &pair->score, out_rule) && *out_rule != MATCH_RULE_NO_REAL_NAME;
}

static bool merge_known(struct plan *plan, struct feed_work *work, uint64_t loser, uint64_t survivor) {
    if (held(plan, work, loser, survivor))
        return false;
    struct pair pair;
    enum match_rule rule;
    uint64_t decision = merge_decision(plan, loser, survivor, &pair);
    plan_capture_start(plan);
    if (contradicting(plan, &pair, &rule))
        conflict_task(plan, survivor, loser, rule, 0, "merge-contradicting-traits");
    else if (plan_record(plan, loser)->status == STATUS_QUALIFIED && plan_record(plan, survivor)->status != STATUS_QUALIFIED)
        (void)plan_task(plan, &(struct task_spec){.kind = TASK_MERGE_CONFLICT,
                                                  .record_a = survivor,
                                                  .record_b = loser,
                                                  .priority = 20,
                                                  .rule_text = "qualified-loser",
                                                  .score = &pair.score,
                                                  .verdict = &pair.verdict});
    else /* what an earlier message about the two asked is answered */
        plan_close_tasks(plan, 1u << TASK_MERGE_CONFLICT, survivor, loser, "merged");
    merge_apply(plan, loser, survivor, decision);
    plan_capture_end(plan, decision);
    return true;
}

/* A survivor that is not known yet. */
static bool merge_into_new(struct plan *plan, struct feed_work *work, const struct feed_subject *subject,
                           const struct merge_pair *pair, struct error *err) {
    if (plan_record(plan, pair->loser.record)->merged_into)
        return refuse_merged(work, subject, err);
    if (!subject->traits.name_count)
        return error_set(err, ERROR_UNKNOWN, subject_place(work, subject, "PID", "3^1"),
                         "the surviving identifier is not known and the message brings no traits to create it");
    subject_create(plan, work, subject, &pair->survivor);
    (void)merge_known(plan, work, pair->loser.record, work->record);
    return true;
}

/* One record answers to both. That an A47 replaced the identifier that is to survive by the one to merge away is taken back, as by
 * the opposite A47: the last word of the domain counts. True when this gives the record the message's identifier. */
static bool merge_in_one(struct plan *plan, struct feed_work *work, const struct merge_pair *pair) {
    uint64_t id = pair->survivor.record;
    bool back = id == pair->loser.record && pair->survivor.by_alias && !pair->loser.by_alias && !plan_record(plan, id)->merged_into;
    if (back) {
        identifier_change(plan, id, pair->survivor.local_id);
        feed_warn(work, "the surviving identifier was replaced by the one to merge away: it comes back");
    } else {
        feed_warn(work, "already merged: nothing changed");
    }
    return back;
}

static void warn_of_replaced(struct feed_work *work, const struct merge_pair *pair) {
    if (pair->survivor.by_alias)
        feed_warn(work, "the surviving identifier was replaced before: joined to the one in its place, traits not applied");
    if (pair->loser.by_alias)
        feed_warn(work, "the identifier to merge away was replaced before: the one in its place was merged");
}

/* Who names a survivor by an identifier that was merged or replaced may not know its last state: such traits are only compared. */
static bool merge_two(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, const struct merge_pair *pair,
                      bool late, struct error *err) {
    uint64_t loser = pair->loser.record, survivor = pair->survivor.record;
    if (plan_record(plan, loser)->merged_into) {
        (void)plan_task(plan,
                        &(struct task_spec){
                            .kind = TASK_MERGE_CONFLICT, .record_a = survivor, .record_b = loser, .rule_text = "merged-elsewhere"});
        return refuse_merged(work, subject, err);
    }
    bool merged_before = plan_record(plan, survivor)->merged_into != 0;
    bool turned = merged_before && merge_into_merged(plan, work, loser, survivor);
    bool current = !pair->survivor.by_alias && (turned || !merged_before);
    survivor = turned ? survivor : plan_survivor(plan, survivor);
    if (!turned && !merge_known(plan, work, loser, survivor))
        return true;
    warn_of_replaced(work, pair);
    work->record = survivor;
    if (subject->traits.name_count)
        (void)subject_update(plan, work, subject, survivor, late, current ? PUT_UPDATE : PUT_COMPARE_ONLY);
    return true;
}

bool feed_merge(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct error *err) {
    struct merge_pair pair;
    if (!resolve_pair(plan, work, subject, &pair, err))
        return false;
    uint64_t loser = pair.loser.record, survivor = pair.survivor.record;
    if (feed_found_otherwise(plan, work, loser) || feed_found_otherwise(plan, work, survivor))
        return error_set(err, ERROR_RULE, subject_place(work, subject, "PID", "3"),
                         "the identifiers changed since this merge was first sent; check them and send a new one");
    if (!survivor)
        return merge_into_new(plan, work, subject, &pair, err);
    bool late = feed_is_late(plan, work, survivor), loser_merged = plan_record(plan, loser)->merged_into != 0;
    bool one = loser == survivor || (loser_merged && plan_survivor(plan, loser) == plan_survivor(plan, survivor));
    work->record = survivor;
    if (!one)
        return merge_two(plan, work, subject, &pair, late, err);
    if (merge_in_one(plan, work, &pair) && subject->traits.name_count)
        (void)subject_update(plan, work, subject, survivor, late, PUT_UPDATE);
    return true;
}

/* -- A24 and A37 ---------------------------------------------------------------------------------------------------------- */

/* Whom a link is about; record 0: a regional identifier names the person alone. */
struct linked {
    uint64_t record, person;
};

/* The person whom the subject names by a regional identifier, as an answer to a query gave it (DESIGN.md rule 8). */
static bool resolve_regional(const struct plan *plan, const struct feed_work *work, const struct feed_subject *subject,
                             const char *where, struct linked *out, struct error *err) {
    bool dispersed = false;
    for (size_t i = 0; i < subject->traits.identifier_count && !out->person; i++) {
        const struct trait_identifier *id = &subject->traits.identifiers[i];
        const struct domain *domain = subject_names_record(id) ? identity_domain_of(plan->domains, work->feed, id) : NULL;
        uint64_t asked = domain && domain->kind == DOMAIN_REGIONAL ? registry_regional_parse(id->value) : 0;
        out->person = asked ? plan_person_today(plan, asked, &dispersed) : 0;
    }
    if (dispersed)
        return error_set(
            err, ERROR_RULE, where,
            "the records of this regional identifier went to several persons; name one by its own domain's identifier");
    return out->person || error_set(err, ERROR_UNKNOWN, where, "this identifier is not known");
}

/* One subject of a link: the first of its identifiers that is known finds the record, and no other may find another of its domain.
 */
static bool resolve_linked(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, const char *where,
                           bool *io_owns, struct linked *out, struct error *err) {
    const struct domain *found_in = NULL;
    uint64_t found = 0;
    for (size_t i = 0; i < subject->traits.identifier_count; i++) {
        const struct trait_identifier *id = &subject->traits.identifiers[i];
        const struct domain *domain = subject_names_record(id) ? identity_domain_of(plan->domains, work->feed, id) : NULL;
        if (!domain || (found && domain != found_in))
            continue;
        *io_owns = *io_owns || identity_may_feed(domain, work->feed);
        uint64_t record = plan_find(plan, domain->id, id->value);
        if (found && record && plan_survivor(plan, record) != found)
            return error_set(err, ERROR_DUPLICATE, span_cstr(id->where, work->arena),
                             "these identifiers belong to two different patients of %.*s; send the one that is meant",
                             SPAN_ARG(domain->namespace_id));
        if (found || !record)
            continue;
        found = plan_survivor(plan, record);
        found_in = domain;
    }
    *out = (struct linked){.record = found, .person = found ? plan_record(plan, found)->person : 0};
    if (!found)
        return resolve_regional(plan, work, subject, where, out, err);
    if (feed_found_otherwise(plan, work, found))
        return error_set(err, ERROR_RULE, where,
                         "the record changed since this message was first sent; check it and send a new one");
    return true;
}

/* The two subjects of a link; the sender owns at least one of the domains, so that one is a record. */
static bool resolve_two(struct plan *plan, struct feed_work *work, struct linked out[2], struct error *err) {
    const struct feed *feed = work->feed;
    bool owns = false;
    if (feed->subject_count < 2)
        return error_set(err, ERROR_SEQUENCE, "PID^2", "two PID segments are needed, one for each record");
    if (!resolve_linked(plan, work, &feed->subjects[0], "PID^1^3", &owns, &out[0], err) ||
        !resolve_linked(plan, work, &feed->subjects[1], "PID^2^3", &owns, &out[1], err))
        return false;
    if (!owns)
        return error_set(err, ERROR_FORBIDDEN, "PID^1^3", "this sender feeds neither of the two domains");
    return true;
}

/* An A37's word between the two persons: a new A24 takes it back (hl7v2.md 2.6). The cell's word stands. */
static void take_back_said(struct plan *plan, uint64_t a, uint64_t b) {
    const uint64_t *left, *right;
    size_t left_count = plan_live_members(plan, plan_record(plan, a)->person, &left);
    size_t right_count = plan_live_members(plan, plan_record(plan, b)->person, &right);
    for (size_t i = 0; i < left_count && plan_negative_said(plan, a, b); i++)
        for (size_t j = 0; j < right_count; j++)
            if ((left[i] != a || right[j] != b) && plan_negative_said(plan, left[i], right[j]))
                plan_set_negative(plan, left[i], right[j], false, 0);
    if (plan_negative_said(plan, a, b))
        plan_set_negative(plan, a, b, false, 0);
}

/* The same as to declare the regional identifier in a feed of the record (DESIGN.md rule 8). */
static void link_to_person(struct plan *plan, struct feed_work *work, uint64_t record, uint64_t person) {
    work->record = record;
    if (plan_record(plan, record)->person == person)
        feed_warn(work, "already one person");
    if (!link_declare(plan, record, person, 0, false))
        feed_warn(work, "link not made, a task asks");
}

bool feed_link(struct plan *plan, struct feed_work *work, struct error *err) {
    struct linked two[2];
    if (!resolve_two(plan, work, two, err))
        return false;
    uint64_t a = two[0].record, b = two[1].record;
    work->record = a;
    if (!a || !b) {
        link_to_person(plan, work, a ? a : b, a ? two[1].person : two[0].person);
        return true;
    }
    if (a == b || plan_record(plan, a)->person == plan_record(plan, b)->person) {
        feed_warn(work, "already one person");
        if (a != b) {
            (void)link_declare(plan, a, plan_record(plan, b)->person, b, true);
            plan_close_tasks(plan, 1u << TASK_DUPLICATE | 1u << TASK_POSSIBLE_MATCH, a, b, "linked by A24");
        }
        return true;
    }
    take_back_said(plan, a, b);
    const uint64_t *members;
    bool a_moves = plan_live_members(plan, plan_record(plan, a)->person, &members) == 1;
    uint64_t mover = a_moves ? a : b, other = a_moves ? b : a;
    bool own_word = identity_may_feed(plan_domain(plan, plan_record(plan, mover)->domain), work->feed);
    bool linked = link_declare(plan, mover, plan_record(plan, other)->person, other, own_word);
    if (!linked)
        feed_warn(work, "link not made, a task asks");
    return true;
}

struct sides {
    uint64_t leaving, staying, fresh, decision;
};

/* One record beside the two with those tied to it: they go where somebody was said to be one with them, else where they fit better;
 * the two are out of question, for they were just told apart. */
static bool goes(struct plan *plan, const struct sides *sides, const uint64_t *tied, size_t count) {
    enum { CLEAR_CB = 4 * 256 };
    bool there = link_tied_beside(plan, tied[0], sides->leaving, sides->staying),
         here = link_tied_beside(plan, tied[0], sides->staying, sides->leaving);
    if (there != here)
        return there;
    int64_t to_leaving = link_fitness(plan, tied, count, sides->leaving),
            to_staying = link_fitness(plan, tied, count, sides->staying);
    if (llabs(to_leaving - to_staying) < CLEAR_CB) /* less than 4 bits apart: not clear, the cell looks */
        conflict_task(plan, tied[0], sides->leaving, MATCH_RULE_SCORE, 0, "which-side");
    return to_leaving > to_staying;
}

static bool has_founder(struct plan *plan, uint64_t person) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, person, &members), founders = 0;
    for (size_t i = 0; i < count; i++)
        founders += plan_record(plan, members[i])->link_kind == LINK_OWN;
    return founders > 0;
}

static void split(struct plan *plan, const struct sides *sides, const uint64_t *members, size_t count) {
    const uint64_t two[] = {sides->leaving, sides->staying};
    bool *gone = ARENA_ARRAY(plan->arena, bool, count + 1);
    for (size_t i = 0; i < count; i++) {
        const uint64_t *tied;
        size_t tied_count = link_tied_without(plan, members[i], two, &tied);
        bool head = members[i] == sides->leaving || members[i] == sides->staying;
        bool moves = head ? members[i] == sides->leaving : tied[0] == members[i] && goes(plan, sides, tied, tied_count);
        for (size_t j = 0; j < count && moves; j++)
            for (size_t k = 0; k < tied_count; k++)
                gone[j] = gone[j] || members[j] == tied[k];
    }
    for (size_t i = 0; i < count; i++) /* all have chosen while all ties stood */
        if (gone[i])
            plan_move(plan, members[i], sides->fresh, (enum link_kind)plan_record(plan, members[i])->link_kind, sides->decision);
}

void separate_apply(struct plan *plan, uint64_t a, uint64_t b, uint64_t decision) {
    uint64_t person = plan_record(plan, a)->person;
    if (person != plan_record(plan, b)->person) {
        plan_set_negative(plan, a, b, true, decision);
        return;
    }
    const uint64_t *members;
    size_t count = plan_live_members(plan, person, &members);
    /* The founder stays when it is one of the two; else the first named leaves. */
    bool founder = plan_record(plan, a)->link_kind == LINK_OWN;
    struct sides sides = {.leaving = founder ? b : a, .staying = founder ? a : b, .decision = decision};
    sides.fresh = plan_new_person(plan);
    split(plan, &sides, members, count);
    const uint64_t heads[] = {sides.leaving, sides.staying};
    for (size_t i = 0; i < 2; i++) {
        plan_edit(plan, heads[i])->flags &= ~(uint32_t)RECORD_MARKED;
        if (!has_founder(plan, plan_record(plan, heads[i])->person))
            link_found(plan, heads[i], decision);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            if (plan_record(plan, members[i])->person == sides.fresh && plan_record(plan, members[j])->person == person)
                plan_set_negative(plan, members[i], members[j], true, decision);
    plan_audit(plan, "separated", sides.leaving, sides.fresh, "from record %llu, decision %llu", (unsigned long long)sides.staying,
               (unsigned long long)decision);
}

bool feed_unlink(struct plan *plan, struct feed_work *work, struct error *err) {
    struct linked two[2];
    if (!resolve_two(plan, work, two, err))
        return false;
    uint64_t a = two[0].record, b = two[1].record;
    work->record = a;
    if (!a || !b)
        return error_set(err, ERROR_RULE, a ? "PID^2^3" : "PID^1^3",
                         "a regional identifier names a person; name the record to be separated by its own domain's identifier");
    if (a == b)
        return error_set(err, ERROR_RULE, "PID^2^3",
                         "both identifiers name one record, merged by its domain; nothing can be separated");
    uint64_t decision = plan_decision(plan, "separate", a, b)->id;
    plan_capture_start(plan);
    separate_apply(plan, a, b, decision);
    plan_capture_end(plan, decision);
    return true;
}
