/*
 * A batch in memory (matcher.h, "batch"), its inside:
 *
 *     rows: 64 bytes each, as in the index        extras: numbers of values, one per row and further column
 *     runs: (key, row) of one kind of key, sorted, one block per key        pairs: what scoring kept
 *
 * batch.c takes rows in, batch_dates.c reads their dates, batch_defaults.c forgets those that are no dates, batch_sources.c reads
 * as it is meant what a source writes in its own way, batch_keys.c makes their keys, batch_blocks.c blocks of them, batch_walk.c
 * walks the pairs of blocks, batch_levels.c compares, batch_fit.c fits m, u and the prior to what batch_patterns.c counted, within
 * the bounds of batch_bounds.c and batch_guesses.c, batch_kin.c, batch_namesakes.c and batch_domains.c what else makes records
 * agree, batch_weights.c makes weights of that, batch_together.c counts which names go together, batch_fashion.c which go with
 * years, batch_weigh.c weighs a pair, batch_parents.c one that may be of a parent and a child, batch_follows.c finds columns that
 * say nothing of their own, batch_yield.c finds which keys pay, batch_score.c weighs all pairs and sets zones, batch_partners.c
 * and batch_lone.c say what a row's other pairs say, batch_cluster.c joins, batch_explain.c tells the parts of a weight,
 * batch_model.c writes and reads what was fitted.
 */
#ifndef MATCHER_BATCH_H
#define MATCHER_BATCH_H

#include "base/parallel.h"
#include "matcher/compare.h"
#include "matcher/fixed.h"
#include "matcher/index.h"

#include <math.h>

enum {
    EXTRAS_MOST = MATCH_BATCH_FIELDS - 6,
    BATCH_KINDS = 32, /* of keys: the high five bits */
    KIND_SHIFT = 27,
    PIECE_ROWS = 4096, /* rows, or entries, of a piece of parallel work */
    KEYS_OF_A_ROW = 96,
    UNDATED_BITS = 20,           /* of a hash */
    HOT_BLOCK = 100,             /* rows of a key that is read whole */
    CUT_REACH = 16,              /* rows of a block too common that a row is compared with */
    NAMES_AHEAD = 16,            /* rows, or pairs, that names are asked for ahead */
    SMALL_BATCH_PAIRS = 1000000, /* so few pairs are all compared: no key is needed */
    ALL_BATCH_PAIRS = 16000000,  /* so few are all scored, with a model fitted to those that share a key */
};

/* Kinds of keys beside those of the index (key.h). */
enum {
    KIND_EXTRA = KEY_KINDS,                /* and following: the value of a further column by itself */
    KIND_SOUNDS = KEY_KINDS + EXTRAS_MOST, /* both names by sound, where one of two birth dates is not known */
    KIND_FAMILY_YEAR,                      /* one name and part of the date: read where they are rare */
    KIND_GIVEN_YEAR,
    KIND_GIVEN_DAY,
    KIND_DATE_INITIALS, /* the whole date and first letters: for names damaged beyond their sound */
    KIND_DATE_FAMILY,
    KIND_DATE_GIVEN,
    KIND_GRAMS_YEAR, /* pairs of letters of both names and part of the date */
    KIND_GRAMS_DAY,
    KIND_COUNT,
    LABEL_SPLIT = BATCH_KINDS, /* what is reported as one, of whichever kind the key was */
    LABEL_SPLIT_TWICE,
    BATCH_LABELS
};
_Static_assert((int)KIND_COUNT <= (int)BATCH_KINDS, "a kind has its place in the high bits of a key");

/* One side: of two records of one file only one knows a column that is no trait of its own. Where a column is filled for some
 * people and not for others, that tells them apart; where it is filled now and then, the fit says so, and it weighs nothing. */
enum extra_level {
    EXTRA_MISSING,
    EXTRA_EXACT,
    EXTRA_SOUND,
    EXTRA_CLOSE,
    EXTRA_PART,
    EXTRA_NEAR,
    EXTRA_DIFFERENT,
    EXTRA_ONE_SIDE,
    EXTRA_LEVELS
};

