/*
 * The room's door, and the table of what it serves. A request walks: headers of every answer -> the table (404, 405) -> format
 * (406) -> is the index there (503) -> handler.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/rand.h"
#include "fhir/call.h"
#include "fhir/negotiate.h"
#include "fhir/outcome.h"
#include "fhir/search_pages.h"

#include <string.h>

enum { ANSWER_BYTES_MOST = 16 << 20, REQUEST_ID_BYTES_MOST = 64, ID_BYTES_MOST = 64, HOST_BYTES_MOST = 255 };

/* -- table -------------------------------------------------------------------------------------------------------------------- */

static void refuse_bundle(struct fhir_call *call) {
    outcome_send(call, 400,
                 &(struct issue){"error", "not-supported", SPAN("no batch, transaction or message is processed"), SPAN_ABSENT});
}

static const struct route {
    const char *method;
    const char *pattern; /* what follows /fhir/; {id} stands for a resource id */
    void (*handler)(struct fhir_call *call);
    const char *labels; /* of the metrics */
    bool needs_index;
} routes[] = {
    {"GET", "metadata", metadata_read, "interaction=\"capabilities\"", false},
    {"GET", "Patient", pdqm_search, "interaction=\"search\"", true},
    {"POST", "Patient/_search", pdqm_search, "interaction=\"search\"", true},
    {"GET", "Patient/$ihe-pix", pixm_query, "interaction=\"ihe-pix\"", true},
    {"POST", "Patient/$ihe-pix", pixm_query, "interaction=\"ihe-pix\"", true},
    {"GET", "Patient/{id}", pdqm_read, "interaction=\"read\"", true},
    {"POST", "", refuse_bundle, "interaction=\"bundle\"", false},
};
enum { ROUTE_COUNT = sizeof routes / sizeof routes[0] };
_Static_assert((int)ROUTE_COUNT <= (int)FHIR_ROUTES_MOST, "struct fhir has a histogram for every route");

/* [A-Za-z0-9\-\.]{1,64} (R4 datatypes.html#id) */
static bool is_id(struct span text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i], lower = (char)(c | 0x20);
        if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.')
            return false;
    }
    return text.len >= 1 && text.len <= ID_BYTES_MOST;
}

static bool route_fits(const struct route *route, struct span path, struct span *out_id) {
    struct span pattern = span_of(route->pattern), variable = SPAN("{id}");
    *out_id = SPAN_ABSENT;
    if (pattern.len < variable.len || !span_eq(span_sub(pattern, pattern.len - variable.len, variable.len), variable))
        return span_eq(path, pattern);
    struct span head = span_sub(pattern, 0, pattern.len - variable.len);
    *out_id = span_sub(path, head.len, path.len);
    return span_starts(path, head) && is_id(*out_id);
}

/* The route of this path and method; NULL: *out_allow lists the methods that the path does offer, empty when it is unknown. */
static const struct route *route_find(struct fhir_call *call, struct span path, struct span *out_allow) {
    const char *allow = "";
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        struct span id;
        if (!route_fits(&routes[i], path, &id))
            continue;
        call->id = id;
        if (span_eq_cstr(call->request->method, routes[i].method))
            return &routes[i];
        const char *offered = span_eq_cstr(SPAN("GET"), routes[i].method) ? "GET, HEAD" : routes[i].method;
        allow = arena_printf(call->arena, "%s%s%s", allow, *allow ? ", " : "", offered);
    }
    *out_allow = span_of(allow);
    return NULL;
}

/* -- base of links ------------------------------------------------------------------------------------------------------------- */

static struct span join(const struct span *parts, size_t count, struct arena *arena) {
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    char *text = arena_alloc(arena, len + 1);
    char *to = text;
    for (size_t i = 0; i < count; i++)
        to = mempcpy(to, parts[i].ptr, parts[i].len);
    return span_make(text, len);
}

/* Only what a host and port are made of: the header comes back in our links. */
static bool is_host(struct span host) {
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i], lower = (char)(c | 0x20);
        bool fine = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || memchr(".-_:[]", c, 6);
        if (!fine)
            return false;
    }
    return host.len >= 1 && host.len <= HOST_BYTES_MOST;
}

