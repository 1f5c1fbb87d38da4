/* The surroundings of a scenario; see world.h. */
#include "tests/scenarios/world.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/stream.h"
#include "sql/sql.h"
#include "tests/support/receiver.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { ANSWER_TIMEOUT_MS = 20000, WRITER_TIMEOUT_MS = 20000, ANSWER_LIMIT_BYTES = 1 << 20 };

void world_prepare(struct test_postgres *postgres) {
    struct sql_session *session;
    struct sql_migration_report report;
    struct error err = ERROR_INIT;
    if (!sql_connect(test_postgres_url(postgres), 5000, &session, &err) || !sql_migrate(session, &report, &err)) {
        fprintf(stderr, "the scheme could not be made: %s: %s\n", err.where, err.text);
        must(false && "migrations work");
    }
    sql_close(session);
}

void world_init(struct world *world, struct test_postgres *postgres, const char *spool, const char *directory, bool copy) {
    *world = (struct world){.arena = arena_new((size_t)4 << 30), .postgres = postgres, .spool = spool, .directory = directory};
    world->database_url =
        arena_strdup(world->arena, copy ? test_postgres_copy(postgres, "scenario") : test_postgres_empty(postgres, "scenario"));
    identity_options_default(&world->options);
    world->options.database_url = world->database_url;
    world->options.spool_directory = spool;
    world->options.read_sessions = 2;
    world->options.ins_oids = INS_OIDS_BOTH;
    mllp_options_default(&world->mllp);
    world->backoff_first_ms = 10;
    world->told_answer_ms = ANSWER_TIMEOUT_MS;
    world->mllp.address = "127.0.0.1";
    world->mllp.port = 0;
    world->mllp.processing_ids = "P,T,D";
}

void world_release(struct world *world) {
    for (size_t i = 0; i < WORLD_SERVERS; i++)
        world_close(world, i);
    for (size_t i = 0; i < world->told_count; i++)
        receiver_close(world->told[i].receiver);
    if (world->test_time)
        clock_set_test(0);
    arena_free(world->arena);
}

static bool declare_region(struct identity *identity, struct arena *arena, struct error *err) {
    struct domain_change region = DOMAIN_CHANGE_NONE;
    region.create = true;
    region.namespace_id = SPAN("REGION");
    region.oid = SPAN("1.2.250.1.999.1");
    region.kind = DOMAIN_REGIONAL;
    region.author = SPAN("scenario");
    uint32_t id;
    if (domain_regional(identity_domains(identity)))
        return true;
    return identity_domain_change(identity, &region, arena, &id, err);
}

bool world_open(struct world *world, size_t number, struct error *err) {
    struct server *server = &world->servers[number];
    bool alone = world->servers[1 - number].identity == NULL;
    if (server->identity)
        return true;
    struct identity_options options = world->options;
    options.spool_directory = arena_printf(world->arena, "%s/%zu", world->spool, number); /* each server has its own */
    if (!identity_open(&options, false, &server->identity, err))
        return false;
    if (alone && !identity_wait_writer(server->identity, WRITER_TIMEOUT_MS))
        return error_set(err, ERROR_TIMEOUT, NULL, "the server did not become the writer, it is %s",
                         identity_state_name(identity_state(server->identity)));
    if (alone && !declare_region(server->identity, world->arena, err))
        return false;
    struct mllp_teller_options teller;
    mllp_teller_options_default(&teller);
    teller.attempts = 3;
    teller.answer_timeout_ms = world->told_answer_ms;
    teller.backoff_first_ms = world->backoff_first_ms;
    teller.backoff_most_ms = world->backoff_first_ms * 4;
    return mllp_start(&world->mllp, server->identity, &server->mllp, err) &&
           mllp_teller_start(&teller, server->identity, &server->teller, err);
}

void world_close(struct world *world, size_t number) {
    struct server *server = &world->servers[number];
    stream_free(server->stream);
    mllp_teller_stop(server->teller);
    mllp_stop(server->mllp);
    if (server->identity)
        identity_close(server->identity);
    *server = (struct server){.identity = NULL};
}

