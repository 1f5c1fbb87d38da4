/*
 * Runs scenario files: run FILE.scn... Each scenario gets a database of its own in a private PostgreSQL, with the lane, the index
 * and the MLLP port in this process. Prints one line a file, with the number of scenarios it holds; for one that fails the file,
 * the line, the step and the reason. Ends with 1 when any failed. SOSIE_SCENARIO_ONLY=TEXT runs those of several in a file whose
 * title holds the text.
 *
 * README.md in this folder tells the steps.
 */
#include "tests/scenarios/cases.h"
#include "tests/scenarios/steps.h"

#include "base/log.h"
#include "fixtures/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *directory_of(const char *path, struct arena *arena) {
    const char *slash = strrchr(path, '/');
    return slash ? arena_printf(arena, "%.*s", (int)(slash - path), path) : ".";
}

static bool is_option(const struct step *step) {
    return span_eq_cstr(step->name, "option");
}

static bool run_steps(struct world *world, struct span text, int line, bool but_options, int *out_line, struct error *err) {
    struct script script = {.rest = text, .line = line};
    struct step step;
    while (script_next(&script, world->arena, &step, err)) {
        *out_line = step.line;
        if (!(but_options && is_option(&step)) && !step_run(world, &step, err))
            return error_prefix(err, "%.*s", SPAN_ARG(step.name));
    }
    *out_line = script.line;
    return err->code == ERROR_NONE;
}

/* Settings come before all that opens a server: those of the file, then those of the case. */
static bool run_options(struct world *world, struct span text, struct error *err) {
    struct script script = {.rest = text};
    struct step step;
    while (script_next(&script, world->arena, &step, err)) {
        if (is_option(&step) && !step_run(world, &step, err))
            return error_prefix(err, "option");
    }
    return err->code == ERROR_NONE;
}

static bool scenario_steps(struct world *world, const struct scenario *scenario, int *out_line, struct error *err) {
    bool cases = scenario->before.len > 0;
    *out_line = scenario->line;
    if (cases && (!run_options(world, scenario->before, err) || !run_options(world, scenario->steps, err)))
        return false;
    return run_steps(world, scenario->before, 0, cases, out_line, err) &&
           run_steps(world, scenario->steps, scenario->line, cases, out_line, err) && step_settle(world, err);
}

/* What is open when a scenario fails: it mostly tells why. */
static void print_tasks(struct world *world) {
    struct task_filter filter = {.kind = -1, .open_only = true, .most = 20};
    struct identity *identity = world->servers[world->current].identity;
    struct asker asker;
    const struct task *tasks;
    size_t count, total;
    struct error err = ERROR_INIT;
    if (identity == NULL || !world_asker(world, SPAN_ABSENT, &asker, &err) ||
        !identity_tasks(identity, &asker, &filter, world->arena, &tasks, &count, &total, &err))
        return;
    for (size_t i = 0; i < count; i++)
        printf("      open task %llu: %s, rule %.*s, records %llu and %llu, %.1f bits, posterior %.6f\n",
               (unsigned long long)tasks[i].id, task_kind_name(tasks[i].kind), SPAN_ARG(tasks[i].rule),
               (unsigned long long)tasks[i].record_a, (unsigned long long)tasks[i].record_b, tasks[i].weight_bits,
               tasks[i].posterior);
}

/* What runs share. */
struct runs {
    struct test_postgres *postgres;
    const struct hl7_tables *tables;
    struct arena *arena;
    size_t done, failed;
};

static bool scenario_run(const struct runs *runs, const char *path, const struct scenario *scenario, bool first) {
    struct world world;
    struct error err = ERROR_INIT;
    int line = 0;
    char spool[] = "/tmp/sosie-scenario-XXXXXX";
    must(mkdtemp(spool) != NULL);
    struct arena *arena = arena_new(0);
    world_init(&world, runs->postgres, spool, directory_of(path, arena), first);
    world.tables = runs->tables;
    bool ok = scenario_steps(&world, scenario, &line, &err);
    if (!ok) {
        printf("FAIL  %s:%d: %.*s%s%s%s%s\n", path, line, SPAN_ARG(scenario->title), scenario->title.len ? ": " : "", err.where,
               err.where[0] ? ": " : "", err.text);
        print_tasks(&world);
    }
    world_release(&world);
    fflush(stdout);
    must(system(arena_printf(arena, "rm -rf %s", spool)) == 0);
    arena_free(arena);
    return ok;
}

static bool is_wanted(const struct scenario *scenario) {
    const char *only = getenv("SOSIE_SCENARIO_ONLY");
    return !only || memmem(scenario->title.ptr, scenario->title.len, only, strlen(only));
}

static void run_file(struct runs *runs, const char *path) {
    struct cases *cases = ARENA_NEW(runs->arena, struct cases);
    struct error err = ERROR_INIT;
    struct span text;
    size_t failed = runs->failed, done = runs->done;
    int line = 0;
    if (!file_read(path, runs->arena, &text, &err) || !cases_read(text, runs->arena, cases, &line, &err)) {
        printf("FAIL  %s:%d: %s%s%s\n", path, line, err.where, err.where[0] ? ": " : "", err.text);
        runs->done++;
        runs->failed++;
        return;
    }
    for (size_t i = 0; i < cases->count; i++) {
        if (!is_wanted(&cases->items[i]))
            continue;
        runs->done++;
        runs->failed += !scenario_run(runs, path, &cases->items[i], runs->done == done + 1);
    }
    if (runs->failed > failed)
        return;
    if (cases->count > 1)
        printf("ok    %s (%zu scenarios)\n", path, runs->done - done);
    else
        printf("ok    %s\n", path);
    fflush(stdout);
}

static const struct hl7_tables *read_tables(struct arena *arena) {
    struct error err = ERROR_INIT;
    struct span text;
    must(file_read(SOSIE_SOURCE_DIR "/tests/support/hl7/segments.txt", arena, &text, &err));
    return hl7_tables_read(text, arena);
}

int main(int argc, char **argv) {
    log_to(2, getenv("SOSIE_SCENARIO_LOG") ? LOG_DEBUG : LOG_ERROR);
    struct runs runs = {.postgres = test_postgres_start(false), .arena = arena_new(0)};
    runs.tables = read_tables(runs.arena);
    world_prepare(runs.postgres);
    for (int i = 1; i < argc; i++)
        run_file(&runs, argv[i]);
    arena_free(runs.arena);
    test_postgres_stop(runs.postgres);
    printf("%zu scenarios, %zu failed\n", runs.done, runs.failed);
    return runs.failed ? 1 : 0;
}
