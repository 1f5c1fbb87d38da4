/* cmocka with all that it wants included first, and what most tests use. */
#ifndef TESTS_UNIT_CMOCKA_ALL_H
#define TESTS_UNIT_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/span.h"

#define assert_span(got, cstr)                                                                                                     \
    do {                                                                                                                           \
        struct span got_ = (got);                                                                                                  \
        struct span want_ = span_of(cstr);                                                                                         \
        if (!span_eq(got_, want_))                                                                                                 \
            fail_msg("got \"%.*s\", want \"%.*s\"", SPAN_ARG(got_), SPAN_ARG(want_));                                              \
    } while (0)

#endif
