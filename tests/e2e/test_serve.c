/*
 * `sosie serve` and its commands end to end: the real program, a real PostgreSQL, the real ports and the control socket. What each
 * command says, what a start refuses, and what happens when the database, the settings or the server itself go away.
 */
#include "base/arena.h"
#include "base/span.h"
#include "tests/e2e/live_group.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUN(...) LIVE_RUN(&server, &said, __VA_ARGS__)

static void assert_said(const char *text) {
    if (!strstr(said.out, text))
        fail_msg("\"%s\" is not in:\n%s%s", text, said.out, said.err);
}

static void assert_complained(const char *text) {
    if (!strstr(said.err, text))
        fail_msg("\"%s\" is not in:\n%s%s", text, said.err, said.out);
}

/* A28 of somebody under CHU:id, as one file. */
static const char *feed_file(const char *facility, const char *control_id, const char *id, const char *family) {
    char text[1024];
    snprintf(text, sizeof text,
             "MSH|^~\\&|GAM|%s|SOSIE|REGION|20260101120000||ADT^A28^ADT_A05|%s|P|2.5||||||UNICODE UTF-8\n"
             "EVN||20260101120000\n"
             "PID|||%s^^^%s^PI||%s^ANNE^ANNE LOUISE^^^^L||19840317|F|||1 RUE DU "
             "PORT^^BESANCON^^25000^FRA^H~^^BESANCON^^25000^FRA^BDL^^25056"
             "|||||||||||||||||||||VALI\nPV1||N\n",
             facility, control_id, id, facility, family);
    return live_write(&server, "feed.hl7", text);
}

/* -- starting ------------------------------------------------------------------------------------------------------------- */

static void test_start_without_a_scheme_says_migrate(void **state) {
    struct live_server fresh;
    live_make(&fresh, test_postgres_database(postgres, "fresh"), NULL);
    live_start_in_vain(&fresh, &said);
    assert_int_equal(said.exit_code, 1);
    assert_complained("sosie migrate");
    live_remove(&fresh);
}

static void test_start_without_a_regional_domain_prints_the_command(void **state) {
    struct live_server fresh;
    live_make(&fresh, test_postgres_database(postgres, "fresh"), NULL);
    LIVE_RUN(&fresh, &said, "migrate");
    live_start_in_vain(&fresh, &said);
    assert_int_equal(said.exit_code, 1);
    assert_complained("sosie domain add REGION --kind regional --oid");
    assert_complained(fresh.config);
    live_remove(&fresh);
}

static void test_a_wrong_database_is_a_clear_error(void **state) {
    char wrong[600];
    struct live_server fresh;
    snprintf(wrong, sizeof wrong, "%s dbname=nowhere", url);
    live_make(&fresh, wrong, NULL);
    live_start_in_vain(&fresh, &said);
    assert_int_equal(said.exit_code, 1);
    assert_complained("sosie: database.url: ");
    assert_complained("database \"nowhere\" does not exist");
    LIVE_RUN(&fresh, &said, "domain", "list");
    assert_int_equal(said.exit_code, 1);
    assert_complained("sosie: database.url: ");
    live_remove(&fresh);
}

static void test_migrating_again_changes_nothing(void **state) {
    WELL("migrate");
    assert_said("nothing to do");
}

static void test_one_pid_file_one_server(void **state) {
    live_start(&server);
    struct live_server second = server;
    live_start_in_vain(&second, &said);
    assert_int_equal(said.exit_code, 1);
    assert_complained("another server holds");
    assert_int_equal(live_stop(&server, SIGTERM), 0);
}

