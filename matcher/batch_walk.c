/* Walks the pairs of the blocks; see batch.h. */
#include "matcher/batch.h"

enum {
    CUT_REACH = 16, /* rows of a block too common that a row is compared with */
    SMALL_PIECE = 64,
    NAMES_BEHIND = 16, /* in the ring: by then the rows are there */
};

size_t batch_pieces(const struct match_batch *batch) {
    if (!batch->entries)
        return (batch->count + SMALL_PIECE - 1) / SMALL_PIECE;
    return (batch->entry_count + PIECE_ROWS - 1) / PIECE_ROWS;
}

/* -- a ring of pairs -------------------------------------------------------------------------------------------------------- */

static void ask_for_row(const struct match_batch *batch, uint32_t row) {
    __builtin_prefetch(&batch->rows[row]);
    __builtin_prefetch(&batch->extra_values[row * batch->extra_count]);
}

static void ask_for_names(const struct match_batch *batch, uint32_t row) {
    static const enum form_name wanted[] = {FORM_FAMILY, FORM_GIVEN};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const struct name *name = dictionary_name(&batch->names, batch->rows[row].names[wanted[i]]);
        if (name) {
            __builtin_prefetch(name);
            __builtin_prefetch((const char *)name + 64);
        }
    }
}

static void visit_at(const struct pair_ring *ring, size_t at) {
    size_t i = at % RING_PAIRS;
    ring->visit->visit(ring->visit->context, ring->pairs[i].a, ring->pairs[i].b, ring->pairs[i].kind);
}

void ring_put(struct pair_ring *ring, uint32_t a, uint32_t b, unsigned kind) {
    size_t at = ring->count++;
    if (at >= RING_PAIRS)
        visit_at(ring, at);
    ring->pairs[at % RING_PAIRS].a = a;
    ring->pairs[at % RING_PAIRS].b = b;
    ring->pairs[at % RING_PAIRS].kind = kind;
    ask_for_row(ring->batch, a);
    ask_for_row(ring->batch, b);
    if (at >= NAMES_BEHIND) {
        ask_for_names(ring->batch, ring->pairs[(at - NAMES_BEHIND) % RING_PAIRS].a);
        ask_for_names(ring->batch, ring->pairs[(at - NAMES_BEHIND) % RING_PAIRS].b);
    }
}

void ring_empty(struct pair_ring *ring) {
    for (size_t at = ring->count > RING_PAIRS ? ring->count - RING_PAIRS : 0; at < ring->count; at++)
        visit_at(ring, at);
    ring->count = 0;
}

/* -- walking ---------------------------------------------------------------------------------------------------------------- */

static uint64_t pair_hash(uint64_t seed, uint32_t a, uint32_t b) {
    uint64_t x = seed ^ ((uint64_t)a << 32 | b);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static bool is_sampled(const struct pair_visit *visit, uint32_t a, uint32_t b) {
    return visit->sample == UINT64_MAX || pair_hash(visit->seed, a, b) <= visit->sample;
}

static bool is_left(const struct match_batch *batch, uint32_t key) {
    return batch->keys[key >> KIND_SHIFT].is_left;
}

/* Is `key` the smallest that both rows share? For key UINT32_MAX: do they share none? Every key against every key: some fifty
 * comparisons that the processor foresees cost less than a merge that it does not. */
static bool owns(const struct match_batch *batch, uint32_t a, uint32_t b, uint32_t key) {
    const uint32_t *x = batch->row_keys + batch->row_start[a], *x_end = batch->row_keys + batch->row_start[a + 1];
    const uint32_t *y = batch->row_keys + batch->row_start[b], *y_end = batch->row_keys + batch->row_start[b + 1], *y_last = y;
    while (y_last < y_end && *y_last < key)
        y_last++;
    for (; x < x_end && *x < key; x++) {
        unsigned shared = 0;
        for (const uint32_t *at = y; at < y_last; at++)
            shared |= *at == *x;
        if (shared && !is_left(batch, *x))
            return false;
    }
    return true;
}

static void walk_block(const struct match_batch *batch, const struct entry *block, size_t count, struct pair_ring *ring) {
    unsigned kind = block[0].key >> KIND_SHIFT;
    bool cut = count > HOT_BLOCK;
    uint32_t key = cut ? UINT32_MAX : block[0].key;
    size_t seconds = 0;
    while (batch_is_link(batch) && seconds < count && block[seconds].row < batch->first_count)
        seconds++;
    size_t firsts = batch_is_link(batch) ? seconds : count;
    for (size_t i = 0; i < firsts; i++) {
        size_t from = batch_is_link(batch) ? seconds : i + 1;
        if (cut && batch_is_link(batch))
            from += i * (count - seconds) / firsts;
        for (size_t j = from; j < count && (!cut || j < from + CUT_REACH); j++)
            if (is_sampled(ring->visit, block[i].row, block[j].row) && owns(batch, block[i].row, block[j].row, key))
                ring_put(ring, block[i].row, block[j].row, kind);
    }
}

static void walk_rows(const struct match_batch *batch, size_t piece, const struct pair_visit *visit) {
    for (size_t a = piece * SMALL_PIECE; a < batch->count && a < (piece + 1) * SMALL_PIECE; a++) {
        if (batch_is_link(batch) && a >= batch->first_count)
            return;
        for (size_t b = batch_is_link(batch) ? batch->first_count : a + 1; b < batch->count; b++)
            if (is_sampled(visit, (uint32_t)a, (uint32_t)b))
                visit->visit(visit->context, (uint32_t)a, (uint32_t)b, KEY_BIRTH_DATE);
    }
}

/* Rows of one key lie all over memory: what the next blocks need is asked for while the present one is compared. */
static void read_ahead(const struct match_batch *batch, size_t at) {
    enum { STARTS_AHEAD = 96, ROWS_AHEAD = 48 };
    if (at + STARTS_AHEAD >= batch->entry_count)
        return;
    __builtin_prefetch(&batch->row_start[batch->entries[at + STARTS_AHEAD].row]);
    uint32_t row = batch->entries[at + ROWS_AHEAD].row;
    __builtin_prefetch(&batch->row_keys[batch->row_start[row]]);
}

void batch_walk(const struct match_batch *batch, size_t piece, const struct pair_visit *visit) {
    if (!batch->entries) {
        walk_rows(batch, piece, visit);
        return;
    }
    size_t begin = piece * PIECE_ROWS, last = begin + PIECE_ROWS;
    struct pair_ring ring = {.batch = batch, .visit = visit};
    while (begin > 0 && begin < batch->entry_count && batch->entries[begin].key == batch->entries[begin - 1].key)
        begin++;
    for (size_t end; begin < batch->entry_count && begin < last; begin = end) {
        end = block_end(batch->entries, batch->entry_count, begin);
        for (size_t i = begin; i < end; i++)
            read_ahead(batch, i);
        if (!is_left(batch, batch->entries[begin].key))
            walk_block(batch, batch->entries + begin, end - begin, &ring);
    }
    ring_empty(&ring);
}

double batch_pairs_at_most(const struct match_batch *batch) {
    double sum = 0;
    if (!batch->entries)
        return batch_total_pairs(batch);
    for (size_t begin = 0, end; begin < batch->entry_count; begin = end) {
        end = block_end(batch->entries, batch->entry_count, begin);
        double count = (double)(end - begin);
        sum += count > HOT_BLOCK ? count * CUT_REACH : count * (count - 1) / 2;
    }
    return sum;
}
