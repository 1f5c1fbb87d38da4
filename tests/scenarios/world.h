/*
 * What a scenario runs in: a database of its own in the private cluster, one or two servers on it (identity and MLLP listener in
 * this process), the last answer, the last task. Messages go through a real socket, so a scenario sees what a sender sees.
 */
#ifndef SCENARIOS_WORLD_H
#define SCENARIOS_WORLD_H

#include "identity/identity.h"
#include "mllp/mllp.h"
#include "tests/scenarios/script.h"
#include "tests/support/hl7_structure.h"
#include "tests/support/test_postgres.h"

struct receiver;
struct stream;

enum { WORLD_SERVERS = 2, WORLD_LABELS = 64, WORLD_SENT = 512, WORLD_TOLD = 8 };

struct server {
    struct identity *identity; /* NULL: not open */
    struct mllp_server *mllp;
    struct mllp_teller *teller;
    struct stream *stream; /* a connection kept from one message to the next */
};

struct told { /* a system that is told of changes */
    struct span name;
    uint16_t port;
    size_t before; /* messages it had before it was closed */
    struct receiver *receiver;
};

struct label {
    struct span name;
    struct pairs traits;
};

struct sent {
    struct span control_id, message;
};

/* What the step `population` found. Pairs are those of one person's records in domains that may link automatically. */
struct tally {
    size_t records, messages, refused, broken;
    size_t false_links; /* records on a person that is somebody else, homonyms apart */
    size_t homonyms_joined;
    size_t pairs, linked, asked;
};

struct world {
    struct arena *arena;
    struct tally tally;
    struct test_postgres *postgres;
    const char *database_url, *spool;
    struct identity_options options;
    struct mllp_options mllp;
    uint32_t backoff_first_ms; /* of what peers are told */
    uint32_t told_answer_ms;   /* how long they may take to answer */
    struct server servers[WORLD_SERVERS];
    size_t current; /* the server that messages go to */
    struct label labels[WORLD_LABELS];
    size_t label_count;
    struct sent sent[WORLD_SENT];
    size_t sent_count;
    struct told told[WORLD_TOLD];
    size_t told_count;
    uint32_t control; /* last control number */
    struct span answer;
    struct span pointer;             /* DSC-1 of the last answer that had one */
    size_t answers;                  /* frames that the last `wire` got */
    const struct hl7_tables *tables; /* what every answer must look like */
    bool answer_unseen;              /* no step has looked at it yet: it must then be AA */
    struct error act_error;          /* of the last review or act */
    bool act_unseen;
    uint64_t task, decision; /* the last one acted on, the last decision made */
    struct span seen;        /* what the last look at a task saw */
    uint64_t relink;         /* the last preview's run */
    struct relink_counts would;
    int64_t test_time;     /* wall time of the scenario; 0: the real one */
    const char *directory; /* of the scenario file */
};

/* Once, before the first scenario: the scheme that their databases are copies of. */
void world_prepare(struct test_postgres *postgres);
/* Makes an empty database at our scheme (copy: a new one; else that of the scenario before, emptied); opens no server yet: `option`
 * steps come first. */
void world_init(struct world *world, struct test_postgres *postgres, const char *spool, const char *directory, bool copy);
void world_release(struct world *world);

/* Opens server 0 or 1 and waits until it is the writer (or, when another is, a follower). Declares the regional domain on an empty
 * one. */
bool world_open(struct world *world, size_t server, struct error *err);
void world_close(struct world *world, size_t server);
/* The identity of the current server, opened when it is not. */
bool world_identity(struct world *world, struct identity **out, struct error *err);

/* Sends on the current server's connection and keeps the answer; a missing answer leaves it empty. Fails when the answer is not
 * what the tables of segments say. */
bool world_send(struct world *world, struct span message, struct error *err);
/* These bytes as they stand on a connection of their own; reads `frames` frames, or until the other side closes. half_close: says
 * that no more will come before reading. The last one is the answer. */
bool world_wire(struct world *world, struct span bytes, size_t frames, bool half_close, struct error *err);
/* On a connection of its own, from any thread. */
bool world_exchange(const struct server *server, struct span message, struct arena *arena, struct span *out_answer,
                    struct error *err);

/* -- names ---------------------------------------------------------------------------------------------------------------- */

const struct label *world_label(const struct world *world, struct span name); /* NULL when unknown */
bool world_domain(struct world *world, struct span name, const struct domain **out, struct error *err);
/* "CHU-NORD:1001" to its person and record. */
bool world_resolve(struct world *world, struct span id, uint64_t *out_person, uint64_t *out_record, struct error *err);
/* The person of an identifier as `asker` may see it: the cell when `to` is absent, else that domain. *out NULL: nothing may be
 * shown. */
bool world_person(struct world *world, struct span id, struct span to, const struct person **out, struct error *err);
bool world_asker(struct world *world, struct span to, struct asker *out, struct error *err);

/* Component of the first such segment of the last answer: world_peek(w, "ERR", 1, 2, 0). Absent when not there. */
struct span world_peek(const struct world *world, const char *segment, uint32_t occurrence, size_t field, size_t component);

#endif
