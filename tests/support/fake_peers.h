/* Peers for programs that link no real identity: what the test declares, and what was asked for. */
#ifndef TESTS_SUPPORT_FAKE_PEERS_H
#define TESTS_SUPPORT_FAKE_PEERS_H

#include "identity/identity.h"

static struct {
    struct peer_list list;
    struct peer_activity activity;
    struct peer_change change; /* the last one */
    uint32_t wait_ms;          /* to answer */
    uint64_t seen;             /* messages counted */
    int last_result;
    struct outbox_count open;      /* peer 0: none */
    struct dead_notification dead; /* id 0: none */
    struct outbox_order order;     /* the last one */
} fake_peers;

const struct peer_list *identity_peers(struct identity *identity) {
    (void)identity;
    return &fake_peers.list;
}

bool peer_feeds(const struct peer *peer, const struct domain_list *domains, uint32_t domain) {
    (void)domains;
    return peer->rate == domain; /* as good as any */
}

bool identity_peer_change(struct identity *identity, const struct peer_change *change, struct arena *arena, struct error *err) {
    (void)identity, (void)arena;
    if (change->act != PEER_ADD && !peer_by_name(&fake_peers.list, change->name))
        return error_set(err, ERROR_UNKNOWN, "name", "there is no such peer");
    fake_peers.change = *change;
    return true;
}

void identity_peer_seen(struct identity *identity, const struct peer *peer, struct span event, int result) {
    (void)identity, (void)peer, (void)event;
    fake_peers.seen++;
    fake_peers.last_result = result;
}

void identity_peer_activity(struct identity *identity, uint32_t peer, struct peer_activity *out) {
    (void)identity, (void)peer;
    *out = fake_peers.activity;
}

uint32_t identity_peer_wait(struct identity *identity, const struct peer *peer, uint32_t most_ms) {
    (void)identity, (void)peer, (void)most_ms;
    return fake_peers.wait_ms;
}

bool identity_outbox_counts(struct identity *identity, struct arena *arena, const struct outbox_count **out, size_t *out_count,
                            struct error *err) {
    (void)identity, (void)arena, (void)err;
    *out = &fake_peers.open;
    *out_count = fake_peers.open.peer ? 1 : 0;
    return true;
}

bool identity_outbox_dead(struct identity *identity, const struct asker *asker, uint32_t peer, uint32_t most, struct arena *arena,
                          const struct dead_notification **out, size_t *out_count, struct error *err) {
    (void)identity, (void)asker, (void)peer, (void)most, (void)arena, (void)err;
    *out = &fake_peers.dead;
    *out_count = fake_peers.dead.id ? 1 : 0;
    return true;
}

bool identity_outbox_order(struct identity *identity, const struct outbox_order *order, struct arena *arena, struct error *err) {
    (void)identity, (void)arena, (void)err;
    fake_peers.order = *order;
    return true;
}

bool identity_outbox_load(struct identity *identity, const struct peer *peer, bool anew, struct span author, struct arena *arena,
                          struct outbox_load *out, struct error *err) {
    (void)identity, (void)peer, (void)author, (void)arena, (void)err;
    *out = (struct outbox_load){.next = anew ? 65 : 0, .last = 900, .waiting = 12};
    return true;
}

#endif
