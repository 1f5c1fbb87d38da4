/*
 * The form: what the traits of a record are reduced to (matcher.h). A form of match_standardize or match_form_read owns its names
 * in an arena; a form made from an index row borrows those of the dictionary. Nothing else differs: compare.c cannot tell them
 * apart.
 */
#ifndef MATCHER_FORM_H
#define MATCHER_FORM_H

#include "matcher/matcher.h"
#include "matcher/name.h"

enum form_name { FORM_FAMILY, FORM_USED, FORM_GIVEN, FORM_GIVEN_2, FORM_GIVEN_3, FORM_USED_GIVEN, FORM_MOTHER, FORM_NAMES };

/* The scalars, shared with the index row. 0 is missing everywhere. */
struct form_facts {
    uint64_t ins;     /* nir.h */
    uint32_t birth;   /* date.h */
    uint32_t place;   /* place.h */
    uint32_t misc;    /* below */
    uint32_t address; /* contact.h */
    uint32_t mobile, fixed, mail;
};

/* misc: area of residence, sex, rank of birth, multiple birth */
#define MISC_AREA UINT32_C(0x1ffff)
#define MISC_SEX_SHIFT 17   /* 2 bits: 0 unknown, 1 male, 2 female */
#define MISC_ORDER_SHIFT 19 /* 4 bits */
#define MISC_MULTIPLE (UINT32_C(1) << 23)
#define MISC_ALL_BITS ((UINT32_C(1) << 24) - 1)

struct match_form {
    struct form_facts facts;
    const struct name *names[FORM_NAMES]; /* NULL: missing */
};

/* match_standardize with names borrowed from a dictionary where it has them: most names of a large file were met before. `memo`
 * (may be NULL): which of them texts stand for. */
struct dictionary;
struct memo;
const struct match_form *form_standardize(const struct match_traits *traits, const struct dictionary *known, struct memo *memo,
                                          struct arena *arena);

static inline uint32_t form_area(const struct match_form *form) {
    return form->facts.misc & MISC_AREA;
}
static inline unsigned form_sex(const struct match_form *form) {
    return form->facts.misc >> MISC_SEX_SHIFT & 3;
}
static inline unsigned form_birth_order(const struct match_form *form) {
    return form->facts.misc >> MISC_ORDER_SHIFT & 15;
}

#endif
