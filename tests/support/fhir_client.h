/*
 * A client of the FHIR edge without sockets: a method, a target as it stands in a request line, headers as "Name: value" lines; the
 * answer as it would leave, its body parsed.
 */
#ifndef TESTS_SUPPORT_FHIR_CLIENT_H
#define TESTS_SUPPORT_FHIR_CLIENT_H

#include "base/arena.h"
#include "base/http.h"
#include "fhir/fhir.h"
#include "tests/unit/cmocka_all.h"

#include <jansson.h>
#include <string.h>

#define CLIENT_BASE "https://index.example/fhir"

static struct {
    struct identity *identity; /* NULL over the fake one */
    struct fhir *fhir;
    struct arena *arena;
    struct http_answer answer;
    json_t *body; /* NULL when there is none */
} client;

static inline void client_release_json(void *handle) {
    json_decref(handle);
}

static inline void client_headers(struct http_request *request, const char *lines) {
    struct http_pair *headers = ARENA_ARRAY(client.arena, struct http_pair, 16);
    struct span rest = span_of(lines), line;
    while (lines && span_cut(&rest, '\n', &line)) {
        struct span value = line, name;
        span_cut(&value, ':', &name);
        headers[request->header_count++] = (struct http_pair){name, span_trim(value)};
    }
    request->headers = headers;
}

/* Sends and returns the status; the answer lies in `client` until the next one. */
static inline int client_send(const char *method, const char *target, const char *headers, const char *body) {
    struct error err = ERROR_INIT;
    struct arena *last = client.arena; /* the target may lie in it */
    client.arena = arena_new(0);
    client.answer = (struct http_answer){.status = 200};
    client.body = NULL;
    struct http_request request = {.arena = client.arena, .method = span_of(method), .body = span_of(body ? body : "")};
    request.peer_address = SPAN("127.0.0.1");
    request.peer_is_loopback = true;
    client_headers(&request, headers);
    struct span query = span_of(target);
    span_cut(&query, '?', &request.path);
    if (query.len)
        assert_true(http_form_parse(query, client.arena, 256, &request.query, &request.query_count, &err));
    fhir_handle(client.fhir, &request, &client.answer);
    arena_free(last);
    if (client.answer.body.len) {
        client.body = json_loadb(client.answer.body.ptr, client.answer.body.len, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(client.body);
        arena_defer(client.arena, client_release_json, client.body);
    }
    return client.answer.status;
}

static inline int client_get(const char *target) {
    return client_send("GET", target, NULL, NULL);
}

static inline struct span client_header(const char *name) {
    for (size_t i = 0; i < client.answer.header_count; i++) {
        if (span_eq_nocase(client.answer.headers[i].name, span_of(name)))
            return client.answer.headers[i].value;
    }
    return SPAN_ABSENT;
}

/* "entry.0.resource.id" in a tree; NULL when it is not there. */
static inline json_t *json_at(json_t *tree, const char *path) {
    struct span rest = span_of(path), step;
    while (tree && span_cut(&rest, '.', &step)) {
        uint64_t index;
        char *key = span_cstr(step, client.arena);
        tree = json_is_array(tree) && span_to_u64(step, &index) ? json_array_get(tree, index) : json_object_get(tree, key);
    }
    return tree;
}

static inline const char *text_at(const char *path) {
    const json_t *value = json_at(client.body, path);
    return json_is_string(value) ? json_string_value(value) : "(none)";
}

static inline int64_t number_at(const char *path) {
    const json_t *value = json_at(client.body, path);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

/* The one issue of an OperationOutcome. */
static inline void assert_issue(int status, const char *severity, const char *code) {
    assert_int_equal(client.answer.status, status);
    assert_string_equal(text_at("resourceType"), "OperationOutcome");
    assert_string_equal(text_at("issue.0.severity"), severity);
    assert_string_equal(text_at("issue.0.code"), code);
}

/* Ids of the matches, in order: "p1 p2". */
static inline const char *matches(void) {
    const char *ids = "";
    json_t *entry;
    size_t i;
    json_array_foreach(json_object_get(client.body, "entry"), i, entry) {
        const char *mode = json_string_value(json_at(entry, "search.mode"));
        if (mode && span_eq_cstr(SPAN("match"), mode))
            ids = arena_printf(client.arena, "%s%s%s", ids, *ids ? " " : "", json_string_value(json_at(entry, "resource.id")));
    }
    return ids;
}

static inline void client_options(const struct fhir_options *options) {
    struct error err = ERROR_INIT;
    fhir_free(client.fhir);
    assert_true(fhir_new(options, client.identity, &client.fhir, &err));
}

static inline void client_open(void) {
    struct fhir_options options;
    fhir_options_default(&options);
    options.base_url = CLIENT_BASE;
    options.share_ins = true;
    client_options(&options);
}

static inline void client_close(void) {
    fhir_free(client.fhir);
    client.fhir = NULL;
    arena_free(client.arena);
    client.arena = NULL;
}

#endif
