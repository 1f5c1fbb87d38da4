/*
 * Weights of levels from the m and u that a fit found, or read; see batch.h. Equal values speak for a match the most, and a
 * difference never does.
 */
#include "matcher/batch.h"
#include "matcher/fixed.h"

#include <math.h>

#define SHOWN_LEAST 0.001 /* of the matches */

/* What a level weighs where the person did not move, and how much more if he did. */
struct level_bits {
    double bits, moved;
};

static bool is_difference(const struct batch_field *field, size_t level) {
    static const unsigned of[MATCH_FIELD_COUNT] = {[MATCH_NAME] = LEVEL(NAME_DIFFERENT),
                                                   [MATCH_GIVEN] = LEVEL(GIVEN_DIFFERENT) | LEVEL(GIVEN_DIFFERENT_USUAL),
                                                   [MATCH_BIRTH_DATE] = LEVEL(DATE_DIFFERENT),
                                                   [MATCH_SEX] = LEVEL(SEX_DIFFERENT_WITH_GIVEN) | LEVEL(SEX_DIFFERENT),
                                                   [MATCH_BIRTH_PLACE] = LEVEL(BIRTH_PLACE_DIFFERENT),
                                                   [MATCH_INS] = LEVEL(INS_DIFFERENT)};
    return level_among((unsigned)level, field->is_extra ? LEVEL(EXTRA_DIFFERENT) : of[field->at]);
}

/* Nothing weighs more than what is equal, but for two names exchanged, which are two that agree, and a country abroad, which is
 * rarer than a town at home. Where many share a name, names that sound alike say more than equal ones, if one person's records show
 * it. Levels between are not put in order: one that nobody shows would drag down what everybody does. */
static bool may_outweigh_equal(const struct batch_field *field, size_t level) {
    if (field->is_extra)
        return level > EXTRA_DIFFERENT;
    if (field->at == MATCH_BIRTH_PLACE)
        return level == BIRTH_PLACE_SAME_ABROAD;
    if (field->at == MATCH_NAME && (level == NAME_SWAPPED || level == BATCH_NAME_BOTH))
        return true;
    if (field->at == MATCH_GIVEN && level == BATCH_GIVEN_FURTHER)
        return true;
    return (field->at == MATCH_NAME || field->at == MATCH_GIVEN) && field->share[level] >= SHOWN_LEAST;
}

/* Of differences together, as far as that speaks against a match. */
static double difference_bits(const struct batch_field *field) {
    double m = 0, u = 0;
    for (size_t l = 1; l < field->levels; l++) {
        m += is_difference(field, l) ? field->m[l] : 0;
        u += is_difference(field, l) ? field->u[l] : 0;
    }
    return m > 0 ? fmin(log2(m / u), 0) : 0;
}

/* Of a level by itself, whether the person moved or not. */
static double whole_bits(const struct match_batch *batch, const struct level_bits *level) {
    return level->bits + log2(batch_moved_odds(batch, level->moved * log(2)));
}

/* u of a level that random pairs never showed is next to nothing: a difference would speak for a match, and what is near would say
 * more than what is equal. */
static void bound_bits(const struct match_batch *batch, const struct batch_field *field, struct level_bits of[LEVELS_MOST]) {
    for (size_t l = 1; l < field->levels; l++) {
        if (is_difference(field, l) && whole_bits(batch, &of[l]) > 0) {
            of[l].bits = fmin(of[l].bits, difference_bits(field));
            of[l].moved = fmin(of[l].moved, -of[l].bits);
        }
        if (!may_outweigh_equal(field, l) && !batch_is_tied(field, l))
            of[l].bits -= fmax(whole_bits(batch, &of[l]) - whole_bits(batch, &of[1]), 0);
    }
}

void batch_set_weights(struct match_batch *batch) {
    const struct batch_class *left = &batch->kin[KIN_MOVED];
    for (size_t f = 0; f < batch->field_count; f++) {
        struct batch_field *field = &batch->fields[f];
        struct level_bits of[LEVELS_MOST] = {{0, 0}};
        for (size_t l = 1; l < field->levels; l++) {
            of[l].bits = batch_is_tied(field, l) || field->m[l] <= 0 ? 0 : log2(field->m[l] / field->u[l]);
            of[l].moved = left->is_free[f] ? left->log_ratio[f][l] / log(2) - of[l].bits : 0;
        }
        bound_bits(batch, field, of);
        for (size_t l = 1; l < field->levels; l++) {
            field->cb[l] = (int32_t)lrint(fmax(fmin(of[l].bits, 60), -30) * CB_PER_BIT);
            batch->moved_cb[f][l] = (int32_t)lrint(fmax(fmin(of[l].moved, 60), -60) * CB_PER_BIT);
        }
    }
    batch->prior_cb = (int32_t)lrint(log2(batch->lambda / batch_chance(batch)) * CB_PER_BIT);
}
