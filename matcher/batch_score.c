/* Pairs that are scored, and their zones; see batch.h. */
#include "matcher/batch.h"
#include "matcher/fixed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SAMPLED_PAIRS = 500000,   /* at most */
    PAIRS_FOR_A_MATCH = 2000, /* a kind of key that needs fewer is worth its while */
    YEARS_MOST = 2200,
    YEARS_OF_A_CHILD = 18,
    CONFLICT_CB = -4 * CB_PER_BIT, /* DESIGN.md rule 5 */
};
#define LINK_POSTERIOR 0.98
#define REVIEW_POSTERIOR 0.05
#define FALSE_SHARE_MOST 0.0006
#define LOST_SHARE_MOST 0.0005
#define LIKELY_ENOUGH 0.001 /* below, a pair is chance, and a million of them no match */

/* -- keys that pay ---------------------------------------------------------------------------------------------------------- */

/* What a sample of the pairs of each kind of key brings. Matches in 2^-20, so that sums do not depend on who adds. */
struct yields {
    uint64_t pairs[BATCH_KINDS], matches[BATCH_KINDS];
};

struct sampling {
    const struct match_batch *batch;
    uint64_t sample;
    struct yields of[PARALLEL_MOST];
};

struct sampler {
    const struct match_batch *batch;
    struct yields *yields;
};

static void weigh_sampled(void *context, uint32_t a, uint32_t b, unsigned kind) {
    const struct sampler *sampler = context;
    struct weighed w;
    batch_weigh(sampler->batch, a, b, &w);
    double posterior = batch_posterior(sampler->batch, w.weight_cb);
    sampler->yields->pairs[kind]++;
    sampler->yields->matches[kind] += posterior >= LIKELY_ENOUGH ? (uint64_t)ldexp(posterior, 20) : 0;
}

static void sample_piece(void *context, size_t piece, unsigned worker) {
    struct sampling *sampling = context;
    struct sampler sampler = {sampling->batch, &sampling->of[worker]};
    const struct pair_visit visit = {weigh_sampled, &sampler, sampling->sample, sampling->batch->options.seed + 1};
    batch_walk(sampling->batch, piece, &visit);
}

static void add_up(const struct sampling *sampling, struct yields *out) {
    *out = (struct yields){{0}, {0}};
    for (size_t w = 0; w < PARALLEL_MOST; w++) {
        for (size_t kind = 0; kind < BATCH_KINDS; kind++) {
            out->pairs[kind] += sampling->of[w].pairs[kind];
            out->matches[kind] += sampling->of[w].matches[kind];
        }
    }
}

/* The kind with the fewest matches among its pairs, of those that may be left out; BATCH_KINDS: none. */
static unsigned poorest_kind(const struct match_batch *batch, const struct yields *yields) {
    unsigned poorest = BATCH_KINDS;
    double least = ldexp(1.0 / PAIRS_FOR_A_MATCH, 20);
    for (unsigned kind = KEY_KINDS; kind < BATCH_KINDS; kind++) {
        double yield = (double)yields->matches[kind] / fmax((double)yields->pairs[kind], 1);
        if (batch->keys[kind].is_left || yields->pairs[kind] < PAIRS_FOR_A_MATCH || yield >= least)
            continue;
        poorest = kind;
        least = yield;
    }
    return poorest;
}

/* Among millions of rows the widest keys share little but chance: the poorest kinds are not compared, but counted, as long as they
 * hold no more than LOST_SHARE_MOST of the matches together. Read from a sample of the pairs. */
static void leave_kinds(struct match_batch *batch, const struct parallel *parallel) {
    double rate = SAMPLED_PAIRS / batch_pairs_at_most(batch), lost = 0, all = 0;
    struct parallel silent = {parallel->threads, NULL, NULL};
    struct yields yields;
    if (!batch->entries || rate > 0.5)
        return;
    struct sampling *sampling = mem_alloc(sizeof *sampling);
    sampling->batch = batch;
    sampling->sample = (uint64_t)(rate * 0x1p64);
    parallel_run(&silent, batch_pieces(batch), sample_piece, sampling);
    add_up(sampling, &yields);
    mem_free(sampling);
    for (unsigned kind = 0; kind < BATCH_KINDS; kind++)
        all += ldexp((double)yields.matches[kind], -20);
    for (unsigned kind; (kind = poorest_kind(batch, &yields)) < BATCH_KINDS;) {
        lost += ldexp((double)yields.matches[kind], -20);
        if (lost > LOST_SHARE_MOST * all)
            return;
        batch->keys[kind].is_left = true;
        batch->keys[kind].pairs_left = (size_t)llrint((double)yields.pairs[kind] / rate);
        batch->keys[kind].matches_left = ldexp((double)yields.matches[kind], -20) / rate;
    }
}

