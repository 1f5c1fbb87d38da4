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
    struct weighed sides[2];
    struct somebody who = somebody("QUEMENEUR", "TIPHAINE", "19690205", "F");
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "1", &who);
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "2", &who);
    send_traits(&fixture, FEED_CREATE, "CH-EST", "3", &who);
    uint64_t one = record_of(&fixture, "CHU-NORD", "1"), two = record_of(&fixture, "CHU-NORD", "2"),
             three = record_of(&fixture, "CH-EST", "3");
    assert_true(identity_explain(fixture.identity, &cell, one, three, fixture.arena, &before, sides, &err));
    send_merge(&fixture, "CHU-NORD", "1", "2", &who);
    assert_true(identity_explain(fixture.identity, &cell, two, three, fixture.arena, &after, sides, &err));
    assert_span(after, span_cstr(before, fixture.arena));
    assert_false(identity_explain(fixture.identity, &cell, two, one, fixture.arena, &after, sides, &err));
    assert_int_equal(err.code, ERROR_RULE);
}

/* The figure is of the versions that queries answer and of their earlier values, not of one that is set apart. */
static void it_says_what_it_weighed(void **state) {
    (void)state;
    struct error err = ERROR_INIT;
    struct span json;
    struct weighed sides[2];
    struct somebody who = somebody("GOURIOU", "ELEN", "19770312", "F"), other = somebody("LAGARDE", "RENE", "19330911", "M");
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "11", &who);
    send_traits(&fixture, FEED_CREATE, "CH-EST", "12", &who);
    uint64_t a = record_of(&fixture, "CHU-NORD", "11"), b = record_of(&fixture, "CH-EST", "12");
    assert_true(identity_explain(fixture.identity, &cell, a, b, fixture.arena, &json, sides, &err));
    assert_int_equal(sides[0].version, 1);
    assert_int_equal(sides[0].earlier, 0);
    assert_int_equal(sides[0].set_apart, 0);
    assert_true(sides[0].at_us > 0 && sides[0].at_us <= sides[1].at_us);
    who.used_family = "TANGUY";
    send_traits(&fixture, FEED_UPDATE, "CHU-NORD", "11", &who);
    send_traits(&fixture, FEED_UPDATE, "CH-EST", "12", &other);
    assert_true(identity_explain(fixture.identity, &cell, a, b, fixture.arena, &json, sides, &err));
    assert_int_equal(sides[0].version, 2);
    assert_int_equal(sides[0].earlier, 1);
    assert_true(sides[0].at_us > sides[1].at_us);
    assert_int_equal(sides[1].version, 1);
    assert_int_equal(sides[1].set_apart, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_what_it_weighed),
        cmocka_unit_test(who_was_merged_away_is_compared_as_its_survivor),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
