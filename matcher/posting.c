/* Inverted lists; see posting.h. */
#include "matcher/posting.h"

#include "base/error.h"

#include <string.h>

#define SINGLE UINT32_C(0x80000000)
#define COUNT_MASK UINT32_C(0x07ffffff)
enum { CLASS_SHIFT = 27, FIRST_SIZE = 4, POOL_FIRST = 4096, TABLE_LEAST = 64 };

static uint32_t class_size(unsigned class) {
    return (uint32_t)FIRST_SIZE << class;
}

void posting_pool_release(struct posting_pool *pool) {
    mem_free(pool->words);
    *pool = (struct posting_pool){.words = NULL};
}

static uint32_t take_block(struct posting_pool *pool, unsigned class) {
    uint32_t block = pool->free_blocks[class];
    if (block != 0) {
        pool->free_blocks[class] = pool->words[block + 1];
        return block;
    }
    if (pool->used == 0)
        pool->used = 1; /* 0 means "no list" */
    size_t need = pool->used + class_size(class);
    must(need < SINGLE);
    if (need > pool->capacity) {
        size_t capacity = pool->capacity < POOL_FIRST ? POOL_FIRST : pool->capacity + pool->capacity / 2;
        pool->capacity = capacity < need ? need : capacity;
        pool->words = mem_realloc(pool->words, pool->capacity * sizeof *pool->words);
    }
    block = (uint32_t)pool->used;
    pool->used = need;
    return block;
}

static void give_block(struct posting_pool *pool, uint32_t block, unsigned class) {
    pool->words[block + 1] = pool->free_blocks[class];
    pool->free_blocks[class] = block;
}

static uint32_t move_to(struct posting_pool *pool, uint32_t block, unsigned class) {
    uint32_t count = pool->words[block] & COUNT_MASK;
    unsigned old_class = pool->words[block] >> CLASS_SHIFT;
    uint32_t moved = take_block(pool, class);
    memcpy(pool->words + moved + 1, pool->words + block + 1, count * sizeof(uint32_t));
    pool->words[moved] = class << CLASS_SHIFT | count;
    give_block(pool, block, old_class);
    return moved;
}

void posting_add(struct posting_pool *pool, uint32_t *ref, uint32_t row) {
    must(row < SINGLE);
    if (*ref == 0) {
        *ref = SINGLE | row;
        return;
    }
    if (*ref & SINGLE) {
        uint32_t block = take_block(pool, 0);
        pool->words[block] = 1;
        pool->words[block + 1] = *ref & ~SINGLE;
        *ref = block;
    }
    uint32_t count = pool->words[*ref] & COUNT_MASK;
    unsigned class = pool->words[*ref] >> CLASS_SHIFT;
    must(count < COUNT_MASK);
    if (count + 1 == class_size(class))
        *ref = move_to(pool, *ref, class + 1);
    pool->words[*ref + 1 + count] = row;
    pool->words[*ref]++;
}

void posting_remove(struct posting_pool *pool, uint32_t *ref, uint32_t row) {
    if (*ref & SINGLE) {
        must(*ref == (SINGLE | row));
        *ref = 0;
        return;
    }
    must(*ref != 0);
    uint32_t *rows = pool->words + *ref + 1, count = pool->words[*ref] & COUNT_MASK, at = 0;
    unsigned class = pool->words[*ref] >> CLASS_SHIFT;
    while (at < count && rows[at] != row)
        at++;
    must(at < count);
    rows[at] = rows[count - 1];
    pool->words[*ref]--;
    if (count == 2) {
        uint32_t left = rows[0];
        give_block(pool, *ref, class);
        *ref = SINGLE | left;
        return;
    }
    if (class > 0 && count - 1 < class_size(class) / 4)
        *ref = move_to(pool, *ref, class - 1);
}

size_t posting_count(const struct posting_pool *pool, uint32_t ref) {
    return ref == 0 ? 0 : ref & SINGLE ? 1 : pool->words[ref] & COUNT_MASK;
}

const uint32_t *posting_rows(const struct posting_pool *pool, uint32_t ref, uint32_t *single, size_t *out_count) {
    *out_count = posting_count(pool, ref);
    if (*out_count == 0 || !(ref & SINGLE))
        return ref == 0 ? NULL : pool->words + ref + 1;
    *single = ref & ~SINGLE;
    return single;
}

/* -- keys --------------------------------------------------------------------------------------------------------------------- */

void key_table_init(struct key_table *table, size_t expected_keys) {
    size_t size = expected_keys + expected_keys / 2;
    must(size < UINT32_MAX);
    table->size = size < TABLE_LEAST ? TABLE_LEAST : (uint32_t)size;
    table->used = 0;
    table->slots = mem_alloc(table->size * sizeof *table->slots);
}

void key_table_release(struct key_table *table) {
    mem_free(table->slots);
    table->slots = NULL;
}

static uint32_t home(const struct key_table *table, uint32_t key) {
    return (uint32_t)(((uint64_t)key * table->size) >> 32);
}

static struct key_slot *probe(const struct key_table *table, uint32_t key) {
    uint32_t at = home(table, key);
    while (table->slots[at].key != 0 && table->slots[at].key != key)
        at = at + 1 == table->size ? 0 : at + 1;
    return &table->slots[at];
}

/* Doubles roughly; keys whose lists have emptied are left behind. */
static void grow(struct key_table *table) {
    struct key_table bigger = {.slots = NULL};
    size_t live = 0;
    for (uint32_t i = 0; i < table->size; i++)
        live += table->slots[i].ref != 0;
    key_table_init(&bigger, live + live / 4 + TABLE_LEAST);
    for (uint32_t i = 0; i < table->size; i++) {
        if (table->slots[i].ref == 0)
            continue;
        *probe(&bigger, table->slots[i].key) = table->slots[i];
        bigger.used++;
    }
    key_table_release(table);
    *table = bigger;
}

uint32_t key_table_find(const struct key_table *table, uint32_t key) {
    return probe(table, key)->ref;
}

uint32_t *key_table_at(struct key_table *table, uint32_t key) {
    if ((uint64_t)table->used * 5 >= (uint64_t)table->size * 4)
        grow(table);
    struct key_slot *slot = probe(table, key);
    if (slot->key == 0) {
        slot->key = key;
        table->used++;
    }
    return &slot->ref;
}
