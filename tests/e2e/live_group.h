/*
 * What most end-to-end tests share: one PostgreSQL for the program, and for each test a database with its scheme, the regional
 * domain and the hospital CHU, and a server beside it that does not run yet.
 */
#ifndef TESTS_E2E_LIVE_GROUP_H
#define TESTS_E2E_LIVE_GROUP_H

#include "base/stream.h"
#include "tests/support/adt_sender.h"
#include "tests/support/live_server.h"
#include "tests/support/test_postgres.h"
#include "tests/unit/cmocka_all.h"

#include <signal.h>

static struct test_postgres *postgres;
static const char *url;
static struct live_server server;
static struct live_answer said; /* by the last command */

static inline void run_well(const char *const *words) {
    live_run(&server, &said, words);
    if (said.exit_code != 0)
        fail_msg("sosie %s %s: exit %d\n%s%s", words[0], words[1] ? words[1] : "", said.exit_code, said.out, said.err);
}
/* sosie WORDS..., which must succeed. */
#define WELL(...) run_well((const char *const[]){__VA_ARGS__, NULL})

/* Its answer is still to come. */
static inline struct stream *send_on_new_connection(const char *message) {
    struct stream *stream = adt_connect(server.mllp_port);
    assert_non_null(stream);
    assert_true(adt_send(stream, message));
    return stream;
}

static inline int start_group(void **state) {
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    postgres = test_postgres_start(false);
    return 0;
}

static inline int end_group(void **state) {
    (void)state;
    test_postgres_stop(postgres);
    return 0;
}

static inline int setup(void **state) {
    (void)state;
    url = test_postgres_database(postgres, "live");
    live_make(&server, url, NULL);
    WELL("migrate");
    WELL("domain", "add", "REGION", "--kind", "regional", "--oid", "1.2.250.1.999.1");
    WELL("domain", "add", "CHU", "--kind", "hospital", "--oid", "1.2.250.1.999.2", "--finess", "990000018");
    return 0;
}

static inline int teardown(void **state) {
    (void)state;
    live_remove(&server);
    return 0;
}

#endif
