/* Steps about what peers are told: receivers, dead letters, and what the messages say. */
#include "tests/scenarios/steps.h"
#include "tests/support/hl7_structure.h"
#include "tests/support/receiver.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

enum { PATIENCE_MS = 20000, LOOK_MS = 10, QUIET_MS = 400 };

static struct told *told_find(struct world *world, struct span name) {
    for (size_t i = 0; i < world->told_count; i++)
        if (span_eq(world->told[i].name, name))
            return &world->told[i];
    return NULL;
}

bool told_port(struct world *world, struct span name, uint16_t *out, struct error *err) {
    const struct told *told = told_find(world, name);
    if (!told)
        return error_set(err, ERROR_UNKNOWN, NULL, "no such receiver: %.*s", SPAN_ARG(name));
    *out = told->port;
    return true;
}

/* receiver NAME [answers=AE,AR,drop,other]: listens, or gives these answers next; `receiver NAME close`: it is away, and `open`
 * again, with what it had. */
static bool do_receiver(struct world *world, const struct step *step, struct error *err) {
    struct told *told = told_find(world, step->words[0]);
    struct span answers = pairs_get(&step->pairs, "answers");
    if (!told) {
        must(world->told_count < WORLD_TOLD);
        told = &world->told[world->told_count++];
        told->name = step->words[0];
    }
    if (step->count > 1 && span_eq_cstr(step->words[1], "close")) {
        told->before += receiver_count(told->receiver);
        receiver_close(told->receiver);
        told->receiver = NULL;
        return true;
    }
    if (!told->receiver && !receiver_open(told->port, NULL, &told->receiver, err))
        return false;
    told->port = receiver_port(told->receiver);
    if (!span_is_absent(answers))
        receiver_answer(told->receiver, answers);
    return true;
}

static bool peer_and_dead(struct world *world, struct span name, struct identity **out_identity, const struct peer **out_peer,
                          const struct dead_notification **out_dead, size_t *out_count, struct error *err) {
    if (!world_identity(world, out_identity, err))
        return false;
    *out_peer = peer_by_name(identity_peers(*out_identity), name);
    if (!*out_peer)
        return error_set(err, ERROR_UNKNOWN, NULL, "no such peer: %.*s", SPAN_ARG(name));
    return identity_outbox_dead(*out_identity, NULL, (*out_peer)->id, 100, world->arena, out_dead, out_count, err);
}

/* When its N-th message says that the change was (MSH-7, to the second). */
static bool since_message(struct world *world, const struct step *step, int64_t *out_us, struct error *err) {
    const struct told *told = told_find(world, step->words[1]);
    uint64_t number;
    if (!told || !told->receiver || !number_of(pairs_get(&step->pairs, "since"), &number, err))
        return unmet(err, "no such receiver, or no number");
    struct span message = receiver_message(told->receiver, number - 1 - told->before, world->arena);
    struct span at = receiver_field(message, SPAN("MSH"), 1, 7);
    if (at.len < 14)
        return unmet(err, "it has had no such message");
    const char *iso =
        arena_printf(world->arena, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%.3s:%.2s", at.ptr, at.ptr + 4, at.ptr + 6, at.ptr + 8,
                     at.ptr + 10, at.ptr + 12, at.len >= 19 ? at.ptr + 14 : "+00", at.len >= 19 ? at.ptr + 17 : "00");
    return clock_parse_iso(span_of(iso), out_us) || unmet(err, "no time: %s", iso);
}

/* outbox replay|skip PEER [N]: its N-th dead letter, or all; outbox again PEER [since=N]: all that it was told, or from that
 * message's change on. */
