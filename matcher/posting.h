/*
 * Lists of row numbers behind 32-bit keys: the inverted lists of the index. Most keys have one row, which stands in the key's slot
 * itself; longer lists live in a common pool, in blocks of doubling size that are reused when a list moves or empties.
 *
 *     slot  { key, ref }      ref 0: empty; top bit: the one row itself; else the place of a block in the pool
 *     block { class and count, row, row, ... }
 *
 * Keys are 32 bits of a hash: two values may share a list, which costs a few comparisons and loses nothing.
 */
#ifndef MATCHER_POSTING_H
#define MATCHER_POSTING_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum { POSTING_CLASSES = 28 };

struct posting_pool {
    uint32_t *words;
    size_t used, capacity;
    uint32_t free_blocks[POSTING_CLASSES]; /* first free block of each size; its word 1 is the next one */
};

void posting_pool_release(struct posting_pool *pool);
void posting_add(struct posting_pool *pool, uint32_t *ref, uint32_t row);
/* Takes one occurrence out; a row that is not there is a bug. */
void posting_remove(struct posting_pool *pool, uint32_t *ref, uint32_t row);
size_t posting_count(const struct posting_pool *pool, uint32_t ref);
/* The rows; *single is room for a list of one. Borrowed until the next change of the pool. */
const uint32_t *posting_rows(const struct posting_pool *pool, uint32_t ref, uint32_t *single, size_t *out_count);

struct key_slot {
    uint32_t key, ref; /* key 0: free */
};

struct key_table {
    struct key_slot *slots;
    uint32_t size, used; /* used counts slots with a key, also those whose list is empty */
};

void key_table_init(struct key_table *table, size_t expected_keys);
void key_table_release(struct key_table *table);
uint32_t key_table_find(const struct key_table *table, uint32_t key); /* the list, 0 when there is none */
/* The list's place, made when missing; valid until the next call. */
uint32_t *key_table_at(struct key_table *table, uint32_t key);

#endif
