/*
 * Blocks of a batch: rows that share a key. Keys of one kind are sorted together; a key with more than HOT_BLOCK rows is split by
 * further traits of its rows, twice at most; what is too common even then (rows that are equal in everything) is read in part and
 * counted.
 *
 * Among millions of rows the widest kinds bring little but chance, and cost as much to make as all others. Of those that may be
 * left out only one key in 2^sampled_bits is made at first; batch_yield.c weighs what their pairs bring, and those that pay are
 * made whole (batch_block_sampled).
 */
#include "matcher/batch.h"

#include <string.h>

enum {
    HOT_WEAK_BLOCK = 20,  /* of the weak kinds: beyond, pairs are left to the keys that hold one trait more */
    HOT_EXTRA_BLOCK = 20, /* a further column by itself says little */
    HOT_SPLIT_BLOCK = 20,
    SPLIT_TRAITS = 4,
    LETTERS_AHEAD = 8,
    SAMPLED_FROM = 1 << 17, /* rows; of twice as many, half of the keys */
};

static bool is_extra(size_t kind) {
    return kind >= KIND_EXTRA && kind < KIND_SOUNDS;
}

static bool is_weak(size_t kind) {
    return kind >= KIND_FAMILY_YEAR && kind < KIND_COUNT;
}

static size_t hot_from(size_t kind, size_t depth) {
    if (depth > 0)
        return depth == 1 ? HOT_SPLIT_BLOCK : HOT_BLOCK;
    if (is_extra(kind))
        return HOT_EXTRA_BLOCK;
    return is_weak(kind) ? HOT_WEAK_BLOCK : HOT_BLOCK;
}

/* The traits that split a key: sounds of both names, birth date, and a further column where no birth date is known. undated: of
 * some row of a block there is none. */
static uint64_t split_trait(const struct match_batch *batch, uint32_t row, size_t which, bool undated) {
    const struct row *r = &batch->rows[row];
    const struct name *name;
    switch (which) {
    case 0:
        name = dictionary_name(&batch->names, r->names[FORM_FAMILY]);
        return name ? name->soundex : 0;
    case 1:
        name = dictionary_name(&batch->names, r->names[FORM_GIVEN]);
        return name ? name->soundex : 0;
    case 2:
        return r->birth & ~DATE_WEAK;
    default:
        for (size_t i = 0; i < batch->extra_count && (undated || r->birth == 0); i++)
            if (batch_extra(batch, row, i) != 0)
                return (uint64_t)(i + 1) << 32 | batch_extra(batch, row, i);
        return 0;
    }
}

/* -- sorting ---------------------------------------------------------------------------------------------------------------- */

struct entry_list {
    struct entry *entries;
    size_t count, capacity;
};

static void add_entry(struct entry_list *list, struct entry entry) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 1024;
        list->entries = mem_realloc(list->entries, list->capacity * sizeof *list->entries);
    }
    list->entries[list->count++] = entry;
}

/* By so many bits of the key; entries come in the order of their rows and keep it. `other` has room for as many. Of more buckets
 * each would lie on a page of its own, more pages than a processor keeps at hand. */
static void sort_entries(struct entry *entries, struct entry *other, size_t count, unsigned bits) {
    enum { BITS = 9, BUCKETS = 1 << BITS };
    struct entry *from = entries, *to = other;
    for (unsigned shift = 0; shift < bits; shift += BITS) {
        size_t places[BUCKETS] = {0}, sum = 0;
        for (size_t i = 0; i < count; i++)
            places[from[i].key >> shift & (BUCKETS - 1)]++;
        for (size_t b = 0; b < BUCKETS; b++) {
            size_t here = places[b];
            places[b] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            to[places[from[i].key >> shift & (BUCKETS - 1)]++] = from[i];
        struct entry *held = from;
        from = to;
        to = held;
    }
    if (from != entries && count > 0)
        memcpy(entries, from, count * sizeof *entries);
}

/* Entries of a key are in the order of rows: a row that stands twice stands side by side. */
static size_t drop_twins(struct entry *entries, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || entries[i].key != entries[kept - 1].key || entries[i].row != entries[kept - 1].row)
            entries[kept++] = entries[i];
    return kept;
}

