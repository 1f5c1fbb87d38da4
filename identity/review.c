/*
 * What the cell decides (DESIGN.md section 5, rules 9 and 15): every outcome acts, is recorded with its author, and can be undone.
 */
#include "base/cleanup.h"
#include "base/digest.h"
#include "identity/holder.h"
#include "identity/link.h"
#include "identity/service.h"
#include "identity/spelling.h"
#include "identity/status.h"
#include "identity/traits.h"
#include "identity/undo.h"

/* -- acts on two records ---------------------------------------------------------------------------------------------------- */

static bool check_link(struct plan *plan, uint64_t a, uint64_t b, struct error *err) {
    a = plan_survivor(plan, a);
    b = plan_survivor(plan, b);
    const struct record *left = plan_record(plan, a), *right = plan_record(plan, b);
    if (!left || !right || a == b)
        return error_set(err, ERROR_RULE, "task", "there are no two records to link");
    if (left->domain == right->domain)
        return error_set(err, ERROR_RULE, "outcome",
                         "two records of one domain are merged by that domain, not linked; choose ask-merge");
    if (left->person != right->person && (link_same_domain(plan, a, right->person) || link_same_domain(plan, b, left->person)))
        return error_set(
            err, ERROR_RULE, "outcome",
            "two records of one domain would stand on one person: that domain merges them first; choose ask-merge in the "
            "task of its duplicate");
    return true;
}

/* A domain merges its own records; nobody merges those of two. */
static bool check_ask_merge(struct plan *plan, uint64_t a, uint64_t b, struct error *err) {
    a = plan_survivor(plan, a);
    b = plan_survivor(plan, b);
    const struct record *left = plan_record(plan, a), *right = plan_record(plan, b);
    if (!left || !right || a == b)
        return error_set(err, ERROR_RULE, "task", "there are no two records to merge");
    return left->domain == right->domain ||
           error_set(err, ERROR_RULE, "outcome", "the records are of two domains, which no establishment can merge; choose link");
}

static bool link_pair(struct plan *plan, uint64_t a, uint64_t b, uint64_t decision, struct error *err) {
    if (!check_link(plan, a, b, err))
        return false;
    a = plan_survivor(plan, a);
    b = plan_survivor(plan, b);
    const struct record *left = plan_record(plan, a), *right = plan_record(plan, b);
    plan_set_negative(plan, a, b, false, decision);
    uint64_t mover = a;
    bool comes = left->person != right->person;
    if (comes) {
        const uint64_t *members;
        bool left_moves = plan_live_members(plan, left->person, &members) <= plan_live_members(plan, right->person, &members);
        uint64_t from = left_moves ? left->person : right->person;
        mover = left_moves ? a : b;
        enum link_kind kind = (enum link_kind)plan_record(plan, mover)->link_kind; /* its own tie goes along */
        plan_move(plan, mover, left_moves ? right->person : left->person, kind == LINK_OWN ? LINK_SCORE : kind, decision);
        bring_companions(plan, from, mover, decision);
        plan->links_decided++;
    }
    link_tie(plan, mover, mover == a ? b : a, LINK_DECISION, decision);
    if (comes)
        link_recheck_decided(plan, mover);
    plan_edit(plan, a)->flags &= ~(uint32_t)RECORD_MARKED;
    plan_edit(plan, b)->flags &= ~(uint32_t)RECORD_MARKED;
    plan_audit(plan, "link", a, plan_record(plan, a)->person, "with record %llu, decision %llu", (unsigned long long)b,
               (unsigned long long)decision);
    plan_close_tasks(plan, 1u << TASK_TRAIT_DIVERGENCE, a, b, "linked");
    link_close_answered(plan, plan_record(plan, a)->person);
    return true;
}

static bool check_part(const struct plan *plan, uint64_t a, uint64_t b, struct error *err) {
    a = plan_survivor(plan, a);
    b = plan_survivor(plan, b);
    return (a && b && a != b) || error_set(err, ERROR_RULE, "task", "there are no two records to tell apart");
}