/* -- all pairs -------------------------------------------------------------------------------------------------------------- */

struct pair_list {
    struct match_pair *pairs;
    size_t count, capacity;
    size_t by_kind[BATCH_KINDS], candidates;
};

struct scoring {
    const struct match_batch *batch;
    struct pair_list *pieces;
};

struct hand {
    const struct match_batch *batch;
    struct pair_list *list;
};

static void score_pair(void *context, uint32_t a, uint32_t b, unsigned kind) {
    const struct hand *hand = context;
    const struct match_batch *batch = hand->batch;
    struct pair_list *list = hand->list;
    struct weighed w;
    batch_weigh(batch, a, b, &w);
    list->candidates++;
    list->by_kind[kind]++;
    bool kept = batch->prior_cb + w.weight_cb >= batch->keep_cb || (batch->options.model && w.zone != MATCH_APART);
    if (!kept && !batch->options.all_pairs)
        return;
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 64;
        list->pairs = mem_realloc(list->pairs, list->capacity * sizeof *list->pairs);
    }
    struct match_pair *pair = &list->pairs[list->count++];
    *pair = (struct match_pair){.a = a < b ? a : b, .b = a < b ? b : a, .weight_cb = w.weight_cb, .zone = w.zone, .rule = w.rule};
    pair->posterior = (float)batch_posterior(batch, w.weight_cb);
    pair->kind = (uint8_t)kind;
    memcpy(pair->level, w.level, sizeof pair->level);
}

static void score_piece(void *context, size_t piece, unsigned worker) {
    struct scoring *scoring = context;
    struct hand hand = {scoring->batch, &scoring->pieces[piece]};
    const struct pair_visit visit = {score_pair, &hand, UINT64_MAX, 0};
    (void)worker;
    batch_walk(scoring->batch, piece, &visit);
}

static int by_rows(const void *x, const void *y) {
    const struct match_pair *p = x, *q = y;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    if (p->b != q->b)
        return p->b < q->b ? -1 : 1;
    return p->kind < q->kind ? -1 : p->kind > q->kind;
}

/* Pairs of blocks that were read in part may come twice. */
static void put_in_order(struct match_batch *batch) {
    size_t kept = 0;
    if (batch->pair_count == 0)
        return;
    qsort(batch->pairs, batch->pair_count, sizeof *batch->pairs, by_rows);
    for (size_t i = 0; i < batch->pair_count; i++)
        if (kept == 0 || batch->pairs[i].a != batch->pairs[kept - 1].a || batch->pairs[i].b != batch->pairs[kept - 1].b)
            batch->pairs[kept++] = batch->pairs[i];
    batch->pair_count = kept;
}

static void collect(struct match_batch *batch, struct pair_list *pieces, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += pieces[i].count;
    batch->pairs = mem_alloc((total + 1) * sizeof *batch->pairs);
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].count)
            memcpy(batch->pairs + batch->pair_count, pieces[i].pairs, pieces[i].count * sizeof *batch->pairs);
        batch->pair_count += pieces[i].count;
        batch->candidates += pieces[i].candidates;
        for (size_t kind = 0; kind < BATCH_KINDS; kind++)
            batch->keys[kind].pairs += pieces[i].by_kind[kind];
        mem_free(pieces[i].pairs);
    }
    put_in_order(batch);
}

/* With what the domains of both say. */
static void weigh_again(struct match_batch *batch) {
    size_t kept = 0;
    for (size_t i = 0; i < batch->pair_count; i++) {
        struct match_pair pair = batch->pairs[i];
        struct weighed w;
        batch_weigh(batch, pair.a, pair.b, &w);
        pair.weight_cb = w.weight_cb;
        pair.posterior = (float)batch_posterior(batch, w.weight_cb);
        if (batch->prior_cb + w.weight_cb >= batch->review_cb || batch->options.all_pairs)
            batch->pairs[kept++] = pair;
    }
    batch->pair_count = kept;
}

/* -- zones ------------------------------------------------------------------------------------------------------------------ */

static int by_weight(const void *x, const void *y) {
    int32_t p = *(const int32_t *)x, q = *(const int32_t *)y;
    return p > q ? -1 : p < q;
}

/* The lowest weight at which, of all pairs from there up, no larger share than FALSE_SHARE_MOST should be false by their own
 * posteriors, and none is less likely than LINK_POSTERIOR. */
