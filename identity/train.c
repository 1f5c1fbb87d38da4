/* What a trainer reads (identity.h: identity_train_read): one snapshot, by cursors; nothing is written. */
#include "identity/identity.h"
#include "matcher/matcher.h"
#include "sql/sql.h"

enum { SLICE = 8192, CONNECT_TIMEOUT_MS = 5000, READ_TIMEOUT_MS = 600000 };

struct training {
    struct sql_session *session;
    struct arena *arena; /* of a slice */
    struct match_trainer *trainer;
    const struct identity_train_options *options;
    size_t *out_skipped;
    size_t records;
};

/* The active model's text, else that of the one shipped with this version. */
static bool begin(struct training *training, struct error *err) {
    const struct identity_train_options *o = training->options;
    const struct sql_result *rows;
    if (!sql_query(training->session, SQL_QUERY_MODEL_ACTIVE, NULL, training->arena, READ_TIMEOUT_MS, &rows, err))
        return false;
    const struct match_train_options options = {.active = sql_rows(rows) ? sql_get_text(rows, 0, 0) : match_model_shipped(),
                                                .name = o->name,
                                                .seed = o->seed,
                                                .tick = o->tick,
                                                .tick_context = o->tick_context};
    bool good = match_trainer_new(&options, &training->trainer, err);
    arena_reset(training->arena);
    return good;
}

/* A form of another version of the standard is not comparable: it is left out and counted. */
static void add_records(struct training *training, const struct sql_result *rows) {
    struct error ignored;
    for (size_t i = 0; i < sql_rows(rows); i++) {
        const struct match_form *form;
        if (match_form_read(sql_get_bytes(rows, i, 3), training->arena, &form, &ignored))
            match_trainer_add(training->trainer, (uint64_t)sql_get_i64(rows, i, 0), (uint64_t)sql_get_i64(rows, i, 1),
                              sql_get_i64(rows, i, 2) == 0, sql_get_text(rows, i, 4), form);
        else
            ++*training->out_skipped;
    }
    training->records += sql_rows(rows);
    if (training->options->tick)
        training->options->tick(training->options->tick_context, "reading", training->records, 0);
}

static void add_labels(struct training *training, const struct sql_result *rows) {
    for (size_t i = 0; i < sql_rows(rows); i++)
        match_trainer_label(training->trainer, (uint64_t)sql_get_i64(rows, i, 0), (uint64_t)sql_get_i64(rows, i, 1),
                            sql_get_bool(rows, i, 2));
}

static bool read_all(struct training *training, enum sql_query query,
                     void (*add)(struct training *training, const struct sql_result *rows), struct error *err) {
    struct sql_cursor *cursor;
    if (!sql_cursor_open(training->session, query, NULL, SLICE, READ_TIMEOUT_MS, &cursor, err))
        return false;
    bool good = true;
    for (;;) {
        const struct sql_result *rows;
        good = sql_cursor_next(cursor, training->arena, &rows, err);
        if (!good || sql_rows(rows) == 0)
            break;
        add(training, rows);
        arena_reset(training->arena);
    }
    sql_cursor_close(cursor);
    return good;
}

static bool read_snapshot(struct training *training, struct error *err) {
    if (!sql_migration_check(training->session, err) || !sql_snapshot_begin(training->session, READ_TIMEOUT_MS, err))
        return false;
    bool good = begin(training, err) && read_all(training, SQL_QUERY_TRAIN_RECORDS, add_records, err) &&
                read_all(training, SQL_QUERY_TRAIN_LABELS, add_labels, err);
    sql_snapshot_end(training->session);
    return good;
}

bool identity_train_read(const char *database_url, const struct identity_train_options *options, struct match_trainer **out,
                         size_t *out_skipped, struct error *err) {
    size_t skipped = 0;
    struct training training = {.options = options, .out_skipped = &skipped};
    if (!sql_connect(database_url, CONNECT_TIMEOUT_MS, &training.session, err))
        return false;
    training.arena = arena_new((size_t)1 << 30);
    bool good = read_snapshot(&training, err);
    arena_free(training.arena);
    sql_close(training.session);
    if (!good) {
        match_trainer_free(training.trainer);
        return false;
    }
    *out = training.trainer;
    *out_skipped = skipped;
    return true;
}
