/* Which keys are worth their while; see batch.h. */
#include "matcher/batch.h"

#include <math.h>

enum {
    ALL_PAIRS = 500000,   /* taken at most, where all runs are whole */
    WHOLE_PAIRS = 125000, /* where some are sampled: of the whole ones, and of those */
    SAMPLED_PAIRS = 250000,
    PAIRS_FOR_A_MATCH = 2000, /* a run that needs fewer is worth its while */
};
#define LOST_SHARE_MOST 0.0005

/* What a sample of the pairs of each run brings. Matches in 2^-20, so that sums do not depend on who adds. */
struct yields {
    uint64_t pairs[BATCH_RUNS], matches[BATCH_RUNS];
};

struct sampling {
    const struct match_batch *batch;
    uint64_t sample; /* of the pairs of sampled runs */
    struct yields of[PARALLEL_MOST];
};

/* What nobody would see, linked or in review, is no loss. */
static uint64_t match_share(const struct match_batch *batch, const struct candidate *pair) {
    struct weighed w;
    if (!batch_weigh_from(batch, pair->a, pair->b, batch->review_cb - batch->prior_cb - CB_PER_BIT, &w))
        return 0;
    double posterior = batch_posterior(batch, w.weight_cb);
    return posterior >= batch->review_posterior ? (uint64_t)ldexp(posterior, 20) : 0;
}

static void weigh_whole(void *context, const struct candidate *pair, size_t piece, unsigned worker) {
    struct sampling *sampling = context;
    (void)piece;
    sampling->of[worker].pairs[pair->run]++;
    sampling->of[worker].matches[pair->run] += match_share(sampling->batch, pair);
}

struct hand {
    struct sampling *sampling;
    unsigned worker;
};

/* A match that whole runs bring is none of a sampled one's, and one that several of these bring is shared out among them. Few pairs
 * are matches: only of these it is asked. */
static void weigh_sampled(void *context, const struct candidate *pair, size_t piece, unsigned worker) {
    const struct hand *hand = context;
    const struct match_batch *batch = hand->sampling->batch;
    struct yields *yields = &hand->sampling->of[hand->worker];
    uint64_t share = match_share(batch, pair);
    (void)piece;
    (void)worker;
    yields->pairs[pair->run]++;
    unsigned keys = share > 0 ? batch_sampled_keys(batch, pair->a, pair->b) : 0;
    yields->matches[pair->run] += keys > 0 ? share / keys : 0;
}

static void sample_run(void *context, size_t run, unsigned worker) {
    struct sampling *sampling = context;
    const struct match_batch *batch = sampling->batch;
    struct hand hand = {sampling, worker};
    const struct pair_walk walk = {weigh_sampled, &hand, sampling->sample, batch->options.seed + 1};
    if (batch->runs[run].is_sampled)
        batch_walk_run(batch, run, &walk);
}

struct yield {
    double pairs, matches, taken;
};

static double share_to_take(double pairs, double most) {
    return pairs > most ? most / pairs : 1;
}

static void take_samples(const struct match_batch *batch, const struct parallel *parallel, struct yield out[BATCH_RUNS]) {
    struct parallel silent = {parallel->threads, NULL, NULL};
    struct sampling *sampling = mem_alloc(sizeof *sampling);
    double keys = 1.0 / (double)(1u << batch->sampled_bits),
           whole_share = share_to_take(batch_pairs_at_most(batch), batch->sampled_bits > 0 ? WHOLE_PAIRS : ALL_PAIRS),
           sampled_share = share_to_take(batch_sampled_pairs(batch) * keys, SAMPLED_PAIRS);
    *sampling = (struct sampling){.batch = batch, .sample = batch_sample_of(sampled_share)};
    const struct pair_walk whole = {weigh_whole, sampling, batch_sample_of(whole_share), batch->options.seed + 1};
    batch_walk(batch, &silent, &whole);
    parallel_run(&silent, BATCH_RUNS, sample_run, sampling);
    for (size_t run = 0; run < BATCH_RUNS; run++) {
        double taken = batch->runs[run].is_sampled ? sampled_share * keys : whole_share;
        uint64_t pairs = 0, matches = 0;
        for (size_t w = 0; w < PARALLEL_MOST; w++) {
            pairs += sampling->of[w].pairs[run];
            matches += sampling->of[w].matches[run];
        }
        out[run] = (struct yield){(double)pairs / taken, ldexp((double)matches, -20) / taken, (double)pairs};
    }
    mem_free(sampling);
}

/* The run with the fewest matches among its pairs, of those that may be left out; BATCH_RUNS: none. */
static size_t poorest_run(const struct match_batch *batch, const struct yield *yields) {
    size_t poorest = BATCH_RUNS;
    double least = 1.0 / PAIRS_FOR_A_MATCH;
    for (size_t run = KEY_KINDS; run < BATCH_RUNS; run++) {
        double yield = yields[run].matches / fmax(yields[run].pairs, 1);
        if (batch->runs[run].is_left || yields[run].taken < PAIRS_FOR_A_MATCH || yield >= least)
            continue;
        poorest = run;
        least = yield;
    }
    return poorest;
}

void batch_leave_poor_runs(struct match_batch *batch, const struct parallel *parallel) {
    struct yield yields[BATCH_RUNS];
    double lost = 0, all = 0;
    if (batch->is_small || (batch->sampled_bits == 0 && 2 * ALL_PAIRS > batch_pairs_at_most(batch)))
        return;
    take_samples(batch, parallel, yields);
    for (size_t run = 0; run < BATCH_RUNS; run++)
        all += yields[run].matches;
    for (size_t run; (run = poorest_run(batch, yields)) < BATCH_RUNS;) {
        struct match_batch_key *key = &batch->keys[run_label(run)];
        lost += yields[run].matches;
        if (lost > LOST_SHARE_MOST * all)
            return;
        batch->runs[run].is_left = true;
        key->is_left = true;
        key->pairs_left += (size_t)llrint(yields[run].pairs);
        key->matches_left += yields[run].matches;
    }
}
