/* Steps that declare and send; see steps.h and README.md. */
#include "tests/scenarios/steps.h"

#include "base/clock.h"
#include "base/stream.h"
#include "tests/scenarios/compose.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { TOGETHER_MOST = 16, INSIST_MS = 30000 };

bool unmet(struct error *err, const char *format, ...) {
    char text[sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return error_set(err, ERROR_RULE, NULL, "%s", text);
}

bool number_of(struct span text, uint64_t *out, struct error *err) {
    return span_to_u64(text, out) || error_set(err, ERROR_TYPE, NULL, "not a number: %.*s", SPAN_ARG(text));
}

/* -- surroundings --------------------------------------------------------------------------------------------------------- */

/* option KEY VALUE: settings of the server, before its first use or before `restart`. */
static bool do_option(struct world *world, const struct step *step, struct error *err) {
    struct identity_options *o = &world->options;
    const struct {
        const char *key;
        bool *flag;
        uint32_t *number;
    } rows[] = {
        {"person-record-limit", NULL, &o->person_record_limit},
        {"lane-batch", NULL, &o->lane_batch},
        {"second-person-over-veto", &o->second_person_over_veto, NULL},
        {"control-id-reuse", &o->control_id_reuse, NULL},
        {"strict-create", &o->strict_create, NULL},
        {"merged-feed-survivor", &o->merged_feed_survivor, NULL},
        {"merged-id-unknown", &o->merged_id_unknown, NULL},
        {"expose-subsumed", &o->expose_subsumed, NULL},
        {"iti31-updates-french", &world->mllp.iti31_updates_french, NULL},
        {"strict", &world->mllp.strict, NULL},
        {"end-byte-in-data", &world->mllp.end_byte_in_data, NULL},
        {"ignore-bad-birth-date", &world->mllp.ignore_bad_birth_date, NULL},
        {"pid6-is-birth-name", &world->mllp.pid6_is_birth_name, NULL},
        {"pid19-is-identifier", &world->mllp.pid19_is_identifier, NULL},
        {"pix-include-query-id", &world->mllp.pix_include_query_id, NULL},
        {"stale-guard", &o->stale_guard, NULL},
        {"no-update-creates", &o->no_update_creates, NULL},
        {"no-movement-creates", &o->no_movement_creates, NULL},
        {"short-ack", &world->mllp.short_ack, NULL},
        {"pix-single-error", &world->mllp.pix_single_error, NULL},
        {"visit-queries", &world->mllp.visit_queries, NULL},
        {"query-continues", &world->mllp.query_continues, NULL},
        {"query-limit", NULL, &world->mllp.query_limit},
        {"backoff-first", NULL, &world->backoff_first_ms},
        {"told-answer-timeout", NULL, &world->told_answer_ms},
    };
    uint64_t value;
    if (span_eq_cstr(step->words[0], "ins-oids")) {
        bool both = span_eq_cstr(step->words[1], "both"), test = span_eq_cstr(step->words[1], "test");
        o->ins_oids = both ? INS_OIDS_BOTH : test ? INS_OIDS_TEST : INS_OIDS_PRODUCTION;
        return true;
    }
    if (span_eq_cstr(step->words[0], "unknown-birth-dates")) {
        o->unknown_birth_dates = span_cstr(step->words[1], world->arena);
        return true;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!span_eq_cstr(step->words[0], rows[i].key))
            continue;
        if (rows[i].flag) {
            *rows[i].flag = span_eq_cstr(step->words[1], "yes");
            return true;
        }
        if (!number_of(step->words[1], &value, err))
            return false;
        *rows[i].number = (uint32_t)value;
        return true;
    }
    return error_set(err, ERROR_UNKNOWN, NULL, "no such option: %.*s", SPAN_ARG(step->words[0]));
}

static int yes_no(struct span value) {
    return span_is_absent(value) ? -1 : span_eq_cstr(value, "yes");
}

/* One sender "APP|FACILITY". */
static const struct domain_sender *sender_of(struct world *world, struct span text) {
    struct domain_sender *sender = ARENA_NEW(world->arena, struct domain_sender);
    size_t bar = span_find(text, '|', 0);
    sender->application = span_sub(text, 0, bar);
    sender->facility = span_sub(text, bar + 1, text.len);
    return sender;
}

/* domain NAME KIND [oid= finess= auto-link= max-status= evidence= trust= identifiers= sender=]; without KIND it changes a declared
 * one. */