/* Of one kind. */
static void sort_by_key(struct entry_list *list) {
    struct entry *other = mem_alloc((list->count + 1) * sizeof *other);
    sort_entries(list->entries, other, list->count, KIND_SHIFT);
    mem_free(other);
    list->count = drop_twins(list->entries, list->count);
}

static void exchange(struct entry_list *list) {
    for (size_t i = 0; i < list->count; i++)
        list->entries[i] = (struct entry){list->entries[i].row, list->entries[i].key};
}

/* Narrower keys come block by block, not row by row: sorted by row first. */
static void sort_narrower(const struct match_batch *batch, struct entry_list *list) {
    struct entry *other = mem_alloc((list->count + 1) * sizeof *other);
    exchange(list);
    sort_entries(list->entries, other, list->count, batch_row_bits(batch));
    exchange(list);
    mem_free(other);
    sort_by_key(list);
}

/* -- splitting -------------------------------------------------------------------------------------------------------------- */

static bool makes_pairs(const struct match_batch *batch, const struct entry *entries, size_t count) {
    if (!batch_is_link(batch))
        return count > 1;
    return entries[0].row < batch->first_count && entries[count - 1].row >= batch->first_count;
}

/* What split_trait reads, before it does. */
static void ask_for_block(const struct match_batch *batch, const struct entry *block, size_t count) {
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(&batch->rows[block[i].row]);
    for (size_t i = 0; i < count; i++) {
        const uint32_t *names = batch->rows[block[i].row].names;
        __builtin_prefetch(dictionary_name(&batch->names, names[FORM_FAMILY]));
        __builtin_prefetch(dictionary_name(&batch->names, names[FORM_GIVEN]));
    }
}

/* Adds the narrower keys of a block; false when no trait tells its rows apart. */
static bool split_block(const struct match_batch *batch, const struct entry *block, size_t count, unsigned kind,
                        struct entry_list *out) {
    bool any = false, undated = kind == KIND_SOUNDS;
    ask_for_block(batch, block, count);
    for (size_t which = 0; which < SPLIT_TRAITS; which++) {
        uint64_t first = split_trait(batch, block[0].row, which, undated);
        size_t i = 1;
        while (i < count && split_trait(batch, block[i].row, which, undated) == first)
            i++;
        if (i == count)
            continue;
        any = true;
        for (i = 0; i < count; i++) {
            uint64_t trait = split_trait(batch, block[i].row, which, undated);
            if (trait != 0)
                add_entry(out,
                          (struct entry){batch_key(kind, batch_mixed(batch_mixed(block[i].key, which + 1), trait)), block[i].row});
        }
    }
    return any;
}

/* The blocks of one kind on their way to its runs. */
struct kind_blocks {
    struct entry_list depth[RUN_DEPTHS];
    size_t split, left;
};

/* Takes blocks of one out of a list, moves those that are too common to the next. */
static void split_list(const struct match_batch *batch, size_t kind, size_t depth, struct kind_blocks *blocks) {
    struct entry_list *list = &blocks->depth[depth], *narrower = depth + 1 < RUN_DEPTHS ? list + 1 : NULL;
    size_t kept = 0;
    for (size_t begin = 0, end; begin < list->count; begin = end) {
        end = block_end(list->entries, list->count, begin);
        size_t count = end - begin;
        if (!makes_pairs(batch, list->entries + begin, count))
            continue;
        bool hot = count > hot_from(kind, depth);
        if (hot && depth == 0 && is_weak(kind)) {
            blocks->left++;
            continue;
        }
        if (hot && narrower && split_block(batch, list->entries + begin, count, (unsigned)kind, narrower)) {
            blocks->split++;
            continue;
        }
        memmove(list->entries + kept, list->entries + begin, count * sizeof *list->entries);
        kept += count;
    }
    list->count = kept;
}

