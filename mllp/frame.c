/*
 * MLLP frames; see frame.h. The bytes on the wire and the states they lead through:
 *
 *      junk*   0B   M S H | ... 0D  P I D | ... 0D   1C  0D   blanks*   0B ...
 *     |------||----|------------------------------||----|--||---------|
 *       IDLE    ->              INSIDE               ->  IDLE (0D, 0A, 20, 00 and junk are skipped there)
 *
 *     INSIDE    1C        message; back to IDLE at once, so that a sender who forgets the CR and waits is answered
 *     INSIDE    1C        strict or end_in_data: AFTER_END, the next byte decides
 *     INSIDE    0B        the frame before it is lost; a new one begins
 *     INSIDE    limit     DRAINING: bytes are counted and thrown away until 1C, so that the answer is read before we close
 *     DRAINING  1C        or DRAIN_BYTES: too long, DONE
 */
#include "mllp/frame.h"

#include <string.h>

static const uint64_t DRAIN_BYTES = 64u * 1024 * 1024;
static const uint64_t FNV_BASIS = 0xcbf29ce484222325u, FNV_PRIME = 0x100000001b3u;

void frame_init(struct frame_parser *parser, const struct frame_options *options) {
    *parser = (struct frame_parser){.options = *options, .state = FRAME_IDLE};
    buf_init(&parser->message, options->limit_bytes);
}

void frame_release(struct frame_parser *parser) {
    if (parser)
        buf_release(&parser->message);
}

/* A connection that once carried a large message does not keep its memory. */
static void forget_message(struct frame_parser *parser) {
    if (parser->message.capacity > FRAME_KEPT_BYTES)
        buf_release(&parser->message);
    buf_clear(&parser->message);
    parser->delivered = false;
}

static void begin(struct frame_parser *parser) {
    forget_message(parser);
    parser->state = FRAME_INSIDE;
    parser->length = 0;
    parser->hash = FNV_BASIS;
}

static void hash_bytes(struct frame_parser *parser, struct span bytes) {
    for (size_t i = 0; i < bytes.len; i++)
        parser->hash = (parser->hash ^ (unsigned char)bytes.ptr[i]) * FNV_PRIME;
}

/* Enters DRAINING: keeps the head of the message only. */
static void start_draining(struct frame_parser *parser) {
    parser->state = FRAME_DRAINING;
    hash_bytes(parser, buf_span(&parser->message));
    if (parser->message.len > FRAME_KEPT_BYTES)
        parser->message.len = FRAME_KEPT_BYTES;
}

static void keep(struct frame_parser *parser, struct span bytes) {
    size_t room = parser->options.limit_bytes - parser->message.len;
    if (parser->state == FRAME_INSIDE && bytes.len > room) {
        buf_add(&parser->message, span_sub(bytes, 0, room));
        parser->length += room;
        start_draining(parser);
        bytes = span_sub(bytes, room, bytes.len);
    }
    parser->length += bytes.len;
    if (parser->state == FRAME_DRAINING)
        hash_bytes(parser, bytes);
    else
        buf_add(&parser->message, bytes);
}

static bool is_filler(unsigned char c) {
    return c == '\r' || c == '\n' || c == ' ' || c == '\0' || c == 0xef || c == 0xbb || c == 0xbf;
}

static size_t skip_to_start(struct frame_parser *parser, struct span bytes) {
    size_t at = span_find(bytes, FRAME_START, 0);
    for (size_t i = 0; i < at; i++)
        parser->junk += !is_filler((unsigned char)bytes.ptr[i]);
    if (at == bytes.len)
        return at;
    begin(parser);
    return at + 1;
}

static enum frame_event deliver(struct frame_parser *parser) {
    bool too_long = parser->state == FRAME_DRAINING;
    parser->state = too_long ? FRAME_DONE : FRAME_IDLE;
    parser->delivered = true;
    return too_long ? FRAME_TOO_LONG : FRAME_MESSAGE;
}

/* Inside a frame: everything up to the next start or end block. */
static size_t take_content(struct frame_parser *parser, struct span bytes, enum frame_event *out_event) {
    size_t end = span_find(bytes, FRAME_END, 0);
    size_t start = span_find(span_sub(bytes, 0, end), FRAME_START, 0);
    size_t stop = start < end ? start : end;
    keep(parser, span_sub(bytes, 0, stop));
    if (parser->state == FRAME_DRAINING && parser->length > DRAIN_BYTES) {
        *out_event = deliver(parser);
        return stop;
    }
    if (stop == bytes.len)
        return stop;
    if (bytes.ptr[stop] == FRAME_START && parser->state == FRAME_INSIDE) {
        begin(parser);
        *out_event = FRAME_LOST;
    } else if (bytes.ptr[stop] == FRAME_START) {
        parser->length++; /* an over-long frame goes on until its end */
    } else if (parser->state == FRAME_INSIDE && (parser->options.strict || parser->options.end_in_data)) {
        parser->state = FRAME_AFTER_END;
    } else {
        *out_event = deliver(parser);
    }
    return stop + 1;
}

/* The byte after 1C decides, where it may. */
static size_t take_after_end(struct frame_parser *parser, char next, enum frame_event *out_event) {
    if (next == '\r' || (!parser->options.strict && (next == '\n' || next == FRAME_START))) {
        *out_event = deliver(parser);
        return next != FRAME_START;
    }
    if (parser->options.strict) {
        parser->state = FRAME_DONE;
        *out_event = FRAME_BROKEN;
        return 0;
    }
    parser->state = FRAME_INSIDE;
    keep(parser, SPAN("\x1c"));
    return 0;
}

size_t frame_push(struct frame_parser *parser, struct span bytes, enum frame_event *out_event) {
    size_t used = 0;
    *out_event = FRAME_MORE;
    if (parser->delivered && parser->state != FRAME_DONE)
        forget_message(parser);
    while (used < bytes.len && *out_event == FRAME_MORE) {
        struct span rest = span_sub(bytes, used, bytes.len);
        if (parser->state == FRAME_DONE)
            return bytes.len;
        if (parser->state == FRAME_IDLE)
            used += skip_to_start(parser, rest);
        else if (parser->state == FRAME_AFTER_END)
            used += take_after_end(parser, rest.ptr[0], out_event);
        else
            used += take_content(parser, rest, out_event);
    }
    return used;
}

bool frame_end(struct frame_parser *parser) {
    struct span message = buf_span(&parser->message);
    bool whole = parser->state == FRAME_AFTER_END;
    if (parser->state == FRAME_INSIDE && message.len) {
        struct span head = span_starts(message, SPAN("\xef\xbb\xbf")) ? span_sub(message, 3, message.len) : message;
        char last = message.ptr[message.len - 1];
        whole = span_starts(head, SPAN("MSH")) && (last == '\r' || last == '\n');
    }
    parser->state = FRAME_DONE;
    parser->delivered = whole;
    return whole;
}

bool frame_inside(const struct frame_parser *parser) {
    return parser->state == FRAME_INSIDE || parser->state == FRAME_DRAINING || parser->state == FRAME_AFTER_END;
}

void frame_write_start(struct buf *out) {
    buf_add_char(out, FRAME_START);
}

void frame_write_end(struct buf *out) {
    buf_add_bytes(out, "\x1c\r", 2);
}
