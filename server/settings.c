/* THE table of settings; see settings.h. A new setting is one field and one row. */
#include "server/settings.h"

#include "base/arena.h"
#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define AT(field) offsetof(struct settings, field)
#define TEXT(key, field, value, sentence)                                                                                          \
    { key, CONFIG_TEXT, "", value, 0, 0, NULL, AT(field), sentence }
#define NUMBER(key, field, unit, value, least, most, sentence)                                                                     \
    { key, CONFIG_NUMBER, unit, value, least, most, NULL, AT(field), sentence }
#define YES_NO(key, field, value, sentence)                                                                                        \
    { key, CONFIG_BOOL, "", value, 0, 0, NULL, AT(field), sentence }
#define CHOICE(key, field, value, choices, sentence)                                                                               \
    { key, CONFIG_CHOICE, "", value, 0, 0, choices, AT(field), sentence }

/* clang-format off */
static const struct config_row rows[] = {
    TEXT("database.url", database_url, "postgresql:///sosie",
         "Connection string of PostgreSQL, as libpq reads it; file:PATH takes it from a file, so that no password stands here."),
    NUMBER("database.connect_timeout", database_connect_timeout_ms, "ms", "3000", 100, 600000,
           "How long one attempt to connect may take."),
    NUMBER("database.read_sessions", database_read_sessions, "", "4", 1, 64, "Sessions for queries, beside the writer's two."),
    TEXT("data.directory", data_directory, "var/data",
         "Folder of the spool: queries noted here until the audit chain has them, feeds in hand when the server aborted."),
    YES_NO("data.sync", data_sync, "no",
           "Answer a query only when its note outlives a power cut too; otherwise one may take the last second's notes."),
    TEXT("control.socket", control_socket, "var/control.sock", "Unix socket by which commands ask the running server; mode 0600."),
    CHOICE("log.level", log_level, "info", "debug|info|warn|error", "Least level that is logged."),

    TEXT("mllp.address", mllp_address, "127.0.0.1", "Address of the HL7 listener."),
    NUMBER("mllp.port", mllp_port, "", "2575", 0, 65535, "Port of the HL7 listener; 0 takes any free one."),
    TEXT("mllp.tls.certificate", mllp_tls_certificate, "", "PEM file of the HL7 listener's certificate; empty: no TLS."),
    TEXT("mllp.tls.key", mllp_tls_key, "", "PEM file of its private key."),
    TEXT("mllp.tls.ca", mllp_tls_ca, "",
         "PEM file of the authorities of client certificates (IHE ATNA, ITI-19); when set, every peer must show one."),
    YES_NO("mllp.insecure_remote_plaintext", mllp_insecure_remote_plaintext, "no",
           "DANGER: lets the HL7 listener carry identities in clear text outside this machine."),
    NUMBER("mllp.max_connections", mllp_max_connections, "", "512", 1, 65536, "Connections at once, of all peers."),
    NUMBER("mllp.max_connections_per_peer", mllp_max_connections_per_peer, "", "384", 1, 65536,
           "Connections at once of one address."),
    NUMBER("mllp.frame_limit", mllp_frame_limit_bytes, "bytes", "1048576", 1024, 16777216, "Largest message taken."),
    NUMBER("mllp.read_timeout", mllp_read_timeout_ms, "ms", "30000", 100, 3600000, "Longest silence inside a message."),
    NUMBER("mllp.idle_timeout", mllp_idle_timeout_ms, "ms", "0", 0, 86400000, "Longest silence between messages; 0: for ever."),
    NUMBER("mllp.write_timeout", mllp_write_timeout_ms, "ms", "10000", 100, 3600000,
           "How long a peer may take to read its answer."),
    TEXT("mllp.processing_ids", mllp_processing_ids, "P",
           "Processing ids taken (MSH-11.1), by commas; any other is refused with AR."),
    TEXT("mllp.application", mllp_application, "SOSIE", "Our name in MSH-3 of answers."),
    TEXT("mllp.facility", mllp_facility, "", "Our name in MSH-4 of answers; empty: the namespace of the regional domain."),
    TEXT("mllp.default_charset", mllp_default_charset, "auto",
         "Character set when MSH-18 is empty: auto (UTF-8 when the bytes are that, else windows-1252) or a name of table 0211."),
    YES_NO("mllp.strict", mllp_strict, "no", "Refuse what is against the letter of the standard and could be understood."),
    YES_NO("mllp.declared_peers_only", mllp_declared_peers_only, "no",
           "Refuse messages of senders (MSH-3 and MSH-4) that sosie peer has not declared."),
    YES_NO("mllp.short_ack", mllp_short_ack, "no", "Acknowledgements say ACK alone in MSH-9, for senders that take no other."),
    YES_NO("mllp.end_byte_in_data", mllp_end_byte_in_data, "no",
           "A byte 1C inside a message is data, not a broken end (old senders)."),
    CHOICE("mllp.when_unavailable", mllp_when_unavailable, "ar", "ar|close",
           "What feeds get while nothing can be committed: an AR with the reason, or a closed connection."),

    TEXT("notify.tls.ca", notify_tls_ca, "",
         "PEM file of the authorities of the certificates of peers that are told over TLS (sosie peer set --tls yes)."),
    TEXT("notify.tls.certificate", notify_tls_certificate, "", "PEM file of the certificate that we show them; empty: none."),
    TEXT("notify.tls.key", notify_tls_key, "", "PEM file of its private key."),
    YES_NO("notify.insecure_remote_plaintext", notify_insecure_remote_plaintext, "no",
           "DANGER: tells peers outside this machine in clear text when they take no TLS."),
    TEXT("notify.processing_id", notify_processing_id, "P", "MSH-11 of what peers are told."),
    NUMBER("notify.answer_timeout", notify_answer_timeout_ms, "ms", "30000", 100, 600000,
           "How long a peer may take to acknowledge what it is told."),
    NUMBER("notify.attempts", notify_attempts, "", "20", 1, 1000000,
           "Refusals (AR) and silences after which a notification is a dead letter; an unreachable peer does not count."),
    NUMBER("notify.backoff_first", notify_backoff_first_ms, "ms", "1000", 1, 3600000,
           "Pause after the first attempt that failed; each further one is twice as long."),
    NUMBER("notify.backoff_most", notify_backoff_most_ms, "ms", "300000", 1, 86400000, "Longest pause between attempts."),
    NUMBER("notify.keep_days", notify_keep_days, "days", "30", 1, 3650,
           "How long what peers were told is kept, to be sent again (sosie peer replay --since)."),

    YES_NO("feed.control_id_reuse", feed_control_id_reuse, "no",
           "Process a control ID that came before with other content (senders whose counter restarts) instead of refusing it."),
    YES_NO("feed.stale_guard", feed_stale_guard, "no",
           "An update whose PID-33 is older than the stored one joins the history only, and a task shows both."),
    YES_NO("feed.strict_create", feed_strict_create, "no", "Refuse an A28 on a known identifier (205) instead of updating it."),
    YES_NO("feed.update_creates", feed_update_creates, "yes",
           "An A31 or A08 of an unknown identifier creates it; else it is refused (204)."),
    YES_NO("feed.movement_creates", feed_movement_creates, "yes",
           "So does a movement of a visit (A02, A03, A06 and the like); else it is refused (204)."),
    YES_NO("feed.merged_to_survivor", feed_merged_to_survivor, "no",
           "A feed on a merged identifier updates its survivor instead of being refused (204)."),
    YES_NO("feed.iti31_updates_french", feed_iti31_updates_french, "no",
           "Encounter messages (ITI-31) update the traits of a known identity, against the French rule."),
    YES_NO("feed.ignore_bad_birth_date", feed_ignore_bad_birth_date, "no",
           "Leave an impossible birth date out and take the rest, instead of refusing the message (102)."),
    TEXT("feed.unknown_birth_dates", feed_unknown_birth_dates, "",
         "Birth dates that senders write where none is known, by commas (1985-06-15, 1970-01-01): kept, and compared as none."),
    YES_NO("feed.ignore_bad_codes", feed_ignore_bad_codes, "no",
           "A sex that is no code of table 0001 says nothing, instead of refusing the message (103)."),
    YES_NO("feed.french", feed_french, "no", "Messages are those of French peers (PAM.fr), also where MSH-12 does not say FRA."),
    YES_NO("feed.pid2_is_identifier", feed_pid2_is_identifier, "no", "PID-2 is the identifier where PID-3 is empty (old senders)."),
    YES_NO("feed.pid6_is_birth_name", feed_pid6_is_birth_name, "no", "PID-6 holds the patient's birth name, an old French usage."),
    YES_NO("feed.pid19_is_identifier", feed_pid19_is_identifier, "no", "PID-19 holds the social security number as an identifier."),
    TEXT("feed.pid19_namespace", feed_pid19_namespace, "NID", "Namespace that PID-19 belongs to, when it is an identifier."),

    YES_NO("pix.include_query_id", pix_include_query_id, "no", "A PIX answer repeats the identifier asked about (OpenHIE)."),
    YES_NO("pix.merged_id_unknown", pix_merged_id_unknown, "no",
           "A merged identifier is unknown to PIX queries (IHE's own form) instead of standing for its survivor."),
    YES_NO("pix.expose_subsumed", pix_expose_subsumed, "no", "A PIX answer lists merged identifiers too (OpenHIE)."),
    YES_NO("pix.single_error", pix_single_error, "no",
           "One ERR names all unknown domains of a PIX or PDQ query, for strict validators."),
    NUMBER("pdq.limit", pdq_limit, "", "100", 1, 10000, "Most patients of one PDQ answer."),
    YES_NO("pdq.visits", pdq_visits, "no", "Answer queries about visits (ITI-22); else they are refused (AR 201)."),
    YES_NO("pdq.continues", pdq_continues, "yes", "A PDQ answer beyond pdq.limit goes on with DSC also for who gave no RCP-2."),

    TEXT("http.address", http_address, "127.0.0.1",
           "Address of the HTTP listener: FHIR, health, metrics; the pages on loopback only."),
    NUMBER("http.port", http_port, "", "8080", 0, 65535, "Port of the HTTP listener; 0 takes any free one."),
    TEXT("http.tls.certificate", http_tls_certificate, "", "PEM file of the HTTP listener's certificate; empty: no TLS."),
    TEXT("http.tls.key", http_tls_key, "", "PEM file of its private key."),
    TEXT("http.tls.ca", http_tls_ca, "",
           "PEM file of the authorities of client certificates; when set, every client must show one."),
    YES_NO("http.insecure_remote_plaintext", http_insecure_remote_plaintext, "no",
           "DANGER: lets the HTTP listener carry identities in clear text outside this machine."),
    NUMBER("http.threads", http_threads, "", "4", 1, 256, "Threads that answer HTTP."),
    NUMBER("http.max_connections", http_max_connections, "", "1024", 1, 65536, "HTTP connections at once, of all clients."),
    NUMBER("http.max_connections_per_address", http_max_connections_per_address, "", "256", 0, 65536,
           "HTTP connections at once of one address; 0: no own limit."),
    NUMBER("http.max_body", http_max_body_bytes, "bytes", "1048576", 1024, 67108864, "Largest request body taken."),
    NUMBER("http.idle_timeout", http_idle_timeout_s, "s", "30", 1, 3600, "Longest silence of an HTTP connection."),

    TEXT("fhir.base_url", fhir_base_url, "",
           "Public address of the FHIR server, e.g. https://id.example.fr/fhir; empty: taken from Host."),
    NUMBER("fhir.page_size", fhir_page_size, "", "20", 1, 1000, "Entries of a search page when _count is not given."),
    NUMBER("fhir.page_max", fhir_page_most, "", "200", 1, 1000, "Most entries of a search page, whatever _count says."),
    NUMBER("fhir.page_lifetime", fhir_page_lifetime_s, "s", "600", 1, 86400, "How long a link to the next page works."),
    NUMBER("fhir.page_keys", fhir_page_keys, "", "1000000", 1000, 100000000, "Patients kept for next pages, 16 bytes each."),
    YES_NO("fhir.unknown_domain_ok", fhir_unknown_domain_ok, "no",
           "An unknown domain in a search is a warning instead of an error."),
    YES_NO("fhir.share_ins", fhir_share_ins, "no",
           "FHIR clients see the INS of qualified patients (one switch for all, until they have accounts)."),
    YES_NO("fhir.trust_forwarded", fhir_trust_forwarded, "no", "Believe X-Forwarded-Host and -Proto of a proxy on this machine."),

    CHOICE("ins.oids", ins_oids, "production", "production|test|both",
           "Which INS are real here: production OIDs, test OIDs or both."),
    NUMBER("person.record_limit", person_record_limit, "", "64", 2, 10000,
           "A person of more records takes no automatic link (rule 5)."),
    NUMBER("person.cache", person_cache, "", "100000", 0, 100000000, "Records whose traits are kept in memory for queries."),
    YES_NO("review.second_person", review_second_person, "no", "A decision against a veto asks for a second author (rule 15)."),

    NUMBER("lane.timeout", lane_timeout_ms, "ms", "10000", 100, 600000, "Deadline of one round trip of the writer to PostgreSQL."),
    NUMBER("lane.batch", lane_batch, "", "256", 1, 1024, "Most feeds committed together."),
    NUMBER("lane.queue_limit", lane_queue_limit, "", "4096", 1, 1000000, "Feeds waiting for the writer; beyond it they get AR."),
    NUMBER("lane.wait_timeout", lane_wait_timeout_ms, "ms", "30000", 100, 600000,
           "A feed not begun by then is withdrawn and gets AR."),

    NUMBER("retention.months", retention_months, "months", "0", 0, 1200, "How long message log and audit are kept; 0: for ever."),
};
/* clang-format on */

