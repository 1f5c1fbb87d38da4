/* What people decide: DESIGN.md rules 7, 9 and 15, section 5; see reference.h. */
#include "tests/support/reference.h"

/* Two records are one person: the smaller person comes to the larger. Whoever does not fit there keeps its own, with a task: the
 * decision speaks of two records, not of others that were declared different. */
static bool link_pair(struct reference *ref, int a, int b, int decision) {
    a = ref_survivor(ref, a);
    b = ref_survivor(ref, b);
    if (a == b || ref_record(ref, a)->domain == ref_record(ref, b)->domain)
        return false;
    int left = ref_record(ref, a)->person, right = ref_record(ref, b)->person, left_count = 0, right_count = 0, mover = a;
    if (left != right && (ref_same_domain(ref, a, right) || ref_same_domain(ref, b, left)))
        return false;
    ref_set_negative(ref, a, b, 0, false);
    for (int i = 1; i <= ref->record_count; i++) {
        left_count += ref_live_on(ref, i, left);
        right_count += ref_live_on(ref, i, right);
    }
    if (left != right) {
        mover = left_count <= right_count ? a : b;
        enum ref_link link = ref_record(ref, mover)->link;
        ref_move(ref, mover, mover == a ? right : left, link == REF_OWN ? REF_SCORE : link);
        ref_bring(ref, mover == a ? left : right, mover);
    }
    ref_tie(ref, mover, mover == a ? b : a, REF_DECISION);
    if (left != right)
        ref_recheck_decided(ref, mover);
    ref_record(ref, a)->marked = ref_record(ref, b)->marked = false;
    (void)decision;
    ref_close_tasks(ref, 1u << TASK_TRAIT_DIVERGENCE, a, b);
    ref_close_answered_on(ref, ref_record(ref, a)->person);
    return true;
}

static bool part_pair(struct reference *ref, int a, int b, int decision) {
    a = a ? ref_survivor(ref, a) : 0;
    b = b ? ref_survivor(ref, b) : 0;
    if (!a || !b || a == b)
        return false;
    ref_separate(ref, a, b, decision, false);
    ref_close_tasks(ref, 1u << TASK_POSSIBLE_MATCH | 1u << TASK_DUPLICATE | 1u << TASK_TRAIT_DIVERGENCE, a, b);
    return true;
}

bool ref_said_doubtful(const struct ref_record *record) {
    return record->doubts ? record->said_doubtful : record->attributes & ATTRIBUTE_DOUBTFUL;
}

void ref_set_doubts(struct ref_record *record, int doubts, bool said) {
    record->doubts = doubts;
    record->said_doubtful = doubts && said;
    record->attributes = (record->attributes & ~(uint32_t)ATTRIBUTE_DOUBTFUL) | (doubts || said ? ATTRIBUTE_DOUBTFUL : 0);
}

static void mark_doubtful(struct reference *ref, int number) {
    struct ref_record *record = ref_record(ref, ref_survivor(ref, number));
    ref_set_doubts(record, record->doubts + 1, ref_said_doubtful(record));
    record->status = STATUS_PROVISIONAL;
    record->withheld = record->withheld || *record->ins;
    record->changed = ref->now;
}

/* -- the version kept apart (rule 7) ------------------------------------------------------------------------------------------ */

/* Nobody accepts a third person, of whom the task says nothing. */
static bool is_shown(struct reference *ref, const struct ref_task *task, int number) {
    const struct ref_record *record = ref_record(ref, number);
    return !task->shown || task->b != number || task->shown == record->apart ||
           match_change(ref->model, ref_form(ref, &task->late, ""), ref_form(ref, &record->held, "")) != MATCH_CHANGE_COLLISION;
}

/* The same person, corrected: links stay, rule 5 is checked again. */
static bool accept_correction(struct reference *ref, const struct ref_task *task, int number) {
    struct ref_record *record = ref_record(ref, number);
    if (!record->apart || !is_shown(ref, task, number))
        return false;
    struct ref_traits held = record->held, corrected = held;
    const struct match_form *before = ref_form(ref, &record->traits, record->ins), *after = ref_form(ref, &held, record->ins);
    if (match_change(ref->model, before, after) != MATCH_CHANGE_EMPTIED)
        corrected = ref_update(&record->traits, &held);
    record->apart = 0;
    if (!ref->domains[record->domain].believed) { /* evidence proved the old traits */
        record->status = STATUS_PROVISIONAL;
        record->withheld = record->withheld || *record->ins;
    }
    ref_trust(ref, number, &corrected);
    ref_forget_earlier(ref, number); /* what was wrong is no earlier value of this person */
    ref_ask_holder(ref, number, true);
    ref_settle(ref, number, record->ins);
    ref_recheck(ref, number, before);
    ref_match(ref, number);
    return true;
}

