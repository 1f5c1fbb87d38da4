/*
 * Given names go with years of birth: KEVIN was born about 1991, JOSETTE about 1938. Two people of one given name are of one year
 * more often than any two, so that beside an equal year an equal name says less. How much less is counted among rows of one given
 * name with other family names and other days, which are two people's, for names of each rarity. Where the family name agrees as
 * well, namesakes are reckoned with already (batch_namesakes.c). See batch.h.
 */
#include "matcher/batch.h"
#include "matcher/fixed.h"

#include <math.h>

enum {
    PIECES = 64,
    ROWS_OF_A_NAME = 64, /* that are compared with each other */
    PAIRS_ASSUMED = 20,  /* of one year, of each rarity as of all */
    FASHION_MOST = 6 * CB_PER_BIT,
};

struct year_pairs {
    uint64_t all, of_one_year;
};

struct fashion_counting {
    const struct match_batch *batch;
    uint32_t *rows, *begin; /* rows by given name; where those of each begin */
    struct year_pairs of[PIECES][RARITY_BINS];
};

static size_t bin_of(const struct match_batch *batch, uint32_t given) {
    return batch_rarity_bin(batch->fields[BATCH_GIVEN].counts.rarity_cb[0][given]);
}

static bool is_counted(const struct match_batch *batch, uint32_t row) {
    const struct row *r = &batch->rows[row];
    return !batch->is_copy[row] && r->names[FORM_FAMILY] != 0 && date_is_full(r->birth);
}

static void count_name(const struct match_batch *batch, const uint32_t *rows, size_t count, struct year_pairs *out) {
    uint32_t birth[ROWS_OF_A_NAME], family[ROWS_OF_A_NAME];
    size_t taken = count < ROWS_OF_A_NAME ? count : ROWS_OF_A_NAME;
    for (size_t i = 0; i < taken; i++) {
        const struct row *r = &batch->rows[rows[count * i / taken]];
        birth[i] = r->birth;
        family[i] = r->names[FORM_FAMILY];
    }
    for (size_t i = 0; i < taken; i++)
        for (size_t k = 0; k < i; k++) {
            bool two = birth[i] != birth[k] && family[i] != family[k];
            out->all += two;
            out->of_one_year += two && date_year(birth[i]) == date_year(birth[k]);
        }
}

static void count_piece(void *context, size_t piece, unsigned worker) {
    struct fashion_counting *counting = context;
    const struct match_batch *batch = counting->batch;
    size_t names = batch->names.count;
    (void)worker;
    for (size_t id = 1 + names * piece / PIECES; id <= names * (piece + 1) / PIECES; id++)
        count_name(batch, counting->rows + counting->begin[id], counting->begin[id + 1] - counting->begin[id],
                   &counting->of[piece][bin_of(batch, (uint32_t)id)]);
}

static void sort_rows(struct fashion_counting *counting) {
    const struct match_batch *batch = counting->batch;
    uint32_t *begin = counting->begin;
    for (uint32_t row = 0; row < batch->count; row++)
        begin[batch->rows[row].names[FORM_GIVEN] + 2] += is_counted(batch, row);
    for (size_t id = 2; id <= batch->names.count + 2ul; id++)
        begin[id] += begin[id - 1];
    for (uint32_t row = 0; row < batch->count; row++)
        if (is_counted(batch, row))
            counting->rows[begin[batch->rows[row].names[FORM_GIVEN] + 1]++] = row;
}

/* Of two of all rows, how often one year is both's. */
static double share_of_years(const struct match_batch *batch) {
    enum { YEARS = 1 << 12 };
    uint32_t *of = mem_alloc(YEARS * sizeof *of);
    double all = 0, pairs = 0;
    for (uint32_t row = 0; row < batch->count; row++)
        if (is_counted(batch, row)) {
            of[date_year(batch->rows[row].birth)]++;
            all++;
        }
    for (size_t year = 0; year < YEARS; year++)
        pairs += (double)of[year] * ((double)of[year] - 1);
    mem_free(of);
    return all > 1 ? pairs / (all * (all - 1)) : 0;
}

/* Some are chance. */
static double sure(double pairs) {
    return fmax(pairs - 2 * sqrt(pairs), 0);
}

static void set_fashion(struct match_batch *batch, const struct fashion_counting *counting, double share) {
    struct year_pairs bins[RARITY_BINS] = {{0, 0}}, all = {0, 0};
    for (size_t piece = 0; piece < PIECES; piece++)
        for (size_t bin = 0; bin < RARITY_BINS; bin++) {
            bins[bin].all += counting->of[piece][bin].all;
            bins[bin].of_one_year += counting->of[piece][bin].of_one_year;
            all.all += counting->of[piece][bin].all;
            all.of_one_year += counting->of[piece][bin].of_one_year;
        }
    double mean = sure((double)all.of_one_year + PAIRS_ASSUMED) / ((double)all.all * share + PAIRS_ASSUMED);
    for (size_t bin = 0; bin < RARITY_BINS; bin++) {
        double seen = sure((double)bins[bin].of_one_year + PAIRS_ASSUMED * mean);
        double times = seen / ((double)bins[bin].all * share + PAIRS_ASSUMED);
        batch->fashion_cb[bin] = (int32_t)lrint(fmin(fmax(log2(times) * CB_PER_BIT, 0), FASHION_MOST));
    }
}

void batch_count_fashion(struct match_batch *batch, const struct parallel *parallel) {
    struct parallel silent = {parallel->threads, NULL, NULL};
    if (!batch_knows_namesakes(batch))
        return;
    struct fashion_counting *counting = mem_alloc(sizeof *counting);
    counting->batch = batch;
    counting->rows = mem_alloc((batch->count + 1) * sizeof *counting->rows);
    counting->begin = mem_alloc((batch->names.count + 3ul) * sizeof *counting->begin);
    sort_rows(counting);
    parallel_run(&silent, PIECES, count_piece, counting);
    set_fashion(batch, counting, share_of_years(batch));
    mem_free(counting->rows);
    mem_free(counting->begin);
    mem_free(counting);
}

static bool is_of_one_year(unsigned level) {
    return level_among(level, LEVEL(DATE_EXACT) | LEVEL(DATE_EXACT_WEAK) | LEVEL(DATE_SWAPPED) | LEVEL(DATE_DIGIT) |
                                  LEVEL(DATE_PARTIAL_MONTH) | LEVEL(DATE_PARTIAL_YEAR) | LEVEL(DATE_MONTH) | LEVEL(DATE_YEAR) |
                                  LEVEL(BATCH_DATE_NOT_MONTH) | LEVEL(BATCH_DATE_GUESSED) | LEVEL(BATCH_DATE_NEXT_YEAR));
}

int32_t batch_fashion_cb(const struct match_batch *batch, uint32_t given, unsigned date) {
    return is_of_one_year(date) ? -batch->fashion_cb[bin_of(batch, given)] : 0;
}
