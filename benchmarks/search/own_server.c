/* A server of the benchmark's own; see own_server.h. */
#include "benchmarks/search/own_server.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/http.h"
#include "fhir/fhir.h"
#include "identity/identity.h"
#include "tests/support/test_postgres.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FEEDERS = 64, WRITER_TIMEOUT_MS = 30000, IDLE_TIMEOUT_S = 60, BODY_BYTES_MOST = 1 << 20 };

struct own_server {
    struct test_postgres *postgres;
    struct identity *identity;
    struct fhir *fhir;
    struct http_server *http;
    char url[512], spool[64];
    uint32_t persons;
    atomic_uint fed; /* persons begun */
};

static _Noreturn void die(const char *what, const struct error *err) {
    (void)fprintf(stderr, "bench-search: %s: %s\n", what, err ? err->text : "failed");
    exit(1);
}

void own_server_id(uint32_t index, char out[16]) {
    (void)snprintf(out, 16, "%010u", index + 1);
}

/* -- the population -------------------------------------------------------------------------------------------------------------
 */

/* A name of four syllables by number: 20^4 of them, no two alike. */
static struct span name_of(uint32_t number, struct arena *arena) {
    static const char syllables[20][3] = {"BA", "CE", "DI", "FO", "GU", "LA", "ME", "NI", "PO", "RU",
                                          "SA", "TE", "VI", "BO", "CU", "DA", "FE", "GI", "LO", "MU"};
    char *name = arena_alloc(arena, 9);
    for (int i = 0; i < 4; i++, number /= 20)
        memcpy(name + 2 * i, syllables[number % 20], 2);
    name[8] = '\0';
    return span_make(name, 8);
}

static struct traits traits_of(uint32_t number, const char *domain, struct arena *arena) {
    static const char *const given[] = {"MARIE", "JEAN", "ANNE-SOPHIE", "PAUL", "LOUISE", "KARIM", "CLAIRE", "LUC"};
    struct trait_name *names = ARENA_ARRAY(arena, struct trait_name, 1);
    struct trait_address *addresses = ARENA_ARRAY(arena, struct trait_address, 2);
    struct trait_telecom *telecom = ARENA_NEW(arena, struct trait_telecom);
    struct trait_identifier *identifier = ARENA_NEW(arena, struct trait_identifier);
    char id[16];
    own_server_id(number, id);
    names[0] = (struct trait_name){.type = 'L', .family = name_of(number * 7919u, arena), .given = span_of(given[number % 8])};
    addresses[0] = (struct trait_address){.type = SPAN("H"),
                                          .line = span_of(arena_printf(arena, "%u RUE DES TESTS", number % 99 + 1)),
                                          .city = SPAN("BESANCON"),
                                          .postcode = SPAN("25000"),
                                          .country = SPAN("FRA")};
    addresses[1] =
        (struct trait_address){.type = SPAN("BDL"), .city = SPAN("BESANCON"), .country = SPAN("FRA"), .insee = SPAN("25056")};
    *telecom = (struct trait_telecom){
        .use = SPAN("PRN"), .equipment = SPAN("CP"), .value = span_of(arena_printf(arena, "06%08u", number))};
    *identifier = (struct trait_identifier){
        .value = span_of(arena_strdup(arena, id)), .namespace_id = span_of(domain), .type = SPAN("PI"), .where = SPAN("PID^1^3^1")};
    return (struct traits){
        .names = names,
        .name_count = 1,
        .addresses = addresses,
        .address_count = 2,
        .telecoms = telecom,
        .telecom_count = 1,
        .identifiers = identifier,
        .identifier_count = 1,
        .birth_date = span_of(arena_printf(arena, "19%02u%02u%02u", 30 + number % 60, number / 60 % 12 + 1, number / 720 % 28 + 1)),
        .sex = number % 2 ? SPAN("M") : SPAN("F"),
    };
}

static void feed_one(struct own_server *server, uint32_t number, const char *domain, struct arena *arena) {
    struct feed_subject subject = {.traits = traits_of(number, domain, arena), .where = SPAN("PID^1")};
    subject.status = (struct feed_status){.said = true, .valid = true};
    char *control_id = arena_printf(arena, "%s-%u", domain, number);
    struct feed feed = {
        .action = FEED_CREATE,
        .event = SPAN("A28"),
        .sender_application = SPAN("BENCH"),
        .sender_facility = span_of(domain),
        .loopback = true,
        .control_id = span_of(control_id),
        .version = SPAN("2.5"),
        .raw = span_of(control_id),
        .comparable = span_of(control_id),
        .subjects = &subject,
        .subject_count = 1,
    };
    struct feed_outcome outcome;
    identity_feed(server->identity, &feed, arena, &outcome);
    if (outcome.result != FEED_ACCEPTED)
        die("feed", &outcome.err);
}

