/* The control protocol: one JSON object a line, bounded, errors that say where. Verbs that reach identity are tested end to end. */
#include "tests/unit/with_arena.h"

#include "server/control.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const struct control nobody = {.identity = NULL};

/* The answer to one line; checks that it is one line. */
static json_t *answer_to(const char *line) {
    struct span answer = control_handle_line(&nobody, span_of(line), arena);
    assert_true(answer.len > 0);
    assert_int_equal(span_find(answer, '\n', 0), answer.len - 1);
    json_t *json = json_loadb(answer.ptr, answer.len, 0, NULL);
    assert_non_null(json);
    return json;
}

static void assert_refused(const char *line, const char *code, const char *where) {
    json_t *answer = answer_to(line);
    const json_t *error = json_object_get(answer, "error");
    assert_true(json_is_false(json_object_get(answer, "ok")));
    assert_string_equal(json_string_value(json_object_get(error, "code")), code);
    assert_string_equal(json_string_value(json_object_get(error, "where")), where);
    assert_non_null(json_string_value(json_object_get(error, "text")));
    json_decref(answer);
}

static void test_bad_json_gets_an_answer(void **state) {
    assert_refused("", "type", "request");
    assert_refused("{\"do\":", "type", "request");
    assert_refused("[1,2]", "type", "request");
    assert_refused("{\"do\":\"status\",\"do\":\"undo\"}", "type", "request");
    assert_refused("{\"do\":\"a\\u0000b\"}", "type", "request");
}

static void test_unknown_verbs_name_the_nearest(void **state) {
    json_t *answer = answer_to("{\"do\":\"domain-ad\"}");
    const char *text = json_string_value(json_object_get(json_object_get(answer, "error"), "text"));
    assert_non_null(strstr(text, "did you mean \"domain-add\"?"));
    json_decref(answer);
    assert_refused("{}", "missing", "do");
    assert_refused("{\"do\":7}", "type", "do");
}

static void test_fields_are_checked_before_anything_is_touched(void **state) {
    assert_refused("{\"do\":\"domain-add\"}", "missing", "namespace");
    assert_refused("{\"do\":\"domain-add\",\"namespace\":\"A B\",\"kind\":\"hospital\"}", "type", "namespace");
    assert_refused("{\"do\":\"domain-add\",\"namespace\":\"A\"}", "missing", "kind");
    assert_refused("{\"do\":\"domain-add\",\"namespace\":\"A\",\"kind\":\"hotel\"}", "table", "kind");
    assert_refused("{\"do\":\"domain-add\",\"namespace\":\"A\",\"kind\":\"hospital\",\"oid\":\"1.2.x\"}", "type", "oid");
    assert_refused("{\"do\":\"domain-add\",\"namespace\":\"A\",\"kind\":\"hospital\",\"oid\":\"3.1\"}", "type", "oid");
    assert_refused("{\"do\":\"domain-add\",\"namespace\":\"A\",\"kind\":\"hospital\",\"finess\":\"12\"}", "type", "finess");
    assert_refused("{\"do\":\"domain-add\",\"namespace\":\"A\",\"kind\":\"hospital\",\"max_status\":\"sure\"}", "table",
                   "max_status");
    assert_refused("{\"do\":\"domain-add\",\"namespace\":\"A\",\"kind\":\"hospital\",\"evidence\":\"word\"}", "table", "evidence");
    assert_refused("{\"do\":\"domain-add\",\"namespace\":\"A\",\"kind\":\"hospital\",\"identifiers\":\"any\"}", "table",
                   "identifiers");
    assert_refused("{\"do\":\"domain-add\",\"namespace\":\"A\",\"kind\":\"hospital\",\"auto_link\":\"yes\"}", "type", "auto_link");
    assert_refused("{\"do\":\"domain-add\",\"namespace\":\"A\",\"kind\":\"hospital\",\"senders\":[\"APP\"]}", "type", "senders");
    assert_refused("{\"do\":\"domain-add\",\"namespace\":\"A\",\"kind\":\"hospital\",\"senders\":\"A|B\"}", "type", "senders");
    assert_refused("{\"do\":\"task-resolve\",\"id\":1,\"outcome\":\"link\"}", "missing", "author");
    assert_refused("{\"do\":\"task-resolve\",\"id\":1,\"outcome\":\"lnk\",\"author\":\"a\"}", "table", "outcome");
    assert_refused("{\"do\":\"task-resolve\",\"id\":-1,\"outcome\":\"link\",\"author\":\"a\"}", "type", "id");
    assert_refused("{\"do\":\"replay\",\"id\":1}", "missing", "author");
    assert_refused("{\"do\":\"replay\",\"id\":1,\"author\":\"a\"}", "unavailable", "replay");
    assert_refused("{\"do\":\"explain\",\"a\":\"nothing\",\"b\":\"x\"}", "type", "a");
    assert_refused("{\"do\":\"log\"}", "missing", "control_id");
}

