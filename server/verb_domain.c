/* domain-add, domain-set, domain-list, domain-show: patient identification domains and their policies. */
#include "server/verbs.h"

#include "base/arena.h"

#include <string.h>

static json_t *json_sender(const struct domain_sender *sender) {
    json_t *json = json_object();
    answer_add(json, "application", answer_text(sender->application));
    answer_add(json, "facility", answer_text(sender->facility));
    answer_add(json, "certificate", answer_text(sender->certificate));
    return json;
}

json_t *answer_domain(const struct domain *domain) {
    json_t *json = json_pack("{s:I}", "id", (json_int_t)domain->id);
    answer_add(json, "namespace", answer_text(domain->namespace_id));
    answer_add(json, "oid", answer_text(domain->oid));
    answer_add(json, "finess", answer_text(domain->finess));
    answer_add(json, "kind", json_string(domain_kind_name(domain->kind)));
    answer_add(json, "auto_link", json_boolean(domain->auto_link));
    answer_add(json, "max_status", json_string(identity_status_name(domain->max_status)));
    answer_add(json, "evidence", json_string(domain->evidence == EVIDENCE_DECLARED ? "declared" : "message"));
    answer_add(json, "trust", json_integer((json_int_t)domain->trust));
    answer_add(json, "identifiers", json_string(domain->any_case ? "any-case" : "exact"));
    json_t *senders = json_array();
    for (size_t i = 0; i < domain->sender_count; i++)
        json_array_append_new(senders, json_sender(&domain->senders[i]));
    answer_add(json, "senders", senders);
    return json;
}

/* "APP|FACILITY" or "APP|FACILITY|CERTIFICATE SUBJECT". */
static bool read_sender(struct span text, struct domain_sender *out, struct error *err) {
    struct span rest = text;
    *out = (struct domain_sender){.application = SPAN_ABSENT, .facility = SPAN_ABSENT, .certificate = SPAN_ABSENT};
    bool good = span_cut(&rest, '|', &out->application) && span_cut(&rest, '|', &out->facility);
    out->application = span_trim(out->application);
    out->facility = span_trim(out->facility);
    if (!good || span_is_empty(out->application) || span_is_empty(out->facility))
        return error_set(err, ERROR_TYPE, "senders",
                         "a sender is 'APPLICATION|FACILITY' as in MSH-3 and MSH-4, * for any: \"%.*s\"",
                         SPAN_ARG(span_sub(text, 0, 60)));
    out->certificate = span_is_absent(rest) ? SPAN("") : span_trim(rest);
    return true;
}

static bool read_senders(const json_t *request, struct domain_change *change, struct arena *arena, struct error *err) {
    enum { MOST = 256 };
    const json_t *list = json_object_get(request, "senders");
    if (!list || json_is_null(list))
        return true;
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > MOST)
        return error_set(err, ERROR_TYPE, "senders", "\"senders\" is a list of at most %d strings", MOST);
    struct domain_sender *senders = ARENA_ARRAY(arena, struct domain_sender, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_string(item))
            return error_set(err, ERROR_TYPE, "senders", "\"senders\" is a list of strings");
        if (!read_sender(span_make(json_string_value(item), json_string_length(item)), &senders[i], err))
            return false;
    }
    change->senders = senders;
    change->sender_count = count;
    return true;
}

static bool read_kind(const json_t *request, int *out, struct error *err) {
    struct span text;
    enum domain_kind kind;
    if (!ask_text(request, "kind", &text, err))
        return false;
    if (span_is_absent(text))
        return true;
    if (!domain_kind_parse(text, &kind))
        return error_set(err, ERROR_TABLE, "kind", "\"%.*s\" is not one of hospital, practice, regional, national",
                         SPAN_ARG(span_sub(text, 0, 40)));
    *out = (int)kind;
    return true;
}

static bool read_status(const json_t *request, int *out, struct error *err) {
    struct span text;
    enum identity_status status;
    if (!ask_text(request, "max_status", &text, err))
        return false;
    if (span_is_absent(text))
        return true;
    if (!identity_status_parse(text, &status))
        return error_set(err, ERROR_TABLE, "max_status", "\"%.*s\" is not one of provisional, retrieved, validated, qualified",
                         SPAN_ARG(span_sub(text, 0, 40)));
    *out = (int)status;
    return true;
}

static bool read_evidence(const json_t *request, int *out, struct error *err) {
    struct span text;
    if (!ask_text(request, "evidence", &text, err))
        return false;
    if (span_is_absent(text))
        return true;
    if (!span_eq_cstr(text, "message") && !span_eq_cstr(text, "declared"))
        return error_set(err, ERROR_TABLE, "evidence", "\"%.*s\" is not one of message, declared", SPAN_ARG(span_sub(text, 0, 40)));
    *out = span_eq_cstr(text, "declared") ? EVIDENCE_DECLARED : EVIDENCE_MESSAGE;
    return true;
}

