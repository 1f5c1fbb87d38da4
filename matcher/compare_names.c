/* Levels of family and given names; see compare.h. */
#include "matcher/compare.h"
#include "matcher/distance.h"

#include <string.h>

enum {
    JW_CLOSE = 9200,
    JW_NEAR = 8500,
    CLOSE_LENGTH = 5,       /* below, one letter is another name: LEA and LEO */
    CLOSE_GIVEN_LENGTH = 4, /* which given names */
    NEAR_LENGTH = 8,
    HEAD_LETTERS = 8,
    TRUNCATED_LENGTH = 18, /* old systems cut at 20, 25 and 27 characters */
};

/* All significant tokens of `part` stand in `whole`, at least one of them. */
static bool tokens_within(const struct name *part, const struct name *whole) {
    size_t significant = 0;
    for (size_t i = 0; i < part->token_count; i++) {
        if (part->particles >> i & 1)
            continue;
        size_t j = 0;
        while (j < whole->token_count && whole->tokens[j] != part->tokens[i])
            j++;
        if (j == whole->token_count)
            return false;
        significant++;
    }
    return significant > 0;
}

static bool is_part(const struct name *a, const struct name *b) {
    if (a->token_count < 2 && b->token_count < 2)
        return false;
    return tokens_within(a, b) || tokens_within(b, a);
}

/* The lengths and the head first: they are known without reading the names. */
static bool is_truncated(const struct name *a, const struct name *b) {
    if (a->tight_len < TRUNCATED_LENGTH || b->tight_len < TRUNCATED_LENGTH || a->head != b->head || a->tight_len == b->tight_len)
        return false;
    struct span x = name_tight(a), y = name_tight(b);
    return x.len < y.len ? span_starts(y, x) : span_starts(x, y);
}

/* How many letters each of two names has that the other has not. */
struct alone {
    unsigned a, b;
};

