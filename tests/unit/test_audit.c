/* The audit trail and its chain against a real PostgreSQL: what comes late. */
#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "tests/support/identity_fixture.h"

static struct identity_fixture fixture;

static int start(void **state) {
    fixture_start(&fixture);
    return 0;
}

static int stop(void **state) {
    clock_set_test(0);
    fixture_stop(&fixture);
    return 0;
}

static void assert_chain_whole(void) {
    struct error err = ERROR_INIT;
    struct buf report = {0};
    buf_init(&report, 4096);
    if (!identity_check_audit(fixture.identity, &report, &err))
        fail_msg("%s", err.text);
    buf_release(&report);
}

static void feed_at(const char *local_id, int64_t at_us) {
    struct somebody who = somebody("PRIGENT", "MAELLE", "19771103", "F");
    clock_set_test(at_us);
    assert_int_equal(send_traits(&fixture, FEED_CREATE, "CHU-NORD", local_id, &who).result, FEED_ACCEPTED);
}

/* The clock steps back over the end of a month, as the notes of a query do that are chained after it: when the old month goes, by
 * retention, it must not take a link out of the middle of the chain. */
static void months_follow_one_another(void **state) {
    const int64_t march_2090_us = (int64_t)3792009600 * 1000000;
    feed_at("1", march_2090_us + 1000000);
    feed_at("2", march_2090_us - 1000000);
    feed_at("3", march_2090_us + 2000000);
    assert_chain_whole();
    test_postgres_run(fixture.postgres, "delete from audit where at < '2090-03-01'");
    assert_chain_whole();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(months_follow_one_another),
    };
    return cmocka_run_group_tests_name("audit", tests, start, stop);
}
