/*
 * The identity room against a real PostgreSQL: one test per rule of DESIGN.md section 2 that a few messages can show, and the
 * promises to senders. The longer stories are scenarios.
 */
#include "tests/unit/cmocka_all.h"

#include "tests/support/identity_fixture.h"

#include <pthread.h>
#include <stdio.h>

static struct identity_fixture fixture;

static int start(void **state) {
    fixture_start(&fixture);
    return 0;
}

static int stop(void **state) {
    assert_index_equal(&fixture);
    fixture_reopen(&fixture); /* a server that starts answers the same as the one that stopped */
    assert_index_equal(&fixture);
    fixture_stop(&fixture);
    return 0;
}

static void accepted(struct feed_outcome outcome) {
    if (outcome.result != FEED_ACCEPTED)
        fail_msg("refused: %s %s", outcome.err.where, outcome.err.text);
}

static void rule_1_same_person_in_two_hospitals_is_linked(void **state) {
    struct somebody who = somebody("KERVELLA", "SOLENN", "19710323", "F");
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "1", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CH-EST", "1", &who));
    assert_true(together(&fixture, "CHU-NORD", "1", "CH-EST", "1"));
}

static void rule_3_twins_stay_apart(void **state) {
    struct somebody one = somebody("LE GOFF", "BAPTISTE", "20101112", "M"), two = one;
    one.multiple_birth = two.multiple_birth = "Y";
    one.birth_order = "1";
    two.birth_order = "2";
    two.given = "CORENTIN";
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "31", &one));
    accepted(send_traits(&fixture, FEED_CREATE, "CH-EST", "32", &two));
    assert_false(together(&fixture, "CHU-NORD", "31", "CH-EST", "32"));
}

static void rule_6_same_domain_is_a_duplicate_task(void **state) {
    struct somebody who = somebody("QUEMENER", "GWENDAL", "19550614", "M");
    size_t before = open_tasks(&fixture, TASK_DUPLICATE);
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "61", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "62", &who));
    assert_false(together(&fixture, "CHU-NORD", "61", "CHU-NORD", "62"));
    assert_int_equal(open_tasks(&fixture, TASK_DUPLICATE), before + 1);
}

static void rule_7_someone_else_is_kept_apart(void **state) {
    struct somebody who = somebody("ABGRALL", "NOLWENN", "19800101", "F"), other = somebody("DUPUIS", "MARCEL", "19330907", "M");
    other.place = "75113";
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "71", &who));
    accepted(send_traits(&fixture, FEED_UPDATE, "CHU-NORD", "71", &other));
    const struct person *person = read_person(&fixture, person_of(&fixture, "CHU-NORD", "71"));
    assert_non_null(person);
    assert_true(span_eq_cstr(traits_name(&person->golden, 'L')->family, "ABGRALL"));
    assert_true(person->attributes & ATTRIBUTE_POTENTIAL_COLLISION);
    struct task task = first_task(&fixture, TASK_COLLISION);
    assert_true(decide(&fixture, task.id, OUTCOME_ACCEPT_OTHER, "le dossier a été réattribué"));
    person = read_person(&fixture, person_of(&fixture, "CHU-NORD", "71"));
    assert_true(span_eq_cstr(traits_name(&person->golden, 'L')->family, "DUPUIS"));
    assert_true(decide(&fixture, task.id, OUTCOME_UNDO, "erreur de lecture"));
    person = read_person(&fixture, person_of(&fixture, "CHU-NORD", "71"));
    assert_true(span_eq_cstr(traits_name(&person->golden, 'L')->family, "ABGRALL"));
    assert_true(decide(&fixture, task.id, OUTCOME_REJECT, "saisie dans le mauvais dossier"));
    assert_int_equal(open_tasks(&fixture, TASK_COLLISION), 0);
}