/* No instruction for it is taken for granted. */
static struct alone count_alone(const struct name *a, const struct name *b) {
    uint64_t bits = (uint64_t)(b->letters & ~a->letters) << 32 | (a->letters & ~b->letters);
    bits -= (bits >> 1) & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + ((bits >> 2) & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    bits += bits >> 8;
    bits += bits >> 16;
    return (struct alone){bits & 63, bits >> 32 & 63};
}

/* Too far apart for a likeness, known without reading the names: letters that one name alone has find no partner, so at most m
 * letters do, Jaro is at most (m/|a| + m/|b| + 1) / 3, and a common beginning of p letters makes J + 0.1 p (1 - J) of it. The
 * limits are of m/|a| + m/|b|, in 64ths, by p. */
static bool out_of_reach(const struct name *a, const struct name *b, struct alone alone, const uint8_t limits[5]) {
    const uint64_t fifth = UINT64_C(1) << 31; /* p is at most 4 */
    unsigned prefix = (unsigned)__builtin_clzll((a->head ^ b->head) | fifth) / 8;
    unsigned most_a = a->tight_len - alone.a, most_b = b->tight_len - alone.b, most = most_a < most_b ? most_a : most_b;
    return most * 64 * (a->tight_len + b->tight_len) < limits[prefix] * (unsigned)a->tight_len * b->tight_len;
}

static unsigned longer_of(const struct name *a, const struct name *b) {
    return a->tight_len > b->tight_len ? a->tight_len : b->tight_len;
}

/* One letter changed, one more or less, or two neighbours exchanged, in names of HEAD_LETTERS at most, which are not the same: read
 * from their heads, where no letter is 0. */
static bool one_edit_in_heads(uint64_t a, uint64_t b) {
    unsigned common = (unsigned)__builtin_clzll(a ^ b) / 8 * 8;
    uint64_t x = a << common, y = b << common; /* from the first letter that differs */
    bool exchanged = x >> 56 == (y >> 48 & 255) && y >> 56 == (x >> 48 & 255) && x << 16 == y << 16;
    return x << 8 == y << 8 || x << 8 == y || x == y << 8 || exchanged;
}

static bool within_distance(const struct name *a, const struct name *b, unsigned most) {
    if (most == 1 && longer_of(a, b) <= HEAD_LETTERS)
        return one_edit_in_heads(a->head, b->head);
    return distance_osa(name_tight(a), name_tight(b), most) <= most;
}

/* In names of so many letters. Each edit takes away and brings one letter at most. */
static bool within_edits(const struct name *a, const struct name *b, struct alone alone, unsigned most, unsigned length) {
    return alone.a <= most && alone.b <= most && longer_of(a, b) >= length && within_distance(a, b, most);
}

/* One edit in a name of so many letters, or much alike. The edit is looked for first: it costs less and is met more often. */
static bool is_close(const struct name *a, const struct name *b, struct alone alone, unsigned edit_length) {
    static const uint8_t limits[] = {112, 110, 108, 106, 102};
    if (within_edits(a, b, alone, 1, edit_length) || is_truncated(a, b))
        return true;
    return !out_of_reach(a, b, alone, limits) && distance_jaro_winkler(name_tight(a), name_tight(b)) >= JW_CLOSE;
}

static bool is_near(const struct name *a, const struct name *b, struct alone alone) {
    static const uint8_t limits[] = {99, 96, 92, 86, 80};
    return a->skeleton == b->skeleton ||
           (!out_of_reach(a, b, alone, limits) && distance_jaro_winkler(name_tight(a), name_tight(b)) >= JW_NEAR);
}

enum name_level compare_names(const struct name *a, const struct name *b) {
    if (!a || !b)
        return NAME_MISSING;
    if (a->hash == b->hash)
        return NAME_EXACT;
    if (is_part(a, b))
        return NAME_PART;
    if (a->sound == b->sound)
        return distance_jaro_winkler(name_tight(a), name_tight(b)) >= JW_NEAR ? NAME_SOUND : NAME_CLOSE;
    struct alone alone = count_alone(a, b);
    if (is_close(a, b, alone, CLOSE_LENGTH))
        return NAME_CLOSE;
    return is_near(a, b, alone) || within_edits(a, b, alone, 2, NEAR_LENGTH) ? NAME_NEAR : NAME_DIFFERENT;
}

static bool same(const struct name *a, const struct name *b) {
    return a && b && a->hash == b->hash;
}

/* NAME_EXACT to NAME_PART: of names that sound the same every level is one of them. */
static bool alike(const struct name *a, const struct name *b) {
    return a && b &&
           (a->hash == b->hash || a->sound == b->sound || is_part(a, b) || is_close(a, b, count_alone(a, b), CLOSE_LENGTH));
}

/* Birth name of one against used name of the other: married women whose birth name a system does not know. */
static bool is_used_name(const struct match_form *a, const struct match_form *b, struct findings *found) {
    const struct name *birth_a = a->names[FORM_FAMILY], *birth_b = b->names[FORM_FAMILY];
    const struct name *used_a = a->names[FORM_USED], *used_b = b->names[FORM_USED];
    const struct name *shared = same(birth_a, used_b) ? used_b : same(used_a, birth_b) ? used_a : NULL;
    if (shared)
        found->shared_family = found->other_family = shared;
    return shared != NULL;
}

static bool used_names_alike(const struct match_form *a, const struct match_form *b) {
    const struct name *used_a = a->names[FORM_USED], *used_b = b->names[FORM_USED];
    return alike(a->names[FORM_FAMILY], used_b) || alike(used_a, b->names[FORM_FAMILY]) || alike(used_a, used_b);
}

enum name_level compare_family(const struct match_form *a, const struct match_form *b, struct findings *found) {
    const struct name *birth_a = a->names[FORM_FAMILY], *birth_b = b->names[FORM_FAMILY];
    bool any_used = a->names[FORM_USED] || b->names[FORM_USED];
    enum name_level level = compare_names(birth_a, birth_b);
    if (level != NAME_MISSING) {
        found->shared_family = birth_a;
        found->other_family = birth_b;
    }
    /* Used names are asked only as long as their levels are stronger. */
    if (level == NAME_EXACT || level == NAME_SOUND || !any_used)
        return level;
    if ((!birth_a && !a->names[FORM_USED]) || (!birth_b && !b->names[FORM_USED]))
        return NAME_MISSING;
    if (is_used_name(a, b, found))
        return NAME_USED_EXACT;
    if (level == NAME_CLOSE || level == NAME_PART)
        return level;
    /* "The used names differ" says nothing when a birth name is missing. */
    return used_names_alike(a, b) ? NAME_USED_CLOSE : level;
}

static bool matches_loosely(const struct name *a, const struct name *b) {
    return a && b && (a->hash == b->hash || a->sound == b->sound);
}

static size_t gather_tokens(const struct match_form *form, uint32_t out[2 * NAME_TOKENS]) {
    size_t count = 0;
    const struct name *names[2] = {form->names[FORM_FAMILY], form->names[FORM_GIVEN]};
    for (size_t n = 0; n < 2; n++)
        for (size_t i = 0; names[n] && i < names[n]->token_count; i++)
            out[count++] = names[n]->tokens[i];
    return count;
}

/* The same words, shared out otherwise between family and given name: Comorian names (identity-france.md 7.3). */
static bool same_tokens(const struct match_form *a, const struct match_form *b) {
    uint32_t of_a[2 * NAME_TOKENS], of_b[2 * NAME_TOKENS];
    const struct name *const *x = a->names, *const *y = b->names;
    if ((x[FORM_FAMILY]->letters | x[FORM_GIVEN]->letters) != (y[FORM_FAMILY]->letters | y[FORM_GIVEN]->letters))
        return false;
    size_t count = gather_tokens(a, of_a);
    if (count != gather_tokens(b, of_b))
        return false;
    unsigned used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t j = 0;
        while (j < count && (of_b[j] != of_a[i] || (used >> j & 1)))
            j++;
        if (j == count)
            return false;
        used |= 1u << j;
    }
    return true;
}

