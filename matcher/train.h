/*
 * Training, its inside (matcher.h; docs/matching-train.md):
 *
 *     rows -> train_names: counts of values, name tables      rows -> train_pairs: pairs that share a key, random pairs
 *     pairs -> counts of level patterns -> train_em: m, prior      pairs -> train_domains: priors by pair of domains
 *     -> train_check: calibration, thresholds -> train_write: text
 *
 * Everything is compared under a model that already has the new name tables and u, so that levels and frequencies in a pattern are
 * those that the written model will see.
 */
#ifndef MATCHER_TRAIN_H
#define MATCHER_TRAIN_H

#include "matcher/index.h"
#include "matcher/model.h"

enum {
    TRAIN_RANDOM_PAIRS = 1 << 20,
    TRAIN_PAIRS_MOST = 1 << 22,
    TRAIN_RECORDS_LEAST = 1000,
    TRAIN_MATCHES_LEAST = 100,
    TRAIN_KNOWN_LEAST = 100, /* expected matches that know a field, to learn its m; below it the old figures stay */
    TRAIN_LABELS_THAT_TELL = 50,
    TRAIN_HALVES = 2,
};

struct train_row {
    struct row row;
    uint64_t record, person;
    uint8_t domain; /* in the trainer's `domains`; 0: not told */
    bool live, labelled;
};

struct train_label {
    uint32_t a, b; /* rows, a < b; while labels are added: not used */
    uint64_t record_a, record_b;
    size_t order;
    bool same;
};

/* What is seen of a pair: 4 bits of level for each field, then what frequency adds to the name and to the given name in whole
 * bits, 4 bits each, less FREQUENCY_BIAS; then whether a veto of traits bars it. */
struct train_pattern {
    uint64_t seen;
    uint32_t count[TRAIN_HALVES], same[TRAIN_HALVES], different[TRAIN_HALVES];
};
#define FREQUENCY_BIAS 8
#define FAMILY_SHIFT (4 * MATCH_FIELD_COUNT)
#define GIVEN_SHIFT (FAMILY_SHIFT + 4)
#define PATTERN_BARRED (UINT64_C(1) << (GIVEN_SHIFT + 4))

struct train_patterns {
    struct train_pattern *slots;
    size_t mask, used;
};

enum train_class { CLASS_MATCH, CLASS_HOUSEHOLD, CLASS_AREA, CLASS_TWIN, CLASS_NAMESAKE, CLASS_FATHER_SON, CLASS_COUNT };

struct train_table {
    double p[MATCH_FIELD_COUNT][LEVELS_MOST];
};

struct train_fit {
    struct train_table of[CLASS_COUNT]; /* of[CLASS_MATCH] is m */
    double prior[CLASS_COUNT];          /* share of all pairs */
    double expected[CLASS_COUNT][MATCH_FIELD_COUNT][LEVELS_MOST], pairs[CLASS_COUNT];
    double total_pairs;
    size_t rounds;
    bool converged, bounded;
};

struct train_domains { /* how many times as likely as in all a pair is one person's; [lesser][greater], 0: not counted */
    double ratio[DOMAIN_NUMBERS][DOMAIN_NUMBERS];
    double
        raised_bits; /* by which they raise the prior of pairs of two domains, of a match in the mean, above the active model's */
};
static inline double *train_domain_ratio(struct train_domains *domains, uint8_t a, uint8_t b) {
    return &domains->ratio[a < b ? a : b][a < b ? b : a];
}

struct train_tables { /* what differs from the active model in a text to write */
    struct train_table m, u;
    double prior, link, review;
    double kin_bits; /* by which the kin cap moves, beside what the prior makes of it */
    enum match_train_note notes[MATCH_FIELD_COUNT][LEVELS_MOST];
    struct train_domains domains;
};

struct match_trainer {
    struct match_train_options options; /* its texts are those below */
    char *active_text, name[64];
    struct match_model *active, *learnt; /* learnt: the active one with the new tables and u, then the new model */
    struct train_row *rows;
    size_t count, room, live, persons;
    struct dictionary names;
    struct domain_words domains;
    struct train_label *labels;
    size_t label_count, label_room, given_labels, date_labels; /* those that tell given names, dates */
    uint32_t *family_counts, *given_counts[2]; /* persons by name, given names by sex; by number of the tight form's first name */
    size_t family_people, given_people;
    double exact_u[MATCH_FIELD_COUNT]; /* from counts of values; 0: not known */
    double linked_pairs;               /* pairs that stand on one person */
    uint64_t *pairs;
    size_t pair_count, hot_keys;
    double share; /* of the pairs that share a key, those in `pairs` */
    struct train_patterns patterns;
    double random_known[MATCH_FIELD_COUNT];
    struct train_table random, u; /* as measured; without the matches among them */
    struct train_fit fit;
    struct train_tables written;
    struct match_train_report report;
};

