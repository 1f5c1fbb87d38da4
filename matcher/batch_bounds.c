/*
 * What keeps a fit from taking something else for matches: in a file with few of them the largest group of pairs that agree in more
 * than one field (neighbours of one given name, a family's children) would do as well as one person's records. See batch.h.
 */
#include "matcher/batch.h"

#include <math.h>
#include <string.h>

enum { MATCHES_OF_A_ROW = 32, MATCHES_OF_A_BARE_ROW = 8 };
enum { MATCHES_OF_AN_ANCHOR = 3, MATCHES_AT_LEAST = 10, AREA_PAIRS_LEAST = 20, ASSUMED_PAIRS = 20 };
#define KNOWN_LEAST 0.02
#define CONSTANT 0.9   /* where so many random pairs agree, all live: no news of a neighbourhood */
#define DATES_A_SLIP 2 /* other dates for each date with a slip, at most */
#define DATES_A_SLIP_BARE 0.5
#define OTHER_DATES_LEAST 0.01
#define OTHER_DATES_LEAST_BARE 0.004
#define OTHER_DATES_MOST 0.2
#define OTHER_NAMES_MOST 0.4
#define OTHER_NAMES_MOST_OF_A_YEAR 0.03
#define OTHER_NAMES_MOST_BARE 0.01
#define TOWN_LIKE 0.001 /* so often or oftener two people share the value of a column */

/* No home, no telephone, no number: beside another date nothing tells who wrote it wrong from one who bears the name of a
 * grandfather, of a child that died, or of a neighbour. */
static bool knows_names_and_towns(const struct match_batch *batch) {
    for (size_t f = 0; f < batch->field_count; f++) {
        const struct batch_field *field = &batch->fields[f];
        enum match_trait trait = field->is_extra ? batch->extras[field->at].trait : MATCH_TRAIT_CITY;
        if (field->is_extra && batch->extras[field->at].follows != 0)
            continue;
        bool other = trait == MATCH_TRAIT_TEXT || trait == MATCH_TRAIT_CODE; /* a ward, a scheme, half a postcode */
        bool town = trait == MATCH_TRAIT_CITY || trait == MATCH_TRAIT_POSTCODE || trait == MATCH_TRAIT_BIRTH_PLACE_NAME ||
                    (other && field->u[1] > TOWN_LIKE);
        if (!town || (!field->is_extra && field->at == MATCH_INS))
            return false;
    }
    return true;
}

/* Of most matches that know a date both know the day. */
static bool knows_days(const struct match_batch *batch) {
    const struct batch_field *birth = &batch->fields[BATCH_BIRTH];
    return !batch_knows_namesakes(batch) ||
           birth->m[DATE_PARTIAL_YEAR] + birth->m[DATE_PARTIAL_MONTH] + birth->m[BATCH_DATE_NEXT_YEAR] < 0.5;
}

/* Who writes another date altogether writes a wrong figure more often. People of one name are born on dates that have nothing in
 * common, and where many bear the same names these must not pass for errors. */
static double most_other_dates(const struct match_batch *batch, const struct batch_field *field) {
    double slips = field->m[DATE_SWAPPED] + field->m[DATE_DIGIT] + field->m[DATE_NEAR_YEAR];
    double most = knows_names_and_towns(batch) ? fmax(DATES_A_SLIP_BARE * slips, OTHER_DATES_LEAST_BARE)
                                               : fmax(DATES_A_SLIP * slips, OTHER_DATES_LEAST);
    return fmin(most, OTHER_DATES_MOST);
}

/* By marriage. Beside a given name and a year of birth alone another family name is another person: rarer given names are of their
 * years. */
static double most_other_names(const struct match_batch *batch) {
    if (knows_days(batch))
        return OTHER_NAMES_MOST;
    return knows_names_and_towns(batch) ? OTHER_NAMES_MOST_BARE : OTHER_NAMES_MOST_OF_A_YEAR;
}

