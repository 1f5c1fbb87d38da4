/* Reading tasks for pages and commands. */
#include "base/clock.h"
#include "identity/service.h"
#include "identity/traits.h"

#include <string.h>

/* -- titles: one French sentence, without patient data ------------------------------------------------------------------------ */

static const char *const titles[TASK_KIND_COUNT] = {
    [TASK_POSSIBLE_MATCH] = "Deux identités de domaines différents sont peut-être une même personne",
    [TASK_DUPLICATE] = "Deux identités d'un même domaine sont peut-être un doublon",
    [TASK_COLLISION] = "Une identité a reçu les traits d'une autre personne : version mise à l'écart",
    [TASK_INS_CONFLICT] = "Une même INS pour deux personnes, ou deux INS pour une personne",
    [TASK_TRAIT_DIVERGENCE] = "Des traits stricts divergent entre identités rapprochées ou versions",
    [TASK_NIR_INCOHERENT] = "Le NIR contredit le sexe, la date ou le lieu de naissance",
    [TASK_HOMONYM] = "Homonymes à confirmer",
    [TASK_IDENTITY_THEFT] = "Usurpation d'identité signalée",
    [TASK_DOUBTFUL] = "Identité douteuse à vérifier",
    [TASK_PROVISIONAL_OLD] = "Identité provisoire à reprendre",
    [TASK_UNPROVEN_STATUS] = "Le statut annoncé dépasse ce que le message prouve",
    [TASK_INS_VERIFICATION] = "INS reçue mais non conservée : à vérifier",
    [TASK_INCOMPLETE_SEARCH] = "Recherche incomplète : clé trop fréquente",
    [TASK_MERGE_CONFLICT] = "Une fusion demande l'avis de la cellule",
    [TASK_DEAD_LETTER] = "Un message n'a pas pu être traité",
};

/* -- rows ------------------------------------------------------------------------------------------------------------------- */

static struct task read_task(const struct sql_result *rows, size_t i) {
    struct task task = {.id = (uint64_t)sql_get_i64(rows, i, 0),
                        .kind = (enum task_kind)sql_get_i16(rows, i, 1),
                        .state = (enum task_state)sql_get_i16(rows, i, 2),
                        .domain = (uint32_t)sql_get_i32(rows, i, 3),
                        .other_domain = (uint32_t)sql_get_i32(rows, i, 4),
                        .priority = (uint32_t)sql_get_i32(rows, i, 5),
                        .count = (uint32_t)sql_get_i32(rows, i, 6),
                        .record_a = (uint64_t)sql_get_i64(rows, i, 7),
                        .version_a = (uint64_t)sql_get_i32(rows, i, 8),
                        .record_b = (uint64_t)sql_get_i64(rows, i, 9),
                        .version_b = (uint64_t)sql_get_i32(rows, i, 10),
                        .message_id = (uint64_t)sql_get_i64(rows, i, 11),
                        .assignee = sql_get_text(rows, i, 12),
                        .rule = sql_get_text(rows, i, 13),
                        .weight_bits = sql_get_double(rows, i, 14),
                        .posterior = sql_get_double(rows, i, 15),
                        .evidence = sql_get_text(rows, i, 16),
                        .opened_us = sql_get_time(rows, i, 17),
                        .due_us = sql_get_time(rows, i, 18),
                        .closed_us = sql_is_null(rows, i, 19) ? 0 : sql_get_time(rows, i, 19),
                        .outcome = (enum task_outcome)sql_get_i16(rows, i, 20),
                        .local_a = sql_get_text(rows, i, 21),
                        .local_b = sql_get_text(rows, i, 22),
                        .blocked = (uint64_t)sql_get_i64(rows, i, 23),
                        .blocker = (uint64_t)sql_get_i64(rows, i, 24),
                        .blocker_domain = (uint32_t)sql_get_i32(rows, i, 25),
                        .blocker_local = sql_get_text(rows, i, 26)};
    task.title = span_of(titles[task.kind]);
    return task;
}

/* A list names people: whoever saw one is in the audit trail, which says what tasks were in it, as many a line as it has room for.
 */
