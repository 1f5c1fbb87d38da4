/* Rows in PostgreSQL's binary format; see params.c for arrays. */
#include "sql/internal.h"
#include "sql/wire.h"

#include <limits.h>
#include <math.h>

struct sql_result {
    PGresult *pg;
    struct arena *arena;
};

static void release(void *pg) {
    PQclear(pg);
}

const struct sql_result *sql_result_new(struct arena *arena, PGresult *pg) {
    struct sql_result *result = ARENA_NEW(arena, struct sql_result);
    result->pg = pg;
    result->arena = arena;
    arena_defer(arena, release, pg);
    return result;
}

size_t sql_rows(const struct sql_result *result) {
    return (size_t)PQntuples(result->pg);
}

int64_t sql_affected(const struct sql_result *result) {
    int64_t count;
    return span_to_i64(span_of(PQcmdTuples(result->pg)), &count) ? count : 0;
}

/* The bytes of a value, absent for NULL. */
static struct span value(const struct sql_result *result, size_t row, size_t column) {
    must(row < (size_t)PQntuples(result->pg) && column < (size_t)PQnfields(result->pg));
    int r = (int)row, c = (int)column;
    if (PQgetisnull(result->pg, r, c))
        return SPAN_ABSENT;
    return span_make(PQgetvalue(result->pg, r, c), (size_t)PQgetlength(result->pg, r, c));
}

static enum wire_type type_of(const struct sql_result *result, size_t column) {
    must(column < (size_t)PQnfields(result->pg));
    return (enum wire_type)PQftype(result->pg, (int)column);
}

bool sql_is_null(const struct sql_result *result, size_t row, size_t column) {
    return span_is_absent(value(result, row, column));
}

bool sql_get_bool(const struct sql_result *result, size_t row, size_t column) {
    must(type_of(result, column) == WIRE_BOOL);
    struct span v = value(result, row, column);
    return v.ptr && v.ptr[0];
}

int16_t sql_get_i16(const struct sql_result *result, size_t row, size_t column) {
    must(type_of(result, column) == WIRE_INT2);
    struct span v = value(result, row, column);
    return v.ptr ? (int16_t)wire_get_u16(v.ptr) : 0;
}

int32_t sql_get_i32(const struct sql_result *result, size_t row, size_t column) {
    must(type_of(result, column) == WIRE_INT4);
    struct span v = value(result, row, column);
    return v.ptr ? (int32_t)wire_get_u32(v.ptr) : 0;
}

int64_t sql_get_i64(const struct sql_result *result, size_t row, size_t column) {
    enum wire_type type = type_of(result, column);
    must(type == WIRE_INT8 || type == WIRE_INT4 || type == WIRE_INT2);
    struct span v = value(result, row, column);
    if (!v.ptr)
        return INT64_MIN;
    if (type == WIRE_INT8)
        return (int64_t)wire_get_u64(v.ptr);
    return type == WIRE_INT4 ? (int32_t)wire_get_u32(v.ptr) : (int16_t)wire_get_u16(v.ptr);
}

double sql_get_double(const struct sql_result *result, size_t row, size_t column) {
    must(type_of(result, column) == WIRE_FLOAT8);
    struct span v = value(result, row, column);
    return v.ptr ? wire_get_double(v.ptr) : (double)NAN;
}

struct span sql_get_text(const struct sql_result *result, size_t row, size_t column) {
    enum wire_type type = type_of(result, column);
    must(type == WIRE_TEXT || type == WIRE_VARCHAR || type == WIRE_JSON || type == WIRE_NAME);
    return value(result, row, column);
}

struct span sql_get_bytes(const struct sql_result *result, size_t row, size_t column) {
    must(type_of(result, column) == WIRE_BYTEA);
    return value(result, row, column);
}

int64_t sql_get_time(const struct sql_result *result, size_t row, size_t column) {
    must(type_of(result, column) == WIRE_TIMESTAMPTZ);
    struct span v = value(result, row, column);
    return v.ptr ? wire_time_in((int64_t)wire_get_u64(v.ptr)) : INT64_MIN;
}

size_t sql_get_i64_array(const struct sql_result *result, size_t row, size_t column, const int64_t **out_values) {
    must(type_of(result, column) == WIRE_INT8_ARRAY);
    struct span v = value(result, row, column);
    *out_values = NULL;
    if (!v.ptr || wire_get_u32(v.ptr) == 0)
        return 0;
    must(wire_get_u32(v.ptr) == 1); /* one dimension */
    size_t count = wire_get_u32(v.ptr + 12);
    int64_t *values = ARENA_ARRAY(result->arena, int64_t, count);
    const char *at = v.ptr + 20;
    for (size_t i = 0; i < count; i++) {
        bool is_null = wire_get_u32(at) == UINT32_MAX;
        values[i] = is_null ? INT64_MIN : (int64_t)wire_get_u64(at + 4);
        at += is_null ? 4 : 12;
    }
    *out_values = values;
    return count;
}
