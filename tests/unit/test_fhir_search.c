/* IHE PDQm ITI-78 search (fhir.md 1.1 to 1.4 and 4.2; list 11.2, 11.3, 11.4). */
#include "tests/support/fhir_fake.h"

#include "base/clock.h"
#include "fhir/search_filter.h"

#define CHU "urn:oid:" FAKE_CHU_OID
#define CLINIC "urn:oid:" FAKE_CLINIC_OID
#define REGION "urn:oid:" FAKE_REGION_OID
#define INS "urn:oid:" FAKE_TEST_INS_OID

/* Sends the search and checks total and matches. */
static void expect(const char *query, const char *ids) {
    struct arena *arena = arena_new(0);
    char *target = arena_printf(arena, "/fhir/Patient?%s", query);
    int status = client_get(target);
    if (status != 200)
        fail_msg("%s: %d", query, status);
    if (strcmp(matches(), ids) != 0)
        fail_msg("%s found \"%s\", not \"%s\"", query, matches(), ids);
    size_t count = *ids ? 1 : 0;
    for (const char *c = ids; *c; c++)
        count += *c == ' ';
    assert_int_equal(number_at("total"), count);
    arena_free(arena);
}

static void refused(const char *query, int status, const char *code, const char *parameter) {
    struct arena *arena = arena_new(0);
    if (client_get(arena_printf(arena, "/fhir/Patient?%s", query)) != status)
        fail_msg("%s: %d", query, client.answer.status);
    assert_string_equal(text_at("resourceType"), "OperationOutcome");
    assert_string_equal(text_at("issue.0.code"), code);
    if (parameter)
        assert_string_equal(text_at("issue.0.expression.0"), arena_printf(arena, "http.%s", parameter));
    arena_free(arena);
}

static void the_bundle_is_a_searchset(void **state) {
    expect("family=lefe&given=anne", "p1");
    assert_string_equal(text_at("resourceType"), "Bundle");
    assert_string_equal(text_at("type"), "searchset");
    assert_string_equal(text_at("link.0.relation"), "self");
    assert_string_equal(text_at("link.0.url"), FAKE_BASE "/Patient?family=lefe&given=anne");
    assert_string_equal(text_at("entry.0.fullUrl"), FAKE_BASE "/Patient/p1");
    assert_true(json_is_real(json_at(client.body, "entry.0.search.score")));
    expect("family=nobody", "");
    assert_null(json_object_get(client.body, "entry"));
}

static void identifier_tokens(void **state) {
    expect("identifier=" CHU "|1000234", "p1");
    assert_int_equal(fake.searches, 0); /* from memory */
    expect("identifier=" CHU "%7C1000234", "p1");
    assert_string_equal(text_at("link.0.url"), FAKE_BASE "/Patient?identifier=urn:oid:" FAKE_CHU_OID "%7C1000234");
    expect("identifier=URN:OID:" FAKE_CHU_OID "|1000234", "p1");
    expect("identifier=" FAKE_CHU_OID "|1000234", "p1");
    expect("identifier=" FAKE_BASE "/NamingSystem/SANS-OID|N1", "p2");
    expect("identifier=1000234", "p1");
    expect("identifier=|1000234", "");
    expect("identifier=" CLINIC "|1000234", "");
    expect("identifier=" CLINIC "|42", ""); /* leading zeros count */
    expect("identifier=urn:oid:9.9|1000234", "");
    expect("identifier=" REGION "|REG-2", "p2");
    expect("identifier=" CHU "|3," CLINIC "|000042", "p2 p3");
    expect("identifier=" CHU "|1000234&identifier=" CLINIC "|B-77120", "p1");
    expect("identifier=" CHU "|1000234&identifier=" CLINIC "|000042", "");
    expect("identifier=" INS "|280057511699041", "p1");
    expect("identifier=" CHU "|1000234&birthdate=1980-05-12", "p1");
    expect("identifier=" CHU "|1000234&birthdate=1981", "");
    expect("identifier=" CHU "|10002\\|34", "");
    refused("identifier=|", 400, "value", "identifier");
}

static void an_identifier_given_up_finds_its_survivor(void **state) {
    expect("identifier=" CHU "|1000999", "p1");
    json_t *identifier;
    size_t i, old = 0;
    json_array_foreach(json_at(client.body, "entry.0.resource.identifier"), i, identifier) {
        if (strcmp(json_string_value(json_object_get(identifier, "use")), "old") == 0)
            old += strcmp(json_string_value(json_object_get(identifier, "value")), "1000999") == 0;
    }
    assert_int_equal(old, 1);
}

