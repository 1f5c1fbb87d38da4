/*
 * A session: one connection, set up once, non-blocking and in libpq's pipeline mode from then on. Waiting is done here and
 * only here, by poll with a deadline.
 */
#include "sql/internal.h"

#include "base/clock.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>

enum { OLDEST_SERVER = 150000, SETUP_ARENA_BYTES = 1024 * 1024 };

uint64_t sql_deadline(uint32_t timeout_ms) {
    return timeout_ms ? clock_deadline(timeout_ms) : 0;
}

bool sql_session_ok(const struct sql_session *session) {
    return session->ok;
}

bool sql_session_lost(struct sql_session *session, const char *where, struct error *err) {
    session->ok = false;
    return error_set(err, ERROR_UNAVAILABLE, where, "the connection to PostgreSQL was lost");
}

bool sql_session_late(struct sql_session *session, const char *where, struct error *err) {
    session->ok = false;
    return error_set(err, ERROR_TIMEOUT, where, "PostgreSQL did not answer in time");
}

static int wait_fd(int fd, short events, uint64_t deadline_ns) {
    struct pollfd wanted = {.fd = fd, .events = events};
    for (;;) {
        int count = poll(&wanted, 1, deadline_ns ? clock_left_ms(deadline_ns) : -1);
        if (count >= 0)
            return count;
        must(errno == EINTR);
    }
}

/* Bytes that TLS has decrypted and libpq has not yet fetched: the socket says nothing of them. */
static bool tls_holds_bytes(PGconn *conn) {
    SSL *ssl = PQsslInUse(conn) ? PQsslStruct(conn, "OpenSSL") : NULL;
    return ssl && SSL_pending(ssl) > 0;
}

int sql_session_wait(struct sql_session *session, bool writing, uint64_t deadline_ns) {
    if (tls_holds_bytes(session->conn))
        return 1;
    return wait_fd(PQsocket(session->conn), writing ? POLLIN | POLLOUT : POLLIN, deadline_ns);
}

bool sql_session_answers(struct sql_session *session, bool writing, int wake_fd, uint64_t deadline_ns) {
    if (tls_holds_bytes(session->conn))
        return true;
    struct pollfd fds[] = {{.fd = PQsocket(session->conn), .events = writing ? POLLIN | POLLOUT : POLLIN},
                           {.fd = wake_fd, .events = POLLIN}};
    int left_ms = wake_fd < 0 ? 0 : deadline_ns ? clock_left_ms(deadline_ns) : -1;
    bool some = poll(fds, 2, left_ms) > 0;
    return (some && (fds[0].revents & ~POLLOUT)) || (deadline_ns && clock_left_ms(deadline_ns) == 0);
}

/* A server that closes an idle session may say why before: that is read as a notice, and the end only by the next look. */
bool sql_session_alive(struct sql_session *session) {
    while (session->ok && wait_fd(PQsocket(session->conn), POLLIN, clock_deadline(0)) > 0) {
        if (!PQconsumeInput(session->conn))
            session->ok = false;
        PQisBusy(session->conn); /* parses */
    }
    return session->ok;
}

/* -- connecting ------------------------------------------------------------------------------------------------------------ */

/* libpq's message names hosts, roles and databases, never a password; its first line says enough. The SQLSTATE stands in it alone
 * (see connect_start): "FATAL:  3D000: database "x" does not exist". Class 28: the role is not let in. */
static bool refuse(PGconn *conn, bool *out_lasting, struct error *err) {
    static const char fatal[] = "FATAL:  ";
    const char *message = PQerrorMessage(conn), *at = strstr(message, fatal), *state = at ? at + sizeof fatal - 1 : "";
    bool coded = strlen(state) > 7 && state[5] == ':';
    const char *rest = coded ? state + 7 : message;
    *out_lasting = coded && (strncmp(state, "3D000", 5) == 0 || strncmp(state, "28", 2) == 0);
    int head_len = coded ? (int)(at - message) : 0, line_len = (int)strcspn(rest, "\n");
    head_len = head_len > 110 ? 110 : head_len;
    return error_set(err, ERROR_UNAVAILABLE, "database", "%.*s%.*s", head_len, message, line_len > 120 ? 120 : line_len, rest);
}

static bool connect_wait(PGconn *conn, uint64_t deadline_ns, bool *out_lasting, struct error *err) {
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED || PQsocket(conn) < 0)
            return refuse(conn, out_lasting, err);
        if (!wait_fd(PQsocket(conn), state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_ns))
            return error_set(err, ERROR_TIMEOUT, "database", "PostgreSQL did not accept the connection in time");
        state = PQconnectPoll(conn);
    }
    return true;
}

