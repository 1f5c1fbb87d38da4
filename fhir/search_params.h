/*
 * The parameters of a PDQm search (IHE PDQm ITI-78, R4 search.html), read from decoded pairs into criteria. One table says what
 * there is; the CapabilityStatement is written from the same table.
 *
 * Different parameters and repeated ones are joined by AND, the comma is OR. Values are split at ',' and '|' before "\," "\|" "\$"
 * and "\\" are resolved. A parameter that we do not know is ignored and reported, or refused when the client asked for strict
 * handling; a modifier that we do not know is always refused, because ignoring it would change the meaning.
 */
#ifndef FHIR_SEARCH_PARAMS_H
#define FHIR_SEARCH_PARAMS_H

#include "base/error.h"
#include "fhir/dates.h"

struct arena;
struct http_pair;

enum param_type { PARAM_STRING, PARAM_TOKEN, PARAM_DATE };

enum param_what {
    WHAT_ID,
    WHAT_LAST_UPDATED,
    WHAT_ACTIVE,
    WHAT_IDENTIFIER,
    WHAT_FAMILY,
    WHAT_GIVEN,
    WHAT_NAME,
    WHAT_BIRTHDATE,
    WHAT_GENDER,
    WHAT_TELECOM,
    WHAT_PHONE,
    WHAT_EMAIL,
    WHAT_ADDRESS,
    WHAT_CITY,
    WHAT_COUNTRY,
    WHAT_POSTALCODE,
    WHAT_STATE,
    WHAT_MOTHER,
};

enum modifier {
    MODIFIER_NONE = 0,
    MODIFIER_EXACT = 1,
    MODIFIER_CONTAINS = 2,
    MODIFIER_MISSING = 4,
    MODIFIER_NOT = 8,
    MODIFIER_OF_TYPE = 16,
};

struct parameter {
    const char *name;
    enum param_what what;
    enum param_type type;
    unsigned modifiers;     /* allowed ones, as bits */
    const char *definition; /* canonical of the SearchParameter, after http://hl7.org/fhir/SearchParameter/ */
};
extern const struct parameter search_parameters[];
extern const size_t search_parameter_count;

/* One alternative of a criterion. Texts are unescaped and trimmed. */
struct search_value {
    struct span text;   /* the string; the code or value of a token, empty for "system|" */
    struct span system; /* token: before the bar; absent without a bar */
    struct span type;   /* :of-type: the code between the bars */
    struct date_criterion date;
    bool flag; /* :missing */
};

struct criterion {
    const struct parameter *parameter;
    enum modifier modifier;
    const struct search_value *values;
    size_t value_count;
};

struct search {
    const struct criterion *criteria;
    size_t criterion_count;
    struct span page;           /* _page: the token of a further page; everything else is then ignored */
    size_t count;               /* _count, at most page_max; page_size when not given */
    bool count_only;            /* _count=0 or _summary=count */
    struct span self;           /* what was used, encoded: "family=DURAND&_count=10" */
    const struct span *ignored; /* names of parameters that had no effect */
    size_t ignored_count;
};

struct search_limits {
    size_t page_size, page_max;
    bool strict; /* Prefer: handling=strict */
};

/* where = the parameter's name. ERROR_TYPE or _TABLE for a bad value, ERROR_UNSUPPORTED_MESSAGE for a modifier (or a parameter,
 * when strict), ERROR_LIMIT for too many. Spans are borrowed from the pairs or lie in the arena. */
bool search_parse(const struct http_pair *pairs, size_t count, const struct search_limits *limits, struct arena *arena,
                  struct search *out, struct error *err);

/* Cuts at the first unescaped separator; like span_cut. */
bool search_cut(struct span *rest, char separator, struct span *out_piece);
struct span search_unescape(struct span text, struct arena *arena);

#endif
