/* The walk of a re-link run, on a plan; see relink_walk.h. */
#include "identity/ins.h"
#include "identity/relink_walk.h"

/* A slice is one batch of the lane, beside which feeds wait: some milliseconds; a quarter of it while there are any. */
enum { PART_MOST = 2048, MATCH_MOST = 128, ACTS_MOST = 32, SMALLER = 4 };

const char *relink_state_name(enum relink_state state) {
    static const char *const names[RELINK_STATE_COUNT] = {"previewed", "running", "done", "abandoned"};
    must(state < RELINK_STATE_COUNT);
    return names[state];
}

const char *relink_act_name(enum relink_act act) {
    static const char *const names[RELINK_ACT_COUNT] = {"link", "unlink", "open", "close"};
    must(act < RELINK_ACT_COUNT);
    return names[act];
}

const char *relink_zone_name(uint8_t zone) {
    return match_zone_name((enum match_zone)zone);
}

static bool holds(const uint64_t *records, size_t count, uint64_t record) {
    for (size_t i = 0; i < count; i++)
        if (records[i] == record)
            return true;
    return false;
}

/* -- what link.c tells and asks ------------------------------------------------------------------------------------------- */

static void compare_before(struct plan *plan, uint64_t a, uint64_t b, struct pair *out) {
    const struct match_model *after = plan->model;
    plan->model = plan->relink->before;
    link_compare(plan, a, b, out);
    plan->model = after;
}

void relink_did(struct plan *plan, enum relink_act act, int task, uint64_t a, uint64_t b, const struct pair *after) {
    struct relink_walk *walk = plan->relink;
    struct pair before;
    compare_before(plan, a, b, &before);
    walk->counts.acts[act]++;
    VEC_ADD(plan->arena, walk->items,
            (struct relink_item){.act = act,
                                 .record_a = a,
                                 .record_b = b,
                                 .task = task,
                                 .rule = match_rule_name(after->verdict.rule),
                                 .zone_before = (uint8_t)before.verdict.zone,
                                 .zone_after = (uint8_t)after->verdict.zone,
                                 .weight_before = before.verdict.weight_bits,
                                 .weight_after = after->verdict.weight_bits,
                                 .posterior_before = before.verdict.posterior,
                                 .posterior_after = after->verdict.posterior});
}

void relink_did_close(struct plan *plan, size_t event) {
    for (size_t i = event; i < plan->events.count; i++) {
        const struct task_entry *task = plan_task_entry(plan, plan->events.items[i].task);
        struct pair pair;
        if (!span_eq_cstr(plan->events.items[i].act, "closed"))
            continue;
        link_compare(plan, plan_survivor(plan, task->record_a), plan_survivor(plan, task->record_b), &pair);
        relink_did(plan, RELINK_CLOSE, task->kind, task->record_a, task->record_b, &pair);
    }
}

static bool zone_asked(struct plan *plan, uint64_t a, uint64_t b) {
    struct pair before;
    compare_before(plan, a, b, &before);
    return before.verdict.zone != MATCH_APART;
}

bool relink_asked_before(struct plan *plan, uint64_t a, uint64_t b) {
    const struct relink_walk *walk = plan->relink;
    return zone_asked(plan, a, b) || walk->dismissed(walk->context, &a, 1, &b, 1);
}

/* Somebody works on a question about the record and one of those: a task that was given to a person, waits or was opened again. */
static bool in_hand(const struct plan *plan, uint64_t record, const uint64_t *others, size_t count) {
    uint64_t id;
    for (size_t cursor = 0; idmap_next(&plan->registry->task_by_record, idmap_hash_number(record), &cursor, &id);) {
        const struct task_entry *task = plan_task_entry(plan, id);
        bool taken = task && task->state != TASK_OPEN && task->state != TASK_RESOLVED;
        if (taken && holds(others, count, task->record_a == record ? task->record_b : task->record_a))
            return true;
    }
    return false;
}

bool relink_left_to_people(struct plan *plan, uint64_t a, uint64_t b) {
    const struct relink_walk *walk = plan->relink;
    size_t count, other_count;
    const uint64_t *records = person_members(plan_person(plan, plan_record(plan, a)->person), &count),
                   *others = person_members(plan_person(plan, plan_record(plan, b)->person), &other_count);
    for (size_t i = 0; i < count; i++)
        if (in_hand(plan, records[i], others, other_count))
            return true;
    return plan->taken_back(plan->read_context, records, count, others, other_count) ||
           walk->dismissed(walk->context, records, count, others, other_count);
}

/* -- who no longer stands together ---------------------------------------------------------------------------------------- */

/* Those of a person who are tied together: they stay or leave as one. */
struct group {
    const uint64_t *records;
    size_t count;
    uint32_t side;
};
enum { UNSETTLED, STAYS, STAYS_BY_WORD, LEAVES }; /* sides; from LEAVES on, who has the same number leaves together */

