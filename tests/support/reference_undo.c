/* Decisions and their undo: DESIGN.md rule 9; see reference.h. */
#include "tests/support/reference.h"

#include <string.h>

static const struct ref_state *snapshot(struct reference *ref) {
    return arena_dup(ref->arena, &ref->state, sizeof ref->state);
}

/* Decisions inside another one are taken back with it. */
int ref_begin(struct reference *ref, const char *kind, int a, int b) {
    VEC_ADD(ref->arena, ref->decisions, (struct ref_decision){.kind = kind, .a = a, .b = b, .record_count = ref->record_count});
    int number = (int)ref->decisions.count;
    if (!ref->capturing) {
        ref->capturing = number;
        ref->decisions.items[number - 1].before = snapshot(ref);
    }
    return number;
}

void ref_end(struct reference *ref, int decision) {
    if (ref->capturing != decision)
        return;
    ref->decisions.items[decision - 1].after = snapshot(ref);
    ref->capturing = 0;
}

/* Gives a field back unless somebody changed it since. */
#define GIVE_BACK(field)                                                                                                           \
    do {                                                                                                                           \
        if (now->field == after->field)                                                                                            \
            now->field = before->field;                                                                                            \
    } while (0)

/* What of it nobody said again since, or otherwise. */
static void give_back_claims(struct ref_record *now, const struct ref_record *before, const struct ref_record *after) {
    GIVE_BACK(attributes);
    GIVE_BACK(status);
    GIVE_BACK(claim);
    if (strcmp(now->ins, after->ins) == 0)
        now->ins = before->ins;
}

static bool about_versions(const struct ref_record *before, const struct ref_record *after) {
    return before->version != after->version || before->apart != after->apart;
}

static enum match_change change_of(struct reference *ref, const struct ref_traits *trusted, const struct ref_traits *said) {
    return match_change(ref->model, ref_form(ref, trusted, ""), ref_form(ref, said, ""));
}

static void trust_again(struct reference *ref, int number, const struct ref_traits *traits) {
    ref_record(ref, number)->traits = *traits;
    ref_settle_status(ref, ref_record(ref, number));
    ref_trust(ref, number, traits);
}

static void hold(struct reference *ref, struct ref_record *record, const struct ref_traits *traits) {
    record->held = *traits;
    record->apart = ++record->last_version;
    record->changed = ref->now;
}

/* Updates of what the decision had made the trusted version: of the one of before when they fit it; else about whom was kept apart,
 * and then all that they said of INS, claim and attributes was about that one, too. */
static void lay_updates(struct reference *ref, int number, const struct ref_record *before, const struct ref_record *after,
                        const struct ref_record *newest) {
    struct ref_record *now = ref_record(ref, number);
    struct ref_traits beyond = ref_difference(&after->traits, &newest->traits), updated = ref_update(&now->traits, &beyond),
                      apart = now->apart ? ref_update(&now->held, &beyond) : newest->traits;
    bool emptied = before->status >= STATUS_VALIDATED && change_of(ref, &now->traits, &updated) == MATCH_CHANGE_EMPTIED;
    if (!emptied && change_of(ref, &now->traits, &apart) != MATCH_CHANGE_COLLISION) {
        give_back_claims(now, before, after);
        trust_again(ref, number, &updated);
        return;
    }
    now->attributes = before->attributes | (now->attributes & ATTRIBUTE_DOUBTFUL);
    now->claim = before->claim;
    now->ins = before->ins;
    ref_settle_status(ref, now);
    hold(ref, now, &apart);
}

/* What was kept apart since, for it did not fit what the decision had made the trusted version. */
static void lay_apart(struct reference *ref, int number, const struct ref_record *before, const struct ref_record *newest) {
    struct ref_record *now = ref_record(ref, number);
    enum match_change fits = change_of(ref, &now->traits, &newest->held);
    struct ref_traits updated;
    if (fits != MATCH_CHANGE_COLLISION && (fits != MATCH_CHANGE_EMPTIED || before->status < STATUS_VALIDATED)) {
        updated = ref_update(&now->traits, &newest->held);
        trust_again(ref, number, &updated);
    } else if (now->apart && change_of(ref, &now->held, &newest->held) != MATCH_CHANGE_COLLISION) {
        updated = ref_update(&now->held, &newest->held);
        hold(ref, now, &updated);
    } else {
        now->apart = newest->apart;
        now->held = newest->held;
    }
}

