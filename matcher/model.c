/* What a model answers; see model.h. Its reader is model_read.c. */
#include "matcher/model.h"

#include "matcher/fixed.h"

#include <math.h>

#include "matcher_model.h" /* generated: shipped_model, bytes of models/french-1.model */

struct span match_model_shipped(void) {
    return span_make((const char *)shipped_model, sizeof shipped_model - 1);
}

void match_model_free(struct match_model *model) {
    if (!model)
        return;
    mem_free(model->text);
    mem_free(model->family);
    mem_free(model->given);
    mem_free(model);
}

struct span match_model_name(const struct match_model *model) {
    return span_of(model->text);
}

struct span match_model_hash(const struct match_model *model) {
    return span_of(model->hash);
}

double match_model_link_posterior(const struct match_model *model) {
    return model->link_posterior;
}

double match_model_review_posterior(const struct match_model *model) {
    return model->review_posterior;
}

int32_t match_model_conflict_cb(const struct match_model *model) {
    return model->conflict_cb;
}

bool model_share_group(const struct given_entry *a, const struct given_entry *b, bool *out_weak) {
    for (size_t i = 0; i < GIVEN_GROUPS && a->groups[i] != 0; i++) {
        for (size_t j = 0; j < GIVEN_GROUPS && b->groups[j] != 0; j++) {
            if (((a->groups[i] ^ b->groups[j]) & ~GROUP_WEAK) != 0)
                continue;
            *out_weak = ((a->groups[i] | b->groups[j]) & GROUP_WEAK) != 0;
            return true;
        }
    }
    return false;
}

int32_t model_namesake_cap(const struct match_model *model, int32_t family_cb, int32_t given_cb, bool abroad) {
    enum { MOST_RARITY = 2 * CB_PER_BIT };
    int32_t most = abroad ? model->family_abroad_cb + model->given_abroad_cb : MOST_RARITY, least = 2 * model->least_cb;
    int32_t rarity_cb = family_cb + given_cb - model->namesake_average_cb;
    rarity_cb = rarity_cb < least ? least : rarity_cb > most ? most : rarity_cb;
    return model->namesake_cap_cb + rarity_cb * model->namesake_rarity / CB_PER_BIT;
}

double model_posterior(const struct match_model *model, int32_t weight_cb) {
    return 1 / (1 + exp2(-(double)model_log_odds(model, weight_cb) / CB_PER_BIT));
}