static size_t read_groups(struct plan *plan, const uint64_t *members, size_t count, struct group *out) {
    size_t groups = 0;
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        for (size_t g = 0; g < groups && !known; g++)
            known = holds(out[g].records, out[g].count, members[i]);
        if (known)
            continue;
        struct group *group = &out[groups++];
        *group = (struct group){0};
        group->count = link_tied_with(plan, members[i], &group->records);
    }
    return groups;
}

/* The founder's stay; so does who is in quarantine: what it says is being looked at (rule 7). */
static void keep_first(struct plan *plan, struct group *groups, size_t count) {
    bool founder = false;
    for (size_t g = 0; g < count; g++)
        for (size_t i = 0; i < groups[g].count; i++) {
            const struct record *record = plan_record(plan, groups[g].records[i]);
            groups[g].side = record->link_kind == LINK_OWN || record->quarantined ? STAYS : groups[g].side;
            founder |= record->link_kind == LINK_OWN;
        }
    if (!founder)
        groups[0].side = STAYS;
}

/* What the two say against each other, or for: policies and attributes settled theirs when they came, and a status may have gone
 * down since; the model speaks of traits. */
static bool speaks_for(const struct pair *pair) {
    return pair->verdict.score_zone == MATCH_LINK || (pair->score.same_ins && pair->score.strict_agree && !pair->score.vetoes);
}

/* A group beside those of a side: its best pair with them, or the one that forbids it. */
struct standing {
    bool stands, clashes;
    uint64_t record, other; /* of that pair */
    struct pair pair;
};

static void weigh_beside(struct plan *plan, const struct group *group, const struct group *other, struct standing *out) {
    for (size_t i = 0; i < group->count; i++)
        for (size_t j = 0; j < other->count; j++) {
            struct pair pair;
            enum match_rule rule = MATCH_RULE_NEGATIVE_LINK;
            link_compare(plan, group->records[i], other->records[j], &pair);
            bool clash = pair.negative || !match_compatible(plan->model, &pair.score, &rule);
            bool tells = !out->other || (clash ? !out->clashes : !out->clashes && pair.score.weight_cb > out->pair.score.weight_cb);
            if (tells) {
                out->record = group->records[i];
                out->other = other->records[j];
                out->pair = pair;
            }
            out->clashes |= clash;
            out->stands |= speaks_for(&pair);
        }
}

static void weigh(struct plan *plan, const struct group *groups, size_t count, uint32_t side, const struct group *group,
                  struct standing *out) {
    *out = (struct standing){0};
    for (size_t g = 0; g < count; g++)
        if (groups[g].side == side)
            weigh_beside(plan, group, &groups[g], out);
    out->stands &= !out->clashes;
}

/* Whom somebody of a side holds, and nobody there contradicts, comes to it; and so on. */
static void gather(struct plan *plan, struct group *groups, size_t count, uint32_t side) {
    struct standing standing;
    for (bool more = true; more;) {
        more = false;
        for (size_t g = 0; g < count; g++) {
            if (groups[g].side != UNSETTLED)
                continue;
            weigh(plan, groups, count, side, &groups[g], &standing);
            groups[g].side = standing.stands ? side : UNSETTLED;
            more |= standing.stands;
        }
    }
}

/* The cell sees what the new model would still ask about. */
static void ask_about_leaving(struct plan *plan, const struct group *groups, size_t count, const struct group *group) {
    for (size_t g = 0; g < count; g++)
        for (size_t i = 0; i < group->count && groups[g].side == STAYS; i++)
            for (size_t j = 0; j < groups[g].count; j++) {
                struct pair pair;
                link_compare(plan, group->records[i], groups[g].records[j], &pair);
                if (pair.verdict.zone != MATCH_APART)
                    link_ask(plan, group->records[i], groups[g].records[j], &pair);
            }
}

/* To a person of their own, or to the one that those who left before them have. */
static void leave(struct plan *plan, const struct group *group, uint64_t to, uint64_t decision) {
    if (!to)
        link_part(plan, group->records[0], decision);
    for (size_t i = 0; i < group->count && to; i++)
        plan_move(plan, group->records[i], to, (enum link_kind)plan_record(plan, group->records[i])->link_kind, decision);
}

static void part_group(struct plan *plan, const struct group *group, const struct standing *why, uint64_t to) {
    struct decision_row *decision = plan_decision(plan, "relink-unlink", why->record, why->other);
    uint64_t id = decision->id;
    decision->rule = span_of(match_rule_name(why->pair.verdict.rule));
    decision->weight_bits = why->pair.verdict.weight_bits;
    decision->posterior = why->pair.verdict.posterior;
    decision->reasons = plan_reasons(plan, &why->pair.score, &why->pair.verdict);
    plan_audit(plan, "relink-unlink", why->record, plan_record(plan, why->record)->person, "decision %llu", (unsigned long long)id);
    relink_did(plan, RELINK_UNLINK, 0, why->record, why->other, &why->pair);
    plan_capture_start(plan);
    leave(plan, group, to, id);
    plan_capture_end(plan, id);
}

