/*
 * Levels by field; see compare.h. Every part is symmetric and reads the two forms only, so a pair has one score for ever (DESIGN.md
 * rule 12).
 */
#include "matcher/compare.h"
#include "matcher/contact.h"
#include "matcher/distance.h"
#include "matcher/nir.h"
#include "matcher/place.h"

#include <stddef.h>
#include <string.h>

enum {
    CLOSE_GIVEN_LENGTH = 4, /* below, one letter is another given name */
    TWIN_EDITS_MOST = 2,    /* so close are forms of one name that twins bear */
    SLIPS_BEHIND_FIRST = 2, /* letters of what follows the first part of a compound */
};

/* -- family names ------------------------------------------------------------------------------------------------------------- */

/* Stand for the name that a form has not, so that a question about several names takes no jump for each: they are no name's equal,
 * nor each other's. */
static const struct name nobody_a = {.hash = 0, .sound = 2}, nobody_b = {.hash = 1, .sound = 4}; /* sounds are odd, or 0 */

/* Both are read as numbers, as a compiler would make a jump of the choice. */
static const struct name *either(const struct name *name, const struct name *nobody) {
    uintptr_t missing = -(uintptr_t)(name == NULL);
    return (const struct name *)((uintptr_t)name | ((uintptr_t)nobody & missing));
}

static const struct name *name_of_a(const struct match_form *a, enum form_name which) {
    return either(a->names[which], &nobody_a);
}

static const struct name *name_of_b(const struct match_form *b, enum form_name which) {
    return either(b->names[which], &nobody_b);
}

/* Birth name of one against used name of the other: married women whose birth name a system does not know. */
static bool is_used_name(const struct match_form *a, const struct match_form *b, struct findings *found) {
    const struct name *used_a = name_of_a(a, FORM_USED), *used_b = name_of_b(b, FORM_USED);
    bool one = name_of_a(a, FORM_FAMILY)->hash == used_b->hash, other = used_a->hash == name_of_b(b, FORM_FAMILY)->hash;
    if (!(one | other))
        return false;
    bool takes_b = one && !(other && used_a->hash < used_b->hash); /* of two the same one in either order */
    found->shared_family = found->other_family = takes_b ? used_b : used_a;
    return true;
}

static bool used_names_alike(const struct match_form *a, const struct match_form *b) {
    const struct name *used_a = a->names[FORM_USED], *used_b = b->names[FORM_USED];
    return names_alike(a->names[FORM_FAMILY], used_b) || names_alike(used_a, b->names[FORM_FAMILY]) || names_alike(used_a, used_b);
}

static enum name_level compare_family(const struct match_form *a, const struct match_form *b, struct findings *found) {
    const struct name *birth_a = a->names[FORM_FAMILY], *birth_b = b->names[FORM_FAMILY];
    found->shared_family = birth_a;
    found->other_family = birth_b;
    enum name_level level = compare_names(birth_a, birth_b);
    /* Used names are asked only as long as their levels are stronger. */
    if (level == NAME_EXACT || level == NAME_SOUND)
        return level;
    if (is_used_name(a, b, found))
        return NAME_USED_EXACT;
    if (level == NAME_CLOSE || level == NAME_PART)
        return level;
    /* "The used names differ" says nothing when a birth name is missing. */
    return used_names_alike(a, b) ? NAME_USED_CLOSE : level;
}

static bool matches_loosely(const struct name *a, const struct name *b) {
    return a->hash == b->hash || a->sound == b->sound;
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
    return names_alike(a, b) && (name_equal(a, b) || !is_usual(model, a) || !is_usual(model, b));
}

/* One of the two is written alike, the other may have a slip. */
static bool crosses(const struct match_model *model, const struct match_form *a, const struct match_form *b) {
    const struct name *const *x = a->names, *const *y = b->names;
    return (matches_loosely(x[FORM_FAMILY], y[FORM_GIVEN]) && is_slip(model, x[FORM_GIVEN], y[FORM_FAMILY])) ||
           (matches_loosely(x[FORM_GIVEN], y[FORM_FAMILY]) && is_slip(model, x[FORM_FAMILY], y[FORM_GIVEN]));
}

