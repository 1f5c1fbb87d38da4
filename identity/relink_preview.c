/*
 * What a re-link run would do, done on a registry of its own: the slices of the lane, published in memory and written nowhere. So
 * the preview is the run, but for what happens between the two. See relink.h.
 */
#include "base/clock.h"
#include "identity/load.h"
#include "identity/relink_walk.h"
#include "identity/service.h"
#include "identity/store.h"

#include <stdio.h>
#include <stdlib.h>

enum { PREVIEW_TIMEOUT_MS = 60000, ITEMS_A_STATEMENT = 8192, SLICE_ARENA = 1 << 30 };

struct previewing {
    const struct identity_options *options;
    struct sql_session *session;
    struct registry *registry;
    struct domain_list domains;
    struct counters counters;
    struct match_model *before; /* the active one; the registry has the other */
    struct match_index *scratch;
    struct relink_place place;
    uint64_t change;
    struct arena *arena; /* of the answer */
    struct relink_counts counts;
    VEC(struct relink_item) items;
    struct arena *slice;
    struct error failure; /* of a read while deciding */
};

static bool parting_taken_back(void *context, const uint64_t *records, size_t count) {
    struct previewing *preview = context;
    bool back = true;
    if (preview->failure.code == ERROR_NONE)
        (void)store_partings_taken_back(preview->session, records, count, preview->slice, &back, &preview->failure);
    return back;
}

static bool links_taken_back(void *context, const uint64_t *records, size_t count, const uint64_t *others, size_t other_count) {
    struct previewing *preview = context;
    bool back = true;
    if (preview->failure.code == ERROR_NONE)
        (void)store_links_taken_back(preview->session, records, count, others, other_count, preview->slice, &back,
                                     &preview->failure);
    return back;
}

static bool dismissed(void *context, const uint64_t *records, size_t count, const uint64_t *others, size_t other_count) {
    struct previewing *preview = context;
    bool seen = true;
    if (preview->failure.code == ERROR_NONE)
        (void)store_pairs_dismissed(preview->session, records, count, others, other_count, preview->slice, &seen,
                                    &preview->failure);
    return seen;
}

static struct span local_of(const struct previewing *preview, uint64_t id) {
    const struct record *record = registry_record(preview->registry, id);
    const struct domain *domain = domain_by_id(&preview->domains, record->domain);
    must(domain);
    return span_of(arena_printf(preview->arena, "%.*s:%s", SPAN_ARG(domain->namespace_id), record->local_id));
}

static void keep_items(struct previewing *preview, const struct relink_walk *walk) {
    preview->counts.records += walk->counts.records;
    for (size_t i = 0; i < RELINK_ACT_COUNT; i++)
        preview->counts.acts[i] += walk->counts.acts[i];
    for (size_t i = 0; i < walk->items.count; i++) {
        struct relink_item item = walk->items.items[i];
        item.local_a = local_of(preview, item.record_a);
        item.local_b = local_of(preview, item.record_b);
        VEC_ADD(preview->arena, preview->items, item);
    }
}

static bool run_slice(struct previewing *preview, struct error *err) {
    struct plan plan;
    struct relink_walk walk = {.before = preview->before,
                               .place = preview->place,
                               .parting_taken_back = parting_taken_back,
                               .dismissed = dismissed,
                               .context = preview};
    plan_init(&plan, preview->registry, &preview->domains, preview->options, &preview->counters, preview->scratch, NULL,
              preview->slice);
    plan.now_us = clock_now_us();
    plan.taken_back = links_taken_back;
    plan.read_context = preview;
    plan_relink(&plan, &walk);
    bool ok = preview->failure.code == ERROR_NONE;
    if (ok) {
        plan_publish(&plan, preview->registry);
        keep_items(preview, &walk);
        preview->counters = plan.counters;
        preview->place = walk.place;
    } else {
        *err = preview->failure;
    }
    plan_release(&plan);
    arena_reset(preview->slice);
    return ok;
}

