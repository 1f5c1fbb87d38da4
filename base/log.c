/*
 * Log lines; see log.h. A line is built on the stack and given to the system in one write, so that lines of several threads
 * do not mix. What does not fit is cut and ends with " cut=1".
 */
#include "base/log.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 4096, TAIL_BYTES = 16 };

static atomic_int log_fd = STDERR_FILENO;
static atomic_int log_least = LOG_INFO;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

struct line {
    char text[LINE_BYTES];
    size_t len;
    bool cut;
};

void log_to(int fd, enum log_level least) {
    atomic_store(&log_fd, fd);
    atomic_store(&log_least, (int)least);
}

static void line_add(struct line *line, const char *bytes, size_t len) {
    if (line->cut || len > LINE_BYTES - TAIL_BYTES - line->len) {
        line->cut = true;
        return;
    }
    memcpy(line->text + line->len, bytes, len);
    line->len += len;
}

static void line_add_cstr(struct line *line, const char *cstr) {
    line_add(line, cstr, strlen(cstr));
}

static bool needs_quotes(struct span value) {
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f)
            return true;
    }
    return value.len == 0;
}

static void line_add_escaped(struct line *line, unsigned char c, bool is_utf8) {
    char text[8];
    if (c == '"' || c == '\\')
        snprintf(text, sizeof text, "\\%c", c);
    else if (c == '\n')
        snprintf(text, sizeof text, "\\n");
    else if (c < ' ' || c == 0x7f || (c > 0x7f && !is_utf8))
        snprintf(text, sizeof text, "\\x%02x", c);
    else
        snprintf(text, sizeof text, "%c", c);
    line_add_cstr(line, text);
}

static void line_add_value(struct line *line, struct span value) {
    if (!needs_quotes(value)) {
        line_add(line, value.ptr, value.len);
        return;
    }
    bool is_utf8 = span_is_utf8(value);
    line_add_cstr(line, "\"");
    for (size_t i = 0; i < value.len; i++)
        line_add_escaped(line, (unsigned char)value.ptr[i], is_utf8);
    line_add_cstr(line, "\"");
}

static void line_add_field(struct line *line, const struct log_field *field) {
    char number[64];
    line_add_cstr(line, " ");
    line_add_cstr(line, field->key);
    line_add_cstr(line, "=");
    switch (field->kind) {
    case LOG_IS_TEXT:
        line_add_value(line, field->text);
        return;
    case LOG_IS_U64:
        snprintf(number, sizeof number, "%llu", (unsigned long long)field->u64);
        break;
    case LOG_IS_I64:
        snprintf(number, sizeof number, "%lld", (long long)field->i64);
        break;
    case LOG_IS_DOUBLE:
        snprintf(number, sizeof number, "%.3f", field->number);
        break;
    }
    line_add_cstr(line, number);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count) {
    if ((int)level < atomic_load_explicit(&log_least, memory_order_relaxed))
        return;
    struct line line;
    line.len = 0;
    line.cut = false;
    char now[40];
    clock_format_iso(clock_now_us(), now, sizeof now);
    line_add_cstr(&line, "time=");
    line_add_cstr(&line, now);
    line_add_cstr(&line, " level=");
    line_add_cstr(&line, level_names[level]);
    line_add_cstr(&line, " event=");
    line_add_value(&line, span_of(event));
    for (size_t i = 0; i < count; i++)
        line_add_field(&line, &fields[i]);
    int tail = snprintf(line.text + line.len, TAIL_BYTES, "%s\n", line.cut ? " cut=1" : "");
    /* A full disk must not stop the server, and there is nobody to tell. */
    if (write(atomic_load(&log_fd), line.text, line.len + (size_t)tail) < 0)
        return;
}
