/* Ties: who was said to be one, and declarations (DESIGN.md rule 8); see reference.h. */
#include "tests/support/reference.h"

static const uint32_t trait_vetoes = 1u << MATCH_RULE_DIFFERENT_INS | 1u << MATCH_RULE_MULTIPLE_BIRTH | 1u << MATCH_RULE_FATHER_SON;

const int ref_nobody[2] = {0, 0};

bool ref_declared(const struct ref_record *record) {
    return record->link == REF_DECLARED || record->link == REF_DECISION;
}

/* Who stands for the record that this one (live, or merged into another) was tied to on its person. */
static int tied_to(struct reference *ref, int record) {
    const struct ref_record *self = ref_record(ref, record);
    if (!ref_declared(self) || !self->tied)
        return 0;
    int other = ref_survivor(ref, self->tied);
    return other != record && ref_record(ref, other)->person == self->person ? other : 0;
}

bool ref_is_edge(struct reference *ref, int a, int b) {
    for (int i = 1; i <= ref->record_count; i++) {
        int self = ref_survivor(ref, i), other = tied_to(ref, i);
        if (other && ((self == a && other == b) || (self == b && other == a)))
            return true;
    }
    return false;
}

bool ref_tied(struct reference *ref, int a, int b, const int without[2]) {
    bool reached[REF_RECORDS + 1] = {false}, more = true;
    reached[a] = true;
    while (more) {
        more = false;
        for (int i = 1; i <= ref->record_count; i++)
            for (int j = 1; j <= ref->record_count; j++)
                if (reached[i] && !reached[j] && i != without[0] && i != without[1] && j != without[0] && j != without[1] &&
                    ref_is_edge(ref, i, j))
                    more = reached[j] = true;
    }
    return reached[b];
}

int ref_root_of(struct reference *ref, int record) {
    int steps = 0, person = ref_record(ref, record)->person;
    for (int i = 1; i <= ref->record_count; i++)
        steps += ref_record(ref, i)->person == person;
    for (; steps > 0 && tied_to(ref, record); steps--)
        record = tied_to(ref, record);
    return record;
}

static bool is_loose(struct reference *ref, int record) {
    return ref_record(ref, record)->link != REF_OWN && !tied_to(ref, record);
}

/* One of the two says so, when it has said nothing yet; else, if nobody ties them yet, the end of a chain. */
void ref_tie(struct reference *ref, int record, int other, enum ref_link link) {
    int from = record, to = other;
    if (ref_is_edge(ref, record, other))
        return;
    if (!is_loose(ref, record)) {
        bool other_says = is_loose(ref, other);
        if (!other_says && ref_tied(ref, record, other, ref_nobody))
            return;
        from = ref_root_of(ref, record);
        if (other_says || ref_record(ref, from)->link == REF_OWN) {
            from = other_says ? other : ref_root_of(ref, other);
            to = record;
        }
    }
    ref_move(ref, from, ref_record(ref, record)->person, link);
    ref_record(ref, from)->tied = to;
}

void ref_held_on(struct reference *ref, int person, struct ref_held *out) {
    *out = (struct ref_held){{{false}}};
    for (int i = 1; i <= ref->record_count; i++)
        for (int j = 1; j <= ref->record_count; j++)
            out->tied[i][j] =
                i != j && ref_live_on(ref, i, person) && ref_live_on(ref, j, person) && ref_tied(ref, i, j, ref_nobody);
}

static bool came_loose(struct reference *ref, const struct ref_held *held, int record) {
    bool loose = false;
    for (int i = 1; i <= ref->record_count; i++)
        loose = loose || (held->tied[record][i] && !ref_record(ref, record)->merged_into &&
                          ref_live_on(ref, i, ref_record(ref, record)->person) && !ref_tied(ref, record, i, ref_nobody));
    return loose;
}