/* Each written as it was, where the model asks for it. */
static void note_exchange(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                          struct findings *found) {
    const struct name *family = a->names[FORM_FAMILY], *given = a->names[FORM_GIVEN];
    if (model->exchange_cb == 0 || !names_same(family, b->names[FORM_GIVEN]) || !names_same(given, b->names[FORM_FAMILY]))
        return;
    found->exchanged_family = family;
    found->exchanged_given = given;
}

static bool compare_swapped(const struct match_model *model, const struct match_form *a, const struct match_form *b) {
    const struct name *const *x = a->names, *const *y = b->names;
    if (!x[FORM_FAMILY] || !x[FORM_GIVEN] || !y[FORM_FAMILY] || !y[FORM_GIVEN])
        return false;
    const struct name *used_x = name_of_a(a, FORM_USED), *used_y = name_of_b(b, FORM_USED);
    bool given_y_is_used = matches_loosely(used_x, y[FORM_GIVEN]), given_x_is_used = matches_loosely(used_y, x[FORM_GIVEN]);
    bool crossed_used = (given_y_is_used && (given_x_is_used || matches_loosely(x[FORM_GIVEN], y[FORM_FAMILY]))) ||
                        (given_x_is_used && matches_loosely(y[FORM_GIVEN], x[FORM_FAMILY]));
    return crosses(model, a, b) || crossed_used || same_tokens(a, b);
}

/* -- given names -------------------------------------------------------------------------------------------------------------- */

/* Of names of so many tokens: fewer and more. */
static bool begins(const struct name *part, const struct name *whole) {
    for (size_t i = 0; i < part->token_count; i++)
        if (part->tokens[i] != whole->tokens[i])
            return false;
    return part->tight_len > 1;
}

static bool is_initial(const struct name *initial, const struct name *name) {
    return initial->tight_len == 1 && name_tight(initial).ptr[0] == name_tight(name).ptr[0];
}

static bool shares_other(const struct match_form *a, const struct match_form *b) {
    uint64_t x = a->names[FORM_GIVEN]->hash, y = b->names[FORM_GIVEN]->hash;
    uint64_t used_x = name_of_a(a, FORM_USED_GIVEN)->hash, used_y = name_of_b(b, FORM_USED_GIVEN)->hash;
    uint64_t second_x = name_of_a(a, FORM_GIVEN_2)->hash, second_y = name_of_b(b, FORM_GIVEN_2)->hash;
    uint64_t third_x = name_of_a(a, FORM_GIVEN_3)->hash, third_y = name_of_b(b, FORM_GIVEN_3)->hash;
    bool x_further = (x == second_y) | (x == third_y), y_further = (y == second_x) | (y == third_x);
    return x_further | y_further | (x == used_y) | (y == used_x) | (used_x == used_y);
}

/* PIERRE of JEAN-PIERRE, which is one name here and two there. An initial is no word. */
static bool is_part_of_other(const struct name *a, const struct name *b) {
    return (a->token_count | b->token_count) > 1 && a->tight_len > 1 && b->tight_len > 1 && names_part(a, b);
}

/* J-PIERRE is JEAN-PIERRE: word by word the same or its initial, and one of them the same. */
static bool is_shortened(const struct name *a, const struct name *b) {
    struct span x = name_key(a), y = name_key(b), word_x, word_y;
    bool same = false;
    if (a->token_count < 2 || a->token_count != b->token_count)
        return false;
    while (span_cut(&x, ' ', &word_x) && span_cut(&y, ' ', &word_y)) {
        if (word_x.ptr[0] != word_y.ptr[0] || (word_x.len > 1 && word_y.len > 1 && !span_eq(word_x, word_y)))
            return false;
        same = same || (word_x.len > 1 && word_y.len > 1);
    }
    return same;
}

/* Two lists of given names, of three at most, neither of which holds the other: ROMAIN DOMINIQUE and DOMINIQUE ALAIN are two
 * people's, whatever name they share. A list of three may be the beginning of a longer one, where one name may stand further down.
 */