static void test_a_taken_port_is_a_clear_error(void **state) {
    char line[64];
    live_start(&server);
    struct live_server second;
    live_make(&second, url, NULL);
    snprintf(line, sizeof line, "mllp.port = %u", server.mllp_port);
    char text[512];
    snprintf(text, sizeof text, "database.url = %s\ndata.directory = %s/data\ncontrol.socket = %s/c.sock\nhttp.port = 0\n%s\n", url,
             second.folder, second.folder, line);
    live_write(&second, "sosie.conf", text);
    live_start_in_vain(&second, &said);
    assert_int_equal(said.exit_code, 1);
    snprintf(line, sizeof line, "sosie: mllp.port: port %u of 127.0.0.1 is taken", server.mllp_port);
    assert_complained(line);
    assert_complained("set another port");
    live_remove(&second);
}

static void test_it_stops_cleanly(void **state) {
    char path[128];
    live_start(&server);
    assert_int_equal(live_stop(&server, SIGINT), 0);
    snprintf(path, sizeof path, "%s/control.sock", server.folder);
    assert_int_not_equal(access(path, F_OK), 0);
    snprintf(path, sizeof path, "%s/server.pid", server.folder);
    assert_int_not_equal(access(path, F_OK), 0);
    live_start(&server);
    assert_int_equal(live_stop(&server, SIGKILL), -SIGKILL);
    live_start(&server); /* over the socket and the pid file that were left */
    assert_true(live_wait_ready(&server, 200, "writer"));
    WELL("status");
    assert_said("writer: takes feeds");
}

/* -- commands ------------------------------------------------------------------------------------------------------------- */

static struct span read_file(const char *path, struct arena *arena) {
    enum { MOST = 1 << 18 };
    char *text = arena_alloc(arena, MOST);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t got = fread(text, 1, MOST - 1, file);
    fclose(file);
    text[got] = '\0';
    return span_make(text, got);
}

