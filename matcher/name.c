/* Names; see name.h. */
#include "matcher/name.h"

#include "matcher/phonetic.h"

#include <string.h>

#define SEED_NAME UINT64_C(0x6e616d65)
#define SEED_TOKEN UINT64_C(0x746f6b65)
#define SEED_SOUND UINT64_C(0x736f756e)

bool name_is_key(struct span key) {
    if (key.len == 0 || key.len > NAME_MOST || key.ptr[0] == ' ' || key.ptr[key.len - 1] == ' ')
        return false;
    for (size_t i = 0; i < key.len; i++) {
        char c = key.ptr[i];
        if ((c < 'A' || c > 'Z') && (c != ' ' || key.ptr[i - 1] == ' '))
            return false;
    }
    return true;
}

static size_t count_blanks(struct span key) {
    size_t blanks = 0;
    for (size_t i = 0; i < key.len; i++)
        blanks += key.ptr[i] == ' ';
    return blanks;
}

size_t name_text_size(struct span key) {
    size_t blanks = count_blanks(key);
    return blanks == 0 ? key.len : 2 * key.len - blanks;
}

void name_write_text(struct span key, char *out) {
    memcpy(out, key.ptr, key.len);
    if (count_blanks(key) == 0)
        return;
    size_t to = key.len;
    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] != ' ')
            out[to++] = key.ptr[i];
}

static bool is_particle(struct span token) {
    static const char *const particles[] = {
        "A",   "ABD",   "ABDEL", "ABDOUL", "ABOU", "AIT", "AL",  "BEN", "BENT", "BIN",   "BINT",   "BOU", "D",   "DA",  "DE",
        "DEL", "DELLA", "DEN",   "DER",    "DES",  "DI",  "DIT", "DO",  "DOS",  "DU",    "EL",     "EN",  "ET",  "IBN", "L",
        "LA",  "LE",    "LES",   "MAC",    "MC",   "N",   "O",   "OU",  "SAN",  "SAINT", "SAINTE", "UL",  "VAN", "VON", "Y"};
    for (size_t i = 0; i < sizeof particles / sizeof particles[0]; i++)
        if (particles[i][0] == token.ptr[0] && span_eq_cstr(token, particles[i]))
            return true;
    return false;
}

static void derive_tokens(struct name *name) {
    struct span rest = name_key(name), token;
    while (span_cut(&rest, ' ', &token) && name->token_count < NAME_TOKENS) {
        if (is_particle(token))
            name->particles |= (uint8_t)(1u << name->token_count);
        name->tokens[name->token_count++] = (uint32_t)span_hash(token, SEED_TOKEN);
    }
    if (name->particles == (1u << name->token_count) - 1) /* a name of particles only has none */
        name->particles = 0;
}

/* The Arabic article at the start is no part of the skeleton. */
static struct span without_article(const struct name *name) {
    struct span tight = name_tight(name), key = name_key(name);
    bool article =
        key.len > 4 && key.ptr[2] == ' ' && key.ptr[1] == 'L' && (key.ptr[0] == 'E' || key.ptr[0] == 'A' || key.ptr[0] == 'U');
    return article ? span_sub(tight, 2, tight.len) : tight;
}

static uint32_t code_hash(const char *code, size_t len) {
    return len == 0 ? 0 : (uint32_t)span_hash(span_make(code, len), SEED_SOUND) | 1;
}

uint64_t name_hash(struct span tight) {
    return span_hash(tight, SEED_NAME);
}

static void derive_letters(struct name *name, const char *text, size_t key_len) {
    size_t blanks = count_blanks(span_make(text, key_len));
    *name = (struct name){.text = text, .key_len = (uint8_t)key_len, .tight_len = (uint8_t)(key_len - blanks)};
    struct span tight = name_tight(name);
    name->hash = name_hash(tight);
    for (size_t i = 0; i < 8; i++)
        name->head = name->head << 8 | (i < tight.len ? (uint8_t)tight.ptr[i] : 0);
    for (size_t i = 0; i < tight.len; i++)
        name->letters |= 1u << (tight.ptr[i] - 'A');
    derive_tokens(name);
}

static void pronounce(struct name *name) {
    char code[PHONETIC_MOST];
    struct span tight = name_tight(name);
    name->sound = code_hash(code, phonetic_fonem(tight, code));
    name->skeleton = code_hash(code, phonetic_skeleton(without_article(name), code));
    size_t len = phonetic_soundex2(tight, code);
    for (size_t i = 0; i < 4; i++)
        name->soundex = name->soundex << 8 | (i < len ? (uint8_t)code[i] : 0);
}

void name_derive(struct name *name, const char *text, size_t key_len) {
    derive_letters(name, text, key_len);
    pronounce(name);
}

static struct name *make(struct span key, struct arena *arena) {
    key = span_trim(span_sub(key, 0, NAME_MOST));
    if (key.len == 0)
        return NULL;
    char *text = arena_alloc(arena, name_text_size(key));
    name_write_text(key, text);
    struct name *name = ARENA_NEW(arena, struct name);
    derive_letters(name, text, key.len);
    return name;
}

const struct name *name_make(struct span key, struct arena *arena) {
    struct name *name = make(key, arena);
    if (name)
        pronounce(name);
    return name;
}

const struct name *name_make_silent(struct span key, struct arena *arena) {
    struct name *name = make(key, arena);
    if (name)
        name->sound = name->skeleton = (uint32_t)(name->hash >> 32);
    return name;
}

bool name_keys_equal(const struct name *a, const struct name *b) {
    return a && b && a->hash == b->hash && span_eq(name_key(a), name_key(b));
}
