/*
 * Namesakes born on one day: of the pairs of records that agree in both names and the birth date, which are of two people? What
 * else is known tells, for names of each rarity; where nothing else is known, chance does. See batch.h.
 */
#include "matcher/batch.h"
#include "matcher/fixed.h"

#include <math.h>

enum {
    ROUNDS = 20,
    ASSUMED_PAIRS = 200,
    PIECES = 64,
    ALIKE_MOST = 16, /* rows of both names and the date that a row is compared with */
};

/* People of one family, one region, one fashion share names and dates so many times more often than chance would have it, and that
 * much more than by the frequencies of rare names. */
#define CLUSTERED 10
#define FOUND_MOST 100 /* times what is assumed: who moved and changed telephone looks like a namesake, too */
#define LEAST 0.0001
#define MOST 0.1

/* Namesakes for each match of that rarity, were all that is known the counts of the file. */
static double assumed(const struct match_batch *batch, size_t bin) {
    double bits = (NAMESAKE_FIRST_CB + ((double)bin + 0.5) * NAMESAKE_BIN_CB) / CB_PER_BIT;
    double chance = batch->fields[BATCH_FAMILY].u[NAME_EXACT] * batch->fields[BATCH_GIVEN].u[GIVEN_EXACT] *
                    batch->fields[BATCH_BIRTH].u[DATE_EXACT] / batch->lambda;
    return fmin(fmax(CLUSTERED * chance * exp2(bits < 0 ? -bits : -bits / 2), LEAST), MOST);
}

/* ln of how much likelier a level is for one person than by chance, and under a kin. */
static double log_match(const struct match_batch *batch, size_t f, size_t level) {
    const struct batch_field *field = &batch->fields[f];
    bool silent = level == 0 || f == BATCH_BIRTH || batch_is_tied(field, level) || field->m[level] <= 0;
    return silent ? 0 : log(field->m[level] / field->u[level]);
}

static double log_kin(const struct match_batch *batch, enum batch_kin kin, size_t f, size_t level) {
    return level == 0 || f == BATCH_BIRTH ? 0 : batch->kin[kin].log_ratio[f][level];
}

/* How much likelier one person, who may have moved, is than two namesakes. */
static double odds_of(const struct match_batch *batch, uint64_t levels) {
    double match = 0, namesake = 0, moved = 0;
    for (size_t f = 0; f < batch->field_count; f++) {
        size_t level = levels >> (4 * f) & 15;
        match += log_match(batch, f, level);
        namesake += log_kin(batch, KIN_NAMESAKE, f, level);
        moved += log_kin(batch, KIN_MOVED, f, level);
    }
    return exp(match - namesake) * batch_moved_odds(batch, moved - match);
}

/* One round of an EM of two classes for each bin. */
static void share_out(struct match_batch *batch, const struct pattern *patterns, size_t count) {
    double matches[NAMESAKE_BINS], others[NAMESAKE_BINS];
    for (size_t bin = 0; bin < NAMESAKE_BINS; bin++) {
        matches[bin] = ASSUMED_PAIRS;
        others[bin] = ASSUMED_PAIRS * assumed(batch, bin);
    }
    for (size_t i = 0; i < count; i++) {
        size_t bin = patterns[i].rarities - 1u;
        double pairs = (double)patterns[i].count / PAIR_PARTS;
        double match = 1 / (1 + batch->namesakes[bin] / odds_of(batch, patterns[i].levels));
        matches[bin] += pairs * match;
        others[bin] += pairs * (1 - match);
    }
    for (size_t bin = 0; bin < NAMESAKE_BINS; bin++)
        batch->namesakes[bin] = fmin(others[bin] / matches[bin], fmin(FOUND_MOST * assumed(batch, bin), MOST));
}

/* -- pairs ------------------------------------------------------------------------------------------------------------------ */

struct alike_counting {
    const struct match_batch *batch;
    struct patterns of[PARALLEL_MOST];
};

static void count_pair(struct alike_counting *counting, uint32_t a, uint32_t b, unsigned worker) {
    const struct match_batch *batch = counting->batch;
    struct pair_levels levels;
    struct rarity family, given;
    batch_levels(batch, a, b, &levels);
    if (batch_is_no_match(&levels) || !batch_are_named_equally(batch, &levels) || levels.level[BATCH_BIRTH] != DATE_EXACT)
        return;
    batch_rarity(batch, BATCH_FAMILY, a, b, &levels, &family);
    batch_rarity(batch, BATCH_GIVEN, a, b, &levels, &given);
    patterns_add(&counting->of[worker], batch_pack(batch, levels.level), (uint16_t)(1 + batch_namesake_bin(&family, &given)),
                 PAIR_PARTS);
}

/* Neither is a copy, and where two files are linked they are of both. */
static bool are_compared(const struct match_batch *batch, uint32_t a, uint32_t b) {
    bool across = a < batch->first_count && b >= batch->first_count;
    return !batch->is_copy[a] && !batch->is_copy[b] && (across || !batch_is_link(batch));
}

static void count_row(struct alike_counting *counting, uint32_t row, unsigned worker) {
    const struct match_batch *batch = counting->batch;
    uint32_t before = batch->alike[row];
    for (unsigned i = 0; i < ALIKE_MOST && before != 0; i++, before = batch->alike[before - 1])
        if (are_compared(batch, before - 1, row))
            count_pair(counting, before - 1, row, worker);
}

static void count_piece(void *context, size_t piece, unsigned worker) {
    struct alike_counting *counting = context;
    size_t rows = counting->batch->count;
    for (size_t row = rows * piece / PIECES; row < rows * (piece + 1) / PIECES; row++)
        count_row(counting, (uint32_t)row, worker);
}

void batch_fit_namesakes(struct match_batch *batch, const struct parallel *parallel) {
    struct alike_counting *counting = mem_alloc(sizeof *counting);
    size_t count;
    counting->batch = batch;
    if (batch_knows_namesakes(batch))
        parallel_run(parallel, PIECES, count_piece, counting);
    struct pattern *patterns = patterns_gather(counting->of, &count);
    for (size_t bin = 0; bin < NAMESAKE_BINS; bin++)
        batch->namesakes[bin] = assumed(batch, bin);
    for (unsigned round = 0; round < ROUNDS; round++)
        share_out(batch, patterns, count);
    mem_free(patterns);
    mem_free(counting);
}
