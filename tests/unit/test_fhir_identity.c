/* The FHIR edge over the real identity room and a real PostgreSQL: what the fake only pretends. */
#include "tests/support/fhir_client.h"
#include "tests/support/identity_fixture.h"

#define NORD "urn:oid:1.2.250.1.999.1"
#define EST "urn:oid:1.2.250.1.999.2"
#define REGION "urn:oid:1.2.250.1.999.7"
#define TEST_INS "urn:oid:1.2.250.1.213.1.4.10"

static struct identity_fixture fixture;
static struct arena *arena;

static void accept(struct feed_outcome outcome) {
    if (outcome.result != FEED_ACCEPTED)
        fail_msg("%s", outcome.err.text);
}

static void create(const char *domain, const char *id, const struct somebody *who) {
    accept(send_traits(&fixture, FEED_CREATE, domain, id, who));
}

/*
 * LEFEVRE ANNE, qualified, in two hospitals; in CHU-NORD under 1, 9 merged into it. DURAND MARIE. SECRET, hidden, whose record at
 * CH-EST is not. 45 of FOULE.
 */
static int start(void **state) {
    fixture_start(&fixture);
    arena = arena_new(0);
    struct somebody anne = somebody("LEFEVRE", "ANNE-SOPHIE", "19800512", "F");
    anne.place = "75116";
    anne.vali = true;
    anne.ins = "280057511699041";
    anne.used_family = "MARTIN";
    anne.street = "12 RUE DES TESTS";
    anne.postcode = "45000";
    anne.phone = "+33600000001";
    create("CHU-NORD", "1", &anne);
    create("CH-EST", "A", &anne);
    struct somebody before = anne;
    before.ins = NULL;
    before.vali = false;
    create("CHU-NORD", "9", &before);
    accept(send_merge(&fixture, "CHU-NORD", "1", "9", &anne));
    struct somebody marie = somebody("DURAND", "MARIE", "19800101", "F");
    marie.mother = "LE BRAS";
    create("CHU-NORD", "2", &marie);
    struct somebody hidden = somebody("SECRET", "LOUISE", "19770707", "F");
    create("CH-EST", "S1", &hidden);
    hidden.attributes = ATTRIBUTE_HIDDEN;
    accept(send_declared(&fixture, "CHU-NORD", "S2", &hidden, "CH-EST:S1"));
    for (unsigned i = 0; i < 45; i++) {
        char given[8], born[9], id[8];
        snprintf(given, sizeof given, "F%c%c", 'A' + i % 26, 'A' + i / 26);
        snprintf(born, sizeof born, "19%02u0101", 30 + i);
        snprintf(id, sizeof id, "F%u", i);
        struct somebody one = somebody("FOULE", given, born, "M");
        create("CLINIQUE", id, &one);
    }
    client.identity = fixture.identity;
    client_open();
    return 0;
}

static int stop(void **state) {
    client_close();
    arena_free(arena);
    fixture_stop(&fixture);
    return 0;
}

static const char *p(const char *domain, const char *id) {
    return arena_printf(arena, "p%llu", (unsigned long long)person_of(&fixture, domain, id));
}

static void expect(const char *query, const char *ids) {
    if (client_get(arena_printf(arena, "/fhir/Patient?%s", query)) != 200)
        fail_msg("%s: %d %.*s", query, client.answer.status, SPAN_ARG(client.answer.body));
    if (strcmp(matches(), ids) != 0)
        fail_msg("%s found \"%s\", not \"%s\"", query, matches(), ids);
}

static bool body_holds(const char *text) {
    return memmem(client.answer.body.ptr, client.answer.body.len, text, strlen(text)) != NULL;
}

static void by_identifier(void **state) {
    const char *anne = p("CHU-NORD", "1"), *marie = p("CHU-NORD", "2");
    expect("identifier=" NORD "|1", anne);
    assert_true(body_holds("fr-core-patient-ins"));
    expect("identifier=" EST "|A", anne);
    expect("identifier=A", anne);
    expect("identifier=" TEST_INS "|280057511699041", anne);
    expect("identifier=" NORD "|none", "");
    expect("identifier=" NORD "|2," EST "|A&birthdate=1980-01", marie);
    expect("identifier=" NORD "|1&identifier=" EST "|A", anne);
    expect("identifier=" NORD "|1&identifier=" EST "|none", "");
    expect("identifier=" NORD "|1&family=lefe", anne);
    expect("identifier=" NORD "|1&family:contains=fev", anne);
    expect("identifier=" NORD "|1&family:contains=x", "");
    const struct person *person = read_person(&fixture, person_of(&fixture, "CHU-NORD", "2"));
    expect(arena_printf(arena, "identifier=" REGION "|%.*s", SPAN_ARG(person->regional_id)), marie);
}