/* The versions of before, and on them what messages said since. */
static void give_back_versions(struct reference *ref, int number, const struct ref_record *before, const struct ref_record *after) {
    struct ref_record *now = ref_record(ref, number), newest = *now;
    bool replaced = before->version != after->version, updated = replaced && newest.version != after->version;
    if (!about_versions(before, after)) {
        give_back_claims(now, before, after);
        return;
    }
    if (replaced) {
        now->version = before->version;
        now->traits = before->traits;
    }
    now->apart = newest.apart || !after->apart ? before->apart : 0; /* 0: it was settled since */
    now->held = before->held;
    if (updated)
        lay_updates(ref, number, before, after, &newest);
    else
        give_back_claims(now, before, after);
    if (newest.apart && newest.apart != after->apart)
        lay_apart(ref, number, before, &newest);
}

static bool leads_to(struct reference *ref, int from, int number) {
    while (from && from != number)
        from = ref_record(ref, from)->merged_into;
    return from != 0;
}

/* Where it stands now, somebody stands whom it joined by the decision: a later act took them there together. */
static bool moved_along(struct reference *ref, const struct ref_decision *decision, int stood_on) {
    const struct ref_record *before = decision->before->records, *after = decision->after->records;
    for (int i = 1; i <= decision->record_count; i++)
        for (int j = 1; j <= decision->record_count; j++)
            if (before[i].person != after[i].person && before[j].person == after[j].person && after[i].person == after[j].person &&
                ref_record(ref, j)->person == stood_on)
                return true;
    return false;
}

/* One record; `stood_on` when the undo began. What it is compared by afterwards is what it now is: an undo brings back no earlier
 * values. */
static void give_back(struct reference *ref, int number, int stood_on, const struct ref_decision *decision) {
    const struct ref_record *before = &decision->before->records[number], *after = &decision->after->records[number];
    struct ref_record *now = ref_record(ref, number);
    int version = now->version;
    const char *ins = now->ins;
    bool unmerged = after->merged_into && !before->merged_into && now->merged_into == after->merged_into;
    if (!leads_to(ref, before->merged_into, number)) /* another merge has turned it */
        GIVE_BACK(merged_into);
    GIVE_BACK(marked);
    now->marked = now->marked && !now->merged_into; /* one that came in between is of the link that goes */
    const struct ref_record was = *now;
    give_back_versions(ref, number, before, after);
    if (was.doubts || before->doubts > after->doubts) {
        int doubts = was.doubts + before->doubts - after->doubts;
        bool unchanged = !was.doubts && was.attributes == after->attributes;
        ref_set_doubts(now, doubts > 0 ? doubts : 0, ref_said_doubtful(unchanged ? before : &was));
        ref_settle_status(ref, now);
    }
    now->withheld = *now->ins && now->status != STATUS_QUALIFIED;
    if (now->merged_into)
        now->form_count = 0;
    else if (unmerged || now->version != version || strcmp(now->ins, ins) != 0)
        ref_forget_earlier(ref, number);
    if (!now->merged_into && (unmerged || now->version != version || strcmp(now->ins, ins) != 0))
        ref_ask_holder(ref, number, true);
    if (before->person == after->person && !unmerged) {
        if (stood_on == after->person) {
            GIVE_BACK(link);
            GIVE_BACK(tied);
        }
        return;
    }
    if (stood_on != after->person && !unmerged && before->version == after->version && !moved_along(ref, decision, stood_on))
        return;
    ref_move(ref, number, before->person, before->link);
    now->tied = before->tied;
    now->marked = before->marked; /* a mark is of the link that goes */
}

static bool same_state(const struct ref_record *a, const struct ref_record *b) {
    return a->person == b->person && a->merged_into == b->merged_into && a->link == b->link && a->tied == b->tied &&
           a->marked == b->marked && a->withheld == b->withheld && a->version == b->version && a->apart == b->apart &&
           a->status == b->status && a->claim == b->claim && a->doubts == b->doubts && a->said_doubtful == b->said_doubtful &&
           a->attributes == b->attributes && strcmp(a->ins, b->ins) == 0;
}

static bool changed_something(const struct ref_decision *decision) {
    const struct ref_state *before = decision->before, *after = decision->after;
    for (int a = 1; a <= decision->record_count; a++) {
        if (!same_state(&before->records[a], &after->records[a]))
            return true;
        for (int b = 1; b < a; b++)
            if (!before->negative[a][b] != !after->negative[a][b])
                return true;
    }
    return false;
}

