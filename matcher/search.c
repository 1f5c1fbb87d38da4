/*
 * Candidates of a record: the rows that share a key, each record once, compared whole. No limit drops a candidate in silence
 * (DESIGN.md rule 11). Lists up to HOT_LIST rows are read whole. A longer one is counted as hot; when its kind is covering (key.h)
 * its rows are filtered by the trait that the key does not hold, up to HOT_LIST_READ rows; others are left to the covering ones.
 * The search is incomplete when no covering key could be read: only then a certain match could hide.
 */
#include "matcher/compare.h"
#include "matcher/index.h"
#include "matcher/nir.h"

#include <stdlib.h>

enum { FIRST_SET = 256, AT_ONCE = 16 };

/* Records seen, and in the order found. */
struct candidates {
    struct arena *arena;
    uint64_t *records;
    size_t count, capacity;
    uint32_t *slots; /* 1 + place in records */
    size_t slot_mask;
};

struct search {
    const struct match_index *index;
    const struct match_model *model;
    const struct match_form *const *forms;
    size_t form_count;
    uint64_t self;
    struct candidates found;
    struct match_search_report report;
    bool covered, missed; /* a covering key was read; one was not */
};

static size_t place_of(const struct candidates *c, uint64_t record) {
    size_t at = (size_t)((record * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & c->slot_mask;
    while (c->slots[at] != 0 && c->records[c->slots[at] - 1] != record)
        at = (at + 1) & c->slot_mask;
    return at;
}

static void widen(struct candidates *c) {
    size_t capacity = c->capacity == 0 ? FIRST_SET / 2 : c->capacity * 2;
    uint64_t *records = ARENA_ARRAY(c->arena, uint64_t, capacity);
    for (size_t i = 0; i < c->count; i++)
        records[i] = c->records[i];
    c->records = records;
    c->capacity = capacity;
    c->slot_mask = 2 * capacity - 1;
    c->slots = ARENA_ARRAY(c->arena, uint32_t, 2 * capacity);
    for (size_t i = 0; i < c->count; i++)
        c->slots[place_of(c, records[i])] = (uint32_t)i + 1;
}

static void note(struct candidates *c, uint64_t record) {
    if (c->count == c->capacity)
        widen(c);
    size_t at = place_of(c, record);
    if (c->slots[at] != 0)
        return;
    c->records[c->count++] = record;
    c->slots[at] = (uint32_t)c->count;
}

/* -- lists -------------------------------------------------------------------------------------------------------------------- */

static bool same_sound(const struct name *a, const struct name *b) {
    return a && b && (a->hash == b->hash || a->soundex == b->soundex || a->skeleton == b->skeleton);
}

static bool crossed_sound(const struct match_form *a, const struct match_form *b, enum form_name first, enum form_name used) {
    return same_sound(a->names[first], b->names[first]) || same_sound(a->names[first], b->names[used]) ||
           same_sound(a->names[used], b->names[first]) || same_sound(a->names[used], b->names[used]);
}

/* A hot key holds two of family name, given name and birth date: of its rows only those are candidates that agree in the third. */
static bool passes_filter(const struct search *s, const struct match_form *form, enum key_kind kind, uint32_t number) {
    struct match_form other;
    index_form(s->index, number, &other);
    if (nir_same(other.facts.ins, form->facts.ins))
        return true;
    if (kind == KEY_FAMILY_DATE)
        return crossed_sound(form, &other, FORM_GIVEN, FORM_USED_GIVEN);
    if (kind == KEY_GIVEN_DATE)
        return crossed_sound(form, &other, FORM_FAMILY, FORM_USED);
    return date_compare(form->facts.birth, other.facts.birth) < DATE_YEAR;
}

static void read_list(struct search *s, const struct match_form *form, enum key_kind kind, const uint32_t *rows, size_t count) {
    enum { AHEAD = 8 };
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count)
            __builtin_prefetch(&index_block(s->index, rows[i + AHEAD])->record[rows[i + AHEAD] & (ROW_BLOCK - 1)]);
        if (count > HOT_LIST && !passes_filter(s, form, kind, rows[i]))
            continue;
        uint64_t record = index_row_record(s->index, rows[i]);
        if (record != s->self)
            note(&s->found, record);
    }
}

