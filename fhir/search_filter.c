/* Criteria against one patient; see search_filter.h. */
#include "fhir/search_filter.h"

#include "fhir/search_fold.h"
#include "fhir/search_plan.h"
#include "fhir/systems.h"

struct filter {
    const struct patient_view *view;
    const struct person *person;
    int64_t now_us;
    struct arena *arena;
};

/* -- texts ------------------------------------------------------------------------------------------------------------------ */

/* All that a string or telecom parameter looks at in one set of traits. */
struct texts {
    struct span *items;
    size_t count;
};

static void add_text(struct texts *texts, struct span text) {
    if (text.len)
        texts->items[texts->count++] = text;
}

static void add_names(struct texts *texts, const struct traits *traits, enum param_what what) {
    for (size_t i = 0; i < traits->name_count; i++) {
        const struct trait_name *name = &traits->names[i];
        if (what != WHAT_GIVEN)
            add_text(texts, name->family);
        if (what == WHAT_FAMILY)
            continue;
        add_text(texts, name->given);
        add_text(texts, name->given_list);
        if (what != WHAT_NAME)
            continue;
        add_text(texts, name->prefix);
        add_text(texts, name->suffix);
    }
}

static void add_addresses(struct texts *texts, const struct traits *traits, enum param_what what) {
    for (size_t i = 0; i < traits->address_count; i++) {
        const struct trait_address *address = &traits->addresses[i];
        bool any = what == WHAT_ADDRESS;
        if (span_eq_cstr(address->type, "BDL") || span_eq_cstr(address->type, "N"))
            continue; /* where someone was born is no address */
        if (any)
            add_text(texts, address->line);
        if (any)
            add_text(texts, address->other);
        if (any || what == WHAT_CITY)
            add_text(texts, address->city);
        if (any || what == WHAT_STATE)
            add_text(texts, address->state);
        if (any || what == WHAT_POSTALCODE)
            add_text(texts, address->postcode);
        if (any || what == WHAT_COUNTRY)
            add_text(texts, address->country);
    }
}

static struct texts texts_of(const struct traits *traits, enum param_what what, struct arena *arena) {
    enum { TEXTS_OF_A_NAME = 5, TEXTS_OF_AN_ADDRESS = 6 };
    struct texts texts = {.count = 0};
    size_t most = traits->name_count * TEXTS_OF_A_NAME + traits->address_count * TEXTS_OF_AN_ADDRESS + 1;
    texts.items = ARENA_ARRAY(arena, struct span, most);
    if (what == WHAT_MOTHER)
        add_text(&texts, traits->mother_name);
    else if (what == WHAT_FAMILY || what == WHAT_GIVEN || what == WHAT_NAME)
        add_names(&texts, traits, what);
    else
        add_addresses(&texts, traits, what);
    return texts;
}

static bool text_matches(struct span text, struct span wanted, enum modifier modifier, enum param_what what, struct arena *arena) {
    struct span folded = search_fold_text(wanted, arena);
    if (modifier == MODIFIER_EXACT)
        return span_eq(text, wanted);
    if (folded.len == 0)
        return false;
    if (modifier == MODIFIER_CONTAINS)
        return search_fold_contains(text, folded, arena);
    if (what == WHAT_COUNTRY && span_eq_nocase(text, search_fold_country(wanted, arena)))
        return true;
    return search_fold_starts(text, folded, arena);
}

/* Given names stand in one text, separated by blanks; each of them begins somewhere. */
static bool any_word_matches(struct span text, struct span wanted, enum modifier modifier, enum param_what what,
                             struct arena *arena) {
    if (text_matches(text, wanted, modifier, what, arena))
        return true;
    struct span rest = text, word;
    while (what == WHAT_GIVEN && span_cut(&rest, ' ', &word)) {
        if (word.len && text_matches(word, wanted, modifier, what, arena))
            return true;
    }
    return false;
}

static bool string_matches(const struct filter *filter, const struct traits *traits, const struct criterion *criterion,
                           const struct search_value *value) {
    enum param_what what = criterion->parameter->what;
    struct texts texts = texts_of(traits, what, filter->arena);
    for (size_t i = 0; i < texts.count; i++) {
        if (any_word_matches(texts.items[i], value->text, criterion->modifier, what, filter->arena))
            return true;
    }
    return false;
}

