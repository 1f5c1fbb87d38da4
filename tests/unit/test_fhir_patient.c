/* Patient resources: read, FR Core 2.1, what may and may not leave (fhir.md 1.5, 5; DESIGN.md section 3). */
#include "tests/support/fhir_fake.h"

#define CORE "https://hl7.fr/ig/fhir/core/"

/* The item of an array whose member holds this text; NULL when there is none. */
static json_t *item_with(const char *array, const char *member, const char *wanted) {
    json_t *item;
    size_t i;
    json_array_foreach(json_at(client.body, array), i, item) {
        const char *text = json_string_value(json_at(item, member));
        if (text && strcmp(text, wanted) == 0)
            return item;
    }
    return NULL;
}

static const char *text_in(json_t *item, const char *path) {
    const char *text = json_string_value(json_at(item, path));
    return text ? text : "(none)";
}

static bool body_holds(const char *text) {
    return memmem(client.answer.body.ptr, client.answer.body.len, text, strlen(text)) != NULL;
}

static void a_qualified_person_is_a_patient_ins(void **state) {
    assert_int_equal(client_get("/fhir/Patient/p1"), 200);
    assert_string_equal(text_at("resourceType"), "Patient");
    assert_string_equal(text_at("id"), "p1");
    assert_string_equal(text_at("meta.versionId"), "4");
    assert_string_equal(text_at("meta.profile.0"), CORE "StructureDefinition/fr-core-patient-ins");
    json_t *ins = item_with("identifier", "value", "280057511699041");
    assert_string_equal(text_in(ins, "use"), "official");
    assert_string_equal(text_in(ins, "system"), "urn:oid:" FAKE_TEST_INS_OID);
    assert_string_equal(text_in(ins, "type.coding.0.code"), "INS-NIR-TEST");
    assert_string_equal(text_in(ins, "type.coding.0.system"), CORE "CodeSystem/fr-core-cs-v2-0203");
    json_t *pi = item_with("identifier", "value", "1000234");
    assert_string_equal(text_in(pi, "use"), "usual");
    assert_string_equal(text_in(pi, "system"), "urn:oid:" FAKE_CHU_OID);
    assert_string_equal(text_in(pi, "type.coding.0.code"), "PI");
    assert_string_equal(text_in(pi, "assigner.display"), "CHU-EXEMPLE");
    json_t *regional = item_with("identifier", "value", "REG-1");
    assert_string_equal(text_in(regional, "use"), "secondary");
    assert_string_equal(text_in(regional, "type.coding.0.code"), "RRI");
    assert_int_equal(json_array_size(json_at(client.body, "identifier")), 4);
    assert_true(json_is_true(json_at(client.body, "active")));
}

