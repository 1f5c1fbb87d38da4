/* What a pair of a batch weighs; see batch.h. */
#include "matcher/batch.h"
#include "matcher/fixed.h"
#include "matcher/place.h"

#include <math.h>
#include <string.h>

enum {
    LEAST_ADJUSTMENT = -6 * CB_PER_BIT,
    LEAST_ADJUSTMENT_THERE = -10 * CB_PER_BIT,
    PEOPLE_ASSUMED = 100,
    MOST_ADJUSTMENT = 8 * CB_PER_BIT,
    LEAST_SWAPPED = -12 * CB_PER_BIT,
    KEY_VALUE_CB = 14 * CB_PER_BIT, /* a code that agrees and weighs so much names one person: kin do not share it */
    NO_PENALTY_CB = 8 * CB_PER_BIT, /* so far below even odds a pair is apart for any reason */
};

#define SHARED_PART 0.02 /* of agreements, that kin may have of what names one person */
#define RENAMED_SHARE 0.0047
#define RENAMED_PART 0.75
#define RENAMED_LEAST (-1.0) /* bits */
#define RENAMED_MOST 2.5

double batch_posterior(const struct match_batch *batch, int32_t weight_cb) {
    return 1 / (1 + exp2(-(double)(batch->prior_cb + weight_cb) / CB_PER_BIT));
}

/* -- frequency -------------------------------------------------------------------------------------------------------------- */

static double frequency(const struct batch_field *field, uint32_t id) {
    double bearers = (double)field->counts.of[0][id] + (double)field->counts.of[1][id];
    double all = (double)(field->counts.present[0] + field->counts.present[1]);
    return fmax(bearers - 0.5, 0.5) / all; /* the pair itself is no evidence that a value is common */
}

/* Among people of one country of birth names are shared more often than the whole file says (two in 800, two in 100). */
static void set_rarity(const struct match_batch *batch, struct batch_field *field) {
    const struct dictionary *values = field->is_extra ? &batch->extras[field->at].values : &batch->names;
    double abroad = field->is_extra ? 0 : field->at == MATCH_NAME ? 1 / 800.0 : 1 / 100.0;
    for (size_t k = 0; k < 2 && field->counts.of[0]; k++) {
        mem_free(field->counts.rarity_cb[k]);
        field->counts.rarity_cb[k] = mem_alloc((values->count + 1ul) * sizeof(int16_t));
        for (uint32_t id = 1; id <= values->count; id++) {
            double bits = log2(field->u[1] / fmax(frequency(field, id), k == 1 ? abroad : 0));
            field->counts.rarity_cb[k][id] = (int16_t)lrint(fmax(fmin(bits * CB_PER_BIT, MOST_ADJUSTMENT), LEAST_ADJUSTMENT));
        }
    }
}

static uint64_t abroad_key(uint32_t place, const struct name *name) {
    return ((name ? name->hash : 0) ^ place * UINT64_C(0x9e3779b97f4a7c15)) | 1;
}

static struct abroad_count *find_abroad(const struct match_batch *batch, uint64_t key) {
    size_t at = key >> 20 & batch->abroad_mask;
    while (batch->abroad[at].key != 0 && batch->abroad[at].key != key)
        at = (at + 1) & batch->abroad_mask;
    return &batch->abroad[at];
}

void batch_count_abroad(struct match_batch *batch) {
    static const enum form_name counted[] = {FORM_FAMILY, FORM_GIVEN};
    size_t people = 0;
    for (size_t row = 0; row < batch->count; row++)
        people += place_is_abroad(batch->rows[row].place);
    for (batch->abroad_mask = 1023; batch->abroad_mask < 4 * people; batch->abroad_mask = 2 * batch->abroad_mask + 1)
        ;
    mem_free(batch->abroad);
    batch->abroad = mem_alloc((batch->abroad_mask + 1) * sizeof *batch->abroad);
    for (size_t row = 0; row < batch->count; row++) {
        const struct row *r = &batch->rows[row];
        uint64_t keys[] = {abroad_key(r->place, NULL), 0, 0};
        for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++)
            if (r->names[counted[i]] != 0)
                keys[1 + i] = abroad_key(r->place, dictionary_name(&batch->names, r->names[counted[i]]));
        for (size_t i = 0; place_is_abroad(r->place) && i < sizeof keys / sizeof keys[0]; i++) {
            struct abroad_count *slot = keys[i] ? find_abroad(batch, keys[i]) : NULL;
            if (slot)
                *slot = (struct abroad_count){keys[i], slot->count + 1};
        }
    }
}

