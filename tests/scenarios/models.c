/* Other models: previews and runs (DESIGN.md rule 13). A model is the shipped one with other thresholds. */
#include "base/clock.h"
#include "matcher/matcher.h"
#include "tests/scenarios/steps.h"

#include <string.h>

enum { WAIT_MOST = 3000, WAIT_MS = 10 };

/* Puts "KEY VALUE" in the place of the line that begins with KEY. */
static struct span with_setting(struct span model, const char *key, struct span value, struct arena *arena) {
    const char *line = strstr(model.ptr, arena_printf(arena, "\n%s ", key));
    must(line);
    size_t from = (size_t)(line - model.ptr) + 1;
    struct span rest = span_sub(model, span_find(model, '\n', from), model.len);
    return span_of(
        arena_printf(arena, "%.*s%s %.*s%.*s", SPAN_ARG(span_sub(model, 0, from)), key, SPAN_ARG(value), SPAN_ARG(rest)));
}

static bool preview(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    struct relink_preview found;
    struct span model = match_model_shipped();
    for (size_t i = 0; i < step->pairs.count; i++)
        model = with_setting(model, span_cstr(step->pairs.items[i].key, world->arena), step->pairs.items[i].value, world->arena);
    if (!world_identity(world, &identity, err) ||
        !identity_relink_preview(&world->options, model, SPAN("Camille Perrot"), world->arena, &found, err))
        return false;
    world->relink = found.run.id;
    world->would = found.run.counts;
    return true;
}

/* The row says that the run is done a moment before the index knows: whatever the lane answers next comes after both. */
static bool is_published(struct world *world, struct identity *identity) {
    struct error refused = ERROR_INIT;
    return !identity_relink_abandon(identity, world->relink, SPAN("Camille Perrot"), SPAN("it is done"), world->arena, &refused);
}

static bool wait_for_end(struct world *world, struct identity *identity, struct error *err) {
    const struct relink_run *runs;
    size_t count;
    for (int i = 0; i < WAIT_MOST; i++, clock_sleep_ms(WAIT_MS)) {
        if (!identity_relink_runs(identity, 0, world->arena, &runs, &count, err))
            return false;
        for (size_t j = 0; j < count; j++)
            if (runs[j].id == world->relink && runs[j].state == RELINK_DONE)
                return is_published(world, identity) || unmet(err, "a run that is done was abandoned");
    }
    return unmet(err, "the run does not end");
}

/* relink preview [KEY=VALUE...], relink accept, relink abandon */
static bool do_relink(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    struct error refused = ERROR_INIT;
    bool accepts = span_eq_cstr(step->words[0], "accept");
    if (span_eq_cstr(step->words[0], "preview"))
        return preview(world, step, err);
    if (!world_identity(world, &identity, err))
        return false;
    bool taken = accepts ? identity_relink_accept(identity, world->relink, SPAN("Camille Perrot"), SPAN("a better model"),
                                                  world->arena, &refused)
                         : identity_relink_abandon(identity, world->relink, SPAN("Camille Perrot"), SPAN("no better"), world->arena,
                                                   &refused);
    world->act_error = refused;
    world->act_unseen = true;
    return !accepts || !taken || wait_for_end(world, identity, err);
}

const struct step_row MODEL_STEPS[] = {{"relink", 1, do_relink, false}, {NULL, 0, NULL, false}};

/* would ACT N: of the last preview. */
static bool expect_would(struct world *world, const struct step *step, struct error *err) {
    for (int act = 0; act < RELINK_ACT_COUNT; act++) {
        uint64_t wanted, found = world->would.acts[act];
        if (!span_eq_cstr(step->words[1], relink_act_name((enum relink_act)act)))
            continue;
        if (!span_to_u64(step->words[2], &wanted))
            return unmet(err, "not a number: %.*s", SPAN_ARG(step->words[2]));
        return wanted == found || unmet(err, "it would %llu", (unsigned long long)found);
    }
    return unmet(err, "no such act: %.*s", SPAN_ARG(step->words[1]));
}

const struct step_row EXPECTATIONS_MODEL[] = {{"would", 2, expect_would, false}, {NULL, 0, NULL, false}};
