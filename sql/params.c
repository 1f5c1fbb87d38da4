/*
 * Parameters in PostgreSQL's binary format: numbers in network byte order, times as microseconds since 2000, arrays as
 *
 *     dimensions 4 | any NULL 4 | element type 4 | count 4 | lower bound 4 | { length 4 (-1: NULL) | bytes } ...
 *
 * An array without elements has 0 dimensions and ends after its type (PostgreSQL 15, array_recv).
 */
#include "sql/internal.h"
#include "sql/wire.h"

#include <limits.h>
#include <string.h>

enum { FIRST_CAPACITY = 8, MOST_PARAMS = 65535 };

struct sql_params *sql_params_new(struct arena *arena) {
    struct sql_params *params = ARENA_NEW(arena, struct sql_params);
    params->arena = arena;
    return params;
}

static void grow(struct sql_params *params) {
    int capacity = params->capacity ? params->capacity * 2 : FIRST_CAPACITY;
    size_t count = (size_t)params->count;
    const char **values = ARENA_ARRAY(params->arena, const char *, (size_t)capacity);
    int *lengths = ARENA_ARRAY(params->arena, int, (size_t)capacity);
    int *formats = ARENA_ARRAY(params->arena, int, (size_t)capacity);
    if (count) {
        memcpy(values, params->values, count * sizeof *values);
        memcpy(lengths, params->lengths, count * sizeof *lengths);
        memcpy(formats, params->formats, count * sizeof *formats);
    }
    params->values = values;
    params->lengths = lengths;
    params->formats = formats;
    params->capacity = capacity;
}

static void add(struct sql_params *params, const void *bytes, size_t len) {
    must(params->count < MOST_PARAMS && len <= INT_MAX);
    if (params->count == params->capacity)
        grow(params);
    params->values[params->count] = bytes;
    params->lengths[params->count] = (int)len;
    params->formats[params->count] = 1;
    params->count++;
}

/* A value of fixed size; returns where to write it. */
static char *add_fixed(struct sql_params *params, size_t len) {
    char *bytes = arena_alloc(params->arena, len);
    add(params, bytes, len);
    return bytes;
}

void sql_param_null(struct sql_params *params) {
    add(params, NULL, 0);
}

void sql_param_bool(struct sql_params *params, bool value) {
    *add_fixed(params, 1) = value;
}

void sql_param_i16(struct sql_params *params, int16_t value) {
    wire_put_u16(add_fixed(params, 2), (uint16_t)value);
}

void sql_param_i32(struct sql_params *params, int32_t value) {
    wire_put_u32(add_fixed(params, 4), (uint32_t)value);
}

void sql_param_i64(struct sql_params *params, int64_t value) {
    wire_put_u64(add_fixed(params, 8), (uint64_t)value);
}

/* Borrows the bytes: an empty span must not look like NULL. */
void sql_param_text(struct sql_params *params, struct span value) {
    add(params, value.ptr, value.len);
}

void sql_param_time(struct sql_params *params, int64_t at_us) {
    if (at_us == INT64_MIN)
        sql_param_null(params);
    else
        wire_put_u64(add_fixed(params, 8), (uint64_t)wire_time_out(at_us));
}

/* -- arrays ---------------------------------------------------------------------------------------------------------------- */

enum { ARRAY_HEAD = 20, ARRAY_EMPTY_HEAD = 12 };

/* Makes room for an array of known size, writes its head and returns where the first element goes. */
static char *array_begin(struct sql_params *params, uint32_t type, size_t count, size_t bytes_of_elements, bool any_null) {
    must(count <= INT32_MAX);
    char *head = add_fixed(params, count ? ARRAY_HEAD + bytes_of_elements : ARRAY_EMPTY_HEAD);
    wire_put_u32(head, count ? 1 : 0);
    wire_put_u32(head + 4, any_null);
    wire_put_u32(head + 8, type);
    if (!count)
        return head + ARRAY_EMPTY_HEAD;
    wire_put_u32(head + 12, (uint32_t)count);
    wire_put_u32(head + 16, 1);
    return head + ARRAY_HEAD;
}

