/* Pairs that are scored, and their zones; see batch.h. */
#include "matcher/batch.h"
#include "matcher/fixed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    YEARS_MOST = 2200,
    YEARS_OF_A_CHILD = 18,
    YEAR_OF_THE_LIVING = 1940,     /* a file of whom none was born later is of the past */
    CONFLICT_CB = -4 * CB_PER_BIT, /* DESIGN.md rule 5 */
    FAINT_CB = -20 * CB_PER_BIT,   /* one in a million: of millions of pairs without a key those below are not listed */
};
#define LINK_POSTERIOR 0.98
#define FALSE_SHARE_MOST 0.002
#define LINK_POSTERIOR_SURE 0.995
#define LEFT_SHARE_MOST (1.0 / 60) /* of the pairs that links make of one person */
#define LEFT_ASKED_MOST (1.0 / 3)  /* for each match that people are asked about anyway */
#define LEFT_ASKED_FEW (1.0 / 4)   /* once the links hold no more than WRONG_FEW */
#define WRONG_FEW 0.00002          /* false links for each row, by their own posteriors */

/* -- all pairs -------------------------------------------------------------------------------------------------------------- */

struct pair_list {
    struct match_pair *pairs;
    size_t count, capacity;
    size_t by_label[BATCH_LABELS], candidates;
};

struct scoring {
    const struct match_batch *batch;
    struct pair_list *pieces;
};

static void score_pair(void *context, const struct candidate *found, size_t piece, unsigned worker) {
    struct scoring *scoring = context;
    const struct match_batch *batch = scoring->batch;
    struct pair_list *list = &scoring->pieces[piece];
    size_t label = run_label(found->run);
    int32_t least_cb = batch->keep_cb - batch->prior_cb;
    struct weighed w;
    (void)worker;
    list->candidates++;
    list->by_label[label]++;
    if (!batch_weigh_from(batch, found->a, found->b, least_cb, &w))
        return;
    if (w.weight_cb < least_cb && (!batch->options.model || w.zone == MATCH_APART))
        return;
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 64;
        list->pairs = mem_realloc(list->pairs, list->capacity * sizeof *list->pairs);
    }
    struct match_pair *pair = &list->pairs[list->count++];
    *pair = (struct match_pair){.a = found->a, .b = found->b, .weight_cb = w.weight_cb, .zone = w.zone, .rule = w.rule};
    pair->posterior = (float)batch_posterior(batch, w.weight_cb);
    pair->kind = (uint8_t)label;
    memcpy(pair->level, w.level, sizeof pair->level);
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
        for (size_t label = 0; label < BATCH_LABELS; label++)
            batch->keys[label].pairs += pieces[i].by_label[label];
        mem_free(pieces[i].pairs);
    }
}

/* With what the domains of both say. */
static void weigh_again(struct match_batch *batch) {
    for (size_t i = 0; i < batch->pair_count; i++) {
        struct match_pair *pair = &batch->pairs[i];
        struct weighed w;
        batch_weigh(batch, pair->a, pair->b, &w);
        pair->weight_cb = w.weight_cb;
        pair->posterior = (float)batch_posterior(batch, w.weight_cb);
    }
}

static void drop_light_pairs(struct match_batch *batch) {
    size_t kept = 0;
    for (size_t i = 0; i < batch->pair_count; i++)
        if (batch->prior_cb + batch->pairs[i].weight_cb >= batch->review_cb)
            batch->pairs[kept++] = batch->pairs[i];
    batch->pair_count = kept;
}

/* -- zones ------------------------------------------------------------------------------------------------------------------ */

static int by_weight(const void *x, const void *y) {
    int32_t p = *(const int32_t *)x, q = *(const int32_t *)y;
    return p > q ? -1 : p < q;
}

/* How many of the heaviest pairs may be linked: no larger share of them than FALSE_SHARE_MOST should be false by their own
 * posteriors. */
static size_t count_safe(const struct match_batch *batch, const int32_t *weights, size_t count) {
    double wrong = 0;
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        wrong += 1 - batch_posterior(batch, weights[i]);
        from = wrong <= FALSE_SHARE_MOST * (double)(i + 1) ? i + 1 : from;
    }
    return from;
}

/* The pairs that this link makes of one person, and no surer one. */
static double count_joined(uint32_t *group, uint32_t *size, const struct match_pair *pair) {
    uint32_t x = batch_first(group, pair->a), y = batch_first(group, pair->b), first = x < y ? x : y;
    double pairs = (double)size[x] * (double)size[y];
    if (x == y)
        return 0;
    group[x] = group[y] = first;
    size[first] = size[x] + size[y];
    return pairs;
}

/* Links by falling weight, as far as they are not sure; what surer ones join is counted. */
struct unsure {
    const struct match_pair **links;
    size_t count;
    uint32_t *group, *size;      /* rows that links hold together, and how many: at the first of them */
    double joined, asked, wrong; /* wrong: of all links, expected to be false */
    int32_t surest_cb;
};

