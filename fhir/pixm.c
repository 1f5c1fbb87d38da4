/*
 * Patient Identifier Cross-reference Manager (IHE PIXm ITI-83): $ihe-pix by GET and by POST of Parameters. The cases and the order
 * in which they are tested are those of fhir.md 2.1; clients tell them apart by the diagnostics, which are the standard's.
 */
#include "base/arena.h"
#include "fhir/call.h"
#include "fhir/json_read.h"
#include "fhir/negotiate.h"
#include "fhir/outcome.h"
#include "fhir/search_params.h"
#include "fhir/search_plan.h"
#include "fhir/systems.h"

enum { TARGETS_MOST = 64 };

/* What was asked. */
struct pix {
    struct fhir_call *call;
    struct patient_view view;
    struct span source; /* "system|value" as received */
    size_t source_count;
    struct span targets[TARGETS_MOST];
    size_t target_count;
    struct system system; /* of the source */
    struct span value;
    uint32_t wanted[TARGETS_MOST];
    size_t wanted_count;
    struct span ins_oids[TARGETS_MOST]; /* wanted INS */
    size_t ins_oid_count;
    bool unlisted_ins; /* an INS is wanted that no domain is declared for: identity_xref does not list it */
    bool wants_id;
};

/* What is answered. */
struct pix_answer {
    const struct person_identifier *identifiers;
    size_t count;
    struct span ins, ins_oid;
    uint64_t person;
};

static void refuse(struct pix *pix, int status, const char *code, struct span diagnostics) {
    outcome_send(pix->call, status, &(struct issue){"error", code, diagnostics, SPAN_ABSENT});
}

/* -- reading ---------------------------------------------------------------------------------------------------------------- */

static bool add_target(struct pix *pix, struct span text, struct error *err) {
    struct span rest = text, piece;
    while (span_cut(&rest, ',', &piece)) {
        if (span_trim(piece).len == 0)
            continue;
        if (pix->target_count == TARGETS_MOST)
            return error_set(err, ERROR_LIMIT, "targetSystem", "more than %d target systems", TARGETS_MOST);
        pix->targets[pix->target_count++] = span_trim(piece);
    }
    return true;
}

static bool take_parameter(struct pix *pix, struct span name, struct span value, struct error *err) {
    if (span_eq(name, SPAN("sourceIdentifier"))) {
        pix->source = value;
        pix->source_count++;
        return true;
    }
    if (span_eq(name, SPAN("targetSystem")))
        return add_target(pix, value, err);
    bool ours = name.len && name.ptr[0] == '_';
    if (pix->call->strict && !ours)
        return error_set(err, ERROR_UNSUPPORTED_MESSAGE, NULL, "$ihe-pix takes sourceIdentifier, targetSystem and _format");
    return true;
}

static bool read_query(struct pix *pix, struct error *err) {
    for (size_t i = 0; i < pix->call->request->query_count; i++) {
        const struct http_pair *pair = &pix->call->request->query[i];
        if (!span_is_utf8(pair->name) || !span_is_utf8(pair->value))
            return error_set(err, ERROR_TYPE, NULL, "a parameter is not well-formed UTF-8");
        if (!take_parameter(pix, pair->name, pair->value, err))
            return false;
    }
    return true;
}

/* An operation's input is valueString and valueUri; an Identifier says the same in two members. */
static struct span parameter_value(const json_t *parameter, struct arena *arena) {
    static const char *const kinds[] = {"valueString", "valueUri", "valueUrl", "valueCanonical"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct span text = json_member_text(parameter, kinds[i]);
        if (text.len)
            return text;
    }
    const json_t *identifier = json_object_get(parameter, "valueIdentifier");
    struct span system = json_member_text(identifier, "system"), value = json_member_text(identifier, "value");
    if (!system.len || !value.len)
        return SPAN_ABSENT;
    return span_of(arena_printf(arena, "%.*s|%.*s", SPAN_ARG(system), SPAN_ARG(value)));
}

static bool read_parameters(struct pix *pix, struct error *err) {
    json_t *body, *parameter;
    size_t i;
    struct arena *arena = pix->call->arena;
    if (!json_read(pix->call->request->body, arena, &body, err))
        return false;
    if (!span_eq(json_member_text(body, "resourceType"), SPAN("Parameters")))
        return error_set(err, ERROR_SEQUENCE, "resourceType", "the body of $ihe-pix is a Parameters resource");
    json_array_foreach(json_object_get(body, "parameter"), i, parameter) {
        if (!take_parameter(pix, json_member_text(parameter, "name"), parameter_value(parameter, arena), err))
            return false;
    }
    return true;
}

