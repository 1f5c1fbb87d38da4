/* Proofs and upkeep: why a pair was decided so, whether memory equals the database, whether the audit chain is whole, partitions.
 */
#include "base/clock.h"
#include "base/log.h"
#include "identity/link.h"
#include "identity/load.h"
#include "identity/service.h"
#include "identity/store.h"

#include <stdio.h>
#include <string.h>

enum { CHECK_TIMEOUT_MS = 600000 };

static struct weighed weighed_of(const struct plan *plan, uint64_t id) {
    const struct match_form *forms[PLAN_FORMS];
    const struct record *record = plan_record(plan, id);
    return (struct weighed){
        .version = record->version, .earlier = (uint32_t)plan_forms(plan, id, forms) - 1, .set_apart = record->quarantined};
}

static bool read_times(struct identity *identity, const uint64_t records[2], struct arena *arena, struct weighed sides[2],
                       struct error *err) {
    int64_t ids[2] = {(int64_t)records[0], (int64_t)records[1]};
    int32_t versions[2] = {(int32_t)sides[0].version, (int32_t)sides[1].version};
    struct sql_params *params = sql_params_new(arena);
    const struct sql_result *rows;
    sql_param_i64_array(params, ids, 2);
    sql_param_i32_array(params, versions, 2);
    if (!read_query(identity, SQL_QUERY_VERSION_TIMES, params, arena, &rows, err))
        return false;
    for (size_t i = 0; i < sql_rows(rows); i++)
        sides[sql_get_i64(rows, i, 0) - 1].at_us = sql_get_time(rows, i, 1);
    return true;
}

/* Of who was merged away the survivor is compared: a task that the merge closed still names the loser. */
static bool weigh(struct identity *identity, uint64_t records[2], struct arena *arena, struct span *out_json,
                  struct weighed out_sides[2], struct error *err) {
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    struct plan plan; /* an empty batch: the very code that decides, on what is committed */
    struct pair pair;
    struct counters counters = {0};
    plan_init(&plan, registry, atomic_load(&identity->domains), &identity->options, &counters, NULL, NULL, arena);
    uint64_t a = plan_survivor(&plan, records[0]), b = plan_survivor(&plan, records[1]);
    bool known = plan_record(&plan, a) && plan_record(&plan, b);
    if (known && a != b) {
        link_compare(&plan, a, b, &pair);
        *out_json = plan_reasons(&plan, &pair.score, &pair.verdict);
        out_sides[0] = weighed_of(&plan, a);
        out_sides[1] = weighed_of(&plan, b);
    }
    plan_release(&plan);
    identity_read_unlock(identity);
    records[0] = a;
    records[1] = b;
    if (!known)
        return error_set(err, ERROR_UNKNOWN, "record", "one of the two records is not known");
    return a != b || error_set(err, ERROR_RULE, "record", "the two are one record: there is nothing to compare");
}

bool identity_explain(struct identity *identity, const struct asker *asker, uint64_t record_a, uint64_t record_b,
                      struct arena *arena, struct span *out_json, struct weighed out_sides[2], struct error *err) {
    uint64_t records[2] = {record_a, record_b};
    struct span json;
    struct weighed sides[2];
    if (!weigh(identity, records, arena, &json, sides, err) || !read_times(identity, records, arena, sides, err) ||
        !note_query(identity, asker, "explain", record_a, 0, "", err) ||
        !note_query(identity, asker, "explain", record_b, 0, "", err))
        return false;
    *out_json = json;
    memcpy(out_sides, sides, sizeof sides);
    return true;
}

/* -- memory against the database ---------------------------------------------------------------------------------------------- */

struct comparison {
    struct buf *report;
    size_t differences;
};

static void differ(struct comparison *comparison, const char *what, uint64_t id) {
    if (comparison->differences++ < 20)
        buf_addf(comparison->report, "%s %llu differs\n", what, (unsigned long long)id);
}

static bool same_record(const struct record *a, const struct record *b) {
    return a && b && a->domain == b->domain && a->person == b->person && a->merged_into == b->merged_into &&
           a->version == b->version && a->quarantined == b->quarantined && a->last_version == b->last_version &&
           a->status == b->status && a->claim == b->claim && a->proof == b->proof && a->attributes == b->attributes &&
           a->flags == b->flags && a->link_kind == b->link_kind && a->tied_to == b->tied_to &&
           strcmp(a->local_id, b->local_id) == 0 && strcmp(a->ins, b->ins) == 0 && strcmp(a->ins_oid, b->ins_oid) == 0;
}