static bool part_pair(struct plan *plan, uint64_t a, uint64_t b, uint64_t decision, struct error *err) {
    if (!check_part(plan, a, b, err))
        return false;
    a = plan_survivor(plan, a);
    b = plan_survivor(plan, b);
    separate_apply(plan, a, b, decision);
    plan_close_tasks(plan, 1u << TASK_POSSIBLE_MATCH | 1u << TASK_DUPLICATE | 1u << TASK_TRAIT_DIVERGENCE, a, b,
                     "different persons");
    return true;
}

static bool over_veto(struct plan *plan, uint64_t a, uint64_t b) {
    struct pair pair;
    link_compare(plan, plan_survivor(plan, a), plan_survivor(plan, b), &pair);
    enum match_rule rule;
    return pair.negative || !match_compatible(plan->model, &pair.score, &rule);
}

/* Rule 15, by setting: against a veto a second person must agree. */
static bool second_person(struct plan *plan, uint64_t a, uint64_t b, struct span author, struct span second, struct error *err) {
    bool asked = plan->options->second_person_over_veto && a && b && over_veto(plan, a, b);
    if (!asked || (!span_is_empty(span_trim(second)) && !span_eq_nocase(span_trim(second), span_trim(author))))
        return true;
    return error_set(err, ERROR_MISSING, "second_author", "a veto speaks against this link: a second person must agree");
}

/* -- acts on one record ----------------------------------------------------------------------------------------------------- */

static void mark_doubtful(struct plan *plan, uint64_t id) {
    struct record *record = plan_edit(plan, plan_survivor(plan, id));
    status_set_doubts(record, status_doubts(record->flags) + 1, status_said_doubtful(record));
    record->status = STATUS_PROVISIONAL;
    record->flags |= record->ins[0] ? RECORD_INS_WITHHELD : 0;
    plan_touch(plan, record);
    plan_audit(plan, "marked-doubtful", record->id, record->person, "status provisional");
}

/* A version is its record's: of one that was merged away nothing is decided upon the survivor. */
static bool check_live(const struct plan *plan, const struct review_input *input, struct error *err) {
    return !input->record_a || !plan_record(plan, input->record_a)->merged_into ||
           error_set(err, ERROR_RULE, "task",
                     "this record was merged into another: take that merge back before deciding about its versions");
}

static bool check_quarantined(const struct plan *plan, const struct review_input *input, struct error *err) {
    if (!check_live(plan, input, err))
        return false;
    return (input->record_a && plan_record(plan, input->record_a)->quarantined) ||
           error_set(err, ERROR_RULE, "task", "no version of this record is kept apart any more");
}

/* Seen is not decided: the version would stay apart, the mark and the INS with it, and nobody would be asked any more. */
static bool check_dismiss(const struct plan *plan, const struct review_input *input, struct error *err) {
    bool versions = input->kind == TASK_COLLISION && input->record_a && input->record_a == input->record_b;
    const struct record *record = versions ? plan_record(plan, input->record_a) : NULL;
    return !record || record->merged_into || !record->quarantined ||
           error_set(err, ERROR_RULE, "outcome",
                     "a version of this record is kept apart: accept it or reject it; to ask first, let the task wait");
}

static bool quarantined_of(struct plan *plan, const struct review_input *input, struct record **out, struct error *err) {
    if (!check_quarantined(plan, input, err))
        return false;
    *out = plan_edit(plan, input->record_a);
    return true;
}

/* A task about two versions of one record: the trusted one and one that came late. */
static bool check_late(const struct plan *plan, const struct review_input *input, struct error *err) {
    if (!check_live(plan, input, err))
        return false;
    return (input->record_a == input->record_b && input->version_b) ||
           error_set(err, ERROR_RULE, "outcome", "there is no version to accept or reject in this task");
}

static bool check_held(const struct review_input *input, struct error *err) {
    return span_starts(input->rule, SPAN("merge-held")) ||
           error_set(err, ERROR_RULE, "outcome", "there is no merge that waits in this task; dismiss it once it is seen to");
}

static bool check_held_merge(const struct plan *plan, const struct review_input *input, struct error *err) {
    const struct record *survivor = plan_record(plan, input->record_a), *loser = plan_record(plan, input->record_b);
    if (!check_held(input, err))
        return false;
    if (plan_survivor(plan, survivor->id) == plan_survivor(plan, loser->id))
        return error_set(err, ERROR_RULE, "task", "the two records are one since: nothing is left to merge; dismiss this task");
    if (loser->merged_into)
        return error_set(
            err, ERROR_RULE, "task",
            "the record to merge away was merged into another one since: reject this merge, or take that one back first");
    return !survivor->merged_into ||
           error_set(err, ERROR_RULE, "task",
                     "the surviving record was merged into another one since: reject this merge, or take that one back first");
}

