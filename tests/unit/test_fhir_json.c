#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "fhir/json_read.h"
#include "fhir/json_write.h"

#include <string.h>

static struct json json;
static struct buf out;

static int begin(void **state) {
    buf_init(&out, 1 << 20);
    json_write_init(&json, &out, false);
    return 0;
}

static int end(void **state) {
    buf_release(&out);
    return 0;
}

static void values_and_separators(void **state) {
    json_write_open(&json, NULL, '{');
    json_write_cstr(&json, "a", "x");
    json_write_open(&json, "b", '[');
    json_write_u64(&json, NULL, 0);
    json_write_u64(&json, NULL, UINT64_MAX);
    json_write_bool(&json, NULL, false);
    json_write_close(&json);
    json_write_joined(&json, "c", SPAN("urn:oid:"), SPAN("1.2"));
    json_write_fraction(&json, "d", 0.87309);
    json_write_close(&json);
    assert_span(buf_span(&out), "{\"a\":\"x\",\"b\":[0,18446744073709551615,false],\"c\":\"urn:oid:1.2\",\"d\":0.8731}");
}

static void fractions_stay_in_their_range(void **state) {
    json_write_open(&json, NULL, '[');
    json_write_fraction(&json, NULL, -1);
    json_write_fraction(&json, NULL, 7);
    json_write_fraction(&json, NULL, 0.0 / 1.0);
    json_write_close(&json);
    assert_span(buf_span(&out), "[0.0000,1.0000,0.0000]");
}

/* FHIR forbids empty texts, arrays and objects. */
static void nothing_empty_is_written(void **state) {
    json_write_open(&json, NULL, '{');
    json_write_text(&json, "empty", SPAN(""));
    json_write_open(&json, "array", '[');
    json_write_open(&json, NULL, '{');
    json_write_cstr(&json, "text", NULL);
    json_write_close(&json);
    json_write_close(&json);
    json_write_cstr(&json, "first", "1");
    json_write_open(&json, "object", '{');
    json_write_open(&json, "inner", '[');
    json_write_joined(&json, NULL, SPAN("head:"), SPAN(""));
    json_write_close(&json);
    json_write_close(&json);
    json_write_cstr(&json, "second", "2");
    json_write_close(&json);
    assert_span(buf_span(&out), "{\"first\":\"1\",\"second\":\"2\"}");
}

static void texts_are_escaped(void **state) {
    json_write_open(&json, NULL, '[');
    json_write_text(&json, NULL, SPAN("\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9<"));
    json_write_close(&json);
    assert_span(buf_span(&out), "[\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9<\"]");
}

static void pretty_is_indented(void **state) {
    json_write_init(&json, &out, true);
    json_write_open(&json, NULL, '{');
    json_write_open(&json, "a", '[');
    json_write_cstr(&json, NULL, "x");
    json_write_close(&json);
    json_write_open(&json, "gone", '{');
    json_write_close(&json);
    json_write_close(&json);
    assert_span(buf_span(&out), "{\n  \"a\": [\n    \"x\"\n  ]\n}");
}

static bool reads(const char *body) {
    struct arena *arena = arena_new(0);
    json_t *tree;
    struct error err = ERROR_INIT;
    bool fine = json_read(span_of(body), arena, &tree, &err);
    if (!fine)
        assert_int_equal(err.code, ERROR_SEQUENCE);
    arena_free(arena);
    return fine;
}

static void bodies_are_limited(void **state) {
    assert_true(reads("{\"a\":[1,2,{}]}"));
    assert_false(reads(""));
    assert_false(reads("[]"));
    assert_false(reads("{\"a\":1,\"a\":2}"));
    assert_false(reads("{\"a\":1,}"));
    assert_false(reads("{\"a\":\"\xff\"}"));
    assert_false(reads("{\"a\":1} x"));
}

static void depth_is_limited_outside_texts(void **state) {
    char body[512] = "{\"a\":";
    size_t len = strlen(body);
    memset(body + len, '[', 31);
    memset(body + len + 31, ']', 31);
    memcpy(body + len + 62, "}", 2);
    assert_true(reads(body));
    memset(body + len, '[', 32);
    memset(body + len + 32, ']', 32);
    memcpy(body + len + 64, "}", 2);
    assert_false(reads(body));
    assert_true(reads("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"}"));
}

static void errors_hold_no_content(void **state) {
    struct arena *arena = arena_new(0);
    json_t *tree;
    struct error err = ERROR_INIT;
    assert_false(json_read(SPAN("{\"family\":DURAND}"), arena, &tree, &err));
    assert_null(strstr(err.text, "DURAND"));
    assert_non_null(strstr(err.text, "line 1"));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_and_separators, begin, end),
        cmocka_unit_test_setup_teardown(fractions_stay_in_their_range, begin, end),
        cmocka_unit_test_setup_teardown(nothing_empty_is_written, begin, end),
        cmocka_unit_test_setup_teardown(texts_are_escaped, begin, end),
        cmocka_unit_test_setup_teardown(pretty_is_indented, begin, end),
        cmocka_unit_test(bodies_are_limited),
        cmocka_unit_test(depth_is_limited_outside_texts),
        cmocka_unit_test(errors_hold_no_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
