/* Time zones of others; see zone.h. */
#include "base/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FILE_MOST = 1 << 14 };

const struct zone ZONE_PARIS = {
    .standard_s = 3600, .summer_s = 7200, .has_summer = true, .begins = {3, 5, 0, 7200}, .ends = {10, 5, 0, 10800}};

/* -- what the clock says at a moment ------------------------------------------------------------------------------------------ */

static int64_t seconds_of(int year, int month, int day) {
    struct tm parts = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return (int64_t)timegm(&parts);
}

/* The moment of the rule in that year as the wall clock says it. */
static int64_t rule_moment(const struct zone_rule *rule, int year) {
    int64_t first_s = seconds_of(year, rule->month, 1), next_s = seconds_of(year, rule->month + 1, 1);
    int weekday = (int)((first_s / ZONE_DAY_S + 4) % 7); /* 1970 began on a Thursday */
    int day = (rule->day - weekday + 7) % 7 + 7 * (rule->week - 1);
    while (first_s + (int64_t)day * ZONE_DAY_S >= next_s)
        day -= 7;
    return first_s + (int64_t)day * ZONE_DAY_S + rule->time_s;
}

static int32_t offset_by_rule(const struct zone *zone, int64_t at_s) {
    time_t local = (time_t)(at_s + zone->standard_s);
    struct tm parts;
    if (!zone->has_summer || !gmtime_r(&local, &parts))
        return zone->standard_s;
    int year = parts.tm_year + 1900;
    int64_t begins_s = rule_moment(&zone->begins, year) - zone->standard_s,
            ends_s = rule_moment(&zone->ends, year) - zone->summer_s;
    bool summer = begins_s < ends_s ? at_s >= begins_s && at_s < ends_s : at_s >= begins_s || at_s < ends_s;
    return summer ? zone->summer_s : zone->standard_s;
}

static int32_t offset_at(const struct zone *zone, int64_t at_s) {
    size_t i = zone->count;
    if (!i || at_s >= zone->at_s[i - 1])
        return offset_by_rule(zone, at_s);
    while (i > 0 && at_s < zone->at_s[i - 1])
        i--;
    return i ? zone->then_s[i - 1] : zone->before_s;
}

/* Of a wall clock: what held the day before, while it still holds then. An hour that is left out is told by a clock that nobody has
 * put forward yet, so that it comes after the one before it. */
static int32_t offset_of_wall(const struct zone *zone, int64_t wall_s) {
    int32_t before = offset_at(zone, wall_s - ZONE_DAY_S), after = offset_at(zone, wall_s + ZONE_DAY_S);
    return offset_at(zone, wall_s - before) == before || offset_at(zone, wall_s - after) != after ? before : after;
}

/* -- HL7 ---------------------------------------------------------------------------------------------------------------------- */

struct dtm {
    int64_t wall_s, unit_s;
    bool zoned;
    int32_t zone_s;
};

static size_t digits_at(struct span text) {
    size_t len = 0;
    while (len < text.len && text.ptr[len] >= '0' && text.ptr[len] <= '9')
        len++;
    return len;
}

static int part(struct span digits, size_t from, size_t len) {
    uint64_t number = 0;
    (void)span_to_u64(span_sub(digits, from, len), &number);
    return (int)number;
}

static bool read_zone(struct span tail, struct dtm *out) {
    if (tail.len && tail.ptr[0] == '.')
        tail = span_sub(tail, 1 + digits_at(span_sub(tail, 1, tail.len)), tail.len);
    out->zoned = tail.len > 0;
    if (!out->zoned)
        return true;
    bool west = tail.ptr[0] == '-';
    if (tail.len != 5 || (!west && tail.ptr[0] != '+') || digits_at(span_sub(tail, 1, 4)) != 4)
        return false;
    int32_t seconds = part(tail, 1, 2) * 3600 + part(tail, 3, 2) * 60;
    out->zone_s = west ? -seconds : seconds;
    return true;
}

