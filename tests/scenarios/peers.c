/* Steps about peers: declaring them, and what is known of them. */
#include "base/clock.h"
#include "tests/scenarios/steps.h"

#include <string.h>

static bool take_pair(struct world *world, struct peer_change *change, const struct pair *pair, struct error *err) {
    struct arena *arena = world->arena;
    uint16_t port;
    struct span value = pair->value;
    char *key = span_cstr(pair->key, arena);
    for (char *at = key; *at; at++)
        *at = *at == '-' ? '_' : *at;
    if (strcmp(key, "sender") == 0) {
        (void)span_cut(&value, '|', &change->texts[PEER_APPLICATION]);
        change->texts[PEER_FACILITY] = value;
    }
    if (strcmp(key, "to") == 0) {
        if (!told_port(world, pair->value, &port, err))
            return false;
        change->texts[PEER_HOST] = SPAN("127.0.0.1");
        change->texts[PEER_PORT] = span_of(arena_printf(arena, "%u", port));
    }
    for (int field = 0; field < PEER_FIELD_COUNT; field++)
        if (strcmp(key, peer_field_name((enum peer_field)field)) == 0)
            change->texts[field] = pair->value;
    return true;
}

/* peer load NAME: as the command does it, step by step to the end. */
static bool load_peer(struct world *world, struct span name, struct error *err) {
    enum { PATIENCE_MS = 30000, LOOK_EVERY_MS = 5 };
    struct outbox_load load = {.next = 1};
    struct identity *identity;
    if (!world_identity(world, &identity, err))
        return false;
    const struct peer *peer = peer_by_name(identity_peers(identity), name);
    if (!peer)
        return error_set(err, ERROR_UNKNOWN, NULL, "there is no such peer");
    for (uint64_t until_ns = clock_deadline(PATIENCE_MS); load.next; clock_sleep_ms(LOOK_EVERY_MS)) {
        if (!identity_outbox_load(identity, peer, false, SPAN("scenario"), world->arena, &load, err))
            return false;
        if (load.next && clock_left_ms(until_ns) == 0)
            return error_set(err, ERROR_TIMEOUT, NULL, "the load stands at record %llu", (unsigned long long)load.next);
    }
    return true;
}

/* peer add|set|remove|pause|resume NAME [key=value...], peer load NAME */
static bool do_peer(struct world *world, const struct step *step, struct error *err) {
    static const char *const acts[] = {"add", "set", "remove", "pause", "resume"};
    struct peer_change change = {.name = step->words[1], .author = SPAN("scenario")};
    struct error refused = ERROR_INIT;
    struct identity *identity;
    size_t act = 0;
    if (span_eq_cstr(step->words[0], "load"))
        return load_peer(world, step->words[1], err);
    while (act < 5 && !span_eq_cstr(step->words[0], acts[act]))
        act++;
    if (act == 5)
        return error_set(err, ERROR_TABLE, NULL, "no such act on a peer: %.*s", SPAN_ARG(step->words[0]));
    change.act = (enum peer_act)act;
    for (size_t i = 0; i < step->pairs.count; i++)
        if (!take_pair(world, &change, &step->pairs.items[i], err))
            return false;
    if (!world_identity(world, &identity, err))
        return false;
    if (!identity_peer_change(identity, &change, world->arena, &refused))
        must(refused.code != ERROR_NONE);
    world->act_error = refused;
    world->act_unseen = true;
    return true;
}

const struct step_row PEER_STEPS[] = {{"peer", 2, do_peer, false}, {NULL, 0, NULL, false}};

/* peer NAME [messages= refused= last= answer=]; `peer NAME none`: there is no such peer */
static bool expect_peer(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    struct peer_activity found;
    if (!world_identity(world, &identity, err))
        return false;
    const struct peer *peer = peer_by_name(identity_peers(identity), step->words[1]);
    if (step->count > 2 && span_eq_cstr(step->words[2], "none"))
        return !peer || unmet(err, "there is one");
    if (!peer)
        return unmet(err, "there is no such peer");
    identity_peer_activity(identity, peer->id, &found);
    const struct {
        const char *key;
        const char *value;
    } facts[] = {
        {"messages", arena_printf(world->arena, "%llu", (unsigned long long)found.hour_messages)},
        {"refused", arena_printf(world->arena, "%llu", (unsigned long long)found.hour_refused)},
        {"last", found.last_event},
        {"answer", found.last_us ? feed_result_name((enum feed_result)found.last_result) : "none"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        struct span wanted = pairs_get(&step->pairs, facts[i].key);
        if (!span_is_absent(wanted) && !span_eq_cstr(wanted, facts[i].value))
            return unmet(err, "its %s is %s", facts[i].key, facts[i].value);
    }
    return true;
}

const struct step_row EXPECTATIONS_PEER[] = {{"peer", 1, expect_peer, true}, {NULL, 0, NULL, false}};
