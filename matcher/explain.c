/* Reasons of a score, field by field, for the cell's pages and `sosie explain` (identity-france.md: RNIV reviewers). */
#include "matcher/fixed.h"
#include "matcher/model.h"

void match_explain(const struct match_model *model, const struct match_score *score, struct match_reason *out_reasons) {
    for (size_t field = 0; field < MATCH_FIELD_COUNT; field++) {
        unsigned level = score->level[field];
        must(level < LEVELS_MOST && level_texts[field][level].text);
        const struct level_weight *weight = &model->levels[field][level];
        out_reasons[field] = (struct match_reason){
            .field = field_names[field],
            .level = level_texts[field][level].text,
            .m = weight->m,
            .u = weight->u,
            .frequency_bits = (double)(score->field_cb[field] - weight->cb) / CB_PER_BIT,
            .weight_bits = (double)score->field_cb[field] / CB_PER_BIT,
        };
    }
}