/* Another person has this identifier now: links and negative links end, matching starts afresh. */
static bool accept_other(struct reference *ref, const struct ref_task *task, int number) {
    struct ref_record *record = ref_record(ref, number);
    if (!record->apart || !is_shown(ref, task, number))
        return false;
    struct ref_traits held = record->held;
    struct ref_held tied;
    ref_held_on(ref, record->person, &tied);
    record->apart = 0;
    record->claim = record->status = STATUS_PROVISIONAL;
    const char *old = record->ins;
    ref_set_doubts(record, 0, ref_said_doubtful(record)); /* whom the cell doubted was the first person */
    record->ins = "";
    for (int i = 1; i <= ref->record_count; i++)
        if (ref_live_on(ref, i, record->person) && ref_record(ref, i)->tied &&
            ref_survivor(ref, ref_record(ref, i)->tied) == number)
            ref_record(ref, i)->tied = 0;
    ref_move(ref, number, ref_alone(ref, number) ? record->person : ref_new_person(ref), REF_OWN);
    ref_recheck_loose(ref, &tied); /* whom the first person held together */
    for (int i = 1; i <= ref->record_count; i++)
        ref_set_negative(ref, number, i, 0, false);
    ref_trust(ref, number, &held);
    ref_forget_earlier(ref, number);
    ref_ask_holder(ref, number, true);
    ref_settle(ref, number, old);
    ref_match(ref, number);
    return true;
}

static bool reject(struct reference *ref, const struct ref_task *task, int number) {
    if (task->kind != TASK_COLLISION)
        return task->note == (task->kind == TASK_MERGE_CONFLICT ? REF_MERGE_HELD : REF_LATE);
    if (!ref_record(ref, number)->apart)
        return false;
    ref_record(ref, number)->apart = 0;
    ref_match(ref, number);
    return true;
}

static bool accept_late(struct reference *ref, const struct ref_task *task, int number) {
    if (task->note != REF_LATE)
        return false;
    struct ref_traits now = ref_update(&ref_record(ref, number)->traits, &task->late);
    ref_trust(ref, number, &now);
    ref_ask_holder(ref, number, true);
    ref_settle(ref, number, ref_record(ref, number)->ins);
    ref_recheck(ref, number, NULL);
    ref_match(ref, number);
    return true;
}

static bool apply_held_merge(struct reference *ref, const struct ref_task *task, int decision) {
    if (task->note != REF_MERGE_HELD || ref_record(ref, task->a)->merged_into || ref_record(ref, task->b)->merged_into)
        return false;
    ref_set_negative(ref, task->a, task->b, 0, false);
    ref_merge(ref, task->b, task->a, decision);
    return true;
}

/* -- outcomes ------------------------------------------------------------------------------------------------------------------ */

/* A version is its record's; of one that was merged away nothing is decided upon its survivor. */
static bool of_no_version(struct reference *ref, const struct ref_task *task, enum task_outcome outcome) {
    bool about = outcome == OUTCOME_ACCEPT_CORRECTION || outcome == OUTCOME_ACCEPT_OTHER ||
                 (outcome == OUTCOME_REJECT && task->kind != TASK_MERGE_CONFLICT);
    return about && task->a && ref_record(ref, task->a)->merged_into;
}

static bool perform(struct reference *ref, struct ref_task task, enum task_outcome outcome, int decision) {
    int number = task.a ? ref_survivor(ref, task.a) : 0;
    if (of_no_version(ref, &task, outcome))
        return false;
    switch (outcome) {
    case OUTCOME_LINK:
        return task.a && task.b && link_pair(ref, task.a, task.b, decision);
    case OUTCOME_DIFFERENT:
        return part_pair(ref, task.a, task.b, decision);
    case OUTCOME_MARK_DOUBTFUL:
        mark_doubtful(ref, number);
        return true;
    case OUTCOME_ACCEPT_CORRECTION:
        return task.kind == TASK_COLLISION ? accept_correction(ref, &task, number) : accept_late(ref, &task, number);
    case OUTCOME_ACCEPT_OTHER:
        return accept_other(ref, &task, number);
    case OUTCOME_REJECT:
        return reject(ref, &task, number);
    case OUTCOME_APPLY_MERGE:
        return apply_held_merge(ref, &task, decision);
    default:
        return false;
    }
}

