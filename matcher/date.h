/*
 * Birth dates packed into 22 bits: year, month, day, any of them 0 when unknown, and a mark for days that prove nothing (completed
 * by convention, or the 1 January and 31 December of births abroad: identity-france.md 2.5).
 */
#ifndef MATCHER_DATE_H
#define MATCHER_DATE_H

#include "base/span.h"

#define DATE_WEAK (UINT32_C(1) << 21)
#define DATE_ALL_BITS ((UINT32_C(1) << 22) - 1)

enum { DATE_YEAR_LEAST = 1500, DATE_YEAR_MOST = 2199 }; /* files of the past are linked, too; 1650 for 1950 is a slip, no gap */

/* YYYY[MM[DD]]. Missing (0) for what is no date and for the fillers 19000101, 17530101, 00000000 and the like. Days and months
 * outside the calendar (lunar dates) are unknown; of a month that is a slip of the pen (00, 13 to 19) the day is kept. place:
 * packed birth place, for births abroad. */
uint32_t date_pack(struct span text, bool interpreted, uint32_t place);
unsigned date_days_in(unsigned year, unsigned month); /* of months to 12; of 0, the unknown one, the most there are */
bool date_is_sound(uint32_t date);                    /* could date_pack have made it? */

static inline unsigned date_year(uint32_t date) {
    return date >> 9 & 0xfff;
}
static inline unsigned date_month(uint32_t date) {
    return date >> 5 & 15;
}
static inline unsigned date_day(uint32_t date) {
    return date & 31;
}
static inline bool date_is_weak(uint32_t date) {
    return (date & DATE_WEAK) != 0;
}
/* The first of January, or the last of December. */
static inline bool date_ends_year(uint32_t date) {
    unsigned day = date & 0x1ff;
    return day == (1 << 5 | 1) || day == (12 << 5 | 31);
}
/* Year, month and day all known and meant. */
static inline bool date_is_full(uint32_t date) {
    bool day = date_day(date) != 0, month = date_month(date) != 0, meant = !date_is_weak(date);
    return day & month & meant;
}

/* The day of the year as a place from 0, the months all of one length; DATE_YEAR_DAYS when day or month is unknown. A day that
 * proves nothing has its place, too. */
enum { DATE_MONTH_DAYS = 31, DATE_YEAR_DAYS = 12 * DATE_MONTH_DAYS };
static inline size_t date_day_of_year(uint32_t date) {
    return date_day(date) == 0 || date_month(date) == 0 ? DATE_YEAR_DAYS
                                                        : (date_month(date) - 1) * DATE_MONTH_DAYS + date_day(date) - 1;
}
static inline unsigned date_month_day(size_t day_of_year) { /* MMDD */
    return (unsigned)((day_of_year / DATE_MONTH_DAYS + 1) * 100 + day_of_year % DATE_MONTH_DAYS + 1);
}

/* Interval of days that a date may be, as YYYYMMDD. False when the year is unknown. */
bool date_interval(uint32_t date, uint32_t *out_first, uint32_t *out_last);
uint32_t date_from_number(uint32_t yyyymmdd); /* packed, no checks but for 0 */

enum date_level { /* strongest first */
                  DATE_MISSING,
                  DATE_EXACT,
                  DATE_EXACT_WEAK,    /* equal, but one of the days proves nothing */
                  DATE_SWAPPED,       /* day and month exchanged */
                  DATE_DIGIT,         /* one of eight figures, or two neighbours exchanged */
                  DATE_PARTIAL_MONTH, /* one side knows no day: year and month agree */
                  DATE_PARTIAL_YEAR,  /* one side knows no month, or a day that proves nothing: the year agrees */
                  DATE_NEAR_YEAR,     /* same day and month, one, ten or a hundred years apart */
                  DATE_MONTH,         /* same year and month */
                  DATE_YEAR,          /* same year */
                  DATE_DIFFERENT,
                  DATE_LEVEL_COUNT
};
enum date_level date_compare_apart(uint32_t a, uint32_t b); /* of two that are not one full date */
/* Symmetric. Most pairs that are compared have one date. */
static inline enum date_level date_compare(uint32_t a, uint32_t b) {
    if (((a ^ b) & ~DATE_WEAK) == 0 && date_day(a) != 0 && date_month(a) != 0)
        return date_is_weak(a | b) ? DATE_EXACT_WEAK : DATE_EXACT;
    return date_compare_apart(a, b);
}
unsigned date_years_apart(uint32_t a, uint32_t b); /* whole years between; 0 when a year is unknown */

#endif
