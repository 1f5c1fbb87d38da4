/*
 * One comparison: levels by field (compare.c), their weights, frequency adjustments, caps on what kin and namesakes share, vetoes
 * (guard.c).
 */
#include "matcher/compare.h"
#include "matcher/fixed.h"
#include "matcher/nir.h"
#include "matcher/place.h"

/* Names that agree nearly count for the rarer of them, damped. */
static int32_t damped(const struct match_model *model, int32_t x, int32_t y) {
    return (x > y ? x : y) * model->damping / CB_PER_BIT;
}

/* How much rarer or commoner than the average the agreeing names are. */
static int32_t family_adjustment(const struct match_model *model, unsigned level, const struct findings *found) {
    if (level == NAME_EXACT || level == NAME_USED_EXACT)
        return model_family_adjustment(model, found->shared_family, found->abroad);
    if (level != NAME_SOUND && level != NAME_CLOSE)
        return 0;
    return damped(model, model_family_adjustment(model, found->shared_family, found->abroad),
                  model_family_adjustment(model, found->other_family, found->abroad));
}

static int32_t given_adjustment(const struct match_model *model, unsigned level, const struct findings *found) {
    if (level == GIVEN_EXACT)
        return model_given_adjustment(model, found->given_a, found->abroad);
    if (level != GIVEN_SOUND && level != GIVEN_CLOSE)
        return 0;
    return damped(model, model_given_adjustment(model, found->given_a, found->abroad),
                  model_given_adjustment(model, found->given_b, found->abroad));
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

static size_t list_tokens(const struct match_form *form, uint32_t out[3 * NAME_TOKENS]) {
    size_t count = 0;
    for (size_t n = FORM_GIVEN; n <= FORM_GIVEN_3; n++)
        for (size_t i = 0; form->names[n] && i < form->names[n]->token_count; i++)
            out[count++] = form->names[n]->tokens[i];
    return count;
}

static bool list_begins_with(const struct match_form *form, const struct name *first) {
    uint32_t tokens[3 * NAME_TOKENS];
    size_t count = list_tokens(form, tokens);
    if (first->token_count > count)
        return false;
    for (size_t i = 0; i < first->token_count; i++)
        if (first->tokens[i] != tokens[i])
            return false;
    return true;
}

/* First given names as RNIV compares them (identity-france.md 2.4): the tokens of one begin those of the other's list. */
static bool compare_given_strictly(const struct match_form *a, const struct match_form *b) {
    const struct name *x = a->names[FORM_GIVEN], *y = b->names[FORM_GIVEN];
    return x && y && (name_equal(x, y) || list_begins_with(a, y) || list_begins_with(b, x));
}

/* No strict trait that both know differs, and names and date are known (identity-france.md 4.7 M4). */
static bool strict_traits_agree(const struct match_form *a, const struct match_form *b, unsigned place) {
    const struct name *x = a->names[FORM_FAMILY], *y = b->names[FORM_FAMILY];
    if (a->facts.birth == 0 || ((a->facts.birth ^ b->facts.birth) & ~DATE_WEAK) != 0)
        return false;
    unsigned sex_a = form_sex(a), sex_b = form_sex(b);
    bool sex = sex_a == 0 || sex_b == 0 || sex_a == sex_b;
    return sex && place <= BIRTH_PLACE_SAME_ABROAD && x && y && name_equal(x, y) && compare_given_strictly(a, b);
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