static bool note_tasks(struct identity *identity, const struct asker *asker, const struct task *tasks, size_t count,
                       struct error *err) {
    enum { MOST = 24 };
    for (size_t i = 0; i < count; i += MOST) {
        char detail[MOST * 10 + 16] = "tasks", *end = detail + strlen(detail);
        for (size_t j = i; j < count && j < i + MOST; j++)
            end += snprintf(end, (size_t)(detail + sizeof detail - end), " %llu", (unsigned long long)tasks[j].id);
        if (!note_query(identity, asker, "tasks-read", 0, 0, detail, err))
            return false;
    }
    return true;
}

static bool read_names(const struct sql_result *rows, size_t i, struct arena *arena, struct task *out, struct error *err) {
    struct span texts[2] = {sql_get_text(rows, i, 27), sql_get_text(rows, i, 28)};
    const struct traits **names[2] = {&out->traits_a, &out->traits_b};
    for (size_t side = 0; side < 2; side++) {
        struct traits *traits = ARENA_ARRAY(arena, struct traits, 1);
        if (span_is_empty(texts[side]))
            continue;
        if (!traits_read(texts[side], arena, traits, err))
            return false;
        *names[side] = traits;
    }
    return true;
}

static bool read_total(struct identity *identity, const struct task_filter *filter, struct arena *arena, size_t *out,
                       struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    sql_param_i32(params, filter->kind);
    sql_param_i32(params, filter->domain);
    sql_param_bool(params, filter->open_only);
    sql_param_text(params, span_is_absent(filter->assignee) ? SPAN("") : filter->assignee);
    sql_param_i32(params, (int32_t)filter->states);
    sql_param_i64(params, (int64_t)filter->import);
    const struct sql_result *rows;
    if (!read_query(identity, SQL_QUERY_TASK_TOTAL, params, arena, &rows, err))
        return false;
    *out = (size_t)sql_get_i64(rows, 0, 0);
    return true;
}

/* Until accounts exist, the pages listen on loopback only and see every queue. */
bool identity_tasks(struct identity *identity, const struct asker *asker, const struct task_filter *filter, struct arena *arena,
                    const struct task **out_tasks, size_t *out_count, size_t *out_total, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    sql_param_i32(params, filter->kind);
    sql_param_i32(params, filter->domain);
    sql_param_bool(params, filter->open_only);
    sql_param_text(params, span_is_absent(filter->assignee) ? SPAN("") : filter->assignee);
    sql_param_i64(params, (int64_t)filter->after);
    sql_param_i32(params, filter->most ? (int32_t)filter->most : 100);
    sql_param_i32(params, (int32_t)filter->states);
    sql_param_i64(params, (int64_t)filter->import);
    const struct sql_result *rows;
    if (!read_query(identity, SQL_QUERY_TASK_LIST, params, arena, &rows, err))
        return false;
    struct task *tasks = ARENA_ARRAY(arena, struct task, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++) {
        tasks[i] = read_task(rows, i);
        if (asker->cell && !read_names(rows, i, arena, &tasks[i], err))
            return false;
    }
    if (!read_total(identity, filter, arena, out_total, err) || !note_tasks(identity, asker, tasks, sql_rows(rows), err))
        return false;
    *out_tasks = tasks;
    *out_count = sql_rows(rows);
    return true;
}

bool identity_task_counts(struct identity *identity, struct arena *arena, const struct task_count **out, size_t *out_count,
                          struct error *err) {
    const struct sql_result *rows;
    if (!read_query(identity, SQL_QUERY_TASK_COUNTS, NULL, arena, &rows, err))
        return false;
    struct task_count *counts = ARENA_ARRAY(arena, struct task_count, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++)
        counts[i] = (struct task_count){(enum task_kind)sql_get_i16(rows, i, 0), (uint32_t)sql_get_i32(rows, i, 1),
                                        (uint64_t)sql_get_i64(rows, i, 2)};
    *out = counts;
    *out_count = sql_rows(rows);
    return true;
}

/* -- one task --------------------------------------------------------------------------------------------------------------- */

/* A side as it stands now, by the registry; while that is loading, as it was at the opening. */
struct standing {
    uint32_t version, attributes;
    enum identity_status status;
    bool known; /* status and attributes are the record's */
};

