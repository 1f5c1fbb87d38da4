/* Sending on several connections; see sender.h. */
#include "server/sender.h"

#include "base/arena.h"
#include "base/clock.h"
#include "mllp/mllp.h"
#include "server/er7.h"

#include <pthread.h>
#include <stdatomic.h>

enum { RETRY_PAUSE_MS = 200 };

const char *const sent_code_names[SENT_CODE_COUNT] = {"unanswered", "AA", "AE", "AR", "other"};

struct worker {
    struct sender *sender;
    uint32_t number;
    pthread_t thread;
    struct stream *stream;
    struct arena *arena;   /* of one message */
    struct arena *reasons; /* as long as the sender */
    struct error err;
};

struct sender {
    const struct wire *wire;
    const struct span *messages;
    const uint32_t *connection_of;
    size_t count;
    uint32_t connections, retries;
    struct sent *results;
    struct worker *workers;
    atomic_size_t answered;
    atomic_uint running;
};

static enum sent_code code_of(struct span text) {
    static const char *const codes[][2] = {{"AA", "CA"}, {"AE", "CE"}, {"AR", "CR"}};
    for (size_t i = 0; i < 3; i++) {
        if (span_eq_cstr(text, codes[i][0]) || span_eq_cstr(text, codes[i][1]))
            return (enum sent_code)(SENT_AA + i);
    }
    return SENT_OTHER;
}

/* ERR-2 location, ERR-3 code, ERR-8 or ERR-7 text (HL7 2.5.1 ch.2.15.5); of older acknowledgements MSA-3. */
static const char *reason_of(const struct er7 *er7, struct arena *arena) {
    struct span where = er7_field(er7, "ERR", 1, 2), code = er7_component(er7, er7_field(er7, "ERR", 1, 3), 1);
    struct span text = er7_field(er7, "ERR", 1, 8);
    if (text.len == 0)
        text = er7_field(er7, "ERR", 1, 7);
    if (text.len == 0)
        text = er7_field(er7, "MSA", 1, 3);
    text = er7_text(er7, text, arena);
    return arena_printf(arena, "%.*s%s%.*s%s%.*s", SPAN_ARG(where), where.len ? " " : "", SPAN_ARG(code), code.len ? " " : "",
                        SPAN_ARG(text));
}

static void note_answer(struct worker *worker, size_t message, struct span answer, uint64_t begun_ns) {
    struct sent *sent = &worker->sender->results[message];
    struct er7 er7;
    sent->took_us = (uint32_t)((clock_mono_ns() - begun_ns) / 1000);
    sent->code = er7_open(answer, &er7) ? code_of(er7_field(&er7, "MSA", 1, 1)) : SENT_OTHER;
    if (sent->code == SENT_OTHER)
        sent->reason = "the answer is no acknowledgement";
    else if (sent->code != SENT_AA)
        sent->reason = reason_of(&er7, worker->reasons);
}

static bool try_once(struct worker *worker, size_t message) {
    const struct wire *wire = worker->sender->wire;
    struct span answer;
    if (!worker->stream && !wire_connect(wire, &worker->stream, &worker->err))
        return false;
    uint64_t begun_ns = clock_mono_ns();
    arena_reset(worker->arena);
    if (!mllp_exchange(worker->stream, worker->sender->messages[message], worker->arena, wire->timeout_ms, &answer, &worker->err)) {
        stream_free(worker->stream);
        worker->stream = NULL;
        return false;
    }
    note_answer(worker, message, answer, begun_ns);
    return true;
}

static bool send_one(struct worker *worker, size_t message) {
    for (uint32_t tries = 0; tries <= worker->sender->retries; tries++) {
        if (tries > 0)
            clock_sleep_ms(RETRY_PAUSE_MS * tries);
        if (try_once(worker, message)) {
            worker->err = ERROR_INIT;
            atomic_fetch_add(&worker->sender->answered, 1);
            return true;
        }
    }
    return false;
}

/* A message that stays unanswered stops its connection: what follows on it must not overtake. */
static void *work(void *argument) {
    struct worker *worker = argument;
    struct sender *sender = worker->sender;
    for (size_t i = 0; i < sender->count; i++) {
        if (sender->connection_of[i] == worker->number && !send_one(worker, i))
            break;
    }
    stream_free(worker->stream);
    worker->stream = NULL;
    atomic_fetch_sub(&sender->running, 1);
    return NULL;
}

struct sender *sender_start(const struct wire *wire, const struct span *messages, const uint32_t *connection_of, size_t count,
                            uint32_t connections, uint32_t retries) {
    struct sender *sender = mem_alloc(sizeof *sender);
    sender->wire = wire;
    sender->messages = messages;
    sender->connection_of = connection_of;
    sender->count = count;
    sender->connections = connections;
    sender->retries = retries;
    sender->results = mem_alloc((count + 1) * sizeof *sender->results);
    sender->workers = mem_alloc(connections * sizeof *sender->workers);
    atomic_store(&sender->running, connections);
    for (uint32_t i = 0; i < connections; i++) {
        struct worker *worker = &sender->workers[i];
        *worker = (struct worker){.sender = sender, .number = i, .arena = arena_new(0), .reasons = arena_new(0)};
        must(pthread_create(&worker->thread, NULL, work, worker) == 0);
    }
    return sender;
}

size_t sender_answered(const struct sender *sender) {
    return atomic_load(&sender->answered);
}

bool sender_running(const struct sender *sender) {
    return atomic_load(&sender->running) > 0;
}

const struct sent *sender_finish(struct sender *sender, struct error *out_err) {
    for (uint32_t i = 0; i < sender->connections; i++) {
        struct worker *worker = &sender->workers[i];
        pthread_join(worker->thread, NULL);
        if (worker->err.code && !out_err->code)
            *out_err = worker->err;
    }
    return sender->results;
}

void sender_free(struct sender *sender) {
    if (!sender)
        return;
    for (uint32_t i = 0; i < sender->connections; i++) {
        arena_free(sender->workers[i].arena);
        arena_free(sender->workers[i].reasons);
    }
    mem_free(sender->workers);
    mem_free(sender->results);
    mem_free(sender);
}
