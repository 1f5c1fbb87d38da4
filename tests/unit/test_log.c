#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int pipe_fds[2];
static char line[8192];

static int set_up(void **state) {
    setenv("TZ", "UTC", 1);
    tzset();
    clock_set_test(1763456400123456);
    if (pipe(pipe_fds) != 0)
        return -1;
    log_to(pipe_fds[1], LOG_INFO);
    return 0;
}

static int tear_down(void **state) {
    log_to(STDERR_FILENO, LOG_INFO);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    clock_set_test(0);
    return 0;
}

static const char *logged(void) {
    ssize_t got = read(pipe_fds[0], line, sizeof line - 1);
    line[got > 0 ? got : 0] = '\0';
    return line;
}

static void a_line_is_key_and_value(void **state) {
    log_info("batch committed", LOG_U64("messages", 12), LOG_I64("delta", -3), LOG_MS("took", 1.5), LOG_TEXT("mode", "live"));
    assert_string_equal(logged(), "time=2025-11-18T09:00:00.123+00:00 level=info event=\"batch committed\" messages=12 delta=-3 "
                                  "took_ms=1.500 mode=live\n");
}

static void an_event_needs_no_field(void **state) {
    log_warn("stopping");
    assert_string_equal(logged(), "time=2025-11-18T09:00:00.123+00:00 level=warn event=stopping\n");
}

static void values_cannot_forge_a_line(void **state) {
    log_error("bad", LOG_TEXT("a", "x\ny=\"1\" \\ \x01"), LOG_SPAN("b", SPAN("")), LOG_TEXT("c", "\xc3\xa9"),
              LOG_TEXT("d", "\xe9"));
    const char *got = logged();
    assert_non_null(strstr(got, " a=\"x\\ny=\\\"1\\\" \\\\ \\x01\" b=\"\" c=\"\xc3\xa9\" d=\"\\xe9\"\n"));
    assert_ptr_equal(strchr(got, '\n'), got + strlen(got) - 1);
}

static void lower_levels_are_left_out(void **state) {
    log_debug("hidden");
    log_info("shown");
    assert_null(strstr(logged(), "hidden"));
    log_to(pipe_fds[1], LOG_DEBUG);
    log_debug("seen now");
    assert_non_null(strstr(logged(), "level=debug event=\"seen now\""));
}

static void a_long_line_is_cut_and_says_so(void **state) {
    char text[6000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    log_info("long", LOG_U64("before", 1), LOG_TEXT("value", text), LOG_U64("after", 2));
    const char *got = logged();
    assert_non_null(strstr(got, " before=1"));
    assert_null(strstr(got, "after"));
    assert_string_equal(got + strlen(got) - 7, " cut=1\n");
}

static void an_error_is_two_fields(void **state) {
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_TYPE, "PID^1^7", "not a date");
    log_warn("refused", LOG_ERR(&err));
    assert_non_null(strstr(logged(), " where=PID^1^7 reason=\"not a date\"\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_is_key_and_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_event_needs_no_field, set_up, tear_down),
        cmocka_unit_test_setup_teardown(values_cannot_forge_a_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lower_levels_are_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_line_is_cut_and_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_error_is_two_fields, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
