#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "fhir/json_read.h"
#include "fhir/json_write.h"

#include <string.h>

static struct json json;
static struct arena *memory;

static int begin(void **state) {
    memory = arena_new(0);
    json_write_init(&json, memory, 1 << 20, false);
    return 0;
}

static int end(void **state) {
    arena_free(memory);
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
    json_write_numbered(&json, "e", "Patient/p", 12);
    json_write_parts(&json, "f", (const struct span[]){SPAN("a\""), SPAN(""), SPAN("\n")}, 3);
    json_write_close(&json);
    assert_span(json_write_span(&json), "{\"a\":\"x\",\"b\":[0,18446744073709551615,false],\"c\":\"urn:oid:1.2\",\"d\":0.8731,"
                                        "\"e\":\"Patient/p12\",\"f\":\"a\\\"\\n\"}");
}

static void fractions_stay_in_their_range(void **state) {
    json_write_open(&json, NULL, '[');
    json_write_fraction(&json, NULL, -1);
    json_write_fraction(&json, NULL, 7);
    json_write_fraction(&json, NULL, 0.0 / 1.0);
    json_write_close(&json);
    assert_span(json_write_span(&json), "[0.0000,1.0000,0.0000]");
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
    assert_span(json_write_span(&json), "{\"first\":\"1\",\"second\":\"2\"}");
}

static void texts_are_escaped(void **state) {
    json_write_open(&json, NULL, '[');
    json_write_text(&json, NULL, SPAN("\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9<"));
    json_write_close(&json);
    assert_span(json_write_span(&json), "[\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9<\"]");
}

/* Eight bytes are looked at together: an escape at every offset of a text must be found, and nothing else. */
static void escapes_are_found_at_every_offset(void **state) {
    for (size_t at = 0; at < 20; at++) {
        char text[21] = "01234567\xc3\xa9\x7f!#[]^\xff 89", want[30] = "[\"";
        json_write_init(&json, memory, 1 << 20, false);
        text[at] = '"';
        json_write_open(&json, NULL, '[');
        json_write_text(&json, NULL, span_make(text, 20));
        json_write_close(&json);
        memcpy(want + 2, text, at);
        memcpy(want + 2 + at, "\\", 1);
        memcpy(want + 3 + at, text + at, 20 - at);
        memcpy(want + 23, "\"]", 3);
        assert_span(json_write_span(&json), want);
    }
}

static void the_ceiling_holds(void **state) {
    char text[3000];
    memset(text, 'x', sizeof text);
    json_write_init(&json, memory, 10000, false);
    json_write_open(&json, NULL, '[');
    for (int i = 0; i < 3; i++)
        json_write_text(&json, NULL, span_make(text, sizeof text));
    assert_true(json_write_ok(&json));
    json_write_text(&json, NULL, span_make(text, sizeof text));
    assert_false(json_write_ok(&json));
    json_write_u64(&json, NULL, 1); /* once and for ever */
    json_write_close(&json);
    assert_false(json_write_ok(&json));
    assert_true(json_write_span(&json).len <= 10000);
}

static void pretty_is_indented(void **state) {
    json_write_init(&json, memory, 1 << 20, true);
    json_write_open(&json, NULL, '{');
    json_write_open(&json, "a", '[');
    json_write_cstr(&json, NULL, "x");
    json_write_close(&json);
    json_write_open(&json, "gone", '{');
    json_write_close(&json);
    json_write_close(&json);
    assert_span(json_write_span(&json), "{\n  \"a\": [\n    \"x\"\n  ]\n}");
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
        cmocka_unit_test_setup_teardown(escapes_are_found_at_every_offset, begin, end),
        cmocka_unit_test_setup_teardown(the_ceiling_holds, begin, end),
        cmocka_unit_test_setup_teardown(pretty_is_indented, begin, end),
        cmocka_unit_test(bodies_are_limited),
        cmocka_unit_test(depth_is_limited_outside_texts),
        cmocka_unit_test(errors_hold_no_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