static void set_rarity_piece(void *context, size_t f, unsigned worker) {
    struct match_batch *batch = context;
    (void)worker;
    set_rarity(batch, &batch->fields[f]);
}

void batch_set_rarities(struct match_batch *batch, const struct parallel *parallel) {
    struct parallel silent = {parallel->threads, NULL, NULL};
    parallel_run(&silent, batch->field_count, set_rarity_piece, batch);
}

/* Both were born in that country: how much rarer the name is there than on the average of the file. Where few people of the country
 * are known, the file's own figure counts. */
static int32_t rarity_there(const struct match_batch *batch, const struct batch_field *field, uint32_t place, uint32_t id) {
    double people = find_abroad(batch, abroad_key(place, NULL))->count;
    double bearers = find_abroad(batch, abroad_key(place, dictionary_name(&batch->names, id)))->count;
    double elsewhere = field->u[1] * exp2(-(double)field->counts.rarity_cb[1][id] / CB_PER_BIT);
    double share = (fmax(bearers - 0.5, 0.5) + PEOPLE_ASSUMED * elsewhere) / (people + PEOPLE_ASSUMED);
    return (int32_t)lrint(fmax(log2(field->u[1] / share) * CB_PER_BIT, LEAST_ADJUSTMENT_THERE));
}

/* Of values that are alike the commoner one counts: the other may be its misspelling, and every misspelling is rare. That it is
 * rare itself counts by half. */
static void adjust(const struct match_batch *batch, const struct batch_field *field, bool exact, uint32_t a, uint32_t b,
                   const struct pair_levels *levels, struct rarity *out) {
    const int16_t *rarity_cb = field->counts.rarity_cb[levels->found.abroad];
    if (a == 0 || b == 0)
        return;
    int32_t anywhere = rarity_cb[a] < rarity_cb[b] ? rarity_cb[a] : rarity_cb[b], least = anywhere;
    if (levels->country != 0 && !field->is_extra) {
        int32_t x = rarity_there(batch, field, levels->country, a), y = a == b ? x : rarity_there(batch, field, levels->country, b);
        least = x < least ? x : least;
        least = y < least ? y : least;
    }
    int32_t part = exact || least < 0 ? 1 : 2;
    out->cb = least / part;
    out->there_cb = (least - anywhere) / part;
}

static double share_of(const struct batch_field *field, uint32_t id) {
    return field->counts.of[0] ? frequency(field, id) : 0;
}

/* What it would say that two records bear both names of this one. */
static int32_t both_names_cb(const struct match_batch *batch, uint32_t row, bool abroad) {
    const struct batch_field *family = &batch->fields[BATCH_FAMILY], *given = &batch->fields[BATCH_GIVEN];
    uint32_t x = batch->rows[row].names[FORM_FAMILY], y = batch->rows[row].names[FORM_GIVEN];
    double apart = share_of(family, x) * share_of(given, y);
    int32_t by_rarity = family->counts.rarity_cb[abroad][x] + given->counts.rarity_cb[abroad][y] -
                        (int32_t)lrint(log2(family->u[1] * given->u[1]) * CB_PER_BIT);
    int32_t by_count = batch_together_cb(batch, row, apart) - (int32_t)lrint(log2(apart) * CB_PER_BIT);
    return by_count < by_rarity ? by_count : by_rarity;
}

/* Names exchanged: one of the records is right, and the other one's names are as often found together as they stand by chance
 * alone. Two records whose names are both usual where they stand (FRANK PETERS, PETER FRANK) are two people's. No more than equal
 * names would say, as the other record may be a namesake's. */
static int32_t adjust_swapped(const struct match_batch *batch, uint32_t a, uint32_t b, bool abroad) {
    const struct batch_field *family = &batch->fields[BATCH_FAMILY], *given = &batch->fields[BATCH_GIVEN];
    const int16_t *of_family = family->counts.rarity_cb[abroad], *of_given = given->counts.rarity_cb[abroad];
    double rarer = 0;
    if (!of_family || !of_given)
        return 0;
    for (size_t i = 0; i < 2; i++) {
        const uint32_t *names = batch->rows[i == 0 ? a : b].names;
        rarer += exp2((double)(of_family[names[FORM_FAMILY]] + of_given[names[FORM_GIVEN]]) / CB_PER_BIT) / 2;
    }
    double bits = log2(family->u[NAME_SWAPPED] / (family->u[1] * given->u[1]) * rarer);
    int32_t of_a = both_names_cb(batch, a, abroad), of_b = both_names_cb(batch, b, abroad);
    int32_t most = (of_a < of_b ? of_a : of_b) - family->cb[NAME_SWAPPED];
    int32_t cb = (int32_t)lrint(fmin(fmax(bits * CB_PER_BIT, LEAST_SWAPPED), MOST_ADJUSTMENT));
    return cb < most ? cb : most;
}

