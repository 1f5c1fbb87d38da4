/*
 * Time that tests can turn. Wall time in microseconds since 1970 UTC says when things happened; monotonic time in
 * nanoseconds says how long they took and when a deadline passes.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/span.h"

int64_t clock_now_us(void);
uint64_t clock_mono_ns(void);
void clock_set_test(int64_t fixed_now_us); /* tests only: wall time stands still; 0 gives the real clock back */
void clock_advance_test(int64_t by_us);
void clock_sleep_ms(uint32_t ms);

/* A deadline on the monotonic clock, as clock_mono_ns counts. */
uint64_t clock_deadline(uint32_t after_ms);
int clock_left_ms(uint64_t deadline_ns); /* 0 when passed; for poll() */

/* "20251118093501+0100", local time of the process with its zone (HL7 DTM). size >= 24. */
void clock_format_hl7(int64_t at_us, char *out, size_t size);
/* "2025-11-18T09:35:01.123+01:00" (FHIR instant). size >= 32. */
void clock_format_iso(int64_t at_us, char *out, size_t size);
/* "2025-11-18", "2025-11-18T09:35", "2025-11-18T09:35:01+01:00", "...Z"; local time when no zone is said. False when it is none. */
bool clock_parse_iso(struct span text, int64_t *out_us);

#endif
