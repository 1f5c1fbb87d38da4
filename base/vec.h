/*
 * A growing array whose memory is an arena's: for rows collected while a message or a batch is worked on.
 *     VEC(struct row) rows = {0};  VEC_ADD(arena, rows, ((struct row){...}));  for (size_t i = 0; i < rows.count; i++)
 * use(rows.items[i]); Growing leaves the old array in the arena (it goes with the rest), so items may move: keep indexes, not
 * pointers.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/arena.h"

#include <string.h>

#define VEC(type)                                                                                                                  \
    struct {                                                                                                                       \
        type *items;                                                                                                               \
        size_t count, capacity;                                                                                                    \
    }

/* The growth step of VEC_ADD. */
static inline void *vec_grow(struct arena *arena, const void *items, size_t count, size_t *capacity, size_t size) {
    *capacity = *capacity ? *capacity * 2 : 8;
    void *grown = arena_calloc(arena, *capacity, size);
    if (count)
        memcpy(grown, items, count * size);
    return grown;
}

#define VEC_ADD(arena, vec, ...)                                                                                                   \
    do {                                                                                                                           \
        if ((vec).count == (vec).capacity)                                                                                         \
            (vec).items = vec_grow((arena), (vec).items, (vec).count, &(vec).capacity, sizeof *(vec).items);                       \
        (vec).items[(vec).count++] = (__VA_ARGS__);                                                                                \
    } while (0)

#endif
