/* peer-add, peer-set, peer-remove, peer-list, peer-show: systems on the wire (identity/peer.h). */
#include "server/verbs.h"

#include "base/arena.h"

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
    return json;
}

static json_t *answer_peer(const struct control *control, const struct peer *peer) {
    json_t *json = json_pack("{s:b}", "paused", peer->paused);
    answer_add(json, "name", answer_text(peer->name));
    for (size_t i = 0; i < PEER_FIELD_COUNT; i++)
        answer_add(json, peer_field_name((enum peer_field)i), answer_text(peer->texts[i]));
    answer_add(json, "activity", answer_activity(control, peer));
    return json;
}

static bool check_charsets(const struct control *control, const struct peer_change *change, struct error *err) {
    static const enum peer_field fields[] = {PEER_CHARSET, PEER_OUT_CHARSET};
    for (size_t i = 0; i < 2; i++) {
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
    if (peer)
        answer_add(answer, "peer", answer_peer(control, peer));
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
    (void)request, (void)arena, (void)err;
    const struct peer_list *list = identity_peers(control->identity);
    json_t *peers = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(peers, answer_peer(control, list->items[i]));
    answer_add(answer, "peers", peers);
    return true;
}

bool verb_peer_show(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    (void)arena;
    const struct peer *peer;
    if (!find_peer(control, request, &peer, err))
        return false;
    answer_add(answer, "peer", answer_peer(control, peer));
    return true;
}