/* The number that came with the version kept apart is evidence for the cell, and for nobody else: the record never held it. */
static void rule_7_the_cell_sees_the_ins_kept_apart(void **state) {
    struct error err = ERROR_INIT;
    struct task_detail detail;
    struct somebody who = somebody("ABIVEN", "ROZENN", "19800117", "F"), other = somebody("LAGARDE", "RENE", "19330911", "M");
    const struct asker cell = {.application = SPAN("T"), .cell = true, .sees_ins = true},
                       peer = {.application = SPAN("T"), .sees_ins = true};
    who.vali = other.vali = true;
    who.ins = "280012505602122";
    other.ins = "133097511301432";
    other.place = "75113";
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "72", &who));
    accepted(send_traits(&fixture, FEED_UPDATE, "CHU-NORD", "72", &other));
    struct task task = first_task(&fixture, TASK_COLLISION);
    assert_true(identity_task(fixture.identity, &cell, task.id, fixture.arena, &detail, &err));
    assert_span(detail.sides[0].ins, "280012505602122");
    assert_span(detail.sides[1].ins, "133097511301432");
    assert_true(identity_task(fixture.identity, &peer, task.id, fixture.arena, &detail, &err));
    assert_true(span_is_empty(detail.sides[0].ins));
    assert_true(span_is_empty(detail.sides[1].ins));
    uint64_t id = person_of(&fixture, "CHU-NORD", "72");
    const struct person *person;
    assert_true(identity_read_persons(fixture.identity, &peer, &id, 1, fixture.arena, &person, &err));
    assert_true(span_is_empty(person->ins));
    assert_true(decide(&fixture, task.id, OUTCOME_REJECT, "mauvais dossier"));
    assert_true(identity_task(fixture.identity, &cell, task.id, fixture.arena, &detail, &err));
    assert_span(detail.sides[1].ins, "133097511301432"); /* evidence stays */
}

static void rule_8_a_practice_links_by_declaration(void **state) {
    struct somebody who = somebody("TANGUY", "ERWAN", "19680229", "M");
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "81", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CABINET", "82", &who));
    assert_false(together(&fixture, "CHU-NORD", "81", "CABINET", "82"));
    accepted(send_declared(&fixture, "CABINET", "82", &who, "CHU-NORD:81"));
    assert_true(together(&fixture, "CHU-NORD", "81", "CABINET", "82"));
}

static void rule_9_a37_separates_for_good_and_a24_joins_again(void **state) {
    struct somebody who = somebody("PRIGENT", "MAIWENN", "19911231", "F");
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "91", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CH-EST", "92", &who));
    assert_true(together(&fixture, "CHU-NORD", "91", "CH-EST", "92"));
    accepted(send_two(&fixture, FEED_UNLINK, "CHU-NORD", "91", "CH-EST", "92"));
    assert_false(together(&fixture, "CHU-NORD", "91", "CH-EST", "92"));
    accepted(send_traits(&fixture, FEED_UPDATE, "CH-EST", "92", &who)); /* the engine does not undo it */
    assert_false(together(&fixture, "CHU-NORD", "91", "CH-EST", "92"));
}

static void rule_14_a_merge_resolves_for_ever(void **state) {
    struct somebody who = somebody("LE BIHAN", "YVON", "19471005", "M");
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "141", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "142", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "143", &who));
    accepted(send_merge(&fixture, "CHU-NORD", "141", "142", &who));
    accepted(send_merge(&fixture, "CHU-NORD", "143", "141", &who));
    assert_int_equal(record_of(&fixture, "CHU-NORD", "142"), record_of(&fixture, "CHU-NORD", "143"));
    accepted(send_merge(&fixture, "CHU-NORD", "141", "143", &who)); /* against the direction: the survivor is swapped */
    assert_int_equal(record_of(&fixture, "CHU-NORD", "142"), record_of(&fixture, "CHU-NORD", "141"));
    assert_int_equal(record_of(&fixture, "CHU-NORD", "143"), record_of(&fixture, "CHU-NORD", "141"));
    struct feed_outcome again = send_traits(&fixture, FEED_UPDATE, "CHU-NORD", "142", &who);
    assert_int_equal(again.result, FEED_ERROR);
    assert_int_equal(again.err.code, ERROR_UNKNOWN);
    struct feed_outcome unknown = send_merge(&fixture, "CHU-NORD", "141", "149", &who);
    assert_int_equal(unknown.err.code, ERROR_UNKNOWN);
    assert_string_equal(unknown.err.where, "MRG^1^1");
}

