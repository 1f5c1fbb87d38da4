/*
 * Households, neighbourhoods, firms, twins, namesakes, kin who live apart: reasons for which records of two people agree in many
 * fields (batch.h). A household shares family name, address and contacts, an area the place, as a firm its contacts, twins all but
 * the given name, namesakes born on one day only that. Twins and namesakes need both a given name and a birth date in the file. A
 * file that has neither is of firms, or of titles: its rows share areas only.
 *
 * One person's records may know two homes. Street, town, postcode, telephone and mail box then differ together, which is one
 * piece of news, not five. Such matches are a class of their own: its columns of a home are fitted, the others are as in any match.
 * Kin have two homes as well, of old or by their records: they share what a household does, but for the place. Without them a
 * telephone that goes with another given name and another place would speak for one person who moved.
 */
#include "matcher/batch.h"
#include "matcher/fixed.h"

#include <math.h>
#include <string.h>

#define ROWS_OF_AREA 4 /* in the mean, for each value, at least */
#define LEFT_SHARE 0.8 /* of what a home is known by, to begin with, how much changes with it */

/* Brothers and sisters are born at one place, most often. */
static bool is_shared_at_home(enum match_trait trait) {
    return trait == MATCH_TRAIT_STREET || trait == MATCH_TRAIT_CITY || trait == MATCH_TRAIT_POSTCODE ||
           trait == MATCH_TRAIT_PHONE || trait == MATCH_TRAIT_MOTHER || trait == MATCH_TRAIT_TEXT || trait == MATCH_TRAIT_EMAIL ||
           trait == MATCH_TRAIT_CODE || trait == MATCH_TRAIT_BIRTH_PLACE_NAME;
}

static bool is_of_a_home(enum match_trait trait) {
    return trait == MATCH_TRAIT_STREET || trait == MATCH_TRAIT_CITY || trait == MATCH_TRAIT_POSTCODE ||
           trait == MATCH_TRAIT_PHONE || trait == MATCH_TRAIT_EMAIL;
}

static bool is_of_place(enum match_trait trait) {
    return trait == MATCH_TRAIT_STREET || trait == MATCH_TRAIT_CITY || trait == MATCH_TRAIT_POSTCODE;
}

static bool is_of_area(enum match_trait trait) {
    return trait == MATCH_TRAIT_CITY || trait == MATCH_TRAIT_POSTCODE || trait == MATCH_TRAIT_BIRTH_PLACE_NAME;
}

static bool is_of_firm(enum match_trait trait) {
    return trait == MATCH_TRAIT_STREET || trait == MATCH_TRAIT_PHONE || trait == MATCH_TRAIT_EMAIL || trait == MATCH_TRAIT_CODE;
}

static bool has_field(const struct match_batch *batch, enum match_field at) {
    for (size_t f = 0; f < batch->field_count; f++)
        if (!batch->fields[f].is_extra && batch->fields[f].at == at)
            return true;
    return false;
}

bool batch_tells_people(const struct match_batch *batch) {
    return has_field(batch, MATCH_GIVEN) || has_field(batch, MATCH_BIRTH_DATE);
}

/* Few values for many rows: firms of one town have its code in common, too. What is known of people is said by its trait. */
static bool is_shared_widely(const struct match_batch *batch, const struct batch_field *field) {
    const struct extra *extra = &batch->extras[field->at];
    double known = (double)(field->counts.present[0] + field->counts.present[1]);
    return !batch_tells_people(batch) && (extra->trait == MATCH_TRAIT_TEXT || extra->trait == MATCH_TRAIT_CODE) &&
           ROWS_OF_AREA * (double)extra->values.count < known;
}

static bool goes_with(const struct match_batch *batch, const struct batch_field *field, enum batch_kin kin) {
    if (kin == KIN_NAMESAKE)
        return false;
    if (!field->is_extra)
        return kin != KIN_MOVED && kin != KIN_FIRM &&
               (field->at == MATCH_BIRTH_PLACE || (field->at == MATCH_NAME && kin != KIN_AREA));
    enum match_trait trait = batch->extras[field->at].trait;
    if (batch->extras[field->at].follows != 0 && trait != MATCH_TRAIT_BIRTH_PLACE_NAME) /* where no code is known it speaks */
        return false;
    if (kin == KIN_MOVED)
        return is_of_a_home(trait);
    if (kin == KIN_FIRM)
        return is_of_firm(trait) || trait == MATCH_TRAIT_CITY || trait == MATCH_TRAIT_POSTCODE;
    if (kin == KIN_AREA)
        return is_of_area(trait) || is_shared_widely(batch, field);
    return is_shared_at_home(trait);
}

