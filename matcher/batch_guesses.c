/*
 * Birth days that are guesses. Who does not know a day of birth is given the first of January, or the last of December: abroad
 * always (date.c), and in a file where these are more than a day's share everywhere. Equal, such dates say little more than the
 * year. Whose days are guesses come from some places more than from others, and names go with places: among people of one family
 * name two guesses are far commoner than among all of a file. See batch.h.
 */
#include "matcher/batch.h"

#include <math.h>
#include <stdlib.h>

enum { YEARS_ASSUMED = 30 }; /* that guesses are spread over, where few are known */
#define GUESSED 2.5          /* times as often as a day of the year, and most of them are guesses */
#define SHARED_LEAST 0.02
#define ONCE_MOST 0.2 /* pairs of one person with a guess in one record alone, for each with two */
#define ONCE_LEAST 0.005

void batch_mark_guesses(struct match_batch *batch) {
    static const unsigned days[] = {101, 1231};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        size_t dated = 0, here = 0;
        for (size_t row = 0; row < batch->count; row++) {
            uint32_t birth = batch->rows[row].birth;
            dated += date_is_full(birth);
            here += date_is_full(birth) && date_month(birth) * 100 + date_day(birth) == days[i];
        }
        for (size_t row = 0; row < batch->count && (double)here * 365 > (double)dated * GUESSED; row++)
            if (date_month(batch->rows[row].birth) * 100 + date_day(batch->rows[row].birth) == days[i])
                batch->rows[row].birth |= DATE_WEAK;
    }
}

static int by_number(const void *x, const void *y) {
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

static double pairs_alike(uint32_t *dates, size_t count) {
    double pairs = 0;
    qsort(dates, count, sizeof *dates, by_number);
    for (size_t i = 0, same = 0; i < count; i++) {
        same = i > 0 && dates[i] == dates[i - 1] ? same + 1 : 0;
        pairs += (double)same;
    }
    return pairs;
}

/* Rows of one name and date are one person's. */
void batch_count_guesses(const struct match_batch *batch, struct batch_guesses *out) {
    struct bearers {
        uint32_t all, guessed;
    } *of_name = mem_alloc((batch->names.count + 1ul) * sizeof *of_name);
    uint32_t *dates = mem_alloc((batch->count + 1) * sizeof *dates);
    size_t count = 0;
    double shared = 0, others = 0;
    for (size_t row = 0; row < batch->count; row++) {
        const struct row *r = &batch->rows[row];
        if (r->birth == 0 || batch->alike[row] != 0)
            continue;
        struct bearers *bearers = &of_name[r->names[FORM_FAMILY]];
        bearers->all++;
        bearers->guessed += date_is_weak(r->birth);
        if (date_is_weak(r->birth))
            dates[count++] = r->birth;
    }
    for (uint32_t name = 1; name <= batch->names.count; name++) {
        if (of_name[name].guessed == 0 || of_name[name].all < 2)
            continue;
        shared += of_name[name].guessed * (of_name[name].guessed - 1.0) / (of_name[name].all - 1.0);
        others += of_name[name].guessed;
    }
    out->alike = (pairs_alike(dates, count) + 1) / ((double)count * ((double)count - 1) / 2 + YEARS_ASSUMED);
    out->shared = fmin(fmax((shared + 1) / (others + 2), SHARED_LEAST), 1 - SHARED_LEAST);
    mem_free(dates);
    mem_free(of_name);
}

void batch_correct_guesses(const struct batch_guesses *guesses, struct batch_field *field) {
    double guessed = (field->m[DATE_EXACT_WEAK] + field->m[BATCH_DATE_GUESSED]) * guesses->alike;
    field->u[DATE_EXACT_WEAK] = fmax(field->u[DATE_EXACT_WEAK], guessed * guesses->shared);
    field->u[BATCH_DATE_GUESSED] = fmax(field->u[BATCH_DATE_GUESSED], guessed * (1 - guesses->shared));
}

void batch_bound_guesses(struct batch_field *field) {
    double most = fmax(ONCE_MOST * field->m[DATE_EXACT_WEAK], ONCE_LEAST);
    field->m[BATCH_DATE_GUESSED] = fmin(field->m[BATCH_DATE_GUESSED], most);
}
