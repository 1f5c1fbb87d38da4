/* Reading the log of decisions about a record, for pages and commands. */
#include "identity/service.h"

static struct decision read_decision(const struct sql_result *rows, size_t i) {
    return (struct decision){.id = (uint64_t)sql_get_i64(rows, i, 0),
                             .at_us = sql_get_time(rows, i, 1),
                             .kind = sql_get_text(rows, i, 2),
                             .record_a = (uint64_t)sql_get_i64(rows, i, 3),
                             .record_b = (uint64_t)sql_get_i64(rows, i, 4),
                             .author = sql_get_text(rows, i, 5),
                             .second_author = sql_get_text(rows, i, 6),
                             .reason = sql_get_text(rows, i, 7),
                             .rule = sql_get_text(rows, i, 8),
                             .weight_bits = sql_get_double(rows, i, 9),
                             .posterior = sql_get_double(rows, i, 10),
                             .reasons = sql_get_text(rows, i, 11),
                             .undone_by = (uint64_t)sql_get_i64(rows, i, 12),
                             .task = (uint64_t)sql_get_i64(rows, i, 13),
                             .message_id = (uint64_t)sql_get_i64(rows, i, 14),
                             .undoable = sql_get_bool(rows, i, 15)};
}

bool identity_decisions(struct identity *identity, const struct asker *asker, uint64_t record, uint32_t most, struct arena *arena,
                        const struct decision **out, size_t *out_count, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    sql_param_i64(params, (int64_t)record);
    sql_param_i32(params, most ? (int32_t)most : 100);
    const struct sql_result *rows;
    if (!read_query(identity, SQL_QUERY_DECISION_LIST, params, arena, &rows, err))
        return false;
    struct decision *decisions = ARENA_ARRAY(arena, struct decision, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++)
        decisions[i] = read_decision(rows, i);
    if (!note_query(identity, asker, "decisions-read", record, 0, "", err))
        return false;
    *out = decisions;
    *out_count = sql_rows(rows);
    return true;
}