void train_form(const struct match_trainer *trainer, uint32_t row, struct match_form *out);
void train_tick(const struct match_trainer *trainer, const char *step, size_t done, size_t total);

/* train_names.c: counts, each value once a person, and the exact u from them. */
void train_count_values(struct match_trainer *trainer);
bool train_blends_family(const struct match_trainer *trainer);
bool train_blends_given(const struct match_trainer *trainer);
struct span train_lists(const struct match_trainer *trainer); /* text of the model whose lists are blended */
void train_write_family(const struct match_trainer *trainer, struct span rows, struct buf *out);
void train_write_given(const struct match_trainer *trainer, struct span rows, struct buf *out);

/* train_pairs.c */
void train_settle_labels(struct match_trainer *trainer); /* rows of the labels; needs rows in order of record */
void train_find_pairs(struct match_trainer *trainer);
void train_random_pairs(struct match_trainer *trainer); /* fills `random` */
void train_count_patterns(struct match_trainer *trainer);
uint64_t train_pattern_of(const struct match_model *model, const struct match_score *score);
/* Weighed without the caps, so that what frequency adds can be read from the fields. */
void train_compare(const struct match_trainer *trainer, const struct match_model *model, uint32_t a, uint32_t b,
                   struct match_score *out);
/* A model without caps, that of two dates below the link zone among them: what is above the level in a field is what frequency
 * adds. Shares the tables. */
static inline struct match_model train_uncapped(const struct match_model *model) {
    struct match_model open = *model;
    open.kin_cap_cb = open.namesake_cap_cb = open.link_cb = INT32_MAX / 2;
    return open;
}
unsigned train_half(uint64_t pair);
static inline uint64_t train_pair(uint32_t a, uint32_t b) {
    return (uint64_t)a << 32 | b;
}

/* train_em.c. halves: bit 0 for the first half of the pairs, bit 1 for the second. */
void train_fit(const struct match_trainer *trainer, unsigned halves, struct train_fit *out);
struct train_judge { /* a fit, ready to say how likely a pattern is one person's */
    struct train_table logs[CLASS_COUNT];
    double log_prior[CLASS_COUNT];
    struct train_domains *domains; /* NULL: one prior for all */
};
/* The m nearest to this one that is not too far from the active model's. */
double train_bound_m(const struct match_trainer *trainer, size_t field, size_t level, double m);
/* Days of birth are guesses where people come from, and names go with origins: that two days are says no more than under the active
 * model, however rare it is among all. 0: of any other level. */
double train_least_u(const struct match_trainer *trainer, size_t field, size_t level, double m);
void train_judge_init(struct train_judge *judge, const struct match_trainer *trainer, const struct train_fit *fit);
double train_posterior(const struct train_judge *judge, uint64_t seen);
/* Kin, or one person with a wrong given name or a wrong date: only a decision on such a pair tells. */
bool train_tells_given(uint64_t seen);
bool train_tells_date(uint64_t seen);
bool train_is_kept(enum match_field field, size_t level); /* by convention 1 and 1: counted with another field */
size_t train_levels(enum match_field field);

/* train_domains.c */
bool train_tells_domains(const struct match_trainer *trainer);
void train_count_domains(const struct match_trainer *trainer, const struct train_fit *fit, unsigned halves,
                         struct train_domains *out);
void train_write_domains(const struct match_trainer *trainer, const struct train_domains *domains, struct buf *out);
void train_report_domains(const struct match_trainer *trainer, const struct train_domains *domains, struct match_train_report *out);
/* train_posterior, its prior that of pairs between the domains of these two rows. */
double train_posterior_between(const struct match_trainer *trainer, const struct train_judge *judge, uint64_t seen, uint32_t a,
                               uint32_t b);

/* train_check.c */
void train_correct_u(struct match_trainer *trainer, const struct train_fit *fit);
bool train_settle(struct match_trainer *trainer, const struct train_fit *fit, struct train_tables *out, struct error *err);
bool train_set_kin_cap(struct match_trainer *trainer, const struct train_fit *fit, unsigned halves, struct train_tables *tables,
                       struct error *err);
bool train_calibrate(struct match_trainer *trainer, struct error *err);
bool train_set_thresholds(struct match_trainer *trainer, struct error *err);

/* train_write.c: the text of a model, and the model read from it. */
void train_write(const struct match_trainer *trainer, const struct train_tables *tables, struct buf *out);
bool train_make_model(const struct match_trainer *trainer, const struct train_tables *tables, struct match_model **out,
                      struct error *err);

#endif
