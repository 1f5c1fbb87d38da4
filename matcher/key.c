/* Blocking keys; see key.h. */
#include "matcher/key.h"

#include "matcher/date.h"
#include "matcher/nir.h"

struct keys {
    struct key *out;
    size_t count, most;
    bool any_order; /* of two whole names */
};

static uint64_t mix(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)(a ^ UINT64_C(0x9e3779b97f4a7c15)) * (b ^ UINT64_C(0xd1b54a32d192ed03));
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t value_of(uint64_t hash) {
    uint32_t value = (uint32_t)(hash >> 32);
    return value == 0 ? 1 : value;
}

static void add(struct keys *keys, enum key_kind kind, uint64_t a, uint64_t b) {
    struct key key = {kind, value_of(mix(mix(a, b), kind))};
    for (size_t i = 0; i < keys->count; i++)
        if (keys->out[i].kind == key.kind && keys->out[i].value == key.value)
            return;
    if (keys->count < keys->most)
        keys->out[keys->count++] = key;
}

/* Day and month in one order, so that an exchange of the two falls on the same key. 0 when the day is not known. */
static uint32_t either_order(uint32_t birth) {
    unsigned day = date_day(birth), month = date_month(birth);
    if (day == 0 || month == 0)
        return 0;
    return day <= 12 && day < month ? date_year(birth) << 9 | day << 5 | month : birth & ~DATE_WEAK;
}

static void add_name_keys(struct keys *keys, const struct name *family, const struct name *given, uint32_t birth) {
    bool in_order = !keys->any_order || family->hash < given->hash;
    add(keys, KEY_NAMES, in_order ? family->hash : given->hash, in_order ? given->hash : family->hash);
    if (date_year(birth) == 0)
        return;
    uint64_t low = family->soundex < given->soundex ? family->soundex : given->soundex;
    uint64_t high = family->soundex < given->soundex ? given->soundex : family->soundex;
    add(keys, KEY_NAMES_YEAR, low << 32 | high, date_year(birth));
    add(keys, KEY_BONES_YEAR, (uint64_t)family->skeleton << 32 | given->skeleton, date_year(birth));
}

static void add_family_keys(struct keys *keys, const struct name *family, uint32_t birth) {
    uint32_t date = either_order(birth);
    if (date != 0)
        add(keys, KEY_FAMILY_DATE, family->soundex, date);
    if (date_month(birth) != 0)
        add(keys, KEY_FAMILY_MONTH, family->soundex, date_year(birth) << 4 | date_month(birth));
    if (date_is_full(birth))
        add(keys, KEY_FAMILY_DAY, family->soundex, birth & 0x1ff);
}

static void add_contact_keys(struct keys *keys, const struct form_facts *facts, const struct name *given) {
    const uint32_t contacts[] = {facts->mobile, facts->fixed, facts->mail};
    unsigned initial = (unsigned char)name_tight(given).ptr[0];
    for (size_t i = 0; i < sizeof contacts / sizeof contacts[0]; i++)
        if (contacts[i] != 0)
            add(keys, KEY_CONTACT, contacts[i], initial);
    if (facts->address != 0)
        add(keys, KEY_ADDRESS, facts->address, initial);
}

/* Dates are looked for by year, month and day, so no day stands without its month. */
static uint32_t known_date(uint32_t birth) {
    return date_month(birth) == 0 ? date_from_number(date_year(birth) * 10000) : birth & ~DATE_WEAK;
}

uint32_t key_of_date(uint32_t birth) {
    return value_of(mix(mix(known_date(birth), 0), KEY_BIRTH_DATE));
}

static void add_all(struct keys *keys, const struct match_form *form) {
    const struct name *families[2] = {form->names[FORM_FAMILY], form->names[FORM_USED]};
    const struct name *givens[2] = {form->names[FORM_GIVEN], form->names[FORM_USED_GIVEN]};
    const struct form_facts *facts = &form->facts;
    uint32_t date = either_order(facts->birth);
    if (facts->ins != 0)
        add(keys, KEY_INS, facts->ins & NIR_NUMBER_MASK, 0);
    for (size_t i = 0; i < 2; i++) {
        if (families[i])
            add_family_keys(keys, families[i], facts->birth);
        if (givens[i] && date != 0)
            add(keys, KEY_GIVEN_DATE, givens[i]->soundex, date);
        for (size_t j = 0; j < 2; j++)
            if (families[i] && givens[j])
                add_name_keys(keys, families[i], givens[j], facts->birth);
    }
    if (givens[0])
        add_contact_keys(keys, facts, givens[0]);
    if (date != 0 && facts->place != 0)
        add(keys, KEY_DATE_PLACE, date, facts->place);
    if (date != 0 && form_area(form) != 0)
        add(keys, KEY_DATE_AREA, date, form_area(form));
    if (facts->birth != 0)
        add(keys, KEY_BIRTH_DATE, known_date(facts->birth), 0);
}

size_t keys_of(const struct match_form *form, struct key out[KEYS_MOST]) {
    struct keys keys = {out, 0, KEYS_MOST, false};
    add_all(&keys, form);
    return keys.count;
}

static uint32_t initial_of(const struct name *name) {
    return (uint32_t)(name->head >> 56);
}

/* A name is damaged beyond its sound, and the other name, or the year, besides. */
static void add_slip_keys(struct keys *keys, const struct name *family, const struct name *given, uint32_t birth) {
    uint32_t date = either_order(birth), first = initial_of(family), second = initial_of(given);
    if (date != 0)
        add(keys, KEY_DATE_INITIALS, date, first < second ? first << 8 | second : second << 8 | first);
    if (date_is_full(birth))
        add(keys, KEY_GIVEN_DAY, (uint64_t)given->soundex << 8 | first, birth & 0x1ff);
}

size_t keys_of_index(const struct match_form *form, struct key out[INDEX_KEYS_MOST]) {
    struct keys keys = {out, 0, INDEX_KEYS_MOST, true};
    const struct name *families[2] = {form->names[FORM_FAMILY], form->names[FORM_USED]}, *given = form->names[FORM_GIVEN];
    uint32_t date = either_order(form->facts.birth);
    add_all(&keys, form);
    for (size_t i = 0; i < 2; i++) {
        if (families[i] && date != 0)
            add(&keys, KEY_DATE_FAMILY, date, initial_of(families[i]) << 2 | form_sex(form));
        if (families[i] && given)
            add_slip_keys(&keys, families[i], given, form->facts.birth);
    }
    return keys.count;
}

bool key_is_covering(enum key_kind kind) {
    return kind == KEY_INS || kind == KEY_FAMILY_DATE || kind == KEY_GIVEN_DATE || kind == KEY_NAMES || kind == KEY_NAMES_YEAR;
}
