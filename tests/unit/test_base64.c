/* Base64: the vectors of RFC 4648 section 10, and what is none. */
#include "base/arena.h"
#include "base/base64.h"
#include "tests/unit/cmocka_all.h"

static void the_vectors_of_the_rfc(void **state) {
    (void)state;
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"}};
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span back;
        struct span text = base64_write(span_of(rows[i][0]), arena);
        assert_true(span_eq_cstr(text, rows[i][1]));
        assert_true(base64_read(text, arena, &back));
        assert_true(span_eq_cstr(back, rows[i][0]));
    }
    arena_free(arena);
}

static void every_byte_comes_back(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    char bytes[256];
    struct span back;
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    assert_true(base64_read(base64_write(span_make(bytes, sizeof bytes), arena), arena, &back));
    assert_true(span_eq(back, span_make(bytes, sizeof bytes)));
    arena_free(arena);
}

static void what_is_none_is_refused(void **state) {
    (void)state;
    static const char *const rows[] = {"Zg=", "Zg", "Z===", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm9-", "====", "Zg=a"};
    struct arena *arena = arena_new(0);
    struct span back;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_false(base64_read(span_of(rows[i]), arena, &back));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_rfc),
        cmocka_unit_test(every_byte_comes_back),
        cmocka_unit_test(what_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