/* Issue 2, "Out": what /metrics must tell, each as the beginning of a sample's line. */
static void assert_every_metric(void) {
    static const char *const samples[] = {
        "sosie_feeds_total{event=\"A28\",outcome=\"AA\"} ",
        "sosie_feeds_total{event=\"A28\",outcome=\"AE\"} ",
        "sosie_lane_batch_size_bucket{le=\"1\"} ",
        "sosie_lane_batch_size_count ",
        "sosie_lane_step_seconds_bucket{step=\"read\",le=",
        "sosie_lane_step_seconds_count{step=\"read\"} ",
        "sosie_lane_step_seconds_count{step=\"decide\"} ",
        "sosie_lane_step_seconds_count{step=\"write\"} ",
        "sosie_lane_step_seconds_count{step=\"publish\"} ",
        "sosie_hl7_seconds_bucket{event=\"A28\",le=",
        "sosie_lane_queue ",
        "sosie_index_records ",
        "sosie_index_rows ",
        "sosie_index_names ",
        "sosie_index_keys ",
        "sosie_index_bytes ",
        "sosie_index_hot_keys ",
        "sosie_links_total{zone=\"link\"} ",
        "sosie_links_total{zone=\"review\"} ",
        "sosie_links_total{zone=\"apart\"} ",
        "sosie_links_made_total{kind=\"score\"} ",
        "sosie_links_made_total{kind=\"declared\"} ",
        "sosie_links_made_total{kind=\"decision\"} ",
        "sosie_links{kind=\"score\"} ",
        "sosie_dead_letters ",
        "sosie_tasks_held ",
        "sosie_tasks_open{kind=\"duplicate\",domain=\"CHU\"} ",
        "sosie_tasks_open{kind=\"dead-letter\",domain=",
        "sosie_records ",
        "sosie_persons ",
        "sosie_change ",
        "sosie_mllp_connections ",
        "sosie_http_seconds_count{",
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        assert_said(samples[i]);
}

/* Every name that /metrics told is explained to operators. */
static void assert_every_metric_explained(void) {
    struct arena *arena = arena_new(1 << 20);
    struct span manual = read_file(SOSIE_SOURCE_DIR "/docs/operations.md", arena), rest = span_of(said.out), line, name;
    size_t names = 0;
    while (span_cut(&rest, '\n', &line)) {
        if (!span_starts(line, SPAN("# TYPE ")))
            continue;
        line = span_sub(line, 7, line.len);
        (void)span_cut(&line, ' ', &name);
        if (!strstr(manual.ptr, arena_printf(arena, "`%.*s`", SPAN_ARG(name))))
            fail_msg("docs/operations.md does not tell what %.*s is", SPAN_ARG(name));
        names++;
    }
    assert_true(names > 20);
    arena_free(arena);
}

static void test_every_metric_is_there(void **state) {
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
    WELL("send", feed_file("CHU", "M1", "1", "MOREL"));
    WELL("send", feed_file("CHU", "M2", "2", "MOREL"));
    WELL("send", feed_file("NOWHERE", "M3", "1", "MOREL"));
    assert_int_equal(live_get(&server, "/health", &said), 200);
    assert_int_equal(live_get(&server, "/", &said), 200);
    assert_int_equal(live_get(&server, "/metrics", &said), 200);
    assert_every_metric();
    assert_every_metric_explained();
    assert_said("sosie_links_total{zone=\"review\"} 1\n");
    assert_said("sosie_links_total{zone=\"link\"} 0\n");
}

static void test_probes(void **state) {
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "\"state\":\"writer\""));
    assert_int_equal(live_get(&server, "/health", &said), 200);
    assert_said("\"alive\":true");
    WELL("send", feed_file("CHU", "P1", "1", "MOREL"));
    WELL("send", feed_file("NOWHERE", "P2", "1", "MOREL"));
    assert_int_equal(live_get(&server, "/metrics", &said), 200);
    assert_said("sosie_records 1\n");
    assert_said("sosie_index_records 1\n");
    assert_said("sosie_index_hot_keys 0\n");
    assert_said("sosie_state{state=\"writer\"} 1\n");
    assert_said("sosie_dead_letters 1\n");
    assert_said("sosie_feeds_total{event=\"A28\",outcome=\"AA\"} 1\n");
    assert_said("sosie_tasks_open{kind=\"dead-letter\",domain=");
    assert_int_equal(live_get(&server, "/fhir/metadata", &said), 200);
    assert_int_equal(live_get(&server, "/fhir/Patient?family=%zz", &said), 400);
    assert_said("\"resourceType\":\"OperationOutcome\"");
    assert_int_equal(live_get(&server, "/messages?control_id=%zz", &said), 400);
    assert_null(strstr(said.out, "OperationOutcome"));
    assert_int_equal(live_get(&server, "/", &said), 200);
}

static void test_send_and_query(void **state) {
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
    WELL("send", feed_file("CHU", "S1", "100", "LEFÈVRE"));
    assert_said("A28     1   0   0      0           0");
    WELL("query", "pix", "100^^^CHU");
    assert_said("REGION");
    WELL("query", "pdq", "--family", "lefevre", "--birthdate", "1984-03-17");
    assert_said("LEFÈVRE");
    assert_said("CHU:100");
    WELL("query", "pdq", "--id", "CHU:100", "--raw");
    assert_said("@PID.3.1^100~@PID.3.4.1^CHU");
    assert_said("MSA|AA|");
    RUN("query", "pix", "CHU:101");
    assert_int_equal(said.exit_code, 1);
    assert_complained("204");
    WELL("log", "S1");
    assert_said("accepted (AA)");
    RUN("log", "S2");
    assert_int_equal(said.exit_code, 1);
    WELL("check", "--index", "--audit");
    assert_said("check-index: good");
    assert_said("check-audit: good");
}

