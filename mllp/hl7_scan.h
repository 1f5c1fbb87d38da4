/*
 * Finds the signs that divide a text, 64 bytes at once, with as few branches as there are signs: what is between two of them is
 * short, and a loop over its bytes guesses wrong at every end.
 */
#ifndef MLLP_HL7_SCAN_H
#define MLLP_HL7_SCAN_H

#include "base/span.h"

#include <stdint.h>
#include <string.h>

enum { HL7_SCAN_BYTES = 64, HL7_SCAN_LANES = 16, HL7_SCAN_SIGNS = 8 };

typedef unsigned char hl7_lanes __attribute__((vector_size(HL7_SCAN_LANES)));

/* Up to eight signs; NUL is none. */
struct hl7_signs {
    hl7_lanes lanes[HL7_SCAN_SIGNS];
};

static inline struct hl7_signs hl7_signs_of(const char *signs, size_t count) {
    struct hl7_signs made;
    for (size_t i = 0; i < count; i++)
        made.lanes[i] = (hl7_lanes){0} + (unsigned char)(signs[i] ? signs[i] : signs[0]);
    return made;
}

/* Bit k: lane k is set. */
static inline uint64_t hl7_lane_bits(hl7_lanes hits) {
    const uint64_t ones = 0x0101010101010101u, gather = 0x0102040810204080u; /* bit 8k to bit 56 + k */
    uint64_t halves[2];
    memcpy(halves, &hits, sizeof halves);
    for (size_t i = 0; i < 2; i++)
        if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
            halves[i] = __builtin_bswap64(halves[i]);
    return (halves[0] & ones) * gather >> 56 | ((halves[1] & ones) * gather >> 56) << 8;
}

static inline uint64_t hl7_scan_whole(const char *bytes, const struct hl7_signs *signs, size_t count) {
    uint64_t marks = 0;
    for (size_t at = 0; at < HL7_SCAN_BYTES; at += HL7_SCAN_LANES) {
        hl7_lanes block, hits = {0};
        memcpy(&block, bytes + at, sizeof block);
        for (size_t i = 0; i < count; i++)
            hits |= (hl7_lanes)(block == signs->lanes[i]);
        marks |= hl7_lane_bits(hits) << at;
    }
    return marks;
}

/* Bit k: byte `from` + k of the text is one of the first `count` signs. The byte behind the text counts as one. from <= text.len.
 */
static inline uint64_t hl7_scan(struct span text, size_t from, const struct hl7_signs *signs, size_t count) {
    size_t left = text.len - from;
    if (left >= HL7_SCAN_BYTES)
        return hl7_scan_whole(text.ptr + from, signs, count);
    char rest[HL7_SCAN_BYTES] = {0};
    memcpy(rest, text.ptr + from, left);
    return hl7_scan_whole(rest, signs, count) | (uint64_t)1 << left;
}

#endif
