/* A domain told in messages, from one snapshot; see export.h. */
#include "base/clock.h"
#include "identity/service.h"
#include "identity/store.h"
#include "identity/traits.h"

#include <stdio.h>

enum { SLICE = 512, CONNECT_TIMEOUT_MS = 5000, READ_TIMEOUT_MS = 600000, SLICE_ARENA = 256 << 20 };

struct exporting {
    const struct export_options *options;
    struct sql_session *session, *notes; /* one reads in its snapshot, the other writes the notes */
    struct arena *arena, *slice;
    struct domain_list domains;
    const struct domain *domain;
    export_take *take;
    void *context;
    struct export_counts counts;
    uint64_t number;
};

/* -- notes ------------------------------------------------------------------------------------------------------------------ */

static bool note(struct exporting *exporting, const char *name, struct span detail, struct error *err) {
    struct sql_params *params = sql_params_new(exporting->arena);
    const struct sql_result *ignored;
    const int64_t now = clock_now_us(), none = 0;
    const struct span action = span_of(name);
    sql_param_time_array(params, &now, 1);
    sql_param_text_array(params, &exporting->options->author, 1);
    sql_param_text_array(params, &action, 1);
    for (int i = 0; i < 3; i++)
        sql_param_i64_array(params, &none, 1);
    sql_param_text_array(params, &detail, 1);
    return sql_query(exporting->notes, SQL_QUERY_INBOX_ADD, params, exporting->arena, CONNECT_TIMEOUT_MS, &ignored, err);
}

static bool note_begin(struct exporting *exporting, struct error *err) {
    const struct domain *domain = exporting->domain;
    return note(exporting, "export",
                span_of(arena_printf(exporting->arena, "domain %.*s%s", SPAN_ARG(domain->namespace_id),
                                     exporting->options->hidden ? ", hidden records too" : "")),
                err);
}

static bool note_end(struct exporting *exporting, struct error *err) {
    const struct export_counts *counts = &exporting->counts;
    return note(exporting, "export-told",
                span_of(arena_printf(exporting->arena, "domain %.*s: %llu records, %llu of them with INS",
                                     SPAN_ARG(exporting->domain->namespace_id), (unsigned long long)counts->records,
                                     (unsigned long long)counts->ins)),
                err);
}

/* -- records ---------------------------------------------------------------------------------------------------------------- */

enum { AT_STATUS, AT_ATTRIBUTES, AT_QUARANTINED, AT_INS, AT_OID, AT_TRAITS }; /* behind the identifier, in both queries */

static bool read_person(struct exporting *exporting, const struct sql_result *rows, size_t i, size_t at, struct span value,
                        struct person *out, struct error *err) {
    struct person_identifier *ids = ARENA_ARRAY(exporting->slice, struct person_identifier, 2);
    struct span ins = sql_get_text(rows, i, at + AT_INS);
    *out = (struct person){.status = (enum identity_status)sql_get_i16(rows, i, at + AT_STATUS),
                           .attributes = (uint32_t)sql_get_i32(rows, i, at + AT_ATTRIBUTES),
                           .identifiers = ids};
    if (sql_get_bool(rows, i, at + AT_QUARANTINED))
        out->attributes |= ATTRIBUTE_POTENTIAL_COLLISION;
    ids[out->identifier_count++] =
        (struct person_identifier){.domain = exporting->domain->id, .value = value, .type = SPAN("PI"), .live = true};
    if (!span_is_empty(ins)) {
        out->ins = ins;
        out->ins_oid = sql_get_text(rows, i, at + AT_OID);
        ids[out->identifier_count++] =
            (struct person_identifier){.value = ins, .type = SPAN("INS"), .oid = out->ins_oid, .live = true};
    }
    return traits_read(sql_get_text(rows, i, at + AT_TRAITS), exporting->slice, &out->golden, err);
}

static bool give(struct exporting *exporting, struct notification *what, const struct notice *notice, struct error *err) {
    what->id = ++exporting->number;
    return exporting->take(exporting->context, &exporting->domains, exporting->domain, what, notice, err);
}

static bool give_record(struct exporting *exporting, const struct sql_result *rows, size_t i, struct error *err) {
    struct person subject;
    struct notification what = {
        .event = SPAN("A28"), .record = (uint64_t)sql_get_i64(rows, i, 0), .value = sql_get_text(rows, i, 1)};
    if (!read_person(exporting, rows, i, 3, what.value, &subject, err))
        return false;
    exporting->counts.records++;
    exporting->counts.ins += !span_is_empty(subject.ins);
    return give(exporting, &what, &(struct notice){.subject = &subject}, err);
}

static bool give_act(struct exporting *exporting, const struct sql_result *rows, size_t i, struct error *err) {
    bool merge = sql_get_bool(rows, i, 0);
    struct person subject;
    struct person_identifier id = {.domain = exporting->domain->id, .value = sql_get_text(rows, i, 1), .type = SPAN("PI")};
    const struct person prior = {.identifiers = &id, .identifier_count = 1};
    struct notification what = {.event = merge ? SPAN("A40") : SPAN("A47"),
                                .record = (uint64_t)sql_get_i64(rows, i, 2),
                                .value = sql_get_text(rows, i, 3),
                                .prior = id.value};
    if (!read_person(exporting, rows, i, 4, what.value, &subject, err))
        return false;
    *(merge ? &exporting->counts.merged : &exporting->counts.replaced) += 1;
    return give(exporting, &what, &(struct notice){.subject = &subject, .other = &prior}, err);
}