static bool is_alike(const struct batch_field *field, unsigned level) {
    if (field->is_extra)
        return level == EXTRA_SOUND || level == EXTRA_CLOSE;
    return field->at == MATCH_NAME ? level == NAME_SOUND || level == NAME_CLOSE : level == GIVEN_SOUND || level == GIVEN_CLOSE;
}

static bool is_part(const struct batch_field *field, unsigned level) {
    return !field->is_extra && field->at == MATCH_NAME && level == NAME_PART;
}

/* What the given name says less beside that family name, and has not lost for both going with a country. */
static int32_t adjust_together(const struct match_batch *batch, uint32_t a, const struct pair_levels *levels, int32_t given_there) {
    const struct batch_field *family = &batch->fields[BATCH_FAMILY], *given = &batch->fields[BATCH_GIVEN];
    if (!batch_knows_namesakes(batch) || !batch_is_exact(family, levels->level[BATCH_FAMILY]) ||
        levels->standard[MATCH_NAME] != NAME_EXACT)
        return 0;
    uint32_t name = batch_value(batch, family, a);
    double apart = share_of(family, name) * share_of(given, batch_value(batch, given, a));
    if (apart <= 0)
        return 0;
    struct rarity of_family = {0, 0, 0};
    adjust(batch, family, true, name, name, levels, &of_family);
    int32_t left = batch_together_cb(batch, a, apart) - of_family.there_cb - given_there;
    return left < 0 ? left : 0;
}

void batch_rarity(const struct match_batch *batch, size_t f, uint32_t a, uint32_t b, const struct pair_levels *levels,
                  struct rarity *out) {
    const struct batch_field *field = &batch->fields[f];
    *out = (struct rarity){0, 0, 0};
    if (!field->is_extra && field->at == MATCH_NAME && levels->standard[MATCH_GIVEN] == GIVEN_WITH_NAME) {
        out->cb = adjust_swapped(batch, a, b, levels->found.abroad);
        return;
    }
    bool exact = batch_is_exact(field, levels->level[f]), part = is_part(field, levels->level[f]);
    if (!field->counts.rarity_cb[0] || (!exact && !part && !is_alike(field, levels->level[f])))
        return;
    adjust(batch, field, exact, batch_value(batch, field, a), batch_value(batch, field, b), levels, out);
    if (part && out->cb > 0) /* of two names in one the part is as common as it stands alone; how rare, the whole does not say */
        *out = (struct rarity){0, 0, 0};
    out->together_cb = exact && !field->is_extra && field->at == MATCH_GIVEN ? adjust_together(batch, a, levels, out->there_cb) : 0;
    out->cb += out->together_cb;
    if (exact && f == BATCH_GIVEN && batch_knows_namesakes(batch) && !batch_are_named_equally(batch, levels)) {
        int32_t fashion = batch_fashion_cb(batch, batch_value(batch, field, a), levels->level[BATCH_BIRTH]);
        out->cb += fashion;
        out->there_cb += fashion;
    }
}

/* Twins are as many everywhere, people recorded under another given name are as many as the file has errors. The caps below are
 * those of a file in which RENAMED_SHARE of the matches have one; of what the fit finds more some is kin after all. */
void batch_set_renamed(struct match_batch *batch) {
    double renamed = 0;
    for (size_t f = 0; f < batch->field_count; f++)
        if (!batch->fields[f].is_extra && batch->fields[f].at == MATCH_GIVEN)
            renamed = batch->fields[f].m[GIVEN_DIFFERENT] + batch->fields[f].m[GIVEN_DIFFERENT_USUAL];
    double bits = renamed > 0 ? RENAMED_PART * log2(renamed / RENAMED_SHARE) : 0;
    batch->renamed_cb = (int32_t)lrint(fmax(fmin(bits, RENAMED_MOST), RENAMED_LEAST) * CB_PER_BIT);
}

/* -- one pair --------------------------------------------------------------------------------------------------------------- */

/* A number of the insured, of a family's file: where it agrees, it is a household's too often for one person's. */
static bool is_of_household(const struct match_batch *batch, size_t f) {
    const struct batch_class *household = &batch->kin[KIN_HOUSEHOLD];
    return household->is_free[f] && household->prior * household->p[f][1] > SHARED_PART * batch->lambda * batch->fields[f].m[1];
}