/* The newest decision about the record that may be taken back; fails the test when there is none. */
static struct decision last_decision(uint64_t record) {
    struct asker asker = {
        .application = SPAN("T"), .facility = SPAN("T"), .address = SPAN(""), .interaction = SPAN("page"), .cell = true};
    struct error err = ERROR_INIT;
    const struct decision *decisions = NULL;
    size_t count = 0;
    assert_true(identity_decisions(fixture.identity, &asker, record, 0, fixture.arena, &decisions, &count, &err));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            assert_true(decisions[i].id < decisions[i - 1].id);
        if (decisions[i].undoable)
            return decisions[i];
    }
    fail_msg("no decision to take back");
    return (struct decision){.id = 0};
}

static uint64_t take_back(uint64_t decision) {
    struct error err = ERROR_INIT;
    uint64_t made = 0;
    struct manual_act act = {.act = ACT_UNDO, .decision = decision, .author = SPAN("Dr Vigilance"), .reason = SPAN("erreur")};
    if (!identity_act(fixture.identity, &act, fixture.arena, &made, &err))
        fail_msg("not undone: %s", err.text);
    return made;
}

static void rule_9_a_merge_is_taken_back_and_done_again(void **state) {
    struct somebody who = somebody("GOASDOUE", "ENORA", "19640825", "F");
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "941", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "942", &who));
    uint64_t survivor = record_of(&fixture, "CHU-NORD", "941"), loser = record_of(&fixture, "CHU-NORD", "942");
    uint64_t was = person_of(&fixture, "CHU-NORD", "942");
    accepted(send_merge(&fixture, "CHU-NORD", "941", "942", &who));
    struct decision merge = last_decision(loser);
    assert_span(merge.kind, "merge");
    assert_int_equal(merge.record_a, survivor);
    assert_int_equal(merge.record_b, loser);
    assert_true(merge.message_id > 0);
    uint64_t undo = take_back(merge.id);
    assert_int_equal(record_of(&fixture, "CHU-NORD", "942"), loser);
    assert_int_equal(person_of(&fixture, "CHU-NORD", "942"), was);
    assert_index_equal(&fixture);
    accepted(send_traits(&fixture, FEED_UPDATE, "CHU-NORD", "942", &who)); /* a live identifier again */
    assert_int_equal(last_decision(loser).id, undo);                       /* the undo is a decision about the same records */
    (void)take_back(undo);
    assert_int_equal(record_of(&fixture, "CHU-NORD", "942"), survivor);
    assert_index_equal(&fixture);
}

static void rule_9_an_automatic_link_is_taken_back(void **state) {
    struct somebody who = somebody("PENNANEAC H", "TIPHAINE", "19930219", "F");
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "951", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CH-EST", "952", &who));
    assert_true(together(&fixture, "CHU-NORD", "951", "CH-EST", "952"));
    struct decision link = last_decision(record_of(&fixture, "CH-EST", "952"));
    assert_span(link.kind, "auto-link");
    assert_true(link.weight_bits > 0);
    (void)take_back(link.id);
    assert_false(together(&fixture, "CHU-NORD", "951", "CH-EST", "952"));
    assert_index_equal(&fixture);
}

