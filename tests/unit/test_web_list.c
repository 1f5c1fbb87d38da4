/* The list of tasks, as a page and as JSON. */
#include "tests/support/ask_web.h"

/* What a reviewer looks for first: whose identifiers these are. */
static void test_the_list_shows_local_identifiers(void **state) {
    get("/");
    assert_says("<span class=\"domain\">CHU-NORD</span> <span class=\"mono\">100234</span>");
    assert_says("<span class=\"domain\">CH-DU-LITTORAL</span> <span class=\"mono\">88-1204</span>");
    assert_says("<span class=\"mono\">P&lt;7&gt;</span>");
    ask(&(struct ask){.path = "/", .query = "kind=collision"}); /* two versions of one record: once */
    const char *first = strstr(span_cstr(answer.body, arena), "P&lt;7&gt;");
    assert_non_null(first);
    assert_null(strstr(first + 1, "P&lt;7&gt;"));
    ask(&(struct ask){.path = "/", .query = "kind=dead-letter"}); /* about no record */
    assert_says("<span class=\"record\"><span class=\"domain\">CLINIQUE-DES-PINS</span></span>");
    get("/api/tasks");
    assert_says("\"local_id\":\"100234\",\"other_local_id\":\"88-1204\"");
}

/* ...and who they are, once where both say the same, and how likely it is. */
static void test_the_list_shows_names(void **state) {
    get("/");
    assert_says("<b>LE GOFF MARIE-ANNICK</b> <span class=\"number\">12/05/1961</span>");
    assert_says("<b>LE GOF MARIE ANNICK</b> <span class=\"number\">05/12/1961</span>");
    assert_says("<td class=\"number\">97,3 %</td>");
    assert_says("<span class=\"sub\">revenue 1 fois</span>");
    assert_says("<b>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &quot;O&amp;K&quot;</b>");
    ask(&(struct ask){.path = "/", .query = "kind=collision"}); /* here two versions of one name */
    const char *first = strstr(span_cstr(answer.body, arena), "class=\"who\"");
    assert_non_null(first);
    assert_null(strstr(first + 1, "class=\"who\""));
    get("/api/tasks");
    assert_says("\"family\":\"LE GOFF\",\"given\":\"MARIE-ANNICK\",\"birth_date\":\"19610512\",\"other_family\":\"LE GOF\"");
}

static void test_the_list_filters(void **state) {
    get("/");
    assert_says("l’import 4 a ouvert 12 tâches, montrées quand il sera libéré");
    assert_says("l’import 3 a ouvert 1 tâche, montrée quand il sera libéré");
    assert_says("/taches/1\"");
    assert_says("/taches/2\"");
    ask(&(struct ask){.path = "/", .query = "kind=collision"});
    assert_says("/taches/2\"");
    assert_false(says("/taches/1\""));
    assert_says("<p class=\"quiet\">1 tâche montrée sur 1</p>");
    ask(&(struct ask){.path = "/", .query = "kind=collision&lang=en"});
    assert_says("<p class=\"lead\">1 task to handle</p>");
    ask(&(struct ask){.path = "/", .query = "domain=2"});
    assert_says("/taches/3\"");
    assert_false(says("/taches/2\""));
    ask(&(struct ask){.path = "/", .query = "kind=nonsense&domain=-1&after=x&assignee=%22%3E%3Cscript%3E"});
    assert_int_equal(answer.status, 200);
    assert_false(says("<script>"));
    assert_says("Aucune tâche ne répond à ces filtres");
}

/* Each state by itself, all that wait (as the list opens), and all. */
static void test_the_list_filters_by_state(void **state) {
    fake_tasks[0].task.state = TASK_RESOLVED;
    fake_tasks[1].task.state = TASK_WAITING;
    static const struct {
        const char *query;
        bool closed, waiting, fresh; /* tasks 1, 2 and 3 are listed */
        const char *chosen;
    } cases[] = {
        {NULL, false, true, true, "value=\"open\" selected"},
        {"state=open", false, true, true, "value=\"open\" selected"},
        {"state=new", false, false, true, "value=\"new\" selected"},
        {"state=waiting", false, true, false, "value=\"waiting\" selected"},
        {"state=resolved", true, false, false, "value=\"resolved\" selected"},
        {"state=assigned", false, false, false, "value=\"assigned\" selected"},
        {"state=all", true, true, true, "value=\"all\" selected"},
        {"state=nonsense", false, true, true, "value=\"open\" selected"},
        {"kind=collision&domain=4&state=waiting", false, true, false, "value=\"collision\" selected"},
        {"kind=duplicate&state=waiting", false, false, false, "value=\"duplicate\" selected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ask(&(struct ask){.path = "/", .query = cases[i].query});
        assert_says(cases[i].chosen);
        assert_int_equal(says("/taches/1\""), cases[i].closed);
        assert_int_equal(says("/taches/2\""), cases[i].waiting);
        assert_int_equal(says("/taches/3\""), cases[i].fresh);
    }
    ask(&(struct ask){.path = "/", .query = "state=waiting&domain=4"});
    assert_says("href=\"/?kind=collision&amp;domain=4&amp;state=waiting\""); /* the other filters are kept */
    ask(&(struct ask){.path = "/api/tasks", .query = "state=resolved"});
    assert_says("\"total\":1");
}

static void test_no_insurance_number_in_lists(void **state) {
    get("/");
    assert_false(says("261052901901283"));
    get("/personnes/7");
    assert_says("2 61 •• •• ••• ••• 83");
    assert_false(says("261052901901283"));
}

/* What stands in the way may be a third record: its rule is not said of the pair. */
static void test_a_rule_of_others_names_them(void **state) {
    struct task *task = &fake_tasks[0].task;
    task->rule = SPAN("negative-link");
    get("/taches/1");
    assert_says("Une règle s’oppose au lien");
    assert_false(says("non sur cette paire"));
    task->blocked = task->record_b;
    task->blocker = 13;
    task->blocker_domain = 4;
    task->blocker_local = SPAN("P7");
    get("/taches/1");
    assert_says("Elle porte sur CH-DU-LITTORAL · 88-1204 et CLINIQUE-DES-PINS · P7, non sur cette paire.");
    assert_false(says("Une règle s’oppose au lien"));
    get("/");
    assert_says("En cause : CLINIQUE-DES-PINS · P7. Une décision antérieure");
    get("/api/tasks/1");
    assert_says("\"blocker_domain\":\"CLINIQUE-DES-PINS\",\"blocker_local_id\":\"P7\"");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_the_list_shows_local_identifiers),
        TEST(test_the_list_shows_names),
        TEST(test_the_list_filters),
        TEST(test_the_list_filters_by_state),
        TEST(test_no_insurance_number_in_lists),
        TEST(test_a_rule_of_others_names_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