static bool do_domain(struct world *world, const struct step *step, struct error *err) {
    const struct pairs *p = &step->pairs;
    struct domain_change change = DOMAIN_CHANGE_NONE;
    change.create = step->count > 1;
    change.namespace_id = step->words[0];
    change.oid = pairs_get(p, "oid");
    change.finess = pairs_get(p, "finess");
    change.auto_link = yes_no(pairs_get(p, "auto-link"));
    change.author = SPAN("scenario");
    struct span status = pairs_get(p, "max-status"), evidence = pairs_get(p, "evidence"), trust = pairs_get(p, "trust");
    enum domain_kind kind;
    enum identity_status most;
    struct identity *identity;
    uint64_t number;
    uint32_t id;
    if (change.create && !domain_kind_parse(step->words[1], &kind))
        return error_set(err, ERROR_TABLE, NULL, "no such kind: %.*s", SPAN_ARG(step->words[1]));
    if (status.len && !identity_status_parse(status, &most))
        return error_set(err, ERROR_TABLE, NULL, "no such status: %.*s", SPAN_ARG(status));
    if (trust.len && !number_of(trust, &number, err))
        return false;
    change.kind = change.create ? (int)kind : -1;
    change.max_status = status.len ? (int)most : -1;
    change.trust = trust.len ? (int)number : -1;
    change.evidence = evidence.len ? (span_eq_cstr(evidence, "declared") ? EVIDENCE_DECLARED : EVIDENCE_MESSAGE) : -1;
    if (pairs_get(p, "identifiers").len)
        change.any_case = span_eq_cstr(pairs_get(p, "identifiers"), "any-case");
    if (pairs_get(p, "sender").len) {
        change.senders = sender_of(world, pairs_get(p, "sender"));
        change.sender_count = 1;
    }
    world->act_error = ERROR_INIT;
    world->act_unseen = true;
    if (!world_identity(world, &identity, err))
        return false;
    (void)identity_domain_change(identity, &change, world->arena, &id, &world->act_error);
    return true;
}

static size_t server_number(struct span name) {
    return span_eq_cstr(name, "B") ? 1 : 0;
}

/* server open|close|use A|B */
static bool do_server(struct world *world, const struct step *step, struct error *err) {
    size_t number = server_number(step->words[1]);
    if (span_eq_cstr(step->words[0], "open"))
        return world_open(world, number, err);
    if (span_eq_cstr(step->words[0], "close"))
        world_close(world, number);
    else
        world->current = number;
    return true;
}

static bool do_restart(struct world *world, const struct step *step, struct error *err) {
    (void)step;
    world_close(world, world->current);
    return world_open(world, world->current, err);
}

/* database stop|start|kill */
static bool do_database(struct world *world, const struct step *step, struct error *err) {
    (void)err;
    if (span_eq_cstr(step->words[0], "stop"))
        test_postgres_halt(world->postgres);
    else if (span_eq_cstr(step->words[0], "kill"))
        test_postgres_kill9(world->postgres);
    else
        test_postgres_restart(world->postgres);
    return true;
}

/* wait-writer: until the current server takes feeds again. */
static bool do_wait_writer(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    (void)step;
    if (!world_identity(world, &identity, err))
        return false;
    return identity_wait_writer(identity, 30000) ||
           unmet(err, "the server is still %s", identity_state_name(identity_state(identity)));
}

/* settle: until the current server, a follower, has read what the other has written. */
static bool do_settle(struct world *world, const struct step *step, struct error *err) {
    struct identity_counts here, there;
    const struct server *other = &world->servers[1 - world->current];
    struct identity *identity;
    (void)step;
    if (!world_identity(world, &identity, err))
        return false;
    uint64_t deadline = clock_deadline(INSIST_MS);
    do {
        identity_counts(identity, &here);
        identity_counts(other->identity ? other->identity : identity, &there);
        if (here.change == there.change)
            return true;
        clock_sleep_ms(20);
    } while (clock_left_ms(deadline) > 0);
    return unmet(err, "the server has read to change %llu, the other wrote %llu", (unsigned long long)here.change,
                 (unsigned long long)there.change);
}

