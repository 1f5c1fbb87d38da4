/* The command line as a whole: help, errors with their remedy, exit codes. No server and no database is needed here. */
#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "server/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct buf out, err;

static int setup(void **state) {
    buf_init(&out, 1 << 20);
    buf_init(&err, 1 << 20);
    return 0;
}

static int teardown(void **state) {
    buf_release(&out);
    buf_release(&err);
    return 0;
}

static char *nothing[] = {NULL};

static int run(char *const *argv) {
    size_t argc = 0;
    while (argv[argc])
        argc++;
    buf_clear(&out);
    buf_clear(&err);
    buf_add_cstr(&out, "");
    buf_add_cstr(&err, "");
    return cli_run(argc, argv, nothing, &out, &err);
}
#define RUN(...) run((char *const[]){__VA_ARGS__, NULL})

static bool said(const struct buf *where, const char *text) {
    return where->len > 0 && strstr(where->bytes, text);
}

static void test_version_and_help(void **state) {
    assert_int_equal(RUN("--version"), EXIT_DONE);
    assert_string_equal(out.bytes, "sosie " SOSIE_VERSION "\n");
    assert_int_equal(RUN("--help"), EXIT_DONE);
    assert_true(said(&out, "domain add"));
    assert_true(said(&out, "query pdq"));
    assert_true(said(&out, "\n  replay ")); /* the last of its group, as is the next */
    assert_true(said(&out, "\n  peer load "));
    assert_int_equal(run(nothing), EXIT_USAGE);
    assert_true(said(&err, "sosie COMMAND"));
}

static void test_every_command_has_help(void **state) {
    static char *const commands[][2] = {
        {"serve"},           {"migrate"},        {"check"},          {"status"},       {"domain", "add"},
        {"domain", "set"},   {"domain", "list"}, {"domain", "show"}, {"task", "list"}, {"task", "show"},
        {"task", "resolve"}, {"explain"},        {"link"},           {"separate"},     {"undo"},
        {"decisions"},       {"send"},           {"query", "pix"},   {"query", "pdq"}, {"log"},
        {"replay"}};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char *argv[4] = {commands[i][0], commands[i][1], NULL, NULL};
        argv[commands[i][1] ? 2 : 1] = "--help";
        assert_int_equal(run(argv), EXIT_DONE);
        assert_true(said(&out, "Flags\n"));
        assert_int_equal(err.len, 0);
        struct span rest = buf_span(&out), line;
        while (span_cut(&rest, '\n', &line))
            assert_in_range(line.len, 0, 132);
    }
}

static void test_unknown_words_name_the_nearest(void **state) {
    assert_int_equal(RUN("sned", "x"), EXIT_USAGE);
    assert_true(said(&err, "did you mean \"send\"?"));
    assert_int_equal(RUN("domain"), EXIT_USAGE);
    assert_true(said(&err, "add, set, list, show"));
    assert_int_equal(RUN("domain", "--help"), EXIT_DONE);
    assert_true(said(&out, "sosie domain add NAMESPACE\n"));
    assert_false(said(&out, "task"));
    assert_int_equal(RUN("serve", "--pidfile", "x"), EXIT_USAGE);
    assert_true(said(&err, "did you mean --pid-file?"));
    assert_int_equal(RUN("task", "show"), EXIT_USAGE);
    assert_true(said(&err, "sosie task show ID"));
}

static void test_settings_as_flags(void **state) {
    assert_int_equal(RUN("check", "--show", "--mllp.port", "2600"), EXIT_DONE);
    assert_true(said(&out, "mllp.port = 2600\n"));
    assert_int_equal(RUN("check", "--mllp.prot", "2600"), EXIT_FAILED);
    assert_ptr_equal(strstr(err.bytes, "unknown setting \"mllp.prot\"; the nearest known one is mllp.port\n"), err.bytes);
    assert_int_equal(RUN("status", "--mllp.prot", "2600"), EXIT_FAILED);
    assert_string_equal(err.bytes, "sosie: unknown setting \"mllp.prot\"; the nearest known one is mllp.port\n");
    assert_int_equal(RUN("check", "--mllp.address", "0.0.0.0"), EXIT_FAILED);
    assert_true(said(&err, "mllp.insecure_remote_plaintext = yes"));
}

static void test_check_does_not_show_passwords(void **state) {
    assert_int_equal(RUN("check", "--show", "--database.url", "postgresql://sosie:hush@db/sosie"), EXIT_DONE);
    assert_false(said(&out, "hush"));
    assert_true(said(&out, "postgresql://sosie:***@db/sosie"));
}

