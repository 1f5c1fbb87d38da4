#include "tests/unit/cmocka_all.h"

#include "base/arena.h"

#include <string.h>

static void of_null_is_absent(void **state) {
    assert_true(span_is_absent(span_of(NULL)));
    assert_true(span_is_empty(span_of(NULL)));
    assert_false(span_is_absent(span_of("")));
    assert_true(span_is_empty(span_of("")));
}

static void sub_is_clamped(void **state) {
    assert_span(span_sub(SPAN("abcdef"), 2, 3), "cde");
    assert_span(span_sub(SPAN("abc"), 1, SIZE_MAX), "bc");
    assert_span(span_sub(SPAN("abc"), 9, 1), "");
    assert_false(span_is_absent(span_sub(SPAN("abc"), 9, 1)));
    assert_true(span_is_absent(span_sub(SPAN_ABSENT, 1, 1)));
}

static void equality(void **state) {
    assert_true(span_eq(SPAN("ab"), span_make("abc", 2)));
    assert_false(span_eq(SPAN("ab"), SPAN("abc")));
    assert_true(span_eq(SPAN_ABSENT, SPAN("")));
    assert_true(span_eq_nocase(SPAN("Content-Type"), SPAN("cONTENT-tYPE")));
    assert_false(span_eq_nocase(SPAN("\xc3\xa9"), SPAN("\xc3\x89"))); /* ASCII only */
    assert_false(span_eq_nocase(SPAN("@"), SPAN("`")));
    assert_true(span_starts(SPAN("MSH|"), SPAN("MSH")));
    assert_true(span_starts(SPAN(""), SPAN("")));
    assert_false(span_starts(SPAN("MS"), SPAN("MSH")));
}

static void order_is_by_bytes_then_length(void **state) {
    assert_true(span_compare(SPAN("a"), SPAN("b")) < 0);
    assert_true(span_compare(SPAN("b"), SPAN("ab")) > 0);
    assert_true(span_compare(SPAN("a"), SPAN("ab")) < 0);
    assert_true(span_compare(SPAN("\x80"), SPAN("a")) > 0); /* unsigned */
    assert_int_equal(span_compare(SPAN("x"), SPAN("x")), 0);
    assert_int_equal(span_compare(SPAN_ABSENT, SPAN("")), 0);
}

static void trim_takes_blanks_only(void **state) {
    assert_span(span_trim(SPAN(" \t\r\n a b \v\f")), "a b");
    assert_span(span_trim(SPAN("   ")), "");
    assert_span(span_trim(SPAN("\xc2\xa0")), "\xc2\xa0"); /* a no-break space is not ASCII */
}

static void find(void **state) {
    assert_int_equal(span_find(SPAN("a^b^c"), '^', 0), 1);
    assert_int_equal(span_find(SPAN("a^b^c"), '^', 2), 3);
    assert_int_equal(span_find(SPAN("a^b^c"), '|', 0), 5);
    assert_int_equal(span_find(SPAN("abc"), 'a', 7), 3);
    assert_int_equal(span_find(SPAN_ABSENT, 'a', 0), 0);
}

static void cut_gives_every_piece(void **state) {
    struct span rest = SPAN("a,b,"), piece;
    assert_true(span_cut(&rest, ',', &piece));
    assert_span(piece, "a");
    assert_true(span_cut(&rest, ',', &piece));
    assert_span(piece, "b");
    assert_true(span_cut(&rest, ',', &piece));
    assert_span(piece, "");
    assert_false(span_is_absent(piece));
    assert_false(span_cut(&rest, ',', &piece));
}

static void cut_of_empty_and_absent(void **state) {
    struct span rest = SPAN(""), piece = SPAN("untouched");
    assert_true(span_cut(&rest, ',', &piece));
    assert_span(piece, "");
    assert_false(span_cut(&rest, ',', &piece));
    rest = SPAN_ABSENT;
    piece = SPAN("untouched");
    assert_false(span_cut(&rest, ',', &piece));
    assert_span(piece, "untouched");
}

