/*
 * ./dev bench search: PDQm search by identifier against libmicrohttpd answering a constant body of the same size: both sides on
 * this machine, by the same clients, in turns of the same run. What is printed last is the ratio; machines differ, it stays. Other
 * work on the machine weighs on the server's side, which has PostgreSQL and its audit trail to share the processors with.
 *
 *     bench-search [--records N] [--seconds S] [--connections C] [--threads T]
 *     bench-search --port N --system URN --file IDS ...
 *
 * Alone it makes a server of its own with N records (20000; search/own_server.h); with a port it asks a running server of this
 * machine, IDS having one local identifier of the system a line. S is the time for each side (10), spread over five turns; C
 * connections (16) are kept alive, each with a thread that sends a request when it has the answer to the last; T threads (4) answer
 * on either side. Every answer of the server must be a Bundle with one match; others are counted and make the run fail.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "benchmarks/search/own_server.h"
#include "tests/support/loopback.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTIONS_MOST = 256,
    IDS_MOST = 1000000,
    LINE_BYTES_MOST = 256,
    ANSWER_BYTES_MOST = 1 << 20,
    TURNS = 5,
    WARM_UP = 200,
    LATENCIES_MOST = 2000000,
    SOCKET_TIMEOUT_S = 10,
};

struct settings {
    uint16_t port;
    const char *system, *file;
    unsigned seconds, connections, threads;
    uint32_t records;
};

struct ids {
    char **items;
    size_t count;
};

/* One side of the comparison: where it listens and what its clients saw, over all turns. */
struct side {
    const char *name;
    uint16_t port;
    uint64_t requests, wrong, bytes;
    double seconds;
    uint32_t *latencies_us; /* of all clients; a ring would hide the worst, so the first LATENCIES_MOST count */
    size_t latency_count;
};

struct client {
    const struct settings *settings;
    const struct ids *ids;
    const struct side *side;
    uint64_t deadline_ns, most; /* stops at the first of the two */
    uint64_t random;
    uint64_t requests, wrong, bytes;
    uint32_t *latencies_us;
    size_t latency_count, latency_room;
    bool failed;
    char answer[ANSWER_BYTES_MOST];
};

/* -- one connection ----------------------------------------------------------------------------------------------------------- */