static bool lists_differ(const struct match_form *a, const struct match_form *b) {
    size_t sizes[2] = {0, 0}, alone[2] = {0, 0};
    for (size_t side = 0; side < 2; side++) {
        const struct name *const *x = side == 0 ? a->names : b->names, *const *y = side == 0 ? b->names : a->names;
        for (size_t i = FORM_GIVEN; i <= FORM_GIVEN_3 && x[i]; i++) {
            bool found =
                names_alike(x[i], y[FORM_GIVEN]) || names_alike(x[i], y[FORM_GIVEN_2]) || names_alike(x[i], y[FORM_GIVEN_3]);
            alone[side] += !found;
            sizes[side]++;
        }
    }
    size_t most = sizes[0] == 3 && sizes[1] == 3 ? 1 : 0;
    return sizes[0] > 1 && sizes[1] > 1 && alone[0] > most && alone[1] > most;
}

/* What the model knows of the second of two parts. */
static const struct given_entry *second_part(const struct match_model *model, const struct name *name, struct span *out) {
    struct span first;
    *out = name_key(name);
    span_cut(out, ' ', &first);
    return model_given(model, &(struct name){.hash = name_hash(*out)});
}

/* ANNE-MARIE and ANNE-PIERRE begin alike; what follows are two usual names, and neither is a form or a misspelling of the other. */
static bool are_two_compounds(const struct match_model *model, const struct name *a, const struct name *b) {
    struct span x, y;
    bool weak;
    if (a->token_count != 2 || b->token_count != 2 || a->tokens[0] != b->tokens[0])
        return false;
    const struct given_entry *p = second_part(model, a, &x), *q = second_part(model, b, &y);
    return p && q && p->usual && q->usual && !model_are_variants(p, q, &weak) && distance_osa(x, y, 1) > 1;
}

/* MARIE CHARLYE and MARIE CAPUCINE: what they have in common is MARIE. A slip, or a part, of what follows is none of these. */
static bool differ_behind_first(const struct name *a, const struct name *b) {
    struct span x = name_key(a), y = name_key(b), first;
    if (a->token_count < 2 || b->token_count < 2 || a->tokens[0] != b->tokens[0])
        return false;
    span_cut(&x, ' ', &first);
    span_cut(&y, ' ', &first);
    return !span_starts(x, y) && !span_starts(y, x) && distance_osa(x, y, SLIPS_BEHIND_FIRST) > SLIPS_BEHIND_FIRST;
}

/* Spelling, once equality, sound and tables have failed. */
static enum given_level compare_spelling(const struct name *a, const struct name *b, bool both_usual) {
    if (is_initial(a, b) || is_initial(b, a))
        return GIVEN_INITIAL;
    if (names_close(a, b, CLOSE_GIVEN_LENGTH))
        return both_usual ? GIVEN_CLOSE_USUAL : GIVEN_CLOSE;
    if (both_usual)
        return GIVEN_DIFFERENT_USUAL;
    return names_near(a, b) && !differ_behind_first(a, b) ? GIVEN_NEAR : GIVEN_DIFFERENT;
}

static enum given_level compare_given(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                                      struct findings *found) {
    const struct name *x = a->names[FORM_GIVEN], *y = b->names[FORM_GIVEN];
    if (!x || !y)
        return GIVEN_MISSING;
    if (names_same(x, y)) {
        found->given_b = found->given_a;
        return GIVEN_EXACT;
    }
    found->given_b = model_given(model, y);
    if (x->token_count != y->token_count && (x->token_count < y->token_count ? begins(x, y) : begins(y, x)))
        return GIVEN_COMPOUND;
    if (x->sound == y->sound || (x->skeleton == y->skeleton && names_spelled_alike(x, y)))
        return GIVEN_SOUND;
    bool weak = false, variants = model_are_variants(found->given_a, found->given_b, &weak);
    if (variants && !weak)
        return GIVEN_VARIANT;
    if (is_shortened(x, y))
        return GIVEN_COMPOUND;
    if ((shares_other(a, b) || is_part_of_other(x, y)) && !lists_differ(a, b))
        return GIVEN_OTHER;
    if (variants)
        return GIVEN_NEAR;
    bool usual = found->given_a && found->given_b && found->given_a->usual && found->given_b->usual;
    return compare_spelling(x, y, usual || are_two_compounds(model, x, y));
}

/* -- facts -------------------------------------------------------------------------------------------------------------------- */

