/*
 * A Patient written in the order of its definition (R4 patient.html), so that the XML to come can follow the same walk:
 * id, meta, extensions, identifier, active, name, telecom, gender, birthDate, deceased, address, maritalStatus, multipleBirth,
 * communication, managingOrganization, link. See patient_json.h.
 */
#include "fhir/patient_json.h"

#include "fhir/dates.h"
#include "fhir/json_write.h"

#define CORE "https://hl7.fr/ig/fhir/core/"
#define HL7_EXTENSION "http://hl7.org/fhir/StructureDefinition/"
#define COMMUNES SPAN("https://mos.esante.gouv.fr/NOS/TRE_R13-Commune/FHIR/TRE-R13-Commune")
#define COUNTRIES SPAN("https://mos.esante.gouv.fr/NOS/TRE_R20-Pays/FHIR/TRE-R20-Pays")

/* What the writers below share: one resource about to be written. */
struct patient {
    struct json *json;
    struct arena *arena;
    const struct traits *traits;
    enum identity_status status;
    uint32_t attributes;
    bool with_ins; /* an INS is among the identifiers, and the profile with INS is claimed */
};

/* -- codes ------------------------------------------------------------------------------------------------------------------ */

struct code_pair {
    const char *theirs, *ours; /* HL7 v2, FHIR */
};

static const char *code_of(struct span code, const struct code_pair *pairs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (span_eq_cstr(code, pairs[i].theirs))
            return pairs[i].ours;
    }
    return NULL;
}
#define CODE_OF(code, pairs) code_of((code), (pairs), sizeof(pairs) / sizeof((pairs)[0]))

static const struct code_pair genders[] = {{"M", "male"}, {"F", "female"}, {"O", "other"}, {"U", "unknown"}};

const char *patient_gender(struct span sex) {
    return CODE_OF(sex, genders);
}

char patient_sex(struct span gender) {
    for (size_t i = 0; i < sizeof genders / sizeof genders[0]; i++) {
        if (span_eq_cstr(gender, genders[i].ours))
            return genders[i].theirs[0];
    }
    return 0;
}

/* HL7 table 0200 to name-use; L and D are handled by name. */
static const struct code_pair name_uses[] = {
    {"L", "official"}, {"D", "usual"}, {"S", "anonymous"}, {"N", "nickname"}, {"M", "maiden"}, {"BAD", "old"},
};
/* HL7 table 0190 to address-use; birth places are an extension. */
static const struct code_pair address_uses[] = {
    {"H", "home"}, {"B", "work"}, {"O", "work"}, {"C", "temp"}, {"TMP", "temp"}, {"BA", "old"}, {"RH", "home"},
};
/* HL7 table 0202 to ContactPoint.system. */
static const struct code_pair telecom_systems[] = {
    {"PH", "phone"}, {"CP", "phone"}, {"SAT", "phone"}, {"FX", "fax"}, {"BP", "pager"}, {"Internet", "email"}, {"X.400", "email"},
};
/* HL7 table 0201 to ContactPoint.use. */
static const struct code_pair telecom_uses[] = {
    {"PRN", "home"}, {"ORN", "home"}, {"VHN", "temp"}, {"WPN", "work"}, {"PRS", "mobile"}};
/* HL7 table 0002 to v3-MaritalStatus, the codes whose meaning is the same; P is the French PACS. */
static const struct code_pair marital[] = {
    {"S", "S"}, {"B", "S"}, {"M", "M"}, {"D", "D"}, {"W", "W"},   {"I", "I"},
    {"E", "L"}, {"N", "A"}, {"P", "T"}, {"C", "C"}, {"U", "UNK"},
};

static const struct {
    uint32_t attribute;
    const char *code;
} attribute_codes[] = {
    {ATTRIBUTE_HOMONYM, "HOMA"},
    {ATTRIBUTE_DOUBTFUL, "DOUT"},
    {ATTRIBUTE_FICTITIOUS, "FICT"},
    {ATTRIBUTE_HIDDEN, "CACH"},
    {ATTRIBUTE_ANONYMOUS, "ANOM"},
    {ATTRIBUTE_POTENTIAL_DUPLICATE, "DPOT"},
    {ATTRIBUTE_POTENTIAL_COLLISION, "COLP"},
    {ATTRIBUTE_CONFIRMED_COLLISION, "COLV"},
    {ATTRIBUTE_IDENTITY_THEFT, "USUR"},
    {ATTRIBUTE_DEACTIVATED, "DESA"},
    {ATTRIBUTE_INVALIDATED, "INVA"},
};