static bool read_dtm(struct span text, struct dtm *out) {
    size_t len = digits_at(text);
    struct span digits = span_sub(text, 0, len);
    int month = part(digits, 4, 2), day = part(digits, 6, 2);
    if ((len != 8 && len != 10 && len != 12 && len != 14) || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    out->unit_s = len == 8 ? ZONE_DAY_S : len == 10 ? 3600 : len == 12 ? 60 : 1;
    out->wall_s = seconds_of(part(digits, 0, 4), month, day) + (len > 8 ? part(digits, 8, 2) * 3600 : 0) +
                  (len > 10 ? part(digits, 10, 2) * 60 : 0) + (len > 12 ? part(digits, 12, 2) : 0);
    return read_zone(span_sub(text, len, text.len), out);
}

bool zone_moment(const struct zone *zone, struct span dtm, int64_t *out_s, int64_t *out_unit_s) {
    struct dtm read = {.wall_s = 0};
    if (!read_dtm(dtm, &read))
        return false;
    *out_s = read.wall_s - (read.zoned ? read.zone_s : offset_of_wall(zone, read.wall_s));
    *out_unit_s = read.unit_s;
    return true;
}

struct span zone_stamp(const struct zone *zone, struct span dtm, struct arena *arena) {
    struct dtm read = {.wall_s = 0};
    if (!read_dtm(dtm, &read) || read.zoned || read.unit_s == ZONE_DAY_S)
        return dtm;
    int minutes = offset_of_wall(zone, read.wall_s) / 60, east = minutes < 0 ? -minutes : minutes;
    return span_of(arena_printf(arena, "%.*s%c%02d%02d", SPAN_ARG(dtm), minutes < 0 ? '-' : '+', east / 60, east % 60));
}

/* -- zone files (RFC 8536) ---------------------------------------------------------------------------------------------------- */

struct file {
    const unsigned char *bytes;
    size_t len, at;
};

/* A big-endian number of so many bytes; zero behind the end, which the caller checks at last. */
static int64_t take(struct file *file, size_t size) {
    uint64_t value = file->at < file->len && file->bytes[file->at] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < size; i++, file->at++)
        value = value << 8 | (file->at < file->len ? file->bytes[file->at] : 0);
    return (int64_t)value;
}

struct head {
    size_t utc_flags, wall_flags, leaps, changes, types, letters;
};

static bool read_head(struct file *file, struct head *out) {
    if (file->len - file->at < 44 || memcmp(file->bytes + file->at, "TZif", 4) != 0)
        return false;
    file->at += 20;
    out->utc_flags = (size_t)take(file, 4);
    out->wall_flags = (size_t)take(file, 4);
    out->leaps = (size_t)take(file, 4);
    out->changes = (size_t)take(file, 4);
    out->types = (size_t)take(file, 4);
    out->letters = (size_t)take(file, 4);
    size_t most = file->len; /* each of them takes a byte at least */
    return out->utc_flags < most && out->wall_flags < most && out->leaps < most && out->changes < most && out->types < most &&
           out->letters < most && out->types > 0;
}

static size_t body_size(const struct head *head, size_t time_size) {
    return head->changes * (time_size + 1) + head->types * 6 + head->letters + head->leaps * (time_size + 4) + head->wall_flags +
           head->utc_flags;
}

static bool read_changes(struct file *file, const struct head *head, struct zone *out) {
    size_t end = file->at + body_size(head, 8), types = file->at + head->changes * 9;
    if (end > file->len || head->changes > ZONE_CHANGES_MOST)
        return false;
    out->count = head->changes;
    for (size_t i = 0; i < head->changes; i++)
        out->at_s[i] = take(file, 8);
    for (size_t i = 0; i <= head->changes; i++) { /* the first type holds before the first change */
        size_t type = i < head->changes ? file->bytes[types - head->changes + i] : 0;
        struct file at = {file->bytes, file->len, types + 6 * type};
        if (type >= head->types)
            return false;
        *(i < head->changes ? &out->then_s[i] : &out->before_s) = (int32_t)take(&at, 4);
    }
    file->at = end;
    return true;
}

/* -- the rule at the end of a file: "CET-1CEST,M3.5.0,M10.5.0/3", "<+04>-4" ---------------------------------------------------- */

