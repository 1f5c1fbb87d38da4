/* The door's small functions: defaults, replay, looking into a message; see mllp.h. listener.c and client.c hold the rest. */
#include "mllp/mllp.h"

#include "base/rand.h"
#include "mllp/dispatch.h"
#include "mllp/frame.h"

#include <string.h>

void mllp_options_default(struct mllp_options *options) {
    *options = (struct mllp_options){
        .address = "127.0.0.1",
        .port = 2575,
        .max_connections = 512,
        .max_connections_per_peer = 384,
        .frame_limit_bytes = 1024 * 1024,
        .read_timeout_ms = 30000,
        .write_timeout_ms = 10000,
        .processing_ids = "P",
        .application = "SOSIE",
        .facility = "",
        .pid19_namespace = "NID",
        .query_limit = 100,
    };
}

static bool default_charset(const struct mllp_options *options, enum hl7_charset *out, struct error *err) {
    struct span code = span_of(options->default_charset);
    bool alias;
    *out = span_eq_cstr(code, "auto") ? HL7_CHARSET_NONE : hl7_charset_parse(code, &alias);
    return *out != HL7_CHARSET_UNKNOWN ||
           error_set(err, ERROR_TABLE, "mllp.default_charset",
                     "\"%.*s\" is not a character set of HL7 table 0211; write auto, 8859/1 or UNICODE UTF-8, for example",
                     SPAN_ARG(code));
}

bool mllp_options_check(const struct mllp_options *options, struct error *err) {
    enum hl7_charset charset;
    return default_charset(options, &charset, err);
}

bool mllp_charset_known(struct span code) {
    bool alias;
    enum hl7_charset charset = hl7_charset_parse(code, &alias);
    return charset != HL7_CHARSET_UNKNOWN && charset != HL7_CHARSET_NONE;
}

bool edge_init(struct mllp_edge *edge, const struct mllp_options *options, struct identity *identity, struct error *err) {
    enum hl7_charset charset;
    if (!default_charset(options, &charset, err))
        return false;
    *edge = (struct mllp_edge){.options = options, .identity = identity, .charset = charset};
    uint64_t start; /* answers without a message id are numbered from anywhere: unique enough across restarts */
    rand_secure_bytes(&start, sizeof start);
    atomic_store(&edge->next_answer, start >> 16);
    return true;
}

struct span edge_facility(const struct mllp_edge *edge) {
    struct span said = span_of(edge->options->facility);
    if (!span_is_empty(said))
        return said;
    const struct domain *regional = domain_regional(identity_domains(edge->identity));
    return regional ? regional->namespace_id : SPAN_ABSENT;
}

bool mllp_replay(const struct mllp_options *options, struct identity *identity, uint64_t message_id, struct span author,
                 struct arena *arena, struct feed_outcome *out, struct error *err) {
    struct mllp_edge *edge = ARENA_NEW(arena, struct mllp_edge);
    struct message stored;
    const struct asker asker = {.application = author, .facility = SPAN("sosie"), .interaction = SPAN("replay")};
    if (!edge_init(edge, options, identity, err) || !identity_message(identity, &asker, message_id, arena, &stored, err))
        return false;
    if (stored.err.code == ERROR_LIMIT && stored.raw.len >= FRAME_KEPT_BYTES) {
        *out = (struct feed_outcome){.result = FEED_ERROR, .err = ERROR_INIT};
        error_set(&out->err, ERROR_RULE, NULL, "only the head of this message was kept: raise the limit and let it be sent again");
    } else {
        dispatch_replay(edge, &stored, author, arena, out);
    }
    return true;
}

struct span mllp_peek(struct span message, const char *segment, uint32_t occurrence, size_t field, size_t component,
                      struct arena *arena) {
    struct hl7_message *tree;
    if (!hl7_open(message, HL7_CHARSET_NONE, arena, &tree, NULL) || !hl7_parse(tree, NULL))
        return SPAN_ABSENT;
    return hl7_text(tree, hl7_part(tree, hl7_segment(tree, segment, occurrence), field, component));
}
