/* The step `messages DIR`: declares the domains of DIR/domains.csv and sends the messages of DIR/expected.csv, byte for byte. */
#include "tests/scenarios/steps.h"

#include "fixtures/csv.h"

#include <stdio.h>
#include <string.h>

/* Columns of expected.csv. */
enum { FILE_NAME, ANSWER, LOCATION, CODE, QUERY_STATUS, CONTAINS, SHOWS };

static void pair_add(struct pairs *pairs, const char *key, const char *value) {
    if (value[0])
        pairs->items[pairs->count++] = (struct pair){span_of(key), span_of(value)};
}

static bool declare(struct world *world, const char *directory, struct error *err) {
    static const char *const keys[] = {"", "oid", "finess", "", "auto-link", "max-status", "evidence", "sender"};
    struct csv csv;
    if (!csv_open(directory, "domains.csv", world->arena, &csv, err))
        return false;
    while (csv_next(&csv)) {
        struct step step = {.name = SPAN("domain"), .words = {span_of(csv.cells[0]), span_of(csv.cells[3])}, .count = 2};
        for (size_t i = 0; i < csv.count && i < sizeof keys / sizeof keys[0]; i++) {
            if (keys[i][0])
                pair_add(&step.pairs, keys[i], csv.cells[i]);
        }
        /* The regional domain is there already. */
        if (strcmp(csv.cells[3], "regional") != 0 && !step_run(world, &step, err))
            return error_prefix(err, "domain %s", csv.cells[0]);
    }
    return true;
}

/* The expectation of one row, as the steps of a scenario would write it. */
static bool row_met(struct world *world, const struct csv *row, struct error *err) {
    const char *code = row->cells[CODE], *slash = strchr(code, '/');
    struct step answer = {.words = {SPAN("answer"), span_of(row->cells[ANSWER]), span_of(row->cells[LOCATION])}, .count = 3};
    struct step query = {.words = {SPAN("query"), span_of(row->cells[QUERY_STATUS])}, .count = 2};
    struct step contains = {.words = {SPAN("contains"), span_of(row->cells[CONTAINS])}, .count = 2};
    answer.name = query.name = contains.name = SPAN("expect");
    if (code[0] && !slash)
        answer.words[answer.count++] = span_of(code);
    return step_run(world, &answer, err) && (query.words[1].len == 0 || step_run(world, &query, err)) &&
           (contains.words[1].len == 0 || step_run(world, &contains, err));
}

static bool do_messages(struct world *world, const struct step *step, struct error *err) {
    const char *directory = arena_printf(world->arena, "%s/%.*s", world->directory, SPAN_ARG(step->words[0]));
    struct csv csv;
    size_t failed = 0, sent = 0;
    if (!declare(world, directory, err) || !csv_open(directory, "expected.csv", world->arena, &csv, err))
        return false;
    while (csv_next(&csv)) {
        struct span message;
        struct error reason = ERROR_INIT;
        sent++;
        if (file_read(arena_printf(world->arena, "%s/%s", directory, csv.cells[FILE_NAME]), world->arena, &message, &reason) &&
            world_send(world, message, &reason) && row_met(world, &csv, &reason))
            continue;
        fprintf(stderr, "  %s: %s\n", csv.cells[FILE_NAME], reason.text);
        world->answer_unseen = false;
        failed++;
    }
    return failed == 0 || unmet(err, "%zu of %zu messages were not answered as they must", failed, sent);
}

const struct step_row MESSAGE_STEPS[] = {{"messages", 1, do_messages, false}, {NULL, 0, NULL, false}};
