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

static int32_t family_cb_of(const struct match_model *model, struct compared *a) {
    if (!a->has_family_cb)
        a->family_cb = model_family_cb(model, a->form->names[FORM_FAMILY]);
    a->has_family_cb = true;
    return a->family_cb;
}

/* How much rarer or commoner than the average the agreeing names are. */
static int32_t family_adjustment(const struct match_model *model, struct compared *a, unsigned level,
                                 const struct findings *found) {
    if (!level_among(level, LEVEL(NAME_EXACT) | LEVEL(NAME_SOUND) | LEVEL(NAME_USED_EXACT) | LEVEL(NAME_CLOSE)))
        return 0;
    int32_t cb = level == NAME_USED_EXACT ? model_family_cb(model, found->shared_family) : family_cb_of(model, a);
    int32_t adjustment = model_family_adjustment(model, cb, found->abroad);
    if (level == NAME_EXACT || level == NAME_USED_EXACT)
        return adjustment;
    return damped(model, adjustment, model_family_adjustment(model, model_family_cb(model, found->other_family), found->abroad));
}

static int32_t given_adjustment(const struct match_model *model, unsigned level, const struct findings *found) {
    if (!level_among(level, LEVEL(GIVEN_EXACT) | LEVEL(GIVEN_SOUND) | LEVEL(GIVEN_CLOSE)))
        return 0;
    int32_t adjustment = model_given_adjustment(model, model_given_cb(model, found->given_a), found->abroad);
    if (level == GIVEN_EXACT)
        return adjustment;
    return damped(model, adjustment, model_given_adjustment(model, model_given_cb(model, found->given_b), found->abroad));
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
static void cap_dependence(const struct match_model *model, struct compared *a, struct match_score *score,
                           const struct findings *found) {
    static const enum match_field kin[] = {MATCH_HOUSEHOLD, MATCH_BIRTH_PLACE, MATCH_BIRTH_DATE, MATCH_NAME};
    static const enum match_field namesakes[] = {MATCH_NAME, MATCH_GIVEN, MATCH_BIRTH_DATE};
    const unsigned one_name =
        LEVEL(GIVEN_EXACT) | LEVEL(GIVEN_COMPOUND) | LEVEL(GIVEN_SOUND) | LEVEL(GIVEN_VARIANT) | LEVEL(GIVEN_CLOSE);
    const int16_t *cb = score->field_cb;
    if (score->level[MATCH_INS] == INS_SAME)
        return;
    bool same_names = score->level[MATCH_NAME] == NAME_EXACT && score->level[MATCH_GIVEN] == GIVEN_EXACT;
    int32_t most = same_names
                       ? model_namesake_cap(model, family_cb_of(model, a), model_given_cb(model, found->given_a), found->abroad)
                       : model->namesake_cap_cb;
    take_from(score, namesakes, 3, cb[MATCH_NAME] + cb[MATCH_GIVEN] + cb[MATCH_BIRTH_DATE] - most);
    bool told_from_kin =
        level_among(score->level[MATCH_GIVEN], (found->two_names ? 0 : one_name) | LEVEL(GIVEN_OTHER) | LEVEL(GIVEN_WITH_NAME));
    if (!told_from_kin)
        take_from(score, kin, 4,
                  cb[MATCH_HOUSEHOLD] + cb[MATCH_BIRTH_PLACE] + cb[MATCH_BIRTH_DATE] + cb[MATCH_NAME] - model->kin_cap_cb);
}

static void weigh(const struct match_model *model, struct compared *a, struct match_score *score, const struct findings *found) {
    const uint8_t *level = score->level;
    int16_t *field_cb = score->field_cb;
    for (size_t field = 0; field < MATCH_FIELD_COUNT; field++)
        field_cb[field] = model->cb[field][level[field]];
    field_cb[MATCH_NAME] = (int16_t)(field_cb[MATCH_NAME] + family_adjustment(model, a, level[MATCH_NAME], found));
    field_cb[MATCH_GIVEN] = (int16_t)(field_cb[MATCH_GIVEN] + given_adjustment(model, level[MATCH_GIVEN], found));
    score->weight_cb = 0;
    for (size_t field = 0; field < MATCH_FIELD_COUNT; field++)
        score->weight_cb += field_cb[field];
    cap_dependence(model, a, score, found);
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

/* No strict trait that both know differs, and names and date are known (identity-france.md 4.7 M4). Equal names have one level. */
static bool strict_traits_agree(const struct match_form *a, const struct match_form *b, const uint8_t *level) {
    if (level[MATCH_NAME] != NAME_EXACT || level[MATCH_BIRTH_PLACE] > BIRTH_PLACE_SAME_ABROAD)
        return false;
    bool date = a->facts.birth != 0 && ((a->facts.birth ^ b->facts.birth) & ~DATE_WEAK) == 0;
    bool sex = level[MATCH_SEX] != SEX_DIFFERENT && level[MATCH_SEX] != SEX_DIFFERENT_WITH_GIVEN;
    return date && sex && name_equal(a->names[FORM_FAMILY], b->names[FORM_FAMILY]) && compare_given_strictly(a, b);
}

static void compare_with(const struct match_model *model, struct compared *side, const struct match_form *b,
                         struct match_score *out) {
    const struct match_form *a = side->form;
    struct findings found;
    compare_traits(model, side, b, out->level, &found);
    out->level[MATCH_HOUSEHOLD] = (uint8_t)compare_household(a, b, out->level[MATCH_INS] == INS_SAME_OTHER_HOLDER);
    weigh(model, side, out, &found);
    out->vetoes = guard_vetoes(a, b, out->level, &found);
    out->same_ins = (a->facts.ins & b->facts.ins & NIR_VALID) != 0 && nir_same(a->facts.ins, b->facts.ins);
    out->strict_agree = strict_traits_agree(a, b, out->level);
}

/* A form is two cache lines, and its names lie all over memory: what the next need is on its way while one is compared. To ask for
 * NULL does no harm. */
static void fetch_form(const struct match_form *form) {
    __builtin_prefetch(form);
    __builtin_prefetch(&form->names[FORM_NAMES - 1]);
}

static void fetch_names(const struct match_form *form) {
    __builtin_prefetch(form->names[FORM_FAMILY]);
    __builtin_prefetch(form->names[FORM_USED]);
    __builtin_prefetch(form->names[FORM_GIVEN]);
    __builtin_prefetch(form->names[FORM_GIVEN_2]);
}

static void fetch_entries(const struct match_model *model, const struct match_form *form) {
    if (form->names[FORM_GIVEN])
        model_fetch_given(model, form->names[FORM_GIVEN]);
    if (form->names[FORM_FAMILY])
        model_fetch_family(model, form->names[FORM_FAMILY]);
}

static size_t lesser(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Forms are asked for some comparisons ahead, names fewer: a comparison takes about as long as memory to answer. Near the end the
 * last form is asked for again, which costs less than a jump. */
void match_compare_many(const struct match_model *model, const struct match_form *a, const struct match_form *const *b,
                        size_t count, struct match_score *out) {
    enum { FORMS_AHEAD = 4, NAMES_AHEAD = 2 };
    struct compared side = {.form = a};
    if (count == 0)
        return;
    for (size_t i = 0; i < FORMS_AHEAD; i++)
        fetch_form(b[lesser(i, count - 1)]);
    fetch_names(a);
    for (size_t i = 0; i < NAMES_AHEAD; i++)
        fetch_names(b[lesser(i, count - 1)]);
    fetch_entries(model, a);
    for (size_t i = 0; i < count; i++) {
        fetch_form(b[lesser(i + FORMS_AHEAD, count - 1)]);
        fetch_names(b[lesser(i + NAMES_AHEAD, count - 1)]);
        compare_with(model, &side, b[i], &out[i]);
    }
}

void match_compare_forms(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                         struct match_score *out) {
    match_compare_many(model, a, &b, 1, out);
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