/* Issue 2: a new domain takes effect at once, without a restart; a dead letter is replayed once its cause is gone. */
static void test_a_new_domain_at_once_then_replay(void **state) {
    char id[24];
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
    WELL("send", feed_file("CLINIQUE", "D1", "7", "MOREL"));
    assert_said("Not accepted");
    WELL("replay", "--list", "--json");
    json_t *letters = json_loads(said.out, 0, NULL);
    assert_int_equal(json_array_size(letters), 1);
    snprintf(id, sizeof id, "%lld", (long long)json_integer_value(json_object_get(json_array_get(letters, 0), "id")));
    json_decref(letters);
    RUN("replay", id);
    assert_int_equal(said.exit_code, 1);
    WELL("domain", "add", "CLINIQUE", "--kind", "hospital", "--sender", "GAM|CLINIQUE");
    WELL("replay", "--all");
    assert_said("1 accepted, 0 still refused");
    WELL("replay", "--list");
    assert_said("No dead letters.");
    WELL("log", "D1", "--json");
    letters = json_loads(said.out, 0, NULL);
    for (size_t i = 0; i < json_array_size(letters); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(letters, i), "result")), "AA") == 0)
            snprintf(id, sizeof id, "%lld", (long long)json_integer_value(json_object_get(json_array_get(letters, i), "id")));
    json_decref(letters);
    RUN("replay", id); /* the one that took effect */
    assert_int_equal(said.exit_code, 1);
    assert_complained("took effect: it is no dead letter");
    WELL("domain", "show", "CLINIQUE");
    assert_said("GAM|CLINIQUE");
    RUN("domain", "add", "CLINIQUE", "--kind", "hospital");
    assert_int_equal(said.exit_code, 1);
    RUN("domain", "show", "CLINIQEU");
    assert_complained("did you mean \"CLINIQUE\"?");
}

static json_int_t first_task(const char *kind) {
    WELL("task", "list", "--kind", kind, "--json");
    json_t *answer = json_loads(said.out, 0, NULL);
    json_int_t id = json_integer_value(json_object_get(json_array_get(json_object_get(answer, "tasks"), 0), "id"));
    json_decref(answer);
    return id;
}

/* Two records of one domain that match are a duplicate: a task, with an exit and a way back. */
static void test_tasks_and_explanation(void **state) {
    char id[24];
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
    WELL("send", feed_file("CHU", "T1", "1", "MOREL"));
    WELL("send", feed_file("CHU", "T2", "2", "MOREL"));
    WELL("explain", "CHU:1", "2^^^CHU");
    assert_said("birth-date");
    assert_said("verdict");
    snprintf(id, sizeof id, "%lld", (long long)first_task("duplicate"));
    WELL("task", "show", id);
    assert_said("CHU:1");
    assert_said("Outcomes");
    RUN("task", "resolve", id, "--outcome", "different", "--author", "M. Durand");
    assert_int_equal(said.exit_code, 1); /* no reason */
    WELL("task", "resolve", id, "--outcome", "different", "--author", "M. Durand", "--reason", "jumelles");
    assert_said("resolved: different");
    WELL("explain", "CHU:1", "CHU:2");
    assert_said("negative-link");
    WELL("task", "resolve", id, "--outcome", "undo", "--author", "M. Durand", "--reason", "erreur");
    WELL("status");
    assert_said("duplicate");
}

/* The same verbs without a server: the command becomes the writer for a moment. */
static void test_commands_without_a_server(void **state) {
    WELL("status");
    assert_said("No server answers");
    WELL("domain", "list");
    assert_said("CHU");
    WELL("domain", "set", "CHU", "--auto-link", "no", "--json");
    json_t *domain = json_loads(said.out, 0, NULL);
    assert_true(json_is_false(json_object_get(domain, "auto_link")));
    json_decref(domain);
    live_start(&server);
    WELL("domain", "show", "CHU");
    assert_said("auto-link      no");
}

/* -- things go away ------------------------------------------------------------------------------------------------------- */

static void test_the_database_away_at_start(void **state) {
    test_postgres_halt(postgres);
    live_start(&server);
    assert_true(live_wait_ready(&server, 503, "\"state\":\"no-database\""));
    assert_int_equal(live_get(&server, "/health", &said), 200);
    RUN("send", feed_file("CHU", "A1", "1", "MOREL"));
    assert_said("AR");
    assert_said("send it again later");
    WELL("status");
    assert_said("no-database");
    test_postgres_restart(postgres);
    assert_true(live_wait_ready(&server, 200, "writer"));
    WELL("send", feed_file("CHU", "A1", "1", "MOREL"));
    assert_said("A28     1   0   0      0           0");
}

