/* Steps of the cell: outcomes of tasks, links and separations by hand, replays; and the running of any step. */
#include "tests/scenarios/steps.h"

#include "tests/scenarios/compose.h"

#include <string.h>

/* -- tasks ---------------------------------------------------------------------------------------------------------------- */

static bool about(const struct task *task, uint64_t record) {
    return record == 0 || task->record_a == record || task->record_b == record;
}

bool find_task(struct world *world, struct span kind, struct span of, bool open_only, struct task *out, size_t *out_count,
               struct error *err) {
    struct task_filter filter = {.kind = -1, .open_only = open_only, .most = 2000};
    struct identity *identity;
    struct asker asker;
    const struct task *tasks;
    enum task_kind wanted;
    size_t count, total;
    uint64_t person, record = 0;
    bool any = span_eq_cstr(kind, "any");
    if (!any && !task_kind_parse(kind, &wanted))
        return error_set(err, ERROR_TABLE, NULL, "no such kind of task: %.*s", SPAN_ARG(kind));
    if (!any)
        filter.kind = (int)wanted;
    if (of.len && !world_resolve(world, of, &person, &record, err))
        return false;
    if (!world_identity(world, &identity, err) || !world_asker(world, SPAN_ABSENT, &asker, err) ||
        !identity_tasks(identity, &asker, &filter, world->arena, &tasks, &count, &total, err))
        return false;
    *out_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (about(&tasks[i], record) && (*out_count)++ == 0)
            *out = tasks[i];
    }
    return true;
}

/* The pairs author=, second=, reason= with their defaults. */
static struct span author_of(const struct step *step) {
    struct span author = pairs_get(&step->pairs, "author");
    return author.len ? author : SPAN("Camille Perrot");
}

static struct span reason_of(const struct step *step) {
    struct span reason = pairs_get(&step->pairs, "reason");
    return span_is_absent(reason) ? SPAN("papers compared") : reason;
}

static void acted(struct world *world, const struct error *err) {
    world->act_error = *err;
    world->act_unseen = true;
}

/* look KIND [of=ID]: somebody of the cell opens a task. */
static bool do_look(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    struct asker asker;
    struct task task = {.id = 0};
    struct task_detail detail;
    size_t count;
    if (!find_task(world, step->words[0], pairs_get(&step->pairs, "of"), false, &task, &count, err) ||
        !world_identity(world, &identity, err) || !world_asker(world, SPAN_ABSENT, &asker, err))
        return false;
    if (count == 0)
        return unmet(err, "there is no such task");
    if (!identity_task(identity, &asker, task.id, world->arena, &detail, err))
        return false;
    world->seen = detail.seen;
    return true;
}

/* review KIND OUTCOME [of=ID author= second= reason= assignee= seen=yes] */
static bool do_review(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    struct task task = {.id = 0};
    struct review review = {.author = author_of(step),
                            .second_author = pairs_get(&step->pairs, "second"),
                            .reason = reason_of(step),
                            .assignee = pairs_get(&step->pairs, "assignee"),
                            .seen = span_eq_cstr(pairs_get(&step->pairs, "seen"), "yes") ? world->seen : SPAN_ABSENT};
    struct error refused = ERROR_INIT;
    size_t count;
    if (!task_outcome_parse(step->words[1], &review.outcome))
        return error_set(err, ERROR_TABLE, NULL, "no such outcome: %.*s", SPAN_ARG(step->words[1]));
    bool undo = review.outcome == OUTCOME_UNDO || review.outcome == OUTCOME_REOPEN;
    if (!find_task(world, step->words[0], pairs_get(&step->pairs, "of"), !undo, &task, &count, err) ||
        !world_identity(world, &identity, err))
        return false;
    if (count == 0)
        return unmet(err, "there is no such task");
    world->task = review.task = task.id;
    if (!identity_review(identity, &review, world->arena, &refused))
        must(refused.code != ERROR_NONE);
    acted(world, &refused);
    return true;
}

