/* See identity_fixture.h. */
#include "tests/support/identity_fixture.h"

#include "base/clock.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what, const struct error *err) {
    (void)fprintf(stderr, "fixture: %s: %s %s\n", what, err->where, err->text);
    abort();
}

static void add_domain(struct identity_fixture *fixture, const char *name, const char *oid, enum domain_kind kind) {
    struct error err = ERROR_INIT;
    struct domain_change change = DOMAIN_CHANGE_NONE;
    change.create = true;
    change.namespace_id = span_of(name);
    change.oid = span_of(oid);
    change.kind = (int)kind;
    change.author = SPAN("test");
    if (!identity_domain_change(fixture->identity, &change, fixture->arena, NULL, &err))
        fail(name, &err);
}

static void open_service(struct identity_fixture *fixture) {
    struct error err = ERROR_INIT;
    if (!identity_open(&fixture->options, false, &fixture->identity, &err))
        fail("open", &err);
    if (!identity_wait_writer(fixture->identity, 20000))
        fail("wait for the writer", &err);
}

void fixture_start(struct identity_fixture *fixture) {
    struct error err = ERROR_INIT;
    *fixture = (struct identity_fixture){.arena = arena_new((size_t)1 << 32)};
    fixture->postgres = test_postgres_start(false);
    (void)snprintf(fixture->url, sizeof fixture->url, "%s", test_postgres_url(fixture->postgres));
    identity_options_default(&fixture->options);
    fixture->options.database_url = fixture->url;
    struct buf report = {0};
    buf_init(&report, 4096);
    if (!identity_migrate(&fixture->options, &report, &err))
        fail("migrate", &err);
    buf_release(&report);
    fixture->options.ins_oids = INS_OIDS_BOTH;
    open_service(fixture);
    add_domain(fixture, "REGION", "1.2.250.1.999.7", DOMAIN_REGIONAL);
    add_domain(fixture, "CHU-NORD", "1.2.250.1.999.1", DOMAIN_HOSPITAL);
    add_domain(fixture, "CH-EST", "1.2.250.1.999.2", DOMAIN_HOSPITAL);
    add_domain(fixture, "CLINIQUE", "1.2.250.1.999.3", DOMAIN_HOSPITAL);
    add_domain(fixture, "CABINET", "1.2.250.1.999.4", DOMAIN_PRACTICE);
}

void fixture_stop(struct identity_fixture *fixture) {
    identity_close(fixture->identity);
    test_postgres_stop(fixture->postgres);
    arena_free(fixture->arena);
}

void fixture_reopen(struct identity_fixture *fixture) {
    identity_close(fixture->identity);
    open_service(fixture);
}

void fixture_empty(struct identity_fixture *fixture) {
    identity_close(fixture->identity);
    test_postgres_run(fixture->postgres,
                      "truncate person, record, alias, version, link, negative_link, decision, task, task_event, visit, "
                      "message, audit, change, relink_item, relink_run, import_line, import_run");
    open_service(fixture);
}

struct somebody somebody(const char *family, const char *given, const char *born, const char *sex) {
    return (struct somebody){.family = family, .given = given, .born = born, .sex = sex, .place = "25056"};
}

static struct span said(const char *value) {
    return value && strcmp(value, SOMEBODY_DELETE) == 0 ? TRAIT_DELETE : span_of(value);
}

static struct trait_identifier ins_identifier(const char *ins, const char *where) {
    return (struct trait_identifier){.value = said(ins),
                                     .namespace_id = SPAN("ASIP-SANTE-INS-NIR"),
                                     .universal_id = SPAN("1.2.250.1.213.1.4.10"),
                                     .universal_type = SPAN("ISO"),
                                     .type = SPAN("INS"),
                                     .where = span_of(where)};
}

