/*
 * Demographics queries (ITI-21, ITI-47, ITI-78): the criterion with the fewest rows gives them, each row is then held against all
 * criteria. Dates are read day by day from the lists of birth dates while the range is short, names from the lists of the names
 * that fit; when nothing narrows, all rows are read. Who is asked for as INCONNU or BEBE has no name here: rows without one are
 * found, and the caller looks at what stands in its place.
 */
#include "matcher/date.h"
#include "matcher/fold.h"
#include "matcher/index.h"
#include "matcher/pattern.h"
#include "matcher/words.h"

#include <stdlib.h>

enum { DAYS_MOST = 4000, NO_END = 99999999 };

struct query {
    const struct match_index *index;
    const struct match_criteria *criteria;
    struct arena *arena;
    struct name_pattern family, given, mother;
    unsigned sex;
    uint32_t born_from, born_to; /* inclusive, no zeros */
    bool by_date;
    struct match_found *found;
    uint64_t *slots; /* record -> 1 + place in found */
    size_t count, capacity;
};

/* -- one row ------------------------------------------------------------------------------------------------------------------ */

static enum name_fit best_fit(const struct name_pattern *pattern, const struct row *row, const uint8_t *places, size_t count) {
    enum name_fit best = FIT_NONE;
    for (size_t i = 0; i < count; i++) {
        uint32_t id = row->names[places[i]];
        if (id != 0 && pattern->fits[id] > best)
            best = (enum name_fit)pattern->fits[id];
    }
    return best;
}

static double fit_share(enum name_fit fit) {
    static const double share[] = {[FIT_NONE] = 0, [FIT_SOUND] = 0.8, [FIT_PART] = 0.95, [FIT_WHOLE] = 1};
    return share[fit];
}

/* A criterion on names: multiplies the score, false when the row does not bear a name that fits. */
static bool weigh_name(const struct name_pattern *pattern, const struct row *row, const uint8_t *places, size_t count,
                       struct match_found *found) {
    if (pattern->any)
        return true;
    enum name_fit fit = best_fit(pattern, row, places, count);
    if (fit == FIT_NONE && pattern->missing && row->names[places[0]] == 0)
        fit = FIT_PART;
    found->score *= fit_share(fit);
    found->name_exact = found->name_exact && fit == FIT_WHOLE;
    found->name_phonetic = found->name_phonetic || fit == FIT_SOUND;
    return fit != FIT_NONE;
}

static bool weigh_date(const struct query *q, const struct row *row, struct match_found *found) {
    uint32_t first, last;
    found->date_exact = date_day(row->birth) != 0 && date_month(row->birth) != 0;
    if (!q->by_date)
        return true;
    if (!date_interval(row->birth, &first, &last) || first < q->born_from || last > q->born_to)
        return false;
    found->score *= found->date_exact ? 1 : 0.9;
    return true;
}

static bool row_fits(const struct query *q, const struct row *row, struct match_found *found) {
    static const uint8_t family[] = {FORM_FAMILY, FORM_USED}, mother[] = {FORM_MOTHER};
    static const uint8_t given[] = {FORM_GIVEN, FORM_GIVEN_2, FORM_GIVEN_3, FORM_USED_GIVEN};
    if (q->sex != 0 && (row->misc >> MISC_SEX_SHIFT & 3) != q->sex)
        return false;
    return weigh_date(q, row, found) && weigh_name(&q->family, row, family, sizeof family, found) &&
           weigh_name(&q->given, row, given, sizeof given, found) && weigh_name(&q->mother, row, mother, sizeof mother, found);
}

/* -- results: the best row of each record ---------------------------------------------------------------------------------------
 */

