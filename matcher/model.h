/*
 * The model, read: weights by level, name tables, thresholds (matcher.h). Its text form is described in models/french-1.model, line
 * by line. Immutable; threads share it.
 */
#ifndef MATCHER_MODEL_H
#define MATCHER_MODEL_H

#include "base/digest.h"
#include "matcher/fixed.h"
#include "matcher/levels.h"
#include "matcher/name.h"

struct level_weight {
    double m, u;
    int32_t cb; /* log2(m / u) */
    bool known; /* while reading: the file gave it */
};

struct family_entry {
    uint32_t tag; /* 32 bits of the name's hash; 0: empty */
    int32_t cb;   /* log2(1 / frequency) */
};

enum { GIVEN_GROUPS = 5 };
#define GROUP_WEAK 0x8000u /* only weakly equivalent to its group: MAMADOU to MOHAMED */

struct given_entry {
    uint32_t tag;
    int16_t cb;
    uint8_t sex;                   /* 1 for boys, 2 for girls, 3 for both, 0 unknown: bits as in form_sex */
    bool usual;                    /* common enough that it is no error of typing */
    uint16_t groups[GIVEN_GROUPS]; /* lines of variants, from 1; 0 ends */
    uint32_t group_bits;           /* one of 32 for each: entries without one in common have no line in common */
};

/* Where records come from: names, each one word of a line of a model (what would end a word is a low line), with numbers from 1.
 * model_domains.c; for a model, a training and a file. */
enum { DOMAINS_MOST = 63, DOMAIN_NUMBERS = DOMAINS_MOST + 1, DOMAIN_WORD_MOST = 60, DOMAIN_MOST_CB = 3 * CB_PER_BIT };
struct domain_words {
    size_t count;
    char text[DOMAIN_NUMBERS][DOMAIN_WORD_MOST];
    uint8_t lengths[DOMAIN_NUMBERS];
};
uint8_t domain_words_find(const struct domain_words *words, struct span name); /* 0: not one of these */
uint8_t domain_words_add(struct domain_words *words, struct span name);        /* 0: an empty name, or there are too many */
static inline struct span domain_words_at(const struct domain_words *words, size_t number) {
    return span_make(words->text[number], words->lengths[number]);
}

struct model_domains {
    struct domain_words words;
    uint64_t given[DOMAIN_NUMBERS];             /* bit of the other one: a line names both */
    int16_t cb[DOMAIN_NUMBERS][DOMAIN_NUMBERS]; /* of [lesser][greater]: what the prior of their pairs is moved by */
};

struct match_model {
    char *text; /* owned copy of the name */
    char hash[DIGEST_HEX];
    struct level_weight levels[MATCH_FIELD_COUNT][LEVELS_MOST];
    int16_t cb[MATCH_FIELD_COUNT][LEVELS_MOST];        /* of levels, side by side: all that a comparison reads of them */
    int32_t prior_cb, link_cb, review_cb, conflict_cb; /* link_cb and review_cb: log odds of the posterior */
    double link_posterior, review_posterior;
    int32_t kin_cap_cb;      /* most that name, date, place and household say when the given name does not: twins share them all */
    int32_t kin_renamed_cb;  /* how much of what another given name says against may stand above that cap */
    int32_t namesake_cap_cb; /* most that names and date say by themselves: namesakes share them */
    int32_t namesake_average_cb, namesake_rarity; /* names so rare have that cap; of 256: share of a bit rarer that moves it */
    int32_t namesake_alike;                       /* of 256: that share where names are alike and not equal */
    int32_t family_abroad_cb, given_abroad_cb;    /* most of an adjustment when a birth place is abroad */
    int32_t least_cb, most_cb;                    /* limits of a frequency adjustment */
    int32_t damping;      /* of 256: share of the adjustment that counts for names which sound alike or are close */
    unsigned of_age_year; /* who was born so far is of age; 0: nobody is taken to be */
    int32_t no_kin_cb;    /* what a household says more where given name and date tell from kin */
    int32_t further_cb, further_differs_cb;  /* of a used name, or a further given name, beside an equal first one */
    int32_t slip_cb, two_families_cb;        /* of alike names: one that nearly nobody bears, or two that many bear */
    bool given_together;                     /* rare names are taken to come from one country */
    uint8_t close_twins;                     /* 1: close given names that are both listed may be twins'; 2: misspelt ones, too */
    int32_t part_frequency;                  /* of 256: share of the adjustment that counts where one name is part of the other */
    int32_t exchange_cb;                     /* log2(1 / share of records whose names are exchanged); 0: not asked */
    int32_t family_exact_cb, given_exact_cb; /* log2(1 / u) of exact agreement: what the adjustment is measured from */
    int32_t family_rare_cb, given_rare_cb;   /* log2(1 / frequency) of names that stand in no table */
    struct family_entry *family;
    struct given_entry *given;
    uint32_t family_mask, given_mask; /* sizes less one, powers of two */
    struct model_domains *domains;    /* NULL: one prior for all pairs */
    int32_t domains_most_cb;          /* the most that a prior is raised by; never below 0 */
};