/* A column that the form has no place for, or that is weighed by itself. */
struct extra {
    enum match_trait trait;
    size_t column;
    struct span name;
    bool is_code;
    uint32_t follows; /* from what other columns, a bit each (batch_follows.c) */
    struct dictionary values;
};

/* How often each value stands, by number (names of one tight form, LE GOFF and LEGOFF, are one value): for u of equality and for
 * the adjustment to rare and common values. */
struct value_counts {
    uint32_t *of[2]; /* by file */
    size_t present[2];
    int16_t *rarity_cb[2]; /* what an exact agreement on the value weighs more than on an average one; [1]: of people born abroad */
};

struct batch_field {
    bool is_extra;
    size_t at; /* enum match_field, or number of the extra */
    struct span name;
    double m[LEVELS_MOST], u[LEVELS_MOST], share[LEVELS_MOST];
    int32_t cb[LEVELS_MOST];
    size_t levels;
    double exact_u; /* from value counts; 0: none */
    struct value_counts counts;
};

/* How often a name stands among people of one country of birth, where it is shared more often than the whole file says. */
struct abroad_count {
    uint64_t key; /* of country and name; of the country alone: all its people. 0: free place */
    uint32_t count;
};

/* How many people bear a family name and a given name together. */
struct name_people {
    uint64_t key; /* of both; 0: free place */
    uint32_t count;
};

/* Another reason than identity for which two records agree in several fields at once (matching.md 3.1 b). A fit shares the pairs
 * out among matches, these, and chance, so that a family does not pass for one person. KIN_MOVED is no other reason but the part of
 * the matches that are known from two homes, whose columns then differ together. */
enum batch_kin { KIN_HOUSEHOLD, KIN_AREA, KIN_FIRM, KIN_TWIN, KIN_NAMESAKE, KIN_APART, KIN_MOVED, KIN_COUNT };
struct batch_class {
    double prior;                                      /* share of all pairs; 0: not looked for */
    double p[MATCH_BATCH_FIELDS][LEVELS_MOST];         /* of each level under this reason */
    double assumed[MATCH_BATCH_FIELDS][LEVELS_MOST];   /* what p leans on */
    double log_ratio[MATCH_BATCH_FIELDS][LEVELS_MOST]; /* ln(p / u) */
    bool is_free[MATCH_BATCH_FIELDS];                  /* fitted; else as by chance, or as in a match */
    bool is_match[MATCH_BATCH_FIELDS];
    bool is_counted; /* from random pairs, before the fit */
};

/* Pairs that agree in both names and the birth date are one person's or namesakes': rarely so where the names are rare. */
enum { NAMESAKE_BINS = 14, NAMESAKE_BIN_CB = 2 * CB_PER_BIT, NAMESAKE_FIRST_CB = -12 * CB_PER_BIT }; /* by their summed rarity */
enum { BATCH_FAMILY, BATCH_GIVEN, BATCH_BIRTH }; /* the first fields, where namesakes are looked for */

/* Of one name that agrees, its rarity: a bit each, the first of -6; the commonest and the rarest are taken together. */
enum { RARITY_BINS = 15, RARITY_FIRST_BITS = -6 };
static inline size_t batch_rarity_bin(int32_t rarity_cb) {
    int32_t bin = (rarity_cb - RARITY_FIRST_BITS * CB_PER_BIT) / CB_PER_BIT;
    return bin < 0 ? 0 : bin < RARITY_BINS ? (size_t)bin : RARITY_BINS - 1;
}

/* Where rows come from, and how many times likelier (or less) than the average two of them are one person's. */
struct batch_domains {
    size_t column;
    struct domain_words words;
    uint8_t *of;                      /* of each row; 0: not known */
    uint8_t in_model[DOMAIN_NUMBERS]; /* the number that a server's model has of each */
    double ratio[DOMAIN_NUMBERS * DOMAIN_NUMBERS];
    int16_t cb[DOMAIN_NUMBERS * DOMAIN_NUMBERS];
};

