/*
 * Default birth dates. A system that demands a date is given some date where none is known (1970-01-01, the 15th of June of a
 * migration), and a file that comes of it holds hundreds of people who were born on one day. Believed, the date contradicts what
 * other records say of them, and makes it seem usual that two people share a date, for everybody. It stands out, and is unknown
 * from then on, as 1900-01-01 is (date.c). Of each file by itself: a default belongs to the system that wrote it.
 *
 * A date stands out where it has many times the people of the other dates, and of its peers: the days around it (newborns of some
 * weeks in a hospital of all ages), and this day of other years (first of January of people who know their year alone). One peer
 * may be another default. It is people that count, not rows, as their names tell them: a test patient, or who comes every week, is
 * one however his names are misspelt. See batch.h.
 */
#include "matcher/batch.h"
#include "matcher/date.h"
#include "matcher/nir.h"
#include "matcher/place.h"

#include <stdlib.h>

enum {
    DATES = (DATE_YEAR_MOST - DATE_YEAR_LEAST + 1) * DATE_YEAR_DAYS, /* days that are in no calendar stay empty */
    DAYS_AROUND = 15,
    DATES_LEAST = 100, /* in a file: of fewer each has a large share */
    PEOPLE_LEAST = 30,
    TIMES_OTHERS = 10,                  /* the mean of the other dates */
    TIMES_PEERS = 8,                    /* the second of its peers */
    DEFAULTS_MOST = 2 * DATE_YEAR_DAYS, /* of one day of the year a third would have to exceed the second */
};

struct dates {
    size_t first, end; /* rows of the file */
    size_t distinct, dated;
    uint32_t rows[DATES]; /* of each date */
    bool stands_out[DATES];
};

/* A day that proves nothing counts, too: it may be the default. DATES: no whole date. */
static size_t slot_of(uint32_t birth) {
    size_t day = date_day_of_year(birth);
    return day == DATE_YEAR_DAYS ? DATES : (size_t)(date_year(birth) - DATE_YEAR_LEAST) * DATE_YEAR_DAYS + day;
}

static uint32_t date_of_slot(size_t slot) {
    return (uint32_t)(DATE_YEAR_LEAST + slot / DATE_YEAR_DAYS) * 10000 + date_month_day(slot % DATE_YEAR_DAYS);
}

static void count_dates(const struct match_batch *batch, struct dates *dates) {
    for (size_t row = dates->first; row < dates->end; row++) {
        size_t slot = slot_of(batch->rows[row].birth);
        if (slot == DATES)
            continue;
        dates->distinct += dates->rows[slot]++ == 0;
        dates->dated++;
    }
}

/* The second largest of the dates from `from` on, `step` apart, but for this one. */
static uint32_t second_of(const struct dates *dates, size_t slot, size_t from, size_t end, size_t step) {
    uint32_t first = 0, second = 0;
    for (size_t at = from; at < end; at += step) {
        uint32_t rows = at == slot ? 0 : dates->rows[at];
        second = rows > first ? first : rows > second ? rows : second;
        first = rows > first ? rows : first;
    }
    return second;
}

static bool stands_out(const struct dates *dates, size_t slot, size_t people) {
    double others = (double)(dates->dated - dates->rows[slot]) / (double)(dates->distinct - 1);
    if (people < PEOPLE_LEAST || (double)people <= TIMES_OTHERS * others)
        return false;
    size_t from = slot < DAYS_AROUND ? 0 : slot - DAYS_AROUND, end = slot + DAYS_AROUND < DATES ? slot + DAYS_AROUND + 1 : DATES;
    return people > TIMES_PEERS * (size_t)second_of(dates, slot, from, end, 1) &&
           people > TIMES_PEERS * (size_t)second_of(dates, slot, slot % DATE_YEAR_DAYS, DATES, DATE_YEAR_DAYS);
}

/* -- people on one date ----------------------------------------------------------------------------------------------------- */

/* By the names themselves: their numbers depend on the order of the rows. */
struct bearer {
    uint32_t slot, rows;
    uint64_t family, given; /* 0: not known */
};

static uint64_t hash_of(const struct match_batch *batch, const struct row *row, enum form_name first, enum form_name second) {
    const struct name *name = dictionary_name(&batch->names, row->names[first] ? row->names[first] : row->names[second]);
    return name ? name->hash | 1 : 0;
}

static int by_slot_and_names(const void *x, const void *y) {
    const struct bearer *a = x, *b = y;
    if (a->slot != b->slot)
        return a->slot < b->slot ? -1 : 1;
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return (a->given > b->given) - (a->given < b->given);
}

