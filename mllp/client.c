/* The sending side: one exchange, and files of messages; see mllp.h. */
#include "mllp/mllp.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/stream.h"
#include "mllp/frame.h"
#include "mllp/notify.h"

#include <string.h>

enum { MOST_ANSWER_BYTES = 64 * 1024 * 1024, READ_BYTES = 16 * 1024, MOST_MESSAGES = 10000000 };

static bool is_line_end(char c) {
    return c == '\r' || c == '\n';
}

static bool next_line(struct span *rest, struct span *out_line) {
    while (rest->len && is_line_end(rest->ptr[0]))
        *rest = span_sub(*rest, 1, rest->len);
    size_t len = 0;
    while (len < rest->len && !is_line_end(rest->ptr[len]))
        len++;
    *out_line = span_sub(*rest, 0, len);
    *rest = span_sub(*rest, len, rest->len);
    return len > 0;
}

static bool send_message(struct stream *stream, struct span message, uint32_t timeout_ms, struct error *err) {
    CLEANUP(buf_release) struct buf wire;
    struct span rest = message, line;
    buf_init(&wire, message.len + 16 + message.len / 2);
    frame_write_start(&wire);
    while (next_line(&rest, &line)) {
        buf_add(&wire, line);
        buf_add_char(&wire, '\r');
    }
    frame_write_end(&wire);
    return stream_write(stream, buf_span(&wire), clock_deadline(timeout_ms), err);
}

/* What comes behind the answer is thrown away: the other side speaks only when asked (hl7v2.md 1.1). */
static bool receive_answer(struct stream *stream, notify_takes *takes, void *context, uint32_t timeout_ms, struct error *err) {
    struct frame_options options = {.limit_bytes = MOST_ANSWER_BYTES};
    CLEANUP(frame_release) struct frame_parser parser;
    uint64_t deadline_ns = clock_deadline(timeout_ms);
    enum frame_event event = FRAME_MORE;
    bool taken = false;
    char bytes[READ_BYTES];
    frame_init(&parser, &options);
    while (!taken) {
        int64_t got = stream_read(stream, bytes, sizeof bytes, deadline_ns, err);
        if (got < 0)
            return false;
        if (got == 0)
            return error_set(err, ERROR_IO, NULL, "the other side closed the connection without an answer");
        struct span rest = span_make(bytes, (size_t)got);
        while (rest.len && !taken) {
            size_t used = frame_push(&parser, rest, &event);
            rest = span_sub(rest, used, rest.len);
            if (event == FRAME_TOO_LONG)
                return error_set(err, ERROR_LIMIT, NULL, "the answer is too long");
            taken = event == FRAME_MESSAGE && takes(context, buf_span(&parser.message));
        }
    }
    return true;
}

bool notify_exchange(struct stream *stream, struct span message, notify_takes *takes, void *context, uint32_t timeout_ms,
                     struct error *err) {
    return send_message(stream, message, timeout_ms, err) && receive_answer(stream, takes, context, timeout_ms, err);
}

struct kept {
    struct arena *arena;
    struct span *answer;
};

static bool keep(void *context, struct span answer) {
    const struct kept *kept = context;
    *kept->answer = span_copy(answer, kept->arena);
    return true;
}

bool mllp_exchange(struct stream *stream, struct span message, struct arena *arena, uint32_t timeout_ms, struct span *out_answer,
                   struct error *err) {
    struct kept kept = {arena, out_answer};
    return notify_exchange(stream, message, keep, &kept, timeout_ms, err);
}

/* -- files ---------------------------------------------------------------------------------------------------------------- */

/* A line of the file that belongs to no message: batch segments, comments, block characters alone. */
static bool is_around(struct span line) {
    return line.ptr[0] == '#' || span_starts(line, SPAN("FHS")) || span_starts(line, SPAN("BHS")) ||
           span_starts(line, SPAN("BTS")) || span_starts(line, SPAN("FTS"));
}

/* Block characters and a byte order mark at the ends of a line. */
static struct span bare(struct span line) {
    if (span_starts(line, SPAN("\xef\xbb\xbf")))
        line = span_sub(line, 3, line.len);
    while (line.len && (line.ptr[0] == FRAME_START || line.ptr[0] == FRAME_END))
        line = span_sub(line, 1, line.len);
    while (line.len && (line.ptr[line.len - 1] == FRAME_END || line.ptr[line.len - 1] == FRAME_START))
        line.len--;
    return line;
}

static bool begins_message(struct span line) {
    return line.len > 3 && span_starts(line, SPAN("MSH")) && !(line.ptr[3] >= 'A' && line.ptr[3] <= 'Z');
}

static size_t count_messages(struct span file) {
    struct span rest = file, line;
    size_t count = 0;
    while (next_line(&rest, &line))
        count += begins_message(bare(line));
    return count;
}

bool mllp_file_split(struct span file, struct arena *arena, const struct span **out_messages, size_t *out_count,
                     struct error *err) {
    size_t most = count_messages(file), count = 0;
    if (most == 0)
        return error_set(err, ERROR_TYPE, NULL, "the file holds no HL7 message: no line begins with MSH");
    if (most > MOST_MESSAGES)
        return error_set(err, ERROR_LIMIT, NULL, "the file holds more than %d messages", MOST_MESSAGES);
    struct span *messages = ARENA_ARRAY(arena, struct span, most);
    char *text = arena_alloc(arena, file.len + most), *at = text, *start = text;
    struct span rest = file, line;
    while (next_line(&rest, &line)) {
        line = bare(line);
        if (line.len == 0 || is_around(line))
            continue;
        if (begins_message(line)) {
            if (count)
                messages[count - 1] = span_make(start, (size_t)(at - start));
            start = at;
            count++;
        }
        if (count == 0)
            continue;
        memcpy(at, line.ptr, line.len);
        at += line.len;
        *at++ = '\r';
    }
    messages[count - 1] = span_make(start, (size_t)(at - start));
    *out_messages = messages;
    *out_count = count;
    return true;
}
