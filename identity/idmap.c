/* Multimap of hashes to numbers; see idmap.h. */
#include "identity/idmap.h"

#include "base/arena.h"
#include "base/error.h"

enum { IDMAP_FIRST = 16 };

uint64_t idmap_hash_number(uint64_t number) {
    uint64_t mixed = number + 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

void idmap_release(struct idmap *map) {
    mem_free(map->slots);
    *map = (struct idmap){0};
}

static void place(struct idmap *map, uint64_t hash, uint64_t value) {
    size_t at = (size_t)hash & (map->capacity - 1);
    while (map->slots[at].value) {
        if (map->slots[at].hash == hash && map->slots[at].value == value)
            return;
        at = (at + 1) & (map->capacity - 1);
    }
    map->slots[at] = (struct idmap_slot){hash, value};
    map->count++;
}

static void grow(struct idmap *map) {
    struct idmap old = *map;
    map->capacity = old.capacity ? old.capacity * 2 : IDMAP_FIRST;
    map->count = 0;
    map->slots = mem_alloc(map->capacity * sizeof *map->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].value)
            place(map, old.slots[i].hash, old.slots[i].value);
    mem_free(old.slots);
}

void idmap_add(struct idmap *map, uint64_t hash, uint64_t value) {
    must(value != 0);
    if (map->count * 8 >= map->capacity * 5)
        grow(map);
    place(map, hash, value);
}

/* Closes the gap at `hole`: every entry after it that could not stand where it is without the gap moves up. */
static void close_gap(struct idmap *map, size_t hole) {
    size_t mask = map->capacity - 1, at = hole;
    for (;;) {
        at = (at + 1) & mask;
        if (!map->slots[at].value)
            break;
        size_t home = (size_t)map->slots[at].hash & mask;
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        map->slots[hole] = map->slots[at];
        hole = at;
    }
    map->slots[hole] = (struct idmap_slot){0, 0};
}

bool idmap_remove(struct idmap *map, uint64_t hash, uint64_t value) {
    if (!map->capacity)
        return false;
    for (size_t at = (size_t)hash & (map->capacity - 1); map->slots[at].value; at = (at + 1) & (map->capacity - 1)) {
        if (map->slots[at].hash != hash || map->slots[at].value != value)
            continue;
        map->count--;
        close_gap(map, at);
        return true;
    }
    return false;
}

bool idmap_next(const struct idmap *map, uint64_t hash, size_t *cursor, uint64_t *out_value) {
    if (!map->capacity)
        return false;
    for (;; (*cursor)++) {
        const struct idmap_slot *slot = &map->slots[((size_t)hash + *cursor) & (map->capacity - 1)];
        if (!slot->value)
            return false;
        if (slot->hash != hash)
            continue;
        *out_value = slot->value;
        (*cursor)++;
        return true;
    }
}

uint64_t idmap_first(const struct idmap *map, uint64_t hash) {
    size_t cursor = 0;
    uint64_t value = 0;
    return idmap_next(map, hash, &cursor, &value) ? value : 0;
}
