/* Weights and zones of a batch's pairs; see batch.h. */
#include "matcher/batch.h"
#include "matcher/distance.h"
#include "matcher/fixed.h"
#include "matcher/place.h"

#include <math.h>
#include <string.h>

enum {
    LEAST_ADJUSTMENT = -6 * CB_PER_BIT,
    LEAST_ADJUSTMENT_THERE = -10 * CB_PER_BIT,
    PEOPLE_ASSUMED = 100,
    MOST_ADJUSTMENT = 8 * CB_PER_BIT,
    TWIN_EDITS_MOST = 2,
    KEY_VALUE_CB = 14 * CB_PER_BIT, /* a code that agrees and weighs so much names one person: kin do not share it */
    NO_PENALTY_CB = 8 * CB_PER_BIT, /* so far below even odds a pair is apart for any reason */
    SAMPLED_PAIRS = 500000,         /* at most */
    PAIRS_FOR_A_MATCH = 2000,       /* a kind of key that needs fewer is worth its while */
    CONFLICT_CB = -4 * CB_PER_BIT,  /* DESIGN.md rule 5 */
};
#define LINK_POSTERIOR 0.99
#define REVIEW_POSTERIOR 0.05
#define FALSE_SHARE_MOST 0.0003
#define LOST_SHARE_MOST 0.0005
#define LIKELY_ENOUGH 0.001 /* below, a pair is chance, and a million of them no match */

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
static void set_rarity(struct match_batch *batch, struct batch_field *field) {
    const struct dictionary *values = field->is_extra ? &batch->extras[field->at].values : &batch->names;
    double abroad = field->is_extra ? 0 : field->at == MATCH_NAME ? 1 / 800.0 : 1 / 100.0;
    for (size_t k = 0; k < 2 && field->counts.of[0]; k++) {
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

static void count_abroad(struct match_batch *batch) {
    static const enum form_name counted[] = {FORM_FAMILY, FORM_GIVEN};
    size_t people = 0;
    for (size_t row = 0; row < batch->count; row++)
        people += place_is_abroad(batch->rows[row].place);
    for (batch->abroad_mask = 1023; batch->abroad_mask < 4 * people; batch->abroad_mask = 2 * batch->abroad_mask + 1)
        ;
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

/* Both were born in that country: how much rarer the name is there than on the average of the file. Where few people of the country
 * are known, the file's own figure counts. */
static int32_t rarity_there(const struct match_batch *batch, const struct batch_field *field, uint32_t place, uint32_t id) {
    double people = find_abroad(batch, abroad_key(place, NULL))->count;
    double bearers = find_abroad(batch, abroad_key(place, dictionary_name(&batch->names, id)))->count;
    double elsewhere = field->u[1] * exp2(-(double)field->counts.rarity_cb[1][id] / CB_PER_BIT);
    double share = (fmax(bearers - 0.5, 0.5) + PEOPLE_ASSUMED * elsewhere) / (people + PEOPLE_ASSUMED);
    return (int32_t)lrint(fmax(log2(field->u[1] / share) * CB_PER_BIT, LEAST_ADJUSTMENT_THERE));
}

/* What is added to a level's weight for the values at hand; `there`: the part of it that the country of birth of both makes. */
struct rarity {
    int32_t cb, there_cb;
};

/* Of values that are alike the commoner one counts, by half: the other may be its misspelling, and every misspelling is rare. */
static struct rarity adjust(const struct match_batch *batch, const struct batch_field *field, unsigned level, uint32_t a,
                            uint32_t b, const struct pair_levels *levels) {
    const int16_t *rarity_cb = field->counts.rarity_cb[levels->found.abroad];
    bool exact = batch_is_exact(field, level), alike = field->is_extra           ? level == EXTRA_SOUND || level == EXTRA_CLOSE
                                                       : field->at == MATCH_NAME ? level == NAME_SOUND || level == NAME_CLOSE
                                                                                 : level == GIVEN_SOUND || level == GIVEN_CLOSE;
    if (!rarity_cb || a == 0 || b == 0 || !(exact || alike))
        return (struct rarity){0, 0};
    int32_t anywhere = rarity_cb[a] < rarity_cb[b] ? rarity_cb[a] : rarity_cb[b], least = anywhere, part = exact ? 1 : 2;
    if (levels->country != 0 && !field->is_extra) {
        int32_t x = rarity_there(batch, field, levels->country, a), y = a == b ? x : rarity_there(batch, field, levels->country, b);
        least = x < least ? x : least;
        least = y < least ? y : least;
    }
    return (struct rarity){least / part, (least - anywhere) / part};
}

static uint32_t value_in(const struct match_batch *batch, const struct batch_field *field, uint32_t row) {
    if (field->is_extra)
        return batch_extra(batch, row, field->at);
    return batch->rows[row].names[field->at == MATCH_NAME ? FORM_FAMILY : FORM_GIVEN];
}

/* -- one pair --------------------------------------------------------------------------------------------------------------- */

static bool names_one_person(const struct match_batch *batch, const struct batch_field *field, unsigned level) {
    if (level != 1)
        return false;
    bool number = field->is_extra ? batch->extras[field->at].trait == MATCH_TRAIT_CODE : field->at == MATCH_INS;
    return number && field->cb[1] >= KEY_VALUE_CB;
}

/* Given names close enough for one, usual enough for two: ANNE and ANNA, MANON and MARION, HUGO and UGO. */
static bool may_be_twins(const struct match_batch *batch, const struct pair_levels *levels, uint32_t a, uint32_t b) {
    unsigned given = levels->standard[MATCH_GIVEN];
    const struct name *x = dictionary_name(&batch->names, batch->rows[a].names[FORM_GIVEN]);
    const struct name *y = dictionary_name(&batch->names, batch->rows[b].names[FORM_GIVEN]);
    const struct given_entry *p = levels->found.given_a, *q = levels->found.given_b;
    if (!p || !q || !p->usual || !q->usual)
        return false;
    bool alike = distance_osa(name_tight(x), name_tight(y), TWIN_EDITS_MOST) <= TWIN_EDITS_MOST; /* not PIERRE and PEDRO */
    return ((given == GIVEN_VARIANT || given == GIVEN_NEAR) && alike) || given == GIVEN_CLOSE_USUAL ||
           (given == GIVEN_SOUND && x->head >> 56 != y->head >> 56);
}

/* Kin share name, place and household, twins the date too. Another given name then stands against all of that together: it says no
 * more than would just reach the middle. */
static int32_t cap_kin(const struct match_batch *batch, const struct pair_levels *levels, bool twins, const int32_t *field_cb,
                       int32_t sum) {
    unsigned given = levels->standard[MATCH_GIVEN];
    int32_t own = 0;
    if (!twins && given != GIVEN_DIFFERENT && given != GIVEN_DIFFERENT_USUAL && given != GIVEN_CLOSE_USUAL)
        return sum;
    for (size_t f = 0; f < batch->field_count; f++) {
        const struct batch_field *field = &batch->fields[f];
        if (names_one_person(batch, field, levels->level[f]))
            return sum;
        if (!field->is_extra && field->at == MATCH_GIVEN && field_cb[f] < 0)
            own = field_cb[f];
    }
    int32_t others = sum - own, cap = batch->kin_cap_cb;
    return (others < cap ? others : cap) + own;
}

/* What other reasons than identity account for is taken from the weight: log2 of how much likelier than by chance the agreement is
 * under them. How rare a shared name or address is says nothing against those who share it for such a reason. */
static int32_t kin_penalty(const struct match_batch *batch, const struct pair_levels *levels, const struct rarity *rarities) {
    double likelier = 0, chance = 1 - batch->lambda;
    for (size_t kin = 0; kin < KIN_COUNT; kin++) {
        const struct batch_class *class = &batch->kin[kin];
        double sum = 0;
        chance -= class->prior;
        for (size_t f = 0; f<batch->field_count &&class->prior> 0; f++) {
            sum += class->log_ratio[f][levels->level[f]];
            int32_t rarity_cb = class->is_free[f] ? rarities[f].cb : class->is_match[f] ? rarities[f].there_cb : 0;
            sum += rarity_cb * (log(2) / CB_PER_BIT);
        }
        likelier += class->prior > 0 ? class->prior * exp(fmin(sum, 200)) : 0;
    }
    return (int32_t)lrint(log2(1 + likelier / chance) * CB_PER_BIT);
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
 * generation apart that one slip of the pen makes equal: those are for a person to decide. */
static int32_t cap_veto(const struct match_batch *batch, const struct pair_levels *levels, enum match_rule rule, int32_t weight) {
    bool slip = rule == MATCH_RULE_FATHER_SON && batch_is_slip(levels);
    int32_t most = slip || rule == MATCH_RULE_DIFFERENT_INS ? batch->kin_cap_cb : batch->kin_cap_cb - 8 * CB_PER_BIT;
    return rule != MATCH_RULE_SCORE && rule != MATCH_RULE_NO_REAL_NAME && weight > most ? most : weight;
}

static void weigh_fitted(const struct match_batch *batch, uint32_t a, uint32_t b, struct weighed *out) {
    struct pair_levels levels;
    struct rarity rarities[MATCH_BATCH_FIELDS];
    int32_t field_cb[MATCH_BATCH_FIELDS], sum = 0;
    batch_levels(batch, a, b, &levels);
    for (size_t f = 0; f < batch->field_count; f++) {
        const struct batch_field *field = &batch->fields[f];
        rarities[f] = adjust(batch, field, levels.level[f], value_in(batch, field, a), value_in(batch, field, b), &levels);
        field_cb[f] = field->cb[levels.level[f]] + rarities[f].cb;
        sum += field_cb[f];
    }
    out->rule = (uint8_t)rule_of(levels.vetoes);
    if (out->rule == MATCH_RULE_SCORE && batch->guards_nameless && (levels.vetoes >> MATCH_RULE_NO_REAL_NAME & 1))
        out->rule = MATCH_RULE_NO_REAL_NAME;
    if (batch->prior_cb + sum > -NO_PENALTY_CB)
        sum -= kin_penalty(batch, &levels, rarities);
    out->weight_cb =
        cap_veto(batch, &levels, out->rule, cap_kin(batch, &levels, may_be_twins(batch, &levels, a, b), field_cb, sum));
    out->zone = MATCH_APART;
    memcpy(out->level, levels.level, sizeof out->level);
}

/* The online comparison and judgement, to the bit. */
static void weigh_given(const struct match_batch *batch, uint32_t a, uint32_t b, struct weighed *out) {
    static const struct match_facts facts[2] = {{.domain = 1, .auto_link = true}, {.domain = 2, .auto_link = true}};
    struct match_form x, y;
    struct match_score score;
    struct match_verdict verdict;
    batch_form(batch, a, &x);
    batch_form(batch, b, &y);
    match_compare_forms(batch->options.model, &x, &y, &score);
    match_judge(batch->options.model, &score, &facts[0], &facts[1], false, &verdict);
    *out = (struct weighed){.weight_cb = score.weight_cb, .zone = (uint8_t)verdict.zone, .rule = (uint8_t)verdict.rule};
    for (size_t f = 0; f < batch->field_count; f++)
        if (!batch->fields[f].is_extra)
            out->level[f] = score.level[batch->fields[f].at];
}

void batch_weigh(const struct match_batch *batch, uint32_t a, uint32_t b, struct weighed *out) {
    if (batch->options.model)
        weigh_given(batch, a, b, out);
    else
        weigh_fitted(batch, a, b, out);
}

/* -- keys that pay ---------------------------------------------------------------------------------------------------------- */

/* What a sample of the pairs of each kind of key brings. Matches in 2^-20, so that sums do not depend on who adds. */
struct yields {
    uint64_t pairs[BATCH_KINDS], matches[BATCH_KINDS];
};

struct sampling {
    const struct match_batch *batch;
    uint64_t sample;
    struct yields of[PARALLEL_MOST];
};

struct sampler {
    const struct match_batch *batch;
    struct yields *yields;
};

static void weigh_sampled(void *context, uint32_t a, uint32_t b, unsigned kind) {
    const struct sampler *sampler = context;
    struct weighed w;
    batch_weigh(sampler->batch, a, b, &w);
    double posterior = batch_posterior(sampler->batch, w.weight_cb);
    sampler->yields->pairs[kind]++;
    sampler->yields->matches[kind] += posterior >= LIKELY_ENOUGH ? (uint64_t)ldexp(posterior, 20) : 0;
}

static void sample_piece(void *context, size_t piece, unsigned worker) {
    struct sampling *sampling = context;
    struct sampler sampler = {sampling->batch, &sampling->of[worker]};
    const struct pair_visit visit = {weigh_sampled, &sampler, sampling->sample, sampling->batch->options.seed + 1};
    batch_walk(sampling->batch, piece, &visit);
}

static void add_up(const struct sampling *sampling, struct yields *out) {
    *out = (struct yields){{0}, {0}};
    for (size_t w = 0; w < PARALLEL_MOST; w++) {
        for (size_t kind = 0; kind < BATCH_KINDS; kind++) {
            out->pairs[kind] += sampling->of[w].pairs[kind];
            out->matches[kind] += sampling->of[w].matches[kind];
        }
    }
}

/* The kind with the fewest matches among its pairs, of those that may be left out; BATCH_KINDS: none. */
static unsigned poorest_kind(const struct match_batch *batch, const struct yields *yields) {
    unsigned poorest = BATCH_KINDS;
    double least = ldexp(1.0 / PAIRS_FOR_A_MATCH, 20);
    for (unsigned kind = KEY_KINDS; kind < BATCH_KINDS; kind++) {
        double yield = (double)yields->matches[kind] / fmax((double)yields->pairs[kind], 1);
        if (batch->keys[kind].is_left || yields->pairs[kind] < PAIRS_FOR_A_MATCH || yield >= least)
            continue;
        poorest = kind;
        least = yield;
    }
    return poorest;
}

/* Among millions of rows the widest keys share little but chance: the poorest kinds are not compared, but counted, as long as they
 * hold no more than LOST_SHARE_MOST of the matches together. Read from a sample of the pairs. */
static void leave_kinds(struct match_batch *batch, const struct parallel *parallel) {
    double rate = SAMPLED_PAIRS / batch_pairs_at_most(batch), lost = 0, all = 0;
    struct parallel silent = {parallel->threads, NULL, NULL};
    struct yields yields;
    if (!batch->entries || rate > 0.5)
        return;
    struct sampling *sampling = mem_alloc(sizeof *sampling);
    sampling->batch = batch;
    sampling->sample = (uint64_t)(rate * 0x1p64);
    parallel_run(&silent, batch_pieces(batch), sample_piece, sampling);
    add_up(sampling, &yields);
    mem_free(sampling);
    for (unsigned kind = 0; kind < BATCH_KINDS; kind++)
        all += ldexp((double)yields.matches[kind], -20);
    for (unsigned kind; (kind = poorest_kind(batch, &yields)) < BATCH_KINDS;) {
        lost += ldexp((double)yields.matches[kind], -20);
        if (lost > LOST_SHARE_MOST * all)
            return;
        batch->keys[kind].is_left = true;
        batch->keys[kind].pairs_left = (size_t)llrint((double)yields.pairs[kind] / rate);
        batch->keys[kind].matches_left = ldexp((double)yields.matches[kind], -20) / rate;
    }
}

/* -- all pairs -------------------------------------------------------------------------------------------------------------- */

struct pair_list {
    struct match_pair *pairs;
    size_t count, capacity;
    size_t by_kind[BATCH_KINDS], candidates;
};

struct scoring {
    const struct match_batch *batch;
    struct pair_list *pieces;
};

struct hand {
    const struct match_batch *batch;
    struct pair_list *list;
};

static void score_pair(void *context, uint32_t a, uint32_t b, unsigned kind) {
    const struct hand *hand = context;
    const struct match_batch *batch = hand->batch;
    struct pair_list *list = hand->list;
    struct weighed w;
    batch_weigh(batch, a, b, &w);
    list->candidates++;
    list->by_kind[kind]++;
    bool kept = batch->prior_cb + w.weight_cb >= batch->review_cb || (batch->options.model && w.zone != MATCH_APART);
    if (!kept && !batch->options.all_pairs)
        return;
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 64;
        list->pairs = mem_realloc(list->pairs, list->capacity * sizeof *list->pairs);
    }
    struct match_pair *pair = &list->pairs[list->count++];
    *pair = (struct match_pair){.a = a < b ? a : b, .b = a < b ? b : a, .weight_cb = w.weight_cb, .zone = w.zone, .rule = w.rule};
    pair->posterior = (float)batch_posterior(batch, w.weight_cb);
    pair->kind = (uint8_t)kind;
    memcpy(pair->level, w.level, sizeof pair->level);
}

static void score_piece(void *context, size_t piece, unsigned worker) {
    struct scoring *scoring = context;
    struct hand hand = {scoring->batch, &scoring->pieces[piece]};
    const struct pair_visit visit = {score_pair, &hand, UINT64_MAX, 0};
    (void)worker;
    batch_walk(scoring->batch, piece, &visit);
}

static int by_rows(const void *x, const void *y) {
    const struct match_pair *p = x, *q = y;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    if (p->b != q->b)
        return p->b < q->b ? -1 : 1;
    return p->kind < q->kind ? -1 : p->kind > q->kind;
}

/* Pairs of blocks that were read in part may come twice. */
static void put_in_order(struct match_batch *batch) {
    size_t kept = 0;
    if (batch->pair_count == 0)
        return;
    qsort(batch->pairs, batch->pair_count, sizeof *batch->pairs, by_rows);
    for (size_t i = 0; i < batch->pair_count; i++)
        if (kept == 0 || batch->pairs[i].a != batch->pairs[kept - 1].a || batch->pairs[i].b != batch->pairs[kept - 1].b)
            batch->pairs[kept++] = batch->pairs[i];
    batch->pair_count = kept;
}

static void collect(struct match_batch *batch, struct pair_list *pieces, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += pieces[i].count;
    batch->pairs = mem_alloc((total + 1) * sizeof *batch->pairs);
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].count)
            memcpy(batch->pairs + batch->pair_count, pieces[i].pairs, pieces[i].count * sizeof *batch->pairs);
        batch->pair_count += pieces[i].count;
        batch->candidates += pieces[i].candidates;
        for (size_t kind = 0; kind < BATCH_KINDS; kind++)
            batch->keys[kind].pairs += pieces[i].by_kind[kind];
        mem_free(pieces[i].pairs);
    }
    put_in_order(batch);
}

