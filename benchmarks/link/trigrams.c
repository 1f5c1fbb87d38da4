/* See trigrams.h. */
#include "benchmarks/link/trigrams.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/csv.h"
#include "tests/support/test_postgres.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_MOST = 1 << 30, RECORD = 0, FAMILY = 5, GIVEN = 7, BORN = 10 };

static void run(PGconn *session, const char *sql) {
    PGresult *result = PQexec(session, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_COPY_IN) {
        (void)fprintf(stderr, "bench-link: %s\n", PQerrorMessage(session));
        exit(EXIT_FAILURE);
    }
    PQclear(result);
}

static void copy_in(PGconn *session, const char *path) {
    struct buf text = {0}, line = {0};
    struct arena *arena = arena_new(FILE_MOST);
    struct error err = ERROR_INIT;
    struct csv csv;
    char block[65536];
    size_t got;
    FILE *file = fopen(path, "rb");
    must(file);
    buf_init(&text, FILE_MOST);
    buf_init(&line, 4096);
    while ((got = fread(block, 1, sizeof block, file)) > 0)
        buf_add_bytes(&text, block, got);
    fclose(file);
    must(csv_open(&csv, buf_span(&text), &err) && csv_next(&csv, arena));
    run(session, "COPY record FROM STDIN");
    while (csv_next(&csv, arena)) {
        must(csv.fault == NULL && csv.count > BORN);
        buf_clear(&line);
        buf_addf(&line, "%.*s\t%.*s %.*s\t%.*s\n", SPAN_ARG(csv.fields[RECORD]), SPAN_ARG(csv.fields[FAMILY]),
                 SPAN_ARG(csv.fields[GIVEN]), SPAN_ARG(csv.fields[BORN]));
        must(PQputCopyData(session, line.bytes, (int)line.len) == 1);
        arena_reset(arena);
    }
    must(PQputCopyEnd(session, NULL) == 1);
    PQclear(PQgetResult(session));
    PQclear(PQgetResult(session));
    buf_release(&text);
    buf_release(&line);
    arena_free(arena);
}

static size_t read_pairs(PGconn *session, struct scored_pair **out_pairs) {
    PGresult *result = PQexec(session, "SELECT a.id, b.id, similarity(a.name, b.name) - levenshtein(a.born, b.born) / 8.0"
                                       " FROM record a JOIN record b ON a.name % b.name AND a.id < b.id"
                                       " AND levenshtein_less_equal(a.born, b.born, 2) <= 2");
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        (void)fprintf(stderr, "bench-link: %s\n", PQerrorMessage(session));
        exit(EXIT_FAILURE);
    }
    size_t count = (size_t)PQntuples(result);
    struct scored_pair *pairs = mem_alloc((count + 1) * sizeof *pairs);
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct scored_pair){.a = (uint32_t)strtoul(PQgetvalue(result, (int)i, 0), NULL, 10),
                                        .b = (uint32_t)strtoul(PQgetvalue(result, (int)i, 1), NULL, 10),
                                        .score = strtod(PQgetvalue(result, (int)i, 2), NULL)};
    PQclear(result);
    *out_pairs = pairs;
    return count;
}

double trigrams_link(struct test_postgres *postgres, const char *path, struct scored_pair **out_pairs, size_t *out_count) {
    PGconn *session = PQconnectdb(test_postgres_database(postgres, "trigrams"));
    must(PQstatus(session) == CONNECTION_OK);
    uint64_t begin = clock_mono_ns();
    run(session, "CREATE EXTENSION pg_trgm");
    run(session, "CREATE EXTENSION fuzzystrmatch");
    run(session, "SET work_mem = '256MB'");
    run(session, "SET pg_trgm.similarity_threshold = 0.5");
    run(session, "CREATE TABLE record (id int, name text, born text)");
    copy_in(session, path);
    run(session, "CREATE INDEX ON record USING gin (name gin_trgm_ops)");
    run(session, "ANALYZE record");
    *out_count = read_pairs(session, out_pairs);
    double seconds = (double)(clock_mono_ns() - begin) / 1e9;
    PQfinish(session);
    return seconds;
}
