/*
 * Lone partners. Where two files hold a person once, and most people in common, few rows are left over by the sure pairs, and these
 * are likelier somebody's among the few than among all: the prior of a pair of two rows that have nobody else is not that of any
 * pair, but larger as the rows left over are fewer, of either file (Sadinle 2017: one-to-one matchings of a given size,
 * all equally likely). How many are left over is counted by the posteriors themselves.
 */
#include "matcher/batch.h"

#include <math.h>

enum { LONE_ROUNDS = 20 }; /* it has settled long before, or grows to what is the most */

enum may { MAY_NOT, MAY_BE_ASKED, MAY_LINK }; /* weigh more: not at all, up to what a person decides, however much */

struct lone {
    double *raised, *held; /* of a row: the odds of its pairs, of those that may link and of the others */
    uint8_t *may;          /* of a pair */
    double times;          /* as much more is a pair worth of which neither row has anybody else */
};

static double odds_of(const struct match_batch *batch, const struct match_pair *pair) {
    return exp2(fmin((double)(batch->prior_cb + pair->weight_cb) / CB_PER_BIT, 40));
}

/* What a person has to decide, however likely it is, stays so. */
static enum may may_weigh_more(const struct match_batch *batch, const struct match_pair *pair) {
    struct pair_levels levels;
    struct batch_parts parts;
    if (pair->outdone || pair->rule != MATCH_RULE_SCORE || batch->prior_cb + pair->weight_cb < batch->review_cb - LONE_MOST_CB)
        return MAY_NOT;
    batch_levels(batch, pair->a, pair->b, &levels);
    batch_weigh_parts(batch, pair->a, pair->b, &levels, &parts);
    return parts.cap == BATCH_CAP_NONE ? MAY_LINK : MAY_BE_ASKED;
}

static struct lone list_lone(const struct match_batch *batch) {
    struct lone of = {mem_alloc((batch->count + 1) * sizeof *of.raised), mem_alloc((batch->count + 1) * sizeof *of.held),
                      mem_alloc((batch->pair_count + 1) * sizeof *of.may), 1};
    for (size_t i = 0; i < batch->pair_count; i++) {
        const struct match_pair *pair = &batch->pairs[i];
        of.may[i] = (uint8_t)may_weigh_more(batch, pair);
        double *odds = of.may[i] == MAY_LINK ? of.raised : of.held;
        odds[pair->a] += odds_of(batch, pair);
        odds[pair->b] += odds_of(batch, pair);
    }
    return of;
}

/* How many of a file's rows are expected to have no partner. */
static double count_free(const struct lone *of, size_t from, size_t to) {
    double free = 0;
    for (size_t row = from; row < to; row++)
        free += 1 / (1 + of->held[row] + of->times * of->raised[row]);
    return fmax(free, 1);
}

/* From below: the fewer are left over, the likelier they belong together, and the fewer are left over. */
static void fit_lone(const struct match_batch *batch, struct lone *of) {
    double first = (double)batch->first_count, others = (double)(batch->count - batch->first_count);
    for (int round = 0; round < LONE_ROUNDS; round++) {
        double left = count_free(of, 0, batch->first_count) * count_free(of, batch->first_count, batch->count);
        of->times = fmin(first * others / left, exp2((double)LONE_MOST_CB / CB_PER_BIT));
    }
}

/* As much less as others may be the partner of one of the two. */
static int32_t lone_cb(const struct match_batch *batch, const struct lone *of, const struct match_pair *pair, enum may may) {
    double own = odds_of(batch, pair) * (may == MAY_LINK ? of->times : 1), times = of->times;
    const uint32_t rows[2] = {pair->a, pair->b};
    for (size_t k = 0; k < 2; k++)
        times /= 1 + fmax(of->held[rows[k]] + of->times * of->raised[rows[k]] - own, 0);
    int32_t more_cb = times > 1 ? (int32_t)lrint(log2(times) * CB_PER_BIT) : 0;
    int32_t most_cb = may == MAY_LINK ? more_cb : BATCH_UNDECIDED_CB - batch->prior_cb - pair->weight_cb;
    return more_cb < most_cb ? more_cb : most_cb > 0 ? most_cb : 0;
}

void batch_weigh_lone(struct match_batch *batch) {
    if (!batch_is_link(batch) || batch->second[0] >= 1 || batch->second[1] >= 1)
        return;
    struct lone of = list_lone(batch);
    fit_lone(batch, &of);
    for (size_t i = 0; i < batch->pair_count; i++) {
        struct match_pair *pair = &batch->pairs[i];
        if (of.may[i] == MAY_NOT)
            continue;
        pair->weight_cb += lone_cb(batch, &of, pair, (enum may)of.may[i]);
        pair->posterior = (float)batch_posterior(batch, pair->weight_cb);
    }
    mem_free(of.raised);
    mem_free(of.held);
    mem_free(of.may);
}
