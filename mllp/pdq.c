/* ITI-21, and ITI-22 with pdq_visits.c; see pdq.h. */
#include "mllp/pdq.h"

#include "base/log.h"
#include "mllp/pdq_criteria.h"
#include "mllp/pdq_mothers.h"
#include "mllp/pdq_visits.h"
#include "mllp/pid.h"
#include "mllp/query_pages.h"

#include <string.h>

static const char ANSWER_TYPE[] = "RSP^K22^RSP_K21", VISITS_TYPE[] = "RSP^ZV2^RSP_ZV2";

enum { MOST_GROUPS = 1000, READ_AT_ONCE = 100 };

struct pdq {
    struct pdq_criteria criteria;
    struct query_domains wanted;
    size_t limit; /* groups of this answer */
    bool limited; /* by the client: RCP-2 */
    struct asker asker;
    struct span peer, tag; /* what a continuation is bound to */

    struct query_snapshot found;
    struct span pointer; /* of the request; absent for a first page */
    size_t next;         /* first person not looked at yet */

    const struct person **persons; /* the groups of this answer */
    const struct person_key **keys;
    struct span *bodies; /* ITI-22: the visit of each group */
    size_t count;
};

/* -- reading the query ---------------------------------------------------------------------------------------------------- */

/* RCP-2: "10^RD"; absent or 0: the server's own limit. */
static bool read_limit(const struct mllp_request *request, struct pdq *pdq, struct query_errors *errors) {
    const struct hl7_segment *rcp = hl7_segment(request->message, "RCP", 1);
    struct span text = hl7_text(request->message, hl7_part(request->message, rcp, 2, 1));
    uint64_t limit = 0;
    if (!span_is_empty(text) && !span_to_u64(text, &limit))
        return query_error(errors, ERROR_TYPE, "RCP^1^2", "the quantity limit is not a number");
    pdq->limited = limit > 0;
    pdq->limit = limit == 0 ? request->edge->options->query_limit : limit < MOST_GROUPS ? (size_t)limit : MOST_GROUPS;
    return true;
}

/* The peer is its address without the port, since a continuation may come on a new connection, and its name. */
static void set_owner(const struct mllp_request *request, const struct hl7_segment *qpd, struct pdq *pdq) {
    struct span address = request->peer->address;
    size_t colon = address.len;
    while (colon && address.ptr[colon - 1] != ':')
        colon--;
    pdq->peer = span_of(arena_printf(request->arena, "%.*s|%.*s|%.*s", (int)colon, address.ptr ? address.ptr : "",
                                     SPAN_ARG(request->header.application), SPAN_ARG(request->header.facility)));
    pdq->tag = span_of(span_cstr(hl7_field(qpd, 2), request->arena));
    pdq->found.query = span_hash(request->header.event, 0);
    for (size_t field = 3; field <= 8; field++)
        pdq->found.query = span_hash(hl7_field(qpd, field), pdq->found.query);
}

static bool read_query(const struct mllp_request *request, struct pdq *pdq, struct query_errors *errors) {
    const struct hl7_segment *qpd = hl7_segment(request->message, "QPD", 1);
    if (!pdq_criteria_read(request, qpd, &pdq->criteria, errors))
        return false;
    request_asker(request, pdq_is_visits(request) ? "ITI-22" : "ITI-21", &pdq->asker);
    set_owner(request, qpd, pdq);
    const struct hl7_segment *dsc = hl7_segment(request->message, "DSC", 1);
    pdq->pointer = hl7_text(request->message, hl7_part(request->message, dsc, 1, 1));
    return query_check_priority(request, errors) && read_limit(request, pdq, errors) &&
           query_read_domains(request, qpd, 8, &pdq->wanted, errors);
}

/* -- finding -------------------------------------------------------------------------------------------------------------- */

static bool search(const struct mllp_request *request, struct pdq *pdq, struct query_errors *errors) {
    struct person_query *query = &pdq->criteria.query;
    struct error err = ERROR_INIT;
    if (pdq->criteria.nobody)
        return true;
    if (!pdq->wanted.any && !pdq->wanted.ins) {
        query->domains = pdq->wanted.ids;
        query->domain_count = pdq->wanted.count;
    }
    query->most = PAGES_MOST_KEYS;
    if (identity_search(request->edge->identity, &pdq->asker, query, request->arena, &pdq->found.keys, &pdq->found.count,
                        &pdq->found.total, &err) &&
        (!pdq_is_visits(request) || pdq_expand_visits(request, &pdq->asker, &pdq->criteria, &pdq->found, &err)))
        return true;
    return query_error(errors, err.code, err.where[0] ? err.where : "QPD^1^3", err.text);
}

