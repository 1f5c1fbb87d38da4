/* What every FHIR answer has in common: formats, methods, paths, headers, outcomes, metadata (fhir.md 0, 4.6, 8;
 * list 11.1). */
#include "tests/support/fhir_fake.h"

#include "fhir/outcome.h"

static int status_of(const char *target, const char *headers) {
    return client_send("GET", target, headers, NULL);
}

static void formats_are_negotiated(void **state) {
    static const struct {
        const char *target, *headers;
        int status;
    } rows[] = {
        {"/fhir/metadata", NULL, 200},
        {"/fhir/metadata", "Accept: */*", 200},
        {"/fhir/metadata", "Accept: application/fhir+json", 200},
        {"/fhir/metadata", "Accept: APPLICATION/JSON; charset=utf-8", 200},
        {"/fhir/metadata", "Accept: application/fhir+json; fhirVersion=4.0", 200},
        {"/fhir/metadata", "Accept: application/fhir+json; fhirVersion=3.0", 406},
        {"/fhir/metadata", "Accept: application/fhir+xml", 406},
        {"/fhir/metadata", "Accept: application/fhir+xml, application/fhir+json;q=0.1", 200},
        {"/fhir/metadata", "Accept: application/fhir+json;q=0, */*;q=0.5", 406},
        {"/fhir/metadata", "Accept: */*;q=0", 406},
        {"/fhir/metadata", "Accept: image/png", 406},
        {"/fhir/metadata", "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200},
        {"/fhir/metadata", "Accept: application/xml\nAccept: application/json", 200},
        {"/fhir/metadata", "Accept: ", 200},
        {"/fhir/metadata?_format=json", "Accept: application/xml", 200},
        {"/fhir/metadata?_format=application/fhir%2Bjson", NULL, 200},
        {"/fhir/metadata?_format=application/fhir+json", NULL, 200}, /* the '+' decodes to a blank */
        {"/fhir/metadata?_format=text/json", NULL, 200},
        {"/fhir/metadata?_format=xml", "Accept: application/json", 406},
        {"/fhir/metadata?_format=turtle", NULL, 406},
        {"/fhir/metadata?_format=", NULL, 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int status = status_of(rows[i].target, rows[i].headers);
        if (status != rows[i].status)
            fail_msg("%s with %s: %d", rows[i].target, rows[i].headers ? rows[i].headers : "nothing", status);
        assert_span(client.answer.content_type, "application/fhir+json; charset=UTF-8");
        if (status == 406)
            assert_issue(406, "error", "not-supported");
    }
}

static void paths_and_methods(void **state) {
    static const struct {
        const char *method, *path;
        int status;
        const char *allow;
    } rows[] = {
        {"GET", "/fhir/Observation", 404, ""},
        {"GET", "/fhir/Patient/$everything", 404, ""},
        {"GET", "/fhir/Patient/p1/_history", 404, ""},
        {"GET", "/fhir/Patient/p1%7Cx", 404, ""},
        {"GET", "/fhir", 405, "POST"},
        {"PUT", "/fhir/Patient", 405, "GET, HEAD"},
        {"DELETE", "/fhir/Patient/p1", 405, "GET, HEAD"},
        {"PATCH", "/fhir/Patient/p1", 405, "GET, HEAD"},
        {"GET", "/fhir/Patient/_search", 405, "POST"},
        {"PUT", "/fhir/Patient/$ihe-pix", 405, "GET, HEAD, POST"},
        {"POST", "/fhir/metadata", 405, "GET, HEAD"},
        {"BREW", "/fhir/metadata", 405, "GET, HEAD"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        client_send(rows[i].method, rows[i].path, NULL, NULL);
        assert_issue(rows[i].status, "error", "not-supported");
        assert_span(client_header("Allow"), rows[i].allow);
    }
    client_send("POST", "/fhir", NULL, "{\"resourceType\":\"Bundle\"}");
    assert_issue(400, "error", "not-supported");
    assert_int_equal(client_get("/fhir/metadata/"), 200);
}

static void every_answer_is_named_and_not_stored(void **state) {
    client_send("GET", "/fhir/metadata", "X-Request-Id: abc-1_2.3", NULL);
    assert_span(client_header("X-Request-Id"), "abc-1_2.3");
    assert_span(client_header("Cache-Control"), "no-store");
    client_send("GET", "/fhir/nothing", "X-Request-Id: a b\"", NULL);
    struct span first = span_copy(client_header("X-Request-Id"), client.arena);
    assert_true(first.len > 16);
    assert_span(client_header("Cache-Control"), "no-store");
    char name[64] = "";
    snprintf(name, sizeof name, "%.*s", SPAN_ARG(first));
    client_get("/fhir/nothing");
    assert_false(span_eq_cstr(client_header("X-Request-Id"), name));
    char header[90] = "X-Request-Id: ";
    memset(header + 14, 'x', 65);
    client_send("GET", "/fhir/metadata", header, NULL);
    assert_int_not_equal(client_header("X-Request-Id").len, 65);
}

/* What the HTTP adapter refuses before this room sees it. */
static void refusals_of_the_adapter_are_outcomes(void **state) {
    static const struct {
        int status;
        const char *code;
    } rows[] = {{400, "structure"}, {403, "forbidden"}, {413, "too-long"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        client_get("/fhir/metadata"); /* a fresh arena */
        struct http_request request = {.arena = client.arena, .method = SPAN("GET"), .path = SPAN("/fhir/Patient")};
        client.answer = (struct http_answer){
            .status = rows[i].status, .content_type = SPAN("text/plain; charset=utf-8"), .body = SPAN("two digits follow %\n")};
        fhir_refuse(client.fhir, &request, SPAN("two digits follow %"), &client.answer);
        client.body = json_loadb(client.answer.body.ptr, client.answer.body.len, 0, NULL);
        assert_non_null(client.body);
        arena_defer(client.arena, client_release_json, client.body);
        assert_int_equal(client.answer.status, rows[i].status);
        assert_issue(rows[i].status, "error", rows[i].code);
        assert_span(client.answer.content_type, "application/fhir+json; charset=UTF-8");
        assert_span(client_header("Cache-Control"), "no-store");
        assert_true(client_header("X-Request-Id").len > 0);
        assert_non_null(memmem(client.answer.body.ptr, client.answer.body.len, "two digits follow %", 19));
    }
}

static void failures_keep_their_secrets(void **state) {
    fake.failure = ERROR_UNAVAILABLE;
    client_get("/fhir/Patient?family=durand");
    assert_issue(503, "error", "transient");
    assert_span(client_header("Retry-After"), "5");
    assert_null(memmem(client.answer.body.ptr, client.answer.body.len, "secret", 6));
    fake.failure = ERROR_INTERNAL;
    client_get("/fhir/Patient/p1");
    assert_issue(500, "fatal", "exception");
    assert_null(memmem(client.answer.body.ptr, client.answer.body.len, "secret", 6));
    fake.failure = ERROR_TIMEOUT;
    client_get("/fhir/Patient/$ihe-pix?sourceIdentifier=urn:oid:" FAKE_CHU_OID "|3");
    assert_issue(503, "error", "timeout");
}

static void a_loading_index_is_no_empty_index(void **state) {
    fake.state = IDENTITY_LOADING;
    client_get("/fhir/Patient?family=durand");
    assert_issue(503, "error", "transient");
    assert_int_equal(client_get("/fhir/metadata"), 200);
}

static void every_code_has_its_status(void **state) {
    for (int code = ERROR_SEQUENCE; code < ERROR_CODE_COUNT; code++) {
        struct outcome_row row = outcome_of((enum error_code)code);
        assert_true(row.status >= 400 && row.status <= 503);
        assert_non_null(row.severity);
        assert_non_null(row.code);
    }
    assert_int_equal(outcome_of(ERROR_NONE).status, 500);
    assert_int_equal(outcome_of((enum error_code)999).status, 500);
    assert_int_equal(outcome_of(ERROR_UNKNOWN).status, 404);
    assert_int_equal(outcome_of(ERROR_TYPE).status, 400);
}

static bool lists(const char *path, const char *member, const char *wanted) {
    json_t *item;
    size_t i;
    json_array_foreach(json_at(client.body, path), i, item) {
        const char *text = json_string_value(member ? json_object_get(item, member) : item);
        if (text && strcmp(text, wanted) == 0)
            return true;
    }
    return false;
}

static void metadata_promises_what_is_there(void **state) {
    assert_int_equal(client_get("/fhir/metadata"), 200);
    assert_string_equal(text_at("resourceType"), "CapabilityStatement");
    assert_string_equal(text_at("fhirVersion"), "4.0.1");
    assert_string_equal(text_at("kind"), "instance");
    assert_string_equal(text_at("implementation.url"), FAKE_BASE);
    assert_true(lists("format", NULL, "application/fhir+json"));
    assert_false(lists("format", NULL, "application/fhir+xml"));
    const char *params[] = {"_id",          "_lastUpdated",       "identifier",    "active",          "family",
                            "given",        "birthdate",          "gender",        "telecom",         "address",
                            "address-city", "address-postalcode", "address-state", "address-country", "mothersMaidenName"};
    for (size_t i = 0; i < sizeof params / sizeof params[0]; i++)
        assert_true(lists("rest.0.resource.0.searchParam", "name", params[i]));
    assert_true(lists("rest.0.resource.0.operation", "name", "ihe-pix"));
    assert_true(lists("rest.0.resource.0.interaction", "code", "read"));
    assert_false(lists("rest.0.resource.0.interaction", "code", "update"));
    assert_true(json_is_false(json_at(client.body, "rest.0.resource.0.conditionalUpdate")));
}

static void links_without_a_base_follow_the_host(void **state) {
    struct fhir_options options;
    fhir_options_default(&options);
    client_options(&options);
    client_send("GET", "/fhir/metadata", "Host: index.local:8080", NULL);
    assert_string_equal(text_at("implementation.url"), "http://index.local:8080/fhir");
    client_send("GET", "/fhir/metadata", "Host: evil\"<x>", NULL);
    assert_string_equal(text_at("implementation.url"), "http://localhost/fhir");
    client_send("GET", "/fhir/metadata", "Host: a\nX-Forwarded-Host: b\nX-Forwarded-Proto: https", NULL);
    assert_string_equal(text_at("implementation.url"), "http://a/fhir");
    options.trust_forwarded = true;
    client_options(&options);
    client_send("GET", "/fhir/metadata", "Host: a\nX-Forwarded-Host: b\nX-Forwarded-Proto: https", NULL);
    assert_string_equal(text_at("implementation.url"), "https://b/fhir");
}

static void bases_are_checked(void **state) {
    struct fhir_options options;
    struct error err = ERROR_INIT;
    struct fhir *fhir = NULL;
    fhir_options_default(&options);
    options.base_url = "ftp://x";
    assert_false(fhir_new(&options, NULL, &fhir, &err));
    assert_int_equal(err.code, ERROR_TYPE);
    options.base_url = "https://x/fhir//";
    assert_true(fhir_new(&options, NULL, &fhir, &err));
    struct fhir *kept = client.fhir;
    client.fhir = fhir;
    client_get("/fhir/metadata");
    client.fhir = kept;
    fhir_free(fhir);
    assert_string_equal(text_at("implementation.url"), "https://x/fhir");
}

static void pretty_when_asked(void **state) {
    client_get("/fhir/metadata?_pretty=true");
    assert_true(span_starts(client.answer.body, SPAN("{\n  \"resourceType\": \"CapabilityStatement\"")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        client_test(formats_are_negotiated),
        client_test(paths_and_methods),
        client_test(every_answer_is_named_and_not_stored),
        client_test(refusals_of_the_adapter_are_outcomes),
        client_test(failures_keep_their_secrets),
        client_test(a_loading_index_is_no_empty_index),
        client_test(every_code_has_its_status),
        client_test(metadata_promises_what_is_there),
        client_test(links_without_a_base_follow_the_host),
        client_test(bases_are_checked),
        client_test(pretty_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