/* One person's records seldom differ altogether in a trait. */
static double most_different(const struct match_batch *batch, const struct batch_field *field, size_t level) {
    if (field->is_extra)
        return 1;
    if (field->at == MATCH_NAME)
        return level == NAME_DIFFERENT ? most_other_names(batch) : 1;
    if (field->at == MATCH_GIVEN)
        return level == GIVEN_DIFFERENT || level == GIVEN_DIFFERENT_USUAL ? 0.15 : 1;
    return field->at == MATCH_BIRTH_DATE && (level == DATE_MONTH || level == DATE_YEAR || level == DATE_DIFFERENT)
               ? most_other_dates(batch, field)
               : 1;
}

void batch_bound_m(const struct match_batch *batch, struct batch_field *field) {
    double different = 0, most = 1;
    for (size_t l = 1; l < field->levels; l++) {
        double of_level = most_different(batch, field, l);
        different += of_level < 1 ? field->m[l] : 0;
        most = fmin(most, of_level);
    }
    for (size_t l = 1; l < field->levels && different > most; l++)
        field->m[l] *= most_different(batch, field, l) < 1 ? most / different : (1 - most) / fmax(1 - different, 1e-9);
    if (!field->is_extra && field->at == MATCH_BIRTH_DATE)
        batch_bound_guesses(field);
}

/* Both names and the date agree, if not to the letter. Of a pair that does not know all three, nothing is said. */
static bool is_anchor(uint64_t levels, bool *out_known) {
    unsigned name = levels >> (4 * BATCH_FAMILY) & 15, given = levels >> (4 * BATCH_GIVEN) & 15,
             date = levels >> (4 * BATCH_BIRTH) & 15;
    *out_known = name != NAME_MISSING && given != GIVEN_MISSING && date != DATE_MISSING;
    return *out_known && name != NAME_NEAR && name != NAME_DIFFERENT && given != GIVEN_CLOSE_USUAL && given != GIVEN_NEAR &&
           given != GIVEN_DIFFERENT && given != GIVEN_DIFFERENT_USUAL && (date <= DATE_NEAR_YEAR || date == BATCH_DATE_DAY);
}

/* A visit may be a row: people come thirty times. Without names and birth dates so many would be chance. */
double batch_matches_of_rows(const struct match_batch *batch) {
    double rows = (double)(batch->counted[0] + batch->counted[1]);
    return (batch_knows_namesakes(batch) ? MATCHES_OF_A_ROW : MATCHES_OF_A_BARE_ROW) * rows;
}

double batch_most_matches(const struct match_batch *batch, const struct pattern *random, size_t random_count,
                          const struct pattern *patterns, size_t count, double scale) {
    double anchors = 0, known = 0, all = 0, most = batch_matches_of_rows(batch);
    bool is_known;
    if (!batch_knows_namesakes(batch))
        return most;
    for (size_t i = 0; i < random_count; i++) {
        (void)is_anchor(random[i].levels, &is_known);
        known += is_known ? (double)random[i].count : 0;
        all += (double)random[i].count;
    }
    for (size_t i = 0; i < count; i++)
        anchors += is_anchor(patterns[i].levels, &is_known) ? (double)patterns[i].count * scale : 0;
    double share = all > 0 ? known / all : 0;
    return share < KNOWN_LEAST ? most : fmin(most, MATCHES_OF_AN_ANCHOR * anchors / share + MATCHES_AT_LEAST);
}

/* -- neighbours ------------------------------------------------------------------------------------------------------------- */

/* Town, postcode, place of birth: one of them agrees, so most often do the others. */
static bool agrees_on_area(const struct match_batch *batch, size_t f, size_t level) {
    const struct batch_field *field = &batch->fields[f];
    if (!batch->kin[KIN_AREA].is_free[f] || field->u[1] >= CONSTANT)
        return false;
    return field->is_extra ? level >= EXTRA_EXACT && level <= EXTRA_CLOSE : level == BIRTH_PLACE_SAME;
}