struct entry {
    uint32_t key, row;
};

/* The blocks of one kind of key: as they are (depth 0), or those too common, split by one more trait of their rows (1), or two. A
 * pair belongs to the first run that brings it. */
enum { RUN_DEPTHS = 3, BATCH_RUNS = RUN_DEPTHS * BATCH_KINDS };
struct block_run {
    struct entry *entries; /* by key, then row; no block of one */
    size_t count, keys;
    double pairs;    /* that a walk makes of them */
    bool has_common; /* a block is read in part */
    bool is_sampled; /* only some keys, to see whether they are worth their while */
    bool is_left;    /* they are not */
};
static inline size_t run_label(size_t run) {
    return run < BATCH_KINDS ? run : run < 2 * BATCH_KINDS ? LABEL_SPLIT : LABEL_SPLIT_TWICE;
}

static inline size_t block_end(const struct entry *entries, size_t count, size_t begin) {
    size_t end = begin + 1;
    while (end < count && entries[end].key == entries[begin].key)
        end++;
    return end;
}

struct pattern {
    uint64_t levels;   /* 4 bits for each field, first field lowest; all zero: nothing comparable */
    uint64_t count;    /* 0: free place */
    uint16_t rarities; /* of equal names: the bin of each, a byte each, or of both; from 1. 0: not told */
};
enum { PAIR_PARTS = 12 }; /* what a pair counts */

/* Of pairs that share names and a home: those a generation apart, and those of one birth date. Of one family name, of others. */
enum { BATCH_PARENT_KINDS = 2 };
struct parent_counts {
    uint64_t parents[BATCH_PARENT_KINDS], alike[BATCH_PARENT_KINDS]; /* in PAIR_PARTS */
};
struct patterns {
    struct pattern *slots;
    size_t mask, used;
};
void patterns_add(struct patterns *patterns, uint64_t levels, uint16_t rarities, uint64_t count);
/* All of them as one list in one order, whichever worker counted what; empties them. */
struct pattern *patterns_gather(struct patterns of[PARALLEL_MOST], size_t *out_count);

struct match_batch {
    struct match_column columns[MATCH_BATCH_COLUMNS];
    size_t column_count;
    struct match_date_order date_order;
    enum match_numbers numbers;
    struct arena *arena; /* names of columns, keys of the report */
    struct row *rows;
    uint32_t *extra_values; /* row * extra_count + extra */
    size_t count, first_count, capacity, unread_dates, silent[MATCH_BATCH_COLUMNS];
    struct match_batch_default defaults[2][MATCH_BATCH_DEFAULTS];
    size_t default_count[2];
    struct match_batch_habit habits[MATCH_BATCH_HABITS];
    size_t habit_count;
    struct dictionary names;
    struct memo *memos[PARALLEL_MOST]; /* of each worker: what texts stand for among these names, and the values of extras */
    struct extra extras[EXTRAS_MOST];
    size_t extra_count;
    struct batch_domains *domains; /* NULL: no column tells */
    struct batch_field fields[MATCH_BATCH_FIELDS];
    size_t field_count;
    struct match_model *tables; /* the shipped model: nicknames, which given names are usual */

    bool is_small; /* every pair is compared, whatever runs there are: from the first, or once the model is fitted */
    struct block_run runs[BATCH_RUNS];
    unsigned sampled_bits; /* of runs that are sampled, one key in 2^this is there */
    struct match_batch_key keys[BATCH_LABELS];
    size_t split_keys, cut_keys, cut_rows, left_keys;
    uint64_t *undated; /* keys of KIND_SOUNDS that a row without a birth date has, a bit for each hash; NULL: none has one */