const struct config_table settings_table = {rows, sizeof rows / sizeof *rows};

bool settings_is_loopback(const char *address) {
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 || strcmp(address, "localhost") == 0;
}

static bool is_set(const char *text) {
    return text && *text;
}

/* key_of("mllp", "tls.key"): "mllp.tls.key" */
struct key {
    char text[64];
};
static struct key key_of(const char *room, const char *rest) {
    struct key key;
    snprintf(key.text, sizeof key.text, "%s.%s", room, rest);
    return key;
}

__attribute__((format(printf, 4, 5))) static void find(struct config_findings *findings, enum error_code code, const char *key,
                                                       const char *format, ...) {
    char text[sizeof((struct error){0}.text)];
    struct error err = ERROR_INIT;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error_set(&err, code, key, "%s", text);
    config_find(findings, key, false, &err);
}

static void check_tls(const char *room, const char *certificate, const char *key, const char *ca,
                      struct config_findings *findings) {
    if (is_set(certificate) != is_set(key)) {
        const char *there = is_set(key) ? "tls.key" : "tls.certificate", *missing = is_set(key) ? "tls.certificate" : "tls.key";
        find(findings, ERROR_MISSING, key_of(room, there).text,
             "a certificate and its key come together: set %s.%s too, or none of the two", room, missing);
    }
    if (is_set(ca) && !is_set(certificate))
        find(findings, ERROR_MISSING, key_of(room, "tls.ca").text,
             "client certificates need TLS: set %s.tls.certificate and %s.tls.key too", room, room);
}