static bool same_person(const struct person_entry *a, const struct person_entry *b) {
    if (!a || !b || a->version != b->version || a->count != b->count || a->left_count != b->left_count)
        return false;
    size_t count;
    if (memcmp(person_left(a, &count), person_left(b, &count), a->left_count * sizeof(int64_t)) != 0)
        return false;
    const uint64_t *left = person_members(a, &count), *right = person_members(b, &count);
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t j = 0; j < count && !found; j++)
            found = left[i] == right[j];
        if (!found)
            return false;
    }
    return true;
}

static size_t negatives_missing(const struct registry *a, const struct registry *b) {
    size_t missing = 0;
    for (size_t i = 0; i < a->negatives.capacity; i++) {
        const struct idmap_slot *slot = &a->negatives.slots[i];
        bool found = !slot->value;
        uint64_t other;
        for (size_t cursor = 0; !found && idmap_next(&b->negatives, slot->hash, &cursor, &other);)
            found = other == slot->value;
        missing += !found;
    }
    return missing;
}

static void compare(struct comparison *comparison, const struct registry *memory, const struct registry *fresh) {
    if (!span_eq(match_model_hash(memory->model), match_model_hash(fresh->model)))
        differ(comparison, "active model as of change", memory->change);
    uint64_t last = memory->last_record > fresh->last_record ? memory->last_record : fresh->last_record;
    for (uint64_t id = 1; id <= last; id++) {
        const struct record *a = registry_record(memory, id), *b = registry_record(fresh, id);
        if (!a && !b)
            continue;
        if (!same_record(a, b))
            differ(comparison, "record", id);
        else if (match_index_digest(memory->index, id) != match_index_digest(fresh->index, id))
            differ(comparison, "matching index of record", id);
    }
    last = memory->last_person > fresh->last_person ? memory->last_person : fresh->last_person;
    for (uint64_t id = 1; id <= last; id++)
        if ((registry_person(memory, id) || registry_person(fresh, id)) &&
            !same_person(registry_person(memory, id), registry_person(fresh, id)))
            differ(comparison, "person", id);
    if (negatives_missing(memory, fresh) || negatives_missing(fresh, memory))
        differ(comparison, "negative links, count", memory->negatives.count);
    if (memory->task_count != fresh->task_count)
        differ(comparison, "open tasks, count", memory->task_count);
}

bool identity_check_index(struct identity *identity, struct buf *report, struct error *err) {
    struct sql_session *session;
    struct registry *fresh = NULL;
    if (!sql_connect(identity->options.database_url, identity->options.connect_timeout_ms, &session, err))
        return false;
    /* While feeds go on, the two differ by what came in between: load until the change numbers meet. */
    struct comparison comparison = {.report = report};
    bool met = false, ok = true;
    for (int attempt = 0; ok && !met && attempt < 10; attempt++) {
        registry_free(fresh);
        fresh = NULL;
        ok = load_registry(session, false, false, &fresh, err);
        const struct registry *memory = ok ? identity_read_lock(identity, err) : NULL;
        ok = memory != NULL;
        met = ok && memory->change == fresh->change;
        if (met)
            compare(&comparison, memory, fresh);
        if (memory)
            identity_read_unlock(identity);
    }
    sql_close(session);
    if (ok && !met)
        ok = error_set(err, ERROR_UNAVAILABLE, "index", "messages come in too fast to compare; try again when it is calmer");
    if (ok && comparison.differences)
        buf_addf(report, "the index in memory differs from the database in %zu places\n", comparison.differences);
    else if (ok)
        buf_addf(report, "the index in memory equals the database: %llu records, %llu persons, change %llu\n",
                 (unsigned long long)fresh->last_record, (unsigned long long)fresh->last_person, (unsigned long long)fresh->change);
    registry_free(fresh);
    return ok && (!comparison.differences ||
                  error_set(err, ERROR_INTERNAL, "index", "the index differs from the database; restart to rebuild it"));
}

/* -- audit ------------------------------------------------------------------------------------------------------------------ */