/* -- tokens and dates ------------------------------------------------------------------------------------------------------- */

static bool telecom_matches(const struct filter *filter, const struct trait_telecom *telecom, enum param_what what,
                            const struct search_value *value) {
    const char *system = patient_telecom_system(telecom);
    if (!system || telecom->value.len == 0)
        return false;
    bool mail = span_eq_cstr(SPAN("email"), system);
    if ((what == WHAT_PHONE && !span_eq_cstr(SPAN("phone"), system)) || (what == WHAT_EMAIL && !mail))
        return false;
    if (value->system.len && !span_eq_cstr(value->system, system))
        return false;
    if (value->text.len == 0 || mail)
        return value->text.len == 0 || span_eq_nocase(telecom->value, value->text);
    struct span digits = search_fold_phone(value->text, filter->arena);
    return digits.len && span_eq(search_fold_phone(telecom->value, filter->arena), digits);
}

static bool telecoms_match(const struct filter *filter, const struct traits *traits, enum param_what what,
                           const struct search_value *value) {
    for (size_t i = 0; i < traits->telecom_count; i++) {
        if (telecom_matches(filter, &traits->telecoms[i], what, value))
            return true;
    }
    return false;
}

static bool gender_matches(const struct traits *traits, const struct search_value *value) {
    const char *gender = patient_gender(traits->sex);
    return gender && span_eq_cstr(value->text, gender);
}

static bool birth_matches(const struct filter *filter, const struct traits *traits, const struct search_value *value) {
    struct date_range born;
    return fhir_date_stored_parse(traits->birth_date, &born) && fhir_date_matches(&value->date, born, filter->now_us);
}

static bool traits_match(const struct filter *filter, const struct traits *traits, const struct criterion *criterion,
                         const struct search_value *value) {
    enum param_what what = criterion->parameter->what;
    if (what == WHAT_GENDER)
        return gender_matches(traits, value);
    if (what == WHAT_BIRTHDATE)
        return birth_matches(filter, traits, value);
    if (what == WHAT_TELECOM || what == WHAT_PHONE || what == WHAT_EMAIL)
        return telecoms_match(filter, traits, what, value);
    return string_matches(filter, traits, criterion, value);
}

/* -- the person as a whole ---------------------------------------------------------------------------------------------------- */

static bool value_eq(struct span held, struct span wanted) {
    return wanted.len == 0 || span_eq_nocase(held, wanted);
}

static bool ins_matches(const struct filter *filter, const struct system *system, const struct search_value *value) {
    bool system_fits = system->kind == SYSTEM_ANY || (system->kind == SYSTEM_INS && span_eq(system->oid, filter->person->ins_oid));
    return filter->person->ins.len && system_fits && value_eq(filter->person->ins, value->text);
}

static bool identifier_matches(const struct filter *filter, const struct search_value *value) {
    const struct person *person = filter->person;
    struct system system = {.kind = SYSTEM_ANY};
    if (!span_is_absent(value->system))
        system = system_find(filter->view->domains, filter->view->base, value->system);
    if (ins_matches(filter, &system, value))
        return true;
    if (system.kind != SYSTEM_ANY && system.kind != SYSTEM_DOMAIN)
        return false;
    const struct domain *regional = domain_regional(filter->view->domains);
    bool of_regional = system.kind == SYSTEM_ANY || system.domain == regional;
    if (of_regional && person->regional_id.len && value_eq(person->regional_id, value->text))
        return true;
    for (size_t i = 0; i < person->identifier_count; i++) {
        const struct person_identifier *held = &person->identifiers[i];
        bool system_fits = system.kind == SYSTEM_ANY ? held->domain != 0 : held->domain == system.domain->id;
        if (system_fits && value_eq(held->value, value->text))
            return true;
    }
    return false;
}

