/* What ITI-9 and ITI-21 share; see query.h. */
#include "mllp/query.h"

#include <string.h>

bool query_error(struct query_errors *errors, enum error_code code, const char *where, const char *text) {
    if (errors->count < QUERY_MOST_ERRORS)
        error_set(&errors->items[errors->count++], code, where, "%s", text);
    return false;
}

bool query_read_domains(const struct mllp_request *request, const struct hl7_segment *qpd, size_t field, struct query_domains *out,
                        struct query_errors *errors) {
    const struct domain_list *domains = identity_domains(request->edge->identity);
    struct span list = hl7_field(qpd, field);
    size_t repetitions = hl7_repetition_count(request->message, list), before = errors->count;
    uint32_t *ids = ARENA_ARRAY(request->arena, uint32_t, repetitions + 1);
    *out = (struct query_domains){.ids = ids, .any = true};
    for (size_t i = 1; i <= repetitions; i++) {
        struct span component = hl7_component(request->message, hl7_repetition(request->message, list, i), 4);
        struct hl7_hd authority;
        hl7_read_hd(request->message, component, &authority);
        if (span_is_empty(authority.namespace_id) && span_is_empty(authority.universal_id))
            continue;
        const struct domain *domain = domain_by_authority(domains, authority.namespace_id, authority.universal_id, authority.type);
        out->any = false;
        bool ins = ins_authority(authority.universal_id) || (domain && ins_authority(domain->oid));
        out->ins |= ins;
        if (domain)
            ids[out->count++] = domain->id;
        else if (!ins)
            query_error(errors, ERROR_UNKNOWN, arena_printf(request->arena, "QPD^1^%zu^%zu", field, i),
                        "the domain asked for is not known");
    }
    return errors->count == before;
}

bool query_wants(const struct query_domains *domains, const struct person_identifier *identifier) {
    if (domains->any)
        return true;
    if (identifier->domain == 0)
        return domains->ins && ins_authority(identifier->oid);
    for (size_t i = 0; i < domains->count; i++) {
        if (domains->ids[i] == identifier->domain)
            return true;
    }
    return false;
}

bool query_check_priority(const struct mllp_request *request, struct query_errors *errors) {
    const struct hl7_segment *rcp = hl7_segment(request->message, "RCP", 1);
    struct span priority = hl7_text(request->message, hl7_part(request->message, rcp, 1, 1));
    if (span_is_empty(priority) || span_eq_nocase(priority, SPAN("I")))
        return true;
    return query_error(errors, ERROR_TABLE, "RCP^1^1", "only immediate answers (I) are given");
}

/* QPD goes back as it came; so does its tag. */
void query_begin(const struct mllp_request *request, const char *type, const struct query_errors *errors, const char *status,
                 const struct query_hits *hits, struct hl7_writer *writer, struct mllp_answer *answer) {
    const struct hl7_segment *qpd = hl7_segment(request->message, "QPD", 1);
    bool failed = errors->count > 0;
    if (!qpd) /* nothing to echo: no structure of a query's answer can be made (HL7 2.5.1 ch.5.3.1.2) */
        type = ack_type(request);
    answer->code = feed_result_name(failed ? feed_result_of(errors->items[0].code) : FEED_ACCEPTED);
    ack_begin(request, type, writer, answer);
    ack_msa(request, writer, answer->code, failed ? &errors->items[0] : NULL);
    bool joined = request->edge->options->pix_single_error;
    for (size_t i = 0; i < errors->count; i += joined ? errors->count : 1)
        ack_err(request, writer, &errors->items[i], joined ? errors->count : 1);
    if (!qpd)
        return;
    hl7_begin(writer, "QAK");
    hl7_put_raw(writer, 1, hl7_field(qpd, 2));
    hl7_put_cstr(writer, 2, failed ? answer->code : status);
    if (hits && !failed) {
        hl7_at(writer, 4);
        hl7_add_u64(writer, 1, hits->total);
        hl7_at(writer, 5);
        hl7_add_u64(writer, 1, hits->here);
        hl7_at(writer, 6);
        hl7_add_u64(writer, 1, hits->left);
    }
    hl7_end(writer);
    buf_add(writer->out, qpd->text);
    hl7_end(writer);
}

/* Of an identifier that no domain of ours holds: an INS, or what came from elsewhere. */
static struct hl7_cx foreign_cx(const struct person_identifier *identifier) {
    const struct ins_authority *ins = ins_authority(identifier->oid);
    struct hl7_cx cx = {.id = identifier->value, .authority = {.universal_id = identifier->oid, .type = SPAN("ISO")}};
    cx.type = ins ? SPAN("INS") : identifier->type;
    if (ins)
        cx.authority.namespace_id = ins->nia ? SPAN("ASIP-SANTE-INS-NIA") : SPAN("ASIP-SANTE-INS-NIR");
    return cx;
}

/* CX-4 with all that is known of the domain: its OID, else its FINESS as type M (hl7v2.md 4.1). */
static struct hl7_hd authority_of(const struct domain *domain) {
    if (!span_is_empty(domain->oid))
        return (struct hl7_hd){domain->namespace_id, domain->oid, SPAN("ISO")};
    if (!span_is_empty(domain->finess))
        return (struct hl7_hd){domain->namespace_id, domain->finess, SPAN("M")};
    return (struct hl7_hd){.namespace_id = domain->namespace_id};
}

void query_write_identifier(const struct mllp_request *request, struct hl7_writer *writer,
                            const struct person_identifier *identifier) {
    query_write_cx(identity_domains(request->edge->identity), writer, identifier);
}

void query_write_cx(const struct domain_list *domains, struct hl7_writer *writer, const struct person_identifier *identifier) {
    const struct domain *domain = domain_by_id(domains, identifier->domain);
    if (!domain) {
        struct hl7_cx cx = foreign_cx(identifier);
        hl7_write_cx(writer, &cx);
        return;
    }
    bool regional = domain->kind == DOMAIN_REGIONAL;
    struct hl7_cx cx = {.id = identifier->value, .authority = authority_of(domain), .type = identifier->type};
    if (span_is_empty(cx.type))
        cx.type = regional ? SPAN("RRI") : SPAN("PI");
    hl7_write_cx(writer, &cx);
}