static bool names_one_person(const struct match_batch *batch, const struct pair_levels *levels, bool ins_too) {
    for (size_t f = 0; f < batch->field_count; f++) {
        const struct batch_field *field = &batch->fields[f];
        bool number = field->is_extra ? batch->extras[field->at].trait == MATCH_TRAIT_CODE : ins_too && field->at == MATCH_INS;
        if (number && levels->level[f] == 1 && field->cb[1] >= KEY_VALUE_CB && !is_of_household(batch, f))
            return true;
    }
    return false;
}

static bool of_age(const struct match_batch *batch, uint32_t a, uint32_t b) {
    unsigned x = date_year(batch->rows[a].birth), y = date_year(batch->rows[b].birth);
    return x != 0 && y != 0 && x <= batch->adult_year && y <= batch->adult_year;
}

static bool begins(const struct name *shorter, const struct name *name) {
    return span_starts(name_tight(name), name_tight(shorter));
}

/* Given names close enough for one, usual enough for two: ANNE and ANNA, MANON and MARION, HUGO and UGO, MARIE and MARIE-LOUISE,
 * MANON and MARYSE, which have MARIE in common; ALEX and ALEXUS, who may be ALEXIS. Of people of age not PIERRE and PEDRO, of
 * nobody KHADIJA and KADIDJA, but CHRISTINE and CHRISTIANE, which are both common here and neither short for the other. */
static bool may_be_twins(const struct match_batch *batch, const struct pair_levels *levels, uint32_t a, uint32_t b) {
    unsigned given = levels->standard[MATCH_GIVEN];
    const struct name *x = dictionary_name(&batch->names, batch->rows[a].names[FORM_GIVEN]);
    const struct name *y = dictionary_name(&batch->names, batch->rows[b].names[FORM_GIVEN]);
    const struct given_entry *p = levels->found.given_a, *q = levels->found.given_b;
    if (levels->found.two_names)
        return true;
    if (given == GIVEN_CLOSE) /* a slip of the pen seldom makes another name: HUMBERT is none of HUBERT's */
        return (levels->date == DATE_EXACT || levels->date == DATE_EXACT_WEAK) &&
               ((p && q) || model_may_be_another(batch->tables, x, y));
    if (given == GIVEN_NEAR && model_may_be_another(batch->tables, x, y))
        return true;
    if (!p || !q || !p->usual || !q->usual)
        return false;
    bool common = p->cb < COMMON_GIVEN_CB && q->cb < COMMON_GIVEN_CB && !begins(x, y) && !begins(y, x);
    bool alike = common || (!of_age(batch, a, b) && !names_romanised_alike(x, y)); /* few letters apart: found.two_names */
    return given == GIVEN_NEAR || (given == GIVEN_VARIANT && alike) || given == GIVEN_CLOSE_USUAL || given == GIVEN_COMPOUND;
}

/* Men keep their family name: with another one, a given name and a birth date that agree are chance. */
static bool is_another_man(const struct match_batch *batch, const struct pair_levels *levels, uint32_t a, uint32_t b) {
    const uint32_t men = 1u << MISC_SEX_SHIFT, sexes = 3u << MISC_SEX_SHIFT;
    return levels->standard[MATCH_NAME] == NAME_DIFFERENT && (batch->rows[a].misc & sexes) == men &&
           (batch->rows[b].misc & sexes) == men;
}

/* A telephone or a mail box that is not of a firm, a school, a nursing home. */
static bool shares_contact_of_few(const struct match_batch *batch, const struct pair_levels *levels, uint32_t a) {
    enum { ROWS_OF_FEW = 12 };
    for (size_t f = 0; f < batch->field_count; f++) {
        const struct batch_field *field = &batch->fields[f];
        enum match_trait trait = field->is_extra ? batch->extras[field->at].trait : MATCH_TRAIT_COUNT;
        if ((trait != MATCH_TRAIT_PHONE && trait != MATCH_TRAIT_EMAIL) || levels->level[f] != EXTRA_EXACT)
            continue;
        uint32_t id = batch_value(batch, field, a);
        if (!field->counts.of[0] || field->counts.of[0][id] + field->counts.of[1][id] <= ROWS_OF_FEW)
            return true;
    }
    return false;
}

/* Another family name, no date: people of one firm or institution share a given name and all the rest no less often. */
static bool is_undated_stranger(const struct match_batch *batch, const struct pair_levels *levels, uint32_t a) {
    return levels->standard[MATCH_NAME] == NAME_DIFFERENT && levels->standard[MATCH_BIRTH_DATE] == DATE_MISSING &&
           !shares_contact_of_few(batch, levels, a);
}