/* link ID ID, separate ID ID, undo: the last of these. */
static bool act(struct world *world, const struct step *step, enum act_kind what, struct error *err) {
    struct identity *identity;
    struct manual_act manual = {.act = what,
                                .author = author_of(step),
                                .second_author = pairs_get(&step->pairs, "second"),
                                .reason = reason_of(step),
                                .decision = world->decision};
    struct error refused = ERROR_INIT;
    uint64_t person, decision = 0;
    if (!world_identity(world, &identity, err))
        return false;
    if (what != ACT_UNDO && (!world_resolve(world, step->words[0], &person, &manual.record_a, err) ||
                             !world_resolve(world, step->words[1], &person, &manual.record_b, err)))
        return false;
    if (identity_act(identity, &manual, world->arena, &decision, &refused) && what != ACT_UNDO)
        world->decision = decision;
    acted(world, &refused);
    return true;
}

static bool do_link(struct world *world, const struct step *step, struct error *err) {
    return act(world, step, ACT_LINK, err);
}

static bool do_separate(struct world *world, const struct step *step, struct error *err) {
    return act(world, step, ACT_SEPARATE, err);
}

/* The last decision about the two records of the task that can be taken back: a merge closes a task without acting on it. */
static bool decision_of_records(struct world *world, const struct asker *asker, const struct task *task, struct error *err) {
    struct identity *identity;
    const struct decision *decisions;
    size_t count;
    if (!world_identity(world, &identity, err) ||
        !identity_decisions(identity, asker, task->record_a, 0, world->arena, &decisions, &count, err))
        return false;
    for (size_t i = 0; i < count && !world->decision; i++) {
        uint64_t other = decisions[i].record_a == task->record_a ? decisions[i].record_b : decisions[i].record_a;
        if (decisions[i].undoable && other == task->record_b)
            world->decision = decisions[i].id;
    }
    return world->decision || unmet(err, "no decision about the records of the task stands");
}

/* The last decision in the history of a task, or about its records. */
static bool decision_of_task(struct world *world, struct span kind, struct error *err) {
    struct identity *identity;
    struct asker asker;
    struct task task;
    struct task_detail detail;
    size_t count;
    if (!find_task(world, kind, SPAN_ABSENT, false, &task, &count, err) || !world_identity(world, &identity, err) ||
        !world_asker(world, SPAN_ABSENT, &asker, err))
        return false;
    if (count == 0 || !identity_task(identity, &asker, task.id, world->arena, &detail, err))
        return unmet(err, "there is no such task");
    world->decision = 0;
    for (size_t i = 0; i < detail.event_count; i++)
        world->decision = detail.events[i].decision ? detail.events[i].decision : world->decision;
    return world->decision || decision_of_records(world, &asker, &task, err);
}

/* The last decision of that kind about the record. */
static bool decision_of_kind(struct world *world, struct span kind, struct span of, struct error *err) {
    struct identity *identity;
    struct asker asker;
    const struct decision *decisions;
    size_t count, i = 0;
    uint64_t person, record;
    if (!world_resolve(world, of, &person, &record, err) || !world_identity(world, &identity, err) ||
        !world_asker(world, SPAN_ABSENT, &asker, err) ||
        !identity_decisions(identity, &asker, record, 0, world->arena, &decisions, &count, err))
        return false;
    while (i < count && !span_eq(decisions[i].kind, kind))
        i++;
    if (i == count)
        return unmet(err, "there is no decision %.*s about it", SPAN_ARG(kind));
    world->decision = decisions[i].id;
    return true;
}

/* undo [task=KIND] [decision=KIND of=ID]: the last decision by hand, the one that the task's history tells, or that about the
 * record. */
static bool do_undo(struct world *world, const struct step *step, struct error *err) {
    struct span task = pairs_get(&step->pairs, "task"), kind = pairs_get(&step->pairs, "decision");
    if (task.len && !decision_of_task(world, task, err))
        return false;
    if (kind.len && !decision_of_kind(world, kind, pairs_get(&step->pairs, "of"), err))
        return false;
    return act(world, step, ACT_UNDO, err);
}