    struct match_batch_options options;
    double lambda;
    uint8_t *is_copy;  /* of each row: two rows of its file before (one, where two are linked) equal it in everything */
    size_t counted[2]; /* rows of each file that are no copies: what a fit sees */
    struct batch_class kin[KIN_COUNT];
    int32_t moved_cb[MATCH_BATCH_FIELDS][LEVELS_MOST]; /* what a level weighs more, or less, if the person moved */
    int32_t most_cb[MATCH_BATCH_FIELDS][LEVELS_MOST];  /* what a level weighs at most, the rarest values agreeing */
    double namesakes[NAMESAKE_BINS];                   /* for each match of that rarity */
    double parents[BATCH_PARENT_KINDS];                /* of one given name, for each match; batch_parents.c */
    struct abroad_count *abroad;
    size_t abroad_mask;
    struct name_people *together; /* NULL: not counted */
    size_t together_mask, together_rows;
    uint32_t *alike;  /* of each row: 1 + the last one before it of both its names and its birth date, 0 for none; for the fit */
    double second[2]; /* how much likelier a row of the first, second file has a second partner than a first; 1 at most */
    bool unsettled;   /* the fit stopped at its most rounds */
    int32_t prior_cb; /* log2 odds of any pair: with a pair's weight they make its own odds */
    int32_t link_cb, review_cb;      /* odds from which pairs are linked, from which they are for review */
    int32_t safe_cb;                 /* odds from which pairs could be linked: the least sure of them are left to people */
    int32_t keep_cb;                 /* odds from which pairs are listed */
    int32_t kin_cap_cb, conflict_cb; /* weights: the most of what may be kin, below which two rows contradict each other */
    int32_t fashion_cb[RARITY_BINS]; /* how much likelier two who bear a given name of that rarity are of one year */
    int32_t renamed_cb;              /* how much likelier than usual another given name is an error */
    double link_posterior, review_posterior, false_share;
    unsigned adult_year;                     /* who was born up to then is of age */
    bool guards_nameless, guards_familyless; /* a record without a given name, without a family name never links */

    struct match_pair *pairs;
    size_t pair_count, candidates, linked, review;
    uint32_t *cluster;
    size_t clusters, largest, refused, outdone;
};

static inline bool batch_is_link(const struct match_batch *batch) {
    return batch->first_count < batch->count;
}
static inline unsigned batch_row_bits(const struct match_batch *batch) { /* that hold the number of any row */
    unsigned bits = 0;
    while (batch->count >> bits > 0)
        bits++;
    return bits;
}
static inline double batch_total_pairs(const struct match_batch *batch) {
    double a = (double)batch->first_count, b = (double)(batch->count - batch->first_count);
    return b > 0 ? a * b : a * (a - 1) / 2;
}
static inline double batch_counted_pairs(const struct match_batch *batch) {
    double a = (double)batch->counted[0], b = (double)batch->counted[1];
    return fmax(batch_is_link(batch) ? a * b : a * (a - 1) / 2, 1);
}
void batch_settle_rows(struct match_batch *batch); /* once all are taken in */
/* Birth dates that stand beside far more people than their share become unknown, in each file by itself. Before keys are made. */
void batch_forget_defaults(struct match_batch *batch);
void batch_judge_number(struct row *row); /* once its date is unknown */
/* Names that a source exchanges in all of its rows are put right, one day of the year for everybody is taken for none. After that:
 * a default date is of no year either. */
void batch_read_habits(struct match_batch *batch);
void batch_form(const struct match_batch *batch, uint32_t row, struct match_form *out);
static inline uint32_t batch_extra(const struct match_batch *batch, uint32_t row, size_t extra) {
    return batch->extra_values[row * batch->extra_count + extra];
}
/* Of a column, or of the names; 0: not known. */
static inline uint32_t batch_value(const struct match_batch *batch, const struct batch_field *field, uint32_t row) {
    if (field->is_extra)
        return batch_extra(batch, row, field->at);
    return batch->rows[row].names[field->at == MATCH_NAME ? FORM_FAMILY : FORM_GIVEN];
}