/* Bearers of the dates that stand out by their rows, each once, sorted. */
static struct bearer *list_bearers(const struct match_batch *batch, const struct dates *dates, size_t *out_count) {
    size_t most = 0, count = 0, kept = 0;
    for (size_t slot = 0; slot < DATES; slot++)
        most += dates->stands_out[slot] ? dates->rows[slot] : 0;
    struct bearer *bearers = mem_alloc((most + 1) * sizeof *bearers);
    for (size_t row = dates->first; row < dates->end && most > 0; row++) {
        const struct row *r = &batch->rows[row];
        size_t slot = slot_of(r->birth);
        if (slot == DATES || !dates->stands_out[slot])
            continue;
        bearers[count++] = (struct bearer){(uint32_t)slot, 1, hash_of(batch, r, FORM_FAMILY, FORM_USED),
                                           hash_of(batch, r, FORM_GIVEN, FORM_USED_GIVEN)};
    }
    qsort(bearers, count, sizeof *bearers, by_slot_and_names);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && by_slot_and_names(&bearers[kept - 1], &bearers[i]) == 0)
            bearers[kept - 1].rows++;
        else
            bearers[kept++] = bearers[i];
    }
    *out_count = kept;
    return bearers;
}

/* But those who share a name with the one of most rows: his errors, for all that is known. */
static size_t count_people(const struct bearer *bearers, size_t count) {
    const struct bearer *most = bearers;
    size_t people = 0;
    for (size_t i = 1; i < count; i++)
        most = bearers[i].rows > most->rows ? &bearers[i] : most;
    for (size_t i = 0; i < count; i++) {
        const struct bearer *b = &bearers[i];
        bool is_his = (b->family != 0 && b->family == most->family) || (b->given != 0 && b->given == most->given);
        people += !is_his && (b->family | b->given) != 0;
    }
    return people;
}

static void keep_crowded(const struct match_batch *batch, struct dates *dates) {
    size_t count;
    struct bearer *bearers = list_bearers(batch, dates, &count);
    for (size_t i = 0, end; i < count; i = end) {
        size_t slot = bearers[i].slot;
        for (end = i; end < count && bearers[end].slot == slot;)
            end++;
        dates->stands_out[slot] = stands_out(dates, slot, count_people(bearers + i, end - i));
    }
    mem_free(bearers);
}

/* -- what becomes of them --------------------------------------------------------------------------------------------------- */

static int most_rows_first(const void *x, const void *y) {
    const struct match_batch_default *a = x, *b = y;
    if (a->rows != b->rows)
        return a->rows > b->rows ? -1 : 1;
    return (a->date > b->date) - (a->date < b->date);
}

static size_t list_defaults(struct dates *dates, struct match_batch_default out[MATCH_BATCH_DEFAULTS]) {
    struct match_batch_default *all = mem_alloc(DEFAULTS_MOST * sizeof *all);
    size_t count = 0;
    for (size_t slot = 0; slot < DATES; slot++) {
        must(count < DEFAULTS_MOST || !dates->stands_out[slot]);
        if (dates->stands_out[slot])
            all[count++] = (struct match_batch_default){date_of_slot(slot), dates->rows[slot]};
        dates->stands_out[slot] = false;
    }
    qsort(all, count, sizeof *all, most_rows_first);
    count = count < MATCH_BATCH_DEFAULTS ? count : MATCH_BATCH_DEFAULTS;
    for (size_t i = 0; i < count; i++) {
        out[i] = all[i];
        dates->stands_out[slot_of(date_from_number(all[i].date))] = true;
    }
    mem_free(all);
    return count;
}

/* A number that contradicts the default contradicts nobody. */
void batch_judge_number(struct row *row) {
    static const char sexes[] = {0, 'M', 'F', 0};
    char place[PLACE_LETTERS];
    const struct match_traits holder = {.sex = sexes[row->misc >> MISC_SEX_SHIFT & 3],
                                        .birth_place = place_unpack(row->place, place)};
    row->ins = nir_judge_holder(row->ins & ~(NIR_COHERENT | NIR_OTHER_HOLDER), &holder);
}

static void forget_dates(struct match_batch *batch, const struct dates *dates) {
    for (size_t row = dates->first; row < dates->end; row++) {
        size_t slot = slot_of(batch->rows[row].birth);
        if (slot == DATES || !dates->stands_out[slot])
            continue;
        batch->rows[row].birth = 0;
        batch_judge_number(&batch->rows[row]);
    }
}

static size_t find_in_file(struct match_batch *batch, size_t first, size_t end,
                           struct match_batch_default out[MATCH_BATCH_DEFAULTS]) {
    size_t count = 0;
    if (end - first < DATES_LEAST)
        return 0;
    struct dates *dates = mem_alloc(sizeof *dates);
    dates->first = first;
    dates->end = end;
    count_dates(batch, dates);
    if (dates->distinct >= DATES_LEAST) {
        for (size_t slot = 0; slot < DATES; slot++)
            dates->stands_out[slot] = stands_out(dates, slot, dates->rows[slot]);
        keep_crowded(batch, dates);
        count = list_defaults(dates, out);
    }
    if (count > 0)
        forget_dates(batch, dates);
    mem_free(dates);
    return count;
}

void batch_forget_defaults(struct match_batch *batch) {
    batch->default_count[0] = find_in_file(batch, 0, batch->first_count, batch->defaults[0]);
    batch->default_count[1] = find_in_file(batch, batch->first_count, batch->count, batch->defaults[1]);
}

bool match_batch_default(const struct match_batch *batch, bool second_file, size_t which, struct match_batch_default *out) {
    if (which >= batch->default_count[second_file])
        return false;
    *out = batch->defaults[second_file][which];
    return true;
}