static void traits_are_where_fr_core_wants_them(void **state) {
    client_get("/fhir/Patient/p1");
    json_t *official = item_with("name", "use", "official");
    assert_string_equal(text_in(official, "family"), "LEFÈVRE");
    assert_string_equal(text_in(official, "given.0"), "ANNE-SOPHIE");
    assert_int_equal(json_array_size(json_at(official, "given")), 1);
    assert_string_equal(text_in(official, "extension.0.url"), CORE "StructureDefinition/fr-core-patient-birth-list-given-name");
    assert_string_equal(text_in(official, "extension.0.valueString"), "ANNE-SOPHIE MARIE CLAIRE");
    assert_string_equal(text_in(item_with("name", "use", "usual"), "family"), "MARTIN");
    assert_string_equal(text_at("gender"), "female");
    assert_string_equal(text_at("birthDate"), "1980-05-12");
    assert_true(json_is_false(json_at(client.body, "deceasedBoolean")));
    assert_int_equal(json_array_size(json_at(client.body, "address")), 1);
    assert_string_equal(text_at("address.0.line.0"), "12 RUE DES \"TESTS\"");
    assert_string_equal(text_at("address.0.use"), "home");
    assert_string_equal(text_at("address.0.country"), "FRA");
    assert_string_equal(text_in(item_with("telecom", "system", "phone"), "use"), "mobile");
    assert_string_equal(text_in(item_with("telecom", "system", "email"), "value"), "Anne@Exemple.fr");
    json_t *place = item_with("extension", "url", "http://hl7.org/fhir/StructureDefinition/patient-birthPlace");
    assert_string_equal(text_in(place, "valueAddress.city"), "PARIS 16");
    assert_string_equal(text_in(place, "valueAddress.extension.0.valueCoding.code"), "75116");
    assert_string_equal(text_in(place, "valueAddress.extension.0.valueCoding.system"),
                        "https://mos.esante.gouv.fr/NOS/TRE_R13-Commune/FHIR/TRE-R13-Commune");
    json_t *mother = item_with("extension", "url", "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName");
    assert_string_equal(text_in(mother, "valueString"), "BERTIN");
    json_t *status = item_with("extension", "url", CORE "StructureDefinition/fr-core-identity-reliability");
    assert_string_equal(text_in(status, "extension.0.url"), "identityStatus");
    assert_string_equal(text_in(status, "extension.0.valueCoding.code"), "VALI");
}

/* A NIR in a billing number is an INS in disguise; an identifier that its domain gave up is not shown either. */
static void what_must_not_leave_stays(void **state) {
    client_get("/fhir/Patient/p1");
    assert_null(item_with("identifier", "type.coding.0.code", "NH"));
    assert_null(item_with("identifier", "value", "1000999"));
    client_get("/fhir/Patient/p2");
    assert_string_equal(text_at("meta.profile.0"), CORE "StructureDefinition/fr-core-patient");
    assert_false(body_holds("1.2.250.1.213.1.4."));
}

static void without_entitlement_no_ins_and_no_ins_profile(void **state) {
    struct fhir_options options;
    fhir_options_default(&options);
    options.base_url = FAKE_BASE;
    client_options(&options);
    client_get("/fhir/Patient/p1");
    assert_string_equal(text_at("meta.profile.0"), CORE "StructureDefinition/fr-core-patient");
    assert_false(body_holds("280057511699041"));
}

static void a_doubtful_provisional_identity_says_so(void **state) {
    client_get("/fhir/Patient/p2");
    json_t *first = json_at(client.body, "extension.0"), *second = json_at(client.body, "extension.1");
    assert_string_equal(text_in(first, "extension.0.valueCoding.code"), "PROV");
    assert_string_equal(text_in(first, "extension.0.valueCoding.system"), CORE "CodeSystem/fr-core-cs-v2-0445");
    assert_string_equal(text_in(second, "extension.0.valueCoding.code"), "DOUT");
    assert_string_equal(text_at("birthDate"), "1954");
    assert_int_equal(number_at("multipleBirthInteger"), 2);
    assert_string_equal(text_at("maritalStatus.coding.0.code"), "M");
    assert_string_equal(text_at("name.0.extension.0.valueString"), "KARIM"); /* the list has at least the first */
    assert_string_equal(text_in(item_with("identifier", "value", "N1"), "system"), FAKE_BASE "/NamingSystem/SANS-OID");
}

static void death_and_unknown_sex(void **state) {
    client_get("/fhir/Patient/p3");
    assert_string_equal(text_at("deceasedDateTime"), "2024-02-29");
    assert_string_equal(text_at("gender"), "unknown");
}

static void a_joined_person_points_to_its_survivor(void **state) {
    assert_int_equal(client_get("/fhir/Patient/p4"), 200);
    assert_string_equal(text_at("id"), "p4");
    assert_true(json_is_false(json_at(client.body, "active")));
    assert_string_equal(text_at("link.0.type"), "replaced-by");
    assert_string_equal(text_at("link.0.other.reference"), "Patient/p1");
}

