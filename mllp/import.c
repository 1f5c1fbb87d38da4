/* Messages of an import on their way to identity; see mllp.h. */
#include "mllp/dispatch.h"
#include "mllp/gate.h"

/* Who may import answers for the sender: its messages count as come with the certificate that it was declared with. */
static void make_peer(struct identity *identity, struct span raw, struct mllp_peer *out) {
    struct span application = gate_name(hl7_peek_header(raw, 3)), facility = gate_name(hl7_peek_header(raw, 4));
    *out = (struct mllp_peer){
        .address = SPAN("import"), .certificate = identity_declared_certificate(identity, application, facility), .loopback = true};
}

static const struct feed *read_message(const struct mllp_edge *edge, const struct mllp_import_message *message,
                                       enum hl7_charset charset, struct arena *arena) {
    struct mllp_peer *peer = ARENA_NEW(arena, struct mllp_peer);
    struct mllp_request *request = ARENA_NEW(arena, struct mllp_request);
    struct feed *feed = ARENA_NEW(arena, struct feed);
    make_peer(edge->identity, message->raw, peer);
    *request = (struct mllp_request){
        .edge = edge, .peer = peer, .arena = arena, .raw = message->raw, .import = &message->place, .import_charset = charset};
    dispatch_read(request, message->length, message->cut, feed);
    return feed;
}

bool mllp_import(const struct mllp_options *options, struct identity *identity, const struct mllp_import *slice,
                 struct arena *arena, uint64_t *out_done, struct error *err) {
    struct mllp_edge *edge = ARENA_NEW(arena, struct mllp_edge);
    enum hl7_charset charset = HL7_CHARSET_NONE;
    bool alias;
    if (!edge_init(edge, options, identity, err))
        return false;
    if (!span_is_empty(slice->charset))
        charset = hl7_charset_parse(slice->charset, &alias);
    if (charset == HL7_CHARSET_UNKNOWN)
        return error_set(err, ERROR_TABLE, "charset", "\"%.*s\" is not a character set of HL7 table 0211",
                         SPAN_ARG(span_sub(slice->charset, 0, 40)));
    const struct feed **feeds = ARENA_ARRAY(arena, const struct feed *, slice->count + 1);
    for (size_t i = 0; i < slice->count; i++)
        feeds[i] = read_message(edge, &slice->messages[i], charset, arena);
    return identity_import_slice(identity, slice->run, feeds, slice->count, arena, out_done, err);
}