/* -- zones ------------------------------------------------------------------------------------------------------------------ */

static int by_weight(const void *x, const void *y) {
    int32_t p = *(const int32_t *)x, q = *(const int32_t *)y;
    return p > q ? -1 : p < q;
}

/* The lowest weight at which, of all pairs from there up, no larger share than FALSE_SHARE_MOST should be false by their own
 * posteriors, and none is less likely than LINK_POSTERIOR. */
static void choose_link(struct match_batch *batch) {
    int32_t *weights = mem_alloc((batch->pair_count + 1) * sizeof *weights);
    double wrong = 0;
    size_t count = 0;
    for (size_t i = 0; i < batch->pair_count; i++)
        if (batch->pairs[i].posterior >= LINK_POSTERIOR && batch->pairs[i].rule == MATCH_RULE_SCORE)
            weights[count++] = batch->pairs[i].weight_cb;
    qsort(weights, count, sizeof *weights, by_weight);
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        wrong += 1 - batch_posterior(batch, weights[i]);
        if (wrong <= FALSE_SHARE_MOST * (double)(i + 1)) {
            from = i + 1;
            batch->false_share = wrong / (double)(i + 1);
        }
    }
    batch->link_cb = from > 0 ? weights[from - 1] + batch->prior_cb : INT32_MAX / 2;
    batch->link_posterior = from > 0 ? batch_posterior(batch, weights[from - 1]) : 1;
    if (batch->options.link_from > 0) {
        batch->link_posterior = batch->options.link_from;
        batch->link_cb = (int32_t)lrint(log2(batch->link_posterior / (1 - batch->link_posterior)) * CB_PER_BIT);
    }
    mem_free(weights);
}