static bool read_identifiers(const json_t *request, int *out, struct error *err) {
    struct span text;
    if (!ask_text(request, "identifiers", &text, err))
        return false;
    if (span_is_absent(text))
        return true;
    if (!span_eq_cstr(text, "exact") && !span_eq_cstr(text, "any-case"))
        return error_set(err, ERROR_TABLE, "identifiers", "\"%.*s\" is not one of exact, any-case",
                         SPAN_ARG(span_sub(text, 0, 40)));
    *out = span_eq_cstr(text, "any-case");
    return true;
}

static bool read_policy(const json_t *request, struct domain_change *change, struct error *err) {
    const json_t *auto_link = json_object_get(request, "auto_link");
    uint64_t trust;
    bool yes;
    if (!ask_yes_no(request, "auto_link", &yes, err) || !ask_number(request, "trust", 0, 1000, &trust, err))
        return false;
    change->auto_link = json_is_boolean(auto_link) ? yes : -1;
    change->trust = json_is_integer(json_object_get(request, "trust")) ? (int)trust : -1;
    return read_kind(request, &change->kind, err) && read_status(request, &change->max_status, err) &&
           read_evidence(request, &change->evidence, err) && read_identifiers(request, &change->any_case, err);
}

/* OID: arcs of digits by dots (ITU-T X.660); a wrong one would never match a CX-4, so say it here. */
static bool is_oid(struct span text) {
    struct span rest = text, arc;
    size_t arcs = 0;
    for (; span_cut(&rest, '.', &arc); arcs++) {
        uint64_t number;
        if (!span_to_u64(arc, &number) || (arc.len > 1 && arc.ptr[0] == '0') || (arcs == 0 && number > 2))
            return false;
    }
    return arcs >= 2;
}

/* FINESS: nine characters, Corsica's begin with 2A or 2B. */
static bool is_finess(struct span text) {
    for (size_t i = 0; i < text.len; i++) {
        bool corsica = i == 1 && text.ptr[0] == '2' && (text.ptr[1] == 'A' || text.ptr[1] == 'B');
        if ((text.ptr[i] < '0' || text.ptr[i] > '9') && !corsica)
            return false;
    }
    return text.len == 9;
}

static bool read_names(const json_t *request, struct domain_change *change, struct error *err) {
    if (!ask_needed_text(request, "namespace", &change->namespace_id, err) || !ask_text(request, "oid", &change->oid, err) ||
        !ask_text(request, "finess", &change->finess, err) || !ask_text(request, "author", &change->author, err))
        return false;
    for (size_t i = 0; i < change->namespace_id.len; i++) {
        unsigned char c = (unsigned char)change->namespace_id.ptr[i];
        if (c <= ' ' || strchr("^~\\&|:", c))
            return error_set(err, ERROR_TYPE, "namespace", "a namespace holds no blank and none of ^ ~ \\ & | :");
    }
    if (!span_is_empty(change->oid) && !is_oid(change->oid))
        return error_set(err, ERROR_TYPE, "oid", "\"%.*s\" is not an OID, such as 1.2.250.1.999.7",
                         SPAN_ARG(span_sub(change->oid, 0, 60)));
    if (!span_is_empty(change->finess) && !is_finess(change->finess))
        return error_set(err, ERROR_TYPE, "finess", "\"%.*s\" is not a FINESS number: nine characters, such as 990000018",
                         SPAN_ARG(span_sub(change->finess, 0, 40)));
    return true;
}

static bool change_domain(const struct control *control, const json_t *request, bool create, json_t *answer, struct arena *arena,
                          struct error *err) {
    struct domain_change change = DOMAIN_CHANGE_NONE;
    change.create = create;
    uint32_t id;
    if (!read_names(request, &change, err) || !read_policy(request, &change, err) || !read_senders(request, &change, arena, err))
        return false;
    if (create && change.kind < 0)
        return error_set(err, ERROR_MISSING, "kind", "say what it is: hospital, practice, regional or national");
    if (!identity_domain_change(control->identity, &change, arena, &id, err))
        return false;
    const struct domain *domain = domain_by_id(identity_domains(control->identity), id);
    if (domain)
        answer_add(answer, "domain", answer_domain(domain));
    return true;
}

bool verb_domain_add(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    return change_domain(control, request, true, answer, arena, err);
}

bool verb_domain_set(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    struct span name;
    const struct domain *domain;
    if (!ask_needed_text(request, "namespace", &name, err) || !ask_domain(control, name, "namespace", &domain, err))
        return false;
    return change_domain(control, request, false, answer, arena, err);
}

bool verb_domain_list(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                      struct error *err) {
    (void)request, (void)arena, (void)err;
    const struct domain_list *list = identity_domains(control->identity);
    json_t *domains = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(domains, answer_domain(&list->items[i]));
    answer_add(answer, "domains", domains);
    return true;
}

bool verb_domain_show(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                      struct error *err) {
    (void)arena;
    struct span name;
    const struct domain *domain;
    if (!ask_needed_text(request, "namespace", &name, err) || !ask_domain(control, name, "namespace", &domain, err))
        return false;
    answer_add(answer, "domain", answer_domain(domain));
    return true;
}
