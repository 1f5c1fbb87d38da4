/*
 * The listeners outside plain loopback: TLS with client certificates (IHE ITI TF-2 3.19) through the real program and `sosie send`,
 * and the refusal to listen outside loopback in clear text.
 */
#include "base/clock.h"
#include "base/stream.h"
#include "tests/support/live_server.h"
#include "tests/support/test_postgres.h"
#include "tests/unit/certificates.h"
#include "tests/unit/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct test_postgres *postgres;
static struct certificates certificates;
static struct live_server server;
static struct live_answer said;

static const char feed[] = "MSH|^~\\&|GAM|CHU|SOSIE|REGION|20260101120000||ADT^A28^ADT_A05|TLS1|P|2.5||||||UNICODE UTF-8\n"
                           "EVN||20260101120000\nPID|||1^^^CHU^PI||MOREL^ANNE^^^^^L||19840317|F\nPV1||N\n";

static int start_group(void **state) {
    postgres = test_postgres_start(false);
    certificates_make(&certificates);
    return 0;
}

static int end_group(void **state) {
    certificates_remove(&certificates);
    test_postgres_stop(postgres);
    return 0;
}

static int setup(void **state) {
    live_make(&server, test_postgres_database(postgres, "tls"), NULL);
    LIVE_RUN(&server, &said, "migrate");
    LIVE_RUN(&server, &said, "domain", "add", "REGION", "--kind", "regional", "--oid", "1.2.250.1.999.1");
    LIVE_RUN(&server, &said, "domain", "add", "CHU", "--kind", "hospital");
    assert_int_equal(said.exit_code, 0);
    return 0;
}

static int teardown(void **state) {
    live_remove(&server);
    return 0;
}

static void add_tls(const char *room, bool with_ca) {
    char line[256];
    snprintf(line, sizeof line, "%s.tls.certificate = %s", room, certificates.server);
    live_add_setting(&server, line);
    snprintf(line, sizeof line, "%s.tls.key = %s", room, certificates.server_key);
    live_add_setting(&server, line);
    snprintf(line, sizeof line, "%s.tls.ca = %s", room, certificates.ca);
    if (with_ca)
        live_add_setting(&server, line);
}

/* `sosie send` of the one message, as the holder of this certificate (NULL: of none). */
static int send_as(const char *certificate, const char *key) {
    const char *path = live_write(&server, "feed.hl7", feed);
    if (certificate)
        LIVE_RUN(&server, &said, "send", path, "--retries", "0", "--tls-ca", certificates.ca, "--tls-certificate", certificate,
                 "--tls-key", key);
    else
        LIVE_RUN(&server, &said, "send", path, "--retries", "0", "--tls-ca", certificates.ca);
    return said.exit_code;
}

/* HTTP stays plain here, so that /ready can be asked. */
static void start_with_mllp_tls(bool with_ca) {
    add_tls("mllp", with_ca);
    live_start(&server);
    assert_true(live_wait_log(&server, "protocol=mllp"));
    assert_true(live_wait_ready(&server, 200, "writer"));
}

static void test_a_client_certificate_opens_the_door(void **state) {
    start_with_mllp_tls(true);
    assert_int_equal(send_as(certificates.client, certificates.client_key), 0);
    assert_non_null(strstr(said.out, "A28     1   0   0      0           0"));
    assert_int_equal(send_as(NULL, NULL), 1);
    assert_int_equal(send_as(certificates.stranger, certificates.stranger_key), 1);
    assert_non_null(strstr(said.out, "unanswered"));
    assert_int_equal(live_stop(&server, SIGTERM), 0);
}