static void choose_link(struct match_batch *batch) {
    int32_t *weights = mem_alloc((batch->pair_count + 1) * sizeof *weights);
    double wrong = 0;
    size_t count = 0;
    for (size_t i = 0; i < batch->pair_count; i++)
        if (batch->pairs[i].posterior >= LINK_POSTERIOR && batch->pairs[i].rule == MATCH_RULE_SCORE)
            weights[count++] = batch->pairs[i].weight_cb;
    qsort(weights, count, sizeof *weights, by_weight);
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        wrong += 1 - batch_posterior(batch, weights[i]);
        if (wrong <= FALSE_SHARE_MOST * (double)(i + 1)) {
            from = i + 1;
            batch->false_share = wrong / (double)(i + 1);
        }
    }
    batch->link_cb = from > 0 ? weights[from - 1] + batch->prior_cb : INT32_MAX / 2;
    batch->link_posterior = from > 0 ? batch_posterior(batch, weights[from - 1]) : 1;
    if (batch->options.link_from > 0) {
        batch->link_posterior = batch->options.link_from;
        batch->link_cb = (int32_t)lrint(log2(batch->link_posterior / (1 - batch->link_posterior)) * CB_PER_BIT);
    }
    mem_free(weights);
}

static void set_zones(struct match_batch *batch) {
    for (size_t i = 0; i < batch->pair_count; i++) {
        struct match_pair *pair = &batch->pairs[i];
        int32_t odds = batch->prior_cb + pair->weight_cb;
        if (!batch->options.model) {
            bool link = odds >= batch->link_cb && pair->rule == MATCH_RULE_SCORE;
            pair->zone = link ? MATCH_LINK : odds >= batch->review_cb ? MATCH_REVIEW : MATCH_APART;
        }
        batch->linked += pair->zone == MATCH_LINK;
        batch->review += pair->zone == MATCH_REVIEW;
        batch->keys[pair->kind].linked += pair->zone == MATCH_LINK;
    }
}

/* Who was born up to then is of age: counted from the last year of birth in which more than one row of ADULT_ROWS was born, as no
 * clock enters a result. */
static unsigned find_adult_year(const struct match_batch *batch) {
    uint32_t born[YEARS_MOST] = {0}, dated = 0, later = 0;
    for (size_t row = 0; row < batch->count; row++) {
        unsigned year = date_year(batch->rows[row].birth);
        born[year < YEARS_MOST ? year : 0]++;
        dated += year != 0;
    }
    for (unsigned year = YEARS_MOST - 1; year > YEARS_OF_A_CHILD; year--) {
        later += born[year];
        if (later * 1000.0 > dated)
            return year - YEARS_OF_A_CHILD;
    }
    return 0;
}

/* A record without a given name is a newborn or an unknown patient where names are written with care; where many lack one it is
 * just a gap. */
static bool nameless_are_few(const struct match_batch *batch) {
    size_t nameless = 0;
    for (size_t row = 0; row < batch->count; row++)
        nameless += batch->rows[row].names[FORM_GIVEN] == 0;
    return nameless * 20 < batch->count;
}

void match_batch_score(struct match_batch *batch, const struct parallel *parallel) {
    size_t pieces = batch_pieces(batch);
    struct scoring scoring = {batch, mem_alloc((pieces + 1) * sizeof *scoring.pieces)};
    batch->guards_nameless = nameless_are_few(batch);
    batch->adult_year = find_adult_year(batch);
    if (!batch->options.model) {
        batch->review_posterior = REVIEW_POSTERIOR;
        batch->conflict_cb = CONFLICT_CB;
        batch->kin_cap_cb = -batch->prior_cb + 2 * CB_PER_BIT;
        batch_set_rarities(batch);
        leave_kinds(batch, parallel);
    }
    batch->review_cb = (int32_t)lrint(log2(batch->review_posterior / (1 - batch->review_posterior)) * CB_PER_BIT);
    bool fits_domains = batch->domains && !batch->options.model && batch->options.fitted.len == 0;
    batch->keep_cb = batch->review_cb - (fits_domains ? DOMAIN_MOST_CB : 0);
    parallel_run(parallel, pieces, score_piece, &scoring);
    collect(batch, scoring.pieces, pieces);
    mem_free(scoring.pieces);
    if (fits_domains) {
        batch_domains_fit(batch);
        weigh_again(batch);
    }
    if (!batch->options.model)
        choose_link(batch);
    set_zones(batch);
}

const struct match_pair *match_batch_pairs(const struct match_batch *batch, size_t *out_count) {
    *out_count = batch->pair_count;
    return batch->pairs;
}