static void an_identifier_no_longer_listed_is_shown_as_old(void **state) {
    expect("identifier=" CHU "|1000888", "p1");
    json_t *identifiers = json_at(client.body, "entry.0.resource.identifier");
    json_t *last = json_array_get(identifiers, json_array_size(identifiers) - 1);
    assert_string_equal(json_string_value(json_object_get(last, "use")), "old");
    assert_string_equal(json_string_value(json_object_get(last, "value")), "1000888");
}

/* The person has other records, which are shown to whoever asks otherwise. */
static void a_hidden_records_identifier_finds_nobody(void **state) {
    expect("identifier=" CHU "|HIDDEN", "");
}

static void a_split_regional_identifier_is_refused_clearly(void **state) {
    expect("identifier=" REGION "|REG-SPLIT", "");
    assert_string_equal(text_at("entry.0.search.mode"), "outcome");
    assert_string_equal(text_at("entry.0.resource.issue.0.code"), "business-rule");
}

static void domains_are_restricted(void **state) {
    expect("family=lefevre&identifier=" CLINIC "|", "p1 p2");
    assert_int_equal(json_array_size(json_at(client.body, "entry.0.resource.identifier")), 1);
    assert_string_equal(text_at("entry.0.resource.identifier.0.value"), "B-77120");
    assert_string_equal(text_at("entry.0.resource.meta.profile.0"),
                        "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient");
    expect("family=lefevre&identifier=" CHU "|," REGION "|", "p1 p2");
    assert_int_equal(json_array_size(json_at(client.body, "entry.0.resource.identifier")), 2);
    assert_int_equal(json_array_size(json_at(client.body, "entry.1.resource.identifier")), 1);
    expect("identifier=" CHU "|1000234&identifier=" CLINIC "|", "p1");
    assert_string_equal(text_at("entry.0.resource.identifier.0.value"), "B-77120");
    assert_int_equal(json_array_size(json_at(client.body, "entry.0.resource.identifier")), 1);
    expect("identifier=" CHU "|3&identifier=" CLINIC "|", ""); /* nothing left to show */
    expect("family=lefevre&identifier=" INS "|", "p1");
    assert_string_equal(text_at("entry.0.resource.meta.profile.0"),
                        "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins");
    expect("identifier=" CHU "|&identifier=" CLINIC "|", "p1"); /* in both */
    assert_int_equal(json_array_size(json_at(client.body, "entry.0.resource.identifier")), 2);
}

static void unknown_domains_are_told(void **state) {
    refused("family=lefevre&identifier=" CHU "|,urn:oid:9.9|", 404, "not-found", NULL);
    assert_string_equal(text_at("issue.0.severity"), "warning");
    assert_string_equal(text_at("issue.0.diagnostics"), "targetSystem not found");
    struct fhir_options options;
    fhir_options_default(&options);
    options.base_url = FAKE_BASE;
    options.unknown_domain_ok = true;
    client_options(&options);
    expect("family=lefevre&identifier=" CHU "|,urn:oid:9.9|", "p1");
    assert_string_equal(text_at("entry.1.search.mode"), "outcome");
    assert_string_equal(text_at("entry.1.resource.issue.0.diagnostics"), "targetSystem not found");
}

static void strings_begin_alike(void **state) {
    expect("family=lefe", "p1 p2");
    expect("family=LEF%C3%88VRE", "p1 p2");
    expect("family=le%20f%C3%A8vre", "p1 p2");
    expect("family=fevre", "");
    expect("family=martin", "p1"); /* used name */
    expect("family=durand,martin", "p1 p3");
    expect("family=lefevre&family=martin", "p1");
    expect("family:exact=LEF%C3%88VRE", "p1");
    expect("family:exact=LEFEVRE", "");
    expect("family:exact=LEF", "");
    expect("family:contains=fev", "p1 p2");
    expect("given:contains=sophie", "p1");
    expect("name=karim", "p2");
    expect("name=lefevre", "p1 p2");
    expect("family=", "p1 p2 p3");
    expect("family=%20,durand", "p3");
    expect("family=*", "");
    expect("mothersMaidenName=ber", "p1");
    expect("mothersMaidenName:missing=true", "p2 p3");
    expect("mothersMaidenName:missing=false", "p1");
    refused("family:missing=maybe", 400, "value", "family");
}

