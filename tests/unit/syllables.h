/* Names that mean nothing, for made-up people. */
#ifndef TESTS_UNIT_SYLLABLES_H
#define TESTS_UNIT_SYLLABLES_H

#include "base/arena.h"
#include "base/rand.h"
#include "base/span.h"

#include <string.h>

static struct span syllables(struct rng *rng, size_t count, struct arena *arena) {
    static const char *const parts[] = {"MA", "LO", "RI", "TEN", "DU", "VAL", "CHE", "BOR", "NA", "GUI", "SOL", "PER"};
    char *text = arena_calloc(arena, 1, 4 * count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *part = parts[rng_below(rng, 12)];
        memcpy(text + strlen(text), part, strlen(part));
    }
    return span_of(text);
}

#endif