/* We are the client: the authority makes TLS, the certificate is ours to show. */
static void check_notify(const struct settings *s, struct config_findings *findings) {
    check_tls("notify", s->notify_tls_certificate, s->notify_tls_key, "", findings);
    if (is_set(s->notify_tls_certificate) && !is_set(s->notify_tls_ca))
        find(findings, ERROR_MISSING, "notify.tls.certificate",
             "it is shown to peers whose certificate can be checked: set notify.tls.ca too");
    if (s->notify_backoff_first_ms > s->notify_backoff_most_ms)
        find(findings, ERROR_LIMIT, "notify.backoff_first", "%lld ms is more than notify.backoff_most = %lld ms",
             (long long)s->notify_backoff_first_ms, (long long)s->notify_backoff_most_ms);
}

static void check_exposure(const char *room, const char *address, const char *certificate, bool insecure,
                           struct config_findings *findings) {
    if (!is_set(address))
        find(findings, ERROR_MISSING, key_of(room, "address").text, "no address to listen on; 127.0.0.1 keeps to this machine");
    else if (!settings_is_loopback(address) && !is_set(certificate) && !insecure)
        find(findings, ERROR_FORBIDDEN, key_of(room, "address").text,
             "%.60s is outside loopback and there is no TLS: set %s.tls.certificate and %s.tls.key, or, knowing that identities "
             "travel in clear text, %s.insecure_remote_plaintext = yes",
             address, room, room, room);
}

