/*
 * A byte stream with deadlines, over a socket, plain or inside TLS (tls.h makes those). Reads and writes block the thread
 * until bytes moved, the deadline passed, or the other side ended. One thread reads and writes a stream at a time.
 */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include "base/error.h"

struct stream;

struct stream *stream_from_fd(int fd); /* takes the fd over; sets it non-blocking */
void stream_free(struct stream *stream);
/* From now on its waits for bytes, those of a TLS handshake too, end with ERROR_UNAVAILABLE when this descriptor is readable. */
void stream_stop_by(struct stream *stream, int stop_fd);

/* Reads at least one byte, at most size. Returns the count, 0 when the other side ended, -1 with *err (ERROR_TIMEOUT when the
 * deadline passed, ERROR_UNAVAILABLE at the stop, ERROR_IO otherwise). deadline_ns as clock_deadline; 0 means no deadline. */
int64_t stream_read(struct stream *stream, void *out, size_t size_bytes, uint64_t deadline_ns, struct error *err);
/* Writes all of it or fails. */
bool stream_write(struct stream *stream, struct span bytes, uint64_t deadline_ns, struct error *err);

/* What TLS proved of the other side: subject of its certificate ("CN=...,O=..."), empty for plain streams. */
struct span stream_peer_subject(const struct stream *stream);
struct span stream_peer_address(const struct stream *stream); /* "127.0.0.1:50132", "unix" */
bool stream_peer_is_loopback(const struct stream *stream);
int stream_fd(const struct stream *stream);

/* Sockets. Address "127.0.0.1", "::1", "localhost" or a name; port 1..65535 (0: any, for tests). */
bool stream_listen(const char *address, uint16_t port, int backlog, int *out_fd, struct error *err);
uint16_t stream_listen_port(int listen_fd);
bool stream_listen_unix(const char *path, int *out_fd, struct error *err); /* mode 0600, replaces a dead socket */
bool stream_connect(const char *address, uint16_t port, uint32_t timeout_ms, struct stream **out, struct error *err);
bool stream_connect_unix(const char *path, struct stream **out, struct error *err);

#endif
