/* The vetoes that two forms alone can show (DESIGN.md rule 3), each a function; see compare.h. */
#include "matcher/compare.h"
#include "matcher/nir.h"

struct pair {
    const struct match_form *a, *b;
    const uint8_t *level;
    const struct findings *found;
};

/* Two different valid INS of one kind, each consistent with its holder's traits. A NIA and a NIR may be one person's. */
static bool different_ins(const struct pair *p) {
    return p->level[MATCH_INS] == INS_DIFFERENT;
}

static bool same_family(const struct pair *p) {
    return level_among(p->level[MATCH_NAME], LEVEL(NAME_EXACT) | LEVEL(NAME_SOUND) | LEVEL(NAME_CLOSE) | LEVEL(NAME_PART));
}

static bool same_date(const struct pair *p) {
    return level_among(p->level[MATCH_BIRTH_DATE], LEVEL(DATE_EXACT) | LEVEL(DATE_EXACT_WEAK));
}

static bool same_birth_place(const struct pair *p) {
    return level_among(p->level[MATCH_BIRTH_PLACE],
                       LEVEL(BIRTH_PLACE_SAME) | LEVEL(BIRTH_PLACE_SUCCESSOR) | LEVEL(BIRTH_PLACE_SAME_ABROAD));
}

static bool looks_like_a_name(const struct name *name) {
    const uint32_t vowels = 1u | 1u << 4 | 1u << 8 | 1u << 14 | 1u << 20 | 1u << 24; /* A E I O U Y */
    return name->tight_len >= 2 && (name->letters & vowels) != 0;
}

/* Two given names that two people bear: a usual pair that sounds different is, even one letter apart (KEVIN, KELVIN); nicknames and
 * forms of one name are none (the levels before), nor a misspelling, of which one side is no usual name. */
static bool two_given_names(const struct pair *p) {
    unsigned level = p->level[MATCH_GIVEN];
    if (level == GIVEN_CLOSE_USUAL || level == GIVEN_DIFFERENT_USUAL)
        return true;
    return level == GIVEN_DIFFERENT && looks_like_a_name(p->a->names[FORM_GIVEN]) && looks_like_a_name(p->b->names[FORM_GIVEN]);
}

static bool another_birth_order(const struct pair *p) {
    unsigned x = form_birth_order(p->a), y = form_birth_order(p->b);
    if (x == 0) /* of most records it is not known */
        return false;
    return y != 0 && x != y;
}

/* Twins whom their records tell apart by the order of birth: a slip in the date, names exchanged or alike (MARIE, MARIE-LOUISE), a
 * missing place do not make them one. */
static bool tells_twins_apart(const struct pair *p) {
    unsigned name = p->level[MATCH_NAME], date = p->level[MATCH_BIRTH_DATE], place = p->level[MATCH_BIRTH_PLACE];
    return another_birth_order(p) && name >= NAME_EXACT && name <= NAME_SWAPPED && date >= DATE_EXACT && date <= DATE_DIGIT &&
           place != BIRTH_PLACE_AREA && place != BIRTH_PLACE_DIFFERENT;
}

/* Of one family name and birth date. */
static bool are_twins(const struct pair *p) {
    return same_birth_place(p) && two_given_names(p);
}

/* Of one family and one given name, or with both exchanged, a generation apart. */
static bool are_father_and_son(const struct pair *p) {
    const unsigned same_given = LEVEL(GIVEN_EXACT) | LEVEL(GIVEN_COMPOUND) | LEVEL(GIVEN_SOUND) | LEVEL(GIVEN_VARIANT);
    bool one_name = same_family(p) ? level_among(p->level[MATCH_GIVEN], same_given) : p->level[MATCH_NAME] == NAME_SWAPPED;
    return one_name && date_years_apart(p->a->facts.birth, p->b->facts.birth) >= GENERATION_YEARS;
}

static bool of_age(const struct match_model *model, const struct match_form *form) {
    unsigned year = date_year(form->facts.birth);
    return year != 0 && year <= model->of_age_year;
}

bool guard_share_own_contact(const struct match_model *model, const struct match_form *a, const struct match_form *b) {
    const struct form_facts *x = &a->facts, *y = &b->facts;
    return (share_known(x->mobile, y->mobile) || share_known(x->mail, y->mail)) && of_age(model, a) && of_age(model, b);
}

bool guard_may_be_namesake_twin(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                                const uint8_t *level) {
    bool one_date = level_among(level[MATCH_BIRTH_DATE], LEVEL(DATE_EXACT) | LEVEL(DATE_EXACT_WEAK));
    bool grown_together = of_age(model, a) && of_age(model, b) && level[MATCH_HOUSEHOLD] != HOUSEHOLD_MOVED;
    return one_date && !grown_together && !guard_share_own_contact(model, a, b);
}

bool guard_leaves_twins_open(const struct match_model *model, const struct match_form *a, const struct match_form *b) {
    const struct pair p = {.a = a, .b = b};
    const struct form_facts *x = &a->facts, *y = &b->facts;
    bool home = share_known(x->mobile, y->mobile) || share_known(x->mail, y->mail) || share_known(x->address, y->address);
    return home && share_known(form_sex(a), form_sex(b)) && of_age(model, a) && of_age(model, b) && !another_birth_order(&p);
}

static uint32_t kin_vetoes(const struct pair *p) {
    uint32_t vetoes = (uint32_t)tells_twins_apart(p) << MATCH_RULE_MULTIPLE_BIRTH;
    if (!same_date(p))
        return vetoes | (uint32_t)are_father_and_son(p) << MATCH_RULE_FATHER_SON;
    return vetoes | (uint32_t)(same_family(p) && are_twins(p)) << MATCH_RULE_MULTIPLE_BIRTH;
}

/* Another sex, and each given name is borne by that sex only. */
static bool other_sex(const struct pair *p) {
    const struct given_entry *x = p->found->given_a, *y = p->found->given_b;
    if (!x || !y)
        return false;
    bool differs = level_among(p->level[MATCH_SEX], LEVEL(SEX_DIFFERENT) | LEVEL(SEX_DIFFERENT_WITH_GIVEN)); /* both are known */
    return (int)differs & (x->sex == form_sex(p->a)) & (y->sex == form_sex(p->b));
}

static bool no_family(const struct match_form *form) {
    return !form->names[FORM_FAMILY] && !form->names[FORM_USED];
}

/* Neither a birth name nor a used one, or no given name: newborns and unknown patients. The level is then "missing". */
static bool no_real_name(const struct pair *p) {
    return p->level[MATCH_GIVEN] == GIVEN_MISSING || (p->level[MATCH_NAME] == NAME_MISSING && (no_family(p->a) || no_family(p->b)));
}

uint32_t guard_vetoes(const struct match_form *a, const struct match_form *b, const uint8_t level[MATCH_FIELD_COUNT],
                      const struct findings *found) {
    const struct pair pair = {a, b, level, found};
    uint32_t vetoes = kin_vetoes(&pair);
    vetoes |= (uint32_t)different_ins(&pair) << MATCH_RULE_DIFFERENT_INS;
    vetoes |= (uint32_t)other_sex(&pair) << MATCH_RULE_OTHER_SEX;
    vetoes |= (uint32_t)no_real_name(&pair) << MATCH_RULE_NO_REAL_NAME;
    return vetoes;
}
