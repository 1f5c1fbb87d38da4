/* IHE PIXm ITI-83 $ihe-pix: the table of fhir.md 2.1 in its order (list 11.6). */
#include "tests/support/fhir_fake.h"

#define PIX "/fhir/Patient/$ihe-pix?"
#define CHU "urn:oid:" FAKE_CHU_OID
#define CLINIC "urn:oid:" FAKE_CLINIC_OID
#define REGION "urn:oid:" FAKE_REGION_OID
#define INS "urn:oid:" FAKE_TEST_INS_OID

/* "system|value ..." of the targetIdentifiers, then the targetId. */
static const char *targets(void) {
    const char *text = "";
    json_t *parameter;
    size_t i;
    json_array_foreach(json_object_get(client.body, "parameter"), i, parameter) {
        const char *value = json_string_value(json_at(parameter, "valueIdentifier.value"));
        const char *reference = json_string_value(json_at(parameter, "valueReference.reference"));
        text = arena_printf(client.arena, "%s%s%s", text, *text ? " " : "", value ? value : reference ? reference : "?");
    }
    return text;
}

static void expect(const char *target, const char *wanted) {
    if (client_get(target) != 200)
        fail_msg("%s: %d", target, client.answer.status);
    assert_string_equal(text_at("resourceType"), "Parameters");
    if (strcmp(targets(), wanted) != 0)
        fail_msg("%s gave \"%s\", not \"%s\"", target, targets(), wanted);
}

static void refused(const char *target, int status, const char *code, const char *diagnostics) {
    client_get(target);
    assert_issue(status, "error", code);
    if (diagnostics)
        assert_string_equal(text_at("issue.0.diagnostics"), diagnostics);
}

static void the_other_identifiers_of_the_person(void **state) {
    expect(PIX "sourceIdentifier=" CHU "|1000234", "B-77120 280057511699041 REG-1 Patient/p1");
    json_t *first = json_at(client.body, "parameter.0");
    assert_string_equal(json_string_value(json_at(first, "name")), "targetIdentifier");
    assert_string_equal(json_string_value(json_at(first, "valueIdentifier.system")), CLINIC);
    assert_string_equal(json_string_value(json_at(first, "valueIdentifier.use")), "usual");
    assert_string_equal(json_string_value(json_at(first, "valueIdentifier.assigner.display")), "CLINIQUE");
    expect(PIX "sourceIdentifier=" CHU "%7C1000234&targetSystem=" CLINIC, "B-77120");
    expect(PIX "sourceIdentifier=" CHU "|1000234&targetSystem=" CLINIC "&targetSystem=" REGION, "B-77120 REG-1");
    expect(PIX "sourceIdentifier=" CHU "|1000234&targetSystem=" CLINIC "," REGION, "B-77120 REG-1");
    expect(PIX "sourceIdentifier=" REGION "|REG-1&targetSystem=" CHU, "1000234");
    expect(PIX "sourceIdentifier=" CHU "|1000234&targetSystem=" INS, "280057511699041");
    expect(PIX "sourceIdentifier=" CHU "|1000234&targetSystem=" FAKE_BASE, "Patient/p1");
}

static void known_but_nothing_there(void **state) {
    expect(PIX "sourceIdentifier=" CHU "|3&targetSystem=" CLINIC, "");
    assert_null(json_object_get(client.body, "parameter"));
    expect(PIX "sourceIdentifier=" CHU "|3&targetSystem=" INS, "");
}

static void a_loser_answers_its_survivors_identifiers(void **state) {
    expect(PIX "sourceIdentifier=" CHU "|1000999&targetSystem=" CHU, "1000234");
}

static void by_ins_and_by_server(void **state) {
    expect(PIX "sourceIdentifier=" INS "|280057511699041&targetSystem=" CHU, "1000234");
    refused(PIX "sourceIdentifier=" INS "|180057511699041", 404, "not-found", "sourceIdentifier Patient Identifier not found");
    expect(PIX "sourceIdentifier=" FAKE_BASE "|Patient/p2&targetSystem=" CLINIC, "000042");
    refused(PIX "sourceIdentifier=" FAKE_BASE "|Patient/p99", 404, "not-found", NULL);
    fake.vague = true; /* one INS, several persons: nobody's guess */
    refused(PIX "sourceIdentifier=" INS "|280057511699041", 422, "business-rule", NULL);
}

