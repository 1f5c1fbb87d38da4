#include "tests/unit/with_arena.h"

#include "fhir/dates.h"
#include "fhir/search_fold.h"

#include <stdlib.h>
#include <time.h>

static const int64_t now_us = INT64_C(1763630467000000); /* 2025-11-20 */

static bool valid(const char *text) {
    struct date_criterion criterion;
    return fhir_date_criterion_parse(span_of(text), false, &criterion);
}

static void shapes_of_dates(void **state) {
    const char *good[] = {"1980",       "1980-05",    "1980-05-12", "ge1980",    "ap1980-05-12",
                          "2024-02-29", "0001-01-01", "9999-12-31", "2000-02-29"};
    const char *bad[] = {"",           "80",         "1980-",    "1980-13", "1980-00",           "1980-02-30", "2023-02-29",
                         "1900-02-29", "1980-5-1",   "19800512", "xx1980",  "1980-05-12T10:00Z", "0000",       "1980-05-12 ",
                         "ge",         "1954-00-00", "geeq1980", "-1980",   "1980-05-123"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (valid(bad[i]))
            fail_msg("\"%s\" was taken for a date", bad[i]);
    }
}

static bool matches(const char *criterion, const char *stored) {
    struct date_criterion wanted;
    struct date_range target;
    assert_true(fhir_date_criterion_parse(span_of(criterion), false, &wanted));
    assert_true(fhir_date_stored_parse(span_of(stored), &target));
    return fhir_date_matches(&wanted, target, now_us);
}

/* The table of R4 search.html#prefix, row by row. */
static void prefixes_compare_intervals(void **state) {
    assert_true(matches("1980", "19800512"));
    assert_true(matches("1980", "1980"));
    assert_true(matches("1980-05", "19800512"));
    assert_false(matches("1980-05-12", "1980"));
    assert_false(matches("1980-05-12", "198005"));
    assert_true(matches("ne1980-05-12", "1980"));
    assert_false(matches("ne1980", "19800512"));
    assert_true(matches("gt1980", "19810101"));
    assert_false(matches("gt1980", "19801231"));
    assert_true(matches("gt1980-05-12", "1980")); /* the year goes on after that day */
    assert_true(matches("lt1980", "19791231"));
    assert_false(matches("lt1980", "1980"));
    assert_true(matches("ge1980-05-12", "19800512"));
    assert_false(matches("ge1980-05-12", "19800511"));
    assert_true(matches("le1980-05-12", "19800512"));
    assert_false(matches("le1980-05-12", "19800513"));
    assert_true(matches("sa1980-05-12", "19800513"));
    assert_false(matches("sa1980-05-12", "1980"));
    assert_true(matches("eb1980-05-12", "19800511"));
    assert_false(matches("eb1980-05-12", "19800512"));
}

static void approximate_is_a_slip(void **state) {
    assert_true(matches("ap1980-05-12", "19800513"));
    assert_true(matches("ap1980-05-12", "19801205")); /* day and month exchanged */
    assert_true(matches("ap1980-05-12", "19810512"));
    assert_false(matches("ap1980-05-12", "19830512"));
    assert_false(matches("ap2025-11-19", "20251115")); /* yesterday: a day of slack */
    assert_true(matches("ap2025-11-19", "20251118"));
}

static const char *windows_of(const char *criterion) {
    struct date_criterion wanted;
    struct date_window windows[2];
    const char *text = "";
    assert_true(fhir_date_criterion_parse(span_of(criterion), false, &wanted));
    size_t count = fhir_date_windows(&wanted, now_us, arena, windows);
    for (size_t i = 0; i < count; i++)
        text = arena_printf(arena, "%s[%.*s %.*s]", text, SPAN_ARG(windows[i].from), SPAN_ARG(windows[i].to));
    return text;
}