static inline uint32_t model_tag(uint64_t hash) {
    return (uint32_t)(hash >> 32) | 1;
}
/* What the model knows of a name; NULL for one it does not list. None of these takes a NULL name. */
static inline const struct given_entry *model_given(const struct match_model *model, const struct name *name) {
    uint32_t at = (uint32_t)name->hash & model->given_mask, tag = model_tag(name->hash);
    while (model->given[at].tag != 0 && model->given[at].tag != tag)
        at = (at + 1) & model->given_mask;
    return model->given[at].tag != 0 ? &model->given[at] : NULL;
}
/* Asks memory for what the next two will read. */
static inline void model_fetch_given(const struct match_model *model, const struct name *name) {
    __builtin_prefetch(&model->given[(uint32_t)name->hash & model->given_mask]);
}
static inline void model_fetch_family(const struct match_model *model, const struct name *name) {
    __builtin_prefetch(&model->family[(uint32_t)name->hash & model->family_mask]);
}

/* Do the two stand on one line of variants? Of names that are not listed (NULL): no. */
bool model_share_group(const struct given_entry *a, const struct given_entry *b, bool *out_weak);
static inline bool model_are_variants(const struct given_entry *a, const struct given_entry *b, bool *out_weak) {
    return a && b && (a->group_bits & b->group_bits) != 0 && model_share_group(a, b, out_weak);
}

/* Of two close given names one is listed, or usual, and the other, two edits away from it or more, is one edit from another usual
 * name: it may be that one, misspelt. ALEXUS is ALEXIS rather than ALEX. */
bool model_may_be_another(const struct match_model *model, const struct name *a, const struct name *b);

/* log2(1 / frequency) of a family name, and of a given name by its entry (NULL: none). */
static inline int32_t model_family_cb(const struct match_model *model, const struct name *name) {
    uint32_t at = (uint32_t)name->hash & model->family_mask, tag = model_tag(name->hash);
    while (model->family[at].tag != 0 && model->family[at].tag != tag)
        at = (at + 1) & model->family_mask;
    return model->family[at].tag != 0 ? model->family[at].cb : model->family_rare_cb;
}
static inline int32_t model_given_cb(const struct match_model *model, const struct given_entry *entry) {
    return entry ? entry->cb : model->given_rare_cb;
}
/* Rare among births in France. */
static inline bool model_is_rare_given(const struct match_model *model, int32_t given_cb) {
    enum { RARER = 3 * CB_PER_BIT };
    return given_cb > model->given_exact_cb + RARER;
}

static inline int32_t model_limited(const struct match_model *model, int32_t cb, int32_t most) {
    return cb < model->least_cb ? model->least_cb : cb_lesser(cb, most);
}
/* Frequency adjustments, limited, of what these two say. abroad: a side of the pair was born abroad. */
static inline int32_t model_family_adjustment(const struct match_model *model, int32_t family_cb, bool abroad) {
    return model_limited(model, family_cb - model->family_exact_cb, abroad ? model->family_abroad_cb : model->most_cb);
}
static inline int32_t model_given_adjustment(const struct match_model *model, int32_t given_cb, bool abroad) {
    return model_limited(model, given_cb - model->given_exact_cb, abroad ? model->given_abroad_cb : model->most_cb);
}

/* log odds of the posterior, in cb */
static inline int32_t model_log_odds(const struct match_model *model, int32_t weight_cb) {
    return model->prior_cb + weight_cb;
}
static inline int32_t model_rarer_than_average(const struct match_model *model, int32_t names_cb, bool abroad) {
    enum { MOST_RARITY = 2 * CB_PER_BIT };
    int32_t most = abroad ? model->family_abroad_cb + model->given_abroad_cb : MOST_RARITY, least = 2 * model->least_cb;
    int32_t cb = names_cb - model->namesake_average_cb;
    return cb < least ? least : cb_lesser(cb, most);
}
/* What that both names and the date agree may say of two people of these names. */
static inline int32_t model_namesake_cap(const struct match_model *model, int32_t family_cb, int32_t given_cb, bool abroad) {
    int32_t rarity_cb = model_rarer_than_average(model, family_cb + given_cb, abroad);
    return model->namesake_cap_cb + rarity_cb * model->namesake_rarity / CB_PER_BIT;
}
/* ...of names that are alike: of the commoner ones, as a misspelt name is no rarer than the one it stands for. */
static inline int32_t model_alike_cap(const struct match_model *model, int32_t family_cb, int32_t given_cb, bool abroad) {
    int32_t rarity_cb = cb_lesser(model_rarer_than_average(model, family_cb + given_cb, abroad), 0);
    return model->namesake_cap_cb + rarity_cb * model->namesake_alike / CB_PER_BIT;
}
/* ...of names that are exchanged to the letter. */
int32_t model_exchange_cap(const struct match_model *model, const struct name *family, const struct name *given, bool abroad);
/* What two records say whose names are exchanged; `family` and `given` are those of one of them. */
int32_t model_exchange_cb(const struct match_model *model, const struct name *family, const struct name *given);
double model_posterior(const struct match_model *model, int32_t weight_cb);

/* What a model says of two domains, each a word. NULL: taken. Otherwise what is wrong. */
const char *model_domains_add(struct match_model *model, struct span a, struct span b, struct decimal ratio);
int32_t model_domain_cb(const struct match_model *model, uint8_t a, uint8_t b); /* 0 where the model says nothing */
/* A weight that links, were the prior the highest that domains have: what is held below it links between none. */
static inline int32_t model_least_link(const struct match_model *model) {
    return model->link_cb - model->prior_cb - model->domains_most_cb;
}

#endif
