/* What became of a transaction: deadlines, killed backends and servers, cut connections. */
#include "tests/unit/sql_fixture.h"

#include "base/clock.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* -- deadlines ------------------------------------------------------------------------------------------------------------- */

static void the_server_ends_a_slow_statement(void **state) {
    struct fixture *f = *state;
    struct sql_text_step steps[] = {insert(f, 1), step("SELECT pg_sleep(60)::text", NULL)};
    bool unknown = true;
    assert_false(run(f, SQL_WRITE, steps, 2, 2400, &unknown));
    assert_int_equal(f->err.code, ERROR_TIMEOUT);
    assert_false(unknown);
    assert_true(sql_session_ok(f->session));
    assert_int_equal(count_items(f), 0);
}

enum { NAPS = 120, NAP_TIMEOUT_MS = 800 };

/* Each nap is short enough for the server, all together are too long for us. */
static bool nap(struct fixture *f, bool *unknown) {
    struct sql_text_step steps[NAPS + 1] = {insert(f, 1)};
    for (size_t i = 1; i <= NAPS; i++)
        steps[i] = step("SELECT pg_sleep(0.1)::text", NULL);
    return run(f, SQL_WRITE, steps, NAPS + 1, NAP_TIMEOUT_MS, unknown);
}

static void the_client_gives_a_slow_pipeline_up(void **state) {
    struct fixture *f = *state;
    bool unknown = false;
    assert_false(nap(f, &unknown));
    assert_int_equal(f->err.code, ERROR_TIMEOUT);
    assert_true(unknown);
    assert_false(sql_session_ok(f->session));
    assert_false(nap(f, &unknown));
    assert_int_equal(f->err.code, ERROR_UNAVAILABLE);
    assert_false(unknown);
}

/* What was given up must not go on for long: its locks would outlive it, and its COMMIT would come when nobody asks any more. */
static void an_abandoned_transaction_ends_with_its_client(void **state) {
    struct fixture *f = *state;
    struct sql_session *other = connect_session();
    bool unknown = false, held = false;
    assert_true(sql_writer_try(f->session, &held, &f->err) && held);
    assert_false(nap(f, &unknown));
    assert_true(unknown);
    assert_true(sql_writer_try(other, &held, &f->err));
    assert_false(held); /* the server is still at it */
    sql_close(f->session);
    f->session = other;
    for (int i = 0; i < 2000 && !held; i++) {
        clock_sleep_ms(10);
        assert_true(sql_writer_try(other, &held, &f->err));
    }
    assert_true(held); /* now what stands, stands for good */
    assert_int_equal(count_items(f), 0);
}

static void the_limit_is_told_when_it_changes(void **state) {
    struct fixture *f = *state;
    struct sql_text_step show = step("SHOW statement_timeout", NULL);
    assert_true(run(f, SQL_WRITE, &show, 1, 8000, NULL));
    assert_span(sql_get_text(show.result, 0, 0), "7s");
    assert_true(run(f, SQL_READ, &show, 1, 0, NULL));
    assert_span(sql_get_text(show.result, 0, 0), "0");
}

/* -- lost connections ------------------------------------------------------------------------------------------------------ */

struct killer {
    int32_t pid;
    const char *where; /* wait_event of pg_stat_activity */
    const char *how;   /* function of pg */
};

/* Waits until the backend waits there, then does that to it. */
static void *kill_waiter(void *context) {
    struct killer *killer = context;
    char sql[512];
    snprintf(sql, sizeof sql,
             "SET statement_timeout = '60s'; DO $$ BEGIN"
             " WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %d AND wait_event = '%s') LOOP"
             " PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP;"
             " PERFORM %s(%d); END $$",
             killer->pid, killer->where, killer->how, killer->pid);
    test_postgres_run(postgres, sql);
    return NULL;
}

static bool run_and_be_killed(struct fixture *f, const char *where, const char *how, struct sql_text_step *steps, size_t count,
                              bool *unknown) {
    struct killer killer = {.pid = backend_pid(f), .where = where, .how = how};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, kill_waiter, &killer), 0);
    bool done = run(f, SQL_WRITE, steps, count, TIMEOUT_MS, unknown);
    pthread_join(thread, NULL);
    return done;
}

