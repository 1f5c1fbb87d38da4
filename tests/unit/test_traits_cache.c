/* Traits kept for readers: what was put is found, its newest version only, and nothing is taken from under a reader. */
#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "identity/service.h"

enum { ROOM = 64 };

static struct traits named(const char *mother) {
    return (struct traits){.mother_name = span_of(mother)};
}

static void put(struct traits_cache *cache, uint64_t record, uint32_t version, const char *mother) {
    struct traits traits = named(mother);
    traits_cache_put(cache, record, version, &traits);
}

static void test_the_newest_version_is_found(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct traits_cache *cache = traits_cache_new(ROOM);
    put(cache, 7, 1, "LE GOFF");
    put(cache, 7, 2, "KERVELLA");
    assert_null(traits_cache_get(cache, 7, 1, arena));
    assert_null(traits_cache_get(cache, 8, 2, arena));
    const struct traits *found = traits_cache_get(cache, 7, 2, arena);
    assert_non_null(found);
    assert_true(span_eq_cstr(found->mother_name, "KERVELLA"));
    arena_free(arena);
    traits_cache_free(cache);
}

/* A quarter full, almost all must be there: few records on one set do not push each other out. */
static void test_neighbours_stay(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    enum { LARGE = 4096, KEPT = LARGE / 4 };
    struct traits_cache *cache = traits_cache_new(LARGE);
    for (uint64_t record = 1; record <= KEPT; record++)
        put(cache, record, 1, "X");
    size_t found = 0;
    for (uint64_t record = 1; record <= KEPT; record++)
        found += traits_cache_get(cache, record, 1, arena) != NULL;
    assert_true(found > KEPT * 99 / 100);
    arena_free(arena);
    traits_cache_free(cache);
}

static void test_readers_keep_what_is_pushed_out(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct traits_cache *cache = traits_cache_new(ROOM);
    put(cache, 1, 1, "LE GOFF");
    const struct traits *held = traits_cache_get(cache, 1, 1, arena);
    assert_non_null(held);
    for (uint64_t record = 2; record < (uint64_t)ROOM * 100; record++)
        put(cache, record, 1, "X");
    assert_null(traits_cache_get(cache, 1, 1, arena));
    assert_true(span_eq_cstr(held->mother_name, "LE GOFF"));
    arena_free(arena);
    traits_cache_free(cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_newest_version_is_found),
        cmocka_unit_test(test_neighbours_stay),
        cmocka_unit_test(test_readers_keep_what_is_pushed_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
