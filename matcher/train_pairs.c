/*
 * The pairs that a trainer looks at. Records that share a blocking key (key.h), key by key; when there are more than
 * match_train_options.pairs_most, a share of them chosen by the hash of the pair, so that a pair found by five keys is chosen or
 * left as one. Records taken at random for u. And pairs that people have decided, which stand apart from both.
 */
#include "matcher/train.h"

#include "matcher/fixed.h"

#include "base/rand.h"

#include <math.h>
#include <string.h>

enum { SORT_DIGITS = 1 << 11, TICK_PAIRS = 1 << 16 };

static uint64_t hash_of(uint64_t pair, uint64_t seed) {
    uint64_t x = (pair ^ seed * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xd6e8feb86659fd93);
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

unsigned train_half(uint64_t pair) {
    return (unsigned)(hash_of(pair, 0x68616c66) >> 17 & 1);
}

/* -- labels ------------------------------------------------------------------------------------------------------------------- */

static bool find_row(const struct match_trainer *trainer, uint64_t record, uint32_t *out) {
    size_t low = 0, high = trainer->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (trainer->rows[middle].record < record)
            low = middle + 1;
        else
            high = middle;
    }
    *out = (uint32_t)low;
    return low < trainer->count && trainer->rows[low].record == record;
}

static int by_pair_then_order(const void *a, const void *b) {
    const struct train_label *x = a, *y = b;
    uint64_t p = train_pair(x->a, x->b), q = train_pair(y->a, y->b);
    if (p != q)
        return p < q ? -1 : 1;
    return x->order > y->order ? -1 : x->order < y->order;
}

void train_settle_labels(struct match_trainer *trainer) {
    size_t kept = 0;
    for (size_t i = 0; i < trainer->label_count; i++) {
        struct train_label label = trainer->labels[i];
        if (label.record_a != label.record_b && find_row(trainer, label.record_a, &label.a) &&
            find_row(trainer, label.record_b, &label.b))
            trainer->labels[kept++] = label;
    }
    if (kept)
        qsort(trainer->labels, kept, sizeof *trainer->labels, by_pair_then_order);
    trainer->label_count = 0;
    for (size_t i = 0; i < kept; i++) {
        struct train_label label = trainer->labels[i], *last = trainer->labels + trainer->label_count - 1;
        if (trainer->label_count > 0 && last->a == label.a && last->b == label.b)
            continue;
        trainer->labels[trainer->label_count++] = label;
        trainer->rows[label.a].labelled = trainer->rows[label.b].labelled = true;
        trainer->report.labels_same += label.same;
        trainer->report.labels_different += !label.same;
    }
}

static bool is_labelled(const struct match_trainer *trainer, uint32_t a, uint32_t b) {
    size_t low = 0, high = trainer->label_count;
    if (!trainer->rows[a].labelled || !trainer->rows[b].labelled)
        return false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct train_label *label = &trainer->labels[middle];
        if (train_pair(label->a, label->b) < train_pair(a, b))
            low = middle + 1;
        else
            high = middle;
    }
    return low < trainer->label_count && trainer->labels[low].a == a && trainer->labels[low].b == b;
}

/* -- pairs that share a key --------------------------------------------------------------------------------------------------- */

struct keyed {
    uint64_t *items; /* key value, then row */
    size_t count, room;
};

struct finding {
    struct match_trainer *trainer;
    struct keyed kinds[KEY_KINDS];
    uint64_t *pairs;
    size_t count, room, most; /* pairs kept in the end */
    uint64_t limit;           /* pairs whose hash is at most this are taken */
    double share;
};

static void add_keyed(struct keyed *keyed, uint64_t item) {
    if (keyed->count == keyed->room) {
        keyed->room = keyed->room ? keyed->room * 2 : 4096;
        keyed->items = mem_realloc(keyed->items, keyed->room * sizeof *keyed->items);
    }
    keyed->items[keyed->count++] = item;
}

