/* THE table of settings: sources, cross checks, differences, the manual. */
#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "base/clock.h"
#include "server/settings.h"
#include "tests/unit/certificates.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct given {
    struct arena *arena;
    struct settings settings;
    struct error err;
    char path[64];
};

static int setup(void **state) {
    struct given *given = mem_alloc(sizeof *given);
    given->arena = arena_new(0);
    snprintf(given->path, sizeof given->path, "/tmp/sosie-settings-XXXXXX");
    int fd = mkstemp(given->path);
    close(fd);
    *state = given;
    return 0;
}

static int teardown(void **state) {
    struct given *given = *state;
    unlink(given->path);
    arena_free(given->arena);
    mem_free(given);
    return 0;
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Loads this file's text with these flags; NULL environment. */
static bool load(struct given *given, const char *text, const struct settings_pair *flags, size_t flag_count) {
    static char *nothing[] = {NULL};
    write_file(given->path, text);
    struct settings_source source = {.path = given->path, .environment = nothing, .flags = flags, .flag_count = flag_count};
    given->err = ERROR_INIT;
    return settings_load(&source, &given->settings, NULL, &given->err);
}

static void test_defaults_are_valid_and_keep_to_this_machine(void **state) {
    struct given *given = *state;
    assert_true(load(given, "", NULL, 0));
    assert_string_equal(given->settings.mllp_address, "127.0.0.1");
    assert_string_equal(given->settings.http_address, "127.0.0.1");
    assert_int_equal(given->settings.mllp_port, 2575);
    assert_int_equal(given->settings.http_port, 8080);
    assert_string_equal(given->settings.mllp_processing_ids, "P");
    assert_int_equal(given->settings.ins_oids, 0);
}

static void test_later_sources_win(void **state) {
    struct given *given = *state;
    char *environment[] = {"HOME=/nowhere", "SOSIE_MLLP_PORT=2600", "SOSIE_HTTP_PORT=8090", NULL};
    const struct settings_pair flags[] = {{SPAN("http.port"), SPAN("8091")}};
    write_file(given->path, "mllp.port = 2599\nlane.batch = 64 # small\n");
    struct settings_source source = {.path = given->path, .environment = environment, .flags = flags, .flag_count = 1};
    const char *path;
    assert_true(settings_load(&source, &given->settings, &path, &given->err));
    assert_int_equal(given->settings.lane_batch, 64);
    assert_int_equal(given->settings.mllp_port, 2600);
    assert_int_equal(given->settings.http_port, 8091);
    assert_string_equal(path, given->path);
}

static void test_environment_names_the_file(void **state) {
    struct given *given = *state;
    char *environment[] = {arena_printf(given->arena, "SOSIE_CONFIG=%s", given->path), NULL};
    write_file(given->path, "mllp.port = 2601\n");
    struct settings_source source = {.environment = environment};
    assert_true(settings_load(&source, &given->settings, NULL, &given->err));
    assert_int_equal(given->settings.mllp_port, 2601);
}

static void test_a_named_file_must_exist(void **state) {
    struct given *given = *state;
    char *nothing[] = {NULL};
    struct settings_source source = {.path = "/nowhere/sosie.conf", .environment = nothing};
    assert_false(settings_load(&source, &given->settings, NULL, &given->err));
    assert_non_null(strstr(given->err.text, "/nowhere/sosie.conf"));
}

static void test_unknown_key_names_the_nearest(void **state) {
    struct given *given = *state;
    assert_false(load(given, "mllp.prot = 2575\n", NULL, 0));
    assert_int_equal(given->err.code, ERROR_UNKNOWN);
    assert_non_null(strstr(given->err.text, "mllp.port"));
    assert_non_null(strstr(given->err.text, "line 1"));
}

static void test_ranges_and_choices(void **state) {
    struct given *given = *state;
    assert_false(load(given, "mllp.port = 65536\n", NULL, 0));
    assert_false(load(given, "mllp.frame_limit = 17M\n", NULL, 0));
    assert_true(load(given, "mllp.frame_limit = 16M\n", NULL, 0));
    assert_int_equal(given->settings.mllp_frame_limit_bytes, 16 << 20);
    assert_false(load(given, "ins.oids = real\n", NULL, 0));
    assert_true(load(given, "ins.oids = both\n", NULL, 0));
    assert_int_equal(given->settings.ins_oids, 2);
    assert_false(load(given, "mllp.strict = perhaps\n", NULL, 0));
}

static void test_secret_from_a_file(void **state) {
    struct given *given = *state;
    char secret[] = "/tmp/sosie-secret-XXXXXX";
    close(mkstemp(secret));
    write_file(secret, "postgresql://sosie:hush@db/sosie\n");
    assert_true(load(given, arena_printf(given->arena, "database.url = file:%s\n", secret), NULL, 0));
    assert_string_equal(given->settings.database_url, "postgresql://sosie:hush@db/sosie");
    unlink(secret);
}

/* Issue 2, Settings: nothing listens outside loopback without TLS unless a setting named for its danger says so. */
static void test_outside_loopback_needs_tls_or_a_named_danger(void **state) {
    struct given *given = *state;
    assert_false(load(given, "mllp.address = 0.0.0.0\n", NULL, 0));
    assert_string_equal(given->err.where, "mllp.address");
    assert_non_null(strstr(given->err.text, "mllp.insecure_remote_plaintext"));
    assert_false(load(given, "http.address = 10.1.2.3\n", NULL, 0));
    assert_string_equal(given->err.where, "http.address");
    assert_true(load(given, "http.address = 10.1.2.3\nhttp.insecure_remote_plaintext = yes\n", NULL, 0));
    assert_true(load(given, "mllp.address = ::\nmllp.tls.certificate = c.pem\nmllp.tls.key = k.pem\n", NULL, 0));
    assert_true(load(given, "mllp.address = ::1\nhttp.address = localhost\n", NULL, 0));
}

static void test_half_of_tls_is_refused(void **state) {
    struct given *given = *state;
    assert_false(load(given, "mllp.tls.certificate = c.pem\n", NULL, 0));
    assert_string_equal(given->err.where, "mllp.tls.certificate");
    assert_non_null(strstr(given->err.text, "set mllp.tls.key too"));
    assert_false(load(given, "http.tls.key = k.pem\n", NULL, 0));
    assert_string_equal(given->err.where, "http.tls.key");
    assert_non_null(strstr(given->err.text, "set http.tls.certificate too"));
    assert_false(load(given, "mllp.tls.ca = ca.pem\n", NULL, 0));
    assert_string_equal(given->err.where, "mllp.tls.ca");
}

static void test_settings_that_contradict(void **state) {
    struct given *given = *state;
    assert_false(load(given, "http.port = 2575\n", NULL, 0));
    assert_true(load(given, "http.port = 0\nmllp.port = 0\n", NULL, 0));
    assert_false(load(given, "fhir.page_size = 300\n", NULL, 0));
    assert_true(load(given, "mllp.max_connections = 10\n", NULL, 0)); /* fewer than one peer may have: the smaller counts */
    assert_false(load(given, "mllp.processing_ids = P,X\n", NULL, 0));
    assert_true(load(given, "mllp.processing_ids = P, T,D\n", NULL, 0));
    assert_false(load(given, "feed.unknown_birth_dates = 1985-06-31\n", NULL, 0));
    assert_false(load(given, "feed.unknown_birth_dates = 1985-06-15,\n", NULL, 0));
    assert_false(load(given, "feed.unknown_birth_dates = 15/06/1985\n", NULL, 0));
    assert_true(load(given, "feed.unknown_birth_dates = 1985-06-15, 1970-01-01\n", NULL, 0));
    assert_false(load(given, "database.url =\n", NULL, 0));
}

static void test_socket_path_fits(void **state) {
    struct given *given = *state;
    char path[140];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_false(load(given, arena_printf(given->arena, "control.socket = /%s\n", path), NULL, 0));
    assert_string_equal(given->err.where, "control.socket");
}

/* -- all that is wrong ------------------------------------------------------------------------------------------------------- */

/* Looks at this text as sosie check does. */
static struct config_findings review(struct given *given, const char *text, bool outside) {
    static char *nothing[] = {NULL};
    struct config_findings findings;
    const char *path;
    write_file(given->path, text);
    struct settings_source source = {.path = given->path, .environment = nothing};
    config_findings_init(&findings, &settings_table, given->arena);
    assert_true(settings_review(&source, &given->settings, &path, &findings));
    if (outside)
        settings_check_outside(&given->settings, &findings);
    config_findings_sort(&findings);
    return findings;
}

static void assert_finding(const struct config_findings *findings, size_t at, unsigned line, bool warning, const char *key,
                           const char *text) {
    const struct config_finding *finding = &findings->items[at];
    assert_in_range(at, 0, findings->count - 1);
    if (finding->line != line || finding->warning != warning || strcmp(finding->err.where, key) != 0 ||
        !strstr(finding->err.text, text))
        fail_msg("line %u, %s: %s", finding->line, finding->err.where, finding->err.text);
}

static void test_all_errors_by_line(void **state) {
    struct config_findings findings = review(*state,
                                             "fhir.page_size = 300\nmllp.prot = 1\nno line\nmllp.address = 0.0.0.0\n"
                                             "lane.batch = 1\nlane.batch = 2\nhttp.port = x\n",
                                             false);
    assert_int_equal(findings.errors, 6);
    assert_int_equal(findings.count, 6);
    assert_finding(&findings, 0, 1, false, "fhir.page_size", "fhir.page_max");
    assert_finding(&findings, 1, 2, false, "mllp.prot", "mllp.port");
    assert_finding(&findings, 2, 3, false, "", "key = value");
    assert_finding(&findings, 3, 4, false, "mllp.address", "mllp.insecure_remote_plaintext");
    assert_finding(&findings, 4, 6, false, "lane.batch", "first on line 5");
    assert_finding(&findings, 5, 7, false, "http.port", "0 to 65535");
}

static void test_one_error_says_that_there_are_more(void **state) {
    struct given *given = *state;
    assert_false(load(given, "http.port = x\nmllp.port = y\n", NULL, 0));
    assert_non_null(strstr(given->err.text, "line 1: http.port"));
    assert_non_null(strstr(given->err.text, "and 1 more: see sosie check"));
}

/* A later source has the say: what is wrong with its value is of no line. */
static void test_a_variable_is_of_no_line(void **state) {
    struct given *given = *state;
    char *environment[] = {"SOSIE_FHIR_PAGE_SIZE=300", "SOSIE_HTTP_PORT=x", NULL};
    struct config_findings findings;
    const char *path;
    write_file(given->path, "fhir.page_size = 10\n");
    struct settings_source source = {.path = given->path, .environment = environment};
    config_findings_init(&findings, &settings_table, given->arena);
    assert_true(settings_review(&source, &given->settings, &path, &findings));
    assert_int_equal(findings.count, 2);
    assert_finding(&findings, 0, 0, false, "http.port", "environment variable SOSIE_HTTP_PORT");
    assert_finding(&findings, 1, 0, false, "fhir.page_size", "300");
}

static void test_a_file_of_nonsense_is_not_told_for_ever(void **state) {
    struct given *given = *state;
    char *text = arena_calloc(given->arena, 1, 2 * 1000 + 1);
    for (size_t i = 0; i < 1000; i++)
        memcpy(text + 2 * i, "x\n", 2);
    struct config_findings findings = review(given, text, false);
    assert_int_equal(findings.errors, 1000);
    assert_int_equal(findings.count, CONFIG_FINDINGS_MOST);
    assert_int_equal(findings.dropped, 1000 - CONFIG_FINDINGS_MOST);
}

/* -- outside the settings ---------------------------------------------------------------------------------------------------- */

static const char PLACES[] = "data.directory = /tmp/sosie-not-made-yet/\ncontrol.socket = /tmp/sosie-settings.sock\n";

static struct config_findings review_tls(struct given *given, const char *certificate, const char *key, const char *ca) {
    return review(given,
                  arena_printf(given->arena, "%smllp.tls.certificate = %s\nmllp.tls.key = %s\nmllp.tls.ca = %s\n", PLACES,
                               certificate, key, ca),
                  true);
}

static void test_certificates_are_opened(void **state) {
    struct certificates files;
    certificates_make(&files);
    struct config_findings findings = review_tls(*state, files.server, files.server_key, files.ca);
    assert_int_equal(findings.errors, 0);
    findings = review_tls(*state, "/nowhere/c.pem", files.server_key, files.server_key);
    assert_int_equal(findings.errors, 2);
    assert_finding(&findings, 0, 3, false, "mllp.tls.certificate", "cannot read /nowhere/c.pem");
    assert_finding(&findings, 1, 5, false, "mllp.tls.ca", "no certificate in ");
    findings = review_tls(*state, files.server, files.client_key, "");
    assert_int_equal(findings.errors, 1);
    assert_finding(&findings, 1, 4, false, "mllp.tls.key", "is not that of the certificate");
    findings = review_tls(*state, files.server, files.ca, "");
    assert_finding(&findings, 1, 4, false, "mllp.tls.key", "no private key in ");
    certificates_remove(&files);
}

/* Theirs are good from an hour ago for a day. */
static void test_certificates_that_end(void **state) {
    const int64_t day_us = (int64_t)86400 * 1000000;
    int64_t now_us = clock_now_us();
    struct certificates files;
    certificates_make(&files);
    struct config_findings findings = review_tls(*state, files.server, files.server_key, files.ca);
    assert_int_equal(findings.count, 2);
    assert_finding(&findings, 0, 3, true, "mllp.tls.certificate", "in 0 days: have it renewed");
    assert_finding(&findings, 1, 5, true, "mllp.tls.ca", "in 0 days: have it renewed");
    clock_set_test(now_us - 29 * day_us); /* before it begins, and 30 days before it ends */
    findings = review_tls(*state, files.server, files.server_key, "");
    assert_finding(&findings, 0, 3, false, "mllp.tls.certificate", "is not valid before");
    assert_finding(&findings, 1, 3, true, "mllp.tls.certificate", "in 29 days");
    clock_set_test(now_us - 30 * day_us);
    findings = review_tls(*state, files.server, files.server_key, "");
    assert_int_equal(findings.count, 1);
    clock_set_test(now_us + 2 * day_us);
    findings = review_tls(*state, files.server, files.server_key, files.ca);
    assert_int_equal(findings.errors, 2);
    assert_finding(&findings, 0, 3, false, "mllp.tls.certificate", "expired on");
    assert_finding(&findings, 1, 5, false, "mllp.tls.ca", "expired on");
    clock_set_test(0);
    certificates_remove(&files);
}

static void test_places_and_texts_are_tried(void **state) {
    struct config_findings findings = review(*state, PLACES, true);
    assert_int_equal(findings.count, 0);
    assert_int_equal(access("/tmp/sosie-not-made-yet", F_OK), -1);
    findings = review(*state,
                      "data.directory = /nowhere/at/all\ncontrol.socket = /etc/hostname/s\nmllp.address = 127.0.0.256\n"
                      "fhir.base_url = ftp://x\nmllp.default_charset = KLINGON\ndatabase.url = postgresql://[\nhttp.threads = 9\n"
                      "http.max_connections = 8\n",
                      true);
    static const char *const keys[] = {"data.directory",       "control.socket", "mllp.address", "fhir.base_url",
                                       "mllp.default_charset", "database.url",   "http.threads"};
    assert_int_equal(findings.errors, 7);
    for (unsigned i = 0; i < 7; i++)
        assert_finding(&findings, i, i + 1, false, keys[i], "");
}

/* Also what root may by its rights: no filesystem of the kernel takes a file. */
static void test_a_folder_that_takes_nothing_is_an_error(void **state) {
    struct config_findings findings = review(*state, "data.directory = /proc/x\ncontrol.socket = /tmp/sosie-settings.sock\n", true);
    assert_int_equal(findings.errors, 1);
    assert_finding(&findings, 0, 1, false, "data.directory",
                   "the folder /proc, in which /proc/x is to be made, cannot be written by this user");
    findings = review(*state, "data.directory = /proc\ncontrol.socket = /proc/s\n", true);
    assert_int_equal(findings.errors, 2);
    assert_finding(&findings, 0, 1, false, "data.directory", "the folder /proc cannot be written by this user");
    assert_finding(&findings, 1, 2, false, "control.socket", "or name another");
    findings = review(*state, "data.directory = /tmp\ncontrol.socket = /tmp/sosie-settings.sock\n", true);
    assert_int_equal(findings.count, 0);
}

static void test_diff_names_what_changed(void **state) {
    struct given *given = *state;
    const char *keys[2];
    assert_true(load(given, "", NULL, 0));
    struct settings before = given->settings;
    assert_int_equal(settings_diff(&before, &given->settings, keys, 2), 0);
    assert_true(load(given, "mllp.port = 2600\nlog.level = debug\nmllp.strict = yes\n", NULL, 0));
    assert_int_equal(settings_diff(&before, &given->settings, keys, 2), 3);
    assert_string_equal(keys[0], "log.level");
    assert_string_equal(keys[1], "mllp.port");
}

/* The sample is a file that loads and changes nothing; its lines taken out of the comment too. */
static void test_sample_loads_and_is_the_defaults(void **state) {
    struct given *given = *state;
    struct buf sample = {0};
    buf_init(&sample, 1 << 20);
    config_write_sample(&settings_table, &sample);
    assert_true(load(given, sample.bytes, NULL, 0));
    struct settings plain = given->settings;
    for (size_t i = 0; i + 2 < sample.len; i++) {
        bool setting = sample.bytes[i] == '\n' && sample.bytes[i + 1] == '#' && sample.bytes[i + 2] != ' ';
        if (setting)
            sample.bytes[i + 1] = ' ';
    }
    assert_true(load(given, sample.bytes, NULL, 0));
    assert_int_equal(settings_diff(&plain, &given->settings, NULL, 0), 0);
    buf_release(&sample);
}

/* docs/settings.md is made from the table: this fails when it was not made again. */
static void test_manual_in_docs_is_current(void **state) {
    struct given *given = *state;
    struct buf manual = {0};
    buf_init(&manual, 1 << 20);
    settings_write_manual(&manual);
    FILE *file = fopen(SOSIE_SOURCE_DIR "/docs/settings.md", "r");
    assert_non_null(file);
    char *kept = arena_calloc(given->arena, 1, 1 << 20);
    size_t len = fread(kept, 1, (1 << 20) - 1, file);
    fclose(file);
    assert_int_equal(len, manual.len);
    assert_memory_equal(kept, manual.bytes, len);
    buf_release(&manual);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults_are_valid_and_keep_to_this_machine, setup, teardown),
        cmocka_unit_test_setup_teardown(test_later_sources_win, setup, teardown),
        cmocka_unit_test_setup_teardown(test_environment_names_the_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_named_file_must_exist, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_key_names_the_nearest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ranges_and_choices, setup, teardown),
        cmocka_unit_test_setup_teardown(test_secret_from_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_outside_loopback_needs_tls_or_a_named_danger, setup, teardown),
        cmocka_unit_test_setup_teardown(test_half_of_tls_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settings_that_contradict, setup, teardown),
        cmocka_unit_test_setup_teardown(test_socket_path_fits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_all_errors_by_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_error_says_that_there_are_more, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_variable_is_of_no_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_of_nonsense_is_not_told_for_ever, setup, teardown),
        cmocka_unit_test_setup_teardown(test_certificates_are_opened, setup, teardown),
        cmocka_unit_test_setup_teardown(test_certificates_that_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_places_and_texts_are_tried, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_folder_that_takes_nothing_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(test_diff_names_what_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sample_loads_and_is_the_defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_manual_in_docs_is_current, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