/* What cannot be counted is not nothing: neither to people nor to the alarms on /metrics. */
static void test_counts_while_the_database_is_away(void **state) {
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
    WELL("send", feed_file("CHU", "C1", "1", "MOREL"));
    WELL("send", feed_file("NOWHERE", "C2", "1", "MOREL"));
    assert_int_equal(live_get(&server, "/metrics", &said), 200);
    assert_said("sosie_dead_letters 1\n");
    test_postgres_halt(postgres);
    assert_true(live_wait_ready(&server, 503, "no-database"));
    WELL("status");
    assert_said("records                          not known\n");
    assert_int_equal(live_get(&server, "/metrics", &said), 200);
    assert_said("sosie_records 1\n");
    assert_said("sosie_dead_letters 1\n");
    test_postgres_restart(postgres);
    assert_true(live_wait_ready(&server, 200, "writer"));
}

static void test_neither_server_nor_database(void **state) {
    test_postgres_halt(postgres);
    RUN("domain", "list");
    assert_int_equal(said.exit_code, 1);
    assert_complained("sosie: database");
    RUN("send", feed_file("CHU", "B1", "1", "MOREL"), "--port", "1", "--retries", "0");
    assert_int_equal(said.exit_code, 1);
    assert_said("unanswered");
    test_postgres_restart(postgres);
}

