/*
 * Dates as FHIR searches and writes them. Every value is an interval [low, high) of microseconds since 1970 UTC, as wide as its
 * precision (R4 search.html#date); a birth date knows no zone and counts as UTC on both sides.
 */
#ifndef FHIR_DATES_H
#define FHIR_DATES_H

#include "base/span.h"

struct arena;

struct date_range {
    int64_t low_us, high_us;
};

enum date_prefix { DATE_EQ, DATE_NE, DATE_GT, DATE_LT, DATE_GE, DATE_LE, DATE_SA, DATE_EB, DATE_AP };

struct date_criterion {
    enum date_prefix prefix;
    struct date_range range;
};

/* "ge1980-05": prefix and YYYY[-MM[-DD]], years 1 to 9999; with_time also allows Thh:mm[:ss[.f]][zone] (no zone: the server's). */
bool fhir_date_criterion_parse(struct span text, bool with_time, struct date_criterion *out);
/* A stored birth date YYYY[MM[DD]], "00" parts unknown. */
bool fhir_date_stored_parse(struct span stored, struct date_range *out);
/* Does the target hold the criterion? The table of fhir.md 4.2; now_us is what "approximately" is measured from. */
bool fhir_date_matches(const struct date_criterion *criterion, struct date_range target, int64_t now_us);

/* The days of birth that may match, one or two intervals of YYYYMMDD, both ends included; an empty span leaves that end open. */
struct date_window {
    struct span from, to;
};
size_t fhir_date_windows(const struct date_criterion *criterion, int64_t now_us, struct arena *arena, struct date_window out[2]);

/* "19800512" as "1980-05-12", "1980" as "1980"; empty when it is no date. */
struct span fhir_date_write(struct span stored, struct arena *arena);
/* HL7 DTM "202611200915+0100" as FHIR dateTime; without seconds and zone only its date, which needs none. */
struct span fhir_date_time_write(struct span stored, struct arena *arena);
/* "2026-11-20T09:41:07.512Z", UTC; always the same length but for years outside 1..9999. */
enum { FHIR_INSTANT_BYTES = 25 };
void fhir_date_instant_write(int64_t at_us, char out[FHIR_INSTANT_BYTES]);
/* "Fri, 20 Nov 2026 09:41:07 GMT" (RFC 9110 section 5.6.7), and back to whole seconds since 1970. */
struct span fhir_date_http_write(int64_t at_us, struct arena *arena);
bool fhir_date_http_parse(struct span text, int64_t *out_s);

#endif
