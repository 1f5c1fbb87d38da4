/*
 * Traits of versions kept for readers: a table of fixed size in sets of WAYS entries, so that a few records that fall on one set do
 * not push each other out in turn; in a full set the newer takes the place of the one that came longest ago. Entries are counted by
 * their users, so pushing out never takes memory from under a reader.
 */
#include "identity/service.h"
#include "identity/traits.h"

enum { SHARDS = 64, WAYS = 4 };

struct entry {
    atomic_uint_fast32_t users;
    uint64_t record;
    uint32_t version;
    struct traits *traits;
};

struct set {
    struct entry *ways[WAYS]; /* newest first, NULL at the end */
};

struct traits_cache {
    size_t count; /* a power of two */
    struct set *sets;
    pthread_mutex_t locks[SHARDS];
};

static void entry_release(void *handle) {
    struct entry *entry = handle;
    if (!entry || atomic_fetch_sub(&entry->users, 1) != 1)
        return;
    mem_free(entry->traits);
    mem_free(entry);
}

struct traits_cache *traits_cache_new(size_t most) {
    struct traits_cache *cache = mem_alloc(sizeof *cache);
    cache->count = 1;
    while (cache->count * WAYS < most)
        cache->count *= 2;
    cache->sets = mem_alloc(cache->count * sizeof *cache->sets);
    for (size_t i = 0; i < SHARDS; i++)
        pthread_mutex_init(&cache->locks[i], NULL);
    return cache;
}

void traits_cache_free(struct traits_cache *cache) {
    if (!cache)
        return;
    for (size_t i = 0; i < cache->count * WAYS; i++)
        entry_release(cache->sets[i / WAYS].ways[i % WAYS]);
    for (size_t i = 0; i < SHARDS; i++)
        pthread_mutex_destroy(&cache->locks[i]);
    mem_free(cache->sets);
    mem_free(cache);
}

void traits_cache_clear(struct traits_cache *cache) {
    for (size_t at = 0; at < cache->count; at++) {
        pthread_mutex_lock(&cache->locks[at % SHARDS]);
        for (int i = 0; i < WAYS; i++) {
            entry_release(cache->sets[at].ways[i]);
            cache->sets[at].ways[i] = NULL;
        }
        pthread_mutex_unlock(&cache->locks[at % SHARDS]);
    }
}

static size_t set_of(const struct traits_cache *cache, uint64_t record) {
    return (size_t)idmap_hash_number(record) & (cache->count - 1);
}

const struct traits *traits_cache_get(struct traits_cache *cache, uint64_t record, uint32_t version, struct arena *arena) {
    size_t at = set_of(cache, record);
    struct entry *found = NULL;
    pthread_mutex_lock(&cache->locks[at % SHARDS]);
    for (int i = 0; i < WAYS && !found; i++) {
        struct entry *entry = cache->sets[at].ways[i];
        if (entry && entry->record == record && entry->version == version)
            found = entry;
    }
    if (found)
        atomic_fetch_add(&found->users, 1);
    pthread_mutex_unlock(&cache->locks[at % SHARDS]);
    if (!found)
        return NULL;
    arena_defer(arena, entry_release, found);
    return found->traits;
}

/* Puts the entry first; returns the one it pushed out: the record's other version, or the last. */
static struct entry *push_in(struct set *set, struct entry *entry) {
    for (int i = 0; i < WAYS; i++) {
        struct entry *moved = set->ways[i];
        set->ways[i] = entry;
        if (!moved || moved->record == set->ways[0]->record)
            return moved;
        entry = moved;
    }
    return entry;
}

void traits_cache_put(struct traits_cache *cache, uint64_t record, uint32_t version, const struct traits *traits) {
    struct entry *entry = mem_alloc(sizeof *entry);
    atomic_init(&entry->users, 1);
    entry->record = record;
    entry->version = version;
    entry->traits = traits_pack(traits);
    size_t at = set_of(cache, record);
    pthread_mutex_lock(&cache->locks[at % SHARDS]);
    struct entry *out = push_in(&cache->sets[at], entry);
    pthread_mutex_unlock(&cache->locks[at % SHARDS]);
    entry_release(out);
}