bool world_identity(struct world *world, struct identity **out, struct error *err) {
    if (!world_open(world, world->current, err))
        return false;
    *out = world->servers[world->current].identity;
    return true;
}

/* -- messages ------------------------------------------------------------------------------------------------------------- */

/* One frame: what stands between the start block and the end block. */
static bool receive(struct stream *stream, struct arena *arena, struct span *out, struct error *err) {
    uint64_t deadline = clock_deadline(ANSWER_TIMEOUT_MS);
    CLEANUP(buf_release) struct buf bytes;
    char piece[4096];
    buf_init(&bytes, ANSWER_LIMIT_BYTES);
    while (bytes.len < 3 || memcmp(bytes.bytes + bytes.len - 2, "\x1c\r", 2) != 0) {
        int64_t got = stream_read(stream, piece, sizeof piece, deadline, err);
        if (got <= 0)
            return got < 0 ? false : error_set(err, ERROR_IO, NULL, "the connection was closed without an answer");
        buf_add_bytes(&bytes, piece, (size_t)got);
        must(buf_ok(&bytes));
    }
    *out = span_copy(span_sub(buf_span(&bytes), 1, bytes.len - 3), arena);
    return true;
}

/* The frame is written here: what is sent is what stands in the file, byte for byte. */
static bool exchange(struct stream *stream, struct span message, struct arena *arena, struct span *out, struct error *err) {
    char *frame = arena_alloc(arena, message.len + 3);
    frame[0] = 0x0b;
    memcpy(frame + 1, message.ptr, message.len);
    memcpy(frame + 1 + message.len, "\x1c\r", 2);
    return stream_write(stream, span_make(frame, message.len + 3), clock_deadline(ANSWER_TIMEOUT_MS), err) &&
           receive(stream, arena, out, err);
}

bool world_exchange(const struct server *server, struct span message, struct arena *arena, struct span *out_answer,
                    struct error *err) {
    struct stream *stream;
    if (!stream_connect("127.0.0.1", mllp_port(server->mllp), 5000, &stream, err))
        return false;
    bool ok = exchange(stream, message, arena, out_answer, err);
    stream_free(stream);
    return ok;
}

/* What came back is what its structure says, and its pointer is kept for `continue`. */
static bool take_answer(struct world *world, struct span message, struct error *err) {
    struct span pointer = world_peek(world, "DSC", 1, 1, 1);
    if (pointer.len)
        world->pointer = pointer;
    return world->answer.len == 0 || hl7_structure_check(world->tables, message, world->answer, err) ||
           error_prefix(err, "the answer's structure");
}

static void remember(struct world *world, struct span message) {
    struct span control = mllp_peek(message, "MSH", 1, 10, 0, world->arena);
    must(world->sent_count < WORLD_SENT);
    world->sent[world->sent_count++] = (struct sent){control, message};
}

bool world_send(struct world *world, struct span message, struct error *err) {
    struct server *server = &world->servers[world->current];
    if (!world_open(world, world->current, err))
        return false;
    if (server->stream == NULL && !stream_connect("127.0.0.1", mllp_port(server->mllp), 5000, &server->stream, err))
        return false;
    if (world->sent_count < WORLD_SENT)
        remember(world, message);
    world->answer = SPAN_ABSENT;
    world->answer_unseen = true;
    if (exchange(server->stream, message, world->arena, &world->answer, err))
        return take_answer(world, message, err);
    stream_free(server->stream);
    server->stream = NULL;
    return false;
}

/* The frames of what came back; the last one whole. */
static size_t take_frames(struct span bytes, struct span *out_last) {
    size_t count = 0;
    for (size_t start = 0; (start = span_find(bytes, 0x0b, start)) < bytes.len; start++) {
        size_t end = span_find(bytes, 0x1c, start);
        if (end == bytes.len)
            break;
        *out_last = span_sub(bytes, start + 1, end - start - 1);
        count++;
    }
    return count;
}

