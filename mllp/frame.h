/*
 * Cuts a byte stream into MLLP frames (HL7 "Minimal Lower Layer Protocol", hl7v2.md 1.1). Pure: bytes in, events out, no I/O, no
 * clock. Any split of the same bytes gives the same events.
 *
 * Life cycle: frame_init, frame_push until it has consumed everything, frame_end when the peer ends, frame_release. After
 * FRAME_MESSAGE and FRAME_TOO_LONG `message` holds the frame's content until the next push. FRAME_TOO_LONG and FRAME_BROKEN end
 * the stream: the connection is to be closed.
 */
#ifndef MLLP_FRAME_H
#define MLLP_FRAME_H

#include "base/buf.h"

enum {
    FRAME_START = 0x0b,
    FRAME_END = 0x1c,
    FRAME_KEPT_BYTES = 64 * 1024, /* what is kept of an over-long frame, for the dead letter */
};

enum frame_event {
    FRAME_MORE,     /* all bytes used up, nothing complete */
    FRAME_MESSAGE,  /* `message` is complete */
    FRAME_LOST,     /* a new start block inside a frame: what came before it is dropped */
    FRAME_TOO_LONG, /* the frame passed the limit; `message` is its head, `length` all of it as far as it was read */
    FRAME_BROKEN,   /* strict: the end block is not followed by CR */
};

struct frame_options {
    size_t limit_bytes; /* most bytes of one message */
    bool strict;        /* 1C must be followed by 0D */
    bool end_in_data;   /* a 1C not followed by 0D, 0A, 0B or the end is data (hl7v2.md 6 row 4) */
};

struct frame_parser {
    struct frame_options options;
    enum { FRAME_IDLE, FRAME_INSIDE, FRAME_AFTER_END, FRAME_DRAINING, FRAME_DONE } state;
    struct buf message;
    bool delivered;  /* `message` was handed out; the next push forgets it */
    uint64_t length; /* bytes between start and end block so far, kept or not */
    uint64_t hash;   /* FNV-1a of those bytes; only counted once the frame is over-long */
    uint64_t junk;   /* bytes outside frames, blanks and byte order marks left out */
};

void frame_init(struct frame_parser *parser, const struct frame_options *options);
void frame_release(struct frame_parser *parser);

/* Consumes bytes up to and including the first event; returns how many. Push the rest again. */
size_t frame_push(struct frame_parser *parser, struct span bytes, enum frame_event *out_event);

/* The peer sent its last byte. True when what stands in `message` is a whole message all the same: it begins with MSH and ends
 * with CR, or its end block was only waiting for the next byte (hl7v2.md 6 row 5). */
bool frame_end(struct frame_parser *parser);

/* A frame has begun and is not complete: the read timeout counts. */
bool frame_inside(const struct frame_parser *parser);

/* What stands before a message on the wire, and behind it. */
void frame_write_start(struct buf *out); /* 0B */
void frame_write_end(struct buf *out);   /* 1C 0D */

#endif