/* "system|code|value": a type as we write it, with a value under it. */
static bool of_type_matches(const struct filter *filter, const struct search_value *value) {
    const struct patient_identifier *identifiers;
    size_t count = patient_identifiers(filter->view, filter->person, filter->arena, &identifiers);
    for (size_t i = 0; i < count; i++) {
        bool type_fits = span_eq(identifiers[i].type, value->type) &&
                         (value->system.len == 0 || span_eq(identifiers[i].type_system, value->system));
        if (type_fits && span_eq_nocase(identifiers[i].value, value->text))
            return true;
    }
    return false;
}

static bool updated_matches(const struct filter *filter, const struct search_value *value) {
    struct date_range at = {filter->person->updated_us, filter->person->updated_us + 1};
    return fhir_date_matches(&value->date, at, filter->now_us);
}

static bool id_matches(const struct filter *filter, const struct search_value *value) {
    uint64_t id;
    return search_plan_parse_id(value->text, 'p', &id) && id == filter->person->id;
}

static bool value_matches(const struct filter *filter, const struct criterion *criterion, const struct search_value *value) {
    if (criterion->modifier == MODIFIER_OF_TYPE)
        return of_type_matches(filter, value);
    switch (criterion->parameter->what) {
    case WHAT_ID:
        return id_matches(filter, value);
    case WHAT_LAST_UPDATED:
        return updated_matches(filter, value);
    case WHAT_ACTIVE:
        return span_eq_cstr(value->text, "true");
    case WHAT_IDENTIFIER:
        return identifier_matches(filter, value);
    default:
        break;
    }
    if (traits_match(filter, &filter->person->golden, criterion, value))
        return true;
    for (size_t i = 0; i < filter->person->record_count; i++) {
        if (traits_match(filter, &filter->person->records[i].traits, criterion, value))
            return true;
    }
    return false;
}

static bool any_value_matches(const struct filter *filter, const struct criterion *criterion) {
    for (size_t i = 0; i < criterion->value_count; i++) {
        if (value_matches(filter, criterion, &criterion->values[i]))
            return true;
    }
    return false;
}

static bool has_telecom(const struct traits *traits, enum param_what what) {
    for (size_t i = 0; i < traits->telecom_count; i++) {
        const char *system = patient_telecom_system(&traits->telecoms[i]);
        const char *wanted = what == WHAT_PHONE ? "phone" : what == WHAT_EMAIL ? "email" : system;
        if (system && span_eq_cstr(span_of(system), wanted))
            return true;
    }
    return false;
}

static bool is_present(const struct filter *filter, enum param_what what) {
    const struct traits *golden = &filter->person->golden;
    const struct patient_identifier *identifiers;
    switch (what) {
    case WHAT_IDENTIFIER:
        return patient_identifiers(filter->view, filter->person, filter->arena, &identifiers) > 0;
    case WHAT_ACTIVE:
        return true;
    case WHAT_GENDER:
        return patient_gender(golden->sex) != NULL;
    case WHAT_BIRTHDATE:
        return fhir_date_write(golden->birth_date, filter->arena).len > 0;
    case WHAT_TELECOM:
    case WHAT_PHONE:
    case WHAT_EMAIL:
        return has_telecom(golden, what);
    default:
        return texts_of(golden, what, filter->arena).count > 0;
    }
}

static bool criterion_holds(const struct filter *filter, const struct criterion *criterion) {
    if (criterion->modifier == MODIFIER_MISSING)
        return criterion->values[0].flag == !is_present(filter, criterion->parameter->what);
    if (criterion->modifier == MODIFIER_NOT)
        return !any_value_matches(filter, criterion);
    return any_value_matches(filter, criterion);
}

bool search_accepts(const struct search *search, const bool *decided, const struct patient_view *view, const struct person *person,
                    int64_t now_us, struct arena *arena) {
    struct filter filter = {.view = view, .person = person, .now_us = now_us, .arena = arena};
    const struct patient_identifier *identifiers;
    if (patient_identifiers(view, person, arena, &identifiers) == 0)
        return false;
    for (size_t i = 0; i < search->criterion_count; i++) {
        if ((!decided || !decided[i]) && !criterion_holds(&filter, &search->criteria[i]))
            return false;
    }
    return true;
}