const char *patient_telecom_system(const struct trait_telecom *telecom) {
    const char *system = CODE_OF(telecom->equipment, telecom_systems);
    if (system || telecom->equipment.len)
        return system;
    if (span_eq_cstr(telecom->use, "NET") || span_find(telecom->value, '@', 0) < telecom->value.len)
        return "email";
    return "phone";
}

/* -- small parts ------------------------------------------------------------------------------------------------------------ */

static void write_texts(struct json *json, const char *key, const struct span *texts, size_t count) {
    json_write_open(json, key, '[');
    for (size_t i = 0; i < count; i++)
        json_write_text(json, NULL, texts[i]);
    json_write_close(json);
}

static void write_coding(struct json *json, const char *key, struct span system, struct span code) {
    if (code.len == 0)
        return;
    json_write_open(json, key, '{');
    json_write_text(json, "system", system);
    json_write_text(json, "code", code);
    json_write_close(json);
}

static void write_concept(struct json *json, const char *key, struct span system, struct span code) {
    json_write_open(json, key, '{');
    json_write_open(json, "coding", '[');
    write_coding(json, NULL, system, code);
    json_write_close(json);
    json_write_close(json);
}

static void write_reference(struct json *json, const char *key, const char *head, uint64_t id) {
    json_write_open(json, key, '{');
    json_write_numbered(json, "reference", head, id);
    json_write_close(json);
}

static void write_meta(const struct patient *patient, uint64_t version, int64_t updated_us) {
    char instant[FHIR_INSTANT_BYTES];
    fhir_date_instant_write(updated_us, instant);
    json_write_open(patient->json, "meta", '{');
    json_write_numbered(patient->json, "versionId", "", version);
    json_write_cstr(patient->json, "lastUpdated", instant);
    json_write_open(patient->json, "profile", '[');
    json_write_cstr(patient->json, NULL,
                    patient->with_ins ? CORE "StructureDefinition/fr-core-patient-ins"
                                      : CORE "StructureDefinition/fr-core-patient");
    json_write_close(patient->json);
    json_write_close(patient->json);
}

/* -- extensions ------------------------------------------------------------------------------------------------------------- */

static void write_reliability(const struct patient *patient, const char *code) {
    struct json *json = patient->json;
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "url", CORE "StructureDefinition/fr-core-identity-reliability");
    json_write_open(json, "extension", '[');
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "url", "identityStatus");
    write_coding(json, "valueCoding", SPAN(CORE "CodeSystem/fr-core-cs-v2-0445"), span_of(code));
    json_write_close(json);
    json_write_close(json);
    json_write_close(json);
}

/* FR Core 2.1 has one code in each identityReliability: the status first, then one more for every attribute. */
static void write_reliabilities(const struct patient *patient) {
    write_reliability(patient, patient->status >= STATUS_VALIDATED ? "VALI" : "PROV");
    for (size_t i = 0; i < sizeof attribute_codes / sizeof attribute_codes[0]; i++) {
        if (patient->attributes & attribute_codes[i].attribute)
            write_reliability(patient, attribute_codes[i].code);
    }
}

static bool is_commune(struct span code) {
    return code.len == 5 && !span_starts(code, SPAN("99"));
}

static void write_insee(struct json *json, struct span code) {
    if (code.len == 0)
        return;
    json_write_open(json, "extension", '[');
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "url", CORE "StructureDefinition/fr-core-address-insee-code");
    write_coding(json, "valueCoding", is_commune(code) ? COMMUNES : COUNTRIES, code);
    json_write_close(json);
    json_write_close(json);
}

static const struct trait_address *birth_address(const struct traits *traits) {
    const struct trait_address *address = traits_address(traits, "BDL");
    return address ? address : traits_address(traits, "N");
}