static void dates_have_prefixes(void **state) {
    expect("birthdate=1980-05-12", "p1");
    expect("birthdate=1980", "p1 p3");
    expect("birthdate=1954", "p2");
    expect("birthdate=1954-01-01", "");
    expect("birthdate=ge1980&birthdate=lt1980-02", "p3");
    expect("birthdate=gt1980-01-01", "p1");
    expect("birthdate=ne1980", "p2");
    expect("birthdate=1954,1980-05-12", "p1 p2");
    expect("birthdate=lt1980&birthdate=gt1990", "");
    expect("birthdate:missing=false", "p1 p2 p3");
    expect("family=durand&birthdate=1980-01-01", "p3");
    refused("birthdate=1980-13", 400, "value", "birthdate");
    refused("birthdate=xx1980", 400, "value", "birthdate");
    refused("birthdate=12/05/1980", 400, "value", "birthdate");
    expect("family=lefevre&_lastUpdated=gt2025-11-20T09:00:00Z", "p1");
    expect("family=lefevre&_lastUpdated=lt2025-11-20T10:21:07+01:00", "p2"); /* the '+' arrived as a blank */
}

static void tokens_are_codes(void **state) {
    expect("gender=female", "p1");
    expect("gender=unknown", "p3");
    expect("gender=male,unknown", "p2 p3");
    expect("gender:not=female", "p2 p3");
    expect("family=lefevre&gender=male", "p2");
    refused("gender=Male", 400, "code-invalid", "gender");
    refused("gender=M", 400, "code-invalid", "gender");
    expect("active=true&family=durand", "p3");
    expect("active=false&family=durand", "");
    expect("active:not=false&family=durand", "p3");
    refused("active=yes", 400, "value", "active");
    expect("_id=p2", "p2");
    expect("_id=p3,p1,p1,x", "p1 p3");
    expect("_id=p2&gender=female", "");
    expect("_id=p4", ""); /* joined another: read says so, search finds the survivor */
    expect("identifier:not=" CHU "|3&birthdate=1980", "p1");
    expect("identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|PI|1000234", "p1");
    expect("identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|RRI|1000234", "");
    refused("identifier:of-type=a|b", 400, "value", "identifier");
}

static void telecoms_are_normalised(void **state) {
    expect("telecom=%2B33600000001", "p1");
    expect("telecom=+33600000001", "p1"); /* the '+' arrived as a blank */
    expect("telecom=0600000001", "p1");
    expect("telecom=phone|06%2000%2000%2000%2001", "p1");
    expect("phone=0033600000001", "p1");
    expect("telecom=060000000", ""); /* the whole number */
    expect("telecom=email|anne@exemple.FR", "p1");
    expect("email=anne@exemple.fr", "p1");
    expect("telecom=fax|0600000001", "");
    expect("phone=anne@exemple.fr", "");
}

static void addresses_by_part(void **state) {
    expect("address-city=orl", "p1");
    expect("address-city:exact=ORL%C3%89ANS", "p1");
    expect("address-city:exact=orleans", "");
    expect("address-city:contains=yo", "p2");
    expect("address-postalcode=69", "p2");
    expect("address-country=FR", "p1");
    expect("address-country=france", "p1");
    expect("address=12%20rue", "p1");
    expect("address=lyon", "p2");
    expect("address=paris", ""); /* a place of birth is no address */
    expect("address-state:missing=true", "p1 p2 p3");
}

static void each_parameter_narrows_what_identity_is_asked(void **state) {
    expect("family=lefevre&given=anne&birthdate=1980-05-12&gender=female&address-city=orl&address-postalcode=45", "p1");
    assert_span(fake.last.family, "lefevre");
    assert_true(fake.last.family_prefix);
    assert_span(fake.last.given, "anne");
    assert_span(fake.last.born_from, "19800512");
    assert_span(fake.last.born_to, "19800512");
    assert_int_equal(fake.last.sex, 'F');
    assert_span(fake.last.city, "orl");
    assert_span(fake.last.postcode, "45");
    assert_int_equal(fake.searches, 1);
    expect("family:exact=LEFEVRE", "");
    assert_false(fake.last.family_prefix);
    expect("mothersMaidenName=ber", "p1");
    assert_span(fake.last.mother, "ber");
    assert_true(fake.last.mother_prefix);
    expect("family:contains=fev", "p1 p2");
    assert_span(fake.last.family, "*fev*");
}

