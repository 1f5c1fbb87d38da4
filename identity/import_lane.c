/* Imports in the lane: beginning, ending and releasing a run. See import.h. */
#include "identity/lane.h"

enum { IMPORT_TIMEOUT_MS = 10000 };

static bool ask(struct batch *batch, enum sql_query query, const struct sql_params *params, const struct sql_result **out,
                struct error *err) {
    return sql_query(batch->session, query, params, batch->arena, IMPORT_TIMEOUT_MS, out, err);
}

static bool find_open(struct batch *batch, struct span files, uint64_t *out_run, struct error *err) {
    struct sql_params *params = sql_params_new(batch->arena);
    const struct sql_result *rows;
    sql_param_text(params, files);
    if (!ask(batch, SQL_QUERY_IMPORT_OPEN, params, &rows, err))
        return false;
    *out_run = sql_rows(rows) ? (uint64_t)sql_get_i64(rows, 0, 0) : 0;
    return true;
}

static bool begin(struct batch *batch, struct import_row *row, struct error *err) {
    const struct import_order *order = row->order;
    const struct sql_result *rows;
    uint64_t open;
    if (!find_open(batch, order->files, &open, err))
        return false;
    if (open && !order->anew)
        return error_set(err, ERROR_RULE, "import",
                         "import %llu of these files did not end: --resume goes on with it, --anew begins another one",
                         (unsigned long long)open);
    if (!ask(batch, SQL_QUERY_IMPORT_LAST, NULL, &rows, err))
        return false;
    row->run = (uint64_t)sql_get_i64(rows, 0, 0) + 1;
    plan_audit(&batch->plan, "import-begin", 0, 0, "import %llu", (unsigned long long)row->run);
    return true;
}

static bool change(struct batch *batch, struct import_row *row, struct error *err) {
    struct sql_params *params = sql_params_new(batch->arena);
    const struct sql_result *rows;
    bool release = row->order->act == IMPORT_RELEASE;
    sql_param_i64(params, (int64_t)row->run);
    if (!ask(batch, SQL_QUERY_IMPORT_READ, params, &rows, err))
        return false;
    if (!sql_rows(rows))
        return error_set(err, ERROR_UNKNOWN, "import", "there is no import %llu; sosie import --list shows them",
                         (unsigned long long)row->run);
    if (sql_get_bool(rows, 0, release ? 1 : 0))
        return error_set(err, ERROR_RULE, "import", "import %llu %s", (unsigned long long)row->run,
                         release ? "is released already: the cell sees its tasks" : "ended already");
    if (release && !sql_get_bool(rows, 0, 0) && !row->order->unfinished)
        return error_set(err, ERROR_RULE, "import",
                         "import %llu did not end: the same command with --resume goes on with it; with --unfinished the cell sees "
                         "what there is",
                         (unsigned long long)row->run);
    plan_audit(&batch->plan, release ? "import-released" : "import-end", 0, 0, "import %llu", (unsigned long long)row->run);
    return true;
}

static bool settle(struct batch *batch, uint64_t *out_closed, struct error *err) {
    const struct sql_result *rows;
    if (!ask(batch, SQL_QUERY_IMPORT_SETTLED, NULL, &rows, err))
        return false;
    for (size_t i = 0; i < sql_rows(rows); i++)
        plan_close_task(&batch->plan, (uint64_t)sql_get_i64(rows, i, 0), "the messages took effect");
    *out_closed = sql_rows(rows);
    return true;
}

bool import_decide(struct batch *batch, const struct import_order *order, uint64_t *out_run, struct error *err) {
    struct import_row *row = ARENA_NEW(batch->arena, struct import_row);
    *row = (struct import_row){.order = order, .run = order->run};
    batch->plan.author = order->author;
    bool ok;
    if (order->act == IMPORT_SETTLE)
        return settle(batch, out_run, err);
    if (order->act == IMPORT_RESUME) {
        ok = find_open(batch, order->files, out_run, err);
        if (ok && !*out_run)
            return error_set(
                err, ERROR_UNKNOWN, "import",
                "no import of these files waits to be resumed: it ended (sosie import --list; --show N --report FILE), or is to be "
                "begun without --resume");
        return ok;
    }
    ok = order->act == IMPORT_BEGIN ? begin(batch, row, err) : change(batch, row, err);
    ok = ok && (order->act != IMPORT_END || settle(batch, out_run, err));
    batch->plan.import_row = ok ? row : NULL;
    *out_run = row->run;
    return ok;
}
