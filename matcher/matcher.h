/*
 * Record linkage, pure: traits in; candidates, weights and reasons out. No I/O, no clock, no lock, no global state; the same code
 * serves a feed, a query, a batch file and a re-link, so the same pair under the same model gives the same figure everywhere and in
 * either order (DESIGN.md rule 12).
 *
 * The walk of a record:  match_standardize: traits -> form  (what a trait is reduced to; idempotent, versioned)
 *                        match_index_put / _search          (blocking keys; compact 64-byte rows; candidates)
 *                        match_compare: two forms -> score  (levels, weights: Fellegi & Sunter 1969; vetoes that traits show)
 *                        match_judge: score + facts -> verdict  (zone, rule that spoke, posterior)
 *                        match_explain: reasons by field
 * Locks, negative links, persons and policies belong to the caller, who passes what a judgement needs as facts.
 *
 * A match weight is the base-2 logarithm of a likelihood ratio; inside it is fixed point, 1/256 bit ("cb" in names), so that scores
 * are the same to the bit on every machine. The prior is added only in the posterior.
 */
#ifndef MATCHER_MATCHER_H
#define MATCHER_MATCHER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

/* Raised whenever a form written by an older version must be made anew from its traits (match_form_renew). Stored beside every
 * form. 2: labels of newborns are no given names. 3: M'BAYE is one word; SANS and JUMEAU are families beside a real given name; a
 * used given name stands for one that is missing; placeholders in contacts say nothing (INCONNU is no town); ayn beside Latin
 * letters is no letter; a title beside nothing is no name. 4: PATIENT, NEANT and MONSIEUR are families beside a real given name; A
 * PRECISER and FILS DE are no names; a number whose year is a parent's is another holder's. */
#define MATCH_STANDARD_VERSION 4

/* -- traits and forms ----------------------------------------------------------------------------------------------------- */

/* Traits of one version of a record as received, UTF-8. Absent or empty spans are missing values. */
struct match_traits {
    struct span family, used_family;           /* birth name; used (married, customary) name */
    struct span given, given_list, used_given; /* first birth given name; all of them, blank separated; used given name */
    struct span birth_date;                    /* YYYY[MM[DD]], "00" parts are unknown */
    bool birth_date_interpreted;               /* completed by convention (31/12, 01/01): day and month prove nothing */
    char sex;                                  /* 'M', 'F', or 0 */
    struct span birth_place;                   /* COG code, 5 characters; 99999, 99100 and 00000 are missing */
    struct span ins;                           /* 15 characters with key (13 tolerated), or empty */
    bool ins_is_nia;                           /* by its OID */
    struct span mother;                        /* mother's maiden name */
    struct span street, city, postcode;
    struct span phones[4], emails[2];
    size_t phone_count, email_count;
    int birth_order; /* 0 unknown or single */
    bool multiple_birth;
};

/* What traits are reduced to. Opaque outside; copied and stored as bytes with match_form_write / _read. */
struct match_form;

const struct match_form *match_standardize(const struct match_traits *traits, struct arena *arena);

/* Traits with the form made of them. */
struct match_prepared {
    struct match_traits traits;
    const struct match_form *form;
};
/* The same form as match_standardize gives. Names, the costly part, are taken from the first of `known` that has the same ones, and
 * live as long as that form. */
const struct match_form *match_standardize_like(const struct match_traits *traits, const struct match_prepared *known, size_t count,
                                                struct arena *arena);

void match_form_write(const struct match_form *form, struct buf *out); /* begins with MATCH_STANDARD_VERSION */
/* ERROR_TYPE when the bytes are damaged or of another version. Names are borrowed from `bytes`. */
bool match_form_read(struct span bytes, struct arena *arena, const struct match_form **out, struct error *err);
/* Makes the form of `traits` anew that match_form_write of an older version (or this one) left in `old`. Its INS stays, whatever
 * traits->ins says, judged by these traits again. ERROR_TYPE when the bytes are damaged or a newer version's. */
bool match_form_renew(struct span old, const struct match_traits *traits, struct arena *arena, const struct match_form **out,
                      struct error *err);
