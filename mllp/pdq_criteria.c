/* The criteria of ITI-21; see pdq_criteria.h. */
#include "mllp/pdq_criteria.h"

#include "base/arena.h"
#include "mllp/pdq_visits.h"

#include <string.h>

enum { LEAST_LITERALS = 2 }; /* before a wildcard that stands alone */

enum parameter {
    PARAMETER_ID,
    PARAMETER_NAMESPACE,
    PARAMETER_UNIVERSAL_ID,
    PARAMETER_UNIVERSAL_TYPE,
    PARAMETER_ID_TYPE,
    PARAMETER_FAMILY,
    PARAMETER_GIVEN,
    PARAMETER_FURTHER,
    PARAMETER_BIRTH_DATE,
    PARAMETER_SEX,
    PARAMETER_STREET,
    PARAMETER_CITY,
    PARAMETER_STATE,
    PARAMETER_POSTCODE,
    PARAMETER_COUNTRY,
    PARAMETER_ACCOUNT,
    PARAMETER_ACCOUNT_NAMESPACE,
    PARAMETER_ACCOUNT_UNIVERSAL_ID,
    PARAMETER_ACCOUNT_UNIVERSAL_TYPE,
    PARAMETER_MOTHER,
    PARAMETER_MOTHER_GIVEN,
    PARAMETER_PHONE,
    PARAMETER_MAIL,
    PARAMETER_MOTHER_ID,
    PARAMETER_MOTHER_NAMESPACE,
    PARAMETER_MOTHER_UNIVERSAL_ID,
    PARAMETER_COUNT
};

static const struct {
    const char *name;
    enum parameter parameter;
} parameter_names[] = {
    {"@PID.3", PARAMETER_ID},
    {"@PID.3.1", PARAMETER_ID},
    {"@PID.3.4", PARAMETER_NAMESPACE},
    {"@PID.3.4.1", PARAMETER_NAMESPACE},
    {"@PID.3.4.2", PARAMETER_UNIVERSAL_ID},
    {"@PID.3.4.3", PARAMETER_UNIVERSAL_TYPE},
    {"@PID.3.5", PARAMETER_ID_TYPE},
    {"@PID.5.1", PARAMETER_FAMILY},
    {"@PID.5.1.1", PARAMETER_FAMILY},
    {"@PID.5.2", PARAMETER_GIVEN},
    {"@PID.5.2.1", PARAMETER_GIVEN},
    {"@PID.5.3", PARAMETER_FURTHER},
    {"@PID.7", PARAMETER_BIRTH_DATE},
    {"@PID.7.1", PARAMETER_BIRTH_DATE},
    {"@PID.8", PARAMETER_SEX},
    {"@PID.8.1", PARAMETER_SEX},
    {"@PID.11.1", PARAMETER_STREET},
    {"@PID.11.1.1", PARAMETER_STREET},
    {"@PID.11.3", PARAMETER_CITY},
    {"@PID.11.4", PARAMETER_STATE},
    {"@PID.11.5", PARAMETER_POSTCODE},
    {"@PID.11.6", PARAMETER_COUNTRY},
    {"@PID.18", PARAMETER_ACCOUNT},
    {"@PID.18.1", PARAMETER_ACCOUNT},
    {"@PID.18.4", PARAMETER_ACCOUNT_NAMESPACE},
    {"@PID.18.4.1", PARAMETER_ACCOUNT_NAMESPACE},
    {"@PID.18.4.2", PARAMETER_ACCOUNT_UNIVERSAL_ID},
    {"@PID.18.4.3", PARAMETER_ACCOUNT_UNIVERSAL_TYPE},
    {"@PID.6.1", PARAMETER_MOTHER},
    {"@PID.6.1.1", PARAMETER_MOTHER},
    {"@PID.6.2", PARAMETER_MOTHER_GIVEN},
    {"@PID.6.2.1", PARAMETER_MOTHER_GIVEN},
    {"@PID.13", PARAMETER_PHONE},
    {"@PID.13.1", PARAMETER_PHONE},
    {"@PID.13.7", PARAMETER_PHONE},
    {"@PID.13.12", PARAMETER_PHONE},
    {"@PID.13.4", PARAMETER_MAIL},
    {"@PID.21.1", PARAMETER_MOTHER_ID},
    {"@PID.21.4", PARAMETER_MOTHER_NAMESPACE},
    {"@PID.21.4.1", PARAMETER_MOTHER_NAMESPACE},
    {"@PID.21.4.2", PARAMETER_MOTHER_UNIVERSAL_ID},
};

