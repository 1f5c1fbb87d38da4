/* Groups by union-find over identifiers; see send_plan.h. */
#include "server/send_plan.h"

#include "base/arena.h"
#include "server/er7.h"

#include <stdlib.h>

struct key {
    uint64_t hash;
    size_t message;
};

struct keys {
    struct key *items;
    size_t count, capacity;
};

static void add_key(struct keys *keys, uint64_t hash, size_t message) {
    if (keys->count == keys->capacity) {
        keys->capacity = keys->capacity ? 2 * keys->capacity : 1024;
        keys->items = mem_realloc(keys->items, keys->capacity * sizeof *keys->items);
    }
    keys->items[keys->count++] = (struct key){.hash = hash, .message = message};
}

/* The authority is left out: peers write it in several ways, and a false tie only costs a little parallelism. */
static void add_field(struct keys *keys, const struct er7 *er7, struct span field, uint64_t seed, size_t message) {
    struct span repetition;
    while (span_cut(&field, er7->repetition, &repetition)) {
        struct span id = er7_component(er7, repetition, 1);
        if (id.len > 0)
            add_key(keys, span_hash(id, seed), message);
    }
}

static void add_message(struct keys *keys, struct span text, size_t message) {
    struct er7 er7;
    if (!er7_open(text, &er7))
        return;
    uint64_t seed = span_hash(er7_field(&er7, "MSH", 1, 4), span_hash(er7_field(&er7, "MSH", 1, 3), 0));
    size_t pids = er7_count(&er7, "PID"), mrgs = er7_count(&er7, "MRG");
    for (size_t i = 1; i <= pids && i <= 8; i++)
        add_field(keys, &er7, er7_field(&er7, "PID", i, 3), seed, message);
    for (size_t i = 1; i <= mrgs && i <= 8; i++)
        add_field(keys, &er7, er7_field(&er7, "MRG", i, 1), seed, message);
}

static int compare_keys(const void *a, const void *b) {
    const struct key *left = a, *right = b;
    return left->hash < right->hash ? -1 : left->hash > right->hash;
}

static size_t root_of(size_t *parents, size_t message) {
    while (parents[message] != message) {
        parents[message] = parents[parents[message]];
        message = parents[message];
    }
    return message;
}

/* The earliest message stays the root. */
static void unite(size_t *parents, size_t a, size_t b) {
    size_t root_a = root_of(parents, a), root_b = root_of(parents, b);
    if (root_a < root_b)
        parents[root_b] = root_a;
    else
        parents[root_a] = root_b;
}

static void unite_all(struct keys *keys, size_t *parents) {
    if (keys->count > 0)
        qsort(keys->items, keys->count, sizeof *keys->items, compare_keys);
    for (size_t i = 1; i < keys->count; i++) {
        if (keys->items[i].hash == keys->items[i - 1].hash)
            unite(parents, keys->items[i].message, keys->items[i - 1].message);
    }
}

static uint32_t least_loaded(const size_t *loads, uint32_t connections) {
    uint32_t least = 0;
    for (uint32_t c = 1; c < connections; c++)
        least = loads[c] < loads[least] ? c : least;
    return least;
}

void send_plan(const struct span *messages, size_t count, uint32_t connections, struct arena *arena, uint32_t *out_connections) {
    struct keys keys = {0};
    size_t *parents = ARENA_ARRAY(arena, size_t, count + 1);
    size_t *sizes = ARENA_ARRAY(arena, size_t, count + 1);
    size_t *loads = ARENA_ARRAY(arena, size_t, connections);
    for (size_t i = 0; i < count; i++) {
        parents[i] = i;
        add_message(&keys, messages[i], i);
    }
    unite_all(&keys, parents);
    mem_free(keys.items);
    for (size_t i = 0; i < count; i++)
        sizes[root_of(parents, i)]++;
    /* Roots come before their members, so one walk in order places each group whole. */
    for (size_t i = 0; i < count; i++) {
        size_t root = root_of(parents, i);
        if (root == i) {
            out_connections[i] = least_loaded(loads, connections);
            loads[out_connections[i]] += sizes[i];
        } else {
            out_connections[i] = out_connections[root];
        }
    }
}
