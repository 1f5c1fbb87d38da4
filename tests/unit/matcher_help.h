/* What the tests of the matcher share: traits written in one line, forms, the shipped model. */
#ifndef TESTS_UNIT_MATCHER_HELP_H
#define TESTS_UNIT_MATCHER_HELP_H

#include "matcher/matcher.h"
#include "tests/support/nir_key.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

static struct arena *arena;
static struct match_model *model;

/* Five strict traits; more is set on the result. NULL is missing. */
static inline struct match_traits traits_of(const char *family, const char *given, const char *born, char sex, const char *place) {
    return (struct match_traits){
        .family = span_of(family), .given = span_of(given), .birth_date = span_of(born), .sex = sex, .birth_place = span_of(place)};
}

static inline const struct match_form *form_of(const char *family, const char *given, const char *born, char sex,
                                               const char *place) {
    struct match_traits traits = traits_of(family, given, born, sex, place);
    return match_standardize(&traits, arena);
}

/* 13 characters and the key that belongs to them. */
static inline struct span ins_of(const char *number) {
    return nir_with_key(span_of(number), arena);
}

static inline int open_model(void **state) {
    struct error err = ERROR_INIT;
    (void)state;
    arena = arena_new(0);
    if (!match_model_read(match_model_shipped(), &model, &err)) {
        fprintf(stderr, "%s: %s\n", err.where, err.text);
        return -1;
    }
    return 0;
}

static inline int close_model(void **state) {
    (void)state;
    match_model_free(model);
    arena_free(arena);
    return 0;
}

#endif