static bool find_parameter(struct span name, enum parameter *out) {
    for (size_t i = 0; i < sizeof parameter_names / sizeof parameter_names[0]; i++) {
        if (span_eq_nocase(name, span_of(parameter_names[i].name))) {
            *out = parameter_names[i].parameter;
            return true;
        }
    }
    return false;
}

/* Values by parameter, with where each stood. */
struct values {
    struct span text[PARAMETER_COUNT];
    const char *where[PARAMETER_COUNT];
};

/* Criteria hold together; two different values of one can never both hold on the same repetition. */
static bool set_value(struct values *out, enum parameter parameter, struct span value, const char *where,
                      struct query_errors *errors) {
    if (!span_is_empty(out->text[parameter]) && !span_eq(out->text[parameter], value))
        return query_error(errors, ERROR_TYPE, where, "the query parameter is given twice");
    out->text[parameter] = value;
    out->where[parameter] = where;
    return true;
}

/* "@PID.3.4^CHU-EXEMPLE" or, with subcomponents, "@PID.3.4^CHU-EXEMPLE&990000018&M"; PID.18.4 and PID.21.4 alike. */
static bool set_authority(const struct hl7_message *message, enum parameter parameter, struct span raw, const char *where,
                          struct values *out, struct query_errors *errors) {
    struct hl7_hd authority;
    hl7_read_hd(message, raw, &authority);
    bool typed = parameter != PARAMETER_MOTHER_NAMESPACE;
    return set_value(out, parameter, authority.namespace_id, where, errors) &&
           (span_is_empty(authority.universal_id) || set_value(out, parameter + 1, authority.universal_id, where, errors)) &&
           (span_is_empty(authority.type) || !typed || set_value(out, parameter + 2, authority.type, where, errors));
}

static bool is_namespace(enum parameter parameter) {
    return parameter == PARAMETER_NAMESPACE || parameter == PARAMETER_ACCOUNT_NAMESPACE || parameter == PARAMETER_MOTHER_NAMESPACE;
}

/* A parameter on PV1, which ITI-22 has (hl7v2.md 2.5). False: none. */
static bool add_visit(const struct mllp_request *request, struct span name, struct span value, const char *where,
                      struct pdq_criteria *out) {
    struct visit_criterion criterion;
    if (!pdq_is_visits(request) || !visit_parameter(name, &criterion) || out->visit_count == PDQ_MOST_VISIT_CRITERIA)
        return false;
    criterion.value = value;
    criterion.where = where;
    if (!span_is_empty(value))
        out->visits[out->visit_count++] = criterion;
    return true;
}

/* QIP: "@PID.5.1.1^MOREL". */
static bool read_values(const struct mllp_request *request, const struct hl7_segment *qpd, struct values *out,
                        struct pdq_criteria *visits, struct query_errors *errors) {
    const struct hl7_message *message = request->message;
    struct span field = hl7_field(qpd, 3);
    size_t repetitions = hl7_repetition_count(message, field), before = errors->count, given = 0;
    for (size_t i = 1; i <= repetitions; i++) {
        struct span repetition = hl7_repetition(message, field, i);
        struct span name = hl7_text(message, hl7_component(message, repetition, 1));
        struct span raw = hl7_component(message, repetition, 2), value = hl7_text(message, raw);
        const char *where = arena_printf(request->arena, "QPD^1^3^%zu", i);
        enum parameter parameter;
        if (span_is_empty(name) && span_is_empty(value))
            continue;
        if (add_visit(request, name, value, where, visits)) {
            given += !span_is_empty(value);
            continue;
        }
        if (!find_parameter(name, &parameter)) {
            query_error(errors, ERROR_TABLE, where, "the query parameter is not supported");
            continue;
        }
        if (span_is_empty(value))
            continue;
        if (is_namespace(parameter))
            (void)set_authority(message, parameter, raw, where, out, errors);
        else
            (void)set_value(out, parameter, value, where, errors);
        given++;
    }
    if (errors->count == before && given == 0)
        query_error(errors, ERROR_MISSING, "QPD^1^3", "the query has no criterion");
    return errors->count == before;
}

