/*
 * Given names go with family names: by origin, region, religion. How many people of the file bear both, told apart by their birth
 * dates, says how common the two are together where that is more than each by itself would make it. See batch.h.
 */
#include "matcher/batch.h"
#include "matcher/fixed.h"

#include <math.h>

enum { LIGHTER_MOST = 10 * CB_PER_BIT };

static uint64_t mix(uint64_t a, uint64_t b) {
    uint64_t hash = (a ^ b * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xd1b54a32d192ed03);
    return (hash ^ hash >> 29) | 1;
}

/* 0: not both are known. */
static uint64_t key_of(const struct match_batch *batch, const struct row *row) {
    uint32_t family = row->names[FORM_FAMILY], given = row->names[FORM_GIVEN];
    if (family == 0 || given == 0)
        return 0;
    return mix(dictionary_name(&batch->names, family)->hash, dictionary_name(&batch->names, given)->hash);
}

static size_t slot_of(const struct name_people *slots, size_t mask, uint64_t key) {
    size_t at = key >> 24 & mask;
    while (slots[at].key != 0 && slots[at].key != key)
        at = (at + 1) & mask;
    return at;
}

void batch_count_together(struct match_batch *batch) {
    size_t mask = 1023;
    while (mask < 2 * batch->count)
        mask = 2 * mask + 1;
    uint64_t *people = mem_alloc((mask + 1) * sizeof *people); /* both names and the date */
    uint32_t *last = mem_alloc((mask + 1) * sizeof *last);     /* of each, the row that bears them, + 1 */
    mem_free(batch->alike);
    mem_free(batch->together);
    batch->alike = mem_alloc((batch->count + 1) * sizeof *batch->alike);
    batch->together = mem_alloc((mask + 1) * sizeof *batch->together);
    batch->together_mask = mask;
    batch->together_rows = 0;
    for (size_t row = 0; row < batch->count; row++) {
        if (row + NAMES_AHEAD < batch->count)
            batch_ask_for_names(batch, (uint32_t)(row + NAMES_AHEAD));
        uint64_t names = key_of(batch, &batch->rows[row]);
        if (names == 0 || batch->rows[row].birth == 0)
            continue;
        uint64_t person = mix(names, batch->rows[row].birth);
        size_t at = person >> 24 & mask;
        while (people[at] != 0 && people[at] != person)
            at = (at + 1) & mask;
        batch->together_rows++;
        batch->alike[row] = last[at];
        last[at] = (uint32_t)row + 1;
        if (people[at] != 0)
            continue;
        people[at] = person;
        struct name_people *slot = &batch->together[slot_of(batch->together, mask, names)];
        *slot = (struct name_people){names, slot->count + 1};
    }
    mem_free(people);
    mem_free(last);
}

int32_t batch_together_cb(const struct match_batch *batch, uint32_t row, double apart) {
    if (!batch->together || batch->together_rows == 0)
        return 0;
    const struct name_people *slot =
        &batch->together[slot_of(batch->together, batch->together_mask, key_of(batch, &batch->rows[row]))];
    double others = (double)slot->count - 1,
           sure = others - 2 * sqrt(fmax(others, 0)); /* some are chance, or one with a wrong date */
    if (sure <= 0)
        return 0;
    double bits = log2(apart * (double)batch->together_rows / sure);
    return bits >= 0 ? 0 : (int32_t)lrint(fmax(bits * CB_PER_BIT, -LIGHTER_MOST));
}
