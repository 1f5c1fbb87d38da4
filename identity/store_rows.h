/*
 * Rows of a plan into statements, column by column: what store.c and store_runs.c share.
 */
#ifndef IDENTITY_STORE_ROWS_H
#define IDENTITY_STORE_ROWS_H

#include "identity/store.h"

struct statements {
    struct plan *plan;
    struct sql_step *steps;
    size_t count, most;
};

static inline struct sql_params *step(struct statements *to, enum sql_query query) {
    must(to->count < to->most);
    struct sql_params *params = sql_params_new(to->plan->arena);
    to->steps[to->count++] = (struct sql_step){.query = query, .params = params};
    return params;
}

/* One column of n rows: an array of the wire's type, filled by an expression over `row`. */
#define COLUMN(kind, ctype, rows, n, expression)                                                                                   \
    do {                                                                                                                           \
        ctype *column = ARENA_ARRAY(plan->arena, ctype, (n) + 1);                                                                  \
        for (size_t i = 0; i < (n); i++) {                                                                                         \
            __typeof__(&(rows)[0]) row = &(rows)[i];                                                                               \
            (void)row;                                                                                                             \
            column[i] = (ctype)(expression);                                                                                       \
        }                                                                                                                          \
        sql_param_##kind##_array(params, column, (n));                                                                             \
    } while (0)
#define I16(rows, n, expression) COLUMN(i16, int16_t, rows, n, expression)
#define I32(rows, n, expression) COLUMN(i32, int32_t, rows, n, expression)
#define I64(rows, n, expression) COLUMN(i64, int64_t, rows, n, expression)
#define FLAG(rows, n, expression) COLUMN(bool, bool, rows, n, expression)
#define REAL(rows, n, expression) COLUMN(double, double, rows, n, expression)
#define TIME(rows, n, expression) COLUMN(time, int64_t, rows, n, expression)

/* Texts are never NULL in a table that says not null: absent is empty. */
static inline struct span there(struct span value) {
    return span_is_absent(value) ? SPAN("") : value;
}

#define SPANS(kind, rows, n, expression)                                                                                           \
    do {                                                                                                                           \
        struct span *column = ARENA_ARRAY(plan->arena, struct span, (n) + 1);                                                      \
        for (size_t i = 0; i < (n); i++) {                                                                                         \
            __typeof__(&(rows)[0]) row = &(rows)[i];                                                                               \
            (void)row;                                                                                                             \
            column[i] = expression;                                                                                                \
        }                                                                                                                          \
        sql_param_##kind##_array(params, column, (n));                                                                             \
    } while (0)
#define TEXT(rows, n, expression) SPANS(text, rows, n, there(expression))

/* store_runs.c: runs of relink and import. */
void store_import_lines(struct statements *to);
void store_import(struct statements *to);
void store_relink(struct statements *to);

#endif