/* time +3d, +4h */
static bool do_time(struct world *world, const struct step *step, struct error *err) {
    struct span word = step->words[0];
    uint64_t count;
    char unit = word.len > 2 ? word.ptr[word.len - 1] : ' ';
    int64_t unit_us = unit == 'd' ? 86400000000 : unit == 'h' ? 3600000000 : 0;
    if (unit_us == 0 || word.ptr[0] != '+' || !span_to_u64(span_sub(word, 1, word.len - 2), &count))
        return error_set(err, ERROR_TYPE, NULL, "time goes on by +Nd or +Nh");
    world->test_time = (world->test_time ? world->test_time : clock_now_us()) + (int64_t)count * unit_us;
    clock_set_test(world->test_time);
    return true;
}

/* -- messages ------------------------------------------------------------------------------------------------------------- */

/* person LABEL key=value...: traits to feed by name; an earlier label as second word is where they start from. */
static bool do_person(struct world *world, const struct step *step, struct error *err) {
    static const struct pairs nothing = {.count = 0};
    const struct label *base = step->count > 1 ? world_label(world, step->words[1]) : NULL;
    if (step->count > 1 && base == NULL)
        return error_set(err, ERROR_UNKNOWN, NULL, "no such person: %.*s", SPAN_ARG(step->words[1]));
    if (world->label_count == WORLD_LABELS)
        return error_set(err, ERROR_LIMIT, NULL, "too many people");
    struct label *label = &world->labels[world->label_count];
    label->name = step->words[0];
    if (!pairs_overlay(base ? &base->traits : &nothing, &step->pairs, &label->traits, err))
        return false;
    world->label_count++;
    return true;
}

/* also=@NAME: the regional identifier that `expect regional` kept under this name. */
static bool regional_fill(const struct world *world, struct pairs *traits, struct arena *arena, struct error *err) {
    for (size_t i = 0; i < traits->count; i++) {
        struct pair *pair = &traits->items[i];
        if (!span_eq_cstr(pair->key, "also") || !span_starts(pair->value, SPAN("@")))
            continue;
        const struct label *label = world_label(world, span_sub(pair->value, 1, pair->value.len));
        if (label == NULL)
            return error_set(err, ERROR_UNKNOWN, NULL, "no such name: %.*s", SPAN_ARG(pair->value));
        pair->value = span_of(arena_printf(arena, "REGION:%.*s", SPAN_ARG(pairs_get(&label->traits, "regional"))));
    }
    return true;
}

/* The message of a feed step; traits of the person named third, the step's own pairs over them. */
static bool feed_text(struct world *world, const struct step *step, struct span *out, struct error *err) {
    const struct label *label = step->count > 2 ? world_label(world, step->words[2]) : NULL;
    struct pairs traits = step->pairs;
    struct span control = pairs_get(&step->pairs, "control"), with = pairs_get(&step->pairs, "with-person");
    const struct label *other = with.len ? world_label(world, with) : NULL;
    if (step->count > 2 && label == NULL)
        return error_set(err, ERROR_UNKNOWN, NULL, "no such person: %.*s", SPAN_ARG(step->words[2]));
    if (label && !pairs_overlay(&label->traits, &step->pairs, &traits, err))
        return false;
    if (!regional_fill(world, &traits, world->arena, err))
        return false;
    struct compose compose = {
        .event = step->words[0], .id = step->words[1], .traits = &traits, .other = other ? &other->traits : NULL};
    compose.control_id = control.len ? span_cstr(control, world->arena) : arena_printf(world->arena, "S%06u", ++world->control);
    return compose_message(&compose, world->arena, out, err);
}

/* feed EVENT ID [LABEL] [key=value...] */
static bool do_feed(struct world *world, const struct step *step, struct error *err) {
    struct span message;
    return feed_text(world, step, &message, err) && world_send(world, message, err);
}

/* send, with a block of segments. */
static bool do_send(struct world *world, const struct step *step, struct error *err) {
    return world_send(world, step->block, err);
}

/* resend [CONTROL]: once more, on a new connection, the last message or the first one with that control ID. */
static bool do_resend(struct world *world, const struct step *step, struct error *err) {
    struct span message = world->sent_count ? world->sent[world->sent_count - 1].message : SPAN_ABSENT;
    for (size_t i = world->sent_count; i-- > 0 && step->count > 0;) {
        if (span_eq(world->sent[i].control_id, step->words[0]))
            message = world->sent[i].message;
    }
    stream_free(world->servers[world->current].stream);
    world->servers[world->current].stream = NULL;
    return world_send(world, message, err);
}

