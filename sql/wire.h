/*
 * PostgreSQL's binary formats, byte by byte: network order, and the numbers of the types we speak (pg_type.dat).
 */
#ifndef SQL_WIRE_H
#define SQL_WIRE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum wire_type {
    WIRE_BOOL = 16,
    WIRE_BYTEA = 17,
    WIRE_NAME = 19,
    WIRE_INT8 = 20,
    WIRE_INT2 = 21,
    WIRE_INT4 = 23,
    WIRE_TEXT = 25,
    WIRE_JSON = 114,
    WIRE_FLOAT8 = 701,
    WIRE_INT8_ARRAY = 1016,
    WIRE_VARCHAR = 1043,
    WIRE_TIMESTAMPTZ = 1184,
};

static inline void wire_put_u16(char *at, uint16_t value) {
    value = htobe16(value);
    memcpy(at, &value, sizeof value);
}

static inline void wire_put_u32(char *at, uint32_t value) {
    value = htobe32(value);
    memcpy(at, &value, sizeof value);
}

static inline void wire_put_u64(char *at, uint64_t value) {
    value = htobe64(value);
    memcpy(at, &value, sizeof value);
}

static inline void wire_put_double(char *at, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    wire_put_u64(at, bits);
}

static inline uint16_t wire_get_u16(const char *at) {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return be16toh(value);
}

static inline uint32_t wire_get_u32(const char *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return be32toh(value);
}

static inline uint64_t wire_get_u64(const char *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return be64toh(value);
}

static inline double wire_get_double(const char *at) {
    uint64_t bits = wire_get_u64(at);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Microseconds from 1970 to 2000, where PostgreSQL counts from. Both infinities keep their extreme value. */
static const int64_t WIRE_EPOCH_US = INT64_C(946684800000000);

static inline int64_t wire_time_out(int64_t since_1970_us) {
    if (since_1970_us == INT64_MAX)
        return INT64_MAX;
    return since_1970_us < INT64_MIN + WIRE_EPOCH_US ? INT64_MIN : since_1970_us - WIRE_EPOCH_US;
}

static inline int64_t wire_time_in(int64_t since_2000_us) {
    if (since_2000_us == INT64_MIN)
        return INT64_MIN;
    return since_2000_us > INT64_MAX - WIRE_EPOCH_US ? INT64_MAX : since_2000_us + WIRE_EPOCH_US;
}

#endif