/* A task shows the version that opened it. Later ones of the same person take its place; nobody is to accept a third person unseen.
 */
static bool is_shown(struct plan *plan, const struct review_input *input, const struct record *record, struct error *err) {
    if (!input->version_b || input->record_b != record->id || input->version_b == record->quarantined)
        return true;
    const struct traits *shown = plan_doc(plan, record->id, input->version_b),
                        *held = plan_doc(plan, record->id, record->quarantined);
    return match_change(plan->model, plan_standardize(plan, shown, SPAN_ABSENT, ""),
                        plan_standardize(plan, held, SPAN_ABSENT, "")) != MATCH_CHANGE_COLLISION ||
           error_set(
               err, ERROR_RULE, "outcome",
               "traits of a third person came since and took the place of those that opened this task: reject it, and a task will "
               "show them when they come again");
}

/* The quarantined version as a correction of the same person: the trusted traits with what it says. */
static bool accept_correction(struct plan *plan, const struct review_input *input, struct error *err) {
    struct record *record;
    if (!quarantined_of(plan, input, &record, err) || !is_shown(plan, input, record, err))
        return false;
    const struct traits *trusted = plan_doc(plan, record->id, record->version),
                        *held = plan_doc(plan, record->id, record->quarantined);
    const struct match_form *before = plan_standardize(plan, trusted, span_of(record->ins), record->ins_oid);
    const struct match_form *form = plan_standardize(plan, held, span_of(record->ins), record->ins_oid);
    struct traits corrected = *held; /* an emptying was kept as what it leads to */
    if (match_change(plan->model, before, form) != MATCH_CHANGE_EMPTIED)
        traits_update(trusted, held, plan->arena, &corrected);
    plan_set_version_kind(plan, record->id, record->quarantined, VERSION_LATE);
    record->quarantined = 0;
    if (!traits_strict_equal(trusted, &corrected, plan->arena) && plan_domain(plan, record->domain)->evidence == EVIDENCE_MESSAGE) {
        record->proof = 0; /* evidence proved the old traits (identity-france.md 4.2) */
        record->status = STATUS_PROVISIONAL;
        record->flags |= record->ins[0] ? RECORD_INS_WITHHELD : 0;
    }
    form = plan_standardize(plan, &corrected, span_of(record->ins), record->ins_oid);
    (void)plan_add_version(plan, record, VERSION_TRUSTED, &corrected, form);
    plan_retire_versions(plan, record->id, VERSION_LATE); /* what was wrong is no earlier value of this person */
    holder_ask(plan, record, form, true);
    plan_audit(plan, "correction-accepted", record->id, record->person, "version %u", record->version);
    link_settle(plan, record->id, record->ins);
    link_recheck(plan, record->id, before);
    link_match(plan, record->id);
    return true;
}

static void end_negatives(struct plan *plan, uint64_t record, uint64_t decision) {
    const uint64_t *others;
    size_t count = plan_negatives(plan, record, &others);
    for (size_t i = 0; i < count; i++)
        plan_set_negative(plan, record, others[i], false, decision);
}