static void check_processing_ids(const char *text, struct config_findings *findings) {
    static const char key[] = "mllp.processing_ids";
    struct span rest = span_of(text), piece;
    size_t count = 0;
    while (span_cut(&rest, ',', &piece)) {
        piece = span_trim(piece);
        if (piece.len != 1 || !strchr("PTD", piece.ptr[0]))
            find(findings, ERROR_TABLE, key, "\"%.*s\" is not one of P, T, D (HL7 table 0103)", SPAN_ARG(span_clip(piece, 60)));
        count++;
    }
    if (count == 0)
        find(findings, ERROR_MISSING, key, "at least one of P, T, D must be taken");
}

/* YYYY-MM-DD, a day of the calendar: what is none comes back as another one. */
static bool is_day(struct span text) {
    char back[32];
    int64_t at_us;
    if (text.len != 10 || !clock_parse_iso(text, &at_us))
        return false;
    clock_format_iso(at_us, back, sizeof back);
    return span_eq(span_make(back, 10), text);
}

static void check_unknown_dates(const char *text, struct config_findings *findings) {
    struct span rest = span_of(text), piece;
    while (is_set(text) && span_cut(&rest, ',', &piece))
        if (!is_day(span_trim(piece)))
            find(findings, ERROR_TYPE, "feed.unknown_birth_dates", "\"%.*s\" is no date; write 1985-06-15, 1970-01-01",
                 SPAN_ARG(span_clip(span_trim(piece), 60)));
}

