/* Dates in files, in the writings that files have; see matcher.h, "batch". Packed dates: date.c. */
#include "matcher/batch.h"
#include "matcher/date.h"

#include <string.h>

struct date_parts {
    unsigned value[3], figures[3];
    size_t begin[3], count;
};

static bool is_figure(char c) {
    return c >= '0' && c <= '9';
}

/* The groups of figures at the beginning; a time of day after them is not read. */
static struct date_parts cut_date(struct span text) {
    struct date_parts parts = {.begin = {0}};
    for (size_t i = 0; i < text.len && parts.count <= 3; i++) {
        bool begins = is_figure(text.ptr[i]) && (i == 0 || !is_figure(text.ptr[i - 1]));
        if (begins && parts.count == 3)
            break;
        if (begins)
            parts.begin[parts.count] = i;
        parts.count += begins;
        if (!is_figure(text.ptr[i]) || parts.count == 0)
            continue;
        parts.figures[parts.count - 1]++;
        if (parts.figures[parts.count - 1] <= 8)
            parts.value[parts.count - 1] = parts.value[parts.count - 1] * 10 + (unsigned)(text.ptr[i] - '0');
    }
    return parts;
}

/* Which of two groups can be the day: 1 when only the first can, -1 when only the second can, else 0. */
static int vote_of(unsigned first, unsigned second) {
    bool day_first = first > 12 && first <= 31 && second <= 12;
    bool month_first = second > 12 && second <= 31 && first <= 12;
    return day_first - month_first;
}

static bool is_birth_year(unsigned year) {
    return year >= DATE_YEAR_LEAST && year <= DATE_YEAR_MOST;
}

/* Eight figures: 19500213, 13021950 or 02131950. What begins like a year may be the 20th of November: 20111950. Where a day follows
 * the year 20122003 is of 2012. */
static bool begins_with_year(unsigned all, struct match_date_order order) {
    unsigned month = all / 10000 % 100, day = all / 1000000;
    bool day_first = is_birth_year(all % 10000) && month >= 1 && month <= 12 && day >= 1 && day <= 31;
    bool crossed = order.crossed[MATCH_DATE_YEAR_FIRST] && all % 100 <= 12;
    return is_birth_year(all / 10000) && (all / 100 % 100 <= (crossed ? 31 : 12) || !day_first);
}

/* 1950-02-00 says nothing: lunar dates have months above 12, and no day. */
static int vote_after_year(unsigned year, unsigned first, unsigned second) {
    return is_birth_year(year) && first > 0 && second > 0 ? -vote_of(first, second) : 0;
}

static int vote_of_figures(unsigned all, enum match_date_writing *out) {
    static const struct match_date_order straight, crossed = {{false, true}};
    *out = begins_with_year(all, straight) ? MATCH_DATE_YEAR_FIRST : MATCH_DATE_YEAR_LAST;
    if (*out == MATCH_DATE_YEAR_FIRST)
        return vote_after_year(all / 10000, all / 100 % 100, all % 100);
    return is_birth_year(all % 10000) && !begins_with_year(all, crossed) ? vote_of(all / 1000000, all / 10000 % 100) : 0;
}

int match_date_vote(struct span text, enum match_date_writing *out) {
    struct date_parts p = cut_date(text);
    *out = p.figures[0] == 4 ? MATCH_DATE_YEAR_FIRST : MATCH_DATE_YEAR_LAST;
    if (p.count > 0 && p.figures[0] == 8)
        return vote_of_figures(p.value[0], out);
    if (p.count == 3 && p.figures[0] == 4)
        return vote_after_year(p.value[0], p.value[1], p.value[2]);
    return p.count == 3 && p.figures[0] <= 2 && p.figures[2] == 4 ? vote_of(p.value[0], p.value[1]) : 0;
}

