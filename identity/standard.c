/* See standard.h. */
#include "identity/standard.h"

#include "identity/plan.h"
#include "identity/traits.h"

#include <stdio.h>

enum { SLICE = 1000, SLICE_TIMEOUT_MS = 60000, NO_TIMEOUT = 0 };

struct renewal {
    struct sql_session *session;
    const struct identity_options *options;
    struct arena *arena; /* reset after each slice */
    int64_t record;      /* the key that was done last */
    int32_t version;
    uint64_t done, total;
};

static bool make_anew(struct renewal *renewal, const struct sql_result *rows, size_t i, struct span *out, struct error *err) {
    struct arena *arena = renewal->arena;
    struct traits traits;
    const struct match_form *form;
    struct buf bytes = {0};
    if (!traits_read(sql_get_text(rows, i, 2), arena, &traits, err))
        return false;
    struct match_traits compared = plan_compared(renewal->options, &traits, SPAN_ABSENT, "");
    if (!match_form_renew(sql_get_bytes(rows, i, 3), &compared, arena, &form, err))
        return false;
    buf_init(&bytes, 1 << 16);
    match_form_write(form, &bytes);
    must(buf_ok(&bytes));
    *out = buf_copy(&bytes, arena);
    buf_release(&bytes);
    return true;
}

static bool write_slice(struct renewal *renewal, const int64_t *records, const int32_t *versions, const struct span *forms,
                        size_t count, struct error *err) {
    struct sql_params *params = sql_params_new(renewal->arena);
    sql_param_i64_array(params, records, count);
    sql_param_i32_array(params, versions, count);
    sql_param_bytes_array(params, forms, count);
    const struct sql_result *ignored;
    return sql_query(renewal->session, SQL_QUERY_STANDARD_RENEW, params, renewal->arena, SLICE_TIMEOUT_MS, &ignored, err);
}

static bool renew_rows(struct renewal *renewal, const struct sql_result *rows, struct error *err) {
    size_t count = sql_rows(rows);
    int64_t *records = ARENA_ARRAY(renewal->arena, int64_t, count);
    int32_t *versions = ARENA_ARRAY(renewal->arena, int32_t, count);
    struct span *forms = ARENA_ARRAY(renewal->arena, struct span, count);
    for (size_t i = 0; i < count; i++) {
        records[i] = sql_get_i64(rows, i, 0);
        versions[i] = sql_get_i32(rows, i, 1);
        if (!make_anew(renewal, rows, i, &forms[i], err))
            return error_prefix(err, "record %lld, version %d", (long long)records[i], (int)versions[i]);
    }
    if (!write_slice(renewal, records, versions, forms, count, err))
        return false;
    renewal->record = records[count - 1];
    renewal->version = versions[count - 1];
    renewal->done += count;
    return true;
}

static bool read_slice(struct renewal *renewal, const struct sql_result **out, struct error *err) {
    struct sql_params *params = sql_params_new(renewal->arena);
    sql_param_i32(params, MATCH_STANDARD_VERSION);
    sql_param_i64(params, renewal->record);
    sql_param_i32(params, renewal->version);
    sql_param_i32(params, SLICE);
    return sql_query(renewal->session, SQL_QUERY_STANDARD_OLD, params, renewal->arena, NO_TIMEOUT, out, err);
}

static bool renew_all(struct renewal *renewal, struct error *err) {
    for (;;) {
        const struct sql_result *rows;
        if (!read_slice(renewal, &rows, err))
            return false;
        if (sql_rows(rows) == 0)
            return true;
        if (!renew_rows(renewal, rows, err))
            return false;
        arena_reset(renewal->arena);
        if (renewal->options->progress)
            (void)fprintf(stderr, "\rmaking forms anew: %llu of %llu", (unsigned long long)renewal->done,
                          (unsigned long long)renewal->total);
    }
}

static bool count_old(struct renewal *renewal, struct error *err) {
    const struct sql_result *rows;
    struct sql_params *params = sql_params_new(renewal->arena);
    sql_param_i32(params, MATCH_STANDARD_VERSION);
    if (!sql_query(renewal->session, SQL_QUERY_STANDARD_COUNT, params, renewal->arena, NO_TIMEOUT, &rows, err))
        return false;
    renewal->total = (uint64_t)sql_get_i64(rows, 0, 0);
    return true;
}

static bool become_writer(struct sql_session *session, struct error *err) {
    bool held = false;
    if (!sql_writer_try(session, &held, err))
        return false;
    return held || error_set(err, ERROR_UNAVAILABLE, "form",
                             "forms are to be made anew, but a server writes to this database (or it takes no writes); stop the "
                             "servers of the database first");
}

bool standard_renew(struct sql_session *session, const struct identity_options *options, uint64_t *out_count, struct error *err) {
    struct renewal renewal = {.session = session, .options = options, .arena = arena_new(0), .record = -1};
    bool ok = count_old(&renewal, err);
    if (ok && renewal.total > 0)
        ok = become_writer(session, err) && renew_all(&renewal, err);
    if (options->progress && renewal.done > 0)
        (void)fputc('\n', stderr);
    arena_free(renewal.arena);
    if (ok)
        *out_count = renewal.done;
    return ok;
}

bool standard_check(struct sql_session *session, struct error *err) {
    struct arena *arena = arena_new(0);
    const struct sql_result *rows;
    bool ok = sql_query(session, SQL_QUERY_STANDARD_LAST, NULL, arena, SLICE_TIMEOUT_MS, &rows, err);
    if (ok && sql_rows(rows) > 0 && sql_get_i32(rows, 0, 0) < MATCH_STANDARD_VERSION)
        ok = error_set(err, ERROR_UNAVAILABLE, "form",
                       "the stored forms are older than this program (%d, not %d); run `sosie migrate`",
                       (int)sql_get_i32(rows, 0, 0), MATCH_STANDARD_VERSION);
    arena_free(arena);
    return ok;
}