static bool do_outbox(struct world *world, const struct step *step, struct error *err) {
    struct outbox_order order = {.author = SPAN("scenario")};
    const struct dead_notification *dead;
    struct identity *identity;
    const struct peer *peer;
    uint64_t number = 0;
    size_t count;
    if (!peer_and_dead(world, step->words[1], &identity, &peer, &dead, &count, err) ||
        (step->count > 2 && !number_of(step->words[2], &number, err)))
        return false;
    if (number > count)
        return unmet(err, "it has %zu dead letters", count);
    order.peer = peer->id;
    if (!span_is_absent(pairs_get(&step->pairs, "since")) && !since_message(world, step, &order.since_us, err))
        return false;
    order.id = number ? dead[number - 1].id : 0;
    order.act = span_eq_cstr(step->words[0], "skip")    ? OUTBOX_SKIP
                : span_eq_cstr(step->words[0], "again") ? OUTBOX_AGAIN
                                                        : OUTBOX_RETRY;
    return identity_outbox_order(identity, &order, world->arena, err);
}

const struct step_row TOLD_STEPS[] = {{"receiver", 1, do_receiver, true}, {"outbox", 2, do_outbox, false}, {NULL, 0, NULL, false}};

/* -- expecting ---------------------------------------------------------------------------------------------------------------- */

