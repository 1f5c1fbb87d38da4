/* Peers: what their texts mean, whose message one is, and the turns of who has a rate. */
#include "base/clock.h"
#include "identity/peer_parse.h"
#include "identity/service.h"

#include "tests/unit/with_arena.h"

static const struct domain items[] = {{.id = 3, .namespace_id = {"CHU-NORD", 8}}, {.id = 5, .namespace_id = {"REGION", 6}}};
static const struct domain_list domains = {items, 2};

static struct peer *make(const char *application, const char *facility) {
    struct peer *peer = ARENA_NEW(arena, struct peer);
    *peer = (struct peer){.id = 1, .name = SPAN("p")};
    for (size_t i = 0; i < PEER_FIELD_COUNT; i++)
        peer->texts[i] = SPAN("");
    peer->texts[PEER_APPLICATION] = span_of(application);
    peer->texts[PEER_FACILITY] = span_of(facility);
    peer->texts[PEER_RATE] = peer->texts[PEER_PORT] = SPAN("0");
    peer->texts[PEER_NOTIFY] = SPAN("none");
    peer->texts[PEER_VERSION] = SPAN("2.5");
    return peer;
}

static bool says(struct peer *peer, enum peer_field field, const char *text) {
    struct error err = ERROR_INIT;
    peer->texts[field] = span_of(text);
    return peer_parse(peer, &domains, false, arena, &err);
}

static void test_texts_have_a_meaning(void **state) {
    struct peer *peer = make("GAM", "CHU");
    assert_true(says(peer, PEER_TOLERANCES, "feed.strict_create=yes, mllp.strict=no"));
    assert_true(peer_holds(peer, PEER_STRICT_CREATE, false) && !peer_holds(peer, PEER_STRICT, true));
    assert_true(peer_holds(peer, PEER_EXPOSE_SUBSUMED, true) && !peer_holds(NULL, PEER_STRICT_CREATE, false));
    assert_true(says(peer, PEER_TOLERANCES, "mllp.strict=yes,mllp.strict=no") && !peer_holds(peer, PEER_STRICT, true));
    assert_true(says(peer, PEER_TOLERANCES, "profile=openhie,pix.expose_subsumed=no"));
    assert_true(peer_holds(peer, PEER_PID19_IS_IDENTIFIER, false) && !peer_holds(peer, PEER_EXPOSE_SUBSUMED, true));
    assert_true(says(peer, PEER_DOMAINS, "REGION,CHU-NORD"));
    assert_true(peer_wants_domain(peer, 3) && peer_wants_domain(peer, 5) && !peer_wants_domain(peer, 4));
    assert_true(says(peer, PEER_DOMAINS, "") && peer_wants_domain(peer, 4));
    assert_true(says(peer, PEER_EVENTS, "A28, Q23") && peer_may_send(peer, SPAN("Q23")) && !peer_may_send(peer, SPAN("A31")));
    assert_true(peer_may_send(NULL, SPAN("A31")));
    assert_true(says(peer, PEER_RATE, "20") && peer->rate == 20);
    assert_true(says(peer, PEER_TIME_ZONE, "Indian/Reunion") && peer->zone && peer->zone->standard_s == 4 * 3600);
    assert_true(says(peer, PEER_TIME_ZONE, "") && !peer->zone);
}

