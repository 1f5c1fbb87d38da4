/*
 * Clusters (matching.md 3.5): links by falling weight, each joining two clusters only if no row of one contradicts a row of the
 * other (DESIGN.md rule 5), and none grows beyond CLUSTER_MOST rows. No plain closure. A pair of the two that knows more of its
 * rows than the link does must be a link itself: two records of which one knows neither place nor telephone agree easily, and the
 * third one, which knows both, tells whose it is. So must a pair of close given names that twins bear, whatever it knows: a
 * misspelt one between them would join the two. Of people with many records there is always one pair that is none: one in eight may
 * be.
 *
 * A row that fits two clusters which contradict each other nearly as well (of two namesakes, say, without place or telephone) is
 * left to neither by its weaker links: a first pass finds such rows, a second one joins without these links.
 *
 * Groups of rows that links hold together know nothing of each other: the links of a group are one worker's, in their order.
 */
#include "matcher/batch.h"

#include <stdlib.h>

enum { CLUSTER_MOST = 64, CONTRADICTION = CLUSTER_MOST * CLUSTER_MOST };

struct joining {
    struct match_batch *batch;
    const struct match_pair **links; /* of each piece of groups, then by falling weight */
    size_t *pieces;                  /* where the links of each end */
    uint32_t *group;                 /* rows that links hold together, joined or not */
    bool *is_doubtful;               /* at a group's first row: it has a contested one */
    uint32_t *next;                  /* rows of a cluster in a ring */
    uint32_t *size;                  /* at a cluster's first row */
    int32_t *best;                   /* the weight by which a row joined */
    int32_t *contested;              /* the weight of the best link to another cluster that the row fits, but its own does not */
};

/* A date of which one side knows a part is less than one that both know. */
static unsigned known_fields(const struct match_batch *batch, const uint8_t *level) {
    unsigned known = 0;
    for (size_t f = 0; f < batch->field_count; f++) {
        const struct batch_field *field = &batch->fields[f];
        bool part = !field->is_extra && field->at == MATCH_BIRTH_DATE &&
                    level_among(level[f], LEVEL(DATE_PARTIAL_MONTH) | LEVEL(DATE_PARTIAL_YEAR) | LEVEL(BATCH_DATE_GUESSED) |
                                              LEVEL(BATCH_DATE_NEXT_YEAR));
        known += level[f] != 0 && !part;
    }
    return known;
}

/* Another row of the same given name in the first one's cluster lists the second one's. */
static bool is_listed(const struct joining *j, uint32_t a, uint32_t b) {
    const struct row *rows = j->batch->rows;
    for (uint32_t r = j->next[a]; r != a; r = j->next[r]) {
        struct weighed w;
        if (rows[r].names[FORM_GIVEN] != rows[a].names[FORM_GIVEN])
            continue;
        batch_weigh(j->batch, r, b, &w);
        if (w.level[BATCH_GIVEN] == GIVEN_OTHER && w.weight_cb + j->batch->prior_cb >= j->batch->link_cb &&
            batch_shares_contact(j->batch, w.level))
            return true;
    }
    return false;
}

/* LOLITA and MARIE of one birth date are one person where a third record of hers says LOLITA MARIE YVONNE. Of twins, too, one may
 * bear the other's name: without a home or a contact in common a person decides. */
static bool is_further_name(const struct joining *j, uint32_t a, uint32_t b, const struct weighed *w) {
    bool is_other = w->rule == MATCH_RULE_MULTIPLE_BIRTH || w->rule == MATCH_RULE_SCORE;
    return is_other && batch_knows_namesakes(j->batch) && level_among(w->level[BATCH_GIVEN], LEVELS_OTHER_GIVEN) &&
           w->level[BATCH_BIRTH] == DATE_EXACT && (is_listed(j, a, b) || is_listed(j, b, a));
}

/* Where two clusters are joined: what the link between them knows, and from which odds on a pair is no doubt. Of many records of a
 * person what could have been linked is none, though the least sure of it is left to people. */
struct joint {
    unsigned known;
    bool is_nameless; /* the link knows no given name, an initial, or the first part of a compound */
    int32_t least_cb;
};

