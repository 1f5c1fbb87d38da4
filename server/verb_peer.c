/*
 * peer-add, peer-set, peer-remove, peer-list, peer-show: systems on the wire (identity/peer.h); peer-pause, peer-resume, peer-dead,
 * peer-replay, peer-skip: what they are told (identity/outbox.h).
 */
#include "server/verbs.h"

#include "base/arena.h"
#include "base/clock.h"

static json_t *answer_activity(const struct control *control, const struct peer *peer) {
    struct peer_activity activity;
    identity_peer_activity(control->identity, peer->id, &activity);
    json_t *json =
        json_pack("{s:I, s:I, s:I, s:I}", "messages", (json_int_t)activity.messages, "refused", (json_int_t)activity.refused,
                  "hour_messages", (json_int_t)activity.hour_messages, "hour_refused", (json_int_t)activity.hour_refused);
    answer_add(json, "last", answer_time(activity.last_us));
    if (activity.last_us) {
        answer_add(json, "last_event", answer_text(span_of(activity.last_event)));
        answer_add(json, "last_answer", json_string(feed_result_name((enum feed_result)activity.last_result)));
    }
    answer_add(json, "told", answer_time(activity.told_us));
    answer_add(json, "trouble", answer_text(span_of(activity.trouble)));
    return json;
}

/* What is still to be told, by peer. Without a database it is left out. */
struct open_counts {
    const struct outbox_count *items;
    size_t count;
};

static struct open_counts read_counts(const struct control *control, struct arena *arena) {
    struct open_counts counts = {0};
    struct error err = ERROR_INIT;
    if (!identity_outbox_counts(control->identity, arena, &counts.items, &counts.count, &err))
        counts.count = 0;
    return counts;
}

static json_t *answer_open(const struct open_counts *counts, const struct peer *peer) {
    struct outbox_count found = {0};
    for (size_t i = 0; i < counts->count; i++)
        found = counts->items[i].peer == peer->id ? counts->items[i] : found;
    json_t *json = json_pack("{s:I, s:I, s:I}", "waiting", (json_int_t)found.waiting, "held", (json_int_t)found.held, "dead",
                             (json_int_t)found.dead);
    answer_add(json, "oldest", answer_time(found.oldest_us));
    return json;
}

/* The domains that its messages feed, by namespace. */
static json_t *answer_feeds(const struct control *control, const struct peer *peer) {
    const struct domain_list *domains = identity_domains(control->identity);
    json_t *list = json_array();
    for (size_t i = 0; i < domains->count; i++)
        if (peer_feeds(peer, domains, domains->items[i].id))
            json_array_append_new(list, answer_text(domains->items[i].namespace_id));
    return list;
}

static json_t *answer_peer(const struct control *control, const struct peer *peer, const struct open_counts *counts) {
    json_t *json = json_pack("{s:b}", "paused", peer->paused);
    answer_add(json, "name", answer_text(peer->name));
    for (size_t i = 0; i < PEER_FIELD_COUNT; i++)
        answer_add(json, peer_field_name((enum peer_field)i), answer_text(peer->texts[i]));
    answer_add(json, "activity", answer_activity(control, peer));
    answer_add(json, "feeds", answer_feeds(control, peer));
    if (peer->notify != NOTIFY_NONE)
        answer_add(json, "open", answer_open(counts, peer));
    return json;
}

static bool check_charsets(const struct control *control, const struct peer_change *change, struct error *err) {
    static const enum peer_field fields[] = {PEER_CHARSET, PEER_OUT_CHARSET, PEER_ANSWER_CHARSET};
    for (size_t i = 0; i < 3; i++) {
        struct span text = change->texts[fields[i]];
        if (!span_is_empty(text) && control->charset_known && !control->charset_known(text))
            return error_set(err, ERROR_TABLE, peer_field_name(fields[i]), "\"%.*s\" is not a character set of HL7 table 0211",
                             SPAN_ARG(span_clip(text, 40)));
    }
    return true;
}

static bool find_peer(const struct control *control, const json_t *request, const struct peer **out, struct error *err) {
    struct span name;
    if (!ask_needed_text(request, "name", &name, err))
        return false;
    *out = peer_by_name(identity_peers(control->identity), name);
    return *out || error_set(err, ERROR_UNKNOWN, "name", "there is no peer %.*s; sosie peer list shows them",
                             SPAN_ARG(span_clip(name, 60)));
}

static bool change_peer(const struct control *control, const json_t *request, enum peer_act act, json_t *answer,
                        struct arena *arena, struct error *err) {
    struct peer_change change = {.act = act};
    if (!ask_needed_text(request, "name", &change.name, err) || !ask_text(request, "author", &change.author, err))
        return false;
    for (size_t i = 0; i < PEER_FIELD_COUNT; i++)
        if (!ask_text(request, peer_field_name((enum peer_field)i), &change.texts[i], err))
            return false;
    if (!check_charsets(control, &change, err) || !identity_peer_change(control->identity, &change, arena, err))
        return false;
    const struct peer *peer = peer_by_name(identity_peers(control->identity), change.name);
    struct open_counts counts = read_counts(control, arena);
    if (peer)
        answer_add(answer, "peer", answer_peer(control, peer, &counts));
    return true;
}

