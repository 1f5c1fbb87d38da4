/* The keys of a row of a batch, and their names; see batch.h. */
#include "matcher/batch.h"

static bool has_names_only(const struct match_form *form) {
    return form->facts.birth == 0 && form->names[FORM_FAMILY] && form->names[FORM_GIVEN];
}

static uint32_t initial_of(const struct name *name) {
    return name ? (uint32_t)(name->head >> 56) : 0;
}

/* First letters in either order, or one of them with the sex. */
static size_t initial_keys(const struct match_form *form, uint32_t *out) {
    uint32_t family = initial_of(form->names[FORM_FAMILY]), given = initial_of(form->names[FORM_GIVEN]);
    uint32_t birth = form->facts.birth & ~DATE_WEAK, sex = form_sex(form);
    size_t count = 0;
    if (!date_is_full(birth))
        return 0;
    if (family && given)
        out[count++] =
            batch_key(KIND_DATE_INITIALS, batch_mixed(birth, family < given ? family << 8 | given : given << 8 | family));
    if (family)
        out[count++] = batch_key(KIND_DATE_FAMILY, batch_mixed(birth, family << 8 | sex));
    if (given)
        out[count++] = batch_key(KIND_DATE_GIVEN, batch_mixed(birth, given << 8 | sex));
    return count;
}

/* For two slips in one record: a name by sound with the year or the day of birth. */
static size_t weak_keys(const struct match_form *form, uint32_t *out) {
    const struct name *family = form->names[FORM_FAMILY], *given = form->names[FORM_GIVEN];
    uint32_t birth = form->facts.birth, year = date_year(birth);
    size_t count = 0;
    if (family && year != 0)
        out[count++] = batch_key(KIND_FAMILY_YEAR, batch_mixed(family->soundex, year));
    if (given && year != 0)
        out[count++] = batch_key(KIND_GIVEN_YEAR, batch_mixed(given->soundex, year));
    if (given && date_is_full(birth))
        out[count++] = batch_key(KIND_GIVEN_DAY, batch_mixed(given->soundex, birth & 0x1ff));
    return count + initial_keys(form, out + count);
}

/* The least hash of all pairs of letters of both names: names that share most of their letters often share it, wherever the slips
 * are (Broder 1997). */
static uint32_t least_gram(const struct match_form *form, uint32_t seed) {
    static const enum form_name both[] = {FORM_FAMILY, FORM_GIVEN};
    uint32_t least = UINT32_MAX;
    for (size_t n = 0; n < sizeof both / sizeof both[0]; n++) {
        const struct name *name = form->names[both[n]];
        for (size_t i = 0; name && i + 1 < name->key_len; i++) {
            uint32_t gram = ((uint32_t)(unsigned char)name->text[i] << 8 | (unsigned char)name->text[i + 1]) + 1;
            uint32_t hash = (gram ^ seed) * UINT32_C(0x9e3779b1);
            hash = (hash ^ hash >> 15) * UINT32_C(0x85ebca77);
            least = hash < least ? hash : least;
        }
    }
    return least;
}

static size_t gram_keys(const struct match_form *form, uint32_t *out) {
    uint32_t birth = form->facts.birth, year = date_year(birth);
    size_t count = 0;
    if (!form->names[FORM_FAMILY] || !form->names[FORM_GIVEN])
        return 0;
    if (year != 0)
        out[count++] = batch_key(KIND_GRAMS_YEAR, batch_mixed(least_gram(form, 1), year));
    if (date_is_full(birth))
        out[count++] = batch_key(KIND_GRAMS_DAY, batch_mixed(least_gram(form, 2), birth & 0x1ff));
    return count;
}

/* A name with two parts of the date brings a thousand strangers for one match among a million rows; with an initial, a hundred. */
static uint32_t narrow(const struct match_form *form, const struct key *key) {
    const struct name *given = form->names[FORM_GIVEN];
    bool is_wide = key->kind == KEY_FAMILY_MONTH || key->kind == KEY_FAMILY_DAY;
    return is_wide && given ? batch_mixed(key->value, given->soundex >> 24) : key->value;
}