static void give_back_negatives(struct reference *ref, const struct ref_state *before, const struct ref_state *after) {
    for (int a = 1; a <= ref->record_count; a++)
        for (int b = 1; b <= ref->record_count; b++)
            if (!before->negative[a][b] != !after->negative[a][b] && !ref->state.negative[a][b] == !after->negative[a][b]) {
                ref->state.negative[a][b] = before->negative[a][b];
                ref->state.said[a][b] = before->said[a][b];
                if (before->negative[a][b]) /* between who lives, too */
                    ref_set_negative(ref, ref_survivor(ref, a), ref_survivor(ref, b), before->negative[a][b], before->said[a][b]);
            }
}

/* -- may it be taken back? ---------------------------------------------------------------------------------------------------- */

static bool changed(const struct ref_decision *decision, int number) {
    return number <= decision->record_count && !same_state(&decision->before->records[number], &decision->after->records[number]);
}

/* A record of a decision that is no merge is merged away by now: its survivor answers. */
static bool merged_since(struct reference *ref, const struct ref_decision *decision) {
    const struct ref_state *before = decision->before, *after = decision->after;
    bool merged = false;
    for (int a = 1; a <= decision->record_count; a++) {
        bool away = ref_record(ref, a)->merged_into != 0;
        if (before->records[a].merged_into != after->records[a].merged_into)
            return false;
        merged = merged || (changed(decision, a) && away && !after->records[a].merged_into);
        for (int b = 1; b <= decision->record_count; b++)
            merged = merged || (away && !before->negative[a][b] && after->negative[a][b]);
    }
    return merged;
}

bool ref_stands(const struct reference *ref, int number) {
    int by = ref->decisions.items[number - 1].undone_by;
    return !by || !ref_stands(ref, by);
}

/* Another person was accepted since: the doubt ended with the first one. */
static bool doubt_ended(struct reference *ref, const struct ref_decision *decision) {
    for (int i = 1; i <= decision->record_count; i++) {
        int more = decision->after->records[i].doubts - decision->before->records[i].doubts;
        if (more > 0 && ref_record(ref, i)->doubts < more)
            return true;
    }
    return false;
}

/* A later word about the traits of the record stands. */
static bool remade(const struct reference *ref, int number) {
    const struct ref_decision *decision = &ref->decisions.items[number - 1];
    bool about = false, later = false;
    for (int i = 1; i <= decision->record_count; i++)
        about = about || about_versions(&decision->before->records[i], &decision->after->records[i]);
    for (size_t i = (size_t)number; i < ref->decisions.count; i++) {
        const struct ref_decision *other = &ref->decisions.items[i];
        later = later || (ref_stands(ref, (int)i + 1) && other->a == decision->a && strncmp(other->kind, "accept-", 7) == 0);
    }
    return about && later;
}

/* Is it tied, by another word than this decision, to a record on its person? */
static int said_one_with(struct reference *ref, const struct ref_decision *decision, int number) {
    const struct ref_record *now = ref_record(ref, number), *before = &decision->before->records[number],
                            *after = &decision->after->records[number];
    if (!ref_declared(now) || !now->tied || ref_record(ref, now->tied)->person != now->person)
        return 0;
    bool own = changed(decision, number) && now->tied == after->tied && now->link == after->link &&
               (before->tied != after->tied || before->link != after->link);
    return own ? 0 : now->tied;
}

static bool is_tied(struct reference *ref, int record) {
    for (int i = 1; i <= ref->record_count; i++)
        if (i != record && ref_live_on(ref, i, ref_record(ref, record)->person) && ref_tied(ref, i, record, ref_nobody))
            return true;
    return false;
}

/* Who joined a person by score after the decision, and is more like the record that leaves than like anybody who stays, goes along.
 */
static void take_followers(struct reference *ref, int moved, int from, const struct ref_decision *decision) {
    int to = ref_record(ref, moved)->person;
    for (int i = 1; i <= ref->record_count; i++) {
        bool stood = i <= decision->record_count && decision->after->records[i].person == from;
        if (!ref_live_on(ref, i, from) || ref_record(ref, i)->link != REF_SCORE || stood || is_tied(ref, i))
            continue;
        int64_t rest = INT32_MIN, there = ref_fitness(ref, i, moved);
        for (int j = 1; j <= ref->record_count; j++)
            if (j != i && ref_live_on(ref, j, from) && ref_fitness(ref, i, j) > rest)
                rest = ref_fitness(ref, i, j);
        if (there > rest && ref_fits(ref, i, to))
            ref_move(ref, i, to, REF_SCORE);
    }
}

