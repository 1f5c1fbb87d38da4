/*
 * Loading and following; see load.h. The same row readers serve both: everything, or the numbers that a change names.
 */
#include "identity/load.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/vec.h"
#include "identity/ins.h"
#include "identity/plan.h"

#include <stdio.h>

enum { SLICE = 8192, LOAD_TIMEOUT_MS = 600000, FOLLOW_TIMEOUT_MS = 10000 };

static struct record read_record(const struct sql_result *rows, size_t i, struct arena *arena) {
    struct record record = {.id = (uint64_t)sql_get_i64(rows, i, 0),
                            .domain = (uint32_t)sql_get_i32(rows, i, 1),
                            .local_id = span_cstr(sql_get_text(rows, i, 2), arena),
                            .person = (uint64_t)sql_get_i64(rows, i, 3),
                            .merged_into = (uint64_t)sql_get_i64(rows, i, 4),
                            .version = (uint32_t)sql_get_i32(rows, i, 5),
                            .quarantined = (uint32_t)sql_get_i32(rows, i, 6),
                            .last_version = (uint32_t)sql_get_i32(rows, i, 7),
                            .status = (uint8_t)sql_get_i16(rows, i, 8),
                            .claim = (uint8_t)sql_get_i16(rows, i, 9),
                            .proof = (uint8_t)sql_get_i16(rows, i, 10),
                            .attributes = (uint32_t)sql_get_i32(rows, i, 11),
                            .ins_oid = ins_oid(sql_get_text(rows, i, 13)),
                            .flags = (uint32_t)sql_get_i32(rows, i, 14),
                            .link_kind = (uint8_t)sql_get_i16(rows, i, 15),
                            .updated_us = sql_get_time(rows, i, 16),
                            .created_by = (uint64_t)sql_get_i64(rows, i, 17),
                            .changed_by = (uint64_t)sql_get_i64(rows, i, 18),
                            .tied_to = (uint64_t)sql_get_i64(rows, i, 19)};
    struct span ins = sql_get_text(rows, i, 12);
    memcpy(record.ins, ins.ptr, ins.len < 15 ? ins.len : 15);
    return record;
}

static bool apply_records(struct registry *registry, const struct sql_result *rows, struct arena *arena, struct error *err) {
    for (size_t i = 0; i < sql_rows(rows); i++) {
        struct record record = read_record(rows, i, arena);
        const struct match_form *form;
        if (!match_form_read(sql_get_bytes(rows, i, 20), arena, &form, err))
            return error_prefix(err, "record %llu", (unsigned long long)record.id);
        registry_apply_record(registry, &record);
        match_index_put(registry->index, record.id, &form, record.merged_into ? 0 : 1);
    }
    return true;
}

/* Earlier trusted versions of one record, newest first: the same rule as plan_add_version keeps in memory. A form equal to the
 * version after it, or a placeholder's, is left out. */
struct earlier {
    uint64_t record;
    const struct match_form *forms[PLAN_FORMS];
    size_t count;
    const struct match_form *after;
};

static void earlier_finish(struct registry *registry, const struct earlier *earlier) {
    if (earlier->record && earlier->count > 1)
        match_index_put(registry->index, earlier->record, earlier->forms, earlier->count);
}

static bool apply_earlier(struct registry *registry, const struct sql_result *rows, struct arena *arena, struct earlier *at,
                          struct error *err) {
    for (size_t i = 0; i < sql_rows(rows); i++) {
        uint64_t record = (uint64_t)sql_get_i64(rows, i, 0);
        const struct match_form *form;
        if (!match_form_read(sql_get_bytes(rows, i, 2), arena, &form, err))
            return error_prefix(err, "record %llu", (unsigned long long)record);
        if (record != at->record) {
            earlier_finish(registry, at);
            *at = (struct earlier){.record = record};
            at->count = match_index_forms(registry->index, record, arena, at->forms, 1);
            at->after = at->forms[0];
        }
        bool same = at->after && match_form_equal(form, at->after);
        at->after = form;
        if (!same && at->count && at->count < PLAN_FORMS && !(match_form_flags(form) & MATCH_FORM_NO_NAME))
            at->forms[at->count++] = form;
    }
    return true;
}

static void apply_persons(struct registry *registry, const struct sql_result *rows) {
    for (size_t i = 0; i < sql_rows(rows); i++) {
        const int64_t *left;
        size_t left_count = sql_get_i64_array(rows, i, 1, &left);
        registry_apply_person(registry, (uint64_t)sql_get_i64(rows, i, 0), left, left_count, (uint32_t)sql_get_i32(rows, i, 2));
    }
}