/* Levels of all fields of a pair, in the order of batch->fields. */
struct pair_levels {
    uint8_t level[MATCH_BATCH_FIELDS];
    uint8_t standard[MATCH_FIELD_COUNT];
    uint8_t date;     /* as in `level` */
    uint32_t country; /* abroad, in which both were born; 0: none */
    struct findings found;
    uint32_t vetoes;
};
void batch_levels(const struct match_batch *batch, uint32_t a, uint32_t b, struct pair_levels *out);
/* Levels that the form's tables do not tell apart, counted on after them. */
enum { BATCH_DATE_DAY = DATE_LEVEL_COUNT, BATCH_DATE_NOT_MONTH, BATCH_DATE_GUESSED, BATCH_DATE_NEXT_YEAR };
enum { BATCH_NAME_BOTH = NAME_LEVEL_COUNT, BATCH_NAME_OTHER_USED };
enum { BATCH_GIVEN_FURTHER = GIVEN_LEVEL_COUNT, BATCH_GIVEN_OTHER_FURTHER };
/* Dates that one slip of the pen makes of each other. */
static inline bool batch_is_slip(const struct pair_levels *levels) {
    unsigned date = levels->date;
    return date == DATE_DIGIT || date == DATE_SWAPPED || date == DATE_NEAR_YEAR || date == BATCH_DATE_DAY;
}
/* The level of an equal value, whatever else is known beside it. */
static inline bool batch_is_exact(const struct batch_field *field, unsigned level) {
    return level == 1 || (!field->is_extra && ((field->at == MATCH_NAME && level >= NAME_LEVEL_COUNT) ||
                                               (field->at == MATCH_GIVEN && level >= GIVEN_LEVEL_COUNT)));
}
/* Says nothing by itself: counted with another field. */
static inline bool batch_is_tied(const struct batch_field *field, size_t level) {
    return !field->is_extra && ((field->at == MATCH_GIVEN && level == GIVEN_WITH_NAME) ||
                                (field->at == MATCH_INS && (level == INS_SAME_OTHER_HOLDER || level == INS_UNSURE)));
}
/* Which fields the columns make, each with a name of its own; ERROR_DUPLICATE when a further column asks for one that is taken. */
bool batch_set_fields(struct match_batch *batch, struct error *err);

/* Bounds of a fit. m of what differs altogether stays below what marriages and errors make. batch_matches_of_rows: how many
 * matches of the rows counted are believed. batch_most_matches: of the counted patterns of candidate pairs (scale: for each one
 * counted), by those that agree in both names and the date. batch_mark_copies: rows that a fit does not count, as enough equal
 * ones came before; a thousand test records are no thousand matches. */
void batch_bound_m(const struct match_batch *batch, struct batch_field *field);
/* Neighbours are counted among random pairs: keys bring only those of them that agree in a name or a date besides. */
void batch_fit_area(struct match_batch *batch, const struct pattern *random, size_t count);
double batch_matches_of_rows(const struct match_batch *batch);
double batch_most_matches(const struct match_batch *batch, const struct pattern *random, size_t random_count,
                          const struct pattern *patterns, size_t count, double scale);
void batch_mark_copies(struct match_batch *batch);

/* Days that too many rows of the file are born on are marked DATE_WEAK. Not under a server's model. */
void batch_mark_guesses(struct match_batch *batch);
/* alike: of two people whose days are guesses, how often the dates are one by chance. shared: of those who share the family name
 * with one of them, how many are others of them. After batch_count_together. */
struct batch_guesses {
    double alike, shared;
};
void batch_count_guesses(const struct match_batch *batch, struct batch_guesses *out);
/* Of birth dates: u of two guesses, and of one, is no less than among people of one family name; a person is seldom guessed once.
 */
void batch_correct_guesses(const struct batch_guesses *guesses, struct batch_field *field);
void batch_bound_guesses(struct batch_field *field);

const struct batch_field *batch_extra_field(const struct match_batch *batch, size_t extra);

/* Columns that follow from others; `is_said`: one of these is known of both rows, so the column says nothing more. */
void batch_find_followers(struct match_batch *batch);
bool batch_is_said(const struct match_batch *batch, const struct extra *extra, uint32_t a, uint32_t b);
void batch_write_followers(const struct match_batch *batch, struct buf *out);
bool batch_read_follower(struct match_batch *batch, struct span line); /* false: none of these columns */

