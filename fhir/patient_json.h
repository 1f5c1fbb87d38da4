/*
 * Patient resources (R4 patient.html, IHE PDQm Patient, FR Core 2.1): a person of ours as its golden traits, or one domain's
 * record. The French profile with INS is claimed, and the INS shown, only for a qualified person whose INS identity gave us, with
 * all that the profile asks for; every other patient is a fr-core-patient without INS (fhir.md 5.1 and 5.4).
 *
 * A billing number (type NH) is never shown: for most adults it is the INS, which may leave only from a qualified record.
 */
#ifndef FHIR_PATIENT_JSON_H
#define FHIR_PATIENT_JSON_H

#include "identity/identity.h"

struct json;

/* Which identifiers a PDQm client asked to see (ITI-78 domain restriction); off: all. */
struct restriction {
    bool on, ins;
    const uint32_t *domains;
    size_t domain_count;
};

/* Everything about the reader that a resource depends on. */
struct patient_view {
    struct span base;
    const struct domain_list *domains;
    struct restriction only;
    const struct person_identifier *asked; /* identifiers that the search named: shown even when merged away since */
    size_t asked_count;
    const struct person_identifier *found_by; /* the one that led to this person, or NULL: shown as old when no longer held */
};

/* One Patient.identifier, ready to write. */
struct patient_identifier {
    const char *use;
    struct span type_system, type;
    struct span system_head, system; /* two halves of the URI */
    struct span value;
    struct span assigner;
};

/* Person: its INS, live identifiers of its records, its regional identifier, each once; what the view leaves out is left out. The
 * list may be empty: the person then has no place in the answer (PDQm Patient needs an identifier). */
size_t patient_identifiers(const struct patient_view *view, const struct person *person, struct arena *arena,
                           const struct patient_identifier **out);

/* `as` is the id the client asked by; when another person carries it on, the resource says active=false and replaced-by. */
void patient_write_person(struct json *json, const char *key, const struct patient_view *view, const struct person *person,
                          uint64_t as, struct arena *arena);
void patient_write_record(struct json *json, const char *key, const struct patient_view *view, const struct person *person,
                          const struct person_record *record, struct arena *arena);

/* A record whose domain merged it away. */
void patient_write_merged(struct json *json, uint64_t record, uint64_t survivor);

/* One Identifier, for Patient.identifier and PIXm answers. */
void patient_identifier_write(struct json *json, const char *key, const struct patient_identifier *identifier);
/* An identifier of a domain of ours as FR Core wants it. */
struct patient_identifier patient_identifier_of(const struct patient_view *view, const struct domain *domain,
                                                const struct person_identifier *identifier, struct arena *arena);
struct patient_identifier patient_identifier_ins(struct span oid, struct span value);

/* HL7 table 0001 to http://hl7.org/fhir/administrative-gender and back; NULL and 0 when there is none. */
const char *patient_gender(struct span sex);
char patient_sex(struct span gender);
/* What HL7 v2 says with type, use and equipment, as ContactPoint.system; NULL when it is no way to reach anyone. */
const char *patient_telecom_system(const struct trait_telecom *telecom);

#endif
