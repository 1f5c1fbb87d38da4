/* See score.h. */
#include "benchmarks/link/score.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

#include <stdio.h>
#include <stdlib.h>

static FILE *open_or_end(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return file;
}

/* Calls back for each line after the header. */
static void each_line(const char *path, void (*take)(void *context, struct span rest), void *context) {
    FILE *file = open_or_end(path);
    char *line = NULL;
    size_t room = 0;
    ssize_t len = getline(&line, &room, file);
    while ((len = getline(&line, &room, file)) > 0)
        take(context, span_make(line, (size_t)len));
    free(line);
    fclose(file);
}

static uint32_t next_number(struct span *rest) {
    struct span field = SPAN_ABSENT;
    uint64_t value = 0;
    (void)span_cut(rest, ',', &field);
    must(span_to_u64(span_trim(field), &value) && value <= UINT32_MAX);
    return (uint32_t)value;
}

static double next_real(struct span *rest) {
    struct span field = SPAN_ABSENT;
    char text[32];
    (void)span_cut(rest, ',', &field);
    (void)snprintf(text, sizeof text, "%.*s", SPAN_ARG(field));
    return strtod(text, NULL);
}

/* -- pairs ------------------------------------------------------------------------------------------------------------------ */

struct pair_reading {
    struct scored_pair *pairs;
    size_t count, capacity;
};

static void take_pair(void *context, struct span rest) {
    struct pair_reading *reading = context;
    if (reading->count == reading->capacity) {
        reading->capacity = reading->capacity ? 2 * reading->capacity : 1 << 16;
        reading->pairs = mem_realloc(reading->pairs, reading->capacity * sizeof *reading->pairs);
    }
    struct scored_pair *pair = &reading->pairs[reading->count++];
    pair->a = next_number(&rest);
    pair->b = next_number(&rest);
    pair->score = next_real(&rest);
    pair->posterior = next_real(&rest);
    pair->review = span_eq_cstr(span_trim(rest), "review");
}

size_t score_read_pairs(const char *path, struct scored_pair **out_pairs) {
    struct pair_reading reading = {NULL, 0, 0};
    each_line(path, take_pair, &reading);
    *out_pairs = reading.pairs;
    return reading.count;
}

static int best_first(const void *x, const void *y) {
    const struct scored_pair *p = x, *q = y;
    return p->score > q->score ? -1 : p->score < q->score;
}

struct sweep score_sweep(const struct truth *truth, struct scored_pair *pairs, size_t count) {
    struct sweep sweep = {0, 0};
    double found = 0, all = (double)truth->pairs;
    if (count > 0)
        qsort(pairs, count, sizeof *pairs, best_first);
    for (size_t i = 0; i < count; i++) {
        found += truth->person[pairs[i].a] == truth->person[pairs[i].b];
        if (i + 1 < count && pairs[i + 1].score >= pairs[i].score)
            continue; /* a threshold takes all of one score */
        double precision = found / (double)(i + 1), recall = found / all;
        double f1 = found > 0 ? 2 * precision * recall / (precision + recall) : 0;
        sweep.best_f1 = f1 > sweep.best_f1 ? f1 : sweep.best_f1;
        sweep.recall_at_999 = precision >= 0.999 ? recall : sweep.recall_at_999;
    }
    return sweep;
}

double score_calibration(const struct truth *truth, const struct scored_pair *pairs, size_t count) {
    enum { BINS = 20 };
    double said[BINS] = {0}, found[BINS] = {0}, error = 0;
    for (size_t i = 0; i < count; i++) {
        size_t bin = pairs[i].posterior < 1 ? (size_t)(pairs[i].posterior * BINS) : BINS - 1;
        said[bin] += pairs[i].posterior;
        found[bin] += truth->person[pairs[i].a] != 0 && truth->person[pairs[i].a] == truth->person[pairs[i].b];
    }
    for (size_t bin = 0; bin < BINS; bin++)
        error += said[bin] > found[bin] ? said[bin] - found[bin] : found[bin] - said[bin];
    return count > 0 ? error / (double)count : 0;
}

/* -- clusters --------------------------------------------------------------------------------------------------------------- */

struct member {
    uint32_t cluster, person;
};

struct cluster_reading {
    const struct truth *truth;
    struct member *members;
    uint32_t *cluster;
    size_t count;
};

static void take_member(void *context, struct span rest) {
    struct cluster_reading *reading = context;
    uint32_t record = next_number(&rest), cluster = next_number(&rest);
    must(record <= reading->truth->records && reading->count < reading->truth->records);
    reading->cluster[record] = cluster;
    reading->members[reading->count++] = (struct member){cluster, reading->truth->person[record]};
}

static int by_cluster(const void *x, const void *y) {
    const struct member *p = x, *q = y;
    if (p->cluster != q->cluster)
        return p->cluster < q->cluster ? -1 : 1;
    return p->person < q->person ? -1 : p->person > q->person;
}

struct cluster_score score_clusters(const struct truth *truth, const char *path, uint32_t *cluster) {
    struct cluster_reading reading = {truth, mem_alloc((truth->records + 1) * sizeof *reading.members), cluster, 0};
    struct cluster_score score = {0, 0, 0};
    each_line(path, take_member, &reading);
    if (reading.count > 0)
        qsort(reading.members, reading.count, sizeof *reading.members, by_cluster);
    for (size_t begin = 0, end; begin < reading.count; begin = end) {
        uint64_t same = 0;
        size_t run = 0;
        for (end = begin; end < reading.count && reading.members[end].cluster == reading.members[begin].cluster; end++) {
            run = end > begin && reading.members[end].person == reading.members[end - 1].person ? run + 1 : 0;
            same += run;
        }
        uint64_t size = end - begin;
        score.found += same;
        score.wrong += size * (size - 1) / 2 - same;
        score.largest = size > score.largest ? size : score.largest;
    }
    mem_free(reading.members);
    return score;
}
