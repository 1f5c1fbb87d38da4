/* The figures that pages, commands and metrics show. */
#include "identity/service.h"

static void count_index(const struct registry *registry, struct identity_counts *out) {
    struct match_index_stats stats;
    match_index_stats(registry->index, &stats);
    out->change = registry->change;
    out->index_records = stats.records;
    out->index_rows = stats.rows;
    out->index_names = stats.names;
    out->index_bytes = stats.bytes;
    out->index_keys = stats.keys;
    out->hot_keys = stats.hot_keys;
}

void identity_counts(struct identity *identity, struct identity_counts *out) {
    struct error err;
    struct arena *arena = arena_new(0);
    const struct sql_result *rows;
    *out = (struct identity_counts){0};
    out->counted = read_query(identity, SQL_QUERY_COUNT_ALL, NULL, arena, &rows, &err);
    if (out->counted) {
        uint64_t *fields[] = {&out->records,       &out->persons,    &out->links_auto,   &out->links_declared,
                              &out->links_decided, &out->open_tasks, &out->dead_letters, &out->held_tasks};
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            *fields[i] = (uint64_t)sql_get_i64(rows, 0, i);
    }
    const struct registry *registry = identity_read_lock(identity, &err);
    if (registry) {
        count_index(registry, out);
        identity_read_unlock(identity);
    }
    out->made_auto = atomic_load(&identity->links[0]);
    out->made_declared = atomic_load(&identity->links[1]);
    out->made_decided = atomic_load(&identity->links[2]);
    out->left_to_cell = atomic_load(&identity->left[0]);
    out->left_apart = atomic_load(&identity->left[1]);
    arena_free(arena);
}
