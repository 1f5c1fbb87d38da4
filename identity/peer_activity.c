/*
 * What each peer did of late, in memory: its last message, how many were refused in the last hour (by minute, in a ring), and when
 * its next message may come. The writer puts the last message and the sums into the peers' rows now and then, from which a server
 * that starts begins.
 */
#include "base/clock.h"
#include "identity/service.h"

#include <string.h>

enum { MINUTES = 60, MOST_PEERS = 1 << 16 };

struct peer_state {
    struct peer_activity seen;
    struct {
        int64_t minute;
        uint32_t messages, refused;
    } ring[MINUTES];
    bool news;        /* not in its row yet */
    uint64_t next_ns; /* when its next message may come */
};

struct peer_states {
    pthread_mutex_t lock;
    struct peer_state **items; /* by the peer's number */
    size_t count;
};

struct peer_states *peer_states_new(void) {
    struct peer_states *states = mem_alloc(sizeof *states);
    must(pthread_mutex_init(&states->lock, NULL) == 0);
    return states;
}

void peer_states_free(struct peer_states *states) {
    if (!states)
        return;
    for (size_t i = 0; i < states->count; i++)
        mem_free(states->items[i]);
    mem_free(states->items);
    pthread_mutex_destroy(&states->lock);
    mem_free(states);
}

/* Under the lock. */
static struct peer_state *state_of(struct peer_states *states, uint32_t peer) {
    must(peer < MOST_PEERS);
    if (peer >= states->count) {
        size_t count = (size_t)peer * 2 + 8;
        states->items = mem_realloc(states->items, count * sizeof *states->items);
        for (; states->count < count; states->count++)
            states->items[states->count] = NULL;
    }
    if (!states->items[peer])
        states->items[peer] = mem_alloc(sizeof *states->items[peer]);
    return states->items[peer];
}

/* What is no such text says nothing. Of a minute that both know, the greater: a row is behind the server that writes it, and before
 * one that takes over. */
static void read_hour(struct span text, struct peer_state *state) {
    struct span item, minute, messages;
    while (span_cut(&text, ' ', &item)) {
        uint64_t at, all, refused;
        if (!span_cut(&item, ':', &minute) || !span_cut(&item, ':', &messages) || !span_to_u64(minute, &at) ||
            !span_to_u64(messages, &all) || !span_to_u64(item, &refused))
            return;
        __typeof__(&state->ring[0]) slot = &state->ring[at % MINUTES];
        if (slot->minute > (int64_t)at || (slot->minute == (int64_t)at && slot->messages >= all))
            continue;
        slot->minute = (int64_t)at;
        slot->messages = (uint32_t)all;
        slot->refused = (uint32_t)refused;
    }
}

/* What another server told since stands in the row; what this one saw since is in no row yet. */
static void join(struct peer_activity *own, const struct peer_activity *row) {
    struct peer_activity later = row->last_us > own->last_us ? *row : *own;
    later.messages = row->messages > own->messages ? row->messages : own->messages;
    later.refused = row->refused > own->refused ? row->refused : own->refused;
    later.told_us = row->told_us > own->told_us ? row->told_us : own->told_us;
    memcpy(later.trouble, own->trouble, sizeof later.trouble); /* in no row */
    *own = later;
}

static struct span hour_text(const struct peer_state *state, int64_t now_minute, struct arena *arena) {
    enum { ITEM = 48 };
    char *text = arena_alloc(arena, (size_t)MINUTES * ITEM), *end = text;
    for (size_t i = 0; i < MINUTES; i++)
        if (state->ring[i].messages && now_minute - state->ring[i].minute < MINUTES)
            end += snprintf(end, ITEM, "%s%lld:%u:%u", end == text ? "" : " ", (long long)state->ring[i].minute,
                            state->ring[i].messages, state->ring[i].refused);
    return span_make(text, (size_t)(end - text));
}

void peer_states_begin(struct peer_states *states, const struct peer_news *rows, size_t count) {
    pthread_mutex_lock(&states->lock);
    for (size_t i = 0; i < count; i++) {
        struct peer_state *state = state_of(states, rows[i].peer);
        join(&state->seen, &rows[i].seen);
        read_hour(rows[i].hour, state);
    }
    pthread_mutex_unlock(&states->lock);
}

