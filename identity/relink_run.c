/* Runs as the door shows them: accepting, abandoning, listing, showing again; see relink.h. */
#include "base/clock.h"
#include "identity/service.h"

static bool order_run(struct identity *identity, const struct relink_order *order, struct arena *arena, struct error *err) {
    struct command command = {.kind = COMMAND_RELINK, .arena = arena, .relink = order};
    if (!order->run)
        return error_set(err, ERROR_MISSING, "run", "say which run; sosie relink --list shows them");
    if (span_is_empty(span_trim(order->author)) || span_is_empty(span_trim(order->reason)))
        return error_set(err, ERROR_MISSING, "author", "say who decides and why");
    lane_submit(identity, &command);
    if (command.err.code == ERROR_NONE)
        return true;
    *err = command.err;
    return false;
}

static bool no_such_run(uint64_t run, struct error *err) {
    return error_set(err, ERROR_UNKNOWN, "run", "there is no re-link run %llu; sosie relink --list shows them",
                     (unsigned long long)run);
}

/* The model is read here, so that the lane need not; it checks again that the run may begin. */
static bool read_model(struct identity *identity, uint64_t run, struct arena *arena, struct match_model **out, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    const struct sql_result *rows;
    sql_param_i64(params, (int64_t)run);
    if (!read_query(identity, SQL_QUERY_RELINK_READ, params, arena, &rows, err))
        return false;
    return sql_rows(rows) ? match_model_read(sql_get_text(rows, 0, 3), out, err) : no_such_run(run, err);
}

bool identity_relink_accept(struct identity *identity, uint64_t run, struct span author, struct span reason, struct arena *arena,
                            struct error *err) {
    struct match_model *model;
    bool took = false;
    if (!read_model(identity, run, arena, &model, err))
        return false;
    const struct relink_order order = {
        .run = run, .state = RELINK_RUNNING, .model = model, .author = author, .reason = reason, .took = &took};
    bool ok = order_run(identity, &order, arena, err);
    if (!took)
        match_model_free(model);
    return ok;
}

bool identity_relink_abandon(struct identity *identity, uint64_t run, struct span author, struct span reason, struct arena *arena,
                             struct error *err) {
    return order_run(identity,
                     &(const struct relink_order){.run = run, .state = RELINK_ABANDONED, .author = author, .reason = reason}, arena,
                     err);
}

static void read_counts(const struct sql_result *rows, size_t i, size_t column, struct relink_counts *out) {
    out->records = (uint64_t)sql_get_i64(rows, i, column);
    for (size_t act = 0; act < RELINK_ACT_COUNT; act++)
        out->acts[act] = (uint64_t)sql_get_i64(rows, i, column + 1 + act);
}

/* Of its pass: how the work is shared between the two depends on what there is to part. */
static double share_done(const struct sql_result *rows, size_t i, uint64_t last_record) {
    enum relink_phase phase = (enum relink_phase)sql_get_i16(rows, i, 17);
    if (phase == RELINK_THROUGH)
        return 1;
    return last_record ? (double)(sql_get_i64(rows, i, 18) - 1) / (double)last_record : 0;
}

static int64_t time_or_none(const struct sql_result *rows, size_t i, size_t column) {
    return sql_is_null(rows, i, column) ? 0 : sql_get_time(rows, i, column);
}

static struct relink_run read_run(const struct sql_result *rows, size_t i, uint64_t last_record) {
    struct relink_run run = {.id = (uint64_t)sql_get_i64(rows, i, 0),
                             .state = (enum relink_state)sql_get_i16(rows, i, 1),
                             .model_name = sql_get_text(rows, i, 2),
                             .model_hash = sql_get_text(rows, i, 3),
                             .before_name = sql_get_text(rows, i, 4),
                             .before_hash = sql_get_text(rows, i, 5),
                             .change = (uint64_t)sql_get_i64(rows, i, 6),
                             .previewed_us = sql_get_time(rows, i, 7),
                             .previewed_by = sql_get_text(rows, i, 8),
                             .accepted_us = time_or_none(rows, i, 14),
                             .accepted_by = sql_get_text(rows, i, 15),
                             .reason = sql_get_text(rows, i, 16),
                             .parting = (enum relink_phase)sql_get_i16(rows, i, 17) == RELINK_PART,
                             .share = share_done(rows, i, last_record),
                             .ended_us = time_or_none(rows, i, 24)};
    read_counts(rows, i, 9, &run.counts);
    read_counts(rows, i, 19, &run.done);
    return run;
}