static void windows_hold_both_ends(void **state) {
    assert_string_equal(windows_of("1980"), "[19800101 19801231]");
    assert_string_equal(windows_of("2024-02"), "[20240201 20240229]");
    assert_string_equal(windows_of("1999-12-31"), "[19991231 19991231]");
    assert_string_equal(windows_of("gt1999-12-31"), "[20000101 ]");
    assert_string_equal(windows_of("lt2000-03"), "[ 20000229]");
    assert_string_equal(windows_of("le1980"), "[ 19801231]");
    assert_string_equal(windows_of("ge1980"), "[19800101 ]");
    assert_string_equal(windows_of("ne1980"), "[ 19791231][19810101 ]");
    assert_string_equal(windows_of("ap1980-12-05"), "[19791205 19811206][19800512 19800512]");
    assert_string_equal(windows_of("lt0001"), "[ 00010101]");
    assert_string_equal(windows_of("gt9999"), "[99991231 ]");
}

static void stored_dates_are_written(void **state) {
    assert_span(fhir_date_write(SPAN("19800512"), arena), "1980-05-12");
    assert_span(fhir_date_write(SPAN("198005"), arena), "1980-05");
    assert_span(fhir_date_write(SPAN("1980"), arena), "1980");
    assert_span(fhir_date_write(SPAN("19540000"), arena), "1954"); /* 1954-00-00 is no FHIR date */
    assert_span(fhir_date_write(SPAN("19540300"), arena), "1954-03");
    assert_span(fhir_date_write(SPAN("19540230"), arena), "");
    assert_span(fhir_date_write(SPAN("x"), arena), "");
    assert_span(fhir_date_write(SPAN_ABSENT, arena), "");
    assert_span(fhir_date_time_write(SPAN("20261120091500+0100"), arena), "2026-11-20T09:15:00+01:00");
    assert_span(fhir_date_time_write(SPAN("20261120091500.123-0330"), arena), "2026-11-20T09:15:00-03:30");
    assert_span(fhir_date_time_write(SPAN("202611200915"), arena), "2026-11-20");
    assert_span(fhir_date_time_write(SPAN("20261120091500"), arena), "2026-11-20"); /* no zone */
    assert_span(fhir_date_time_write(SPAN("20261120991500+0100"), arena), "2026-11-20");
    assert_span(fhir_date_time_write(SPAN("2026"), arena), "2026");
    assert_span(fhir_date_time_write(SPAN(""), arena), "");
}

