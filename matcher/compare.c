/*
 * One comparison: levels by field, their weights, frequency adjustments, caps on what kin and namesakes share, vetoes. Every part
 * is symmetric and reads the two forms only, so a pair has one score for ever (DESIGN.md rule 12).
 */
#include "matcher/compare.h"
#include "matcher/distance.h"
#include "matcher/fixed.h"
#include "matcher/nir.h"
#include "matcher/place.h"

/* Of two places that are known and not one. */
static enum birth_place_level compare_places_apart(const struct match_form *a, const struct match_form *b) {
    uint32_t x = a->facts.place, y = b->facts.place;
    unsigned year_a = date_year(a->facts.birth), year_b = date_year(b->facts.birth);
    switch (place_compare(x, y, year_a == 0 || (year_b != 0 && year_b < year_a) ? year_b : year_a)) {
    case PLACE_SUCCESSOR:
        return BIRTH_PLACE_SUCCESSOR;
    case PLACE_AREA:
        return place_is_known(x) != place_is_known(y) ? BIRTH_PLACE_POSTCODE : BIRTH_PLACE_AREA;
    default:
        return BIRTH_PLACE_DIFFERENT;
    }
}

static enum birth_place_level compare_birth_place(const struct match_form *a, const struct match_form *b) {
    uint32_t x = a->facts.place, y = b->facts.place;
    if (x == 0 || y == 0)
        return BIRTH_PLACE_MISSING;
    if (x == y)
        return place_is_abroad(x) ? BIRTH_PLACE_SAME_ABROAD : BIRTH_PLACE_SAME;
    return compare_places_apart(a, b);
}

static bool one_figure_apart(uint64_t a, uint64_t b) {
    char x[13], y[13];
    nir_unpack(a, x);
    nir_unpack(b, y);
    size_t differ = 0, first = 0;
    for (size_t i = 13; i-- > 0;) {
        if (x[i] == y[i])
            continue;
        differ++;
        first = i;
    }
    return differ == 1 || (differ == 2 && first < 12 && x[first] == y[first + 1] && x[first + 1] == y[first]);
}

static enum ins_level compare_two_ins(uint64_t x, uint64_t y) {
    bool both_valid = (x & y & NIR_VALID) != 0;
    if (nir_same(x, y)) {
        if ((x | y) & NIR_OTHER_HOLDER)
            return INS_SAME_OTHER_HOLDER;
        return both_valid ? INS_SAME : INS_CLOSE;
    }
    if ((x & y & NIR_COHERENT) != 0)
        return ((x ^ y) & NIR_NIA) == 0 ? INS_DIFFERENT : INS_UNSURE;
    return !both_valid && one_figure_apart(x, y) ? INS_CLOSE : INS_UNSURE;
}

static enum ins_level compare_ins(const struct match_form *a, const struct match_form *b) {
    return a->facts.ins == 0 || b->facts.ins == 0 ? INS_MISSING : compare_two_ins(a->facts.ins, b->facts.ins);
}

static bool equal_known(uint32_t a, uint32_t b) {
    return a != 0 && a == b;
}

/* Two mothers who are known to be two, or one. */
static enum name_level compare_mothers(const struct match_form *a, const struct match_form *b) {
    const struct name *x = a->names[FORM_MOTHER], *y = b->names[FORM_MOTHER];
    return x && y ? compare_names(x, y) : NAME_MISSING;
}

static enum household_level compare_household(const struct match_form *a, const struct match_form *b, bool parents_ins) {
    const struct form_facts *x = &a->facts, *y = &b->facts;
    enum name_level mother = compare_mothers(a, b);
    bool same_mother = mother >= NAME_EXACT && mother <= NAME_PART;
    bool contact = equal_known(x->mobile, y->mobile) || equal_known(x->mail, y->mail) || same_mother || parents_ins;
    bool address = equal_known(x->address, y->address) || equal_known(x->fixed, y->fixed);
    uint32_t area_a = form_area(a), area_b = form_area(b);
    if (contact)
        return address || equal_known(area_a, area_b) ? HOUSEHOLD_SAME : HOUSEHOLD_CONTACT;
    if (address)
        return HOUSEHOLD_ADDRESS;
    if (mother == NAME_DIFFERENT)
        return HOUSEHOLD_OTHER_MOTHER;
    if (area_a == 0 || area_b == 0)
        return HOUSEHOLD_MISSING;
    return area_a == area_b ? HOUSEHOLD_AREA : HOUSEHOLD_MOVED;
}

/* Given names of a pair that agree: the sex then follows from them. */
static bool given_agrees(unsigned given) {
    return given >= GIVEN_EXACT && given <= GIVEN_CLOSE;
}

static enum sex_level compare_sex(const struct match_form *a, const struct match_form *b, unsigned given) {
    static const uint8_t levels[2][2] = {{SEX_DIFFERENT, SEX_DIFFERENT_WITH_GIVEN}, {SEX_SAME, SEX_SAME_WITH_GIVEN}};
    unsigned x = form_sex(a), y = form_sex(b);
    return x == 0 || y == 0 ? SEX_MISSING : (enum sex_level)levels[x == y][given_agrees(given)];
}

