/* How well pairs and clusters meet the truth of a generated population. */
#ifndef BENCHMARKS_LINK_SCORE_H
#define BENCHMARKS_LINK_SCORE_H

#include "benchmarks/truth/truth.h"

#include <stdbool.h>

struct scored_pair {
    uint32_t a, b;
    double score; /* higher: likelier */
    double posterior;
    bool review;
};

/* Pairs that are not in the list count as missed. */
struct sweep {
    double best_f1, recall_at_999;
};
struct sweep score_sweep(const struct truth *truth, struct scored_pair *pairs, size_t count); /* sorts the pairs */

struct cluster_score {
    uint64_t found, wrong; /* pairs of records in one cluster: of one person, of two */
    size_t largest;
};
/* id,cluster by row, as sosie link writes them; `cluster` takes that of each record, from 1. */
struct cluster_score score_clusters(const struct truth *truth, const char *path, uint32_t *cluster);

/* How far posteriors are from the truth, in twenty bins (expected calibration error). */
double score_calibration(const struct truth *truth, const struct scored_pair *pairs, size_t count);

/* Of pairs.csv. The caller frees *out_pairs with mem_free. */
size_t score_read_pairs(const char *path, struct scored_pair **out_pairs);

#endif