/* A mobile or a mail box, which people of age do not share with a twin. */
static bool shares_own_contact(const struct match_batch *batch, uint32_t a, uint32_t b) {
    const struct row *x = &batch->rows[a], *y = &batch->rows[b];
    return (x->mobile != 0 && x->mobile == y->mobile) || (x->mail != 0 && x->mail == y->mail);
}

static bool differ_in_mobile(const struct match_batch *batch, uint32_t a, uint32_t b) {
    const struct row *x = &batch->rows[a], *y = &batch->rows[b];
    return x->mobile != 0 && y->mobile != 0 && x->mobile != y->mobile;
}

static unsigned level_of(const struct match_batch *batch, const struct pair_levels *levels, enum match_trait trait) {
    for (size_t f = 0; f < batch->field_count; f++)
        if (batch->fields[f].is_extra && batch->extras[batch->fields[f].at].trait == trait)
            return levels->level[f];
    return EXTRA_MISSING;
}

static bool shares_street(const struct match_batch *batch, const struct pair_levels *levels) {
    return level_among(level_of(batch, levels, MATCH_TRAIT_STREET), LEVEL(EXTRA_EXACT) | LEVEL(EXTRA_SOUND) | LEVEL(EXTRA_CLOSE));
}

/* In two streets, or, where a street is not known, in two towns, by all that tells towns; or called in two places. */
static bool live_apart(const struct match_batch *batch, const struct pair_levels *levels, uint32_t a, uint32_t b) {
    unsigned street = level_of(batch, levels, MATCH_TRAIT_STREET), city = level_of(batch, levels, MATCH_TRAIT_CITY),
             postcode = level_of(batch, levels, MATCH_TRAIT_POSTCODE), not_one = LEVEL(EXTRA_MISSING) | LEVEL(EXTRA_DIFFERENT);
    bool towns =
        (city == EXTRA_DIFFERENT || postcode == EXTRA_DIFFERENT) && level_among(city, not_one) && level_among(postcode, not_one);
    return street == EXTRA_DIFFERENT || (street == EXTRA_MISSING && towns) ||
           (!shares_street(batch, levels) && differ_in_mobile(batch, a, b));
}

/* JEAN-PAUL and JEAN-PIERRE: their parents like names that begin alike. */
static bool are_named_alike(const struct match_batch *batch, uint32_t a, uint32_t b) {
    const struct name *x = dictionary_name(&batch->names, batch->rows[a].names[FORM_GIVEN]);
    const struct name *y = dictionary_name(&batch->names, batch->rows[b].names[FORM_GIVEN]);
    return x && y && x->token_count > 1 && y->token_count > 1 && x->tokens[0] == y->tokens[0];
}

/* One bears a further given name of the other: one person, or twins who bear each other's names. Children, people who live apart
 * and, without a street in common, people named alike are for a person to decide; so are those who live apart and bear two forms
 * of one name. */
static bool may_be_namesake_twin(const struct match_batch *batch, const struct pair_levels *levels, uint32_t a, uint32_t b) {
    unsigned given = levels->standard[MATCH_GIVEN];
    bool apart = live_apart(batch, levels, a, b), further_alike = !shares_street(batch, levels) && are_named_alike(batch, a, b);
    bool unnamed = given == GIVEN_MISSING && batch_knows_namesakes(batch);
    return levels->date == DATE_EXACT &&
           ((given == GIVEN_OTHER && (apart || further_alike || !of_age(batch, a, b))) ||
            (unnamed && (apart || !of_age(batch, a, b))) || ((given == GIVEN_VARIANT || given == GIVEN_COMPOUND) && apart));
}

/* Kin share name, place and household, twins the date too. Another given name then stands against all of that together: it says no
 * more than would just reach the middle; less where what is known of homes (`home_cb`) says that two live apart, as twins do more
 * often than one person moves. */
static int32_t cap_kin(const struct match_batch *batch, const struct pair_levels *levels, bool twins, const int32_t *field_cb,
                       int32_t home_cb, int32_t sum) {
    unsigned given = levels->standard[MATCH_GIVEN];
    int32_t own = 0;
    if (!twins && given != GIVEN_DIFFERENT && given != GIVEN_DIFFERENT_USUAL && given != GIVEN_CLOSE_USUAL)
        return sum;
    for (size_t f = 0; f < batch->field_count; f++)
        if (!batch->fields[f].is_extra && batch->fields[f].at == MATCH_GIVEN && field_cb[f] < 0)
            own = field_cb[f];
    int32_t others = sum - own, cap = batch->kin_cap_cb + batch->renamed_cb + (home_cb < 0 ? home_cb : 0);
    return (others < cap ? others : cap) + own;
}