/* The number of 15 characters that was compared, 13 when it came without its key; absent when there was none. */
struct span match_form_ins(const struct match_form *form, struct arena *arena);
bool match_form_equal(const struct match_form *a, const struct match_form *b); /* nothing that matching sees differs */

/* What a form lacks or shows on its own (bits of match_form_flags). */
enum match_form_flag {
    MATCH_FORM_NO_NAME = 1, /* no real birth name, or a placeholder: newborn, unknown patient (INCONNU, X, BEBE...) */
    MATCH_FORM_NO_GIVEN = 2,
    MATCH_FORM_NO_DATE = 4,
    MATCH_FORM_INS_VALID = 8,         /* structure and key right */
    MATCH_FORM_INS_COHERENT = 16,     /* ...and consistent with sex, birth date and place of its holder */
    MATCH_FORM_INS_OTHER_HOLDER = 32, /* valid, but two or more of its components contradict the traits: a parent's, probably */
    MATCH_FORM_MULTIPLE_BIRTH = 64,
};
uint32_t match_form_flags(const struct match_form *form);

/* The forms RNIV prescribes (identity-france.md 2.3), for display, keys and queries. */
struct span match_norm_key(struct span name, struct arena *arena);   /* "LE GOFF": A-Z and single blanks */
struct span match_norm_tight(struct span name, struct arena *arena); /* "LEGOFF" */
/* Does the name fit as match_index_find compares one: equal when folded, but for '*' (any letters) and what stands behind a prefix?
 */
bool match_norm_fits(struct span wanted, struct span name, bool prefix, struct arena *arena);
struct span match_phonetic(struct span name, struct arena *arena); /* French code of the tight form */

/* -- NIR and NIA ---------------------------------------------------------------------------------------------------------- */

enum match_nir_fault { /* in the order in which they are tested (identity-france.md 1.5) */
                       MATCH_NIR_OK,
                       MATCH_NIR_BAD_LENGTH,
                       MATCH_NIR_BAD_CHAR,
                       MATCH_NIR_BAD_SEX,
                       MATCH_NIR_BAD_NNP,
                       MATCH_NIR_BAD_MONTH,
                       MATCH_NIR_BAD_DEPARTMENT,
                       MATCH_NIR_BAD_COMMUNE,
                       MATCH_NIR_BAD_ORDER,
                       MATCH_NIR_BAD_KEY_RANGE,
                       MATCH_NIR_BAD_KEY,
};
/* number: 13 characters, key: 2; blanks and lower case tolerated. */
enum match_nir_fault match_nir_check(struct span number, struct span key);
const char *match_nir_fault_name(enum match_nir_fault fault); /* "bad_key"; "" for OK */
/* The class of a number without fault: "nir_metropole", "nir_corse_2a", "provisional_34;special_month"... as nir_cases.csv. */
const char *match_nir_class(struct span number);
bool match_nir_key(struct span number, char out_key[3]); /* the key that belongs to 13 characters */

enum match_coherence { MATCH_NIR_NA, MATCH_NIR_MATCH, MATCH_NIR_COMPATIBLE, MATCH_NIR_CONFLICT };
struct match_nir_coherence { /* identity-france.md 1.6 */
    enum match_coherence sex, year, month, place;
    int conflicts;
    bool parents_year; /* born so long before the holder as parents are */
};
void match_nir_coherence(struct span number, const struct match_traits *holder, struct match_nir_coherence *out);

/* -- model ---------------------------------------------------------------------------------------------------------------- */

/* Everything a score depends on: m- and u-probabilities by field and level, name frequencies, priors, thresholds. A versioned text
 * file, hashed; immutable once read, shared by threads. */
struct match_model;

bool match_model_read(struct span text, struct match_model **out, struct error *err); /* where = "line N" */
void match_model_free(struct match_model *model);
struct span match_model_shipped(void);                              /* text of the model that comes with this version */
struct span match_model_name(const struct match_model *model);      /* "french-1" */
struct span match_model_hash(const struct match_model *model);      /* SHA-256 of its text, hexadecimal */
double match_model_link_posterior(const struct match_model *model); /* thresholds of the zones */
double match_model_review_posterior(const struct match_model *model);
int32_t match_model_conflict_cb(const struct match_model *model); /* DESIGN.md rule 5: below it two records contradict */

