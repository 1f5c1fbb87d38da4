/*
 * Traits -> form. A feed pays this for every message, so Latin names go through tables only; other scripts through ICU (fold.h).
 * The result is a fixed point: the names of a form, standardized again, give the same form.
 */
#include "matcher/contact.h"
#include "matcher/date.h"
#include "matcher/dictionary.h"
#include "matcher/form.h"
#include "matcher/memo.h"
#include "matcher/nir.h"
#include "matcher/phonetic.h"
#include "matcher/place.h"
#include "matcher/words.h"

#include <string.h>

/* What one record is standardized with. */
struct maker {
    const struct dictionary *known; /* names made before; NULL: none */
    struct memo *memo;              /* what texts stand for among these; NULL: none */
    struct arena *arena;
};

static const struct name *made(const struct maker *maker, struct span key) {
    return memo_name(maker->memo, MEMO_FAMILY, maker->known, key, false, maker->arena);
}

/* Two names that a text stands for; of a given name the second is missing. */
struct two_names {
    const struct name *first, *second;
};

static bool is_remembered(const struct maker *maker, enum memo_kind kind, struct span text, struct two_names *out) {
    const uint32_t *ids = memo_find(maker->memo, kind, text);
    if (ids)
        *out = (struct two_names){dictionary_name(maker->known, ids[0]), dictionary_name(maker->known, ids[1])};
    return ids != NULL;
}

/* Names that the dictionary has; new ones are the arena's, and go with it. */
static struct two_names remember(const struct maker *maker, enum memo_kind kind, struct span text, struct two_names names) {
    if (!maker->memo)
        return names;
    uint32_t first = dictionary_id(maker->known, names.first), second = dictionary_id(maker->known, names.second);
    if ((first != 0 || !names.first) && (second != 0 || !names.second))
        memo_keep(maker->memo, kind, text, first, second);
    return names;
}

/* What a given name says, in `room`; absent: no name. */
static struct span clean_given(struct arena *arena, struct span text, char room[WORDS_ROOM]) {
    return words_is_mark(text) ? SPAN_ABSENT : words_clean_given(room, fold_name(arena, text, room));
}

static const struct name *given_name(struct maker *maker, struct span text) {
    char room[WORDS_ROOM];
    struct two_names names = {NULL, NULL};
    if (text.len == 0 || is_remembered(maker, MEMO_GIVEN, text, &names))
        return names.first;
    names.first = made(maker, clean_given(maker->arena, text, room));
    return remember(maker, MEMO_GIVEN, text, names).first;
}

/* A birth name and the used name beside it ("DUPONT EPOUSE MARTIN"). */
static struct two_names family_names(struct maker *maker, struct span text) {
    char room[WORDS_ROOM];
    struct span birth, used;
    struct two_names names = {NULL, NULL};
    if (text.len == 0 || is_remembered(maker, MEMO_FAMILY, text, &names))
        return names;
    words_clean_family(room, fold_name(maker->arena, text, room), &birth, &used);
    names.first = made(maker, birth);
    names.second = made(maker, used);
    return remember(maker, MEMO_FAMILY, text, names);
}

/* Family and used name; a field that gives both fills both when the other is empty. */
static void put_family_names(struct match_form *form, struct maker *maker, const struct match_traits *traits) {
    struct two_names family = family_names(maker, traits->family), other = family_names(maker, traits->used_family);
    const struct name *given_used = other.second ? other.second : other.first;
    form->names[FORM_FAMILY] = family.first;
    form->names[FORM_USED] = given_used ? given_used : family.second;
    if (!form->names[FORM_FAMILY] && other.second && traits->family.len == 0)
        form->names[FORM_FAMILY] = other.first;
    form->names[FORM_MOTHER] = family_names(maker, traits->mother).first;
    if (form->names[FORM_USED] && form->names[FORM_FAMILY] && form->names[FORM_USED]->hash == form->names[FORM_FAMILY]->hash)
        form->names[FORM_USED] = NULL;
}

/* MARIE SANS, PAUL JUMEAU, GEORGES PATIENT. */
static const struct name *family_beside_given(struct maker *maker, struct span text) {
    char room[FOLD_MOST];
    return made(maker, words_family_beside_given(room, fold_text(maker->arena, text, room)));
}