static void say_progress(const struct previewing *preview, uint64_t started_ns, uint64_t *said_ns) {
    uint64_t now = clock_mono_ns();
    if (!preview->options->progress || now - *said_ns < 500000000)
        return;
    *said_ns = now;
    const char *pass = preview->place.phase == RELINK_PART ? "parting" : "matching";
    (void)fprintf(stderr, "\rweighing, %s: %.0f %%, %.1f s ", pass,
                  100.0 * (double)preview->place.next / (double)preview->counters.record, (double)(now - started_ns) / 1e9);
}

static bool walk_through(struct previewing *preview, struct error *err) {
    uint64_t started = clock_mono_ns(), said = started;
    bool ok = true;
    while (ok && preview->place.phase != RELINK_THROUGH) {
        ok = run_slice(preview, err);
        say_progress(preview, started, &said);
    }
    if (said != started)
        (void)fputs("\n", stderr);
    return ok;
}

/* -- keeping it ----------------------------------------------------------------------------------------------------------- */

#define COLUMN(kind, ctype, expression)                                                                                            \
    do {                                                                                                                           \
        ctype *column = ARENA_ARRAY(arena, ctype, count + 1);                                                                      \
        for (size_t i = 0; i < count; i++) {                                                                                       \
            const struct relink_item *item = &items[i];                                                                            \
            column[i] = (ctype)(expression);                                                                                       \
        }                                                                                                                          \
        sql_param_##kind##_array(params, column, count);                                                                           \
    } while (0)

static const struct sql_params *item_params(const struct previewing *preview, size_t from, size_t count, struct arena *arena) {
    const struct relink_item *items = preview->items.items + from;
    struct sql_params *params = sql_params_new(arena);
    struct span *rules = ARENA_ARRAY(arena, struct span, count + 1);
    int32_t *numbers = ARENA_ARRAY(arena, int32_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        rules[i] = span_of(items[i].rule);
        numbers[i] = (int32_t)(from + i + 1);
    }
    sql_param_i32_array(params, numbers, count);
    COLUMN(i16, int16_t, item->act);
    COLUMN(i64, int64_t, item->record_a);
    COLUMN(i64, int64_t, item->record_b);
    COLUMN(i16, int16_t, item->task);
    sql_param_text_array(params, rules, count);
    COLUMN(double, double, item->weight_before);
    COLUMN(double, double, item->weight_after);
    COLUMN(double, double, item->posterior_before);
    COLUMN(double, double, item->posterior_after);
    COLUMN(i16, int16_t, item->zone_before);
    COLUMN(i16, int16_t, item->zone_after);
    return params;
}

static const struct sql_params *run_params(const struct previewing *preview, struct span author, struct arena *arena) {
    struct sql_params *params = sql_params_new(arena);
    sql_param_text(params, match_model_hash(preview->registry->model));
    sql_param_text(params, match_model_hash(preview->before));
    sql_param_i64(params, (int64_t)preview->change);
    sql_param_text(params, author);
    sql_param_i64(params, (int64_t)preview->counts.records);
    for (size_t i = 0; i < RELINK_ACT_COUNT; i++)
        sql_param_i64(params, (int64_t)preview->counts.acts[i]);
    return params;
}

static bool keep_run(const struct previewing *preview, struct span model_text, struct span author, uint64_t *out_id,
                     struct error *err) {
    enum { MODEL, RUN, NOTE, ITEMS };
    struct arena *arena = arena_new((size_t)4 << 30);
    size_t count = preview->items.count, steps_count = ITEMS + (count + ITEMS_A_STATEMENT - 1) / ITEMS_A_STATEMENT;
    struct sql_step *steps = ARENA_ARRAY(arena, struct sql_step, steps_count);
    struct sql_params *model = sql_params_new(arena);
    sql_param_text(model, match_model_hash(preview->registry->model));
    sql_param_text(model, match_model_name(preview->registry->model));
    sql_param_text(model, model_text);
    steps[MODEL] = (struct sql_step){.query = SQL_QUERY_MODEL_ADD, .params = model};
    steps[RUN] = (struct sql_step){.query = SQL_QUERY_RELINK_ADD, .params = run_params(preview, author, arena)};
    steps[NOTE] = (struct sql_step){.query = SQL_QUERY_INBOX_ADD,
                                    .params = relink_note("relink-preview", preview->items.count, author, arena)};
    for (size_t i = ITEMS; i < steps_count; i++) {
        size_t from = (i - ITEMS) * ITEMS_A_STATEMENT, most = count - from;
        most = most < ITEMS_A_STATEMENT ? most : ITEMS_A_STATEMENT;
        steps[i] = (struct sql_step){.query = SQL_QUERY_RELINK_ITEMS, .params = item_params(preview, from, most, arena)};
    }
    bool ok = sql_run(preview->session, SQL_WRITE, steps, steps_count, arena, PREVIEW_TIMEOUT_MS, NULL, err);
    if (ok)
        *out_id = (uint64_t)sql_get_i64(steps[RUN].result, 0, 0);
    arena_free(arena);
    return ok;
}

