/*
 * The index in memory (matcher.h), its inside:
 *
 *     records: number -> first row        rows: 64 bytes each, chained by record        tables: one per kind of key, key -> rows
 *     dictionary: name <-> number, name -> rows that bear it
 *
 * Rows lie in blocks that never move; a removed row's place is used again.
 */
#ifndef MATCHER_INDEX_H
#define MATCHER_INDEX_H

#include "matcher/dictionary.h"
#include "matcher/form.h"
#include "matcher/key.h"

/* One cache line: the facts of a form and the numbers of its names. */
struct row {
    uint64_t ins;
    uint32_t birth, place, misc, address, mobile, fixed, mail;
    uint32_t names[FORM_NAMES];
};
_Static_assert(sizeof(struct row) == 64, "a row is one cache line");

enum {
    ROW_BLOCK_SHIFT = 14,
    ROW_BLOCK = 1 << ROW_BLOCK_SHIFT,
    ROWS_OF_A_RECORD_MOST = 32,
    HOT_LIST = 400,                /* a longer list is not read whole */
    HOT_LIST_READ = 16 * HOT_LIST, /* nor filtered, when longer than this */
};

/* Begins with a cache line, so that each row is one. */
struct row_block {
    struct row rows[ROW_BLOCK];
    uint64_t record[ROW_BLOCK]; /* 0: free */
    uint32_t next[ROW_BLOCK];   /* the record's next row, or the next free place */
};

struct record_slot {
    uint64_t record; /* 0: free */
    uint32_t row;    /* 0: taken out */
};

struct match_index {
    struct row_block **blocks;
    size_t block_count;
    uint32_t row_end; /* rows are 1..row_end - 1, free places among them */
    uint32_t free_row;
    struct record_slot *slots;
    uint64_t slot_mask;
    size_t slots_used, records, rows;
    struct key_table tables[KEY_INDEX_KINDS];
    struct posting_pool pool;
    size_t keys, hot_keys;
    struct dictionary names;
};

static inline struct row_block *index_block(const struct match_index *index, uint32_t row) {
    return index->blocks[row >> ROW_BLOCK_SHIFT];
}
static inline const struct row *index_row(const struct match_index *index, uint32_t row) {
    return &index_block(index, row)->rows[row & (ROW_BLOCK - 1)];
}
static inline uint64_t index_row_record(const struct match_index *index, uint32_t row) {
    return index_block(index, row)->record[row & (ROW_BLOCK - 1)];
}
static inline uint32_t index_next_row(const struct match_index *index, uint32_t row) {
    return index_block(index, row)->next[row & (ROW_BLOCK - 1)];
}

/* Asks memory for what index_form and index_next_row will read. */
static inline void index_fetch_row(const struct match_index *index, uint32_t row) {
    __builtin_prefetch(index_row(index, row));
    __builtin_prefetch(&index_block(index, row)->next[row & (ROW_BLOCK - 1)]);
}

uint32_t index_first_row(const struct match_index *index, uint64_t record); /* 0 when the record is not there */
/* A form over the row; its names are the dictionary's. */
void index_form(const struct match_index *index, uint32_t row, struct match_form *out);
size_t index_forms(const struct match_index *index, uint32_t first_row, struct match_form *out, size_t most);

#endif
