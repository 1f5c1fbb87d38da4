/* A model of any text, of the server's form or fitted by sosie link: refused with a reason, or whole enough to weigh with. */
#include "base/arena.h"
#include "base/parallel.h"
#include "matcher/matcher.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 3, COLUMNS = 4 };

static void weigh_a_file(struct span fitted) {
    static const struct match_column columns[COLUMNS] = {
        {MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_GIVEN, {0}}, {MATCH_TRAIT_BIRTH_DATE, {0}}, {MATCH_TRAIT_POSTCODE, {0}}};
    static const struct span values[ROWS * COLUMNS] = {SPAN("MARTIN"),  SPAN("ANNA"), SPAN("19800512"), SPAN("29200"),
                                                       SPAN("MARTIN"),  SPAN("ANNE"), SPAN("19800512"), SPAN("29200"),
                                                       SPAN("LE GOFF"), SPAN("YANN"), SPAN("1950"),     SPAN("35000")};
    const struct parallel parallel = {1, NULL, NULL};
    struct error err = ERROR_INIT;
    struct match_batch *batch;
    must(match_batch_new(columns, COLUMNS, &batch, &err));
    match_batch_add(batch, &parallel, values, ROWS, false);
    match_batch_block(batch, &parallel);
    if (match_batch_fit(batch, &parallel, &(struct match_batch_options){.fitted = fitted, .seed = 1}, &err)) {
        match_batch_score(batch, &parallel);
        match_batch_cluster(batch, &parallel);
    } else {
        must(err.code != ERROR_NONE && err.text[0] != '\0');
    }
    match_batch_free(batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct error err = ERROR_INIT;
    struct match_model *model = NULL;
    if (match_batch_is_model(span_make((const char *)data, size))) {
        weigh_a_file(span_make((const char *)data, size));
        return 0;
    }
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
    const struct match_facts north = {.domain = 1, .auto_link = true, .model_domain = match_model_domain(model, SPAN("CHU-NORD"))};
    const struct match_facts south = {.domain = 2, .auto_link = true, .model_domain = match_model_domain(model, SPAN("CH SUD"))};
    struct match_verdict verdict;
    match_judge(model, &score, &north, &south, false, &verdict);
    must(verdict.posterior >= 0 && verdict.posterior <= 1 && verdict.domain_bits >= -3 && verdict.domain_bits <= 3);
    must(match_model_hash(model).len == 64);
    match_model_free(model);
    arena_free(arena);
    return 0;
}