static double pairs_of_block(size_t count) {
    double rows = (double)count;
    return count > HOT_BLOCK ? rows * CUT_REACH : rows * (rows - 1) / 2;
}

/* Of no more room than it needs. */
static void set_run(struct block_run *run, const struct entry_list *list, bool is_sampled) {
    mem_free(run->entries);
    *run = (struct block_run){.is_sampled = is_sampled, .is_left = run->is_left};
    if (list->count == 0 || run->is_left)
        return;
    run->entries = mem_alloc(list->count * sizeof *list->entries);
    memcpy(run->entries, list->entries, list->count * sizeof *list->entries);
    run->count = list->count;
    for (size_t begin = 0, end; begin < list->count; begin = end) {
        end = block_end(list->entries, list->count, begin);
        run->pairs += pairs_of_block(end - begin);
        run->has_common |= end - begin > HOT_BLOCK;
        run->keys++;
    }
}

/* -- making ----------------------------------------------------------------------------------------------------------------- */

struct piece_of_keys {
    struct entry *entries;
    size_t count, of_kind[BATCH_KINDS];
};

struct making {
    struct match_batch *batch;
    uint32_t kinds;   /* a bit each: these */
    uint32_t sampled; /* and of these only some keys */
    struct piece_of_keys *pieces;
    size_t piece_count;
    struct entry *all;
    size_t from[BATCH_KINDS + 1]; /* where the entries of a kind begin */
    struct kind_blocks blocks[BATCH_KINDS];
};

static bool is_wanted(const struct making *making, uint32_t key) {
    uint32_t kind = UINT32_C(1) << (key >> KIND_SHIFT), beyond = (UINT32_C(1) << making->batch->sampled_bits) - 1;
    return (making->kinds & kind) != 0 && ((making->sampled & kind) == 0 || (key & beyond) == 0);
}

/* Rows are read one after the other, their names lie anywhere: asked for some rows ahead, then the letters of those that came. */
static void ask_ahead(const struct match_batch *batch, size_t row) {
    static const enum form_name spelled[] = {FORM_FAMILY, FORM_GIVEN};
    if (row + NAMES_AHEAD < batch->count)
        batch_ask_for_names(batch, (uint32_t)(row + NAMES_AHEAD));
    for (size_t i = 0; i < 2 && row + LETTERS_AHEAD < batch->count; i++)
        __builtin_prefetch(name_key(dictionary_name(&batch->names, batch->rows[row + LETTERS_AHEAD].names[spelled[i]])).ptr);
}

static void make_piece(void *context, size_t piece, unsigned worker) {
    struct making *making = context;
    const struct match_batch *batch = making->batch;
    struct piece_of_keys *out = &making->pieces[piece];
    uint32_t keys[KEYS_OF_A_ROW];
    size_t room = 0, from = piece * PIECE_ROWS;
    (void)worker;
    for (size_t row = from; row < batch->count && row < from + PIECE_ROWS; row++) {
        ask_ahead(batch, row);
        size_t count = batch_keys(batch, (uint32_t)row, making->kinds, keys);
        if (out->count + count > room) {
            room = room ? 2 * room : PIECE_ROWS * 16;
            out->entries = mem_realloc(out->entries, room * sizeof *out->entries);
        }
        for (size_t i = 0; i < count; i++) {
            if (!is_wanted(making, keys[i]))
                continue;
            out->entries[out->count++] = (struct entry){keys[i], (uint32_t)row};
            out->of_kind[keys[i] >> KIND_SHIFT]++;
        }
    }
}

/* Where the entries of each piece go: by kind, in the order of rows. */
static void place_pieces(struct making *making) {
    size_t total = 0;
    for (unsigned kind = 0; kind < BATCH_KINDS; kind++) {
        making->from[kind] = total;
        for (size_t i = 0; i < making->piece_count; i++) {
            size_t here = making->pieces[i].of_kind[kind];
            making->pieces[i].of_kind[kind] = total;
            total += here;
        }
    }
    making->from[BATCH_KINDS] = total;
    making->all = mem_alloc((total + 1) * sizeof *making->all);
}

