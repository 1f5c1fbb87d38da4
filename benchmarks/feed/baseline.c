/* See baseline.h. The rows travel as PostgreSQL's own binary arrays, untouched, from one database to the other. */
#include "benchmarks/feed/baseline.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/span.h"
#include "base/vec.h"
#include "sql_generated.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMS_MOST = 32, QUERIES_MOST = 16 };

struct query {
    char *name; /* of the lane's statement; "prepare" for the first */
    char *text;
};

/* One statement of one batch: the parameters as they came from the server. */
struct write {
    size_t query;
    int count;
    PGresult *source; /* owns the values */
    const char *values[PARAMS_MOST];
    int lengths[PARAMS_MOST];
    int formats[PARAMS_MOST];
};

struct plan {
    struct arena *arena;
    struct query queries[QUERIES_MOST];
    size_t query_count;
    VEC(struct write) writes;
    VEC(size_t) ends; /* writes up to here belong to the batch */
    size_t messages, rows;
};

static _Noreturn void die(const char *what, const char *why) {
    (void)fprintf(stderr, "baseline: %s: %s\n", what, why);
    exit(1);
}

static PGconn *open_database(const char *url) {
    PGconn *connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK)
        die("connect", PQerrorMessage(connection));
    return connection;
}

/* -- rows.sql --------------------------------------------------------------------------------------------------------------- */

static void read_queries(struct plan *plan) {
    FILE *file = fopen(SOSIE_SOURCE_DIR "/benchmarks/feed/rows.sql", "r");
    if (!file)
        die("benchmarks/feed/rows.sql", "cannot be read");
    char line[1024];
    struct buf *texts = ARENA_ARRAY(plan->arena, struct buf, QUERIES_MOST);
    while (fgets(line, sizeof line, file)) {
        bool head = strncmp(line, "-- batch_", 9) == 0 || strncmp(line, "-- prepare:", 11) == 0;
        if (head) {
            struct span name = span_trim(span_of(line + 3));
            name = span_sub(name, 0, span_find(name, ':', 0));
            must(plan->query_count < QUERIES_MOST);
            plan->queries[plan->query_count].name = span_cstr(name, plan->arena);
            buf_init(&texts[plan->query_count++], 1 << 16);
        } else if (plan->query_count && strncmp(line, "--", 2) != 0) {
            buf_add_cstr(&texts[plan->query_count - 1], line);
        }
    }
    (void)fclose(file);
    for (size_t i = 0; i < plan->query_count; i++) {
        plan->queries[i].text = span_cstr(buf_span(&texts[i]), plan->arena);
        buf_release(&texts[i]);
    }
}

/* Statements of the prepare part, one by one, $1 written in: a simple query takes no parameters. */
static void run_prepare(PGconn *from, const struct plan *plan, int64_t change) {
    struct span rest = span_of(plan->queries[0].text), piece;
    while (span_cut(&rest, ';', &piece)) {
        if (span_is_empty(span_trim(piece)))
            continue;
        struct buf text = {0};
        buf_init(&text, 1 << 16);
        for (size_t i = 0; i < piece.len; i++)
            if (piece.ptr[i] == '$' && i + 1 < piece.len && piece.ptr[i + 1] == '1') {
                buf_addf(&text, "%lld", (long long)change);
                i++;
            } else {
                buf_add_char(&text, piece.ptr[i]);
            }
        PGresult *result = PQexec(from, text.bytes);
        if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
            die("prepare", PQerrorMessage(from));
        PQclear(result);
        buf_release(&text);
    }
}

static PGresult *ask(PGconn *connection, const char *text, int count, const char *const *values, int format) {
    PGresult *result = PQexecParams(connection, text, count, NULL, values, NULL, NULL, format);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        die(text, PQerrorMessage(connection));
    return result;
}

/* -- reading back ------------------------------------------------------------------------------------------------------------- */

static void read_batch(struct plan *plan, PGconn *from, const char *const *range) {
    for (size_t i = 1; i < plan->query_count; i++) {
        PGresult *result = ask(from, plan->queries[i].text, 5, range, 1);
        struct write write = {.query = i, .count = PQnfields(result), .source = result};
        if (PQgetisnull(result, 0, 0)) {
            PQclear(result);
            continue;
        }
        must(write.count <= PARAMS_MOST);
        for (int j = 0; j < write.count; j++) {
            write.values[j] = PQgetvalue(result, 0, j);
            write.lengths[j] = PQgetlength(result, 0, j);
            write.formats[j] = 1;
        }
        VEC_ADD(plan->arena, plan->writes, write);
    }
    VEC_ADD(plan->arena, plan->ends, plan->writes.count);
}