static void set_zones(struct match_batch *batch) {
    for (size_t i = 0; i < batch->pair_count; i++) {
        struct match_pair *pair = &batch->pairs[i];
        int32_t odds = batch->prior_cb + pair->weight_cb;
        if (!batch->options.model) {
            bool link = odds >= batch->link_cb && pair->rule == MATCH_RULE_SCORE;
            pair->zone = link ? MATCH_LINK : odds >= batch->review_cb ? MATCH_REVIEW : MATCH_APART;
        }
        batch->linked += pair->zone == MATCH_LINK;
        batch->review += pair->zone == MATCH_REVIEW;
        batch->keys[pair->kind].linked += pair->zone == MATCH_LINK;
    }
}

/* A record without a given name is a newborn or an unknown patient where names are written with care; where many lack one it is
 * just a gap. */
static bool nameless_are_few(const struct match_batch *batch) {
    size_t nameless = 0;
    for (size_t row = 0; row < batch->count; row++)
        nameless += batch->rows[row].names[FORM_GIVEN] == 0;
    return nameless * 20 < batch->count;
}

void match_batch_score(struct match_batch *batch, const struct parallel *parallel) {
    size_t pieces = batch_pieces(batch);
    struct scoring scoring = {batch, mem_alloc((pieces + 1) * sizeof *scoring.pieces)};
    batch->guards_nameless = nameless_are_few(batch);
    if (!batch->options.model) {
        batch->review_posterior = REVIEW_POSTERIOR;
        batch->conflict_cb = CONFLICT_CB;
        batch->kin_cap_cb = -batch->prior_cb + 2 * CB_PER_BIT;
        for (size_t f = 0; f < batch->field_count; f++)
            set_rarity(batch, &batch->fields[f]);
        count_abroad(batch);
        leave_kinds(batch, parallel);
    }
    batch->review_cb = (int32_t)lrint(log2(batch->review_posterior / (1 - batch->review_posterior)) * CB_PER_BIT);
    parallel_run(parallel, pieces, score_piece, &scoring);
    collect(batch, scoring.pieces, pieces);
    mem_free(scoring.pieces);
    if (!batch->options.model)
        choose_link(batch);
    set_zones(batch);
}

const struct match_pair *match_batch_pairs(const struct match_batch *batch, size_t *out_count) {
    *out_count = batch->pair_count;
    return batch->pairs;
}