static void unsigned_numbers(void **state) {
    uint64_t value = 7;
    assert_true(span_to_u64(SPAN("0"), &value));
    assert_int_equal(value, 0);
    assert_true(span_to_u64(SPAN("18446744073709551615"), &value));
    assert_true(value == UINT64_MAX);
    value = 7;
    const char *bad[] = {"", "18446744073709551616", "99999999999999999999", "-1", "+1", " 1", "1 ", "0x1", "1.0", "a"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(span_to_u64(span_of(bad[i]), &value));
    assert_false(span_to_u64(SPAN_ABSENT, &value));
    assert_int_equal(value, 7);
}

static void signed_numbers(void **state) {
    int64_t value = 7;
    assert_true(span_to_i64(SPAN("-9223372036854775808"), &value));
    assert_true(value == INT64_MIN);
    assert_true(span_to_i64(SPAN("9223372036854775807"), &value));
    assert_true(value == INT64_MAX);
    assert_true(span_to_i64(SPAN("+5"), &value));
    assert_int_equal(value, 5);
    const char *bad[] = {"", "-", "+", "--1", "9223372036854775808", "-9223372036854775809", "1-"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(span_to_i64(span_of(bad[i]), &value));
    assert_int_equal(value, 5);
}

static void copies(void **state) {
    struct arena *arena = arena_new(0);
    assert_true(span_is_absent(span_copy(SPAN_ABSENT, arena)));
    struct span empty = span_copy(SPAN(""), arena);
    assert_false(span_is_absent(empty));
    struct span text = SPAN("abc"), copy = span_copy(text, arena);
    assert_ptr_not_equal(text.ptr, copy.ptr);
    assert_span(copy, "abc");
    assert_string_equal(span_cstr(span_make("abcdef", 3), arena), "abc");
    assert_string_equal(span_cstr(SPAN_ABSENT, arena), "");
    arena_free(arena);
}

static void capitals(void **state) {
    struct arena *arena = arena_new(0);
    struct span text = SPAN("Ab\xc3\xa9`{z");
    assert_span(span_upper(text, arena), "AB\xc3\xa9`{Z");
    assert_span(text, "Ab\xc3\xa9`{z");
    text = SPAN("A-1");
    assert_ptr_equal(span_upper(text, arena).ptr, text.ptr);
    assert_true(span_is_absent(span_upper(SPAN_ABSENT, arena)));
    arena_free(arena);
}

/* At each place of more than two pieces of 64 bytes. */
static void hash_without_case(void **state) {
    char text[150], other[sizeof text];
    memset(text, 'q', sizeof text);
    struct span whole = span_make(text, sizeof text), changed = span_make(other, sizeof other);
    for (size_t i = 0; i < sizeof text; i++) {
        memcpy(other, text, sizeof text);
        other[i] = 'Q';
        assert_true(span_hash_nocase(changed, 1) == span_hash_nocase(whole, 1));
        other[i] = 'r';
        assert_true(span_hash_nocase(changed, 1) != span_hash_nocase(whole, 1));
        assert_true(span_hash_nocase(span_sub(whole, 0, i), 1) != span_hash_nocase(whole, 1));
    }
    assert_true(span_hash_nocase(SPAN("A"), 1) != span_hash_nocase(SPAN("A"), 2));
    assert_true(span_hash_nocase(SPAN(""), 1) == span_hash_nocase(SPAN_ABSENT, 1));
}

/* The hash stands in tables: these figures may never change. */
static void hash_is_stable(void **state) {
    assert_true(span_hash(SPAN(""), 0) == span_hash(SPAN_ABSENT, 0));
    assert_true(span_hash(SPAN("DUPONT"), 1) != span_hash(SPAN("DUPONT"), 2));
    assert_true(span_hash(SPAN("\0"), 1) != span_hash(SPAN("\0\0"), 1));
    assert_true(span_hash(SPAN("DUPONT"), 0) == 0x3667532a9a8c3c8fu);
    assert_true(span_hash(SPAN("DUPONT DE NEMOURS"), 0) == 0xaf4137cd25763798u);
}

/* One flipped bit changes about half of the hash's bits, wherever it is. */
static void hash_spreads(void **state) {
    char bytes[24] = "abcdefghijklmnopqrstuvw";
    uint64_t before = span_hash(span_make(bytes, sizeof bytes), 3);
    unsigned least = 64, all = 0;
    for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        unsigned changed = (unsigned)__builtin_popcountll(before ^ span_hash(span_make(bytes, sizeof bytes), 3));
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        least = changed < least ? changed : least;
        all += changed;
    }
    assert_true(least >= 12);
    assert_in_range(all / (sizeof bytes * 8), 29, 35);
}

static void utf8(void **state) {
    const char *good[] = {"", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(span_is_utf8(span_of(good[i])));
    const char *bad[] = {"\x80",
                         "\xc3",
                         "\xc0\x80",
                         "\xc1\xbf",
                         "\xe0\x9f\xbf",
                         "\xed\xa0\x80",
                         "\xf0\x8f\xbf\xbf",
                         "\xf4\x90\x80\x80",
                         "\xf5\x80\x80\x80",
                         "\xe2\x82",
                         "\xff",
                         "\xe9t\xe9"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(span_is_utf8(span_of(bad[i])));
    assert_false(span_is_utf8(SPAN("a\0b")));
}

static void clip_cuts_between_characters(void **state) {
    struct span text = SPAN("a\xc3\xa9\xe2\x82\xac\xf0\x9d\x94\xb8z"); /* 1, 2, 3, 4 and 1 bytes */
    const size_t kept[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t most = 0; most < sizeof kept / sizeof *kept; most++)
        assert_int_equal(span_clip(text, most).len, kept[most]);
    assert_int_equal(span_clip(span_sub(text, 0, 5), 100).len, 3); /* cut by somebody else before */
    assert_int_equal(span_clip(SPAN("\x80\x80\x80\x80\x80"), 5).len, 5);
    assert_int_equal(span_clip(SPAN_ABSENT, 5).len, 0);
}

static void distance_counts_edits(void **state) {
    (void)state;
    assert_int_equal(span_distance(SPAN("port"), SPAN("port")), 0);
    assert_int_equal(span_distance(SPAN("mllp.prot"), SPAN("mllp.port")), 2);
    assert_int_equal(span_distance(SPAN("kitten"), SPAN("sitting")), 3);
    assert_int_equal(span_distance(SPAN_ABSENT, SPAN("abc")), 3);
    assert_int_equal(span_distance(SPAN("abc"), SPAN("")), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_null_is_absent),
        cmocka_unit_test(sub_is_clamped),
        cmocka_unit_test(equality),
        cmocka_unit_test(order_is_by_bytes_then_length),
        cmocka_unit_test(trim_takes_blanks_only),
        cmocka_unit_test(find),
        cmocka_unit_test(cut_gives_every_piece),
        cmocka_unit_test(cut_of_empty_and_absent),
        cmocka_unit_test(unsigned_numbers),
        cmocka_unit_test(signed_numbers),
        cmocka_unit_test(copies),
        cmocka_unit_test(capitals),
        cmocka_unit_test(hash_without_case),
        cmocka_unit_test(hash_is_stable),
        cmocka_unit_test(hash_spreads),
        cmocka_unit_test(utf8),
        cmocka_unit_test(clip_cuts_between_characters),
        cmocka_unit_test(distance_counts_edits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
