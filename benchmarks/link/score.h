/* How well pairs and clusters meet the truth of a generated population. */
#ifndef BENCHMARKS_LINK_SCORE_H
#define BENCHMARKS_LINK_SCORE_H

#include <stddef.h>
#include <stdint.h>

struct truth {
    uint32_t *person; /* by record, from 1 */
    size_t records, people;
    uint64_t pairs; /* of records of one person */
};
/* Of a file of sosie-fixtures --csv, whose first two columns are record and person. */
void truth_read(const char *path, struct truth *out);
void truth_release(struct truth *truth);

struct scored_pair {
    uint32_t a, b;
    double score; /* higher: likelier */
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
/* id,cluster by row, as sosie link writes them. */
struct cluster_score score_clusters(const struct truth *truth, const char *path);

/* The first three columns of pairs.csv: two records and a weight. The caller frees *out_pairs with mem_free. */
size_t score_read_pairs(const char *path, struct scored_pair **out_pairs);

#endif