static bool send_all(int fd, const char *bytes, size_t len) {
    while (len) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* Length of head and body together once the head is there; 0 before, SIZE_MAX when the answer makes no sense. */
static size_t answer_length(const char *bytes, size_t len) {
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    if (!end)
        return 0;
    struct span rest = span_make(bytes, (size_t)(end - bytes)), line;
    while (span_cut(&rest, '\n', &line)) {
        struct span value = line, name;
        uint64_t body;
        span_cut(&value, ':', &name);
        if (span_eq_nocase(name, SPAN("Content-Length")) && span_to_u64(span_trim(value), &body) && body < ANSWER_BYTES_MOST)
            return (size_t)(end - bytes) + 4 + (size_t)body;
    }
    return SIZE_MAX;
}

/* Reads one whole answer; 0 when the connection or the answer is broken. */
static size_t receive(int fd, char *room, size_t size) {
    size_t len = 0;
    for (;;) {
        ssize_t got = recv(fd, room + len, size - len, 0);
        if (got <= 0)
            return 0;
        len += (size_t)got;
        size_t whole = answer_length(room, len);
        if (whole == len)
            return len;
        if (whole > size || len > whole + (whole ? 0 : size))
            return 0;
    }
}

static size_t write_request(struct client *client, char *out, size_t size) {
    client->random = client->random * 6364136223846793005u + 1442695040888963407u;
    const char *id = client->ids->items[(client->random >> 33) % client->ids->count];
    int len = snprintf(out, size,
                       "GET /fhir/Patient?identifier=%s%%7C%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                       "Accept: application/fhir+json\r\n\r\n",
                       client->settings->system, id, (unsigned)client->side->port);
    return len > 0 && (size_t)len < size ? (size_t)len : 0;
}

static bool is_one_match(const char *answer, size_t len) {
    bool ok = len > 12 && memcmp(answer + 8, " 200", 4) == 0;
    return ok && memmem(answer, len, "\"total\":1,", 10);
}

static void note(struct client *client, size_t len, uint64_t began_ns) {
    uint64_t took_us = (clock_mono_ns() - began_ns) / 1000;
    client->requests++;
    client->bytes += len;
    client->wrong += !is_one_match(client->answer, len);
    if (client->latency_count < client->latency_room)
        client->latencies_us[client->latency_count++] = (uint32_t)(took_us < UINT32_MAX ? took_us : UINT32_MAX);
}

static void *run_client(void *context) {
    struct client *client = context;
    char request[1024];
    int fd = loopback_dial(client->side->port, SOCKET_TIMEOUT_S);
    client->failed = fd < 0;
    while (!client->failed && client->requests < client->most) {
        uint64_t began_ns = clock_mono_ns();
        if (began_ns >= client->deadline_ns)
            break;
        size_t request_len = write_request(client, request, sizeof request);
        size_t len = send_all(fd, request, request_len) ? receive(fd, client->answer, sizeof client->answer) : 0;
        client->failed = len == 0;
        if (!client->failed)
            note(client, len, began_ns);
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

/* -- a turn ------------------------------------------------------------------------------------------------------------------- */

static void add_latencies(struct side *side, const struct client *client) {
    size_t room = LATENCIES_MOST - side->latency_count;
    size_t count = client->latency_count < room ? client->latency_count : room;
    memcpy(side->latencies_us + side->latency_count, client->latencies_us, count * sizeof *side->latencies_us);
    side->latency_count += count;
}

static bool run_turn(const struct settings *settings, const struct ids *ids, struct side *side, double seconds, uint64_t most) {
    unsigned count = settings->connections;
    struct client **clients = mem_alloc(count * sizeof(struct client *));
    pthread_t threads[CONNECTIONS_MOST];
    bool fine = true;
    uint64_t began_ns = clock_mono_ns();
    for (unsigned i = 0; i < count; i++) {
        clients[i] = mem_alloc(sizeof **clients);
        *clients[i] = (struct client){.settings = settings, .ids = ids, .side = side, .most = most, .random = began_ns + i * 7919u};
        clients[i]->deadline_ns = began_ns + (uint64_t)(seconds * 1e9);
        clients[i]->latency_room = LATENCIES_MOST / TURNS / count;
        clients[i]->latencies_us = mem_alloc(clients[i]->latency_room * sizeof(uint32_t));
        must(pthread_create(&threads[i], NULL, run_client, clients[i]) == 0);
    }
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        side->requests += clients[i]->requests;
        side->wrong += clients[i]->wrong;
        side->bytes += clients[i]->bytes;
        add_latencies(side, clients[i]);
        fine &= !clients[i]->failed;
        mem_free(clients[i]->latencies_us);
        mem_free(clients[i]);
    }
    side->seconds += (double)(clock_mono_ns() - began_ns) / 1e9;
    mem_free(clients);
    if (!fine)
        fprintf(stderr, "search: a connection to %s on port %u failed\n", side->name, (unsigned)side->port);
    return fine;
}

/* -- the constant body ----------------------------------------------------------------------------------------------------------
 */

static enum MHD_Result answer_constant(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                       const char *version, const char *piece, size_t *piece_bytes, void **state) {
    (void)url, (void)method, (void)version, (void)piece, (void)piece_bytes;
    static int seen;
    if (!*state) { /* headers first; the answer when all is read */
        *state = &seen;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, context);
}

/* A whole answer of our server's size: the same body, the same headers in number. */
static struct MHD_Response *constant_response(size_t body_bytes) {
    static const char head[] = "{\"total\":1,\"text\":\"";
    if (body_bytes < sizeof head + 2)
        body_bytes = sizeof head + 2;
    char *body = mem_alloc(body_bytes);
    memset(body, 'x', body_bytes);
    memcpy(body, head, sizeof head - 1);
    memcpy(body + body_bytes - 2, "\"}", 2);
    struct MHD_Response *response = MHD_create_response_from_buffer(body_bytes, body, MHD_RESPMEM_MUST_COPY);
    mem_free(body);
    must(response);
    MHD_add_response_header(response, "Content-Type", "application/fhir+json; charset=UTF-8");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Request-Id", "0123456789abcdef-1");
    return response;
}

static struct MHD_Daemon *start_constant(const struct settings *settings, struct MHD_Response *response, struct side *side) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, answer_constant, response,
                         MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE,
                         settings->threads > 1 ? settings->threads : 0u, MHD_OPTION_CONNECTION_LIMIT, 1024u, MHD_OPTION_END);
    const union MHD_DaemonInfo *info = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    side->port = info ? info->port : 0;
    return side->port ? daemon : NULL;
}