/* A parent's number, written on a child of the same sex born in the same month, contradicts the child in the year alone. */
static bool is_parents_number(const struct match_form *a, const struct match_form *b, unsigned ins, unsigned given) {
    bool two_people = given == GIVEN_DIFFERENT || given == GIVEN_DIFFERENT_USUAL || given == GIVEN_CLOSE_USUAL;
    return (ins == INS_SAME || ins == INS_CLOSE) && two_people &&
           date_years_apart(a->facts.birth, b->facts.birth) >= GENERATION_YEARS;
}

/* Given names that agree in sound or by the table of variants, and are two names all the same, as twins bear them: both usual, and
 * HUGO and UGO by their first letter, ANNE and ANNA by few letters. PIERRE and PEDRO are one name in two languages. */
static bool are_two_names(unsigned given, const struct name *x, const struct name *y, const struct findings *found) {
    const struct given_entry *p = found->given_a, *q = found->given_b;
    if ((given != GIVEN_SOUND && given != GIVEN_VARIANT) || !p || !q || !p->usual || !q->usual)
        return false;
    return given == GIVEN_SOUND ? x->head >> 56 != y->head >> 56
                                : distance_osa(name_tight(x), name_tight(y), TWIN_EDITS_MOST) <= TWIN_EDITS_MOST;
}

/* Names lie all over memory: they are asked for before the facts of the forms, which are at hand, are compared. */
static void fetch_names(const struct match_form *form) {
    __builtin_prefetch(form->names[FORM_FAMILY]);
    __builtin_prefetch(form->names[FORM_GIVEN]);
}

void compare_traits(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                    uint8_t *restrict level, struct findings *restrict found) {
    fetch_names(a);
    fetch_names(b);
    level[MATCH_BIRTH_DATE] = (uint8_t)date_compare(a->facts.birth, b->facts.birth);
    level[MATCH_BIRTH_PLACE] = (uint8_t)compare_birth_place(a, b);
    level[MATCH_INS] = (uint8_t)compare_ins(a, b);
    level[MATCH_GIVEN] = (uint8_t)compare_given(model, a, b, found);
    level[MATCH_NAME] = (uint8_t)compare_family(a, b, found);
    found->two_names = are_two_names(level[MATCH_GIVEN], a->names[FORM_GIVEN], b->names[FORM_GIVEN], found);
    bool names_fail = level[MATCH_NAME] >= NAME_PART && level[MATCH_GIVEN] >= GIVEN_COMPOUND;
    if (names_fail && compare_swapped(model, a, b)) {
        level[MATCH_NAME] = NAME_SWAPPED;
        level[MATCH_GIVEN] = GIVEN_WITH_NAME;
    }
    level[MATCH_SEX] = (uint8_t)compare_sex(a, b, level[MATCH_GIVEN]);
    if (is_parents_number(a, b, level[MATCH_INS], level[MATCH_GIVEN]))
        level[MATCH_INS] = INS_SAME_OTHER_HOLDER;
}

/* How much rarer or commoner than the average the agreeing names are; of two that differ the rarer side counts. */
static int32_t family_adjustment(const struct match_model *model, unsigned level, const struct findings *found) {
    if (level == NAME_EXACT || level == NAME_USED_EXACT)
        return model_family_adjustment(model, found->shared_family, found->abroad);
    if (level != NAME_SOUND && level != NAME_CLOSE)
        return 0;
    int32_t x = model_family_adjustment(model, found->shared_family, found->abroad),
            y = model_family_adjustment(model, found->other_family, found->abroad);
    return (x > y ? x : y) * model->damping / CB_PER_BIT;
}

static int32_t given_adjustment(const struct match_model *model, unsigned level, const struct findings *found) {
    if (level == GIVEN_EXACT)
        return model_given_adjustment(model, found->given_a, found->abroad);
    if (level != GIVEN_SOUND && level != GIVEN_CLOSE)
        return 0;
    int32_t x = model_given_adjustment(model, found->given_a, found->abroad),
            y = model_given_adjustment(model, found->given_b, found->abroad);
    return (x > y ? x : y) * model->damping / CB_PER_BIT;
}

/* Takes `excess` from the fields, in their order. */
static void take_from(struct match_score *score, const enum match_field *fields, size_t count, int32_t excess) {
    for (size_t i = 0; i < count && excess > 0; i++) {
        int32_t weight = score->field_cb[fields[i]], cut = weight <= 0 ? 0 : excess < weight ? excess : weight;
        score->field_cb[fields[i]] = (int16_t)(weight - cut);
        score->weight_cb -= cut;
        excess -= cut;
    }
}

/* Two other hypotheses than chance, under which fields agree together. Kin: name, place and household, for twins the date as well,
 * with another given name. Namesakes: both names and the date, with another place and household. Neither is told from the same
 * person by what it shares, so that says no more than a cap; an equal INS lifts both. */
