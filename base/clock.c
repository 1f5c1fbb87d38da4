/* Time that tests can turn; see clock.h. */
#include "base/clock.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static _Atomic int64_t test_now_us; /* 0: the real clock */

static int64_t real_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_us(void) {
    int64_t fixed = atomic_load_explicit(&test_now_us, memory_order_relaxed);
    return fixed ? fixed : real_now_us();
}

uint64_t clock_mono_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void clock_set_test(int64_t fixed_now_us) {
    atomic_store(&test_now_us, fixed_now_us);
}

void clock_advance_test(int64_t by_us) {
    atomic_store(&test_now_us, clock_now_us() + by_us);
}

void clock_sleep_ms(uint32_t ms) {
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0)
        continue;
}

uint64_t clock_deadline(uint32_t after_ms) {
    return clock_mono_ns() + (uint64_t)after_ms * 1000000u;
}

int clock_left_ms(uint64_t deadline_ns) {
    uint64_t now = clock_mono_ns();
    if (deadline_ns <= now)
        return 0;
    uint64_t left_ms = (deadline_ns - now + 999999u) / 1000000u; /* up: poll must not wake before the deadline */
    return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

/* Splits into local calendar time and the microseconds of the second; times before 1970 too. */
static int64_t split(int64_t at_us, struct tm *out_local) {
    int64_t micros = at_us % 1000000;
    time_t seconds = (time_t)(at_us / 1000000);
    if (micros < 0) {
        micros += 1000000;
        seconds--;
    }
    localtime_r(&seconds, out_local);
    return micros;
}

void clock_format_hl7(int64_t at_us, char *out, size_t size) {
    struct tm local;
    split(at_us, &local);
    if (strftime(out, size, "%Y%m%d%H%M%S%z", &local) == 0 && size)
        out[0] = '\0';
}

void clock_format_iso(int64_t at_us, char *out, size_t size) {
    struct tm local;
    int64_t micros = split(at_us, &local);
    char day[32], zone[8];
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &local);
    strftime(zone, sizeof zone, "%z", &local);
    snprintf(out, size, "%s.%03d%.3s:%.2s", day, (int)(micros / 1000), zone, zone + 3);
}

/* Cuts `len` digits and the mark behind them, which must be one of `marks`; at the end of the text none is needed. */
static bool take_number(struct span *rest, size_t len, const char *marks, int *out) {
    uint64_t number;
    if (!span_to_u64(span_sub(*rest, 0, len), &number) || rest->len < len)
        return false;
    *out = (int)number;
    *rest = span_sub(*rest, len, rest->len);
    if (rest->len && !strchr(marks, rest->ptr[0]))
        return false;
    if (rest->len && rest->ptr[0] != 'Z' && rest->ptr[0] != '+' && (rest->ptr[0] != '-' || *marks == '-'))
        *rest = span_sub(*rest, 1, rest->len);
    return true;
}

/* "Z", "+01:00"; nothing: local. */
static bool apply_zone(struct span rest, struct tm *parts, int64_t *out_s) {
    int hours = 0, minutes = 0;
    if (!rest.len) {
        parts->tm_isdst = -1;
        *out_s = (int64_t)mktime(parts);
        return true;
    }
    int sign = rest.ptr[0] == '-' ? -1 : 1;
    struct span zone = span_sub(rest, 1, rest.len);
    if (rest.ptr[0] != 'Z' && (!take_number(&zone, 2, ":", &hours) || !take_number(&zone, 2, "", &minutes)))
        return false;
    *out_s = (int64_t)timegm(parts) - sign * (hours * 3600 + minutes * 60);
    return zone.len == 0;
}

bool clock_parse_iso(struct span text, int64_t *out_us) {
    struct tm parts = {.tm_mday = 1};
    int64_t seconds;
    if (!take_number(&text, 4, "-", &parts.tm_year) || !take_number(&text, 2, "-", &parts.tm_mon) ||
        !take_number(&text, 2, "T", &parts.tm_mday))
        return false;
    if (text.len && (!take_number(&text, 2, ":", &parts.tm_hour) || !take_number(&text, 2, ":Z+-", &parts.tm_min)))
        return false;
    if (text.len && !strchr("Z+-", text.ptr[0]) && !take_number(&text, 2, "Z+-", &parts.tm_sec))
        return false;
    if (parts.tm_mon < 1 || parts.tm_mon > 12 || parts.tm_mday < 1 || parts.tm_mday > 31 || parts.tm_hour > 23 ||
        parts.tm_min > 59 || parts.tm_sec > 60)
        return false;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    if (!apply_zone(text, &parts, &seconds))
        return false;
    *out_us = seconds * 1000000;
    return true;
}
