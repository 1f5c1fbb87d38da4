/*
 * What somebody with PostgreSQL at hand would do: a trigram index over names (pg_trgm), pairs whose names are alike and whose birth
 * dates are at most two figures apart (fuzzystrmatch), scored by both. On a private cluster, everything included: reading in,
 * index, join, results.
 */
#ifndef BENCHMARKS_LINK_TRIGRAMS_H
#define BENCHMARKS_LINK_TRIGRAMS_H

#include "benchmarks/link/score.h"

struct test_postgres;

/* The population's file, as sosie-fixtures --csv writes it. Returns seconds; the caller frees *out_pairs with mem_free. */
double trigrams_link(struct test_postgres *postgres, const char *path, struct scored_pair **out_pairs, size_t *out_count);

#endif
