/* THE table of settings: sources, cross checks, differences, the manual. */
#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "server/settings.h"

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
    assert_string_equal(given->err.where, "mllp.tls.key");
    assert_false(load(given, "http.tls.key = k.pem\n", NULL, 0));
    assert_string_equal(given->err.where, "http.tls.certificate");
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
        cmocka_unit_test_setup_teardown(test_diff_names_what_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sample_loads_and_is_the_defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_manual_in_docs_is_current, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
