/*
 * The parts of a comparison (matcher.h: match_compare). Each gives the level of one field for two forms, symmetric; compare.c
 * weighs them.
 */
#ifndef MATCHER_COMPARE_H
#define MATCHER_COMPARE_H

#include "matcher/form.h"
#include "matcher/levels.h"
#include "matcher/model.h"

enum {
    GENERATION_YEARS = 14, /* so far apart are a parent and a child at least */
    TWIN_EDITS_MOST = 2,   /* so close are forms of one name that twins bear */
};

/* What the field comparisons found out on the way and the guards need. */
struct findings {
    const struct given_entry *given_a, *given_b; /* of the first given names */
    const struct name *shared_family; /* the name that made NAME_EXACT, SOUND, CLOSE or USED_EXACT: the rarer side counts */
    const struct name *other_family;
    bool abroad;    /* one of them was born abroad */
    bool two_names; /* given names that agree and may be twins' all the same: HUGO and UGO, ANNE and ANNA */
};

/* Family names alone, NAME_MISSING, EXACT, SOUND, CLOSE, PART, NEAR or DIFFERENT. */
enum name_level compare_names(const struct name *a, const struct name *b);
enum name_level compare_family(const struct match_form *a, const struct match_form *b, struct findings *found);
/* Family and given names exchanged on one side? */
bool compare_swapped(const struct match_model *model, const struct match_form *a, const struct match_form *b);
enum given_level compare_given(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                               struct findings *found);
/* First given names as RNIV compares them (identity-france.md 2.4): the tokens of one begin those of the other's list. */
bool compare_given_strictly(const struct match_form *a, const struct match_form *b);

/* The levels of all fields but the household and what was found out on the way; `found` comes zeroed. */
void compare_traits(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                    uint8_t *restrict level, struct findings *restrict found);

/* Bits of the rules that two forms alone can show (DESIGN.md rule 3). */
uint32_t guard_vetoes(const struct match_form *a, const struct match_form *b, const uint8_t level[MATCH_FIELD_COUNT],
                      const struct findings *found);

#endif
