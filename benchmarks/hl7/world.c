/* A server of the benchmark's own; see world.h. */
#include "benchmarks/hl7/world.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "benchmarks/hl7/exchange.h"
#include "tests/support/adt_sender.h"
#include "tests/support/live_server.h"
#include "tests/support/test_postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEEDERS = 64, AUDIT_PATIENCE_MS = 120000, LOOK_MS = 50 };

struct world {
    struct test_postgres *postgres;
    struct live_server server;
};

static _Noreturn void die(const char *what, const char *why) {
    (void)fprintf(stderr, "bench-hl7: %s: %s\n", what, why);
    exit(1);
}

/* -- the population --------------------------------------------------------------------------------------------------- */

/* A name of four syllables by number: 20^4 of them, no two alike. */
static void write_name(uint64_t number, char out[9]) {
    static const char syllables[20][3] = {"BA", "CE", "DI", "FO", "GU", "LA", "ME", "NI", "PO", "RU",
                                          "SA", "TE", "VI", "BO", "CU", "DA", "FE", "GI", "LO", "MU"};
    for (int i = 0; i < 4; i++, number /= 20)
        memcpy(out + 2 * i, syllables[number % 20], 2);
    out[8] = '\0';
}

/* The n-th record: persons two by two, first to one hospital, then to the other. */
static size_t write_feed(uint64_t n, char out[EXCHANGE_ASKED_BYTES]) {
    static const char *const given[] = {"MARIE", "JEAN", "ANNE-SOPHIE", "PAUL", "LOUISE", "KARIM", "CLAIRE", "LUC"};
    const char *domain = n % 2 ? WORLD_OTHER : WORLD_HOSPITAL, *first = given[n / 2 % 8];
    unsigned person = (unsigned)(n / 2);
    char family[9];
    write_name((uint64_t)person * 7919, family);
    int len = snprintf(out, EXCHANGE_ASKED_BYTES,
                       "MSH|^~\\&|GAM|%s|SOSIE|REGION|20260101120000||ADT^A28^ADT_A05|F%llu|P|2.5||||||UNICODE UTF-8\r"
                       "EVN||20260101120000\r"
                       "PID|||%08u^^^%s^PI||%s^%s^%s^^^^L||19%02u%02u%02u|%c|||%u RUE DU PORT^^BESANCON^^25000^FRA^H"
                       "~^^BESANCON^^25000^FRA^BDL^^25056||^PRN^CP^^^^^^^^^06%08u|||||||||||||||||||VALI\r"
                       "PV1||N\r",
                       domain, (unsigned long long)n, person, domain, family, first, first, 30 + person % 60, person / 60 % 12 + 1,
                       person / 720 % 28 + 1, person % 2 ? 'M' : 'F', person % 99 + 1, person);
    if (len < 0 || len >= EXCHANGE_ASKED_BYTES)
        die("population", "a message has no room");
    return (size_t)len;
}

static bool was_accepted(struct span asked, struct span answer) {
    (void)asked;
    return memmem(answer.ptr, answer.len, "\rMSA|AA|", 8) != NULL;
}

static void populate(struct world *world, uint32_t records) {
    static struct exchange_side side;
    side = (struct exchange_side){.name = "the server", .port = world->server.mllp_port, .ask = write_feed, .fits = was_accepted};
    struct exchange_clients *clients = exchange_open(&side, FEEDERS);
    if (!clients || exchange_turn(clients, 3600, records) <= 0 || side.wrong)
        die("population", side.wrong ? side.wrong_text : "it could not be fed");
    exchange_close(clients);
    printf("population: %lld records, %lld persons, fed in %.1f s\n",
           (long long)adt_count(test_postgres_url(world->postgres), "select count(*) from record"),
           (long long)adt_count(test_postgres_url(world->postgres), "select count(distinct person_id) from record"), side.seconds);
}

/* -- life ------------------------------------------------------------------------------------------------------------- */

static void add_domain(struct world *world, const char *name, const char *oid, const char *kind) {
    static struct live_answer answer;
    LIVE_RUN(&world->server, &answer, "domain", "add", name, "--oid", oid, "--kind", kind);
    if (answer.exit_code)
        die(name, answer.err);
}

struct world *world_start(uint32_t records) {
    static struct live_answer answer;
    struct world *world = mem_alloc(sizeof *world);
    world->postgres = test_postgres_start(true);
    live_make(&world->server, test_postgres_url(world->postgres), NULL);
    LIVE_RUN(&world->server, &answer, "migrate");
    if (answer.exit_code)
        die("migrate", answer.err);
    add_domain(world, "REGION", "1.2.250.1.999.9", "regional");
    add_domain(world, WORLD_HOSPITAL, "1.2.250.1.999.1", "hospital");
    add_domain(world, WORLD_OTHER, "1.2.250.1.999.2", "hospital");
    live_start(&world->server);
    if (!live_wait_ready(&world->server, 200, "writer"))
        die("the server", "does not get ready");
    populate(world, records);
    return world;
}

void world_stop(struct world *world) {
    if (!world)
        return;
    (void)live_stop(&world->server, 15);
    live_remove(&world->server);
    test_postgres_stop(world->postgres);
    mem_free(world);
}

uint16_t world_port(const struct world *world) {
    return world->server.mllp_port;
}

pid_t world_pid(const struct world *world) {
    return world->server.pid;
}

uint64_t world_audited(const struct world *world) {
    return (uint64_t)adt_count(test_postgres_url(world->postgres), "select count(*) from audit where action = 'xref'");
}

double world_wait_audited(const struct world *world, uint64_t count) {
    uint64_t began_ns = clock_mono_ns(), deadline_ns = clock_deadline(AUDIT_PATIENCE_MS);
    while (world_audited(world) != count) {
        if (clock_left_ms(deadline_ns) == 0)
            return -1;
        clock_sleep_ms(LOOK_MS);
    }
    return (double)(clock_mono_ns() - began_ns) / 1e9;
}