static bool is_usual(const struct match_model *model, const struct name *name) {
    const struct given_entry *entry = model_given(model, name);
    return entry && entry->usual;
}

/* KEVIN and KELVIN are two names, of twins: no slip. */
static bool is_slip(const struct match_model *model, const struct name *a, const struct name *b) {
    return alike(a, b) && (name_equal(a, b) || !is_usual(model, a) || !is_usual(model, b));
}

/* One of the two is written alike, the other may have a slip. */
static bool crosses(const struct match_model *model, const struct match_form *a, const struct match_form *b) {
    const struct name *const *x = a->names, *const *y = b->names;
    return (matches_loosely(x[FORM_FAMILY], y[FORM_GIVEN]) && is_slip(model, x[FORM_GIVEN], y[FORM_FAMILY])) ||
           (matches_loosely(x[FORM_GIVEN], y[FORM_FAMILY]) && is_slip(model, x[FORM_FAMILY], y[FORM_GIVEN]));
}

bool compare_swapped(const struct match_model *model, const struct match_form *a, const struct match_form *b) {
    const struct name *const *x = a->names, *const *y = b->names;
    if (!x[FORM_FAMILY] || !x[FORM_GIVEN] || !y[FORM_FAMILY] || !y[FORM_GIVEN])
        return false;
    bool crossed_used = (matches_loosely(x[FORM_USED], y[FORM_GIVEN]) && matches_loosely(x[FORM_GIVEN], y[FORM_USED])) ||
                        (matches_loosely(x[FORM_USED], y[FORM_GIVEN]) && matches_loosely(x[FORM_GIVEN], y[FORM_FAMILY])) ||
                        (matches_loosely(y[FORM_USED], x[FORM_GIVEN]) && matches_loosely(y[FORM_GIVEN], x[FORM_FAMILY]));
    return crosses(model, a, b) || crossed_used || same_tokens(a, b);
}

/* -- given names -------------------------------------------------------------------------------------------------------------- */

static bool begins(const struct name *part, const struct name *whole) {
    if (part->token_count >= whole->token_count)
        return false;
    for (size_t i = 0; i < part->token_count; i++)
        if (part->tokens[i] != whole->tokens[i])
            return false;
    return part->tight_len > 1;
}

static bool is_initial(const struct name *initial, const struct name *name) {
    return initial->tight_len == 1 && name_tight(initial).ptr[0] == name_tight(name).ptr[0];
}

static bool among_others(const struct name *first, const struct match_form *form) {
    return same(first, form->names[FORM_GIVEN_2]) || same(first, form->names[FORM_GIVEN_3]) ||
           same(first, form->names[FORM_USED_GIVEN]);
}

static bool shares_other(const struct match_form *a, const struct match_form *b) {
    return among_others(a->names[FORM_GIVEN], b) || among_others(b->names[FORM_GIVEN], a) ||
           same(a->names[FORM_USED_GIVEN], b->names[FORM_USED_GIVEN]);
}

/* Two lists of given names, of three at most, neither of which holds the other: ROMAIN DOMINIQUE and DOMINIQUE ALAIN are two
 * people's, whatever name they share. A list of three may be the beginning of a longer one, where one name may stand further down.
 */