/* Father and son, twins, two INS: no match for certain, however alike. The fit would take them for matches with another date. Not
 * where one slip of the pen may have made the date. */
bool batch_is_no_match(const struct pair_levels *levels);
uint64_t batch_pack(const struct match_batch *batch, const uint8_t *level); /* levels of all fields, as a pattern holds them */

/* From all pairs that agree in both names and the birth date, by the bin of their rarity: a sample would hold a few of each. */
void batch_fit_namesakes(struct match_batch *batch, const struct parallel *parallel);

/* The shares of all pairs that are due to chance alone, and to matches that did not move. */
double batch_chance(const struct match_batch *batch);
static inline double batch_settled(const struct match_batch *batch) {
    return batch->lambda - batch->kin[KIN_MOVED].prior;
}
/* How much likelier a match is, whether the person moved or not, than if he did not; log_moved: ln of the same if he did. */
static inline double batch_moved_odds(const struct match_batch *batch, double log_moved) {
    double share = batch->kin[KIN_MOVED].prior / batch->lambda;
    return share > 0 ? 1 - share + share * exp(fmin(log_moved, 300)) : 1;
}

void batch_set_weights(struct match_batch *batch); /* of levels, from m, u and those who moved; and that of the prior */

/* Which fields go together under which reason; priors of their levels from those of a match. */
void batch_kin_begin(struct match_batch *batch);
/* Values that are set by others: p of what is not free, and the ratios. */
void batch_kin_settle(struct match_batch *batch);

void batch_domains_add(struct match_batch *batch, const struct span *values, size_t rows); /* the last rows added */
void batch_domains_fit(struct match_batch *batch);                                         /* from the pairs scored without */
void batch_domains_find(struct match_batch *batch);                                        /* those that a server's model knows */
uint8_t batch_model_domain(const struct match_batch *batch, uint32_t row);                 /* its number there */
int32_t batch_domain_cb(const struct match_batch *batch, uint32_t a, uint32_t b);
void batch_domains_write(const struct match_batch *batch, struct buf *out);
bool batch_domains_read(struct match_batch *batch, struct span line, struct error *err);

/* The first row of the group that holds this one. */
static inline uint32_t batch_first(uint32_t *of, uint32_t row) {
    while (of[row] != row)
        row = of[row] = of[of[row]];
    return row;
}
/* Of pointers to pairs: by falling weight, then by row. */
int batch_best_first(const void *x, const void *y);
/* Takes from a pair's weight where a row surely has another partner and second ones are few. */
void batch_weigh_partners(struct match_batch *batch);
/* After that: adds to it, where second ones are few in both files, neither row has another partner and few rows are left over. */
enum { LONE_MOST_CB = 6 * CB_PER_BIT };
void batch_weigh_lone(struct match_batch *batch);

/* A field's name in the lines of a model: as it is, or in quotes when it is no plain word, or one that begins other lines. */
struct span batch_written_name(const struct match_batch *batch, const struct batch_field *field);
/* What match_batch_write_model wrote, for the same columns. */
bool batch_read_model(struct match_batch *batch, struct span text, struct error *err);

/* Candidate pairs, each once, from the first run that brings it. Pieces are in the order of a, pairs of a piece by a, then b. */
struct candidate {
    uint32_t a, b; /* a < b; a in the first file, b in the second */
    uint8_t run;
};
struct pair_walk {
    void (*visit)(void *context, const struct candidate *pair, size_t piece, unsigned worker);
    void *context;
    uint64_t sample; /* visit pairs whose hash is at most this; UINT64_MAX: all */
    uint64_t seed;
};
static inline uint64_t batch_sample_of(double share) {
    return share >= 1 ? UINT64_MAX : (uint64_t)(share * 0x1p64);
}
size_t batch_walk_pieces(const struct match_batch *batch);
double batch_pairs_at_most(const struct match_batch *batch); /* of whole runs, with those that come from several */
double batch_sampled_pairs(const struct match_batch *batch); /* that runs would make, were they not sampled */
void batch_walk(const struct match_batch *batch, const struct parallel *parallel, const struct pair_walk *walk);
/* The pairs of one run, as its blocks lie; those of two blocks come twice. In one thread. */
void batch_walk_run(const struct match_batch *batch, size_t run, const struct pair_walk *walk);
/* What a comparison reads lies all over memory: it is asked for some pairs ahead. */
void batch_ask_for_names(const struct match_batch *batch, uint32_t row);
void batch_visit(const struct match_batch *batch, const struct pair_walk *walk, const struct candidate *pairs, size_t count,
                 size_t piece, unsigned worker);