/* Which persons meet the criteria, by the filter alone: "1 2". */
static const char *accepted(const char *query, struct arena *arena) {
    static const struct search_limits limits = {.page_size = 20, .page_max = 200};
    struct patient_view view = {.base = SPAN(FAKE_BASE), .domains = &fake_domain_list};
    const struct http_pair *pairs;
    const char *found = "";
    struct search search;
    struct error err = ERROR_INIT;
    size_t count;
    assert_true(http_form_parse(span_of(query), arena, 64, &pairs, &count, &err));
    assert_true(search_parse(pairs, count, &limits, arena, &search, &err));
    for (size_t i = 0; i < FAKE_PERSONS; i++) {
        if (search_accepts(&search, NULL, &view, &fake_persons[i], clock_now_us(), arena))
            found = arena_printf(arena, "%s%s%zu", found, *found ? " " : "", i + 1);
    }
    return found;
}

/* The filter knows the whole meaning of every parameter, whatever the index can do. */
static void the_filter_stands_alone(void **state) {
    static const char *const rows[][2] = {
        {"family=lefe", "1 2"},
        {"family=martin", "1"},
        {"family=*", ""},
        {"family:exact=DURAND", "3"},
        {"family:exact=Durand", ""},
        {"family:contains=uran", "3"},
        {"family:missing=true", ""},
        {"given=sophie", "1"},
        {"given=claire", "1"},
        {"name=durand", "3"},
        {"birthdate=1980", "1 3"},
        {"birthdate=ne1980", "2"},
        {"birthdate=1954-06", ""},
        {"birthdate=ap1980-12-05", "1 3"},
        {"gender=male", "2"},
        {"gender:not=male", "1 3"},
        {"address=orl", "1"},
        {"address=paris", ""},
        {"address-country=FR", "1"},
        {"telecom=0600000001", "1"},
        {"telecom=phone|", "1"},
        {"telecom=url|x", ""},
        {"telecom:missing=true", "2 3"},
        {"email:missing=false", "1"},
        {"mothersMaidenName=bert", "1"},
        {"identifier=" CHU "|1000999", "1"},
        {"identifier=" CHU "|1000999," CLINIC "|000042", "1 2"},
        {"identifier=" CLINIC "|", "1 2"},
        {"identifier=" REGION "|", "1 2 3"},
        {"identifier=" REGION "|REG-3", "3"},
        {"identifier=1000234", "1"},
        {"identifier=" INS "|280057511699041", "1"},
        {"identifier:not=" CHU "|3", "1 2"},
        {"identifier:missing=false", "1 2 3"},
        {"_id=p2,p3", "2 3"},
        {"_id:not=p1", "2 3"},
        {"active=true", "1 2 3"},
        {"active:not=true", ""},
        {"_lastUpdated=ge2025-11-19", "1"},
        {"family=lefe&gender=female", "1"},
    };
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *found = accepted(rows[i][0], arena);
        if (strcmp(found, rows[i][1]) != 0)
            fail_msg("%s accepts \"%s\", not \"%s\"", rows[i][0], found, rows[i][1]);
    }
    arena_free(arena);
}

static void unsupported_parameters(void **state) {
    expect("family=durand&favourite=blue", "p3");
    assert_string_equal(text_at("link.0.url"), FAKE_BASE "/Patient?family=durand");
    assert_string_equal(text_at("entry.1.search.mode"), "outcome");
    assert_string_equal(text_at("entry.1.resource.issue.0.severity"), "warning");
    assert_string_equal(text_at("entry.1.resource.issue.0.diagnostics"), "parameter favourite is not supported and was ignored");
    expect("family=durand&_include=Patient:link&_pretty=false&_total=none", "p3");
    assert_null(json_at(client.body, "entry.1"));
    client_send("GET", "/fhir/Patient?family=durand&favourite=blue", "Prefer: handling=strict", NULL);
    assert_issue(400, "error", "not-supported");
    client_send("GET", "/fhir/Patient?family=durand", "Prefer: return=minimal, handling=strict", NULL);
    assert_int_equal(client.answer.status, 200);
    client_send("GET", "/fhir/Patient?family=durand&favourite=blue", "Prefer: handling=lenient", NULL);
    assert_int_equal(client.answer.status, 200);
    refused("family:phonetic=durand", 400, "not-supported", "family");
    refused("gender:exact=male", 400, "not-supported", "gender");
    refused("birthdate:exact=1980", 400, "not-supported", "birthdate");
    refused("identifier:text=x", 400, "not-supported", "identifier");
    expect("family=durand&general-practitioner.name=x", "p3");
    expect("Family=durand", "p1 p2 p3"); /* names are case-sensitive: an unknown parameter */
}