/* The INS that the record holds. Another version than its trusted one has the one it came with, which the record may never hold. */
static void read_ins(const struct sql_result *rows, size_t i, bool own, struct arena *arena, struct person_record *side) {
    const struct match_form *form;
    side->ins = sql_get_text(rows, i, 12);
    side->ins_oid = sql_get_text(rows, i, 13);
    if (!own)
        return;
    bool readable = match_form_read(sql_get_bytes(rows, i, 14), arena, &form, NULL);
    struct span came = readable ? match_form_ins(form, arena) : SPAN_ABSENT;
    if (!span_eq(came, side->ins))
        side->ins_oid = SPAN_ABSENT; /* a version does not keep it */
    side->ins = came;
}

/* Sides of the row's position: the two of now, then the two of the opening. */
static bool read_side(const struct sql_result *rows, size_t i, struct arena *arena, struct person_record *out, struct error *err) {
    *out = (struct person_record){.id = (uint64_t)sql_get_i64(rows, i, 1),
                                  .domain = (uint32_t)sql_get_i32(rows, i, 2),
                                  .local_id = sql_get_text(rows, i, 3),
                                  .status = (enum identity_status)sql_get_i16(rows, i, 5),
                                  .attributes = (uint32_t)sql_get_i32(rows, i, 6),
                                  .quarantined = sql_get_i32(rows, i, 7) != 0,
                                  .link_kind = link_kind_name((enum link_kind)sql_get_i16(rows, i, 8)),
                                  .version = (uint64_t)sql_get_i32(rows, i, 9),
                                  .updated_us = sql_get_time(rows, i, 11)};
    return traits_read(sql_get_text(rows, i, 10), arena, &out->traits, err);
}

static bool read_sides(struct identity *identity, const struct asker *asker, const struct standing now[2],
                       struct task_detail *detail, struct arena *arena, struct error *err) {
    const struct task *task = &detail->task;
    int64_t records[4] = {(int64_t)task->record_a, (int64_t)task->record_b, (int64_t)task->record_a, (int64_t)task->record_b};
    int32_t versions[4] = {(int32_t)now[0].version, (int32_t)now[1].version, (int32_t)task->version_a, (int32_t)task->version_b};
    struct sql_params *params = sql_params_new(arena);
    sql_param_i64_array(params, records, 4);
    sql_param_i32_array(params, versions, 4);
    const struct sql_result *rows;
    if (!read_query(identity, SQL_QUERY_TASK_SIDES, params, arena, &rows, err))
        return false;
    struct person_record *sides = ARENA_ARRAY(arena, struct person_record, 4);
    for (size_t i = 0; i < sql_rows(rows); i++) {
        size_t at = (size_t)sql_get_i64(rows, i, 0) - 1, side = at % 2;
        if (!read_side(rows, i, arena, &sides[at], err))
            return false;
        bool as_now = versions[at] == versions[side];
        if (asker->cell && asker->sees_ins)
            read_ins(rows, i, task->record_a == task->record_b || !as_now, arena, &sides[at]);
        if (as_now && now[side].known) { /* a mark of the cell makes no version */
            sides[at].status = now[side].status;
            sides[at].attributes = now[side].attributes;
        }
        *(side ? &detail->person_b : &detail->person_a) = (uint64_t)sql_get_i64(rows, i, 4);
    }
    detail->sides = sides;
    detail->opened = sides + 2;
    return true;
}

static bool read_events(struct identity *identity, struct task_detail *detail, const struct sql_params *id, struct arena *arena,
                        struct error *err) {
    const struct sql_result *rows;
    if (!read_query(identity, SQL_QUERY_TASK_EVENTS, id, arena, &rows, err))
        return false;
    struct task_event *events = ARENA_ARRAY(arena, struct task_event, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++)
        events[i] = (struct task_event){sql_get_time(rows, i, 0), sql_get_text(rows, i, 1), sql_get_text(rows, i, 2),
                                        sql_get_text(rows, i, 3), sql_get_text(rows, i, 4), (uint64_t)sql_get_i64(rows, i, 5),
                                        sql_get_text(rows, i, 6)};
    detail->events = events;
    detail->event_count = sql_rows(rows);
    return true;
}

