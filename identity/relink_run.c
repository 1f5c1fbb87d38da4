/* Runs as the door shows them: accepting, abandoning, listing; see relink.h. */
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

/* The model is read here, so that the lane need not; it checks again that the run may begin. */
static bool read_model(struct identity *identity, uint64_t run, struct arena *arena, struct match_model **out, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    const struct sql_result *rows;
    sql_param_i64(params, (int64_t)run);
    if (!read_query(identity, SQL_QUERY_RELINK_READ, params, arena, &rows, err))
        return false;
    if (!sql_rows(rows))
        return error_set(err, ERROR_UNKNOWN, "run", "there is no re-link run %llu; sosie relink --list shows them",
                         (unsigned long long)run);
    return match_model_read(sql_get_text(rows, 0, 3), out, err);
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

/* Nearly all of the work is in matching. */
static double share_done(const struct sql_result *rows, size_t i, uint64_t last_record) {
    enum relink_phase phase = (enum relink_phase)sql_get_i16(rows, i, 17);
    if (phase == RELINK_THROUGH)
        return 1;
    return phase == RELINK_MATCH && last_record ? (double)(sql_get_i64(rows, i, 18) - 1) / (double)last_record : 0;
}

static int64_t time_or_none(const struct sql_result *rows, size_t i, size_t column) {
    return sql_is_null(rows, i, column) ? 0 : sql_get_time(rows, i, column);
}

bool identity_relink_runs(struct identity *identity, struct arena *arena, const struct relink_run **out, size_t *out_count,
                          struct error *err) {
    const struct sql_result *rows;
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    uint64_t last_record = registry->last_record;
    identity_read_unlock(identity);
    if (!read_query(identity, SQL_QUERY_RELINK_LIST, NULL, arena, &rows, err))
        return false;
    struct relink_run *runs = ARENA_ARRAY(arena, struct relink_run, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++) {
        runs[i] = (struct relink_run){.id = (uint64_t)sql_get_i64(rows, i, 0),
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
                                      .share = share_done(rows, i, last_record),
                                      .ended_us = time_or_none(rows, i, 24)};
        read_counts(rows, i, 9, &runs[i].counts);
        read_counts(rows, i, 19, &runs[i].done);
    }
    *out = runs;
    *out_count = sql_rows(rows);
    return true;
}