static void a_cancelled_statement_rolls_back(void **state) {
    struct fixture *f = *state;
    struct sql_text_step steps[] = {insert(f, 1), step("SELECT pg_sleep(60)::text", NULL), insert(f, 2)};
    bool unknown = true;
    assert_false(run_and_be_killed(f, "PgSleep", "pg_cancel_backend", steps, 3, &unknown));
    assert_int_equal(f->err.code, ERROR_TIMEOUT);
    assert_false(unknown);
    assert_true(sql_session_ok(f->session));
    assert_int_equal(count_items(f), 0);
}

/* The server's last word came for a step: COMMIT was not reached. */
static void a_terminated_backend_is_known_to_have_rolled_back(void **state) {
    struct fixture *f = *state;
    struct sql_text_step steps[] = {insert(f, 1), step("SELECT pg_sleep(60)::text", NULL), insert(f, 2)};
    bool unknown = true;
    assert_false(run_and_be_killed(f, "PgSleep", "pg_terminate_backend", steps, 3, &unknown));
    assert_int_equal(f->err.code, ERROR_UNAVAILABLE);
    assert_non_null(strstr(f->err.text, "57P01"));
    assert_false(unknown);
    assert_false(sql_session_ok(f->session));
    reconnect(f);
    assert_int_equal(count_items(f), 0);
}

static void *kill_cluster(void *context) {
    clock_sleep_ms(300);
    test_postgres_kill9(postgres);
    return NULL;
}

static void a_killed_server_leaves_the_fate_unknown(void **state) {
    struct fixture *f = *state;
    struct sql_text_step steps[] = {insert(f, 1), step("SELECT pg_sleep(60)::text", NULL)};
    bool unknown = false;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, kill_cluster, NULL), 0);
    assert_false(run(f, SQL_WRITE, steps, 2, TIMEOUT_MS, &unknown));
    pthread_join(thread, NULL);
    assert_int_equal(f->err.code, ERROR_UNAVAILABLE);
    assert_true(unknown);
    assert_false(sql_session_ok(f->session));
    struct sql_session *refused;
    assert_false(sql_connect(test_postgres_url(postgres), TIMEOUT_MS, &refused, &f->err));
    assert_int_equal(f->err.code, ERROR_UNAVAILABLE);
    test_postgres_restart(postgres);
    reconnect(f);
    assert_int_equal(count_items(f), 0);
}

/* A read has no fate. */
static void a_killed_read_is_only_unavailable(void **state) {
    struct fixture *f = *state;
    struct sql_text_step steps[] = {step("SELECT pg_sleep(60)::text", NULL)};
    bool unknown = true;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, kill_cluster, NULL), 0);
    assert_false(run(f, SQL_READ, steps, 1, TIMEOUT_MS, &unknown));
    pthread_join(thread, NULL);
    assert_false(unknown);
    test_postgres_restart(postgres);
}

static void a_server_that_went_while_idle_promised_nothing(void **state) {
    struct fixture *f = *state;
    test_postgres_halt(postgres);
    struct sql_text_step steps[] = {insert(f, 1)};
    bool unknown = true;
    assert_false(run(f, SQL_WRITE, steps, 1, TIMEOUT_MS, &unknown));
    assert_int_equal(f->err.code, ERROR_UNAVAILABLE);
    assert_false(unknown); /* its parting FATAL came for BEGIN */
    test_postgres_restart(postgres);
}

/* The wait for a synchronous standby can be cut short; PostgreSQL then says COMMIT, with a warning. */
static void a_commit_without_its_standby_is_no_commit(void **state) {
    struct fixture *f = *state;
    test_postgres_run(postgres, "ALTER ROLE sosie SET synchronous_commit = local"); /* our helpers need not wait */
    test_postgres_configure(postgres, "synchronous_standby_names = 'nobody'");
    test_postgres_halt(postgres);
    test_postgres_restart(postgres);
    reconnect(f);
    struct sql_text_step steps[] = {step("SET LOCAL synchronous_commit = on", NULL), insert(f, 1)};
    bool unknown = false;
    bool done = run_and_be_killed(f, "SyncRep", "pg_cancel_backend", steps, 2, &unknown);
    test_postgres_configure(postgres, "synchronous_standby_names = ''");
    test_postgres_run(postgres, "ALTER ROLE sosie RESET synchronous_commit");
    assert_false(done);
    assert_true(unknown);
    assert_false(sql_session_ok(f->session));
    assert_int_equal(f->err.code, ERROR_UNAVAILABLE);
    reconnect(f);
    assert_int_equal(count_items(f), 1);
}