struct chain {
    unsigned char hash[32];
    uint64_t rows, last_id;
    bool begun;
};

/* False at the first row that does not follow from the one before. The oldest kept row is where trust begins. */
static bool follow_chain(struct chain *chain, const struct sql_result *rows, struct error *err) {
    for (size_t i = 0; i < sql_rows(rows); i++) {
        struct audit_row row = {.id = (uint64_t)sql_get_i64(rows, i, 0),
                                .at_us = sql_get_time(rows, i, 1),
                                .actor = sql_get_text(rows, i, 2),
                                .action = sql_get_text(rows, i, 3),
                                .record = (uint64_t)sql_get_i64(rows, i, 4),
                                .person = (uint64_t)sql_get_i64(rows, i, 5),
                                .message = (uint64_t)sql_get_i64(rows, i, 6),
                                .detail = sql_get_text(rows, i, 7)};
        struct span kept = sql_get_bytes(rows, i, 8);
        unsigned char hash[32];
        store_audit_hash(chain->hash, &row, hash);
        bool first = !chain->begun && row.id != 1;
        if (!first && (kept.len != 32 || memcmp(hash, kept.ptr, 32) != 0 || row.id != chain->last_id + 1))
            return error_set(err, ERROR_INTERNAL, "audit",
                             "the chain breaks at entry %llu: it, or one before it, was altered or removed",
                             (unsigned long long)row.id);
        memcpy(chain->hash, kept.ptr, kept.len < 32 ? kept.len : 32);
        chain->last_id = row.id;
        chain->begun = true;
        chain->rows++;
    }
    return true;
}

bool identity_check_audit(struct identity *identity, struct buf *report, struct error *err) {
    struct sql_session *session;
    struct sql_cursor *cursor = NULL;
    struct chain chain = {0};
    if (!sql_connect(identity->options.database_url, identity->options.connect_timeout_ms, &session, err))
        return false;
    bool ok = sql_snapshot_begin(session, CHECK_TIMEOUT_MS, err) &&
              sql_cursor_open(session, SQL_QUERY_AUDIT_ALL, NULL, 4096, CHECK_TIMEOUT_MS, &cursor, err);
    while (ok) {
        struct arena *arena = arena_new(0);
        const struct sql_result *rows;
        ok = sql_cursor_next(cursor, arena, &rows, err);
        bool end = ok && sql_rows(rows) == 0;
        ok = ok && follow_chain(&chain, rows, err);
        arena_free(arena);
        if (end)
            break;
    }
    if (cursor)
        sql_cursor_close(cursor);
    sql_snapshot_end(session);
    sql_close(session);
    if (ok)
        buf_addf(report, "the audit chain is whole: %llu entries\n", (unsigned long long)chain.rows);
    return ok;
}

/* -- upkeep ----------------------------------------------------------------------------------------------------------------- */

bool identity_maintain(struct identity *identity, struct error *err) {
    if (identity_state(identity) != IDENTITY_WRITER)
        return true;
    struct sql_session *session;
    struct arena *arena = arena_new(0);
    if (!sql_connect(identity->options.database_url, identity->options.connect_timeout_ms, &session, err)) {
        arena_free(arena);
        return false;
    }
    struct sql_params *months = sql_params_new(arena);
    sql_param_i32(months, (int32_t)identity->options.retention_months);
    struct sql_params *told = sql_params_new(arena);
    sql_param_time(told, clock_now_us() - (int64_t)identity->options.notification_days * 86400 * 1000000);
    struct sql_step steps[] = {{.query = SQL_QUERY_MAINTAIN_PARTITIONS},
                               {.query = SQL_QUERY_MAINTAIN_CHANGES},
                               {.query = SQL_QUERY_OUTBOX_PRUNE, .params = told},
                               {.query = SQL_QUERY_MAINTAIN_OLD_PARTITIONS, .params = months},
                               {.query = SQL_QUERY_IMPORT_PRUNE, .params = months}};
    bool ok = sql_run(session, SQL_WRITE, steps, identity->options.retention_months ? 5 : 3, arena, CHECK_TIMEOUT_MS, NULL, err);
    if (ok)
        log_info("upkeep done", LOG_I64("changes_forgotten", sql_affected(steps[1].result)));
    sql_close(session);
    arena_free(arena);
    return ok;
}
