/* Declaring, changing and removing a peer, and the snapshots that everybody reads. */
#include "identity/peer_parse.h"
#include "identity/service.h"

/* -- changing ------------------------------------------------------------------------------------------------------------- */

static const struct peer PEER_DEFAULTS = {.texts = {[PEER_APPLICATION] = {"", 0},
                                                    [PEER_FACILITY] = {"", 0},
                                                    [PEER_CERTIFICATE] = {"", 0},
                                                    [PEER_ADDRESS] = {"", 0},
                                                    [PEER_CHARSET] = {"", 0},
                                                    [PEER_TOLERANCES] = {"", 0},
                                                    [PEER_EVENTS] = {"", 0},
                                                    [PEER_RATE] = {"0", 1},
                                                    [PEER_NOTIFY] = {"none", 4},
                                                    [PEER_HOST] = {"", 0},
                                                    [PEER_PORT] = {"0", 1},
                                                    [PEER_TLS] = {"no", 2},
                                                    [PEER_DOMAINS] = {"", 0},
                                                    [PEER_VERSION] = {"2.5", 3},
                                                    [PEER_OUT_CHARSET] = {"UNICODE UTF-8", 13},
                                                    [PEER_OUT_EVENTS] = {"A28,A31,A40,A47", 15},
                                                    [PEER_ANSWER_CHARSET] = {"", 0},
                                                    [PEER_TIME_ZONE] = {"", 0}}};

static bool check_name(struct span name, struct error *err) {
    if (span_is_empty(name) || name.len > 64)
        return error_set(err, ERROR_TYPE, "name", "a peer's name has 1 to 64 characters");
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] <= ' ' || name.ptr[i] == '"' || name.ptr[i] == '\\') /* it is a label of metrics, too */
            return error_set(err, ERROR_TYPE, "name", "a peer's name holds no blank, quote or backslash");
    return true;
}

static bool same_sender(const struct peer *a, const struct peer *b) {
    static const enum peer_field fields[] = {PEER_APPLICATION, PEER_FACILITY, PEER_CERTIFICATE, PEER_ADDRESS};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!span_eq(a->texts[fields[i]], b->texts[fields[i]]))
            return false;
    return true;
}

static bool check_beside(const struct plan *plan, const struct peer *peer, struct error *err) {
    for (size_t i = 0; i < plan->peers->count; i++) {
        const struct peer *other = plan->peers->items[i];
        if (other->id != peer->id && same_sender(other, peer))
            return error_set(err, ERROR_DUPLICATE, "sender", "peer %.*s has this MSH-3, MSH-4, certificate and address",
                             SPAN_ARG(other->name));
    }
    return true;
}

static bool put(struct plan *plan, const struct peer_change *change, const struct peer *known, struct error *err) {
    struct peer *peer = ARENA_NEW(plan->arena, struct peer);
    *peer = known ? *known : PEER_DEFAULTS;
    if (!known) {
        peer->id = (uint32_t)plan->counters.peer;
        peer->name = change->name;
    }
    for (size_t i = 0; i < PEER_FIELD_COUNT; i++)
        if (!span_is_absent(change->texts[i]))
            peer->texts[i] = span_trim(change->texts[i]);
    if (change->act == PEER_PAUSE || change->act == PEER_RESUME)
        peer->paused = change->act == PEER_PAUSE;
    if (!peer_parse(peer, plan->domains, false, plan->arena, err) || !check_beside(plan, peer, err))
        return false;
    plan->counters.peer += known ? 0 : 1;
    plan->peer_row = peer;
    return true;
}

/* A change of a peer goes alone in its batch, like all that a person asks for: the list it is judged by is the committed one. */
bool plan_peer_change(struct plan *plan, const struct peer_change *change, struct error *err) {
    static const char *const acts[] = {"peer-added", "peer-changed", "peer-removed", "peer-paused", "peer-resumed"};
    const struct peer *known = peer_by_name(plan->peers, change->name);
    if (!check_name(change->name, err))
        return false;
    if (change->act == PEER_ADD && known)
        return error_set(err, ERROR_DUPLICATE, "name", "peer %.*s exists; change it with: sosie peer set", SPAN_ARG(change->name));
    if (change->act != PEER_ADD && !known)
        return error_set(err, ERROR_UNKNOWN, "name", "there is no peer %.*s; see: sosie peer list", SPAN_ARG(change->name));
    if (change->act == PEER_REMOVE)
        plan->peer_removed = known->id;
    else if (!put(plan, change, known, err))
        return false;
    plan->author = span_is_empty(change->author) ? SPAN("operator") : change->author;
    plan_audit(plan, acts[change->act], 0, 0, "%.*s", SPAN_ARG(change->name));
    return true;
}

/* -- snapshots ------------------------------------------------------------------------------------------------------------ */

static bool same_peer(const struct peer *a, const struct peer *b) {
    bool same = a->id == b->id && a->paused == b->paused && span_eq(a->name, b->name) && a->domain_count == b->domain_count;
    for (size_t i = 0; same && i < PEER_FIELD_COUNT; i++)
        same = span_eq(a->texts[i], b->texts[i]);
    for (size_t i = 0; same && i < a->domain_count; i++)
        same = a->domains[i] == b->domains[i];
    return same;
}

static const struct peer *copy_peer(const struct peer *peer, struct arena *arena) {
    struct peer *copy = ARENA_NEW(arena, struct peer);
    uint32_t *domains = ARENA_ARRAY(arena, uint32_t, peer->domain_count + 1);
    *copy = *peer;
    copy->name = span_copy(peer->name, arena);
    for (size_t i = 0; i < PEER_FIELD_COUNT; i++)
        copy->texts[i] = span_copy(peer->texts[i], arena);
    for (size_t i = 0; i < peer->domain_count; i++)
        domains[i] = peer->domains[i];
    copy->domains = domains;
    copy->zone = peer->zone ? arena_dup(arena, peer->zone, sizeof *peer->zone) : NULL;
    return copy;
}

static const struct peer *find(const struct peer_list *list, uint32_t id) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->id == id)
            return list->items[i];
    return NULL;
}

/* Readers keep a snapshot for as long as they like, so all stay until the close; peers that did not change are shared. */
void identity_publish_peers(struct identity *identity, const struct peer_list *list) {
    struct arena *arena = identity->domain_arena;
    const struct peer_list *old = atomic_load(&identity->peers);
    const struct peer **items = ARENA_ARRAY(arena, const struct peer *, list->count + 1);
    for (size_t i = 0; i < list->count; i++) {
        const struct peer *before = find(old, list->items[i]->id);
        items[i] = before && same_peer(before, list->items[i]) ? before : copy_peer(list->items[i], arena);
    }
    struct peer_list *fresh = ARENA_NEW(arena, struct peer_list);
    *fresh = (struct peer_list){items, list->count};
    atomic_store(&identity->peers, fresh);
}

void identity_publish_peer_change(struct identity *identity, const struct plan *plan) {
    const struct peer_list *old = atomic_load(&identity->peers);
    const struct peer **items = ARENA_ARRAY(plan->arena, const struct peer *, old->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < old->count; i++) {
        const struct peer *peer = old->items[i];
        if (peer->id != plan->peer_removed)
            items[count++] = plan->peer_row && plan->peer_row->id == peer->id ? plan->peer_row : peer;
    }
    if (plan->peer_row && !find(old, plan->peer_row->id))
        items[count++] = plan->peer_row;
    identity_publish_peers(identity, &(struct peer_list){items, count});
}

const struct peer_list *identity_peers(struct identity *identity) {
    return atomic_load(&identity->peers);
}