/* -- comparison ----------------------------------------------------------------------------------------------------------- */

enum match_field {
    MATCH_NAME, /* birth and used family names, crossed with given names where they were swapped */
    MATCH_GIVEN,
    MATCH_BIRTH_DATE,
    MATCH_SEX,
    MATCH_BIRTH_PLACE,
    MATCH_INS,
    MATCH_HOUSEHOLD, /* address, telephone, mail, mother's name: one evidence, they go together */
    MATCH_FIELD_COUNT
};

/* Named rules, each once, for online, batch and re-link (DESIGN.md rules 3 and 4). */
enum match_rule {
    MATCH_RULE_SCORE,             /* no rule: the posterior decided */
    MATCH_RULE_SAME_INS,          /* same INS, both qualified, strict traits agree: link */
    MATCH_RULE_SAME_INS_CONFLICT, /* same INS, strict traits disagree, or across a negative link: review (ins-conflict) */
    MATCH_RULE_NEGATIVE_LINK,
    MATCH_RULE_DIFFERENT_INS,
    MATCH_RULE_MULTIPLE_BIRTH,
    MATCH_RULE_FATHER_SON,
    MATCH_RULE_OTHER_SEX,
    MATCH_RULE_NO_REAL_NAME, /* newborn or unknown patient */
    MATCH_RULE_FICTITIOUS,
    MATCH_RULE_DOUBTFUL,
    MATCH_RULE_HIDDEN,
    MATCH_RULE_RESTRICTED,
    MATCH_RULE_SAME_DOMAIN, /* a duplicate of that domain, never a link by the engine (DESIGN.md rule 6) */
    MATCH_RULE_DOMAIN_POLICY,
    MATCH_RULE_TOO_LARGE,   /* the person has too many records for an automatic link */
    MATCH_RULE_LINK_UNDONE, /* a person took back what had brought the two together */
    MATCH_RULE_KNOWS_LESS,  /* another record of the person knows more of both, and is not sure */
    MATCH_RULE_CONTESTED,   /* the record fits another person about as well */
    MATCH_RULE_COUNT
};
const char *match_rule_name(enum match_rule rule); /* "multiple-birth" */

struct match_score {
    int32_t weight_cb; /* sum of the field weights, prior left out */
    int16_t field_cb[MATCH_FIELD_COUNT];
    uint8_t level[MATCH_FIELD_COUNT]; /* index into the field's level table; 0: missing on a side */
    uint32_t vetoes;                  /* bit 1u << rule, for the rules that two forms alone can show */
    bool twins_open;                  /* of two of age at one home, who may be one person under two given names: for review */
    bool same_ins;                    /* both valid and equal */
    bool strict_agree;                /* names, given name (prefix rule 2.4), date, sex and place agree as RNIV compares them */
};

/* Compares all rows of two records: `a` and `b` hold the current form first, then earlier values worth finding. Weight and levels
 * are of the best pair of rows, but for earlier ones that the current one has only added to; vetoes and INS of the current ones.
 * Symmetric. */
void match_compare(const struct match_model *model, const struct match_form *const *a, size_t a_count,
                   const struct match_form *const *b, size_t b_count, struct match_score *out);
/* One pair of forms. */
void match_compare_forms(const struct match_model *model, const struct match_form *a, const struct match_form *b,
                         struct match_score *out);
/* One form with each of many, as a search does it: out[i] is what match_compare_forms says of a and b[i]. */
void match_compare_many(const struct match_model *model, const struct match_form *a, const struct match_form *const *b,
                        size_t count, struct match_score *out);

/* Facts about one side that its traits do not tell. */
struct match_facts {
    uint32_t domain;
    uint8_t model_domain; /* the model's number of it: match_model_domain */
    bool auto_link;       /* the domain's policy allows automatic links */
    bool qualified;       /* the record is qualified and its INS not withheld */
    bool fictitious, doubtful, hidden, restricted;
};

enum match_zone { MATCH_APART, MATCH_REVIEW, MATCH_LINK };
const char *match_zone_name(enum match_zone zone);