static void list_unsure(const struct match_batch *batch, int32_t least_cb, struct unsure *out) {
    *out = (struct unsure){.links = mem_alloc((batch->pair_count + 1) * sizeof *out->links),
                           .group = mem_alloc((batch->count + 1) * sizeof *out->group),
                           .size = mem_alloc((batch->count + 1) * sizeof *out->size),
                           .surest_cb = least_cb};
    int32_t sure_cb = INT32_MAX;
    for (uint32_t row = 0; row < batch->count; row++) {
        out->group[row] = row;
        out->size[row] = 1;
    }
    for (size_t i = 0; i < batch->pair_count; i++) {
        const struct match_pair *pair = &batch->pairs[i];
        if (pair->rule != MATCH_RULE_SCORE || pair->weight_cb < least_cb) {
            out->asked += pair->posterior >= MATCH_BATCH_REVIEW ? (double)pair->posterior : 0;
            continue;
        }
        out->wrong += 1 - batch_posterior(batch, pair->weight_cb);
        if (batch_posterior(batch, pair->weight_cb) < LINK_POSTERIOR_SURE) {
            out->links[out->count++] = pair;
        } else {
            out->joined += count_joined(out->group, out->size, pair);
            sure_cb = pair->weight_cb < sure_cb ? pair->weight_cb : sure_cb;
        }
    }
    out->surest_cb = sure_cb < INT32_MAX ? sure_cb : least_cb;
    qsort(out->links, out->count, sizeof *out->links, batch_best_first);
}

/* How many of the pairs that links make of one person may be left to people. */
static double left_most(const struct match_batch *batch, const struct unsure *unsure) {
    double asked = unsure->wrong > WRONG_FEW * (double)batch->count ? LEFT_ASKED_MOST : LEFT_ASKED_FEW;
    return fmin(unsure->joined * LEFT_SHARE_MOST, unsure->asked * asked);
}

int32_t batch_leave_to_people(const struct match_batch *batch, int32_t least_cb) {
    struct unsure unsure;
    list_unsure(batch, least_cb, &unsure);
    double *joined = mem_alloc((unsure.count + 1) * sizeof *joined), left = 0;
    for (size_t i = 0; i < unsure.count; i++)
        unsure.joined += joined[i] = count_joined(unsure.group, unsure.size, unsure.links[i]);
    size_t linked = unsure.count;
    while (linked > 0 && left + joined[linked - 1] <= left_most(batch, &unsure)) {
        left += joined[--linked];
        unsure.wrong -= 1 - batch_posterior(batch, unsure.links[linked]->weight_cb);
    }
    while (linked > 0 && linked < unsure.count && unsure.links[linked]->weight_cb == unsure.links[linked - 1]->weight_cb)
        linked++;
    if (unsure.count > 0)
        least_cb = linked > 0 ? unsure.links[linked - 1]->weight_cb : unsure.surest_cb;
    mem_free(joined);
    mem_free(unsure.links);
    mem_free(unsure.group);
    mem_free(unsure.size);
    return least_cb;
}

/* How many pairs may be linked, of those that no rule keeps apart, heaviest first. */
static size_t count_links(const struct match_batch *batch, const int32_t *weights, size_t count) {
    size_t likely = 0;
    double from = batch->options.link_from > 0 ? batch->options.link_from : LINK_POSTERIOR;
    while (likely < count && batch_posterior(batch, weights[likely]) >= from)
        likely++;
    return batch->options.link_from > 0 ? likely : count_safe(batch, weights, likely);
}

static void choose_link(struct match_batch *batch) {
    int32_t *weights = mem_alloc((batch->pair_count + 1) * sizeof *weights);
    size_t count = 0;
    double wrong = 0;
    for (size_t i = 0; i < batch->pair_count; i++)
        if (batch->pairs[i].posterior >= MATCH_BATCH_REVIEW && batch->pairs[i].rule == MATCH_RULE_SCORE)
            weights[count++] = batch->pairs[i].weight_cb;
    qsort(weights, count, sizeof *weights, by_weight);
    size_t links = count_links(batch, weights, count);
    int32_t least_cb = links > 0 ? weights[links - 1] : INT32_MAX / 2 - batch->prior_cb;
    batch->safe_cb = links > 0 ? least_cb + batch->prior_cb : INT32_MAX / 2;
    if (links > 0 && batch->options.link_from <= 0)
        least_cb = batch_leave_to_people(batch, least_cb);
    while (links > 0 && weights[links - 1] < least_cb)
        links--;
    for (size_t i = 0; i < links; i++)
        wrong += 1 - batch_posterior(batch, weights[i]);
    batch->false_share = links > 0 ? wrong / (double)links : 0;
    batch->link_cb = links > 0 ? least_cb + batch->prior_cb : INT32_MAX / 2;
    batch->link_posterior = links > 0 ? batch_posterior(batch, least_cb) : 1;
    mem_free(weights);
}

void batch_count_zones(struct match_batch *batch) {
    batch->linked = batch->review = 0;
    for (size_t label = 0; label < BATCH_LABELS; label++)
        batch->keys[label].linked = 0;
    for (size_t i = 0; i < batch->pair_count; i++) {
        const struct match_pair *pair = &batch->pairs[i];
        batch->linked += pair->zone == MATCH_LINK;
        batch->review += pair->zone == MATCH_REVIEW;
        batch->keys[pair->kind].linked += pair->zone == MATCH_LINK;
    }
}

