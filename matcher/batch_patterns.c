/* How often each pattern of levels occurs; see batch.h. */
#include "matcher/batch.h"

#include <stdlib.h>

static void grow(struct patterns *patterns) {
    struct patterns old = *patterns;
    patterns->mask = old.slots ? 2 * old.mask + 1 : 1023;
    patterns->used = 0;
    patterns->slots = mem_alloc((patterns->mask + 1) * sizeof *patterns->slots);
    for (size_t i = 0; old.slots && i <= old.mask; i++)
        if (old.slots[i].count)
            patterns_add(patterns, old.slots[i].levels, old.slots[i].rarities, old.slots[i].count);
    mem_free(old.slots);
}

void patterns_add(struct patterns *patterns, uint64_t levels, uint16_t rarities, uint64_t count) {
    if (!patterns->slots || patterns->used * 2 > patterns->mask)
        grow(patterns);
    size_t at = ((levels ^ (uint64_t)rarities << 48) * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & patterns->mask;
    while (patterns->slots[at].count && (patterns->slots[at].levels != levels || patterns->slots[at].rarities != rarities))
        at = (at + 1) & patterns->mask;
    struct pattern *slot = &patterns->slots[at];
    patterns->used += slot->count == 0;
    *slot = (struct pattern){levels, slot->count + count, rarities};
}

static int by_levels(const void *a, const void *b) {
    const struct pattern *x = a, *y = b;
    if (x->levels != y->levels)
        return x->levels < y->levels ? -1 : 1;
    return (int)x->rarities - (int)y->rarities;
}

/* One list in one order, whichever thread counted what. */
struct pattern *patterns_gather(struct patterns of[PARALLEL_MOST], size_t *out_count) {
    struct patterns all = {NULL, 0, 0};
    for (size_t w = 0; w < PARALLEL_MOST; w++) {
        for (size_t i = 0; of[w].slots && i <= of[w].mask; i++)
            if (of[w].slots[i].count)
                patterns_add(&all, of[w].slots[i].levels, of[w].slots[i].rarities, of[w].slots[i].count);
        mem_free(of[w].slots);
        of[w] = (struct patterns){NULL, 0, 0};
    }
    size_t count = 0;
    for (size_t i = 0; all.slots && i <= all.mask; i++)
        if (all.slots[i].count)
            all.slots[count++] = all.slots[i];
    if (count)
        qsort(all.slots, count, sizeof *all.slots, by_levels);
    *out_count = count;
    return all.slots;
}