static void cap_dependence(const struct match_model *model, struct match_score *score, const struct findings *found) {
    static const enum match_field kin[] = {MATCH_HOUSEHOLD, MATCH_BIRTH_PLACE, MATCH_BIRTH_DATE, MATCH_NAME};
    static const enum match_field namesakes[] = {MATCH_NAME, MATCH_GIVEN, MATCH_BIRTH_DATE};
    const int16_t *cb = score->field_cb;
    unsigned one_name = LEVEL(GIVEN_EXACT) | LEVEL(GIVEN_COMPOUND) | LEVEL(GIVEN_SOUND) | LEVEL(GIVEN_VARIANT) | LEVEL(GIVEN_CLOSE);
    bool told_from_kin =
        level_among(score->level[MATCH_GIVEN], (found->two_names ? 0 : one_name) | LEVEL(GIVEN_OTHER) | LEVEL(GIVEN_WITH_NAME));
    bool same_names = score->level[MATCH_NAME] == NAME_EXACT && score->level[MATCH_GIVEN] == GIVEN_EXACT;
    if (score->level[MATCH_INS] == INS_SAME)
        return;
    int32_t most =
        same_names ? model_namesake_cap(model, found->shared_family, found->given_a, found->abroad) : model->namesake_cap_cb;
    take_from(score, namesakes, 3, cb[MATCH_NAME] + cb[MATCH_GIVEN] + cb[MATCH_BIRTH_DATE] - most);
    if (!told_from_kin)
        take_from(score, kin, 4,
                  cb[MATCH_HOUSEHOLD] + cb[MATCH_BIRTH_PLACE] + cb[MATCH_BIRTH_DATE] + cb[MATCH_NAME] - model->kin_cap_cb);
}

static void weigh(const struct match_model *model, struct match_score *score, const struct findings *found) {
    const uint8_t *level = score->level;
    int32_t family = family_adjustment(model, level[MATCH_NAME], found), given = given_adjustment(model, level[MATCH_GIVEN], found);
    score->weight_cb = 0;
    for (size_t field = 0; field < MATCH_FIELD_COUNT; field++) {
        int32_t adjustment = field == MATCH_NAME ? family : field == MATCH_GIVEN ? given : 0;
        score->field_cb[field] = (int16_t)(model->levels[field][level[field]].cb + adjustment);
        score->weight_cb += score->field_cb[field];
    }
    cap_dependence(model, score, found);
}

/* No strict trait that both know differs, and names and date are known (identity-france.md 4.7 M4). */
static bool strict_traits_agree(const struct match_form *a, const struct match_form *b, unsigned place) {
    const struct name *x = a->names[FORM_FAMILY], *y = b->names[FORM_FAMILY];
    unsigned sex_a = form_sex(a), sex_b = form_sex(b);
    bool date = a->facts.birth != 0 && ((a->facts.birth ^ b->facts.birth) & ~DATE_WEAK) == 0;
    bool sex = sex_a == 0 || sex_b == 0 || sex_a == sex_b;
    return date && sex && place <= BIRTH_PLACE_SAME_ABROAD && x && y && name_equal(x, y) && compare_given_strictly(a, b);
}

void match_compare_forms(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                         struct match_score *out) {
    struct findings found = {.abroad = place_is_abroad(a->facts.place) || place_is_abroad(b->facts.place)};
    compare_traits(model, a, b, out->level, &found);
    out->level[MATCH_HOUSEHOLD] = (uint8_t)compare_household(a, b, out->level[MATCH_INS] == INS_SAME_OTHER_HOLDER);
    weigh(model, out, &found);
    out->vetoes = guard_vetoes(a, b, out->level, &found);
    out->same_ins = (a->facts.ins & b->facts.ins & NIR_VALID) != 0 && nir_same(a->facts.ins, b->facts.ins);
    out->strict_agree = strict_traits_agree(a, b, out->level[MATCH_BIRTH_PLACE]);
}

void match_compare(const struct match_model *model, const struct match_form *const *a, size_t a_count,
                   const struct match_form *const *b, size_t b_count, struct match_score *out) {
    match_compare_forms(model, a[0], b[0], out);
    struct match_score current = *out, other;
    for (size_t i = 0; i < a_count; i++) {
        for (size_t j = 0; j < b_count; j++) {
            if (i == 0 && j == 0)
                continue;
            match_compare_forms(model, a[i], b[j], &other);
            /* An INS is of now: earlier rows bring their names and dates, not their number. */
            other.weight_cb += current.field_cb[MATCH_INS] - other.field_cb[MATCH_INS];
            other.field_cb[MATCH_INS] = current.field_cb[MATCH_INS];
            other.level[MATCH_INS] = current.level[MATCH_INS];
            if (other.weight_cb > out->weight_cb)
                *out = other;
        }
    }
    out->vetoes = current.vetoes;
    out->same_ins = current.same_ins;
    out->strict_agree = current.strict_agree;
}
