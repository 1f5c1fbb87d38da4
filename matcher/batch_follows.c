/*
 * Further columns that follow from others: an age, a year, a second writing of the date, initials, the department of a postcode.
 * What such a column says has been said: it is not weighed where that other one is known of both rows. The rows tell: of pairs of
 * two people who agree in the one, next to all agree in the other. Columns that are traits of their own are left alone, but for the
 * name of a birth place beside its code; what they share with others is for batch_kin.c. See batch.h.
 */
#include "matcher/batch.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCE_DATE, SOURCE_NAMES, SOURCE_GIVEN, SOURCE_PLACE, SOURCE_EXTRA /* and following */ };
enum { ROWS_MOST = 1 << 16, PAIRS_LEAST = 20, PAIRS_MOST = 20000 };
#define FOLLOWS_LEAST 0.95
#define CONSTANT 0.9 /* where so many rows agree anyhow, that says nothing */

struct keyed {
    uint64_t key;
    uint32_t row;
};

struct counted {
    size_t pairs, equal;
};

typedef uint64_t source_key(const struct match_batch *batch, uint32_t row, size_t extra);

static uint64_t whole_date(const struct match_batch *batch, uint32_t row, size_t extra) {
    (void)extra;
    return batch->rows[row].birth & ~DATE_WEAK;
}

static uint64_t year_of(const struct match_batch *batch, uint32_t row, size_t extra) {
    (void)extra;
    return date_year(batch->rows[row].birth);
}

static uint64_t month_of(const struct match_batch *batch, uint32_t row, size_t extra) {
    (void)extra;
    return date_month(batch->rows[row].birth);
}

static uint64_t given_of(const struct match_batch *batch, uint32_t row, size_t extra) {
    (void)extra;
    return batch->rows[row].names[FORM_GIVEN];
}

static uint64_t names_of(const struct match_batch *batch, uint32_t row, size_t extra) {
    uint64_t family = batch->rows[row].names[FORM_FAMILY], given = given_of(batch, row, extra);
    return family != 0 && given != 0 ? family << 32 | given : 0;
}

static uint64_t place_of(const struct match_batch *batch, uint32_t row, size_t extra) {
    (void)extra;
    return batch->rows[row].place;
}

static uint64_t extra_of(const struct match_batch *batch, uint32_t row, size_t extra) {
    return batch_extra(batch, row, extra);
}

static bool differ(uint64_t x, uint64_t y) {
    return x != 0 && y != 0 && x != y;
}

/* For certain: the names differ where the dates agree, the years of birth where they do not matter. */
static bool are_two_people(const struct match_batch *batch, size_t source, uint32_t a, uint32_t b) {
    const struct row *x = &batch->rows[a], *y = &batch->rows[b];
    bool families = differ(x->names[FORM_FAMILY], y->names[FORM_FAMILY]),
         givens = differ(x->names[FORM_GIVEN], y->names[FORM_GIVEN]);
    bool years = differ(date_year(x->birth), date_year(y->birth));
    if (source == SOURCE_DATE)
        return families && givens;
    return years && (families || source == SOURCE_NAMES);
}

static int by_key(const void *x, const void *y) {
    const struct keyed *a = x, *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static void count_pair(const struct match_batch *batch, size_t extra, uint32_t a, uint32_t b, struct counted *out) {
    uint32_t x = batch_extra(batch, a, extra), y = batch_extra(batch, b, extra);
    out->pairs += x != 0 && y != 0;
    out->equal += x != 0 && x == y;
}

static bool nearly_all(const struct counted *counted, double share) {
    return counted->pairs >= PAIRS_LEAST && (double)counted->equal >= share * (double)counted->pairs;
}

/* `extra` is the column that may follow, `from` the one that it may follow from, where that is a further one. */
static bool follows(const struct match_batch *batch, size_t extra, size_t source, source_key *key, size_t from) {
    size_t step = batch->count / ROWS_MOST + 1, count = 0;
    struct keyed *rows = mem_alloc((batch->count / step + 1) * sizeof *rows);
    struct counted counted = {0, 0};
    for (size_t row = 0; row < batch->count; row += step) {
        uint64_t value = batch_extra(batch, (uint32_t)row, extra) ? key(batch, (uint32_t)row, from) : 0;
        if (value != 0)
            rows[count++] = (struct keyed){value, (uint32_t)row};
    }
    qsort(rows, count, sizeof *rows, by_key);
    for (size_t i = 1; i < count && counted.pairs < PAIRS_MOST; i++)
        if (rows[i].key == rows[i - 1].key && are_two_people(batch, source, rows[i - 1].row, rows[i].row))
            count_pair(batch, extra, rows[i - 1].row, rows[i].row, &counted);
    mem_free(rows);
    return nearly_all(&counted, FOLLOWS_LEAST);
}

static bool is_constant(const struct match_batch *batch, size_t extra) {
    struct counted counted = {0, 0};
    size_t far = batch->count * 5 / 13 + 1; /* neither a neighbour's nor, of a file in two halves, the same person's */
    for (size_t row = 0; row < batch->count && counted.pairs < PAIRS_MOST; row++)
        count_pair(batch, extra, (uint32_t)row, (uint32_t)((row + far) % batch->count), &counted);
    return nearly_all(&counted, CONSTANT);
}

static bool is_further(const struct match_batch *batch, size_t extra) {
    enum match_trait trait = batch->extras[extra].trait;
    return trait == MATCH_TRAIT_TEXT || trait == MATCH_TRAIT_CODE;
}

/* The name of a birth place follows from its code, or not at all. */
static bool may_follow(const struct match_batch *batch, size_t extra, size_t source) {
    if (batch->extras[extra].trait == MATCH_TRAIT_BIRTH_PLACE_NAME)
        return source == SOURCE_PLACE;
    return is_further(batch, extra) && source != SOURCE_EXTRA + extra;
}

void batch_find_followers(struct match_batch *batch) {
    static const struct {
        size_t source;
        source_key *key;
    } standard[] = {{SOURCE_DATE, whole_date}, {SOURCE_DATE, year_of},   {SOURCE_DATE, month_of},
                    {SOURCE_NAMES, names_of},  {SOURCE_GIVEN, given_of}, {SOURCE_PLACE, place_of}};
    for (size_t extra = 0; extra < batch->extra_count; extra++) {
        uint32_t *found = &batch->extras[extra].follows;
        if (!may_follow(batch, extra, SOURCE_PLACE) || is_constant(batch, extra)) /* whatever may follow may follow the place */
            continue;
        for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++)
            if (may_follow(batch, extra, standard[i].source))
                *found |= (uint32_t)follows(batch, extra, standard[i].source, standard[i].key, 0) << standard[i].source;
        for (size_t from = 0; from < batch->extra_count; from++)
            if (!is_further(batch, from) && may_follow(batch, extra, SOURCE_EXTRA + from))
                *found |= (uint32_t)follows(batch, extra, SOURCE_EXTRA + from, extra_of, from) << (SOURCE_EXTRA + from);
    }
}

