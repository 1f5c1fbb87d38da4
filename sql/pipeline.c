/*
 * Running statements: everything of one call goes out in one pipeline and one round trip, however many statements.
 *
 *     [timeout] [prepare ...] sync   begin  step ... step  commit   sync
 *     `------ preparation ------'   `----------- work -------------'
 *
 * The preparation is sent only when something is to prepare; its own sync keeps it out of the transaction, where a snapshot taken
 * by parsing would forbid to choose the isolation level, and where ROLLBACK would take the timeout back. SQL_PLAIN has a sync
 * behind each step instead of begin and commit. After an error the server skips all up to the next sync; so a COMMIT is never
 * reached when a step before it failed.
 *
 * Sending and reading are one loop over a non-blocking socket: a server that stops reading because nobody reads its answers would
 * otherwise wait for us while we wait for it.
 *
 * The fate of COMMIT:
 *
 *     none --queued--> open --answered COMMIT---------------------------------> committed
 *                       |`----an error in or before it, with its SQLSTATE-----> rolled back
 *                       `-----connection lost, deadline passed, FATAL in COMMIT: stays open, out_unknown
 *
 * The server answers in order: an error that it sent for a step proves that COMMIT was not reached, also when the connection
 * ends with it. A connection that ends without a word proves nothing, for answers may have been lost on the way.
 */
#include "sql/internal.h"

#include "base/clock.h"
#include "base/vec.h"

#include <string.h>

enum entry_kind { ENTRY_PREPARE, ENTRY_STATEMENT, ENTRY_COMMIT, ENTRY_SYNC };

/* One thing queued that the server will answer. */
struct entry {
    enum entry_kind kind;
    const char *name;
    bool *prepared;                   /* ENTRY_PREPARE: taken back when it fails */
    const struct sql_result **result; /* NULL: its rows are of no interest */
};

enum fate { FATE_NONE, FATE_OPEN, FATE_COMMITTED, FATE_ROLLED_BACK };

struct pipeline {
    struct sql_session *session;
    struct arena *arena;
    uint64_t deadline_ns;
    VEC(struct entry) entries;
    size_t work_from; /* the first entry after the preparation */
    size_t at;        /* the entry whose answer is awaited */
    bool unsent;      /* libpq still holds bytes to send */
    bool ended;       /* the connection; what came before its end may still be read */
    bool failed;      /* error is filled */
    enum fate fate;
    struct error error;
};

enum { ROLLBACK_TIMEOUT_MS = 5000 };

static void pipeline_init(struct pipeline *p, struct sql_session *session, struct arena *arena, uint64_t deadline_ns) {
    *p = (struct pipeline){.session = session, .arena = arena, .deadline_ns = deadline_ns};
}

/* Only the first reason counts: the others follow from it. */
static bool fail_lost(struct pipeline *p, const char *where) {
    struct error later;
    sql_session_lost(p->session, where, p->failed ? &later : &p->error);
    p->failed = true;
    return false;
}

static bool fail_late(struct pipeline *p, const char *where) {
    struct error later;
    sql_session_late(p->session, where, p->failed ? &later : &p->error);
    p->failed = true;
    return false;
}

/* -- sending --------------------------------------------------------------------------------------------------------------- */

static bool queued(struct pipeline *p, int sent, struct entry entry) {
    if (!sent)
        return fail_lost(p, entry.name);
    VEC_ADD(p->arena, p->entries, entry);
    return true;
}

static bool queue_sync(struct pipeline *p) {
    return queued(p, PQpipelineSync(p->session->conn), (struct entry){.kind = ENTRY_SYNC, .name = "sync"});
}

static bool queue_prepare(struct pipeline *p, const struct sql_text_step *step) {
    if (!step->prepared || *step->prepared)
        return true;
    *step->prepared = true; /* at once: the same statement may come twice in one pipeline */
    return queued(p, PQsendPrepare(p->session->conn, step->name, step->text, 0, NULL),
                  (struct entry){.kind = ENTRY_PREPARE, .name = step->name, .prepared = step->prepared});
}

