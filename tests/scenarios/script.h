/*
 * The text of a scenario: one step a line, words apart by blanks, "double quotes" keep blanks inside a word, \" is a quote, #
 * begins a comment. The first word names the step; words of the form key=value are its pairs, the others its arguments. README.md
 * tells the steps.
 *
 *     feed A28 CHU-NORD:1001 anne status=VALI street="12 rue des Granges"
 *
 * `send`, `msg` and `wire` are followed by a block: the lines up to the next empty one, taken as they stand.
 */
#ifndef SCENARIOS_SCRIPT_H
#define SCENARIOS_SCRIPT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

enum { STEP_WORDS = 24, STEP_PAIRS = 40 };

struct pair {
    struct span key, value;
};

struct pairs {
    struct pair items[STEP_PAIRS];
    size_t count;
};

struct step {
    int line;
    struct span name;
    struct span words[STEP_WORDS]; /* arguments */
    size_t count;
    struct pairs pairs;
    struct span block; /* of `send`, `msg` and `wire`, else absent */
};

struct script {
    struct span rest;
    int line;
};

/* False at the end, or with *err set for a line that cannot be read. */
bool script_next(struct script *script, struct arena *arena, struct step *out, struct error *err);

struct span pairs_get(const struct pairs *pairs, const char *key); /* absent when not there; the last of that name */
/* Adds the pairs of `over` to those of `under`; the former win. */
bool pairs_overlay(const struct pairs *under, const struct pairs *over, struct pairs *out, struct error *err);

#endif
