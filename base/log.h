/*
 * Log lines for people and machines: time, level, event and key=value pairs on one line. Values with blanks, quotes or
 * control characters are quoted and escaped. Patient data never comes here: log control IDs, internal ids, codes, counts
 * (a lint test looks for names of trait fields in log calls). Any thread may log; one line is one write.
 *
 *     log_info("batch committed", LOG_U64("messages", n), LOG_MS("took", ms));
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"
#include "base/span.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
    const char *key;
    enum { LOG_IS_TEXT, LOG_IS_U64, LOG_IS_I64, LOG_IS_DOUBLE } kind;
    struct span text;
    uint64_t u64;
    int64_t i64;
    double number;
};

#define LOG_TEXT(k, v) ((struct log_field){.key = (k), .kind = LOG_IS_TEXT, .text = span_of(v)})
#define LOG_SPAN(k, v) ((struct log_field){.key = (k), .kind = LOG_IS_TEXT, .text = (v)})
#define LOG_U64(k, v) ((struct log_field){.key = (k), .kind = LOG_IS_U64, .u64 = (uint64_t)(v)})
#define LOG_I64(k, v) ((struct log_field){.key = (k), .kind = LOG_IS_I64, .i64 = (int64_t)(v)})
#define LOG_MS(k, v) ((struct log_field){.key = k "_ms", .kind = LOG_IS_DOUBLE, .number = (v)})
#define LOG_ERR(e) LOG_TEXT("where", (e)->where), LOG_TEXT("reason", (e)->text)

void log_to(int fd, enum log_level least); /* default: standard error, LOG_INFO; the fd stays the caller's */
void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count);

#define LOG_AT(level, event, ...)                                                                                                  \
    log_write((level), (event), (const struct log_field[]){{.key = NULL}, ##__VA_ARGS__} + 1,                                      \
              sizeof((const struct log_field[]){{.key = NULL}, ##__VA_ARGS__}) / sizeof(struct log_field) - 1)
#define log_debug(event, ...) LOG_AT(LOG_DEBUG, event, ##__VA_ARGS__)
#define log_info(event, ...) LOG_AT(LOG_INFO, event, ##__VA_ARGS__)
#define log_warn(event, ...) LOG_AT(LOG_WARN, event, ##__VA_ARGS__)
#define log_error(event, ...) LOG_AT(LOG_ERROR, event, ##__VA_ARGS__)

#endif