static void values_and_parameters_are_bounded(void **state) {
    char *long_value = arena_printf(client.arena ? client.arena : (client.arena = arena_new(0)), "family=%01025d", 0);
    refused(long_value, 403, "too-costly", "family");
    char query[2000] = "identifier=";
    for (int i = 0; i < 33; i++)
        snprintf(query + strlen(query), sizeof query - strlen(query), "%s%d", i ? "," : "", i);
    refused(query, 403, "too-costly", "identifier");
    query[0] = '\0';
    for (int i = 0; i < 65; i++)
        snprintf(query + strlen(query), sizeof query - strlen(query), "%sfamily=a", i ? "&" : "");
    refused(query, 403, "too-costly", NULL);
    refused("family=%FF", 400, "value", NULL);
    refused("family=%00", 400, "value", NULL);
}

/* The 65th combination is left to the filter; the answer is the same. */
static void combinations_are_bounded(void **state) {
    expect("family=lefevre,a,b,c,d,e,f,g&given=anne,a,b,c,d,e,f,g&birthdate=1980-05-12,1990,1991", "p1");
    assert_int_equal(fake.searches, 64);
}

static void counts(void **state) {
    fake.crowd = 50;
    client_get("/fhir/Patient?family=foule&_count=0");
    assert_int_equal(number_at("total"), 50);
    assert_null(json_object_get(client.body, "entry"));
    client_get("/fhir/Patient?family=foule&_summary=count");
    assert_int_equal(number_at("total"), 50);
    assert_null(json_object_get(client.body, "entry"));
    client_get("/fhir/Patient?family=foule&_count=7");
    assert_int_equal(json_array_size(json_object_get(client.body, "entry")), 7);
    client_get("/fhir/Patient?family=foule");
    assert_int_equal(json_array_size(json_object_get(client.body, "entry")), 20);
    client_get("/fhir/Patient?family=foule&_count=100000");
    assert_int_equal(json_array_size(json_object_get(client.body, "entry")), 50);
    refused("family=foule&_count=-1", 400, "value", "_count");
    refused("family=foule&_count=many", 400, "value", "_count");
}

static char *next_link(void) {
    json_t *link;
    size_t i;
    json_array_foreach(json_object_get(client.body, "link"), i, link) {
        const char *url = json_string_value(json_object_get(link, "url"));
        if (strcmp(json_string_value(json_object_get(link, "relation")), "next") == 0)
            return strdup(url + strlen("https://index.example"));
    }
    return NULL;
}

static void pages_hold_everyone_once(void **state) {
    fake.crowd = 45;
    bool seen[45] = {false};
    size_t pages = 0, patients = 0;
    client_get("/fhir/Patient?family=foule&_count=10");
    for (char *next; pages < 10; pages++) {
        json_t *entry;
        size_t i;
        assert_int_equal(number_at("total"), 45);
        json_array_foreach(json_object_get(client.body, "entry"), i, entry) {
            unsigned id = (unsigned)strtoul(json_string_value(json_at(entry, "resource.id")) + 1, NULL, 10) - FAKE_CROWD_FROM;
            assert_true(id < 45 && !seen[id]);
            seen[id] = true;
            patients++;
        }
        fake.vague = true; /* a search now would find others: the pages must not search */
        size_t searches = fake.searches;
        next = next_link();
        if (!next)
            break;
        assert_true(span_starts(span_of(next), SPAN("/fhir/Patient?_page=")));
        assert_null(strstr(next, "foule"));
        assert_int_equal(client_get(next), 200);
        assert_int_equal(fake.searches, searches);
        free(next);
    }
    assert_int_equal(patients, 45);
    assert_int_equal(pages, 4);
}

static void a_page_shows_as_little_as_the_first(void **state) {
    fake.crowd = 3;
    client_get("/fhir/Patient?family=foule&_count=1&identifier=" REGION "|");
    char *next = next_link();
    assert_non_null(next);
    client_get(next);
    free(next);
    assert_int_equal(json_array_size(json_at(client.body, "entry.0.resource.identifier")), 1);
}

