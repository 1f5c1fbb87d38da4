/* Loops on threads: every piece once, by workers that are known. */
#include "base/parallel.h"
#include "tests/unit/cmocka_all.h"

#include <stdatomic.h>

enum { PIECES = 1000 };

struct seen {
    atomic_int times[PIECES];
    atomic_uint workers_beyond;
    unsigned threads;
    size_t ticks, last;
};

static void see(void *context, size_t piece, unsigned worker) {
    struct seen *seen = context;
    atomic_fetch_add(&seen->times[piece], 1);
    if (worker >= seen->threads)
        atomic_fetch_add(&seen->workers_beyond, 1);
}

static void tick(void *context, size_t done, size_t total) {
    struct seen *seen = context;
    assert_int_equal(total, PIECES);
    assert_true(done > seen->last && done <= total);
    seen->last = done;
    seen->ticks++;
}

static void test_every_piece_once(void **state) {
    static const unsigned threads[] = {1, 2, 7, PARALLEL_MOST};
    for (size_t t = 0; t < 4; t++) {
        struct seen seen = {.threads = threads[t]};
        const struct parallel parallel = {threads[t], tick, &seen};
        parallel_run(&parallel, PIECES, see, &seen);
        for (size_t i = 0; i < PIECES; i++)
            assert_int_equal(seen.times[i], 1);
        assert_int_equal(seen.workers_beyond, 0);
        assert_true(threads[t] > 1 || seen.ticks == PIECES);
    }
}

static void test_no_piece(void **state) {
    struct seen seen = {.threads = 4};
    const struct parallel parallel = {4, NULL, NULL};
    parallel_run(&parallel, 0, see, &seen);
    for (size_t i = 0; i < PIECES; i++)
        assert_int_equal(seen.times[i], 0);
}

static void test_processors(void **state) {
    assert_in_range(parallel_processors(), 1, PARALLEL_MOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_piece_once), cmocka_unit_test(test_no_piece),
                                       cmocka_unit_test(test_processors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