static void rule_14_a_turned_merge_is_taken_back(void **state) {
    struct somebody who = somebody("KERMARREC", "GWENAEL", "19590703", "M");
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "961", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "962", &who));
    uint64_t first = record_of(&fixture, "CHU-NORD", "961"), second = record_of(&fixture, "CHU-NORD", "962");
    accepted(send_merge(&fixture, "CHU-NORD", "961", "962", &who));
    accepted(send_merge(&fixture, "CHU-NORD", "962", "961", &who));
    assert_int_equal(record_of(&fixture, "CHU-NORD", "961"), second);
    (void)take_back(last_decision(second).id);
    assert_int_equal(record_of(&fixture, "CHU-NORD", "962"), first); /* the first merge stands */
    assert_int_equal(record_of(&fixture, "CHU-NORD", "961"), first);
    assert_index_equal(&fixture);
}

static void rule_14_what_was_merged_into_the_loser_goes_along(void **state) {
    struct somebody who = somebody("NEDELEC", "YANN", "19510203", "M");
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "1401", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "1402", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "1403", &who));
    accepted(send_merge(&fixture, "CHU-NORD", "1402", "1401", &who));
    uint64_t left = person_of(&fixture, "CHU-NORD", "1402");
    accepted(send_merge(&fixture, "CHU-NORD", "1403", "1402", &who));
    const struct person *person = read_person(&fixture, left);
    assert_null(person); /* nobody stays behind: the person is joined, and its regional identifier leads on */
    char regional[32];
    (void)snprintf(regional, sizeof regional, "R%09llu", (unsigned long long)left);
    assert_int_equal(person_of(&fixture, "REGION", regional), person_of(&fixture, "CHU-NORD", "1403"));
}

static void a47_keeps_the_old_identifier_resolving(void **state) {
    struct somebody who = somebody("CALVEZ", "MORGANE", "19991130", "F");
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "470", &who));
    uint64_t record = record_of(&fixture, "CHU-NORD", "470");
    accepted(send_rename(&fixture, "CHU-NORD", "471", "470"));
    assert_int_equal(record_of(&fixture, "CHU-NORD", "470"), record);
    assert_int_equal(record_of(&fixture, "CHU-NORD", "471"), record);
}

static void the_cell_links_and_takes_it_back(void **state) {
    struct somebody one = somebody("RIOU", "ANNE", "19620418", "F"), two = one;
    two.family = "RIOUX";
    two.born = "19620518";
    two.place = "29019";
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "601", &one));
    accepted(send_traits(&fixture, FEED_CREATE, "CH-EST", "602", &two));
    struct error err = ERROR_INIT;
    uint64_t decision = 0;
    struct manual_act act = {.act = ACT_LINK,
                             .record_a = record_of(&fixture, "CHU-NORD", "601"),
                             .record_b = record_of(&fixture, "CH-EST", "602"),
                             .author = SPAN("Dr Vigilance"),
                             .reason = SPAN("vu avec le patient")};
    bool before = together(&fixture, "CHU-NORD", "601", "CH-EST", "602");
    assert_true(identity_act(fixture.identity, &act, fixture.arena, &decision, &err));
    assert_true(together(&fixture, "CHU-NORD", "601", "CH-EST", "602"));
    act = (struct manual_act){.act = ACT_UNDO, .decision = decision, .author = SPAN("Dr Vigilance"), .reason = SPAN("erreur")};
    if (!before) {
        assert_true(identity_act(fixture.identity, &act, fixture.arena, &decision, &err));
        assert_false(together(&fixture, "CHU-NORD", "601", "CH-EST", "602"));
    }
}

