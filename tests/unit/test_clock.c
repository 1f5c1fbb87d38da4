#include "tests/unit/cmocka_all.h"

#include "base/clock.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void zone(const char *name) {
    setenv("TZ", name, 1);
    tzset();
}

static void tests_turn_the_time(void **state) {
    clock_set_test(1000000);
    assert_int_equal(clock_now_us(), 1000000);
    clock_advance_test(500);
    assert_int_equal(clock_now_us(), 1000500);
    clock_set_test(0);
    int64_t now_s = (int64_t)time(NULL);
    assert_true(clock_now_us() / 1000000 >= now_s && clock_now_us() / 1000000 <= now_s + 60);
}

static void monotonic_time_does_not_go_back(void **state) {
    uint64_t before = clock_mono_ns();
    clock_sleep_ms(2);
    assert_true(clock_mono_ns() >= before + 2000000);
}

static void deadlines(void **state) {
    assert_int_equal(clock_left_ms(clock_mono_ns()), 0);
    assert_int_equal(clock_left_ms(1), 0);
    int left = clock_left_ms(clock_deadline(100000));
    assert_true(left > 0 && left <= 100000);
    assert_int_equal(clock_left_ms(clock_mono_ns() + (uint64_t)4000000000u * 1000000000u), INT_MAX);
}

static void formats_say_the_zone(void **state) {
    char text[40];
    zone("Europe/Paris");
    clock_format_hl7(1763454901123456, text, sizeof text); /* winter */
    assert_string_equal(text, "20251118093501+0100");
    clock_format_iso(1763454901123456, text, sizeof text);
    assert_string_equal(text, "2025-11-18T09:35:01.123+01:00");
    clock_format_iso(1752000000000000, text, sizeof text); /* summer */
    assert_string_equal(text, "2025-07-08T20:40:00.000+02:00");
    zone("America/Cayenne"); /* west of Greenwich */
    clock_format_hl7(1763454901123456, text, sizeof text);
    assert_string_equal(text, "20251118053501-0300");
    zone("UTC");
    clock_format_iso(-1, text, sizeof text); /* just before 1970 */
    assert_string_equal(text, "1969-12-31T23:59:59.999+00:00");
}

static void any_time_has_a_form(void **state) {
    char text[40];
    zone("UTC");
    clock_format_iso(INT64_MIN, text, sizeof text);
    assert_non_null(strstr(text, ":05.224+00:00"));
    clock_format_iso(INT64_MAX, text, sizeof text);
    assert_non_null(strstr(text, ":54.775+00:00"));
}

static void formats_fit_their_smallest_room(void **state) {
    char hl7[24], iso[32];
    zone("Europe/Paris");
    clock_format_hl7(253402300799000000, hl7, sizeof hl7);
    assert_string_equal(hl7, "100000101005959+0100");
    clock_format_iso(1763454901123456, iso, sizeof iso);
    assert_string_equal(iso, "2025-11-18T09:35:01.123+01:00");
}

static void times_are_read_as_they_are_written(void **state) {
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {{"2025-11-18T09:35:01+01:00", 1763454901}, {"2025-11-18T08:35:01Z", 1763454901},
                {"2025-11-18T09:35:01", 1763454901},       {"2025-11-18T09:35", 1763454900},
                {"2025-11-18T03:35-05:00", 1763454900},    {"2025-11-18", 1763420400}};
    static const char *const bad[] = {
        "", "2025", "2025-13-01", "2025-11-18T25:00", "18/11/2025", "2025-11-18T09:35:01+1", "2025-11-18 09:35"};
    int64_t found;
    zone("Europe/Paris");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(clock_parse_iso(span_of(good[i].text), &found));
        assert_int_equal(found, good[i].seconds * 1000000);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(clock_parse_iso(span_of(bad[i]), &found));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tests_turn_the_time),
        cmocka_unit_test(monotonic_time_does_not_go_back),
        cmocka_unit_test(deadlines),
        cmocka_unit_test(formats_say_the_zone),
        cmocka_unit_test(any_time_has_a_form),
        cmocka_unit_test(formats_fit_their_smallest_room),
        cmocka_unit_test(times_are_read_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