/* The place as PID-11 BDL gave it; PID-23 is its text when there is nothing better. */
static void write_birth_place(const struct patient *patient) {
    struct json *json = patient->json;
    const struct trait_address *address = birth_address(patient->traits);
    struct span city = address ? address->city : patient->traits->birth_place_text;
    struct span code = traits_birth_place(patient->traits);
    if (code.len == 0 && city.len == 0)
        return;
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "url", HL7_EXTENSION "patient-birthPlace");
    json_write_open(json, "valueAddress", '{');
    write_insee(json, code);
    json_write_text(json, "city", city);
    if (address)
        json_write_text(json, "country", address->country);
    json_write_close(json);
    json_write_close(json);
}

static void write_nationality(const struct patient *patient) {
    struct span code = patient->traits->citizenship;
    if (code.len < 2 || code.len > 3)
        return;
    json_write_open(patient->json, NULL, '{');
    json_write_cstr(patient->json, "url", CORE "StructureDefinition/fr-core-patient-nationality");
    write_concept(patient->json, "valueCodeableConcept", SPAN("urn:iso:std:iso:3166"), code);
    json_write_close(patient->json);
}

static void write_extensions(const struct patient *patient) {
    struct json *json = patient->json;
    json_write_open(json, "extension", '[');
    write_reliabilities(patient);
    write_birth_place(patient);
    write_nationality(patient);
    if (patient->traits->birth_date_corrected.len) {
        json_write_open(json, NULL, '{');
        json_write_cstr(json, "url", CORE "StructureDefinition/fr-core-patient-birthdate-update-indicator");
        json_write_bool(json, "valueBoolean", span_eq_cstr(patient->traits->birth_date_corrected, "Y"));
        json_write_close(json);
    }
    if (patient->traits->mother_name.len) {
        json_write_open(json, NULL, '{');
        json_write_cstr(json, "url", HL7_EXTENSION "patient-mothersMaidenName");
        json_write_text(json, "valueString", patient->traits->mother_name);
        json_write_close(json);
    }
    json_write_close(json);
}

/* -- names, telecoms, addresses ----------------------------------------------------------------------------------------------- */

static void write_birth_list(struct json *json, struct span given_list) {
    if (given_list.len == 0)
        return;
    json_write_open(json, "extension", '[');
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "url", CORE "StructureDefinition/fr-core-patient-birth-list-given-name");
    json_write_text(json, "valueString", given_list);
    json_write_close(json);
    json_write_close(json);
}

/* FR Core's official name has a family name and exactly one given name; a birth name without one is only a name. */
static const char *name_use(const struct trait_name *name, bool official_taken) {
    bool birth = name->type == 'L';
    if (birth && (official_taken || !name->family.len || !name->given.len))
        return NULL;
    return CODE_OF(span_make(&name->type, 1), name_uses);
}

static void write_name(struct json *json, const struct trait_name *name, const char *use) {
    if (!name->family.len && !name->given.len)
        return;
    json_write_open(json, NULL, '{');
    if (name->type == 'L')
        write_birth_list(json, name->given_list.len ? name->given_list : name->given);
    json_write_cstr(json, "use", use);
    json_write_text(json, "family", name->family);
    write_texts(json, "given", &name->given, 1);
    write_texts(json, "prefix", &name->prefix, 1);
    write_texts(json, "suffix", &name->suffix, 1);
    json_write_close(json);
}

static void write_names(const struct patient *patient) {
    bool official_taken = false;
    json_write_open(patient->json, "name", '[');
    for (size_t i = 0; i < patient->traits->name_count; i++) {
        const struct trait_name *name = &patient->traits->names[i];
        const char *use = name_use(name, official_taken);
        official_taken |= name->type == 'L' && use;
        write_name(patient->json, name, use);
    }
    json_write_close(patient->json);
}

static void write_telecoms(const struct patient *patient) {
    struct json *json = patient->json;
    json_write_open(json, "telecom", '[');
    for (size_t i = 0; i < patient->traits->telecom_count; i++) {
        const struct trait_telecom *telecom = &patient->traits->telecoms[i];
        const char *system = patient_telecom_system(telecom);
        if (!system || !telecom->value.len)
            continue;
        json_write_open(json, NULL, '{');
        json_write_cstr(json, "system", system);
        json_write_text(json, "value", telecom->value);
        json_write_cstr(json, "use", span_eq_cstr(telecom->equipment, "CP") ? "mobile" : CODE_OF(telecom->use, telecom_uses));
        json_write_close(json);
    }
    json_write_close(json);
}