/* JULIA and ANOUK, whom a record without a given name would join; MARIE CHARLYE and MARIE CAPUCINE by one of MARIE. */
static bool are_named_otherwise(const struct joining *j, const uint8_t *level) {
    return batch_knows_namesakes(j->batch) && level_among(level[BATCH_GIVEN], LEVELS_OTHER_GIVEN);
}

static struct joint joint_of(const struct joining *j, const struct match_pair *link, int32_t least_cb) {
    return (struct joint){.known = known_fields(j->batch, link->level),
                          .is_nameless = batch_knows_namesakes(j->batch) && level_among(link->level[BATCH_GIVEN], LEVELS_NAMELESS),
                          .least_cb = least_cb};
}

/* What speaks against the two rows in one cluster, joined by a link of which `joint` tells: nothing, a doubt, as much as
 * MATCH_DOUBTS_PART doubts, or more than any cluster bears. */
static size_t doubt(const struct joining *j, uint32_t a, uint32_t b, const struct joint *joint) {
    const struct match_batch *batch = j->batch;
    struct weighed w;
    batch_weigh(batch, a, b, &w);
    if (is_further_name(j, a, b, &w))
        return 0;
    bool vetoed = w.rule == MATCH_RULE_DIFFERENT_INS || w.rule == MATCH_RULE_MULTIPLE_BIRTH || w.rule == MATCH_RULE_FATHER_SON ||
                  w.rule == MATCH_RULE_OTHER_SEX || w.rule == MATCH_RULE_SAME_INS_CONFLICT;
    if (vetoed || w.weight_cb < batch->conflict_cb)
        return CONTRADICTION;
    int32_t odds = w.weight_cb + batch->prior_cb;
    bool may_be_twins = w.twins_names || (joint->is_nameless && are_named_otherwise(j, w.level));
    if (odds >= joint->least_cb || (!may_be_twins && known_fields(batch, w.level) <= joint->known))
        return 0;
    return odds >= batch->review_cb ? 1 : MATCH_DOUBTS_PART;
}

static size_t row_doubts(const struct joining *j, uint32_t a, uint32_t y, const struct joint *joint) {
    size_t doubts = 0;
    uint32_t b = y;
    do {
        doubts += doubt(j, a, b, joint);
        b = j->next[b];
    } while (b != y && doubts < CONTRADICTION);
    return doubts;
}

static bool compatible(const struct joining *j, uint32_t x, uint32_t y, const struct match_pair *link) {
    size_t doubts = 0, borne = (size_t)j->size[x] * j->size[y] / MATCH_DOUBTS_PART;
    const struct joint joint = joint_of(j, link, borne > 0 ? j->batch->safe_cb : j->batch->link_cb);
    uint32_t a = x;
    if (j->size[x] == 1 && j->size[y] == 1) /* only the link itself */
        return true;
    do {
        doubts += row_doubts(j, a, y, &joint);
        a = j->next[a];
    } while (a != x && doubts <= borne);
    return doubts <= borne;
}

static void join(struct joining *j, uint32_t x, uint32_t y) {
    uint32_t first = x < y ? x : y, other = x < y ? y : x, held = j->next[first];
    j->batch->cluster[other] = first;
    j->size[first] += j->size[other];
    j->next[first] = j->next[other];
    j->next[other] = held;
}

int batch_best_first(const void *x, const void *y) {
    const struct match_pair *p = *(const struct match_pair *const *)x, *q = *(const struct match_pair *const *)y;
    if (p->weight_cb != q->weight_cb)
        return p->weight_cb > q->weight_cb ? -1 : 1;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    return p->b < q->b ? -1 : p->b > q->b;
}

static void find_groups(struct joining *j) {
    const struct match_batch *batch = j->batch;
    for (uint32_t row = 0; row < batch->count; row++)
        j->group[row] = row;
    for (size_t i = 0; i < batch->pair_count; i++) {
        if (batch->pairs[i].zone != MATCH_LINK)
            continue;
        uint32_t x = batch_first(j->group, batch->pairs[i].a), y = batch_first(j->group, batch->pairs[i].b);
        j->group[x < y ? y : x] = x < y ? x : y;
    }
}

static size_t count_pieces(const struct match_batch *batch) {
    return batch->count / PIECE_ROWS + 1;
}