/* What says something only of something else: a part of an identifier without its number would filter nothing. */
static bool check_parts(const struct values *values, struct query_errors *errors) {
    static const struct {
        enum parameter part, of, or_of;
        const char *text;
    } rows[] = {
        {PARAMETER_UNIVERSAL_TYPE, PARAMETER_UNIVERSAL_ID, PARAMETER_NAMESPACE, "a type of authority needs its number, @PID.3.4.2"},
        {PARAMETER_ID_TYPE, PARAMETER_ID, PARAMETER_ID, "a type of identifier needs its number, @PID.3.1"},
        {PARAMETER_ACCOUNT_NAMESPACE, PARAMETER_ACCOUNT, PARAMETER_ACCOUNT,
         "the authority of an account needs its number, @PID.18.1"},
        {PARAMETER_ACCOUNT_UNIVERSAL_ID, PARAMETER_ACCOUNT, PARAMETER_ACCOUNT,
         "the authority of an account needs its number, @PID.18.1"},
        {PARAMETER_ACCOUNT_UNIVERSAL_TYPE, PARAMETER_ACCOUNT_UNIVERSAL_ID, PARAMETER_ACCOUNT_NAMESPACE,
         "a type of authority needs its number, @PID.18.4.2"},
        {PARAMETER_MOTHER_NAMESPACE, PARAMETER_MOTHER_ID, PARAMETER_MOTHER_ID,
         "the authority of the mother's identifier needs its number, @PID.21.1"},
        {PARAMETER_MOTHER_UNIVERSAL_ID, PARAMETER_MOTHER_ID, PARAMETER_MOTHER_ID,
         "the authority of the mother's identifier needs its number, @PID.21.1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!span_is_empty(values->text[rows[i].part]) && span_is_empty(values->text[rows[i].of]) &&
            span_is_empty(values->text[rows[i].or_of]))
            return query_error(errors, ERROR_MISSING, values->where[rows[i].part], rows[i].text);
    }
    return true;
}

/* "1984" is all of 1984, "198401" all of January. */
static bool set_dates(const struct values *values, struct arena *arena, struct person_query *out, struct query_errors *errors) {
    struct span text = values->text[PARAMETER_BIRTH_DATE];
    struct hl7_ts ts;
    if (span_is_empty(text))
        return true;
    if (!hl7_read_ts(text, &ts, NULL) || span_is_empty(ts.date))
        return query_error(errors, ERROR_TYPE, values->where[PARAMETER_BIRTH_DATE],
                           "the birth date is not of the form YYYY[MM[DD]]");
    int64_t year = 0, month = 0;
    (void)span_to_i64(span_sub(ts.date, 0, 4), &year);
    (void)span_to_i64(span_sub(ts.date, 4, 2), &month);
    if (ts.date.len == 8) {
        out->born_from = out->born_to = ts.date;
    } else if (ts.date.len == 6) {
        out->born_from = span_of(arena_printf(arena, "%.6s01", ts.date.ptr));
        out->born_to = span_of(arena_printf(arena, "%.6s%02u", ts.date.ptr, hl7_days_of_month((unsigned)year, (unsigned)month)));
    } else {
        out->born_from = span_of(arena_printf(arena, "%.4s0101", ts.date.ptr));
        out->born_to = span_of(arena_printf(arena, "%.4s1231", ts.date.ptr));
    }
    return true;
}

static bool set_sex(const struct values *values, struct person_query *out, struct query_errors *errors) {
    struct span text = values->text[PARAMETER_SEX];
    if (span_is_empty(text))
        return true;
    char sex = text.len == 1 ? (char)(text.ptr[0] & ~0x20) : 0;
    if (sex == 0 || !strchr("MFUOAN", sex))
        return query_error(errors, ERROR_TABLE, values->where[PARAMETER_SEX], "the sex is not a code of table 0001");
    out->sex = sex == 'A' ? 'O' : sex == 'N' ? 'U' : sex; /* as PID-8 is read */
    return true;
}

/* PID-3.4 alone: whoever is known there. */
static bool set_domain(const struct domain *domain, const struct values *values, struct pdq_criteria *out,
                       struct query_errors *errors) {
    bool named = !span_is_empty(values->text[PARAMETER_NAMESPACE]);
    if (ins_authority(values->text[PARAMETER_UNIVERSAL_ID]))
        return query_error(errors, ERROR_MISSING, values->where[named ? PARAMETER_NAMESPACE : PARAMETER_UNIVERSAL_ID],
                           "the authority of the INS needs its number, @PID.3.1");
    out->query.in_domain = domain ? domain->id : 0;
    return true;
}

