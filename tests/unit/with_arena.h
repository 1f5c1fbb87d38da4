/* An arena for each test: give new_arena and drop_arena as its setup and teardown. */
#ifndef TESTS_UNIT_WITH_ARENA_H
#define TESTS_UNIT_WITH_ARENA_H

#include "base/arena.h"
#include "tests/unit/cmocka_all.h"

static struct arena *arena;

static int new_arena(void **state) {
    (void)state;
    arena = arena_new(0);
    return 0;
}

static int drop_arena(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

#endif
