/* Runs of re-linking and importing as SQL; see store_rows.h. */
#include "identity/relink_walk.h"
#include "identity/store_rows.h"

static void add_model(struct statements *to, const struct relink_row *row) {
    sql_param_text(step(to, SQL_QUERY_MODEL_RETIRE), match_model_hash(row->model));
    sql_param_text(step(to, SQL_QUERY_MODEL_ACTIVATE), match_model_hash(row->model));
    struct sql_params *params = step(to, SQL_QUERY_RELINK_ACCEPT);
    sql_param_i64(params, (int64_t)row->run);
    sql_param_text(params, row->author);
    sql_param_text(params, row->reason);
    sql_param_time(params, to->plan->now_us);
}

static void add_walk(struct statements *to, const struct relink_row *row) {
    const struct relink_walk *walk = row->walk;
    struct sql_params *params = step(to, SQL_QUERY_RELINK_PROGRESS);
    sql_param_i64(params, (int64_t)row->run);
    sql_param_i16(params, (int16_t)walk->place.phase);
    sql_param_i64(params, (int64_t)walk->place.next);
    sql_param_i64(params, (int64_t)walk->counts.records);
    for (size_t i = 0; i < RELINK_ACT_COUNT; i++)
        sql_param_i64(params, (int64_t)walk->counts.acts[i]);
    sql_param_bool(params, walk->place.phase == RELINK_THROUGH);
    sql_param_time(params, to->plan->now_us);
}

void store_relink(struct statements *to) {
    const struct relink_row *row = to->plan->relink_row;
    if (row && row->model) {
        add_model(to, row);
    } else if (row && row->walk) {
        add_walk(to, row);
    } else if (row) {
        struct sql_params *params = step(to, SQL_QUERY_RELINK_ABANDON);
        sql_param_i64(params, (int64_t)row->run);
        sql_param_time(params, to->plan->now_us);
    }
}

void store_import_lines(struct statements *to) {
    struct plan *plan = to->plan;
    struct import_line_row *rows = plan->import_lines.items;
    size_t n = plan->import_lines.count;
    if (!n)
        return;
    struct sql_params *params = step(to, SQL_QUERY_BATCH_IMPORT_LINES);
    I64(rows, n, row->place.run);
    I64(rows, n, row->place.number);
    I16(rows, n, row->place.file);
    I64(rows, n, row->place.line);
    I64(rows, n, row->place.mark);
    TEXT(rows, n, row->control_id);
    TEXT(rows, n, row->event);
    I64(rows, n, row->message);
    I16(rows, n, row->result);
    I16(rows, n, row->error_code);
    TEXT(rows, n, row->error_where);
    TEXT(rows, n, row->error_text);
    FLAG(rows, n, row->repeated);
    FLAG(rows, n, row->created);
    I32(rows, n, row->task_kinds);
}

void store_import(struct statements *to) {
    static const enum sql_query queries[] = {
        [IMPORT_BEGIN] = SQL_QUERY_IMPORT_BEGIN, [IMPORT_END] = SQL_QUERY_IMPORT_END, [IMPORT_RELEASE] = SQL_QUERY_IMPORT_RELEASE};
    const struct import_row *row = to->plan->import_row;
    if (!row)
        return;
    const struct import_order *order = row->order;
    struct sql_params *params = step(to, queries[order->act]);
    sql_param_i64(params, (int64_t)row->run);
    if (order->act == IMPORT_BEGIN) {
        sql_param_text(params, order->files);
        sql_param_i64(params, (int64_t)order->bytes);
        sql_param_text(params, order->author);
    }
    sql_param_time(params, to->plan->now_us);
    if (order->act == IMPORT_BEGIN)
        sql_param_bool(params, order->held);
    else
        sql_param_text(params, there(order->act == IMPORT_END ? order->findings : order->author));
}
