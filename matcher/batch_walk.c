/*
 * Walks the pairs of the blocks; see batch.h.
 *
 * Most pairs of records that resemble each other share many keys. Pairs are gathered by the rows of their first record, BUCKET_ROWS
 * of them to a bucket, and a bucket is sorted: so each comes once, the rows of a bucket are at hand together, and the order is the
 * same for any number of threads. Of more pairs than there is room for, some buckets are gathered at a time.
 */
#include "matcher/batch.h"

#include <string.h>

enum {
    SMALL_PIECE = 64,
    BUCKET_BITS = 12,
    BUCKET_ROWS = 1 << BUCKET_BITS,
    PAIRS_OF_A_ROW = 12, /* gathered at once; of few rows more */
    PAIRS_AT_LEAST = 1 << 22,
    ROWS_AHEAD = 32,
    PAIRS_AT_ONCE = 1024, /* of a run walked by itself */
};

/* -- visiting --------------------------------------------------------------------------------------------------------------- */

static void ask_for_row(const struct match_batch *batch, uint32_t row) {
    __builtin_prefetch(&batch->rows[row]);
    __builtin_prefetch(&batch->extra_values[row * batch->extra_count]);
}

/* To ask for NULL does no harm. */
void batch_ask_for_names(const struct match_batch *batch, uint32_t row) {
    static const enum form_name wanted[] = {FORM_FAMILY, FORM_GIVEN, FORM_USED, FORM_GIVEN_2};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        __builtin_prefetch(dictionary_name(&batch->names, batch->rows[row].names[wanted[i]]));
}

/* Values are read where they differ. */
static void ask_for_values(const struct match_batch *batch, uint32_t a, uint32_t b) {
    for (size_t i = 0; i < batch->extra_count; i++) {
        uint32_t x = batch_extra(batch, a, i), y = batch_extra(batch, b, i);
        if (x == y || x == 0 || y == 0)
            continue;
        __builtin_prefetch(dictionary_name(&batch->extras[i].values, x));
        __builtin_prefetch(dictionary_name(&batch->extras[i].values, y));
    }
}

void batch_visit(const struct match_batch *batch, const struct pair_walk *walk, const struct candidate *pairs, size_t count,
                 size_t piece, unsigned worker) {
    for (size_t i = 0; i < count; i++) {
        if (i + ROWS_AHEAD < count) {
            ask_for_row(batch, pairs[i + ROWS_AHEAD].a);
            ask_for_row(batch, pairs[i + ROWS_AHEAD].b);
        }
        if (i + NAMES_AHEAD < count) {
            batch_ask_for_names(batch, pairs[i + NAMES_AHEAD].a);
            batch_ask_for_names(batch, pairs[i + NAMES_AHEAD].b);
            ask_for_values(batch, pairs[i + NAMES_AHEAD].a, pairs[i + NAMES_AHEAD].b);
        }
        walk->visit(walk->context, &pairs[i], piece, worker);
    }
}

