/*
 * CapabilityStatement (R4 capabilitystatement.html), written from the tables that the code obeys, so that it cannot promise more
 * than is there. IHE's own statements are not named in `instantiates` while they ask for XML and ITI-104, which are still to come.
 */
#include "fhir/call.h"
#include "fhir/search_params.h"

#define CORE "https://hl7.fr/ig/fhir/core/StructureDefinition/"
#define PROFILES "https://profiles.ihe.net/ITI/"

static void write_texts(struct json *json, const char *key, const char *const *texts, size_t count) {
    json_write_open(json, key, '[');
    for (size_t i = 0; i < count; i++)
        json_write_cstr(json, NULL, texts[i]);
    json_write_close(json);
}

static void write_codes(struct json *json, const char *key, const char *const *codes, size_t count) {
    json_write_open(json, key, '[');
    for (size_t i = 0; i < count; i++) {
        json_write_open(json, NULL, '{');
        json_write_cstr(json, "code", codes[i]);
        json_write_close(json);
    }
    json_write_close(json);
}

static void write_search_params(struct json *json) {
    static const char *const types[] = {[PARAM_STRING] = "string", [PARAM_TOKEN] = "token", [PARAM_DATE] = "date"};
    json_write_open(json, "searchParam", '[');
    for (size_t i = 0; i < search_parameter_count; i++) {
        const struct parameter *parameter = &search_parameters[i];
        json_write_open(json, NULL, '{');
        json_write_cstr(json, "name", parameter->name);
        json_write_joined(json, "definition", SPAN("http://hl7.org/fhir/SearchParameter/"), span_of(parameter->definition));
        json_write_cstr(json, "type", types[parameter->type]);
        json_write_close(json);
    }
    json_write_close(json);
}

static void write_operation(struct json *json) {
    json_write_open(json, "operation", '[');
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "name", "ihe-pix");
    json_write_cstr(json, "definition", PROFILES "PIXm/OperationDefinition/IHE.PIXm.pix");
    json_write_close(json);
    json_write_close(json);
}

static void write_patient(struct json *json) {
    static const char *const profiles[] = {CORE "fr-core-patient-ins", PROFILES "PDQm/StructureDefinition/IHE.PDQm.Patient"};
    static const char *const interactions[] = {"read", "search-type"};
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "type", "Patient");
    json_write_cstr(json, "profile", CORE "fr-core-patient");
    write_texts(json, "supportedProfile", profiles, 2);
    write_codes(json, "interaction", interactions, 2);
    json_write_cstr(json, "versioning", "versioned");
    json_write_bool(json, "readHistory", false);
    json_write_bool(json, "updateCreate", false);
    json_write_bool(json, "conditionalCreate", false);
    json_write_cstr(json, "conditionalRead", "full-support");
    json_write_bool(json, "conditionalUpdate", false);
    json_write_cstr(json, "conditionalDelete", "not-supported");
    write_search_params(json);
    write_operation(json);
    json_write_close(json);
}

static void write_head(struct fhir_call *call) {
    static const char *const formats[] = {"application/fhir+json", "json"};
    struct json *json = &call->json;
    json_write_cstr(json, "resourceType", "CapabilityStatement");
    json_write_joined(json, "url", call->base, SPAN("/metadata"));
    json_write_cstr(json, "name", "SosieCapability");
    json_write_cstr(json, "status", "active");
    json_write_cstr(json, "date", call->fhir->started);
    json_write_cstr(json, "kind", "instance");
    json_write_open(json, "software", '{');
    json_write_cstr(json, "name", "Sosie");
    json_write_cstr(json, "version", SOSIE_VERSION);
    json_write_close(json);
    json_write_open(json, "implementation", '{');
    json_write_cstr(json, "description", "Serveur d'identité patient");
    json_write_text(json, "url", call->base);
    json_write_close(json);
    json_write_cstr(json, "fhirVersion", "4.0.1");
    write_texts(json, "format", formats, 2);
}

void metadata_read(struct fhir_call *call) {
    struct json *json = fhir_call_begin(call);
    json_write_open(json, NULL, '{');
    write_head(call);
    json_write_open(json, "rest", '[');
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "mode", "server");
    json_write_open(json, "security", '{');
    json_write_bool(json, "cors", false);
    json_write_close(json);
    json_write_open(json, "resource", '[');
    write_patient(json);
    json_write_close(json);
    json_write_close(json);
    json_write_close(json);
    json_write_close(json);
    fhir_call_end(call, 200);
}
