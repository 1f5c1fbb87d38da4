/* The command line by table: commands, flags, words, errors, help. */
#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "server/args.h"

#include <string.h>

static const struct flag_row flags[] = {
    {"oid", FLAG_VALUE, "OID", "universal id"},
    {"sender", FLAG_LIST, "'APP|FACILITY'", "a peer"},
    {"all", FLAG_SWITCH, NULL, "everything"},
    {"limit", FLAG_VALUE, "N", "at most"},
};
static const struct command_row add = {.name = "domain add",
                                       .words = "NAMESPACE",
                                       .summary = "declare",
                                       .text = "Declares.",
                                       .flags = flags,
                                       .flag_count = 4,
                                       .least_words = 1,
                                       .most_words = 1};
static const struct command_row list = {.name = "domain list", .words = "", .summary = "list", .text = "Lists."};
static const struct command_row serve = {.name = "serve", .words = "", .summary = "run", .text = "Runs."};
static const struct command_row *const commands[] = {&add, &list, &serve};

static struct arena *arena;
static struct error err;

static int setup(void **state) {
    arena = arena_new(0);
    err = ERROR_INIT;
    return 0;
}

static int teardown(void **state) {
    arena_free(arena);
    return 0;
}

static size_t count_of(char *const *argv) {
    size_t count = 0;
    while (argv[count])
        count++;
    return count;
}

static const struct command_row *find(char *const *argv, size_t *used) {
    const struct command_row *found = NULL;
    args_command(commands, 3, argv, count_of(argv), &found, used, &err);
    return found;
}

static bool parse(char *const *argv, struct args *out) {
    return args_parse(&add, argv, count_of(argv), arena, out, &err);
}

static void test_commands_of_one_and_two_words(void **state) {
    size_t used;
    assert_ptr_equal(find((char *[]){"serve", "--json", NULL}, &used), &serve);
    assert_int_equal(used, 1);
    assert_ptr_equal(find((char *[]){"domain", "list", NULL}, &used), &list);
    assert_int_equal(used, 2);
}

static void test_unknown_commands_name_the_nearest(void **state) {
    size_t used;
    assert_null(find((char *[]){"sevre", NULL}, &used));
    assert_non_null(strstr(err.text, "did you mean \"serve\""));
    assert_null(find((char *[]){"zzzzzzzzz", NULL}, &used));
    assert_null(strstr(err.text, "did you mean"));
    assert_null(find((char *[]){"domain", NULL}, &used));
    assert_non_null(strstr(err.text, "add, list"));
    assert_null(find((char *[]){"domain", "drop", NULL}, &used));
    assert_non_null(strstr(err.text, "\"drop\" is not one of: add, list"));
}

static void test_flags_and_words_in_any_order(void **state) {
    struct args args;
    assert_true(
        parse((char *[]){"--oid=1.2.3", "CHU", "--sender", "A|B", "--all", "--sender=C|D", "--mllp.port", "2600", NULL}, &args));
    assert_int_equal(args.word_count, 1);
    assert_true(span_eq_cstr(args.words[0], "CHU"));
    assert_true(span_eq_cstr(args_value(&args, "oid"), "1.2.3"));
    assert_true(span_eq_cstr(args_value(&args, "sender"), "C|D"));
    assert_int_equal(args.given_count, 4);
    assert_true(args_has(&args, "all"));
    assert_false(args_has(&args, "limit"));
    assert_int_equal(args.setting_count, 1);
    assert_true(span_eq_cstr(args.settings[0].key, "mllp.port"));
    assert_true(span_eq_cstr(args.settings[0].value, "2600"));
}

static void test_common_flags(void **state) {
    struct args args;
    assert_true(parse((char *[]){"CHU", "--config", "a.conf", "--json", NULL}, &args));
    assert_string_equal(args.config, "a.conf");
    assert_true(args.json);
    assert_false(args.help);
    assert_true(parse((char *[]){"--help", NULL}, &args)); /* without the word that is needed */
    assert_true(args.help);
    assert_true(parse((char *[]){"-h", NULL}, &args));
    assert_true(args.help);
}

