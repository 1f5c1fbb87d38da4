/* See adt_sender.h. */
#include "tests/support/adt_sender.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/stream.h"
#include "mllp/frame.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WRITE_MS = 5000, ATTEMPT_MS = 3000, PAUSE_MS = 20 };

/* -- messages ------------------------------------------------------------------------------------------------------------- */

void adt_message_as(char out[ADT_TEXT], unsigned patient, unsigned n, const char *control_id) {
    static const char *const family[] = {"MOREL", "DURAND", "LEROY", "GIRARD", "FAURE", "ROUX", "BLANC", "PICARD"};
    static const char *const given[] = {"ANNE", "LUCIE", "MARTINE", "JULIE", "SOPHIE", "CLAIRE", "ODILE"};
    snprintf(out, ADT_TEXT,
             "MSH|^~\\&|GAM|CHU|SOSIE|REGION|20260101120000||ADT^%s^ADT_A05|%s|P|2.5||||||UNICODE UTF-8\r"
             "EVN||20260101120000\r"
             "PID|||P%u^^^CHU^PI||%s^%s^^^^^L||19%02u%02u%02u|F|||%u RUE DU PORT^^BESANCON^^25000^FRA^H"
             "|||||||||||||||||||||PROV\r"
             "PV1||N\r",
             n ? "A31" : "A28", control_id, patient, family[patient % 8], given[patient % 7], 30 + patient * 7 % 60,
             1 + patient % 12, 1 + patient * 5 % 28, n);
}

void adt_message(char out[ADT_TEXT], unsigned patient, unsigned n) {
    char control_id[32];
    snprintf(control_id, sizeof control_id, "K%u-%u", patient, n);
    adt_message_as(out, patient, n, control_id);
}

/* -- the wire ------------------------------------------------------------------------------------------------------------- */

struct stream *adt_connect(uint16_t port) {
    struct stream *stream;
    return stream_connect("127.0.0.1", port, 2000, &stream, NULL) ? stream : NULL;
}

bool adt_send(struct stream *stream, const char *message) {
    char frame[ADT_TEXT + 4];
    int len = snprintf(frame, sizeof frame, "\x0b%s\x1c\r", message);
    return stream_write(stream, span_make(frame, (size_t)len), clock_deadline(WRITE_MS), NULL);
}

/* Copies up to the end of a field or segment. */
static void copy_field(const char *from, char *out, size_t size) {
    size_t len = strcspn(from, "|\r");
    snprintf(out, size, "%.*s", (int)(len < size - 1 ? len : size - 1), from);
}

static bool read_answer(struct span message, struct adt_answer *out) {
    snprintf(out->text, sizeof out->text, "%.*s", SPAN_ARG(message));
    const char *msa = strstr(out->text, "\rMSA|");
    if (!msa)
        return false;
    copy_field(msa + 5, out->code, sizeof out->code);
    const char *second = strchr(msa + 5, '|');
    if (second)
        copy_field(second + 1, out->control_id, sizeof out->control_id);
    return true;
}

bool adt_receive(struct stream *stream, uint32_t timeout_ms, struct adt_answer *out) {
    struct frame_options options = {.limit_bytes = 1 << 20};
    struct frame_parser parser;
    enum frame_event event = FRAME_MORE;
    uint64_t deadline_ns = clock_deadline(timeout_ms);
    int64_t got = 1;
    *out = (struct adt_answer){.code = ""};
    frame_init(&parser, &options);
    while (event == FRAME_MORE && got > 0) {
        char byte; /* one at a time: what comes behind the answer belongs to the next call */
        got = stream_read(stream, &byte, 1, deadline_ns, NULL);
        if (got > 0)
            (void)frame_push(&parser, span_make(&byte, 1), &event);
    }
    bool ok = event == FRAME_MESSAGE && read_answer(buf_span(&parser.message), out);
    frame_release(&parser);
    return ok;
}

void adt_exchange(uint16_t port, const char *message, uint32_t timeout_ms, struct adt_answer *out) {
    struct stream *stream = adt_connect(port);
    *out = (struct adt_answer){.code = ""};
    if (stream && adt_send(stream, message))
        (void)adt_receive(stream, timeout_ms, out);
    stream_free(stream);
}

unsigned adt_until_accepted(const _Atomic uint16_t *port, struct stream **stream, const char *message, uint32_t patience_ms,
                            struct adt_answer *out) {
    uint64_t deadline_ns = clock_deadline(patience_ms);
    for (unsigned attempts = 1; clock_left_ms(deadline_ns); attempts++) {
        if (!*stream)
            *stream = adt_connect(atomic_load(port));
        if (*stream && adt_send(*stream, message) && adt_receive(*stream, ATTEMPT_MS, out) && strcmp(out->code, "AA") == 0)
            return attempts;
        stream_free(*stream);
        *stream = NULL;
        clock_sleep_ms(PAUSE_MS);
    }
    return 0;
}

/* -- the database --------------------------------------------------------------------------------------------------------- */

static PGresult *query(PGconn *conn, const char *sql) {
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s: %s\n", sql, PQerrorMessage(conn));
        abort();
    }
    return result;
}

int64_t adt_count(const char *database_url, const char *sql) {
    PGconn *conn = PQconnectdb(database_url);
    PGresult *result = query(conn, sql);
    int64_t value = PQntuples(result) ? strtoll(PQgetvalue(result, 0, 0), NULL, 10) : -1;
    PQclear(result);
    PQfinish(conn);
    return value;
}

/* The numbers in the column must be 0, 1, 2 .. last. */
static bool counts_up(PGconn *conn, const char *sql, unsigned patient, unsigned last, const char *what) {
    PGresult *result = query(conn, sql);
    bool good = PQntuples(result) == (int)last + 1;
    if (!good)
        fprintf(stderr, "patient %u: %d %s, %u were acknowledged\n", patient, PQntuples(result), what, last + 1);
    for (int i = 0; i < PQntuples(result) && good; i++) {
        good = strtol(PQgetvalue(result, i, 0), NULL, 10) == i;
        if (!good)
            fprintf(stderr, "patient %u: %s: %s stands where %d belongs\n", patient, what, PQgetvalue(result, i, 0), i);
    }
    PQclear(result);
    return good;
}

bool adt_check_patient(const char *database_url, unsigned patient, unsigned last) {
    char sql[1024];
    PGconn *conn = PQconnectdb(database_url);
    snprintf(sql, sizeof sql,
             "select substring(v.traits::text from '([0-9]+) RUE DU PORT') from version v join record r on r.id = v.record_id"
             " where r.local_id = 'P%u' order by v.version",
             patient);
    bool good = counts_up(conn, sql, patient, last, "versions");
    snprintf(sql, sizeof sql,
             "select split_part(control_id, '-', 2) from message where control_id like 'K%u-%%' and result = 0 order by id",
             patient);
    good = counts_up(conn, sql, patient, last, "accepted messages") && good;
    snprintf(sql, sizeof sql,
             "select substring(v.traits::text from '([0-9]+) RUE DU PORT') from record r"
             " join version v on v.record_id = r.id and v.version = r.version where r.local_id = 'P%u'",
             patient);
    int64_t current = adt_count(database_url, sql);
    if (current != last)
        fprintf(stderr, "patient %u: answers show %lld, %u was acknowledged last\n", patient, (long long)current, last);
    PQfinish(conn);
    return good && current == last;
}
