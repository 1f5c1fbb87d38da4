/*
 * Runs scenario files: run FILE.scn... Each gets a database of its own in a private PostgreSQL, with the lane, the index and the
 * MLLP port in this process. Prints one line a scenario; for one that fails the file, the line, the step and the reason. Ends with
 * 1 when any failed.
 *
 * README.md in this folder tells the steps.
 */
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

static bool scenario_steps(struct world *world, struct span text, int *out_line, struct error *err) {
    struct script script = {.rest = text};
    struct step step;
    while (script_next(&script, world->arena, &step, err)) {
        *out_line = step.line;
        if (!step_run(world, &step, err))
            return error_prefix(err, "%.*s", SPAN_ARG(step.name));
    }
    *out_line = script.line;
    return err->code == ERROR_NONE && step_settle(world, err);
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

static bool scenario_run(struct test_postgres *postgres, const char *path) {
    struct world world;
    struct span text;
    struct error err = ERROR_INIT;
    int line = 0;
    char spool[] = "/tmp/sosie-scenario-XXXXXX";
    must(mkdtemp(spool) != NULL);
    struct arena *arena = arena_new(0);
    world_init(&world, postgres, spool, directory_of(path, arena));
    bool ok = file_read(path, world.arena, &text, &err) && scenario_steps(&world, text, &line, &err);
    if (ok)
        printf("ok    %s\n", path);
    else
        printf("FAIL  %s:%d: %s%s%s\n", path, line, err.where, err.where[0] ? ": " : "", err.text);
    if (!ok)
        print_tasks(&world);
    world_release(&world);
    fflush(stdout);
    must(system(arena_printf(arena, "rm -rf %s", spool)) == 0);
    arena_free(arena);
    return ok;
}

int main(int argc, char **argv) {
    int failed = 0;
    log_to(2, getenv("SOSIE_SCENARIO_LOG") ? LOG_DEBUG : LOG_ERROR);
    struct test_postgres *postgres = test_postgres_start(false);
    for (int i = 1; i < argc; i++)
        failed += !scenario_run(postgres, argv[i]);
    test_postgres_stop(postgres);
    printf("%d scenarios, %d failed\n", argc - 1, failed);
    return failed ? 1 : 0;
}