static uint64_t *slot_of(const struct query *q, uint64_t record) {
    size_t mask = 2 * q->capacity - 1, at = (size_t)((record * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;
    while (q->slots[at] != 0 && q->found[q->slots[at] - 1].record != record)
        at = (at + 1) & mask;
    return &q->slots[at];
}

static void widen(struct query *q) {
    const struct match_found *old = q->found;
    q->capacity = q->capacity == 0 ? 64 : q->capacity * 2;
    q->found = ARENA_ARRAY(q->arena, struct match_found, q->capacity);
    q->slots = ARENA_ARRAY(q->arena, uint64_t, 2 * q->capacity);
    for (size_t i = 0; i < q->count; i++) {
        q->found[i] = old[i];
        *slot_of(q, old[i].record) = i + 1;
    }
}

static void try_row(struct query *q, uint32_t number) {
    struct match_found found = {.record = index_row_record(q->index, number), .score = 1, .name_exact = true};
    if (found.record == 0 || !row_fits(q, index_row(q->index, number), &found))
        return;
    if (q->count == q->capacity)
        widen(q);
    uint64_t *slot = slot_of(q, found.record);
    if (*slot == 0) {
        q->found[q->count++] = found;
        *slot = q->count;
    } else if (q->found[*slot - 1].score < found.score) {
        q->found[*slot - 1] = found;
    }
}

static void try_list(struct query *q, uint32_t list) {
    uint32_t single;
    size_t count;
    const uint32_t *rows = posting_rows(&q->index->pool, list, &single, &count);
    for (size_t i = 0; i < count; i++)
        try_row(q, rows[i]);
}

/* -- dates -------------------------------------------------------------------------------------------------------------------- */

static uint32_t next_day(uint32_t day) {
    uint32_t first, last;
    uint32_t month = day / 100 * 100;
    if (date_interval(date_from_number(month), &first, &last) && day < last)
        return day + 1;
    return month / 100 % 100 == 12 ? (day / 10000 + 1) * 10000 + 101 : month + 101;
}

static uint32_t date_list(const struct query *q, uint32_t yyyymmdd) {
    return key_table_find(&q->index->tables[KEY_BIRTH_DATE], key_of_date(date_from_number(yyyymmdd)));
}

static void visit_date(struct query *q, uint32_t yyyymmdd, size_t *out_rows) {
    uint32_t list = date_list(q, yyyymmdd);
    if (out_rows)
        *out_rows += posting_count(&q->index->pool, list);
    else
        try_list(q, list);
}

/* Visits the lists of all dates that lie inside the range: whole years, whole months, days. With out_rows only counts; false when
 * the range is too long. */
static bool visit_dates(struct query *q, size_t *out_rows) {
    size_t days = 0;
    unsigned month = q->born_from / 100 % 100;
    if (q->born_from < 18000101 || q->born_to > 22000000 || month < 1 || month > 12)
        return false;
    for (uint32_t day = q->born_from; day <= q->born_to; day = next_day(day)) {
        if (++days > DAYS_MOST)
            return false;
        if (day % 100 == 1) {
            uint32_t first, last, year_last = day / 10000 * 10000 + 1231;
            if (date_interval(date_from_number(day / 100 * 100), &first, &last) && last <= q->born_to)
                visit_date(q, day / 100 * 100, out_rows);
            if (day % 10000 == 101 && year_last <= q->born_to)
                visit_date(q, day / 10000 * 10000, out_rows);
        }
        visit_date(q, day, out_rows);
    }
    return true;
}

/* -- the source with the fewest rows --------------------------------------------------------------------------------------------
 */

static size_t count_names(const struct query *q, const struct name_pattern *pattern, enum name_role role) {
    size_t rows = 0;
    if (pattern->any || pattern->missing)
        return SIZE_MAX;
    for (size_t i = 0; i < pattern->id_count; i++)
        rows += posting_count(&q->index->pool, q->index->names.rows[pattern->ids[i]][role]);
    return rows;
}

static void try_names(struct query *q, const struct name_pattern *pattern, enum name_role role) {
    for (size_t i = 0; i < pattern->id_count; i++)
        try_list(q, q->index->names.rows[pattern->ids[i]][role]);
}

static void try_all(struct query *q) {
    for (uint32_t row = 1; row < q->index->row_end; row++)
        try_row(q, row);
}

static void run(struct query *q) {
    const struct name_pattern *patterns[ROLE_COUNT] = {&q->family, &q->given, &q->mother};
    size_t fewest = SIZE_MAX, dates = 0;
    int best = -1;
    for (int role = 0; role < ROLE_COUNT; role++) {
        size_t rows = count_names(q, patterns[role], (enum name_role)role);
        if (rows < fewest) {
            fewest = rows;
            best = role;
        }
    }
    if (q->by_date && visit_dates(q, &dates) && dates <= fewest)
        visit_dates(q, NULL);
    else if (best >= 0)
        try_names(q, patterns[best], (enum name_role)best);
    else
        try_all(q);
}

/* -- who has no name ------------------------------------------------------------------------------------------------------------
 */

/* Is nothing left of it when placeholders go? One letter is none where it is the beginning of `many` names. */
static bool is_no_family(struct span asked, bool many, bool no_given, struct arena *arena) {
    char room[WORDS_ROOM], again[FOLD_MOST];
    size_t len = fold_name(arena, asked, room);
    struct span birth, used;
    if (len <= (many ? 1 : 0) || span_find(asked, '*', 0) < asked.len)
        return false;
    words_clean_family(room, len, &birth, &used);
    return birth.len == 0 && used.len == 0 &&
           (no_given || words_family_beside_given(again, fold_text(arena, asked, again)).len == 0);
}

static bool is_no_given(struct span asked, bool many, struct arena *arena) {
    char room[WORDS_ROOM];
    size_t len = fold_name(arena, asked, room);
    bool whole = len > (many ? 1 : 0) && span_find(asked, '*', 0) == asked.len;
    return whole && words_clean_given(room, len).len == 0;
}

struct match_nameless match_asks_nameless(const struct match_criteria *criteria, struct arena *arena) {
    bool dated = criteria->born_from != 0 && criteria->born_to != 0;
    struct match_nameless asked = {.given = is_no_given(criteria->given, criteria->given_prefix && !dated, arena)};
    asked.family = is_no_family(criteria->family, criteria->family_prefix && !dated, asked.given, arena);
    asked.given = asked.given || (asked.family && is_no_given(criteria->given, false, arena));
    return asked;
}

static int best_first(const void *a, const void *b) {
    const struct match_found *x = a, *y = b;
    if (x->score > y->score || x->score < y->score)
        return x->score > y->score ? -1 : 1;
    return x->record < y->record ? -1 : x->record > y->record;
}

size_t match_index_find(const struct match_index *index, const struct match_criteria *criteria, size_t most, struct arena *arena,
                        const struct match_found **out_found, size_t *out_total) {
    struct query q = {.index = index, .criteria = criteria, .arena = arena};
    q.sex = criteria->sex == 'M' ? 1 : criteria->sex == 'F' ? 2 : 0;
    q.by_date = criteria->born_from != 0 || criteria->born_to != 0;
    q.born_from = criteria->born_from;
    q.born_to = criteria->born_to == 0 ? NO_END : criteria->born_to;
    pattern_prepare(&q.family, &index->names, criteria->family, criteria->family_prefix, criteria->phonetic, arena);
    pattern_prepare(&q.given, &index->names, criteria->given, criteria->given_prefix, criteria->phonetic, arena);
    pattern_prepare(&q.mother, &index->names, criteria->mother, criteria->mother_prefix, criteria->phonetic, arena);
    struct match_nameless nameless = match_asks_nameless(criteria, arena);
    q.family.missing = nameless.family;
    q.given.missing = nameless.given;
    if (!q.family.impossible && !q.given.impossible && !q.mother.impossible)
        run(&q);
    if (q.count > 0)
        qsort(q.found, q.count, sizeof *q.found, best_first);
    *out_found = q.found;
    *out_total = q.count;
    return q.count < most ? q.count : most;
}
