/*
 * One name value with all that comparing it needs, worked out once: a form points to names in its arena, an index row to names in
 * the dictionary, and both are compared by the same code with the same result.
 */
#ifndef MATCHER_NAME_H
#define MATCHER_NAME_H

#include "base/arena.h"
#include "base/span.h"

enum {
    NAME_MOST = 60,  /* letters and blanks of a name; what follows is cut (a comparison works on 64-bit masks) */
    NAME_TOKENS = 5, /* tokens kept apart; further ones count in the tight form only */
};

struct name {
    const char *text;  /* NORM_KEY "LE GOFF", then NORM_TIGHT "LEGOFF" when there is a blank; no NUL */
    uint64_t head;     /* first eight letters of the tight form, the first one highest */
    uint64_t hash;     /* of the tight form: equal names have equal hashes */
    uint32_t letters;  /* which of A-Z occur, bit 0 for A */
    uint32_t sound;    /* hash of the FONEM code of the tight form */
    uint32_t skeleton; /* hash of its consonants, neutral to script */
    uint32_t soundex;  /* the four letters of Soundex2 */
    uint8_t key_len, tight_len, token_count;
    uint8_t particles;            /* bit i: token i is a particle (LE, DE, EL, BEN...) */
    uint32_t tokens[NAME_TOKENS]; /* hashes */
};

/* key: A-Z and single blanks, 1 to NAME_MOST of them. The name borrows `text`, which holds key and, when the key has a blank, the
 * tight form after it: name_text_size bytes that name_write_text fills. */
size_t name_text_size(struct span key);
void name_write_text(struct span key, char *out);
void name_derive(struct name *name, const char *text, size_t key_len);

/* All of it in the arena; key may be longer than NAME_MOST and is cut. NULL for an empty key. */
const struct name *name_make(struct span key, struct arena *arena);
/* An address, a mail box: nobody writes it by its sound. It sounds like itself alone. */
const struct name *name_make_silent(struct span key, struct arena *arena);

uint64_t name_hash(struct span tight);
static inline struct span name_key(const struct name *name) { /* absent for NULL */
    return name ? span_make(name->text, name->key_len) : SPAN_ABSENT;
}
static inline struct span name_tight(const struct name *name) {
    return name ? span_make(name->text + (name->key_len == name->tight_len ? 0 : name->key_len), name->tight_len) : SPAN_ABSENT;
}
bool name_keys_equal(const struct name *a, const struct name *b);
static inline bool name_equal(const struct name *a, const struct name *b) { /* same key; two NULLs are equal */
    return a == b || name_keys_equal(a, b);
}
bool name_is_key(struct span key); /* A-Z, single blanks, none at the ends, 1 to NAME_MOST */

#endif