static void test_wrong_texts_are_refused(void **state) {
    static const struct {
        enum peer_field field;
        const char *text;
    } wrong[] = {
        {PEER_APPLICATION, ""},
        {PEER_ADDRESS, "here"},
        {PEER_TIME_ZONE, "Indian/Nowhere"},
        {PEER_TIME_ZONE, "../localtime"},
        {PEER_ADDRESS, "10.0.0.0/33"},
        {PEER_ADDRESS, "::1/129"},
        {PEER_TOLERANCES, "mllp.strict"},
        {PEER_TOLERANCES, "lane.batch=yes"},
        {PEER_TOLERANCES, "mllp.strict=1"},
        {PEER_EVENTS, "ADT^A28"},
        {PEER_RATE, "-1"},
        {PEER_RATE, ""},
        {PEER_NOTIFY, "all"},
        {PEER_NOTIFY, "pix"},
        {PEER_PORT, "65536"},
        {PEER_TLS, "perhaps"},
        {PEER_DOMAINS, "NOWHERE"},
        {PEER_VERSION, "2.4"},
        {PEER_OUT_EVENTS, "A01"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(says(make("GAM", "CHU"), wrong[i].field, wrong[i].text));
    struct peer *any = make("*", "CHU");
    any->texts[PEER_HOST] = SPAN("dpi");
    any->texts[PEER_PORT] = SPAN("2575");
    assert_false(says(any, PEER_NOTIFY, "pix")); /* nobody to write into MSH-5 */
    any->texts[PEER_APPLICATION] = SPAN("DPI");
    assert_true(says(any, PEER_NOTIFY, "pix"));
}

static const struct peer *whose(const struct peer_list *list, const char *facility, const char *certificate, const char *address) {
    const struct peer *found = NULL;
    struct error err = ERROR_INIT;
    bool ok = peer_of(list, SPAN("GAM"), span_of(facility), span_of(certificate), span_of(address), &found, &err);
    assert_true(ok || (err.code == ERROR_FORBIDDEN && !found));
    return found;
}

static void test_whose_message_it_is(void **state) {
    struct peer *any = make("GAM", "*"), *north = make("GAM", "NORD"), *south = make("GAM", "SUD");
    const struct peer *const all[] = {any, north, south};
    const struct peer_list list = {all, 3};
    struct error err = ERROR_INIT;
    const struct peer *found;
    north->texts[PEER_ADDRESS] = SPAN("10.1.2.0/23");
    south->texts[PEER_CERTIFICATE] = SPAN("CN=gam.sud");
    assert_ptr_equal(whose(&list, "EST", "", "10.9.9.9:1"), any);
    assert_ptr_equal(whose(&list, "NORD", "", "10.1.3.255:50132"), north);
    assert_ptr_equal(whose(&list, "NORD", "", "10.1.4.0:50132"), any); /* one row at least lets it in */
    assert_ptr_equal(whose(&list, "SUD", "CN=gam.sud", "[::1]:50132"), south);
    any->texts[PEER_ADDRESS] = SPAN("fd00::/8");
    assert_ptr_equal(whose(&list, "EST", "", "[fd12::1]:50132"), any);
    assert_null(whose(&list, "EST", "", "[fe80::1]:50132"));
    assert_null(whose(&list, "NORD", "", "10.1.4.0:50132"));
    assert_null(whose(&list, "SUD", "CN=other", "10.1.2.3:1"));
    assert_ptr_equal(whose(&list, "NORD", "", "[::ffff:10.1.2.3]:50132"), north);
    assert_true(peer_of(&list, SPAN("GAM"), SPAN("NORD"), SPAN(""), SPAN_ABSENT, &found, &err) && found == north); /* a replay */
    assert_true(peer_of(&list, SPAN("LAB"), SPAN("NORD"), SPAN(""), SPAN("10.1.4.0:1"), &found, &err) && !found);
}

/* A second's worth at once, then one after another; a turn that would come too late is not taken. */
static void test_a_rate_gives_turns(void **state) {
    struct identity identity = {.peer_states = peer_states_new()};
    struct peer *peer = make("GAM", "CHU");
    peer->rate = 4;
    for (int i = 0; i < 4; i++)
        assert_int_equal(identity_peer_wait(&identity, peer, 5000), 0);
    uint32_t last = 0;
    for (int i = 0; i < 8; i++) {
        uint32_t wait = identity_peer_wait(&identity, peer, 5000);
        assert_true(wait + 250 >= last && wait <= 2250);
        last = wait;
    }
    assert_true(last > 0);
    uint32_t late = identity_peer_wait(&identity, peer, 0);
    assert_true(late > 0 && identity_peer_wait(&identity, peer, 0) <= late);
    peer->rate = 0;
    assert_int_equal(identity_peer_wait(&identity, peer, 0), 0);
    peer_states_free(identity.peer_states);
}

static void test_activity_is_that_of_the_last_hour(void **state) {
    struct identity identity = {.peer_states = peer_states_new()};
    struct peer *peer = make("GAM", "CHU");
    struct peer_activity found;
    int64_t now_us = clock_now_us();
    peer->id = 40;
    clock_set_test(now_us);
    identity_peer_seen(&identity, peer, SPAN("A28"), FEED_ACCEPTED);
    clock_set_test(now_us + (int64_t)30 * 60000000);
    identity_peer_seen(&identity, peer, SPAN("A31"), FEED_ERROR);
    identity_peer_activity(&identity, 40, &found);
    assert_true(found.hour_messages == 2 && found.hour_refused == 1 && found.last_result == FEED_ERROR);
    assert_string_equal(found.last_event, "A31");
    clock_set_test(now_us + (int64_t)75 * 60000000);
    identity_peer_activity(&identity, 40, &found);
    assert_true(found.hour_messages == 1 && found.hour_refused == 1 && found.messages == 2);
    identity_peer_activity(&identity, 41, &found);
    assert_true(found.last_us == 0 && found.messages == 0);
    clock_set_test(0);
    peer_states_free(identity.peer_states);
}

/* A follower that answered a query itself takes over from a writer that put more into the row; and reads its own row later. */
static void test_activity_goes_on_after_a_take_over(void **state) {
    struct identity identity = {.peer_states = peer_states_new()};
    struct peer *peer = make("GAM", "CHU");
    struct peer_news row = {.peer = 40, .seen = {.last_event = "A28", .messages = 5, .refused = 1}}, news;
    struct peer_activity found;
    int64_t now_us = clock_now_us();
    long long minute = now_us / 60000000;
    clock_set_test(now_us);
    peer->id = 40;
    row.seen.last_us = now_us - 1;
    row.hour = span_of(arena_printf(arena, "%lld:5:1", minute));
    peer_states_begin(identity.peer_states, &row, 1);
    identity_peer_seen(&identity, peer, SPAN("Q23"), FEED_ACCEPTED);
    row.seen.messages = 90;
    row.seen.refused = 9;
    row.hour = span_of(arena_printf(arena, "%lld:20:2 %lld:70:7", minute - 3, minute));
    peer_states_begin(identity.peer_states, &row, 1);
    identity_peer_activity(&identity, 40, &found);
    assert_true(found.messages == 90 && found.refused == 9 && found.hour_messages == 90 && found.hour_refused == 9);
    assert_string_equal(found.last_event, "Q23");
    identity_peer_seen(&identity, peer, SPAN("A31"), FEED_ERROR);
    assert_int_equal(peer_states_news(identity.peer_states, &news, 1, arena), 1);
    peer_states_begin(identity.peer_states, &row, 1); /* its lists were read anew before the row was written */
    identity_peer_activity(&identity, 40, &found);
    assert_true(found.messages == 91 && found.refused == 10 && found.hour_messages == 91 && found.hour_refused == 10);
    assert_string_equal(found.last_event, "A31");
    clock_set_test(0);
    peer_states_free(identity.peer_states);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_texts_have_a_meaning, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_wrong_texts_are_refused, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_whose_message_it_is, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_a_rate_gives_turns, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_activity_is_that_of_the_last_hour, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_activity_goes_on_after_a_take_over, new_arena, drop_arena),
    };
    return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