static void put_piece(void *context, size_t number, unsigned worker) {
    struct making *making = context;
    struct piece_of_keys *piece = &making->pieces[number];
    (void)worker;
    for (size_t e = 0; e < piece->count; e++)
        making->all[piece->of_kind[piece->entries[e].key >> KIND_SHIFT]++] = piece->entries[e];
    mem_free(piece->entries);
}

static void make_kind(void *context, size_t kind, unsigned worker) {
    struct making *making = context;
    struct match_batch *batch = making->batch;
    struct kind_blocks *blocks = &making->blocks[kind];
    (void)worker;
    if ((making->kinds >> kind & 1) == 0)
        return;
    blocks->depth[0] = (struct entry_list){making->all + making->from[kind], making->from[kind + 1] - making->from[kind], 0};
    sort_by_key(&blocks->depth[0]);
    for (size_t depth = 0; depth < RUN_DEPTHS; depth++) {
        if (depth > 0)
            sort_narrower(batch, &blocks->depth[depth]);
        split_list(batch, kind, depth, blocks);
        set_run(&batch->runs[depth * BATCH_KINDS + kind], &blocks->depth[depth], making->sampled >> kind & 1);
    }
    for (size_t depth = 1; depth < RUN_DEPTHS; depth++)
        mem_free(blocks->depth[depth].entries);
}

/* A block to be read in part; false when each of its rows is in another such one already, as rows that are equal in everything are.
 */
static bool mark_cut(struct match_batch *batch, const struct entry *block, size_t count, bool *cut) {
    size_t fresh = 0;
    for (size_t i = 0; i < count; i++) {
        fresh += !cut[block[i].row];
        cut[block[i].row] = true;
    }
    batch->cut_keys += fresh > 0;
    batch->cut_rows += fresh;
    return fresh > 0;
}

static void leave_cut_twice(struct match_batch *batch, struct block_run *run, bool *cut) {
    struct entry_list kept = {run->entries, 0, run->count};
    struct block_run again = {0};
    for (size_t begin = 0, end; begin < run->count; begin = end) {
        end = block_end(run->entries, run->count, begin);
        if (end - begin > HOT_BLOCK && !mark_cut(batch, run->entries + begin, end - begin, cut)) {
            batch->left_keys++;
            continue;
        }
        memmove(kept.entries + kept.count, run->entries + begin, (end - begin) * sizeof *run->entries);
        kept.count += end - begin;
    }
    set_run(&again, &kept, false);
    mem_free(run->entries);
    *run = again;
}

/* Of all runs that are whole by now, also those made before: in their order, for what one leaves another holds. */
static void count_common(struct match_batch *batch) {
    bool *cut = mem_alloc((batch->count + 1) * sizeof *cut);
    batch->cut_keys = batch->cut_rows = 0;
    for (size_t run = 0; run < BATCH_RUNS; run++)
        if (batch->runs[run].has_common && !batch->runs[run].is_sampled)
            leave_cut_twice(batch, &batch->runs[run], cut);
    mem_free(cut);
}

static void count_split(const struct making *making) {
    struct match_batch *batch = making->batch;
    for (size_t kind = 0; kind < BATCH_KINDS; kind++) {
        bool whole = (making->sampled >> kind & 1) == 0;
        batch->split_keys += whole ? making->blocks[kind].split : 0;
        batch->left_keys += whole ? making->blocks[kind].left : 0;
    }
}

