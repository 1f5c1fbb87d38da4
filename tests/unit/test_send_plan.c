/* Which connection takes which message: order by identifier, through merges (DESIGN.md section 4, promise 3). */
#include "tests/unit/with_arena.h"

#include "server/send_plan.h"

static struct span feed(const char *facility, const char *pid3) {
    return span_of(arena_printf(arena, "MSH|^~\\&|DPI|%s|||20250101||ADT^A28|C|P|2.5\rPID|||%s||X\r", facility, pid3));
}

static struct span merge(const char *facility, const char *pid3, const char *mrg1) {
    return span_of(
        arena_printf(arena, "MSH|^~\\&|DPI|%s|||20250101||ADT^A40|C|P|2.5\rPID|||%s||X\rMRG|%s\r", facility, pid3, mrg1));
}

static void test_one_identifier_one_connection(void **state) {
    struct span messages[] = {feed("CHU", "1"), feed("CHU", "2"), feed("CHU", "1^^^CHU"), feed("CHU", "2^^^&1.2&ISO"),
                              feed("CHU", "3")};
    uint32_t to[5];
    send_plan(messages, 5, 3, arena, to);
    assert_int_equal(to[0], to[2]);
    assert_int_equal(to[1], to[3]);
    assert_int_not_equal(to[0], to[1]);
    assert_int_not_equal(to[4], to[0]);
    assert_int_not_equal(to[4], to[1]);
}

static void test_a_merge_ties_histories_also_backwards(void **state) {
    struct span messages[] = {feed("CHU", "1"), feed("CHU", "2"), feed("CHU", "3"), merge("CHU", "1", "2"), feed("CHU", "2")};
    uint32_t to[5];
    send_plan(messages, 5, 4, arena, to);
    assert_int_equal(to[0], to[1]);
    assert_int_equal(to[0], to[3]);
    assert_int_equal(to[0], to[4]);
    assert_int_not_equal(to[0], to[2]);
}

static void test_every_repetition_counts(void **state) {
    struct span messages[] = {feed("CHU", "1~9^^^INS"), feed("CHU", "5"), feed("CHU", "2~9^^^INS")};
    uint32_t to[3];
    send_plan(messages, 3, 2, arena, to);
    assert_int_equal(to[0], to[2]);
    assert_int_not_equal(to[0], to[1]);
}

static void test_senders_have_identifiers_of_their_own(void **state) {
    struct span messages[] = {feed("CHU", "1"), feed("CLINIQUE", "1")};
    uint32_t to[2];
    send_plan(messages, 2, 2, arena, to);
    assert_int_not_equal(to[0], to[1]);
}

static void test_load_is_shared(void **state) {
    enum { COUNT = 1000, CONNECTIONS = 8 };
    struct span messages[COUNT];
    uint32_t to[COUNT];
    size_t loads[CONNECTIONS] = {0};
    for (size_t i = 0; i < COUNT; i++)
        messages[i] = feed("CHU", arena_printf(arena, "%zu", i / 2));
    send_plan(messages, COUNT, CONNECTIONS, arena, to);
    for (size_t i = 0; i < COUNT; i++) {
        assert_in_range(to[i], 0, CONNECTIONS - 1);
        loads[to[i]]++;
        assert_int_equal(to[i], to[i & ~(size_t)1]);
    }
    for (size_t c = 0; c < CONNECTIONS; c++)
        assert_in_range(loads[c], COUNT / CONNECTIONS - 2, COUNT / CONNECTIONS + 2);
}

static void test_messages_without_identifier_go_anywhere(void **state) {
    struct span messages[] = {SPAN("garbage"), SPAN("MSH|^~\\&|A|B|||20250101||ADT^A28|C|P|2.5\r"), SPAN("")};
    uint32_t to[3] = {9, 9, 9};
    send_plan(messages, 3, 2, arena, to);
    for (size_t i = 0; i < 3; i++)
        assert_in_range(to[i], 0, 1);
    send_plan(messages, 0, 1, arena, to);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_identifier_one_connection, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_a_merge_ties_histories_also_backwards, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_every_repetition_counts, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_senders_have_identifiers_of_their_own, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_load_is_shared, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_messages_without_identifier_go_anywhere, new_arena, drop_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
