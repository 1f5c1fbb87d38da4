/*
 * An identity service in this process over a private PostgreSQL, and short ways to feed it: for the tests of the identity room.
 */
#ifndef TESTS_SUPPORT_IDENTITY_FIXTURE_H
#define TESTS_SUPPORT_IDENTITY_FIXTURE_H

#include "identity/identity.h"
#include "tests/support/test_postgres.h"

struct identity_fixture {
    struct test_postgres *postgres;
    struct identity *identity;
    struct identity_options options;
    struct arena *arena; /* of the test; grows until the end */
    char url[512];
    uint64_t next_control_id;
};

/* Migrated, with domains REGION (regional), CHU-NORD, CH-EST, CLINIQUE (hospital) and CABINET (practice); the service is the
 * writer. */
void fixture_start(struct identity_fixture *fixture);
void fixture_stop(struct identity_fixture *fixture);
void fixture_reopen(struct identity_fixture *fixture); /* closes the service and opens it again, as after a restart */
/* The same, with everything gone in between but the domains and the model; options may be changed before. */
void fixture_empty(struct identity_fixture *fixture);

struct somebody {
    const char *family, *given, *born, *sex, *place, *used_family, *ins, *street, *postcode, *phone, *mother;
    const char *multiple_birth, *birth_order;
    bool vali;   /* PID-32 VALI; qualified with ins */
    bool silent; /* no PID-32 */
    uint32_t attributes;
};
/* In a message: the value is deleted (HL7 null). */
#define SOMEBODY_DELETE "\"\""
/* A person to start from: complete strict traits. */
struct somebody somebody(const char *family, const char *given, const char *born, const char *sex);

struct feed_outcome send_traits(struct identity_fixture *fixture, enum feed_action action, const char *domain, const char *local_id,
                                const struct somebody *who);
/* The same with further identifiers: "REGION:R000000001" or "CH-EST:77". */
struct feed_outcome send_declared(struct identity_fixture *fixture, const char *domain, const char *local_id,
                                  const struct somebody *who, const char *other);
struct feed_outcome send_merge(struct identity_fixture *fixture, const char *domain, const char *survivor, const char *loser,
                               const struct somebody *who);
struct feed_outcome send_two(struct identity_fixture *fixture, enum feed_action action, const char *domain_a, const char *id_a,
                             const char *domain_b, const char *id_b);
struct feed_outcome send_rename(struct identity_fixture *fixture, const char *domain, const char *fresh, const char *old);
/* The parts of a feed, for those who send it themselves. `who` NULL: no traits; `other` as in send_declared. */
struct feed_subject fixture_subject(struct arena *arena, const struct somebody *who, const char *domain, const char *local_id,
                                    const char *other);
const struct trait_identifier *fixture_prior(struct arena *arena, const char *domain, const char *local_id);
const struct trait_identifier *fixture_prior_ins(struct arena *arena, const char *ins);
/* `sender` is the namespace in MSH-4, `content` what makes a resend the same. */
struct feed fixture_feed(enum feed_action action, const char *event, const char *sender, const char *control_id,
                         const char *content, const struct feed_subject *subjects, size_t count);

/* Beside the server, in a session of its own. Ends the test program when PostgreSQL refuses. */
void fixture_sql(struct identity_fixture *fixture, const char *sql);
long fixture_number(struct identity_fixture *fixture, const char *query); /* its first value */

/* 0 when unknown. */
uint64_t person_of(struct identity_fixture *fixture, const char *domain, const char *local_id);
uint64_t record_of(struct identity_fixture *fixture, const char *domain, const char *local_id);
bool together(struct identity_fixture *fixture, const char *domain_a, const char *id_a, const char *domain_b, const char *id_b);
size_t open_tasks(struct identity_fixture *fixture, enum task_kind kind);
/* The one open task of a kind; fails the test when there is none. */
struct task first_task(struct identity_fixture *fixture, enum task_kind kind);
bool decide(struct identity_fixture *fixture, uint64_t task, enum task_outcome outcome, const char *reason);
const struct person *read_person(struct identity_fixture *fixture, uint64_t person);
void assert_index_equal(struct identity_fixture *fixture); /* memory equals the database */

#endif