static bool split_source(struct pix *pix) {
    struct span rest = pix->source, system;
    bool split = pix->source_count == 1 && search_cut(&rest, '|', &system) && !span_is_absent(rest);
    if (!split)
        return false;
    pix->value = span_trim(search_unescape(rest, pix->call->arena));
    system = span_trim(search_unescape(system, pix->call->arena));
    pix->system = system_find(pix->view.domains, pix->view.base, system);
    return system.len && pix->value.len;
}

/* -- the checks, in their order ---------------------------------------------------------------------------------------------------
 */

static bool source_is_whole(struct pix *pix) {
    if (pix->source_count == 0 || span_trim(pix->source).len == 0)
        refuse(pix, 400, "required", SPAN("sourceIdentifier is required"));
    else if (!split_source(pix))
        refuse(pix, 400, "invalid", SPAN("sourceIdentifier must be given once, as system|value"));
    else
        return true;
    return false;
}

static bool source_is_known(struct pix *pix) {
    if (pix->system.kind == SYSTEM_UNKNOWN) {
        refuse(pix, 400, "code-invalid", SPAN("sourceIdentifier Assigning Authority not found"));
        return false;
    }
    return true;
}

static bool targets_are_known(struct pix *pix) {
    for (size_t i = 0; i < pix->target_count; i++) {
        struct system system = system_find(pix->view.domains, pix->view.base, pix->targets[i]);
        if (system.kind == SYSTEM_UNKNOWN) {
            refuse(pix, 403, "code-invalid", SPAN("targetSystem not found"));
            return false;
        }
        pix->wants_id |= system.kind == SYSTEM_SERVER;
        pix->unlisted_ins |= system.kind == SYSTEM_INS && !system.domain;
        if (system.kind == SYSTEM_INS)
            pix->ins_oids[pix->ins_oid_count++] = system.oid;
        if (system.domain)
            pix->wanted[pix->wanted_count++] = system.domain->id;
    }
    pix->wants_id |= pix->target_count == 0;
    return true;
}

/* -- finding ------------------------------------------------------------------------------------------------------------------ */

static bool unknown_source(struct error *err) {
    return error_set(err, ERROR_UNKNOWN, NULL, "sourceIdentifier Patient Identifier not found");
}

/* An INS has no domain of ours to look it up in; it is a search, and must lead to one person. */
static bool find_by_ins(struct pix *pix, uint64_t *out, struct error *err) {
    struct trait_identifier identifier = {
        .value = pix->value, .universal_id = pix->system.oid, .universal_type = SPAN("ISO"), .type = SPAN("INS")};
    struct person_query query = {.identifiers = &identifier, .identifier_count = 1, .most = 2};
    const struct person_key *keys;
    size_t count, total;
    struct fhir_call *call = pix->call;
    if (!identity_search(call->fhir->identity, &call->asker, &query, call->arena, &keys, &count, &total, err))
        return false;
    if (count == 0)
        return unknown_source(err);
    if (total > 1)
        return error_set(err, ERROR_RULE, NULL, "sourceIdentifier names several persons; the cell has to decide");
    *out = keys[0].person;
    return true;
}

/* "http://this.server/fhir|Patient/p123": ITI-83 allows a FHIR server as assigning authority. */
static bool find_by_id(struct pix *pix, uint64_t *out, struct error *err) {
    struct span id = pix->value, head = SPAN("Patient/");
    if (span_starts(id, head))
        id = span_sub(id, head.len, id.len);
    return search_plan_parse_id(id, 'p', out) || unknown_source(err);
}

/* Through the person itself: the INS is not among what identity_xref gives, and a person's id is no identifier of a domain. */
static bool answer_from_person(struct pix *pix, uint64_t id, struct pix_answer *out, struct error *err) {
    struct fhir_call *call = pix->call;
    const struct person *person = NULL;
    if (!identity_read_persons(call->fhir->identity, &call->asker, &id, 1, call->arena, &person, err))
        return false;
    if (!person)
        return unknown_source(err);
    struct person_identifier *all = ARENA_ARRAY(call->arena, struct person_identifier, person->identifier_count + 1);
    size_t count = 0;
    const struct domain *regional = domain_regional(pix->view.domains);
    if (regional && person->regional_id.len)
        all[count++] = (struct person_identifier){.domain = regional->id, .value = person->regional_id, .live = true};
    for (size_t i = 0; i < person->identifier_count; i++) {
        const struct person_identifier *held = &person->identifiers[i];
        if (held->live && held->domain && !(regional && held->domain == regional->id))
            all[count++] = *held;
    }
    *out = (struct pix_answer){all, count, SPAN_ABSENT, SPAN_ABSENT, person->id};
    if (person->status == STATUS_QUALIFIED && pix->system.kind != SYSTEM_INS) {
        out->ins = person->ins;
        out->ins_oid = person->ins_oid;
    }
    return true;
}