struct match_verdict {
    enum match_zone zone;       /* after the rules */
    enum match_zone score_zone; /* where the posterior alone would put the pair */
    enum match_rule rule;       /* the rule that decided; MATCH_RULE_SCORE when none did */
    double weight_bits;         /* prior left out */
    double domain_bits;         /* by which the prior of pairs between these domains differs from the model's */
    double posterior;
};
/* The number that a model has of a domain, by the name of its assigning authority; 0: its pairs have the prior of all. */
uint8_t match_model_domain(const struct match_model *model, struct span name);
void match_judge(const struct match_model *model, const struct match_score *score, const struct match_facts *a,
                 const struct match_facts *b, bool negative_link, struct match_verdict *out);
/* May the two stand on one person? False when a veto that traits show speaks (rule 3's trait vetoes) or the weight is below the
 * conflict threshold; *out_rule then says which (MATCH_RULE_SCORE: the weight), the gravest; no real name comes last. */
bool match_compatible(const struct match_model *model, const struct match_score *score, enum match_rule *out_rule);

/* A link brings two records together that are no link themselves. Is it a question whether they are one? It is when they know more
 * of each other than the link does: two records of which one knows neither place nor telephone agree easily, and the third one,
 * which knows both, tells whose it is. So it is of two given names that twins bear, which a misspelt one between them, or none,
 * would join. A file asks the same of its own columns (batch_cluster.c). */
bool match_leaves_open(const struct match_score *link, const struct match_score *pair, enum match_zone score_zone);
enum {
    MATCH_CONTESTED_CB = 3 * 256, /* of two partners that are closer, a person decides which it is */
    MATCH_DOUBTS_PART = 8         /* of people with many records there is always one pair that is open: one in eight may be */
};

/* Traits arriving under a known identifier: the same person, or someone else (DESIGN.md rule 7)? */
enum match_change {
    MATCH_CHANGE_NONE,      /* nothing that matching sees */
    MATCH_CHANGE_SAME,      /* the same person: corrections, marriage, missing or placeholder traits filled */
    MATCH_CHANGE_EMPTIED,   /* a strict trait that was known is gone (a collision only for validated and qualified records) */
    MATCH_CHANGE_COLLISION, /* another person: a veto, or a weight that says no */
};
enum match_change match_change(const struct match_model *model, const struct match_form *trusted,
                               const struct match_form *incoming);

/* -- explanation ---------------------------------------------------------------------------------------------------------- */

struct match_reason {
    const char *field;     /* "name" */
    const char *level;     /* "same phonetic code, close spelling" */
    double m, u;           /* probabilities of the level among matches and non-matches; 0 when the field is missing */
    double frequency_bits; /* adjustment for how common the value is */
    double weight_bits;    /* of the field, adjustment included */
};
/* Fills out_reasons[MATCH_FIELD_COUNT], in field order; the weights sum to score->weight_cb / 256. */
void match_explain(const struct match_model *model, const struct match_score *score, struct match_reason *out_reasons);

/* -- index ---------------------------------------------------------------------------------------------------------------- */

/* Compact rows and key lists in memory, for candidates and queries. Written by one thread while nobody reads (the caller's lock). A
 * record is the caller's number (> 0); it may have several rows: its current form and earlier ones worth finding. */
struct match_index;

struct match_index *match_index_new(size_t expected_records);
void match_index_free(struct match_index *index);
/* Replaces all rows of the record by these forms (current first); count 0 takes it out. */
void match_index_put(struct match_index *index, uint64_t record, const struct match_form *const *forms, size_t count);
/* The record's forms as put, current first, borrowed until the next put. Returns their count, at most `most`; `room` is memory
 * for them from the arena. */
size_t match_index_forms(const struct match_index *index, uint64_t record, struct arena *arena, const struct match_form **out_forms,
                         size_t most);

/* match_form_flags of the record's current form; 0 when it is not there. */
uint32_t match_index_flags(const struct match_index *index, uint64_t record);

struct match_hit {
    uint64_t record;
    struct match_score score;
};
struct match_search_report {
    size_t candidates; /* records compared */
    size_t hot_keys;   /* keys too common to read whole: narrower keys were read instead (DESIGN.md rule 11) */
    bool incomplete;   /* ...and a certain match could hide there */
};
/* Candidates of a record with these forms (current first), each compared; only those whose posterior could reach review, or that
 * share an INS, are returned, best first. `self` is left out (0: none). */
