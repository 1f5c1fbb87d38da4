/*
 * The step `population`: makes the invented population of fixtures/, feeds it in the order of time, and tallies what became of it
 * against the truth: who was joined to somebody else, and which share of a person's records came together or was asked about.
 */
#include "tests/scenarios/steps.h"

#include "fixtures/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_BYTES = 3, MOST_RECORDS = 40000 };

/* One live record at the end of the feed: whom it belongs to, and where the server put it. */
struct placed {
    uint32_t truth;
    struct span id;
    uint64_t person, record;
    bool homonym;
    bool automatic; /* its domain may link, and it has a name to be found by */
};

static bool declare(struct world *world, struct error *err) {
    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        const struct source *s = &SOURCES[i];
        struct step step = {.name = SPAN("domain"), .words = {span_of(s->namespace_id), span_of(s->kind)}, .count = 2};
        const struct pair pairs[] = {{SPAN("oid"), span_of(s->oid)},
                                     {SPAN("finess"), span_of(s->finess)},
                                     {SPAN("auto-link"), span_of(s->auto_link)},
                                     {SPAN("max-status"), span_of(s->max_status)},
                                     {SPAN("evidence"), span_of(s->evidence)}};
        memcpy(step.pairs.items, pairs, sizeof pairs);
        step.pairs.count = sizeof pairs / sizeof pairs[0];
        if (!step_run(world, &step, err))
            return false;
    }
    return true;
}

/* Sends all of the story. A message that must be taken and is not is told, one that must be refused and is not counts as taken. */
static bool feed(struct world *world, struct story *story, struct error *err) {
    struct message_writer writer;
    struct buf frame;
    bool ok = true;
    message_writer_init(&writer, story);
    buf_init(&frame, 1 << 20);
    for (size_t i = 0; i < story->count && ok; i++) {
        const struct event *event = &story->events[i];
        buf_clear(&frame);
        story_play(story, event);
        message_write(&writer, event, &frame);
        ok = world_send(world, span_copy(span_sub(buf_span(&frame), 1, frame.len - FRAME_BYTES), world->arena), err);
        bool taken = ok && span_eq_cstr(world_peek(world, "MSA", 1, 1, 1), "AA");
        world->answer_unseen = false;
        world->tally.messages++;
        world->tally.refused += !taken;
        world->tally.broken += event->kind == EVENT_BROKEN;
    }
    buf_release(&frame);
    message_writer_release(&writer);
    return ok;
}

static bool place(struct world *world, const struct registry *registry, uint32_t number, struct placed *out, struct error *err) {
    const struct record *record = &registry->items[number];
    const struct source *source = &SOURCES[record->source];
    /* A duplicate's task names the other record of its domain: it is not looked for elsewhere. */
    const uint32_t left_out = KIND_UNKNOWN | KIND_FICTITIOUS | KIND_COLLISION | KIND_DUPLICATE;
    struct span id = span_of(arena_printf(world->arena, "%s:%s", source->namespace_id, record_id(record, world->arena)));
    /* Nobody is the truth of a fictitious one: it may be with no one. */
    *out =
        (struct placed){.id = id,
                        .homonym = record->kinds & KIND_HOMONYM,
                        .truth = record->kinds & KIND_FICTITIOUS ? UINT32_MAX - number : record->person,
                        .automatic = strcmp(source->auto_link, "yes") == 0 && !(record->kinds & left_out) && !record->attributes};
    return world_resolve(world, id, &out->person, &out->record, err);
}

static int by_person(const void *left, const void *right) {
    const struct placed *a = left, *b = right;
    if (a->person != b->person)
        return a->person < b->person ? -1 : 1;
    return a->truth < b->truth ? -1 : a->truth > b->truth;
}

static int by_truth(const void *left, const void *right) {
    const struct placed *a = left, *b = right;
    return a->truth < b->truth ? -1 : a->truth > b->truth;
}

/* People too many on each person of the server; each is told, for the tally alone helps nobody. Homonyms of whom no place, number
 * or address was written down cannot be told apart by anybody: they are counted for themselves. */
static void count_false_links(struct tally *tally, struct placed *placed, size_t count) {
    qsort(placed, count, sizeof placed[0], by_person);
    for (size_t i = 1; i < count; i++) {
        const struct placed *a = &placed[i - 1], *b = &placed[i];
        if (a->person != b->person || a->truth == b->truth)
            continue;
        bool homonyms = a->homonym && b->homonym;
        tally->homonyms_joined += homonyms;
        tally->false_links += !homonyms;
        printf("      joined: %.*s (%u) and %.*s (%u)%s\n", SPAN_ARG(a->id), a->truth, SPAN_ARG(b->id), b->truth,
               homonyms ? ", homonyms" : "");
    }
}

static bool asked_about(const struct task *tasks, size_t count, uint64_t a, uint64_t b) {
    for (size_t i = 0; i < count; i++) {
        if ((tasks[i].record_a == a && tasks[i].record_b == b) || (tasks[i].record_a == b && tasks[i].record_b == a))
            return true;
    }
    return false;
}