/* -- report ---------------------------------------------------------------------------------------------------------------------
 */

static int by_value(const void *left, const void *right) {
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static double report(struct side *side) {
    double rate = side->seconds > 0 ? (double)side->requests / side->seconds : 0;
    qsort(side->latencies_us, side->latency_count, sizeof *side->latencies_us, by_value);
    uint32_t median = side->latency_count ? side->latencies_us[side->latency_count / 2] : 0;
    uint32_t slow = side->latency_count ? side->latencies_us[side->latency_count * 99 / 100] : 0;
    printf("%-14s %9.0f answers/s, %6.0f bytes each, median %u us, 99 of 100 under %u us\n", side->name, rate,
           side->requests ? (double)side->bytes / (double)side->requests : 0.0, median, slow);
    return rate;
}

static bool read_ids(const char *path, struct ids *out) {
    FILE *file = fopen(path, "r");
    char line[LINE_BYTES_MOST];
    if (!file) {
        fprintf(stderr, "search: cannot read %s\n", path);
        return false;
    }
    out->items = mem_alloc(IDS_MOST * sizeof *out->items);
    while (out->count < IDS_MOST && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n \t")] = '\0';
        if (line[0])
            out->items[out->count++] = mem_strdup(line);
    }
    fclose(file);
    if (out->count == 0)
        fprintf(stderr, "search: %s holds no identifier\n", path);
    return out->count > 0;
}

static bool read_number(const char *text, uint64_t least, uint64_t most, uint64_t *out) {
    return span_to_u64(span_of(text), out) && *out >= least && *out <= most;
}

static bool read_flag(struct settings *settings, const char *flag, const char *value) {
    uint64_t number = 0;
    if (strcmp(flag, "--system") == 0)
        settings->system = value;
    else if (strcmp(flag, "--file") == 0)
        settings->file = value;
    else if (strcmp(flag, "--port") == 0 && read_number(value, 1, 65535, &number))
        settings->port = (uint16_t)number;
    else if (strcmp(flag, "--records") == 0 && read_number(value, 2, IDS_MOST, &number))
        settings->records = (uint32_t)number;
    else if (strcmp(flag, "--seconds") == 0 && read_number(value, 1, 3600, &number))
        settings->seconds = (unsigned)number;
    else if (strcmp(flag, "--connections") == 0 && read_number(value, 1, CONNECTIONS_MOST, &number))
        settings->connections = (unsigned)number;
    else if (strcmp(flag, "--threads") == 0 && read_number(value, 1, 64, &number))
        settings->threads = (unsigned)number;
    else
        return false;
    return true;
}

static bool read_settings(int argc, char **argv, struct settings *out) {
    *out = (struct settings){.seconds = 10, .connections = 16, .threads = 4, .records = 20000};
    bool fine = argc % 2 == 1;
    for (int i = 1; i + 1 < argc; i += 2)
        fine &= read_flag(out, argv[i], argv[i + 1]);
    bool all = out->port && out->system && out->file, none = !out->port && !out->system && !out->file;
    if (fine && (all || none))
        return true;
    fprintf(stderr,
            "usage: bench-search [--records N | --port N --system URN --file IDS] [--seconds S] [--connections C] [--threads T]\n");
    return false;
}

/* -- the run --------------------------------------------------------------------------------------------------------------------
 */

/* The two sides in turns, so that a machine that slows down slows both. */
static bool run_turns(const struct settings *settings, const struct ids *ids, struct side *server, struct side *constant) {
    double seconds = (double)settings->seconds / TURNS;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\rsearch: turn %u of %u", turn + 1, (unsigned)TURNS);
        if (!run_turn(settings, ids, server, seconds, UINT64_MAX) || !run_turn(settings, ids, constant, seconds, UINT64_MAX))
            return false;
    }
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%-30s\r", "");
    return true;
}

