/*
 * What `next` links lead to: the keys of a search as they were when it was made, so that no patient is skipped or shown twice
 * however many are fed between two pages. A link names its search by 128 random bits, says nothing about it, and stops working
 * after the lifetime or when newer searches need the room.
 *
 * All searches live equally long, so the oldest is always the next to go: a ring, newest at the end. One mutex; no I/O under it.
 */
#ifndef FHIR_SEARCH_PAGES_H
#define FHIR_SEARCH_PAGES_H

#include "fhir/patient_json.h"

struct search_pages;

struct page_key {
    uint64_t person;
    double score;
};

/* A search kept, or a part of it from `from` on. */
struct page_run {
    const struct page_key *keys;
    size_t count; /* keys here */
    size_t from;  /* place of keys[0] in the search */
    size_t kept;  /* keys of the search that can be reached */
    size_t total; /* patients that the search found */
    size_t size;  /* patients on a page */
    bool ranked;  /* scores mean something */
    struct restriction only;
};

enum { PAGE_TOKEN_BYTES = 32 + 1 + 20 + 1 };

struct search_pages *search_pages_new(size_t keys_limit, uint32_t lifetime_s);
void search_pages_free(struct search_pages *pages);

/* Keeps a copy of the whole run (from = 0). False when it is larger than all the room there is. */
bool search_pages_keep(struct search_pages *pages, const struct page_run *run, char out_name[33]);
/* The token of the page that begins at `from`. */
void search_pages_token(const char *name, size_t from, char out_token[PAGE_TOKEN_BYTES]);

enum page_state { PAGE_FOUND, PAGE_GONE, PAGE_MALFORMED };
/* The page's keys, at most one page of them, copied into the arena; out_name is what search_pages_token takes for the next one. */
enum page_state search_pages_take(struct search_pages *pages, struct span token, struct arena *arena, struct page_run *out,
                                  char out_name[33]);

#endif
