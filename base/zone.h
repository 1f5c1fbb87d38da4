/*
 * Time zones of others: what moment a wall clock somewhere means (hl7v2.md 1.6). The process's own zone is clock.h's affair. Rules
 * come from the system's zone files (RFC 8536), read once; a struct zone holds all of them by value and may be copied.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

enum { ZONE_CHANGES_MOST = 512, ZONE_DAY_S = 86400 };

struct zone_rule {        /* "M3.5.0/2": the last Sunday of March at two o'clock */
    int month, week, day; /* 1..12; 1..5, 5 the last; 0 Sunday */
    int32_t time_s;
};
struct zone {
    int32_t standard_s, summer_s; /* east of Greenwich, after the last change that is listed */
    bool has_summer;
    struct zone_rule begins, ends; /* of summer time, by the clock that goes then */
    size_t count;
    int64_t at_s[ZONE_CHANGES_MOST]; /* seconds since 1970 UTC, ascending */
    int32_t then_s[ZONE_CHANGES_MOST];
    int32_t before_s;
};

/* Europe/Paris as it is since 1996: where nothing else is said. */
extern const struct zone ZONE_PARIS;

/* The zone of an IANA name, "Indian/Reunion". ERROR_UNKNOWN when the system has no such file, or it is none. */
bool zone_read(struct span name, struct zone *out, struct error *err);

/* An HL7 DTM that tells a day at least, YYYYMMDD[HH[MM[SS[.S]]]][+/-ZZZZ], as seconds since 1970 UTC; without +/-ZZZZ by the zone's
 * wall clock. An hour that came twice is the first of the two, one that was left out goes on from the hour before. *out_unit_s: how
 * exact it is, ZONE_DAY_S, 3600, 60 or 1. False: it is none. */
bool zone_moment(const struct zone *zone, struct span dtm, int64_t *out_s, int64_t *out_unit_s);
/* The same with its zone written behind it, "20260302080000+0400"; as it is when it has one, or no hour. */
struct span zone_stamp(const struct zone *zone, struct span dtm, struct arena *arena);

#endif
