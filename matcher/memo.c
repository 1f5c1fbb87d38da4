/* What texts stand for; see memo.h. */
#include "matcher/memo.h"

#include <string.h>

enum { PLACES = 1 << 14, TEXT_MOST = 54, NAMES = 1 << 10 };

struct place {
    uint32_t ids[2];
    uint8_t kind, len; /* 0: free */
    char text[TEXT_MOST];
};
_Static_assert(sizeof(struct place) == 64, "a place is one cache line");

/* A name that the dictionary does not have yet: those of one household come together. */
struct fresh {
    const struct name *name;
    unsigned kind;
};

struct memo {
    struct place places[PLACES];
    struct fresh names[NAMES];
};

struct memo *memo_new(void) {
    return mem_alloc_lines(sizeof(struct memo));
}

static bool can_be_kept(const struct memo *memo, struct span text) {
    return memo && text.len > 0 && text.len <= TEXT_MOST;
}

static size_t place_of(unsigned kind, struct span text) {
    return span_hash(text, kind) >> 20 & (PLACES - 1);
}

const uint32_t *memo_find(const struct memo *memo, unsigned kind, struct span text) {
    if (!can_be_kept(memo, text))
        return NULL;
    const struct place *place = &memo->places[place_of(kind, text)];
    return place->kind == kind && span_eq(span_make(place->text, place->len), text) ? place->ids : NULL;
}

void memo_keep(struct memo *memo, unsigned kind, struct span text, uint32_t id, uint32_t other) {
    if (!can_be_kept(memo, text))
        return;
    struct place *place = &memo->places[place_of(kind, text)];
    *place = (struct place){{id, other}, (uint8_t)kind, (uint8_t)text.len, {0}};
    memcpy(place->text, text.ptr, text.len);
}

static const struct name *make(struct span key, bool is_silent, struct arena *arena) {
    return is_silent ? name_make_silent(key, arena) : name_make(key, arena);
}

const struct name *memo_name(struct memo *memo, unsigned kind, const struct dictionary *known, struct span key, bool is_silent,
                             struct arena *arena) {
    key = span_trim(span_sub(key, 0, NAME_MOST));
    if (key.len == 0)
        return NULL;
    const struct name *name = known ? dictionary_find(known, key) : NULL;
    if (name || !memo)
        return name ? name : make(key, is_silent, arena);
    struct fresh *fresh = &memo->names[span_hash(key, kind) >> 20 & (NAMES - 1)];
    if (!fresh->name || fresh->kind != kind || !span_eq(name_key(fresh->name), key))
        *fresh = (struct fresh){make(key, is_silent, arena), kind};
    return fresh->name;
}

void memo_forget_names(struct memo *memo) {
    memset(memo->names, 0, sizeof memo->names);
}