static int send_step(PGconn *conn, const struct sql_text_step *step) {
    static const struct sql_params none;
    const struct sql_params *with = step->params ? step->params : &none;
    if (step->prepared)
        return PQsendQueryPrepared(conn, step->name, with->count, with->values, with->lengths, with->formats, 1);
    return PQsendQueryParams(conn, step->text, with->count, NULL, with->values, with->lengths, with->formats, 1);
}

static bool queue_step(struct pipeline *p, const struct sql_text_step *step, enum entry_kind kind,
                       const struct sql_result **result) {
    return queued(p, send_step(p->session->conn, step), (struct entry){.kind = kind, .name = step->name, .result = result});
}

static bool queue_control(struct pipeline *p, enum sql_query query, enum entry_kind kind) {
    struct sql_text_step step = sql_step_of(p->session, query, NULL);
    return queue_step(p, &step, kind, NULL);
}

static bool prepare_control(struct pipeline *p, enum sql_query query) {
    struct sql_text_step step = sql_step_of(p->session, query, NULL);
    return queue_prepare(p, &step);
}

/* The server's limit is the stricter one: its answer comes in before we give the session up. It stays until it changes, so that a
 * caller with one timeout pays for it once. A transaction that is open keeps the limit that it began with. */
static bool queue_timeout(struct pipeline *p, uint32_t timeout_ms) {
    struct sql_session *session = p->session;
    uint32_t server_ms = timeout_ms - timeout_ms / 8;
    if (!session->is_set_up || session->in_snapshot || session->server_timeout_ms == server_ms)
        return true;
    session->server_timeout_ms = server_ms;
    struct sql_params *params = sql_params_new(p->arena);
    sql_param_text(params, span_of(arena_printf(p->arena, "%u", server_ms)));
    struct sql_text_step step = sql_step_of(session, SQL_QUERY_SESSION_TIMEOUT, params);
    return queue_prepare(p, &step) && queue_step(p, &step, ENTRY_STATEMENT, NULL);
}

static bool queue_preparation(struct pipeline *p, enum sql_mode mode, const struct sql_text_step *steps, size_t count,
                              uint32_t timeout_ms) {
    bool sent = queue_timeout(p, timeout_ms);
    if (mode != SQL_PLAIN)
        sent = sent &&
               prepare_control(p, mode == SQL_READ ? SQL_QUERY_TRANSACTION_BEGIN_READ : SQL_QUERY_TRANSACTION_BEGIN_WRITE) &&
               prepare_control(p, SQL_QUERY_TRANSACTION_COMMIT);
    for (size_t i = 0; i < count; i++)
        sent = sent && queue_prepare(p, &steps[i]);
    if (sent && p->entries.count)
        sent = queue_sync(p);
    p->work_from = p->entries.count;
    return sent;
}

static bool queue_transaction(struct pipeline *p, enum sql_mode mode, struct sql_text_step *steps, size_t count) {
    bool writing = mode == SQL_WRITE;
    bool sent = queue_control(p, writing ? SQL_QUERY_TRANSACTION_BEGIN_WRITE : SQL_QUERY_TRANSACTION_BEGIN_READ, ENTRY_STATEMENT);
    for (size_t i = 0; i < count; i++)
        sent = sent && queue_step(p, &steps[i], ENTRY_STATEMENT, &steps[i].result);
    if (sent && writing)
        p->fate = FATE_OPEN;
    return sent && queue_control(p, SQL_QUERY_TRANSACTION_COMMIT, writing ? ENTRY_COMMIT : ENTRY_STATEMENT) && queue_sync(p);
}

static bool queue_plain(struct pipeline *p, struct sql_text_step *steps, size_t count) {
    bool sent = true;
    for (size_t i = 0; i < count; i++) {
        sent = sent && queue_step(p, &steps[i], ENTRY_STATEMENT, &steps[i].result);
        if (!p->session->in_snapshot || i + 1 == count)
            sent = sent && queue_sync(p);
    }
    return sent;
}