static void write_period(struct json *json, struct span from, struct span to, struct arena *arena) {
    json_write_open(json, "period", '{');
    json_write_text(json, "start", fhir_date_time_write(from, arena));
    json_write_text(json, "end", fhir_date_time_write(to, arena));
    json_write_close(json);
}

static void write_address(const struct patient *patient, const struct trait_address *address) {
    struct json *json = patient->json;
    json_write_open(json, NULL, '{');
    write_insee(json, address->insee);
    if (address->line.len || address->city.len || address->postcode.len || address->country.len || address->insee.len) {
        json_write_cstr(json, "use", CODE_OF(address->type, address_uses));
        json_write_cstr(json, "type", span_eq_cstr(address->type, "M") ? "postal" : NULL);
    }
    write_texts(json, "line", (const struct span[]){address->line, address->other}, 2);
    json_write_text(json, "city", address->city);
    json_write_text(json, "state", address->state);
    json_write_text(json, "postalCode", address->postcode);
    json_write_text(json, "country", address->country);
    write_period(json, address->valid_from, address->valid_to, patient->arena);
    json_write_close(json);
}

static void write_addresses(const struct patient *patient) {
    json_write_open(patient->json, "address", '[');
    for (size_t i = 0; i < patient->traits->address_count; i++) {
        const struct trait_address *address = &patient->traits->addresses[i];
        if (!span_eq_cstr(address->type, "BDL") && !span_eq_cstr(address->type, "N"))
            write_address(patient, address);
    }
    json_write_close(patient->json);
}

/* -- single traits ------------------------------------------------------------------------------------------------------------ */

static void write_deceased(const struct patient *patient) {
    struct span when = fhir_date_time_write(patient->traits->death_time, patient->arena);
    if (when.len)
        json_write_text(patient->json, "deceasedDateTime", when);
    else if (patient->traits->dead.len)
        json_write_bool(patient->json, "deceasedBoolean", span_eq_cstr(patient->traits->dead, "Y"));
}

static void write_multiple_birth(const struct patient *patient) {
    uint64_t order;
    if (span_to_u64(patient->traits->birth_order, &order) && order > 0 && order < 100)
        json_write_u64(patient->json, "multipleBirthInteger", order);
    else if (patient->traits->multiple_birth.len)
        json_write_bool(patient->json, "multipleBirthBoolean", span_eq_cstr(patient->traits->multiple_birth, "Y"));
}

/* BCP 47 has two-letter codes for the languages that have one; a longer code may be of another list and stays out. */
static void write_language(const struct patient *patient) {
    struct span code = patient->traits->language;
    bool letters = code.len == 2;
    char lower[3] = "";
    for (size_t i = 0; letters && i < 2; i++) {
        lower[i] = (char)(code.ptr[i] | 0x20);
        letters = lower[i] >= 'a' && lower[i] <= 'z';
    }
    if (!letters)
        return;
    json_write_open(patient->json, "communication", '[');
    json_write_open(patient->json, NULL, '{');
    write_concept(patient->json, "language", SPAN("urn:ietf:bcp:47"), span_make(lower, 2));
    json_write_close(patient->json);
    json_write_close(patient->json);
}

/* From name to communication, in the order of the definition. */
static void write_traits(const struct patient *patient) {
    const struct traits *traits = patient->traits;
    write_names(patient);
    write_telecoms(patient);
    json_write_cstr(patient->json, "gender", patient_gender(traits->sex));
    json_write_text(patient->json, "birthDate", fhir_date_write(traits->birth_date, patient->arena));
    write_deceased(patient);
    write_addresses(patient);
    write_concept(patient->json, "maritalStatus", SPAN("http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"),
                  span_of(CODE_OF(traits->marital_status, marital)));
    write_multiple_birth(patient);
    write_language(patient);
}

/* -- resources ---------------------------------------------------------------------------------------------------------------- */

/* All that fr-core-patient-ins makes mandatory (fhir.md 5.4). */
static bool fits_ins_profile(const struct traits *traits, struct arena *arena) {
    const struct trait_name *name = traits_name(traits, 'L');
    return name && name->family.len && name->given.len && patient_gender(traits->sex) &&
           fhir_date_write(traits->birth_date, arena).len && traits_birth_place(traits).len == 5;
}

static void write_id(struct json *json, const char *kind, uint64_t id) {
    json_write_cstr(json, "resourceType", "Patient");
    json_write_numbered(json, "id", kind, id);
}

