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

/* A slip of the pen seldom makes another name: of two names that are alike, one that hardly anybody bears is most often the other
 * one, misspelt; two that many bear are two. Names from abroad are written in several ways, each of them usual. */
static int32_t slip_adjustment(const struct match_model *model, int32_t x_cb, int32_t y_cb, bool abroad) {
    bool x = x_cb >= model->family_rare_cb, y = y_cb >= model->family_rare_cb; /* as rare as names that stand in no table */
    if (x != y)
        return model->slip_cb;
    return x || abroad ? 0 : model->two_families_cb;
}

/* The part is the commoner one, a double name is rare: it counts where it is common. */
static int32_t part_adjustment(const struct match_model *model, int32_t x, int32_t y) {
    int32_t common = x < y ? x : y;
    return common < 0 ? common * model->part_frequency / CB_PER_BIT : 0;
}

/* How much rarer or commoner than the average the agreeing names are. */
static int32_t family_adjustment(const struct match_model *model, const struct compared *a, unsigned level,
                                 const struct findings *found) {
    if (found->exchanged_family && !found->abroad)
        return model_exchange_cb(model, found->exchanged_family, found->exchanged_given) - model->cb[MATCH_NAME][level];
    if (!level_among(level, LEVEL(NAME_EXACT) | LEVEL(NAME_SOUND) | LEVEL(NAME_USED_EXACT) | LEVEL(NAME_CLOSE) | LEVEL(NAME_PART)))
        return 0;
    int32_t cb = level == NAME_USED_EXACT ? model_family_cb(model, found->shared_family) : a->family_cb;
    int32_t adjustment = model_family_adjustment(model, cb, found->abroad);
    if (level == NAME_EXACT || level == NAME_USED_EXACT)
        return adjustment;
    int32_t other_cb = model_family_cb(model, found->other_family);
    int32_t other = model_family_adjustment(model, other_cb, found->abroad);
    if (level == NAME_PART)
        return part_adjustment(model, adjustment, other);
    return damped(model, adjustment, other) + (level == NAME_CLOSE ? slip_adjustment(model, cb, other_cb, found->abroad) : 0);
}

/* Rare names beside another date, which may come from one country. What costs no look into the tables is asked first. */
static bool may_go_together(const struct match_model *model, const struct compared *a, const uint8_t *level,
                            const struct findings *found) {
    const struct given_entry *x = found->given_a, *y = found->given_b;
    if (!model->given_together || level[MATCH_BIRTH_DATE] == DATE_EXACT || !x || !y || !model_is_rare_given(model, x->cb) ||
        !model_is_rare_given(model, y->cb) || !found->shared_family || !found->other_family)
        return false;
    int32_t family_cb = level[MATCH_NAME] == NAME_USED_EXACT ? model_family_cb(model, found->shared_family) : a->family_cb;
    return family_cb > model->family_exact_cb && model_family_cb(model, found->other_family) > model->family_exact_cb;
}

