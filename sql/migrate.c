/*
 * Bringing the scheme of a database up to date, forward only. What a database has had stands in schema_migration with the SHA-256
 * of each file, so that a file edited after release, or a database of a newer program, is noticed before anything is touched.
 *
 * Two that migrate at once: an advisory lock lets the second wait, and it then finds nothing left to do.
 */
#include "sql/internal.h"

#include "base/digest.h"

enum { CHECK_TIMEOUT_MS = 10000, NO_TIMEOUT = 0 };

/* -- what the database has, against what we have ------------------------------------------------------------------------- */

static bool row_fits(const struct sql_result *rows, size_t i, const struct sql_migration_text *migration, struct error *err) {
    char checksum[DIGEST_HEX];
    digest_sha256_hex(span_of(migration->text), checksum);
    if (sql_get_i32(rows, i, 0) == migration->version && span_eq_cstr(sql_get_text(rows, i, 2), checksum))
        return true;
    return error_set(err, ERROR_INTERNAL, migration->name,
                     "this migration was applied in another form; the database does not come from this program");
}

/* *out_count: how many of the list the database has had, from the first on. */
static bool compare(const struct sql_result *rows, const struct sql_migration_text *list, size_t count, size_t *out_count,
                    struct error *err) {
    size_t had = sql_rows(rows);
    for (size_t i = 0; i < had && i < count; i++) {
        if (!row_fits(rows, i, &list[i], err))
            return false;
    }
    if (had > count)
        return error_set(err, ERROR_INTERNAL, "schema",
                         "the database is at version %d and this program knows %d; use a newer program",
                         sql_get_i32(rows, had - 1, 0), count ? list[count - 1].version : 0);
    *out_count = had;
    return true;
}

static bool read_had(struct sql_session *session, const struct sql_migration_text *list, size_t count, struct arena *arena,
                     bool *out_found, size_t *out_count, struct error *err) {
    const struct sql_result *found, *rows;
    if (!sql_query(session, SQL_QUERY_SCHEMA_EXISTS, NULL, arena, CHECK_TIMEOUT_MS, &found, err))
        return false;
    *out_found = sql_get_bool(found, 0, 0);
    *out_count = 0;
    if (!*out_found)
        return true;
    return sql_query(session, SQL_QUERY_SCHEMA_LIST, NULL, arena, CHECK_TIMEOUT_MS, &rows, err) &&
           compare(rows, list, count, out_count, err);
}

/* -- applying -------------------------------------------------------------------------------------------------------------- */

static bool plain(struct sql_session *session, enum sql_query query, const struct sql_params *params, struct arena *arena,
                  struct error *err) {
    const struct sql_result *ignored;
    return sql_query(session, query, params, arena, NO_TIMEOUT, &ignored, err);
}

static bool note(struct sql_session *session, const struct sql_migration_text *migration, struct arena *arena, struct error *err) {
    char checksum[DIGEST_HEX];
    digest_sha256_hex(span_of(migration->text), checksum);
    struct sql_params *params = sql_params_new(arena);
    sql_param_i32(params, migration->version);
    sql_param_text(params, span_of(migration->name));
    sql_param_text(params, span_of(checksum));
    return plain(session, SQL_QUERY_SCHEMA_ADD, params, arena, err);
}

/* The transaction is opened, filled and closed in calls of their own: the script goes by another protocol. */
static bool apply(struct sql_session *session, const struct sql_migration_text *migration, struct arena *arena, struct error *err) {
    struct error ignored;
    if (!plain(session, SQL_QUERY_TRANSACTION_BEGIN_WRITE, NULL, arena, err))
        return false;
    bool done = sql_run_script(session, migration->name, migration->text, NO_TIMEOUT, err);
    if (done && PQtransactionStatus(session->conn) != PQTRANS_INTRANS)
        done = error_set(err, ERROR_INTERNAL, migration->name, "a migration must not begin or end transactions itself");
    done = done && note(session, migration, arena, err) && plain(session, SQL_QUERY_TRANSACTION_COMMIT, NULL, arena, err);
    if (!done && session->ok && PQtransactionStatus(session->conn) != PQTRANS_IDLE)
        plain(session, SQL_QUERY_TRANSACTION_ROLLBACK, NULL, arena, &ignored);
    return done;
}

static bool apply_missing(struct sql_session *session, const struct sql_migration_text *list, size_t count, struct arena *arena,
                          struct sql_migration_report *out, struct error *err) {
    bool found;
    size_t had;
    if (!read_had(session, list, count, arena, &found, &had, err))
        return false;
    if (!found && !plain(session, SQL_QUERY_SCHEMA_CREATE, NULL, arena, err))
        return false;
    *out = (struct sql_migration_report){.from_version = had ? list[had - 1].version : 0};
    out->to_version = out->from_version;
    for (size_t i = had; i < count; i++) {
        if (!apply(session, &list[i], arena, err))
            return false;
        out->applied++;
        out->to_version = list[i].version;
    }
    return true;
}

bool sql_migrate_list(struct sql_session *session, const struct sql_migration_text *list, size_t count,
                      struct sql_migration_report *out, struct error *err) {
    struct error ignored;
    struct arena *arena = arena_new(0);
    bool done = plain(session, SQL_QUERY_SCHEMA_LOCK, NULL, arena, err);
    if (done) {
        done = apply_missing(session, list, count, arena, out, err);
        if (session->ok)
            plain(session, SQL_QUERY_SCHEMA_UNLOCK, NULL, arena, &ignored);
    }
    arena_free(arena);
    return done;
}

bool sql_migration_check_list(struct sql_session *session, const struct sql_migration_text *list, size_t count, struct error *err) {
    struct arena *arena = arena_new(0);
    bool found;
    size_t had;
    bool done = read_had(session, list, count, arena, &found, &had, err);
    if (done && !found)
        done = error_set(err, ERROR_UNAVAILABLE, "schema", "the database holds no scheme yet; run `sosie migrate`");
    else if (done && had < count)
        done = error_set(err, ERROR_UNAVAILABLE, "schema",
                         "the database is older than this program (%zu of %zu migrations); run `sosie migrate`", had, count);
    arena_free(arena);
    return done;
}

bool sql_migrate(struct sql_session *session, struct sql_migration_report *out, struct error *err) {
    return sql_migrate_list(session, sql_migration_texts, sql_migration_count, out, err);
}

bool sql_migration_check(struct sql_session *session, struct error *err) {
    return sql_migration_check_list(session, sql_migration_texts, sql_migration_count, err);
}