static void instants_are_utc(void **state) {
    char text[FHIR_INSTANT_BYTES];
    fhir_date_instant_write(INT64_C(1763630467012999), text);
    assert_string_equal(text, "2025-11-20T09:21:07.012Z");
    fhir_date_instant_write(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    fhir_date_instant_write(INT64_C(951782400000000), text);
    assert_string_equal(text, "2000-02-29T00:00:00.000Z");
}

static void http_dates_go_both_ways(void **state) {
    int64_t seconds;
    assert_span(fhir_date_http_write(INT64_C(784111777000000), arena), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_span(fhir_date_http_write(0, arena), "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_span(fhir_date_http_write(-1, arena), "Wed, 31 Dec 1969 23:59:59 GMT");
    assert_true(fhir_date_http_parse(SPAN("Sun, 06 Nov 1994 08:49:37 GMT"), &seconds));
    assert_int_equal(seconds, 784111777);
    assert_false(fhir_date_http_parse(SPAN("Sunday, 06-Nov-94 08:49:37 GMT"), &seconds));
    assert_false(fhir_date_http_parse(SPAN("Sun, 31 Feb 1994 08:49:37 GMT"), &seconds));
    assert_false(fhir_date_http_parse(SPAN(""), &seconds));
}

static int64_t low_of(const char *text) {
    struct date_criterion criterion;
    assert_true(fhir_date_criterion_parse(span_of(text), true, &criterion));
    return criterion.range.low_us / 1000000;
}

static void times_have_zones(void **state) {
    struct date_criterion criterion;
    assert_int_equal(low_of("2025-11-20T10:00:00Z"), 1763632800);
    assert_int_equal(low_of("2025-11-20T10:00:00+01:00"), 1763629200);
    assert_int_equal(low_of("2025-11-20T10:00-02:00"), 1763640000);
    assert_true(fhir_date_criterion_parse(SPAN("2025-11-20T10:00:00.25Z"), true, &criterion));
    assert_int_equal(criterion.range.high_us - criterion.range.low_us, 10000);
    assert_true(fhir_date_criterion_parse(SPAN("2025-11-20T10:00Z"), true, &criterion));
    assert_int_equal(criterion.range.high_us - criterion.range.low_us, 60000000);
    assert_false(fhir_date_criterion_parse(SPAN("2025-11-20T25:00Z"), true, &criterion));
    assert_false(fhir_date_criterion_parse(SPAN("2025-11-20T10Z"), true, &criterion));
    assert_false(fhir_date_criterion_parse(SPAN("2025-11-20T10:00:00.Z"), true, &criterion));
    assert_false(fhir_date_criterion_parse(SPAN("2025-11-20T10:00+1"), true, &criterion));
}

/* Without a zone it is the server's, summer time included. */
static void times_without_zone_are_local(void **state) {
    struct date_criterion criterion;
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    assert_int_equal(low_of("2025-11-20T11:00:00"), 1763632800);
    assert_int_equal(low_of("2025-07-01"), 1751320800);                           /* 2025-06-30T22:00Z */
    assert_true(fhir_date_criterion_parse(SPAN("2025-10-26"), true, &criterion)); /* the day of 25 hours */
    assert_int_equal((criterion.range.high_us - criterion.range.low_us) / 1000000, 25 * 3600);
    unsetenv("TZ");
    tzset();
}

static void folding_forgets_case_accents_and_blanks(void **state) {
    assert_span(search_fold_text(SPAN("Le Fèvre-d'Œuvre ß"), arena), "lefevredoeuvress");
    assert_span(search_fold_text(SPAN("Łódź Ñ ÿ"), arena), "lodzny");
    assert_span(search_fold_text(SPAN("e\xcc\x81"), arena), "e"); /* combining acute */
    assert_span(search_fold_text(SPAN("王 Я"), arena), "王Я");
    assert_true(search_fold_starts(SPAN("LE FÈVRE"), SPAN("lefe"), arena));
    assert_true(search_fold_contains(SPAN("LE FÈVRE"), SPAN("fev"), arena));
    assert_false(search_fold_contains(SPAN("LE FÈVRE"), SPAN("vf"), arena));
    assert_true(search_fold_contains(SPAN(""), SPAN(""), arena));
}

static void numbers_are_compared_with_their_country(void **state) {
    assert_span(search_fold_phone(SPAN("06 12.34-56/78"), arena), "33612345678");
    assert_span(search_fold_phone(SPAN("+33 6 12 34 56 78"), arena), "33612345678");
    assert_span(search_fold_phone(SPAN("0033612345678"), arena), "33612345678");
    assert_span(search_fold_phone(SPAN("+32 475 00 00 00"), arena), "32475000000");
    assert_span(search_fold_phone(SPAN("15"), arena), "15");
    assert_span(search_fold_phone(SPAN("abc"), arena), "");
}

static void countries_have_three_letters(void **state) {
    assert_span(search_fold_country(SPAN("fr"), arena), "FRA");
    assert_span(search_fold_country(SPAN("FRA"), arena), "FRA");
    assert_span(search_fold_country(SPAN("Algérie"), arena), "DZA");
    assert_span(search_fold_country(SPAN("ZW"), arena), "ZWE");
    assert_span(search_fold_country(SPAN("AF"), arena), "AFG");
    assert_true(span_is_absent(search_fold_country(SPAN("XX"), arena)));
    assert_true(span_is_absent(search_fold_country(SPAN("Syldavie"), arena)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_of_dates),
        cmocka_unit_test(prefixes_compare_intervals),
        cmocka_unit_test(approximate_is_a_slip),
        cmocka_unit_test(windows_hold_both_ends),
        cmocka_unit_test(stored_dates_are_written),
        cmocka_unit_test(instants_are_utc),
        cmocka_unit_test(http_dates_go_both_ways),
        cmocka_unit_test(times_have_zones),
        cmocka_unit_test(times_without_zone_are_local),
        cmocka_unit_test(folding_forgets_case_accents_and_blanks),
        cmocka_unit_test(numbers_are_compared_with_their_country),
        cmocka_unit_test(countries_have_three_letters),
    };
    return cmocka_run_group_tests(tests, new_arena, drop_arena);
}
