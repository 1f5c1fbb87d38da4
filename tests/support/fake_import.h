/* The imports of fake_control.h, which includes this: import 4 ended and holds 12 tasks back, import 3 did not end and holds
 * one. */
#ifndef TESTS_SUPPORT_FAKE_IMPORT_H
#define TESTS_SUPPORT_FAKE_IMPORT_H

#include "tests/support/fake_tasks.h"

/* What was asked last. */
static struct import_order fake_import_order;
static bool (*fake_import_meanwhile)(void); /* called once, while an order is in hand; false: it is refused. NULL: nothing */

bool identity_import_order(struct identity *identity, const struct import_order *order, struct arena *arena, uint64_t *out_run,
                           struct error *err) {
    bool (*meanwhile)(void) = fake_import_meanwhile;
    (void)identity, (void)arena;
    fake_import_meanwhile = NULL;
    fake_import_order = *order;
    *out_run = order->run ? order->run : 4;
    return !meanwhile || meanwhile() || error_set(err, ERROR_UNAVAILABLE, NULL, "not now");
}

bool identity_imports(struct identity *identity, uint64_t run, struct arena *arena, const struct import_run **out,
                      size_t *out_count, struct error *err) {
    static const struct import_run known[] = {
        {.id = 4,
         .bytes = 52000,
         .files = FAKE("/tmp/nord.hl7"),
         .author = FAKE("A. Martin"),
         .findings = FAKE("1\t54\tthe number of messages is 10, BTS-1 says 9\n"),
         .begun_us = INT64_C(1785312800000000),
         .ended_us = INT64_C(1785312900000000),
         .messages = 120,
         .results = {118, 2, 0},
         .created = 100,
         .held = 12,
         .mark = -7},
        {.id = 3, .files = FAKE("/tmp/sud.hl7"), .begun_us = INT64_C(1785312700000000), .held = 1}};
    (void)identity, (void)arena, (void)err;
    *out = known + (run == 3);
    *out_count = run == 0 ? 2 : run == 3 || run == 4;
    return true;
}

bool identity_imports_held(struct identity *identity, struct arena *arena, const struct import_run **out, size_t *out_count,
                           struct error *err) {
    return identity_imports(identity, 0, arena, out, out_count, err);
}

bool identity_import_lines(struct identity *identity, const struct asker *asker, uint64_t run, uint64_t after, uint32_t most,
                           struct arena *arena, const struct import_line **out, size_t *out_count, struct error *err) {
    static const struct import_line known[] = {
        {.place = {.run = 4, .number = 1, .file = 1, .line = 3}, .control_id = FAKE("M1"), .event = FAKE("A28")},
        {.place = {.run = 4, .number = 2, .file = 1, .line = 8},
         .control_id = FAKE("M2"),
         .event = FAKE("A28"),
         .result = FEED_ERROR,
         .err = {.code = ERROR_MISSING, .where = "PID^1^3", .text = "the patient has no identifier"},
         .task_kinds = 1u << TASK_DEAD_LETTER}};
    (void)identity, (void)asker, (void)run, (void)most, (void)arena, (void)err;
    *out = known + (after < 2 ? after : 0);
    *out_count = after < 2 ? 2 - after : 0;
    return true;
}

bool identity_import_causes(struct identity *identity, uint64_t run, struct arena *arena, const struct import_cause **out,
                            size_t *out_count, struct error *err) {
    static const struct import_cause known[] = {
        {.kind = TASK_DEAD_LETTER, .rule = FAKE("missing"), .priority = 55, .tasks = 1, .count = 2},
        {.kind = -1, .rule = FAKE("auto-link"), .count = 9}};
    (void)identity, (void)run, (void)arena, (void)err;
    *out = known;
    *out_count = 2;
    return true;
}

#endif