/* Of two places that are known and not one. */
static enum birth_place_level compare_places_apart(const struct match_form *a, const struct match_form *b) {
    uint32_t x = a->facts.place, y = b->facts.place;
    unsigned year_a = date_year(a->facts.birth), year_b = date_year(b->facts.birth);
    switch (place_compare(x, y, year_a == 0 || (year_b != 0 && year_b < year_a) ? year_b : year_a)) {
    case PLACE_SUCCESSOR:
        return BIRTH_PLACE_SUCCESSOR;
    case PLACE_AREA:
        return place_is_known(x) != place_is_known(y) ? BIRTH_PLACE_POSTCODE : BIRTH_PLACE_AREA;
    default:
        return BIRTH_PLACE_DIFFERENT;
    }
}

static enum birth_place_level compare_birth_place(const struct match_form *a, const struct match_form *b) {
    uint32_t x = a->facts.place, y = b->facts.place;
    if (x == 0 || y == 0)
        return BIRTH_PLACE_MISSING;
    if (x == y)
        return place_is_abroad(x) ? BIRTH_PLACE_SAME_ABROAD : BIRTH_PLACE_SAME;
    return compare_places_apart(a, b);
}

static bool one_figure_apart(uint64_t a, uint64_t b) {
    char x[13], y[13];
    nir_unpack(a, x);
    nir_unpack(b, y);
    size_t differ = 0, first = 0;
    for (size_t i = 13; i-- > 0;) {
        if (x[i] == y[i])
            continue;
        differ++;
        first = i;
    }
    return differ == 1 || (differ == 2 && first < 12 && x[first] == y[first + 1] && x[first + 1] == y[first]);
}

static enum ins_level compare_two_ins(uint64_t x, uint64_t y) {
    bool both_valid = (x & y & NIR_VALID) != 0;
    if (nir_same(x, y)) {
        if ((x | y) & NIR_OTHER_HOLDER)
            return INS_SAME_OTHER_HOLDER;
        return both_valid ? INS_SAME : INS_CLOSE;
    }
    if ((x & y & NIR_COHERENT) != 0)
        return ((x ^ y) & NIR_NIA) == 0 ? INS_DIFFERENT : INS_UNSURE;
    return !both_valid && one_figure_apart(x, y) ? INS_CLOSE : INS_UNSURE;
}

static enum ins_level compare_ins(const struct match_form *a, const struct match_form *b) {
    return a->facts.ins == 0 || b->facts.ins == 0 ? INS_MISSING : compare_two_ins(a->facts.ins, b->facts.ins);
}

_Static_assert(SHARES_ADDRESS == CONTACT_NUMBERED, "an address says itself whether it is of a house");

/* What is shared is asked for in one step: which it will be cannot be foreseen, and each wrong guess costs as much as all of it. */
typedef uint32_t four_contacts __attribute__((vector_size(16)));

static unsigned find_shared(const struct form_facts *x, const struct form_facts *y) {
    static const four_contacts bits = {SHARES_ADDRESS, SHARES_MOBILE, SHARES_FIXED, SHARES_MAIL};
    _Static_assert(offsetof(struct form_facts, mail) - offsetof(struct form_facts, address) == 12, "the contacts lie side by side");
    four_contacts a, b;
    uint64_t halves[2];
    memcpy(&a, &x->address, sizeof a);
    memcpy(&b, &y->address, sizeof b);
    four_contacts shared = (four_contacts)(a == b) & (four_contacts)(a != 0) & bits;
    memcpy(halves, &shared, sizeof halves);
    uint64_t either_half = halves[0] | halves[1];
    unsigned all = (unsigned)(either_half | either_half >> 32), quarter = all & SHARES_ADDRESS & ~x->address;
    return all + quarter * (SHARES_QUARTER - SHARES_ADDRESS);
}

enum area { AREA_MISSING, AREA_SAME, AREA_OTHER, AREAS };

static enum area compare_areas(uint32_t a, uint32_t b) {
    bool known = (a != 0) & (b != 0);
    return (enum area)((unsigned)known << (a != b));
}

