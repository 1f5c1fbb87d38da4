/* The keys of a row of a batch, and their names; see batch.h. */
#include "matcher/batch.h"

/* Of a text; a shorter one has few, and others share them. */
enum { GRAM_LETTERS = 4, GRAM_LETTERS_LEAST = 8, TEXT_GRAMS = 5 };

/* Both names by sound, and the family name with the first word of the given one: MARYSE, MARYSE SOPHIE. */
static size_t sound_keys(const struct match_form *form, uint32_t out[2]) {
    const struct name *family = form->names[FORM_FAMILY], *given = form->names[FORM_GIVEN];
    if (!family || !given)
        return 0;
    out[0] = batch_key(KIND_SOUNDS, batch_mixed(family->soundex, given->soundex));
    out[1] = batch_key(KIND_SOUNDS, batch_mixed(family->soundex, given->tokens[0]));
    return 2;
}

static uint32_t undated_bit(uint32_t key) {
    return key * UINT32_C(0x9e3779b1) >> (32 - UNDATED_BITS);
}

void batch_list_undated(struct match_batch *batch) {
    for (uint32_t row = 0; row < batch->count; row++) {
        uint32_t keys[2];
        struct match_form form;
        if (batch->rows[row].birth != 0)
            continue;
        batch_form(batch, row, &form);
        for (size_t i = sound_keys(&form, keys); i-- > 0;) {
            if (!batch->undated)
                batch->undated = mem_alloc(sizeof *batch->undated << UNDATED_BITS >> 6);
            batch->undated[undated_bit(keys[i]) >> 6] |= UINT64_C(1) << (undated_bit(keys[i]) & 63);
        }
    }
}

/* Who has a birth date shares these with those who have none: others have better keys in common. */
static size_t undated_keys(const struct match_batch *batch, const struct match_form *form, uint32_t *out) {
    uint32_t keys[2];
    size_t count = 0;
    if (!batch->undated)
        return 0;
    for (size_t i = sound_keys(form, keys); i-- > 0;)
        if (batch->undated[undated_bit(keys[i]) >> 6] >> (undated_bit(keys[i]) & 63) & 1)
            out[count++] = keys[i];
    return count;
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

/* The least hash of all `letters` letters that follow on each other: texts that share most of them often share it, wherever the
 * slips are (Broder 1997). */
static uint32_t least_gram_of(const struct name *name, size_t letters, uint32_t seed) {
    uint32_t least = UINT32_MAX, gram = 0, whole = letters < sizeof gram ? (UINT32_C(1) << 8 * letters) - 1 : UINT32_MAX;
    for (size_t i = 0; name && i < name->key_len; i++) {
        gram = (gram << 8 | (unsigned char)name->text[i]) & whole;
        if (i + 1 < letters)
            continue;
        uint32_t hash = ((gram + 1) ^ seed) * UINT32_C(0x9e3779b1);
        hash = (hash ^ hash >> 15) * UINT32_C(0x85ebca77);
        least = hash < least ? hash : least;
    }
    return least;
}

static uint32_t least_gram(const struct match_form *form, uint32_t seed) {
    uint32_t family = least_gram_of(form->names[FORM_FAMILY], 2, seed), given = least_gram_of(form->names[FORM_GIVEN], 2, seed);
    return family < given ? family : given;
}

/* A further column by itself. Where names and dates do not tell people, a text has its least hashes, too: a title with a slip is no
 * other title. */
static size_t extra_keys(const struct match_batch *batch, uint32_t row, uint32_t *out) {
    bool people = batch_knows_namesakes(batch);
    size_t count = 0;
    for (size_t i = 0; i < batch->extra_count; i++) {
        uint32_t value = batch_extra(batch, row, i);
        if (value == 0)
            continue;
        out[count++] = batch_key(KIND_EXTRA + (unsigned)i, batch_mixed(value, i));
        const struct name *text = dictionary_name(&batch->extras[i].values, value);
        if (people || batch->extras[i].trait != MATCH_TRAIT_TEXT || text->key_len < GRAM_LETTERS_LEAST)
            continue;
        for (uint32_t seed = 1; seed <= TEXT_GRAMS; seed++)
            out[count++] = batch_key(KIND_EXTRA + (unsigned)i, batch_mixed(least_gram_of(text, GRAM_LETTERS, seed), seed << 8 | i));
    }
    return count;
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
    count += extra_keys(batch, row, out + count);
    count += weak_keys(&form, out + count);
    count += (kinds & of_grams) != 0 ? gram_keys(&form, out + count) : 0;
    return count + undated_keys(batch, &form, out + count);
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
        [KIND_SOUNDS - KIND_SOUNDS] = "both names by sound, one without a birth date",
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