void ref_recheck_loose(struct reference *ref, const struct ref_held *held) {
    for (int i = 1; i <= ref->record_count; i++)
        if (came_loose(ref, held, i))
            ref_recheck(ref, i, NULL);
}

/* -- rule 8 ------------------------------------------------------------------------------------------------------------------ */

/* The first of a person that a declaration cannot pass. */
static int declaration_blocker(struct reference *ref, int record, int person) {
    for (int i = 1; i <= ref->record_count; i++) {
        struct ref_pair pair;
        if (i == record || !ref_live_on(ref, i, person))
            continue;
        ref_compare(ref, record, i, &pair);
        if (pair.negative || pair.score.vetoes & trait_vetoes || pair.score.weight_cb < match_model_conflict_cb(ref->model))
            return i;
    }
    return 0;
}

static int first_beside(struct reference *ref, int record, int person) {
    for (int i = 1; i <= ref->record_count; i++)
        if (i != record && ref_live_on(ref, i, person))
            return i;
    return 0;
}

int ref_same_domain(struct reference *ref, int record, int person) {
    for (int i = 1; i <= ref->record_count; i++)
        if (i != record && ref_live_on(ref, i, person) && ref_record(ref, i)->domain == ref_record(ref, record)->domain)
            return i;
    return 0;
}

static bool tied_to_anybody(struct reference *ref, int record) {
    for (int i = 1; i <= ref->record_count; i++)
        if (i != record && ref_live_on(ref, i, ref_record(ref, record)->person) && ref_tied(ref, record, i, ref_nobody))
            return true;
    return false;
}

/* Whether these two are one is asked no more. */
static void close_said(struct reference *ref, int record, int named) {
    if (named)
        ref_close_tasks(ref, 1u << TASK_DUPLICATE | 1u << TASK_POSSIBLE_MATCH, record, named);
}

/* Linked by score already: now it is said, too. */
static void confirm(struct reference *ref, int record, int named) {
    int other = named ? named : first_beside(ref, record, ref_record(ref, record)->person);
    if (!other || other == record || ref_tied(ref, record, other, ref_nobody) || (!named && tied_to_anybody(ref, record)))
        return;
    int decision = ref_begin(ref, "declared-link", record, named);
    ref_tie(ref, record, other, REF_DECLARED);
    close_said(ref, record, named);
    ref_end(ref, decision);
}

static bool ask(struct reference *ref, int record, int other) {
    struct ref_pair pair;
    ref_compare(ref, record, other, &pair);
    bool ins = (pair.score.vetoes >> MATCH_RULE_DIFFERENT_INS & 1u) && ref_both_claim(ref, record, other);
    (void)ref_open_task(ref, ins ? TASK_INS_CONFLICT : TASK_POSSIBLE_MATCH, record, other);
    return false;
}

/* own_word: an A24 of the record's own domain, which alone may put two of its records on one person. */
bool ref_declare(struct reference *ref, int record, int person, int named, bool own_word) {
    const struct ref_record *self = ref_record(ref, record);
    if (self->person == person) {
        confirm(ref, record, named);
        return true;
    }
    int blocker = declaration_blocker(ref, record, person), first = first_beside(ref, record, person),
        twin = ref_same_domain(ref, record, person);
    if (blocker)
        return ask(ref, record, blocker);
    if (!first)
        return false;
    if (tied_to_anybody(ref, record) || (self->link == REF_OWN && !ref_alone(ref, record))) /* said otherwise before */
        return ask(ref, record, named ? named : first);
    if (twin && !own_word) {
        (void)ref_open_task(ref, TASK_DUPLICATE, record, twin);
        return false;
    }
    int decision = ref_begin(ref, "declared-link", record, named);
    ref_move(ref, record, person, REF_DECLARED);
    ref_record(ref, record)->tied = twin ? twin : named ? named : first;
    if (twin && named)
        ref_tie(ref, twin, named, REF_DECLARED);
    ref_close_answered(ref, record);
    close_said(ref, record, named);
    ref_end(ref, decision);
    return true;
}