static enum household_level compare_household(const struct match_form *a, const struct match_form *b, bool parents_ins,
                                              struct findings *found) {
    static const uint8_t levels[2][2][AREAS] = {
        {{HOUSEHOLD_MISSING, HOUSEHOLD_AREA, HOUSEHOLD_MOVED}, {HOUSEHOLD_ADDRESS, HOUSEHOLD_ADDRESS, HOUSEHOLD_ADDRESS}},
        {{HOUSEHOLD_CONTACT, HOUSEHOLD_SAME, HOUSEHOLD_CONTACT}, {HOUSEHOLD_SAME, HOUSEHOLD_SAME, HOUSEHOLD_SAME}},
    };
    const unsigned contacts = SHARES_MOBILE | SHARES_MAIL | SHARES_PARENT,
                   addresses = SHARES_ADDRESS | SHARES_FIXED | SHARES_QUARTER;
    enum name_level mother = compare_names(a->names[FORM_MOTHER], b->names[FORM_MOTHER]);
    bool same_mother = mother >= NAME_EXACT && mother <= NAME_PART;
    unsigned shared = find_shared(&a->facts, &b->facts) | (same_mother || parents_ins ? SHARES_PARENT : 0);
    found->shared = (uint8_t)shared;
    if (mother == NAME_DIFFERENT && !shared)
        return HOUSEHOLD_OTHER_MOTHER;
    bool contact = (shared & contacts) != 0, address = (shared & addresses) != 0;
    return (enum household_level)levels[contact][address][compare_areas(form_area(a), form_area(b))];
}

/* Given names of a pair that agree: the sex then follows from them. */
static bool given_agrees(unsigned given) {
    return given >= GIVEN_EXACT && given <= GIVEN_CLOSE;
}

enum { SEXES = 4 }; /* as two bits tell them */

static enum sex_level compare_sex(const struct match_form *a, const struct match_form *b, unsigned given) {
    static const uint8_t levels[SEXES][SEXES][2] = {
        [1] = {[1] = {SEX_SAME, SEX_SAME_WITH_GIVEN}, [2] = {SEX_DIFFERENT, SEX_DIFFERENT_WITH_GIVEN}},
        [2] = {[1] = {SEX_DIFFERENT, SEX_DIFFERENT_WITH_GIVEN}, [2] = {SEX_SAME, SEX_SAME_WITH_GIVEN}},
    };
    return (enum sex_level)levels[form_sex(a)][form_sex(b)][given_agrees(given)];
}

/* A parent's number, written on a child of the same sex born in the same month, contradicts the child in the year alone. */
static bool is_parents_number(const struct match_form *a, const struct match_form *b, unsigned ins, unsigned given) {
    const unsigned two_people = LEVEL(GIVEN_DIFFERENT) | LEVEL(GIVEN_DIFFERENT_USUAL) | LEVEL(GIVEN_CLOSE_USUAL);
    return level_among(ins, LEVEL(INS_SAME) | LEVEL(INS_CLOSE)) && level_among(given, two_people) &&
           date_years_apart(a->facts.birth, b->facts.birth) >= GENERATION_YEARS;
}

/* Two names alike in sound, as twins bear them: both usual, and HUGO and UGO by their first letter, KYLIAN and KILLIAN by two
 * letters. MATHIS and MATHYS are one name in two spellings. */
static bool sound_as_two(const struct name *x, const struct name *y) {
    return x->head >> 56 != y->head >> 56 || distance_osa(name_tight(x), name_tight(y), 1) > 1;
}

/* Given names that agree in sound or by the table of variants, and are two names all the same: both usual, and ANNE and ANNA by few
 * letters. PIERRE and PEDRO are one name in two languages, KHADIJA and KADIDJA in one. */
static bool are_two_names(unsigned given, const struct name *x, const struct name *y, const struct findings *found) {
    const struct given_entry *p = found->given_a, *q = found->given_b;
    if (!level_among(given, LEVEL(GIVEN_SOUND) | LEVEL(GIVEN_VARIANT)) || !p || !q || !p->usual || !q->usual)
        return false;
    if (given == GIVEN_SOUND)
        return sound_as_two(x, y);
    bool common = p->cb < COMMON_GIVEN_CB && q->cb < COMMON_GIVEN_CB;
    return (common || !names_romanised_alike(x, y)) &&
           distance_osa(name_tight(x), name_tight(y), TWIN_EDITS_MOST) <= TWIN_EDITS_MOST;
}

