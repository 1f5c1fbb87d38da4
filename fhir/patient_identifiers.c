/* Identifiers of a Patient as FR Core 2.1 slices them (fhir.md 5.3); see patient_json.h. */
#include "fhir/json_write.h"
#include "fhir/patient_json.h"
#include "fhir/systems.h"

#define V2_0203 SPAN("http://terminology.hl7.org/CodeSystem/v2-0203")
#define FR_0203 SPAN("https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203")

static bool shows_domain(const struct restriction *only, uint32_t domain) {
    for (size_t i = 0; i < only->domain_count; i++) {
        if (only->domains[i] == domain)
            return true;
    }
    return !only->on;
}

static bool shows_ins(const struct restriction *only) {
    return !only->on || only->ins;
}

struct patient_identifier patient_identifier_ins(struct span oid, struct span value) {
    const struct ins_authority *authority = ins_authority(oid);
    if (!authority)
        return (struct patient_identifier){.value = SPAN_ABSENT};
    return (struct patient_identifier){
        .use = authority->nia ? "temp" : "official",
        .type_system = FR_0203,
        .type = span_of(authority->type),
        .system_head = SPAN("urn:oid:"),
        .system = oid,
        .value = value,
    };
}

struct patient_identifier patient_identifier_of(const struct patient_view *view, const struct domain *domain,
                                                const struct person_identifier *identifier, struct arena *arena) {
    bool regional = domain->kind == DOMAIN_REGIONAL;
    struct patient_identifier made = {
        .use = !identifier->live ? "old"
               : regional        ? "secondary"
                                 : "usual",
        .type_system = V2_0203,
        .type = regional ? SPAN("RRI") : SPAN("PI"),
        .value = identifier->value,
        .assigner = domain->namespace_id,
    };
    system_uri(domain, view->base, arena, &made.system_head, &made.system);
    return made;
}

static bool was_asked(const struct patient_view *view, const struct person_identifier *identifier) {
    for (size_t i = 0; i < view->asked_count; i++) {
        const struct person_identifier *asked = &view->asked[i];
        if ((asked->domain == 0 || asked->domain == identifier->domain) && span_eq_nocase(asked->value, identifier->value))
            return true;
    }
    return false;
}

static bool is_listed(const struct patient_identifier *list, size_t count, const struct patient_identifier *wanted) {
    for (size_t i = 0; i < count; i++) {
        if (span_eq(list[i].system, wanted->system) && span_eq(list[i].system_head, wanted->system_head) &&
            span_eq(list[i].value, wanted->value))
            return true;
    }
    return false;
}

struct list {
    const struct patient_view *view;
    struct arena *arena;
    struct patient_identifier *items;
    size_t count;
};

static void list_add(struct list *list, struct patient_identifier identifier) {
    bool whole = identifier.value.len && identifier.system.len;
    if (whole && !is_listed(list->items, list->count, &identifier))
        list->items[list->count++] = identifier;
}

static void list_add_of(struct list *list, const struct person_identifier *identifier) {
    const struct domain *domain = identifier->domain ? domain_by_id(list->view->domains, identifier->domain) : NULL;
    if (!domain || domain->kind == DOMAIN_NATIONAL || !shows_domain(&list->view->only, identifier->domain))
        return;
    if (identifier->live || identifier == list->view->found_by || was_asked(list->view, identifier))
        list_add(list, patient_identifier_of(list->view, domain, identifier, list->arena));
}

size_t patient_identifiers(const struct patient_view *view, const struct person *person, struct arena *arena,
                           const struct patient_identifier **out) {
    struct list list = {.view = view, .arena = arena};
    list.items = ARENA_ARRAY(arena, struct patient_identifier, person->identifier_count + 3);
    if (person->ins.len && shows_ins(&view->only))
        list_add(&list, patient_identifier_ins(person->ins_oid, person->ins));
    for (size_t i = 0; i < person->identifier_count; i++)
        list_add_of(&list, &person->identifiers[i]);
    const struct domain *regional = domain_regional(view->domains);
    if (regional)
        list_add_of(&list, &(struct person_identifier){.domain = regional->id, .value = person->regional_id, .live = true});
    if (view->found_by)
        list_add_of(&list, view->found_by); /* nothing when it is there as a live one */
    *out = list.items;
    return list.count;
}

void patient_identifier_write(struct json *json, const char *key, const struct patient_identifier *identifier) {
    json_write_open(json, key, '{');
    json_write_cstr(json, "use", identifier->use);
    json_write_open(json, "type", '{');
    json_write_open(json, "coding", '[');
    json_write_open(json, NULL, '{');
    json_write_text(json, "system", identifier->type_system);
    json_write_text(json, "code", identifier->type);
    json_write_close(json);
    json_write_close(json);
    json_write_close(json);
    json_write_joined(json, "system", identifier->system_head, identifier->system);
    json_write_text(json, "value", identifier->value);
    json_write_open(json, "assigner", '{');
    json_write_text(json, "display", identifier->assigner);
    json_write_close(json);
    json_write_close(json);
}