static uint64_t pair_hash(uint64_t seed, uint32_t a, uint32_t b) {
    uint64_t x = seed ^ ((uint64_t)a << 32 | b);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static bool is_sampled(const struct pair_walk *walk, uint32_t a, uint32_t b) {
    return walk->sample == UINT64_MAX || pair_hash(walk->seed, a, b) <= walk->sample;
}

/* -- every pair ------------------------------------------------------------------------------------------------------------- */

struct small {
    const struct match_batch *batch;
    const struct pair_walk *walk;
};

static void small_piece(void *context, size_t piece, unsigned worker) {
    const struct small *small = context;
    const struct match_batch *batch = small->batch;
    for (size_t a = piece * SMALL_PIECE; a < batch->first_count && a < (piece + 1) * SMALL_PIECE; a++) {
        for (size_t b = batch_is_link(batch) ? batch->first_count : a + 1; b < batch->count; b++) {
            struct candidate pair = {(uint32_t)a, (uint32_t)b, KEY_BIRTH_DATE};
            if (is_sampled(small->walk, pair.a, pair.b))
                small->walk->visit(small->walk->context, &pair, piece, worker);
        }
    }
}

/* -- gathering -------------------------------------------------------------------------------------------------------------- */

/* A pair of a bucket in one number, in the order wanted: first row, second row, run. */
enum { RUN_BITS = 7 };
_Static_assert(BATCH_RUNS <= 1 << RUN_BITS, "a run has RUN_BITS");

struct stream {
    uint64_t *pairs;
    size_t count, room;
};

struct stretch {
    size_t run, from; /* PIECE_ROWS entries */
};

struct gathering {
    const struct match_batch *batch;
    const struct pair_walk *walk;
    struct stretch *stretches;
    size_t stretch_count;
    size_t first_bucket, buckets; /* of this turn */
    struct stream *of[PARALLEL_MOST];
    unsigned row_bits;
};

static void put(struct gathering *gathering, struct stream *streams, uint32_t a, uint32_t b, size_t run) {
    size_t bucket = a >> BUCKET_BITS;
    struct stream *stream = &streams[bucket - gathering->first_bucket];
    if (stream->count == stream->room) {
        stream->room = stream->room ? stream->room * 3 / 2 : 512;
        stream->pairs = mem_realloc(stream->pairs, stream->room * sizeof *stream->pairs);
    }
    stream->pairs[stream->count++] =
        (uint64_t)(a & (BUCKET_ROWS - 1)) << (gathering->row_bits + RUN_BITS) | (uint64_t)b << RUN_BITS | (uint64_t)run;
}

/* The pairs of one block, in the order of rows: calls take(context, a, b). Of a block too common each row meets CUT_REACH others.
 */
struct block_walk {
    const struct match_batch *batch;
    void (*take)(void *context, uint32_t a, uint32_t b);
    void *context;
    uint32_t from, to; /* first rows wanted */
};

static void walk_block(const struct block_walk *walk, const struct entry *block, size_t count) {
    const struct match_batch *batch = walk->batch;
    bool cut = count > HOT_BLOCK, link = batch_is_link(batch);
    size_t seconds = 0;
    while (link && seconds < count && block[seconds].row < batch->first_count)
        seconds++;
    size_t firsts = link ? seconds : count;
    for (size_t i = 0; i < firsts && block[i].row < walk->to; i++) {
        size_t from = link ? seconds : i + 1;
        if (block[i].row < walk->from)
            continue;
        if (cut && link)
            from += i * (count - seconds) / firsts;
        for (size_t j = from; j < count && (!cut || j < from + CUT_REACH); j++)
            walk->take(walk->context, block[i].row, block[j].row);
    }
}

struct hand {
    struct gathering *gathering;
    struct stream *streams;
    size_t run;
};

static void take_pair(void *context, uint32_t a, uint32_t b) {
    const struct hand *hand = context;
    if (is_sampled(hand->gathering->walk, a, b))
        put(hand->gathering, hand->streams, a, b, hand->run);
}

static void gather_piece(void *context, size_t piece, unsigned worker) {
    struct gathering *gathering = context;
    const struct stretch *stretch = &gathering->stretches[piece];
    const struct block_run *run = &gathering->batch->runs[stretch->run];
    struct hand hand = {gathering, gathering->of[worker], stretch->run};
    const struct block_walk walk = {gathering->batch, take_pair, &hand, (uint32_t)(gathering->first_bucket << BUCKET_BITS),
                                    (uint32_t)((gathering->first_bucket + gathering->buckets) << BUCKET_BITS)};
    size_t begin = stretch->from, last = begin + PIECE_ROWS < run->count ? begin + PIECE_ROWS : run->count;
    while (begin > 0 && begin < last && run->entries[begin].key == run->entries[begin - 1].key)
        begin++;
    for (size_t end; begin < last; begin = end) {
        end = block_end(run->entries, run->count, begin);
        walk_block(&walk, run->entries + begin, end - begin);
    }
}

static void sort_numbers(uint64_t *numbers, uint64_t *other, size_t count, unsigned bits) {
    enum { BITS = 10, BUCKETS = 1 << BITS };
    uint64_t *from = numbers, *to = other;
    for (unsigned shift = 0; shift < bits; shift += BITS) {
        size_t places[BUCKETS] = {0}, sum = 0;
        for (size_t i = 0; i < count; i++)
            places[from[i] >> shift & (BUCKETS - 1)]++;
        for (size_t b = 0; b < BUCKETS; b++) {
            size_t here = places[b];
            places[b] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            to[places[from[i] >> shift & (BUCKETS - 1)]++] = from[i];
        uint64_t *held = from;
        from = to;
        to = held;
    }
    if (from != numbers && count > 0)
        memcpy(numbers, from, count * sizeof *numbers);
}

/* All of a bucket, whichever worker gathered what. */
static uint64_t *join_streams(struct gathering *gathering, size_t bucket, size_t *out_count) {
    size_t total = 0;
    for (size_t w = 0; w < PARALLEL_MOST && gathering->of[w]; w++)
        total += gathering->of[w][bucket].count;
    uint64_t *all = mem_alloc((total + 1) * sizeof *all);
    *out_count = 0;
    for (size_t w = 0; w < PARALLEL_MOST && gathering->of[w]; w++) {
        struct stream *stream = &gathering->of[w][bucket];
        if (stream->count > 0)
            memcpy(all + *out_count, stream->pairs, stream->count * sizeof *all);
        *out_count += stream->count;
        mem_free(stream->pairs);
        *stream = (struct stream){0};
    }
    return all;
}

static struct candidate unpack(uint64_t number, uint32_t bucket, unsigned row_bits) {
    uint64_t mask = (UINT64_C(1) << row_bits) - 1, first = number >> (row_bits + RUN_BITS);
    return (struct candidate){bucket << BUCKET_BITS | (uint32_t)first, (uint32_t)(number >> RUN_BITS & mask),
                              (uint8_t)(number & ((1u << RUN_BITS) - 1))};
}

static void visit_bucket(void *context, size_t piece, unsigned worker) {
    struct gathering *gathering = context;
    size_t count, kept = 0, bucket = gathering->first_bucket + piece;
    uint64_t *all = join_streams(gathering, piece, &count), *other = mem_alloc((count + 1) * sizeof *other);
    struct candidate *pairs = mem_alloc((count + 1) * sizeof *pairs);
    sort_numbers(all, other, count, BUCKET_BITS + gathering->row_bits + RUN_BITS);
    mem_free(other);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || all[i] >> RUN_BITS != all[i - 1] >> RUN_BITS)
            pairs[kept++] = unpack(all[i], (uint32_t)bucket, gathering->row_bits);
    mem_free(all);
    batch_visit(gathering->batch, gathering->walk, pairs, kept, bucket, worker);
    mem_free(pairs);
}

/* -- walking ---------------------------------------------------------------------------------------------------------------- */

static bool is_walked(const struct block_run *run) {
    return run->count > 0 && !run->is_sampled && !run->is_left;
}

double batch_pairs_at_most(const struct match_batch *batch) {
    double sum = 0;
    for (size_t run = 0; run < BATCH_RUNS; run++)
        sum += is_walked(&batch->runs[run]) ? batch->runs[run].pairs : 0;
    return batch->is_small ? batch_total_pairs(batch) : sum;
}

double batch_sampled_pairs(const struct match_batch *batch) {
    double sum = 0;
    for (size_t run = 0; run < BATCH_RUNS; run++)
        sum += batch->runs[run].is_sampled ? batch->runs[run].pairs : 0;
    return sum * (double)(1u << batch->sampled_bits);
}

size_t batch_walk_pieces(const struct match_batch *batch) {
    size_t rows = batch->is_small ? SMALL_PIECE : BUCKET_ROWS;
    return (batch->first_count + rows - 1) / rows;
}

static void list_stretches(struct gathering *gathering) {
    size_t most = 0;
    for (size_t run = 0; run < BATCH_RUNS; run++)
        most += gathering->batch->runs[run].count / PIECE_ROWS + 1;
    gathering->stretches = mem_alloc(most * sizeof *gathering->stretches);
    for (size_t run = 0; run < BATCH_RUNS; run++)
        for (size_t from = 0; is_walked(&gathering->batch->runs[run]) && from < gathering->batch->runs[run].count;
             from += PIECE_ROWS)
            gathering->stretches[gathering->stretch_count++] = (struct stretch){run, from};
}

/* Of all buckets, so many at a time. */
static size_t buckets_of_a_turn(const struct match_batch *batch, const struct pair_walk *walk) {
    double pairs = batch_pairs_at_most(batch) * ((double)walk->sample / (double)UINT64_MAX),
           room = (double)batch->count * PAIRS_OF_A_ROW, all = (double)batch_walk_pieces(batch);
    room = room < PAIRS_AT_LEAST ? PAIRS_AT_LEAST : room;
    return pairs <= room ? (size_t)all : (size_t)(all * room / pairs) + 1;
}

struct turns {
    const struct parallel *parallel;
    size_t done, total;
};

static void tick_turn(void *context, size_t done, size_t total) {
    const struct turns *turns = context;
    (void)total;
    turns->parallel->tick(turns->parallel->tick_context, turns->done + done, turns->total);
}

static void walk_turn(struct gathering *gathering, const struct turns *turns) {
    const struct parallel *parallel = turns->parallel;
    struct parallel silent = {parallel->threads, NULL, NULL},
                    ticking = {parallel->threads, parallel->tick ? tick_turn : NULL, (void *)(uintptr_t)turns};
    for (unsigned w = 0; w < parallel->threads; w++)
        gathering->of[w] = mem_alloc(gathering->buckets * sizeof *gathering->of[w]);
    parallel_run(&silent, gathering->stretch_count, gather_piece, gathering);
    parallel_run(&ticking, gathering->buckets, visit_bucket, gathering);
    for (unsigned w = 0; w < parallel->threads; w++) {
        mem_free(gathering->of[w]);
        gathering->of[w] = NULL;
    }
}

static void walk_blocks(const struct match_batch *batch, const struct parallel *parallel, const struct pair_walk *walk) {
    struct gathering gathering = {.batch = batch, .walk = walk, .row_bits = batch_row_bits(batch)};
    struct turns turns = {parallel, 0, batch_walk_pieces(batch)};
    size_t each = buckets_of_a_turn(batch, walk);
    list_stretches(&gathering);
    for (; turns.done < turns.total; turns.done += gathering.buckets) {
        gathering.first_bucket = turns.done;
        gathering.buckets = turns.total - turns.done < each ? turns.total - turns.done : each;
        walk_turn(&gathering, &turns);
    }
    mem_free(gathering.stretches);
}

void batch_walk(const struct match_batch *batch, const struct parallel *parallel, const struct pair_walk *walk) {
    struct small small = {batch, walk};
    if (batch->is_small)
        parallel_run(parallel, batch_walk_pieces(batch), small_piece, &small);
    else
        walk_blocks(batch, parallel, walk);
}

/* -- one run ---------------------------------------------------------------------------------------------------------------- */

struct run_walk {
    const struct match_batch *batch;
    const struct pair_walk *walk;
    size_t run, count;
    struct candidate pairs[PAIRS_AT_ONCE];
};

static void visit_gathered(struct run_walk *of) {
    batch_visit(of->batch, of->walk, of->pairs, of->count, 0, 0);
    of->count = 0;
}

static void gather_pair(void *context, uint32_t a, uint32_t b) {
    struct run_walk *of = context;
    if (!is_sampled(of->walk, a, b))
        return;
    of->pairs[of->count++] = (struct candidate){a, b, (uint8_t)of->run};
    if (of->count == PAIRS_AT_ONCE)
        visit_gathered(of);
}

void batch_walk_run(const struct match_batch *batch, size_t run, const struct pair_walk *walk) {
    const struct block_run *blocks = &batch->runs[run];
    struct run_walk of;
    const struct block_walk each = {batch, gather_pair, &of, 0, UINT32_MAX};
    of.batch = batch;
    of.walk = walk;
    of.run = run;
    of.count = 0;
    for (size_t begin = 0, end; begin < blocks->count; begin = end) {
        end = block_end(blocks->entries, blocks->count, begin);
        walk_block(&each, blocks->entries + begin, end - begin);
    }
    visit_gathered(&of);
}
