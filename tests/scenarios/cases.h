/*
 * A file that holds several scenarios: what stands before its first `case` is done first in each of them.
 *
 *     domain CHU hospital
 *
 *     case "hl7v2.md 2.7" "{1} has no effect on the identity"
 *     feed {1} CHU:1 anne
 *     expect answer {2}
 *     with A02 AA
 *     with A03 AA
 *
 * A case names the paragraph that it proves and says what must be so. With `with` lines at its end it is as many scenarios as there
 * are of them: {1}, {2}... stand for their words, and for nothing where a line has fewer.
 */
#ifndef SCENARIOS_CASES_H
#define SCENARIOS_CASES_H

#include "tests/scenarios/script.h"

enum { CASES_MOST = 512 };

struct scenario {
    struct span title; /* empty: the file is one scenario */
    struct span before, steps;
    int line; /* lines of the file before those of `steps` */
};

struct cases {
    struct scenario items[CASES_MOST];
    size_t count;
};

/* The scenarios of a file's text. False with *err, and the line in *out_line, for a case that names no paragraph, says nothing, or
 * is followed by steps after its `with`. */
bool cases_read(struct span text, struct arena *arena, struct cases *out, int *out_line, struct error *err);

#endif
