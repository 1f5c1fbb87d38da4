/* Byte streams with deadlines; see stream.h. socket.c makes and names the sockets under them. */
#include "base/stream.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/stream_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static enum stream_step step_of_errno(enum stream_step wants, struct error *err) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return wants;
    error_set(err, ERROR_IO, NULL, "connection failed: %s", strerror(errno));
    return STREAM_FAILED;
}

static enum stream_step plain_read(struct stream *stream, void *out, size_t size_bytes, size_t *out_moved, struct error *err) {
    ssize_t got = recv(stream->fd, out, size_bytes, 0);
    if (got < 0)
        return step_of_errno(STREAM_WANTS_READ, err);
    *out_moved = (size_t)got;
    return got ? STREAM_MOVED : STREAM_ENDED;
}

static enum stream_step plain_write(struct stream *stream, const void *bytes, size_t len, size_t *out_moved, struct error *err) {
    ssize_t sent = send(stream->fd, bytes, len, MSG_NOSIGNAL);
    if (sent < 0)
        return step_of_errno(STREAM_WANTS_WRITE, err);
    *out_moved = (size_t)sent;
    return STREAM_MOVED;
}

static void plain_release(struct stream *stream) {
    (void)stream;
}

static const struct stream_ops plain_ops = {plain_read, plain_write, plain_release};

struct stream *stream_from_fd(int fd) {
    struct stream *stream = mem_alloc(sizeof *stream);
    stream->fd = fd;
    stream->stop_fd = -1;
    stream->ops = &plain_ops;
    int flags = fcntl(fd, F_GETFL);
    must(flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
    /* Answers are small and whole: they leave at once. Fails on sockets that are not TCP, which is well. */
    const int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof peer;
    (void)getpeername(fd, (struct sockaddr *)&peer, &size);
    address_format((struct sockaddr *)&peer, stream->address, sizeof stream->address);
    stream->is_loopback = address_is_loopback((struct sockaddr *)&peer);
    return stream;
}

void stream_free(struct stream *stream) {
    if (!stream)
        return;
    stream->ops->release(stream);
    close(stream->fd);
    mem_free(stream->subject);
    mem_free(stream);
}

void stream_stop_by(struct stream *stream, int stop_fd) {
    stream->stop_fd = stop_fd;
}

bool stream_wait(const struct stream *stream, enum stream_step step, uint64_t deadline_ns, struct error *err) {
    bool writes = step == STREAM_WANTS_WRITE; /* what is being written goes out */
    struct pollfd fds[2] = {{.fd = stream->fd, .events = writes ? POLLOUT : POLLIN},
                            {.fd = writes ? -1 : stream->stop_fd, .events = POLLIN}};
    for (;;) {
        int left_ms = deadline_ns ? clock_left_ms(deadline_ns) : -1;
        int count = poll(fds, 2, left_ms);
        if (count > 0)
            return !fds[1].revents || error_set(err, ERROR_UNAVAILABLE, NULL, "this side stops");
        if (count == 0 && deadline_ns && clock_left_ms(deadline_ns) == 0)
            return error_set(err, ERROR_TIMEOUT, NULL, "the other side was silent for too long");
        if (count < 0 && errno != EINTR)
            return error_set(err, ERROR_IO, NULL, "cannot wait for the connection: %s", strerror(errno));
    }
}

int64_t stream_read(struct stream *stream, void *out, size_t size_bytes, uint64_t deadline_ns, struct error *err) {
    for (;;) {
        size_t moved = 0;
        enum stream_step step = stream->ops->read(stream, out, size_bytes, &moved, err);
        if (step == STREAM_MOVED)
            return (int64_t)moved;
        if (step == STREAM_ENDED)
            return 0;
        if (step == STREAM_FAILED || !stream_wait(stream, step, deadline_ns, err))
            return -1;
    }
}

bool stream_write(struct stream *stream, struct span bytes, uint64_t deadline_ns, struct error *err) {
    while (bytes.len) {
        size_t moved = 0;
        enum stream_step step = stream->ops->write(stream, bytes.ptr, bytes.len, &moved, err);
        if (step == STREAM_MOVED)
            bytes = span_sub(bytes, moved, bytes.len);
        else if (step == STREAM_ENDED)
            return error_set(err, ERROR_IO, NULL, "the other side closed the connection");
        else if (step == STREAM_FAILED || !stream_wait(stream, step, deadline_ns, err))
            return false;
    }
    return true;
}

struct span stream_peer_subject(const struct stream *stream) {
    return stream->subject ? span_of(stream->subject) : SPAN("");
}

struct span stream_peer_address(const struct stream *stream) {
    return span_of(stream->address);
}

bool stream_peer_is_loopback(const struct stream *stream) {
    return stream->is_loopback;
}

int stream_fd(const struct stream *stream) {
    return stream->fd;
}