/* As much as one person's records do. */
static bool shares_all(const struct batch_field *field, enum batch_kin kin) {
    if (field->is_extra)
        return false;
    enum match_field at = (enum match_field)field->at;
    if (kin == KIN_TWIN)
        return at == MATCH_BIRTH_DATE || at == MATCH_BIRTH_PLACE;
    return kin == KIN_NAMESAKE && (at == MATCH_NAME || at == MATCH_GIVEN || at == MATCH_BIRTH_DATE);
}

/* A mail box or a number is taken for one person's, unless the fit finds that households share it: those of insured families. */
static bool is_ones_own(const struct match_batch *batch, size_t f) {
    enum match_trait trait = batch->fields[f].is_extra ? batch->extras[batch->fields[f].at].trait : MATCH_TRAIT_COUNT;
    return trait == MATCH_TRAIT_EMAIL || trait == MATCH_TRAIT_CODE;
}

/* People share a street or a telephone with strangers where these are a firm's or an institution's. */
static bool is_assumed(const struct match_batch *batch, size_t f, enum batch_kin kin) {
    const struct batch_field *field = &batch->fields[f];
    return !is_ones_own(batch, f) && (kin != KIN_FIRM || !field->is_extra || is_of_area(batch->extras[field->at].trait));
}

/* A town is shared by more than a household, but seldom with others of the family name. A place of birth alone tells no home. */
static bool tells_households(const struct match_batch *batch) {
    for (size_t i = 0; i < batch->extra_count; i++)
        if (batch->extras[i].follows == 0 && batch->extras[i].trait != MATCH_TRAIT_BIRTH_PLACE_NAME &&
            is_shared_at_home(batch->extras[i].trait))
            return true;
    return false;
}

/* Kin who live apart are told by what they share all the same, a telephone above all. */
static bool tells_kin_apart(const struct match_batch *batch) {
    bool place = false, contact = false;
    for (size_t i = 0; i < batch->extra_count; i++) {
        enum match_trait trait = batch->extras[i].trait;
        place |= is_of_place(trait);
        contact |= trait == MATCH_TRAIT_PHONE || trait == MATCH_TRAIT_EMAIL;
    }
    return place && contact;
}

static bool is_told(const struct match_batch *batch, enum batch_kin kin) {
    if (kin == KIN_HOUSEHOLD)
        return tells_households(batch);
    if (kin == KIN_APART)
        return tells_kin_apart(batch);
    return (kin != KIN_TWIN && kin != KIN_NAMESAKE) || (has_field(batch, MATCH_GIVEN) && has_field(batch, MATCH_BIRTH_DATE));
}

static bool differs_apart(const struct match_batch *batch, const struct batch_field *field, enum batch_kin kin) {
    return kin == KIN_MOVED || (kin == KIN_APART && field->is_extra && is_of_place(batch->extras[field->at].trait));
}

double batch_chance(const struct match_batch *batch) {
    double chance = 1 - batch->lambda;
    for (size_t kin = 0; kin < KIN_MOVED; kin++)
        chance -= batch->kin[kin].prior;
    return chance;
}

void batch_kin_begin(struct match_batch *batch) {
    static const double shares[KIN_COUNT] = {[KIN_HOUSEHOLD] = 0.5,  [KIN_AREA] = 5,    [KIN_FIRM] = 0.5, [KIN_TWIN] = 0.01,
                                             [KIN_NAMESAKE] = 0.002, [KIN_APART] = 0.1, [KIN_MOVED] = 0.1};
    for (size_t kin = 0; kin < KIN_COUNT; kin++) {
        if (kin != KIN_AREA && !batch_tells_people(batch))
            continue;
        struct batch_class *class = &batch->kin[kin];
        size_t together = 0;
        for (size_t f = 0; f < batch->field_count; f++) {
            const struct batch_field *field = &batch->fields[f];
            bool goes = goes_with(batch, field, (enum batch_kin)kin);
            class->is_match[f] = kin == KIN_MOVED ? !goes : shares_all(field, (enum batch_kin)kin);
            class->is_free[f] = goes && !class->is_match[f];
            together += class->is_free[f] || (class->is_match[f] && kin != KIN_MOVED);
            bool leaves = differs_apart(batch, field, (enum batch_kin)kin);
            for (size_t l = 1; l < field->levels; l++)
                class->p[f][l] = leaves ? LEFT_SHARE * field->u[l] + (1 - LEFT_SHARE) * field->m[l] : field->m[l];
            memcpy(class->assumed[f], is_assumed(batch, f, (enum batch_kin)kin) ? class->p[f] : field->u, sizeof class->assumed[f]);
        }
        class->prior = together > 1 && is_told(batch, (enum batch_kin)kin) ? batch->lambda * shares[kin]
                                                                           : 0; /* one field alone depends on nothing */
    }
    batch_kin_settle(batch);
}

