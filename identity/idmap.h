/*
 * From a 64-bit hash to numbers: a multimap. Several values may stand under one hash (chance or meaning); the caller checks what it
 * finds. Open addressing, linear probing; removal leaves no tombstone.
 */
#ifndef IDENTITY_IDMAP_H
#define IDENTITY_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct idmap_slot {
    uint64_t hash;
    uint64_t value; /* 0: empty slot; values are > 0 */
};

struct idmap {
    struct idmap_slot *slots;
    size_t capacity, count;
};

void idmap_release(struct idmap *map);
void idmap_add(struct idmap *map, uint64_t hash, uint64_t value);    /* keeps (hash, value) once */
bool idmap_remove(struct idmap *map, uint64_t hash, uint64_t value); /* false when it was not there */
/* Walks the values under a hash: start with *cursor = 0; false at the end. No change to the map in between. */
bool idmap_next(const struct idmap *map, uint64_t hash, size_t *cursor, uint64_t *out_value);
uint64_t idmap_first(const struct idmap *map, uint64_t hash); /* 0: none */

uint64_t idmap_hash_number(uint64_t number); /* for numbers as keys */

#endif
