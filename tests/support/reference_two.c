/* Two records: a sender's word about them, by A24 and A37 (DESIGN.md rules 8 and 9), and what a merge does; see reference.h. */
#include "tests/support/reference.h"

static const struct ref_outcome accepted;

static struct ref_outcome find_two(struct reference *ref, const struct ref_message *message, uint64_t first_refused, int out[2]) {
    const int domains[2] = {message->domain, message->prior_domain};
    const char *const ids[2] = {message->local_id, message->prior}, *const where[2] = {"PID^1^3", "PID^2^3"};
    for (int i = 0; i < 2; i++) {
        bool alias;
        out[i] = ref_find(ref, domains[i], ids[i], &alias);
        if (!out[i])
            return ref_refuse(ERROR_UNKNOWN, where[i]);
        out[i] = ref_survivor(ref, out[i]);
        if (ref_found_otherwise(ref, out[i], first_refused))
            return ref_refuse(ERROR_RULE, where[i]);
    }
    bool owns = domains[0] == message->sender || domains[1] == message->sender;
    return owns ? accepted : ref_refuse(ERROR_FORBIDDEN, "PID^1^3");
}

/* An A37's word between two persons: a new A24 takes it back; the cell's word stands. */
static void take_back_said(struct reference *ref, int one, int other) {
    int left = ref_record(ref, one)->person, right = ref_record(ref, other)->person;
    bool said = left != right && ref->state.said[one][other];
    for (int a = 1; a <= ref->record_count && said; a++)
        for (int b = 1; b <= ref->record_count; b++)
            if (ref_live_on(ref, a, left) && ref_live_on(ref, b, right) && ref->state.said[a][b])
                ref_set_negative(ref, a, b, 0, false);
}

struct ref_outcome ref_link_two(struct reference *ref, const struct ref_message *message, uint64_t first_refused) {
    int two[2];
    struct ref_outcome found = find_two(ref, message, first_refused, two);
    if (found.code != ERROR_NONE || two[0] == two[1])
        return found;
    take_back_said(ref, two[0], two[1]);
    bool one = ref_record(ref, two[0])->person == ref_record(ref, two[1])->person;
    int mover = one || ref_alone(ref, two[0]) ? two[0] : two[1], other = mover == two[0] ? two[1] : two[0];
    bool own_word = one || ref_record(ref, mover)->domain == message->sender;
    if (ref_declare(ref, mover, ref_record(ref, other)->person, other, own_word) && one)
        ref_close_tasks(ref, 1u << TASK_DUPLICATE | 1u << TASK_POSSIBLE_MATCH, two[0], two[1]);
    return accepted;
}

struct ref_outcome ref_unlink_two(struct reference *ref, const struct ref_message *message, uint64_t first_refused) {
    int two[2];
    struct ref_outcome found = find_two(ref, message, first_refused, two);
    if (found.code != ERROR_NONE)
        return found;
    if (two[0] == two[1])
        return ref_refuse(ERROR_RULE, "PID^2^3");
    int decision = ref_begin(ref, "separate", two[0], two[1]);
    ref_separate(ref, two[0], two[1], decision, true);
    ref_end(ref, decision);
    return accepted;
}

/* -- what a merge does (rule 14) ---------------------------------------------------------------------------------------------- */

static void pass_negatives(struct reference *ref, int loser, int survivor, int decision) {
    for (int i = 1; i <= ref->record_count; i++)
        if (i != survivor && ref_negative(ref, loser, i))
            ref_set_negative(ref, survivor, i, decision, ref->state.said[loser][i]);
}

void ref_bring(struct reference *ref, int from, int named) {
    int to = ref_record(ref, named)->person;
    bool seen[REF_RECORDS + 1] = {false};
    for (int i = 1; i <= ref->record_count && from != to; i++) {
        bool with[REF_RECORDS + 1] = {false}, all = true;
        if (!ref_live_on(ref, i, from) || seen[i])
            continue;
        for (int j = i; j <= ref->record_count; j++)
            with[j] = ref_live_on(ref, j, from) && ref_tied(ref, i, j, ref_nobody);
        for (int j = i; j <= ref->record_count; j++)
            if (with[j] && !ref_fits(ref, j, to)) {
                (void)ref_open_task(ref, TASK_MERGE_CONFLICT, named, j);
                all = false;
            }
        for (int j = i; j <= ref->record_count; j++) {
            seen[j] = seen[j] || with[j];
            if (with[j] && all)
                ref_move(ref, j, to, ref_record(ref, j)->link == REF_OWN ? REF_SCORE : ref_record(ref, j)->link);
        }
    }
}

void ref_merge(struct reference *ref, int loser, int survivor, int decision) {
    struct ref_record *lost = ref_record(ref, loser);
    int from = lost->person, to = ref_record(ref, survivor)->person;
    struct ref_held held;
    ref_held_on(ref, from, &held);
    lost->merged_into = survivor;
    lost->marked = false;
    lost->form_count = 0;
    lost->changed = ref_record(ref, survivor)->changed = ref->now;
    if (from != to)
        ref_move(ref, loser, to, lost->link);
    pass_negatives(ref, loser, survivor, decision);
    ref_bring(ref, from, survivor);
    ref_close_tasks(ref, 1u << TASK_INS_CONFLICT, loser, survivor);
    ref_close_merged(ref, loser);
    ref_close_held(ref, survivor, loser);
    ref_close_held(ref, loser, survivor);
    ref_recheck(ref, survivor, NULL);
    ref_recheck_loose(ref, &held); /* whom the loser held together */
    ref_close_answered_on(ref, ref_record(ref, survivor)->person);
    ref_match(ref, survivor);
}
