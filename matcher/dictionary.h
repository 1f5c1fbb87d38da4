/*
 * The names that index rows point to, each once, by number from 1; and for each the rows that bear it. Names stay until the index
 * goes: they are few beside the rows, and rows come back.
 */
#ifndef MATCHER_DICTIONARY_H
#define MATCHER_DICTIONARY_H

#include "matcher/name.h"
#include "matcher/posting.h"

/* The lists of rows a name has. */
enum name_role { ROLE_FAMILY, ROLE_GIVEN, ROLE_MOTHER, ROLE_COUNT };

enum { NAME_BLOCK_SHIFT = 12, NAME_BLOCK = 1 << NAME_BLOCK_SHIFT };

struct dictionary {
    struct name **blocks; /* NAME_BLOCK names each; a name never moves */
    size_t block_count;
    uint32_t count;    /* names are 1..count */
    uint32_t capacity; /* of the arrays below */
    uint64_t *heads;   /* first eight letters of the tight form, first letter highest: scanned by prefix searches */
    uint32_t *sounds;  /* FONEM hashes: scanned by phonetic searches */
    uint32_t *next;    /* the next name with the same tight form */
    uint32_t (*rows)[ROLE_COUNT];
    uint32_t *slots; /* by hash of the tight form: its first name */
    uint32_t slot_mask;
    struct arena *text;
};

void dictionary_init(struct dictionary *dictionary);
void dictionary_release(struct dictionary *dictionary);
uint32_t dictionary_add(struct dictionary *dictionary, const struct name *name);          /* finds or makes; 0 for NULL */
uint32_t dictionary_id(const struct dictionary *dictionary, const struct name *name);     /* 0: NULL, or not there */
void dictionary_ask(const struct dictionary *dictionary, const struct name *name);        /* soon: its place is fetched */
uint32_t dictionary_find_tight(const struct dictionary *dictionary, uint64_t tight_hash); /* first of them, then next[] */
/* The name of that key, borrowed, or NULL. Safe for several readers while nobody adds. */
const struct name *dictionary_find(const struct dictionary *dictionary, struct span key);
size_t dictionary_bytes(const struct dictionary *dictionary);

static inline const struct name *dictionary_name(const struct dictionary *dictionary, uint32_t id) {
    return id == 0 ? NULL : &dictionary->blocks[id >> NAME_BLOCK_SHIFT][id & (NAME_BLOCK - 1)];
}

#endif