static bool open_counts(struct world *world, struct span name, struct outbox_count *out, struct error *err) {
    const struct outbox_count *counts;
    struct identity *identity;
    size_t count;
    *out = (struct outbox_count){0};
    if (!world_identity(world, &identity, err))
        return false;
    const struct peer *peer = peer_by_name(identity_peers(identity), name);
    if (!peer)
        return error_set(err, ERROR_UNKNOWN, NULL, "no such peer: %.*s", SPAN_ARG(name));
    if (!identity_outbox_counts(identity, world->arena, &counts, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        *out = counts[i].peer == peer->id ? counts[i] : *out;
    return true;
}

static uint64_t wanted_number(const struct step *step, const char *key) {
    uint64_t number = 0;
    struct span text = pairs_get(&step->pairs, key);
    return span_to_u64(text, &number) ? number : 0;
}

static size_t told_count(const struct told *told) {
    return told->before + (told->receiver ? receiver_count(told->receiver) : 0);
}

/* Is each of its messages what its structure says (tests/support/hl7/segments.txt)? */
static bool told_well(const struct world *world, const struct told *told, struct error *err) {
    if (told->receiver && receiver_overtaken(told->receiver))
        return unmet(err, "more than one message was outstanding");
    for (size_t i = 0; told->receiver && i < receiver_count(told->receiver); i++)
        if (!hl7_told_check(world->tables, receiver_message(told->receiver, i, world->arena), err))
            return error_prefix(err, "a told message's structure");
    return true;
}

/* told PEER N [waiting= held= dead=]: the peer's receiver, of the same name, has had N messages, and so many are left. Waits for
 * it. */
static bool expect_told(struct world *world, const struct step *step, struct error *err) {
    const struct told *told = told_find(world, step->words[1]);
    struct outbox_count open;
    uint64_t wanted, deadline = clock_deadline(PATIENCE_MS);
    if (!told)
        return error_set(err, ERROR_UNKNOWN, NULL, "no such receiver: %.*s", SPAN_ARG(step->words[1]));
    if (!number_of(step->words[2], &wanted, err))
        return false;
    do {
        if (!open_counts(world, step->words[1], &open, err))
            return false;
        if (!told_well(world, told, err))
            return false;
        if (told_count(told) == wanted && open.waiting == wanted_number(step, "waiting") &&
            open.held == wanted_number(step, "held") && open.dead == wanted_number(step, "dead"))
            return true;
        clock_sleep_ms(LOOK_MS);
    } while (clock_left_ms(deadline) > 0 && told_count(told) <= wanted);
    for (size_t i = 0; told->receiver && i < receiver_count(told->receiver); i++) { /* it mostly tells why */
        struct span message = receiver_message(told->receiver, i, world->arena);
        printf("      message %zu: %.*s %.*s %.*s\n", i + 1 + told->before, SPAN_ARG(receiver_field(message, SPAN("MSH"), 1, 9)),
               SPAN_ARG(receiver_field(message, SPAN("PID"), 1, 3)), SPAN_ARG(receiver_field(message, SPAN("PID"), 1, 5)));
    }
    return unmet(err, "it had %zu messages; %llu wait, %llu are held, %llu dead", told_count(told),
                 (unsigned long long)open.waiting, (unsigned long long)open.held, (unsigned long long)open.dead);
}

/* "PID-3", "PID2-3" of the second PID. */
static struct span said_field(struct span message, struct span key) {
    struct span rest = key, segment;
    uint64_t field, occurrence = 1;
    if (!span_cut(&rest, '-', &segment) || !span_to_u64(rest, &field))
        return SPAN_ABSENT;
    if (segment.len == 4)
        occurrence = (uint64_t)(segment.ptr[3] - '0');
    return receiver_field(message, span_sub(segment, 0, 3), occurrence, field);
}

/* said PEER N SEG-FIELD=value...: of its N-th message, from 1; "none" for no such field or segment. */
static bool expect_said(struct world *world, const struct step *step, struct error *err) {
    const struct told *told = told_find(world, step->words[1]);
    uint64_t number;
    if (!told || !told->receiver || !number_of(step->words[2], &number, err))
        return unmet(err, "no such receiver, or no number");
    struct span message = receiver_message(told->receiver, number - 1 - told->before, world->arena);
    if (span_is_absent(message))
        return unmet(err, "it has had no such message");
    if (step->pairs.count)
        return unmet(err, "a field is written PID-3=value");
    for (size_t i = 3; i < step->count; i++) {
        struct span value = step->words[i], key;
        if (!span_cut(&value, '=', &key) || span_is_absent(value))
            return unmet(err, "%.*s is no PID-3=value", SPAN_ARG(key));
        struct span found = said_field(message, key);
        bool none = span_eq_cstr(value, "none");
        if (none ? found.len > 0 : !span_eq(found, value))
            return unmet(err, "%.*s is %.*s", SPAN_ARG(key), SPAN_ARG(found));
    }
    return true;
}

/* same PEER N M: the two messages are the same, byte for byte. */
static bool expect_same(struct world *world, const struct step *step, struct error *err) {
    const struct told *told = told_find(world, step->words[1]);
    uint64_t a, b;
    if (!told || !told->receiver || !number_of(step->words[2], &a, err) || !number_of(step->words[3], &b, err))
        return unmet(err, "no such receiver, or no numbers");
    return span_eq(receiver_message(told->receiver, a - 1 - told->before, world->arena),
                   receiver_message(told->receiver, b - 1 - told->before, world->arena)) ||
           unmet(err, "they differ");
}

/* gap PEER N MS: between its N-th message and the next one at least so much time went by. */
static bool expect_gap(struct world *world, const struct step *step, struct error *err) {
    const struct told *told = told_find(world, step->words[1]);
    uint64_t number, least;
    if (!told || !told->receiver || !number_of(step->words[2], &number, err) || !number_of(step->words[3], &least, err))
        return unmet(err, "no such receiver, or no numbers");
    uint64_t gap = receiver_gap_ms(told->receiver, number - 1 - told->before);
    return gap >= least || unmet(err, "it was %llu ms", (unsigned long long)gap);
}

/* quiet PEER: nothing comes to it for a while. */
static bool expect_quiet(struct world *world, const struct step *step, struct error *err) {
    const struct told *told = told_find(world, step->words[1]);
    if (!told)
        return error_set(err, ERROR_UNKNOWN, NULL, "no such receiver: %.*s", SPAN_ARG(step->words[1]));
    size_t before = told_count(told);
    clock_sleep_ms(QUIET_MS);
    return told_count(told) == before || unmet(err, "it had %zu more messages", told_count(told) - before);
}

const struct step_row EXPECTATIONS_TOLD[] = {{"quiet", 1, expect_quiet, false}, {"gap", 3, expect_gap, false},
                                             {"told", 2, expect_told, false},   {"said", 3, expect_said, false},
                                             {"same", 3, expect_same, false},   {NULL, 0, NULL, false}};