/* A short run first: it warms the server up and says how large its answers are, head left out. */
static bool measure_size(const struct settings *settings, const struct ids *ids, struct side *server, size_t *out_bytes) {
    enum { HEAD_BYTES = 190 };
    struct side warm = {.name = server->name, .port = server->port, .latencies_us = server->latencies_us};
    if (!run_turn(settings, ids, &warm, SOCKET_TIMEOUT_S, WARM_UP) || warm.requests == 0)
        return false;
    size_t mean = (size_t)(warm.bytes / warm.requests);
    *out_bytes = mean > HEAD_BYTES ? mean - HEAD_BYTES : mean;
    return true;
}

static void make_ids(uint32_t count, struct ids *out) {
    char id[16];
    out->items = mem_alloc(count * sizeof *out->items);
    for (; out->count < count; out->count++) {
        own_server_id((uint32_t)out->count, id);
        out->items[out->count] = mem_strdup(id);
    }
}

static int compare(const struct settings *settings, const struct ids *ids) {
    size_t size = 0;
    struct side server = {.name = "PDQm search", .port = settings->port};
    struct side constant = {.name = "constant body"};
    server.latencies_us = mem_alloc(LATENCIES_MOST * sizeof(uint32_t));
    constant.latencies_us = mem_alloc(LATENCIES_MOST * sizeof(uint32_t));
    if (!measure_size(settings, ids, &server, &size))
        return 2;
    struct MHD_Response *response = constant_response(size);
    struct MHD_Daemon *daemon = start_constant(settings, response, &constant);
    if (!daemon) {
        fprintf(stderr, "search: cannot listen on a port of the loopback\n");
        return 2;
    }
    bool fine = run_turns(settings, ids, &server, &constant);
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    if (!fine)
        return 2;
    double rate = report(&server), bare = report(&constant);
    mem_free(server.latencies_us);
    mem_free(constant.latencies_us);
    printf("search by identifier / constant body: %.3f (%u connections, %u s a side)\n", bare > 0 ? rate / bare : 0.0,
           settings->connections, settings->seconds);
    if (server.wrong)
        printf("WRONG: %llu of %llu answers were no Bundle with one match\n", (unsigned long long)server.wrong,
               (unsigned long long)server.requests);
    return server.wrong ? 1 : 0;
}

int main(int argc, char **argv) {
    struct settings settings;
    struct ids ids = {.count = 0};
    struct own_server *own = NULL;
    if (!read_settings(argc, argv, &settings) || (settings.file && !read_ids(settings.file, &ids)))
        return 2;
    if (!settings.port) {
        own = own_server_start(settings.records, settings.threads);
        make_ids(settings.records / 2, &ids);
        settings.port = own_server_port(own);
        settings.system = OWN_SERVER_SYSTEM;
    }
    int code = compare(&settings, &ids);
    own_server_stop(own);
    while (ids.count)
        mem_free(ids.items[--ids.count]);
    mem_free(ids.items);
    return code;
}