/* Namesakes share the names that made them so; used names and further given names agree between them by chance. */
static void share_by_chance(const struct batch_field *field, double *p) {
    size_t agree = field->at == MATCH_NAME ? BATCH_NAME_BOTH : BATCH_GIVEN_FURTHER, differ = agree + 1;
    double sum = p[agree] + p[differ], u = field->u[agree] + field->u[differ];
    p[agree] = u > 0 ? sum * field->u[agree] / u : 0;
    p[differ] = sum - p[agree];
}

void batch_kin_settle(struct match_batch *batch) {
    for (size_t kin = 0; kin < KIN_COUNT; kin++) {
        struct batch_class *class = &batch->kin[kin];
        for (size_t f = 0; f < batch->field_count; f++) {
            const struct batch_field *field = &batch->fields[f];
            double *p = class->p[f];
            if (kin == KIN_TWIN && class->is_free[f] && is_ones_own(batch, f)) /* people of one date are too often one person */
                memcpy(p, batch->kin[KIN_HOUSEHOLD].p[f], sizeof class->p[f]);
            for (size_t l = 1; l < field->levels && !class->is_free[f]; l++)
                p[l] = class->is_match[f] ? field->m[l] : field->u[l];
            if (kin == KIN_NAMESAKE && class->is_match[f] && field->at != MATCH_BIRTH_DATE)
                share_by_chance(field, p);
            if (class->is_free[f] && !field->is_extra && field->at == MATCH_NAME && has_field(batch, MATCH_GIVEN))
                p[NAME_SWAPPED] = field->m[NAME_SWAPPED] * batch->fields[BATCH_GIVEN].u[GIVEN_EXACT]; /* and the same given name */
            for (size_t l = 1; l < field->levels; l++)
                class->log_ratio[f][l] = p[l] > 0 && field->u[l] > 0 && !batch_is_tied(field, l) ? log(p[l] / field->u[l]) : 0;
        }
    }
}

bool batch_knows_namesakes(const struct match_batch *batch) {
    return has_field(batch, MATCH_NAME) && has_field(batch, MATCH_GIVEN) && has_field(batch, MATCH_BIRTH_DATE);
}

bool batch_are_named_equally(const struct match_batch *batch, const struct pair_levels *levels) {
    return batch_knows_namesakes(batch) && batch_is_exact(&batch->fields[BATCH_FAMILY], levels->level[BATCH_FAMILY]) &&
           batch_is_exact(&batch->fields[BATCH_GIVEN], levels->level[BATCH_GIVEN]);
}

/* -- of a pair ------------------------------------------------------------------------------------------------------------ */

/* How much likelier than by chance, for each pair, the agreement is for that reason. How rare a shared name or address is says
 * nothing against those who share it for such a reason. */
static double kin_likelihood(const struct match_batch *batch, enum batch_kin kin, const struct pair_levels *levels,
                             const struct rarity *rarities) {
    const struct batch_class *class = &batch->kin[kin];
    double sum = 0, prior = class->prior;
    if (prior <= 0) /* a file of one column has no rarities of two names either */
        return 0;
    for (size_t f = 0; f < batch->field_count; f++) {
        bool all = class->is_free[f] || (kin == KIN_NAMESAKE && class->is_match[f]);
        int32_t rarity_cb = all ? rarities[f].cb : class->is_match[f] ? rarities[f].there_cb : 0;
        sum += class->log_ratio[f][levels->level[f]] + rarity_cb * (log(2) / CB_PER_BIT);
    }
    if (kin == KIN_NAMESAKE)
        prior = batch->lambda * batch->namesakes[batch_namesake_bin(&rarities[BATCH_FAMILY], &rarities[BATCH_GIVEN])];
    return prior * exp(fmin(sum, 200));
}

/* What other reasons than identity account for is taken from the weight: log2 of how much likelier than by chance the agreement is
 * under them. */
int32_t batch_kin_penalty(const struct match_batch *batch, const struct pair_levels *levels, const struct rarity *rarities) {
    double likelier = 0;
    for (enum batch_kin kin = 0; kin < KIN_MOVED; kin++)
        likelier += kin_likelihood(batch, kin, levels, rarities);
    return (int32_t)lrint(log2(1 + likelier / batch_chance(batch)) * CB_PER_BIT);
}

enum batch_kin batch_likeliest_kin(const struct match_batch *batch, const struct pair_levels *levels,
                                   const struct batch_parts *parts) {
    enum batch_kin likeliest = 0;
    for (enum batch_kin kin = 1; kin < KIN_MOVED; kin++)
        if (kin_likelihood(batch, kin, levels, parts->rarities) > kin_likelihood(batch, likeliest, levels, parts->rarities))
            likeliest = kin;
    return likeliest;
}