/* replay CONTROL: the dead letter of that control ID. */
static bool do_replay(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    const struct message *messages;
    struct asker asker;
    size_t count;
    struct feed_outcome outcome = {.message_id = 0};
    struct error refused = ERROR_INIT;
    if (!world_identity(world, &identity, err) || !world_asker(world, SPAN_ABSENT, &asker, err) ||
        !identity_messages(identity, &asker, step->words[0], true, 10, world->arena, &messages, &count, err))
        return false;
    if (count == 0)
        return unmet(err, "there is no dead letter %.*s", SPAN_ARG(step->words[0]));
    if (mllp_replay(&world->mllp, identity, messages[0].id, author_of(step), world->arena, &outcome, &refused) &&
        outcome.result != FEED_ACCEPTED)
        refused = outcome.err;
    acted(world, &refused);
    return true;
}

const struct step_row ACT_STEPS[] = {
    {"look", 1, do_look, false}, {"review", 2, do_review, false}, {"link", 2, do_link, false}, {"separate", 2, do_separate, false},
    {"undo", 0, do_undo, false}, {"replay", 1, do_replay, false}, {NULL, 0, NULL, false},
};

/* -- running -------------------------------------------------------------------------------------------------------------- */

static const struct step_row *row_find(const struct step_row *rows, struct span name) {
    for (; rows->name; rows++) {
        if (span_eq_cstr(name, rows->name))
            return rows;
    }
    return NULL;
}

bool step_settle(struct world *world, struct error *err) {
    bool answer = world->answer_unseen, acts = world->act_unseen;
    world->answer_unseen = world->act_unseen = false;
    if (answer && !span_eq_cstr(world_peek(world, "MSA", 1, 1, 1), "AA"))
        return unmet(err, "the message before was answered %.*s, %.*s %.*s", SPAN_ARG(world_peek(world, "MSA", 1, 1, 1)),
                     SPAN_ARG(world_peek(world, "ERR", 1, 2, 0)), SPAN_ARG(world_peek(world, "ERR", 1, 8, 0)));
    if (acts && world->act_error.code != ERROR_NONE)
        return unmet(err, "the act before was refused: %s", world->act_error.text);
    return true;
}

/* The row of a step in the tables that may hold it. */
static const struct step_row *row_of(const struct step *step) {
    static const struct step_row *const does[] = {DO_STEPS,    TALK_STEPS, ACT_STEPS,  MESSAGE_STEPS, POPULATION_STEPS,
                                                  MODEL_STEPS, PEER_STEPS, TOLD_STEPS, NULL};
    static const struct step_row *const expectations[] = {
        EXPECTATIONS,       EXPECTATIONS_MORE, EXPECTATIONS_ANSWER, EXPECTATIONS_TALLY,
        EXPECTATIONS_MODEL, EXPECTATIONS_PEER, EXPECTATIONS_TOLD,   NULL};
    bool expects = span_eq_cstr(step->name, "expect");
    const struct step_row *row = NULL;
    for (const struct step_row *const *table = expects ? expectations : does; *table && row == NULL; table++)
        row = row_find(*table, expects ? step->words[0] : step->name);
    return row;
}

bool step_run(struct world *world, const struct step *step, struct error *err) {
    bool expects = span_eq_cstr(step->name, "expect");
    const struct step_row *row = row_of(step);
    if (row == NULL)
        return error_set(err, ERROR_UNKNOWN, NULL, "no such step: %.*s", SPAN_ARG(expects ? step->words[0] : step->name));
    if (step->count < row->least + expects)
        return error_set(err, ERROR_MISSING, NULL, "needs %zu words", row->least);
    if (!row->looks_at_answer && !step_settle(world, err))
        return false;
    return row->run(world, step, err);
}
