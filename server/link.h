/*
 * sosie link, its parts: what the command line asks for, files read into a batch of the matcher, results written out. cli_link.c
 * puts them in a row; all matching is matcher's ("batch" in matcher.h).
 */
#ifndef SERVER_LINK_H
#define SERVER_LINK_H

#include "base/arena.h"
#include "base/csv.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/span.h"
#include "matcher/matcher.h"

enum { LINK_PARTS_MOST = 8 };

/* One trait and the columns of the file that make it up ("birth_date=year+month+day"). */
struct link_column {
    struct match_column column;
    struct span parts[LINK_PARTS_MOST];
    size_t part_count;
};

struct link_order {
    const char *paths[2];
    size_t file_count;
    struct span id;
    struct link_column columns[MATCH_BATCH_COLUMNS];
    size_t column_count;
    char delimiter;             /* 0: find out */
    enum csv_encoding encoding; /* of both files, unless found out of each */
    int date_order;             /* +1 day first, -1 month first, 0: find out */
    const char *directory;      /* of the results */
    struct parallel parallel;
};

/* "TRAIT=COLUMN,text:NAME=COLUMN": fills order->columns. */
bool link_read_columns(struct span text, struct link_order *order, struct error *err);

struct link_input {
    struct match_batch *batch;
    struct span *ids; /* by row of the batch */
    size_t rows, capacity, rejected;
    char *texts[2]; /* of the files, borrowed by ids */
    struct arena *arena;
    uint32_t *slots; /* rows by hash of their identifier: to find those that stand twice */
    size_t slot_mask, file_begin;
    void *rejects; /* FILE of rejected.csv */
};

/* Reads the files into a new batch; rows that cannot be used go to rejected.csv in the directory. */
bool link_read_files(const struct link_order *order, struct link_input *out, struct error *err);
void link_input_release(struct link_input *input);

/* pairs.csv, clusters.csv, model and report.html. */
bool link_write_results(const struct link_order *order, const struct link_input *input, struct error *err);
void link_write_report(const struct link_order *order, const struct link_input *input, struct buf *out);
bool link_write_file(const char *directory, const char *name, struct span text, struct error *err);

#endif