static bool same_value(const struct name *a, const struct name *b) {
    return a && b && a->hash == b->hash;
}

/* The next given name of a list; blanks and commas part names, a hyphen holds a compound together. */
static bool next_given(struct span *rest, struct span *out) {
    while (rest->len > 0) {
        size_t end = 0;
        while (end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != ',' && rest->ptr[end] != ';')
            end++;
        *out = span_sub(*rest, 0, end);
        *rest = span_sub(*rest, end + 1, rest->len);
        if (out->len > 0)
            return true;
    }
    return false;
}

/* Is `piece` the part of `first` at *at (a list writes JEAN CHRISTOPHE for the first given name JEAN-CHRISTOPHE)? Moves *at on. */
static bool continues_first(const struct name *first, const struct name *piece, size_t *at) {
    struct span key = name_key(first), part = name_key(piece);
    struct span left = span_sub(key, *at, key.len);
    if (left.len == 0 || !span_starts(left, part) || (left.len > part.len && left.ptr[part.len] != ' '))
        return false;
    *at += part.len + (left.len > part.len);
    return true;
}

/* The first word of a list that is a placeholder as a whole (PREMIER of PREMIER JUMEAU, MARIE of MARIE BEBE A) is no name either.
 */
static bool begins_placeholder(struct arena *arena, struct span given, struct span list) {
    char room[WORDS_ROOM];
    return given.len > 0 && list.len > given.len && list.ptr[given.len] == ' ' && span_starts(list, given) &&
           clean_given(arena, list, room).len == 0;
}

static void put_given_names(struct match_form *form, struct maker *maker, const struct match_traits *traits) {
    const struct name **names = form->names, *piece;
    struct span rest = traits->given_list, text;
    size_t at = 0, slot = FORM_GIVEN_2;
    bool in_first = true, placeholder = begins_placeholder(maker->arena, traits->given, rest);
    names[FORM_GIVEN] = placeholder ? NULL : given_name(maker, traits->given);
    if (!names[FORM_GIVEN] && !given_name(maker, rest)) /* JUMEAU A: no name is A */
        rest = SPAN_ABSENT;
    while (slot <= FORM_GIVEN_3 && next_given(&rest, &text)) {
        piece = given_name(maker, text);
        if (!piece)
            continue;
        if (!names[FORM_GIVEN]) {
            names[FORM_GIVEN] = piece;
            in_first = false;
        }
        in_first = in_first && continues_first(names[FORM_GIVEN], piece, &at);
        if (!in_first && !same_value(piece, names[FORM_GIVEN]) && !same_value(piece, names[FORM_GIVEN_2]))
            names[slot++] = piece;
    }
    bool again = placeholder && span_eq(traits->used_given, traits->given);
    names[FORM_USED_GIVEN] = again ? NULL : given_name(maker, traits->used_given);
    if (!names[FORM_GIVEN]) /* what they are known by */
        names[FORM_GIVEN] = names[FORM_USED_GIVEN];
    if (same_value(names[FORM_USED_GIVEN], names[FORM_GIVEN]))
        names[FORM_USED_GIVEN] = NULL;
}

static void put_phones(struct form_facts *facts, struct span field) {
    struct span numbers[CONTACT_PHONES];
    size_t count = contact_split_phones(field, numbers);
    for (size_t i = 0; i < count; i++) {
        bool mobile = false;
        uint32_t phone = contact_phone(numbers[i], &mobile);
        uint32_t *slot = mobile ? &facts->mobile : &facts->fixed;
        if (*slot == 0)
            *slot = phone;
    }
}

static void put_contacts(struct form_facts *facts, struct arena *arena, const struct match_traits *traits) {
    uint32_t area = contact_area(arena, traits->postcode, traits->city);
    facts->misc |= area;
    facts->address = contact_address(arena, traits->street, traits->city, area);
    for (size_t i = 0; i < traits->phone_count && i < sizeof traits->phones / sizeof traits->phones[0]; i++)
        put_phones(facts, traits->phones[i]);
    for (size_t i = 0; i < traits->email_count && i < sizeof traits->emails / sizeof traits->emails[0] && facts->mail == 0; i++)
        facts->mail = contact_mail(traits->emails[i]);
}