static void apply_aliases(struct registry *registry, const struct sql_result *rows) {
    for (size_t i = 0; i < sql_rows(rows); i++)
        registry_apply_alias(registry, (uint32_t)sql_get_i32(rows, i, 0), sql_get_text(rows, i, 1),
                             (uint64_t)sql_get_i64(rows, i, 2));
}

static void apply_negatives(struct registry *registry, const struct sql_result *rows) {
    for (size_t i = 0; i < sql_rows(rows); i++)
        registry_apply_negative(registry, (uint64_t)sql_get_i64(rows, i, 0), (uint64_t)sql_get_i64(rows, i, 1),
                                sql_get_bool(rows, i, 2), sql_get_bool(rows, i, 3));
}

static void apply_tasks(struct registry *registry, const struct sql_result *rows) {
    for (size_t i = 0; i < sql_rows(rows); i++)
        registry_apply_task(registry, &(struct task_entry){.id = (uint64_t)sql_get_i64(rows, i, 0),
                                                           .kind = (uint8_t)sql_get_i16(rows, i, 1),
                                                           .state = (uint8_t)sql_get_i16(rows, i, 2),
                                                           .record_a = (uint64_t)sql_get_i64(rows, i, 3),
                                                           .record_b = (uint64_t)sql_get_i64(rows, i, 4),
                                                           .domain = (uint32_t)sql_get_i32(rows, i, 5),
                                                           .message = (uint64_t)sql_get_i64(rows, i, 6),
                                                           .cause_hash = registry_cause_hash(sql_get_text(rows, i, 7)),
                                                           .priority = (uint8_t)sql_get_i32(rows, i, 8)});
}

static void apply_waits(struct registry *registry, const struct sql_result *rows) {
    for (size_t i = 0; i < sql_rows(rows); i++)
        idmap_add(&registry->waits, registry_wait_hash((uint32_t)sql_get_i32(rows, i, 1), sql_get_text(rows, i, 2)),
                  (uint64_t)sql_get_i64(rows, i, 0));
}

/* -- everything ----------------------------------------------------------------------------------------------------------- */

struct loading {
    struct sql_session *session;
    struct registry *registry;
    struct arena *arena; /* reset after each slice */
    struct earlier earlier;
    bool progress;
    uint64_t started_ns;
    size_t records;
};

static bool apply_slice(struct loading *load, enum sql_query query, const struct sql_result *rows, struct error *err) {
    switch (query) {
    case SQL_QUERY_LOAD_PERSONS:
        apply_persons(load->registry, rows);
        return true;
    case SQL_QUERY_LOAD_RECORDS:
        load->records += sql_rows(rows);
        if (load->progress)
            (void)fprintf(stderr, "\rloading the index: %zu records, %.1f s", load->records,
                          (double)(clock_mono_ns() - load->started_ns) / 1e9);
        return apply_records(load->registry, rows, load->arena, err);
    case SQL_QUERY_LOAD_ALIASES:
        apply_aliases(load->registry, rows);
        return true;
    case SQL_QUERY_LOAD_NEGATIVES:
        apply_negatives(load->registry, rows);
        return true;
    case SQL_QUERY_LOAD_TASKS:
        apply_tasks(load->registry, rows);
        return true;
    default:
        apply_waits(load->registry, rows);
        return true;
    }
}

static bool load_table(struct loading *load, enum sql_query query, struct error *err) {
    struct sql_cursor *cursor;
    if (!sql_cursor_open(load->session, query, NULL, SLICE, LOAD_TIMEOUT_MS, &cursor, err))
        return false;
    bool ok = true;
    for (;;) {
        const struct sql_result *rows;
        ok = sql_cursor_next(cursor, load->arena, &rows, err);
        if (!ok || sql_rows(rows) == 0)
            break;
        ok = apply_slice(load, query, rows, err);
        arena_reset(load->arena);
        if (!ok)
            break;
    }
    sql_cursor_close(cursor);
    return ok;
}

/* Earlier forms borrow from their slice and one record may span two: this table has an arena for itself. There are few. */
static bool load_earlier(struct loading *load, struct error *err) {
    struct sql_cursor *cursor;
    struct arena *arena = arena_new((size_t)8 << 30);
    bool ok = sql_cursor_open(load->session, SQL_QUERY_LOAD_EARLIER, NULL, SLICE, LOAD_TIMEOUT_MS, &cursor, err);
    while (ok) {
        const struct sql_result *rows;
        ok = sql_cursor_next(cursor, arena, &rows, err);
        if (!ok || sql_rows(rows) == 0) {
            sql_cursor_close(cursor);
            break;
        }
        ok = apply_earlier(load->registry, rows, arena, &load->earlier, err);
        if (!ok)
            sql_cursor_close(cursor);
    }
    earlier_finish(load->registry, &load->earlier);
    arena_free(arena);
    return ok;
}