static int32_t given_adjustment(const struct match_model *model, const struct compared *a, const uint8_t *level,
                                const struct findings *found) {
    unsigned given = level[MATCH_GIVEN];
    if (!level_among(given, LEVEL(GIVEN_EXACT) | LEVEL(GIVEN_SOUND) | LEVEL(GIVEN_CLOSE)))
        return 0;
    int32_t cb = model_given_cb(model, found->given_a);
    if (given == GIVEN_EXACT)
        return model_given_adjustment(model, cb, found->abroad || may_go_together(model, a, level, found));
    return damped(model, model_given_adjustment(model, cb, found->abroad),
                  model_given_adjustment(model, model_given_cb(model, found->given_b), found->abroad));
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

/* The most that names and date may say. Names that are not alike are capped as average ones. */
static int32_t namesake_cap(const struct match_model *model, const struct compared *a, const struct match_score *score,
                            const struct findings *found) {
    const unsigned alike = LEVEL(NAME_EXACT) | LEVEL(NAME_SOUND) | LEVEL(NAME_USED_EXACT) | LEVEL(NAME_CLOSE) | LEVEL(NAME_PART);
    unsigned name = score->level[MATCH_NAME], given = score->level[MATCH_GIVEN];
    if (found->exchanged_family)
        return model_exchange_cap(model, found->exchanged_family, found->exchanged_given, found->abroad);
    if (!level_among(name, alike) || given < GIVEN_EXACT || given > GIVEN_CLOSE)
        return model->namesake_cap_cb;
    int32_t family_cb = name == NAME_USED_EXACT ? model_family_cb(model, found->shared_family) : a->family_cb;
    int32_t given_cb = model_given_cb(model, found->given_a);
    if (name == NAME_EXACT && given == GIVEN_EXACT)
        return model_namesake_cap(model, family_cb, given_cb, found->abroad);
    if (name != NAME_EXACT && name != NAME_USED_EXACT)
        family_cb = cb_lesser(family_cb, model_family_cb(model, found->other_family));
    return model_alike_cap(model, family_cb, cb_lesser(given_cb, model_given_cb(model, found->given_b)), found->abroad);
}

/* A slip of the pen seldom makes another name: HUMBERT is none of HUBERT's, but may be its twin. */
static bool are_close_twins(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                            const uint8_t *level, const struct findings *found) {
    const struct name *x = a->names[FORM_GIVEN], *y = b->names[FORM_GIVEN];
    if (!model->close_twins || level[MATCH_GIVEN] != GIVEN_CLOSE ||
        !level_among(level[MATCH_BIRTH_DATE], LEVEL(DATE_EXACT) | LEVEL(DATE_EXACT_WEAK)))
        return false;
    return (found->given_a && found->given_b) || (model->close_twins > 1 && x && y && model_may_be_another(model, x, y));
}

/* One person under another given name is met more often than two kin of whom so much agrees: what the names say against that is
 * taken off, the cap is not to count it twice. No pair comes nearer to a link than one whose given names say nothing. */
static int32_t renamed_room(const struct match_model *model, const struct match_score *score) {
    int32_t against = -score->field_cb[MATCH_GIVEN];
    return score->field_cb[MATCH_INS] > 0 || against < 0 ? 0 : cb_lesser(against, model->kin_renamed_cb);
}

/* What a cap may be taken from, first things first. */
static const enum match_field capped[] = {MATCH_GIVEN, MATCH_HOUSEHOLD, MATCH_BIRTH_PLACE, MATCH_BIRTH_DATE, MATCH_NAME};

/* Two other hypotheses than chance, under which fields agree together. Kin: name, place and household, for twins the date as well,
 * with another given name. Namesakes: both names and the date, with another place and household. Neither is told from the same
 * person by what it shares, so that says no more than a cap; an equal INS lifts both. */
static void cap_dependence(const struct match_model *model, const struct compared *a, const struct match_form *b,
                           struct match_score *score, const struct findings *found) {
    static const enum match_field namesakes[] = {MATCH_NAME, MATCH_GIVEN, MATCH_BIRTH_DATE};
    const unsigned one_name = LEVEL(GIVEN_EXACT) | LEVEL(GIVEN_COMPOUND) | LEVEL(GIVEN_SOUND) | LEVEL(GIVEN_VARIANT) |
                              LEVEL(GIVEN_CLOSE) | LEVEL(GIVEN_WITH_NAME);
    /* a child may bear a parent's name, or a godmother's, as a further one: beside the year of birth alone that tells nobody */
    const unsigned one_day = LEVEL(DATE_EXACT) | LEVEL(DATE_EXACT_WEAK) | LEVEL(DATE_SWAPPED) | LEVEL(DATE_DIGIT);
    const int16_t *cb = score->field_cb;
    if (score->level[MATCH_INS] == INS_SAME)
        return;
    int32_t names_and_date = cb[MATCH_NAME] + cb[MATCH_GIVEN] + cb[MATCH_BIRTH_DATE];
    if (names_and_date > model->namesake_cap_cb + cb_lesser(2 * model->least_cb, 0)) /* no cap is lower */
        take_from(score, namesakes, 3, names_and_date - namesake_cap(model, a, score, found));
    bool alike = found->two_names || are_close_twins(model, a->form, b, score->level, found);
    if (alike && guard_share_own_contact(model, a->form, b))
        return;
    bool further = score->level[MATCH_GIVEN] == GIVEN_OTHER && level_among(score->level[MATCH_BIRTH_DATE], one_day) &&
                   !guard_may_be_namesake_twin(model, a->form, b, score->level);
    bool told_from_kin = further || level_among(score->level[MATCH_GIVEN], one_name);
    int32_t shared = cb[MATCH_HOUSEHOLD] + cb[MATCH_BIRTH_PLACE] + cb[MATCH_BIRTH_DATE] + cb[MATCH_NAME];
    if (alike) /* what the given names share is no evidence either */
        take_from(score, capped, 5, shared + cb[MATCH_GIVEN] - model->kin_cap_cb);
    else if (!told_from_kin)
        take_from(score, capped + 1, 4, shared - model->kin_cap_cb - renamed_room(model, score));
}

/* Kin share a home, and neither a given name nor, but for twins, a birth date. What a home says is held down for their sake; where
 * names and date tell two records from kin, it says more. A mother's name alone is no home; one address may be that of many (a
 * nursing home), who have other names; and brothers of one name, as there are, were born at other places. */
static bool tells_from_kin(const struct match_form *a, const struct match_form *b, const uint8_t *level, unsigned shared) {
    const unsigned names = LEVEL(GIVEN_EXACT) | LEVEL(GIVEN_WITH_NAME),
                   dates = LEVEL(DATE_EXACT) | LEVEL(DATE_SWAPPED) | LEVEL(DATE_DIGIT);
    bool one_name = level_among(level[MATCH_GIVEN], names), one_date = level_among(level[MATCH_BIRTH_DATE], dates);
    bool own = (shared & (SHARES_MOBILE | SHARES_MAIL)) != 0, home = (shared & (SHARES_ADDRESS | SHARES_FIXED)) != 0;
    if (!(one_name & one_date & (own | home)) /* one jump for all: none of them can be foreseen */ ||
        level[MATCH_INS] == INS_SAME_OTHER_HOLDER || level[MATCH_BIRTH_PLACE] == BIRTH_PLACE_DIFFERENT)
        return false;
    bool two_names = level[MATCH_NAME] == NAME_DIFFERENT && (form_sex(a) & form_sex(b)) != 2;
    bool of_one_age = level[MATCH_BIRTH_DATE] != DATE_DIGIT || date_years_apart(a->facts.birth, b->facts.birth) < GENERATION_YEARS;
    return (own || !two_names) && of_one_age;
}

/* A number that both have proves who they are, unless it may be a parent's: where the given names are two and no date agrees, or
 * the dates are a generation apart. */
static bool is_proven(const struct match_form *a, const struct match_form *b, const uint8_t *level) {
    unsigned date = level[MATCH_BIRTH_DATE];
    bool dated = date >= DATE_EXACT && date < DATE_MONTH;
    bool generation = date != DATE_DIGIT && date_years_apart(a->facts.birth, b->facts.birth) >= GENERATION_YEARS;
    return level[MATCH_INS] == INS_SAME && !generation &&
           (dated || !level_among(level[MATCH_GIVEN], LEVELS_OTHER_GIVEN | LEVEL(GIVEN_OTHER)));
}

/* Without a date a parent of one name is not told from a child; unless the names are the very same and the birth place as well,
 * which kin share less often. */
static bool may_be_parent(const uint8_t *level) {
    bool same =
        level[MATCH_NAME] == NAME_EXACT && level[MATCH_GIVEN] == GIVEN_EXACT && level[MATCH_BIRTH_PLACE] == BIRTH_PLACE_SAME;
    return level[MATCH_BIRTH_DATE] == DATE_MISSING && !same;
}

/* Where the dates differ by more than a slip, or beside a slip the names are exchanged as well and no home or contact is shared, a
 * cousin or a neighbour of one name agrees as much as one person: somebody decides. The same holds for two who share the year of
 * birth alone and an address without a number: in a quarter many bear one name, and mothers do as well. */
static bool is_undecided(const struct match_form *a, const struct match_form *b, const uint8_t *level, unsigned shared) {
    unsigned slips = LEVEL(DATE_SWAPPED) | LEVEL(DATE_DIGIT) | LEVEL(DATE_NEAR_YEAR);
    bool exchanged = level[MATCH_NAME] == NAME_SWAPPED && level_among(level[MATCH_BIRTH_DATE], slips) &&
                     (shared & ~(unsigned)SHARES_QUARTER) == 0;
    bool year_in_quarter = level[MATCH_BIRTH_DATE] == DATE_PARTIAL_YEAR && (shared & ~(unsigned)SHARES_PARENT) == SHARES_QUARTER;
    bool open = level[MATCH_BIRTH_DATE] >= DATE_MONTH || exchanged || year_in_quarter || may_be_parent(level);
    return open && !is_proven(a, b, level);
}

static void add_bits(struct match_score *score, enum match_field field, int32_t cb) {
    score->field_cb[field] = (int16_t)(score->field_cb[field] + cb);
    score->weight_cb += cb;
}

static void weigh(const struct match_model *model, const struct compared *a, const struct match_form *b, struct match_score *score,
                  const struct findings *found) {
    const uint8_t *level = score->level;
    int32_t sum_cb = 0;
    for (size_t field = 0; field < MATCH_FIELD_COUNT; field++) {
        score->field_cb[field] = model->cb[field][level[field]];
        sum_cb += model->cb[field][level[field]];
    }
    score->weight_cb = sum_cb;
    add_bits(score, MATCH_NAME, family_adjustment(model, a, level[MATCH_NAME], found));
    add_bits(score, MATCH_GIVEN, given_adjustment(model, a, level, found));
    cap_dependence(model, a, b, score, found);
    if (found->same_used)
        add_bits(score, MATCH_NAME, model->further_cb);
    if (found->further != 0)
        add_bits(score, MATCH_GIVEN, found->further > 0 ? model->further_cb : model->further_differs_cb);
    if (tells_from_kin(a->form, b, level, found->shared))
        add_bits(score, MATCH_HOUSEHOLD, model->no_kin_cb);
    int32_t least = model_least_link(model);
    if (score->weight_cb >= least && is_undecided(a->form, b, level, found->shared))
        take_from(score, capped, 5, score->weight_cb - least + 1);
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
    bool name = level[MATCH_NAME] == NAME_EXACT, place = level[MATCH_BIRTH_PLACE] <= BIRTH_PLACE_SAME_ABROAD;
    bool date = (a->facts.birth != 0) & (((a->facts.birth ^ b->facts.birth) & ~DATE_WEAK) == 0);
    bool sex = level[MATCH_SEX] <= SEX_SAME_WITH_GIVEN;
    if (!(name & place & date & sex)) /* one jump for all */
        return false;
    return name_equal(a->names[FORM_FAMILY], b->names[FORM_FAMILY]) && compare_given_strictly(a, b);
}

static void compare_with(const struct match_model *model, const struct compared *side, const struct match_form *b,
                         struct match_score *out) {
    const struct match_form *a = side->form;
    struct findings found;
    compare_fields(model, side, b, true, out->level, &found);
    weigh(model, side, b, out, &found);
    out->vetoes = guard_vetoes(a, b, out->level, &found);
    out->twins_open = (out->vetoes >> MATCH_RULE_MULTIPLE_BIRTH & 1) != 0 && guard_leaves_twins_open(model, a, b);
    out->same_ins = (a->facts.ins & b->facts.ins & NIR_VALID) != 0 && nir_same(a->facts.ins, b->facts.ins);
    out->strict_agree = strict_traits_agree(a, b, out->level);
}

/* A form lies on two cache lines or three, and its names all over memory: what the next need is on its way while one is compared.
 * To ask for NULL does no harm. */
static void fetch_form(const struct match_form *form) {
    __builtin_prefetch(form);
    __builtin_prefetch(&form->names[FORM_FAMILY]);
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

static size_t at_most(size_t i, size_t last) {
    return i < last ? i : last;
}

/* Forms are asked for some comparisons ahead, names fewer: a comparison takes about as long as memory to answer. Near the end the
 * last form is asked for again, which costs less than a jump. Where a build makes one unit of a comparison's files, all of it goes
 * into this function: calls are a fifteenth of its instructions. */
__attribute__((flatten)) void match_compare_many(const struct match_model *model, const struct match_form *a,
                                                 const struct match_form *const *b, size_t count, struct match_score *out) {
    enum { FORMS_AHEAD = 4, NAMES_AHEAD = 2 };
    if (count == 0)
        return;
    for (size_t i = 0; i < FORMS_AHEAD; i++)
        fetch_form(b[at_most(i, count - 1)]);
    fetch_names(a);
    for (size_t i = 0; i < NAMES_AHEAD; i++)
        fetch_names(b[at_most(i, count - 1)]);
    fetch_entries(model, a);
    struct compared side = compared_begin(model, a);
    if (a->names[FORM_FAMILY])
        side.family_cb = model_family_cb(model, a->names[FORM_FAMILY]);
    for (size_t i = 0; i < count; i++) {
        fetch_form(b[at_most(i + FORMS_AHEAD, count - 1)]);
        fetch_names(b[at_most(i + NAMES_AHEAD, count - 1)]);
        compare_with(model, &side, b[i], &out[i]);
    }
}

void match_compare_forms(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                         struct match_score *out) {
    match_compare_many(model, a, &b, 1, out);
}

/* The same, or not known before. */
static bool completes_fact(uint32_t now, uint32_t before) {
    return before == 0 || before == now;
}

static bool completes_date(uint32_t now, uint32_t before) {
    bool month = date_month(before) == 0 || date_month(before) == date_month(now), day = date_day(before) == 0;
    return completes_fact(now & ~DATE_WEAK, before & ~DATE_WEAK) || (date_year(now) == date_year(before) && month && day);
}

/* An earlier value that the record has only added to: what was missing then, and is known now, may speak against the other one. */
static bool completes(const struct match_form *now, const struct match_form *before) {
    const struct form_facts *x = &now->facts, *y = &before->facts;
    unsigned sex = form_sex(before), order = form_birth_order(before);
    bool same = completes_date(x->birth, y->birth) && completes_fact(x->place, y->place) &&
                completes_fact(x->address, y->address) && completes_fact(x->mobile, y->mobile) &&
                completes_fact(x->fixed, y->fixed) && completes_fact(x->mail, y->mail) &&
                completes_fact(form_area(now), form_area(before)) && completes_fact(form_sex(now), sex) &&
                completes_fact(form_birth_order(now), order);
    for (size_t i = 0; i < FORM_NAMES && same; i++)
        same = !before->names[i] || names_same(now->names[i], before->names[i]);
    return same;
}

void match_compare(const struct match_model *model, const struct match_form *const *a, size_t a_count,
                   const struct match_form *const *b, size_t b_count, struct match_score *out) {
    match_compare_forms(model, a[0], b[0], out);
    struct match_score current = *out, other;
    for (size_t i = 0; i < a_count; i++) {
        for (size_t j = 0; j < b_count; j++) {
            if ((i == 0 && j == 0) || (i > 0 && completes(a[0], a[i])) || (j > 0 && completes(b[0], b[j])))
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
    int32_t least = model_least_link(model);
    bool another = current.weight_cb < model->conflict_cb; /* who bore these traits is not who bears the record now */
    if (another && out->weight_cb >= least)
        take_from(out, capped, 5, out->weight_cb - least + 1);
    out->vetoes = current.vetoes;
    out->twins_open = current.twins_open;
    out->same_ins = current.same_ins;
    out->strict_agree = current.strict_agree;
}