static size_t areas_agreed_on(const struct match_batch *batch, uint64_t levels) {
    size_t agreed = 0;
    for (size_t f = 0; f < batch->field_count; f++)
        agreed += agrees_on_area(batch, f, levels >> (4 * f) & 15);
    return agreed;
}

void batch_fit_area(struct match_batch *batch, const struct pattern *random, size_t count) {
    struct batch_class *area = &batch->kin[KIN_AREA];
    double levels[MATCH_BATCH_FIELDS][LEVELS_MOST] = {{0}}, pairs = 0, all = 0;
    for (size_t i = 0; i < count; i++) {
        double of_pattern = (double)random[i].count / PAIR_PARTS;
        all += of_pattern;
        if (area->prior <= 0 || areas_agreed_on(batch, random[i].levels) < 2)
            continue;
        pairs += of_pattern;
        for (size_t f = 0; f < batch->field_count; f++)
            levels[f][random[i].levels >> (4 * f) & 15] += of_pattern;
    }
    area->is_counted = pairs >= AREA_PAIRS_LEAST;
    if (!area->is_counted) {
        area->prior = batch_tells_people(batch) ? area->prior : 0; /* columns that may be anything: nothing is assumed */
        return;
    }
    area->prior = pairs / all;
    for (size_t f = 0; f < batch->field_count; f++) {
        const struct batch_field *field = &batch->fields[f];
        double known = 0;
        for (size_t l = 1; l < field->levels; l++)
            known += levels[f][l];
        for (size_t l = 1; l < field->levels && area->is_free[f]; l++)
            area->p[f][l] = (levels[f][l] + ASSUMED_PAIRS * field->u[l]) / (known + ASSUMED_PAIRS);
    }
    batch_kin_settle(batch);
}

/* -- copies ----------------------------------------------------------------------------------------------------------------- */

static uint64_t hash_row(const struct match_batch *batch, size_t row) {
    const struct row *r = &batch->rows[row];
    uint64_t words[sizeof *r / sizeof(uint64_t)], hash = 0;
    memcpy(words, r, sizeof words);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15) ^ hash >> 29;
    for (size_t i = 0; i < batch->extra_count; i++)
        hash = (hash ^ batch_extra(batch, (uint32_t)row, i)) * UINT64_C(0x9e3779b97f4a7c15) ^ hash >> 29;
    return hash ^ hash >> 32;
}

static bool same_row(const struct match_batch *batch, size_t a, size_t b) {
    const size_t extras = batch->extra_count;
    return memcmp(&batch->rows[a], &batch->rows[b], sizeof *batch->rows) == 0 &&
           memcmp(&batch->extra_values[a * extras], &batch->extra_values[b * extras], extras * sizeof(uint32_t)) == 0;
}

void batch_mark_copies(struct match_batch *batch) {
    struct seen {
        uint32_t row, times[2];
    };
    const uint32_t most = batch_is_link(batch) ? 1 : 2;
    size_t mask = 1023;
    while (mask < 2 * batch->count)
        mask = 2 * mask + 1;
    struct seen *seen = mem_alloc((mask + 1) * sizeof *seen);
    mem_free(batch->is_copy);
    batch->is_copy = mem_alloc(batch->count);
    batch->counted[0] = batch->counted[1] = 0;
    for (size_t row = 0; row < batch->count; row++) {
        size_t at = hash_row(batch, row) & mask;
        size_t file = row >= batch->first_count;
        while (seen[at].times[0] + seen[at].times[1] != 0 && !same_row(batch, seen[at].row, row))
            at = (at + 1) & mask;
        seen[at].row = seen[at].times[0] + seen[at].times[1] == 0 ? (uint32_t)row : seen[at].row;
        batch->is_copy[row] = ++seen[at].times[file] > most;
        batch->counted[file] += !batch->is_copy[row];
    }
    mem_free(seen);
}