size_t peer_states_news(struct peer_states *states, struct peer_news *out, size_t most, struct arena *arena) {
    int64_t minute = clock_now_us() / 60000000;
    size_t count = 0;
    pthread_mutex_lock(&states->lock);
    for (uint32_t i = 0; i < states->count && count < most; i++) {
        struct peer_state *state = states->items[i];
        if (!state || !state->news)
            continue;
        state->news = false;
        out[count++] = (struct peer_news){i, state->seen, hour_text(state, minute, arena)};
    }
    pthread_mutex_unlock(&states->lock);
    return count;
}

void identity_peer_seen(struct identity *identity, const struct peer *peer, struct span event, int result) {
    struct peer_states *states = identity->peer_states;
    int64_t now_us = clock_now_us(), minute = now_us / 60000000;
    pthread_mutex_lock(&states->lock);
    struct peer_state *state = state_of(states, peer->id);
    struct span shown = span_clip(event, sizeof state->seen.last_event - 1);
    state->news = true;
    state->seen.last_us = now_us;
    state->seen.last_result = result;
    (void)snprintf(state->seen.last_event, sizeof state->seen.last_event, "%.*s", SPAN_ARG(shown));
    state->seen.messages++;
    state->seen.refused += result != FEED_ACCEPTED;
    __typeof__(&state->ring[0]) slot = &state->ring[minute % MINUTES];
    if (slot->minute != minute) {
        slot->minute = minute;
        slot->messages = slot->refused = 0;
    }
    slot->messages++;
    slot->refused += result != FEED_ACCEPTED;
    pthread_mutex_unlock(&states->lock);
}

void identity_peer_activity(struct identity *identity, uint32_t peer, struct peer_activity *out) {
    struct peer_states *states = identity->peer_states;
    int64_t minute = clock_now_us() / 60000000;
    pthread_mutex_lock(&states->lock);
    const struct peer_state *state = state_of(states, peer);
    *out = state->seen;
    for (size_t i = 0; i < MINUTES; i++)
        if (state->ring[i].messages && minute - state->ring[i].minute < MINUTES) {
            out->hour_messages += state->ring[i].messages;
            out->hour_refused += state->ring[i].refused;
        }
    pthread_mutex_unlock(&states->lock);
}

void identity_peer_told(struct identity *identity, const struct peer *peer, struct span trouble) {
    struct peer_states *states = identity->peer_states;
    pthread_mutex_lock(&states->lock);
    struct peer_state *state = state_of(states, peer->id);
    struct peer_activity *seen = &state->seen;
    struct span shown = span_clip(trouble, sizeof seen->trouble - 1);
    state->news = true;
    (void)snprintf(seen->trouble, sizeof seen->trouble, "%.*s", SPAN_ARG(shown));
    if (span_is_absent(trouble))
        seen->told_us = clock_now_us();
    pthread_mutex_unlock(&states->lock);
}

/* Turns are a second / rate apart; a second's worth of them may be taken at once by who was silent. */
uint32_t identity_peer_wait(struct identity *identity, const struct peer *peer, uint32_t most_ms) {
    enum { SECOND_NS = 1000000000 };
    struct peer_states *states = identity->peer_states;
    uint64_t now_ns = clock_mono_ns(), wait_ms = 0;
    if (!peer->rate)
        return 0;
    pthread_mutex_lock(&states->lock);
    struct peer_state *state = state_of(states, peer->id);
    uint64_t earliest = now_ns > SECOND_NS ? now_ns - SECOND_NS : 0;
    uint64_t turn = state->next_ns > earliest ? state->next_ns : earliest;
    wait_ms = turn > now_ns ? (turn - now_ns) / 1000000 : 0;
    if (wait_ms <= most_ms)
        state->next_ns = turn + SECOND_NS / peer->rate;
    pthread_mutex_unlock(&states->lock);
    return (uint32_t)wait_ms;
}
