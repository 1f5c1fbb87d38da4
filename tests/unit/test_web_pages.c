#include "tests/support/ask_web.h"

#include "web/task_view.h"

#include <jansson.h>

/* -- pages ---------------------------------------------------------------------------------------------------------------- */

static void test_the_pair_says_its_differences(void **state) {
    get("/taches/1");
    assert_says("<caption id=\"pair-caption\">");
    assert_says("LE GOF<mark>F</mark>");
    assert_says("<td class=\"verdict\">différent</td>");
    assert_says("<td class=\"verdict\">jour et mois inversés</td>");
    assert_says("<td class=\"verdict\">même valeur, autre écriture</td>");
    assert_says("<td class=\"verdict\">absent à droite</td>");
    assert_says("12/05/1961");
    assert_says("même premier prénom");
    assert_says("97,3\xc2\xa0%");
    assert_says("+27,6 bits");
    assert_says("Y comptent la version 3 de A, du 28/05/2026\xc2\xa0");
    assert_says("Les valeurs antérieures de ces enregistrements comptent aussi");
    assert_says("Une version mise à l’écart n’y compte pas.");
}

static void test_peer_bytes_are_never_markup(void **state) {
    static const char *const paths[] = {"/taches/2", "/taches/6", "/messages/501", "/messages"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        get(paths[i]);
        assert_int_equal(answer.status, 200);
        assert_false(says("<script>alert"));
        assert_false(says("<b>MARTIN"));
        assert_false(says("\"O&K\""));
    }
    get("/taches/6");
    assert_says("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
}

static void test_the_blamed_field_is_named(void **state) {
    get("/messages/501");
    assert_says("<details class=\"segment blamed\" open><summary><b class=\"mono\">PID</b> désigné par l’erreur</summary>");
    assert_says("<th scope=\"row\" class=\"mono\">PID-7</th><td><span class=\"mono\">19850231</span> <b>désigné par l’erreur</b>");
    assert_says("<th scope=\"row\" class=\"mono\">MSH-10</th>");
}

static void test_peers_and_what_they_did_not_take(void **state) {
    static const struct peer dpi = {.id = 3,
                                    .name = {"dpi<b>", 6},
                                    .notify = NOTIFY_PAM,
                                    .texts = {[PEER_APPLICATION] = {"DPI", 3},
                                              [PEER_FACILITY] = {"SUD", 3},
                                              [PEER_HOST] = {"dpi.sud", 7},
                                              [PEER_PORT] = {"2575", 4}}};
    static const struct peer *const peers[] = {&dpi};
    get("/correspondants");
    assert_says("Aucun correspondant n\xe2\x80\x99"
                "est d\xc3\xa9"
                "clar\xc3\xa9");
    fake_peers.list = (struct peer_list){peers, 1};
    fake_peers.activity = (struct peer_activity){.last_us = 1700000000000000,
                                                 .last_event = "A31",
                                                 .last_result = FEED_ERROR,
                                                 .hour_messages = 1200,
                                                 .hour_refused = 12,
                                                 .told_us = 1700000000000000,
                                                 .trouble = "AE 204 <i>not known"};
    fake_peers.open = (struct outbox_count){.peer = 3, .waiting = 7, .held = 2, .dead = 1, .oldest_us = 1700000000000000};
    fake_peers.dead = (struct dead_notification){
        .id = 4711, .event = SPAN("A31"), .answer = SPAN("AE 204"), .behind = 2, .at_us = 1700000000000000};
    get("/correspondants");
    assert_int_equal(answer.status, 200);
    assert_says("dpi&lt;b&gt;");
    assert_says("A31 \xc2\xb7 AE");
    assert_says("1,0\xc2\xa0%");
    assert_says("dpi.sud:2575</span>, sans TLS");
    assert_says("AE 204 &lt;i&gt;not known");
    assert_says("<a class=\"late\" href=\"#dead-3\">non pris\xc2\xa0: 1");
    assert_says("la plus ancienne\xc2\xa0: ");
    assert_says("id=\"dead-3\"");
    assert_says("dernière prise\xc2\xa0: 14/11/2023");
    assert_says("sosie peer skip dpi&lt;b&gt; 4711");
    ask(&(struct ask){.path = "/peers", .query = "lang=en"});
    assert_says("Still to tell");
    assert_says("<a class=\"late\" href=\"#dead-3\">not taken: 1");
    fake_peers.list = (struct peer_list){0};
    fake_peers.dead.id = fake_peers.open.peer = 0;
}

static void test_the_verdicts_of_the_eye(void **state) {
    static const struct {
        enum trait_row row;
        const char *a, *b;
        enum verdict verdict;
    } rows[] = {
        {ROW_FAMILY, "", NULL, VERDICT_BOTH_MISSING},
        {ROW_FAMILY, "LE GOFF", "LE GOFF", VERDICT_SAME},
        {ROW_FAMILY, "LE GOFF", "Le-Goff", VERDICT_FORM},
        {ROW_GIVEN, "HÉLOÏSE", "Heloise", VERDICT_FORM},
        {ROW_FAMILY, "--", "..", VERDICT_DIFFERENT},
        {ROW_FAMILY, "A", "", VERDICT_ONLY_A},
        {ROW_FAMILY, "", "A", VERDICT_ONLY_B},
        {ROW_BIRTH_DATE, "19610512", "19611205", VERDICT_SWAPPED},
        {ROW_BIRTH_DATE, "1961", "19611205", VERDICT_PARTIAL},
        {ROW_BIRTH_DATE, "196112", "19611205", VERDICT_PARTIAL},
        {ROW_BIRTH_DATE, "19610512", "19620512", VERDICT_DIFFERENT},
        {ROW_BIRTH_DATE, "19", "19620512", VERDICT_DIFFERENT},
        {ROW_TELECOM, "+331\n+332", "+333\n+331", VERDICT_SHARED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum verdict verdict = pair_verdict(rows[i].row, span_of(rows[i].a), span_of(rows[i].b));
        if (verdict != rows[i].verdict)
            fail_msg("%s | %s: %d, not %d", rows[i].a, rows[i].b, verdict, rows[i].verdict);
    }
}

static void test_masks(void **state) {
    assert_span(ins_mask(arena, SPAN("261052901901283")), "2 61 •• •• ••• ••• 83");
    assert_span(ins_mask(arena, SPAN("2610529019012")), "• •• •• •• ••• •••");
    assert_span(ins_mask(arena, SPAN("12")), "••");
    assert_span(ins_mask(arena, SPAN("")), "");
}

static void test_figures_in_words(void **state) {
    struct page page = {.web = web, .arena = arena, .lang = LANG_FR};
    assert_span(page_count(&page, 0), "0");
    assert_span(page_count(&page, 999), "999");
    assert_span(page_count(&page, 1000), "1\xe2\x80\xaf"
                                         "000");
    assert_span(page_count(&page, 1234567), "1\xe2\x80\xaf"
                                            "234\xe2\x80\xaf"
                                            "567");
    assert_span(page_signed(&page, -1.74, 1), "\xe2\x88\x92"
                                              "1,7");
    assert_span(page_signed(&page, -0.01, 1), "0,0");
    assert_span(page_signed(&page, 2.25, 1), "+2,2");
    assert_span(page_percent(&page, 0.9731), "97,3\xc2\xa0%");
    assert_span(page_percent(&page, 0.9999), "99,99\xc2\xa0%");
    assert_span(page_percent(&page, 0.999998), ">\xc2\xa0"
                                               "99,999\xc2\xa0%");
    assert_span(page_percent(&page, 0.000002), "<\xc2\xa0"
                                               "0,001\xc2\xa0%");
    assert_span(page_percent(&page, 0), "0,0\xc2\xa0%");
    assert_span(page_chance(&page, 0.9731), "97,3\xc2\xa0%");
    assert_span(page_chance(&page, 1), ">\xc2\xa0"
                                       "99,999\xc2\xa0%");
    assert_span(page_chance(&page, 0.999999999), ">\xc2\xa0"
                                                 "99,999\xc2\xa0%");
    assert_span(page_chance(&page, 0), "<\xc2\xa0"
                                       "0,001\xc2\xa0%");
    assert_span(page_percent(&page, 0.00002), "0,002\xc2\xa0%");
    assert_span(page_percent(&page, 1), "100,0\xc2\xa0%");
    assert_span(page_hl7_date(&page, SPAN("19610512")), "12/05/1961");
    assert_span(page_hl7_date(&page, SPAN("196105")), "05/1961");
    assert_span(page_hl7_date(&page, SPAN("1961")), "1961");
    assert_span(page_hl7_date(&page, SPAN("soon")), "soon");
    page.lang = LANG_EN;
    assert_span(page_hl7_date(&page, SPAN("19610512")), "12 May 1961");
    assert_span(page_hl7_date(&page, SPAN("19619912")), "12 ? 1961");
    assert_span(page_percent(&page, 0.5), "50.0%");
}

static void test_reasons_of_any_shape(void **state) {
    struct reasons reasons;
    assert_false(reasons_parse(SPAN(""), arena, &reasons));
    assert_false(reasons_parse(SPAN("not json"), arena, &reasons));
    assert_false(reasons_parse(SPAN("[1]"), arena, &reasons));
    assert_true(reasons_parse(SPAN("{}"), arena, &reasons));
    assert_int_equal(reasons.count, 0);
    assert_true(
        reasons_parse(SPAN("{\"fields\":[{\"field\":3,\"weight_bits\":\"x\"},null],\"posterior\":\"0.1\"}"), arena, &reasons));
    assert_int_equal(reasons.count, 2);
    assert_true(reasons_parse(span_of(FAKE_EVIDENCE), arena, &reasons));
    assert_int_equal(reasons.count, 7);
    assert_true(reasons.items[5].missing);
    assert_false(reasons.items[0].missing);
}

/* -- outcomes ------------------------------------------------------------------------------------------------------------- */

static void check_refused(const char *fields, const char *words, int status) {
    post("/taches/1", fields);
    if (answer.status != status)
        fail_msg("%s: status %d", fields, answer.status);
    assert_says(words);
    assert_int_equal(fake_tasks[0].task.state, TASK_OPEN);
}

static void test_what_is_missing_is_named_at_its_field(void **state) {
    check_refused("seen=1-0&author=A&reason=r", "Choisissez ce qu’il faut faire", 422);
    check_refused("seen=1-0&outcome=nonsense&author=A&reason=r", "Choisissez ce qu’il faut faire", 422);
    check_refused("seen=1-0&outcome=accept-other&author=A&reason=r", "n’est pas offerte", 422);
    check_refused("seen=1-0&outcome=link&reason=r", "id=\"author-error\">Écrivez votre nom", 422);
    check_refused("seen=1-0&outcome=link&author=+&reason=r", "id=\"author-error\">Écrivez votre nom", 422);
    check_refused("seen=1-0&outcome=link&author=A", "id=\"reason-error\">Écrivez le motif", 422);
    assert_says("id=\"reason\" name=\"reason\" aria-describedby=\"reason-hint reason-error\" aria-invalid=\"true\"");
    check_refused("seen=1-0&outcome=link&author=A&reason=r&second_author=a", "doit être une autre", 422);
    check_refused("seen=1-0&outcome=assign&author=A", "à qui la tâche est assignée", 422);
    check_refused("seen=7-0&outcome=link&author=A&reason=r", "Quelqu’un a agi", 409);
    check_refused("outcome=link&author=A&reason=r", "Quelqu’un a agi", 409);
}

/* Offered is what would be taken; of the rest the page says why not, and does not let it be chosen. */
static void test_what_cannot_be_is_said(void **state) {
    fake_tasks[0].refusals[OUTCOME_LINK] = "there are no two records to merge";
    get("/taches/1");
    assert_false(says("id=\"outcome-link\""));
    assert_says("id=\"outcome-different\"");
    assert_says("Pas possible à présent</p>");
    assert_says("<b>Lier : c’est la même personne</b> <span>il n’y a pas deux enregistrements à fusionner</span>");
    ask(&(struct ask){.path = "/tasks/1", .query = "lang=en"});
    assert_says("<span>there are no two records to merge</span>");
    get("/api/tasks/1");
    assert_says("\"refused\":{\"link\":\"there are no two records to merge\"}");
    assert_false(says("[\"link\""));
    get("/taches/2");
    assert_false(says("Pas possible à présent"));
}

/* Two held merges of the same records may differ in this alone. */
static void test_a_held_merge_names_who_stays(void **state) {
    fake_tasks[0].task.rule = SPAN("merge-held: different-ins");
    fake_tasks[0].task.local_a = SPAN("10012");
    fake_tasks[0].task.local_b = SPAN("10048");
    get("/taches/1");
    assert_says("<p class=\"today\">Fusion demandée : 10048 disparaît, 10012 reste.</p>");
}

static void test_an_undo_that_brought_nothing_back_says_so(void **state) {
    fake_add(&fake_tasks[0], "A. Martin", NULL, "undo", "erreur");
    ask(&(struct ask){.path = "/taches/1", .query = "done=undo"});
    assert_false(says("rien n’est revenu"));
    fake_add(&fake_tasks[0], "A. Martin", NULL, "undo-empty", "what it had changed was changed again since: nothing came back");
    ask(&(struct ask){.path = "/taches/1", .query = "done=undo"});
    assert_says("Décision annulée, mais rien n’est revenu");
    assert_says("<th scope=\"row\">rien n’est revenu</th><td>ce qu’elle avait changé a encore changé depuis");
}

static void test_what_was_typed_is_kept(void **state) {
    post("/taches/1", "seen=1-0&outcome=different&author=%3CA%3E&second_author=B%22");
    assert_says("id=\"author\" name=\"author\"");
    assert_says("value=\"&lt;A&gt;\"");
    assert_says("value=\"B&quot;\"");
    assert_says("value=\"different\" aria-describedby=\"hint-different\" required checked>");
}

static void test_a_text_that_is_too_long_or_no_text_is_refused(void **state) {
    char *reason = arena_calloc(arena, 1, TEXT_LIMIT_BYTES + 2);
    memset(reason, 'r', TEXT_LIMIT_BYTES + 1);
    check_refused(arena_printf(arena, "seen=1-0&outcome=link&author=A&reason=%s", reason), "trop long (2000 octets", 422);
    check_refused("seen=1-0&outcome=link&author=%FF%FE&reason=r", "illisible", 400);
}

static void test_a_veto_asks_for_a_second_person(void **state) {
    post("/taches/6", "seen=1-0&outcome=link&author=A&reason=r");
    assert_int_equal(answer.status, 403);
    assert_says("id=\"second_author-error\">");
    assert_says("passe outre une règle");
    post("/taches/6", "seen=1-0&outcome=link&author=A&second_author=B&reason=r");
    assert_int_equal(answer.status, 303);
    assert_int_equal(fake_tasks[5].task.state, TASK_RESOLVED);
}

static void test_the_refusal_of_identity_is_told(void **state) {
    error_set(&fake_identity.next_review_error, ERROR_UNAVAILABLE, "", "not the writer");
    check_refused(fine_fields, "Rien n’a été changé", 503);
    assert_says("not the writer");
}

static void test_link_then_undo(void **state) {
    post("/taches/1", fine_fields);
    ask(&(struct ask){.path = "/taches/1", .query = "done=link"});
    assert_says("role=\"status\">C’est enregistré");
    assert_says("A. Martin");
    assert_says("value=\"undo\"");
    assert_false(says("value=\"different\""));
    post("/taches/1", "seen=2-0&outcome=undo&author=A&reason=erreur");
    assert_span(header("Location"), "/taches/1?done=undo");
    assert_int_equal(fake_tasks[0].task.state, TASK_REOPENED);
    assert_false(fake_tasks[0].linked);
}

static void test_the_author_is_remembered(void **state) {
    post("/taches/1", "seen=1-0&outcome=link&author=Zo%C3%A9+O%27Neil&reason=vu");
    assert_non_null(strstr(header("Set-Cookie").ptr, "sosie_author=Zo%C3%A9%20O%27Neil;"));
    ask(&(struct ask){.path = "/taches/2", .cookie = "sosie_author=Zo%C3%A9%20O%27Neil"});
    assert_says("value=\"Zoé O&#39;Neil\"");
}

/* 119 letters and one of two bytes: no half of it may stand on the page. */
static void test_a_name_is_cut_at_a_letter(void **state) {
    char name[128];
    memset(name, 'a', 119);
    memcpy(name + 119, "\xc3\xa9", 3);
    ask(&(struct ask){.path = "/taches/2", .cookie = arena_printf(arena, "sosie_author=%s", name)});
    assert_true(span_is_utf8(answer.body));
    name[119] = '\0';
    assert_says(arena_printf(arena, "value=\"%s\"", name));
}

static void test_replay(void **state) {
    post("/messages/501/replay", "author=");
    assert_int_equal(answer.status, 422);
    assert_says("id=\"author-error\"");
    post("/messages/501/replay", "author=Refus");
    assert_int_equal(answer.status, 409);
    assert_says("la date n’est pas un jour du calendrier");
    assert_false(says("the date is not"));
    post("/messages/501/replay", "author=A");
    assert_int_equal(answer.status, 303);
    assert_span(header("Location"), "/messages/501?done=replay");
    web->options.replay = NULL;
    get("/messages/501");
    assert_false(says("/replay\""));
    post("/messages/501/replay", "author=A");
    assert_int_equal(answer.status, 404);
}

static void test_a_person_is_found_by_identifier(void **state) {
    post("/personnes", "domain=2&value=100234");
    assert_int_equal(answer.status, 303);
    assert_span(header("Location"), "/personnes/7");
    post("/personnes", "domain=2&value=nobody");
    assert_int_equal(answer.status, 422);
    assert_says("Aucune personne");
    post("/personnes", "domain=99&value=100234");
    assert_says("Aucune personne");
    post("/personnes", "domain=1&value=SPLIT");
    assert_says("plusieurs personnes");
    post("/personnes", "domain=2&value=");
    assert_says("Écrivez un identifiant");
}

/* -- the decisions about a person ----------------------------------------------------------------------------------------- */

static void test_a_person_shows_its_decisions(void **state) {
    get("/personnes/7");
    assert_int_equal(answer.status, 200);
    assert_says("Ses décisions");
    assert_says("liés par le moteur");
    assert_says("A. Martin et B. Le Gall");
    assert_says("&lt;i&gt;deux&lt;/i&gt; sœurs");
    assert_false(says("<i>deux"));
    assert_says("href=\"/personnes/9\""); /* the other side of the separation */
    assert_says("à l’arrivée d’un message de GAM|CHU-NORD");
    assert_says("Annulée par la décision 10");
    assert_says("id=\"decision-12\"");
    const char *list = span_cstr(answer.body, arena), *twelve = strstr(list, "id=\"decision-12\"");
    assert_null(strstr(twelve + 1, "id=\"decision-12\"")); /* named by two records, told once */
    assert_true(strstr(list, "id=\"decision-14\"") < twelve);
    assert_says("<input type=\"hidden\" name=\"decision\" value=\"12\">");
    assert_false(says("name=\"decision\" value=\"9\""));
    ask(&(struct ask){.path = "/persons/7", .query = "lang=en"});
    assert_says("Its decisions");
    assert_says("linked by the engine");
}

static void test_a_decision_is_taken_back(void **state) {
    post("/personnes/7", "decision=12&author=C.+Durand&reason=");
    assert_int_equal(answer.status, 422);
    assert_says("id=\"reason-12-error\"");
    assert_says("value=\"C. Durand\"");
    assert_says("<details class=\"undo\" open>");
    post("/personnes/7", "decision=12&author=&reason=erreur");
    assert_says("id=\"author-12-error\"");
    assert_says(">erreur</textarea>");
    assert_int_equal(fake_identity.undone, 0);
    post("/personnes/7", "decision=12&author=C.+Durand&reason=erreur");
    assert_int_equal(answer.status, 303);
    assert_span(header("Location"), "/personnes/7?done=undo");
    assert_int_equal(fake_act.act, ACT_UNDO);
    assert_int_equal(fake_act.decision, 12);
    assert_span(fake_act.author, "C. Durand");
    assert_span(fake_act.reason, "erreur");
    ask(&(struct ask){.path = "/personnes/7", .query = "done=undo"});
    assert_says("l’état d’avant est revenu");
    assert_says("Annulée par la décision 77");
}

static void test_what_cannot_be_taken_back_is_refused(void **state) {
    static const char *const decisions[] = {"9", "99", "", "x"}; /* undone already, another person's, none */
    for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++) {
        post("/personnes/7", arena_printf(arena, "decision=%s&author=C&reason=erreur", decisions[i]));
        assert_int_equal(answer.status, 409);
        assert_says("déjà annulée");
    }
    assert_int_equal(fake_identity.undone, 0);
    error_set(&fake_identity.next_review_error, ERROR_RULE, "decision",
              "this decision changed nothing: there is nothing to take back");
    post("/personnes/7", "decision=12&author=C&reason=erreur");
    assert_int_equal(answer.status, 409);
    assert_says("rien changé : il n’y a rien à annuler");
}

static void test_a_joined_person_leads_to_the_other(void **state) {
    get("/personnes/8");
    assert_int_equal(answer.status, 303);
    assert_span(header("Location"), "/personnes/7");
    ask(&(struct ask){.path = "/personnes/8", .query = "done=undo"});
    assert_span(header("Location"), "/personnes/7?done=undo");
    get("/personnes/5");
    assert_int_equal(answer.status, 404);
}

static void test_a_parted_person_shows_where_its_records_are(void **state) {
    get("/personnes/6");
    assert_int_equal(answer.status, 200);
    assert_says("chez plusieurs personnes");
    assert_says("href=\"/personnes/7\"");
    assert_says("100234");
    assert_false(says("role=\"status\""));
    assert_false(says("href=\"/personnes/9\"")); /* which this asker may not see */
    ask(&(struct ask){.path = "/persons/6", .query = "done=undo&lang=en"});
    assert_says("the former state is restored");
    assert_says("href=\"/persons/7\"");
    post("/personnes/6", "decision=12&author=C&reason=erreur"); /* of a page that is no longer so */
    assert_int_equal(answer.status, 200);
    assert_int_equal(fake_identity.undone, 0);
    get("/personnes/4");
    assert_int_equal(answer.status, 404);
}

static void test_a_consequence_does_not_say_that_it_changed_nothing(void **state) {
    get("/personnes/7");
    assert_says("suite d’une décision ou d’un message");
    assert_false(says("N’a rien changé"));
}

/* -- JSON ----------------------------------------------------------------------------------------------------------------- */

static json_t *json(void) {
    json_t *root = json_loadb(answer.body.ptr, answer.body.len, JSON_REJECT_DUPLICATES, NULL);
    if (!root)
        fail_msg("no JSON: %.*s", SPAN_ARG(answer.body));
    return root;
}

static void test_the_api_lists_and_pages(void **state) {
    ask(&(struct ask){.path = "/api/tasks", .query = "most=2"});
    json_t *root = json();
    assert_int_equal(json_integer_value(json_object_get(root, "total")), FAKE_TASKS);
    assert_int_equal(json_array_size(json_object_get(root, "tasks")), 2);
    assert_int_equal(json_integer_value(json_object_get(root, "next")), 2);
    json_decref(root);
    ask(&(struct ask){.path = "/api/tasks", .query = "kind=collision"});
    root = json();
    assert_int_equal(json_integer_value(json_object_get(root, "total")), 1);
    assert_true(json_is_null(json_object_get(root, "next")));
    json_decref(root);
}

static void test_the_api_reviews(void **state) {
    ask(&(struct ask){.method = "POST",
                      .path = "/api/tasks/1/review",
                      .type = "application/json",
                      .body = "{\"outcome\":\"different\",\"author\":\"A\",\"reason\":\"r\"}"});
    assert_int_equal(answer.status, 200);
    json_t *root = json();
    assert_string_equal(json_string_value(json_object_get(json_object_get(root, "task"), "state")), "resolved");
    assert_string_equal(json_string_value(json_object_get(json_object_get(root, "task"), "outcome")), "different");
    assert_int_equal(json_array_size(json_object_get(root, "sides")), 2);
    json_decref(root);
    static const char *const bad[] = {"", "[]", "{\"outcome\":\"x\",\"author\":\"A\"}", "{\"outcome\":\"link\"}",
                                      "{\"outcome\":3,\"author\":\"A\"}"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ask(&(struct ask){.method = "POST", .path = "/api/tasks/2/review", .type = "application/json", .body = bad[i]});
        assert_in_range(answer.status, 400, 422);
        root = json();
        assert_non_null(json_object_get(json_object_get(root, "error"), "text"));
        json_decref(root);
    }
    assert_int_equal(fake_tasks[1].task.state, TASK_OPEN);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_the_pair_says_its_differences),
        TEST(test_peer_bytes_are_never_markup),
        TEST(test_the_blamed_field_is_named),
        TEST(test_peers_and_what_they_did_not_take),
        TEST(test_the_verdicts_of_the_eye),
        TEST(test_masks),
        TEST(test_figures_in_words),
        TEST(test_reasons_of_any_shape),
        TEST(test_what_is_missing_is_named_at_its_field),
        TEST(test_what_cannot_be_is_said),
        TEST(test_a_held_merge_names_who_stays),
        TEST(test_an_undo_that_brought_nothing_back_says_so),
        TEST(test_what_was_typed_is_kept),
        TEST(test_a_text_that_is_too_long_or_no_text_is_refused),
        TEST(test_a_veto_asks_for_a_second_person),
        TEST(test_the_refusal_of_identity_is_told),
        TEST(test_link_then_undo),
        TEST(test_the_author_is_remembered),
        TEST(test_a_name_is_cut_at_a_letter),
        TEST(test_replay),
        TEST(test_a_person_is_found_by_identifier),
        TEST(test_a_person_shows_its_decisions),
        TEST(test_a_decision_is_taken_back),
        TEST(test_what_cannot_be_taken_back_is_refused),
        TEST(test_a_joined_person_leads_to_the_other),
        TEST(test_a_parted_person_shows_where_its_records_are),
        TEST(test_a_consequence_does_not_say_that_it_changed_nothing),
        TEST(test_the_api_lists_and_pages),
        TEST(test_the_api_reviews),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
