/*
 * All of PostgreSQL: sessions, pipelines, migrations, prepared statements. Knows rows, not patients.
 *
 * Statements are the files of sql/queries, one prepared statement each; the build turns their names into enum sql_query
 * (sql/queries/record_read.sql is SQL_QUERY_RECORD_READ). Parameters and results travel in PostgreSQL's binary format. Types of
 * parameters are those the statement's casts give ($1::bigint[]).
 *
 * A session belongs to one thread at a time. Calls have a deadline, timeout_ms after their begin; 0 means none. After a failure
 * sql_session_ok tells whether the session is still good (the server refused a statement: a duplicate key, a full disk, its own
 * time limit) or broken (the connection or our patience ended) and must be closed.
 *
 * Errors: ERROR_UNAVAILABLE for causes outside the request (server away, shutting down, read-only, disk full, deadlock),
 * ERROR_TIMEOUT for limits of time, ERROR_INTERNAL for the rest. Texts hold the SQLSTATE and never a value of a row.
 */
#ifndef SQL_SQL_H
#define SQL_SQL_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"
#include "sql_generated.h"

struct sql_session;
struct sql_result;

/* -- sessions ------------------------------------------------------------------------------------------------------------- */

/* url: a libpq connection string or URI. Connects within timeout_ms and sets the session up: UTC, UTF-8, synchronous commit, no
 * client messages on standard error, application_name "sosie" unless the url has another. Refuses a database that is not UTF-8
 * and a server older than PostgreSQL 15. Statements are prepared when first used. */
bool sql_connect(const char *url, uint32_t timeout_ms, struct sql_session **out, struct error *err);
/* The same for a server's start. *out_lasting on false: trying again will not help, for the url is malformed, or PostgreSQL
 * answered and knows no such database, does not let the role in, is too old or not UTF-8. */
bool sql_connect_first(const char *url, uint32_t timeout_ms, struct sql_session **out, bool *out_lasting, struct error *err);
/* Can libpq read it? Asks no server. */
bool sql_url_check(const char *url, struct error *err);
void sql_close(struct sql_session *session); /* NULL is fine */
/* From here on this session looks rows up by key, a few at a time, and plans for large tables (sql/queries/session_lookup.sql).
 * Sessions of a pool are set so already. */
bool sql_session_for_lookups(struct sql_session *session, struct error *err);
bool sql_session_ok(const struct sql_session *session);
bool sql_session_alive(struct sql_session *session); /* false when the server ended an idle session: looks without waiting */

/* -- parameters ----------------------------------------------------------------------------------------------------------- */

/* Parameters of one statement, in order $1, $2...; memory from the arena. Array elements of absent spans are NULL. */
struct sql_params;
struct sql_params *sql_params_new(struct arena *arena);
void sql_param_null(struct sql_params *params);
void sql_param_bool(struct sql_params *params, bool value);
void sql_param_i16(struct sql_params *params, int16_t value);
void sql_param_i32(struct sql_params *params, int32_t value);
void sql_param_i64(struct sql_params *params, int64_t value);
void sql_param_text(struct sql_params *params, struct span value); /* text, and jsonb or inet through a cast: $1::text::jsonb */
void sql_param_time(struct sql_params *params, int64_t at_us);     /* timestamptz, microseconds since 1970 UTC; INT64_MIN is NULL */
void sql_param_i16_array(struct sql_params *params, const int16_t *values, size_t count);
void sql_param_i32_array(struct sql_params *params, const int32_t *values, size_t count);
void sql_param_i64_array(struct sql_params *params, const int64_t *values, size_t count); /* INT64_MIN is NULL */
void sql_param_bool_array(struct sql_params *params, const bool *values, size_t count);
void sql_param_double_array(struct sql_params *params, const double *values, size_t count);
void sql_param_text_array(struct sql_params *params, const struct span *values, size_t count);
void sql_param_bytes_array(struct sql_params *params, const struct span *values, size_t count);
void sql_param_time_array(struct sql_params *params, const int64_t *at_us, size_t count);

/* -- results -------------------------------------------------------------------------------------------------------------- */

/* Rows of one statement; they live in the arena given to the call. Columns count from 0. Reading a column as another type than it
 * has is a bug. NULL reads as absent span, INT64_MIN (i16, i32: 0), NAN or false; sql_is_null tells. Spans are borrowed. */
size_t sql_rows(const struct sql_result *result);
int64_t sql_affected(const struct sql_result *result);
bool sql_is_null(const struct sql_result *result, size_t row, size_t column);
bool sql_get_bool(const struct sql_result *result, size_t row, size_t column);
int16_t sql_get_i16(const struct sql_result *result, size_t row, size_t column);
int32_t sql_get_i32(const struct sql_result *result, size_t row, size_t column);
int64_t sql_get_i64(const struct sql_result *result, size_t row, size_t column); /* also widens int2 and int4 */
double sql_get_double(const struct sql_result *result, size_t row, size_t column);
struct span sql_get_text(const struct sql_result *result, size_t row, size_t column);  /* text, varchar, json; not jsonb: cast it */
struct span sql_get_bytes(const struct sql_result *result, size_t row, size_t column); /* bytea */
int64_t sql_get_time(const struct sql_result *result, size_t row, size_t column);      /* microseconds since 1970 UTC */
/* bigint[] into the arena of the result. */
size_t sql_get_i64_array(const struct sql_result *result, size_t row, size_t column, const int64_t **out_values);

