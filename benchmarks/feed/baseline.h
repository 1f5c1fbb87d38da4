/*
 * The baseline of `./dev bench feed`: the very rows that the server wrote for some messages, read back from its database and
 * written again into a copy of the database as it was before, in batches of 64 messages on one connection, by a loop that does
 * nothing else. Same tables, same indexes, the same statements with arrays; one pipeline and one COMMIT a batch.
 */
#ifndef BENCHMARKS_FEED_BASELINE_H
#define BENCHMARKS_FEED_BASELINE_H

#include <stddef.h>
#include <stdint.h>

struct watermark {
    int64_t change, record, message;
};

/* The last numbers in use. */
struct watermark baseline_mark(const char *url);

struct baseline_result {
    size_t messages, batches, rows;
    double seconds;
};
/* Everything written to `from_url` after the mark, replayed into `to_url`. Ends the process when something fails. */
struct baseline_result baseline_run(const char *from_url, const char *to_url, struct watermark after, size_t batch_messages);

#endif
