/*
 * The parts of a comparison (matcher.h: match_compare): two names by their letters (compare_names.c), the levels of fields
 * (compare.c), vetoes (guard.c). weigh.c makes a score of them. All are symmetric.
 */
#ifndef MATCHER_COMPARE_H
#define MATCHER_COMPARE_H

#include "matcher/form.h"
#include "matcher/levels.h"
#include "matcher/model.h"

enum {
    GENERATION_YEARS = 14,      /* so far apart are a parent and a child at least */
    COMMON_GIVEN_CB = 12 * 256, /* commoner ones, 1 birth in 4,000, are names of their own: a foreign form is rarer here */
};

/* What two records of one home share; SHARES_PARENT: a mother's name, or a parent's number on one of them. */
enum {
    SHARES_ADDRESS = 1, /* of a house: CONTACT_NUMBERED */
    SHARES_MOBILE = 2,
    SHARES_FIXED = 4,
    SHARES_MAIL = 8,
    SHARES_PARENT = 16,
    SHARES_QUARTER = 32 /* an address without a number */
};

/* What the field comparisons found out on the way and the guards need. */
struct findings {
    const struct given_entry *given_a, *given_b; /* of the first given names */
    const struct name *shared_family; /* the name that made NAME_EXACT, SOUND, CLOSE or USED_EXACT: the rarer side counts */
    const struct name *other_family;
    const struct name *exchanged_family, *exchanged_given; /* of one record, where the other has them the other way round */
    bool same_used;                                        /* one used name beside alike birth names */
    int8_t further; /* beside equal first given names: 1 a further one is shared, -1 both have some and share none */
    bool abroad;    /* one of them was born abroad, or both have a date as people from abroad have it */
    uint8_t shared; /* SHARES_ bits, where the household is compared */
    bool two_names; /* given names that agree and may be twins' all the same: HUGO and UGO, ANNE and ANNA */
};

/* One that others are compared with: what the model knows of its names is looked up once for all of them. */
struct compared {
    const struct match_form *form;
    const struct given_entry *given; /* of the first given name; a name that is missing is listed nowhere */
    int32_t family_cb;               /* of the birth name; for weights alone */
};
static inline struct compared compared_begin(const struct match_model *model, const struct match_form *form) {
    const struct name *given = form->names[FORM_GIVEN];
    return (struct compared){.form = form, .given = given ? model_given(model, given) : NULL};
}

/* Of two facts of one kind, 0 where unknown. */
static inline bool share_known(uint32_t a, uint32_t b) {
    return a != 0 && a == b;
}

/* Names of one dictionary are one and the same, most often: nothing but their hashes needs to be read. */
static inline bool names_same(const struct name *a, const struct name *b) {
    return a && b && a->hash == b->hash;
}
/* Of two that are not the same: NAME_SOUND, CLOSE, PART, NEAR or DIFFERENT. */
enum name_level compare_names_apart(const struct name *a, const struct name *b);
/* ...of any two names: NAME_MISSING or EXACT besides. */
static inline enum name_level compare_names(const struct name *a, const struct name *b) {
    if (!a || !b)
        return NAME_MISSING;
    return a->hash == b->hash ? NAME_EXACT : compare_names_apart(a, b);
}
bool names_alike_known(const struct name *a, const struct name *b); /* NAME_EXACT to NAME_PART; neither is NULL */
static inline bool names_alike(const struct name *a, const struct name *b) {
    return a && b && names_alike_known(a, b);
}
/* Of two names that differ: much alike, cut off, or one edit apart where the longer one has `edit_length` letters or more. */
bool names_close(const struct name *a, const struct name *b, unsigned edit_length);
bool names_part(const struct name *a, const struct name *b); /* the words of one all stand in the other, in whatever order */
bool names_near(const struct name *a, const struct name *b); /* somewhat alike, or the same consonants */
/* ...and what spelling leaves open is the same: LUCAS and LUKAS. */
bool names_spelled_alike(const struct name *a, const struct name *b);
/* Consonants and the last letter are the same: of two forms of one name it is how people write it in French, one so, one so.
 * KHADIJA is KADIDJA; ANNE is not ANNA, nor SOFIANE SOFIAN. */
bool names_romanised_alike(const struct name *a, const struct name *b);

/* The levels of all fields and what was found out on the way. Without `household` that one is left missing, nobody asks for the
 * names beside equal first given names, which namesakes do not share, and the dates alone say whether a day is meant. */
void compare_fields(const struct match_model *model, const struct compared *a, const struct match_form *b, bool household,
                    uint8_t *restrict level, struct findings *restrict found);

/* Bits of the rules that two forms alone can show (DESIGN.md rule 3). */
uint32_t guard_vetoes(const struct match_form *a, const struct match_form *b, const uint8_t level[MATCH_FIELD_COUNT],
                      const struct findings *found);
/* A mobile or a mail box in common, which people of age do not share with a twin. */
bool guard_share_own_contact(const struct match_model *model, const struct match_form *a, const struct match_form *b);

/* Of two of whom one bears a further given name of the other: twins may bear each other's names. Children, and people who live
 * apart and share no contact of their own. */
bool guard_may_be_namesake_twin(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                                const uint8_t *level);

/* A multiple birth seen by two given names alone, of two of age and of one sex who share a mobile, a mail box or an address: twins
 * of age seldom do, and one person recorded under two of its given names does. A person decides. */
bool guard_leaves_twins_open(const struct match_model *model, const struct match_form *a, const struct match_form *b);

#endif
