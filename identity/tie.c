/*
 * Which records of a person were said to be one: by a message's declaration (DESIGN.md rule 8) or by the cell (rule 15). Each such
 * record names the one that it was tied to; what was merged into a record ties for it. Records that ties connect stay together
 * whatever an update brings (rule 5); all others on a person stand together by scores only.
 *
 *     A <- B (declared)      A, B, C are tied; D is not: a veto between D and B parts D from the three, and one between A and C
 *     B <- C (decided)       parts nobody, but marks the link.
 *     A    D (score)
 *
 * A record has one tie of its own, so ties make trees; the last of such a chain, the root, has none and can take the next.
 */
#include "identity/link.h"

bool link_is_declared(const struct record *record) {
    return record->link_kind == LINK_DECLARED || record->link_kind == LINK_DECISION;
}

/* The record that this one is tied to on its person; 0: none. */
static uint64_t tied_to(const struct plan *plan, const struct record *record) {
    if (!link_is_declared(record) || !record->tied_to)
        return 0;
    uint64_t other = plan_survivor(plan, record->tied_to);
    return other != record->id && plan_record(plan, other)->person == record->person ? other : 0;
}

struct groups {
    const uint64_t *members; /* everybody on the person, merged ones too */
    uint64_t *group;         /* the number of one of them, for each */
    size_t count;
};

static void join_groups(const struct groups *groups, size_t at, uint64_t other) {
    size_t there = 0;
    while (there < groups->count && groups->members[there] != other)
        there++;
    uint64_t from = groups->group[at], to = there < groups->count ? groups->group[there] : from;
    for (size_t i = 0; i < groups->count && from != to; i++)
        if (groups->group[i] == from)
            groups->group[i] = to;
}

/* Ties of the records in `except` (two; 0 for none) are left out. */
static void read_groups(const struct plan *plan, uint64_t person, const uint64_t *except, struct groups *out) {
    out->members = person_members(plan_person(plan, person), &out->count);
    out->group = arena_dup(plan->arena, out->members, out->count * sizeof *out->group);
    for (size_t i = 0; i < out->count; i++) {
        const struct record *record = plan_record(plan, out->members[i]);
        uint64_t self = plan_survivor(plan, record->id), other = tied_to(plan, record);
        if (self != record->id)
            join_groups(out, i, self);
        if (other && self != except[0] && self != except[1] && other != except[0] && other != except[1])
            join_groups(out, i, other);
    }
}

static uint64_t group_of(const struct groups *groups, uint64_t record) {
    for (size_t i = 0; i < groups->count; i++)
        if (groups->members[i] == record)
            return groups->group[i];
    return 0;
}

static const uint64_t nobody[2];

static bool tied_except(const struct plan *plan, uint64_t a, uint64_t b, const uint64_t *except) {
    struct groups groups;
    if (plan_record(plan, a)->person != plan_record(plan, b)->person)
        return false;
    read_groups(plan, plan_record(plan, a)->person, except, &groups);
    return group_of(&groups, a) == group_of(&groups, b);
}

bool link_tied(const struct plan *plan, uint64_t a, uint64_t b) {
    return tied_except(plan, a, b, nobody);
}

bool link_tied_directly(const struct plan *plan, uint64_t a, uint64_t b) {
    size_t count;
    const uint64_t *members = person_members(plan_person(plan, plan_record(plan, a)->person), &count);
    for (size_t i = 0; i < count; i++) {
        uint64_t self = plan_survivor(plan, members[i]), other = tied_to(plan, plan_record(plan, members[i]));
        if (other && ((self == a && other == b) || (self == b && other == a)))
            return true;
    }
    return false;
}

bool link_tied_beside(const struct plan *plan, uint64_t a, uint64_t b, uint64_t not_through) {
    return tied_except(plan, a, b, (const uint64_t[]){not_through, 0});
}