static bool continue_query(const struct mllp_request *request, struct pdq *pdq, struct query_errors *errors) {
    if (query_pages_get(request->edge->pages, pdq->peer, pdq->tag, pdq->pointer, request->arena, &pdq->found, &pdq->next))
        return true;
    return query_error(errors, ERROR_UNKNOWN, "DSC^1^1",
                       "the continuation pointer is not known, has expired or is of another query; repeat the query");
}

/* -- one page ------------------------------------------------------------------------------------------------------------- */

static bool shares_ins(const struct pdq *pdq, const struct person *person) {
    return !span_is_empty(person->ins) && (pdq->wanted.any || pdq->wanted.ins);
}

/* A person of whom no wanted domain knows anything is left out (hl7v2.md 2.4, case 2). */
static bool has_wanted(const struct pdq *pdq, const struct person *person) {
    if (pdq->wanted.any || shares_ins(pdq, person))
        return true;
    for (size_t i = 0; i < person->identifier_count; i++) {
        if (query_wants(&pdq->wanted, &person->identifiers[i]))
            return true;
    }
    return false;
}

static void keep_persons(struct pdq *pdq, const struct person *const *persons, const struct span *bodies, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct person_key *key = &pdq->found.keys[pdq->next];
        if (pdq->count == pdq->limit)
            return;
        pdq->next++;
        bool good = persons[i] && key->score >= pdq->criteria.least_score && has_wanted(pdq, persons[i]);
        if (!good || (bodies && span_is_empty(bodies[i])))
            continue;
        if (bodies)
            pdq->bodies[pdq->count] = bodies[i];
        pdq->persons[pdq->count] = persons[i];
        pdq->keys[pdq->count++] = key;
    }
}

/* Reads persons until the page is full or all were looked at. */
static bool fill_page(const struct mllp_request *request, struct pdq *pdq, struct query_errors *errors) {
    pdq->persons = ARENA_ARRAY(request->arena, const struct person *, pdq->limit);
    pdq->keys = ARENA_ARRAY(request->arena, const struct person_key *, pdq->limit);
    pdq->bodies = ARENA_ARRAY(request->arena, struct span, pdq->limit);
    while (pdq->count < pdq->limit && pdq->next < pdq->found.count) {
        size_t room = pdq->limit - pdq->count, left = pdq->found.count - pdq->next;
        size_t count = room < left ? room : left;
        count = count < READ_AT_ONCE ? count : READ_AT_ONCE;
        uint64_t *ids = ARENA_ARRAY(request->arena, uint64_t, count);
        const struct person **persons = ARENA_ARRAY(request->arena, const struct person *, count);
        struct error err = ERROR_INIT;
        for (size_t i = 0; i < count; i++)
            ids[i] = pdq->found.keys[pdq->next + i].person;
        if (!identity_read_persons(request->edge->identity, &pdq->asker, ids, count, request->arena, persons, &err))
            return query_error(errors, err.code, err.where, err.text);
        struct span *bodies = pdq->found.visits ? ARENA_ARRAY(request->arena, struct span, count) : NULL;
        if (bodies && !pdq_visit_bodies(request, &pdq->asker, ids, &pdq->found.visits[pdq->next], count, bodies, &err))
            return query_error(errors, err.code, err.where, err.text);
        keep_persons(pdq, persons, bodies, count);
    }
    return true;
}

static bool name_mothers(const struct mllp_request *request, const struct pdq *pdq, struct query_errors *errors) {
    struct error err = ERROR_INIT;
    return pdq_fill_mothers(request, &pdq->asker, pdq->persons, pdq->count, &err) ||
           query_error(errors, err.code, err.where, err.text);
}

/* -- writing -------------------------------------------------------------------------------------------------------------- */

static void write_identifiers(const struct mllp_request *request, const struct pdq *pdq, const struct person *person,
                              struct hl7_writer *writer) {
    size_t written = 0;
    hl7_at(writer, 3);
    for (size_t i = 0; i < person->identifier_count; i++) {
        const struct person_identifier *identifier = &person->identifiers[i];
        bool ins = identifier->domain == 0 && ins_authority(identifier->oid); /* goes out by person->ins only */
        if (ins || !query_wants(&pdq->wanted, identifier))
            continue;
        if (written++)
            hl7_repeat(writer);
        query_write_identifier(request, writer, identifier);
    }
    if (!shares_ins(pdq, person))
        return;
    if (written)
        hl7_repeat(writer);
    query_write_identifier(request, writer,
                           &(struct person_identifier){.value = person->ins, .oid = person->ins_oid, .live = true});
}