static void read_key(struct search *s, const struct match_form *form, struct key key) {
    uint32_t single;
    size_t count;
    uint32_t list = key_table_find(&s->index->tables[key.kind], key.value);
    const uint32_t *rows = posting_rows(&s->index->pool, list, &single, &count);
    bool covering = key_is_covering((enum key_kind)key.kind);
    s->report.hot_keys += count > HOT_LIST;
    if (count > HOT_LIST && (!covering || count > HOT_LIST_READ)) {
        s->missed = true;
        return;
    }
    s->covered = s->covered || covering;
    read_list(s, form, (enum key_kind)key.kind, rows, count);
}

static void gather(struct search *s) {
    struct key keys[INDEX_KEYS_MOST];
    for (size_t f = 0; f < s->form_count; f++) {
        size_t count = keys_of_index(s->forms[f], keys);
        for (size_t i = 0; i < count; i++)
            if (keys[i].kind != KEY_BIRTH_DATE)
                read_key(s, s->forms[f], keys[i]);
    }
    s->report.incomplete = s->missed && !s->covered;
}

/* -- comparison --------------------------------------------------------------------------------------------------------------- */

/* Candidates that are compared at once: what memory is asked for one is on its way while others are read. */
struct round {
    uint32_t rows[AT_ONCE]; /* the first of each */
    struct match_form forms[AT_ONCE];
    const struct match_form *pointers[AT_ONCE];
    struct match_score scores[AT_ONCE];
};

static void read_forms(const struct search *s, const uint64_t *records, size_t count, struct round *round) {
    for (size_t i = 0; i < count; i++) {
        round->rows[i] = index_first_row(s->index, records[i]);
        index_fetch_row(s->index, round->rows[i]);
    }
    for (size_t i = 0; i < count; i++) {
        index_form(s->index, round->rows[i], &round->forms[i]);
        round->pointers[i] = &round->forms[i];
    }
}

static void compare_all_rows(const struct search *s, uint32_t first_row, struct match_score *out) {
    struct match_form forms[ROWS_OF_A_RECORD_MOST];
    const struct match_form *pointers[ROWS_OF_A_RECORD_MOST];
    size_t count = index_forms(s->index, first_row, forms, ROWS_OF_A_RECORD_MOST);
    for (size_t i = 0; i < count; i++)
        pointers[i] = &forms[i];
    match_compare(s->model, s->forms, s->form_count, pointers, count, out);
}

/* Most records have one row. */
static void compare_round(const struct search *s, const uint64_t *records, size_t count, struct round *round) {
    read_forms(s, records, count, round);
    match_compare_many(s->model, s->forms[0], round->pointers, count, round->scores);
    for (size_t i = 0; i < count; i++)
        if (s->form_count > 1 || index_next_row(s->index, round->rows[i]) != 0)
            compare_all_rows(s, round->rows[i], &round->scores[i]);
}

static bool is_hit(const struct search *s, const struct match_score *score) {
    return score->same_ins || model_log_odds(s->model, score->weight_cb) + s->model->domains_most_cb >= s->model->review_cb;
}

static size_t compare_candidates(const struct search *s, struct match_hit *hits) {
    struct round round;
    size_t kept = 0;
    for (size_t from = 0; from < s->found.count; from += AT_ONCE) {
        size_t left = s->found.count - from, count = left < AT_ONCE ? left : AT_ONCE;
        compare_round(s, s->found.records + from, count, &round);
        for (size_t i = 0; i < count; i++)
            if (is_hit(s, &round.scores[i]))
                hits[kept++] = (struct match_hit){s->found.records[from + i], round.scores[i]};
    }
    return kept;
}

static int best_first(const void *a, const void *b) {
    const struct match_hit *x = a, *y = b;
    if (x->score.weight_cb != y->score.weight_cb)
        return x->score.weight_cb > y->score.weight_cb ? -1 : 1;
    return x->record < y->record ? -1 : x->record > y->record;
}

size_t match_index_search(const struct match_index *index, const struct match_model *model, const struct match_form *const *forms,
                          size_t count, uint64_t self, struct arena *arena, const struct match_hit **out_hits,
                          struct match_search_report *out_report) {
    struct search s = {
        .index = index, .model = model, .forms = forms, .form_count = count, .self = self, .found = {.arena = arena}};
    gather(&s);
    struct match_hit *hits = ARENA_ARRAY(arena, struct match_hit, s.found.count + 1);
    size_t kept = compare_candidates(&s, hits);
    qsort(hits, kept, sizeof *hits, best_first);
    s.report.candidates = s.found.count;
    *out_hits = hits;
    *out_report = s.report;
    return kept;
}