static unsigned told_order(struct span given, struct arena *arena) {
    char room[FOLD_MOST];
    return words_birth_order(span_make(room, fold_text(arena, given, room)), false);
}

/* As told; else what a newborn without a given name is called by: BEBE 1, JUMEAU B. */
static unsigned birth_order(const struct match_form *form, struct arena *arena, const struct match_traits *traits) {
    char room[FOLD_MOST];
    if (traits->birth_order > 0)
        return traits->birth_order > 15 ? 15 : (unsigned)traits->birth_order;
    if (form->names[FORM_GIVEN])
        return 0;
    unsigned order = told_order(traits->given, arena);
    order = order ? order : told_order(traits->given_list, arena);
    return order ? order : words_birth_order(span_make(room, fold_text(arena, traits->family, room)), true);
}

static void put_birth(struct form_facts *facts, unsigned order, const struct match_traits *traits) {
    facts->place = place_pack(traits->birth_place);
    facts->birth = date_pack(traits->birth_date, traits->birth_date_interpreted, facts->place);
    facts->misc |= (traits->sex == 'M' ? 1u : traits->sex == 'F' ? 2u : 0u) << MISC_SEX_SHIFT;
    facts->misc |= order << MISC_ORDER_SHIFT;
    facts->misc |= traits->multiple_birth || order > 1 ? MISC_MULTIPLE : 0;
    facts->ins = nir_judge_holder(nir_pack(traits->ins, traits->ins_is_nia), traits);
}

static bool same_names(const struct match_traits *a, const struct match_traits *b) {
    return span_eq(a->family, b->family) && span_eq(a->given, b->given) && span_eq(a->given_list, b->given_list) &&
           span_eq(a->used_family, b->used_family) && span_eq(a->used_given, b->used_given) && span_eq(a->mother, b->mother);
}

static struct match_form *standardize(const struct match_traits *traits, const struct match_prepared *known, size_t count,
                                      struct maker *maker) {
    struct match_form *form = ARENA_NEW(maker->arena, struct match_form);
    size_t at = 0;
    while (at < count && !same_names(traits, &known[at].traits))
        at++;
    if (at < count) {
        memcpy(form->names, known[at].form->names, sizeof form->names);
    } else {
        put_family_names(form, maker, traits);
        put_given_names(form, maker, traits);
        if (!form->names[FORM_FAMILY] && form->names[FORM_GIVEN] && traits->family.len > 0)
            form->names[FORM_FAMILY] = family_beside_given(maker, traits->family);
    }
    put_birth(&form->facts, birth_order(form, maker->arena, traits), traits);
    put_contacts(&form->facts, maker->arena, traits);
    return form;
}

const struct match_form *match_standardize_like(const struct match_traits *traits, const struct match_prepared *known, size_t count,
                                                struct arena *arena) {
    struct maker maker = {.arena = arena};
    return standardize(traits, known, count, &maker);
}

const struct match_form *match_standardize(const struct match_traits *traits, struct arena *arena) {
    return match_standardize_like(traits, NULL, 0, arena);
}

const struct match_form *form_standardize(const struct match_traits *traits, const struct dictionary *known, struct memo *memo,
                                          struct arena *arena) {
    struct maker maker = {.known = known, .memo = memo, .arena = arena};
    return standardize(traits, NULL, 0, &maker);
}

struct span match_norm_key(struct span name, struct arena *arena) {
    char room[FOLD_MOST];
    return span_copy(span_make(room, fold_name(arena, name, room)), arena);
}

struct span match_norm_tight(struct span name, struct arena *arena) {
    struct span key = match_norm_key(name, arena);
    char *tight = arena_alloc(arena, key.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] != ' ')
            tight[len++] = key.ptr[i];
    return span_make(tight, len);
}

struct span match_phonetic(struct span name, struct arena *arena) {
    char code[PHONETIC_MOST];
    return span_copy(span_make(code, phonetic_fonem(match_norm_tight(name, arena), code)), arena);
}
