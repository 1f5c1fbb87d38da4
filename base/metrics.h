/*
 * Counters, gauges and histograms in the Prometheus text format 0.0.4. A handle is found or made once (under a lock) and kept
 * by its user; changing it is one atomic operation. Handles live as long as the process.
 *
 * Names follow Prometheus usage: sosie_feeds_total, sosie_http_seconds. `labels` is the text between the braces, already
 * written: `event="A28",outcome="AA"`, or "" for none. Label values come from our tables, never from a peer's bytes.
 */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include <stdint.h>

struct buf;
struct metric;

struct metric *metric_counter(const char *name, const char *help, const char *labels);
struct metric *metric_gauge(const char *name, const char *help, const char *labels);
/* Histogram of seconds, buckets from 50 microseconds to 10 s, or of counts 1..512 for metric_sizes. */
struct metric *metric_seconds(const char *name, const char *help, const char *labels);
struct metric *metric_sizes(const char *name, const char *help, const char *labels);

void metric_add(struct metric *metric, uint64_t by);   /* counters */
void metric_set(struct metric *metric, int64_t value); /* gauges */
void metric_observe(struct metric *metric, double value);
uint64_t metric_value(const struct metric *metric); /* counters and gauges, for tests and the end report */

void metrics_write(struct buf *out);

#endif