/* -- reading --------------------------------------------------------------------------------------------------------------- */

/* Moves bytes, both ways. */
static bool exchange(struct pipeline *p, const char *where) {
    PGconn *conn = p->session->conn;
    if (p->ended)
        return fail_lost(p, where);
    if (!sql_session_wait(p->session, p->unsent, p->deadline_ns))
        return fail_late(p, where);
    if (!PQconsumeInput(conn))
        p->ended = true;
    if (p->unsent)
        p->unsent = PQflush(conn) == 1;
    return true;
}

static bool next_result(struct pipeline *p, const char *where, PGresult **out) {
    while (PQisBusy(p->session->conn)) {
        if (!exchange(p, where))
            return false;
    }
    *out = PQgetResult(p->session->conn);
    return true;
}

static bool is_fatal(const PGresult *pg) {
    const char *severity = PQresultErrorField(pg, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* Prepared statements that the server no longer has, or has for tables that changed since: only a new session helps. */
static bool is_stale(const char *sqlstate) {
    return strcmp(sqlstate, "26000") == 0 || strcmp(sqlstate, "0A000") == 0;
}

/* Returns false when the connection ends with this error. */
static bool take_error(struct pipeline *p, const struct entry *entry, const PGresult *pg) {
    const char *sqlstate = PQresultErrorField(pg, PG_DIAG_SQLSTATE);
    if (!sqlstate) /* libpq's own words */
        return fail_lost(p, entry->name);
    bool fatal = is_fatal(pg);
    bool skips_commit = entry->kind == ENTRY_COMMIT ? !fatal : fatal || p->at >= p->work_from;
    if (p->fate == FATE_OPEN && skips_commit)
        p->fate = FATE_ROLLED_BACK;
    if (entry->prepared)
        *entry->prepared = false;
    if (!p->failed)
        sql_error_set(&p->error, entry->name, pg);
    p->failed = true;
    if (fatal || is_stale(sqlstate))
        p->session->ok = false;
    return !fatal;
}

static void take_commit(struct pipeline *p, const struct entry *entry, PGresult *pg) {
    if (strcmp(PQcmdStatus(pg), "COMMIT") != 0) { /* tells so when there was nothing to commit */
        p->fate = FATE_ROLLED_BACK;
        p->failed = !error_set(&p->error, ERROR_INTERNAL, entry->name, "PostgreSQL rolled the transaction back");
    } else if (p->session->warned) {
        p->session->ok = false;
        p->failed = !error_set(&p->error, ERROR_UNAVAILABLE, entry->name, "the standby did not confirm the transaction in time");
    } else {
        p->fate = FATE_COMMITTED;
    }
}

static void take_success(struct pipeline *p, const struct entry *entry, PGresult *pg) {
    if (entry->kind == ENTRY_COMMIT)
        take_commit(p, entry, pg);
    if (entry->result)
        *entry->result = sql_result_new(p->arena, pg);
    else
        PQclear(pg);
}

/* Returns false when the connection is of no more use. */
static bool take_result(struct pipeline *p, const struct entry *entry, PGresult *pg) {
    switch (PQresultStatus(pg)) {
    case PGRES_EMPTY_QUERY:
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        take_success(p, entry, pg);
        return true;
    case PGRES_PIPELINE_ABORTED: /* skipped after an error */
        if (entry->prepared)
            *entry->prepared = false;
        PQclear(pg);
        return true;
    default:
        break;
    }
    bool goes_on = take_error(p, entry, pg);
    PQclear(pg);
    return goes_on;
}

/* A statement's answer is its result and a NULL. */
static bool read_statement(struct pipeline *p, const struct entry *entry) {
    PGresult *pg;
    p->session->warned = false;
    if (!next_result(p, entry->name, &pg))
        return false;
    if (!pg)
        return fail_lost(p, entry->name);
    if (!take_result(p, entry, pg) || !next_result(p, entry->name, &pg))
        return false;
    PQclear(pg);
    return !pg || fail_lost(p, entry->name);
}

/* A sync's answer is one result without a NULL, but an error may come before it: what waited for the end of a transaction, as a
 * deferred constraint does. */
static bool read_sync(struct pipeline *p, const struct entry *entry) {
    for (int nulls = 0; nulls < 2;) {
        PGresult *pg;
        if (!next_result(p, entry->name, &pg))
            return false;
        if (!pg) {
            nulls++;
        } else if (PQresultStatus(pg) == PGRES_PIPELINE_SYNC) {
            PQclear(pg);
            return true;
        } else if (!take_result(p, entry, pg)) {
            return false;
        }
    }
    return fail_lost(p, entry->name);
}

static bool read_all(struct pipeline *p) {
    p->unsent = PQflush(p->session->conn) == 1;
    for (; p->at < p->entries.count; p->at++) {
        const struct entry *entry = &p->entries.items[p->at];
        if (!(entry->kind == ENTRY_SYNC ? read_sync(p, entry) : read_statement(p, entry)))
            return false;
    }
    return true;
}

/* -- the whole ------------------------------------------------------------------------------------------------------------- */

static void roll_back(struct sql_session *session, struct arena *arena) {
    struct pipeline p;
    pipeline_init(&p, session, arena, clock_deadline(ROLLBACK_TIMEOUT_MS));
    bool done = prepare_control(&p, SQL_QUERY_TRANSACTION_ROLLBACK) &&
                queue_control(&p, SQL_QUERY_TRANSACTION_ROLLBACK, ENTRY_STATEMENT) && queue_sync(&p) && read_all(&p);
    if (!done || p.failed)
        session->ok = false;
}

/* What the failed call left behind must not be there for the next one. */
static void clean_up(struct pipeline *p) {
    struct sql_session *session = p->session;
    if (session->ok && !session->in_snapshot && PQtransactionStatus(session->conn) != PQTRANS_IDLE)
        roll_back(session, p->arena);
}

static bool conclude(struct pipeline *p, enum sql_mode mode, bool *out_unknown, struct error *err) {
    bool done = mode == SQL_WRITE ? p->fate == FATE_COMMITTED : !p->failed;
    if (!done)
        clean_up(p);
    if (out_unknown)
        *out_unknown = p->fate == FATE_OPEN;
    if (!done && err)
        *err = p->error;
    return done;
}

static bool queue_all(struct pipeline *p, enum sql_mode mode, struct sql_text_step *steps, size_t count, uint32_t timeout_ms) {
    must(!p->session->in_snapshot || mode == SQL_PLAIN);
    for (size_t i = 0; i < count; i++)
        steps[i].result = NULL;
    bool sent = p->session->ok || fail_lost(p, "session");
    return sent && queue_preparation(p, mode, steps, count, timeout_ms) &&
           (mode == SQL_PLAIN ? queue_plain(p, steps, count) : queue_transaction(p, mode, steps, count));
}

bool sql_run_text(struct sql_session *session, enum sql_mode mode, struct sql_text_step *steps, size_t count, struct arena *arena,
                  uint32_t timeout_ms, bool *out_unknown, struct error *err) {
    struct pipeline p;
    pipeline_init(&p, session, arena, sql_deadline(timeout_ms));
    if (queue_all(&p, mode, steps, count, timeout_ms) && !read_all(&p))
        session->ok = false;
    return conclude(&p, mode, out_unknown, err);
}

static struct sql_text_step *texts_of(struct sql_session *session, const struct sql_step *steps, size_t count,
                                      struct arena *arena) {
    struct sql_text_step *texts = ARENA_ARRAY(arena, struct sql_text_step, count);
    for (size_t i = 0; i < count; i++)
        texts[i] = sql_step_of(session, steps[i].query, steps[i].params);
    return texts;
}

bool sql_run(struct sql_session *session, enum sql_mode mode, struct sql_step *steps, size_t count, struct arena *arena,
             uint32_t timeout_ms, bool *out_unknown, struct error *err) {
    struct sql_text_step *texts = texts_of(session, steps, count, arena);
    bool done = sql_run_text(session, mode, texts, count, arena, timeout_ms, out_unknown, err);
    for (size_t i = 0; i < count; i++)
        steps[i].result = texts[i].result;
    return done;
}

struct sql_write {
    struct pipeline p;
    bool sent;
};

struct sql_write *sql_write_send(struct sql_session *session, const struct sql_step *steps, size_t count, struct arena *arena,
                                 uint32_t timeout_ms) {
    struct sql_write *write = ARENA_NEW(arena, struct sql_write);
    pipeline_init(&write->p, session, arena, sql_deadline(timeout_ms));
    write->sent = queue_all(&write->p, SQL_WRITE, texts_of(session, steps, count, arena), count, timeout_ms);
    write->p.unsent = write->sent && PQflush(session->conn) == 1;
    return write;
}

bool sql_write_answered(struct sql_write *write, int wake_fd) {
    struct pipeline *p = &write->p;
    if (!write->sent)
        return true;
    if (p->unsent)
        p->unsent = PQflush(p->session->conn) == 1;
    return sql_session_answers(p->session, p->unsent, wake_fd, p->deadline_ns);
}

bool sql_write_finish(struct sql_write *write, bool *out_unknown, struct error *err) {
    if (write->sent && !read_all(&write->p))
        write->p.session->ok = false;
    return conclude(&write->p, SQL_WRITE, out_unknown, err);
}

struct sql_text_step sql_step_of(struct sql_session *session, enum sql_query query, const struct sql_params *params) {
    must(query < SQL_QUERY_COUNT);
    const struct sql_query_text *text = &sql_query_texts[query];
    return (struct sql_text_step){.name = text->name, .text = text->text, .prepared = &session->prepared[query], .params = params};
}

bool sql_query(struct sql_session *session, enum sql_query query, const struct sql_params *params, struct arena *arena,
               uint32_t timeout_ms, const struct sql_result **out, struct error *err) {
    struct sql_step step = {.query = query, .params = params};
    if (!sql_run(session, SQL_PLAIN, &step, 1, arena, timeout_ms, NULL, err))
        return false;
    *out = step.result;
    return true;
}

bool sql_prepare(struct sql_session *session, enum sql_query query, uint32_t timeout_ms, struct error *err) {
    struct arena *arena = arena_new(0);
    struct pipeline p;
    pipeline_init(&p, session, arena, sql_deadline(timeout_ms));
    bool sent = (session->ok || fail_lost(&p, "session")) && prepare_control(&p, query) && queue_sync(&p);
    if (sent && !read_all(&p))
        session->ok = false;
    bool done = conclude(&p, SQL_PLAIN, NULL, err);
    arena_free(arena);
    return done;
}

/* -- scripts --------------------------------------------------------------------------------------------------------------- */

/* Several statements in one text are the simple protocol's, which the pipeline mode shuts out. */
bool sql_run_script(struct sql_session *session, const char *name, const char *text, uint32_t timeout_ms, struct error *err) {
    struct arena *arena = arena_new(0);
    struct entry entry = {.kind = ENTRY_STATEMENT, .name = name};
    struct pipeline p;
    pipeline_init(&p, session, arena, sql_deadline(timeout_ms));
    bool going = (session->ok && PQexitPipelineMode(session->conn) && PQsendQuery(session->conn, text)) || fail_lost(&p, name);
    if (going)
        p.unsent = PQflush(session->conn) == 1;
    for (PGresult *pg; going && (going = next_result(&p, name, &pg)) && pg;)
        going = take_result(&p, &entry, pg);
    if (!going || !PQenterPipelineMode(session->conn))
        session->ok = false;
    arena_free(arena);
    if (p.failed && err)
        *err = p.error;
    return !p.failed;
}