/* Consecutive changes of the server, put together until they hold `batch_messages` messages. */
static void read_back(struct plan *plan, PGconn *from, struct watermark after, size_t batch_messages) {
    char first[32], last_record[32];
    (void)snprintf(first, sizeof first, "%lld", (long long)after.change);
    (void)snprintf(last_record, sizeof last_record, "%lld", (long long)after.record);
    const char *mark[] = {first};
    PGresult *changes =
        ask(from,
            "select c.no::text, c.at::text, (select count(*) from message m where m.received_at = c.at)::text from change c "
            "where c.no > $1::bigint order by c.no",
            1, mark, 0);
    size_t pending = 0;
    const char *low = first, *low_at = NULL;
    for (int i = 0; i < PQntuples(changes); i++) {
        uint64_t messages = 0;
        (void)span_to_u64(span_of(PQgetvalue(changes, i, 2)), &messages);
        low_at = low_at ? low_at : PQgetvalue(changes, i, 1);
        pending += messages;
        plan->messages += messages;
        if (pending < batch_messages && i + 1 < PQntuples(changes))
            continue;
        const char *range[] = {low, PQgetvalue(changes, i, 0), low_at, PQgetvalue(changes, i, 1), last_record};
        read_batch(plan, from, range);
        low = PQgetvalue(changes, i, 0);
        low_at = NULL;
        pending = 0;
    }
    PQclear(changes);
}

/* -- writing ------------------------------------------------------------------------------------------------------------------ */

static const char *statement_text(const char *name) {
    for (int i = 0; i < SQL_QUERY_COUNT; i++)
        if (strcmp(sql_query_texts[i].name, name) == 0)
            return sql_query_texts[i].text;
    die(name, "is no statement of the lane");
}

static void prepare_statements(PGconn *to, const struct plan *plan) {
    for (size_t i = 1; i < plan->query_count; i++) {
        PGresult *result = PQprepare(to, plan->queries[i].name, statement_text(plan->queries[i].name), 0, NULL);
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            die(plan->queries[i].name, PQerrorMessage(to));
        PQclear(result);
    }
}

static void drain(PGconn *to) {
    for (;;) {
        PGresult *result = PQgetResult(to);
        if (!result)
            continue; /* the end of one statement of the pipeline */
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_FATAL_ERROR || status == PGRES_PIPELINE_ABORTED)
            die("write", PQresultErrorMessage(result));
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC)
            return;
    }
}

static void write_batch(PGconn *to, const struct plan *plan, size_t from, size_t until) {
    must(PQsendQueryParams(to, "begin", 0, NULL, NULL, NULL, NULL, 1));
    for (size_t i = from; i < until; i++) {
        const struct write *write = &plan->writes.items[i];
        must(PQsendQueryPrepared(to, plan->queries[write->query].name, write->count, write->values, write->lengths, write->formats,
                                 1));
    }
    must(PQsendQueryParams(to, "commit", 0, NULL, NULL, NULL, NULL, 1));
    must(PQpipelineSync(to));
    drain(to);
}

struct watermark baseline_mark(const char *url) {
    PGconn *connection = open_database(url);
    PGresult *result =
        ask(connection,
            "select (select coalesce(max(no), 0) from change)::text, (select coalesce(max(id), 0) from record)::text, "
            "(select coalesce(max(id), 0) from message)::text",
            0, NULL, 0);
    struct watermark mark;
    (void)span_to_i64(span_of(PQgetvalue(result, 0, 0)), &mark.change);
    (void)span_to_i64(span_of(PQgetvalue(result, 0, 1)), &mark.record);
    (void)span_to_i64(span_of(PQgetvalue(result, 0, 2)), &mark.message);
    PQclear(result);
    PQfinish(connection);
    return mark;
}

struct baseline_result baseline_run(const char *from_url, const char *to_url, struct watermark after, size_t batch_messages) {
    struct plan plan = {.arena = arena_new((size_t)1 << 33)};
    read_queries(&plan);
    PGconn *from = open_database(from_url), *to = open_database(to_url);
    run_prepare(from, &plan, after.change);
    read_back(&plan, from, after, batch_messages);
    PQfinish(from);
    prepare_statements(to, &plan);
    must(PQenterPipelineMode(to) == 1);
    uint64_t started = clock_mono_ns();
    for (size_t i = 0; i < plan.ends.count; i++)
        write_batch(to, &plan, i ? plan.ends.items[i - 1] : 0, plan.ends.items[i]);
    struct baseline_result result = {
        .messages = plan.messages, .batches = plan.ends.count, .seconds = (double)(clock_mono_ns() - started) / 1e9};
    PQfinish(to);
    for (size_t i = 0; i < plan.writes.count; i++)
        PQclear(plan.writes.items[i].source);
    arena_free(plan.arena);
    return result;
}