/* Two records that lead to each other would keep the lane busy for ever. */
static void rule_9_a_merge_does_not_come_back_against_its_turn(void **state) {
    struct somebody who = somebody("KERBRAT", "MAIWENN", "19640825", "F");
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "981", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "982", &who));
    uint64_t first = record_of(&fixture, "CHU-NORD", "981"), second = record_of(&fixture, "CHU-NORD", "982");
    accepted(send_merge(&fixture, "CHU-NORD", "981", "982", NULL));
    uint64_t undo = take_back(last_decision(second).id);
    accepted(send_merge(&fixture, "CHU-NORD", "982", "981", NULL));
    assert_int_equal(record_of(&fixture, "CHU-NORD", "981"), second);
    (void)take_back(undo);
    assert_int_equal(record_of(&fixture, "CHU-NORD", "981"), second);
    assert_int_equal(record_of(&fixture, "CHU-NORD", "982"), second);
    assert_true(first != second);
    assert_index_equal(&fixture);
}

/* A third record has a veto against the two that the cell links, and they leave it for a person of their own: once the link is
 * taken back, nobody is there any more. */
static void a_person_that_nobody_is_on_tells_its_parts(void **state) {
    struct somebody who = somebody("MORVAN", "KATELL", "19840317", "F"), first = who, second = who;
    first.vali = second.vali = true;
    first.ins = "284032505699845";
    second.ins = "284032505699746";
    accepted(send_traits(&fixture, FEED_CREATE, "CH-EST", "621", &first));
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "622", &who));
    accepted(send_traits(&fixture, FEED_CREATE, "CLINIQUE", "623", &second));
    uint64_t stays = person_of(&fixture, "CH-EST", "621"), other = person_of(&fixture, "CLINIQUE", "623"), decision = 0, today = 0;
    assert_int_equal(person_of(&fixture, "CHU-NORD", "622"), stays);
    assert_true(other != stays);
    struct error err = ERROR_INIT;
    struct manual_act act = {.act = ACT_LINK,
                             .record_a = record_of(&fixture, "CLINIQUE", "623"),
                             .record_b = record_of(&fixture, "CHU-NORD", "622"),
                             .author = SPAN("Dr Vigilance"),
                             .reason = SPAN("vue au guichet")};
    assert_true(identity_act(fixture.identity, &act, fixture.arena, &decision, &err));
    uint64_t made = person_of(&fixture, "CLINIQUE", "623");
    const uint64_t *parts;
    size_t count = 9;
    assert_true(made != stays && made != other);
    assert_true(identity_person_parts(fixture.identity, made, fixture.arena, &parts, &count, &err));
    assert_int_equal(count, 0);
    (void)take_back(decision);
    assert_false(identity_follow_person(fixture.identity, made, &today, &err));
    assert_int_equal(err.code, ERROR_RULE);
    assert_true(identity_person_parts(fixture.identity, made, fixture.arena, &parts, &count, &err));
    assert_int_equal(count, 2);
    assert_int_equal(parts[0] + parts[1], stays + other);
    assert_true(parts[0] == stays || parts[0] == other);
    assert_true(identity_person_parts(fixture.identity, 999999, fixture.arena, &parts, &count, &err));
    assert_int_equal(count, 0);
}

struct undoer {
    pthread_t thread;
    uint64_t decision;
    bool done;
};

static void *undo_once(void *context) {
    struct undoer *undoer = context;
    struct arena *arena = arena_new(0);
    struct error err;
    uint64_t made;
    struct manual_act act = {.act = ACT_UNDO, .decision = undoer->decision, .author = SPAN("Dr A"), .reason = SPAN("erreur")};
    undoer->done = identity_act(fixture.identity, &act, arena, &made, &err);
    arena_free(arena);
    return NULL;
}