static void without_entitlement_no_ins(void **state) {
    struct fhir_options options;
    fhir_options_default(&options);
    options.base_url = FAKE_BASE;
    client_options(&options);
    expect(PIX "sourceIdentifier=" CHU "|1000234", "B-77120 REG-1 Patient/p1");
    expect(PIX "sourceIdentifier=" CHU "|1000234&targetSystem=" INS, "");
}

static void faults_in_their_order(void **state) {
    refused(PIX "sourceIdentifier=" CHU "|none", 404, "not-found", "sourceIdentifier Patient Identifier not found");
    refused(PIX "sourceIdentifier=urn:oid:9.9|1", 400, "code-invalid", "sourceIdentifier Assigning Authority not found");
    refused(PIX "sourceIdentifier=" CHU "|1000234&targetSystem=urn:oid:9.9", 403, "code-invalid", "targetSystem not found");
    refused(PIX "sourceIdentifier=urn:oid:9.9|1&targetSystem=urn:oid:9.8", 400, "code-invalid",
            "sourceIdentifier Assigning Authority not found");
    refused(PIX "sourceIdentifier=" CHU "|none&targetSystem=urn:oid:9.9", 403, "code-invalid", "targetSystem not found");
    refused(PIX, 400, "required", NULL);
    refused(PIX "sourceIdentifier=", 400, "required", NULL);
    refused(PIX "sourceIdentifier=1000234", 400, "invalid", NULL);
    refused(PIX "sourceIdentifier=|1000234", 400, "invalid", NULL);
    refused(PIX "sourceIdentifier=" CHU "|", 400, "invalid", NULL);
    refused(PIX "sourceIdentifier=" CHU "|1&sourceIdentifier=" CHU "|1", 400, "invalid", NULL);
    refused(PIX "sourceIdentifier=" CHU "|1000234&_format=xml", 406, "not-supported", NULL);
}

static const char json_body[] = "Content-Type: application/fhir+json";

static void post_of_parameters(void **state) {
    const char *path = "/fhir/Patient/$ihe-pix";
    client_send("POST", path, json_body,
                "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"sourceIdentifier\",\"valueString\":\"" CHU
                "|1000234\"},{\"name\":\"targetSystem\",\"valueUri\":\"" CLINIC "\"}]}");
    assert_int_equal(client.answer.status, 200);
    assert_string_equal(targets(), "B-77120");
    client_send(
        "POST", path, json_body,
        "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"sourceIdentifier\",\"valueIdentifier\":{\"system\":\"" CHU
        "\",\"value\":\"3\"}}]}");
    assert_string_equal(targets(), "REG-3 Patient/p3");
    client_send("POST", path, json_body, "{\"resourceType\":\"Patient\"}");
    assert_issue(400, "error", "structure");
    client_send("POST", path, json_body, "{\"resourceType\":\"Parameters\",\"parameter\":7}");
    assert_issue(400, "error", "required");
    client_send("POST", path, json_body, "{\"resourceType\":\"Parameters\",");
    assert_issue(400, "error", "structure");
    client_send("POST", path, "Content-Type: application/fhir+xml", "<Parameters/>");
    assert_issue(415, "error", "not-supported");
    client_send("POST", path, NULL, "<Parameters/>");
    assert_issue(415, "error", "not-supported");
}

static void strict_handling(void **state) {
    client_send("GET", PIX "sourceIdentifier=" CHU "|1000234&colour=blue", "Prefer: handling=strict", NULL);
    assert_issue(400, "error", "not-supported");
    expect(PIX "sourceIdentifier=" CHU "|1000234&targetSystem=" CLINIC "&colour=blue", "B-77120");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        client_test(the_other_identifiers_of_the_person),
        client_test(known_but_nothing_there),
        client_test(a_loser_answers_its_survivors_identifiers),
        client_test(by_ins_and_by_server),
        client_test(without_entitlement_no_ins),
        client_test(faults_in_their_order),
        client_test(post_of_parameters),
        client_test(strict_handling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
