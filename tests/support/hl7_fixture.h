/* One message through the whole edge with the fake identity: for tests of what a message means and how it is answered. */
#ifndef TESTS_SUPPORT_HL7_FIXTURE_H
#define TESTS_SUPPORT_HL7_FIXTURE_H

#include "tests/support/fake_hl7_identity.h"
#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "mllp/dispatch.h"
#include "mllp/query_pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    struct mllp_options options;
    struct mllp_edge edge;
    struct mllp_peer peer;
    struct arena *arena;
    struct mllp_answer answer;
    unsigned long long sent;
} hl7;

static inline int hl7_set_up(void **state) {
    (void)state;
    setenv("TZ", "Europe/Paris", 1);
    memset(&fake.feed, 0, sizeof fake.feed);
    memset(&fake.query, 0, sizeof fake.query);
    fake.outcome = (struct feed_outcome){.result = FEED_ACCEPTED, .message_id = 901, .answered_us = INT64_C(1763454901000000)};
    fake.error = ERROR_INIT;
    fake.delay_ms = 0;
    fake.owns_nothing = false;
    fake.keys = NULL;
    fake.key_count = fake.key_total = fake.person_count = fake.identifier_count = 0;
    mllp_options_default(&hl7.options);
    hl7.peer = (struct mllp_peer){.address = SPAN("127.0.0.1:50132"), .loopback = true};
    hl7.arena = arena_new(0);
    must(edge_init(&hl7.edge, &hl7.options, NULL, NULL));
    hl7.edge.pages = query_pages_new();
    return 0;
}

static inline int hl7_tear_down(void **state) {
    (void)state;
    buf_release(&hl7.answer.text);
    arena_free(hl7.arena);
    query_pages_free(hl7.edge.pages);
    clock_set_test(0);
    return 0;
}

/* Sends a message (CR between segments) and returns the answer's text. */
static inline struct span hl7_send_span(struct span message) {
    buf_release(&hl7.answer.text);
    dispatch_message(&hl7.edge, &hl7.peer, message, hl7.arena, &hl7.answer);
    hl7.sent++;
    return buf_span(&hl7.answer.text);
}

static inline struct span hl7_send(const char *message) {
    return hl7_send_span(span_of(message));
}

/* A field, or a component of it, of the last answer. */
static inline struct span answer_at(const char *segment, uint32_t occurrence, size_t field, size_t component) {
    return mllp_peek(buf_span(&hl7.answer.text), segment, occurrence, field, component, hl7.arena);
}

/* The n-th line of the last answer, without its CR. */
static inline struct span answer_line(size_t n) {
    struct span rest = buf_span(&hl7.answer.text), line = SPAN_ABSENT;
    for (size_t i = 0; i <= n; i++) {
        if (!span_cut(&rest, '\r', &line))
            return SPAN_ABSENT;
    }
    return line;
}

static inline const struct feed_subject *subject(size_t i) {
    must(i < fake.feed.subject_count);
    return &fake.feed.subjects[i];
}

static inline const struct traits *traits(void) {
    return &subject(0)->traits;
}

static inline bool contains(struct span text, const char *part) {
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* A trait as text; "" in double quotes stands for a deletion. */
#define assert_trait(got, want)                                                                                                    \
    do {                                                                                                                           \
        struct span trait_ = (got);                                                                                                \
        assert_span(trait_is_delete(trait_) ? SPAN("\"\"") : trait_, want);                                                        \
    } while (0)

#define HL7_TEST(function) cmocka_unit_test_setup_teardown(function, hl7_set_up, hl7_tear_down)

/* Beginnings of messages. */
#define MSH_FR(event, id)                                                                                                          \
    "MSH|^~\\&|GAM|CHU-EXEMPLE|IDSRV|REGION-EX|20251118093501+0100||ADT^" event "|" id                                             \
    "|P|2.5^FRA^2.11|||||FRA|UNICODE UTF-8|FR\r"                                                                                   \
    "EVN||20251118093500\r"
#define MSH_231(event, id)                                                                                                         \
    "MSH|^~\\&|LABO|CLINIQUE-EX|IDSRV|REGION-EX|20251205083000||ADT^" event "|" id "|P|2.3.1||||||8859/1\rEVN||20251205083000\r"
#define MSH_QBP(event, id)                                                                                                         \
    "MSH|^~\\&|DPI|CHU-EXEMPLE|IDSRV|REGION-EX|20251205090000+0100||QBP^" event "^QBP_Q21|" id "|P|2.5||||||UNICODE UTF-8\r"

#endif