static struct sql_params *domain_params(struct exporting *exporting) {
    const int32_t hidden =
        ATTRIBUTE_HIDDEN | ATTRIBUTE_ANONYMOUS | ATTRIBUTE_PROTECTED | ATTRIBUTE_FICTITIOUS | ATTRIBUTE_RESTRICTED;
    struct sql_params *params = sql_params_new(exporting->arena);
    sql_param_i32(params, (int32_t)exporting->domain->id);
    sql_param_i32(params, exporting->options->hidden ? 0 : hidden);
    return params;
}

typedef bool give_row(struct exporting *exporting, const struct sql_result *rows, size_t i, struct error *err);

static bool give_all(struct exporting *exporting, enum sql_query query, give_row *row, struct error *err) {
    struct sql_cursor *cursor;
    const struct sql_result *rows;
    if (!sql_cursor_open(exporting->session, query, domain_params(exporting), SLICE, READ_TIMEOUT_MS, &cursor, err))
        return false;
    bool ok = true;
    do {
        arena_reset(exporting->slice);
        ok = sql_cursor_next(cursor, exporting->slice, &rows, err);
        for (size_t i = 0; ok && i < sql_rows(rows); i++)
            ok = row(exporting, rows, i, err);
    } while (ok && sql_rows(rows));
    sql_cursor_close(cursor);
    return ok;
}

static bool count_left_out(struct exporting *exporting, struct error *err) {
    struct sql_step step = {.query = SQL_QUERY_EXPORT_LEFT_OUT, .params = domain_params(exporting)};
    if (!sql_run(exporting->session, SQL_PLAIN, &step, 1, exporting->arena, READ_TIMEOUT_MS, NULL, err))
        return false;
    exporting->counts.left_out = (uint64_t)sql_get_i64(step.result, 0, 1);
    return true;
}

/* -- the whole -------------------------------------------------------------------------------------------------------------- */

static bool find_domain(struct exporting *exporting, struct error *err) {
    struct span name = exporting->options->domain;
    if (!store_domains(exporting->session, READ_TIMEOUT_MS, exporting->arena, &exporting->domains, err))
        return false;
    exporting->domain = domain_by_authority(&exporting->domains, name, SPAN_ABSENT, SPAN_ABSENT);
    if (!exporting->domain)
        return error_set(err, ERROR_UNKNOWN, "domain", "no domain \"%.*s\"; sosie domain list shows them",
                         SPAN_ARG(span_sub(name, 0, 60)));
    bool own = exporting->domain->kind == DOMAIN_HOSPITAL || exporting->domain->kind == DOMAIN_PRACTICE;
    return own || error_set(err, ERROR_RULE, "domain", "this domain is fed by nobody: it has no records of its own");
}

static bool open_sessions(struct exporting *exporting, struct error *err) {
    const char *url = exporting->options->database_url;
    const struct sql_result *rows;
    if (!sql_connect(url, CONNECT_TIMEOUT_MS, &exporting->session, err) || !sql_migration_check(exporting->session, err) ||
        !sql_connect(url, CONNECT_TIMEOUT_MS, &exporting->notes, err) ||
        !sql_query(exporting->notes, SQL_QUERY_TAKES_WRITES, NULL, exporting->arena, CONNECT_TIMEOUT_MS, &rows, err))
        return false;
    return sql_get_bool(rows, 0, 0) || error_set(err, ERROR_UNAVAILABLE, "database.url",
                                                 "this database takes no writes, and an export is noted in the audit trail");
}

static bool read_snapshot(struct exporting *exporting, struct error *err) {
    if (!sql_snapshot_begin(exporting->session, READ_TIMEOUT_MS, err))
        return false;
    bool ok = give_all(exporting, SQL_QUERY_EXPORT_RECORDS, give_record, err) &&
              give_all(exporting, SQL_QUERY_EXPORT_ACTS, give_act, err) && count_left_out(exporting, err);
    sql_snapshot_end(exporting->session);
    return ok;
}

bool identity_export(const struct export_options *options, export_take *take, void *context, struct export_counts *out,
                     struct error *err) {
    struct exporting exporting = {
        .options = options, .take = take, .context = context, .arena = arena_new(SLICE_ARENA), .slice = arena_new(SLICE_ARENA)};
    bool ok = open_sessions(&exporting, err) && find_domain(&exporting, err) && note_begin(&exporting, err) &&
              read_snapshot(&exporting, err) && note_end(&exporting, err);
    *out = exporting.counts;
    sql_close(exporting.session);
    sql_close(exporting.notes);
    arena_free(exporting.arena);
    arena_free(exporting.slice);
    return ok;
}