static void collect_keys(struct finding *finding) {
    struct key keys[KEYS_MOST];
    struct match_form form;
    for (uint32_t row = 0; row < finding->trainer->count; row++) {
        if (!finding->trainer->rows[row].live)
            continue;
        train_form(finding->trainer, row, &form);
        size_t count = keys_of(&form, keys);
        for (size_t i = 0; i < count; i++)
            if (keys[i].kind != KEY_BIRTH_DATE)
                add_keyed(&finding->kinds[keys[i].kind], (uint64_t)keys[i].value << 32 | row);
    }
}

/* Least digit first, over `bits` from `shift`; items and spare change places until the result lies in items. */
static void radix_sort(uint64_t *items, uint64_t *spare, size_t count, unsigned shift, unsigned bits) {
    for (unsigned at = shift; at < shift + bits; at += 11) {
        size_t places[SORT_DIGITS] = {0}, sum = 0;
        for (size_t i = 0; i < count; i++)
            places[items[i] >> at & (SORT_DIGITS - 1)]++;
        for (size_t d = 0; d < SORT_DIGITS; d++) {
            size_t here = places[d];
            places[d] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            spare[places[items[i] >> at & (SORT_DIGITS - 1)]++] = items[i];
        memcpy(items, spare, count * sizeof *items);
    }
}

static int by_number(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Each pair once; then half of them again and again until they are few enough. */
static void tidy(struct finding *finding) {
    size_t kept = 0;
    if (finding->count == 0)
        return;
    qsort(finding->pairs, finding->count, sizeof *finding->pairs, by_number);
    for (size_t i = 0; i < finding->count; i++)
        if (i == 0 || finding->pairs[i] != finding->pairs[i - 1])
            finding->pairs[kept++] = finding->pairs[i];
    finding->count = kept;
    while (finding->count > finding->most) {
        finding->limit /= 2;
        finding->share /= 2;
        kept = 0;
        for (size_t i = 0; i < finding->count; i++)
            if (hash_of(finding->pairs[i], finding->trainer->options.seed) <= finding->limit)
                finding->pairs[kept++] = finding->pairs[i];
        finding->count = kept;
    }
}

static void take_pair(struct finding *finding, uint32_t a, uint32_t b) {
    uint64_t pair = a < b ? train_pair(a, b) : train_pair(b, a);
    if (a == b || hash_of(pair, finding->trainer->options.seed) > finding->limit)
        return;
    if (finding->count == finding->room && finding->room < 2 * finding->most) {
        finding->room = finding->room ? 2 * finding->room : 1024;
        finding->pairs = mem_realloc(finding->pairs, finding->room * sizeof *finding->pairs);
    } else if (finding->count == finding->room)
        tidy(finding);
    finding->pairs[finding->count++] = pair;
}

/* A key of more than HOT_LIST rows is left to the narrower ones, as in a search (DESIGN.md rule 11), and counted. */
static void take_group(struct finding *finding, const uint64_t *items, size_t count) {
    if (count > HOT_LIST) {
        finding->trainer->hot_keys++;
        return;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            take_pair(finding, (uint32_t)items[i], (uint32_t)items[j]);
}

static void take_kind(struct finding *finding, struct keyed *keyed) {
    if (keyed->count == 0)
        return;
    uint64_t *spare = mem_alloc(keyed->count * sizeof *spare);
    radix_sort(keyed->items, spare, keyed->count, 32, 32); /* rows were added in their order */
    mem_free(spare);
    for (size_t begin = 0, end; begin < keyed->count; begin = end) {
        for (end = begin + 1; end < keyed->count && keyed->items[end] >> 32 == keyed->items[begin] >> 32; end++)
            continue;
        take_group(finding, keyed->items + begin, end - begin);
    }
    mem_free(keyed->items);
}

void train_find_pairs(struct match_trainer *trainer) {
    struct finding finding = {.trainer = trainer, .limit = UINT64_MAX, .share = 1};
    size_t kept = 0;
    finding.most = trainer->options.pairs_most ? trainer->options.pairs_most : TRAIN_PAIRS_MOST;
    collect_keys(&finding);
    for (size_t kind = 0; kind < KEY_KINDS; kind++) {
        train_tick(trainer, "finding pairs", kind, KEY_KINDS);
        take_kind(&finding, &finding.kinds[kind]);
    }
    tidy(&finding);
    for (size_t i = 0; i < finding.count; i++)
        if (!is_labelled(trainer, (uint32_t)(finding.pairs[i] >> 32), (uint32_t)finding.pairs[i]))
            finding.pairs[kept++] = finding.pairs[i];
    trainer->pairs = finding.pairs;
    trainer->pair_count = kept;
    trainer->share = finding.share;
}

/* -- what is seen of them ----------------------------------------------------------------------------------------------------- */

void train_compare(const struct match_trainer *trainer, const struct match_model *model, uint32_t a, uint32_t b,
                   struct match_score *out) {
    struct match_form x, y;
    train_form(trainer, a, &x);
    train_form(trainer, b, &y);
    match_compare_forms(model, &x, &y, out);
}

static uint64_t whole_bits(int32_t cb) {
    int32_t bits = (cb + FREQUENCY_BIAS * CB_PER_BIT + CB_PER_BIT / 2) / CB_PER_BIT;
    return bits < 0 ? 0 : bits > 15 ? 15 : (uint64_t)bits;
}

/* Other vetoes are weak: they bar a link and leave open who it is. */
static bool tells_two_people(uint32_t vetoes) {
    return (vetoes & (1u << MATCH_RULE_DIFFERENT_INS | 1u << MATCH_RULE_MULTIPLE_BIRTH | 1u << MATCH_RULE_FATHER_SON)) != 0;
}

uint64_t train_pattern_of(const struct match_model *model, const struct match_score *score) {
    uint64_t seen = tells_two_people(score->vetoes) ? PATTERN_BARRED : 0;
    for (size_t f = 0; f < MATCH_FIELD_COUNT; f++)
        seen |= (uint64_t)score->level[f] << (4 * f);
    seen |= whole_bits(score->field_cb[MATCH_NAME] - model->levels[MATCH_NAME][score->level[MATCH_NAME]].cb) << FAMILY_SHIFT;
    return seen | whole_bits(score->field_cb[MATCH_GIVEN] - model->levels[MATCH_GIVEN][score->level[MATCH_GIVEN]].cb)
                      << GIVEN_SHIFT;
}

static struct train_pattern *slot_of(const struct train_patterns *patterns, uint64_t seen) {
    size_t at = (seen * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & patterns->mask;
    while (patterns->slots[at].seen != UINT64_MAX && patterns->slots[at].seen != seen)
        at = (at + 1) & patterns->mask;
    return &patterns->slots[at];
}

static void grow_patterns(struct train_patterns *patterns) {
    struct train_patterns old = *patterns;
    patterns->mask = old.slots ? 2 * old.mask + 1 : 4095;
    patterns->slots = mem_alloc((patterns->mask + 1) * sizeof *patterns->slots);
    for (size_t i = 0; i <= patterns->mask; i++)
        patterns->slots[i].seen = UINT64_MAX;
    for (size_t i = 0; old.slots && i <= old.mask; i++)
        if (old.slots[i].seen != UINT64_MAX)
            *slot_of(patterns, old.slots[i].seen) = old.slots[i];
    mem_free(old.slots);
}

static struct train_pattern *pattern_at(struct train_patterns *patterns, uint64_t seen) {
    if (!patterns->slots || patterns->used * 2 > patterns->mask)
        grow_patterns(patterns);
    struct train_pattern *slot = slot_of(patterns, seen);
    if (slot->seen == UINT64_MAX) {
        *slot = (struct train_pattern){.seen = seen};
        patterns->used++;
    }
    return slot;
}

static int by_seen(const void *a, const void *b) {
    const struct train_pattern *x = a, *y = b;
    return x->seen < y->seen ? -1 : x->seen > y->seen;
}

/* One order of sums, whatever the table's size; afterwards `used` patterns stand at the front. */
static void put_in_order(struct train_patterns *patterns) {
    size_t kept = 0;
    for (size_t i = 0; patterns->slots && i <= patterns->mask; i++)
        if (patterns->slots[i].seen != UINT64_MAX)
            patterns->slots[kept++] = patterns->slots[i];
    if (kept)
        qsort(patterns->slots, kept, sizeof *patterns->slots, by_seen);
}

void train_count_patterns(struct match_trainer *trainer) {
    const struct match_model open = train_uncapped(trainer->learnt);
    struct match_score score;
    mem_free(trainer->patterns.slots);
    trainer->patterns = (struct train_patterns){NULL, 0, 0};
    trainer->given_labels = trainer->date_labels = 0;
    for (size_t i = 0; i < trainer->pair_count; i++) {
        uint64_t pair = trainer->pairs[i];
        train_compare(trainer, &open, (uint32_t)(pair >> 32), (uint32_t)pair, &score);
        pattern_at(&trainer->patterns, train_pattern_of(&open, &score))->count[train_half(pair)]++;
        if (i % TICK_PAIRS == 0)
            train_tick(trainer, "comparing", i, trainer->pair_count);
    }
    for (size_t i = 0; i < trainer->label_count; i++) {
        const struct train_label *label = &trainer->labels[i];
        train_compare(trainer, &open, label->a, label->b, &score);
        struct train_pattern *pattern = pattern_at(&trainer->patterns, train_pattern_of(&open, &score));
        trainer->given_labels += train_tells_given(pattern->seen);
        trainer->date_labels += train_tells_date(pattern->seen);
        (label->same ? pattern->same : pattern->different)[train_half(train_pair(label->a, label->b))]++;
    }
    put_in_order(&trainer->patterns);
}

/* -- random pairs ------------------------------------------------------------------------------------------------------------- */

static void count_random(struct match_trainer *trainer, double counts[MATCH_FIELD_COUNT][LEVELS_MOST]) {
    uint32_t *live = mem_alloc((trainer->live + 1) * sizeof *live), count = 0;
    struct match_score score;
    struct rng rng;
    rng_init(&rng, trainer->options.seed);
    for (uint32_t i = 0; i < trainer->count; i++)
        if (trainer->rows[i].live)
            live[count++] = i;
    for (size_t i = 0; i < TRAIN_RANDOM_PAIRS; i++) {
        uint32_t a = live[rng_below(&rng, count)], b = live[rng_below(&rng, count)];
        if (i % TICK_PAIRS == 0)
            train_tick(trainer, "chance", i, TRAIN_RANDOM_PAIRS);
        if (a == b || trainer->rows[a].person == trainer->rows[b].person)
            continue;
        train_compare(trainer, trainer->active, a < b ? a : b, a < b ? b : a, &score);
        for (size_t f = 0; f < MATCH_FIELD_COUNT; f++)
            counts[f][score.level[f]]++;
    }
    mem_free(live);
}

/* Two people's INS are never equal by chance: that u is no matter of counting. */
static bool has_chance(size_t field) {
    return field != MATCH_INS;
}

/* A level so rare that the sample holds a handful is left as it is, unless the sample contradicts it. */
static double learn_u(double before, double count, double known) {
    double expected = known * before, eighth = TRAIN_RANDOM_PAIRS / 8.0;
    if (count < 10 && fabs(count - expected) <= 2 * sqrt(fmax(fmax(count, expected), 1)))
        return before;
    return (count + eighth * before) / (known + eighth);
}

void train_random_pairs(struct match_trainer *trainer) {
    double counts[MATCH_FIELD_COUNT][LEVELS_MOST] = {{0}};
    count_random(trainer, counts);
    for (size_t f = 0; f < MATCH_FIELD_COUNT; f++) {
        double known = 0;
        for (size_t l = 1; l < train_levels((enum match_field)f); l++)
            known += train_is_kept((enum match_field)f, l) ? 0 : counts[f][l];
        trainer->random_known[f] = known;
        for (size_t l = 1; l < train_levels((enum match_field)f); l++) {
            double before = trainer->active->levels[f][l].u, u = before;
            if (has_chance(f) && !train_is_kept((enum match_field)f, l) && known >= TRAIN_RANDOM_PAIRS / 100.0)
                u = l == 1 && trainer->exact_u[f] > 0 ? trainer->exact_u[f] : learn_u(before, counts[f][l], known);
            trainer->u.p[f][l] = trainer->random.p[f][l] = u;
        }
    }
}