static void write_links(struct json *json, const struct person *person, uint64_t as) {
    bool replaced = as != person->id;
    json_write_open(json, "link", '[');
    for (size_t i = 0; i < (replaced ? 1 : person->record_count); i++) {
        json_write_open(json, NULL, '{');
        if (replaced)
            write_reference(json, "other", "Patient/p", person->id);
        else
            write_reference(json, "other", "Patient/r", person->records[i].id);
        json_write_cstr(json, "type", replaced ? "replaced-by" : "seealso");
        json_write_close(json);
    }
    json_write_close(json);
}

void patient_write_person(struct json *json, const char *key, const struct patient_view *view, const struct person *person,
                          uint64_t as, struct arena *arena) {
    struct person shown = *person;
    struct patient patient = {
        .json = json, .arena = arena, .traits = &person->golden, .status = person->status, .attributes = person->attributes};
    bool may_show_ins = person->status == STATUS_QUALIFIED && fits_ins_profile(&person->golden, arena);
    if (!may_show_ins)
        shown.ins = SPAN_ABSENT;
    const struct patient_identifier *identifiers;
    size_t count = patient_identifiers(view, &shown, arena, &identifiers);
    patient.with_ins = shown.ins.len && count && span_eq(identifiers[0].value, shown.ins);

    json_write_open(json, key, '{');
    write_id(json, "p", as);
    write_meta(&patient, person->version, person->updated_us);
    write_extensions(&patient);
    json_write_open(json, "identifier", '[');
    for (size_t i = 0; i < count; i++)
        patient_identifier_write(json, NULL, &identifiers[i]);
    json_write_close(json);
    json_write_bool(json, "active", as == person->id);
    write_traits(&patient);
    write_links(json, person, as);
    json_write_close(json);
}

static void write_organisation(struct json *json, const struct domain *domain) {
    json_write_open(json, "managingOrganization", '{');
    json_write_text(json, "display", domain->namespace_id);
    json_write_close(json);
}

void patient_write_record(struct json *json, const char *key, const struct patient_view *view, const struct person *person,
                          const struct person_record *record, struct arena *arena) {
    const struct domain *domain = domain_by_id(view->domains, record->domain);
    struct patient patient = {
        .json = json, .arena = arena, .traits = &record->traits, .status = record->status, .attributes = record->attributes};
    bool source = record->id == person->golden_record && record->status == STATUS_QUALIFIED && !record->quarantined;
    patient.with_ins = source && person->ins.len && fits_ins_profile(&record->traits, arena);
    if (record->quarantined)
        patient.attributes |= ATTRIBUTE_POTENTIAL_COLLISION;

    json_write_open(json, key, '{');
    write_id(json, "r", record->id);
    write_meta(&patient, record->version, record->updated_us);
    write_extensions(&patient);
    json_write_open(json, "identifier", '[');
    if (patient.with_ins) {
        struct patient_identifier ins = patient_identifier_ins(person->ins_oid, person->ins);
        patient_identifier_write(json, NULL, &ins);
    }
    bool live = !(record->attributes & ATTRIBUTE_DEACTIVATED);
    if (domain) {
        struct person_identifier own = {.domain = record->domain, .value = record->local_id, .live = live};
        struct patient_identifier identifier = patient_identifier_of(view, domain, &own, arena);
        patient_identifier_write(json, NULL, &identifier);
    }
    json_write_close(json);
    json_write_bool(json, "active", live);
    write_traits(&patient);
    if (domain)
        write_organisation(json, domain);
    json_write_open(json, "link", '[');
    json_write_open(json, NULL, '{');
    write_reference(json, "other", "Patient/p", person->id);
    json_write_cstr(json, "type", "refer");
    json_write_close(json);
    json_write_close(json);
    json_write_close(json);
}

void patient_write_merged(struct json *json, uint64_t record, uint64_t survivor) {
    json_write_open(json, NULL, '{');
    write_id(json, "r", record);
    json_write_bool(json, "active", false);
    json_write_open(json, "link", '[');
    json_write_open(json, NULL, '{');
    write_reference(json, "other", "Patient/r", survivor);
    json_write_cstr(json, "type", "replaced-by");
    json_write_close(json);
    json_write_close(json);
    json_write_close(json);
}