/* libpq would repeat a malformed url in its message, and with it the password. */
bool sql_url_check(const char *url, struct error *err) {
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    if (!options)
        return error_set(err, ERROR_UNAVAILABLE, "database",
                         "the connection string of the database is malformed; it is written postgresql://USER@HOST/DATABASE or "
                         "host=HOST dbname=DATABASE user=USER");
    PQconninfoFree(options);
    return true;
}

/* Names before dbname are defaults that the url may override, names after it override the url. */
static PGconn *connect_start(const char *url) {
    static const char *const names[] = {"keepalives_idle",           "keepalives_interval",
                                        "keepalives_count",          "tcp_user_timeout",
                                        "fallback_application_name", "dbname",
                                        "client_encoding",           NULL};
    const char *const values[] = {"15", "5", "3", "30000", "sosie", url, "UTF8", NULL};
    PGconn *conn = PQconnectStartParams(names, values, 1);
    must(conn);
    (void)PQsetErrorVerbosity(conn, PQERRORS_VERBOSE); /* the only way to the SQLSTATE of a refusal, before there is a result */
    return conn;
}

static bool server_fits(PGconn *conn, struct error *err) {
    const char *encoding = PQparameterStatus(conn, "server_encoding");
    if (PQserverVersion(conn) < OLDEST_SERVER)
        return error_set(err, ERROR_UNAVAILABLE, "database", "PostgreSQL is older than 15; upgrade the server");
    if (!encoding || !span_eq_cstr(span_of(encoding), "UTF8"))
        return error_set(err, ERROR_UNAVAILABLE, "database", "the database is not encoded in UTF8; create it with encoding UTF8");
    return true;
}

/* Notices stay unread but for two. A warning that comes with COMMIT says that the transaction is on this disk and nowhere else
 * (the wait for a synchronous standby was cut short), which is less than was promised. A last word to an idle session comes as a
 * notice too. */
static void on_notice(void *context, const PGresult *notice) {
    struct sql_session *session = context;
    struct span severity = span_of(PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED));
    if (span_eq(severity, SPAN("WARNING")))
        session->warned = true;
    if (span_eq(severity, SPAN("FATAL")) || span_eq(severity, SPAN("PANIC")))
        session->ok = false;
}

static bool set_up(struct sql_session *session, uint64_t deadline_ns, bool *out_lasting, struct error *err) {
    PQsetNoticeReceiver(session->conn, on_notice, session);
    *out_lasting = !server_fits(session->conn, err);
    if (*out_lasting)
        return false;
    if (PQsetnonblocking(session->conn, 1) != 0 || !PQenterPipelineMode(session->conn))
        return refuse(session->conn, out_lasting, err);
    struct arena *arena = arena_new(SETUP_ARENA_BYTES);
    struct sql_text_step step = sql_step_of(session, SQL_QUERY_SESSION_SETUP, NULL);
    step.prepared = NULL; /* used once */
    uint32_t left_ms = deadline_ns ? (uint32_t)clock_left_ms(deadline_ns) + 1 : 0;
    bool done = sql_run_text(session, SQL_PLAIN, &step, 1, arena, left_ms, NULL, err);
    arena_free(arena);
    session->is_set_up = done;
    return done;
}

bool sql_connect_first(const char *url, uint32_t timeout_ms, struct sql_session **out, bool *out_lasting, struct error *err) {
    uint64_t deadline_ns = sql_deadline(timeout_ms);
    *out_lasting = !sql_url_check(url, err);
    if (*out_lasting)
        return false;
    struct sql_session *session = mem_alloc(sizeof *session);
    session->conn = connect_start(url);
    session->ok = true;
    if (!connect_wait(session->conn, deadline_ns, out_lasting, err) || !set_up(session, deadline_ns, out_lasting, err)) {
        sql_close(session);
        return false;
    }
    *out = session;
    return true;
}

bool sql_connect(const char *url, uint32_t timeout_ms, struct sql_session **out, struct error *err) {
    bool ignored;
    return sql_connect_first(url, timeout_ms, out, &ignored, err);
}

void sql_close(struct sql_session *session) {
    if (!session)
        return;
    PQfinish(session->conn);
    mem_free(session);
}

bool sql_session_for_lookups(struct sql_session *session, struct error *err) {
    struct arena *arena = arena_new(0);
    const struct sql_result *row;
    bool ok = sql_query(session, SQL_QUERY_SESSION_LOOKUP, NULL, arena, 5000, &row, err);
    arena_free(arena);
    return ok;
}
