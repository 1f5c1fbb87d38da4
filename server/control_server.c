/*
 * The control socket: one thread accepts, one thread per connection serves; see control.h. A connection's thread owns its fd; the
 * server keeps a duplicate of it, to shut it down at the end, which wakes the reader.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/stream.h"
#include "server/control.h"
#include "server/import_desk.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct control_server {
    struct control control;
    char *path;
    int listen_fd, stop_fd;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    int fds[CONTROL_CONNECTION_LIMIT]; /* duplicates of open connections, -1: free place; under lock */
    size_t open;
};

/* Room for what a slice of messages, or a long answer, is made of. */
enum { CONTROL_ARENA = 1 << 30 };

struct connection {
    struct control_server *server;
    size_t place;
    int fd;
};

/* -- one connection ------------------------------------------------------------------------------------------------------- */

struct line_reader {
    struct stream *stream;
    uint32_t silence_ms;
    char *bytes;
    size_t capacity, filled, used;
};

static void make_room(struct line_reader *reader) {
    enum { FIRST = 16 * 1024 };
    if (reader->filled < reader->capacity)
        return;
    reader->capacity = reader->capacity ? 2 * reader->capacity : FIRST;
    reader->capacity = reader->capacity < CONTROL_LINE_LIMIT ? reader->capacity : CONTROL_LINE_LIMIT;
    reader->bytes = mem_realloc(reader->bytes, reader->capacity);
}

/* The next line without its newline. False when the peer ended, was silent too long or sent a line beyond the limit. One that may
 * rest begins when it likes. */
static bool read_line(struct line_reader *reader, bool may_rest, struct span *out, struct error *err) {
    if (reader->filled > reader->used)
        memmove(reader->bytes, reader->bytes + reader->used, reader->filled - reader->used);
    reader->filled -= reader->used;
    reader->used = 0;
    size_t seen = 0;
    uint64_t deadline = may_rest && !reader->filled ? 0 : clock_deadline(reader->silence_ms);
    for (;;) {
        size_t end = span_find(span_make(reader->bytes, reader->filled), '\n', seen);
        if (end < reader->filled) {
            *out = span_make(reader->bytes, end);
            reader->used = end + 1;
            return true;
        }
        seen = reader->filled;
        if (reader->filled == CONTROL_LINE_LIMIT)
            return error_set(err, ERROR_LIMIT, "request", "a request line has at most %d bytes", CONTROL_LINE_LIMIT - 1);
        make_room(reader);
        int64_t got = stream_read(reader->stream, reader->bytes + reader->filled, reader->capacity - reader->filled, deadline, err);
        if (got <= 0)
            return got < 0 ? false : error_set(err, ERROR_IO, "request", "the other side ended");
        reader->filled += (size_t)got;
        deadline = deadline ? deadline : clock_deadline(reader->silence_ms);
    }
}

static bool serve_line(const struct control *control, struct stream *stream, struct span line, struct error *err) {
    struct arena *arena = arena_new(CONTROL_ARENA);
    struct span answer = control_handle_line(control, line, arena);
    bool good = stream_write(stream, answer, clock_deadline(CONTROL_SILENCE_MS), err);
    arena_free(arena);
    return good;
}

static void say_limit(struct stream *stream) {
    stream_write(
        stream,
        SPAN("{\"ok\":false,\"error\":{\"code\":\"limit\",\"where\":\"request\",\"text\":\"a request line is too long\"}}\n"),
        clock_deadline(1000), NULL);
}

static pid_t process_of(int fd) {
    struct ucred who = {0};
    socklen_t size = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 ? who.pid : 0;
}

void control_serve_fd(const struct control *control, int fd) {
    struct line_reader *reader = mem_alloc(sizeof *reader);
    const struct control_caller caller = {.process = process_of(fd)};
    struct control own = *control;
    own.caller = &caller;
    struct error err = ERROR_INIT;
    struct span line;
    reader->stream = stream_from_fd(fd);
    reader->silence_ms = control->silence_ms ? control->silence_ms : CONTROL_SILENCE_MS;
    /* Who goes on with an import first reads over what is there already, which takes as long as the files are large. */
    while (read_line(reader, import_desk_holds(control->imports, &caller), &line, &err) &&
           serve_line(&own, reader->stream, line, &err))
        continue;
    if (err.code == ERROR_LIMIT)
        say_limit(reader->stream);
    import_desk_leave(control->imports, &caller);
    stream_free(reader->stream);
    mem_free(reader->bytes);
    mem_free(reader);
}