static void check_paths(const struct settings *s, struct config_findings *findings) {
    size_t most = sizeof((struct sockaddr_un){0}.sun_path) - 1;
    if (!is_set(s->database_url))
        find(findings, ERROR_MISSING, "database.url", "no database is named; for example postgresql:///sosie");
    if (!is_set(s->data_directory))
        find(findings, ERROR_MISSING, "data.directory", "no folder is named for the spool");
    if (!is_set(s->control_socket))
        find(findings, ERROR_MISSING, "control.socket", "no path is named for the control socket");
    else if (strlen(s->control_socket) > most)
        find(findings, ERROR_LIMIT, "control.socket", "the path of a unix socket has at most %zu bytes; choose a shorter one",
             most);
}

static void check_numbers(const struct settings *s, struct config_findings *findings) {
    if (s->mllp_port && s->mllp_port == s->http_port && strcmp(s->mllp_address, s->http_address) == 0)
        find(findings, ERROR_DUPLICATE, "http.port", "%lld is mllp.port already; give each listener its own",
             (long long)s->http_port);
    if (s->fhir_page_size > s->fhir_page_most)
        find(findings, ERROR_LIMIT, "fhir.page_size", "%lld is more than fhir.page_max = %lld; lower the one or raise the other",
             (long long)s->fhir_page_size, (long long)s->fhir_page_most);
    if (s->http_threads > s->http_max_connections)
        find(findings, ERROR_LIMIT, "http.threads",
             "%lld threads need at least as many connections, not http.max_connections = %lld", (long long)s->http_threads,
             (long long)s->http_max_connections);
}

void settings_check(const struct settings *s, struct config_findings *findings) {
    check_paths(s, findings);
    check_processing_ids(s->mllp_processing_ids, findings);
    check_unknown_dates(s->feed_unknown_birth_dates, findings);
    check_tls("mllp", s->mllp_tls_certificate, s->mllp_tls_key, s->mllp_tls_ca, findings);
    check_tls("http", s->http_tls_certificate, s->http_tls_key, s->http_tls_ca, findings);
    check_notify(s, findings);
    check_exposure("mllp", s->mllp_address, s->mllp_tls_certificate, s->mllp_insecure_remote_plaintext, findings);
    check_exposure("http", s->http_address, s->http_tls_certificate, s->http_insecure_remote_plaintext, findings);
    check_numbers(s, findings);
}

/* The file that SOSIE_CONFIG names; NULL when it names none. */
static const char *named_file(char **environment) {
    struct span prefix = SPAN("SOSIE_CONFIG=");
    for (; environment && *environment; environment++)
        if (span_starts(span_of(*environment), prefix))
            return *environment + prefix.len;
    return NULL;
}

