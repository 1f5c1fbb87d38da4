/* Continuations of ITI-21 and ITI-22; see query_pages.h. */
#include "mllp/query_pages.h"

#include "base/clock.h"
#include "base/rand.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { TOKEN_BYTES = 16 };

struct page_entry {
    char token[2 * TOKEN_BYTES + 1]; /* empty: the slot is free */
    char *peer, *tag;
    struct person_key *keys;
    uint64_t *visits;
    uint64_t query;
    size_t count, total;
    int64_t used_us;
};

struct query_pages {
    pthread_mutex_t lock;
    struct page_entry entries[PAGES_MOST];
};

struct query_pages *query_pages_new(void) {
    struct query_pages *pages = mem_alloc(sizeof *pages);
    pthread_mutex_init(&pages->lock, NULL);
    return pages;
}

static void clear_entry(struct page_entry *entry) {
    mem_free(entry->peer);
    mem_free(entry->tag);
    mem_free(entry->keys);
    mem_free(entry->visits);
    *entry = (struct page_entry){0};
}

void query_pages_free(struct query_pages *pages) {
    if (!pages)
        return;
    for (size_t i = 0; i < PAGES_MOST; i++)
        clear_entry(&pages->entries[i]);
    pthread_mutex_destroy(&pages->lock);
    mem_free(pages);
}

static bool is_free(const struct page_entry *entry) {
    return entry->token[0] == '\0';
}

static bool belongs(const struct page_entry *entry, struct span peer, struct span tag) {
    return !is_free(entry) && span_eq_cstr(peer, entry->peer) && span_eq_cstr(tag, entry->tag);
}

static void expire(struct query_pages *pages) {
    int64_t oldest_us = clock_now_us() - (int64_t)PAGES_EXPIRE_S * 1000000;
    for (size_t i = 0; i < PAGES_MOST; i++) {
        if (!is_free(&pages->entries[i]) && pages->entries[i].used_us < oldest_us)
            clear_entry(&pages->entries[i]);
    }
}

/* The slot for a new snapshot: that of the same tag, or the peer's oldest when it has its share, or a free one, or the oldest. */
static struct page_entry *choose_slot(struct query_pages *pages, struct span peer, struct span tag) {
    struct page_entry *unused = NULL, *oldest = NULL, *own_oldest = NULL;
    size_t own = 0;
    for (size_t i = 0; i < PAGES_MOST; i++) {
        struct page_entry *entry = &pages->entries[i];
        if (is_free(entry)) {
            unused = entry;
            continue;
        }
        if (belongs(entry, peer, tag))
            return entry;
        if (!oldest || entry->used_us < oldest->used_us)
            oldest = entry;
        if (span_eq_cstr(peer, entry->peer)) {
            own++;
            if (!own_oldest || entry->used_us < own_oldest->used_us)
                own_oldest = entry;
        }
    }
    if (own >= PAGES_MOST_PER_PEER)
        return own_oldest;
    return unused ? unused : oldest;
}

static char *copy_text(struct span s) {
    char *copy = mem_alloc(s.len + 1);
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

static void make_token(char out[2 * TOKEN_BYTES + 1]) {
    unsigned char bytes[TOKEN_BYTES];
    rand_secure_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < TOKEN_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void query_pages_put(struct query_pages *pages, struct span peer, struct span tag, const struct query_snapshot *snapshot,
                     size_t offset, char out_pointer[PAGES_POINTER_BYTES]) {
    size_t count = snapshot->count < PAGES_MOST_KEYS ? snapshot->count : PAGES_MOST_KEYS;
    pthread_mutex_lock(&pages->lock);
    expire(pages);
    struct page_entry *entry = choose_slot(pages, peer, tag);
    clear_entry(entry);
    make_token(entry->token);
    entry->peer = copy_text(peer);
    entry->tag = copy_text(tag);
    entry->keys = mem_alloc(count * sizeof *entry->keys);
    if (count)
        memcpy(entry->keys, snapshot->keys, count * sizeof *entry->keys);
    if (snapshot->visits) {
        entry->visits = mem_alloc(count * sizeof *entry->visits);
        memcpy(entry->visits, snapshot->visits, count * sizeof *entry->visits);
    }
    entry->count = count;
    entry->total = snapshot->total;
    entry->query = snapshot->query;
    entry->used_us = clock_now_us();
    snprintf(out_pointer, PAGES_POINTER_BYTES, "%s-%zu", entry->token, offset);
    pthread_mutex_unlock(&pages->lock);
}

static bool split_pointer(struct span pointer, struct span *out_token, size_t *out_offset) {
    uint64_t offset;
    struct span rest = pointer;
    if (!span_cut(&rest, '-', out_token) || !span_to_u64(rest, &offset) || offset > PAGES_MOST_KEYS)
        return false;
    *out_offset = (size_t)offset;
    return out_token->len == 2 * TOKEN_BYTES;
}

bool query_pages_get(struct query_pages *pages, struct span peer, struct span tag, struct span pointer, struct arena *arena,
                     struct query_snapshot *out, size_t *out_offset) {
    struct span token;
    bool found = false;
    if (!split_pointer(pointer, &token, out_offset))
        return false;
    pthread_mutex_lock(&pages->lock);
    expire(pages);
    for (size_t i = 0; i < PAGES_MOST && !found; i++) {
        struct page_entry *entry = &pages->entries[i];
        found = span_eq_cstr(token, entry->token) && belongs(entry, peer, tag) && entry->query == out->query &&
                *out_offset <= entry->count;
        if (found) {
            entry->used_us = clock_now_us();
            out->keys = arena_dup(arena, entry->keys, entry->count * sizeof *entry->keys);
            out->visits = entry->visits ? arena_dup(arena, entry->visits, entry->count * sizeof *entry->visits) : NULL;
            out->count = entry->count;
            out->total = entry->total;
        }
    }
    pthread_mutex_unlock(&pages->lock);
    return found;
}

void query_pages_pointer(struct span pointer, size_t offset, char out_pointer[PAGES_POINTER_BYTES]) {
    struct span rest = pointer, token = SPAN_ABSENT;
    (void)span_cut(&rest, '-', &token);
    snprintf(out_pointer, PAGES_POINTER_BYTES, "%.*s-%zu", SPAN_ARG(token), offset);
}

void query_pages_drop(struct query_pages *pages, struct span peer, struct span tag) {
    pthread_mutex_lock(&pages->lock);
    for (size_t i = 0; i < PAGES_MOST; i++) {
        if (belongs(&pages->entries[i], peer, tag))
            clear_entry(&pages->entries[i]);
    }
    pthread_mutex_unlock(&pages->lock);
}
