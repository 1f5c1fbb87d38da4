/* The sockets under streams: listening, connecting, and the names of addresses; see stream.h. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/stream.h"
#include "base/stream_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

void address_format(const struct sockaddr *address, char *out, size_t size) {
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        snprintf(out, size, "%s:%u", host, ntohs(in->sin_port));
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
        snprintf(out, size, "[%s]:%u", host, ntohs(in6->sin6_port));
    } else {
        snprintf(out, size, "%s", address->sa_family == AF_UNIX ? "unix" : "?");
    }
}

bool address_is_loopback(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        return ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (address->sa_family == AF_INET6) {
        const struct in6_addr *in6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(in6) || (IN6_IS_ADDR_V4MAPPED(in6) && in6->s6_addr[12] == IN_LOOPBACKNET);
    }
    return address->sa_family == AF_UNIX;
}

static void free_addresses(struct addrinfo **list) {
    if (*list)
        freeaddrinfo(*list);
}

static bool resolve(const char *address, uint16_t port, int flags, struct addrinfo **out, struct error *err) {
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    int failed = getaddrinfo(address, service, &hints, out);
    if (failed)
        return error_set(err, ERROR_UNKNOWN, NULL, "cannot resolve the address \"%s\": %s", address, gai_strerror(failed));
    return true;
}

static int try_listen(const struct addrinfo *at, int backlog) {
    int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    if (fd < 0)
        return -1;
    const int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, backlog) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

bool stream_listen(const char *address, uint16_t port, int backlog, int *out_fd, struct error *err) {
    CLEANUP(free_addresses) struct addrinfo *list = NULL;
    /* "localhost" would be ::1 on some machines and leave clients of 127.0.0.1 outside. */
    if (!resolve(strcmp(address, "localhost") == 0 ? "127.0.0.1" : address, port, AI_PASSIVE, &list, err))
        return false;
    int fd = -1;
    for (const struct addrinfo *at = list; at && fd < 0; at = at->ai_next)
        fd = try_listen(at, backlog);
    if (fd < 0 && errno == EADDRINUSE)
        return error_set(err, ERROR_UNAVAILABLE, NULL, "port %u of %s is taken by another program", port, address);
    if (fd < 0)
        return error_set(err, ERROR_IO, NULL, "cannot listen on port %u of %s: %s", port, address, strerror(errno));
    *out_fd = fd;
    return true;
}

uint16_t stream_listen_port(int listen_fd) {
    struct sockaddr_storage own = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof own;
    if (getsockname(listen_fd, (struct sockaddr *)&own, &size) != 0)
        return 0;
    if (own.ss_family == AF_INET)
        return ntohs(((struct sockaddr_in *)&own)->sin_port);
    return own.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&own)->sin6_port) : 0;
}

static bool unix_address(const char *path, struct sockaddr_un *out, struct error *err) {
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof out->sun_path)
        return error_set(err, ERROR_LIMIT, NULL, "a socket's path has 1 to %zu bytes, this one has %zu", sizeof out->sun_path - 1,
                         len);
    memcpy(out->sun_path, path, len);
    return true;
}

/* Says whether somebody listens on the path; a socket file that nobody listens on is dead. */
static bool unix_is_alive(const struct sockaddr_un *address) {
    CLEANUP(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN);
}

bool stream_listen_unix(const char *path, int *out_fd, struct error *err) {
    struct sockaddr_un address;
    if (!unix_address(path, &address, err))
        return false;
    if (unix_is_alive(&address))
        return error_set(err, ERROR_UNAVAILABLE, NULL, "another program listens on the socket %s", path);
    struct stat info;
    if (lstat(path, &info) == 0 && S_ISSOCK(info.st_mode))
        unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* The mode is set before bind: at no instant may others connect. */
    if (fd < 0 || fchmod(fd, 0600) != 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 64) != 0) {
        error_set(err, ERROR_IO, NULL, "cannot listen on the socket %s: %s", path, strerror(errno));
        close_fd(&fd);
        return false;
    }
    *out_fd = fd;
    return true;
}

/* Connects within the deadline; gives the descriptor, or -1 with *err. */
static int try_connect(const struct sockaddr *address, socklen_t size, uint64_t deadline_ns, struct error *err) {
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        error_set(err, ERROR_IO, NULL, "cannot make a socket: %s", strerror(errno));
        return -1;
    }
    int failed = connect(fd, address, size) == 0 ? 0 : errno;
    if (failed == EINPROGRESS) {
        const struct stream waiting = {.fd = fd};
        socklen_t len = sizeof failed;
        if (!stream_wait(&waiting, STREAM_WANTS_WRITE, deadline_ns, err)) {
            close(fd);
            return -1;
        }
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &len);
    }
    if (failed) {
        error_set(err, ERROR_UNAVAILABLE, NULL, "%s", strerror(failed));
        close(fd);
        return -1;
    }
    return fd;
}

bool stream_connect(const char *address, uint16_t port, uint32_t timeout_ms, struct stream **out, struct error *err) {
    CLEANUP(free_addresses) struct addrinfo *list = NULL;
    if (!resolve(address, port, 0, &list, err))
        return false;
    uint64_t deadline = clock_deadline(timeout_ms);
    int fd = -1;
    for (const struct addrinfo *at = list; at && fd < 0; at = at->ai_next)
        fd = try_connect(at->ai_addr, at->ai_addrlen, deadline, err);
    if (fd < 0)
        return error_prefix(err, "cannot connect to port %u of %s", port, address);
    *out = stream_from_fd(fd);
    return true;
}

bool stream_connect_unix(const char *path, struct stream **out, struct error *err) {
    struct sockaddr_un address;
    if (!unix_address(path, &address, err))
        return false;
    int fd = try_connect((struct sockaddr *)&address, sizeof address, 0, err);
    if (fd < 0)
        return error_prefix(err, "cannot connect to the socket %s", path);
    *out = stream_from_fd(fd);
    return true;
}