static void set_zones(struct match_batch *batch) {
    for (size_t i = 0; i < batch->pair_count; i++) {
        struct match_pair *pair = &batch->pairs[i];
        int32_t odds = batch->prior_cb + pair->weight_cb;
        if (!batch->options.model) {
            bool link = odds >= batch->link_cb && pair->rule == MATCH_RULE_SCORE;
            pair->zone = link ? MATCH_LINK : odds >= batch->review_cb ? MATCH_REVIEW : MATCH_APART;
        }
    }
    batch_count_zones(batch);
}

/* Who was born up to then is of age: counted from the last year of birth in which more than one row of 1,000 was born, as no clock
 * enters a result. A file of people who may be alive, all of age when the tables of given names were made, is of adults: those of a
 * screening programme, conscripts. */
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
            return year >= YEAR_OF_THE_LIVING && year <= batch->tables->of_age_year ? batch->tables->of_age_year
                                                                                    : year - YEARS_OF_A_CHILD;
    }
    return 0;
}

/* A record without a given name is a newborn or an unknown patient where names are written with care; where many lack one it is
 * just a gap. Which of these a file is, people of age say: in a maternity every third record may be a newborn's. */
static bool nameless_are_few(const struct match_batch *batch) {
    size_t nameless[2] = {0, 0}, rows[2] = {0, 0};
    for (size_t row = 0; row < batch->count; row++) {
        unsigned year = date_year(batch->rows[row].birth);
        bool of_age = year != 0 && year <= batch->adult_year;
        nameless[of_age] += batch->rows[row].names[FORM_GIVEN] == 0;
        rows[of_age]++;
    }
    return rows[1] > 0 ? nameless[1] * 20 < rows[1] : nameless[0] * 20 < rows[0];
}

/* A file of given names and numbers: nobody is without a family name for being unknown. */
static bool familyless_are_few(const struct match_batch *batch) {
    size_t known = 0;
    for (size_t row = 0; row < batch->count; row++)
        known += batch->rows[row].names[FORM_FAMILY] != 0 || batch->rows[row].names[FORM_USED] != 0;
    return known * 2 > batch->count;
}

/* Keys have brought the pairs that the model was fitted to; a file of some thousand rows needs them no longer. */
static void score_all_of_few(struct match_batch *batch) {
    if (batch->is_small || batch_total_pairs(batch) > ALL_BATCH_PAIRS)
        return;
    batch->is_small = true;
    for (size_t label = 0; label < BATCH_LABELS; label++)
        batch->keys[label].keys = 0;
    batch->split_keys = batch->cut_keys = batch->cut_rows = batch->left_keys = 0;
}

void match_batch_score(struct match_batch *batch, const struct parallel *parallel) {
    score_all_of_few(batch);
    size_t pieces = batch_walk_pieces(batch);
    struct scoring scoring = {batch, mem_alloc((pieces + 1) * sizeof *scoring.pieces)};
    batch->adult_year = find_adult_year(batch);
    batch->guards_nameless = nameless_are_few(batch);
    batch->guards_familyless = familyless_are_few(batch);
    if (!batch->options.model) {
        batch->review_posterior = MATCH_BATCH_REVIEW;
        batch->conflict_cb = CONFLICT_CB;
        batch->kin_cap_cb = -batch->prior_cb + 2 * CB_PER_BIT;
        batch_set_rarities(batch, parallel);
        batch_set_renamed(batch);
        batch_set_reach(batch);
    }
    batch->review_cb = (int32_t)lrint(log2(batch->review_posterior / (1 - batch->review_posterior)) * CB_PER_BIT);
    if (!batch->options.model)
        batch_leave_poor_runs(batch, parallel);
    if (!batch->is_small)
        batch_block_sampled(batch, parallel);
    bool fits_domains = batch->domains && !batch->options.model && batch->options.fitted.len == 0;
    batch->keep_cb = batch->review_cb - (fits_domains ? DOMAIN_MOST_CB : 0) - (batch_is_link(batch) ? LONE_MOST_CB : 0);
    if (batch->options.all_pairs)
        batch->keep_cb = batch->is_small && batch_total_pairs(batch) > SMALL_BATCH_PAIRS ? FAINT_CB : INT32_MIN / 2;
    const struct pair_walk walk = {score_pair, &scoring, UINT64_MAX, 0};
    batch_walk(batch, parallel, &walk);
    collect(batch, scoring.pieces, pieces);
    mem_free(scoring.pieces);
    if (fits_domains) {
        batch_domains_fit(batch);
        weigh_again(batch);
    }
    if (!batch->options.model) {
        batch_weigh_partners(batch);
        batch_weigh_lone(batch);
        if (!batch->options.all_pairs && !batch->options.keep_outdone)
            drop_light_pairs(batch);
        choose_link(batch);
    }
    set_zones(batch);
}

const struct match_pair *match_batch_pairs(const struct match_batch *batch, size_t *out_count) {
    *out_count = batch->pair_count;
    return batch->pairs;
}
