/*
 * Asking the cell's pages as a browser does, without a server: web_handle over the tasks in memory of fake_tasks.h. Included by one
 * source of a test; `begin` and `end` go around each test, `answer` is what came back last.
 */
#ifndef TESTS_SUPPORT_ASK_WEB_H
#define TESTS_SUPPORT_ASK_WEB_H

#include "tests/unit/cmocka_all.h"

#include "base/http.h"
#include "tests/support/fake_import.h"
#include "tests/support/fake_peers.h"
#include "tests/support/fake_tasks.h"
#include "web/page.h"

static struct arena *arena;
static struct web *web;
static struct http_answer answer;

/* A form that decides task 1. */
static const char fine_fields[] = "seen=1-0&outcome=link&author=A.+Martin&reason=vu";

/* The pages ask for no domain by its authority; what reads a peer's row would. */
const struct domain *domain_by_authority(const struct domain_list *list, struct span namespace_id, struct span universal_id,
                                         struct span type) {
    (void)list, (void)namespace_id, (void)universal_id, (void)type;
    return NULL;
}

/* -- asking --------------------------------------------------------------------------------------------------------------- */

enum { HEADERS_MOST = 8 };

struct ask {
    const char *method, *path, *query, *body, *type, *host, *origin, *referer, *cookie;
    bool foreign; /* the peer is not on this machine */
};

static size_t add_header(struct http_pair *headers, size_t count, const char *name, const char *value) {
    if (value)
        headers[count++] = (struct http_pair){span_of(name), span_of(value)};
    return count;
}

static void ask(const struct ask *ask) {
    struct http_pair headers[HEADERS_MOST];
    size_t count = add_header(headers, 0, "Host", ask->host ? ask->host : "localhost:8080");
    count = add_header(headers, count, "Origin", ask->origin);
    count = add_header(headers, count, "Referer", ask->referer);
    count = add_header(headers, count, "Content-Type", ask->type);
    count = add_header(headers, count, "Cookie", ask->cookie);
    struct http_request request = {.arena = arena,
                                   .method = span_of(ask->method ? ask->method : "GET"),
                                   .path = span_of(ask->path),
                                   .headers = headers,
                                   .header_count = count,
                                   .body = span_of(ask->body),
                                   .peer_address = SPAN("127.0.0.1:50000"),
                                   .peer_is_loopback = !ask->foreign};
    if (ask->query)
        assert_true(http_form_parse(span_of(ask->query), arena, 16, &request.query, &request.query_count, NULL));
    answer = (struct http_answer){.status = 0};
    web_handle(web, &request, &answer);
}

__attribute__((unused)) static void get(const char *path) {
    ask(&(struct ask){.path = path});
}

__attribute__((unused)) static void post(const char *path, const char *fields) {
    ask(&(struct ask){.method = "POST",
                      .path = path,
                      .type = "application/x-www-form-urlencoded",
                      .origin = "http://localhost:8080",
                      .body = arena_printf(arena, "token=%s&%s", web->token, fields)});
}

static bool says(const char *words) {
    return strstr(span_cstr(answer.body, arena), words) != NULL;
}

__attribute__((unused)) static void assert_says(const char *words) {
    if (!says(words))
        fail_msg("status %d, nothing says \"%s\" in:\n%.*s", answer.status, words, SPAN_ARG(answer.body));
}

__attribute__((unused)) static struct span header(const char *name) {
    for (size_t i = 0; i < answer.header_count; i++) {
        if (span_eq_nocase(answer.headers[i].name, span_of(name)))
            return answer.headers[i].value;
    }
    return SPAN_ABSENT;
}

static bool replay(void *context, uint64_t message_id, struct span author, struct arena *in, struct feed_outcome *out_outcome,
                   struct error *err) {
    *out_outcome = (struct feed_outcome){.result = span_eq_cstr(author, "Refus") ? FEED_ERROR : FEED_ACCEPTED};
    if (out_outcome->result != FEED_ACCEPTED)
        error_set(&out_outcome->err, ERROR_TYPE, "PID^1^7", "the date is not a day of the calendar");
    return true;
}

static int begin(void **state) {
    struct web_options options;
    web_options_default(&options);
    options.replay = replay;
    arena = arena_new(0);
    fake_reset();
    return web_new(&options, &fake_identity, &web, NULL) ? 0 : -1;
}

static int end(void **state) {
    web_free(web);
    arena_free(arena);
    return 0;
}

#endif