static void one_decision_is_taken_back_once(void **state) {
    struct somebody one = somebody("TANGUY", "SOIZIC", "19510320", "F"), two = somebody("ABGRALL", "SOIZIC", "19510320", "F");
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "611", &one));
    accepted(send_traits(&fixture, FEED_CREATE, "CH-EST", "612", &two));
    struct error err = ERROR_INIT;
    struct manual_act act = {.act = ACT_LINK,
                             .record_a = record_of(&fixture, "CHU-NORD", "611"),
                             .record_b = record_of(&fixture, "CH-EST", "612"),
                             .author = SPAN("Dr Vigilance"),
                             .reason = SPAN("vu avec la patiente")};
    struct undoer undoers[8] = {0};
    uint64_t decision = 0;
    assert_true(identity_act(fixture.identity, &act, fixture.arena, &decision, &err));
    for (int i = 0; i < 8; i++) {
        undoers[i].decision = decision;
        assert_int_equal(pthread_create(&undoers[i].thread, NULL, undo_once, &undoers[i]), 0);
    }
    int done = 0;
    for (int i = 0; i < 8; i++) {
        (void)pthread_join(undoers[i].thread, NULL);
        done += undoers[i].done;
    }
    assert_int_equal(done, 1);
    assert_false(together(&fixture, "CHU-NORD", "611", "CH-EST", "612"));
}

static void promise_2_a_resent_message_gets_its_stored_answer(void **state) {
    struct somebody who = somebody("GUEGUEN", "LOIC", "19740714", "M");
    fixture.next_control_id = 700000;
    struct feed_outcome first = send_traits(&fixture, FEED_CREATE, "CHU-NORD", "701", &who);
    fixture.next_control_id = 700000;
    struct feed_outcome second = send_traits(&fixture, FEED_CREATE, "CHU-NORD", "701", &who);
    assert_int_equal(second.result, FEED_ACCEPTED);
    assert_true(second.repeated);
    assert_int_equal(second.message_id, first.message_id);
    assert_int_equal(second.answered_us, first.answered_us);
}

static void queries_find_by_name_and_identifier(void **state) {
    struct somebody who = somebody("LE ROUX-MORVAN", "HÉLÈNE", "19830915", "F");
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "801", &who));
    struct asker asker = {
        .application = SPAN("T"), .facility = SPAN("T"), .address = SPAN(""), .interaction = SPAN("ITI-21"), .sees_ins = true};
    struct error err = ERROR_INIT;
    const struct person_key *keys;
    size_t count = 0, total = 0;
    struct person_query query = {.family = SPAN("le roux morvan"), .given = SPAN("helene"), .most = 10};
    assert_true(identity_search(fixture.identity, &asker, &query, fixture.arena, &keys, &count, &total, &err));
    assert_int_equal(count, 1);
    assert_int_equal(keys[0].person, person_of(&fixture, "CHU-NORD", "801"));
    struct trait_identifier id = {.value = SPAN("801"), .namespace_id = SPAN("CHU-NORD")};
    query = (struct person_query){.identifiers = &id, .identifier_count = 1, .most = 10};
    assert_true(identity_search(fixture.identity, &asker, &query, fixture.arena, &keys, &count, &total, &err));
    assert_int_equal(count, 1);
    query.family = SPAN("AUTRE");
    assert_true(identity_search(fixture.identity, &asker, &query, fixture.arena, &keys, &count, &total, &err));
    assert_int_equal(count, 0);
}

static void rule_2_candidates_are_counted_by_zone(void **state) {
    struct identity_counts before, after;
    struct somebody who = somebody("MARCHAND", "ODILE", "19530921", "F"), brother = somebody("MARCHAND", "ODILON", "19530922", "M");
    identity_counts(fixture.identity, &before);
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "850", &who);
    send_traits(&fixture, FEED_CREATE, "CH-EST", "850", &who);
    identity_counts(fixture.identity, &after);
    assert_int_equal(after.made_auto, before.made_auto + 1);
    assert_int_equal(after.left_to_cell, before.left_to_cell);
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "851", &who); /* a duplicate of its domain; the one of CH-EST waits with it */
    identity_counts(fixture.identity, &before);
    assert_true(before.left_to_cell > after.left_to_cell);
    send_traits(&fixture, FEED_CREATE, "CLINIQUE", "850", &brother);
    identity_counts(fixture.identity, &after);
    assert_int_equal(after.made_auto, before.made_auto);
    assert_true(after.left_apart > before.left_apart);
}

