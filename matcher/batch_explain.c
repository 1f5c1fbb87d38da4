/* Why a pair of a batch weighs what it does, part by part; see matcher.h. Of two forms: explain.c. */
#include "matcher/batch.h"

static double bits_of(int32_t cb) {
    return (double)cb / CB_PER_BIT;
}

/* Pairs are in the order of a, then b. NULL: it was not kept. */
static const struct match_pair *find_pair(const struct match_batch *batch, uint32_t a, uint32_t b) {
    size_t from = 0, to = batch->pair_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct match_pair *pair = &batch->pairs[middle];
        if (pair->a == a && pair->b == b)
            return pair;
        if (pair->a < a || (pair->a == a && pair->b < b))
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

/* -- fields ----------------------------------------------------------------------------------------------------------------- */

static bool is_left_out(const struct match_batch *batch, const struct batch_field *field, uint32_t a, uint32_t b) {
    return field->is_extra && batch_is_said(batch, &batch->extras[field->at], a, b);
}

static void explain_field(const struct match_batch *batch, uint32_t a, uint32_t b, size_t f, unsigned level,
                          const struct batch_parts *parts, struct match_reason *out) {
    const struct batch_field *field = &batch->fields[f];
    double share;
    must(match_batch_level(batch, f, level, out, &share));
    out->field = arena_printf(batch->arena, "%.*s", SPAN_ARG(field->name));
    out->m = field->m[level]; /* of those who did not move: a move is a part of its own */
    out->frequency_bits = bits_of(parts->rarities[f].cb);
    out->weight_bits = bits_of(parts->field_cb[f]);
    if (is_left_out(batch, field, a, b))
        out->level = "not weighed beside what it follows from";
}

/* -- beside them ------------------------------------------------------------------------------------------------------------ */

static void add_beside(struct match_batch_explanation *out, const char *name, const char *text, int32_t cb) {
    if (cb != 0)
        out->beside[out->beside_count++] = (struct match_reason){.field = name, .level = text, .weight_bits = bits_of(cb)};
}

static const char *kin_text(enum batch_kin kin) {
    static const char *const texts[KIN_COUNT] = {
        [KIN_HOUSEHOLD] = "as much is shared in a household", [KIN_AREA] = "as much is shared by neighbours",
        [KIN_FIRM] = "as much is shared in a firm or a home", [KIN_TWIN] = "as much is shared by twins",
        [KIN_NAMESAKE] = "namesakes may be born on one day",  [KIN_APART] = "as much is shared by kin who live apart",
    };
    return texts[kin];
}

static const char *cap_text(enum batch_cap cap) {
    static const char *const texts[] = {
        [BATCH_CAP_RENAMED] = "another given name beside one birth date: twins?",
        [BATCH_CAP_STRANGER] = "another family name, and nothing of one's own",
        [BATCH_CAP_NOBODY] = "no name that tells one from another",
        [BATCH_CAP_TWIN_NAMES] = "further or alike given names beside one birth date: twins?",
        [BATCH_CAP_PARENT] = "parent and child, of one given name or with one number?",
        [BATCH_CAP_KIN] = "two given names: kin share all the rest",
        [BATCH_CAP_VETO] = "the rule below",
    };
    return cap == BATCH_CAP_NONE ? "" : texts[cap];
}

static const char *domains_text(int32_t cb) {
    return cb > 0 ? "more matches between these than elsewhere" : "fewer matches between these than elsewhere";
}

static void explain_fitted(const struct match_batch *batch, uint32_t a, uint32_t b, const struct match_pair *pair,
                           struct match_batch_explanation *out) {
    struct pair_levels levels;
    struct batch_parts parts;
    batch_levels(batch, a, b, &levels);
    int32_t weight_cb = batch_weigh_parts(batch, a, b, &levels, &parts);
    out->rule = parts.rule;
    out->field_count = batch->field_count;
    for (size_t f = 0; f < batch->field_count; f++)
        explain_field(batch, a, b, f, levels.level[f], &parts, &out->fields[f]);
    add_beside(out, "domains", domains_text(parts.domain_cb), parts.domain_cb);
    add_beside(out, "move", "what a move explains together", parts.moved_cb);
    add_beside(out, "kin", kin_text(batch_likeliest_kin(batch, &levels, &parts)), parts.kin_cb);
    add_beside(out, "held down", cap_text(parts.cap), parts.cap_cb);
    add_beside(out, "partners",
               pair && pair->outdone ? "one of the two surely belongs to another" : "few others are left without a partner",
               pair ? pair->weight_cb - weight_cb : 0);
    out->weight_bits = bits_of(pair ? pair->weight_cb : weight_cb);
}

static void explain_given(const struct match_batch *batch, uint32_t a, uint32_t b, struct match_batch_explanation *out) {
    struct match_form x, y;
    struct match_score score;
    struct weighed w;
    batch_form(batch, a, &x);
    batch_form(batch, b, &y);
    match_compare_forms(batch->options.model, &x, &y, &score);
    match_explain(batch->options.model, &score, out->fields);
    batch_weigh(batch, a, b, &w);
    out->field_count = MATCH_FIELD_COUNT;
    add_beside(out, "domains", domains_text(w.weight_cb - score.weight_cb), w.weight_cb - score.weight_cb);
    out->weight_bits = bits_of(w.weight_cb);
    out->rule = w.rule;
}
_Static_assert((int)MATCH_FIELD_COUNT <= (int)MATCH_BATCH_FIELDS, "an explanation has room for the fields of a server's model");

/* -- the zone --------------------------------------------------------------------------------------------------------------- */

static const char *why(const struct match_batch *batch, const struct match_pair *pair, const struct match_batch_explanation *e) {
    double odds_bits = e->prior_bits + e->weight_bits;
    bool links = odds_bits >= bits_of(batch->link_cb) && e->rule == MATCH_RULE_SCORE, asks = odds_bits >= bits_of(batch->review_cb);
    if (e->zone == MATCH_LINK)
        return links ? "it is as likely as a link has to be" : "surer links hold the two in one cluster";
    if (e->zone == MATCH_REVIEW && e->rule != MATCH_RULE_SCORE)
        return "a rule leaves it to a person";
    if (e->zone == MATCH_REVIEW)
        return links ? "likely enough for a link, but their clusters do not go together"
                     : "neither as likely as a link, nor unlikely";
    if (!asks)
        return "less likely than what a person is asked about";
    if (!pair)
        return "they share no key that was read: nobody compared them";
    return e->rule != MATCH_RULE_SCORE ? "a rule keeps them apart" : "a surer pair of their clusters is asked about";
}

void match_batch_explain(const struct match_batch *batch, uint32_t a, uint32_t b, struct match_batch_explanation *out) {
    uint32_t first = a < b ? a : b, second = a < b ? b : a;
    const struct match_pair *pair = find_pair(batch, first, second);
    *out = (struct match_batch_explanation){.prior_bits = bits_of(batch->prior_cb), .zone = pair ? pair->zone : MATCH_APART};
    if (batch->options.model)
        explain_given(batch, first, second, out);
    else
        explain_fitted(batch, first, second, pair, out);
    out->posterior = batch_posterior(batch, (int32_t)lrint(out->weight_bits * CB_PER_BIT));
    out->key = pair ? batch->keys[pair->kind].name : NULL;
    out->why = why(batch, pair, out);
}
