/* What texts stand for; see memo.h. */
#include "matcher/memo.h"

#include "base/arena.h"

#include <string.h>

enum { PLACES = 1 << 14, TEXT_MOST = 54 };

struct place {
    uint32_t ids[2];
    uint8_t kind, len; /* 0: free */
    char text[TEXT_MOST];
};
_Static_assert(sizeof(struct place) == 64, "a place is one cache line");

struct memo {
    struct place places[PLACES];
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