static enum match_rule rule_of(uint32_t vetoes) {
    static const enum match_rule rules[] = {MATCH_RULE_DIFFERENT_INS, MATCH_RULE_MULTIPLE_BIRTH, MATCH_RULE_FATHER_SON,
                                            MATCH_RULE_OTHER_SEX};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (vetoes >> rules[i] & 1)
            return rules[i];
    return MATCH_RULE_SCORE;
}

/* A pair that a rule keeps apart is no match whatever it shares: its weight says so. Not as firmly for two INS, and for dates a
 * generation apart beside one number, or that one slip of the pen makes equal: those are for a person to decide. */
static int32_t cap_veto(const struct match_batch *batch, const struct pair_levels *levels, enum match_rule rule, bool certain,
                        int32_t weight) {
    bool slip = rule == MATCH_RULE_FATHER_SON && (certain || batch_is_slip(levels));
    int32_t most = slip || rule == MATCH_RULE_DIFFERENT_INS ? batch->kin_cap_cb : batch->kin_cap_cb - 8 * CB_PER_BIT;
    return rule != MATCH_RULE_SCORE && rule != MATCH_RULE_NO_REAL_NAME && weight > most ? most : weight;
}

/* Another given name beside the same birth date may be a twin's, or a further given name, or a slip. Twins of age seldom share a
 * telephone, a mail box or a home: a person decides. */
static bool may_be_renamed(const struct match_batch *batch, const struct pair_levels *levels, uint32_t a, uint32_t b) {
    unsigned given = levels->standard[MATCH_GIVEN], sex = levels->standard[MATCH_SEX], date = levels->date;
    bool other = given == GIVEN_DIFFERENT || given == GIVEN_DIFFERENT_USUAL || given == GIVEN_CLOSE_USUAL ||
                 (given == GIVEN_NEAR && may_be_twins(batch, levels, a, b));
    return other && date == DATE_EXACT && sex != SEX_DIFFERENT && sex != SEX_DIFFERENT_WITH_GIVEN && of_age(batch, a, b);
}

static bool share_no_value(const struct match_batch *batch, const struct pair_levels *levels) {
    for (size_t f = 0; f < batch->field_count; f++)
        if (levels->level[f] != 0)
            return false;
    return true;
}

/* Nothing is compared, or nothing that tells people of one home apart agrees: a newborn and its mother, two unknown patients. */
static bool is_nobody(const struct match_batch *batch, const struct pair_levels *levels, uint32_t a, uint32_t b) {
    unsigned date = levels->standard[MATCH_BIRTH_DATE];
    bool unnamed = levels->standard[MATCH_NAME] == NAME_MISSING && !shares_own_contact(batch, a, b);
    bool nameless = batch->guards_nameless && batch_knows_namesakes(batch) && levels->standard[MATCH_GIVEN] == GIVEN_MISSING;
    return share_no_value(batch, levels) || (nameless && (unnamed || date == DATE_YEAR || date == DATE_DIFFERENT));
}

static int32_t at_most(int32_t most, int32_t sum, enum batch_cap why, struct batch_parts *parts) {
    if (sum <= most)
        return sum;
    parts->cap = why;
    return most;
}

