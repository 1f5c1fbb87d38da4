/*
 * What the verbs of the control socket use of identity.h beyond fake_tasks.h: domains by name, identifiers, checks. Included
 * by one source of a program, which then links no file of the real identity.
 */
#ifndef TESTS_SUPPORT_FAKE_CONTROL_H
#define TESTS_SUPPORT_FAKE_CONTROL_H

#include "tests/support/fake_import.h"
#include "tests/support/fake_peers.h"
#include "tests/support/fake_relink.h"
#include "tests/support/fake_tasks.h"

/* What the last change was asked to do; its spans live until the request's arena goes. */
static struct domain_change fake_change;

static const char *const fake_domain_kinds[DOMAIN_KIND_COUNT] = {"hospital", "practice", "regional", "national"};

const char *domain_kind_name(enum domain_kind kind) {
    return fake_domain_kinds[kind];
}

bool domain_kind_parse(struct span text, enum domain_kind *out) {
    for (int i = 0; i < DOMAIN_KIND_COUNT; i++) {
        if (span_eq_cstr(text, fake_domain_kinds[i])) {
            *out = (enum domain_kind)i;
            return true;
        }
    }
    return false;
}

bool identity_status_parse(struct span text, enum identity_status *out) {
    for (int i = 0; i < STATUS_COUNT; i++) {
        if (span_eq_cstr(text, fake_statuses[i])) {
            *out = (enum identity_status)i;
            return true;
        }
    }
    return false;
}

const struct domain *domain_by_authority(const struct domain_list *list, struct span namespace_id, struct span universal_id,
                                         struct span type) {
    (void)universal_id, (void)type;
    for (size_t i = 0; i < list->count; i++) {
        if (span_eq(list->items[i].namespace_id, namespace_id))
            return &list->items[i];
    }
    return NULL;
}

bool identity_domain_change(struct identity *identity, const struct domain_change *change, struct arena *arena, uint32_t *out_id,
                            struct error *err) {
    (void)identity, (void)arena;
    if (change->create && domain_by_authority(&fake_domains, change->namespace_id, SPAN_ABSENT, SPAN_ABSENT))
        return error_set(err, ERROR_DUPLICATE, "namespace", "this domain is declared already");
    fake_change = *change;
    *out_id = 2;
    return true;
}

bool identity_check_index(struct identity *identity, struct buf *report, struct error *err) {
    (void)identity, (void)err;
    buf_add_cstr(report, "equal\n");
    return true;
}

bool identity_check_audit(struct identity *identity, struct buf *report, struct error *err) {
    (void)identity;
    buf_add_cstr(report, "entry 7 was altered\n");
    return error_set(err, ERROR_RULE, "audit", "the chain is broken");
}

static bool fake_replay(void *context, uint64_t message_id, struct span author, struct arena *arena, struct feed_outcome *out,
                        struct error *err) {
    (void)context, (void)author, (void)arena;
    if (message_id != 7)
        return error_set(err, ERROR_UNKNOWN, "message", "no such message");
    *out = (struct feed_outcome){.result = FEED_ACCEPTED, .message_id = 8};
    return true;
}

#endif