/* -- places --------------------------------------------------------------------------------------------------------------- */

static bool take_place(struct control_server *server, int fd, size_t *out_place) {
    int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (duplicate < 0)
        return false;
    pthread_mutex_lock(&server->lock);
    size_t place = 0;
    while (place < CONTROL_CONNECTION_LIMIT && server->fds[place] >= 0)
        place++;
    bool found = place < CONTROL_CONNECTION_LIMIT;
    if (found) {
        server->fds[place] = duplicate;
        server->open++;
        *out_place = place;
    }
    pthread_mutex_unlock(&server->lock);
    if (!found)
        close(duplicate);
    return found;
}

static void give_place(struct control_server *server, size_t place) {
    pthread_mutex_lock(&server->lock);
    close(server->fds[place]);
    server->fds[place] = -1;
    server->open--;
    pthread_cond_signal(&server->ended);
    pthread_mutex_unlock(&server->lock);
}

static void *serve_connection(void *argument) {
    struct connection *connection = argument;
    struct control_server *server = connection->server;
    control_serve_fd(&server->control, connection->fd);
    give_place(server, connection->place);
    mem_free(connection);
    return NULL;
}

/* -- accepting ------------------------------------------------------------------------------------------------------------ */

static void serve_new(struct control_server *server, int fd) {
    static const char busy[] = "{\"ok\":false,\"error\":{\"code\":\"unavailable\",\"where\":\"control\","
                               "\"text\":\"too many commands at once; try again\"}}\n";
    size_t place;
    if (!take_place(server, fd, &place)) {
        (void)!write(fd, busy, sizeof busy - 1);
        close(fd);
        return;
    }
    struct connection *connection = mem_alloc(sizeof *connection);
    *connection = (struct connection){.server = server, .place = place, .fd = fd};
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve_connection, connection) == 0) {
        pthread_detach(thread);
        return;
    }
    give_place(server, place);
    mem_free(connection);
    close(fd);
}

static void *accept_all(void *argument) {
    struct control_server *server = argument;
    struct pollfd polled[2] = {{.fd = server->listen_fd, .events = POLLIN}, {.fd = server->stop_fd, .events = POLLIN}};
    for (;;) {
        if (poll(polled, 2, -1) < 0)
            continue;
        if (polled[1].revents)
            return NULL;
        int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            serve_new(server, fd);
        else
            clock_sleep_ms(50); /* out of descriptors, most likely: not a reason to spin */
    }
}

bool control_start(const char *socket_path, const struct control *control, struct control_server **out, struct error *err) {
    int listen_fd;
    if (!stream_listen_unix(socket_path, &listen_fd, err))
        return false;
    struct control_server *server = mem_alloc(sizeof *server);
    server->control = *control;
    server->control.imports = import_desk_new();
    server->path = mem_strdup(socket_path);
    server->listen_fd = listen_fd;
    server->stop_fd = eventfd(0, EFD_CLOEXEC);
    must(server->stop_fd >= 0);
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->ended, NULL);
    for (size_t i = 0; i < CONTROL_CONNECTION_LIMIT; i++)
        server->fds[i] = -1;
    must(pthread_create(&server->thread, NULL, accept_all, server) == 0);
    *out = server;
    return true;
}

void control_stop(struct control_server *server) {
    if (!server)
        return;
    uint64_t one = 1;
    must(write(server->stop_fd, &one, sizeof one) == sizeof one);
    pthread_join(server->thread, NULL);
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < CONTROL_CONNECTION_LIMIT; i++) {
        if (server->fds[i] >= 0)
            shutdown(server->fds[i], SHUT_RD);
    }
    while (server->open > 0)
        pthread_cond_wait(&server->ended, &server->lock);
    pthread_mutex_unlock(&server->lock);
    close(server->listen_fd);
    close(server->stop_fd);
    unlink(server->path);
    pthread_mutex_destroy(&server->lock);
    pthread_cond_destroy(&server->ended);
    import_desk_free(server->control.imports);
    mem_free(server->path);
    mem_free(server);
}