static void list_links(struct joining *j) {
    const struct match_batch *batch = j->batch;
    size_t sum = 0, count = count_pieces(batch);
    for (size_t i = 0; i < batch->pair_count; i++)
        if (batch->pairs[i].zone == MATCH_LINK)
            j->pieces[batch_first(j->group, batch->pairs[i].a) / PIECE_ROWS]++;
    for (size_t piece = 0; piece < count; piece++) {
        size_t here = j->pieces[piece];
        j->pieces[piece] = sum;
        sum += here;
    }
    for (size_t i = 0; i < batch->pair_count; i++)
        if (batch->pairs[i].zone == MATCH_LINK)
            j->links[j->pieces[batch_first(j->group, batch->pairs[i].a) / PIECE_ROWS]++] = &batch->pairs[i];
}

static void part(struct joining *j, uint32_t row) {
    j->batch->cluster[row] = j->next[row] = row;
    j->size[row] = 1;
}

/* A refused link of a row that fits the whole other cluster: it might as well have joined that one. */
static void contest(struct joining *j, uint32_t row, uint32_t other, const struct match_pair *link) {
    const struct joint joint = joint_of(j, link, j->batch->link_cb);
    bool close = j->best[row] != INT32_MIN && j->best[row] - link->weight_cb < MATCH_CONTESTED_CB;
    if (close && j->contested[row] < link->weight_cb && row_doubts(j, row, other, &joint) == 0) {
        j->contested[row] = link->weight_cb;
        j->is_doubtful[batch_first(j->group, row)] = true;
    }
}

static bool is_contested(const struct joining *j, const struct match_pair *link) {
    int32_t a = j->contested[link->a], b = j->contested[link->b], most = a > b ? a : b;
    return most != INT32_MIN && link->weight_cb - most < MATCH_CONTESTED_CB;
}

static void join_link(struct joining *j, const struct match_pair *link, bool again) {
    uint32_t x = batch_first(j->batch->cluster, link->a), y = batch_first(j->batch->cluster, link->b);
    if (x == y || j->size[x] + j->size[y] > CLUSTER_MOST || (again && is_contested(j, link)))
        return;
    if (compatible(j, x, y, link)) {
        join(j, x, y);
        j->best[link->a] = j->best[link->a] > link->weight_cb ? j->best[link->a] : link->weight_cb;
        j->best[link->b] = j->best[link->b] > link->weight_cb ? j->best[link->b] : link->weight_cb;
    } else if (!again) {
        contest(j, link->a, y, link);
        contest(j, link->b, x, link);
    }
}

/* A group without a contested row would be joined again as it was. */
static void join_piece(void *context, size_t piece, unsigned worker) {
    struct joining *j = context;
    const struct match_pair **links = j->links + (piece > 0 ? j->pieces[piece - 1] : 0);
    size_t count = (size_t)(j->links + j->pieces[piece] - links), doubtful = 0;
    (void)worker;
    if (count > 0)
        qsort(links, count, sizeof *links, batch_best_first);
    for (size_t i = 0; i < count; i++)
        join_link(j, links[i], false);
    for (size_t i = 0; i < count; i++) {
        if (!j->is_doubtful[batch_first(j->group, links[i]->a)])
            continue;
        part(j, links[i]->a);
        part(j, links[i]->b);
        links[doubtful++] = links[i];
    }
    for (size_t i = 0; i < doubtful; i++)
        join_link(j, links[i], true);
}

struct between { /* of two clusters, by the first row of each */
    uint64_t clusters;
    struct match_pair *pair;
};

static int by_clusters(const void *x, const void *y) {
    const struct between *p = x, *q = y;
    return p->clusters != q->clusters ? (p->clusters > q->clusters) - (p->clusters < q->clusters)
                                      : batch_best_first(&p->pair, &q->pair);
}

/* Two clusters that would be too large together are one question, not thousands: who has been there two hundred times, or a test
 * patient. Their surest pair is for review. */
static void ask_once(struct match_batch *batch, const uint32_t *size) {
    struct between *list = mem_alloc((batch->pair_count + 1) * sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < batch->pair_count; i++) {
        struct match_pair *pair = &batch->pairs[i];
        uint32_t x = batch->cluster[pair->a], y = batch->cluster[pair->b];
        if (pair->zone == MATCH_REVIEW && size[x] + size[y] > CLUSTER_MOST)
            list[count++] = (struct between){x < y ? (uint64_t)x << 32 | y : (uint64_t)y << 32 | x, pair};
    }
    qsort(list, count, sizeof *list, by_clusters);
    for (size_t i = 1; i < count; i++)
        if (list[i].clusters == list[i - 1].clusters)
            list[i].pair->zone = MATCH_APART;
    mem_free(list);
}

