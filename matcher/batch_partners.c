/*
 * Second partners. Where each file holds a person once, a row that surely has its partner has no other; where people have many
 * records, one partner makes a further one likelier. Which of these a file is, its sure pairs say: how often a row of them has
 * a second partner, against how often any row has a first. Where second ones are few, a pair of which a row surely belongs to
 * another is worth so much less (the assignment of Jaro 1989, as odds: two sure records of one person in one file remain possible).
 * Two rows that surer pairs hold together already have their partners in common.
 */
#include "matcher/batch.h"

#include <math.h>
#include <stdlib.h>

enum { PARTNERS_UNSEEN = 3 }; /* none among n: at most 3 in n, nineteen times of twenty */
#define PARTNER_SURE 0.995
#define FEW_SECOND 0.02 /* above, second records of a person are there, often for a reason that makes them differ: a move */

struct partners {
    int32_t *best;   /* weight of a row's surest pair */
    uint32_t *count; /* of its sure pairs */
    uint32_t *group; /* of rows that sure pairs hold together, as far as they are read */
};

static bool is_sure(const struct match_pair *pair) {
    return pair->rule == MATCH_RULE_SCORE && pair->posterior >= (float)PARTNER_SURE;
}

static void count_pair(const struct partners *of, const struct match_pair *pair) {
    const uint32_t rows[2] = {pair->a, pair->b};
    for (size_t k = 0; k < 2; k++) {
        of->best[rows[k]] = of->best[rows[k]] > pair->weight_cb ? of->best[rows[k]] : pair->weight_cb;
        of->count[rows[k]]++;
    }
}

static struct partners count_partners(const struct match_batch *batch) {
    size_t room = batch->count + 1;
    struct partners of = {mem_alloc(room * sizeof *of.best), mem_alloc(room * sizeof *of.count),
                          mem_alloc(room * sizeof *of.group)};
    for (uint32_t row = 0; row < batch->count; row++) {
        of.best[row] = INT32_MIN;
        of.group[row] = row;
    }
    for (size_t i = 0; i < batch->pair_count; i++)
        if (is_sure(&batch->pairs[i]))
            count_pair(&of, &batch->pairs[i]);
    return of;
}

/* How much likelier a row of one file has a second partner than a first. */
static double second_partner(const struct match_batch *batch, const struct partners *of, size_t from, size_t to) {
    size_t paired = 0, further = 0, others = batch_is_link(batch) ? batch->count - (to - from) : batch->count - 1;
    for (size_t row = from; row < to; row++) {
        paired += of->count[row] > 0;
        further += of->count[row] > 1 ? of->count[row] - 1 : 0;
    }
    double first = batch->lambda * (double)others;
    double ratio = paired > 0 ? (double)(further + PARTNERS_UNSEEN) / (double)paired / first : 1;
    return ratio < FEW_SECOND ? ratio : 1;
}

static void fit_partners(struct match_batch *batch, const struct partners *of) {
    batch->second[0] = second_partner(batch, of, 0, batch->first_count);
    batch->second[1] = batch_is_link(batch) ? second_partner(batch, of, batch->first_count, batch->count) : batch->second[0];
}

static void weigh_pair(struct match_batch *batch, struct partners *of, const int32_t second_cb[2], struct match_pair *pair) {
    uint32_t x = batch_first(of->group, pair->a), y = batch_first(of->group, pair->b);
    int32_t less_cb = 0;
    if (x == y)
        return;
    less_cb += of->best[pair->a] >= pair->weight_cb + MATCH_CONTESTED_CB ? second_cb[0] : 0;
    less_cb += of->best[pair->b] >= pair->weight_cb + MATCH_CONTESTED_CB ? second_cb[1] : 0;
    if (less_cb != 0) {
        int32_t lighter = pair->weight_cb + less_cb, review = batch->review_cb - batch->prior_cb;
        batch->outdone += pair->weight_cb >= review;
        pair->outdone = true;
        pair->weight_cb = is_sure(pair) && lighter < review ? review : lighter; /* a person shall see it */
        pair->posterior = (float)batch_posterior(batch, pair->weight_cb);
    }
    if (is_sure(pair))
        of->group[x < y ? y : x] = x < y ? x : y;
}

/* By falling weight: all pairs of rows that have a sure partner. */
static void weigh_pairs(struct match_batch *batch, struct partners *of, const int32_t second_cb[2]) {
    struct match_pair **pairs = mem_alloc((batch->pair_count + 1) * sizeof *pairs);
    size_t count = 0;
    for (size_t i = 0; i < batch->pair_count; i++)
        if (of->count[batch->pairs[i].a] > 0 || of->count[batch->pairs[i].b] > 0)
            pairs[count++] = &batch->pairs[i];
    qsort(pairs, count, sizeof *pairs, batch_best_first);
    for (size_t i = 0; i < count; i++)
        weigh_pair(batch, of, second_cb, pairs[i]);
    mem_free(pairs);
}

void batch_weigh_partners(struct match_batch *batch) {
    struct partners of = count_partners(batch);
    if (batch->options.fitted.len == 0)
        fit_partners(batch, &of);
    const int32_t second_cb[2] = {(int32_t)lrint(log2(batch->second[0]) * CB_PER_BIT),
                                  (int32_t)lrint(log2(batch->second[1]) * CB_PER_BIT)};
    if (second_cb[0] < 0 || second_cb[1] < 0)
        weigh_pairs(batch, &of, second_cb);
    mem_free(of.best);
    mem_free(of.count);
    mem_free(of.group);
}