static void a_record_is_read_by_its_own_id(void **state) {
    assert_int_equal(client_get("/fhir/Patient/r71"), 200);
    assert_string_equal(text_at("id"), "r71");
    assert_string_equal(text_at("link.0.type"), "refer");
    assert_string_equal(text_at("link.0.other.reference"), "Patient/p1");
    assert_string_equal(text_at("managingOrganization.display"), "CHU-EXEMPLE");
    assert_int_equal(json_array_size(json_at(client.body, "identifier")), 2); /* its own and, as the source, the INS */
    assert_string_equal(text_in(item_with("identifier", "use", "usual"), "value"), "1000234");
    client_get("/fhir/Patient/p1");
    assert_string_equal(text_at("link.0.type"), "seealso");
    assert_string_equal(text_at("link.0.other.reference"), "Patient/r71");
}

static void a_merged_record_points_to_its_survivor(void **state) {
    assert_int_equal(client_get("/fhir/Patient/r70"), 200);
    assert_true(json_is_false(json_at(client.body, "active")));
    assert_string_equal(text_at("link.0.type"), "replaced-by");
    assert_string_equal(text_at("link.0.other.reference"), "Patient/r71");
}

static void a_hidden_record_and_a_split_person(void **state) {
    client_get("/fhir/Patient/r82");
    assert_issue(404, "error", "not-found");
    client_get("/fhir/Patient/p5");
    assert_issue(422, "error", "business-rule");
}

static void unknown_and_malformed_ids(void **state) {
    const char *ids[] = {"p99", "p0", "p01", "p", "1", "p-1", "P1", "p99999999999999999999", "p1x", "..", "r99", "pp1", "q1"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        client_get(arena_printf(client.arena ? client.arena : (client.arena = arena_new(0)), "/fhir/Patient/%s", ids[i]));
        assert_issue(404, "error", "not-found");
    }
}

static void unchanged_resources_are_not_sent_again(void **state) {
    client_get("/fhir/Patient/p1");
    assert_span(client_header("ETag"), "W/\"4\"");
    assert_span(client_header("Last-Modified"), "Thu, 20 Nov 2025 09:21:07 GMT");
    static const struct {
        const char *headers;
        int status;
    } rows[] = {
        {"If-None-Match: W/\"4\"", 304},
        {"If-None-Match: \"4\"", 304},
        {"If-None-Match: W/\"3\", W/\"4\"", 304},
        {"If-None-Match: *", 304},
        {"If-None-Match: W/\"3\"", 200},
        {"If-None-Match: W/\"3\"\nIf-Modified-Since: Thu, 20 Nov 2025 09:21:07 GMT", 200}, /* the tag outweighs the date */
        {"If-Modified-Since: Thu, 20 Nov 2025 09:21:07 GMT", 304},
        {"If-Modified-Since: Thu, 20 Nov 2025 09:21:06 GMT", 200},
        {"If-Modified-Since: yesterday", 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int status = client_send("GET", "/fhir/Patient/p1", rows[i].headers, NULL);
        if (status != rows[i].status)
            fail_msg("%s: %d", rows[i].headers, status);
        assert_int_equal(client.answer.body.len == 0, status == 304);
        assert_span(client_header("ETag"), "W/\"4\"");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        client_test(a_qualified_person_is_a_patient_ins),
        client_test(traits_are_where_fr_core_wants_them),
        client_test(what_must_not_leave_stays),
        client_test(without_entitlement_no_ins_and_no_ins_profile),
        client_test(a_doubtful_provisional_identity_says_so),
        client_test(death_and_unknown_sex),
        client_test(a_joined_person_points_to_its_survivor),
        client_test(a_record_is_read_by_its_own_id),
        client_test(a_merged_record_points_to_its_survivor),
        client_test(a_hidden_record_and_a_split_person),
        client_test(unknown_and_malformed_ids),
        client_test(unchanged_resources_are_not_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
