/* What a task offers: task_detail.refusals says of each outcome whether the lane would take it now, and why not. */
#include "tests/support/identity_fixture.h"
#include "tests/support/nir_key.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static struct identity_fixture fixture;
static const struct asker cell = {.application = {"T", 1}, .facility = {"T", 1}, .interaction = {"page", 4}, .cell = true};

static int start(void **state) {
    (void)state;
    fixture_start(&fixture);
    return 0;
}

static int stop(void **state) {
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

static struct task_detail detail_of(uint64_t task) {
    struct task_detail detail;
    struct error err = ERROR_INIT;
    if (!identity_task(fixture.identity, &cell, task, fixture.arena, &detail, &err))
        fail_msg("%s", err.text);
    return detail;
}

static bool review(uint64_t task, enum task_outcome outcome, struct error *err) {
    *err = ERROR_INIT;
    const struct review review = {.task = task, .outcome = outcome, .author = SPAN("Dr Vigilance"), .reason = SPAN("essai")};
    return identity_review(fixture.identity, &review, fixture.arena, err);
}

/* Whatever is said to be refused is refused, in those words; what is in `open` is not said to be. */
static struct task_detail assert_offers(uint64_t task, uint32_t open) {
    struct task_detail detail = detail_of(task);
    struct error err;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        enum task_outcome outcome = (enum task_outcome)i;
        bool offered = task_outcome_allowed(detail.task.kind, detail.task.state, outcome) && !detail.refusals[i];
        if (offered != ((open >> i & 1) != 0))
            fail_msg("%s: %s", task_outcome_name(outcome), detail.refusals[i] ? detail.refusals[i] : "offered or not in the table");
        if (!detail.refusals[i])
            continue;
        assert_false(review(task, outcome, &err));
        assert_string_equal(err.text, detail.refusals[i]);
    }
    return detail;
}

enum {
    ALWAYS = 1u << OUTCOME_DISMISS | 1u << OUTCOME_ASSIGN | 1u << OUTCOME_WAIT | 1u << OUTCOME_COMMENT,
    CLOSED = 1u << OUTCOME_REOPEN | 1u << OUTCOME_COMMENT,
};

/* Rule 14: only a merge that waits can be done or refused, and a refusal changes nothing that could come back. */
static void a_held_merge(void **state) {
    (void)state;
    struct somebody who = somebody("TREGUIER", "MAELLE", "19790314", "F");
    struct error err;
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "101", &who);
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "102", &who);
    send_two(&fixture, FEED_UNLINK, "CHU-NORD", "101", "CHU-NORD", "102");
    send_merge(&fixture, "CHU-NORD", "101", "102", &who);
    uint64_t task = first_task(&fixture, TASK_MERGE_CONFLICT).id;
    uint32_t open = ALWAYS | 1u << OUTCOME_APPLY_MERGE | 1u << OUTCOME_REJECT | 1u << OUTCOME_DIFFERENT;
    struct task_detail detail = assert_offers(task, open);
    assert_non_null(strstr(detail.refusals[OUTCOME_LINK], "are merged by that domain"));
    assert_true(review(task, OUTCOME_REJECT, &err));
    detail = assert_offers(task, CLOSED);
    assert_non_null(strstr(detail.refusals[OUTCOME_UNDO], "changed nothing: there is nothing to take back; reopen the task"));
    const struct decision *decisions;
    size_t count;
    assert_true(identity_decisions(fixture.identity, &cell, detail.task.record_a, 1, fixture.arena, &decisions, &count, &err));
    assert_span(decisions[0].kind, "reject");
    assert_false(decisions[0].undoable);
    assert_true(review(task, OUTCOME_REOPEN, &err)); /* no dead end */
    (void)assert_offers(task, open);
    assert_true(review(task, OUTCOME_APPLY_MERGE, &err));
    (void)assert_offers(task, CLOSED | 1u << OUTCOME_UNDO);
}

/* Rule 14: a merge between contradicting traits was applied; there is one record now. */
static void an_applied_merge(void **state) {
    (void)state;
    struct somebody who = somebody("KERVRAN", "ELOUAN", "19910822", "M"), other = somebody("DUBOIS", "ARMELLE", "19530101", "F");
    struct error err;
    send_traits(&fixture, FEED_CREATE, "CH-EST", "111", &who);
    send_traits(&fixture, FEED_CREATE, "CH-EST", "112", &other);
    send_merge(&fixture, "CH-EST", "111", "112", &who);
    struct task_detail detail = assert_offers(first_task(&fixture, TASK_MERGE_CONFLICT).id, ALWAYS);
    assert_non_null(strstr(detail.refusals[OUTCOME_APPLY_MERGE], "no merge that waits"));
    assert_non_null(strstr(detail.refusals[OUTCOME_REJECT], "no merge that waits"));
    assert_non_null(strstr(detail.refusals[OUTCOME_DIFFERENT], "no two records"));
    assert_true(review(detail.task.id, OUTCOME_DISMISS, &err));
    detail = assert_offers(detail.task.id, CLOSED);
    assert_non_null(strstr(detail.refusals[OUTCOME_UNDO], "no decision to take back; reopen it"));
}