bool identity_model(struct identity *identity, struct arena *arena, struct span *out_name, struct span *out_hash,
                    struct error *err) {
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    *out_name = span_copy(match_model_name(registry->model), arena);
    *out_hash = span_copy(match_model_hash(registry->model), arena);
    identity_read_unlock(identity);
    return true;
}

bool identity_relink_runs(struct identity *identity, uint64_t run, struct arena *arena, const struct relink_run **out,
                          size_t *out_count, struct error *err) {
    const struct sql_result *rows;
    struct sql_params *params = sql_params_new(arena);
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    uint64_t last_record = registry->last_record;
    identity_read_unlock(identity);
    sql_param_i64(params, (int64_t)run);
    if (!read_query(identity, SQL_QUERY_RELINK_LIST, params, arena, &rows, err))
        return false;
    struct relink_run *runs = ARENA_ARRAY(arena, struct relink_run, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++)
        runs[i] = read_run(rows, i, last_record);
    *out = runs;
    *out_count = sql_rows(rows);
    return true;
}

/* -- a preview once more ---------------------------------------------------------------------------------------------------- */

const struct sql_params *relink_note(const char *name, size_t count, struct span author, struct arena *arena) {
    struct sql_params *params = sql_params_new(arena);
    const int64_t now = clock_now_us(), none = 0;
    const struct span action = span_of(name), detail = span_of(arena_printf(arena, "%zu acts", count));
    sql_param_time_array(params, &now, 1);
    sql_param_text_array(params, &author, 1);
    sql_param_text_array(params, &action, 1);
    sql_param_i64_array(params, &none, 1);
    sql_param_i64_array(params, &none, 1);
    sql_param_i64_array(params, &none, 1);
    sql_param_text_array(params, &detail, 1);
    return params;
}

static struct relink_item read_item(const struct sql_result *rows, size_t i, struct arena *arena) {
    return (struct relink_item){.act = (enum relink_act)sql_get_i16(rows, i, 0),
                                .record_a = (uint64_t)sql_get_i64(rows, i, 1),
                                .record_b = (uint64_t)sql_get_i64(rows, i, 2),
                                .local_a = sql_get_text(rows, i, 3),
                                .local_b = sql_get_text(rows, i, 4),
                                .task = sql_get_i16(rows, i, 5),
                                .rule = span_cstr(sql_get_text(rows, i, 6), arena),
                                .weight_before = sql_get_double(rows, i, 7),
                                .weight_after = sql_get_double(rows, i, 8),
                                .posterior_before = sql_get_double(rows, i, 9),
                                .posterior_after = sql_get_double(rows, i, 10),
                                .zone_before = (uint8_t)sql_get_i16(rows, i, 11),
                                .zone_after = (uint8_t)sql_get_i16(rows, i, 12)};
}

/* The note first: nobody sees a list without it. */
static bool read_preview(struct sql_session *session, uint64_t run, struct span author, struct arena *arena,
                         struct relink_preview *out, struct error *err) {
    enum { SHOW_TIMEOUT_MS = 60000 };
    const struct sql_result *runs, *rows, *noted;
    struct sql_params *params = sql_params_new(arena);
    sql_param_i64(params, (int64_t)run);
    if (!sql_query(session, SQL_QUERY_RELINK_LIST, params, arena, SHOW_TIMEOUT_MS, &runs, err))
        return false;
    if (!run || !sql_rows(runs))
        return no_such_run(run, err);
    if (!sql_query(session, SQL_QUERY_RELINK_ITEMS_READ, params, arena, SHOW_TIMEOUT_MS, &rows, err) ||
        !sql_query(session, SQL_QUERY_INBOX_ADD, relink_note("relink-shown", sql_rows(rows), author, arena), arena, SHOW_TIMEOUT_MS,
                   &noted, err))
        return false;
    struct relink_item *items = ARENA_ARRAY(arena, struct relink_item, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++)
        items[i] = read_item(rows, i, arena);
    *out = (struct relink_preview){.run = read_run(runs, 0, 0), .items = items, .count = sql_rows(rows)};
    return true;
}

bool identity_relink_show(const struct identity_options *options, uint64_t run, struct span author, struct arena *arena,
                          struct relink_preview *out, struct error *err) {
    struct sql_session *session;
    if (!sql_connect(options->database_url, options->connect_timeout_ms, &session, err))
        return false;
    bool ok = sql_migration_check(session, err) && read_preview(session, run, author, arena, out, err);
    sql_close(session);
    return ok;
}