/* Another person has this identifier now: the record starts afresh. What proved the first one proves nothing here. */
static bool accept_other(struct plan *plan, const struct review_input *input, uint64_t decision, struct error *err) {
    struct record *record;
    if (!quarantined_of(plan, input, &record, err) || !is_shown(plan, input, record, err))
        return false;
    const struct traits *held = plan_doc(plan, record->id, record->quarantined);
    const char *old = arena_strdup(plan->arena, record->ins);
    const uint64_t *members;
    struct held_list tied = {0};
    link_held_on(plan, record->person, &tied);
    plan_set_version_kind(plan, record->id, record->quarantined, VERSION_LATE);
    record->quarantined = 0;
    record->proof = 0;
    record->claim = record->status = STATUS_PROVISIONAL;
    record->attributes &= (uint32_t) ~(ATTRIBUTE_POTENTIAL_COLLISION | ATTRIBUTE_CONFIRMED_COLLISION);
    status_set_doubts(record, 0, status_said_doubtful(record)); /* whom the cell doubted was the first person */
    plan_set_ins(plan, record, SPAN_ABSENT, "");
    size_t count = plan_live_members(plan, record->person, &members);
    for (size_t i = 0; i < count; i++) /* who was said to be one with the first person is not so with the second */
        if (plan_survivor(plan, plan_record(plan, members[i])->tied_to) == record->id)
            plan_edit(plan, members[i])->tied_to = 0;
    plan_move(plan, record->id, count > 1 ? plan_new_person(plan) : record->person, LINK_OWN, decision);
    link_recheck_loose(plan, &tied); /* whom the first person held together */
    end_negatives(plan, record->id, decision);
    const struct match_form *form = plan_standardize(plan, held, SPAN_ABSENT, "");
    (void)plan_add_version(plan, record, VERSION_TRUSTED, held, form);
    plan_retire_versions(plan, record->id, VERSION_OTHER_PERSON);
    holder_ask(plan, record, form, true);
    plan_audit(plan, "other-person-accepted", record->id, record->person, "version %u", record->version);
    link_settle(plan, record->id, old);
    link_match(plan, record->id);
    return true;
}

static bool reject(struct plan *plan, const struct review_input *input, struct error *err) {
    if (input->kind == TASK_MERGE_CONFLICT) {
        if (!check_held(input, err))
            return false;
        plan_audit(plan, "merge-rejected", input->record_a, 0, "task %llu", (unsigned long long)input->task);
        return true;
    }
    if (input->kind == TASK_TRAIT_DIVERGENCE) {
        if (!check_late(plan, input, err))
            return false;
        plan_set_version_kind(plan, input->record_b, input->version_b, VERSION_REJECTED);
        return true;
    }
    struct record *record;
    if (!quarantined_of(plan, input, &record, err))
        return false;
    plan_set_version_kind(plan, record->id, record->quarantined, VERSION_REJECTED);
    record->quarantined = 0;
    plan_audit(plan, "version-rejected", record->id, record->person, "version %u stays", record->version);
    link_match(plan, record->id);
    return true;
}

static bool apply_held_merge(struct plan *plan, const struct review_input *input, uint64_t decision, struct error *err) {
    if (!check_held_merge(plan, input, err))
        return false;
    const struct record *survivor = plan_record(plan, input->record_a), *loser = plan_record(plan, input->record_b);
    plan_set_negative(plan, survivor->id, loser->id, false, decision);
    merge_apply(plan, loser->id, survivor->id, decision);
    return true;
}

/* A late message's traits, taken over after all. */
static bool accept_late(struct plan *plan, const struct review_input *input, struct error *err) {
    if (!check_late(plan, input, err))
        return false;
    struct record *record = plan_edit(plan, input->record_a);
    struct traits merged;
    traits_update(plan_doc(plan, record->id, record->version), plan_doc(plan, record->id, input->version_b), plan->arena, &merged);
    const struct match_form *form = plan_standardize(plan, &merged, span_of(record->ins), record->ins_oid);
    (void)plan_add_version(plan, record, VERSION_TRUSTED, &merged, form);
    holder_ask(plan, record, form, true);
    link_settle(plan, record->id, record->ins);
    link_recheck(plan, record->id, NULL);
    link_match(plan, record->id);
    return true;
}

/* -- a review --------------------------------------------------------------------------------------------------------------- */

static bool perform(struct plan *plan, const struct review *review, const struct review_input *input, uint64_t decision,
                    struct error *err) {
    switch (review->outcome) {
    case OUTCOME_LINK:
        return link_pair(plan, input->record_a, input->record_b, decision, err);
    case OUTCOME_DIFFERENT:
        return part_pair(plan, input->record_a, input->record_b, decision, err);
    case OUTCOME_MARK_DOUBTFUL:
        mark_doubtful(plan, input->record_a);
        return true;
    case OUTCOME_ACCEPT_CORRECTION:
        return input->kind == TASK_COLLISION ? accept_correction(plan, input, err) : accept_late(plan, input, err);
    case OUTCOME_ACCEPT_OTHER:
        return accept_other(plan, input, decision, err);
    case OUTCOME_REJECT:
        return reject(plan, input, err);
    case OUTCOME_APPLY_MERGE:
        return apply_held_merge(plan, input, decision, err);
    default:
        return true;
    }
}