static void a_merged_identifier_leads_to_the_survivor(void **state) {
    const char *anne = p("CHU-NORD", "1");
    expect("identifier=" NORD "|9", anne);
    assert_true(body_holds("\"use\":\"old\""));
    expect("identifier=" NORD "|9&birthdate=1980-05-12", anne);
}

static void by_traits(void **state) {
    const char *anne = p("CHU-NORD", "1"), *marie = p("CHU-NORD", "2");
    expect("family=lefevre", anne);
    expect("family=LEF%C3%88", anne);
    expect("family=martin", anne);
    expect("family:exact=LEFEVRE", anne);
    expect("family:exact=LEF", "");
    expect("family:contains=FEVR", anne);
    expect("family=durand&given=mar", marie);
    expect("family=durand,lefevre&gender=female&birthdate=1980-01", marie);
    expect("birthdate=1980-05-12", anne);
    expect("birthdate=ge1980-05&birthdate=lt1980-06", anne);
    expect("family=lefevre&address-postalcode=45", anne);
    expect("family=lefevre&address=12%20rue", anne);
    expect("family=lefevre&address-postalcode=75", "");
    expect("family=lefevre&address=14%20rue", "");
    expect("family=lefevre&telecom=0600000001", anne);
    expect("family=lefevre&phone=%2B33600000002", "");
    expect("family=lefevre&identifier=" EST "|", anne);
    expect("family=durand&identifier=" EST "|", "");
    expect("family=durand&identifier=" REGION "|", marie);
    expect("family=nobody", "");
}

static void hidden_records_find_nobody(void **state) {
    const char *louise = p("CH-EST", "S1");
    assert_true(together(&fixture, "CH-EST", "S1", "CHU-NORD", "S2"));
    expect("identifier=" EST "|S1", louise);
    assert_false(body_holds("S2"));
    expect("identifier=" NORD "|S2", "");
    client_get(arena_printf(arena, "/fhir/Patient/r%llu", (unsigned long long)record_of(&fixture, "CHU-NORD", "S2")));
    assert_issue(404, "error", "not-found");
}

static void pages_hold_everyone_once(void **state) {
    size_t patients = 0, pages = 0;
    const char *target = "/fhir/Patient?family=foule&_count=10";
    while (target && pages++ < 10) {
        assert_int_equal(client_get(target), 200);
        assert_int_equal(number_at("total"), 45);
        patients += json_array_size(json_object_get(client.body, "entry"));
        const char *relation = text_at("link.1.relation"), *url = text_at("link.1.url");
        target = strcmp(relation, "next") == 0 ? arena_strdup(arena, url + strlen("https://index.example")) : NULL;
    }
    assert_int_equal(patients, 45);
    assert_int_equal(pages, 5);
    client_get("/fhir/Patient?family=foule&_count=0");
    assert_int_equal(number_at("total"), 45);
}

/* Nothing to look up by: everyone is found, or as many as identity examines, and the filter decides. */
static void without_a_criterion_to_look_up(void **state) {
    client_get("/fhir/Patient?_count=0");
    int64_t everyone = number_at("total");
    assert_true(everyone >= 48);
    client_get("/fhir/Patient?_lastUpdated=gt2020-01-01&_count=0");
    assert_int_equal(number_at("total"), everyone);
    expect("mothersMaidenName:missing=false", p("CHU-NORD", "2"));
    expect("_id=p0,x&family=durand", "");
    expect(arena_printf(arena, "_id=%s&family=lefe", p("CHU-NORD", "1")), p("CHU-NORD", "1"));
    expect(arena_printf(arena, "_id=%s&family=durand", p("CHU-NORD", "1")), "");
    expect("gender:not=female&given=faa", p("CLINIQUE", "F0"));
}

/* R4 search.html#string: by the beginning, in the index and on the traits. */
static void by_the_name_of_the_mother(void **state) {
    expect("mothersMaidenName=le%20br", p("CHU-NORD", "2"));
    expect("mothersMaidenName=lebra", p("CHU-NORD", "2"));
    expect("mothersMaidenName=bras", "");
    expect("mothersMaidenName:contains=bras", p("CHU-NORD", "2"));
    expect("mothersMaidenName:exact=le%20bras", "");
}