/* -- a connection cut at any byte ------------------------------------------------------------------------------------------ */

/* Stands between one session and the server, and cuts both off after so many bytes of one direction. */
struct proxy {
    char folder[64];
    struct sockaddr_un address;
    int listener;
    pthread_t thread;
    size_t chunk;       /* most bytes to pass on at once */
    bool toward_server; /* the direction that is counted */
    size_t cut_after;   /* bytes in that direction, from when it is armed */
    atomic_bool armed;
    bool was_cut;
};

static struct sockaddr_un unix_address(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    return address;
}

/* Passes bytes on; false when the cut is due or a side has ended. */
static bool pass(struct proxy *proxy, int from, int to, bool counted, size_t *left) {
    char bytes[65536];
    ssize_t count = read(from, bytes, proxy->chunk);
    if (count <= 0)
        return false;
    size_t len = (size_t)count;
    if (counted && atomic_load(&proxy->armed)) {
        proxy->was_cut = len >= *left;
        len = proxy->was_cut ? *left : len;
        *left -= len;
    }
    for (size_t at = 0; at < len;) {
        ssize_t written = send(to, bytes + at, len - at, MSG_NOSIGNAL);
        if (written < 0)
            return false;
        at += (size_t)written;
    }
    return !proxy->was_cut;
}

static void *run_proxy(void *context) {
    struct proxy *proxy = context;
    struct sockaddr_un server = unix_address(test_postgres_socket(postgres));
    int client_fd = accept(proxy->listener, NULL, NULL);
    int server_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t left = proxy->cut_after;
    bool going = connect(server_fd, (const struct sockaddr *)&server, sizeof server) == 0;
    while (going) {
        struct pollfd both[] = {{.fd = client_fd, .events = POLLIN}, {.fd = server_fd, .events = POLLIN}};
        poll(both, 2, -1);
        if (both[0].revents)
            going = pass(proxy, client_fd, server_fd, proxy->toward_server, &left);
        if (going && both[1].revents)
            going = pass(proxy, server_fd, client_fd, !proxy->toward_server, &left);
    }
    close(client_fd);
    close(server_fd);
    return NULL;
}

static struct sql_session *proxy_start(struct proxy *proxy) {
    struct sql_session *session;
    struct error err = ERROR_INIT;
    char path[96], url[160];
    snprintf(proxy->folder, sizeof proxy->folder, "/tmp/sosie-cut-XXXXXX");
    assert_non_null(mkdtemp(proxy->folder));
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432", proxy->folder);
    proxy->address = unix_address(path);
    proxy->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(proxy->listener, (const struct sockaddr *)&proxy->address, sizeof proxy->address), 0);
    assert_int_equal(listen(proxy->listener, 1), 0);
    assert_int_equal(pthread_create(&proxy->thread, NULL, run_proxy, proxy), 0);
    snprintf(url, sizeof url, "host=%s user=sosie dbname=sosie application_name=cut", proxy->folder);
    if (!sql_connect(url, TIMEOUT_MS, &session, &err))
        fail_msg("%s: %s", err.where, err.text);
    return session;
}

/* After the session was closed. */
static void proxy_stop(struct proxy *proxy) {
    pthread_join(proxy->thread, NULL);
    close(proxy->listener);
    unlink(proxy->address.sun_path);
    rmdir(proxy->folder);
}