static bool is_act(enum task_outcome outcome) {
    return outcome <= OUTCOME_REJECT ? outcome != OUTCOME_ASK_MERGE : outcome == OUTCOME_APPLY_MERGE;
}

/* Who is merged away is decided upon as its survivor. */
static void say_record(const struct plan *plan, uint64_t id, struct buf *out) {
    const struct record *record = id ? plan_record(plan, plan_survivor(plan, id)) : NULL;
    if (record)
        buf_addf(out, "%llu %u %u %u %u %llu\n", (unsigned long long)record->id, record->version, record->quarantined,
                 (unsigned)record->status, record->attributes, (unsigned long long)record->person);
}

struct span plan_review_seen(const struct plan *plan, const struct review_input *input) {
    enum { SHOWN = 12 };
    CLEANUP(buf_release) struct buf records;
    char hex[DIGEST_HEX];
    buf_init(&records, 256);
    say_record(plan, input->record_a, &records);
    if (input->record_b != input->record_a)
        say_record(plan, input->record_b, &records);
    digest_sha256_hex(buf_span(&records), hex);
    return span_of(arena_printf(plan->arena, "%u-%.*s", input->events, (int)SHOWN, hex));
}

/* Here and not before the lane: nothing comes between this and the decision. */
static bool check_seen(const struct plan *plan, const struct review *review, const struct review_input *input, struct error *err) {
    return span_is_absent(review->seen) || review_still_stands(review->seen, plan_review_seen(plan, input), err);
}

static bool check_review(struct plan *plan, const struct review *review, const struct review_input *input, struct error *err) {
    if (!input->task)
        return error_set(err, ERROR_UNKNOWN, "task", "there is no task %llu", (unsigned long long)review->task);
    if (!check_seen(plan, review, input, err))
        return false;
    if (span_is_empty(span_trim(review->author)))
        return error_set(err, ERROR_MISSING, "author", "say who decides");
    bool needs_reason = is_act(review->outcome) || review->outcome == OUTCOME_UNDO || review->outcome == OUTCOME_DISMISS;
    if (needs_reason && span_is_empty(span_trim(review->reason)))
        return error_set(err, ERROR_MISSING, "reason", "say why: the reason is kept with the decision");
    if (!task_outcome_allowed(input->kind, input->state, review->outcome))
        return error_set(err, ERROR_RULE, "outcome", "%s is no outcome of a %s task that is %s", task_outcome_name(review->outcome),
                         task_kind_name(input->kind), task_state_name(input->state));
    if (review->outcome == OUTCOME_LINK &&
        !second_person(plan, input->record_a, input->record_b, review->author, review->second_author, err))
        return false;
    if (review->outcome == OUTCOME_DISMISS)
        return check_dismiss(plan, input, err);
    return review->outcome != OUTCOME_ASK_MERGE || check_ask_merge(plan, input->record_a, input->record_b, err);
}

static enum task_state state_after(const struct review *review, const struct review_input *input) {
    switch (review->outcome) {
    case OUTCOME_ASSIGN:
        return TASK_ASSIGNED;
    case OUTCOME_WAIT:
    case OUTCOME_ASK_MERGE:
        return TASK_WAITING;
    case OUTCOME_COMMENT:
        return input->state;
    case OUTCOME_REOPEN:
    case OUTCOME_UNDO:
        return TASK_REOPENED;
    default:
        return TASK_RESOLVED;
    }
}

static bool check_undo(const struct review_input *input, struct error *err) {
    if (!input->decision || input->undone_by)
        return error_set(err, ERROR_RULE, "outcome", "this task has no decision to take back; reopen it instead");
    return !plan_undo_is_empty(input->undo) ||
           error_set(err, ERROR_RULE, "outcome",
                     "this decision changed nothing: there is nothing to take back; reopen the task instead");
}