static bool write_date(unsigned year, unsigned month, unsigned day, char out[8]) {
    unsigned number = year * 10000 + (month <= 99 ? month : 0) * 100 + (day <= 99 ? day : 0);
    if (!is_birth_year(year))
        return false;
    for (size_t i = 8; i-- > 0; number /= 10)
        out[i] = (char)('0' + number % 10);
    return true;
}

/* What stands before the year, in the order told unless it can be read in the other one only. */
static bool write_year_last(unsigned first, unsigned second, unsigned year, struct match_date_order order, char out[8]) {
    int vote = vote_of(first, second);
    bool month_first = vote != 0 ? vote < 0 : order.crossed[MATCH_DATE_YEAR_LAST];
    return write_date(year, month_first ? first : second, month_first ? second : first, out);
}

/* What stands after it. Where the month comes first, a month that is none stays: lunar dates have some. */
static bool write_year_first(unsigned year, unsigned first, unsigned second, struct match_date_order order, char out[8]) {
    bool day_first = order.crossed[MATCH_DATE_YEAR_FIRST] && vote_of(first, second) >= 0;
    return write_date(year, day_first ? second : first, day_first ? first : second, out);
}

/* -- months by name --------------------------------------------------------------------------------------------------------- */

enum { WORD_MOST = 10, LEAST_LETTERS = 3, MONTHS = 12, SHORT_YEAR_LEAST = 1850 };

/* Small, without its accent; 0: no letter. */
static char small_letter(unsigned char c) {
    unsigned char small = c | 0x20;
    if (small >= 'a' && small <= 'z' && c < 0x80)
        return (char)small;
    if (small >= 0xa8 && small <= 0xab) /* fevrier, decembre */
        return 'e';
    return small == 0xbb ? 'u' : 0; /* aout */
}

/* The next word, its end in *at; false when none is left. Of a word too long the first letters. */
static bool next_word(struct span text, size_t *at, char out[WORD_MOST], size_t *out_len) {
    size_t len = 0, i = *at;
    for (; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == 0xc3) /* the lead byte of accented letters */
            continue;
        char letter = small_letter(c);
        if (letter == 0 && len > 0)
            break;
        if (letter != 0 && len < WORD_MOST)
            out[len++] = letter;
    }
    *at = i;
    *out_len = len;
    return len > 0;
}

static bool begins(const char *name, const char *word, size_t len) {
    size_t i = 0;
    while (i < len && name[i] != '\0' && name[i] == word[i])
        i++;
    return i == len;
}

/* French or English, whole or its first letters; 0: none. Both JUIN and JUILLET begin with JUI. */
static unsigned month_of(const char *word, size_t len) {
    static const char *const names[MONTHS][2] = {
        {"janvier", "january"},   {"fevrier", "february"},  {"mars", "march"},  {"avril", "april"},         {"mai", "may"},
        {"juin", "june"},         {"juillet", "july"},      {"aout", "august"}, {"septembre", "september"}, {"octobre", "october"},
        {"novembre", "november"}, {"decembre", "december"},
    };
    unsigned found = 0, count = 0;
    for (unsigned i = 0; i < MONTHS && len >= LEAST_LETTERS; i++) {
        if (!begins(names[i][0], word, len) && !begins(names[i][1], word, len))
            continue;
        found = i + 1;
        count++;
    }
    return count == 1 ? found : 0;
}

/* The one month that the text names, and where it ends; 0 when there is none, or two. */
static unsigned find_month(struct span text, size_t *out_end) {
    char word[WORD_MOST];
    size_t at = 0, len;
    unsigned month = 0;
    while (next_word(text, &at, word, &len)) {
        unsigned found = month_of(word, len);
        if (found != 0 && month != 0)
            return 0;
        month = found ? found : month;
        *out_end = found ? at : *out_end;
    }
    return month;
}