static char *put_length(char *at, size_t len) {
    wire_put_u32(at, (uint32_t)len);
    return at + 4;
}

static char *put_null(char *at) {
    return put_length(at, UINT32_MAX);
}

void sql_param_i16_array(struct sql_params *params, const int16_t *values, size_t count) {
    char *at = array_begin(params, WIRE_INT2, count, count * 6, false);
    for (size_t i = 0; i < count; i++, at += 2)
        wire_put_u16(at = put_length(at, 2), (uint16_t)values[i]);
}

void sql_param_i32_array(struct sql_params *params, const int32_t *values, size_t count) {
    char *at = array_begin(params, WIRE_INT4, count, count * 8, false);
    for (size_t i = 0; i < count; i++, at += 4)
        wire_put_u32(at = put_length(at, 4), (uint32_t)values[i]);
}

void sql_param_bool_array(struct sql_params *params, const bool *values, size_t count) {
    char *at = array_begin(params, WIRE_BOOL, count, count * 5, false);
    for (size_t i = 0; i < count; i++, at++)
        *(at = put_length(at, 1)) = values[i];
}

void sql_param_double_array(struct sql_params *params, const double *values, size_t count) {
    char *at = array_begin(params, WIRE_FLOAT8, count, count * 12, false);
    for (size_t i = 0; i < count; i++, at += 8)
        wire_put_double(at = put_length(at, 8), values[i]);
}

static size_t count_nulls(const int64_t *values, size_t count) {
    size_t nulls = 0;
    for (size_t i = 0; i < count; i++)
        nulls += values[i] == INT64_MIN;
    return nulls;
}

static char *put_i64(char *at, int64_t value) {
    at = put_length(at, 8);
    wire_put_u64(at, (uint64_t)value);
    return at + 8;
}

void sql_param_i64_array(struct sql_params *params, const int64_t *values, size_t count) {
    size_t nulls = count_nulls(values, count);
    char *at = array_begin(params, WIRE_INT8, count, count * 12 - nulls * 8, nulls > 0);
    for (size_t i = 0; i < count; i++)
        at = values[i] == INT64_MIN ? put_null(at) : put_i64(at, values[i]);
}

void sql_param_time_array(struct sql_params *params, const int64_t *at_us, size_t count) {
    size_t nulls = count_nulls(at_us, count);
    char *at = array_begin(params, WIRE_TIMESTAMPTZ, count, count * 12 - nulls * 8, nulls > 0);
    for (size_t i = 0; i < count; i++)
        at = at_us[i] == INT64_MIN ? put_null(at) : put_i64(at, wire_time_out(at_us[i]));
}

static char *put_span(char *at, struct span value) {
    if (span_is_absent(value))
        return put_null(at);
    at = put_length(at, value.len);
    if (value.len)
        memcpy(at, value.ptr, value.len);
    return at + value.len;
}

static void span_array(struct sql_params *params, uint32_t type, const struct span *values, size_t count) {
    size_t bytes = 0;
    bool any_null = false;
    for (size_t i = 0; i < count; i++) {
        bytes += 4 + (span_is_absent(values[i]) ? 0 : values[i].len);
        any_null = any_null || span_is_absent(values[i]);
    }
    char *at = array_begin(params, type, count, bytes, any_null);
    for (size_t i = 0; i < count; i++)
        at = put_span(at, values[i]);
}

void sql_param_text_array(struct sql_params *params, const struct span *values, size_t count) {
    span_array(params, WIRE_TEXT, values, count);
}

void sql_param_bytes_array(struct sql_params *params, const struct span *values, size_t count) {
    span_array(params, WIRE_BYTEA, values, count);
}