static bool lives_with(struct reference *ref, int a, int b) {
    return !ref_record(ref, a)->merged_into && ref_live_on(ref, b, ref_record(ref, a)->person);
}

/* What was kept apart and is again waits for the cell. */
void ref_ask_collision(struct reference *ref, int number) {
    const struct ref_record *record = ref_record(ref, number);
    if (record->merged_into || !record->apart)
        return;
    for (size_t i = 0; i < ref->tasks.count; i++) {
        const struct ref_task *task = &ref->tasks.items[i];
        if (task->kind == TASK_COLLISION && task->state != TASK_RESOLVED && task->a == number && task->b == number)
            return;
    }
    struct ref_task *task = ref_open_task(ref, TASK_COLLISION, number, number);
    task->late = record->held;
    task->shown = record->apart;
}

/* `was`: the records when the undo began. Who lives again comes first; who is merged once more stands where its survivor went
 * since. */
static void give_back_all(struct reference *ref, const struct ref_decision *decision, const struct ref_record *was) {
    for (int merged = 0; merged < 2; merged++)
        for (int i = 1; i <= decision->record_count; i++)
            if (changed(decision, i) && (decision->before->records[i].merged_into != 0) == merged)
                give_back(ref, i, was[i].person, decision);
    for (int i = 1; i <= decision->record_count; i++) {
        int with = ref_record(ref, ref_survivor(ref, i))->person;
        if (ref_record(ref, i)->person != with)
            ref_move(ref, i, with, ref_record(ref, i)->link);
    }
}

/* What the records that it gave back are asked about, and are not any more. */
static void ask_again(struct reference *ref, const struct ref_decision *decision, const struct ref_record *was) {
    for (int i = 1; i <= decision->record_count; i++) {
        if (!changed(decision, i))
            continue;
        ref_ask_collision(ref, i);
        if (ref_record(ref, i)->merged_into && !was[i].merged_into)
            ref_close_merged(ref, i);
        if (!ref_record(ref, i)->merged_into && (ref_record(ref, i)->version != was[i].version || was[i].merged_into)) {
            ref_ask_ins(ref, i);
            ref_settle_drift(ref, i);
        }
        if (!ref_record(ref, i)->merged_into && ref_record(ref, i)->person != was[i].person)
            ref_close_answered_on(ref, ref_record(ref, i)->person);
    }
}

static bool take_back(struct reference *ref, int number) {
    struct ref_decision decision = ref->decisions.items[number - 1];
    if (!decision.before || decision.undone_by || !changed_something(&decision) || merged_since(ref, &decision) ||
        doubt_ended(ref, &decision) || remade(ref, number))
        return false;
    ref->decisions.items[number - 1].undone_by = ref->capturing;
    const struct ref_state *before = decision.before, *after = decision.after;
    struct ref_record was[REF_RECORDS + 1] = {{0}};
    bool tied[REF_RECORDS + 1][REF_RECORDS + 1] = {{false}};
    bool moved[REF_RECORDS + 1] = {false};
    int said[REF_RECORDS + 1] = {0};
    for (int i = 1; i <= decision.record_count; i++)
        was[i] = *ref_record(ref, i);
    for (int i = 1; i <= ref->record_count; i++)
        for (int j = 1; j <= decision.record_count && !said[i]; j++)
            if (changed(&decision, j) && ref_record(ref, j)->person == ref_record(ref, i)->person)
                said[i] = said_one_with(ref, &decision, i);
    for (int i = 1; i <= ref->record_count; i++)
        for (int j = 1; j <= ref->record_count; j++)
            tied[i][j] = i != j && lives_with(ref, i, j) && ref_tied(ref, i, j, ref_nobody);
    give_back_all(ref, &decision, was);
    for (int i = 1; i <= ref->record_count; i++) { /* what others said to be one is not parted */
        const struct ref_record *now = ref_record(ref, i);
        if (said[i] && (!ref_declared(now) || now->tied != said[i] || now->person != ref_record(ref, said[i])->person))
            return false;
    }
    for (int i = 1; i <= decision.record_count; i++)
        moved[i] = ref_record(ref, i)->person != was[i].person && changed(&decision, i);
    give_back_negatives(ref, before, after);
    for (int i = 1; i <= decision.record_count; i++) /* what stood there by mistake counts no more */
        for (int p = 1; p <= ref->person_count; p++)
            if (after->stood[p][i] == REF_STOOD && before->stood[p][i] != REF_STOOD && ref_record(ref, i)->person != p)
                ref->state.stood[p][i] = REF_BY_MISTAKE;
    for (int i = 1; i <= decision.record_count; i++)
        if (moved[i] && !ref_record(ref, i)->merged_into)
            take_followers(ref, i, after->records[i].person, &decision);
    bool again[REF_RECORDS + 1] = {
        false}; /* rule 5: who moved, is merged no more or says something else again, and whom a tie held */
    for (int i = 1; i <= ref->record_count; i++) {
        const struct ref_record *now = ref_record(ref, i);
        bool says = i <= decision.record_count && (now->version != was[i].version || now->attributes != was[i].attributes);
        again[i] = (moved[i] || was[i].merged_into || says) && !now->merged_into;
        for (int j = 1; j <= ref->record_count; j++)
            again[i] = again[i] || (tied[i][j] && lives_with(ref, i, j) && !ref_tied(ref, i, j, ref_nobody));
    }
    for (int i = 1; i <= ref->record_count; i++)
        if (again[i])
            ref_recheck_undone(ref, i);
    ask_again(ref, &decision, was);
    return true;
}

