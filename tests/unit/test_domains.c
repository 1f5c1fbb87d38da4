/* Snapshots of the domains: each stays as it was, and thousands of them fit. */
#include "tests/unit/cmocka_all.h"

#include "identity/service.h"

enum { MANY = 4000, CHANGES = 200 };

static struct identity identity;
static struct domain items[MANY];
static struct arena *arena;

static struct domain make(unsigned i) {
    return (struct domain){.id = i + 1,
                           .namespace_id = span_of(arena_printf(arena, "PRACTICE-%u", i)),
                           .oid = span_of(arena_printf(arena, "1.2.250.1.999.77.%u", i)),
                           .kind = DOMAIN_PRACTICE};
}

static const struct domain_list *publish(size_t count) {
    identity_publish_domains(&identity, &(struct domain_list){items, count});
    return atomic_load(&identity.domains);
}

static void assert_as_made(const struct domain_list *list, size_t count) {
    assert_int_equal(list->count, count);
    for (unsigned i = 0; i < count; i++)
        assert_true(list->items[i].id == i + 1 && span_eq(list->items[i].namespace_id, items[i].namespace_id));
}

/* A script that declares the practices of a region: with a copy of all for each, a server ended at 1,400 of them. */
static void many_are_added(void **state) {
    const struct domain_list *first = NULL, *middle = NULL;
    for (unsigned i = 0; i < MANY; i++) {
        const struct domain_list *list = publish(i + 1);
        first = i == 0 ? list : first;
        middle = i == MANY / 2 ? list : middle;
    }
    assert_as_made(first, 1);
    assert_as_made(middle, MANY / 2 + 1);
    assert_as_made(atomic_load(&identity.domains), MANY);
    assert_true(arena_used(identity.domain_arena) < 4 << 20);
}

static void a_change_leaves_older_snapshots_alone(void **state) {
    const struct domain_list *before = publish(MANY);
    for (unsigned i = 0; i < CHANGES; i++) {
        items[i].trust = 99;
        items[i].oid = span_of(arena_printf(arena, "1.2.250.1.999.88.%u", i));
        const struct domain_list *after = publish(MANY);
        assert_true(after != before && after->items[i].trust == 99 && before->items[i].trust == 0);
        assert_true(span_eq(after->items[i].oid, items[i].oid) && !span_eq(before->items[i].oid, items[i].oid));
        assert_true(after->items[MANY - 1].namespace_id.ptr == before->items[MANY - 1].namespace_id.ptr);
    }
    assert_true(publish(MANY) == publish(MANY)); /* nothing new, no snapshot */
}

static void case_is_part_of_it(void **state) {
    const struct domain_list *before = publish(MANY);
    items[7].any_case = true;
    assert_true(publish(MANY) != before && publish(MANY)->items[7].any_case && !before->items[7].any_case);
}

static void senders_are_part_of_it(void **state) {
    const struct domain_sender sender = {SPAN("GAM"), SPAN("CHU"), SPAN("")};
    items[5].senders = &sender;
    items[5].sender_count = 1;
    const struct domain_list *with = publish(MANY);
    assert_int_equal(with->items[5].sender_count, 1);
    assert_true(span_eq_cstr(with->items[5].senders[0].application, "GAM"));
    items[5].sender_count = 0;
    assert_int_equal(publish(MANY)->items[5].sender_count, 0);
    assert_int_equal(with->items[5].sender_count, 1);
}

static int setup(void **state) {
    arena = arena_new(0);
    identity = (struct identity){.domain_arena = arena_new(0)};
    atomic_store(&identity.domains, ARENA_NEW(identity.domain_arena, struct domain_list));
    for (unsigned i = 0; i < MANY; i++)
        items[i] = make(i);
    return 0;
}

static int teardown(void **state) {
    arena_free(identity.domain_arena);
    arena_free(arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_are_added, setup, teardown),
        cmocka_unit_test_setup_teardown(a_change_leaves_older_snapshots_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(senders_are_part_of_it, setup, teardown),
        cmocka_unit_test_setup_teardown(case_is_part_of_it, setup, teardown),
    };
    return cmocka_run_group_tests_name("domains", tests, NULL, NULL);
}
