/* The steps of a scenario: tables of what is done and of what must then be so. README.md tells them all. */
#ifndef SCENARIOS_STEPS_H
#define SCENARIOS_STEPS_H

#include "tests/scenarios/world.h"

struct step_row {
    const char *name;
    size_t least; /* arguments */
    bool (*run)(struct world *world, const struct step *step, struct error *err);
    bool looks_at_answer; /* the last answer need not be AA when this step comes */
};

/* Each table ends with a NULL name. Expectations go by the first argument of `expect`. */
extern const struct step_row DO_STEPS[];            /* steps.c */
extern const struct step_row TALK_STEPS[];          /* talk.c */
extern const struct step_row ACT_STEPS[];           /* acts.c */
extern const struct step_row EXPECTATIONS[];        /* expect.c */
extern const struct step_row EXPECTATIONS_ANSWER[]; /* expect_answer.c */
extern const struct step_row EXPECTATIONS_MORE[];   /* expect_more.c */
extern const struct step_row POPULATION_STEPS[];    /* population.c */
extern const struct step_row EXPECTATIONS_TALLY[];  /* population.c */
extern const struct step_row MESSAGE_STEPS[];       /* messages.c */
extern const struct step_row MODEL_STEPS[];         /* models.c */
extern const struct step_row EXPECTATIONS_MODEL[];  /* models.c */
extern const struct step_row PEER_STEPS[];          /* peers.c */
extern const struct step_row EXPECTATIONS_PEER[];   /* peers.c */
extern const struct step_row TOLD_STEPS[];          /* told.c */
extern const struct step_row EXPECTATIONS_TOLD[];   /* told.c */

/* Runs one step, after checking that an answer nobody looked at was AA and an act nobody looked at succeeded. */
bool step_run(struct world *world, const struct step *step, struct error *err);
/* Before the scenario ends. */
bool step_settle(struct world *world, struct error *err);

/* The open (or, open_only false, any) task of a kind, about the record `of` when it is not absent; 0 when there is none. */
bool find_task(struct world *world, struct span kind, struct span of, bool open_only, struct task *out, size_t *out_count,
               struct error *err);
bool number_of(struct span text, uint64_t *out, struct error *err);
/* The port of a receiver. */
bool told_port(struct world *world, struct span name, uint16_t *out, struct error *err);
/* Fails with `text` as the reason. */
bool unmet(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