/* What the cell is asked about it must see: also of a record that the same message made. */
static void a_refused_ins_is_asked_about_beside_its_record(void **state) {
    struct error err = ERROR_INIT;
    struct task_detail detail;
    const struct asker cell = {.application = SPAN("T"), .cell = true};
    struct somebody who = somebody("RIOUAL", "ENORA", "19830511", "F");
    who.vali = true;
    who.ins = "283052505602199"; /* a wrong key */
    accepted(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "2001", &who));
    struct task task = first_task(&fixture, TASK_INS_VERIFICATION);
    assert_true(identity_task(fixture.identity, &cell, task.id, fixture.arena, &detail, &err));
    assert_int_equal(detail.sides[0].id, record_of(&fixture, "CHU-NORD", "2001"));
    assert_span(detail.sides[0].local_id, "2001");
    assert_true(decide(&fixture, task.id, OUTCOME_DISMISS, "vu"));
}

static bool change_kind(const char *name, bool create, enum domain_kind kind, struct error *err) {
    struct domain_change change = DOMAIN_CHANGE_NONE;
    change.create = create;
    change.namespace_id = span_of(name);
    change.kind = (int)kind;
    change.author = SPAN("test");
    return identity_domain_change(fixture.identity, &change, fixture.arena, NULL, err);
}

/* Without one the server would not start again. */
static void there_is_always_one_regional_domain(void **state) {
    struct error err = ERROR_INIT;
    assert_false(change_kind("REGION", false, DOMAIN_HOSPITAL, &err));
    assert_string_equal(err.where, "kind");
    assert_false(change_kind("REGION-2", true, DOMAIN_REGIONAL, &err));
    assert_string_equal(err.where, "kind");
    assert_true(change_kind("REGION", false, DOMAIN_REGIONAL, &err));
}

static void the_audit_chain_is_whole(void **state) {
    struct error err = ERROR_INIT;
    struct buf report = {0};
    buf_init(&report, 4096);
    assert_true(identity_check_audit(fixture.identity, &report, &err));
    buf_release(&report);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_1_same_person_in_two_hospitals_is_linked),
        cmocka_unit_test(rule_3_twins_stay_apart),
        cmocka_unit_test(rule_6_same_domain_is_a_duplicate_task),
        cmocka_unit_test(rule_7_someone_else_is_kept_apart),
        cmocka_unit_test(rule_7_the_cell_sees_the_ins_kept_apart),
        cmocka_unit_test(rule_8_a_practice_links_by_declaration),
        cmocka_unit_test(rule_9_a37_separates_for_good_and_a24_joins_again),
        cmocka_unit_test(rule_14_a_merge_resolves_for_ever),
        cmocka_unit_test(rule_9_a_merge_is_taken_back_and_done_again),
        cmocka_unit_test(rule_9_a_merge_does_not_come_back_against_its_turn),
        cmocka_unit_test(rule_9_an_automatic_link_is_taken_back),
        cmocka_unit_test(rule_14_a_turned_merge_is_taken_back),
        cmocka_unit_test(rule_14_what_was_merged_into_the_loser_goes_along),
        cmocka_unit_test(a47_keeps_the_old_identifier_resolving),
        cmocka_unit_test(the_cell_links_and_takes_it_back),
        cmocka_unit_test(a_person_that_nobody_is_on_tells_its_parts),
        cmocka_unit_test(one_decision_is_taken_back_once),
        cmocka_unit_test(promise_2_a_resent_message_gets_its_stored_answer),
        cmocka_unit_test(queries_find_by_name_and_identifier),
        cmocka_unit_test(rule_2_candidates_are_counted_by_zone),
        cmocka_unit_test(a_refused_ins_is_asked_about_beside_its_record),
        cmocka_unit_test(there_is_always_one_regional_domain),
        cmocka_unit_test(the_audit_chain_is_whole),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
