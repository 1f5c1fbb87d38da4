/* A stored form of any bytes: refused, or a form that is written as it was read, compares with itself and lives in an index. */
#include "base/arena.h"
#include "matcher/matcher.h"

static struct match_model *shipped(void) {
    static struct match_model *model;
    struct error err = ERROR_INIT;
    if (!model)
        must(match_model_read(match_model_shipped(), &model, &err));
    return model;
}

static void live_in_an_index(const struct match_form *form, struct arena *arena) {
    struct match_index *index = match_index_new(0);
    const struct match_hit *hits;
    const struct match_found *found;
    struct match_search_report report;
    struct match_criteria criteria = {.born_from = 19000101, .phonetic = true};
    size_t total;
    match_index_put(index, 1, &form, 1);
    match_index_search(index, shipped(), &form, 1, 0, arena, &hits, &report);
    match_index_find(index, &criteria, 10, arena, &found, &total);
    match_index_put(index, 1, NULL, 0);
    must(match_index_digest(index, 1) == 0);
    match_index_free(index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    const struct match_form *form;
    struct span input = span_make((const char *)data, size);
    if (!match_form_read(input, arena, &form, &err)) {
        must(err.code == ERROR_TYPE);
        arena_free(arena);
        return 0;
    }
    struct buf bytes = {0};
    struct match_score score;
    buf_init(&bytes, 1 << 16);
    match_form_write(form, &bytes);
    must(span_eq(buf_span(&bytes), input));
    match_compare_forms(shipped(), form, form, &score);
    must(match_change(shipped(), form, form) == MATCH_CHANGE_NONE);
    live_in_an_index(form, arena);
    buf_release(&bytes);
    arena_free(arena);
    return 0;
}