static struct traits *traits_of(struct arena *arena, const struct somebody *who, const char *domain, const char *local_id,
                                const char *other) {
    struct traits *traits = ARENA_NEW(arena, struct traits);
    struct trait_identifier *ids = ARENA_ARRAY(arena, struct trait_identifier, 3);
    ids[traits->identifier_count++] = (struct trait_identifier){
        .value = span_of(local_id), .namespace_id = span_of(domain), .type = SPAN("PI"), .where = SPAN("PID^1^3^1")};
    if (other) {
        struct span rest = span_of(arena_strdup(arena, other)), name;
        (void)span_cut(&rest, ':', &name);
        ids[traits->identifier_count++] =
            (struct trait_identifier){.value = rest, .namespace_id = name, .type = SPAN("PI"), .where = SPAN("PID^1^3^2")};
    }
    if (who && who->ins)
        ids[traits->identifier_count++] = ins_identifier(who->ins, "PID^1^3^3");
    traits->identifiers = ids;
    if (!who)
        return traits;
    struct trait_name *names = ARENA_ARRAY(arena, struct trait_name, 2);
    if (who->family || who->given)
        names[traits->name_count++] = (struct trait_name){.type = 'L', .family = said(who->family), .given = said(who->given)};
    if (who->used_family)
        names[traits->name_count++] = (struct trait_name){.type = 'D', .family = said(who->used_family)};
    traits->names = names;
    traits->birth_date = said(who->born);
    traits->sex = said(who->sex);
    traits->multiple_birth = said(who->multiple_birth);
    traits->birth_order = said(who->birth_order);
    struct trait_address *addresses = ARENA_ARRAY(arena, struct trait_address, 2);
    if (who->place)
        addresses[traits->address_count++] = (struct trait_address){.type = SPAN("BDL"), .insee = said(who->place)};
    if (who->street)
        addresses[traits->address_count++] =
            (struct trait_address){.type = SPAN("H"), .line = said(who->street), .postcode = said(who->postcode)};
    traits->addresses = addresses;
    struct trait_telecom *telecoms = ARENA_ARRAY(arena, struct trait_telecom, 1);
    if (who->mother)
        traits->mother_name = said(who->mother);
    if (who->phone)
        telecoms[traits->telecom_count++] =
            (struct trait_telecom){.use = SPAN("PRN"), .equipment = SPAN("CP"), .value = said(who->phone)};
    traits->telecoms = telecoms;
    return traits;
}

struct feed_subject fixture_subject(struct arena *arena, const struct somebody *who, const char *domain, const char *local_id,
                                    const char *other) {
    struct feed_subject subject = {.traits = *traits_of(arena, who, domain, local_id, other), .where = SPAN("PID^1")};
    if (who)
        subject.status = (struct feed_status){
            .said = !who->silent, .valid = who->vali, .attributes = who->attributes, .attributes_said = !who->silent};
    return subject;
}

struct feed fixture_feed(enum feed_action action, const char *event, const char *sender, const char *control_id,
                         const char *content, const struct feed_subject *subjects, size_t count) {
    return (struct feed){.action = action,
                         .event = span_of(event),
                         .sender_application = SPAN("TEST"),
                         .sender_facility = span_of(sender),
                         .loopback = true,
                         .control_id = span_of(control_id),
                         .version = SPAN("2.5"),
                         .raw = span_of(content),
                         .comparable = span_of(content),
                         .subjects = subjects,
                         .subject_count = count};
}

static struct feed_outcome submit(struct identity_fixture *fixture, enum feed_action action, const char *event, const char *domain,
                                  const struct feed_subject *subjects, size_t count) {
    struct feed_outcome outcome;
    char *id = arena_printf(fixture->arena, "T%llu", (unsigned long long)++fixture->next_control_id);
    struct feed feed = fixture_feed(action, event, domain, id, id, subjects, count);
    identity_feed(fixture->identity, &feed, fixture->arena, &outcome);
    return outcome;
}

struct feed_outcome send_traits(struct identity_fixture *fixture, enum feed_action action, const char *domain, const char *local_id,
                                const struct somebody *who) {
    struct feed_subject subject = fixture_subject(fixture->arena, who, domain, local_id, NULL);
    return submit(fixture, action, action == FEED_CREATE ? "A28" : "A31", domain, &subject, 1);
}

struct feed_outcome send_declared(struct identity_fixture *fixture, const char *domain, const char *local_id,
                                  const struct somebody *who, const char *other) {
    struct feed_subject subject = fixture_subject(fixture->arena, who, domain, local_id, other);
    return submit(fixture, FEED_UPDATE, "A31", domain, &subject, 1);
}

const struct trait_identifier *fixture_prior(struct arena *arena, const char *domain, const char *local_id) {
    struct trait_identifier *prior = ARENA_NEW(arena, struct trait_identifier);
    *prior = (struct trait_identifier){
        .value = span_of(local_id), .namespace_id = span_of(domain), .type = SPAN("PI"), .where = SPAN("MRG^1^1")};
    return prior;
}

const struct trait_identifier *fixture_prior_ins(struct arena *arena, const char *ins) {
    struct trait_identifier *prior = ARENA_NEW(arena, struct trait_identifier);
    *prior = ins_identifier(ins, "MRG^1^1");
    return prior;
}

struct feed_outcome send_merge(struct identity_fixture *fixture, const char *domain, const char *survivor, const char *loser,
                               const struct somebody *who) {
    struct feed_subject subject = fixture_subject(fixture->arena, who, domain, survivor, NULL);
    subject.prior = fixture_prior(fixture->arena, domain, loser);
    subject.prior_count = 1;
    return submit(fixture, FEED_MERGE, "A40", domain, &subject, 1);
}