/* -- running -------------------------------------------------------------------------------------------------------------- */

struct sql_step {
    enum sql_query query;
    const struct sql_params *params; /* NULL: none */
    const struct sql_result *result; /* out; NULL when it failed or was not reached */
};

enum sql_mode {
    SQL_READ,  /* one read-only, repeatable-read snapshot for all steps */
    SQL_WRITE, /* BEGIN, the steps, COMMIT; any failure rolls all of it back */
    SQL_PLAIN, /* each step for itself: one that fails neither stops nor undoes the others; also within a snapshot, see below */
};

/* Runs the steps as ONE pipeline: one round trip, however many steps. Returns true when all succeeded and, for SQL_WRITE, COMMIT
 * returned. On false *err says why first (where = the statement's name) and: when *out_unknown is not set, the transaction was
 * rolled back; when it is, COMMIT was sent, the session is broken and the fate is unknown. The server may still be at work on it:
 * ask what stands only from a session for which sql_writer_try succeeded, for the lost one holds the lock until it is done.
 * out_unknown may be NULL. Deadlock-free for steps of any size (it reads while it writes). The server is told 7/8 of timeout_ms as
 * its limit for each statement, so that its own answer comes first and the session stays good. */
bool sql_run(struct sql_session *session, enum sql_mode mode, struct sql_step *steps, size_t count, struct arena *arena,
             uint32_t timeout_ms, bool *out_unknown, struct error *err);
/* sql_run with SQL_WRITE in two halves, so that the caller can do other things while the server works: send, then finish, exactly
 * once. In between the session does nothing else. answered: whether the server has begun to answer, so that finish will hardly wait
 * (also true when it is too late, or nothing could be sent). With wake_fd >= 0 it waits until that, or until wake_fd can be read.
 * The write lives in the arena. */
struct sql_write;
struct sql_write *sql_write_send(struct sql_session *session, const struct sql_step *steps, size_t count, struct arena *arena,
                                 uint32_t timeout_ms);
bool sql_write_answered(struct sql_write *write, int wake_fd);
bool sql_write_finish(struct sql_write *write, bool *out_unknown, struct error *err);
/* One statement in a transaction of its own, or in the snapshot that is open: for reads, and writes that may be repeated. */
bool sql_query(struct sql_session *session, enum sql_query query, const struct sql_params *params, struct arena *arena,
               uint32_t timeout_ms, const struct sql_result **out, struct error *err);

/* Streams a large result in slices of at most `slice` rows: open, next until a slice has no rows, close. All slices see one
 * snapshot. timeout_ms is that of each slice. Outside a snapshot the cursor makes its own, and until it is closed the session
 * runs SQL_PLAIN only. */
struct sql_cursor;
bool sql_cursor_open(struct sql_session *session, enum sql_query query, const struct sql_params *params, uint32_t slice,
                     uint32_t timeout_ms, struct sql_cursor **out, struct error *err);
bool sql_cursor_next(struct sql_cursor *cursor, struct arena *arena, const struct sql_result **out, struct error *err);
void sql_cursor_close(struct sql_cursor *cursor);
/* Several cursors over one snapshot: begin, open and close cursors and sql_run with SQL_PLAIN in between (to read the change
 * number that the rows belong to), end. After an error in it only the end remains. */
bool sql_snapshot_begin(struct sql_session *session, uint32_t timeout_ms, struct error *err);
void sql_snapshot_end(struct sql_session *session);

/* -- the writer's lock ---------------------------------------------------------------------------------------------------- */

/* Tries to take the session-level advisory lock that makes its holder the one writer. *out_held is false when another session has
 * it or the database takes no writes (a standby, default_transaction_read_only). The lock lives as long as the session. */
bool sql_writer_try(struct sql_session *session, bool *out_held, struct error *err);

/* -- migrations ----------------------------------------------------------------------------------------------------------- */

struct sql_migration_report {
    int from_version, to_version;
    size_t applied;
};

/* Brings the database to the newest scheme, each migration in one transaction with its checksum recorded; refuses a database whose
 * recorded checksums differ from ours or that is newer than we are. */
bool sql_migrate(struct sql_session *session, struct sql_migration_report *out, struct error *err);
/* For servers: the database must be exactly at our newest version. */
bool sql_migration_check(struct sql_session *session, struct error *err);

/* -- read sessions -------------------------------------------------------------------------------------------------------- */

/* A small pool of sessions for queries. take waits at most timeout_ms; give returns it (a broken session is closed and replaced
 * at the next take). */
struct sql_pool;
struct sql_pool *sql_pool_new(const char *url, uint32_t size, uint32_t connect_timeout_ms);
void sql_pool_free(struct sql_pool *pool);
bool sql_pool_take(struct sql_pool *pool, uint32_t timeout_ms, struct sql_session **out, struct error *err);
void sql_pool_give(struct sql_pool *pool, struct sql_session *session);

#endif
