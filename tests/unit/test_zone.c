/* Time zones: moments of wall clocks, zone files, and stamps. */
#include "tests/unit/with_arena.h"

#include "base/zone.h"

#include <stdlib.h>
#include <time.h>

static int64_t moment(const struct zone *zone, const char *dtm) {
    int64_t at_s = -1, unit_s;
    return zone_moment(zone, span_of(dtm), &at_s, &unit_s) ? at_s : -1;
}

static struct zone zone_named(const char *name) {
    struct zone zone;
    struct error err = ERROR_INIT;
    if (!zone_read(span_of(name), &zone, &err))
        fail_msg("%s: %s", name, err.text);
    return zone;
}

/* 2026-03-02 07:00 UTC is 1772434800. */
static void a_wall_clock_is_a_moment(void **state) {
    static const struct {
        const char *zone, *dtm;
        int64_t at_s;
    } rows[] = {
        {"Europe/Paris", "20260302080000", 1772434800},
        {"Indian/Reunion", "20260302110000", 1772434800},
        {"America/Martinique", "20260302030000", 1772434800},
        {"America/Cayenne", "20260302040000", 1772434800},
        {"Pacific/Noumea", "20260302180000", 1772434800},
        {"Pacific/Tahiti", "20260301210000", 1772434800},
        {"Pacific/Marquesas", "20260301213000", 1772434800},
        {"America/Miquelon", "20260302040000", 1772434800},
        {"Indian/Reunion", "20260302080000+0100", 1772434800},
        {"Indian/Reunion", "20260302070000.1234-0000", 1772434800},
        {"Indian/Reunion", "202603021100", 1772434800},
        {"Indian/Reunion", "2026030211", 1772434800},
        {"Indian/Reunion", "20260302", 1772395200},
        {"Europe/Paris", "2026030", -1},
        {"Europe/Paris", "202603", -1},
        {"Europe/Paris", "20261302", -1},
        {"Europe/Paris", "20260302080000+01", -1},
        {"Europe/Paris", "", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct zone zone = zone_named(rows[i].zone);
        if (moment(&zone, rows[i].dtm) != rows[i].at_s)
            fail_msg("%s %s is %lld", rows[i].zone, rows[i].dtm, (long long)moment(&zone, rows[i].dtm));
    }
}

/* Every day of a hundred years, as the C library reads the same files; those after 2037 are by the rule at their end. */
static void it_agrees_with_the_system(void **state) {
    static const char *const names[] = {"Europe/Paris", "America/Miquelon", "Indian/Reunion", "Pacific/Noumea", "Australia/Sydney"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        struct zone zone = zone_named(names[n]);
        setenv("TZ", names[n], 1);
        tzset();
        for (int64_t at_s = 0; at_s < INT64_C(3155760000); at_s += 43200 + 3600) {
            time_t then = (time_t)at_s;
            struct tm local;
            char dtm[32];
            localtime_r(&then, &local);
            strftime(dtm, sizeof dtm, "%Y%m%d%H%M%S", &local);
            int64_t back = moment(&zone, dtm);
            if (back != at_s && !(local.tm_isdst == 0 && back == at_s - 3600)) /* the second of an hour that came twice */
                fail_msg("%s: %lld is %s, which is %lld", names[n], (long long)at_s, dtm, (long long)back);
        }
    }
}

static void paris_needs_no_file(void **state) {
    struct zone file = zone_named("Europe/Paris");
    for (int64_t at_s = 915148800; at_s < INT64_C(3155760000); at_s += 86400 * 3 + 7200) {
        time_t then = (time_t)at_s;
        struct tm parts;
        char dtm[32];
        gmtime_r(&then, &parts);
        strftime(dtm, sizeof dtm, "%Y%m%d%H%M%S", &parts);
        assert_int_equal(moment(&file, dtm), moment(&ZONE_PARIS, dtm));
    }
}

/* 29 March 2026: two o'clock is three; 25 October: three o'clock is two again. */
static void clocks_are_changed(void **state) {
    assert_int_equal(moment(&ZONE_PARIS, "20260329015959"), moment(&ZONE_PARIS, "20260329005959+0000"));
    assert_int_equal(moment(&ZONE_PARIS, "20260329023000"), moment(&ZONE_PARIS, "20260329013000+0000")); /* not put forward yet */
    assert_int_equal(moment(&ZONE_PARIS, "20260329030000"), moment(&ZONE_PARIS, "20260329010000+0000"));
    assert_int_equal(moment(&ZONE_PARIS, "20261025023000"), moment(&ZONE_PARIS, "20261025003000+0000"));
    assert_int_equal(moment(&ZONE_PARIS, "20261025030000"), moment(&ZONE_PARIS, "20261025020000+0000"));
}

static void a_stamp_says_its_zone(void **state) {
    static const struct {
        const char *zone, *dtm, *stamp;
    } rows[] = {
        {"Indian/Reunion", "20260302080000", "20260302080000+0400"},
        {"Indian/Reunion", "202603020800", "202603020800+0400"},
        {"Indian/Reunion", "20260302", "20260302"},
        {"Indian/Reunion", "2026", "2026"},
        {"Indian/Reunion", "20260302080000+0100", "20260302080000+0100"},
        {"Pacific/Marquesas", "2026030208", "2026030208-0930"},
        {"Europe/Paris", "20260702080000", "20260702080000+0200"},
        {"Europe/Paris", "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct zone zone = zone_named(rows[i].zone);
        assert_true(span_eq_cstr(zone_stamp(&zone, span_of(rows[i].dtm), arena), rows[i].stamp));
    }
}

static void what_is_no_zone_is_refused(void **state) {
    static const char *const names[] = {"",       "Europe/Nowhere", "../../etc/passwd", "/etc/localtime",
                                        "Europe", "zone.tab",       "Europe/Pa ris"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zone zone;
        struct error err = ERROR_INIT;
        assert_false(zone_read(span_of(names[i]), &zone, &err));
        assert_int_equal(err.code, ERROR_UNKNOWN);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wall_clock_is_a_moment), cmocka_unit_test(it_agrees_with_the_system),
        cmocka_unit_test(paris_needs_no_file),      cmocka_unit_test(clocks_are_changed),
        cmocka_unit_test(a_stamp_says_its_zone),    cmocka_unit_test(what_is_no_zone_is_refused),
    };
    return cmocka_run_group_tests(tests, new_arena, drop_arena);
}
