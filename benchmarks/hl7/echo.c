/* Frames sent back as they came; see echo.h. */
#include "benchmarks/hl7/echo.h"

#include "base/stream.h"
#include "mllp/frame.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 64, READ_BYTES = 16 * 1024, FRAME_BYTES_MOST = 1 << 20 };

static bool send_back(int fd, struct frame_parser *parser, struct buf *wire) {
    buf_clear(wire);
    frame_write_start(wire);
    buf_add(wire, buf_span(&parser->message));
    frame_write_end(wire);
    return send(fd, wire->bytes, wire->len, MSG_NOSIGNAL) == (ssize_t)wire->len;
}

static bool take(int fd, struct span bytes, struct frame_parser *parser, struct buf *wire) {
    while (bytes.len) {
        enum frame_event event;
        size_t used = frame_push(parser, bytes, &event);
        bytes = span_sub(bytes, used, bytes.len);
        if (event == FRAME_MESSAGE && !send_back(fd, parser, wire))
            return false;
    }
    return true;
}

static void *serve(void *argument) {
    int fd = (int)(intptr_t)argument;
    char bytes[READ_BYTES];
    struct frame_parser parser;
    struct buf wire;
    ssize_t got;
    frame_init(&parser, &(struct frame_options){.limit_bytes = FRAME_BYTES_MOST});
    buf_init(&wire, FRAME_BYTES_MOST + 3);
    while ((got = recv(fd, bytes, sizeof bytes, 0)) > 0 && take(fd, span_make(bytes, (size_t)got), &parser, &wire))
        continue;
    frame_release(&parser);
    buf_release(&wire);
    close(fd);
    return NULL;
}

static _Noreturn void accept_all(int listen_fd) {
    const int on = 1;
    for (;;) {
        pthread_t thread;
        int fd = accept(listen_fd, NULL, NULL);
        if (fd < 0)
            continue;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) == 0)
            pthread_detach(thread);
        else
            close(fd);
    }
}

pid_t echo_start(uint16_t *out_port) {
    int listen_fd;
    if (!stream_listen("127.0.0.1", 0, BACKLOG, &listen_fd, NULL))
        abort();
    *out_port = stream_listen_port(listen_fd);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
        accept_all(listen_fd);
    }
    close(listen_fd);
    return pid;
}

void echo_stop(pid_t pid) {
    if (pid <= 0)
        return;
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}