/* A linked pair that its domains parted since: to take the link back brings nothing back, and the history says so. */
static void an_undo_that_brings_nothing_back(void **state) {
    (void)state;
    struct somebody who = somebody("ABIVEN", "GWENAEL", "19880505", "M"), like = who;
    struct error err;
    like.born = NULL;
    like.place = NULL;
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "121", &who);
    send_traits(&fixture, FEED_CREATE, "CH-EST", "121", &like);
    uint64_t task = first_task(&fixture, TASK_POSSIBLE_MATCH).id;
    (void)assert_offers(task, ALWAYS | 1u << OUTCOME_LINK | 1u << OUTCOME_DIFFERENT | 1u << OUTCOME_MARK_DOUBTFUL);
    assert_true(review(task, OUTCOME_LINK, &err));
    assert_true(together(&fixture, "CHU-NORD", "121", "CH-EST", "121"));
    send_two(&fixture, FEED_UNLINK, "CHU-NORD", "121", "CH-EST", "121");
    assert_false(together(&fixture, "CHU-NORD", "121", "CH-EST", "121"));
    (void)assert_offers(task, CLOSED | 1u << OUTCOME_UNDO);
    assert_true(review(task, OUTCOME_UNDO, &err));
    struct task_detail detail = detail_of(task);
    assert_int_equal(detail.task.state, TASK_REOPENED);
    assert_span(detail.events[detail.event_count - 1].act, "undo-empty");
    assert_false(together(&fixture, "CHU-NORD", "121", "CH-EST", "121"));
}

/* One INS on two people of two domains: no establishment can merge them, so none is asked. */
static void nobody_merges_records_of_two_domains(void **state) {
    (void)state;
    struct somebody who = somebody("CORRE", "YANN", "19640210", "M"), other = somebody("BLANCHARD", "EMILE", "19640210", "M");
    struct error err;
    who.ins = other.ins = span_cstr(nir_with_key(SPAN("1640229019001"), fixture.arena), fixture.arena);
    who.place = other.place = "29019";
    who.vali = other.vali = true;
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "141", &who);
    send_traits(&fixture, FEED_CREATE, "CH-EST", "142", &other);
    struct task_detail detail = detail_of(first_task(&fixture, TASK_INS_CONFLICT).id);
    assert_non_null(strstr(detail.refusals[OUTCOME_ASK_MERGE], "no establishment can merge"));
    assert_false(review(detail.task.id, OUTCOME_ASK_MERGE, &err));
    assert_true(review(detail.task.id, OUTCOME_DIFFERENT, &err));
}

/* Each time to whom, and not only the last. */
static void the_history_says_to_whom(void **state) {
    (void)state;
    struct somebody who = somebody("BERTHOU", "TANGUY", "19790306", "M");
    struct error err = ERROR_INIT;
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "131", &who);
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "132", &who);
    uint64_t task = first_task(&fixture, TASK_DUPLICATE).id;
    const char *const people[] = {"M. Kerdoncuff", "Mme Salaun"};
    for (size_t i = 0; i < 2; i++) {
        const struct review given = {.task = task,
                                     .outcome = OUTCOME_ASSIGN,
                                     .author = SPAN("Dr Vigilance"),
                                     .reason = SPAN("service des admissions"),
                                     .assignee = span_of(people[i])};
        assert_true(identity_review(fixture.identity, &given, fixture.arena, &err));
    }
    struct task_detail detail = detail_of(task);
    assert_span(detail.task.assignee, people[1]);
    for (size_t i = 0; i < 2; i++)
        assert_span(detail.events[detail.event_count - 2 + i].assignee, people[i]);
}

/* The open task of two of its records, by their identifiers. */
static uint64_t duplicate_of(const char *one, const char *other) {
    const struct task_filter open = {.kind = TASK_DUPLICATE, .open_only = true, .most = 20};
    uint64_t a = record_of(&fixture, "CHU-NORD", one), b = record_of(&fixture, "CHU-NORD", other);
    struct error err = ERROR_INIT;
    const struct task *tasks;
    size_t count, total;
    assert_true(identity_tasks(fixture.identity, &cell, &open, fixture.arena, &tasks, &count, &total, &err));
    for (size_t i = 0; i < count; i++)
        if ((tasks[i].record_a == a && tasks[i].record_b == b) || (tasks[i].record_a == b && tasks[i].record_b == a))
            return tasks[i].id;
    fail_msg("no duplicate of %s and %s", one, other);
    return 0;
}