size_t batch_keys(const struct match_batch *batch, uint32_t row, uint32_t kinds, uint32_t out[KEYS_OF_A_ROW]) {
    const uint32_t of_index = (UINT32_C(1) << KEY_KINDS) - 1, of_grams = UINT32_C(1) << KIND_GRAMS_YEAR | UINT32_C(1)
                                                                                                              << KIND_GRAMS_DAY;
    struct match_form form;
    struct key keys[KEYS_MOST];
    size_t count = 0;
    batch_form(batch, row, &form);
    size_t found = (kinds & of_index) != 0 ? keys_of(&form, keys) : 0;
    for (size_t i = 0; i < found; i++)
        if (keys[i].kind != KEY_BIRTH_DATE)
            out[count++] = batch_key(keys[i].kind, narrow(&form, &keys[i]));
    for (size_t i = 0; i < batch->extra_count; i++)
        if (batch_extra(batch, row, i) != 0)
            out[count++] = batch_key(KIND_EXTRA + (unsigned)i, batch_mixed(batch_extra(batch, row, i), i));
    count += weak_keys(&form, out + count);
    count += (kinds & of_grams) != 0 ? gram_keys(&form, out + count) : 0;
    if (has_names_only(&form))
        out[count++] = batch_key(KIND_SOUNDS, batch_mixed(form.names[FORM_FAMILY]->soundex, form.names[FORM_GIVEN]->soundex));
    return count;
}

const char *batch_kind_name(const struct match_batch *batch, unsigned kind) {
    static const char *const names[KEY_KINDS] = {
        [KEY_INS] = "INS",
        [KEY_FAMILY_DATE] = "family name by sound, birth date",
        [KEY_GIVEN_DATE] = "given name by sound, birth date",
        [KEY_NAMES] = "both names",
        [KEY_NAMES_YEAR] = "both names by sound, birth year",
        [KEY_FAMILY_MONTH] = "family name by sound, year and month, initial",
        [KEY_FAMILY_DAY] = "family name by sound, month and day, initial",
        [KEY_CONTACT] = "telephone or mail, initial",
        [KEY_ADDRESS] = "address, initial",
        [KEY_DATE_PLACE] = "birth date, birth place",
        [KEY_DATE_AREA] = "birth date, postcode",
        [KEY_BONES_YEAR] = "consonants of both names, birth year",
        [KEY_BIRTH_DATE] = "every pair",
    };
    static const char *const own[BATCH_LABELS - KIND_SOUNDS] = {
        [KIND_SOUNDS - KIND_SOUNDS] = "both names by sound",
        [KIND_FAMILY_YEAR - KIND_SOUNDS] = "family name by sound, year",
        [KIND_GIVEN_YEAR - KIND_SOUNDS] = "given name by sound, year",
        [KIND_GIVEN_DAY - KIND_SOUNDS] = "given name by sound, month and day",
        [KIND_DATE_INITIALS - KIND_SOUNDS] = "birth date, both initials",
        [KIND_DATE_FAMILY - KIND_SOUNDS] = "birth date, sex, initial of the family name",
        [KIND_DATE_GIVEN - KIND_SOUNDS] = "birth date, sex, initial of the given name",
        [KIND_GRAMS_YEAR - KIND_SOUNDS] = "names by pairs of letters, year",
        [KIND_GRAMS_DAY - KIND_SOUNDS] = "names by pairs of letters, month and day",
        [LABEL_SPLIT - KIND_SOUNDS] = "a common key and one more trait",
        [LABEL_SPLIT_TWICE - KIND_SOUNDS] = "a common key and two more traits",
    };
    if (kind < KEY_KINDS)
        return names[kind];
    if (kind < KIND_EXTRA + batch->extra_count)
        return arena_printf(batch->arena, "%.*s", SPAN_ARG(batch_extra_field(batch, kind - KIND_EXTRA)->name));
    return kind >= KIND_SOUNDS ? own[kind - KIND_SOUNDS] : "";
}
