/* Why two records are one person or not, asked of what stands (identity_explain). */
#include "tests/support/identity_fixture.h"
#include "tests/unit/cmocka_all.h"

static struct identity_fixture fixture;
static const struct asker cell = {.application = {"T", 1}, .facility = {"T", 1}, .interaction = {"page", 4}, .cell = true};

static int start(void **state) {
    (void)state;
    fixture_start(&fixture);
    return 0;
}

static int stop(void **state) {
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

/* The page of a task that a merge closed asks for its two records as they are today. */
static void who_was_merged_away_is_compared_as_its_survivor(void **state) {
    (void)state;
    struct error err = ERROR_INIT;
    struct span before, after;
    struct somebody who = somebody("QUEMENEUR", "TIPHAINE", "19690205", "F");
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "1", &who);
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "2", &who);
    send_traits(&fixture, FEED_CREATE, "CH-EST", "3", &who);
    uint64_t one = record_of(&fixture, "CHU-NORD", "1"), two = record_of(&fixture, "CHU-NORD", "2"),
             three = record_of(&fixture, "CH-EST", "3");
    assert_true(identity_explain(fixture.identity, &cell, one, three, fixture.arena, &before, &err));
    send_merge(&fixture, "CHU-NORD", "1", "2", &who);
    assert_true(identity_explain(fixture.identity, &cell, two, three, fixture.arena, &after, &err));
    assert_span(after, span_cstr(before, fixture.arena));
    assert_false(identity_explain(fixture.identity, &cell, two, one, fixture.arena, &after, &err));
    assert_int_equal(err.code, ERROR_RULE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_merged_away_is_compared_as_its_survivor),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
