/*
 * Score and facts -> verdict: the rules of DESIGN.md 3, 4, 6 and 8 in their order of precedence. The first row that speaks decides;
 * a row caps the zone that the posterior alone would give.
 */
#include "matcher/model.h"

static const char *const rule_names[MATCH_RULE_COUNT] = {
    [MATCH_RULE_SCORE] = "score",
    [MATCH_RULE_SAME_INS] = "same-ins",
    [MATCH_RULE_SAME_INS_CONFLICT] = "same-ins-conflict",
    [MATCH_RULE_NEGATIVE_LINK] = "negative-link",
    [MATCH_RULE_DIFFERENT_INS] = "different-ins",
    [MATCH_RULE_MULTIPLE_BIRTH] = "multiple-birth",
    [MATCH_RULE_FATHER_SON] = "father-son",
    [MATCH_RULE_OTHER_SEX] = "other-sex",
    [MATCH_RULE_NO_REAL_NAME] = "no-real-name",
    [MATCH_RULE_FICTITIOUS] = "fictitious",
    [MATCH_RULE_DOUBTFUL] = "doubtful",
    [MATCH_RULE_HIDDEN] = "hidden",
    [MATCH_RULE_RESTRICTED] = "restricted",
    [MATCH_RULE_SAME_DOMAIN] = "same-domain",
    [MATCH_RULE_DOMAIN_POLICY] = "domain-policy",
    [MATCH_RULE_TOO_LARGE] = "too-large",
    [MATCH_RULE_LINK_UNDONE] = "link-undone",
    [MATCH_RULE_KNOWS_LESS] = "knows-less",
    [MATCH_RULE_CONTESTED] = "contested",
};

const char *match_rule_name(enum match_rule rule) {
    must((size_t)rule < MATCH_RULE_COUNT);
    return rule_names[rule];
}

const char *match_zone_name(enum match_zone zone) {
    static const char *const names[] = {"apart", "review", "link"};
    must((size_t)zone < sizeof names / sizeof names[0]);
    return names[zone];
}

static enum match_zone zone_of(const struct match_model *model, int32_t odds) {
    return odds >= model->link_cb ? MATCH_LINK : odds >= model->review_cb ? MATCH_REVIEW : MATCH_APART;
}

static bool vetoed(const struct match_score *score, enum match_rule rule) {
    return (score->vetoes >> rule & 1) != 0;
}

struct facts_pair {
    const struct match_score *score;
    const struct match_facts *a, *b;
};

static bool is_fictitious(const struct facts_pair *p) {
    return p->a->fictitious || p->b->fictitious;
}
static bool is_hidden(const struct facts_pair *p) {
    return p->a->hidden || p->b->hidden;
}
static bool is_restricted(const struct facts_pair *p) {
    return p->a->restricted || p->b->restricted;
}
static bool is_doubtful(const struct facts_pair *p) {
    return p->a->doubtful || p->b->doubtful;
}
static bool is_one_domain(const struct facts_pair *p) {
    return p->a->domain == p->b->domain;
}
static bool is_barred_by_policy(const struct facts_pair *p) {
    return !p->a->auto_link || !p->b->auto_link;
}
static bool is_other_sex(const struct facts_pair *p) {
    return vetoed(p->score, MATCH_RULE_OTHER_SEX);
}
static bool is_multiple_birth(const struct facts_pair *p) {
    return vetoed(p->score, MATCH_RULE_MULTIPLE_BIRTH);
}
/* Otherwise a person decides. */
static bool tells_twins(const struct facts_pair *p) {
    return is_multiple_birth(p) && !p->score->twins_open;
}
static bool is_father_son(const struct facts_pair *p) {
    return vetoed(p->score, MATCH_RULE_FATHER_SON);
}
static bool is_nameless(const struct facts_pair *p) {
    return vetoed(p->score, MATCH_RULE_NO_REAL_NAME);
}
static bool has_different_ins(const struct facts_pair *p) {
    return vetoed(p->score, MATCH_RULE_DIFFERENT_INS);
}

/* A rule speaks from a zone upwards: a pair that the score keeps apart needs none. It then allows `most`. */
static const struct {
    bool (*speaks)(const struct facts_pair *pair);
    enum match_rule rule;
    enum match_zone from, most;
} caps[] = {
    {is_fictitious, MATCH_RULE_FICTITIOUS, MATCH_REVIEW, MATCH_APART},
    {is_hidden, MATCH_RULE_HIDDEN, MATCH_REVIEW, MATCH_APART},
    {is_restricted, MATCH_RULE_RESTRICTED, MATCH_REVIEW, MATCH_APART},
    {tells_twins, MATCH_RULE_MULTIPLE_BIRTH, MATCH_REVIEW, MATCH_APART},
    {is_father_son, MATCH_RULE_FATHER_SON, MATCH_REVIEW, MATCH_APART},
    {is_other_sex, MATCH_RULE_OTHER_SEX, MATCH_REVIEW, MATCH_APART},
    {is_nameless, MATCH_RULE_NO_REAL_NAME, MATCH_REVIEW, MATCH_APART},
    {has_different_ins, MATCH_RULE_DIFFERENT_INS, MATCH_REVIEW, MATCH_REVIEW},
    {is_multiple_birth, MATCH_RULE_MULTIPLE_BIRTH, MATCH_REVIEW, MATCH_REVIEW}, /* twins, or one person under two names */
    {is_doubtful, MATCH_RULE_DOUBTFUL, MATCH_LINK, MATCH_REVIEW},
    {is_one_domain, MATCH_RULE_SAME_DOMAIN, MATCH_LINK, MATCH_REVIEW},
    {is_barred_by_policy, MATCH_RULE_DOMAIN_POLICY, MATCH_LINK, MATCH_REVIEW},
};

