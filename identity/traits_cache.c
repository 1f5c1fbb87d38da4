/*
 * Traits of versions kept for readers: a table of fixed size, one entry a place, the newer pushes the older out. Entries are
 * counted by their users, so pushing out never takes memory from under a reader.
 */
#include "identity/service.h"
#include "identity/traits.h"

enum { SHARDS = 64 };

struct entry {
    atomic_uint_fast32_t users;
    uint64_t record;
    uint32_t version;
    struct traits *traits;
};

struct traits_cache {
    size_t most; /* a power of two */
    struct entry **places;
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
    cache->most = 1;
    while (cache->most < most)
        cache->most *= 2;
    cache->places = mem_alloc(cache->most * sizeof(struct entry *));
    for (size_t i = 0; i < SHARDS; i++)
        pthread_mutex_init(&cache->locks[i], NULL);
    return cache;
}

void traits_cache_free(struct traits_cache *cache) {
    if (!cache)
        return;
    for (size_t i = 0; i < cache->most; i++)
        entry_release(cache->places[i]);
    for (size_t i = 0; i < SHARDS; i++)
        pthread_mutex_destroy(&cache->locks[i]);
    mem_free(cache->places);
    mem_free(cache);
}

static size_t place_of(const struct traits_cache *cache, uint64_t record) {
    return (size_t)idmap_hash_number(record) & (cache->most - 1);
}

const struct traits *traits_cache_get(struct traits_cache *cache, uint64_t record, uint32_t version, struct arena *arena) {
    size_t place = place_of(cache, record);
    pthread_mutex_lock(&cache->locks[place % SHARDS]);
    struct entry *entry = cache->places[place];
    if (entry && (entry->record != record || entry->version != version))
        entry = NULL;
    if (entry)
        atomic_fetch_add(&entry->users, 1);
    pthread_mutex_unlock(&cache->locks[place % SHARDS]);
    if (!entry)
        return NULL;
    arena_defer(arena, entry_release, entry);
    return entry->traits;
}

void traits_cache_put(struct traits_cache *cache, uint64_t record, uint32_t version, const struct traits *traits) {
    struct entry *entry = mem_alloc(sizeof *entry);
    atomic_init(&entry->users, 1);
    entry->record = record;
    entry->version = version;
    entry->traits = traits_pack(traits);
    size_t place = place_of(cache, record);
    pthread_mutex_lock(&cache->locks[place % SHARDS]);
    struct entry *old = cache->places[place];
    cache->places[place] = entry;
    pthread_mutex_unlock(&cache->locks[place % SHARDS]);
    entry_release(old);
}
