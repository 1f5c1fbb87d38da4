#include "tests/support/ask_web.h"

/* -- doors ---------------------------------------------------------------------------------------------------------------- */

static void test_a_foreign_peer_is_refused(void **state) {
    ask(&(struct ask){.path = "/", .foreign = true});
    assert_int_equal(answer.status, 403);
    ask(&(struct ask){.path = "/api/tasks", .foreign = true});
    assert_int_equal(answer.status, 403);
    assert_span(answer.content_type, "application/json");
    assert_false(says("possible-match"));
}

static void test_only_loopback_names_are_served(void **state) {
    static const char *const good[] = {"localhost", "LOCALHOST:1", "127.0.0.1:8080", "127.8.9.10", "[::1]", "[::1]:8080"};
    static const char *const bad[] = {
        "",           "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "127.evil.example",
        "[::2]:8080", "10.0.0.1",     "evil.example:127.0.0.1"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ask(&(struct ask){.path = "/", .host = good[i]});
        if (answer.status != 200)
            fail_msg("%s was refused", good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ask(&(struct ask){.path = "/", .host = bad[i]});
        if (answer.status != 403)
            fail_msg("%s was served", bad[i]);
    }
}

static void check_not_acted(const char *what) {
    if (answer.status != 403)
        fail_msg("%s: status %d", what, answer.status);
    assert_int_equal(fake_tasks[0].task.state, TASK_OPEN);
}

static void test_a_forged_post_changes_nothing(void **state) {
    const char *token = arena_printf(arena, "token=%s&%s", web->token, fine_fields), *type = "application/x-www-form-urlencoded";
    const char *wrong = arena_printf(arena, "token=%.*sX&%s", TOKEN_DIGITS - 1, web->token, fine_fields);
    const struct {
        const char *what;
        struct ask ask;
    } rows[] = {
        {"no token", {.origin = "http://localhost:8080", .body = fine_fields}},
        {"wrong token", {.origin = "http://localhost:8080", .body = wrong}},
        {"no origin, no referer", {.body = token}},
        {"origin null", {.origin = "null", .body = token}},
        {"foreign origin", {.origin = "http://evil.example", .body = token}},
        {"other port", {.origin = "http://localhost:9090", .body = token}},
        {"foreign origin over our referer", {.origin = "http://evil.example", .referer = "http://localhost:8080/", .body = token}},
        {"foreign referer", {.referer = "http://evil.example/localhost:8080", .body = token}},
        {"a name that begins like ours", {.origin = "http://localhost:8080.evil.example", .body = token}},
        {"user part", {.origin = "http://localhost:8080@evil.example", .body = token}},
        {"text/plain", {.type = "text/plain", .origin = "http://evil.example", .body = token}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ask forged = rows[i].ask;
        forged.method = "POST";
        forged.path = "/taches/1";
        forged.type = forged.type ? forged.type : type;
        ask(&forged);
        check_not_acted(rows[i].what);
    }
}

static void test_a_forged_json_post_changes_nothing(void **state) {
    const char *body = "{\"outcome\":\"link\",\"author\":\"x\",\"reason\":\"y\"}", *path = "/api/tasks/1/review";
    ask(&(struct ask){.method = "POST", .path = path, .type = "application/json", .origin = "http://evil.example", .body = body});
    check_not_acted("JSON of a foreign origin");
    ask(&(struct ask){.method = "POST", .path = path, .type = "text/plain", .body = body});
    check_not_acted("JSON in disguise");
    ask(&(struct ask){.method = "POST", .path = path, .body = body});
    check_not_acted("no type");
}

static void test_our_own_post_passes(void **state) {
    post("/taches/1", fine_fields);
    assert_int_equal(answer.status, 303);
    assert_span(header("Location"), "/taches/1?done=link");
    assert_int_equal(fake_tasks[0].task.state, TASK_RESOLVED);
    fake_reset();
    ask(&(struct ask){.method = "POST",
                      .path = "/taches/1",
                      .type = "application/x-www-form-urlencoded; charset=utf-8",
                      .referer = "http://localhost:8080/taches/1",
                      .body = arena_printf(arena, "token=%s&%s", web->token, fine_fields)});
    assert_int_equal(answer.status, 303);
}

static void test_every_answer_has_the_security_headers(void **state) {
    static const char *const paths[] = {"/", "/taches/1", "/nowhere", "/api/counts", "/assets/sosie.css"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        get(paths[i]);
        struct span policy = header("Content-Security-Policy");
        assert_true(span_starts(policy, SPAN("default-src 'self'")));
        assert_non_null(strstr(policy.ptr, "frame-ancestors 'none'"));
        assert_span(header("X-Content-Type-Options"), "nosniff");
        if (i < 4)
            assert_span(header("Cache-Control"), "no-store");
    }
}

/* -- routes --------------------------------------------------------------------------------------------------------------- */

static void test_routes(void **state) {
    static const struct {
        const char *method, *path;
        int status;
    } rows[] = {
        {"GET", "/", 200},
        {"GET", "/taches/1", 200},
        {"GET", "/tasks/1", 200},
        {"GET", "/taches/999", 404},
        {"GET", "/taches/0", 404},
        {"GET", "/taches/-1", 404},
        {"GET", "/taches/1x", 404},
        {"GET", "/taches/1/", 404},
        {"GET", "/taches//1", 404},
        {"GET", "/taches/18446744073709551616", 404},
        {"GET", "/taches/9223372036854775808", 404},
        {"GET", "/messages", 200},
        {"GET", "/messages/501", 200},
        {"GET", "/messages/502", 404},
        {"GET", "/messages/501/replay", 405},
        {"GET", "/personnes", 200},
        {"GET", "/persons/7", 200},
        {"GET", "/personnes/9", 404},
        {"GET", "/accessibilite", 200},
        {"GET", "/accessibility", 200},
        {"GET", "/assets/sosie.css", 200},
        {"GET", "/assets/sosie.js", 200},
        {"GET", "/assets/../web.c", 404},
        {"GET", "/assets/", 404},
        {"GET", "/api/tasks", 200},
        {"GET", "/api/tasks/1", 200},
        {"GET", "/api/tasks/77", 404},
        {"GET", "/api/counts", 200},
        {"GET", "/api/messages", 200},
        {"GET", "/api/nothing", 404},
        {"DELETE", "/taches/1", 405},
        {"OPTIONS", "/api/tasks/1/review", 405},
        {"POST", "/", 405},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ask(&(struct ask){.method = rows[i].method, .path = rows[i].path});
        if (answer.status != rows[i].status)
            fail_msg("%s %s: %d, not %d", rows[i].method, rows[i].path, answer.status, rows[i].status);
        assert_span(answer.content_type, span_starts(span_of(rows[i].path), SPAN("/api/")) ? "application/json"
                                         : answer.status == 200 && span_eq_cstr(span_of(rows[i].path), "/assets/sosie.css")
                                             ? "text/css; charset=utf-8"
                                         : answer.status == 200 && span_eq_cstr(span_of(rows[i].path), "/assets/sosie.js")
                                             ? "text/javascript; charset=utf-8"
                                             : "text/html; charset=utf-8");
    }
}

static void test_the_language_is_chosen_and_kept(void **state) {
    get("/");
    assert_says("<html lang=\"fr\">");
    ask(&(struct ask){.path = "/", .query = "lang=en&kind=duplicate"});
    assert_says("<html lang=\"en\">");
    assert_says("href=\"?lang=fr&amp;kind=duplicate\"");
    assert_non_null(strstr(header("Set-Cookie").ptr, "sosie_lang=en; Path=/;"));
    ask(&(struct ask){.path = "/", .cookie = "a=b; sosie_lang=en"});
    assert_says("<html lang=\"en\">");
    ask(&(struct ask){.path = "/", .cookie = "sosie_lang=xx", .query = "lang=\"><script>"});
    assert_says("<html lang=\"fr\">");
    assert_true(span_is_absent(header("Set-Cookie")));
}

static void test_without_a_database_the_page_says_so(void **state) {
    fake_identity.state = IDENTITY_NO_DATABASE;
    get("/");
    assert_int_equal(answer.status, 503);
    assert_says("La base de données ne répond pas");
    get("/api/tasks");
    assert_int_equal(answer.status, 503);
    assert_says("\"code\":\"unavailable\"");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_a_foreign_peer_is_refused),
        TEST(test_only_loopback_names_are_served),
        TEST(test_a_forged_post_changes_nothing),
        TEST(test_a_forged_json_post_changes_nothing),
        TEST(test_our_own_post_passes),
        TEST(test_every_answer_has_the_security_headers),
        TEST(test_routes),
        TEST(test_the_language_is_chosen_and_kept),
        TEST(test_without_a_database_the_page_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