size_t match_index_search(const struct match_index *index, const struct match_model *model, const struct match_form *const *forms,
                          size_t count, uint64_t self, struct arena *arena, const struct match_hit **out_hits,
                          struct match_search_report *out_report);

/* A demographics query: every given criterion must hold on one row. Names are compared on the RNIV key (accents, case, hyphens and
 * blanks folded), against birth and used names; '*' at the end or anywhere is a wildcard. */
struct match_criteria {
    struct span family, given;        /* empty: any */
    bool family_prefix, given_prefix; /* FHIR string search: the value is the beginning of a name */
    bool phonetic;                    /* names that sound alike count too, with a lower score */
    struct span mother;               /* mother's maiden name: only whether the forms may match; the caller checks exactly */
    bool mother_prefix;
    uint32_t born_from, born_to; /* YYYYMMDD, inclusive; 0: open. A partial date matches when its interval lies inside */
    char sex;                    /* 0: any */
};
struct match_found {
    uint64_t record;
    double score; /* 0..1; 1: every criterion exactly */
    bool name_exact, name_phonetic, date_exact;
};
/* Which of these names stand for none (INCONNU, X, BEBE). Rows without such a name are found, too; the caller checks whether they
 * are meant. PATIENT is a name, but beside a given name that stands for none. */
struct match_nameless {
    bool family, given;
};
struct match_nameless match_asks_nameless(const struct match_criteria *criteria, struct arena *arena);
/* Best first, then by record number; at most `most`; *out_total counts all. */
size_t match_index_find(const struct match_index *index, const struct match_criteria *criteria, size_t most, struct arena *arena,
                        const struct match_found **out_found, size_t *out_total);

struct match_index_stats {
    size_t records, rows, keys, hot_keys, names, bytes;
};
void match_index_stats(const struct match_index *index, struct match_index_stats *out);
/* A digest of the record's rows, equal for equal contents whatever the order of puts: for `sosie check --index`. */
uint64_t match_index_digest(const struct match_index *index, uint64_t record);

/* -- batch ---------------------------------------------------------------------------------------------------------------- */

/* Whole files against themselves or each other: rows in, a model fitted to them without labels, scored pairs and clusters out
 * (docs/matching-link.md). Any subset of traits will do. Levels of names, dates, sex, places and INS are those of the online
 * comparison; used names take the place of birth names where no column holds those. Under a given model so are weights, vetoes and
 * zones; a fitted one weighs every other column as a field of its own. The same rows, seed and options give the same result for any
 * number of threads. */
enum match_trait { /* a column is one of these */
                   MATCH_TRAIT_FAMILY,
                   MATCH_TRAIT_GIVEN,
                   MATCH_TRAIT_GIVEN_NAMES,
                   MATCH_TRAIT_USED_FAMILY,
                   MATCH_TRAIT_USED_GIVEN,
                   MATCH_TRAIT_BIRTH_DATE,
                   MATCH_TRAIT_SEX,
                   MATCH_TRAIT_BIRTH_PLACE,
                   MATCH_TRAIT_BIRTH_PLACE_NAME,
                   MATCH_TRAIT_INS,
                   MATCH_TRAIT_MOTHER,
                   MATCH_TRAIT_STREET,
                   MATCH_TRAIT_CITY,
                   MATCH_TRAIT_POSTCODE,
                   MATCH_TRAIT_PHONE,
                   MATCH_TRAIT_EMAIL,
                   MATCH_TRAIT_DOMAIN, /* where the record comes from */
                   MATCH_TRAIT_TEXT,   /* any other text or code, by name */
                   MATCH_TRAIT_CODE,
                   MATCH_TRAIT_COUNT
};
extern const char *const match_trait_names[MATCH_TRAIT_COUNT]; /* "birth_date" */

/* A date in any usual writing to YYYYMMDD (unknown parts "00" or left out): 1950-02-13, 13/02/1950, 19500213, with a time of day
 * (19500213101500+0100) or without, 13 févr. 1950, 02/1950, 1950; false for what is none, and for a year of two figures, which does
 * not tell its century. The order decides only where both are possible; but 1950-13-02 has no month, unless its order is crossed.
 */