/* insist: the last message again and again until it is taken, as a sender does after an AR. */
static bool do_insist(struct world *world, const struct step *step, struct error *err) {
    uint64_t deadline = clock_deadline(INSIST_MS);
    while (!span_eq_cstr(world_peek(world, "MSA", 1, 1, 1), "AA") && clock_left_ms(deadline) > 0) {
        clock_sleep_ms(50);
        if (!do_resend(world, step, err))
            return false;
    }
    return true;
}

/* flood N DOMAIN key=value...: so many records, each with its own birth date and given name. */
static bool do_flood(struct world *world, const struct step *step, struct error *err) {
    uint64_t count;
    if (!number_of(step->words[0], &count, err))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        struct step one = {.count = 2};
        unsigned n = (unsigned)i;
        one.words[0] = SPAN("A28");
        one.words[1] = span_of(arena_printf(world->arena, "%.*s:F%05u", SPAN_ARG(step->words[1]), n));
        one.pairs = step->pairs;
        one.pairs.items[one.pairs.count++] = (struct pair){
            SPAN("born"), span_of(arena_printf(world->arena, "%04u%02u%02u", 1930 + n % 70, 1 + n / 7 % 12, 1 + n / 3 % 28))};
        if (!do_feed(world, &one, err) || !span_eq_cstr(world_peek(world, "MSA", 1, 1, 1), "AA"))
            return error_prefix(err, "record %u of the flood", n), false;
    }
    world->answer_unseen = false;
    return true;
}

/* -- at the same instant -------------------------------------------------------------------------------------------------- */

struct rush {
    pthread_t thread;
    const struct server *server;
    struct arena *arena;
    struct span message, answer;
    struct error err;
    pthread_barrier_t *gate;
};

static void *rush_run(void *context) {
    struct rush *rush = context;
    pthread_barrier_wait(rush->gate);
    if (!world_exchange(rush->server, rush->message, rush->arena, &rush->answer, &rush->err))
        rush->answer = SPAN_ABSENT;
    return NULL;
}

static void rush_all(struct rush *rushes, size_t count) {
    pthread_barrier_t gate;
    pthread_barrier_init(&gate, NULL, (unsigned)count);
    for (size_t i = 0; i < count; i++) {
        rushes[i].gate = &gate;
        must(pthread_create(&rushes[i].thread, NULL, rush_run, &rushes[i]) == 0);
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(rushes[i].thread, NULL);
    pthread_barrier_destroy(&gate);
}

/* together ID... [LABEL=]: an A28 of the same person for each identifier, all at once, each on its own connection. `person=LABEL`;
 * `copies=N` sends one and the same message N times instead. */
static bool do_together(struct world *world, const struct step *step, struct error *err) {
    struct rush rushes[TOGETHER_MOST] = {{.server = NULL}};
    struct span person = pairs_get(&step->pairs, "person"), copies_text = pairs_get(&step->pairs, "copies");
    uint64_t copies = 1;
    if ((copies_text.len && !number_of(copies_text, &copies, err)) || !world_open(world, world->current, err))
        return false;
    size_t count = step->count * copies;
    if (count > TOGETHER_MOST)
        return error_set(err, ERROR_LIMIT, NULL, "at most %d together", TOGETHER_MOST);
    for (size_t i = 0; i < count; i++) {
        struct step one = {.words = {SPAN("A28"), step->words[i % step->count], person}, .count = 3};
        if (i >= step->count)
            rushes[i].message = rushes[i % step->count].message;
        else if (!feed_text(world, &one, &rushes[i].message, err))
            return false;
        rushes[i].server = &world->servers[world->current];
        rushes[i].arena = arena_new(0);
    }
    rush_all(rushes, count);
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        all = all && span_eq_cstr(mllp_peek(rushes[i].answer, "MSA", 1, 1, 1, world->arena), "AA");
        arena_free(rushes[i].arena);
    }
    return all || unmet(err, "not every one of them was answered AA");
}

const struct step_row DO_STEPS[] = {
    {"option", 2, do_option, false},     {"domain", 1, do_domain, false},
    {"server", 2, do_server, true},      {"restart", 0, do_restart, false},
    {"database", 1, do_database, true},  {"wait-writer", 0, do_wait_writer, false},
    {"settle", 0, do_settle, false},     {"time", 1, do_time, false},
    {"person", 1, do_person, false},     {"feed", 2, do_feed, false},
    {"send", 0, do_send, false},         {"resend", 0, do_resend, false},
    {"flood", 2, do_flood, false},       {"insist", 0, do_insist, true},
    {"together", 1, do_together, false}, {NULL, 0, NULL, false},
};
