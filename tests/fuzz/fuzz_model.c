/* A model of any text: refused with a reason, or whole enough to compare and explain with. */
#include "base/arena.h"
#include "matcher/matcher.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct error err = ERROR_INIT;
    struct match_model *model = NULL;
    if (!match_model_read(span_make((const char *)data, size), &model, &err)) {
        must(err.code != ERROR_NONE && err.text[0] != '\0' && !model);
        return 0;
    }
    struct arena *arena = arena_new(0);
    struct match_traits traits = {.family = SPAN("MARTIN"), .given = SPAN("ANNA"), .birth_date = SPAN("19800512"), .sex = 'F'},
                        other = traits;
    struct match_score score;
    struct match_reason reasons[MATCH_FIELD_COUNT];
    other.given = SPAN("ANNE");
    match_compare_forms(model, match_standardize(&traits, arena), match_standardize(&other, arena), &score);
    match_explain(model, &score, reasons);
    must(match_model_hash(model).len == 64);
    match_model_free(model);
    arena_free(arena);
    return 0;
}