static void links_expire(void **state) {
    struct fhir_options options;
    fhir_options_default(&options);
    options.base_url = FAKE_BASE;
    options.page_lifetime_s = 0;
    client_options(&options);
    fake.crowd = 30;
    client_get("/fhir/Patient?family=foule");
    char *next = next_link();
    assert_non_null(next);
    client_get(next);
    free(next);
    assert_issue(410, "error", "expired");
    client_get("/fhir/Patient?_page=0123456789abcdef0123456789abcdef.20");
    assert_issue(410, "error", "expired");
    client_get("/fhir/Patient?_page=nonsense");
    assert_issue(400, "error", "value");
}

/* The room for kept searches is bounded; the oldest gives way. */
static void old_searches_give_way(void **state) {
    struct fhir_options options;
    fhir_options_default(&options);
    options.base_url = FAKE_BASE;
    options.page_keys_limit = 100;
    client_options(&options);
    fake.crowd = 40;
    client_get("/fhir/Patient?family=foule");
    char *first = next_link();
    client_get("/fhir/Patient?family=foule");
    char *second = next_link();
    assert_int_equal(client_get(first), 200);
    client_get("/fhir/Patient?family=foule");
    client_get(first);
    assert_issue(410, "error", "expired");
    assert_int_equal(client_get(second), 200);
    free(first);
    free(second);
    fake.crowd = 101; /* more than all the room: no next link, and the warning says so */
    client_get("/fhir/Patient?family=foule");
    assert_null(next_link());
    json_t *last = json_at(client.body, "entry.20");
    assert_string_equal(json_string_value(json_at(last, "search.mode")), "outcome");
}

static void searching_one_by_one_is_bounded(void **state) {
    fake.crowd = 1500;
    refused("gender:not=male", 403, "too-costly", NULL);
    client_get("/fhir/Patient?gender:not=male&family=lefe");
    assert_string_equal(matches(), "p1");
}

static const char form[] = "Content-Type: application/x-www-form-urlencoded";

static void post_is_the_same_search(void **state) {
    client_send("POST", "/fhir/Patient/_search", form, "family=lefe&identifier=" CLINIC "%7C");
    assert_int_equal(client.answer.status, 200);
    assert_string_equal(matches(), "p1 p2");
    client_send("POST", "/fhir/Patient/_search?gender=male", form, "family=lefe");
    assert_string_equal(matches(), "p2");
    client_send("POST", "/fhir/Patient/_search", NULL, "family=durand");
    assert_string_equal(matches(), "p3");
    client_send("POST", "/fhir/Patient/_search", form, "family=%zz");
    assert_issue(400, "error", "value");
    client_send("POST", "/fhir/Patient/_search", form, "family=durand&_format=xml");
    assert_issue(406, "error", "not-supported");
    client_send("POST", "/fhir/Patient/_search", "Content-Type: application/fhir+json", "{}");
    assert_issue(415, "error", "not-supported");
    fake.crowd = 30;
    client_send("POST", "/fhir/Patient/_search", form, "family=foule");
    char *next = next_link();
    assert_int_equal(client_get(next), 200);
    assert_int_equal(json_array_size(json_object_get(client.body, "entry")), 10);
    free(next);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        client_test(the_bundle_is_a_searchset),
        client_test(identifier_tokens),
        client_test(an_identifier_given_up_finds_its_survivor),
        client_test(an_identifier_no_longer_listed_is_shown_as_old),
        client_test(a_hidden_records_identifier_finds_nobody),
        client_test(a_split_regional_identifier_is_refused_clearly),
        client_test(domains_are_restricted),
        client_test(unknown_domains_are_told),
        client_test(strings_begin_alike),
        client_test(dates_have_prefixes),
        client_test(tokens_are_codes),
        client_test(telecoms_are_normalised),
        client_test(addresses_by_part),
        client_test(each_parameter_narrows_what_identity_is_asked),
        client_test(the_filter_stands_alone),
        client_test(unsupported_parameters),
        client_test(values_and_parameters_are_bounded),
        client_test(combinations_are_bounded),
        client_test(counts),
        client_test(pages_hold_everyone_once),
        client_test(a_page_shows_as_little_as_the_first),
        client_test(links_expire),
        client_test(old_searches_give_way),
        client_test(searching_one_by_one_is_bounded),
        client_test(post_is_the_same_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