static bool acts(enum task_outcome outcome) {
    return outcome == OUTCOME_LINK || outcome == OUTCOME_DIFFERENT || outcome == OUTCOME_MARK_DOUBTFUL ||
           outcome == OUTCOME_ACCEPT_CORRECTION || outcome == OUTCOME_ACCEPT_OTHER || outcome == OUTCOME_REJECT ||
           outcome == OUTCOME_APPLY_MERGE;
}

/* Takes the outcome of its own that closed the task last back. */
static bool undo_outcome(struct reference *ref, int place) {
    struct ref_task *task = &ref->tasks.items[place];
    int undone = task->decision;
    if (!undone || ref->decisions.items[undone - 1].task != place + 1 || ref_open_like(ref, task))
        return false;
    int decision = ref_begin(ref, "undo", task->a, task->b);
    ref->decisions.items[decision - 1].task = ref->author_task = place + 1;
    bool done = ref_take_back(ref, undone);
    ref->author_task = 0;
    ref_end(ref, decision);
    if (!done)
        ref->decisions.count--;
    return done;
}

static bool may_ask_merge(struct reference *ref, const struct ref_task *task) {
    int a = task->a ? ref_survivor(ref, task->a) : 0, b = task->b ? ref_survivor(ref, task->b) : 0;
    return a && b && a != b && ref_record(ref, a)->domain == ref_record(ref, b)->domain;
}

/* Nobody would be asked about the version any more. */
static bool leaves_apart(struct reference *ref, const struct ref_task *task) {
    return task->kind == TASK_COLLISION && task->a == task->b && !ref_record(ref, task->a)->merged_into &&
           ref_record(ref, task->a)->apart;
}

bool reference_review(struct reference *ref, int place, enum task_outcome outcome) {
    struct ref_task task = ref->tasks.items[place];
    ref->now++;
    if (!task_outcome_allowed(task.kind, task.state, outcome))
        return false;
    if (outcome == OUTCOME_UNDO)
        return undo_outcome(ref, place);
    if (outcome == OUTCOME_ASK_MERGE && !may_ask_merge(ref, &task))
        return false;
    if (outcome == OUTCOME_DISMISS && leaves_apart(ref, &task))
        return false;
    if (outcome == OUTCOME_REOPEN && ref_open_like(ref, &ref->tasks.items[place]))
        return false;
    if (acts(outcome)) {
        int decision = ref_begin(ref, task_outcome_name(outcome), task.a, task.b);
        ref->decisions.items[decision - 1].task = ref->author_task = place + 1;
        bool done = perform(ref, task, outcome, decision);
        ref->author_task = 0;
        ref_end(ref, decision);
        if (!done) {
            ref->decisions.count--;
            return false;
        }
        ref->tasks.items[place].decision = decision;
    }
    ref->tasks.items[place].state = outcome == OUTCOME_REOPEN                                 ? TASK_REOPENED
                                    : outcome == OUTCOME_WAIT || outcome == OUTCOME_ASK_MERGE ? TASK_WAITING
                                                                                              : TASK_RESOLVED;
    return true;
}

/* How many tasks are open again by this undo. */
static int opened_by(const struct reference *ref, int decision) {
    int count = 0;
    for (size_t i = 0; i < ref->tasks.count; i++)
        count += ref->tasks.items[i].state == TASK_REOPENED && ref->tasks.items[i].opened_by == decision;
    return count;
}

static bool undo_by_hand(struct reference *ref, int undone, int decision) {
    ref->decisions.items[decision - 1].task = ref->author_task = undone > 0 ? ref->decisions.items[undone - 1].task : 0;
    bool done = ref_take_back(ref, undone);
    ref->author_task = 0;
    return done;
}

bool reference_act(struct reference *ref, int act, int a, int b, int undone) {
    static const char *const names[] = {"link", "different", "undo"};
    ref->now++;
    if (act == ACT_UNDO && undone > 0 &&
        (size_t)undone <= ref->decisions.count) { /* named after the records of what it takes back */
        a = ref->decisions.items[undone - 1].a;
        b = ref->decisions.items[undone - 1].b;
    }
    struct reference was = ref_copy(ref);
    int decision = ref_begin(ref, names[act], a, b);
    bool done = act == ACT_LINK       ? link_pair(ref, a, b, decision)
                : act == ACT_SEPARATE ? part_pair(ref, a, b, decision)
                                      : undo_by_hand(ref, undone, decision);
    ref_end(ref, decision);
    bool empty = act == ACT_UNDO && !opened_by(ref, decision) && !ref_changed_something(ref, decision);
    if (!done || empty)
        *ref = was;
    return done && !empty;
}