/* QRI: how sure, and why (table 0392; hl7v2.md 2.4). */
static void write_qri(const struct person_query *query, const struct person_key *key, struct hl7_writer *writer) {
    bool named = !span_is_empty(query->family) || !span_is_empty(query->given);
    bool dated = !span_is_empty(query->born_from) || !span_is_empty(query->born_to);
    double percent = key->score < 0 ? 0 : key->score > 1 ? 100 : key->score * 100;
    bool any = false;
    hl7_begin(writer, "QRI");
    hl7_at(writer, 1);
    hl7_add_u64(writer, 1, (uint64_t)(percent + 0.5));
    hl7_at(writer, 2);
    const struct {
        bool given;
        const char *code;
    } reasons[] = {{named && !key->name_phonetic, "NA"}, {named && key->name_phonetic, "NP"}, {dated && key->date_exact, "DB"}};
    for (size_t i = 0; i < 3; i++) {
        if (!reasons[i].given)
            continue;
        if (any)
            hl7_repeat(writer);
        hl7_add_cstr(writer, 1, reasons[i].code);
        any = true;
    }
    hl7_at(writer, 3);
    hl7_add_cstr(writer, 1, "LOCALSCORE");
    hl7_add_cstr(writer, 2, "Local score");
    hl7_add_cstr(writer, 3, "99SOSIE");
    hl7_end(writer);
}

static void write_groups(const struct mllp_request *request, const struct pdq *pdq, struct hl7_writer *writer) {
    for (size_t i = 0; i < pdq->count; i++) {
        hl7_begin(writer, "PID");
        hl7_at(writer, 1);
        hl7_add_u64(writer, 1, i + 1);
        write_identifiers(request, pdq, pdq->persons[i], writer);
        pid_write_demographics(writer, pdq->persons[i]);
        hl7_end(writer);
        if (pdq->found.visits)
            visit_write(pdq->bodies[i], writer, request->arena);
        if (pdq->criteria.scored)
            write_qri(&pdq->criteria.query, pdq->keys[i], writer);
    }
}

/* Further pages are offered to clients that set a limit, and to all when the setting says so (hl7v2.md 2.4). */
static void write_continuation(const struct mllp_request *request, struct pdq *pdq, struct hl7_writer *writer) {
    char pointer[PAGES_POINTER_BYTES];
    bool more = pdq->next < pdq->found.count;
    if (!more && pdq->found.total <= pdq->next)
        return;
    if (!more || (!pdq->limited && !request->edge->options->query_continues)) {
        log_info("a query answer was cut", LOG_U64("hits", pdq->found.total), LOG_U64("sent", pdq->count),
                 LOG_SPAN("control_id", request->header.control_id));
        return;
    }
    if (span_is_empty(pdq->pointer))
        query_pages_put(request->edge->pages, pdq->peer, pdq->tag, &pdq->found, pdq->next, pointer);
    else
        query_pages_pointer(pdq->pointer, pdq->next, pointer);
    hl7_begin(writer, "DSC");
    hl7_put_cstr(writer, 1, pointer);
    hl7_put_cstr(writer, 2, "I");
    hl7_end(writer);
}

void pdq_answer(struct mllp_request *request, struct mllp_answer *answer) {
    struct query_errors errors = {0};
    struct pdq pdq = {0};
    struct hl7_writer writer;
    bool ok = read_query(request, &pdq, &errors);
    if (ok)
        ok = span_is_empty(pdq.pointer) ? search(request, &pdq, &errors) : continue_query(request, &pdq, &errors);
    ok = ok && fill_page(request, &pdq, &errors) && name_mothers(request, &pdq, &errors);
    size_t total = pdq.found.total > pdq.count ? pdq.found.total : pdq.count;
    struct query_hits hits = {.total = total, .here = pdq.count, .left = total > pdq.next ? total - pdq.next : 0};
    if (pdq.count == 0 && pdq.next == pdq.found.count)
        hits = (struct query_hits){0}; /* those found may not be shown, or have no identifier in the domains asked for */
    query_begin(request, pdq_is_visits(request) ? VISITS_TYPE : ANSWER_TYPE, &errors, pdq.count ? "OK" : "NF", ok ? &hits : NULL,
                &writer, answer);
    if (!ok)
        return;
    write_groups(request, &pdq, &writer);
    write_continuation(request, &pdq, &writer);
}

/* QCN^J01: known or not, the query is over (hl7v2.md 2.4). */
void pdq_cancel(struct mllp_request *request, struct mllp_answer *answer) {
    const struct hl7_segment *qid = hl7_segment(request->message, "QID", 1);
    struct pdq pdq = {0};
    set_owner(request, NULL, &pdq);
    struct feed_outcome outcome = {.err = ERROR_INIT};
    if (qid)
        query_pages_drop(request->edge->pages, pdq.peer, hl7_field(qid, 1));
    else
        error_set(&outcome.err, ERROR_SEQUENCE, "QID^1", "the cancellation has no QID segment");
    outcome.result = feed_result_of(outcome.err.code);
    ack_feed(request, &outcome, answer);
}