static bool answer_from_memory(struct pix *pix, struct pix_answer *out, struct error *err) {
    struct fhir_call *call = pix->call;
    struct error reason = ERROR_INIT;
    *out = (struct pix_answer){.count = 0};
    if (identity_xref(call->fhir->identity, &call->asker, pix->system.domain, pix->value, pix->wanted, pix->wanted_count,
                      call->arena, &out->identifiers, &out->count, &out->person, &reason))
        return true;
    if (reason.code == ERROR_UNKNOWN)
        return unknown_source(err);
    *err = reason;
    return false;
}

static bool find(struct pix *pix, struct pix_answer *out, struct error *err) {
    uint64_t id;
    if (pix->system.kind == SYSTEM_DOMAIN && !pix->unlisted_ins)
        return answer_from_memory(pix, out, err);
    if (pix->system.kind == SYSTEM_DOMAIN) /* from memory first, for its checks and its note */
        return answer_from_memory(pix, out, err) && answer_from_person(pix, out->person, out, err);
    if (pix->system.kind == SYSTEM_INS)
        return find_by_ins(pix, &id, err) && answer_from_person(pix, id, out, err);
    return find_by_id(pix, &id, err) && answer_from_person(pix, id, out, err);
}

/* -- writing ---------------------------------------------------------------------------------------------------------------- */

static bool is_wanted(const struct pix *pix, uint32_t domain) {
    for (size_t i = 0; i < pix->wanted_count; i++) {
        if (pix->wanted[i] == domain)
            return true;
    }
    return pix->target_count == 0;
}

static bool wants_ins(const struct pix *pix, struct span oid) {
    for (size_t i = 0; i < pix->ins_oid_count; i++) {
        if (span_eq(pix->ins_oids[i], oid))
            return true;
    }
    return pix->target_count == 0;
}

static void write_target(struct json *json, const struct patient_identifier *identifier) {
    if (!identifier->value.len)
        return;
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "name", "targetIdentifier");
    patient_identifier_write(json, "valueIdentifier", identifier);
    json_write_close(json);
}

static void write_identifier(struct pix *pix, const struct person_identifier *held) {
    const struct domain *domain = held->domain ? domain_by_id(pix->view.domains, held->domain) : NULL;
    bool is_source = domain && domain == pix->system.domain && span_eq(held->value, pix->value);
    if (is_source)
        return;
    struct patient_identifier identifier = {.value = SPAN_ABSENT};
    if (domain && domain->kind != DOMAIN_NATIONAL && is_wanted(pix, domain->id))
        identifier = patient_identifier_of(&pix->view, domain, held, pix->call->arena);
    else if (wants_ins(pix, held->oid))
        identifier = patient_identifier_ins(held->oid, held->value);
    write_target(&pix->call->json, &identifier);
}

static void write_id(struct json *json, uint64_t person, struct arena *arena) {
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "name", "targetId");
    json_write_open(json, "valueReference", '{');
    json_write_cstr(json, "reference", arena_printf(arena, "Patient/p%llu", (unsigned long long)person));
    json_write_close(json);
    json_write_close(json);
}

static void send(struct pix *pix, const struct pix_answer *answer) {
    struct json *json = fhir_call_begin(pix->call);
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "resourceType", "Parameters");
    json_write_open(json, "parameter", '[');
    for (size_t i = 0; i < answer->count; i++)
        write_identifier(pix, &answer->identifiers[i]);
    if (answer->ins.len && wants_ins(pix, answer->ins_oid)) {
        struct patient_identifier ins = patient_identifier_ins(answer->ins_oid, answer->ins);
        write_target(json, &ins);
    }
    if (pix->wants_id && pix->system.kind != SYSTEM_SERVER)
        write_id(json, answer->person, pix->call->arena);
    json_write_close(json);
    json_write_close(json);
    fhir_call_end(pix->call, 200);
}

void pixm_query(struct fhir_call *call) {
    struct error err = ERROR_INIT;
    struct pix pix = {.call = call};
    struct pix_answer answer;
    bool post = span_eq(call->request->method, SPAN("POST"));
    call->asker.interaction = SPAN("ITI-83");
    pix.view = (struct patient_view){.base = call->base, .domains = identity_domains(call->fhir->identity)};
    if (post && negotiate_body(call->request) != BODY_JSON) {
        outcome_send(call, 415,
                     &(struct issue){"error", "not-supported", SPAN("$ihe-pix takes application/fhir+json"), SPAN_ABSENT});
        return;
    }
    if (!read_query(&pix, &err) || (post && !read_parameters(&pix, &err))) {
        outcome_error(call, &err);
        return;
    }
    if (!source_is_whole(&pix) || !source_is_known(&pix) || !targets_are_known(&pix))
        return;
    if (!find(&pix, &answer, &err))
        outcome_error(call, &err);
    else
        send(&pix, &answer);
}
