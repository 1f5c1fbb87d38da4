/*
 * Blocking keys of a form (matching.md section 4): two records of one person share at least one, most often many. Keys of different
 * kinds live in different tables, so a key is 32 bits.
 */
#ifndef MATCHER_KEY_H
#define MATCHER_KEY_H

#include "matcher/form.h"

enum key_kind {
    KEY_INS,          /* K1  number */
    KEY_FAMILY_DATE,  /* K2  sound of birth or used name, birth date with day and month in either order */
    KEY_GIVEN_DATE,   /* K3  sound of first or used given name, birth date */
    KEY_NAMES,        /* K4, K8  birth or used name, given name: whole; of the index in either order */
    KEY_NAMES_YEAR,   /* K5, K6  sounds of the same in either order, year */
    KEY_FAMILY_MONTH, /* K7  sound of the family name, year and month: the day is damaged */
    KEY_FAMILY_DAY,   /* K7  ..., month and day: the year is damaged */
    KEY_CONTACT,      /* K9  telephone or mail, initial of the given name */
    KEY_ADDRESS,      /* K10 address, initial of the given name */
    KEY_DATE_PLACE,   /* K11 birth date, birth place */
    KEY_DATE_AREA,    /* K12 birth date, postcode */
    KEY_BONES_YEAR,   /* consonants of both names, year: other scripts */
    KEY_BIRTH_DATE,   /* for queries only: a birth date alone is too common to search candidates by */
    KEY_KINDS,
    /* Of the index besides, for two slips in one record; a batch has keys of its own for that (batch.h). */
    KEY_DATE_INITIALS = KEY_KINDS, /* birth date, initials of both names in either order */
    KEY_DATE_FAMILY,               /* birth date, initial of the family name, sex */
    KEY_GIVEN_DAY,                 /* sound of the given name, month and day, initial of the family name: the year is damaged */
    KEY_INDEX_KINDS
};

struct key {
    uint32_t kind, value; /* value is never 0 */
};

enum { KEYS_MOST = 40, INDEX_KEYS_MOST = KEYS_MOST + 8 };

/* The distinct keys of a form; returns their count. */
size_t keys_of(const struct match_form *form, struct key out[KEYS_MOST]);
size_t keys_of_index(const struct match_form *form, struct key out[INDEX_KEYS_MOST]); /* the same, and those of the index */
uint32_t key_of_date(uint32_t birth);                                                 /* KEY_BIRTH_DATE of a packed date */

/* Kinds that hold two of family name, given name and birth date: a pair that is certain shares at least one. */
bool key_is_covering(enum key_kind kind);

#endif