/* Of every pair of one person's records: together, or in a queue. */
static void count_pairs(struct tally *tally, struct placed *placed, size_t count, const struct task *tasks, size_t task_count) {
    qsort(placed, count, sizeof placed[0], by_truth);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = i; k-- > 0 && placed[k].truth == placed[i].truth;) {
            if (!placed[i].automatic || !placed[k].automatic)
                continue;
            bool together = placed[i].person == placed[k].person;
            bool asked = together || asked_about(tasks, task_count, placed[i].record, placed[k].record);
            tally->pairs++;
            tally->linked += together;
            tally->asked += asked;
            if (!asked && getenv("SOSIE_SCENARIO_LOG"))
                printf("      missed: %.*s and %.*s (%u)\n", SPAN_ARG(placed[k].id), SPAN_ARG(placed[i].id), placed[i].truth);
        }
    }
}

static bool judge(struct world *world, const struct registry *registry, struct error *err) {
    struct placed *placed = ARENA_ARRAY(world->arena, struct placed, registry->count + 1);
    struct task_filter filter = {.kind = -1, .open_only = true, .most = MOST_RECORDS};
    struct identity *identity;
    struct asker asker;
    const struct task *tasks;
    size_t count = 0, task_count, total;
    if (!world_identity(world, &identity, err) || !world_asker(world, SPAN_ABSENT, &asker, err) ||
        !identity_tasks(identity, &asker, &filter, world->arena, &tasks, &task_count, &total, err))
        return false;
    for (uint32_t i = 1; i <= registry->count; i++) {
        const struct record *record = &registry->items[i];
        if (record->created && record->merged_into == 0 && !place(world, registry, i, &placed[count++], err))
            return false;
    }
    world->tally.records = count;
    count_false_links(&world->tally, placed, count);
    count_pairs(&world->tally, placed, count, tasks, task_count);
    return true;
}

/* population PERSONS SEED [quality=hospital|practice|hard] */
static bool do_population(struct world *world, const struct step *step, struct error *err) {
    struct span quality = pairs_get(&step->pairs, "quality");
    uint64_t persons, seed;
    struct rng rng;
    struct data data;
    struct population population;
    struct registry registry = {.count = 0};
    struct story story;
    if (!number_of(step->words[0], &persons, err) || !number_of(step->words[1], &seed, err) ||
        !data_load(arena_printf(world->arena, "%s/../../fixtures/data", world->directory), world->arena, &data, err))
        return false;
    if (!registry_preset(&registry, quality.len ? span_cstr(quality, world->arena) : "hospital"))
        return error_set(err, ERROR_TABLE, NULL, "no such quality");
    rng_init(&rng, seed);
    population_make(&data, persons, &rng, world->arena, &population);
    registry_make(&population, &rng, world->arena, &registry);
    story_make(&registry, &rng, world->arena, &story);
    return declare(world, err) && feed(world, &story, err) && judge(world, &registry, err);
}

const struct step_row POPULATION_STEPS[] = {{"population", 2, do_population, false}, {NULL, 0, NULL, false}};

/* -- expectations --------------------------------------------------------------------------------------------------------- */

/* false-links N, homonyms-joined N: at most. */
static bool expect_homonyms_joined(struct world *world, const struct step *step, struct error *err) {
    uint64_t most;
    return number_of(step->words[1], &most, err) &&
           (world->tally.homonyms_joined <= most || unmet(err, "%zu homonyms are joined", world->tally.homonyms_joined));
}

static bool expect_false_links(struct world *world, const struct step *step, struct error *err) {
    uint64_t most;
    return number_of(step->words[1], &most, err) &&
           (world->tally.false_links <= most ||
            unmet(err, "%zu false links among %zu records", world->tally.false_links, world->tally.records));
}

/* recall N, recall-with-tasks N: at least, in thousandths of the pairs. */
static bool share(size_t part, size_t whole, struct span least_text, struct error *err) {
    uint64_t least;
    return number_of(least_text, &least, err) && (part * 1000 >= whole * least || unmet(err, "%zu of %zu pairs", part, whole));
}

static bool expect_recall(struct world *world, const struct step *step, struct error *err) {
    return share(world->tally.linked, world->tally.pairs, step->words[1], err);
}

static bool expect_recall_with_tasks(struct world *world, const struct step *step, struct error *err) {
    return share(world->tally.asked, world->tally.pairs, step->words[1], err);
}

/* refused-as-planned: the broken messages, and no other. */
static bool expect_refused_as_planned(struct world *world, const struct step *step, struct error *err) {
    (void)step;
    return world->tally.refused == world->tally.broken || unmet(err, "%zu of %zu messages were refused, not %zu",
                                                                world->tally.refused, world->tally.messages, world->tally.broken);
}

const struct step_row EXPECTATIONS_TALLY[] = {
    {"false-links", 1, expect_false_links, false},
    {"homonyms-joined", 1, expect_homonyms_joined, false},
    {"recall", 1, expect_recall, false},
    {"recall-with-tasks", 1, expect_recall_with_tasks, false},
    {"refused-as-planned", 0, expect_refused_as_planned, false},
    {NULL, 0, NULL, false},
};