static void test_errors_as_json(void **state) {
    assert_int_equal(RUN("check", "--json", "--mllp.address", "0.0.0.0"), EXIT_FAILED);
    json_t *json = json_loads(out.bytes, 0, NULL);
    assert_true(json_is_false(json_object_get(json, "ok")));
    assert_string_equal(json_string_value(json_object_get(json_object_get(json, "error"), "where")), "mllp.address");
    json_decref(json);
}

static void test_check_says_all_that_is_wrong(void **state) {
    char path[] = "/tmp/sosie-check-XXXXXX";
    int fd = mkstemp(path);
    const char text[] = "mllp.port = x\nhttp.prot = 1\ndata.directory = /nowhere/at/all\ncontrol.socket = /tmp/s\n";
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    assert_int_equal(RUN("check", "--config", path), EXIT_FAILED);
    struct span rest = buf_span(&err), line;
    static const char *const ends[] = {"line 1: mllp.port: \"x\" is not", "line 2: unknown setting \"http.prot\"",
                                       "line 3: data.directory: the folder /nowhere/at", "not valid: 3 errors to mend"};
    for (size_t i = 0; i < 4; i++) {
        assert_true(span_cut(&rest, '\n', &line));
        assert_non_null(memmem(line.ptr, line.len, ends[i], strlen(ends[i])));
    }
    assert_int_equal(rest.len, 0);
    assert_int_equal(out.len, 0);
    unlink(path);
}

static void test_missing_configuration_file(void **state) {
    assert_int_equal(RUN("check", "--config", "/nowhere/sosie.conf"), EXIT_FAILED);
    assert_true(said(&err, "/nowhere/sosie.conf"));
}

/* From another folder than the server's, the remedy is to say where its settings are. */
static void test_no_configuration_file_here(void **state) {
    char folder[] = "/tmp/sosie-cli-XXXXXX", *before = getcwd(NULL, 0);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(RUN("task", "list"), EXIT_FAILED);
    assert_true(said(&err, "no var/sosie.conf in this folder"));
    assert_true(said(&err, "give --config FILE or set SOSIE_CONFIG"));
    assert_int_equal(chdir(before), 0);
    assert_int_equal(rmdir(folder), 0); /* and left nothing there */
    free(before);
}

static void test_outcomes_need_an_author(void **state) {
    assert_int_equal(RUN("task", "resolve", "7", "--outcome", "link"), EXIT_USAGE);
    assert_true(said(&err, "--author"));
    assert_int_equal(RUN("link", "A:1", "B:2", "--author", "x"), EXIT_USAGE);
    assert_true(said(&err, "--reason"));
    assert_int_equal(RUN("task", "show", "seven"), EXIT_USAGE);
    assert_int_equal(RUN("undo", "0", "--author", "x", "--reason", "y"), EXIT_USAGE);
    assert_int_equal(RUN("replay"), EXIT_USAGE);
    assert_int_equal(RUN("replay", "--all", "7"), EXIT_USAGE);
}

static void test_queries_say_what_they_need(void **state) {
    assert_int_equal(RUN("query", "pix", "100200301"), EXIT_FAILED);
    assert_true(said(&err, "ID^^^NAMESPACE"));
    assert_int_equal(RUN("query", "pdq"), EXIT_FAILED);
    assert_true(said(&err, "--family"));
    assert_int_equal(RUN("query", "pdq", "--family", "X", "--port", "0"), EXIT_FAILED);
    assert_int_equal(RUN("query", "pdq", "--family", "X", "--tls-key", "k"), EXIT_FAILED);
    assert_true(said(&err, "--tls-ca"));
}

static void test_send_says_what_it_cannot_read(void **state) {
    char path[] = "/tmp/sosie-send-XXXXXX";
    close(mkstemp(path));
    assert_int_equal(RUN("send", "/nowhere/feed.hl7"), EXIT_FAILED);
    assert_true(said(&err, "/nowhere/feed.hl7"));
    assert_int_equal(RUN("send", path), EXIT_FAILED);
    assert_true(said(&err, path));
    assert_int_equal(RUN("send", "--connections", "0", path), EXIT_USAGE);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_version_and_help, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_command_has_help, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_words_name_the_nearest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settings_as_flags, setup, teardown),
        cmocka_unit_test_setup_teardown(test_check_does_not_show_passwords, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors_as_json, setup, teardown),
        cmocka_unit_test_setup_teardown(test_check_says_all_that_is_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_configuration_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_configuration_file_here, setup, teardown),
        cmocka_unit_test_setup_teardown(test_outcomes_need_an_author, setup, teardown),
        cmocka_unit_test_setup_teardown(test_queries_say_what_they_need, setup, teardown),
        cmocka_unit_test_setup_teardown(test_send_says_what_it_cannot_read, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
