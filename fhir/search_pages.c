/* Searches kept for their further pages; see search_pages.h. */
#include "fhir/search_pages.h"

#include "base/clock.h"
#include "base/rand.h"

#include <pthread.h>
#include <string.h>

enum { SEARCHES_MOST = 1024, NAME_BYTES = 16, NAME_TEXT = 2 * NAME_BYTES };

struct kept {
    char name[NAME_TEXT + 1];
    uint64_t deadline_ns;
    struct page_run run; /* keys and domains are our own copies */
};

struct search_pages {
    pthread_mutex_t lock;
    size_t keys_limit;
    uint32_t lifetime_ms;
    size_t keys; /* in all searches kept */
    size_t first, count;
    struct kept ring[SEARCHES_MOST];
};

struct search_pages *search_pages_new(size_t keys_limit, uint32_t lifetime_s) {
    struct search_pages *pages = mem_alloc(sizeof *pages);
    pthread_mutex_init(&pages->lock, NULL);
    pages->keys_limit = keys_limit;
    pages->lifetime_ms = lifetime_s < UINT32_MAX / 1000 ? lifetime_s * 1000 : UINT32_MAX;
    return pages;
}

static struct kept *at(struct search_pages *pages, size_t index) {
    return &pages->ring[(pages->first + index) % SEARCHES_MOST];
}

static void *copy_of(const void *items, size_t size_bytes) {
    void *copy = mem_alloc(size_bytes);
    return size_bytes ? memcpy(copy, items, size_bytes) : copy;
}

static void drop_oldest(struct search_pages *pages) {
    struct kept *oldest = at(pages, 0);
    pages->keys -= oldest->run.kept;
    mem_free((void *)(uintptr_t)oldest->run.keys);
    mem_free((void *)(uintptr_t)oldest->run.only.domains);
    *oldest = (struct kept){.deadline_ns = 0};
    pages->first = (pages->first + 1) % SEARCHES_MOST;
    pages->count--;
}

static void drop_expired(struct search_pages *pages) {
    while (pages->count && clock_left_ms(at(pages, 0)->deadline_ns) == 0)
        drop_oldest(pages);
}

void search_pages_free(struct search_pages *pages) {
    if (!pages)
        return;
    while (pages->count)
        drop_oldest(pages);
    pthread_mutex_destroy(&pages->lock);
    mem_free(pages);
}

static void make_name(char out_name[NAME_TEXT + 1]) {
    static const char hex[] = "0123456789abcdef";
    unsigned char bytes[NAME_BYTES];
    rand_secure_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < NAME_BYTES; i++) {
        out_name[2 * i] = hex[bytes[i] >> 4];
        out_name[2 * i + 1] = hex[bytes[i] & 15];
    }
    out_name[NAME_TEXT] = '\0';
}

bool search_pages_keep(struct search_pages *pages, const struct page_run *run, char out_name[33]) {
    if (run->kept > pages->keys_limit)
        return false;
    struct kept made = {.run = *run};
    make_name(made.name);
    made.run.keys = copy_of(run->keys, run->kept * sizeof *run->keys);
    made.run.only.domains = copy_of(run->only.domains, run->only.domain_count * sizeof *run->only.domains);
    memcpy(out_name, made.name, sizeof made.name);
    pthread_mutex_lock(&pages->lock);
    made.deadline_ns = clock_deadline(pages->lifetime_ms);
    drop_expired(pages);
    while (pages->count == SEARCHES_MOST || pages->keys + run->kept > pages->keys_limit)
        drop_oldest(pages);
    *at(pages, pages->count) = made;
    pages->count++;
    pages->keys += run->kept;
    pthread_mutex_unlock(&pages->lock);
    return true;
}

void search_pages_token(const char *name, size_t from, char out_token[PAGE_TOKEN_BYTES]) {
    snprintf(out_token, PAGE_TOKEN_BYTES, "%.32s.%zu", name, from);
}

static bool token_read(struct span token, struct span *out_name, size_t *out_from) {
    uint64_t from;
    struct span rest = token;
    if (token.len >= PAGE_TOKEN_BYTES || !span_cut(&rest, '.', out_name) || out_name->len != NAME_TEXT || !span_to_u64(rest, &from))
        return false;
    *out_from = (size_t)from;
    return true;
}

static const struct kept *find(struct search_pages *pages, struct span name) {
    drop_expired(pages);
    for (size_t i = 0; i < pages->count; i++) {
        if (span_eq(name, span_make(at(pages, i)->name, NAME_TEXT)))
            return at(pages, i);
    }
    return NULL;
}

static void copy_page(const struct kept *kept, size_t from, struct arena *arena, struct page_run *out) {
    const struct page_run *run = &kept->run;
    size_t left = run->kept - from;
    *out = *run;
    out->from = from;
    out->count = left < run->size ? left : run->size;
    out->keys = arena_dup(arena, run->keys + from, out->count * sizeof *run->keys);
    out->only.domains = arena_dup(arena, run->only.domains, run->only.domain_count * sizeof *run->only.domains);
}

enum page_state search_pages_take(struct search_pages *pages, struct span token, struct arena *arena, struct page_run *out,
                                  char out_name[33]) {
    struct span name;
    size_t from;
    if (!token_read(token, &name, &from))
        return PAGE_MALFORMED;
    pthread_mutex_lock(&pages->lock);
    const struct kept *kept = find(pages, name);
    enum page_state state = !kept ? PAGE_GONE : from < kept->run.kept ? PAGE_FOUND : PAGE_MALFORMED;
    if (state == PAGE_FOUND) {
        copy_page(kept, from, arena, out);
        memcpy(out_name, kept->name, sizeof kept->name);
    }
    pthread_mutex_unlock(&pages->lock);
    return state;
}