/* The trusted version; of two versions of one record the second is the one asked about, that of a collision as it was renewed. */
static void stand(const struct plan *plan, const struct task *task, bool second, struct standing *out) {
    const struct record *record = plan_record(plan, second ? task->record_b : task->record_a);
    bool asked_about = second && task->record_a == task->record_b;
    bool held = task->kind == TASK_COLLISION && task->state != TASK_RESOLVED;
    *out = (struct standing){.version = (uint32_t)(second ? task->version_b : task->version_a)};
    if (!record)
        return;
    if (!asked_about)
        *out = (struct standing){record->version, record->attributes, (enum identity_status)record->status, true};
    else if (held && record->quarantined)
        out->version = record->quarantined;
}

/* What stands, and what the lane would refuse if it were asked now, by the very code that it decides with. While the index is
 * loading nobody knows. */
static void read_standing(struct identity *identity, const struct sql_result *rows, struct task_detail *detail,
                          struct standing out[2], struct arena *arena) {
    const struct task *task = &detail->task;
    const struct review_input input = {.task = task->id,
                                       .kind = task->kind,
                                       .state = task->state,
                                       .record_a = task->record_a,
                                       .version_a = (uint32_t)task->version_a,
                                       .record_b = task->record_b,
                                       .version_b = (uint32_t)task->version_b,
                                       .message = task->message_id,
                                       .rule = task->rule,
                                       .events = (uint32_t)detail->event_count,
                                       .decision = (uint64_t)sql_get_i64(rows, 0, 27),
                                       .undo = sql_get_text(rows, 0, 28),
                                       .undone_by = (uint64_t)sql_get_i64(rows, 0, 29),
                                       .cause = sql_get_text(rows, 0, 30)};
    struct error err = ERROR_INIT;
    const struct registry *registry = identity_read_lock(identity, &err);
    out[0] = (struct standing){.version = (uint32_t)task->version_a};
    out[1] = (struct standing){.version = (uint32_t)task->version_b};
    detail->seen = SPAN("");
    if (!registry)
        return;
    struct plan plan;
    const struct counters counters = {0};
    plan_init(&plan, registry, atomic_load(&identity->domains), &identity->options, &counters, NULL, NULL, arena);
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        enum task_outcome outcome = (enum task_outcome)i;
        bool known = task_outcome_allowed(task->kind, task->state, outcome);
        if (known && !plan_review_possible(&plan, outcome, &input, &err))
            detail->refusals[i] = arena_strdup(arena, err.text);
    }
    stand(&plan, task, false, &out[0]);
    stand(&plan, task, true, &out[1]);
    detail->seen = plan_review_seen(&plan, &input);
    plan_release(&plan);
    identity_read_unlock(identity);
}

/* Both of a pair were looked at. */
static bool note_sides(struct identity *identity, const struct asker *asker, const struct task_detail *detail, struct error *err) {
    const struct task *task = &detail->task;
    bool two = task->record_b && task->record_b != task->record_a;
    return note_query(identity, asker, "task-read", task->record_a, detail->person_a, "", err) &&
           (!two || note_query(identity, asker, "task-read", task->record_b, detail->person_b, "", err));
}

bool identity_task(struct identity *identity, const struct asker *asker, uint64_t id, struct arena *arena, struct task_detail *out,
                   struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    sql_param_i64(params, (int64_t)id);
    const struct sql_result *rows;
    struct task_detail detail = {0};
    struct standing now[2];
    if (!read_query(identity, SQL_QUERY_TASK_READ, params, arena, &rows, err))
        return false;
    if (!sql_rows(rows))
        return error_set(err, ERROR_UNKNOWN, "task", "there is no task %llu", (unsigned long long)id);
    detail.task = read_task(rows, 0);
    if (!read_events(identity, &detail, params, arena, err))
        return false;
    read_standing(identity, rows, &detail, now, arena); /* versions do not change: what is read of them below is what it saw */
    if (!read_sides(identity, asker, now, &detail, arena, err) || !note_sides(identity, asker, &detail, err))
        return false;
    *out = detail;
    return true;
}
