/*
 * Clusters (matching.md 3.5): links by falling weight, each joining two clusters only if no row of one contradicts a row of the
 * other (DESIGN.md rule 5), and none grows beyond CLUSTER_MOST rows. No plain closure.
 */
#include "matcher/batch.h"

#include <string.h>

enum { CLUSTER_MOST = 64 };

struct joining {
    struct match_batch *batch;
    uint32_t *next; /* rows of a cluster in a ring */
    uint32_t *size; /* at a cluster's first row */
};

static uint32_t find(const struct joining *j, uint32_t row) {
    uint32_t *of = j->batch->cluster;
    while (of[row] != row)
        row = of[row] = of[of[row]];
    return row;
}

static bool contradict(const struct match_batch *batch, uint32_t a, uint32_t b) {
    struct weighed w;
    batch_weigh(batch, a, b, &w);
    bool vetoed = w.rule == MATCH_RULE_DIFFERENT_INS || w.rule == MATCH_RULE_MULTIPLE_BIRTH || w.rule == MATCH_RULE_FATHER_SON ||
                  w.rule == MATCH_RULE_OTHER_SEX || w.rule == MATCH_RULE_SAME_INS_CONFLICT;
    return vetoed || w.weight_cb < batch->conflict_cb;
}

static bool compatible(const struct joining *j, uint32_t x, uint32_t y) {
    uint32_t a = x;
    if (j->size[x] + j->size[y] > CLUSTER_MOST)
        return false;
    do {
        uint32_t b = y;
        do {
            if (contradict(j->batch, a, b))
                return false;
            b = j->next[b];
        } while (b != y);
        a = j->next[a];
    } while (a != x);
    return true;
}

static void join(struct joining *j, uint32_t x, uint32_t y) {
    uint32_t first = x < y ? x : y, other = x < y ? y : x, held = j->next[first];
    j->batch->cluster[other] = first;
    j->size[first] += j->size[other];
    j->next[first] = j->next[other];
    j->next[other] = held;
}

static int best_first(const void *x, const void *y) {
    const struct match_pair *p = *(const struct match_pair *const *)x, *q = *(const struct match_pair *const *)y;
    if (p->weight_cb != q->weight_cb)
        return p->weight_cb > q->weight_cb ? -1 : 1;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    return p->b < q->b ? -1 : p->b > q->b;
}

static void join_links(struct joining *j) {
    struct match_batch *batch = j->batch;
    const struct match_pair **links = mem_alloc((batch->linked + 1) * sizeof *links);
    size_t count = 0;
    for (size_t i = 0; i < batch->pair_count; i++)
        if (batch->pairs[i].zone == MATCH_LINK)
            links[count++] = &batch->pairs[i];
    if (count)
        qsort(links, count, sizeof *links, best_first);
    for (size_t i = 0; i < count; i++) {
        uint32_t x = find(j, links[i]->a), y = find(j, links[i]->b);
        if (x == y)
            continue;
        if (compatible(j, x, y))
            join(j, x, y);
        else
            batch->refused++;
    }
    mem_free(links);
}

/* A link that its clusters refused is for a person to decide: linked pairs and clusters say the same. */
static void leave_to_review(struct match_batch *batch) {
    for (size_t i = 0; i < batch->pair_count; i++) {
        struct match_pair *pair = &batch->pairs[i];
        if (pair->zone != MATCH_LINK || batch->cluster[pair->a] == batch->cluster[pair->b])
            continue;
        pair->zone = MATCH_REVIEW;
        batch->linked--;
        batch->review++;
        batch->keys[pair->kind].linked--;
    }
}

void match_batch_cluster(struct match_batch *batch) {
    struct joining j = {batch, mem_alloc((batch->count + 1) * sizeof *j.next), mem_alloc((batch->count + 1) * sizeof *j.size)};
    batch->cluster = mem_alloc((batch->count + 1) * sizeof *batch->cluster);
    for (uint32_t row = 0; row < batch->count; row++) {
        batch->cluster[row] = j.next[row] = row;
        j.size[row] = 1;
    }
    join_links(&j);
    for (uint32_t row = 0; row < batch->count; row++) {
        uint32_t first = find(&j, row);
        batch->cluster[row] = first;
        batch->clusters += first == row;
        batch->largest = j.size[first] > batch->largest ? j.size[first] : batch->largest;
    }
    mem_free(j.next);
    mem_free(j.size);
    leave_to_review(batch);
}

const uint32_t *match_batch_clusters(const struct match_batch *batch) {
    return batch->cluster;
}

void match_batch_report(const struct match_batch *batch, struct match_batch_report *out) {
    *out = (struct match_batch_report){.rows = batch->count,
                                       .first_rows = batch->first_count,
                                       .candidates = batch->candidates,
                                       .stored = batch->pair_count,
                                       .linked = batch->linked,
                                       .review = batch->review,
                                       .clusters = batch->clusters,
                                       .largest_cluster = batch->largest,
                                       .split_keys = batch->split_keys,
                                       .cut_keys = batch->cut_keys,
                                       .cut_rows = batch->cut_rows,
                                       .left_keys = batch->left_keys,
                                       .refused_joins = batch->refused,
                                       .prior = batch->lambda,
                                       .link_bits = (double)(batch->link_cb - batch->prior_cb) / 256,
                                       .review_bits = (double)(batch->review_cb - batch->prior_cb) / 256,
                                       .link_posterior = batch->link_posterior,
                                       .review_posterior = batch->review_posterior,
                                       .expected_false_share = batch->false_share,
                                       .rounds = batch->rounds,
                                       .fitted = !batch->options.model,
                                       .keys = batch->keys,
                                       .key_count = BATCH_KINDS};
}