enum match_date_writing { MATCH_DATE_YEAR_LAST, MATCH_DATE_YEAR_FIRST, MATCH_DATE_WRITINGS };
struct match_date_order {
    bool crossed[MATCH_DATE_WRITINGS]; /* 02/13/1950 for 13/02/1950; 1950-13-02 for 1950-02-13 */
};
bool match_date_read(struct span text, struct match_date_order order, char out[8]);
bool match_date_is_none(struct span text); /* empty, zeros, the year 9999: says that nothing is known */
/* Figures only: 19500213 and 1950, but also what counts days or seconds. */
bool match_date_is_number(struct span text);
bool match_date_is_six_figures(struct span text); /* 195002, but also 500213 */
/* -1: it can be read in the crossed order only; +1: in the other one only; 0: does not say. *out: of which writing it is. */
int match_date_vote(struct span text, enum match_date_writing *out);
/* Of what was read (YYYYMMDD, 00 for what is not known): not a month above 12, nor the 31st of February. */
bool match_date_is_in_calendar(const char read[8]);

struct match_column {
    enum match_trait trait;
    struct span name; /* of text and code; others are called by their trait, a second telephone phone-2 */
};
struct match_batch;
struct parallel;

enum { MATCH_BATCH_FIELDS = 16, MATCH_BATCH_COLUMNS = 32 };

/* The columns are copied. ERROR_LIMIT when they make more than MATCH_BATCH_FIELDS fields, ERROR_DUPLICATE when a further column has
 * the name of another field. */
bool match_batch_new(const struct match_column *columns, size_t count, struct match_batch **out, struct error *err);
/* Of dates in the rows that follow: their order where they do not say it themselves (none crossed, if not told), and which numbers
 * are dates (all, if not told). */
enum match_numbers { MATCH_NUMBERS_ALL, MATCH_NUMBERS_NONE, MATCH_NUMBERS_NO_SIX /* 191102 is no month where others are 831102 */ };
void match_batch_read_dates(struct match_batch *batch, struct match_date_order order, enum match_numbers numbers);
bool match_batch_read_date(const struct match_batch *batch, struct span text, char out[8]); /* match_date_read as told so */
void match_batch_free(struct match_batch *batch);
/* Adds rows; values: row by row, a span for each column, needed during the call only. All rows of a first file come before those of
 * a second; when there are rows of a second, only pairs across count. At most 2^30 rows. */
void match_batch_add(struct match_batch *batch, const struct parallel *parallel, const struct span *values, size_t rows,
                     bool second_file);
/* Rows whose birth date is neither empty nor zeros, and could not be read: the comparison knows no date of them. */
size_t match_batch_unread_dates(const struct match_batch *batch);
/* Rows in which a column is not empty, and nothing of it was understood as what it is given for; not of dates. */
size_t match_batch_silent(const struct match_batch *batch, size_t column);

/* A birth date that was written for unknown ones: it stands beside far more people than its share of the file, and is missing in
 * all of its rows, as 1900-01-01 is, whatever the model. Found by match_batch_block, of each file by itself. */
enum { MATCH_BATCH_DEFAULTS = 8 }; /* of one file */
struct match_batch_default {
    uint32_t date; /* YYYYMMDD */
    size_t rows;
};
/* By falling number of rows; false past the last. */
bool match_batch_default(const struct match_batch *batch, bool second_file, size_t which, struct match_batch_default *out);

/* What a source (a domain of a file, or the file) writes otherwise in all of its rows, and is read as it is meant, whatever the
 * model: family and given name exchanged, or one day of the year for everybody, which is then of no date. Found by
 * match_batch_block. */
enum { MATCH_BATCH_HABITS = 16 }; /* that are told */
struct match_batch_habit {
    bool second_file;
    struct span domain; /* absent: of the file; lives as long as the batch */
    unsigned day;       /* MMDD; 0: it exchanges names */
    size_t rows;
};
bool match_batch_habit(const struct match_batch *batch, size_t which, struct match_batch_habit *out); /* false past the last */