static bool review_seen(uint64_t task, struct span seen, struct error *err) {
    *err = ERROR_INIT;
    const struct review review = {
        .task = task, .outcome = OUTCOME_DIFFERENT, .author = SPAN("Dr Vigilance"), .reason = SPAN("essai"), .seen = seen};
    return identity_review(fixture.identity, &review, fixture.arena, err);
}

/* What is shown stands now, beside what stood at the opening; a decision upon what stands no more is refused. */
static void a_decision_is_upon_what_stands(void **state) {
    (void)state;
    struct somebody who = somebody("LE BRIS", "NOLWENN", "19850612", "F");
    struct error err;
    who.street = "1 RUE DE SIAM";
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "151", &who);
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "152", &who);
    uint64_t task = duplicate_of("151", "152");
    struct task_detail before = detail_of(task);
    assert_int_equal(before.sides[0].version, before.opened[0].version);
    who.street = "14 QUAI MALBERT";
    send_traits(&fixture, FEED_UPDATE, "CHU-NORD", "151", &who);
    struct task_detail detail = detail_of(task);
    size_t side = detail.sides[0].id == record_of(&fixture, "CHU-NORD", "151") ? 0 : 1;
    assert_int_equal(detail.opened[side].version, before.sides[side].version);
    assert_int_equal(detail.sides[side].version, before.sides[side].version + 1);
    assert_span(traits_address(&detail.sides[side].traits, "H")->line, "14 QUAI MALBERT");
    assert_span(traits_address(&detail.opened[side].traits, "H")->line, "1 RUE DE SIAM");
    assert_int_equal(detail.sides[!side].version, detail.opened[!side].version);
    assert_false(review_seen(task, before.seen, &err));
    assert_int_equal(err.code, ERROR_RULE);
    assert_string_equal(err.where, "record");
    assert_false(review_seen(task, SPAN(""), &err));
    assert_true(review(task, OUTCOME_COMMENT, &err));
    assert_false(review_seen(task, detail.seen, &err));
    assert_string_equal(err.where, "history");
    assert_true(review_seen(task, detail_of(task).seen, &err));
}

/* A mark of the cell makes no version, and is a change all the same. */
static void a_mark_is_a_change(void **state) {
    (void)state;
    struct somebody who = somebody("LE DUIGOU", "MATHILDE", "19720912", "F");
    struct error err;
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "161", &who);
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "162", &who);
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "163", &who);
    uint64_t first = duplicate_of("161", "163"), second = duplicate_of("162", "163"); /* the mark is on the newer record */
    struct task_detail before = detail_of(first);
    assert_true(review(second, OUTCOME_MARK_DOUBTFUL, &err));
    const struct person_record *now = detail_of(first).sides;
    assert_true((now[0].attributes | now[1].attributes) & ATTRIBUTE_DOUBTFUL);
    assert_false(review_seen(first, before.seen, &err));
    assert_string_equal(err.where, "record");
}

/* The version set apart is shown as it was renewed, which is what an acceptance takes. */
static void the_version_set_apart_is_the_renewed_one(void **state) {
    (void)state;
    struct somebody who = somebody("KERVELLA", "ROZENN", "19800117", "F"), other = somebody("LAGARDE", "RENE", "19330911", "M");
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "171", &who);
    send_traits(&fixture, FEED_UPDATE, "CHU-NORD", "171", &other);
    uint64_t task = first_task(&fixture, TASK_COLLISION).id;
    other.phone = "0298000000";
    send_traits(&fixture, FEED_UPDATE, "CHU-NORD", "171", &other);
    struct task_detail detail = detail_of(task);
    assert_int_equal(detail.opened[1].version, 2);
    assert_int_equal(detail.sides[1].version, 3);
    assert_int_equal(detail.sides[1].traits.telecom_count, 1);
    assert_int_equal(detail.sides[0].version, 1);
    struct error err;
    assert_true(review(task, OUTCOME_REJECT, &err));
    assert_int_equal(detail_of(task).sides[1].version, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_held_merge),
        cmocka_unit_test(an_applied_merge),
        cmocka_unit_test(an_undo_that_brings_nothing_back),
        cmocka_unit_test(nobody_merges_records_of_two_domains),
        cmocka_unit_test(the_history_says_to_whom),
        cmocka_unit_test(a_decision_is_upon_what_stands),
        cmocka_unit_test(a_mark_is_a_change),
        cmocka_unit_test(the_version_set_apart_is_the_renewed_one),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