/* -- tasks --------------------------------------------------------------------------------------------------------------------- */

/* What the decision closed is open again, unless another task asks it. */
static void reopen_closed(struct reference *ref, int undone) {
    for (size_t i = 0; i < ref->tasks.count; i++) {
        struct ref_task *task = &ref->tasks.items[i];
        if (task->state != TASK_RESOLVED || task->decision != undone || ref_open_like(ref, task))
            continue;
        task->state = TASK_REOPENED;
        task->opened_by = ref->capturing;
    }
}

/* Are its records such as it asks about? */
static bool still_asks(struct reference *ref, const struct ref_task *task) {
    bool two = task->a && task->b && task->a != task->b,
         gone = (task->a && ref_record(ref, task->a)->merged_into) || (task->b && ref_record(ref, task->b)->merged_into);
    if (two && task->kind == TASK_POSSIBLE_MATCH && ref_record(ref, task->a)->person == ref_record(ref, task->b)->person)
        return false;
    if (two && (task->kind == TASK_POSSIBLE_MATCH || task->kind == TASK_DUPLICATE) && ref_negative(ref, task->a, task->b))
        return false;
    if (two && task->kind == TASK_TRAIT_DIVERGENCE && ref_agree(ref, task->a, task->b))
        return false;
    return !gone || !ref_closes_with_merge(task);
}

static bool is_undone_by(const struct reference *ref, int decision, int undo) {
    return decision && ref->decisions.items[decision - 1].undone_by == undo;
}

/* What asks nothing any more stays closed; what the undone decision, an undo itself, had opened is closed again. */
static void settle_reopened(struct reference *ref, int undone) {
    for (size_t i = 0; i < ref->tasks.count; i++) {
        struct ref_task *task = &ref->tasks.items[i];
        if (task->state == TASK_RESOLVED)
            continue;
        if (task->opened_by == undone && is_undone_by(ref, task->decision, undone)) {
            task->state = TASK_RESOLVED;
            task->decision = ref->capturing;
        } else if (task->opened_by == ref->capturing && (int)i + 1 != ref->author_task && !still_asks(ref, task)) {
            task->state = TASK_RESOLVED;
        }
    }
}

struct reference ref_copy(const struct reference *ref) {
    struct reference copy = *ref;
    copy.tasks.items = arena_dup(ref->arena, ref->tasks.items, ref->tasks.count * sizeof *ref->tasks.items);
    copy.decisions.items = arena_dup(ref->arena, ref->decisions.items, ref->decisions.count * sizeof *ref->decisions.items);
    copy.tasks.capacity = ref->tasks.count;
    copy.decisions.capacity = ref->decisions.count;
    return copy;
}

/* All of it or nothing. */
bool ref_take_back(struct reference *ref, int number) {
    struct reference was = ref_copy(ref);
    reopen_closed(ref, number);
    bool done = take_back(ref, number);
    if (done)
        settle_reopened(ref, number);
    else
        *ref = was;
    return done;
}

bool ref_changed_something(const struct reference *ref, int number) {
    return changed_something(&ref->decisions.items[number - 1]);
}
