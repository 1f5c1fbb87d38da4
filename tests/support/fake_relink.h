/* The re-link runs of fake_control.h, which includes this: run 3 was previewed, run 2 is half through, run 1 was dropped. */
#ifndef TESTS_SUPPORT_FAKE_RELINK_H
#define TESTS_SUPPORT_FAKE_RELINK_H

#include "tests/support/fake_tasks.h"

/* The last run that was accepted or abandoned. */
static uint64_t fake_accepted, fake_abandoned;

const char *relink_state_name(enum relink_state state) {
    static const char *const names[] = {"previewed", "running", "done", "abandoned"};
    return names[state];
}

const char *relink_act_name(enum relink_act act) {
    static const char *const names[] = {"link", "unlink", "open", "close"};
    return names[act];
}

bool identity_model(struct identity *identity, struct arena *arena, struct span *out_name, struct span *out_hash,
                    struct error *err) {
    (void)identity, (void)arena, (void)err;
    *out_name = SPAN("french-1");
    *out_hash = SPAN("0123456789abcdef");
    return true;
}

bool identity_relink_runs(struct identity *identity, uint64_t run, struct arena *arena, const struct relink_run **out,
                          size_t *out_count, struct error *err) {
    static const struct relink_run known[] = {
        {.id = 3,
         .state = RELINK_PREVIEWED,
         .model_name = FAKE("trained"),
         .before_name = FAKE("french-1"),
         .change = 881,
         .previewed_us = INT64_C(1785312900000000),
         .previewed_by = FAKE("A. Martin"),
         .counts = {.records = 1200, .acts = {12, 3, 7, 2}}},
        {.id = 2,
         .state = RELINK_RUNNING,
         .model_name = FAKE("french-1"),
         .previewed_us = INT64_C(1785312800000000),
         .accepted_us = INT64_C(1785312850000000),
         .accepted_by = FAKE("B. Le Gall"),
         .reason = FAKE("essai"),
         .counts = {.records = 1200, .acts = {4, 0, 0, 0}},
         .done = {.records = 600, .acts = {2, 0, 0, 0}},
         .parting = true,
         .share = 0.5},
        {.id = 1, .state = RELINK_ABANDONED, .model_name = FAKE("french-1")},
    };
    (void)identity, (void)err;
    bool is_known = run >= 1 && run <= FAKE_COUNT(known);
    *out = arena_dup(arena, is_known ? &known[FAKE_COUNT(known) - run] : known, is_known ? sizeof *known : sizeof known);
    *out_count = run == 0 ? FAKE_COUNT(known) : is_known;
    return true;
}

static bool fake_order(uint64_t run, uint64_t *out, struct error *err) {
    if (run != 3)
        return error_set(err, ERROR_RULE, "run", "was abandoned");
    *out = run;
    return true;
}

bool identity_relink_accept(struct identity *identity, uint64_t run, struct span author, struct span reason, struct arena *arena,
                            struct error *err) {
    (void)identity, (void)author, (void)reason, (void)arena;
    return fake_order(run, &fake_accepted, err);
}

bool identity_relink_abandon(struct identity *identity, uint64_t run, struct span author, struct span reason, struct arena *arena,
                             struct error *err) {
    (void)identity, (void)author, (void)reason, (void)arena;
    return fake_order(run, &fake_abandoned, err);
}

#endif