static void *run_feeder(void *context) {
    struct own_server *server = context;
    struct arena *arena = arena_new(0);
    for (;;) {
        uint32_t number = atomic_fetch_add(&server->fed, 1);
        if (number >= server->persons)
            break;
        arena_reset(arena);
        feed_one(server, number, "NORD", arena);
        feed_one(server, number, "EST", arena);
        if (number % 500 == 0 && isatty(STDERR_FILENO))
            (void)fprintf(stderr, "\rsearch: feeding, %u of %u persons", number, server->persons);
    }
    arena_free(arena);
    return NULL;
}

static void populate(struct own_server *server) {
    pthread_t feeders[FEEDERS];
    for (size_t i = 0; i < FEEDERS; i++)
        must(pthread_create(&feeders[i], NULL, run_feeder, server) == 0);
    for (size_t i = 0; i < FEEDERS; i++)
        pthread_join(feeders[i], NULL);
    struct identity_counts counts;
    identity_counts(server->identity, &counts);
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r%-50s\r", "");
    printf("population: %llu records, %llu persons\n", (unsigned long long)counts.records, (unsigned long long)counts.persons);
}

/* -- life ------------------------------------------------------------------------------------------------------------------------
 */

static void add_domain(struct own_server *server, const char *name, const char *oid, enum domain_kind kind) {
    struct error err = ERROR_INIT;
    struct arena *arena = arena_new(0);
    struct domain_change change = DOMAIN_CHANGE_NONE;
    change.create = true;
    change.namespace_id = span_of(name);
    change.oid = span_of(oid);
    change.kind = (int)kind;
    change.author = SPAN("bench");
    if (!identity_domain_change(server->identity, &change, arena, NULL, &err))
        die(name, &err);
    arena_free(arena);
}

static void open_identity(struct own_server *server) {
    struct error err = ERROR_INIT;
    struct identity_options options;
    struct buf report;
    identity_options_default(&options);
    options.database_url = server->url;
    buf_init(&report, 1 << 16);
    if (!identity_migrate(&options, &report, &err))
        die("migrate", &err);
    buf_release(&report);
    options.spool_directory = server->spool;
    if (!identity_open(&options, false, &server->identity, &err) || !identity_wait_writer(server->identity, WRITER_TIMEOUT_MS))
        die("open", &err);
    add_domain(server, "REGION", "1.2.250.1.999.9", DOMAIN_REGIONAL);
    add_domain(server, "NORD", "1.2.250.1.999.1", DOMAIN_HOSPITAL);
    add_domain(server, "EST", "1.2.250.1.999.2", DOMAIN_HOSPITAL);
}

static void open_http(struct own_server *server, uint32_t threads) {
    struct error err = ERROR_INIT;
    struct fhir_options options;
    fhir_options_default(&options);
    struct http_options http = {
        .address = "127.0.0.1",
        .listen_fd = -1,
        .threads = threads,
        .max_connections = 1024,
        .max_body_bytes = BODY_BYTES_MOST,
        .idle_timeout_s = IDLE_TIMEOUT_S,
    };
    if (!fhir_new(&options, server->identity, &server->fhir, &err) ||
        !http_start(&http, fhir_handle, server->fhir, &server->http, &err))
        die("http", &err);
}

struct own_server *own_server_start(uint32_t records, uint32_t threads) {
    struct own_server *server = mem_alloc(sizeof *server);
    server->persons = records / 2 ? records / 2 : 1;
    (void)snprintf(server->spool, sizeof server->spool, "/tmp/sosie-bench-XXXXXX");
    if (!mkdtemp(server->spool))
        die("folder for the notes", NULL);
    server->postgres = test_postgres_start(true);
    (void)snprintf(server->url, sizeof server->url, "%s", test_postgres_url(server->postgres));
    open_identity(server);
    populate(server);
    open_http(server, threads);
    return server;
}

static void remove_spool(const char *folder) {
    static const char *const names[] = {"aborts", "in-hand", "queries-A", "queries-B"};
    char path[96];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

void own_server_stop(struct own_server *server) {
    if (!server)
        return;
    http_stop(server->http);
    fhir_free(server->fhir);
    identity_close(server->identity);
    test_postgres_stop(server->postgres);
    remove_spool(server->spool);
    mem_free(server);
}

uint16_t own_server_port(const struct own_server *server) {
    return http_port(server->http);
}
