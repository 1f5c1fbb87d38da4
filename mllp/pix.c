/* ITI-9; see pix.h. The cases are those of IHE ITI TF-2 3.9.4.2.2.6, in the order in which they are tested: 4, 3, 5, then 1, 2, 6.
 */
#include "mllp/pix.h"

#include "mllp/query.h"

static const char ANSWER_TYPE[] = "RSP^K23^RSP_K23";

struct pix_query {
    const struct domain *domain;
    struct hl7_cx asked;
    struct query_domains wanted;
};

/* QPD-3; some clients shift it into QPD-2 (hl7v2.md 2.2). */
static bool read_asked(const struct mllp_request *request, const struct hl7_segment *qpd, struct hl7_cx *out,
                       struct query_errors *errors) {
    const struct hl7_message *message = request->message;
    if (!qpd)
        return query_error(errors, ERROR_SEQUENCE, "QPD^1", "the query has no QPD segment");
    struct span field = hl7_repetition(message, hl7_field(qpd, 3), 1);
    bool shifted = span_is_empty(field) && !span_is_empty(hl7_component(message, hl7_field(qpd, 2), 4));
    if (shifted && !request->edge->options->strict)
        field = hl7_field(qpd, 2);
    if (!hl7_read_cx(message, field, out) || span_is_empty(out->id) || hl7_deleted(out->id))
        return query_error(errors, ERROR_MISSING, "QPD^1^3", "the query names no identifier");
    return true;
}

static const struct domain *find_domain(const struct mllp_request *request, const struct hl7_cx *asked) {
    const struct domain_list *domains = identity_domains(request->edge->identity);
    if (!span_is_empty(asked->authority.namespace_id) || !span_is_empty(asked->authority.universal_id))
        return domain_by_authority(domains, asked->authority.namespace_id, asked->authority.universal_id, asked->authority.type);
    struct feed sender;
    request_sender(request, &sender);
    return identity_default_domain(domains, &sender);
}

static bool read_query(const struct mllp_request *request, struct pix_query *out, struct query_errors *errors) {
    const struct hl7_segment *qpd = hl7_segment(request->message, "QPD", 1);
    if (!read_asked(request, qpd, &out->asked, errors))
        return false;
    out->domain = find_domain(request, &out->asked);
    if (!out->domain)
        return query_error(errors, ERROR_UNKNOWN, "QPD^1^3^1^4", "the assigning authority of the identifier is not known");
    return query_check_priority(request, errors);
}

/* Asks identity; an unknown identifier (case 3) speaks before unknown domains of QPD-4 (case 5). */
static bool look_up(const struct mllp_request *request, struct pix_query *query, const struct person_identifier **out_found,
                    size_t *out_count, struct query_errors *errors) {
    const struct hl7_segment *qpd = hl7_segment(request->message, "QPD", 1);
    struct query_errors unknown = {0};
    struct error err = ERROR_INIT;
    struct asker asker;
    uint64_t person;
    bool domains_known = query_read_domains(request, qpd, 4, &query->wanted, &unknown);
    bool narrow = !query->wanted.any && !query->wanted.ins && query->wanted.count > 0;
    request_asker(request, "ITI-9", &asker);
    if (!identity_xref(request->edge->identity, &asker, query->domain, query->asked.id, narrow ? query->wanted.ids : NULL,
                       narrow ? query->wanted.count : 0, request->arena, out_found, out_count, &person, &err)) {
        bool not_there = err.code == ERROR_UNKNOWN;
        return query_error(errors, err.code, not_there ? "QPD^1^3^1^1" : err.where,
                           not_there ? "the identifier is not known in its domain" : err.text);
    }
    if (!domains_known)
        *errors = unknown;
    return domains_known;
}

static void write_pid(const struct mllp_request *request, const struct pix_query *query, const struct person_identifier *found,
                      size_t count, struct hl7_writer *writer) {
    struct person_identifier self = {
        .domain = query->domain->id, .value = query->asked.id, .type = query->asked.type, .live = true};
    bool include = request->edge->options->pix_include_query_id && query_wants(&query->wanted, &self);
    size_t written = 0;
    hl7_begin(writer, "PID");
    hl7_at(writer, 3);
    if (include) {
        query_write_identifier(request, writer, &self);
        written++;
    }
    for (size_t i = 0; i < count; i++) {
        if (written++)
            hl7_repeat(writer);
        query_write_identifier(request, writer, &found[i]);
    }
    hl7_at(writer, 5); /* two repetitions, the first empty (IHE ITI TF-2 3.9.4.2.2.5) */
    hl7_repeat(writer);
    hl7_add_cstr(writer, 7, "S");
    hl7_end(writer);
}

/* Only what was asked for, the ids of one domain in successive repetitions (case 6). */
static size_t choose(const struct pix_query *query, const struct person_identifier *found, size_t count,
                     struct person_identifier *chosen) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool first = true;
        for (size_t j = 0; j < i; j++)
            first &= found[j].domain != found[i].domain;
        for (size_t j = i; first && j < count; j++) {
            if (found[j].domain == found[i].domain && query_wants(&query->wanted, &found[j]))
                chosen[kept++] = found[j];
        }
    }
    return kept;
}

void pix_answer(struct mllp_request *request, struct mllp_answer *answer) {
    struct query_errors errors = {0};
    struct pix_query query = {0};
    struct hl7_writer writer;
    const struct person_identifier *found = NULL;
    size_t count = 0;
    bool ok = read_query(request, &query, &errors) && look_up(request, &query, &found, &count, &errors);
    struct person_identifier *chosen = ARENA_ARRAY(request->arena, struct person_identifier, count + 1);
    size_t kept = ok ? choose(&query, found, count, chosen) : 0;
    bool self = ok && request->edge->options->pix_include_query_id &&
                query_wants(&query.wanted, &(struct person_identifier){.domain = query.domain->id});
    query_begin(request, ANSWER_TYPE, &errors, kept || self ? "OK" : "NF", NULL, &writer, answer);
    if (kept || self)
        write_pid(request, &query, chosen, kept, &writer);
}