bool world_wire(struct world *world, struct span bytes, size_t frames, bool half_close, struct error *err) {
    CLEANUP(buf_release) struct buf back;
    struct stream *stream;
    char piece[4096];
    int64_t got = 1;
    uint64_t deadline = clock_deadline(ANSWER_TIMEOUT_MS);
    if (!world_open(world, world->current, err) ||
        !stream_connect("127.0.0.1", mllp_port(world->servers[world->current].mllp), 5000, &stream, err))
        return false;
    buf_init(&back, ANSWER_LIMIT_BYTES);
    bool ok = stream_write(stream, bytes, deadline, err);
    if (half_close)
        (void)shutdown(stream_fd(stream), SHUT_WR);
    world->answers = 0;
    world->answer = SPAN_ABSENT;
    while (ok && world->answers < frames && (got = stream_read(stream, piece, sizeof piece, deadline, err)) > 0) {
        buf_add_bytes(&back, piece, (size_t)got);
        world->answers = take_frames(buf_copy(&back, world->arena), &world->answer);
    }
    stream_free(stream);
    world->answer_unseen = true;
    return ok && got >= 0;
}

struct span world_peek(const struct world *world, const char *segment, uint32_t occurrence, size_t field, size_t component) {
    return mllp_peek(world->answer, segment, occurrence, field, component, world->arena);
}

/* -- names ---------------------------------------------------------------------------------------------------------------- */

const struct label *world_label(const struct world *world, struct span name) {
    for (size_t i = 0; i < world->label_count; i++) {
        if (span_eq(world->labels[i].name, name))
            return &world->labels[i];
    }
    return NULL;
}

bool world_domain(struct world *world, struct span name, const struct domain **out, struct error *err) {
    struct identity *identity;
    if (!world_identity(world, &identity, err))
        return false;
    *out = domain_by_authority(identity_domains(identity), name, SPAN_ABSENT, SPAN_ABSENT);
    return *out || error_set(err, ERROR_UNKNOWN, NULL, "no such domain: %.*s", SPAN_ARG(name));
}

bool world_resolve(struct world *world, struct span id, uint64_t *out_person, uint64_t *out_record, struct error *err) {
    size_t colon = span_find(id, ':', 0);
    const struct domain *domain;
    struct identity *identity;
    if (colon == id.len)
        return error_set(err, ERROR_TYPE, NULL, "an identifier is DOMAIN:VALUE, not %.*s", SPAN_ARG(id));
    return world_identity(world, &identity, err) && world_domain(world, span_sub(id, 0, colon), &domain, err) &&
           identity_resolve(identity, domain, span_sub(id, colon + 1, id.len), out_person, out_record, err);
}

bool world_asker(struct world *world, struct span to, struct asker *out, struct error *err) {
    const struct domain *domain;
    *out = (struct asker){.application = SPAN("scenario"),
                          .facility = SPAN("scenario"),
                          .address = SPAN("127.0.0.1"),
                          .interaction = SPAN("ITI-21"),
                          .sees_ins = true,
                          .cell = span_is_absent(to)};
    if (out->cell)
        return true;
    if (!world_domain(world, to, &domain, err))
        return false;
    uint32_t *own = ARENA_NEW(world->arena, uint32_t);
    *own = domain->id;
    out->facility = to;
    out->own_domains = own;
    out->own_domain_count = 1;
    return true;
}

bool world_person(struct world *world, struct span id, struct span to, const struct person **out, struct error *err) {
    uint64_t person, record;
    struct asker asker;
    struct identity *identity;
    const struct person **persons;
    persons = ARENA_ARRAY(world->arena, const struct person *, 1);
    if (!world_identity(world, &identity, err) || !world_resolve(world, id, &person, &record, err) ||
        !world_asker(world, to, &asker, err))
        return false;
    if (!identity_read_persons(identity, &asker, &person, 1, world->arena, persons, err))
        return false;
    *out = persons[0];
    return true;
}
