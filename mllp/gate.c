/* Who is at the door; see gate.h. */
#include "mllp/gate.h"

#include "base/clock.h"

#include <string.h>

enum { MOST_WAIT_MS = 5000 };

struct span gate_name(struct span field) {
    size_t len = 0;
    while (len < field.len && !strchr("^&~", field.ptr[len]))
        len++;
    return span_trim(span_sub(field, 0, len));
}

enum hl7_charset gate_charset(const struct mllp_request *request) {
    if (request->import_charset != HL7_CHARSET_NONE)
        return request->import_charset;
    const struct peer_list *peers = identity_peers(request->edge->identity);
    const struct peer *peer = NULL;
    bool alias;
    if (!peers->count || !peer_of(peers, gate_name(hl7_peek_header(request->raw, 3)), gate_name(hl7_peek_header(request->raw, 4)),
                                  request->peer->certificate, SPAN_ABSENT, &peer, NULL))
        return request->edge->charset;
    if (!peer || span_is_empty(peer->texts[PEER_CHARSET]))
        return request->edge->charset;
    return hl7_charset_parse(peer->texts[PEER_CHARSET], &alias);
}

/* The settings as they hold for this peer. */
static const struct mllp_edge *edge_for(const struct mllp_request *request) {
    const struct peer *peer = request->known;
    struct mllp_options *own = ARENA_NEW(request->arena, struct mllp_options);
    struct mllp_edge *edge = ARENA_NEW(request->arena, struct mllp_edge);
    *own = *request->edge->options;
    const struct {
        enum peer_tolerance tolerance;
        bool *setting;
    } rows[] = {
        {PEER_STRICT, &own->strict},
        {PEER_IGNORE_BAD_BIRTH_DATE, &own->ignore_bad_birth_date},
        {PEER_ITI31_UPDATES, &own->iti31_updates_french},
        {PEER_PID6_IS_BIRTH_NAME, &own->pid6_is_birth_name},
        {PEER_PID19_IS_IDENTIFIER, &own->pid19_is_identifier},
        {PEER_INCLUDE_QUERY_ID, &own->pix_include_query_id},
        {PEER_SINGLE_ERROR, &own->pix_single_error},
        {PEER_SHORT_ACK, &own->short_ack},
        {PEER_CLOSES_WHEN_UNAVAILABLE, &own->when_unavailable_close},
        {PEER_IGNORE_BAD_CODES, &own->ignore_bad_codes},
        {PEER_FRENCH, &own->french},
        {PEER_PID2_IS_IDENTIFIER, &own->pid2_is_identifier},
        {PEER_QUERY_CONTINUES, &own->query_continues},
        {PEER_VISIT_QUERIES, &own->visit_queries},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        *rows[i].setting = peer_holds(peer, rows[i].tolerance, *rows[i].setting);
    edge->options = own;
    edge->identity = request->edge->identity;
    edge->pages = request->edge->pages;
    edge->charset = request->edge->charset;
    edge->whole = request->edge;
    return edge;
}

static bool wait_turn(const struct mllp_request *request, struct error *err) {
    if (!request->known || request->replay_of || request->import)
        return true;
    uint32_t wait_ms = identity_peer_wait(request->edge->identity, request->known, MOST_WAIT_MS);
    if (wait_ms > MOST_WAIT_MS)
        return error_set(err, ERROR_UNAVAILABLE, "",
                         "more messages than this peer's rate allows (%u a second); send it again later", request->known->rate);
    if (wait_ms)
        clock_sleep_ms(wait_ms);
    return true;
}

bool gate_pass(struct mllp_request *request, struct error *err) {
    const struct hl7_header *header = &request->header;
    const struct peer_list *peers = identity_peers(request->edge->identity);
    struct span address = request->replay_of || request->import ? SPAN_ABSENT : request->peer->address;
    if (!peer_of(peers, header->application, header->facility, request->peer->certificate, address, &request->known, err))
        return false;
    if (!request->known)
        return !request->edge->options->declared_peers_only ||
               error_set(err, ERROR_FORBIDDEN, "MSH^1^3", "this sender is not declared: sosie peer add");
    if (request->known->said)
        request->edge = edge_for(request);
    if (!peer_may_send(request->known, header->event))
        return error_set(err, ERROR_UNSUPPORTED_EVENT, "MSH^1^9^1^2", "this sender may not send this event");
    return wait_turn(request, err);
}

void gate_leave(const struct mllp_request *request, const char *code) {
    for (int result = FEED_ACCEPTED; request->known && code && result <= FEED_REJECTED; result++)
        if (strcmp(code, feed_result_name((enum feed_result)result)) == 0)
            identity_peer_seen(request->edge->identity, request->known, request->header.event, result);
}
