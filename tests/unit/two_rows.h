/* How the two rows of a file compare. */
#ifndef TESTS_UNIT_TWO_ROWS_H
#define TESTS_UNIT_TWO_ROWS_H

#include "base/parallel.h"
#include "matcher/batch.h"
#include "tests/unit/cmocka_all.h"

/* Values row by row. What was found out beside the levels went with the file. */
static struct pair_levels levels_of_two_rows(const struct match_column *columns, size_t count, const struct span *values) {
    const struct parallel parallel = {1, NULL, NULL};
    struct match_batch *batch;
    struct pair_levels levels;
    struct error err = ERROR_INIT;
    assert_true(match_batch_new(columns, count, &batch, &err));
    match_batch_add(batch, &parallel, values, 2, false);
    batch_levels(batch, 0, 1, &levels);
    match_batch_free(batch);
    levels.found = (struct findings){.shared_family = NULL};
    return levels;
}

#endif