#define MATCH_BATCH_REVIEW 0.05 /* posterior from which a batch keeps pairs for review */
struct match_batch_options {
    const struct match_model *model; /* of the server's form; NULL: none */
    struct span fitted;              /* text of a model that a batch fitted to the same columns; absent: fit one */
    uint64_t seed;
    bool
        all_pairs; /* keep every scored pair, of more than a million without keys those above 1 in a million; else from review on */
    bool keep_outdone; /* and those that fell below review by surer partners: for match_batch_explain */
    double link_from;  /* posterior from which pairs are linked, MATCH_BATCH_REVIEW to below 1; 0: the engine's own */
};
struct match_pair {
    uint32_t a, b;     /* rows, from 0 in the order added; a < b */
    int32_t weight_cb; /* prior left out */
    float posterior;
    uint8_t kind; /* of the key that brought it: match_batch_report.keys */
    uint8_t zone, rule;
    bool outdone; /* a row surely belongs to another one, and second partners are few: weight_cb is less by what that says */
    uint8_t level[MATCH_BATCH_FIELDS];
};
/* The steps, in this order. Blocks: keys are made and sorted, and keys too common are split. */
void match_batch_block(struct match_batch *batch, const struct parallel *parallel);
/* ERROR_RULE when the fit is refused: too few rows or nothing that tells matches apart; the sentence says so. ERROR_MISSING, TYPE
 * and RULE for a fitted model that is not of these columns. */
bool match_batch_fit(struct match_batch *batch, const struct parallel *parallel, const struct match_batch_options *options,
                     struct error *err);
void match_batch_score(struct match_batch *batch, const struct parallel *parallel);
/* Clusters by descending weight; never two rows that contradict each other in one. */
void match_batch_cluster(struct match_batch *batch, const struct parallel *parallel);

const struct match_pair *match_batch_pairs(const struct match_batch *batch, size_t *out_count); /* by a, then b */
const uint32_t *match_batch_clusters(const struct match_batch *batch);                          /* per row: its first row */

struct match_batch_key {
    const char *name;
    size_t keys, pairs; /* keys shared by two rows or more; pairs that no earlier key had brought */
    size_t linked;
    bool is_left; /* brings too few matches to be compared (batch_yield.c); how many pairs and matches, estimated */
    size_t pairs_left;
    double matches_left;
};
struct match_batch_report {
    size_t rows, first_rows, candidates, linked, review, clusters, largest_cluster;
    size_t split_keys, cut_keys, cut_rows; /* too common: split by a further trait; still too common and read in part */
    size_t left_keys;     /* too common, and left to other keys: of a name and part of the date, or of rows that another holds */
    size_t outdone;       /* pairs that would be for review at least, had no row a surer partner */
    size_t refused_joins; /* links that would have put contradicting rows, or too many, into one cluster */
    double prior, link_bits, review_bits, link_posterior, review_posterior, expected_false_share;
    bool fitted, unsettled; /* unsettled: the fit stopped at its most rounds, the weights are as they stood then */
    const struct match_batch_key *keys;
    size_t key_count;
};
void match_batch_report(const struct match_batch *batch, struct match_batch_report *out);
size_t match_batch_field_count(const struct match_batch *batch);
/* From what a column of match_batch_new follows (an age from the birth date), so that it says nothing beside it; absent: from
 * nothing, or not found out: before match_batch_fit, under a server's model. */
struct span match_batch_follows(const struct match_batch *batch, size_t column);
struct span match_batch_field_follows(const struct match_batch *batch, size_t field); /* the same, of birth_place_name, too */
struct span match_batch_field_name(const struct match_batch *batch, size_t field);
/* The row of a level table; false past its end. share: of this level among the pairs taken for matches. */
bool match_batch_level(const struct match_batch *batch, size_t field, size_t level, struct match_reason *out, double *out_share);
/* The parts of a pair's weight, once clusters are made. fields: as those of the model, of a server's model its own. beside: what no
 * single field says (domains, a move, kin, what twins and vetoes hold down, partners), m and u 0, as far as it counts. Their
 * weight_bits sum to that of the pair. key: that brought the pair; NULL: not kept. */
