/*
 * Parents and children of one given name, or with one number. Father and son of one name are told by their dates (guard.c). Where a
 * date is missing nothing tells them but what kin do not share: of the pairs that share names and a home, and whose dates are
 * known, how many are a generation apart? As many are where the dates are not. A daughter bears her mother's used name as a birth
 * name, and a parent's number stands on a child's record; then a person decides. See batch.h.
 */
#include "matcher/batch.h"
#include "matcher/fixed.h"

#include <math.h>

/* What a file says little of: two parents of 1,000 matches. */
#define ASSUMED_PARENTS 2.0
#define ASSUMED_ALIKE 1000.0

static const unsigned one_family = LEVEL(NAME_EXACT) | LEVEL(NAME_SOUND) | LEVEL(NAME_CLOSE),
                      one_given = LEVEL(GIVEN_EXACT) | LEVEL(GIVEN_COMPOUND) | LEVEL(GIVEN_SOUND) | LEVEL(GIVEN_VARIANT) |
                                  LEVEL(GIVEN_CLOSE) | LEVEL(GIVEN_OTHER);

/* One figure of the year may be wrong. */
static bool are_a_generation_apart(const struct match_batch *batch, uint32_t a, uint32_t b, const struct pair_levels *levels) {
    return date_years_apart(batch->rows[a].birth, batch->rows[b].birth) >= GENERATION_YEARS && !batch_is_slip(levels);
}

bool batch_shares_contact(const struct match_batch *batch, const uint8_t *level) {
    for (size_t f = 0; f < batch->field_count; f++) {
        enum match_trait trait = batch->fields[f].is_extra ? batch->extras[batch->fields[f].at].trait : MATCH_TRAIT_COUNT;
        bool tells = trait == MATCH_TRAIT_STREET || trait == MATCH_TRAIT_PHONE || trait == MATCH_TRAIT_EMAIL;
        if (tells && level[f] == EXTRA_EXACT)
            return true;
    }
    return false;
}

/* A family name in common, or the used name of one that is the birth name of the other, and the like. */
static size_t kind_of(const struct pair_levels *levels) {
    return level_among(levels->standard[MATCH_NAME], one_family) ? 0 : 1;
}

void batch_look_for_parents(const struct match_batch *batch, uint32_t a, uint32_t b, const struct pair_levels *levels,
                            uint64_t times, struct parent_counts *out) {
    bool named = levels->standard[MATCH_NAME] != NAME_MISSING && levels->standard[MATCH_NAME] < NAME_SWAPPED &&
                 level_among(levels->standard[MATCH_GIVEN], one_given);
    if (!named || !batch_knows_namesakes(batch) || !batch_shares_contact(batch, levels->level))
        return;
    if (are_a_generation_apart(batch, a, b, levels))
        out->parents[kind_of(levels)] += times;
    else if (levels->date == DATE_EXACT)
        out->alike[kind_of(levels)] += times;
}

void batch_set_parents(struct match_batch *batch, const struct parent_counts counts[PARALLEL_MOST]) {
    for (size_t kind = 0; kind < BATCH_PARENT_KINDS; kind++) {
        double parents = 0, alike = 0;
        for (size_t worker = 0; worker < PARALLEL_MOST; worker++) {
            parents += (double)counts[worker].parents[kind] / PAIR_PARTS;
            alike += (double)counts[worker].alike[kind] / PAIR_PARTS;
        }
        batch->parents[kind] = fmin((parents + ASSUMED_PARENTS) / (alike + ASSUMED_ALIKE), 1);
    }
}

/* A parent's number is a child's as well, where a laboratory or a practice writes it there. */
bool batch_may_be_parents_number(const struct match_batch *batch, uint32_t a, uint32_t b, const struct pair_levels *levels) {
    bool dated = levels->date >= DATE_EXACT && levels->date < DATE_MONTH;
    return are_a_generation_apart(batch, a, b, levels) ||
           (!dated && level_among(levels->standard[MATCH_GIVEN], LEVELS_OTHER_GIVEN | LEVEL(GIVEN_OTHER)));
}

/* What kin do not share counts above the cap: a birth place, a number. */
static int32_t own_evidence(const struct match_batch *batch, const struct batch_parts *parts) {
    int32_t sum = parts->home_cb < 0 ? parts->home_cb : 0;
    for (size_t f = 0; f < batch->field_count; f++) {
        const struct batch_field *field = &batch->fields[f];
        bool own = !field->is_extra && (field->at == MATCH_BIRTH_PLACE || field->at == MATCH_INS || field->at == MATCH_SEX);
        sum += own ? parts->field_cb[f] : 0;
    }
    return sum;
}

int32_t batch_parents_cap(const struct match_batch *batch, uint32_t a, uint32_t b, const struct pair_levels *levels,
                          const struct batch_parts *parts) {
    size_t kind = kind_of(levels);
    if (!batch_knows_namesakes(batch) || !level_among(levels->standard[MATCH_GIVEN], one_given))
        return INT32_MAX;
    if (kind != 0 && are_a_generation_apart(batch, a, b, levels)) /* of one family name: the rule of father and son */
        return BATCH_UNDECIDED_CB - batch->prior_cb;
    if (levels->standard[MATCH_BIRTH_DATE] != DATE_MISSING)
        return INT32_MAX;
    if (levels->standard[MATCH_GIVEN] == GIVEN_OTHER) /* children bear a parent's name behind their own */
        return BATCH_UNDECIDED_CB - batch->prior_cb;
    return (int32_t)lrint(-log2(batch->parents[kind]) * CB_PER_BIT) - batch->prior_cb + own_evidence(batch, parts);
}