static int32_t cap(const struct match_batch *batch, const struct pair_levels *levels, uint32_t a, uint32_t b, int32_t sum,
                   struct batch_parts *parts) {
    enum match_rule rule = parts->rule;
    int32_t home_cb = parts->home_cb, undecided = -batch->prior_cb + BATCH_UNDECIDED_CB;
    bool own_contact = of_age(batch, a, b) && shares_own_contact(batch, a, b), certain = names_one_person(batch, levels, true);
    if (certain && rule == MATCH_RULE_SCORE && !names_one_person(batch, levels, false) &&
        batch_may_be_parents_number(batch, a, b, levels))
        sum = at_most(undecided, sum, BATCH_CAP_PARENT, parts);
    if (!certain)
        sum = at_most(batch_parents_cap(batch, a, b, levels, parts), sum, BATCH_CAP_PARENT, parts);
    if (!certain && (rule == MATCH_RULE_MULTIPLE_BIRTH || rule == MATCH_RULE_SCORE) && may_be_renamed(batch, levels, a, b)) {
        int32_t most = batch->kin_cap_cb + batch->renamed_cb + (own_contact || shares_street(batch, levels) ? 2 : -2) * CB_PER_BIT;
        most = (most < undecided ? most : undecided) + (home_cb < 0 ? home_cb : 0);
        return at_most(most, sum, BATCH_CAP_RENAMED, parts);
    }
    bool another_man = !shares_own_contact(batch, a, b) && is_another_man(batch, levels, a, b) && !shares_street(batch, levels);
    if (!certain && (another_man || is_undated_stranger(batch, levels, a)))
        sum = at_most(batch->kin_cap_cb, sum, BATCH_CAP_STRANGER, parts);
    if (!certain && is_nobody(batch, levels, a, b))
        sum = at_most(-batch->prior_cb - NO_PENALTY_CB, sum, BATCH_CAP_NOBODY, parts);
    if (!certain && !own_contact && may_be_namesake_twin(batch, levels, a, b))
        sum = at_most(undecided, sum, BATCH_CAP_TWIN_NAMES, parts);
    bool twins = !own_contact && may_be_twins(batch, levels, a, b);
    if (!certain)
        sum = at_most(cap_kin(batch, levels, twins, parts->field_cb, home_cb, sum), sum, BATCH_CAP_KIN, parts);
    return at_most(cap_veto(batch, levels, rule, certain, sum), sum, BATCH_CAP_VETO, parts);
}

/* Whoever guesses an age writes the first of January, or the last of December. */
static bool is_known_day(uint32_t date) {
    unsigned day = date_month(date) * 100 + date_day(date);
    return date_is_full(date) && day != 101 && day != 1231;
}

/* A given name that is missing is a newborn's or an unknown patient's, of whom nothing tells one from another; of somebody of age
 * whose birth date is known, or where many records lack one, it is a gap. A newborn of known order (BEBE 2) is one of several, and
 * who has no family name either, in a file that knows names, is nobody. Where nobody's family name is known, a given name beside an
 * equal day of birth or number is somebody's. */
static bool is_gap(const struct match_batch *batch, const struct pair_levels *levels, uint32_t a, uint32_t b) {
    bool dated = is_known_day(batch->rows[a].birth) && is_known_day(batch->rows[b].birth);
    bool ordered = ((batch->rows[a].misc | batch->rows[b].misc) >> MISC_ORDER_SHIFT & 15) != 0;
    bool unnamed = levels->standard[MATCH_NAME] == NAME_MISSING && levels->standard[MATCH_GIVEN] == GIVEN_MISSING;
    if (!batch->guards_familyless && levels->standard[MATCH_GIVEN] != GIVEN_MISSING)
        return (dated && levels->date == DATE_EXACT) || names_one_person(batch, levels, true);
    if (ordered || (unnamed && batch->guards_nameless && batch_knows_namesakes(batch)))
        return false;
    return !batch->guards_nameless || (dated && of_age(batch, a, b));
}

void batch_set_reach(struct match_batch *batch) {
    for (size_t f = 0; f < batch->field_count; f++) {
        const struct batch_field *field = &batch->fields[f];
        bool counted = field->counts.rarity_cb[0] != NULL;
        for (size_t l = 0; l < LEVELS_MOST; l++) {
            bool varies = counted && (batch_is_exact(field, (unsigned)l) || is_alike(field, (unsigned)l));
            bool swapped = !field->is_extra && field->at == MATCH_NAME && l == NAME_SWAPPED;
            batch->most_cb[f][l] = field->cb[l] + (varies || swapped ? MOST_ADJUSTMENT : 0);
        }
    }
}

/* Certainly lighter than that, however rare the values are: what is taken off for kin, twins and vetoes makes no pair heavier. Most
 * pairs are. */
static bool is_lighter(const struct match_batch *batch, uint32_t a, uint32_t b, const struct pair_levels *levels,
                       int32_t least_cb) {
    int32_t most = batch_domain_cb(batch, a, b), moved = 0;
    for (size_t f = 0; f < batch->field_count; f++) {
        most += batch->most_cb[f][levels->level[f]];
        moved += batch->moved_cb[f][levels->level[f]];
    }
    return most + (moved > 0 ? moved : 0) < least_cb;
}

/* One birth date, and two usual given names that are much alike: LINA and LISA, MANON and MARION. */
static bool are_close_names_of_two(const struct pair_levels *levels) {
    const struct given_entry *p = levels->found.given_a, *q = levels->found.given_b;
    unsigned given = levels->standard[MATCH_GIVEN];
    bool weak_forms = given == GIVEN_NEAR && p && q && p->usual && q->usual;
    return levels->date == DATE_EXACT && (given == GIVEN_CLOSE_USUAL || weak_forms);
}

