/* Time that tests can turn; see clock.h. */
#include "base/clock.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
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
