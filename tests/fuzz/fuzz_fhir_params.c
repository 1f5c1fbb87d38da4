/*
 * Any request to the FHIR edge over the fake identity: "METHOD target", header lines, an empty line, a body. Whatever comes, the
 * answer has a status, and a body is one JSON resource without an empty text, array or object.
 */
#include "base/http.h"
#include "base/log.h"
#include "fhir/fhir.h"
#include "tests/support/fake_identity.h"

#include <jansson.h>
#include <stdlib.h>

enum { HEADERS_MOST = 16, PAIRS_MOST = 256 };

static void check_value(const json_t *value) {
    const char *key;
    json_t *member;
    size_t i;
    must(!json_is_string(value) || json_string_length(value) > 0);
    must(!json_is_array(value) || json_array_size(value) > 0);
    must(!json_is_object(value) || json_object_size(value) > 0);
    json_array_foreach(value, i, member) check_value(member);
    json_object_foreach((json_t *)(uintptr_t)value, key, member) check_value(member);
}

static void check_answer(const struct http_answer *answer) {
    must(answer->status >= 200 && answer->status <= 599);
    if (answer->body.len == 0) {
        must(answer->status == 304);
        return;
    }
    json_t *body = json_loadb(answer->body.ptr, answer->body.len, JSON_REJECT_DUPLICATES, NULL);
    must(body && json_is_string(json_object_get(body, "resourceType")));
    const char *type = json_string_value(json_object_get(body, "resourceType"));
    must(answer->status < 400 || span_eq_cstr(SPAN("OperationOutcome"), type));
    check_value(body);
    json_decref(body);
}

static bool read_request(struct span input, struct arena *arena, struct http_request *out) {
    struct http_pair *headers = ARENA_ARRAY(arena, struct http_pair, HEADERS_MOST);
    struct span rest = input, line, target;
    *out = (struct http_request){.arena = arena, .headers = headers, .peer_address = SPAN("::1"), .peer_is_loopback = true};
    if (!span_cut(&rest, '\n', &line))
        return false;
    target = line;
    span_cut(&target, ' ', &out->method);
    while (span_cut(&rest, '\n', &line) && line.len) {
        struct span value = line, name;
        span_cut(&value, ':', &name);
        if (out->header_count < HEADERS_MOST)
            headers[out->header_count++] = (struct http_pair){name, value};
    }
    out->body = rest;
    if (!span_cut(&target, '?', &out->path))
        return false;
    return target.len == 0 || http_form_parse(target, arena, PAIRS_MOST, &out->query, &out->query_count, NULL);
}

static struct fhir *edge(void) {
    static struct fhir *fhir;
    struct fhir_options options;
    if (fhir)
        return fhir;
    log_to(2, LOG_ERROR + 1);
    fhir_options_default(&options);
    options.page_keys_limit = 500;
    options.trust_forwarded = true;
    options.share_ins = true;
    fake.state = IDENTITY_WRITER;
    fake.crowd = 60;
    must(fhir_new(&options, NULL, &fhir, NULL));
    return fhir;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new(0);
    struct http_request request;
    struct http_answer answer = {.status = 200};
    if (read_request(span_make((const char *)data, size), arena, &request)) {
        fhir_handle(edge(), &request, &answer);
        check_answer(&answer);
    }
    arena_free(arena);
    return 0;
}