/* A row that names a certificate takes that subject alone under its MSH-3 and MSH-4 (hl7v2.md 1.1); no other may use the name. */
static void test_a_peer_is_known_by_its_certificate(void **state) {
    start_with_mllp_tls(true);
    LIVE_RUN(&server, &said, "peer", "add", "gam", "--sender", "GAM|CHU|CN=somebody.else,O=CHU,C=FR");
    assert_int_equal(said.exit_code, 0);
    (void)send_as(certificates.client, certificates.client_key);
    assert_non_null(strstr(said.out, "A28     0   1   0      0           0"));
    LIVE_RUN(&server, &said, "log", "TLS1");
    assert_non_null(strstr(said.out, "this sender is declared with another certificate or address"));
    LIVE_RUN(&server, &said, "peer", "set", "gam", "--sender", "GAM|CHU|CN=adt-a,O=H\xc3\xb4pital A");
    assert_int_equal(said.exit_code, 0);
    assert_int_equal(send_as(certificates.client, certificates.client_key), 0);
    LIVE_RUN(&server, &said, "peer", "show", "gam");
    assert_non_null(strstr(said.out, "A28 AA"));
    assert_int_equal(live_stop(&server, SIGTERM), 0);
}

static void test_without_a_ca_any_client_may_speak_tls(void **state) {
    start_with_mllp_tls(false);
    assert_int_equal(send_as(NULL, NULL), 0);
    LIVE_RUN(&server, &said, "send", live_write(&server, "feed.hl7", feed));
    assert_int_equal(said.exit_code, 1);
    assert_non_null(strstr(said.err, "--tls-ca"));
    assert_int_equal(live_stop(&server, SIGTERM), 0);
}

/* Who connects and says nothing holds up neither the stop nor a renewal, at which nobody is served until all have ended. */
static void test_a_silent_client_does_not_hold_the_stop(void **state) {
    enum { STOP_MOST_MS = 8000 };
    struct stream *silent;
    struct error err = ERROR_INIT;
    start_with_mllp_tls(true);
    assert_true(stream_connect("127.0.0.1", server.mllp_port, 5000, &silent, &err));
    clock_sleep_ms(300); /* it was accepted */
    uint64_t started_ns = clock_mono_ns();
    assert_int_equal(live_stop(&server, SIGTERM), 0);
    assert_true((clock_mono_ns() - started_ns) / 1000000 < STOP_MOST_MS);
    stream_free(silent);
}

static void test_clear_text_outside_loopback_is_refused(void **state) {
    live_add_setting(&server, "mllp.address = 0.0.0.0");
    live_start_in_vain(&server, &said);
    assert_int_equal(said.exit_code, 1);
    assert_non_null(strstr(said.err, "mllp.insecure_remote_plaintext"));
    live_add_setting(&server, "mllp.insecure_remote_plaintext = yes");
    live_start(&server);
    assert_int_equal(live_stop(&server, SIGTERM), 0);
}

static void test_tls_lets_it_listen_everywhere(void **state) {
    live_add_setting(&server, "mllp.address = 0.0.0.0");
    live_add_setting(&server, "http.address = 0.0.0.0");
    add_tls("mllp", true);
    add_tls("http", true);
    live_start(&server);
    assert_true(live_wait_log(&server, "protocol=http address=0.0.0.0"));
    assert_int_equal(live_stop(&server, SIGTERM), 0);
}

static void test_a_key_that_cannot_be_read_is_a_clear_error(void **state) {
    live_add_setting(&server, "mllp.tls.certificate = /nowhere/server.pem");
    live_add_setting(&server, "mllp.tls.key = /nowhere/server.key");
    live_start_in_vain(&server, &said);
    assert_int_equal(said.exit_code, 1);
    assert_non_null(strstr(said.err, "/nowhere/server.pem"));
    LIVE_RUN(&server, &said, "check");
    assert_int_equal(said.exit_code, 1);
    assert_non_null(strstr(said.err, "mllp.tls.certificate: cannot read /nowhere/server.pem"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_client_certificate_opens_the_door, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_peer_is_known_by_its_certificate, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_a_ca_any_client_may_speak_tls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_silent_client_does_not_hold_the_stop, setup, teardown),
        cmocka_unit_test_setup_teardown(test_clear_text_outside_loopback_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_lets_it_listen_everywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_key_that_cannot_be_read_is_a_clear_error, setup, teardown),
    };
    return cmocka_run_group_tests(tests, start_group, end_group);
}