/* Of exchanged names: HUGO SAHIN and SAHIN UGO. */
static bool cross_as_two(const struct match_model *model, const struct name *x, const struct name *y) {
    return !names_same(x, y) && is_usual(model, x) && is_usual(model, y) && sound_as_two(x, y);
}

static bool lists_share(const struct match_form *a, const struct match_form *b) {
    for (size_t i = FORM_GIVEN_2; i <= FORM_GIVEN_3; i++)
        for (size_t j = FORM_GIVEN_2; j <= FORM_GIVEN_3; j++)
            if (names_alike(a->names[i], b->names[j]))
                return true;
    return false;
}

static void compare_further(const struct match_form *a, const struct match_form *b, const uint8_t *level, struct findings *found) {
    const unsigned alike = LEVEL(NAME_EXACT) | LEVEL(NAME_SOUND) | LEVEL(NAME_CLOSE) | LEVEL(NAME_PART);
    const struct name *used = a->names[FORM_USED];
    found->same_used = level_among(level[MATCH_NAME], alike) && names_same(used, b->names[FORM_USED]) &&
                       !names_same(used, a->names[FORM_FAMILY]) && !names_same(used, b->names[FORM_FAMILY]);
    if (a->names[FORM_GIVEN_2] && b->names[FORM_GIVEN_2])
        found->further = lists_share(a, b) ? 1 : -1;
}

static bool may_be_of_abroad(uint32_t place) {
    return place == 0 || place_is_abroad(place);
}

/* The first of January or last of December on both sides, and no birth place in France beside it: what is written of people from
 * abroad of whom the year alone is known. */
static bool are_guesses(const struct form_facts *a, const struct form_facts *b) {
    return date_ends_year(a->birth) && date_ends_year(b->birth) && may_be_of_abroad(a->place) && may_be_of_abroad(b->place);
}

/* Facts come first: names may still be on their way from memory. */
void compare_fields(const struct match_model *model, const struct compared *side, const struct match_form *b, bool household,
                    uint8_t *restrict level, struct findings *restrict found) {
    const struct match_form *a = side->form;
    bool guessed = household && are_guesses(&a->facts, &b->facts); /* in a file the share of such days tells: batch_mark_guesses */
    level[MATCH_BIRTH_DATE] = (uint8_t)date_compare(a->facts.birth | (guessed ? DATE_WEAK : 0), b->facts.birth);
    level[MATCH_BIRTH_PLACE] = (uint8_t)compare_birth_place(a, b);
    level[MATCH_INS] = (uint8_t)compare_ins(a, b);
    *found = (struct findings){.given_a = side->given};
    found->abroad = guessed || place_is_abroad(a->facts.place) || place_is_abroad(b->facts.place);
    level[MATCH_GIVEN] = (uint8_t)compare_given(model, a, b, found);
    level[MATCH_NAME] = (uint8_t)compare_family(a, b, found);
    found->two_names = are_two_names(level[MATCH_GIVEN], a->names[FORM_GIVEN], b->names[FORM_GIVEN], found);
    bool names_fail = level[MATCH_NAME] >= NAME_PART && level[MATCH_GIVEN] >= GIVEN_COMPOUND;
    if (names_fail && compare_swapped(model, a, b)) {
        level[MATCH_NAME] = NAME_SWAPPED;
        level[MATCH_GIVEN] = GIVEN_WITH_NAME;
        note_exchange(model, a, b, found);
        found->two_names = cross_as_two(model, a->names[FORM_FAMILY], b->names[FORM_GIVEN]) ||
                           cross_as_two(model, a->names[FORM_GIVEN], b->names[FORM_FAMILY]);
    }
    level[MATCH_SEX] = (uint8_t)compare_sex(a, b, level[MATCH_GIVEN]);
    if (is_parents_number(a, b, level[MATCH_INS], level[MATCH_GIVEN]))
        level[MATCH_INS] = INS_SAME_OTHER_HOLDER;
    level[MATCH_HOUSEHOLD] = HOUSEHOLD_MISSING;
    if (!household)
        return;
    level[MATCH_HOUSEHOLD] = (uint8_t)compare_household(a, b, level[MATCH_INS] == INS_SAME_OTHER_HOLDER, found);
    if (level[MATCH_GIVEN] == GIVEN_EXACT) /* brothers and sisters share a used name */
        compare_further(a, b, level, found);
}