enum { MATCH_BATCH_BESIDE = 5 };
struct match_batch_explanation {
    struct match_reason fields[MATCH_BATCH_FIELDS], beside[MATCH_BATCH_BESIDE];
    size_t field_count, beside_count;
    double weight_bits, prior_bits, posterior;
    enum match_zone zone;
    enum match_rule rule;
    const char *why; /* the zone is what it is, in words */
    const char *key;
};
void match_batch_explain(const struct match_batch *batch, uint32_t a, uint32_t b, struct match_batch_explanation *out);
void match_batch_write_model(const struct match_batch *batch, struct buf *out);
bool match_batch_is_model(struct span text); /* is it one of these, rather than one of the server's? */

/* -- training ------------------------------------------------------------------------------------------------------------- */

/* A model of the server's form learnt from a registry, without labels or with them (docs/matching-train.md): forms in, the text
 * of a model out. The same forms, labels and seed give the same text. One thread; some 90 bytes a record, and 110 more
 * while keys are sorted; 100 MB for pairs at most. */
struct match_trainer;

struct match_train_options {
    struct span active; /* text of the model in force; copied, as the name */
    struct span name;   /* of the new model: one word of at most 63 characters */
    uint64_t seed;
    size_t pairs_most; /* pairs compared; of more a share is taken. 0: 4 million */
    void (*tick)(void *context, const char *step, size_t done, size_t total); /* NULL: none */
    void *tick_context;
};
bool match_trainer_new(const struct match_train_options *options, struct match_trainer **out, struct error *err);
void match_trainer_free(struct match_trainer *trainer);
/* One record's current form; `person`: where it stands; `domain`: name of its assigning authority, empty: not told (pairs of two
 * domains are then not told apart). A merged record (not live) counts in labels only. */
void match_trainer_add(struct match_trainer *trainer, uint64_t record, uint64_t person, bool live, struct span domain,
                       const struct match_form *form);
/* A decision of people on two records. The last one on a pair counts; pairs of records that were not added do not. */
void match_trainer_label(struct match_trainer *trainer, uint64_t a, uint64_t b, bool same);
/* ERROR_RULE when there is too little to learn from, or what was learnt is no sense; the sentence says why. */
bool match_trainer_fit(struct match_trainer *trainer, struct error *err);
/* After a good fit. */
void match_trainer_write(const struct match_trainer *trainer, struct buf *out);

enum { MATCH_TRAIN_BINS = 10 };
struct match_train_bin { /* pairs whose posterior lies here, and what became of them */
    double from, to;     /* of the posterior */
    size_t pairs;
    double predicted, expected; /* sums: of posteriors; of matches, as the other half of the pairs tells */
    size_t labels, labels_same; /* decided pairs among them, and those that are one person */
};
struct match_train_report {
    size_t records, persons, merged, labels_same, labels_different;
    size_t pairs, hot_keys, rounds;
    double share; /* of the pairs that share a key: those that were compared */
    double matches, prior_before, prior, link_before, link, review, expected_false_share;
    double calibration_error_before, calibration_error; /* expected, over pairs of posterior .01 and more */
    bool family_blended, given_blended, prior_bounded;
    size_t domains;              /* whose pairs have priors of their own; 0: they are not told apart */
    struct match_train_domains { /* two of them, and how many times as likely as in all a pair is one person's */
        struct span a, b;
        double ratio;
    } rarest, commonest;
    struct match_train_bin bins[MATCH_TRAIN_BINS];
};
void match_trainer_report(const struct match_trainer *trainer, struct match_train_report *out);
enum match_train_note {
    MATCH_TRAIN_LEARNT,
    MATCH_TRAIN_KEPT,   /* by convention: counted with another field */
    MATCH_TRAIN_SPARSE, /* too few pairs know the field: the old figures stay */
    MATCH_TRAIN_HELD,   /* its weight would have changed sign: the old weight stays */
};
struct match_train_level {
    const char *field, *level; /* as in a model file */
    double m_before, u_before, m, u, bits_before, bits;
    double seen; /* expected matches of this level among the pairs */
    enum match_train_note note;
};
bool match_trainer_level(const struct match_trainer *trainer, enum match_field field, size_t level, struct match_train_level *out);

#endif
