/* A town of four thousand people, whom a case's rows are compared among. */
#ifndef TESTS_UNIT_TOWN_H
#define TESTS_UNIT_TOWN_H

#include "base/rand.h"
#include "matcher/matcher.h"
#include "tests/unit/syllables.h"

#include <string.h>

enum { TRAITS = 7, TOWN = 4000, COPIES = TOWN / 2 };

static const struct match_column traits[TRAITS] = {{MATCH_TRAIT_FAMILY, SPAN_ABSENT},      {MATCH_TRAIT_GIVEN, SPAN_ABSENT},
                                                   {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},  {MATCH_TRAIT_SEX, SPAN_ABSENT},
                                                   {MATCH_TRAIT_BIRTH_PLACE, SPAN_ABSENT}, {MATCH_TRAIT_STREET, SPAN_ABSENT},
                                                   {MATCH_TRAIT_GIVEN_NAMES, SPAN_ABSENT}};

enum { YEARS = 90, YEARS_OF_ADULTS = 60 };
static unsigned town_years = YEARS; /* in which its people are born, from 1930 on */

/* A town, half of whose people have two records, the second one without a street; the case's rows come first. Nobody else has
 * further given names, and a case need not give them. */
static struct span *make_town(const char *const (*rows)[TRAITS], size_t count, struct arena *arena) {
    static const char *const places[] = {"25056", "39198", "21231", "70550", "90010", "68224", "67482", "69383"};
    struct span *values = ARENA_ARRAY(arena, struct span, (count + TOWN + COPIES) * TRAITS), *row = values;
    struct rng rng;
    rng_init(&rng, 11);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < TRAITS; c++)
            *row++ = rows[i][c] ? span_of(rows[i][c]) : SPAN_ABSENT;
    for (size_t i = 0; i < TOWN + COPIES; i++, row += TRAITS) {
        if (i >= TOWN) {
            memcpy(row, values + (count + 2 * (i - TOWN)) * TRAITS, TRAITS * sizeof *row);
            row[5] = span_of("");
            continue;
        }
        row[0] = syllables(&rng, 3, arena);
        row[1] = syllables(&rng, 2, arena);
        row[2] = span_of(arena_printf(arena, "%u%02u%02u", 1930 + rng_below(&rng, town_years), 1 + rng_below(&rng, 12),
                                      1 + rng_below(&rng, 28)));
        row[3] = span_of(rng_below(&rng, 2) ? "M" : "F");
        row[4] = span_of(places[rng_below(&rng, 8)]);
        row[5] = span_of(arena_printf(arena, "%u RUE %.*s", 1 + rng_below(&rng, 99), SPAN_ARG(syllables(&rng, 3, arena))));
    }
    return values;
}

#endif
