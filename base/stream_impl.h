/*
 * What stream.c and tls.c share: the inside of a stream. Nobody else includes this.
 *
 * The descriptor is non-blocking. `ops` moves bytes without waiting and says what to wait for; the waiting, the deadlines and
 * the errors are stream.c's, the same for plain and TLS.
 */
#ifndef BASE_STREAM_IMPL_H
#define BASE_STREAM_IMPL_H

#include "base/error.h"

struct sockaddr;
struct stream;

enum stream_step {
    STREAM_MOVED, /* *out_moved bytes went through */
    STREAM_ENDED, /* the other side ended */
    STREAM_WANTS_READ,
    STREAM_WANTS_WRITE,
    STREAM_FAILED, /* *err is filled */
};

struct stream_ops {
    enum stream_step (*read)(struct stream *stream, void *out, size_t size_bytes, size_t *out_moved, struct error *err);
    enum stream_step (*write)(struct stream *stream, const void *bytes, size_t len, size_t *out_moved, struct error *err);
    void (*release)(struct stream *stream); /* what lies over the descriptor; stream_free closes that itself */
};

struct stream {
    int fd;
    int stop_fd; /* ends the waits for bytes; -1: none */
    const struct stream_ops *ops;
    void *layer;   /* TLS: its SSL */
    char *subject; /* NULL: nothing proved */
    char address[64];
    bool is_loopback;
};

/* Waits until the descriptor is ready for the step; false with ERROR_TIMEOUT when the deadline (0: none) passed, ERROR_UNAVAILABLE
 * at the stop. */
bool stream_wait(const struct stream *stream, enum stream_step step, uint64_t deadline_ns, struct error *err);

/* "127.0.0.1:50132", "[::1]:50132" or "unix". */
void address_format(const struct sockaddr *address, char *out, size_t size);
bool address_is_loopback(const struct sockaddr *address);

#endif