/* -- the whole ------------------------------------------------------------------------------------------------------------ */

static bool connect_writable(struct previewing *preview, struct error *err) {
    const struct sql_result *rows;
    if (!sql_connect(preview->options->database_url, preview->options->connect_timeout_ms, &preview->session, err) ||
        !sql_migration_check(preview->session, err) ||
        !sql_query(preview->session, SQL_QUERY_TAKES_WRITES, NULL, preview->arena, PREVIEW_TIMEOUT_MS, &rows, err))
        return false;
    if (!sql_get_bool(rows, 0, 0))
        return error_set(err, ERROR_UNAVAILABLE, "database.url",
                         "this database takes no writes: a preview is kept where the writer is");
    if (!sql_query(preview->session, SQL_QUERY_MODEL_ACTIVE, NULL, preview->arena, PREVIEW_TIMEOUT_MS, &rows, err))
        return false;
    return sql_rows(rows) || error_set(err, ERROR_RULE, "model", "no model decides yet: start the server once");
}

static bool load_all(struct previewing *preview, struct span model_text, struct error *err) {
    struct match_model *model = NULL;
    if (!match_model_read(model_text, &model, err))
        return error_prefix(err, "the model");
    bool ok = connect_writable(preview, err) &&
              load_registry(preview->session, false, preview->options->progress, &preview->registry, err);
    if (!ok) {
        match_model_free(model);
        return false;
    }
    preview->before = preview->registry->model;
    preview->registry->model = model;
    preview->change = preview->registry->change;
    /* Newer than the snapshot, perhaps: what came in between is not weighed, but its numbers and domains do no harm. */
    return sql_session_for_lookups(preview->session, err) &&
           store_domains(preview->session, PREVIEW_TIMEOUT_MS, preview->arena, &preview->domains, err) &&
           store_counters(preview->session, preview->arena, &preview->counters, err);
}

static struct relink_run described(const struct previewing *preview, uint64_t id, struct span author) {
    struct arena *arena = preview->arena;
    const struct match_model *after = preview->registry->model, *before = preview->before;
    return (struct relink_run){.id = id,
                               .state = RELINK_PREVIEWED,
                               .model_name = span_copy(match_model_name(after), arena),
                               .model_hash = span_copy(match_model_hash(after), arena),
                               .before_name = span_copy(match_model_name(before), arena),
                               .before_hash = span_copy(match_model_hash(before), arena),
                               .change = preview->change,
                               .previewed_us = clock_now_us(),
                               .previewed_by = author,
                               .counts = preview->counts};
}

bool identity_relink_preview(const struct identity_options *options, struct span model_text, struct span author,
                             struct arena *arena, struct relink_preview *out, struct error *err) {
    struct previewing preview = {.options = options,
                                 .arena = arena,
                                 .slice = arena_new(SLICE_ARENA),
                                 .scratch = match_index_new(64),
                                 .place = {RELINK_PART, 1},
                                 .failure = ERROR_INIT};
    uint64_t id = 0;
    bool ok =
        load_all(&preview, model_text, err) && walk_through(&preview, err) && keep_run(&preview, model_text, author, &id, err);
    if (ok)
        *out = (struct relink_preview){
            .run = described(&preview, id, author), .items = preview.items.items, .count = preview.items.count};
    sql_close(preview.session);
    registry_free(preview.registry);
    match_model_free(preview.before);
    match_index_free(preview.scratch);
    arena_free(preview.slice);
    return ok;
}
