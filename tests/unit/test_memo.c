/* What texts stand for, and names that no dictionary has yet. */
#include "base/arena.h"
#include "matcher/memo.h"
#include "tests/unit/cmocka_all.h"

static int set_up(void **state) {
    *state = memo_new();
    return 0;
}

static int tear_down(void **state) {
    mem_free(*state);
    return 0;
}

static void test_texts(void **state) {
    struct memo *memo = *state;
    assert_null(memo_find(memo, MEMO_GIVEN, SPAN("Marie")));
    memo_keep(memo, MEMO_GIVEN, SPAN("Marie"), 7, 0);
    memo_keep(memo, MEMO_FAMILY, SPAN("Dupont ep. Martin"), 8, 9);
    assert_int_equal(memo_find(memo, MEMO_GIVEN, SPAN("Marie"))[0], 7);
    assert_int_equal(memo_find(memo, MEMO_FAMILY, SPAN("Dupont ep. Martin"))[1], 9);
    assert_null(memo_find(memo, MEMO_FAMILY, SPAN("Marie"))); /* another column */
    assert_null(memo_find(memo, MEMO_GIVEN, SPAN("Mari")));
}

static void test_texts_that_are_not_kept(void **state) {
    char text[200];
    struct span longer = span_make(text, sizeof text);
    memset(text, 'A', sizeof text);
    memo_keep(*state, MEMO_FAMILY, longer, 7, 0);
    memo_keep(*state, MEMO_FAMILY, SPAN(""), 8, 0);
    assert_null(memo_find(*state, MEMO_FAMILY, longer));
    assert_null(memo_find(*state, MEMO_FAMILY, SPAN("")));
    memo_keep(NULL, MEMO_FAMILY, SPAN("A"), 7, 0);
    assert_null(memo_find(NULL, MEMO_FAMILY, SPAN("A")));
}

/* Texts that fall on one place take turns: whatever is found is what was kept last. */
static void test_many_texts(void **state) {
    size_t found = 0;
    for (uint32_t i = 1; i <= 100000; i++)
        memo_keep(*state, MEMO_COLUMN, span_make((const char *)&i, sizeof i), i, i + 1);
    for (uint32_t i = 1; i <= 100000; i++) {
        const uint32_t *ids = memo_find(*state, MEMO_COLUMN, span_make((const char *)&i, sizeof i));
        assert_true(!ids || (ids[0] == i && ids[1] == i + 1));
        found += ids != NULL;
    }
    assert_true(found > 1000);
}

static void test_names(void **state) {
    struct memo *memo = *state;
    struct arena *arena = arena_new(0);
    struct dictionary known;
    dictionary_init(&known);
    uint32_t id = dictionary_add(&known, name_make(SPAN("MARTIN"), arena));
    assert_ptr_equal(memo_name(memo, MEMO_FAMILY, &known, SPAN("MARTIN"), false, arena), dictionary_name(&known, id));
    const struct name *fresh = memo_name(memo, MEMO_FAMILY, &known, SPAN(" LE GOFF "), false, arena);
    assert_true(name_equal(fresh, name_make(SPAN("LE GOFF"), arena)));
    assert_ptr_equal(memo_name(memo, MEMO_FAMILY, &known, SPAN("LE GOFF"), false, arena), fresh);
    const struct name *silent = memo_name(memo, MEMO_COLUMN, &known, SPAN("LE GOFF"), true, arena);
    assert_int_not_equal(silent->sound, fresh->sound);
    memo_forget_names(memo);
    assert_ptr_not_equal(memo_name(memo, MEMO_FAMILY, &known, SPAN("LE GOFF"), false, arena), fresh);
    assert_null(memo_name(memo, MEMO_FAMILY, &known, SPAN("  "), false, arena));
    assert_non_null(memo_name(NULL, MEMO_FAMILY, NULL, SPAN("LE GOFF"), false, arena));
    dictionary_release(&known);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_texts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_texts_that_are_not_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_texts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