/* 7 juin 1950, 7-Jun-1950, June 7, 1950, juin 1950, 1950-juin-07 */
static bool read_named(const struct date_parts *p, unsigned month, size_t month_end, char out[8]) {
    if (p->count >= 2 && p->figures[0] <= 2 && p->figures[1] == 4)
        return write_date(p->value[1], month, p->value[0], out);
    if (p->count == 0 || p->figures[0] != 4)
        return false;
    bool day_follows = p->count >= 2 && p->begin[0] < month_end && p->begin[1] >= month_end && p->figures[1] <= 2;
    return write_date(p->value[0], month, day_follows ? p->value[1] : 0, out);
}

/* -- figures ---------------------------------------------------------------------------------------------------------------- */

static bool write_figures(unsigned all, struct match_date_order order, char out[8]) {
    if (begins_with_year(all, order))
        return write_year_first(all / 10000, all / 100 % 100, all % 100, order, out);
    return write_year_last(all / 1000000, all / 10000 % 100, all % 10000, order, out);
}

static bool read_number(const struct date_parts *p, struct match_date_order order, char out[8]) {
    unsigned all = p->value[0];
    if (p->figures[0] == 8)
        return write_figures(all, order, out);
    if (p->figures[0] == 6) /* 500213 is no month of the year 5002, nor 190250 one of 1902, and 150212 is a day */
        return all % 100 <= MONTHS && all / 100 >= SHORT_YEAR_LEAST && write_date(all / 100, all % 100, 0, out);
    return p->figures[0] == 4 && write_date(all, 0, 0, out);
}

/* A time of day, without what stands before it: 10:15, 1015+0100, .25 or nothing. */
static bool is_time(struct span text) {
    for (size_t i = 0; i < text.len; i++)
        if (!is_figure(text.ptr[i]) && !memchr(":.+-Z", text.ptr[i], 5))
            return false;
    return true;
}

/* What a table makes of a whole number: 19500213.0 */
static bool is_fraction_of_zeros(struct span text) {
    if (text.len < 2 || text.ptr[0] != '.')
        return false;
    for (size_t i = 1; i < text.len; i++)
        if (text.ptr[i] != '0')
            return false;
    return true;
}

/* As HL7 v2 writes a point in time: YYYYMMDDHHMM or with seconds, then fractions of these and the zone. */
static bool read_to_the_minute(struct span text, const struct date_parts *p, char out[8]) {
    unsigned year = p->value[0] / 10000, month = p->value[0] / 100 % 100, day = p->value[0] % 100;
    unsigned clock[2];
    for (size_t i = 0; i < 2; i++)
        clock[i] = (unsigned)(text.ptr[8 + 2 * i] - '0') * 10 + (unsigned)(text.ptr[9 + 2 * i] - '0');
    return month <= MONTHS && day <= 31 && clock[0] < 24 && clock[1] < 60 && write_date(year, month, day, out);
}

/* A date of figures alone and what follows it, of which nothing is read: 19500213.0, 19500213T1015, 19500213101500+0100 */
static bool read_begun(struct span text, const struct date_parts *p, struct match_date_order order, char out[8]) {
    if (p->count == 0 || p->begin[0] != 0)
        return false;
    struct span rest = span_sub(text, p->figures[0], text.len);
    if (p->figures[0] == 12 || p->figures[0] == 14)
        return is_time(rest) && read_to_the_minute(text, p, out);
    if (p->figures[0] == 8 && rest.len > 1 && (rest.ptr[0] == 'T' || rest.ptr[0] == ' '))
        return is_time(span_sub(rest, 1, rest.len)) && write_figures(p->value[0], order, out);
    return is_fraction_of_zeros(rest) && read_number(p, order, out);
}

/* 7 enero 1950: a word between figures that is no month that we know. */
static bool holds_word(struct span text, const struct date_parts *p) {
    for (size_t i = p->begin[0]; i < p->begin[p->count > 0 ? p->count - 1 : 0]; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0xc3)
            return true;
    }
    return false;
}