static bool check_cause(const struct plan *plan, const struct review_input *input, struct error *err) {
    return !plan_open_task(plan, input->cause) ||
           error_set(err, ERROR_RULE, "outcome", "another task of the same cause is open: work on that one");
}

bool plan_review_possible(struct plan *plan, enum task_outcome outcome, const struct review_input *input, struct error *err) {
    switch (outcome) {
    case OUTCOME_LINK:
        return check_link(plan, input->record_a, input->record_b, err);
    case OUTCOME_DIFFERENT:
        return check_part(plan, input->record_a, input->record_b, err);
    case OUTCOME_ASK_MERGE:
        return check_ask_merge(plan, input->record_a, input->record_b, err);
    case OUTCOME_ACCEPT_CORRECTION:
        return input->kind == TASK_COLLISION ? check_quarantined(plan, input, err) : check_late(plan, input, err);
    case OUTCOME_ACCEPT_OTHER:
        return check_quarantined(plan, input, err);
    case OUTCOME_REJECT:
        return input->kind == TASK_COLLISION        ? check_quarantined(plan, input, err)
               : input->kind == TASK_MERGE_CONFLICT ? check_held(input, err)
                                                    : check_late(plan, input, err);
    case OUTCOME_APPLY_MERGE:
        return check_held_merge(plan, input, err);
    case OUTCOME_DISMISS:
        return check_dismiss(plan, input, err);
    case OUTCOME_UNDO:
        return check_undo(input, err) && check_cause(plan, input, err);
    case OUTCOME_REOPEN:
        return check_cause(plan, input, err);
    default:
        return true;
    }
}

/* A closed task is not in memory: it comes back as an open one, so that its cause counts again. */
static void reopen_entry(struct plan *plan, const struct review_input *input) {
    plan_edit_task(plan, &(struct task_entry){.id = input->task,
                                              .record_a = input->record_a,
                                              .record_b = input->record_b,
                                              .message = input->message,
                                              .cause_hash = registry_cause_hash(input->cause),
                                              .kind = (uint8_t)input->kind,
                                              .state = TASK_REOPENED,
                                              .domain = input->record_a ? plan_record(plan, input->record_a)->domain : 0});
}

/* Takes the decision back, and with it the state of the tasks that it closed; *out_opened: how many are open again. */
static bool undo_decision(struct plan *plan, const struct review_input *input, uint64_t decision, size_t *out_opened,
                          struct error *err) {
    undo_tasks_open(plan, input);
    if (!plan_undo(plan, input->undo, input->newer, decision, err) || !spelling_alone(plan, err))
        return false;
    plan_take_back(plan, input->decision, decision);
    plan_audit(plan, "undo", input->record_a, 0, "decision %llu", (unsigned long long)input->decision);
    *out_opened = undo_tasks_settle(plan, input, decision);
    return true;
}

static void set_author(struct plan *plan, struct span author, struct span second_author, struct span reason, uint64_t task) {
    plan->author = author;
    plan->second_author = span_is_absent(second_author) ? SPAN("") : second_author;
    plan->reason = span_is_absent(reason) ? SPAN("") : reason;
    plan->task = task;
    plan->message = 0;
}

/* What the outcome says of its task; an undo says it itself, of all the tasks that it opens. */
static void record_outcome(struct plan *plan, const struct review *review, const struct review_input *input, uint64_t decision) {
    enum task_state state = state_after(review, input);
    bool resolves = state == TASK_RESOLVED && review->outcome != OUTCOME_COMMENT; /* a note leaves the outcome as it was */
    if (review->outcome == OUTCOME_REOPEN)
        reopen_entry(plan, input);
    plan_task_change(plan, &(struct task_update){.id = review->task,
                                                 .state = (int)state,
                                                 .decision = decision,
                                                 .outcome = resolves ? (int)review->outcome : -1,
                                                 .assignee = review->outcome == OUTCOME_ASSIGN ? review->assignee : SPAN_ABSENT});
    plan_event(plan, review->task, task_outcome_name(review->outcome), plan->reason, decision);
    if (review->outcome == OUTCOME_ASSIGN)
        plan->events.items[plan->events.count - 1].assignee = review->assignee;
}