static void test_which_verbs_change(void **state) {
    assert_true(control_changes("domain-add"));
    assert_true(control_changes("task-resolve"));
    assert_true(control_changes("replay"));
    assert_false(control_changes("status"));
    assert_false(control_changes("explain"));
    assert_false(control_changes("nothing"));
}

/* -- over a socket -------------------------------------------------------------------------------------------------------- */

struct served {
    int ours, theirs;
    pthread_t thread;
};

static void *serve(void *argument) {
    control_serve_fd(&nobody, *(int *)argument);
    return NULL;
}

static void begin(struct served *served) {
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    served->ours = pair[0];
    served->theirs = pair[1];
    assert_int_equal(pthread_create(&served->thread, NULL, serve, &served->theirs), 0);
}

static void end(struct served *served) {
    pthread_join(served->thread, NULL);
    close(served->ours);
}

static void write_whole(int fd, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t wrote = send(fd, bytes, len, MSG_NOSIGNAL);
        if (wrote <= 0)
            return; /* the other side gave up: that is its right */
        bytes += wrote;
        len -= (size_t)wrote;
    }
}

/* All that comes until the other side ends. */
static struct span read_whole(int fd) {
    struct buf got = {0};
    char piece[4096];
    ssize_t len;
    buf_init(&got, 1 << 20);
    while ((len = read(fd, piece, sizeof piece)) > 0)
        buf_add_bytes(&got, piece, (size_t)len);
    struct span text = buf_copy(&got, arena);
    buf_release(&got);
    return text;
}

static void test_several_lines_in_one_write_and_one_line_in_several(void **state) {
    struct served served;
    begin(&served);
    write_whole(served.ours, "{}\n{\"do\":\"x\"}\n{\"d", 18);
    write_whole(served.ours, "o\":7}\n", 6);
    shutdown(served.ours, SHUT_WR);
    struct span answers = read_whole(served.ours), line;
    const char *const wanted[] = {"\"missing\"", "\"unknown\"", "\"type\""};
    for (size_t i = 0; i < 3; i++) {
        assert_true(span_cut(&answers, '\n', &line));
        assert_non_null(strstr(span_cstr(line, arena), wanted[i]));
    }
    assert_true(span_is_empty(answers));
    end(&served);
}

static void test_a_line_beyond_the_limit_ends_the_connection(void **state) {
    struct served served;
    char *line = arena_alloc(arena, CONTROL_LINE_LIMIT + 16);
    memset(line, 'a', CONTROL_LINE_LIMIT + 16);
    begin(&served);
    write_whole(served.ours, line, CONTROL_LINE_LIMIT + 16);
    struct span answer = read_whole(served.ours);
    assert_non_null(strstr(span_cstr(answer, arena), "\"limit\""));
    end(&served);
}

static void test_the_socket_is_private_and_goes(void **state) {
    struct control_server *server;
    struct error err;
    struct stat found;
    char folder[] = "/tmp/sosie-control-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *path = arena_printf(arena, "%s/control.sock", folder);
    assert_true(control_start(path, &nobody, &server, &err));
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    control_stop(server);
    assert_int_not_equal(stat(path, &found), 0);
    rmdir(folder);
}

/* A server that was killed between two requests of one command. */
static void test_a_server_that_ended_is_named(void **state) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct control_line *line;
    char folder[] = "/tmp/sosie-control-XXXXXX";
    struct error err = ERROR_INIT;
    json_t *request = json_pack("{s:s}", "do", "status"), *answer;
    int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/control.sock", folder);
    struct settings settings = {.control_socket = address.sun_path};
    assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listening, 1), 0);
    assert_true(control_open(&settings, CONTROL_READER, &line, &err));
    close(accept(listening, NULL, NULL));
    assert_false(control_ask(line, request, arena, &answer, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_non_null(strstr(err.text, "the server ended"));
    control_close(line);
    json_decref(request);
    close(listening);
    (void)unlink(address.sun_path);
    rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bad_json_gets_an_answer, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_unknown_verbs_name_the_nearest, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_fields_are_checked_before_anything_is_touched, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_which_verbs_change, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_several_lines_in_one_write_and_one_line_in_several, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_a_line_beyond_the_limit_ends_the_connection, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_the_socket_is_private_and_goes, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_a_server_that_ended_is_named, new_arena, drop_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