/* PID-3 parts hold on one and the same repetition. */
static bool set_identifier(const struct mllp_request *request, const struct values *values, struct pdq_criteria *out,
                           struct query_errors *errors) {
    struct span namespace_id = values->text[PARAMETER_NAMESPACE], universal_id = values->text[PARAMETER_UNIVERSAL_ID];
    bool authority = !span_is_empty(namespace_id) || !span_is_empty(universal_id);
    const struct domain *domain = domain_by_authority(identity_domains(request->edge->identity), namespace_id, universal_id,
                                                      values->text[PARAMETER_UNIVERSAL_TYPE]);
    out->nobody = authority && !domain && !ins_authority(universal_id);
    if (span_is_empty(values->text[PARAMETER_ID]))
        return !authority || set_domain(domain, values, out, errors);
    struct trait_identifier *identifier = ARENA_NEW(request->arena, struct trait_identifier);
    *identifier = (struct trait_identifier){
        .value = values->text[PARAMETER_ID],
        .namespace_id = namespace_id,
        .universal_id = universal_id,
        .universal_type = values->text[PARAMETER_UNIVERSAL_TYPE],
        .type = span_upper(values->text[PARAMETER_ID_TYPE], request->arena),
        .where = span_of(values->where[PARAMETER_ID]),
    };
    out->query.identifiers = identifier;
    out->query.identifier_count = 1;
    return true;
}

static size_t literals_before_wildcard(struct span name) {
    return span_find(name, '*', 0);
}

static const char TOO_WIDE[] =
    "the query needs an identifier (PID.3.1), name (PID.5), birth date (PID.7), address (PID.11: street, city, postcode), "
    "account (PID.18), mother (PID.6, PID.21), phone or mail (PID.13)";
static const char VISITS_TOO_WIDE[] =
    "the query needs a visit number (PV1.19.1), place of care (PV1.3.1), identifier (PID.3.1), name (PID.5), birth date (PID.7), "
    "address (PID.11: street, city, postcode), account (PID.18), mother (PID.6, PID.21), phone or mail (PID.13)";

/* "*" or "M*" alone would walk half the index, a sex or a whole domain too. */
static bool check_width(const struct values *values, const struct person_query *query, const char *too_wide,
                        struct query_errors *errors) {
    static const struct {
        enum parameter parameter;
        bool name;
    } narrow[] = {
        {PARAMETER_ID, false},         {PARAMETER_FAMILY, true},       {PARAMETER_GIVEN, true},  {PARAMETER_FURTHER, false},
        {PARAMETER_BIRTH_DATE, false}, {PARAMETER_STREET, false},      {PARAMETER_CITY, false},  {PARAMETER_POSTCODE, false},
        {PARAMETER_ACCOUNT, false},    {PARAMETER_MOTHER, true},       {PARAMETER_PHONE, false}, {PARAMETER_MAIL, false},
        {PARAMETER_MOTHER_ID, false},  {PARAMETER_MOTHER_GIVEN, true},
    };
    const char *where = NULL;
    for (size_t i = 0; i < sizeof narrow / sizeof narrow[0]; i++) {
        struct span text = values->text[narrow[i].parameter];
        size_t literals = literals_before_wildcard(text);
        bool wild = narrow[i].name && literals < text.len && literals < LEAST_LITERALS;
        if (!span_is_empty(text) && !wild)
            return true;
        if (wild)
            where = values->where[narrow[i].parameter];
    }
    if (!span_is_empty(query->visit.value) || !span_is_empty(query->unit))
        return true;
    if (!where)
        return query_error(errors, ERROR_MISSING, "QPD^1^3", too_wide);
    return query_error(errors, ERROR_TYPE, where, "a wildcard that stands alone needs two letters before it");
}