static bool lists_differ(const struct match_form *a, const struct match_form *b) {
    size_t sizes[2] = {0, 0}, alone[2] = {0, 0};
    for (size_t side = 0; side < 2; side++) {
        const struct name *const *x = side == 0 ? a->names : b->names, *const *y = side == 0 ? b->names : a->names;
        for (size_t i = FORM_GIVEN; i <= FORM_GIVEN_3 && x[i]; i++) {
            bool found = alike(x[i], y[FORM_GIVEN]) || alike(x[i], y[FORM_GIVEN_2]) || alike(x[i], y[FORM_GIVEN_3]);
            alone[side] += !found;
            sizes[side]++;
        }
    }
    size_t most = sizes[0] == 3 && sizes[1] == 3 ? 1 : 0;
    return sizes[0] > 1 && sizes[1] > 1 && alone[0] > most && alone[1] > most;
}

/* Spelling, once equality, sound and tables have failed. */
static enum given_level compare_spelling(const struct name *a, const struct name *b, bool both_usual) {
    if (is_initial(a, b) || is_initial(b, a))
        return GIVEN_INITIAL;
    struct alone alone = count_alone(a, b);
    if (is_close(a, b, alone, CLOSE_GIVEN_LENGTH))
        return both_usual ? GIVEN_CLOSE_USUAL : GIVEN_CLOSE;
    if (both_usual)
        return GIVEN_DIFFERENT_USUAL;
    return is_near(a, b, alone) ? GIVEN_NEAR : GIVEN_DIFFERENT;
}

enum { NAME_LETTERS = 64 };

/* One letter for what French writes in several ways: hard C, Q and K; PH and F; Y and I; doubled letters. Coarser than a spelling
 * error, finer than a phonetic code: LUCAS is LUKAS, ANNE is not ANNA. */
static size_t fold_spelling(struct span name, char out[NAME_LETTERS]) {
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < NAME_LETTERS; i++) {
        char c = name.ptr[i], next = i + 1 < name.len ? name.ptr[i + 1] : 0;
        if (c == 'P' && next == 'H') {
            c = 'F';
            i++;
        }
        c = c == 'Y' ? 'I' : c == 'Q' || (c == 'C' && next != 'E' && next != 'I' && next != 'Y' && next != 'H') ? 'K' : c;
        if (len == 0 || out[len - 1] != c)
            out[len++] = c;
    }
    return len;
}

static bool spelled_alike(const struct name *a, const struct name *b) {
    char x[NAME_LETTERS], y[NAME_LETTERS];
    if (a->skeleton != b->skeleton)
        return false;
    size_t x_len = fold_spelling(name_tight(a), x), y_len = fold_spelling(name_tight(b), y);
    return x_len == y_len && memcmp(x, y, x_len) == 0;
}

enum given_level compare_given(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                               struct findings *found) {
    const struct name *x = a->names[FORM_GIVEN], *y = b->names[FORM_GIVEN];
    if (!x || !y)
        return GIVEN_MISSING;
    found->given_a = model_given(model, x);
    found->given_b = x->hash == y->hash ? found->given_a : model_given(model, y);
    if (x->hash == y->hash)
        return GIVEN_EXACT;
    if (begins(x, y) || begins(y, x))
        return GIVEN_COMPOUND;
    if (x->sound == y->sound || spelled_alike(x, y))
        return GIVEN_SOUND;
    bool weak = false, variants = model_are_variants(found->given_a, found->given_b, &weak);
    if (variants && !weak)
        return GIVEN_VARIANT;
    if (shares_other(a, b) && !lists_differ(a, b))
        return GIVEN_OTHER;
    if (variants)
        return GIVEN_NEAR;
    bool usual = found->given_a && found->given_b && found->given_a->usual && found->given_b->usual;
    return compare_spelling(x, y, usual);
}

static size_t list_tokens(const struct match_form *form, uint32_t out[3 * NAME_TOKENS]) {
    size_t count = 0;
    for (size_t n = FORM_GIVEN; n <= FORM_GIVEN_3; n++)
        for (size_t i = 0; form->names[n] && i < form->names[n]->token_count; i++)
            out[count++] = form->names[n]->tokens[i];
    return count;
}

static bool list_begins_with(const struct match_form *form, const struct name *first) {
    uint32_t tokens[3 * NAME_TOKENS];
    size_t count = list_tokens(form, tokens);
    if (first->token_count > count)
        return false;
    for (size_t i = 0; i < first->token_count; i++)
        if (first->tokens[i] != tokens[i])
            return false;
    return true;
}

bool compare_given_strictly(const struct match_form *a, const struct match_form *b) {
    const struct name *x = a->names[FORM_GIVEN], *y = b->names[FORM_GIVEN];
    return x && y && (name_equal(x, y) || list_begins_with(a, y) || list_begins_with(b, x));
}
