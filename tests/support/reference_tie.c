/* Ties: who was said to be one; see reference.h. */
#include "tests/support/reference.h"

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