size_t link_tied_without(const struct plan *plan, uint64_t record, const uint64_t *except, const uint64_t **out_records) {
    struct groups groups;
    const uint64_t *live;
    uint64_t person = plan_record(plan, record)->person;
    size_t count = plan_live_members(plan, person, &live), tied = 0;
    uint64_t *found = ARENA_ARRAY(plan->arena, uint64_t, count + 1);
    read_groups(plan, person, except, &groups);
    for (size_t i = 0; i < count; i++)
        if (group_of(&groups, live[i]) == group_of(&groups, record))
            found[tied++] = live[i];
    *out_records = found;
    return tied;
}

size_t link_tied_with(const struct plan *plan, uint64_t record, const uint64_t **out_records) {
    return link_tied_without(plan, record, nobody, out_records);
}

/* A merge can close a chain to a ring, in which any tie may be given away: it ends after as many steps as there are records. */
static uint64_t root_of(const struct plan *plan, uint64_t record) {
    size_t steps;
    (void)person_members(plan_person(plan, plan_record(plan, record)->person), &steps);
    for (uint64_t next; steps > 0 && (next = tied_to(plan, plan_record(plan, record))) != 0; steps--)
        record = next;
    return record;
}

/* May it take a tie of its own? The founder stays what it is. */
static bool is_loose(const struct plan *plan, uint64_t record) {
    return plan_record(plan, record)->link_kind != LINK_OWN && !tied_to(plan, plan_record(plan, record));
}

/* Who takes the tie of these two: one of them, else the end of a chain; 0 when others tie them already and neither can. */
static uint64_t who_ties(const struct plan *plan, uint64_t record, uint64_t other) {
    if (link_tied_directly(plan, record, other))
        return 0;
    if (is_loose(plan, record))
        return record;
    if (is_loose(plan, other))
        return other;
    if (link_tied(plan, record, other))
        return 0;
    uint64_t root = root_of(plan, record);
    return plan_record(plan, root)->link_kind == LINK_OWN ? root_of(plan, other) : root;
}

void link_tie(struct plan *plan, uint64_t record, uint64_t other, enum link_kind kind, uint64_t decision) {
    uint64_t person = plan_record(plan, record)->person, from = who_ties(plan, record, other);
    must(plan_record(plan, other)->person == person);
    if (!from)
        return;
    bool from_record = from != other && link_tied(plan, from, record);
    plan_move(plan, from, person, kind, decision);
    plan_edit(plan, from)->tied_to = from_record ? other : record;
}

void link_found(struct plan *plan, uint64_t record, uint64_t decision) {
    uint64_t root = root_of(plan, record);
    plan_move(plan, root, plan_record(plan, root)->person, LINK_OWN, decision);
}

void link_part(struct plan *plan, uint64_t record, uint64_t decision) {
    const uint64_t *tied;
    uint64_t person = plan_record(plan, record)->person, root = root_of(plan, record);
    size_t count = link_tied_with(plan, record, &tied);
    uint64_t fresh = plan_new_person(plan);
    for (size_t i = 0; i < count; i++) {
        enum link_kind kind = (enum link_kind)plan_record(plan, tied[i])->link_kind;
        if (plan_record(plan, tied[i])->person == person)
            plan_move(plan, tied[i], fresh, tied[i] == root ? LINK_OWN : kind, decision);
    }
}

/* -- who is held by a third ------------------------------------------------------------------------------------------------- */

void link_held_on(struct plan *plan, uint64_t person, struct held_list *out) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, person, &members);
    for (size_t i = 0; i < count; i++) {
        struct held held = {.record = members[i]};
        held.count = link_tied_with(plan, held.record, &held.tied);
        if (held.count > 1)
            VEC_ADD(plan->arena, *out, held);
    }
}

bool link_came_loose(const struct plan *plan, const struct held *held) {
    for (size_t i = 0; i < held->count; i++) {
        const struct record *record = plan_record(plan, held->record), *other = plan_record(plan, held->tied[i]);
        bool together = !record->merged_into && !other->merged_into && record->person == other->person;
        if (together && !link_tied(plan, record->id, other->id))
            return true;
    }
    return false;
}

void link_recheck_loose(struct plan *plan, const struct held_list *held) {
    for (size_t i = 0; i < held->count; i++)
        if (link_came_loose(plan, &held->items[i]))
            link_recheck(plan, held->items[i].record, NULL);
}
