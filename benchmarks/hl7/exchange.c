/* Clients over MLLP; see exchange.h. */
#include "benchmarks/hl7/exchange.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "tests/support/loopback.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_BYTES_MOST = 1 << 16, TIMEOUT_S = 10 };

struct client {
    struct exchange_clients *all;
    pthread_t thread;
    int fd;
    uint64_t asked, wrong, bytes;
    bool failed;
    char wrong_text[512];
    uint32_t slow_us[EXCHANGE_SLOW_US + 1];
    char request[EXCHANGE_ASKED_BYTES + 3], answer[ANSWER_BYTES_MOST];
};

struct exchange_clients {
    struct exchange_side *side;
    size_t count;
    uint64_t deadline_ns, most; /* of the turn that runs; `most`: of each client */
    uint64_t asked_before;      /* numbers that were used up in turns before, by each client */
    struct client *items;
};

/* -- one exchange ----------------------------------------------------------------------------------------------------- */

/* One frame, without its block characters: nothing comes behind it, for nothing was asked yet. Empty when there is none. */
static struct span receive(struct client *client) {
    size_t len = 0;
    while (len < ANSWER_BYTES_MOST) {
        ssize_t got = recv(client->fd, client->answer + len, ANSWER_BYTES_MOST - len, 0);
        if (got <= 0)
            return SPAN("");
        len += (size_t)got;
        if (client->answer[0] != '\x0b')
            return SPAN("");
        if (len > 3 && client->answer[len - 2] == '\x1c' && client->answer[len - 1] == '\r')
            return span_make(client->answer + 1, len - 3);
    }
    return SPAN("");
}

static void note_wrong(struct client *client, struct span answer) {
    int len = snprintf(client->wrong_text, sizeof client->wrong_text, "%.*s", SPAN_ARG(answer));
    for (int i = 0; i < len && i < (int)sizeof client->wrong_text; i++)
        if (client->wrong_text[i] == '\r')
            client->wrong_text[i] = '\n';
    client->wrong++;
}

static bool exchange(struct client *client, uint64_t n) {
    uint64_t began_ns = clock_mono_ns();
    size_t len = client->all->side->ask(n, client->request + 1);
    client->request[0] = '\x0b';
    client->request[len + 1] = '\x1c';
    client->request[len + 2] = '\r';
    if (send(client->fd, client->request, len + 3, MSG_NOSIGNAL) != (ssize_t)(len + 3))
        return false;
    struct span answer = receive(client);
    if (answer.len == 0)
        return false;
    uint64_t took_us = (clock_mono_ns() - began_ns) / 1000;
    client->slow_us[took_us < EXCHANGE_SLOW_US ? took_us : EXCHANGE_SLOW_US]++;
    if (!client->all->side->fits(span_make(client->request + 1, len), answer))
        note_wrong(client, answer);
    client->bytes += answer.len;
    return true;
}

static void *run(void *argument) {
    struct client *client = argument;
    const struct exchange_clients *all = client->all;
    uint64_t mine = (uint64_t)(client - all->items), step = all->count;
    while (!client->failed && client->asked < all->most && clock_mono_ns() < all->deadline_ns) {
        client->failed = !exchange(client, (all->asked_before + client->asked) * step + mine);
        client->asked++;
    }
    return NULL;
}

/* -- all of them ------------------------------------------------------------------------------------------------------ */

struct exchange_clients *exchange_open(struct exchange_side *side, size_t connections) {
    struct exchange_clients *clients = mem_alloc(sizeof *clients);
    clients->side = side;
    clients->items = mem_alloc(connections * sizeof *clients->items);
    for (; clients->count < connections; clients->count++) {
        struct client *client = &clients->items[clients->count];
        client->all = clients;
        client->fd = loopback_dial(side->port, TIMEOUT_S);
        if (client->fd < 0) {
            fprintf(stderr, "bench-hl7: no connection to %s on port %u\n", side->name, (unsigned)side->port);
            exchange_close(clients);
            return NULL;
        }
    }
    return clients;
}

void exchange_close(struct exchange_clients *clients) {
    if (!clients)
        return;
    for (size_t i = 0; i < clients->count; i++)
        close(clients->items[i].fd);
    mem_free(clients->items);
    mem_free(clients);
}

/* What a client counted, to its side; it begins anew. */
static void hand_in(struct client *client, struct exchange_side *side) {
    side->exchanges += client->asked;
    side->wrong += client->wrong;
    if (client->wrong)
        memcpy(side->wrong_text, client->wrong_text, sizeof side->wrong_text);
    side->answer_bytes += client->bytes;
    for (size_t i = 0; i <= EXCHANGE_SLOW_US; i++)
        side->slow_us[i] += client->slow_us[i];
    memset(client->slow_us, 0, sizeof client->slow_us);
    client->asked = client->wrong = client->bytes = 0;
}

static double busy_seconds(pid_t pid) {
    clockid_t clock;
    struct timespec spent = {0};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0)
        return 0;
    return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
}

double exchange_turn(struct exchange_clients *clients, double seconds, uint64_t most) {
    uint64_t began_ns = clock_mono_ns(), asked = 0, asked_most = 0;
    double busy_before = busy_seconds(clients->side->pid);
    bool failed = false;
    clients->deadline_ns = began_ns + (uint64_t)(seconds * 1e9);
    clients->most = (most + clients->count - 1) / clients->count;
    for (size_t i = 0; i < clients->count; i++)
        must(pthread_create(&clients->items[i].thread, NULL, run, &clients->items[i]) == 0);
    for (size_t i = 0; i < clients->count; i++)
        pthread_join(clients->items[i].thread, NULL);
    double took = (double)(clock_mono_ns() - began_ns) / 1e9;
    for (size_t i = 0; i < clients->count; i++) {
        struct client *client = &clients->items[i];
        failed |= client->failed;
        asked += client->asked;
        asked_most = client->asked > asked_most ? client->asked : asked_most;
        hand_in(client, clients->side);
    }
    clients->asked_before += asked_most;
    clients->side->seconds += took;
    clients->side->busy_seconds += busy_seconds(clients->side->pid) - busy_before;
    if (failed)
        fprintf(stderr, "bench-hl7: a connection to %s failed\n", clients->side->name);
    return failed ? 0 : (double)asked / took;
}

uint32_t exchange_time_us(const struct exchange_side *side, unsigned of_1000) {
    uint64_t all = 0, seen = 0;
    for (size_t i = 0; i <= EXCHANGE_SLOW_US; i++)
        all += side->slow_us[i];
    for (uint32_t i = 0; i <= EXCHANGE_SLOW_US; i++)
        if ((seen += side->slow_us[i]) * 1000 >= all * of_1000)
            return i;
    return EXCHANGE_SLOW_US;
}