struct feed_outcome send_two(struct identity_fixture *fixture, enum feed_action action, const char *domain_a, const char *id_a,
                             const char *domain_b, const char *id_b) {
    struct feed_subject *subjects = ARENA_ARRAY(fixture->arena, struct feed_subject, 2);
    subjects[0] = fixture_subject(fixture->arena, NULL, domain_a, id_a, NULL);
    subjects[1] = fixture_subject(fixture->arena, NULL, domain_b, id_b, NULL);
    return submit(fixture, action, action == FEED_LINK ? "A24" : "A37", domain_a, subjects, 2);
}

struct feed_outcome send_rename(struct identity_fixture *fixture, const char *domain, const char *fresh, const char *old) {
    struct feed_subject subject = fixture_subject(fixture->arena, NULL, domain, fresh, NULL);
    subject.prior = fixture_prior(fixture->arena, domain, old);
    subject.prior_count = 1;
    return submit(fixture, FEED_CHANGE_ID, "A47", domain, &subject, 1);
}

static uint64_t resolve(struct identity_fixture *fixture, const char *name, const char *local_id, bool record) {
    uint64_t person = 0, number = 0;
    struct error err = ERROR_INIT;
    const struct domain *domain = domain_by_authority(identity_domains(fixture->identity), span_of(name), SPAN_ABSENT, SPAN_ABSENT);
    must(domain);
    if (!identity_resolve(fixture->identity, domain, span_of(local_id), &person, &number, &err))
        return 0;
    return record ? number : person;
}

uint64_t person_of(struct identity_fixture *fixture, const char *domain, const char *local_id) {
    return resolve(fixture, domain, local_id, false);
}

uint64_t record_of(struct identity_fixture *fixture, const char *domain, const char *local_id) {
    return resolve(fixture, domain, local_id, true);
}

bool together(struct identity_fixture *fixture, const char *domain_a, const char *id_a, const char *domain_b, const char *id_b) {
    uint64_t a = person_of(fixture, domain_a, id_a), b = person_of(fixture, domain_b, id_b);
    must(a && b);
    return a == b;
}

static const struct asker cell = {.application = {"test", 4},
                                  .facility = {"", 0},
                                  .address = {"", 0},
                                  .interaction = {"test", 4},
                                  .sees_ins = true,
                                  .cell = true};

static const struct task *tasks_of(struct identity_fixture *fixture, enum task_kind kind, size_t *out_count) {
    struct error err = ERROR_INIT;
    const struct task *tasks;
    size_t total;
    struct task_filter filter = {.kind = (int)kind, .open_only = true, .most = 1000};
    if (!identity_tasks(fixture->identity, &cell, &filter, fixture->arena, &tasks, out_count, &total, &err))
        fail("tasks", &err);
    return tasks;
}

size_t open_tasks(struct identity_fixture *fixture, enum task_kind kind) {
    size_t count;
    (void)tasks_of(fixture, kind, &count);
    return count;
}

struct task first_task(struct identity_fixture *fixture, enum task_kind kind) {
    size_t count;
    const struct task *tasks = tasks_of(fixture, kind, &count);
    must(count > 0);
    return tasks[0];
}

bool decide(struct identity_fixture *fixture, uint64_t task, enum task_outcome outcome, const char *reason) {
    struct error err = ERROR_INIT;
    struct review review = {.task = task, .outcome = outcome, .author = SPAN("Dr Vigilance"), .reason = span_of(reason)};
    bool ok = identity_review(fixture->identity, &review, fixture->arena, &err);
    if (!ok)
        (void)fprintf(stderr, "review refused: %s: %s\n", err.where, err.text);
    return ok;
}

const struct person *read_person(struct identity_fixture *fixture, uint64_t person) {
    struct error err = ERROR_INIT;
    const struct person *out = NULL;
    if (!identity_read_persons(fixture->identity, &cell, &person, 1, fixture->arena, &out, &err))
        fail("read person", &err);
    return out;
}

void assert_index_equal(struct identity_fixture *fixture) {
    struct error err = ERROR_INIT;
    struct buf report = {0};
    buf_init(&report, 1 << 16);
    bool equal = identity_check_index(fixture->identity, &report, &err);
    if (!equal)
        (void)fprintf(stderr, "%s%s\n", report.len ? report.bytes : "", err.text);
    buf_release(&report);
    must(equal);
}

static PGresult *ask(PGconn *conn, const char *sql) {
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) {
        (void)fprintf(stderr, "fixture: %s: %s\n", sql, PQerrorMessage(conn));
        abort();
    }
    return result;
}

void fixture_sql(struct identity_fixture *fixture, const char *sql) {
    PGconn *conn = PQconnectdb(fixture->url);
    PQclear(ask(conn, sql));
    PQfinish(conn);
}

long fixture_number(struct identity_fixture *fixture, const char *query) {
    PGconn *conn = PQconnectdb(fixture->url);
    PGresult *result = ask(conn, query);
    if (PQntuples(result) == 0) {
        (void)fprintf(stderr, "fixture: %s: no row\n", query);
        abort();
    }
    long number = strtol(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    PQfinish(conn);
    return number;
}