struct span fhir_call_base(const struct fhir *fhir, const struct http_request *request) {
    if (fhir->options.base_url[0])
        return span_of(fhir->options.base_url);
    bool proxied = fhir->options.trust_forwarded && request->peer_is_loopback;
    struct span forwarded = proxied ? span_trim(http_header(request, "X-Forwarded-Host")) : SPAN_ABSENT;
    struct span host = is_host(forwarded) ? forwarded : span_trim(http_header(request, "Host"));
    const char *scheme = fhir->options.tls ? "https" : "http";
    if (proxied && span_eq_nocase(span_trim(http_header(request, "X-Forwarded-Proto")), SPAN("https")))
        scheme = "https";
    if (!is_host(host))
        host = SPAN("localhost");
    return join((const struct span[]){span_of(scheme), SPAN("://"), host, SPAN("/fhir")}, 4, request->arena);
}

/* -- answers --------------------------------------------------------------------------------------------------------------------
 */

struct json *fhir_call_begin(struct fhir_call *call) {
    json_write_init(&call->json, call->arena, ANSWER_BYTES_MOST, call->pretty);
    return &call->json;
}

void fhir_call_end(struct fhir_call *call, int status) {
    if (!json_write_ok(&call->json)) {
        struct issue issue = {"error", "too-costly", SPAN("the answer is too large; ask for fewer patients with _count"),
                              SPAN("_count")};
        outcome_send(call, 403, &issue);
        return;
    }
    call->answer->status = status;
    call->answer->content_type = SPAN("application/fhir+json; charset=UTF-8");
    call->answer->body = json_write_span(&call->json);
}

/* Ours are unique over restarts: a random half and a count. The client's own id is echoed when it is safe in a header and a log. */
static struct span request_id(struct fhir *fhir, const struct http_request *request) {
    struct span theirs = span_trim(http_header(request, "X-Request-Id"));
    bool safe = theirs.len >= 1 && theirs.len <= REQUEST_ID_BYTES_MOST;
    for (size_t i = 0; i < theirs.len && safe; i++) {
        char c = theirs.ptr[i], lower = (char)(c | 0x20);
        safe = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    }
    if (safe)
        return theirs;
    uint64_t count = __atomic_add_fetch(&fhir->request_count, 1, __ATOMIC_RELAXED);
    char digits[16];
    size_t at = sizeof digits;
    for (; count; count >>= 4)
        digits[--at] = "0123456789abcdef"[count & 15];
    struct span number = span_make(digits + at, sizeof digits - at);
    return join((const struct span[]){span_of(fhir->request_tag), SPAN("-"), number}, 3, request->arena);
}

/* -- the walk -------------------------------------------------------------------------------------------------------------------
 */

/* What follows /fhir/, without a final slash. */
static struct span path_of(struct span path) {
    struct span prefix = SPAN("/fhir");
    struct span rest = span_starts(path, prefix) ? span_sub(path, prefix.len, path.len) : path;
    if (rest.len && rest.ptr[0] == '/')
        rest = span_sub(rest, 1, rest.len);
    if (rest.len && rest.ptr[rest.len - 1] == '/')
        rest = span_sub(rest, 0, rest.len - 1);
    return rest;
}

static void refuse_path(struct fhir_call *call, struct span allow) {
    struct issue unknown = {"error", "not-supported", SPAN("no such resource type, operation or path; see metadata"), SPAN_ABSENT};
    struct issue method = {"error", "not-supported", SPAN("this path does not take this method"), SPAN_ABSENT};
    if (allow.len)
        http_answer_header(call->answer, "Allow", allow);
    outcome_send(call, allow.len ? 405 : 404, allow.len ? &method : &unknown);
}

static bool index_is_there(const struct fhir_call *call) {
    return identity_state(call->fhir->identity) != IDENTITY_LOADING;
}

static void walk(struct fhir_call *call, const struct route **out_route) {
    struct error err = ERROR_INIT;
    struct span allow;
    const struct route *route = route_find(call, path_of(call->request->path), &allow);
    *out_route = route;
    if (!route) {
        refuse_path(call, allow);
    } else if (!negotiate_json(call->request, &err)) {
        outcome_error(call, &err);
    } else if (route->needs_index && !index_is_there(call)) {
        error_set(&err, ERROR_UNAVAILABLE, NULL, "the matching index is being loaded");
        outcome_error(call, &err);
    } else {
        route->handler(call);
    }
}

static void measure(struct fhir *fhir, const struct route *route, int status, uint64_t began_ns) {
    size_t class = status < 300 ? 0 : status < 400 ? 1 : status < 500 ? 2 : 3;
    metric_add(fhir->answers[class], 1);
    if (route)
        metric_observe(fhir->seconds[route - routes], (double)(clock_mono_ns() - began_ns) / 1e9);
}