static void part_side(struct plan *plan, const struct group *groups, size_t count, uint32_t side) {
    uint64_t to = 0;
    for (size_t g = 0; g < count; g++) {
        struct standing why;
        if (groups[g].side != side)
            continue;
        weigh(plan, groups, count, STAYS, &groups[g], &why);
        part_group(plan, &groups[g], &why, to);
        ask_about_leaving(plan, groups, count, &groups[g]);
        to = plan_record(plan, groups[g].records[0])->person;
    }
}

static bool stays_by_word(struct plan *plan, const struct group *group) {
    return plan->relink->parting_taken_back(plan->relink->context, group->records, group->count);
}

/* Who is held by somebody who stays, stays too; the others leave, together where they hold each other. */
static void weigh_person(struct plan *plan, const uint64_t *members, size_t count) {
    struct group *groups = ARENA_ARRAY(plan->arena, struct group, count);
    size_t group_count = read_groups(plan, members, count, groups);
    uint32_t sides = LEAVES;
    if (group_count < 2)
        return;
    keep_first(plan, groups, group_count);
    gather(plan, groups, group_count, STAYS);
    for (size_t g = 0; g < group_count; g++)
        if (groups[g].side == UNSETTLED && stays_by_word(plan, &groups[g]))
            groups[g].side = STAYS_BY_WORD;
    for (size_t g = 0; g < group_count; g++)
        if (groups[g].side == UNSETTLED) {
            groups[g].side = sides;
            gather(plan, groups, group_count, sides++);
        }
    for (uint32_t side = LEAVES; side < sides; side++)
        part_side(plan, groups, group_count, side);
}

static void visit_to_part(struct plan *plan, const struct record *record) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, record->person, &members);
    if (count > 1 && members[0] == record->id) /* once a person */
        weigh_person(plan, members, count);
}

/* -- who belongs together now --------------------------------------------------------------------------------------------- */

/* Asked because of a score, and nobody has taken it: what a sender's declaration asked for is more urgent than its kind (link.c).
 */
static bool asked_by_score(const struct task_entry *task) {
    const uint32_t kinds = 1u << TASK_POSSIBLE_MATCH | 1u << TASK_DUPLICATE | 1u << TASK_INS_CONFLICT;
    return (kinds >> task->kind & 1u) && task->state == TASK_OPEN &&
           task->priority <= plan_task_priority((enum task_kind)task->kind);
}

/* A task that the model before asked for, and that the new model answers. One INS on two is a question whatever they score. */
static bool falls_away(struct plan *plan, const struct task_entry *task, uint64_t record, struct pair *out) {
    if (!task || !asked_by_score(task) || task->record_a != record || !task->record_b)
        return false;
    const struct record *a = plan_record(plan, record), *b = plan_record(plan, task->record_b);
    if (b->merged_into || a->person == b->person || (task->kind == TASK_INS_CONFLICT && ins_same(span_of(a->ins), span_of(b->ins))))
        return false;
    link_compare(plan, a->id, b->id, out);
    return out->verdict.zone == MATCH_APART && zone_asked(plan, a->id, b->id);
}

static void close_answered(struct plan *plan, uint64_t record) {
    VEC(uint64_t) tasks = {0};
    uint64_t id;
    for (size_t cursor = 0; idmap_next(&plan->registry->task_by_record, idmap_hash_number(record), &cursor, &id);)
        VEC_ADD(plan->arena, tasks, id);
    for (size_t i = 0; i < tasks.count; i++) {
        const struct task_entry *task = plan_task_entry(plan, tasks.items[i]);
        struct pair pair;
        if (!falls_away(plan, task, record, &pair))
            continue;
        relink_did(plan, RELINK_CLOSE, task->kind, record, task->record_b, &pair);
        plan_close_task(plan, tasks.items[i], "the new model keeps the two apart");
    }
}

static void visit_to_match(struct plan *plan, const struct record *record) {
    plan->relink->counts.records++;
    close_answered(plan, record->id);
    link_match(plan, record->id);
}

/* -- one slice ------------------------------------------------------------------------------------------------------------ */

void plan_relink(struct plan *plan, struct relink_walk *walk) {
    struct relink_place *place = &walk->place;
    size_t visited = 0, share = walk->small ? SMALLER : 1;
    plan->relink = walk;
    while (place->phase != RELINK_THROUGH && walk->items.count < ACTS_MOST / share &&
           visited < (place->phase == RELINK_PART ? PART_MOST : MATCH_MOST) / share) {
        if (place->next >= plan->counters.record) {
            place->phase++;
            place->next = 1;
            continue;
        }
        const struct record *record = plan_record(plan, place->next++);
        visited++;
        if (!record || record->merged_into)
            continue;
        if (place->phase == RELINK_PART)
            visit_to_part(plan, record);
        else
            visit_to_match(plan, record);
    }
    plan->left_to_cell = plan->left_apart = 0; /* those are counted as messages leave them */
}