static enum match_rule find_rule(const struct match_batch *batch, uint32_t a, uint32_t b, const struct pair_levels *levels) {
    enum match_rule rule = rule_of(levels->vetoes);
    bool nameless = rule == MATCH_RULE_SCORE && (levels->vetoes >> MATCH_RULE_NO_REAL_NAME & 1);
    return nameless && !is_gap(batch, levels, a, b) ? MATCH_RULE_NO_REAL_NAME : rule;
}

int32_t batch_weigh_parts(const struct match_batch *batch, uint32_t a, uint32_t b, const struct pair_levels *levels,
                          struct batch_parts *out) {
    int32_t sum = batch_domain_cb(batch, a, b), moved = 0;
    out->home_cb = out->moved_cb = out->kin_cb = 0;
    out->domain_cb = sum;
    for (size_t f = 0; f < batch->field_count; f++) {
        const struct batch_field *field = &batch->fields[f];
        batch_rarity(batch, f, a, b, levels, &out->rarities[f]);
        out->field_cb[f] = field->cb[levels->level[f]] + out->rarities[f].cb;
        sum += out->field_cb[f];
        moved += batch->moved_cb[f][levels->level[f]];
        out->home_cb += batch->kin[KIN_MOVED].prior > 0 && batch->kin[KIN_MOVED].is_free[f] ? out->field_cb[f] : 0;
    }
    out->rule = find_rule(batch, a, b, levels);
    if (batch->prior_cb + sum + (moved > 0 ? moved : 0) > -NO_PENALTY_CB) {
        out->moved_cb = (int32_t)lrint(log2(batch_moved_odds(batch, moved * (log(2) / CB_PER_BIT))) * CB_PER_BIT);
        out->kin_cb = -batch_kin_penalty(batch, levels, out->rarities);
        sum += out->moved_cb + out->kin_cb;
        moved = out->moved_cb;
    }
    out->home_cb += moved;
    out->cap = BATCH_CAP_NONE;
    int32_t weight_cb = cap(batch, levels, a, b, sum, out);
    out->cap_cb = weight_cb - sum;
    return weight_cb;
}

static void weigh_levels(const struct match_batch *batch, uint32_t a, uint32_t b, const struct pair_levels *levels,
                         struct weighed *out) {
    struct batch_parts parts;
    out->weight_cb = batch_weigh_parts(batch, a, b, levels, &parts);
    out->rule = (uint8_t)parts.rule;
    out->twins_names = are_close_names_of_two(levels);
    out->zone = MATCH_APART;
    memcpy(out->level, levels->level, sizeof out->level);
}

/* The online comparison and judgement, to the bit. */
static void weigh_given(const struct match_batch *batch, uint32_t a, uint32_t b, struct weighed *out) {
    struct match_facts facts[2] = {{.domain = 1, .auto_link = true}, {.domain = 2, .auto_link = true}};
    struct match_form x, y;
    struct match_score score;
    struct match_verdict verdict;
    batch_form(batch, a, &x);
    batch_form(batch, b, &y);
    match_compare_forms(batch->options.model, &x, &y, &score);
    facts[0].model_domain = batch_model_domain(batch, a);
    facts[1].model_domain = batch_model_domain(batch, b);
    match_judge(batch->options.model, &score, &facts[0], &facts[1], false, &verdict);
    int32_t domain_cb = model_domain_cb(batch->options.model, facts[0].model_domain, facts[1].model_domain);
    *out = (struct weighed){.weight_cb = score.weight_cb + domain_cb, .zone = (uint8_t)verdict.zone, .rule = (uint8_t)verdict.rule};
    for (size_t f = 0; f < batch->field_count; f++)
        if (!batch->fields[f].is_extra)
            out->level[f] = score.level[batch->fields[f].at];
}

bool batch_weigh_from(const struct match_batch *batch, uint32_t a, uint32_t b, int32_t least_cb, struct weighed *out) {
    struct pair_levels levels;
    if (batch->options.model) {
        weigh_given(batch, a, b, out);
        return true;
    }
    batch_levels(batch, a, b, &levels);
    if (is_lighter(batch, a, b, &levels, least_cb))
        return false;
    weigh_levels(batch, a, b, &levels, out);
    return true;
}

void batch_weigh(const struct match_batch *batch, uint32_t a, uint32_t b, struct weighed *out) {
    must(batch_weigh_from(batch, a, b, INT32_MIN, out));
}