/* Whether the row of this round is there, once the server has ended the session of the round. */
static bool is_stored(struct fixture *f, int64_t id) {
    while (sql_get_bool(query(f, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'cut')", NULL), 0, 0))
        clock_sleep_ms(1);
    return sql_get_bool(query(f, "SELECT EXISTS (SELECT FROM item WHERE id = $1::bigint)", one_i64(f, id)), 0, 0);
}

struct tally {
    size_t done, done_though_cut, stored_unknown, lost_unknown;
};

/* One transaction through a proxy that cuts. Returns false when the exchange was too short to be cut. */
static bool round_with_cut(struct fixture *f, int64_t id, bool toward_server, size_t cut_after, struct tally *tally) {
    struct proxy proxy = {.chunk = 65536, .toward_server = toward_server, .cut_after = cut_after};
    struct sql_session *session = proxy_start(&proxy);
    struct sql_text_step steps[] = {insert(f, id), step("SELECT repeat('x', 100)", NULL)};
    bool unknown = false;
    struct error err = ERROR_INIT;
    atomic_store(&proxy.armed, true);
    bool done = sql_run_text(session, SQL_WRITE, steps, 2, f->arena, TIMEOUT_MS, &unknown, &err);
    bool ok = sql_session_ok(session);
    sql_close(session);
    proxy_stop(&proxy);
    bool stored = is_stored(f, id);
    if (stored ? !done && !unknown : done)
        fail_msg("cut after %zu bytes: done %d, unknown %d, stored %d", cut_after, done, unknown, stored);
    if (!done)
        assert_true(!ok && err.code == ERROR_UNAVAILABLE);
    tally->done += done;
    tally->done_though_cut += done && proxy.was_cut;
    tally->stored_unknown += unknown && stored;
    tally->lost_unknown += unknown && !stored;
    return proxy.was_cut;
}

/* Rule: what is called done is stored, what is called rolled back is not, wherever the connection breaks. */
static void a_cut_at_any_byte_never_lies(void **state) {
    enum { STRIDE = 5 };
    struct fixture *f = *state;
    struct tally tally = {0};
    int64_t id = 0;
    for (int direction = 0; direction < 2; direction++) {
        for (size_t cut_after = 0; round_with_cut(f, ++id, direction, cut_after, &tally); cut_after += STRIDE)
            continue;
    }
    if (tally.done < 2 || !tally.done_though_cut || !tally.stored_unknown || !tally.lost_unknown)
        fail_msg("of %d rounds: %zu done, of them %zu though cut; unknown: %zu stored, %zu lost", (int)id, tally.done,
                 tally.done_though_cut, tally.stored_unknown, tally.lost_unknown);
}

/* Any split of the stream gives the same rows. */
static void bytes_may_come_one_by_one(void **state) {
    struct fixture *f = *state;
    struct proxy proxy = {.chunk = 1, .cut_after = SIZE_MAX};
    struct sql_session *session = proxy_start(&proxy);
    struct sql_text_step steps[] = {insert(f, 1), insert(f, 1), step("SELECT repeat('x', 100)", NULL)};
    assert_false(sql_run_text(session, SQL_WRITE, steps, 3, f->arena, TIMEOUT_MS, NULL, &f->err));
    assert_non_null(strstr(f->err.text, "23505"));
    steps[1] = insert(f, 2);
    assert_true(sql_run_text(session, SQL_WRITE, steps, 3, f->arena, TIMEOUT_MS, NULL, &f->err));
    assert_int_equal(sql_get_text(steps[2].result, 0, 0).len, 100);
    sql_close(session);
    proxy_stop(&proxy);
    assert_int_equal(count_items(f), 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_server_ends_a_slow_statement),
        TEST(the_client_gives_a_slow_pipeline_up),
        TEST(an_abandoned_transaction_ends_with_its_client),
        TEST(the_limit_is_told_when_it_changes),
        TEST(a_cancelled_statement_rolls_back),
        TEST(a_terminated_backend_is_known_to_have_rolled_back),
        TEST(a_killed_server_leaves_the_fate_unknown),
        TEST(a_killed_read_is_only_unavailable),
        TEST(a_server_that_went_while_idle_promised_nothing),
        TEST(a_commit_without_its_standby_is_no_commit),
        TEST(a_cut_at_any_byte_never_lies),
        TEST(bytes_may_come_one_by_one),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
