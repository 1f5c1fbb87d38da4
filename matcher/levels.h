/*
 * Agreement levels of each field, strongest first; 0 is "missing on a side" everywhere and weighs nothing. The model gives m and u
 * of each by the names in levels.c. NULL rows end a table.
 */
#ifndef MATCHER_LEVELS_H
#define MATCHER_LEVELS_H

#include "matcher/date.h"
#include "matcher/matcher.h"

enum name_level {
    NAME_MISSING,
    NAME_EXACT,
    NAME_SOUND,      /* same FONEM code, spelled closely */
    NAME_USED_EXACT, /* the birth name of one is the used name of the other */
    NAME_CLOSE,      /* one letter, or much alike */
    NAME_PART,       /* part of a double name, or a particle lost */
    NAME_USED_CLOSE, /* birth and used name alike, or the same used name */
    NAME_SWAPPED,    /* family and given name exchanged */
    NAME_NEAR,       /* somewhat alike, or the same consonants */
    NAME_DIFFERENT,
    NAME_LEVEL_COUNT
};

enum given_level {
    GIVEN_MISSING,
    GIVEN_EXACT,
    GIVEN_COMPOUND,    /* JEAN, J-PIERRE and JEAN-PIERRE */
    GIVEN_SOUND,       /* same FONEM code */
    GIVEN_VARIANT,     /* nickname or foreign form */
    GIVEN_CLOSE,       /* one letter, or much alike, and one of them no usual name: an error of typing */
    GIVEN_OTHER,       /* a further or used given name of one is the first of the other; PIERRE and JEAN-PIERRE */
    GIVEN_INITIAL,     /* one is the initial of the other */
    GIVEN_CLOSE_USUAL, /* one letter, or much alike, both usual names: ANNE and ANNA, KEVIN and KELVIN */
    GIVEN_NEAR,        /* somewhat alike, or weakly equivalent */
    GIVEN_WITH_NAME,   /* exchanged with the family name, counted there */
    GIVEN_DIFFERENT,
    GIVEN_DIFFERENT_USUAL, /* two usual names that are not each other */
    GIVEN_LEVEL_COUNT
};

enum sex_level {
    SEX_MISSING,
    SEX_SAME,
    SEX_SAME_WITH_GIVEN, /* the agreeing given name says it already */
    SEX_DIFFERENT_WITH_GIVEN,
    SEX_DIFFERENT,
    SEX_LEVEL_COUNT
};

enum birth_place_level {
    BIRTH_PLACE_MISSING,
    BIRTH_PLACE_SAME,
    BIRTH_PLACE_SUCCESSOR,
    BIRTH_PLACE_SAME_ABROAD, /* same country */
    BIRTH_PLACE_POSTCODE,    /* one code is in no COG and of the other's department: a postcode, most often */
    BIRTH_PLACE_AREA,
    BIRTH_PLACE_DIFFERENT,
    BIRTH_PLACE_LEVEL_COUNT
};

enum ins_level {
    INS_MISSING,
    INS_SAME,
    INS_SAME_OTHER_HOLDER, /* a parent's number: counted as household */
    INS_CLOSE,             /* one figure, and a number that is not valid */
    INS_UNSURE,            /* different, and it proves nothing */
    INS_DIFFERENT,         /* different, both valid, of one kind, each consistent with its holder */
    INS_LEVEL_COUNT
};

enum household_level {
    HOUSEHOLD_MISSING,
    HOUSEHOLD_SAME,    /* telephone, mail or mother, and the place of residence */
    HOUSEHOLD_CONTACT, /* telephone, mail or mother */
    HOUSEHOLD_ADDRESS,
    HOUSEHOLD_AREA,
    HOUSEHOLD_MOVED, /* another postcode */
    HOUSEHOLD_OTHER_MOTHER,
    HOUSEHOLD_LEVEL_COUNT
};

enum { LEVELS_MOST = 16 };

/* Sets of levels: a pair that is compared takes no jump to ask for one. */
#define LEVEL(level) (1u << (level))
/* Given names as two people's, twins above all, may differ; and those that do not tell whose record it is: none, an initial, the
 * first part of a compound. */
#define LEVELS_OTHER_GIVEN (LEVEL(GIVEN_DIFFERENT) | LEVEL(GIVEN_DIFFERENT_USUAL) | LEVEL(GIVEN_CLOSE_USUAL) | LEVEL(GIVEN_NEAR))
#define LEVELS_NAMELESS (LEVEL(GIVEN_MISSING) | LEVEL(GIVEN_INITIAL) | LEVEL(GIVEN_COMPOUND))
static inline bool level_among(unsigned level, unsigned set) {
    return (set >> level & 1) != 0;
}

struct level_text {
    const char *key;  /* in the model file: "exact" */
    const char *text; /* for a person: "same name" */
};

extern const char *const field_names[MATCH_FIELD_COUNT];
extern const struct level_text level_texts[MATCH_FIELD_COUNT][LEVELS_MOST];

#endif