/* What of PV1 finds persons: the visit number with its authority, and the place of care. The rest is looked at visit by visit. */
static void set_visit(const struct mllp_request *request, struct pdq_criteria *out) {
    struct trait_identifier *visit = &out->query.visit;
    for (size_t i = 0; i < out->visit_count; i++) {
        const struct visit_criterion *one = &out->visits[i];
        bool whole = span_find(one->value, '*', 0) == one->value.len;
        if (one->field == 19 && one->component == 1)
            visit->value = one->value;
        else if (one->field == 19 && one->component == 4 && one->subcomponent <= 1)
            visit->namespace_id = one->value;
        else if (one->field == 19 && one->component == 4 && one->subcomponent == 2)
            visit->universal_id = one->value;
        else if (one->field == 3 && one->component == 1 && whole)
            out->query.unit = span_upper(one->value, request->arena);
    }
}

static void set_texts(const struct values *values, struct arena *arena, struct pdq_criteria *out) {
    struct person_query *query = &out->query;
    query->family = values->text[PARAMETER_FAMILY];
    query->given = values->text[PARAMETER_GIVEN];
    query->street = values->text[PARAMETER_STREET];
    query->city = values->text[PARAMETER_CITY];
    query->state = values->text[PARAMETER_STATE];
    query->postcode = values->text[PARAMETER_POSTCODE];
    query->country = hl7_country(values->text[PARAMETER_COUNTRY], arena);
    query->further = values->text[PARAMETER_FURTHER];
    query->account = (struct trait_identifier){.value = values->text[PARAMETER_ACCOUNT],
                                               .namespace_id = values->text[PARAMETER_ACCOUNT_NAMESPACE],
                                               .universal_id = values->text[PARAMETER_ACCOUNT_UNIVERSAL_ID],
                                               .universal_type = values->text[PARAMETER_ACCOUNT_UNIVERSAL_TYPE]};
    query->mother_id = (struct trait_identifier){.value = values->text[PARAMETER_MOTHER_ID],
                                                 .namespace_id = values->text[PARAMETER_MOTHER_NAMESPACE],
                                                 .universal_id = values->text[PARAMETER_MOTHER_UNIVERSAL_ID]};
    query->mother = values->text[PARAMETER_MOTHER];
    query->mother_given = values->text[PARAMETER_MOTHER_GIVEN];
    query->phone = hl7_digits(values->text[PARAMETER_PHONE], arena);
    query->mail = values->text[PARAMETER_MAIL];
}

/* QPD-4, in percent; QPD-5 may ask for names that sound alike (hl7v2.md 2.4, OpenHIE CR-12). */
static bool read_confidence(const struct mllp_request *request, const struct hl7_segment *qpd, struct pdq_criteria *out,
                            struct query_errors *errors) {
    const struct hl7_message *message = request->message;
    struct span text = hl7_text(message, hl7_part(message, qpd, 4, 1));
    struct span algorithm = span_upper(hl7_text(message, hl7_part(message, qpd, 5, 1)), request->arena);
    uint64_t percent;
    out->query.phonetic = span_starts(algorithm, SPAN("PHONETIC")) || span_starts(algorithm, SPAN("SOUNDEX"));
    if (span_is_empty(text))
        return true;
    if (!span_to_u64(span_sub(text, 0, span_find(text, '.', 0)), &percent) || percent > 100)
        return query_error(errors, ERROR_TYPE, "QPD^1^4", "the confidence threshold is not a number from 0 to 100");
    out->least_score = (double)percent / 100;
    return true;
}

bool pdq_criteria_read(const struct mllp_request *request, const struct hl7_segment *qpd, struct pdq_criteria *out,
                       struct query_errors *errors) {
    struct values values = {0};
    *out = (struct pdq_criteria){0};
    if (!qpd)
        return query_error(errors, ERROR_SEQUENCE, "QPD^1", "the query has no QPD segment");
    if (!read_values(request, qpd, &values, out, errors) || !check_parts(&values, errors))
        return false;
    set_visit(request, out);
    const char *too_wide = pdq_is_visits(request) ? VISITS_TOO_WIDE : TOO_WIDE;
    if (!check_width(&values, &out->query, too_wide, errors) || !set_dates(&values, request->arena, &out->query, errors) ||
        !set_sex(&values, &out->query, errors) || !read_confidence(request, qpd, out, errors) ||
        !set_identifier(request, &values, out, errors))
        return false;
    set_texts(&values, request->arena, out);
    out->scored = !span_is_empty(out->query.family) || !span_is_empty(out->query.given) || !span_is_empty(out->query.born_from);
    return true;
}