static void read_and_follow(void **state) {
    uint64_t anne = person_of(&fixture, "CHU-NORD", "1"), record = record_of(&fixture, "CHU-NORD", "1");
    assert_int_equal(client_get(arena_printf(arena, "/fhir/Patient/p%llu", (unsigned long long)anne)), 200);
    char *etag = arena_printf(arena, "If-None-Match: %.*s", SPAN_ARG(client_header("ETag")));
    assert_int_equal(client_send("GET", arena_printf(arena, "/fhir/Patient/p%llu", (unsigned long long)anne), etag, NULL), 304);
    assert_int_equal(client_get(arena_printf(arena, "/fhir/Patient/r%llu", (unsigned long long)record)), 200);
    assert_string_equal(text_at("link.0.other.reference"), arena_printf(arena, "Patient/p%llu", (unsigned long long)anne));
    client_get("/fhir/Patient/p999999");
    assert_issue(404, "error", "not-found");
    client_get("/fhir/Patient/r999999");
    assert_issue(404, "error", "not-found");
}

/* Two persons become one by a declaration; the number of the one that went still leads somewhere. */
static void a_joined_person_is_followed(void **state) {
    struct somebody one = somebody("SOLEIL", "PAUL", "19600606", "M"), other = somebody("LUNE", "JEANNE", "19710707", "F");
    create("CHU-NORD", "J1", &one);
    create("CABINET", "J2", &one);
    uint64_t a = person_of(&fixture, "CHU-NORD", "J1"), b = person_of(&fixture, "CABINET", "J2");
    assert_int_not_equal(a, b); /* a practice never links on traits alone */
    create("CLINIQUE", "J3", &other);
    accept(send_two(&fixture, FEED_LINK, "CHU-NORD", "J1", "CABINET", "J2"));
    uint64_t today = person_of(&fixture, "CABINET", "J2"), gone = today == a ? b : a;
    assert_int_equal(client_get(arena_printf(arena, "/fhir/Patient/p%llu", (unsigned long long)gone)), 200);
    assert_true(json_is_false(json_at(client.body, "active")));
    assert_string_equal(text_at("link.0.other.reference"), arena_printf(arena, "Patient/p%llu", (unsigned long long)today));
}

static void a_merged_record_is_followed(void **state) {
    struct somebody one = somebody("ETOILE", "LUC", "19650505", "M");
    create("CHU-NORD", "M1", &one);
    create("CHU-NORD", "M2", &one);
    uint64_t winner = record_of(&fixture, "CHU-NORD", "M1"), loser = record_of(&fixture, "CHU-NORD", "M2");
    accept(send_merge(&fixture, "CHU-NORD", "M1", "M2", &one));
    assert_int_equal(client_get(arena_printf(arena, "/fhir/Patient/r%llu", (unsigned long long)loser)), 200);
    assert_true(json_is_false(json_at(client.body, "active")));
    assert_string_equal(text_at("link.0.other.reference"), arena_printf(arena, "Patient/r%llu", (unsigned long long)winner));
}

#define PIX "/fhir/Patient/$ihe-pix?sourceIdentifier="

static void cross_references(void **state) {
    assert_int_equal(client_get(PIX NORD "|1&targetSystem=" EST), 200);
    assert_int_equal(json_array_size(json_object_get(client.body, "parameter")), 1);
    assert_string_equal(text_at("parameter.0.valueIdentifier.value"), "A");
    assert_int_equal(client_get(PIX NORD "|9&targetSystem=" NORD), 200);
    assert_string_equal(text_at("parameter.0.valueIdentifier.value"), "1");
    assert_int_equal(client_get(PIX TEST_INS "|280057511699041&targetSystem=" EST), 200);
    assert_string_equal(text_at("parameter.0.valueIdentifier.value"), "A");
    assert_int_equal(client_get(PIX NORD "|1&targetSystem=" TEST_INS), 200);
    assert_string_equal(text_at("parameter.0.valueIdentifier.value"), "280057511699041");
    assert_int_equal(client_get(PIX NORD "|2&targetSystem=" EST), 200);
    assert_null(json_object_get(client.body, "parameter"));
    client_get(PIX NORD "|none");
    assert_issue(404, "error", "not-found");
    client_get(PIX NORD "|S2");
    assert_issue(404, "error", "not-found");
    client_get(PIX "urn:oid:9.9|1");
    assert_issue(400, "error", "code-invalid");
    client_get(PIX NORD "|1&targetSystem=urn:oid:9.9");
    assert_issue(403, "error", "code-invalid");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_identifier),
        cmocka_unit_test(a_merged_identifier_leads_to_the_survivor),
        cmocka_unit_test(by_traits),
        cmocka_unit_test(hidden_records_find_nobody),
        cmocka_unit_test(pages_hold_everyone_once),
        cmocka_unit_test(without_a_criterion_to_look_up),
        cmocka_unit_test(by_the_name_of_the_mother),
        cmocka_unit_test(read_and_follow),
        cmocka_unit_test(a_joined_person_is_followed),
        cmocka_unit_test(a_merged_record_is_followed),
        cmocka_unit_test(cross_references),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
