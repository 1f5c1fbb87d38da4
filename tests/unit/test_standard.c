/* Forms that an older standardiser stored, against a real PostgreSQL (identity/standard.h). */
#include "tests/unit/cmocka_all.h"

#include "tests/support/identity_fixture.h"

#include <stdio.h>
#include <string.h>

static struct identity_fixture fixture;
static struct error err;
static char said[512];

static int start(void **state) {
    fixture_start(&fixture);
    return 0;
}

static int stop(void **state) {
    fixture_stop(&fixture);
    return 0;
}

static bool migrate(void) {
    struct buf report = {0};
    buf_init(&report, sizeof said);
    bool ok = identity_migrate(&fixture.options, &report, &err);
    (void)snprintf(said, sizeof said, "%.*s", SPAN_ARG(buf_span(&report)));
    buf_release(&report);
    return ok;
}

static void close_service(void) {
    identity_close(fixture.identity);
    fixture.identity = NULL;
}

static void open_service(void) {
    assert_true(identity_open(&fixture.options, true, &fixture.identity, &err));
    assert_true(identity_wait_writer(fixture.identity, 20000));
}

static void feed(enum feed_action action, const char *domain, const char *local_id, const struct somebody *who) {
    assert_int_equal(send_traits(&fixture, action, domain, local_id, who).result, FEED_ACCEPTED);
}

/* As version 1 left them: its number, and a given name that is none any more. Forms of equal length: the given name follows family
 * and used name, whose lengths stand before them. */
static void make_old(void) {
    fixture_sql(&fixture, "update version set standard = set_byte(replace(standard::text, encode('CAPUCINE', 'hex'), "
                          "encode('BEBEFILL', 'hex'))::bytea, 0, 1)");
}

static void test_old_forms_are_made_anew(void **state) {
    struct somebody child = somebody("MOREL", "CAPUCINE", "20260228", "F"), before = child;
    struct somebody holder = somebody("KERVELLA", "SOLENN", "19710323", "F"), renamed = holder;
    holder.ins = "271032905600148";
    holder.vali = true;
    before.given = "BEBE";
    renamed.ins = NULL;
    renamed.vali = false;
    renamed.street = "3 rue de l'Eglise";
    feed(FEED_CREATE, "CHU-NORD", "1", &before);
    feed(FEED_UPDATE, "CHU-NORD", "1", &child);
    feed(FEED_CREATE, "CHU-NORD", "2", &holder);
    feed(FEED_UPDATE, "CHU-NORD", "2", &renamed);
    long versions = fixture_number(&fixture, "select count(*) from version");
    fixture_sql(&fixture, "create table kept as select record_id, version, standard from version");
    make_old();
    assert_false(migrate()); /* beside the writer */
    assert_non_null(strstr(err.text, "stop the servers"));
    close_service();

    assert_false(identity_open(&fixture.options, true, &fixture.identity, &err));
    assert_non_null(strstr(err.text, "sosie migrate"));
    assert_true(migrate());
    char expected[64];
    (void)snprintf(expected, sizeof expected, "%ld forms made anew", versions);
    assert_non_null(strstr(said, expected));
    assert_int_equal(fixture_number(&fixture, "select count(*) from version join kept using (record_id, version, standard)"),
                     versions);
    assert_true(migrate());
    assert_non_null(strstr(said, "nothing to do"));

    open_service();
    feed(FEED_CREATE, "CH-EST", "1", &child); /* found by the name */
    assert_true(together(&fixture, "CHU-NORD", "1", "CH-EST", "1"));
    assert_index_equal(&fixture);
}

/* What was done before a run was stopped stays done. */
static void test_a_run_goes_on_where_forms_are_old(void **state) {
    long versions = fixture_number(&fixture, "select count(*) from version");
    make_old();
    fixture_sql(&fixture, "update version v set standard = k.standard from kept k where (k.record_id, k.version) = "
                          "(v.record_id, v.version) and v.version = 1");
    long left = fixture_number(&fixture, "select count(*) from version where get_byte(standard, 0) = 1");
    assert_in_range(left, 1, versions - 1);
    close_service();
    assert_true(migrate());
    char expected[64];
    (void)snprintf(expected, sizeof expected, "%ld forms made anew", left);
    assert_non_null(strstr(said, expected));
    open_service();
    assert_index_equal(&fixture);
}

/* Names the version whose form or traits cannot be read, and leaves it. */
static void test_a_damaged_form_is_named(void **state) {
    fixture_sql(&fixture, "update version set standard = '\\x01' where record_id = 2 and version = 1");
    close_service();
    assert_false(migrate());
    assert_non_null(strstr(err.text, "record 2, version 1: the stored form is damaged"));
    fixture_sql(&fixture, "update version v set standard = k.standard from kept k where (k.record_id, k.version) = "
                          "(v.record_id, v.version)");
    open_service();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_old_forms_are_made_anew),
        cmocka_unit_test(test_a_run_goes_on_where_forms_are_old),
        cmocka_unit_test(test_a_damaged_form_is_named),
    };
    return cmocka_run_group_tests_name("standard", tests, start, stop);
}
