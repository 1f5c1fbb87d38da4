/*
 * Counters, gauges and histograms; see metrics.h. Families (one name) hang in a list in order of birth, their series (one set
 * of labels) below them. The lock guards the lists only; values are atomic.
 */
#include "base/metrics.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum metric_kind { KIND_COUNTER, KIND_GAUGE, KIND_HISTOGRAM };

static const char *const kind_names[] = {"counter", "gauge", "histogram"};

enum { MOST_BOUNDS = 20 };

struct bounds {
    size_t count;
    double upper[MOST_BOUNDS];
};

static const struct bounds seconds_bounds = {
    17, {50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}};
static const struct bounds sizes_bounds = {10, {1, 2, 4, 8, 16, 32, 64, 128, 256, 512}};

struct metric {
    struct metric *next;
    char *labels;
    enum metric_kind kind;
    const struct bounds *bounds;
    _Atomic uint64_t value;                   /* counters; gauges as int64_t; histograms: the sum's bits */
    _Atomic uint64_t counts[MOST_BOUNDS + 1]; /* by bucket, not cumulated; the last is +Inf */
};

struct family {
    struct family *next;
    char *name;
    char *help;
    struct metric *first;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct family *first_family;

static struct family *family_find(const char *name, const char *help) {
    struct family **at = &first_family;
    for (; *at; at = &(*at)->next) {
        if (strcmp((*at)->name, name) == 0)
            return *at;
    }
    *at = mem_alloc(sizeof **at);
    (*at)->name = mem_strdup(name);
    (*at)->help = mem_strdup(help);
    return *at;
}

static struct metric *series_find(struct family *family, const char *labels, enum metric_kind kind, const struct bounds *bounds) {
    struct metric **at = &family->first;
    for (; *at; at = &(*at)->next) {
        if (strcmp((*at)->labels, labels) == 0)
            return *at;
    }
    *at = mem_alloc(sizeof **at);
    (*at)->labels = mem_strdup(labels);
    (*at)->kind = kind;
    (*at)->bounds = bounds;
    return *at;
}

static struct metric *find_or_make(const char *name, const char *help, const char *labels, enum metric_kind kind,
                                   const struct bounds *bounds) {
    pthread_mutex_lock(&lock);
    struct metric *metric = series_find(family_find(name, help), labels, kind, bounds);
    pthread_mutex_unlock(&lock);
    must(metric->kind == kind && metric->bounds == bounds);
    return metric;
}

struct metric *metric_counter(const char *name, const char *help, const char *labels) {
    return find_or_make(name, help, labels, KIND_COUNTER, NULL);
}

struct metric *metric_gauge(const char *name, const char *help, const char *labels) {
    return find_or_make(name, help, labels, KIND_GAUGE, NULL);
}

struct metric *metric_seconds(const char *name, const char *help, const char *labels) {
    return find_or_make(name, help, labels, KIND_HISTOGRAM, &seconds_bounds);
}

struct metric *metric_sizes(const char *name, const char *help, const char *labels) {
    return find_or_make(name, help, labels, KIND_HISTOGRAM, &sizes_bounds);
}

void metric_add(struct metric *metric, uint64_t by) {
    atomic_fetch_add_explicit(&metric->value, by, memory_order_relaxed);
}

void metric_set(struct metric *metric, int64_t value) {
    atomic_store_explicit(&metric->value, (uint64_t)value, memory_order_relaxed);
}

static uint64_t bits_of(double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static double number_of(uint64_t bits) {
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

void metric_observe(struct metric *metric, double value) {
    must(metric->kind == KIND_HISTOGRAM);
    size_t bucket = 0;
    while (bucket < metric->bounds->count && value > metric->bounds->upper[bucket])
        bucket++;
    atomic_fetch_add_explicit(&metric->counts[bucket], 1, memory_order_relaxed);
    uint64_t sum = atomic_load_explicit(&metric->value, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&metric->value, &sum, bits_of(number_of(sum) + value), memory_order_relaxed,
                                                  memory_order_relaxed))
        continue;
}

uint64_t metric_value(const struct metric *metric) {
    return atomic_load_explicit(&metric->value, memory_order_relaxed);
}

static void write_histogram(const struct family *family, const struct metric *metric, struct buf *out) {
    const char *comma = metric->labels[0] ? "," : "";
    uint64_t count = 0;
    for (size_t i = 0; i <= metric->bounds->count; i++) {
        count += atomic_load_explicit(&metric->counts[i], memory_order_relaxed);
        buf_addf(out, "%s_bucket{%s%sle=\"", family->name, metric->labels, comma);
        if (i < metric->bounds->count)
            buf_addf(out, "%g\"} %llu\n", metric->bounds->upper[i], (unsigned long long)count);
        else
            buf_addf(out, "+Inf\"} %llu\n", (unsigned long long)count);
    }
    const char *open = metric->labels[0] ? "{" : "", *close = metric->labels[0] ? "}" : "";
    buf_addf(out, "%s_sum%s%s%s %.9g\n", family->name, open, metric->labels, close, number_of(metric_value(metric)));
    buf_addf(out, "%s_count%s%s%s %llu\n", family->name, open, metric->labels, close, (unsigned long long)count);
}

static void write_value(const struct family *family, const struct metric *metric, struct buf *out) {
    buf_add_cstr(out, family->name);
    if (metric->labels[0])
        buf_addf(out, "{%s}", metric->labels);
    if (metric->kind == KIND_GAUGE)
        buf_addf(out, " %lld\n", (long long)metric_value(metric));
    else
        buf_addf(out, " %llu\n", (unsigned long long)metric_value(metric));
}

void metrics_write(struct buf *out) {
    pthread_mutex_lock(&lock);
    for (const struct family *family = first_family; family; family = family->next) {
        buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name, kind_names[family->first->kind]);
        for (const struct metric *metric = family->first; metric; metric = metric->next) {
            if (metric->kind == KIND_HISTOGRAM)
                write_histogram(family, metric, out);
            else
                write_value(family, metric, out);
        }
    }
    pthread_mutex_unlock(&lock);
}
