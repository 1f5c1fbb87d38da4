#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/metrics.h"

#include <pthread.h>
#include <string.h>

static struct buf text;

static const char *written(void) {
    buf_clear(&text);
    metrics_write(&text);
    return text.bytes;
}

static int set_up(void **state) {
    buf_init(&text, 1u << 20);
    return 0;
}

static int tear_down(void **state) {
    buf_release(&text);
    return 0;
}

static void one_name_and_labels_is_one_handle(void **state) {
    struct metric *a = metric_counter("one_total", "help", "event=\"A28\"");
    assert_ptr_equal(a, metric_counter("one_total", "help", "event=\"A28\""));
    assert_ptr_not_equal(a, metric_counter("one_total", "help", "event=\"A31\""));
}

static void counters_and_gauges_in_text(void **state) {
    metric_add(metric_counter("feeds_total", "Feeds by event.", "event=\"A28\""), 2);
    metric_gauge("size", "Index size.", "");
    metric_add(metric_counter("feeds_total", "Feeds by event.", "event=\"A31\""), 3);
    metric_set(metric_gauge("size", "Index size.", ""), -5);
    assert_non_null(strstr(written(), "# HELP feeds_total Feeds by event.\n# TYPE feeds_total counter\n"
                                      "feeds_total{event=\"A28\"} 2\nfeeds_total{event=\"A31\"} 3\n"
                                      "# HELP size Index size.\n# TYPE size gauge\nsize -5\n"));
    assert_int_equal(metric_value(metric_counter("feeds_total", "", "event=\"A31\"")), 3);
}

static void histograms_cumulate(void **state) {
    struct metric *sizes = metric_sizes("batch", "Messages a batch.", "lane=\"1\"");
    metric_observe(sizes, 1);
    metric_observe(sizes, 2);
    metric_observe(sizes, 3);
    metric_observe(sizes, 1000);
    const char *all = written();
    assert_non_null(strstr(all, "# TYPE batch histogram\nbatch_bucket{lane=\"1\",le=\"1\"} 1\n"
                                "batch_bucket{lane=\"1\",le=\"2\"} 2\nbatch_bucket{lane=\"1\",le=\"4\"} 3\n"));
    assert_non_null(strstr(all, "batch_bucket{lane=\"1\",le=\"512\"} 3\nbatch_bucket{lane=\"1\",le=\"+Inf\"} 4\n"
                                "batch_sum{lane=\"1\"} 1006\nbatch_count{lane=\"1\"} 4\n"));
}

static void seconds_have_fine_buckets(void **state) {
    struct metric *seconds = metric_seconds("step_seconds", "Time of a step.", "");
    metric_observe(seconds, 0.00005);
    metric_observe(seconds, 0.0003);
    metric_observe(seconds, 60);
    const char *all = written();
    assert_non_null(strstr(all, "step_seconds_bucket{le=\"5e-05\"} 1\n"));
    assert_non_null(strstr(all, "step_seconds_bucket{le=\"0.0005\"} 2\n"));
    assert_non_null(strstr(all, "step_seconds_bucket{le=\"10\"} 2\nstep_seconds_bucket{le=\"+Inf\"} 3\n"));
    assert_non_null(strstr(all, "step_seconds_count 3\n"));
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *count(void *unused) {
    for (int i = 0; i < ROUNDS; i++) {
        metric_add(metric_counter("raced_total", "Raced.", ""), 1);
        metric_observe(metric_sizes("raced_sizes", "Raced.", ""), 2);
    }
    return unused;
}

static void threads_lose_nothing(void **state) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(metric_value(metric_counter("raced_total", "", "")), THREADS * ROUNDS);
    assert_non_null(strstr(written(), "raced_sizes_sum 160000\nraced_sizes_count 80000\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_name_and_labels_is_one_handle),
        cmocka_unit_test(counters_and_gauges_in_text),
        cmocka_unit_test(histograms_cumulate),
        cmocka_unit_test(seconds_have_fine_buckets),
        cmocka_unit_test(threads_lose_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
