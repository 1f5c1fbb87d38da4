/* The dictionary of names; see dictionary.h. */
#include "matcher/dictionary.h"

#include "base/error.h"

#include <string.h>

#define TEXT_CEILING (SIZE_MAX / 4)
enum { FIRST_SLOTS = 4096 };

void dictionary_init(struct dictionary *d) {
    *d = (struct dictionary){.slot_mask = FIRST_SLOTS - 1};
    d->slots = mem_alloc(FIRST_SLOTS * sizeof *d->slots);
    d->text = arena_new(TEXT_CEILING);
}

void dictionary_release(struct dictionary *d) {
    for (size_t i = 0; i < d->block_count; i++)
        mem_free(d->blocks[i]);
    mem_free(d->blocks);
    mem_free(d->heads);
    mem_free(d->sounds);
    mem_free(d->next);
    mem_free(d->rows);
    mem_free(d->slots);
    arena_free(d->text);
}

static uint32_t first_place(const struct dictionary *d, uint64_t hash) {
    return (uint32_t)(hash >> 20) & d->slot_mask;
}

static uint32_t *probe(const struct dictionary *d, uint64_t hash) {
    uint32_t at = first_place(d, hash);
    while (d->slots[at] != 0 && dictionary_name(d, d->slots[at])->hash != hash)
        at = (at + 1) & d->slot_mask;
    return &d->slots[at];
}

void dictionary_ask(const struct dictionary *d, const struct name *name) {
    if (name)
        __builtin_prefetch(&d->slots[first_place(d, name->hash)]);
}

uint32_t dictionary_find_tight(const struct dictionary *d, uint64_t tight_hash) {
    return *probe(d, tight_hash);
}

const struct name *dictionary_find(const struct dictionary *d, struct span key) {
    char tight[NAME_MOST];
    size_t len = 0;
    if (key.len > NAME_MOST)
        return NULL;
    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] != ' ')
            tight[len++] = key.ptr[i];
    uint32_t id = dictionary_find_tight(d, name_hash(span_make(tight, len)));
    while (id != 0 && !span_eq(name_key(dictionary_name(d, id)), key))
        id = d->next[id];
    return dictionary_name(d, id);
}

static void grow_slots(struct dictionary *d) {
    uint32_t old_mask = d->slot_mask, *old = d->slots;
    d->slot_mask = old_mask * 2 + 1;
    d->slots = mem_alloc((d->slot_mask + 1ul) * sizeof *d->slots);
    for (uint32_t i = 0; i <= old_mask; i++)
        if (old[i] != 0)
            *probe(d, dictionary_name(d, old[i])->hash) = old[i];
    mem_free(old);
}

static void grow_arrays(struct dictionary *d) {
    uint32_t old = d->capacity;
    d->capacity = old == 0 ? NAME_BLOCK : old * 2;
    d->heads = mem_realloc(d->heads, d->capacity * sizeof *d->heads);
    d->sounds = mem_realloc(d->sounds, d->capacity * sizeof *d->sounds);
    d->next = mem_realloc(d->next, d->capacity * sizeof *d->next);
    d->rows = mem_realloc(d->rows, d->capacity * sizeof *d->rows);
    memset(d->rows + old, 0, (d->capacity - old) * sizeof *d->rows);
    if (old == 0) {
        d->heads[0] = 0; /* names begin at 1; scans run over the whole array */
        d->sounds[0] = d->next[0] = 0;
    }
}

static uint32_t store(struct dictionary *d, const struct name *name) {
    uint32_t id = d->count + 1;
    must(id < UINT32_C(0x7fffffff));
    if (id >= d->capacity)
        grow_arrays(d);
    if (id >> NAME_BLOCK_SHIFT >= d->block_count) {
        d->blocks = mem_realloc(d->blocks, (d->block_count + 1) * sizeof *d->blocks);
        d->blocks[d->block_count++] = mem_alloc_lines(NAME_BLOCK * sizeof **d->blocks);
    }
    struct name *stored = &d->blocks[id >> NAME_BLOCK_SHIFT][id & (NAME_BLOCK - 1)];
    *stored = *name;
    stored->text = arena_dup(d->text, name->text, name_text_size(name_key(name)));
    d->heads[id] = name->head;
    d->sounds[id] = name->sound;
    d->next[id] = 0;
    d->count = id;
    return id;
}

static uint32_t find_among(const struct dictionary *d, uint32_t first, const struct name *name) {
    uint32_t id = first;
    while (id != 0 && !name_equal(dictionary_name(d, id), name))
        id = d->next[id];
    return id;
}

uint32_t dictionary_id(const struct dictionary *d, const struct name *name) {
    return name ? find_among(d, *probe(d, name->hash), name) : 0;
}

uint32_t dictionary_add(struct dictionary *d, const struct name *name) {
    if (!name)
        return 0;
    uint32_t *slot = probe(d, name->hash), first = *slot, known = find_among(d, first, name);
    if (known != 0)
        return known;
    uint32_t id = store(d, name);
    if (first != 0) {
        d->next[id] = d->next[first];
        d->next[first] = id;
        return id;
    }
    *slot = id;
    if (d->count > d->slot_mask / 2)
        grow_slots(d);
    return id;
}

size_t dictionary_bytes(const struct dictionary *d) {
    size_t per_name = sizeof *d->heads + sizeof *d->sounds + sizeof *d->next + sizeof *d->rows;
    return d->block_count * NAME_BLOCK * sizeof **d->blocks + d->capacity * per_name + (d->slot_mask + 1ul) * sizeof *d->slots +
           arena_used(d->text);
}