static void make_blocks(struct match_batch *batch, const struct parallel *parallel, uint32_t kinds, uint32_t sampled) {
    struct making *making = mem_alloc(sizeof *making);
    struct parallel silent = {parallel->threads, NULL, NULL};
    *making = (struct making){.batch = batch, .kinds = kinds, .sampled = sampled};
    making->piece_count = (batch->count + PIECE_ROWS - 1) / PIECE_ROWS;
    making->pieces = mem_alloc((making->piece_count + 1) * sizeof *making->pieces);
    parallel_run(parallel, making->piece_count, make_piece, making);
    place_pieces(making);
    parallel_run(&silent, making->piece_count, put_piece, making);
    parallel_run(&silent, BATCH_KINDS, make_kind, making);
    mem_free(making->all);
    mem_free(making->pieces);
    count_common(batch);
    count_split(making);
    mem_free(making);
}

static uint32_t kinds_to_sample(const struct match_batch *batch) {
    uint32_t kinds = 0;
    for (unsigned kind = 0; kind < BATCH_KINDS && batch->sampled_bits > 0; kind++)
        kinds |= is_extra(kind) || is_weak(kind) ? UINT32_C(1) << kind : 0;
    return kinds;
}

static void count_keys(struct match_batch *batch) {
    for (size_t label = 0; label < BATCH_LABELS; label++)
        batch->keys[label].keys = 0;
    for (size_t run = 0; run < BATCH_RUNS; run++)
        batch->keys[run_label(run)].keys += batch->runs[run].is_sampled ? 0 : batch->runs[run].keys;
}

void match_batch_block(struct match_batch *batch, const struct parallel *parallel) {
    batch_settle_rows(batch);
    batch_forget_defaults(batch);
    batch_read_habits(batch);
    for (unsigned label = 0; label < BATCH_LABELS; label++)
        batch->keys[label].name = batch_kind_name(batch, label);
    batch->is_small = batch_total_pairs(batch) <= SMALL_BATCH_PAIRS;
    if (batch->is_small)
        return;
    while (batch->count >> batch->sampled_bits >= 2 * SAMPLED_FROM)
        batch->sampled_bits++;
    batch_list_undated(batch);
    make_blocks(batch, parallel, UINT32_MAX, kinds_to_sample(batch));
    count_keys(batch);
}

void batch_block_sampled(struct match_batch *batch, const struct parallel *parallel) {
    uint32_t whole = 0;
    for (size_t run = 0; run < BATCH_RUNS; run++) {
        struct block_run *r = &batch->runs[run];
        if (r->is_sampled && !r->is_left && r->count > 0)
            whole |= UINT32_C(1) << run % BATCH_KINDS;
        if (r->is_sampled || r->is_left) {
            mem_free(r->entries);
            *r = (struct block_run){.is_left = r->is_left};
        }
    }
    batch->sampled_bits = 0;
    if (whole != 0)
        make_blocks(batch, parallel, whole, 0);
    count_keys(batch);
}

/* -- asking ----------------------------------------------------------------------------------------------------------------- */

/* The block of a key that is there, and not so large that it is read in part. */
static bool is_read_whole(const struct block_run *run, uint32_t key) {
    size_t low = 0, high = run->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (run->entries[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_there = low < run->count && run->entries[low].key == key;
    return is_there && (run->count - low <= HOT_BLOCK || run->entries[low + HOT_BLOCK].key != key);
}

unsigned batch_sampled_keys(const struct match_batch *batch, uint32_t a, uint32_t b) {
    uint32_t of_a[KEYS_OF_A_ROW], of_b[KEYS_OF_A_ROW];
    size_t count_a = batch_keys(batch, a, UINT32_MAX, of_a), count_b = batch_keys(batch, b, UINT32_MAX, of_b);
    unsigned sampled = 0;
    for (size_t i = 0; i < count_a; i++) {
        const struct block_run *run = &batch->runs[of_a[i] >> KIND_SHIFT];
        bool shared = false;
        for (size_t j = 0; j < count_b; j++)
            shared |= of_a[i] == of_b[j];
        if (shared && !run->is_sampled && is_read_whole(run, of_a[i]))
            return 0;
        sampled += shared && run->is_sampled;
    }
    return sampled;
}