/* Keys: their kind in the high bits. */
static inline uint32_t batch_mixed(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)(a ^ UINT64_C(0x9e3779b97f4a7c15)) * (b ^ UINT64_C(0xd1b54a32d192ed03));
    return (uint32_t)((uint64_t)product ^ (uint64_t)(product >> 64));
}
static inline uint32_t batch_key(unsigned kind, uint32_t hash) {
    return (uint32_t)kind << KIND_SHIFT | hash >> (32 - KIND_SHIFT);
}
/* Which names rows without a birth date bear; before batch_keys is asked. */
void batch_list_undated(struct match_batch *batch);
/* Of these kinds, a bit each; some others may be among them. */
size_t batch_keys(const struct match_batch *batch, uint32_t row, uint32_t kinds, uint32_t out[KEYS_OF_A_ROW]);
const char *batch_kind_name(const struct match_batch *batch, unsigned kind); /* or label */
/* The runs that were only sampled: those that are left go, the others are made whole. */
void batch_block_sampled(struct match_batch *batch, const struct parallel *parallel);
/* From a sample: among millions of rows the widest keys share little but chance. The poorest runs are left, and counted, as long as
 * they hold no more than one match in 2,000 together. */
void batch_leave_poor_runs(struct match_batch *batch, const struct parallel *parallel);
/* How many keys of sampled kinds two rows share; 0 when a key that is whole, and read whole, brings them anyway. */
unsigned batch_sampled_keys(const struct match_batch *batch, uint32_t a, uint32_t b);

/* What is added to a level's weight for the values at hand; there_cb: the part of it that makes any two people share them, born in
 * one country, or a given name in one year. */
struct rarity {
    int32_t cb, there_cb, together_cb; /* together_cb: the part of it that a given name beside that family name makes */
};
/* From the counts of values and u; again after a fit. */
void batch_set_rarities(struct match_batch *batch, const struct parallel *parallel);
void batch_count_abroad(struct match_batch *batch);
/* Names that go together: counted once. batch_together_cb: 0 or less, for a pair that agrees in both names of the row; apart: the
 * share of rows that would bear both, did they not. */
void batch_count_together(struct match_batch *batch);
int32_t batch_together_cb(const struct match_batch *batch, uint32_t row, double apart);
/* Given names and years of birth that go together, from the rows at hand; after the rarities. batch_fashion_cb: 0 or less, what an
 * equal given name says less beside a date of that level. */
void batch_count_fashion(struct match_batch *batch, const struct parallel *parallel);
int32_t batch_fashion_cb(const struct match_batch *batch, uint32_t given, unsigned date);
void batch_set_renamed(struct match_batch *batch); /* from m, once it stands */
void batch_rarity(const struct match_batch *batch, size_t f, uint32_t a, uint32_t b, const struct pair_levels *levels,
                  struct rarity *out);