static bool load_model(struct sql_session *session, struct arena *arena, struct match_model **out, struct error *err) {
    const struct sql_result *rows;
    if (!sql_query(session, SQL_QUERY_MODEL_ACTIVE, NULL, arena, FOLLOW_TIMEOUT_MS, &rows, err))
        return false;
    return match_model_read(sql_rows(rows) ? sql_get_text(rows, 0, 0) : match_model_shipped(), out, err);
}

/* A database without a model gets the shipped one. */
static bool install_model(struct sql_session *session, struct arena *arena, struct error *err) {
    const struct sql_result *rows;
    struct match_model *shipped;
    if (!sql_query(session, SQL_QUERY_MODEL_ACTIVE, NULL, arena, FOLLOW_TIMEOUT_MS, &rows, err))
        return false;
    if (sql_rows(rows))
        return true;
    if (!match_model_read(match_model_shipped(), &shipped, err))
        return false;
    struct sql_params *params = sql_params_new(arena);
    sql_param_text(params, match_model_hash(shipped));
    sql_param_text(params, match_model_name(shipped));
    sql_param_text(params, match_model_shipped());
    struct sql_step step = {.query = SQL_QUERY_MODEL_INSTALL, .params = params};
    bool ok = sql_run(session, SQL_WRITE, &step, 1, arena, FOLLOW_TIMEOUT_MS, NULL, err);
    match_model_free(shipped);
    return ok;
}

static bool load_all(struct loading *load, struct error *err) {
    static const enum sql_query tables[] = {SQL_QUERY_LOAD_PERSONS,   SQL_QUERY_LOAD_RECORDS, SQL_QUERY_LOAD_ALIASES,
                                            SQL_QUERY_LOAD_NEGATIVES, SQL_QUERY_LOAD_TASKS,   SQL_QUERY_LOAD_WAITS};
    const struct sql_result *last;
    if (!sql_query(load->session, SQL_QUERY_LOAD_CHANGE_NUMBER, NULL, load->arena, FOLLOW_TIMEOUT_MS, &last, err))
        return false;
    if (sql_rows(last)) {
        load->registry->change = (uint64_t)sql_get_i64(last, 0, 0);
        load->registry->change_by = (uint64_t)sql_get_i64(last, 0, 1);
    }
    if (!load_model(load->session, load->arena, &load->registry->model, err)) /* the one of that change */
        return false;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (!load_table(load, tables[i], err))
            return false;
    return load_earlier(load, err);
}

bool load_registry(struct sql_session *session, bool install, bool progress, struct registry **out, struct error *err) {
    struct loading load = {.session = session,
                           .arena = arena_new((size_t)1 << 30),
                           .registry = registry_new(1 << 16),
                           .progress = progress,
                           .started_ns = clock_mono_ns()};
    bool ok = (!install || install_model(session, load.arena, err)) && sql_snapshot_begin(session, LOAD_TIMEOUT_MS, err);
    if (ok) {
        ok = load_all(&load, err);
        sql_snapshot_end(session);
    }
    if (ok && progress)
        (void)fprintf(stderr, "\rindex loaded: %zu records in %.1f s\n", load.records,
                      (double)(clock_mono_ns() - load.started_ns) / 1e9);
    if (ok)
        log_info("index loaded", LOG_U64("records", load.records), LOG_U64("change", load.registry->change),
                 LOG_MS("took", (double)(clock_mono_ns() - load.started_ns) / 1e6));
    arena_free(load.arena);
    if (!ok) {
        registry_free(load.registry);
        return false;
    }
    *out = load.registry;
    return true;
}

/* -- what changed --------------------------------------------------------------------------------------------------------- */

struct load_changes {
    uint64_t last, last_by;
    bool domains;
    struct match_model *model; /* decides from one of these changes on; NULL: as before */
    struct arena *arena;
    VEC(int64_t) records, persons, tasks, negatives;
    struct sql_step steps[7];
};

enum { STEP_PERSONS, STEP_RECORDS, STEP_EARLIER, STEP_ALIASES, STEP_NEGATIVES, STEP_TASKS, STEP_WAITS, STEP_COUNT };

/* True when another model decides. */
static bool collect_changes(struct load_changes *changes, const struct sql_result *rows, size_t from) {
    bool model = false;
    for (size_t i = from; i < sql_rows(rows); i++) {
        changes->last = (uint64_t)sql_get_i64(rows, i, 0);
        changes->last_by = (uint64_t)sql_get_i64(rows, i, 7);
        changes->domains = changes->domains || sql_get_bool(rows, i, 5);
        model = model || sql_get_bool(rows, i, 6);
        const int64_t *ids;
        for (size_t j = 0, n = sql_get_i64_array(rows, i, 1, &ids); j < n; j++)
            VEC_ADD(changes->arena, changes->records, ids[j]);
        for (size_t j = 0, n = sql_get_i64_array(rows, i, 2, &ids); j < n; j++)
            VEC_ADD(changes->arena, changes->persons, ids[j]);
        for (size_t j = 0, n = sql_get_i64_array(rows, i, 3, &ids); j < n; j++)
            VEC_ADD(changes->arena, changes->tasks, ids[j]);
        for (size_t j = 0, n = sql_get_i64_array(rows, i, 4, &ids); j < n; j++)
            VEC_ADD(changes->arena, changes->negatives, ids[j]);
    }
    return model;
}