static bool is_known(const struct match_batch *batch, size_t source, uint32_t row) {
    static source_key *const keys[SOURCE_EXTRA] = {year_of, names_of, given_of, place_of};
    return source < SOURCE_EXTRA ? keys[source](batch, row, 0) != 0 : batch_extra(batch, row, source - SOURCE_EXTRA) != 0;
}

bool batch_is_said(const struct match_batch *batch, const struct extra *extra, uint32_t a, uint32_t b) {
    for (uint32_t left = extra->follows; left != 0; left &= left - 1) {
        size_t source = (size_t)__builtin_ctz(left);
        if (is_known(batch, source, a) && is_known(batch, source, b))
            return true;
    }
    return false;
}

/* -- in words --------------------------------------------------------------------------------------------------------------- */

const struct batch_field *batch_extra_field(const struct match_batch *batch, size_t extra) {
    for (size_t f = 0; f < batch->field_count; f++)
        if (batch->fields[f].is_extra && batch->fields[f].at == extra)
            return &batch->fields[f];
    return NULL;
}

static struct span source_name(const struct match_batch *batch, size_t source) {
    static const char *const names[SOURCE_EXTRA] = {"birth-date", "names", "given", "birth-place"};
    return source < SOURCE_EXTRA ? span_of(names[source]) : batch_extra_field(batch, source - SOURCE_EXTRA)->name;
}

static struct span source_in_words(const struct match_batch *batch, size_t extra) {
    static const char *const words[SOURCE_EXTRA] = {"birth date", "names", "given name", "birth place"};
    if (batch->extras[extra].follows == 0)
        return SPAN_ABSENT;
    size_t source = (size_t)__builtin_ctz(batch->extras[extra].follows);
    return source < SOURCE_EXTRA ? span_of(words[source]) : source_name(batch, source);
}

struct span match_batch_follows(const struct match_batch *batch, size_t column) {
    for (size_t extra = 0; extra < batch->extra_count; extra++)
        if (batch->extras[extra].column == column && is_further(batch, extra))
            return source_in_words(batch, extra);
    return SPAN_ABSENT;
}

struct span match_batch_field_follows(const struct match_batch *batch, size_t field) {
    return batch->fields[field].is_extra ? source_in_words(batch, batch->fields[field].at) : SPAN_ABSENT;
}

/* As a line of the model writes it. */
static struct span written_source(const struct match_batch *batch, size_t source) {
    return source < SOURCE_EXTRA ? source_name(batch, source)
                                 : batch_written_name(batch, batch_extra_field(batch, source - SOURCE_EXTRA));
}

static const char *follower_line(const struct match_batch *batch, size_t extra, size_t source) {
    struct span name = batch_written_name(batch, batch_extra_field(batch, extra));
    return arena_printf(batch->arena, "follows %.*s %.*s", SPAN_ARG(name), SPAN_ARG(written_source(batch, source)));
}

/* One line for each: "follows age birth-date". */
void batch_write_followers(const struct match_batch *batch, struct buf *out) {
    for (size_t extra = 0; extra < batch->extra_count; extra++)
        for (uint32_t left = batch->extras[extra].follows; left != 0; left &= left - 1)
            buf_addf(out, "%s\n", follower_line(batch, extra, (size_t)__builtin_ctz(left)));
}

bool batch_read_follower(struct match_batch *batch, struct span line) {
    if (!span_starts(line, SPAN("follows ")))
        return false;
    for (size_t extra = 0; extra < batch->extra_count; extra++)
        for (size_t source = 0; source < SOURCE_EXTRA + batch->extra_count; source++) {
            if (may_follow(batch, extra, source) && span_eq_cstr(line, follower_line(batch, extra, source))) {
                batch->extras[extra].follows |= 1u << source;
                return true;
            }
        }
    return false;
}
