/* Reading back what the lane needs to know: numbers, the fate of a batch, domains. See store.h. */
#include "base/log.h"
#include "base/vec.h"
#include "identity/peer_parse.h"
#include "identity/service.h"
#include "identity/store.h"
#include "identity/traits.h"

#include <jansson.h>

bool store_committed(struct sql_session *session, uint64_t change, uint64_t writer, struct arena *arena, bool *out_committed,
                     struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    sql_param_i64(params, (int64_t)change);
    sql_param_i64(params, (int64_t)writer);
    const struct sql_result *result;
    if (!sql_query(session, SQL_QUERY_CHANGE_EXISTS, params, arena, 5000, &result, err))
        return false;
    *out_committed = sql_get_i64(result, 0, 0) > 0;
    return true;
}

bool store_counters(struct sql_session *session, struct arena *arena, struct counters *out, struct error *err) {
    struct sql_step steps[] = {{.query = SQL_QUERY_LANE_COUNTERS}, {.query = SQL_QUERY_AUDIT_LAST_HASH}};
    if (!sql_run(session, SQL_READ, steps, 2, arena, 60000, NULL, err))
        return false;
    const struct sql_result *row = steps[0].result;
    *out = (struct counters){.record = (uint64_t)sql_get_i64(row, 0, 0) + 1,
                             .person = (uint64_t)sql_get_i64(row, 0, 1) + 1,
                             .decision = (uint64_t)sql_get_i64(row, 0, 2) + 1,
                             .task = (uint64_t)sql_get_i64(row, 0, 3) + 1,
                             .message = (uint64_t)sql_get_i64(row, 0, 4) + 1,
                             .audit = (uint64_t)sql_get_i64(row, 0, 5) + 1,
                             .change = (uint64_t)sql_get_i64(row, 0, 6) + 1,
                             .domain = (uint64_t)sql_get_i64(row, 0, 7) + 1,
                             .peer = (uint64_t)sql_get_i64(row, 0, 8) + 1,
                             .notification = (uint64_t)sql_get_i64(row, 0, 9) + 1};
    if (sql_rows(steps[1].result)) {
        struct span hash = sql_get_bytes(steps[1].result, 0, 0);
        must(hash.len == sizeof out->audit_hash);
        memcpy(out->audit_hash, hash.ptr, hash.len);
        out->audit_at_us = sql_get_time(steps[1].result, 0, 1);
    }
    return true;
}

struct span store_senders_write(const struct domain *domain, struct arena *arena) {
    struct buf json = {0};
    buf_init(&json, 1 << 20);
    buf_add_char(&json, '[');
    for (size_t i = 0; i < domain->sender_count; i++) {
        const struct domain_sender *sender = &domain->senders[i];
        buf_add_cstr(&json, i ? ",[" : "[");
        json_add_text(&json, sender->application);
        buf_add_char(&json, ',');
        json_add_text(&json, sender->facility);
        buf_add_char(&json, ',');
        json_add_text(&json, sender->certificate);
        buf_add_char(&json, ']');
    }
    buf_add_char(&json, ']');
    struct span text = buf_copy(&json, arena);
    buf_release(&json);
    return text;
}

static void read_senders(struct span text, struct arena *arena, struct domain *out) {
    json_auto_t *list = json_loadb(text.ptr, text.len, 0, NULL);
    size_t count = json_array_size(list);
    struct domain_sender *senders = ARENA_ARRAY(arena, struct domain_sender, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        struct span parts[3];
        for (size_t j = 0; j < 3; j++)
            parts[j] = span_copy(span_of(json_string_value(json_array_get(item, j))), arena);
        senders[i] = (struct domain_sender){parts[0], parts[1], parts[2]};
    }
    out->senders = senders;
    out->sender_count = count;
}

bool store_domains(struct sql_session *session, uint32_t timeout_ms, struct arena *arena, struct domain_list *out,
                   struct error *err) {
    const struct sql_result *rows;
    if (!sql_query(session, SQL_QUERY_DOMAIN_ALL, NULL, arena, timeout_ms, &rows, err))
        return false;
    struct domain *items = ARENA_ARRAY(arena, struct domain, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++) {
        items[i] = (struct domain){.id = (uint32_t)sql_get_i32(rows, i, 0),
                                   .namespace_id = sql_get_text(rows, i, 1),
                                   .oid = sql_get_text(rows, i, 2),
                                   .finess = sql_get_text(rows, i, 3),
                                   .kind = (enum domain_kind)sql_get_i16(rows, i, 4),
                                   .auto_link = sql_get_bool(rows, i, 5),
                                   .max_status = (enum identity_status)sql_get_i16(rows, i, 6),
                                   .evidence = (enum domain_evidence)sql_get_i16(rows, i, 7),
                                   .trust = (uint32_t)sql_get_i32(rows, i, 8),
                                   .any_case = sql_get_bool(rows, i, 10)};
        read_senders(sql_get_text(rows, i, 9), arena, &items[i]);
    }
    *out = (struct domain_list){items, sql_rows(rows)};
    return true;
}

