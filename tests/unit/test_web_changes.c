/* A record of a task changes while somebody of the cell works on it. */
#include "tests/support/ask_web.h"

/* What the task was opened for is marked below what stands now, which is what is compared. */
static void test_the_pair_shows_what_stands_now(void **state) {
    get("/taches/1");
    assert_false(says("depuis l’ouverture de la tâche"));
    assert_false(says("class=\"sub was\""));
    assert_says("tels qu’ils sont à présent");
    assert_says("n°\xc2\xa0"
                "1, du");
    fake_tasks[0].changed = true;
    get("/taches/1");
    assert_says("Enregistrement B\xc2\xa0: changement depuis l’ouverture de la tâche.");
    assert_says("LE GOFF<div class=\"sub was\">à l’ouverture\xc2\xa0: LE GOF</div>");
    assert_says("12/05/1961<div class=\"sub was\">à l’ouverture\xc2\xa0: 05/12/1961</div>");
    assert_says("validée</span><div class=\"sub was\">");
    assert_says("n°\xc2\xa0"
                "2, du");
    assert_false(says("<td class=\"verdict\">jour et mois inversés</td>"));
    ask(&(struct ask){.path = "/tasks/1", .query = "lang=en"});
    assert_says("Record B: changed since the task opened.");
    assert_says("at opening:");
    get("/api/tasks/1");
    assert_says("\"opened\":[");
    assert_says("\"seen\":\"1-1\"");
}

static void check_stopped(const char *fields) {
    post("/taches/1", fields);
    assert_int_equal(answer.status, 409);
    assert_says("Un enregistrement a changé depuis que vous avez ouvert la page");
    assert_says("name=\"seen\" value=\"1-1\"");
    assert_says("à l’ouverture\xc2\xa0: LE GOF</div>");
    assert_int_equal(fake_tasks[0].task.state, TASK_OPEN);
}

static void test_a_decision_upon_what_changed_is_stopped(void **state) {
    fake_tasks[0].changed = true;
    check_stopped("seen=1-0&outcome=link&author=A&reason=");
    assert_false(says("reason-error"));
    post("/taches/1", "seen=1-1&outcome=link&author=A&reason=r");
    assert_int_equal(answer.status, 303);
}

/* Between reading the task and the lane: the lane refuses it, and the page shows what it did not know yet. */
static void test_a_change_in_between_is_shown(void **state) {
    fake_identity.changes_meanwhile = true;
    check_stopped(fine_fields);
}

static void test_the_api_refuses_what_is_stale(void **state) {
    fake_tasks[0].changed = true;
    ask(&(struct ask){.method = "POST",
                      .path = "/api/tasks/1/review",
                      .type = "application/json",
                      .body = "{\"outcome\":\"link\",\"author\":\"A\",\"reason\":\"r\",\"seen\":\"1-0\"}"});
    assert_int_equal(answer.status, 409);
    assert_says("\"where\":\"record\"");
    assert_int_equal(fake_tasks[0].task.state, TASK_OPEN);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_the_pair_shows_what_stands_now),
        TEST(test_a_decision_upon_what_changed_is_stopped),
        TEST(test_a_change_in_between_is_shown),
        TEST(test_the_api_refuses_what_is_stale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
