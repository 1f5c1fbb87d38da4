/* The door: options, guards, routes, embedded files; see web.h. */
#include "web/web.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/rand.h"
#include "web/page.h"
#include "web_generated.h"

#include <stdio.h>
#include <string.h>

enum { PAGE_CEILING_BYTES = 16 * 1024 * 1024 };

void web_options_default(struct web_options *options) {
    *options = (struct web_options){.loopback_only = true};
}

static void write_hex(char *out, const unsigned char *bytes, size_t count) {
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = hex[bytes[i] >> 4];
        out[2 * i + 1] = hex[bytes[i] & 15];
    }
    out[2 * count] = '\0';
}

static uint64_t assets_digest(void) {
    uint64_t digest = 0;
    for (const struct web_asset *asset = web_assets; asset->path; asset++)
        digest = span_hash(span_make((const char *)asset->bytes, asset->len), digest);
    return digest;
}

bool web_new(const struct web_options *options, struct identity *identity, struct web **out, struct error *err) {
    (void)err;
    unsigned char chance[TOKEN_DIGITS / 2];
    struct web *web = mem_alloc(sizeof(*web));
    web->options = *options;
    web->identity = identity;
    rand_secure_bytes(chance, sizeof(chance));
    write_hex(web->token, chance, sizeof(chance));
    snprintf(web->assets_version, sizeof(web->assets_version), "%016llx", (unsigned long long)assets_digest());
    *out = web;
    return true;
}

void web_free(struct web *web) {
    mem_free(web);
}

/* -- embedded files ------------------------------------------------------------------------------------------------------- */

void asset_page(struct page *page) {
    struct span name = span_sub(page->request->path, sizeof("/assets/") - 1, page->request->path.len);
    for (const struct web_asset *asset = web_assets; asset->path; asset++) {
        if (!span_eq_cstr(name, asset->path))
            continue;
        page->content_type = asset->content_type;
        buf_add_bytes(&page->out, asset->bytes, asset->len);
        return;
    }
    page_refuse(page, 404, TEXT_ERROR_NOT_FOUND);
}

/* -- routes --------------------------------------------------------------------------------------------------------------- */

/* '#' in a pattern takes one number (page->id), '*' the rest. French and English addresses lead to the same pages. */
static const struct route {
    const char *method;
    const char *pattern;
    void (*handle)(struct page *page);
} routes[] = {
    {"GET", "/", tasks_page},
    {"GET", "/taches", tasks_page},
    {"GET", "/tasks", tasks_page},
    {"GET", "/taches/#", task_page},
    {"GET", "/tasks/#", task_page},
    {"POST", "/taches/#", task_post},
    {"POST", "/tasks/#", task_post},
    {"GET", "/messages", messages_page},
    {"GET", "/messages/#", message_page},
    {"POST", "/messages/#/replay", replay_post},
    {"GET", "/personnes", persons_page},
    {"GET", "/persons", persons_page},
    {"POST", "/personnes", persons_post},
    {"POST", "/persons", persons_post},
    {"GET", "/personnes/#", person_page},
    {"GET", "/persons/#", person_page},
    {"POST", "/personnes/#", undo_post},
    {"POST", "/persons/#", undo_post},
    {"GET", "/correspondants", peers_page},
    {"GET", "/peers", peers_page},
    {"GET", "/accessibilite", accessibility_page},
    {"GET", "/accessibility", accessibility_page},
    {"GET", "/assets/*", asset_page},
    {"GET", "/api/tasks", api_tasks},
    {"GET", "/api/tasks/#", api_task},
    {"POST", "/api/tasks/#/review", api_review},
    {"GET", "/api/counts", api_counts},
    {"GET", "/api/messages", api_messages},
};

/* One piece of the path against one piece of the pattern. */
static bool piece_matches(struct span pattern, struct span piece, uint64_t *out_id) {
    if (span_eq_cstr(pattern, "#"))
        return span_to_u64(piece, out_id) && *out_id > 0 && *out_id <= INT64_MAX;
    return span_eq(pattern, piece);
}

static bool route_matches(const struct route *route, struct span path, uint64_t *out_id) {
    struct span pattern = span_of(route->pattern), expected, piece;
    while (span_cut(&pattern, '/', &expected)) {
        if (span_eq_cstr(expected, "*"))
            return true;
        if (!span_cut(&path, '/', &piece) || !piece_matches(expected, piece, out_id))
            return false;
    }
    return span_is_absent(path);
}

static bool route_takes(const struct route *route, struct span method) {
    if (span_eq_cstr(method, "HEAD"))
        return span_eq_cstr(SPAN("GET"), route->method);
    return span_eq_cstr(method, route->method);
}

static void serve(struct page *page, const struct route *route) {
    enum text why = TEXT_ERROR_INTERNAL;
    if (span_eq_cstr(SPAN("POST"), route->method) && !session_may_post(page, &why))
        page_refuse(page, why == TEXT_ERROR_FORM ? 400 : 403, why);
    else
        route->handle(page);
}

static void dispatch(struct page *page) {
    const char *allow = NULL;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (!route_matches(&routes[i], page->request->path, &page->id))
            continue;
        if (route_takes(&routes[i], page->request->method)) {
            serve(page, &routes[i]);
            return;
        }
        allow = allow ? "GET, HEAD, POST" : strcmp(routes[i].method, "GET") == 0 ? "GET, HEAD" : "POST";
    }
    if (!allow) {
        page_refuse(page, 404, TEXT_ERROR_NOT_FOUND);
        return;
    }
    page_header(page, "Allow", span_of(allow));
    page_refuse(page, 405, TEXT_ERROR_METHOD);
}

/* -- one request ---------------------------------------------------------------------------------------------------------- */

/* Nothing of a page is kept by browser or proxy, framed, sniffed or told to another site; scripts and styles come from here only.
 */
static void write_security_headers(struct page *page) {
    page_header(page, "Content-Security-Policy",
                SPAN("default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"));
    page_header(page, "X-Content-Type-Options", SPAN("nosniff"));
    page_header(page, "X-Frame-Options", SPAN("DENY"));
    page_header(page, "Referrer-Policy", SPAN("same-origin"));
    page_header(page, "Cross-Origin-Opener-Policy", SPAN("same-origin"));
    page_header(page, "Cross-Origin-Resource-Policy", SPAN("same-origin"));
    bool asset = page->status == 200 && span_starts(page->request->path, SPAN("/assets/"));
    page_header(page, "Cache-Control", asset ? SPAN("private, max-age=31536000, immutable") : SPAN("no-store"));
}

static void finish(struct page *page) {
    if (!buf_ok(&page->out))
        page_refuse(page, 500, TEXT_ERROR_INTERNAL);
    write_security_headers(page);
    page->answer->status = page->status;
    page->answer->content_type = span_of(page->content_type);
    page->answer->body = buf_copy(&page->out, page->arena);
    buf_release(&page->out);
}

void web_handle(void *web, const struct http_request *request, struct http_answer *answer) {
    enum text why = TEXT_ERROR_INTERNAL;
    struct page page = {
        .web = web,
        .request = request,
        .answer = answer,
        .arena = request->arena,
        .status = 200,
        .content_type = "text/html; charset=utf-8",
        .now_us = clock_now_us(),
    };
    buf_init(&page.out, PAGE_CEILING_BYTES);
    session_open(&page);
    if (session_may_enter(&page, &why))
        dispatch(&page);
    else
        page_refuse(&page, 403, why);
    finish(&page);
}