static void set_step(struct load_changes *changes, int at, enum sql_query query, const int64_t *ids, size_t count) {
    struct sql_params *params = sql_params_new(changes->arena);
    sql_param_i64_array(params, ids, count);
    changes->steps[at] = (struct sql_step){.query = query, .params = params};
}

/* Does what is read go on from what is in memory? Not when this server was away for too long, and not when the database is that of
 * an earlier time, of a standby that lagged behind, say: then numbers that are known here were never given, or are of others. */
static bool is_continued(const struct registry *registry, const struct sql_result *rows) {
    if (!registry->change)
        return !sql_rows(rows) || sql_get_i64(rows, 0, 0) == 1;
    return sql_rows(rows) && (uint64_t)sql_get_i64(rows, 0, 0) == registry->change &&
           (uint64_t)sql_get_i64(rows, 0, 7) == registry->change_by;
}

bool load_follow(struct sql_session *session, const struct registry *registry, struct arena *arena, struct load_changes **out,
                 struct error *err) {
    *out = NULL;
    struct sql_params *params = sql_params_new(arena);
    sql_param_i64(params, (int64_t)registry->change);
    const struct sql_result *rows;
    if (!sql_query(session, SQL_QUERY_LOAD_CHANGES, params, arena, FOLLOW_TIMEOUT_MS, &rows, err))
        return false;
    size_t from = registry->change > 0;
    if (!is_continued(registry, rows))
        return error_set(err, ERROR_RULE, "change", "change %llu is no longer kept, or another one now",
                         (unsigned long long)registry->change);
    if (sql_rows(rows) == from)
        return true;
    struct load_changes *changes = ARENA_NEW(arena, struct load_changes);
    changes->arena = arena;
    bool model = collect_changes(changes, rows, from);
    set_step(changes, STEP_PERSONS, SQL_QUERY_LOAD_PERSONS_CHANGED, changes->persons.items, changes->persons.count);
    set_step(changes, STEP_RECORDS, SQL_QUERY_LOAD_RECORDS_CHANGED, changes->records.items, changes->records.count);
    set_step(changes, STEP_EARLIER, SQL_QUERY_LOAD_EARLIER_CHANGED, changes->records.items, changes->records.count);
    set_step(changes, STEP_ALIASES, SQL_QUERY_LOAD_ALIASES_CHANGED, changes->records.items, changes->records.count);
    set_step(changes, STEP_NEGATIVES, SQL_QUERY_LOAD_NEGATIVES_CHANGED, changes->negatives.items, changes->negatives.count);
    set_step(changes, STEP_TASKS, SQL_QUERY_LOAD_TASKS_CHANGED, changes->tasks.items, changes->tasks.count);
    changes->steps[STEP_WAITS] = (struct sql_step){.query = SQL_QUERY_LOAD_WAITS};
    if (!sql_run(session, SQL_READ, changes->steps, STEP_COUNT, arena, FOLLOW_TIMEOUT_MS, NULL, err))
        return false;
    if (model && !load_model(session, arena, &changes->model, err))
        return false;
    *out = changes;
    return true;
}

bool load_changes_lists(const struct load_changes *changes) {
    return changes->domains;
}

void load_apply(struct registry *registry, const struct load_changes *changes) {
    struct error err;
    struct earlier earlier = {0};
    apply_persons(registry, changes->steps[STEP_PERSONS].result);
    bool ok = apply_records(registry, changes->steps[STEP_RECORDS].result, changes->arena, &err) &&
              apply_earlier(registry, changes->steps[STEP_EARLIER].result, changes->arena, &earlier, &err);
    must(ok); /* a form that the writer wrote cannot be damaged unless the database is */
    earlier_finish(registry, &earlier);
    apply_aliases(registry, changes->steps[STEP_ALIASES].result);
    apply_negatives(registry, changes->steps[STEP_NEGATIVES].result);
    apply_tasks(registry, changes->steps[STEP_TASKS].result);
    apply_waits(registry, changes->steps[STEP_WAITS].result);
    if (changes->model) {
        match_model_free(registry->model);
        registry->model = changes->model;
    }
    registry->change = changes->last;
    registry->change_by = changes->last_by;
}