/* Linked pairs and clusters say the same: a link that its clusters refused is for a person to decide, two rows that others have
 * joined leave nothing to decide. */
static void agree_with_clusters(struct match_batch *batch, const uint32_t *size) {
    for (size_t i = 0; i < batch->pair_count; i++) {
        struct match_pair *pair = &batch->pairs[i];
        bool one = batch->cluster[pair->a] == batch->cluster[pair->b];
        batch->refused += pair->zone == MATCH_LINK && !one;
        if (pair->zone != MATCH_APART)
            pair->zone = one ? MATCH_LINK : MATCH_REVIEW;
    }
    ask_once(batch, size);
    batch_count_zones(batch);
}

static int32_t *make_weights(size_t count) {
    int32_t *weights = mem_alloc((count + 1) * sizeof *weights);
    for (size_t row = 0; row < count; row++)
        weights[row] = INT32_MIN;
    return weights;
}

static void join_all(struct joining *j, const struct parallel *parallel) {
    struct parallel silent = {parallel->threads, NULL, NULL};
    for (uint32_t row = 0; row < j->batch->count; row++)
        part(j, row);
    find_groups(j);
    list_links(j);
    parallel_run(&silent, count_pieces(j->batch), join_piece, j);
}

void match_batch_cluster(struct match_batch *batch, const struct parallel *parallel) {
    struct joining j = {.batch = batch,
                        .links = mem_alloc((batch->linked + 1) * sizeof *j.links),
                        .pieces = mem_alloc(count_pieces(batch) * sizeof *j.pieces),
                        .group = mem_alloc((batch->count + 1) * sizeof *j.group),
                        .is_doubtful = mem_alloc((batch->count + 1) * sizeof *j.is_doubtful),
                        .next = mem_alloc((batch->count + 1) * sizeof *j.next),
                        .size = mem_alloc((batch->count + 1) * sizeof *j.size),
                        .best = make_weights(batch->count),
                        .contested = make_weights(batch->count)};
    batch->cluster = mem_alloc((batch->count + 1) * sizeof *batch->cluster);
    join_all(&j, parallel);
    for (uint32_t row = 0; row < batch->count; row++) {
        uint32_t first = batch_first(batch->cluster, row);
        batch->cluster[row] = first;
        batch->clusters += first == row;
        batch->largest = j.size[first] > batch->largest ? j.size[first] : batch->largest;
    }
    agree_with_clusters(batch, j.size);
    mem_free(j.next);
    mem_free(j.size);
    mem_free(j.best);
    mem_free(j.contested);
    mem_free(j.links);
    mem_free(j.pieces);
    mem_free(j.group);
    mem_free(j.is_doubtful);
}

const uint32_t *match_batch_clusters(const struct match_batch *batch) {
    return batch->cluster;
}

void match_batch_report(const struct match_batch *batch, struct match_batch_report *out) {
    *out = (struct match_batch_report){.rows = batch->count,
                                       .first_rows = batch->first_count,
                                       .candidates = batch->candidates,
                                       .linked = batch->linked,
                                       .review = batch->review,
                                       .clusters = batch->clusters,
                                       .largest_cluster = batch->largest,
                                       .split_keys = batch->split_keys,
                                       .cut_keys = batch->cut_keys,
                                       .cut_rows = batch->cut_rows,
                                       .left_keys = batch->left_keys,
                                       .outdone = batch->outdone,
                                       .refused_joins = batch->refused,
                                       .prior = batch->options.model ? batch_posterior(batch, 0) : batch->lambda,
                                       .link_bits = (double)(batch->link_cb - batch->prior_cb) / 256,
                                       .review_bits = (double)(batch->review_cb - batch->prior_cb) / 256,
                                       .link_posterior = batch->link_posterior,
                                       .review_posterior = batch->review_posterior,
                                       .expected_false_share = batch->false_share,
                                       .unsettled = batch->unsettled,
                                       .fitted = !batch->options.model,
                                       .keys = batch->keys,
                                       .key_count = BATCH_LABELS};
}