static void settle(struct match_verdict *out, enum match_rule rule, enum match_zone zone) {
    out->rule = rule;
    out->zone = zone;
}

static void apply_caps(const struct facts_pair *pair, enum match_zone wanted, struct match_verdict *out) {
    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
        if (wanted >= caps[i].from && caps[i].speaks(pair)) {
            settle(out, caps[i].rule, caps[i].most);
            return;
        }
    }
}

/* DESIGN.md rule 4: one INS. Never a link across a contradiction, never silence about one. */
static void judge_same_ins(const struct match_score *score, const struct facts_pair *pair, bool negative_link,
                           struct match_verdict *out) {
    if (negative_link || !score->strict_agree || score->vetoes != 0) {
        settle(out, MATCH_RULE_SAME_INS_CONFLICT, MATCH_REVIEW);
        return;
    }
    bool link = pair->a->qualified && pair->b->qualified;
    settle(out, link ? MATCH_RULE_SAME_INS : MATCH_RULE_SCORE, link ? MATCH_LINK : out->score_zone);
    apply_caps(pair, out->zone, out);
}

void match_judge(const struct match_model *model, const struct match_score *score, const struct match_facts *a,
                 const struct match_facts *b, bool negative_link, struct match_verdict *out) {
    const struct facts_pair pair = {score, a, b};
    int32_t domain_cb = model_domain_cb(model, a->model_domain, b->model_domain);
    out->weight_bits = (double)score->weight_cb / CB_PER_BIT;
    out->domain_bits = (double)domain_cb / CB_PER_BIT;
    out->posterior = model_posterior(model, score->weight_cb + domain_cb);
    out->score_zone = zone_of(model, model_log_odds(model, score->weight_cb + domain_cb));
    if (score->same_ins) {
        judge_same_ins(score, &pair, negative_link, out);
        return;
    }
    settle(out, MATCH_RULE_SCORE, out->score_zone);
    if (negative_link) {
        settle(out, MATCH_RULE_NEGATIVE_LINK, MATCH_APART);
        return;
    }
    apply_caps(&pair, out->zone, out);
}

bool match_compatible(const struct match_model *model, const struct match_score *score, enum match_rule *out_rule) {
    /* Those that bind a declaration too come first (DESIGN.md rule 8), so that a caller learns the gravest. */
    static const enum match_rule before[] = {MATCH_RULE_DIFFERENT_INS, MATCH_RULE_MULTIPLE_BIRTH, MATCH_RULE_FATHER_SON};
    static const enum match_rule after[] = {MATCH_RULE_OTHER_SEX, MATCH_RULE_NO_REAL_NAME};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        if (vetoed(score, before[i])) {
            *out_rule = before[i];
            return false;
        }
    }
    if (score->weight_cb < model->conflict_cb) {
        *out_rule = MATCH_RULE_SCORE;
        return false;
    }
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
        if (vetoed(score, after[i])) {
            *out_rule = after[i];
            return false;
        }
    }
    return true;
}

/* A date of which one side knows a part is less than one that both know. */
static unsigned known_fields(const uint8_t level[MATCH_FIELD_COUNT]) {
    unsigned known = 0;
    for (size_t f = 0; f < MATCH_FIELD_COUNT; f++)
        known += level[f] != 0;
    return known - level_among(level[MATCH_BIRTH_DATE], LEVEL(DATE_PARTIAL_MONTH) | LEVEL(DATE_PARTIAL_YEAR));
}

bool match_leaves_open(const struct match_score *link, const struct match_score *pair, enum match_zone score_zone) {
    const unsigned two_names = LEVEL(GIVEN_CLOSE_USUAL) | LEVEL(GIVEN_NEAR);
    if (score_zone == MATCH_LINK)
        return false;
    bool named_as_twins = pair->level[MATCH_BIRTH_DATE] == DATE_EXACT && level_among(pair->level[MATCH_GIVEN], two_names);
    bool named_otherwise =
        level_among(link->level[MATCH_GIVEN], LEVELS_NAMELESS) && level_among(pair->level[MATCH_GIVEN], LEVELS_OTHER_GIVEN);
    return named_as_twins || named_otherwise || known_fields(pair->level) > known_fields(link->level);
}
