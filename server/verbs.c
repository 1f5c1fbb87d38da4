/* What the verbs share: reading requests, writing answers; see verbs.h. */
#include "server/verbs.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "server/args.h"
#include "server/terminal.h"

#include <string.h>

/* -- requests ------------------------------------------------------------------------------------------------------------- */

bool ask_text(const json_t *request, const char *field, struct span *out, struct error *err) {
    const json_t *value = json_object_get(request, field);
    if (!value || json_is_null(value)) {
        *out = SPAN_ABSENT;
        return true;
    }
    if (!json_is_string(value))
        return error_set(err, ERROR_TYPE, field, "\"%s\" is a string", field);
    *out = span_make(json_string_value(value), json_string_length(value));
    return true;
}

bool ask_needed_text(const json_t *request, const char *field, struct span *out, struct error *err) {
    if (!ask_text(request, field, out, err))
        return false;
    return !span_is_empty(*out) || error_set(err, ERROR_MISSING, field, "\"%s\" is missing", field);
}

bool ask_number(const json_t *request, const char *field, uint64_t fallback, uint64_t most, uint64_t *out, struct error *err) {
    const json_t *value = json_object_get(request, field);
    if (!value || json_is_null(value)) {
        *out = fallback;
        return true;
    }
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || (uint64_t)number > most)
        return error_set(err, ERROR_TYPE, field, "\"%s\" is a number from 0 to %llu", field, (unsigned long long)most);
    *out = (uint64_t)number;
    return true;
}

bool ask_needed_number(const json_t *request, const char *field, uint64_t *out, struct error *err) {
    if (!ask_number(request, field, 0, INT64_MAX, out, err))
        return false;
    return *out > 0 || error_set(err, ERROR_MISSING, field, "\"%s\" is missing", field);
}

bool ask_yes_no(const json_t *request, const char *field, bool *out, struct error *err) {
    const json_t *value = json_object_get(request, field);
    if (value && !json_is_null(value) && !json_is_boolean(value))
        return error_set(err, ERROR_TYPE, field, "\"%s\" is true or false", field);
    *out = json_is_true(value);
    return true;
}

bool ask_asker(const json_t *request, struct asker *out, struct error *err) {
    struct span author;
    if (!ask_text(request, "author", &author, err))
        return false;
    *out = (struct asker){.application = span_is_empty(author) ? SPAN("command") : author,
                          .facility = SPAN("sosie"),
                          .address = SPAN("unix"),
                          .interaction = SPAN("command"),
                          .sees_ins = true,
                          .cell = true};
    return true;
}

bool ask_domain(const struct control *control, struct span name, const char *where, const struct domain **out, struct error *err) {
    const struct domain_list *list = identity_domains(control->identity);
    const struct domain *found = domain_by_authority(list, name, SPAN_ABSENT, SPAN_ABSENT);
    if (found) {
        *out = found;
        return true;
    }
    struct span nearest = SPAN_ABSENT, shown = span_sub(name, 0, 60);
    size_t wrong = name.len / 3 + 2;
    for (size_t i = 0; i < list->count; i++) {
        size_t distance = span_distance(name, list->items[i].namespace_id);
        nearest = distance < wrong ? list->items[i].namespace_id : nearest;
        wrong = distance < wrong ? distance : wrong;
    }
    if (nearest.len)
        return error_set(err, ERROR_UNKNOWN, where, "no domain \"%.*s\"; did you mean \"%.*s\"?", SPAN_ARG(shown),
                         SPAN_ARG(nearest));
    return error_set(err, ERROR_UNKNOWN, where, "no domain \"%.*s\" (%zu are declared); sosie domain list shows them",
                     SPAN_ARG(shown), list->count);
}

/* A local identifier may hold a colon, a namespace may not; in the HL7 form the authority is the fourth component. */
static bool cut_identifier(struct span text, struct span *out_domain, struct span *out_value) {
    size_t hat = span_find(text, '^', 0);
    if (hat < text.len) {
        struct span rest = span_sub(text, hat, text.len);
        if (!span_starts(rest, SPAN("^^^")))
            return false;
        *out_value = span_sub(text, 0, hat);
        struct span authority = span_sub(rest, 3, rest.len);
        *out_domain = span_sub(authority, 0, span_find(authority, '^', 0));
        *out_domain = span_sub(*out_domain, 0, span_find(*out_domain, '&', 0));
        return out_value->len > 0 && out_domain->len > 0;
    }
    size_t colon = span_find(text, ':', 0);
    *out_domain = span_sub(text, 0, colon);
    *out_value = span_sub(text, colon + 1, text.len);
    return out_value->len > 0 && out_domain->len > 0;
}

bool ask_record(const struct control *control, const json_t *request, const char *field, uint64_t *out_record, struct error *err) {
    struct span text, name, value;
    const struct domain *domain;
    uint64_t person, record = 0;
    if (!ask_needed_text(request, field, &text, err))
        return false;
    if (!cut_identifier(text, &name, &value))
        return error_set(err, ERROR_TYPE, field, "an identifier is written DOMAIN:LOCALID or LOCALID^^^DOMAIN");
    if (!ask_domain(control, name, field, &domain, err))
        return false;
    if (!identity_resolve(control->identity, domain, value, &person, &record, err)) {
        struct error why = *err;
        return error_set(err, why.code, *why.where ? why.where : field, "%s", why.text);
    }
    if (record == 0)
        return error_set(err, ERROR_TYPE, field, "this names a person, not a record; use an identifier of a hospital or practice");
    *out_record = record;
    return true;
}

/* -- answers -------------------------------------------------------------------------------------------------------------- */

json_t *answer_text(struct span text) {
    if (span_is_absent(text))
        return json_null();
    json_t *value = json_stringn(text.ptr, text.len);
    if (value)
        return value;
    CLEANUP(buf_release) struct buf clean = {0};
    buf_init(&clean, text.len + 1);
    terminal_text(&clean, text);
    return json_stringn(clean.bytes ? clean.bytes : "", clean.len);
}

json_t *answer_time(int64_t at_us) {
    char text[40];
    if (at_us == 0 || at_us == INT64_MIN)
        return json_null();
    clock_format_iso(at_us, text, sizeof text);
    return json_string(text);
}

json_t *answer_error(const struct error *err) {
    json_t *json = json_object();
    answer_add(json, "code", json_string(error_code_name(err->code)));
    answer_add(json, "where", answer_text(span_of(err->where)));
    answer_add(json, "text", answer_text(span_of(err->text)));
    return json;
}

void answer_add(json_t *object, const char *field, json_t *value) {
    if (json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0))
        json_decref(value);
    else
        json_object_set_new(object, field, value);
}

json_t *answer_domain_name(const struct domain_list *domains, uint32_t id) {
    const struct domain *domain = id ? domain_by_id(domains, id) : NULL;
    return domain ? answer_text(domain->namespace_id) : json_null();
}