bool settings_review(const struct settings_source *source, struct settings *out, const char **out_path,
                     struct config_findings *findings) {
    const char *path = source->path ? source->path : named_file(source->environment);
    if (!is_set(path))
        path = access("var/sosie.conf", F_OK) == 0 ? "var/sosie.conf" : NULL;
    *out_path = path ? path : "";
    *out = (struct settings){0};
    config_defaults(&settings_table, out);
    if (path && !config_review_file(findings, out, path))
        return false;
    if (source->environment)
        config_review_environment(findings, out, source->environment);
    for (size_t i = 0; i < source->flag_count; i++)
        config_review_value(findings, out, source->flags[i].key, source->flags[i].value);
    settings_check(out, findings);
    return true;
}

bool settings_load(const struct settings_source *source, struct settings *out, const char **out_path, struct error *err) {
    struct settings made;
    struct config_findings findings;
    const char *path;
    struct arena *arena = arena_new(0);
    config_findings_init(&findings, &settings_table, arena);
    (void)settings_review(source, &made, &path, &findings);
    bool good = config_findings_good(&findings, path, err);
    if (!good && err && findings.errors > 1)
        error_set(err, err->code, err->where, "%.200s (and %zu more: see sosie check)", err->text, findings.errors - 1);
    arena_free(arena);
    if (!good)
        return false;
    *out = made;
    if (out_path)
        *out_path = path;
    return true;
}

static bool row_equal(const struct config_row *row, const struct settings *a, const struct settings *b) {
    const char *at_a = (const char *)a + row->offset, *at_b = (const char *)b + row->offset;
    switch (row->type) {
    case CONFIG_TEXT:
        return strcmp(*(const char *const *)(const void *)at_a, *(const char *const *)(const void *)at_b) == 0;
    case CONFIG_NUMBER:
        return memcmp(at_a, at_b, sizeof(int64_t)) == 0;
    case CONFIG_BOOL:
        return memcmp(at_a, at_b, sizeof(bool)) == 0;
    case CONFIG_CHOICE:
        return memcmp(at_a, at_b, sizeof(int)) == 0;
    }
    return false;
}

size_t settings_diff(const struct settings *a, const struct settings *b, const char **out_keys, size_t most) {
    size_t count = 0;
    for (size_t i = 0; i < settings_table.count; i++) {
        if (row_equal(&rows[i], a, b))
            continue;
        if (count < most)
            out_keys[count] = rows[i].key;
        count++;
    }
    return count;
}

static void write_range(const struct config_row *row, struct buf *out) {
    if (row->type == CONFIG_NUMBER)
        buf_addf(out, "%lld to %lld%s%s", (long long)row->least, (long long)row->most, *row->unit ? " " : "", row->unit);
    else if (row->type == CONFIG_BOOL)
        buf_add_cstr(out, "yes, no");
    else if (row->type == CONFIG_CHOICE) {
        struct span rest = span_of(row->choices), piece;
        for (const char *glue = ""; span_cut(&rest, '|', &piece); glue = ", ")
            buf_addf(out, "%s%.*s", glue, SPAN_ARG(piece));
    } else
        buf_add_cstr(out, "text");
}

void settings_write_manual(struct buf *out) {
    buf_add_cstr(out,
                 "# Settings\n\nMade from the table in `server/settings.c` by `sosie check --manual`; change it there.\n\n"
                 "Sources in order, later wins: the default, the file (`--config F`, else `$SOSIE_CONFIG`, else `var/sosie.conf`;\n"
                 "`key = value`, `#` begins a comment), the environment (`SOSIE_MLLP_PORT`), flags (`--mllp.port 2600`). A value\n"
                 "`file:PATH` is read from that file. Unknown keys are errors. `sosie check` validates, `sosie check --sample`\n"
                 "prints a file to begin with.\n\n| key | default | values | what it does |\n|---|---|---|---|\n");
    for (size_t i = 0; i < settings_table.count; i++) {
        const struct config_row *row = &rows[i];
        buf_addf(out, "| `%s` | %s%s%s | ", row->key, *row->default_text ? "`" : "", row->default_text,
                 *row->default_text ? "`" : "");
        write_range(row, out);
        buf_addf(out, " | %s |\n", row->text);
    }
}