/* An outcome that changes identities; *out_decision stays 0 for the others. */
static bool act_upon(struct plan *plan, const struct review *review, const struct review_input *input, uint64_t *out_decision,
                     struct error *err) {
    bool undo = review->outcome == OUTCOME_UNDO;
    size_t made = plan->decisions.count, opened;
    if (!is_act(review->outcome) && !undo)
        return true;
    uint64_t decision = plan_decision(plan, task_outcome_name(review->outcome), input->record_a, input->record_b)->id;
    plan_capture_start(plan);
    bool done = undo ? check_undo(input, err) && undo_decision(plan, input, decision, &opened, err)
                     : perform(plan, review, input, decision, err);
    plan_capture_end(plan, decision);
    if (!done) {
        plan->decisions.count--;
        return false;
    }
    if (undo && plan_undo_is_empty(plan->decisions.items[made].undo))
        undo_tasks_tell_empty(plan, input, decision);
    *out_decision = decision;
    return true;
}

bool plan_review(struct plan *plan, const struct review *review, const struct review_input *input, struct error *err) {
    uint64_t decision = 0;
    set_author(plan, review->author, review->second_author, review->reason, review->task);
    if (!check_review(plan, review, input, err))
        return false;
    bool reopens = review->outcome == OUTCOME_UNDO || review->outcome == OUTCOME_REOPEN;
    if (reopens && !check_cause(plan, input, err))
        return false;
    if (!act_upon(plan, review, input, &decision, err))
        return false;
    if (review->outcome != OUTCOME_UNDO)
        record_outcome(plan, review, input, decision);
    plan_audit(plan, "task", input->record_a, 0, "task %llu %s", (unsigned long long)review->task,
               task_outcome_name(review->outcome));
    return true;
}

/* -- acts without a task ------------------------------------------------------------------------------------------------------ */

/* Nothing came back: the question is open again and its task says so; where no task asks it, the undo would be a word only. */
static bool undo_tells(struct plan *plan, const struct review_input *input, size_t opened, const struct decision_row *undo,
                       struct error *err) {
    if (!plan_undo_is_empty(undo->undo))
        return true;
    if (opened == 0)
        return error_set(err, ERROR_RULE, "decision",
                         "what it had changed was changed again since: nothing would come back, decide about the records as they "
                         "are now");
    undo_tasks_tell_empty(plan, input, undo->id);
    return true;
}

static bool check_act(struct plan *plan, const struct manual_act *act, const struct review_input *input, struct error *err) {
    if (span_is_empty(span_trim(act->author)) || span_is_empty(span_trim(act->reason)))
        return error_set(err, ERROR_MISSING, "author", "say who decides and why");
    if (act->act != ACT_UNDO && (!plan_record(plan, act->record_a) || !plan_record(plan, act->record_b)))
        return error_set(err, ERROR_UNKNOWN, "record", "one of the two records is not known");
    if (act->act == ACT_UNDO && (span_is_empty(input->undo) || input->undone_by))
        return error_set(err, ERROR_UNKNOWN, "decision", "there is no such decision, or it was taken back already");
    return act->act != ACT_LINK || second_person(plan, act->record_a, act->record_b, act->author, act->second_author, err);
}

bool plan_act(struct plan *plan, const struct manual_act *act, const struct review_input *input, uint64_t *out_decision,
              struct error *err) {
    set_author(plan, act->author, act->second_author, act->reason, act->act == ACT_UNDO ? input->task : 0);
    if (!check_act(plan, act, input, err))
        return false;
    static const char *const names[] = {"link", "different", "undo"};
    size_t made = plan->decisions.count;
    uint64_t decision = plan_decision(plan, names[act->act], act->record_a, act->record_b)->id;
    size_t opened = 0;
    bool done;
    plan_capture_start(plan);
    if (act->act == ACT_LINK)
        done = link_pair(plan, act->record_a, act->record_b, decision, err);
    else if (act->act == ACT_SEPARATE)
        done = part_pair(plan, act->record_a, act->record_b, decision, err);
    else
        done = undo_decision(plan, input, decision, &opened, err);
    plan_capture_end(plan, decision);
    if (!done || !spelling_alone(plan, err) ||
        (act->act == ACT_UNDO && !undo_tells(plan, input, opened, &plan->decisions.items[made], err)))
        return false;
    *out_decision = decision;
    return true;
}