/* A given name or a birth date stands in the file. */
bool batch_tells_people(const struct match_batch *batch);
bool batch_knows_namesakes(const struct match_batch *batch); /* family name, given name and birth date are columns of the file */
/* Are both names equal? False where the file does not know names and birth dates. */
bool batch_are_named_equally(const struct match_batch *batch, const struct pair_levels *levels);
static inline size_t batch_namesake_bin(const struct rarity *family, const struct rarity *given) {
    int32_t rarity_cb = family->cb + given->cb - given->together_cb; /* those who share an origin are not namesakes for it */
    int32_t bin = (rarity_cb - NAMESAKE_FIRST_CB) / NAMESAKE_BIN_CB;
    return rarity_cb < NAMESAKE_FIRST_CB ? 0 : bin < NAMESAKE_BINS ? (size_t)bin : NAMESAKE_BINS - 1;
}
/* What makes up the weight of a pair: all but home_cb, which caps look at, and rarities, which are in field_cb. */
enum batch_cap { /* what held the weight down last */
                 BATCH_CAP_NONE,
                 BATCH_CAP_RENAMED,
                 BATCH_CAP_STRANGER,
                 BATCH_CAP_NOBODY,
                 BATCH_CAP_TWIN_NAMES,
                 BATCH_CAP_PARENT,
                 BATCH_CAP_KIN,
                 BATCH_CAP_VETO
};
struct batch_parts {
    struct rarity rarities[MATCH_BATCH_FIELDS];
    int32_t field_cb[MATCH_BATCH_FIELDS], domain_cb, moved_cb, kin_cb, cap_cb, home_cb;
    enum batch_cap cap;
    enum match_rule rule;
};
enum { BATCH_UNDECIDED_CB = 5 * CB_PER_BIT }; /* log odds: a person decides, however likely */
int32_t batch_weigh_parts(const struct match_batch *batch, uint32_t a, uint32_t b, const struct pair_levels *levels,
                          struct batch_parts *out);
/* What other reasons than identity take from the weight of a pair. */
int32_t batch_kin_penalty(const struct match_batch *batch, const struct pair_levels *levels, const struct rarity *rarities);
/* The reason other than identity that accounts for most of what the pair shares. */
enum batch_kin batch_likeliest_kin(const struct match_batch *batch, const struct pair_levels *levels,
                                   const struct batch_parts *parts);
/* batch_parents.c */
bool batch_shares_contact(const struct match_batch *batch, const uint8_t *level); /* street, telephone or mail box are equal */
void batch_look_for_parents(const struct match_batch *batch, uint32_t a, uint32_t b, const struct pair_levels *levels,
                            uint64_t times, struct parent_counts *out);
void batch_set_parents(struct match_batch *batch, const struct parent_counts counts[PARALLEL_MOST]);
/* The number that the two share may be a parent's: other given names and no date, or dates a generation apart. */
bool batch_may_be_parents_number(const struct match_batch *batch, uint32_t a, uint32_t b, const struct pair_levels *levels);
/* The most that a pair weighs which may be a parent and a child of one given name; INT32_MAX: it may not. */
int32_t batch_parents_cap(const struct match_batch *batch, uint32_t a, uint32_t b, const struct pair_levels *levels,
                          const struct batch_parts *parts);
struct weighed {
    int32_t weight_cb;
    uint8_t level[MATCH_BATCH_FIELDS];
    uint8_t zone, rule;
    bool twins_names; /* of one birth date, with close given names that twins bear */
};
void batch_weigh(const struct match_batch *batch, uint32_t a, uint32_t b, struct weighed *out);
/* False, and nothing weighed, for a pair that is certainly lighter than least_cb; some lighter ones are weighed all the same. */
bool batch_weigh_from(const struct match_batch *batch, uint32_t a, uint32_t b, int32_t least_cb, struct weighed *out);
void batch_set_reach(struct match_batch *batch); /* from the weights of levels, for batch_weigh_from */
double batch_posterior(const struct match_batch *batch, int32_t weight_cb);

/* Pairs from this weight on could be linked; returns the weight from which they are. What is not as sure as 0.995 is left to a
 * person, the least sure first, as long as that parts one in sixty at most of the pairs that links make of one person, and these
 * are no more than a third of the matches that people are asked about anyway; a quarter, once the links are expected to hold no
 * more than two false ones in 100,000 rows. Pairs of one weight stay together. */
int32_t batch_leave_to_people(const struct match_batch *batch, int32_t least_cb);
void batch_count_zones(struct match_batch *batch); /* linked and to review, in all and by key, as the pairs' zones stand */

#endif