static bool cut_char(struct span *rest, char c) {
    if (!rest->len || rest->ptr[0] != c)
        return false;
    *rest = span_sub(*rest, 1, rest->len);
    return true;
}

static bool cut_number(struct span *rest, int *out) {
    size_t len = digits_at(*rest);
    uint64_t number;
    if (!len || len > 3 || !span_to_u64(span_sub(*rest, 0, len), &number))
        return false;
    *out = (int)number;
    *rest = span_sub(*rest, len, rest->len);
    return true;
}

static bool cut_name(struct span *rest) {
    bool quoted = cut_char(rest, '<');
    size_t len = 0;
    while (len < rest->len && (quoted ? rest->ptr[len] != '>' : (rest->ptr[len] | 32) >= 'a' && (rest->ptr[len] | 32) <= 'z'))
        len++;
    *rest = span_sub(*rest, len, rest->len);
    return len > 0 && (!quoted || cut_char(rest, '>'));
}

/* "[+-]H[:MM[:SS]]" */
static bool cut_time(struct span *rest, int32_t *out) {
    int hours, minutes = 0, seconds = 0;
    bool minus = cut_char(rest, '-');
    if (!minus)
        (void)cut_char(rest, '+');
    if (!cut_number(rest, &hours) || (cut_char(rest, ':') && !cut_number(rest, &minutes)) ||
        (cut_char(rest, ':') && !cut_number(rest, &seconds)))
        return false;
    *out = (hours * 3600 + minutes * 60 + seconds) * (minus ? -1 : 1);
    return true;
}

static bool cut_rule(struct span *rest, struct zone_rule *out) {
    out->time_s = 7200;
    return cut_char(rest, ',') && cut_char(rest, 'M') && cut_number(rest, &out->month) && cut_char(rest, '.') &&
           cut_number(rest, &out->week) && cut_char(rest, '.') && cut_number(rest, &out->day) && out->month >= 1 &&
           out->month <= 12 && out->week >= 1 && out->week <= 5 && out->day <= 6 &&
           (!cut_char(rest, '/') || cut_time(rest, &out->time_s));
}

static bool read_rule(struct span text, struct zone *out) {
    int32_t west;
    if (!cut_name(&text) || !cut_time(&text, &west))
        return false;
    out->standard_s = -west;
    out->summer_s = out->standard_s + 3600;
    out->has_summer = text.len > 0;
    if (!out->has_summer)
        return true;
    if (!cut_name(&text))
        return false;
    if (text.len && text.ptr[0] != ',') {
        if (!cut_time(&text, &west))
            return false;
        out->summer_s = -west;
    }
    return cut_rule(&text, &out->begins) && cut_rule(&text, &out->ends) && !text.len;
}

static bool read_file(struct file *file, struct zone *out) {
    struct head head;
    if (!read_head(file, &head) || file->bytes[4] < '2') /* the first form has no rule */
        return false;
    file->at += body_size(&head, 4);
    if (file->at > file->len || !read_head(file, &head) || !read_changes(file, &head, out))
        return false;
    struct span rest = span_make((const char *)file->bytes + file->at, file->len - file->at), rule;
    return cut_char(&rest, '\n') && span_cut(&rest, '\n', &rule) && read_rule(rule, out);
}

static bool is_name(struct span name) {
    bool good = name.len > 0 && name.len < 64 && name.ptr[0] != '/';
    for (size_t i = 0; good && i < name.len; i++) {
        char c = name.ptr[i];
        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+' ||
               c == '/';
    }
    return good;
}

bool zone_read(struct span name, struct zone *out, struct error *err) {
    char path[128];
    unsigned char bytes[FILE_MOST];
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s", SPAN_ARG(span_clip(name, 64)));
    int fd = is_name(name) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got = fd >= 0 ? read(fd, bytes, sizeof bytes) : -1;
    if (fd >= 0)
        close(fd);
    struct file file = {bytes, got > 0 ? (size_t)got : 0, 0};
    *out = (struct zone){.count = 0};
    return read_file(&file, out) ||
           error_set(err, ERROR_UNKNOWN, NULL, "the system knows no time zone of that name (package tzdata)");
}
