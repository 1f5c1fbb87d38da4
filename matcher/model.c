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

static int32_t family_cb(const struct match_model *model, const struct name *name) {
    uint32_t tag = model_tag(name->hash);
    for (uint32_t at = (uint32_t)name->hash & model->family_mask; model->family[at].tag != 0; at = (at + 1) & model->family_mask)
        if (model->family[at].tag == tag)
            return model->family[at].cb;
    return model->family_rare_cb;
}

bool model_are_variants(const struct given_entry *a, const struct given_entry *b, bool *out_weak) {
    for (size_t i = 0; a && b && i < GIVEN_GROUPS && a->groups[i] != 0; i++) {
        for (size_t j = 0; j < GIVEN_GROUPS && b->groups[j] != 0; j++) {
            if (((a->groups[i] ^ b->groups[j]) & ~GROUP_WEAK) != 0)
                continue;
            *out_weak = ((a->groups[i] | b->groups[j]) & GROUP_WEAK) != 0;
            return true;
        }
    }
    return false;
}

static int32_t limited(int32_t cb, int32_t least, int32_t most) {
    return cb < least ? least : cb > most ? most : cb;
}

int32_t model_family_adjustment(const struct match_model *model, const struct name *name, bool abroad) {
    int32_t cb = family_cb(model, name) - model->family_exact_cb;
    return limited(cb, model->least_cb, abroad ? model->family_abroad_cb : model->most_cb);
}

int32_t model_given_adjustment(const struct match_model *model, const struct given_entry *entry, bool abroad) {
    int32_t cb = (entry ? entry->cb : model->given_rare_cb) - model->given_exact_cb;
    return limited(cb, model->least_cb, abroad ? model->given_abroad_cb : model->most_cb);
}

int32_t model_namesake_cap(const struct match_model *model, const struct name *family, const struct given_entry *given,
                           bool abroad) {
    enum { MOST_RARITY = 2 * CB_PER_BIT };
    int32_t rarity_cb = family_cb(model, family) + (given ? given->cb : model->given_rare_cb) - model->namesake_average_cb;
    rarity_cb = limited(rarity_cb, 2 * model->least_cb, abroad ? model->family_abroad_cb + model->given_abroad_cb : MOST_RARITY);
    return model->namesake_cap_cb + rarity_cb * model->namesake_rarity / CB_PER_BIT;
}

double model_posterior(const struct match_model *model, int32_t weight_cb) {
    return 1 / (1 + exp2(-(double)model_log_odds(model, weight_cb) / CB_PER_BIT));
}
