/* Listeners and their rooms; see edges.h. */
#include "server/edges.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/http.h"
#include "base/log.h"
#include "base/metrics.h"
#include "fhir/fhir.h"
#include "mllp/mllp.h"
#include "server/control.h"
#include "server/probes.h"
#include "server/wiring.h"
#include "web/web.h"

enum room { ROOM_PROBES, ROOM_FHIR, ROOM_WEB, ROOM_COUNT };

struct edges {
    struct wiring *wiring;
    struct probes *probes;
    struct fhir *fhir;
    struct web *web;
    struct mllp_server *mllp;
    struct mllp_teller *teller;
    struct http_server *http;
    struct control_server *control;
    struct metric *seconds[ROOM_COUNT];
};

/* base does not know which setting gave it the port. Returns false. */
static bool name_listener(const char *room, struct error *err) {
    if (*err->where)
        return false;
    if (err->code == ERROR_UNAVAILABLE) /* the port is taken */
        return error_set(err, err->code, NULL, "%s.port: %.120s: stop that one (ss -ltnp names it), or set another port", room,
                         err->text);
    return error_prefix(err, "%s listener", room);
}

/* -- HTTP: one listener, three rooms -------------------------------------------------------------------------------------- */

static bool is_fhir(struct span path) {
    return span_eq_cstr(path, "/fhir") || span_starts(path, SPAN("/fhir/"));
}

static void handle(void *context, const struct http_request *request, struct http_answer *answer) {
    struct edges *edges = context;
    uint64_t begun_ns = clock_mono_ns();
    enum room room = ROOM_PROBES;
    if (is_fhir(request->path)) {
        room = ROOM_FHIR;
        fhir_handle(edges->fhir, request, answer);
    } else if (!probes_handle(edges->probes, request, answer)) {
        room = ROOM_WEB;
        web_handle(edges->web, request, answer);
    }
    metric_observe(edges->seconds[room], (double)(clock_mono_ns() - begun_ns) / 1e9);
}

static void refuse(void *context, const struct http_request *request, struct span why, struct http_answer *answer) {
    struct edges *edges = context;
    if (is_fhir(request->path))
        fhir_refuse(edges->fhir, request, why, answer);
}

static void make_metrics(struct edges *edges) {
    static const char *const labels[] = {"room=\"probes\"", "room=\"fhir\"", "room=\"web\""};
    for (size_t i = 0; i < ROOM_COUNT; i++)
        edges->seconds[i] = metric_seconds("sosie_http_seconds", "Time to answer an HTTP request.", labels[i]);
}

static bool start_http(const struct settings *settings, struct identity *identity, struct edges *edges, struct error *err) {
    struct http_options options;
    struct web_options web;
    wiring_http(settings, &options);
    options.refuser = refuse;
    wiring_web(edges->wiring, &web);
    make_metrics(edges);
    edges->probes = probes_new(identity);
    if (!fhir_new(wiring_fhir(edges->wiring), identity, &edges->fhir, err) || !web_new(&web, identity, &edges->web, err) ||
        !http_start(&options, handle, edges, &edges->http, err))
        return name_listener("http", err);
    log_info("listening", LOG_TEXT("protocol", "http"), LOG_TEXT("address", settings->http_address),
             LOG_U64("port", http_port(edges->http)), LOG_TEXT("tls", options.tls_certificate ? "yes" : "no"));
    return true;
}

/* -- the others ----------------------------------------------------------------------------------------------------------- */

static bool start_mllp(const struct settings *settings, struct identity *identity, struct edges *edges, struct error *err) {
    const struct mllp_options *options = wiring_mllp(edges->wiring);
    if (!mllp_start(options, identity, &edges->mllp, err))
        return name_listener("mllp", err);
    log_info("listening", LOG_TEXT("protocol", "mllp"), LOG_TEXT("address", settings->mllp_address),
             LOG_U64("port", mllp_port(edges->mllp)), LOG_TEXT("tls", options->tls_certificate ? "yes" : "no"));
    return true;
}

static bool start_teller(const struct settings *settings, struct identity *identity, struct edges *edges, struct error *err) {
    struct mllp_teller_options options;
    wiring_teller(settings, &options);
    return mllp_teller_start(&options, identity, &edges->teller, err) || error_prefix(err, "notify.tls");
}

static bool start_control(const struct settings *settings, struct edges *edges, struct error *err) {
    if (!control_start(settings->control_socket, wiring_control(edges->wiring), &edges->control, err))
        return error_prefix(err, "control.socket");
    log_info("listening", LOG_TEXT("protocol", "control"), LOG_TEXT("address", settings->control_socket));
    return true;
}

bool edges_start(const struct settings *settings, struct identity *identity, struct edges **out, struct error *err) {
    struct edges *edges = mem_alloc(sizeof *edges);
    edges->wiring = wiring_new(settings, identity);
    if (start_control(settings, edges, err) && start_mllp(settings, identity, edges, err) &&
        start_http(settings, identity, edges, err) && start_teller(settings, identity, edges, err)) {
        *out = edges;
        return true;
    }
    edges_stop(edges);
    return false;
}

void edges_stop(struct edges *edges) {
    if (!edges)
        return;
    mllp_teller_stop(edges->teller);
    mllp_stop(edges->mllp);
    http_stop(edges->http);
    control_stop(edges->control);
    web_free(edges->web);
    fhir_free(edges->fhir);
    probes_free(edges->probes);
    wiring_free(edges->wiring);
    mem_free(edges);
}