bool verb_peer_add(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    return change_peer(control, request, PEER_ADD, answer, arena, err);
}

bool verb_peer_set(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    return change_peer(control, request, PEER_SET, answer, arena, err);
}

bool verb_peer_remove(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                      struct error *err) {
    return change_peer(control, request, PEER_REMOVE, answer, arena, err);
}

bool verb_peer_list(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    (void)request, (void)err;
    const struct peer_list *list = identity_peers(control->identity);
    struct open_counts counts = read_counts(control, arena);
    json_t *peers = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(peers, answer_peer(control, list->items[i], &counts));
    answer_add(answer, "peers", peers);
    return true;
}

bool verb_peer_show(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    const struct peer *peer;
    if (!find_peer(control, request, &peer, err))
        return false;
    struct open_counts counts = read_counts(control, arena);
    answer_add(answer, "peer", answer_peer(control, peer, &counts));
    return true;
}

/* -- what it is told ------------------------------------------------------------------------------------------------------ */

bool verb_peer_pause(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    return change_peer(control, request, PEER_PAUSE, answer, arena, err);
}

bool verb_peer_resume(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                      struct error *err) {
    return change_peer(control, request, PEER_RESUME, answer, arena, err);
}

static json_t *answer_dead(const struct control *control, const struct dead_notification *dead) {
    json_t *json = json_pack("{s:I, s:I, s:I}", "id", (json_int_t)dead->id, "attempts", (json_int_t)dead->attempts, "behind",
                             (json_int_t)dead->behind);
    answer_add(json, "event", answer_text(dead->event));
    answer_add(json, "at", answer_time(dead->at_us));
    answer_add(json, "tried", answer_time(dead->tried_us));
    answer_add(json, dead->person ? "person" : "record", json_integer((json_int_t)(dead->person ? dead->person : dead->record)));
    answer_add(json, "domain", answer_domain_name(identity_domains(control->identity), dead->domain));
    answer_add(json, "local_id", answer_text(dead->local_id));
    answer_add(json, "answer", answer_text(dead->answer));
    return json;
}

bool verb_peer_dead(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    enum { MOST = 1000 };
    const struct dead_notification *dead;
    const struct peer *peer;
    struct asker asker;
    size_t count;
    if (!ask_asker(request, &asker, err) || !find_peer(control, request, &peer, err) ||
        !identity_outbox_dead(control->identity, &asker, peer->id, MOST, arena, &dead, &count, err))
        return false;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, answer_dead(control, &dead[i]));
    answer_add(answer, "dead", list);
    answer_add(answer, "host", answer_text(peer->texts[PEER_HOST]));
    answer_add(answer, "port", answer_text(peer->texts[PEER_PORT]));
    return true;
}

/* Is it one of the peer's dead letters? 0: all of them. */
static bool check_dead(const struct control *control, const struct peer *peer, uint64_t id, struct arena *arena,
                       struct error *err) {
    const struct dead_notification *dead;
    size_t count;
    if (!identity_outbox_dead(control->identity, NULL, peer->id, INT32_MAX, arena, &dead, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!id || dead[i].id == id)
            return true;
    return error_set(err, ERROR_UNKNOWN, "id", "%.*s has no such dead letter; see: sosie peer dead %.*s", SPAN_ARG(peer->name),
                     SPAN_ARG(peer->name));
}

static bool order(const struct control *control, const json_t *request, enum outbox_act act, struct arena *arena,
                  struct error *err) {
    struct outbox_order order = {.act = act};
    const struct peer *peer;
    struct span since;
    if (!find_peer(control, request, &peer, err) || !ask_text(request, "author", &order.author, err) ||
        !ask_number(request, "id", 0, INT64_MAX, &order.id, err) || !ask_text(request, "since", &since, err))
        return false;
    order.peer = peer->id;
    if (!span_is_empty(since)) {
        order.act = OUTBOX_AGAIN;
        if (!clock_parse_iso(since, &order.since_us))
            return error_set(err, ERROR_TYPE, "since", "\"%.*s\" is no time such as 2026-11-01 or 2026-11-01T08:30:00Z",
                             SPAN_ARG(span_clip(since, 40)));
    } else if (!check_dead(control, peer, order.id, arena, err)) {
        return false;
    }
    return identity_outbox_order(control->identity, &order, arena, err);
}

bool verb_peer_replay(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                      struct error *err) {
    return order(control, request, OUTBOX_RETRY, arena, err) && verb_peer_show(control, request, answer, arena, err);
}

bool verb_peer_skip(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    return order(control, request, OUTBOX_SKIP, arena, err) && verb_peer_show(control, request, answer, arena, err);
}

bool verb_peer_load(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    struct outbox_load load;
    const struct peer *peer;
    struct span author;
    bool anew;
    if (!find_peer(control, request, &peer, err) || !ask_text(request, "author", &author, err) ||
        !ask_yes_no(request, "anew", &anew, err) || !identity_outbox_load(control->identity, peer, anew, author, arena, &load, err))
        return false;
    answer_add(answer, "next", json_integer((json_int_t)load.next));
    answer_add(answer, "last", json_integer((json_int_t)load.last));
    answer_add(answer, "waiting", json_integer((json_int_t)load.waiting));
    return true;
}
