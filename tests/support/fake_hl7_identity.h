/*
 * Stands in for the identity room where tests are about HL7 alone: keeps the last command and query, answers what the test said.
 * Defines every function of identity.h that the mllp room calls, so that the linker does not look for the real ones.
 */
#ifndef TESTS_SUPPORT_FAKE_HL7_IDENTITY_H
#define TESTS_SUPPORT_FAKE_HL7_IDENTITY_H

#include "base/clock.h"
#include "base/digest.h"
#include "identity/identity.h"
#include "tests/support/fake_peers.h"

#include <pthread.h>
#include <string.h>

/* As the real one: empty, with an address of its own. */
static const char fake_delete_mark[1];
const struct span TRAIT_DELETE = {fake_delete_mark, 0};

static struct {
    pthread_mutex_t lock;
    struct feed feed; /* the last one; its spans live in the arena of the call */
    uint64_t feeds;
    struct feed_outcome outcome; /* to answer; result, err, message_id, answered_us */
    _Atomic uint64_t begun;      /* feeds that have arrived, before the delay */
    uint32_t delay_ms;
    bool owns_nothing;
    bool set_aside, worked_off; /* identity_take_up, identity_put_down */

    struct person_query query;
    struct asker asker;
    const struct person_key *keys;
    size_t key_count, key_total;
    const struct person *persons; /* identity_read_persons: by id - 1 */
    size_t person_count;

    const struct visit *visits;
    size_t visit_count;

    const struct person_identifier *identifiers;
    size_t identifier_count;
    struct error error; /* of searches and cross-references */
    struct message message;
} fake = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const struct domain fake_domain_items[] = {
    {.id = 1, .namespace_id = {"CHU-EXEMPLE", 11}, .finess = {"990000018", 9}, .kind = DOMAIN_HOSPITAL},
    {.id = 2, .namespace_id = {"CLINIQUE-EX", 11}, .finess = {"990000026", 9}, .kind = DOMAIN_HOSPITAL},
    {.id = 3, .namespace_id = {"REGION-EX", 9}, .oid = {"1.2.250.1.999.7", 15}, .kind = DOMAIN_REGIONAL},
    {.id = 4, .namespace_id = {"CABINET", 7}, .kind = DOMAIN_PRACTICE},
};
static const struct domain_list fake_domain_list = {fake_domain_items, 4};

const struct trait_name *traits_name(const struct traits *traits, char type) {
    for (size_t i = 0; i < traits->name_count; i++)
        if (traits->names[i].type == type)
            return &traits->names[i];
    return NULL;
}

bool identity_resolve(struct identity *identity, const struct domain *domain, struct span value, uint64_t *out_person,
                      uint64_t *out_record, struct error *err) {
    (void)identity, (void)domain, (void)value, (void)out_person, (void)out_record;
    return error_set(err, ERROR_UNKNOWN, "", "this identifier is not known in its domain");
}

bool identity_visits(struct identity *identity, const struct asker *asker, const uint64_t *persons, size_t count,
                     struct arena *arena, const struct visit **out, size_t *out_count, struct error *err) {
    (void)identity, (void)asker, (void)persons, (void)count, (void)arena, (void)err;
    *out = fake.visits;
    *out_count = fake.visit_count;
    return true;
}

bool trait_is_delete(struct span value) {
    return value.ptr == TRAIT_DELETE.ptr;
}

const struct domain_list *identity_domains(struct identity *identity) {
    (void)identity;
    return &fake_domain_list;
}

const struct domain *domain_by_id(const struct domain_list *list, uint32_t id) {
    return id && id <= list->count ? &list->items[id - 1] : NULL;
}

const struct domain *domain_by_authority(const struct domain_list *list, struct span namespace_id, struct span universal_id,
                                         struct span type) {
    (void)type;
    for (size_t i = 0; i < list->count; i++) {
        const struct domain *domain = &list->items[i];
        if (!span_is_empty(universal_id) && (span_eq(universal_id, domain->oid) || span_eq(universal_id, domain->finess)))
            return domain;
        if (!span_is_empty(namespace_id) && span_eq(namespace_id, domain->namespace_id))
            return domain;
    }
    return NULL;
}

const struct domain *domain_regional(const struct domain_list *list) {
    return &list->items[2];
}

bool identity_may_feed(const struct domain *domain, const struct feed *feed) {
    return !fake.owns_nothing && span_eq(domain->namespace_id, feed->sender_facility);
}

const struct domain *identity_default_domain(const struct domain_list *list, const struct feed *feed) {
    for (size_t i = 0; i < list->count; i++) {
        if (identity_may_feed(&list->items[i], feed))
            return &list->items[i];
    }
    return NULL;
}

bool identity_take_up(struct identity *identity, struct span comparable, struct in_hand *out) {
    (void)identity;
    digest_sha256(comparable, out->bytes);
    out->digest = span_make((const char *)out->bytes, DIGEST_BYTES);
    return !fake.set_aside;
}

void identity_put_down(struct identity *identity, const struct in_hand *hand, bool worked_off) {
    (void)identity, (void)hand;
    fake.worked_off = worked_off;
}

void identity_feed(struct identity *identity, const struct feed *feed, struct arena *arena, struct feed_outcome *out) {
    (void)identity, (void)arena;
    fake.begun++;
    if (fake.delay_ms)
        clock_sleep_ms(fake.delay_ms);
    pthread_mutex_lock(&fake.lock);
    fake.feed = *feed;
    fake.feeds++;
    *out = fake.outcome;
    if (feed->action == FEED_REFUSED) {
        out->result = feed_result_of(feed->refusal.code);
        out->err = feed->refusal;
    }
    pthread_mutex_unlock(&fake.lock);
}

bool identity_search(struct identity *identity, const struct asker *asker, const struct person_query *query, struct arena *arena,
                     const struct person_key **out_keys, size_t *out_count, size_t *out_total, struct error *err) {
    (void)identity, (void)arena;
    fake.query = *query;
    fake.asker = *asker;
    if (fake.error.code) {
        *err = fake.error;
        return false;
    }
    *out_keys = fake.keys;
    *out_count = fake.key_count;
    *out_total = fake.key_total ? fake.key_total : fake.key_count;
    return true;
}

bool identity_read_persons(struct identity *identity, const struct asker *asker, const uint64_t *ids, size_t count,
                           struct arena *arena, const struct person **out_persons, struct error *err) {
    (void)identity, (void)asker, (void)arena, (void)err;
    for (size_t i = 0; i < count; i++)
        out_persons[i] = ids[i] && ids[i] <= fake.person_count ? &fake.persons[ids[i] - 1] : NULL;
    return true;
}

bool identity_xref(struct identity *identity, const struct asker *asker, const struct domain *domain, struct span value,
                   const uint32_t *wanted, size_t wanted_count, struct arena *arena,
                   const struct person_identifier **out_identifiers, size_t *out_count, uint64_t *out_person, struct error *err) {
    (void)identity, (void)domain, (void)value, (void)wanted, (void)wanted_count, (void)arena;
    fake.asker = *asker;
    if (fake.error.code) {
        *err = fake.error;
        return false;
    }
    *out_identifiers = fake.identifiers;
    *out_count = fake.identifier_count;
    *out_person = 1;
    return true;
}

bool identity_message(struct identity *identity, const struct asker *asker, uint64_t id, struct arena *arena, struct message *out,
                      struct error *err) {
    (void)identity, (void)arena;
    fake.asker = *asker;
    if (id != fake.message.id)
        return error_set(err, ERROR_UNKNOWN, NULL, "no such message");
    *out = fake.message;
    return true;
}

#endif
