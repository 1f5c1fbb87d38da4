/*
 * The decisions of fake_tasks.h, which includes this: what was decided about its record 11, acts without a task, where records and
 * persons went.
 */
#ifndef TESTS_SUPPORT_FAKE_DECISIONS_H
#define TESTS_SUPPORT_FAKE_DECISIONS_H

#include "tests/support/fake_tasks.h"

/* What the last act was asked to do; its spans live until the request's arena goes. */
static struct manual_act fake_act;

bool identity_act(struct identity *identity, const struct manual_act *act, struct arena *arena, uint64_t *out_decision,
                  struct error *err) {
    (void)arena;
    if (identity->next_review_error.code != ERROR_NONE) {
        *err = identity->next_review_error;
        identity->next_review_error = ERROR_INIT;
        return false;
    }
    fake_act = *act;
    if (act->act == ACT_UNDO)
        identity->undone = act->decision;
    *out_decision = 77;
    return true;
}

/* Of record 11: a link by the engine, a parting because of something else, a merge that was taken back, a separation from a record
 * of person 9. The others have but the link. */
bool identity_decisions(struct identity *identity, const struct asker *asker, uint64_t record, uint32_t most, struct arena *arena,
                        const struct decision **out, size_t *out_count, struct error *err) {
    static const struct decision known[] = {
        {.id = 14,
         .kind = FAKE("different"),
         .record_a = 11,
         .record_b = 13,
         .author = FAKE("A. Martin"),
         .second_author = FAKE("B. Le Gall"),
         .reason = FAKE("<i>deux</i> s\xc5\x93urs"),
         .undoable = true,
         .task = 2},
        {.id = 12,
         .kind = FAKE("auto-link"),
         .record_a = 12,
         .record_b = 11,
         .author = FAKE("GAM|CHU-NORD"),
         .message_id = 501,
         .rule = FAKE("score"),
         .weight_bits = 27.6,
         .posterior = 0.9993,
         .undoable = true},
        {.id = 11, .kind = FAKE("auto-unlink"), .record_a = 11, .author = FAKE("A. Martin"), .reason = FAKE("vu")},
        {.id = 9, .kind = FAKE("merge"), .record_a = 11, .record_b = 8, .author = FAKE("GAM|CHU-NORD"), .undone_by = 10},
    };
    (void)asker, (void)most, (void)err;
    struct decision *decisions = ARENA_ARRAY(arena, struct decision, FAKE_COUNT(known));
    size_t count = 0;
    for (size_t i = 0; i < FAKE_COUNT(known); i++) {
        if (known[i].record_a != record && known[i].record_b != record)
            continue;
        decisions[count] = known[i];
        decisions[count].at_us = INT64_C(1785312900000000);
        if (identity->undone == known[i].id) {
            decisions[count].undone_by = 77;
            decisions[count].undoable = false;
        }
        count++;
    }
    *out = decisions;
    *out_count = count;
    return true;
}

bool identity_follow_record(struct identity *identity, uint64_t record, uint64_t *out_person, uint64_t *out_record,
                            struct error *err) {
    (void)identity;
    if (record != 13 && record != 11)
        return error_set(err, ERROR_UNKNOWN, "", "no such record");
    *out_person = record == 13 ? 9 : 7;
    *out_record = record;
    return true;
}

/* Person 8 was joined to person 7; person 6 went to several, of whom 9 may not be seen; 4 to several who may not be seen. */
bool identity_follow_person(struct identity *identity, uint64_t person, uint64_t *out_person, struct error *err) {
    (void)identity;
    if (person == 6 || person == 4)
        return error_set(err, ERROR_RULE, "", "its records went to several persons");
    *out_person = person == 8 ? 7 : person;
    return true;
}

bool identity_person_parts(struct identity *identity, uint64_t person, struct arena *arena, const uint64_t **out_persons,
                           size_t *out_count, struct error *err) {
    static const uint64_t parts[] = {9, 7};
    (void)identity, (void)arena, (void)err;
    *out_persons = parts;
    *out_count = person == 6 ? 2 : 1;
    return true;
}

#endif