/* What nobody hears must not go into the file that took the place of standard error: the first one is the pid file. */
static void test_it_serves_with_standard_error_closed(void **state) {
    char path[128], kept[64] = "", wanted[64];
    live_start_mute(&server);
    int code = 1;
    for (int i = 0; i < 500 && code != 0; i++) {
        usleep(20000);
        LIVE_RUN(&server, &said, "status");
        code = strstr(said.out, "writer") ? said.exit_code : 1;
    }
    assert_int_equal(code, 0);
    snprintf(path, sizeof path, "%s/server.pid", server.folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    kept[fread(kept, 1, sizeof kept - 1, file)] = '\0';
    fclose(file);
    snprintf(wanted, sizeof wanted, "%ld\n", (long)server.pid);
    assert_string_equal(kept, wanted);
    assert_int_equal(live_stop(&server, SIGTERM), 0);
}

/* A second server on the same database answers queries, says who it is, and takes over when the first dies. */
static void test_a_second_server_takes_over(void **state) {
    struct live_server second;
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
    WELL("send", feed_file("CHU", "F1", "1", "MOREL"));
    live_make(&second, url, NULL);
    live_start(&second);
    assert_true(live_wait_ready(&second, 200, "\"state\":\"follower\""));
    LIVE_RUN(&second, &said, "domain", "set", "CHU", "--trust", "70");
    assert_int_equal(said.exit_code, 1);
    LIVE_RUN(&second, &said, "query", "pix", "CHU:1");
    assert_int_equal(said.exit_code, 0);
    LIVE_RUN(&second, &said, "send", feed_file("CHU", "F2", "2", "DURAND"));
    assert_said("A28     0   0   1");
    live_stop(&server, SIGKILL);
    assert_true(live_wait_ready(&second, 200, "writer"));
    LIVE_RUN(&second, &said, "send", feed_file("CHU", "F2", "2", "DURAND"));
    assert_said("A28     1   0   0");
    live_remove(&second);
}

static void write_settings(uint16_t mllp_port, const char *more) {
    char text[512];
    snprintf(text, sizeof text,
             "database.url = %s\ndata.directory = %s/data\ncontrol.socket = %s/control.sock\nmllp.port = %u\nhttp.port = 0\n%s\n",
             url, server.folder, server.folder, mllp_port, more);
    live_write(&server, "sosie.conf", text);
}

static void test_settings_are_read_again(void **state) {
    live_start(&server);
    uint16_t old_mllp = server.mllp_port, old_http = server.http_port;
    live_add_setting(&server, "log.levle = debug");
    kill(server.pid, SIGHUP);
    assert_true(live_wait_log(&server, "the old ones stay"));
    assert_true(live_wait_ready(&server, 200, "writer"));
    write_settings(0, "mllp.strict = yes\nlane.batch = 17");
    kill(server.pid, SIGHUP);
    assert_true(live_wait_log(&server, "takes effect after a restart\" key=lane.batch"));
    assert_true(live_wait_log(&server, "key=mllp.strict"));
    /* The listeners open again, at ports of their own choice. */
    for (int i = 0; i < 1000 && (server.mllp_port == old_mllp || server.http_port == old_http); i++) {
        usleep(10000);
        live_read_ports(&server);
    }
    assert_int_not_equal(server.mllp_port, old_mllp);
    assert_int_not_equal(server.http_port, old_http);
    assert_true(live_wait_ready(&server, 200, "writer"));
    assert_int_equal(live_stop(&server, SIGTERM), 0);
}

/* A port that another program holds; the descriptor. */
static int hold_port(uint16_t *out_port) {
    struct error err = ERROR_INIT;
    int fd = -1;
    assert_true(stream_listen("127.0.0.1", 0, 1, &fd, &err));
    *out_port = stream_listen_port(fd);
    return fd;
}

/* After a SIGHUP: the listeners are open again, that of MLLP at this port (0: any). */
static void wait_reopened(uint16_t mllp_port) {
    bool open = false;
    for (int i = 0; i < 2000 && !open; i++) {
        usleep(10000);
        live_read_ports(&server);
        open = live_get(&server, "/ready", &said) == 200 && (!mllp_port || server.mllp_port == mllp_port);
    }
    assert_true(open);
}

static void read_again_in_vain(uint16_t taken_port) {
    char line[80];
    write_settings(taken_port, "");
    kill(server.pid, SIGHUP);
    snprintf(line, sizeof line, "mllp.port: port %u of 127.0.0.1 is taken", taken_port);
    assert_true(live_wait_log(&server, line));
    wait_reopened(0);
}

/* Settings that do not work are not the ones to go back to, and are tried anew when they are read again. */
static void test_settings_that_did_not_work_are_tried_again(void **state) {
    uint16_t ports[2];
    int held[2] = {hold_port(&ports[0]), hold_port(&ports[1])};
    live_start(&server);
    read_again_in_vain(ports[0]);
    read_again_in_vain(ports[1]);
    close(held[0]);
    close(held[1]);
    kill(server.pid, SIGHUP);
    wait_reopened(ports[1]);
    assert_int_equal(live_stop(&server, SIGTERM), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_start_without_a_scheme_says_migrate, setup, teardown),
        cmocka_unit_test_setup_teardown(test_start_without_a_regional_domain_prints_the_command, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_wrong_database_is_a_clear_error, setup, teardown),
        cmocka_unit_test_setup_teardown(test_migrating_again_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_pid_file_one_server, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_taken_port_is_a_clear_error, setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_stops_cleanly, setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_serves_with_standard_error_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_metric_is_there, setup, teardown),
        cmocka_unit_test_setup_teardown(test_send_and_query, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_new_domain_at_once_then_replay, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tasks_and_explanation, setup, teardown),
        cmocka_unit_test_setup_teardown(test_commands_without_a_server, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_database_away_at_start, setup, teardown),
        cmocka_unit_test_setup_teardown(test_counts_while_the_database_is_away, setup, teardown),
        cmocka_unit_test_setup_teardown(test_neither_server_nor_database, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_second_server_takes_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settings_are_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settings_that_did_not_work_are_tried_again, setup, teardown),
    };
    return cmocka_run_group_tests(tests, start_group, end_group);
}