static struct peer_activity seen_of(const struct sql_result *rows, size_t row) {
    const size_t first = 3 + PEER_FIELD_COUNT;
    int64_t last_us = sql_get_time(rows, row, first), told_us = sql_get_time(rows, row, first + 5);
    struct peer_activity seen = {.last_us = last_us == INT64_MIN ? 0 : last_us,
                                 .last_result = sql_get_i16(rows, row, first + 2),
                                 .messages = (uint64_t)sql_get_i64(rows, row, first + 3),
                                 .refused = (uint64_t)sql_get_i64(rows, row, first + 4),
                                 .told_us = told_us == INT64_MIN ? 0 : told_us};
    struct span event = span_clip(sql_get_text(rows, row, first + 1), sizeof seen.last_event - 1);
    (void)snprintf(seen.last_event, sizeof seen.last_event, "%.*s", SPAN_ARG(event));
    return seen;
}

bool store_peers(struct sql_session *session, const struct domain_list *domains, struct arena *arena, struct peer_list *out,
                 const struct peer_news **out_seen, struct error *err) {
    const struct sql_result *rows;
    if (!sql_query(session, SQL_QUERY_PEER_ALL, NULL, arena, 10000, &rows, err))
        return false;
    const struct peer **items = ARENA_ARRAY(arena, const struct peer *, sql_rows(rows) + 1);
    struct peer_news *seen = ARENA_ARRAY(arena, struct peer_news, sql_rows(rows) + 1);
    size_t count = 0;
    for (size_t i = 0; i < sql_rows(rows); i++) {
        struct peer *peer = ARENA_NEW(arena, struct peer);
        struct error why = ERROR_INIT;
        *peer = (struct peer){
            .id = (uint32_t)sql_get_i32(rows, i, 0), .name = sql_get_text(rows, i, 1), .paused = sql_get_bool(rows, i, 2)};
        for (size_t f = 0; f < PEER_FIELD_COUNT; f++)
            peer->texts[f] = sql_get_text(rows, i, 3 + f);
        seen[count] = (struct peer_news){peer->id, seen_of(rows, i), sql_get_text(rows, i, 3 + PEER_FIELD_COUNT + 6)};
        if (peer_parse(peer, domains, true, arena, &why))
            items[count++] = peer;
        else
            log_error("a peer's row cannot be read", LOG_SPAN("peer", peer->name), LOG_ERR(&why));
    }
    *out = (struct peer_list){items, count};
    *out_seen = seen;
    return true;
}

/* -- what people decided -------------------------------------------------------------------------------------------------- */

static bool ask_whether(struct sql_session *session, enum sql_query query, struct sql_params *params, struct arena *arena,
                        bool *out, struct error *err) {
    const struct sql_result *rows;
    if (!sql_query(session, query, params, arena, 10000, &rows, err))
        return false;
    *out = sql_get_bool(rows, 0, 0);
    return true;
}

static bool ask_of_pairs(struct sql_session *session, enum sql_query query, const uint64_t *records, size_t count,
                         const uint64_t *others, size_t other_count, struct arena *arena, bool *out, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    sql_param_i64_array(params, (const int64_t *)records, count);
    sql_param_i64_array(params, (const int64_t *)others, other_count);
    return ask_whether(session, query, params, arena, out, err);
}

bool store_links_taken_back(struct sql_session *session, const uint64_t *records, size_t count, const uint64_t *others,
                            size_t other_count, struct arena *arena, bool *out, struct error *err) {
    return ask_of_pairs(session, SQL_QUERY_LINKS_TAKEN_BACK, records, count, others, other_count, arena, out, err);
}

bool store_pairs_dismissed(struct sql_session *session, const uint64_t *records, size_t count, const uint64_t *others,
                           size_t other_count, struct arena *arena, bool *out, struct error *err) {
    return ask_of_pairs(session, SQL_QUERY_PAIRS_DISMISSED, records, count, others, other_count, arena, out, err);
}

bool store_partings_taken_back(struct sql_session *session, const uint64_t *records, size_t count, struct arena *arena, bool *out,
                               struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    sql_param_i64_array(params, (const int64_t *)records, count);
    return ask_whether(session, SQL_QUERY_PARTINGS_TAKEN_BACK, params, arena, out, err);
}
