/* What a peer is told of the records that there were before it, against a real PostgreSQL. */
#include "tests/unit/cmocka_all.h"

#include "tests/support/identity_fixture.h"

#include <stdio.h>
#include <string.h>

static struct identity_fixture fixture;
static struct error err;

static int start(void **state) {
    fixture_start(&fixture);
    return 0;
}

static int stop(void **state) {
    fixture_stop(&fixture);
    return 0;
}

static int empty(void **state) {
    fixture_sql(&fixture, "delete from notification; delete from peer");
    fixture_empty(&fixture);
    return 0;
}

static const struct peer *declare(const char *name, const char *notify, const char *domains) {
    struct peer_change change = {.act = PEER_ADD, .name = span_of(name), .author = SPAN("test")};
    change.texts[PEER_APPLICATION] = span_of(name);
    change.texts[PEER_FACILITY] = SPAN("ELSEWHERE");
    change.texts[PEER_NOTIFY] = span_of(notify);
    change.texts[PEER_HOST] = SPAN("127.0.0.1");
    change.texts[PEER_PORT] = SPAN("9");
    change.texts[PEER_DOMAINS] = span_of(domains);
    assert_true(identity_peer_change(fixture.identity, &change, fixture.arena, &err));
    return peer_by_name(identity_peers(fixture.identity), change.name);
}

static struct outbox_load load(const char *peer, bool anew) {
    struct outbox_load out;
    err = ERROR_INIT;
    assert_true(identity_outbox_load(fixture.identity, peer_by_name(identity_peers(fixture.identity), span_of(peer)), anew,
                                     SPAN("test"), fixture.arena, &out, &err));
    return out;
}

static void feed_many(const char *domain, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char id[32], name[32];
        snprintf(id, sizeof id, "L%zu", i);
        snprintf(name, sizeof name, "NOM%c%c%c", (char)('A' + i % 26), (char)('A' + i / 26 % 26), (char)('A' + i * 7 % 26));
        struct somebody who = somebody(name, "Camille", "19710203", "F");
        assert_int_equal(send_traits(&fixture, FEED_CREATE, domain, id, &who).result, FEED_ACCEPTED);
    }
}

static void each_record_once_and_in_steps(void **state) {
    enum { RECORDS = 100 };
    feed_many("CHU-NORD", RECORDS);
    feed_many("CH-EST", 3);
    declare("LAB", "pam", "CHU-NORD");
    assert_int_equal(fixture_number(&fixture, "select count(*) from notification"), 0);
    struct outbox_load first = load("LAB", false);
    long told = fixture_number(&fixture, "select count(*) from notification");
    assert_in_range(told, 1, RECORDS - 1);
    assert_int_not_equal(first.next, 0);
    assert_int_equal(load("LAB", false).next, first.next); /* those are not through yet: none are added */
    assert_int_equal(fixture_number(&fixture, "select count(*) from notification"), told);
    fixture_sql(&fixture, "update notification set state = 1");
    fixture_reopen(&fixture); /* as after a kill */
    while (load("LAB", false).next)
        fixture_sql(&fixture, "update notification set state = 1");
    assert_int_equal(fixture_number(&fixture, "select count(*) from notification where event = 'A28'"), RECORDS);
    assert_int_equal(fixture_number(&fixture, "select count(distinct record_id) from notification"), RECORDS);
    assert_int_equal(fixture_number(&fixture, "select count(*) from audit where action = 'peer-loaded'"), 2);
    fixture_sql(&fixture, "update notification set state = 1");
    assert_int_equal(load("LAB", true).next, first.next);
}

static void each_person_once(void **state) {
    struct somebody who = somebody("DURANDAL", "Camille", "19710203", "F"), other = somebody("LEFEUVRE", "Anne", "19650809", "F");
    struct somebody hidden = somebody("MARCHAND", "Luc", "19500102", "M");
    hidden.attributes = ATTRIBUTE_HIDDEN;
    (void)send_traits(&fixture, FEED_CREATE, "CHU-NORD", "1", &who);
    (void)send_two(&fixture, FEED_LINK, "CHU-NORD", "1", "CH-EST", "1");
    (void)send_traits(&fixture, FEED_CREATE, "CH-EST", "1", &who);
    (void)send_traits(&fixture, FEED_CREATE, "CHU-NORD", "2", &other);
    (void)send_traits(&fixture, FEED_CREATE, "CHU-NORD", "3", &hidden);
    (void)send_traits(&fixture, FEED_CREATE, "CLINIQUE", "4", &other);
    declare("DPI", "pix", "CHU-NORD,CH-EST");
    assert_int_equal(load("DPI", false).next, 0);
    assert_int_equal(
        fixture_number(&fixture, "select count(*) from notification where event = 'A31' and person_id <> 0"),
        fixture_number(&fixture,
                       "select count(distinct person_id) from record where domain_id in (select id from domain where namespace in "
                       "('CHU-NORD', 'CH-EST')) and attributes & 8 = 0"));
}

static void who_is_told_nothing_is_not_loaded(void **state) {
    struct outbox_load out;
    const struct peer *silent = declare("GAM", "none", "");
    assert_false(identity_outbox_load(fixture.identity, silent, false, SPAN("test"), fixture.arena, &out, &err));
    assert_int_equal(err.code, ERROR_RULE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_record_once_and_in_steps, empty),
        cmocka_unit_test_setup(each_person_once, empty),
        cmocka_unit_test_setup(who_is_told_nothing_is_not_loaded, empty),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