bool match_date_is_number(struct span text) {
    text = span_trim(text);
    struct date_parts p = cut_date(text);
    for (size_t i = 0; i < text.len; i++)
        if (!is_figure(text.ptr[i]) && text.ptr[i] != '.' && (i > 0 || text.ptr[i] != '-'))
            return false;
    return p.count == 1 || (p.count == 2 && p.figures[0] >= 4); /* 18306.5: a day and a half */
}

bool match_date_is_six_figures(struct span text) {
    return match_date_is_number(text) && cut_date(span_trim(text)).figures[0] == 6;
}

bool match_date_is_none(struct span text) {
    struct date_parts p = cut_date(text);
    bool none = true;
    for (size_t i = 0; i < text.len && none; i++)
        none = (unsigned char)text.ptr[i] <= '0' || text.ptr[i] == ':';
    for (size_t i = 0; i < p.count && p.figures[0] <= 4; i++) /* beside longer ones a group of four is a time or a zone */
        none |= p.figures[i] == 4 && (p.value[i] == 9999 || p.value[i] <= 1);
    if (p.count > 0 && (p.figures[0] == 12 || p.figures[0] == 14)) /* with a time of day */
        return none || p.value[0] / 10000 == 9999 || p.value[0] == 0;
    return none || (p.count == 1 && p.figures[0] == 8 && (p.value[0] / 10000 == 9999 || p.value[0] % 10000 == 9999));
}

static size_t count_joints(struct span text) {
    size_t joints = 0;
    for (size_t i = 0; i < text.len; i++)
        joints += memchr("-/.", text.ptr[i], 3) != NULL;
    return joints;
}

/* 06/1950, 1950-06. Of columns joined, one of them empty, two joints stand side by side (07--1950), or one at the beginning or the
 * end: what is left is what the order says, and a day may have no month. */
static bool read_two(struct span text, const struct date_parts *p, struct match_date_order order, char out[8]) {
    size_t end = p->begin[0] + p->figures[0], year = p->figures[0] == 4 ? 0 : 1;
    bool gap = count_joints(span_sub(text, end, p->begin[1] - end)) > 1;
    bool is_cut = count_joints(year == 0 ? span_sub(text, text.len - 1, 1) : span_sub(text, 0, 1)) > 0;
    bool crossed = order.crossed[year == 0 ? MATCH_DATE_YEAR_FIRST : MATCH_DATE_YEAR_LAST];
    bool is_month = gap ? crossed : !(is_cut && crossed);
    unsigned other = p->value[1 - year];
    if (year == 1 && (p->figures[0] > 2 || p->figures[1] != 4 || other > (is_month ? MONTHS : 31)))
        return false;
    return write_date(p->value[year], is_month ? other : 0, is_month ? 0 : other, out);
}

static unsigned two_figures_at(const char *text) {
    return (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
}

bool match_date_is_in_calendar(const char read[8]) {
    unsigned year = two_figures_at(read) * 100 + two_figures_at(read + 2), month = two_figures_at(read + 4);
    return month <= MONTHS && two_figures_at(read + 6) <= date_days_in(year, month);
}

bool match_date_read(struct span text, struct match_date_order order, char out[8]) {
    text = span_trim(text);
    struct date_parts p = cut_date(text);
    size_t month_end = 0;
    unsigned month = find_month(text, &month_end);
    if (month != 0)
        return read_named(&p, month, month_end, out);
    if (read_begun(text, &p, order, out))
        return true;
    if (p.count == 1)
        return read_number(&p, order, out);
    if (holds_word(text, &p))
        return false;
    if (p.count == 2)
        return read_two(text, &p, order, out);
    if (p.count == 3 && p.figures[0] == 4)
        return write_year_first(p.value[0], p.value[1], p.value[2], order, out);
    return p.count == 3 && p.figures[2] == 4 && write_year_last(p.value[0], p.value[1], p.value[2], order, out);
}