static void test_two_dashes_end_the_flags(void **state) {
    struct args args;
    assert_true(parse((char *[]){"--", "--all", NULL}, &args));
    assert_true(span_eq_cstr(args.words[0], "--all"));
    assert_false(args_has(&args, "all"));
    assert_true(parse((char *[]){"-", NULL}, &args)); /* standard input, by custom */
    assert_true(span_eq_cstr(args.words[0], "-"));
}

static void test_wrong_command_lines(void **state) {
    struct args args;
    assert_false(parse((char *[]){"CHU", "--odi", "1.2", NULL}, &args));
    assert_non_null(strstr(err.text, "did you mean --oid?"));
    assert_false(parse((char *[]){"CHU", "--oid", NULL}, &args));
    assert_int_equal(err.code, ERROR_MISSING);
    assert_false(parse((char *[]){"--oid", "--limit", "2", "CHU", NULL}, &args)); /* not an OID "--limit", and "2" a namespace */
    assert_non_null(strstr(err.text, "--oid needs a value"));
    assert_false(parse((char *[]){"CHU", "--oid", "--limit=2", NULL}, &args));
    assert_true(parse((char *[]){"CHU", "--oid", "--", NULL}, &args));
    assert_true(parse((char *[]){"CHU", "--oid=--limit", NULL}, &args));
    assert_true(span_eq_cstr(args_value(&args, "oid"), "--limit"));
    assert_false(parse((char *[]){"CHU", "--oid", "1.2", "--oid", "1.3", NULL}, &args));
    assert_int_equal(err.code, ERROR_DUPLICATE);
    assert_false(parse((char *[]){"CHU", "--all=yes", NULL}, &args));
    assert_false(parse((char *[]){"CHU", "-x", NULL}, &args));
    assert_false(parse((char *[]){NULL}, &args));
    assert_non_null(strstr(err.text, "domain add NAMESPACE"));
    assert_false(parse((char *[]){"CHU", "CLINIQUE", NULL}, &args));
    assert_non_null(strstr(err.text, "\"CLINIQUE\""));
}

static void test_numbers(void **state) {
    struct args args;
    uint64_t number;
    assert_true(parse((char *[]){"CHU", "--limit", "12", NULL}, &args));
    assert_true(args_number(&args, "limit", 1, 20, 5, &number, &err));
    assert_int_equal(number, 12);
    assert_false(args_number(&args, "limit", 1, 11, 5, &number, &err));
    assert_true(args_number(&args, "oid", 1, 20, 5, &number, &err));
    assert_int_equal(number, 5);
    assert_true(parse((char *[]){"CHU", "--limit", "-1", NULL}, &args));
    assert_false(args_number(&args, "limit", 0, 20, 5, &number, &err));
}

static void test_yes_and_no(void **state) {
    bool yes = false;
    assert_true(args_yes_no(SPAN("YES"), &yes));
    assert_true(yes);
    assert_true(args_yes_no(SPAN("off"), &yes));
    assert_false(yes);
    assert_false(args_yes_no(SPAN("maybe"), &yes));
}

static void test_help_names_every_flag(void **state) {
    struct buf help = {0};
    buf_init(&help, 65536);
    args_write_help(&add, &help);
    assert_non_null(strstr(help.bytes, "sosie domain add NAMESPACE"));
    assert_non_null(strstr(help.bytes, "--sender 'APP|FACILITY' ..."));
    assert_non_null(strstr(help.bytes, "--oid OID"));
    assert_non_null(strstr(help.bytes, "--config FILE"));
    assert_non_null(strstr(help.bytes, "--json"));
    buf_release(&help);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_commands_of_one_and_two_words, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_commands_name_the_nearest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flags_and_words_in_any_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_common_flags, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_dashes_end_the_flags, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_command_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_yes_and_no, setup, teardown),
        cmocka_unit_test_setup_teardown(test_help_names_every_flag, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
