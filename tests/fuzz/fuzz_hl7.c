/* A whole message from any bytes: parsing, dispatch, traits, queries, answers, with an identity that knows a little. Whatever comes
 * must be answered, and the answer must be a message. */
#include "tests/support/fake_hl7_identity.h"

#include "base/log.h"
#include "mllp/dispatch.h"
#include "mllp/query_pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static const struct trait_name names[] = {{.type = 'L', .family = {"MOREL|^", 7}, .given = {"ANNE\r", 5}}};
static const struct person_identifier identifiers[] = {{.domain = 1, .value = {"A&1", 3}, .live = true},
                                                       {.domain = 3, .value = {"R", 1}, .live = true}};
static const struct person persons[] = {
    {.id = 1, .identifiers = identifiers, .identifier_count = 2, .golden = {.names = names, .name_count = 1}},
    {.id = 2, .identifiers = identifiers, .identifier_count = 2, .golden = {.names = names, .name_count = 1}},
};
static const struct person_key keys[] = {{.person = 1, .score = 1}, {.person = 2, .score = 0.5}, {.person = 3}};

static struct mllp_options options;
static struct mllp_edge edge;
static struct mllp_peer peer;

static void set_up(void) {
    log_to(-1, LOG_ERROR);
    mllp_options_default(&options);
    options.pid6_is_birth_name = options.pid19_is_identifier = true;
    must(edge_init(&edge, &options, NULL, NULL));
    edge.pages = query_pages_new();
    peer = (struct mllp_peer){.address = SPAN("127.0.0.1:1"), .loopback = true};
    fake.outcome = (struct feed_outcome){.result = FEED_ACCEPTED, .message_id = 1, .answered_us = 1};
    fake.keys = keys;
    fake.key_count = 3;
    fake.persons = persons;
    fake.person_count = 2;
    fake.identifiers = identifiers;
    fake.identifier_count = 2;
}

static void check_answer(const struct mllp_answer *answer, struct arena *arena) {
    struct hl7_message *message;
    struct error err = ERROR_INIT;
    if (answer->text.len == 0)
        return;
    if (!span_is_utf8(buf_span(&answer->text)) || !hl7_open(buf_span(&answer->text), HL7_CHARSET_UTF8, arena, &message, &err))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!edge.pages)
        set_up();
    struct arena *arena = arena_new(0);
    struct span rest = span_make((const char *)data, size), message;
    while (hl7_next_message(&rest, &message)) {
        struct mllp_answer answer;
        struct buf wire;
        dispatch_message(&edge, &peer, message, arena, &answer);
        check_answer(&answer, arena);
        buf_init(&wire, 1 << 26);
        hl7_charset_encode(buf_span(&answer.text), answer.charset, &wire);
        buf_release(&wire);
        buf_release(&answer.text);
    }
    arena_free(arena);
    return 0;
}