static struct fhir_call *open_call(struct fhir *fhir, const struct http_request *request, struct http_answer *answer) {
    struct fhir_call *call = arena_alloc(request->arena, sizeof *call);
    memset(call, 0, offsetof(struct fhir_call, json)); /* the writer clears what it uses */
    call->fhir = fhir;
    call->request = request;
    call->answer = answer;
    call->arena = request->arena;
    call->base = fhir_call_base(fhir, request);
    call->request_id = request_id(fhir, request);
    call->pretty = span_eq_cstr(http_query(request, "_pretty"), "true");
    call->strict = negotiate_strict(request);
    call->asker =
        (struct asker){.application = SPAN("fhir"), .address = request->peer_address, .sees_ins = fhir->options.share_ins};
    http_answer_header(answer, "Cache-Control", SPAN("no-store"));
    http_answer_header(answer, "X-Request-Id", call->request_id);
    return call;
}

void fhir_handle(void *context, const struct http_request *request, struct http_answer *answer) {
    uint64_t began_ns = clock_mono_ns();
    struct fhir *fhir = context;
    const struct route *route;
    walk(open_call(fhir, request, answer), &route);
    measure(fhir, route, answer->status, began_ns);
}

void fhir_refuse(void *context, const struct http_request *request, struct span why, struct http_answer *answer) {
    static const struct {
        int status;
        const char *code;
    } codes[] = {{403, "forbidden"}, {413, "too-long"}};
    struct issue issue = {.severity = "error", .code = "structure", .diagnostics = why};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].status == answer->status)
            issue.code = codes[i].code;
    }
    outcome_send(open_call(context, request, answer), answer->status, &issue);
    measure(context, NULL, answer->status, 0);
}

/* -- life -----------------------------------------------------------------------------------------------------------------------
 */

void fhir_options_default(struct fhir_options *options) {
    *options = (struct fhir_options){
        .base_url = "",
        .page_size = 20,
        .page_max = 200,
        .page_lifetime_s = 600,
        .page_keys_limit = 1000000,
    };
}

bool fhir_options_check(const struct fhir_options *options, struct error *err) {
    struct span base = span_of(options->base_url ? options->base_url : "");
    return base.len == 0 || span_starts(base, SPAN("http://")) || span_starts(base, SPAN("https://")) ||
           error_set(err, ERROR_TYPE, "fhir.base_url", "the public base must begin with http:// or https://");
}

static void copy_base(const char *url, char **out) {
    struct span base = span_of(url ? url : "");
    *out = mem_strdup(url ? url : "");
    for (size_t len = base.len; len && (*out)[len - 1] == '/'; len--)
        (*out)[len - 1] = '\0';
}

static void make_tag(char out_tag[17]) {
    uint64_t tag;
    rand_secure_bytes(&tag, sizeof tag);
    snprintf(out_tag, 17, "%016llx", (unsigned long long)tag);
}

static void make_metrics(struct fhir *fhir) {
    static const char *const classes[] = {"class=\"2xx\"", "class=\"3xx\"", "class=\"4xx\"", "class=\"5xx\""};
    for (size_t i = 0; i < 4; i++)
        fhir->answers[i] = metric_counter("sosie_fhir_answers_total", "FHIR answers by class of status", classes[i]);
    for (size_t i = 0; i < ROUTE_COUNT; i++)
        fhir->seconds[i] = metric_seconds("sosie_fhir_seconds", "time to make a FHIR answer", routes[i].labels);
}

bool fhir_new(const struct fhir_options *options, struct identity *identity, struct fhir **out, struct error *err) {
    char *base = NULL;
    if (!fhir_options_check(options, err))
        return false;
    copy_base(options->base_url, &base);
    struct fhir *fhir = mem_alloc(sizeof *fhir);
    fhir->options = *options;
    fhir->options.base_url = base;
    fhir->identity = identity;
    fhir->pages = search_pages_new(options->page_keys_limit, options->page_lifetime_s);
    clock_format_iso(clock_now_us(), fhir->started, sizeof fhir->started);
    make_tag(fhir->request_tag);
    make_metrics(fhir);
    *out = fhir;
    return true;
}

void fhir_free(struct fhir *fhir) {
    if (!fhir)
        return;
    search_pages_free(fhir->pages);
    mem_free((void *)(uintptr_t)fhir->options.base_url);
    mem_free(fhir);
}
