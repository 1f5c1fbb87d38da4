/*
 * Identity: our nouns (domain, record, person, link, task, decision) and verbs (feed, review, search, cross-reference). The edges
 * (mllp, fhir, web, command line) translate to and from the types of this door and never decide.
 *
 *     feed, review, admin  -> the lane (one writer, group commit) -> outcome, after COMMIT
 *     search, xref, read   -> the index in memory and read sessions -> answer, noted in the audit trail before it leaves
 *
 * Every call may come from any thread. Answers live in the arena of the call. Nothing here blocks longer than its deadline, but for
 * a command that the lane has begun: it waits for what became of its batch.
 */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"
#include "identity/domain.h"
#include "identity/export.h"
#include "identity/import.h"
#include "identity/outbox.h"
#include "identity/relink.h"
#include "identity/visit.h"

struct identity;

/* -- service -------------------------------------------------------------------------------------------------------------- */

enum ins_oids { INS_OIDS_PRODUCTION, INS_OIDS_TEST, INS_OIDS_BOTH };

struct identity_options {
    const char *database_url;
    const char *spool_directory; /* queries noted here until the chain has them; feeds in hand when the server aborted */
    bool spool_sync;             /* a query is answered only when its note outlives a power cut too */
    uint32_t read_sessions;      /* 4 */
    uint32_t connect_timeout_ms; /* 3000 */
    uint32_t lane_timeout_ms;    /* 10000: deadline of one pipeline */
    uint32_t lane_batch;         /* 256, at most 1024: commands of one batch */
    uint32_t queue_limit;        /* 4096: commands waiting; beyond it feeds are refused (AR) */
    uint32_t wait_timeout_ms;    /* 30000: a command not begun by then is withdrawn and refused */
    enum ins_oids ins_oids;
    uint32_t person_record_limit;    /* 64: a larger person takes no automatic link */
    bool second_person_over_veto;    /* rule 15: a decision against a veto asks for a second author */
    bool control_id_reuse;           /* process a reused control ID with other content instead of refusing it */
    bool stale_guard;                /* an update whose PID-33 is older than the stored one joins the history only, with a task */
    const char *unknown_birth_dates; /* "1985-06-15, 1970-01-01": are kept, and compared as none; NULL or "": no such */
    bool strict_create;              /* A28 on a known identifier is refused (205) instead of updating */
    bool no_update_creates;          /* A31 and A08 of an unknown identifier are refused (204) instead of creating */
    bool no_movement_creates;        /* so are movements of a visit (ITI-31) */
    bool merged_feed_survivor;       /* feeds on a merged identifier update the survivor instead of being refused (204) */
    bool merged_id_unknown;     /* cross-references: a merged identifier is unknown (IHE's own form) instead of its survivor's */
    bool expose_subsumed;       /* cross-references list subsumed identifiers too (OpenHIE) */
    uint32_t cache_records;     /* 100000: records whose traits are kept in memory for queries */
    uint32_t retention_months;  /* message log and audit partitions kept; 0: all */
    uint32_t notification_days; /* 30: what peers were told is kept so long, for sending it again */
    bool writer;                /* try to become the writer; false: only follow and answer queries */
    bool progress;              /* print a progress line on standard error while the index loads */
};

void identity_options_default(struct identity_options *options);
/* Connects, loads the index, starts the lane. With the database away it starts all the same and keeps trying, but not when
 * PostgreSQL answers that database_url will never do (sql_connect_first). ERROR_RULE when no regional domain is declared and
 * `require_regional`. Programs that only run one command pass false. */
bool identity_open(const struct identity_options *options, bool require_regional, struct identity **out, struct error *err);
/* Is database_url written as it should be? Asks no server. */
bool identity_check_url(const char *database_url, struct error *err);
void identity_close(struct identity *identity); /* finishes what is in the lane */

enum identity_state { IDENTITY_LOADING, IDENTITY_FOLLOWER, IDENTITY_WRITER, IDENTITY_NO_DATABASE };
enum identity_state identity_state(const struct identity *identity);
const char *identity_state_name(enum identity_state state);
/* Waits until the state is WRITER (or the time is over). */
bool identity_wait_writer(struct identity *identity, uint32_t timeout_ms);

struct identity_counts {
    bool counted; /* the next eight are known: PostgreSQL answered */
    uint64_t records, persons, links_auto, links_declared, links_decided, open_tasks, dead_letters;
    uint64_t held_tasks; /* that an import holds back, not among the open ones */
    uint64_t change;
    uint64_t made_auto, made_declared, made_decided; /* links made since this server started */
    uint64_t left_to_cell, left_apart;               /* candidates not linked since then: for the cell to decide; apart */
    uint64_t index_records, index_rows, index_names, index_bytes, index_keys, hot_keys; /* of the index in memory */
};
void identity_counts(struct identity *identity, struct identity_counts *out);

/* -- traits --------------------------------------------------------------------------------------------------------------- */

/* In an update, an absent span keeps the stored value and TRAIT_DELETE removes it (HL7 2.5.1 ch.2.5.3); elsewhere absent is simply
 * missing. */
extern const struct span TRAIT_DELETE;
bool trait_is_delete(struct span value);

struct trait_name {
    char type; /* 'L' birth, 'D' used, 'S' pseudonym, or as received; 0: none */
    struct span family, given, given_list, prefix, suffix;
};
struct trait_address {
    struct span type;                                        /* "H", "BDL" birth place... (table 0190) */
    struct span line, other, city, state, postcode, country; /* country ISO alpha-3 when it could be mapped */
    struct span insee;                                       /* COG code (XAD-9 of BDL) */
    struct span valid_from, valid_to;
};
struct trait_telecom {
    struct span use, equipment; /* PRN, WPN, NET...; PH, CP, FX, Internet */
    struct span value;          /* number (digits and leading +) or mail address */
};
struct trait_identifier {
    struct span value;                                      /* TRAIT_DELETE in an A47 that removes an INS */
    struct span namespace_id, universal_id, universal_type; /* CX-4 as received */
    struct span type;                                       /* "PI", "INS", "NH"...; empty when not said */
    struct span valid_from, valid_to;
    struct span where; /* location for errors, "PID^1^3^2" */
};
struct traits {
    const struct trait_name *names;
    size_t name_count;
    const struct trait_address *addresses;
    size_t address_count;
    const struct trait_telecom *telecoms;
    size_t telecom_count;
    const struct trait_identifier *identifiers;
    size_t identifier_count; /* every PID-3 repetition */
    const struct trait_identifier *mother_ids;
    size_t mother_id_count;                  /* PID-21 */
    struct span birth_date;                  /* YYYY[MM[DD]] */
    struct span birth_time;                  /* HHMM.. when sent */
    struct span lunar_date;                  /* ZFD-1 */
    struct span birth_date_corrected;        /* "Y" or "N" (ZFD-4) */
    struct span sex;                         /* "M" "F" "U" "O" */
    struct span mother_name;                 /* mother's maiden name (PID-6.1) */
    struct span mother_given;                /* and her given name (PID-6.2) */
    struct span birth_place_text;            /* PID-23 */
    struct span multiple_birth, birth_order; /* "Y" "N"; "1".. */
    struct span marital_status, language, citizenship;
    struct span death_time, dead;                                                   /* PID-29; "Y" "N" */
    struct span identity_unknown;                                                   /* PID-31 "Y" */
    struct span last_update, modified_by;                                           /* PID-33, PID-34 */
    struct span account;                                                            /* PID-18.1, the last one told */
    struct span account_namespace_id, account_universal_id, account_universal_type; /* PID-18.4 as received */
    struct span protection;                                                         /* PD1-12 "Y" "N" */
    struct span evidence, dmp, occupation; /* ZFD, ZFA, ZFP as last told, usual delimiters: kept, not read */
    struct span care_mode;                 /* the ZFS of the message that told of them last, CR between; leaves in no answer */
};

/* Readings of a traits value that every edge needs; absent when there is none. */
const struct trait_name *traits_name(const struct traits *traits, char type);
const struct trait_address *traits_address(const struct traits *traits, const char *type);
struct span traits_birth_place(const struct traits *traits); /* COG code */

/* -- INS ------------------------------------------------------------------------------------------------------------------ */

/* Who issues an INS, told by its OID (identity-france.md 2.1). The whole list of them is here. */
struct ins_authority {
    const char *oid;
    const char *type; /* "INS-NIR", "INS-NIR-TEST": FR Core's code (fhir.md 5.3) */
    bool nia;         /* provisional: a NIR will replace it */
    bool test;        /* not of the national service: test, demonstration */
};
const struct ins_authority *ins_authority(struct span oid); /* NULL when the OID is none of an INS */

/* -- feed ----------------------------------------------------------------------------------------------------------------- */

enum feed_action {
    FEED_REFUSED,      /* the edge could not make sense of it: only logged, as a dead letter */
    FEED_CREATE,       /* A28 */
    FEED_UPDATE,       /* A31, A08; ITI-8 A01 A04 A05 */
    FEED_ENCOUNTER,    /* ITI-31 with demographics that do not overrule: creates when unknown, compares when known */
    FEED_TOUCH,        /* ITI-31 without identity effect: identifiers are checked, death is taken */
    FEED_MERGE,        /* A40: traits.identifiers survive, prior disappear */
    FEED_CHANGE_ID,    /* A47 */
    FEED_LINK,         /* A24: two subjects */
    FEED_UNLINK,       /* A37: two subjects */
    FEED_MOVE_ACCOUNT, /* A44 */
};

/* PID-32 attributes (table 0445 FR), as bits. */
enum identity_attribute {
    ATTRIBUTE_HOMONYM = 1,
    ATTRIBUTE_DOUBTFUL = 2,
    ATTRIBUTE_FICTITIOUS = 4,
    ATTRIBUTE_HIDDEN = 8,
    ATTRIBUTE_ANONYMOUS = 16,
    ATTRIBUTE_POTENTIAL_DUPLICATE = 32,
    ATTRIBUTE_POTENTIAL_COLLISION = 64,
    ATTRIBUTE_CONFIRMED_COLLISION = 128,
    ATTRIBUTE_IDENTITY_THEFT = 256,
    ATTRIBUTE_DEACTIVATED = 512,
    ATTRIBUTE_PROTECTED = 1024,
    ATTRIBUTE_INVALIDATED = 2048,
    ATTRIBUTE_RESTRICTED = 4096,
};

struct feed_status {
    bool said;  /* PID-32 (or its FHIR form) told a status */
    bool valid; /* it is VALI: with an INS a claim to qualified, without it to validated; else to provisional */
    uint32_t attributes;
    bool attributes_said;                    /* PID-32 told a status or attributes: those given are all that hold */
    struct span method, insi_time, document; /* ZFD-5..7 */
};

struct feed_subject {
    struct traits traits;
    struct feed_status status;
    const struct trait_identifier *prior; /* MRG-1 */
    size_t prior_count;
    struct span where; /* "PID^1", the segment of this subject */
    struct visit_told visit;
};

struct feed {
    enum feed_action action;
    struct span event;                               /* "A28" */
    struct span sender_application, sender_facility; /* MSH-3.1, MSH-4.1 */
    struct span certificate;                         /* subject of the peer's certificate, or empty */
    bool loopback;                                   /* the peer is on this machine */
    const struct peer *peer;                         /* its row, NULL: none */
    struct span control_id;                          /* MSH-10 byte for byte */
    struct span version;                             /* MSH-12.1 */
    struct span raw;                                 /* the message as received */
    struct span comparable;                          /* what "same content" means: raw with MSH-7 taken out */
    struct span digest;                              /* its SHA-256 where known (struct in_hand); absent: made of it */
    const struct feed_subject *subjects;
    size_t subject_count;
    struct error refusal; /* FEED_REFUSED: why; codes 200..203 answer AR */
    uint64_t replay_of;   /* message id of the dead letter that this replays; 0: a live message */
    struct span replay_author;
    const struct import_place *import; /* NULL: no message of an import */
    const struct feed_outcome *after;  /* decided only when that one was kept; NULL: whatever comes */
};

enum feed_result { FEED_ACCEPTED, FEED_ERROR, FEED_REJECTED }; /* AA, AE, AR */
/* AE: the content, sending it again unchanged is useless. AR: the type or version of the message, or a cause outside it. */
enum feed_result feed_result_of(enum error_code code);
const char *feed_result_name(enum feed_result result); /* "AA": MSA-1 */

struct feed_outcome {
    enum feed_result result;
    struct error err;    /* when not accepted */
    uint64_t message_id; /* of the message log; 0: not logged (rejected for a cause outside the message) */
    int64_t answered_us; /* when; with message_id all that an answer needs to be made again the same */
    bool repeated;       /* the stored answer of an earlier copy */
};
/* A message in hand, from before the first look at it until its answer is made: should the server abort meanwhile by its own fault
 * (base/crash.h), it remembers at which message, and a message at which it aborted twice is not looked at again until somebody
 * replays it (DESIGN.md promise 6). One at a time and thread. */
struct in_hand {
    unsigned char bytes[32];
    struct span digest; /* of the comparable content, for feed.digest; in the struct itself */
};
/* False: set it aside unread, as a feed that is refused. Put it down all the same. */
bool identity_take_up(struct identity *identity, struct span comparable, struct in_hand *out);
/* worked_off: it got as far as its own answer, right or wrong; then it is no suspect any more. */
void identity_put_down(struct identity *identity, const struct in_hand *hand, bool worked_off);

/* Blocks until the batch that holds the feed is committed, or the feed is refused. Always fills *out. */
void identity_feed(struct identity *identity, const struct feed *feed, struct arena *arena, struct feed_outcome *out);
/* May this peer feed this domain? As identity_feed judges it. */
bool identity_may_feed(const struct domain *domain, const struct feed *feed);
/* When CX-4 is missing: the one domain that this sender feeds; NULL when there is none, or several. */
const struct domain *identity_default_domain(const struct domain_list *list, const struct feed *feed);
/* The domain of an identifier as received: by its authority, else the default one. NULL when it is not known. */
const struct domain *identity_domain_of(const struct domain_list *list, const struct feed *feed, const struct trait_identifier *id);

/* -- queries -------------------------------------------------------------------------------------------------------------- */

/* Who asks, for entitlement and audit. */
struct asker {
    struct span application, facility; /* or the person's name for pages */
    struct span address;
    struct span interaction;     /* "ITI-21", "ITI-83", "page" */
    bool sees_ins;               /* entitled to INS of qualified records */
    bool cell;                   /* a reviewer: sees hidden and quarantined states */
    const uint32_t *own_domains; /* domains it feeds: hidden records of these are visible to it */
    size_t own_domain_count;
    const struct peer *peer; /* its row, NULL: none */
};

struct person_identifier {
    uint32_t domain;         /* 0: INS, or an identifier of a domain we do not keep */
    struct span value, type; /* CX-1, CX-5 */
    struct span oid;         /* for INS: its OID */
    bool live;               /* false: merged or replaced */
};

struct person_record {
    uint64_t id, version;
    uint32_t domain;
    struct span local_id;
    enum identity_status status;
    uint32_t attributes;
    bool quarantined;      /* an open collision: the traits are the last trusted ones */
    struct span link_kind; /* "own" "score" "declared" "decision" */
    struct traits traits;  /* trusted version */
    struct span ins;       /* held by the record, whether it may leave or not: told only to a cell that sees INS */
    struct span ins_oid;
    int64_t updated_us;
};

/* One person as queries see it: golden traits computed from the records (DESIGN.md: one block from one record, each complementary
 * trait by the same order on its own). */
struct person {
    uint64_t id, version;
    struct span regional_id;
    struct traits golden;
    uint64_t golden_record; /* where the strict traits come from */
    enum identity_status status;
    uint32_t attributes;      /* of the golden record, and POTENTIAL_COLLISION when it is quarantined */
    struct span ins, ins_oid; /* only when it may leave to this asker */
    const struct person_identifier *identifiers;
    size_t identifier_count;
    const struct person_record *records; /* visible ones, golden first */
    size_t record_count;
    int64_t updated_us;
    struct span dmp_before; /* in a notice: the ZFA before the change that it tells, for fields of it that are gone */
};

struct person_query {
    struct span family, given; /* wildcards '*' as in match_criteria */
    bool family_prefix, given_prefix, phonetic;
    struct span born_from, born_to; /* YYYYMMDD */
    char sex;
    struct span city, postcode, street, country, state; /* folded comparison, prefix; empty: any */
    struct span mother, mother_given;                   /* her maiden and given name; wildcards as in `given` */
    bool mother_prefix;
    struct span phone, mail, unit;                     /* the last nine digits; without case, equal; of a visit: PV1-3.1, equal */
    struct span further;                               /* one of the given names; wildcards as in `given` */
    struct trait_identifier account, visit, mother_id; /* equal; with an authority, of that one */
    const struct trait_identifier *identifiers; /* persons with any of these; authority and type may be empty (any); values may
                                                   not. Types are those that answers show: PI, RRI, INS */
    size_t identifier_count;
    const uint32_t *domains; /* only persons with a record here; 0: all */
    size_t domain_count;
    uint32_t in_domain; /* and with a record here; 0: anywhere */
    size_t most;        /* keys wanted */
};
struct person_key {
    uint64_t person;
    double score;
    bool name_exact, name_phonetic, date_exact;
};
/* Finds persons, best first; *out_total counts all (exactly, up to 10,000 examined). Reads no more rows than its criteria need.
 * ERROR_LIMIT when more than 10,000 would have to be looked at one by one: what is left out could be the one. */
bool identity_search(struct identity *identity, const struct asker *asker, const struct person_query *query, struct arena *arena,
                     const struct person_key **out_keys, size_t *out_count, size_t *out_total, struct error *err);
/* Reads persons as this asker may see them; out_persons[i] is NULL where nothing may be shown. One round trip for all of them at
 * most. Noted in the audit trail. */
bool identity_read_persons(struct identity *identity, const struct asker *asker, const uint64_t *ids, size_t count,
                           struct arena *arena, const struct person **out_persons, struct error *err);
/* Resolves an identifier to its person: local identifiers through merges and changes, regional identifiers through joins.
 * ERROR_UNKNOWN; ERROR_RULE when a regional identifier's records went to several persons. out_record may be NULL (0 for regional
 * identifiers). */
bool identity_resolve(struct identity *identity, const struct domain *domain, struct span value, uint64_t *out_person,
                      uint64_t *out_record, struct error *err);
/* What the number of a person or a record, kept by a client, leads to today: a joined person to the one its records joined
 * (ERROR_RULE when they went to several), a merged record to its last survivor. ERROR_UNKNOWN. What may be shown of it is
 * identity_read_persons' affair. */
bool identity_follow_person(struct identity *identity, uint64_t person, uint64_t *out_person, struct error *err);
/* The persons that its records went to, each once; none for one that nobody left. */
bool identity_person_parts(struct identity *identity, uint64_t person, struct arena *arena, const uint64_t **out_persons,
                           size_t *out_count, struct error *err);
bool identity_follow_record(struct identity *identity, uint64_t record, uint64_t *out_person, uint64_t *out_record,
                            struct error *err);
/* ITI-9 and ITI-83: the identifiers of the same person, limited to `wanted` domains (0: all), the asked one left out. Answered from
 * memory. */
bool identity_xref(struct identity *identity, const struct asker *asker, const struct domain *domain, struct span value,
                   const uint32_t *wanted, size_t wanted_count, struct arena *arena,
                   const struct person_identifier **out_identifiers, size_t *out_count, uint64_t *out_person, struct error *err);

/* -- tasks ---------------------------------------------------------------------------------------------------------------- */

enum task_kind {
    TASK_POSSIBLE_MATCH,
    TASK_DUPLICATE,
    TASK_COLLISION,
    TASK_INS_CONFLICT,
    TASK_TRAIT_DIVERGENCE,
    TASK_NIR_INCOHERENT,
    TASK_HOMONYM,
    TASK_IDENTITY_THEFT,
    TASK_DOUBTFUL,
    TASK_PROVISIONAL_OLD,
    TASK_UNPROVEN_STATUS,
    TASK_INS_VERIFICATION,
    TASK_INCOMPLETE_SEARCH,
    TASK_MERGE_CONFLICT,
    TASK_DEAD_LETTER,
    TASK_KIND_COUNT
};
enum task_state { TASK_OPEN, TASK_ASSIGNED, TASK_WAITING, TASK_RESOLVED, TASK_REOPENED, TASK_STATE_COUNT };
enum task_outcome {
    OUTCOME_LINK,      /* the two are one person */
    OUTCOME_DIFFERENT, /* not the same person: negative link; undoes a link between them */
    OUTCOME_ASK_MERGE, /* ask the domain to merge: the task waits for the establishment */
    OUTCOME_MARK_DOUBTFUL,
    OUTCOME_ACCEPT_CORRECTION, /* quarantined version: the same person, corrected */
    OUTCOME_ACCEPT_OTHER,      /* quarantined version: another person has this identifier now */
    OUTCOME_REJECT,            /* quarantined version: wrong; the trusted one stays. merge-conflict: the held merge is not done */
    OUTCOME_APPLY_MERGE,       /* merge-conflict: the held merge is done */
    OUTCOME_DISMISS,           /* seen, nothing to do */
    OUTCOME_ASSIGN,
    OUTCOME_WAIT,
    OUTCOME_COMMENT,
    OUTCOME_REOPEN,
    OUTCOME_UNDO, /* takes the task's last acting outcome back */
    OUTCOME_COUNT
};
const char *task_kind_name(enum task_kind kind); /* "possible-match" */
const char *task_state_name(enum task_state state);
const char *task_outcome_name(enum task_outcome outcome); /* "accept-correction" */
bool task_kind_parse(struct span text, enum task_kind *out);
bool task_state_parse(struct span text, enum task_state *out);
bool task_outcome_parse(struct span text, enum task_outcome *out);
bool task_outcome_allowed(enum task_kind kind, enum task_state state,
                          enum task_outcome outcome); /* the table; task_detail.refusals says what of it is open now */

struct task {
    uint64_t id;
    enum task_kind kind;
    enum task_state state;
    uint32_t domain;                                   /* the cell it belongs to; 0: regional */
    uint32_t other_domain;                             /* of the second record; 0: none */
    uint32_t priority;                                 /* 0..100, higher first */
    uint32_t count;                                    /* how often its cause came again */
    uint64_t record_a, version_a, record_b, version_b; /* versions frozen at opening; b may be 0 */
    struct span local_a, local_b;                      /* the identifiers of the two records today; empty without a record */
    /* In a list: the two as they stand; of two versions of one record these. NULL: no record, or not for this asker. */
    const struct traits *traits_a, *traits_b;
    uint64_t message_id; /* dead letters and held messages */
    struct span assignee;
    struct span rule; /* the rule that spoke */
    /* It speaks of these two, one of the pair and a third record that stands in the way; blocker 0: of the pair. */
    uint64_t blocked, blocker;
    uint32_t blocker_domain;
    struct span blocker_local; /* its identifier today */
    double weight_bits, posterior;
    struct span evidence; /* JSON: reasons by field, as explained at opening */
    struct span title;    /* one French sentence, without patient data */
    int64_t opened_us, due_us, closed_us;
    enum task_outcome outcome; /* when resolved */
};
struct task_event {
    int64_t at_us;
    struct span author, second_author, act, text;
    uint64_t decision;
    struct span assignee; /* of act "assign" */
};
struct task_detail {
    struct task task;
    /* 2 each (b may have id 0): what stands now, and the versions frozen at the opening. Of two versions of one record the second
     * is the one asked about: that of a collision as it is set apart now. */
    const struct person_record *sides, *opened;
    uint64_t person_a, person_b; /* today */
    const struct task_event *events;
    size_t event_count;
    const char *refusals[OUTCOME_COUNT]; /* why an outcome of the task's table would be refused, as things stand; NULL: not */
    struct span seen;                    /* what all this was read of, for review.seen; empty while the index is loading */
};
struct task_filter {
    int kind;        /* -1: all */
    int domain;      /* 0: all */
    bool open_only;  /* not resolved */
    uint32_t states; /* only these, as bits 1 << enum task_state; 0: all */
    struct span assignee;
    uint64_t import; /* 0: all but those that an import holds back; else those of this one */
    uint64_t after;  /* paging: task id of the last row seen, 0 first */
    uint32_t most;
};
/* Most urgent first, of one priority the likelier; noted in the audit trail, with the number of each. */
bool identity_tasks(struct identity *identity, const struct asker *asker, const struct task_filter *filter, struct arena *arena,
                    const struct task **out_tasks, size_t *out_count, size_t *out_total, struct error *err);
bool identity_task(struct identity *identity, const struct asker *asker, uint64_t id, struct arena *arena, struct task_detail *out,
                   struct error *err);
struct task_count {
    enum task_kind kind;
    uint32_t domain;
    uint64_t open;
};
bool identity_task_counts(struct identity *identity, struct arena *arena, const struct task_count **out, size_t *out_count,
                          struct error *err);

struct review {
    uint64_t task;
    enum task_outcome outcome;
    struct span author, second_author, reason; /* author always; reason for acting outcomes */
    struct span assignee;                      /* OUTCOME_ASSIGN */
    struct span seen; /* task_detail.seen of what the author looked at: refused when it stands no more; absent: not asked */
};
/* Does what was seen still stand? Else *err says what changed: where "history", someone acted on the task; "record", one of its
 * records changed. */
bool review_still_stands(struct span seen, struct span now, struct error *err);
bool identity_review(struct identity *identity, const struct review *review, struct arena *arena, struct error *err);
/* The same acts without a task: link or separate two records, undo a decision. */
struct manual_act {
    enum act_kind { ACT_LINK, ACT_SEPARATE, ACT_UNDO } act;
    uint64_t record_a, record_b, decision;
    struct span author, second_author, reason;
};
bool identity_act(struct identity *identity, const struct manual_act *act, struct arena *arena, uint64_t *out_decision,
                  struct error *err);
/* What was decided by the engine, a sender or a person, as the log of decisions keeps it. */
struct decision {
    uint64_t id;
    int64_t at_us;
    struct span kind; /* "auto-link", "auto-unlink", "relink-link", "relink-unlink", "declared-link", "merge", "separate", an
                         outcome, "undo" */
    uint64_t record_a, record_b;               /* b may be 0 */
    struct span author, second_author, reason; /* the sender's name when a message decided */
    struct span rule;
    double weight_bits, posterior;
    struct span reasons;       /* JSON, field by field */
    uint64_t undone_by;        /* the decision that took it back; 0: it stands */
    uint64_t task, message_id; /* what asked for it; 0: nothing */
    bool undoable;             /* it stands and changed something: ACT_UNDO may take it back (DESIGN.md rule 9) */
};
/* The decisions that name the record, newest first; `most` 0: 100. Noted in the audit trail. */
bool identity_decisions(struct identity *identity, const struct asker *asker, uint64_t record, uint32_t most, struct arena *arena,
                        const struct decision **out, size_t *out_count, struct error *err);

/* -- messages, explanation, checks ------------------------------------------------------------------------------------------ */

struct message {
    uint64_t id;
    int64_t received_us;
    struct span application, facility, control_id, event;
    enum feed_result result;
    struct error err;
    struct span warnings;    /* one per line */
    uint64_t record;         /* what it was about, 0: nothing */
    bool dead;               /* a dead letter still to be dealt with */
    struct span raw;         /* this and the next: only from identity_message */
    struct span certificate; /* subject of the certificate of the peer that sent it, empty for none */
    bool loopback;           /* that peer was on this machine */
};
/* All three are noted in the audit trail before they answer: a message names its patient, and so does a list of what was refused.
 */
bool identity_messages(struct identity *identity, const struct asker *asker, struct span control_id, bool dead_only, uint32_t most,
                       struct arena *arena, const struct message **out, size_t *out_count, struct error *err);
bool identity_message(struct identity *identity, const struct asker *asker, uint64_t id, struct arena *arena, struct message *out,
                      struct error *err);

/* What of a record a comparison weighs: the version that queries answer, and the earlier values of the same person that are worth
 * finding (of all pairs of them, the one that agrees best); never one that is set apart. */
struct weighed {
    uint32_t version, earlier; /* its number; how many earlier values */
    uint32_t set_apart;        /* the number of a version kept apart; 0: none */
    int64_t at_us;             /* when the version was stored */
};
/* Why two records are, or are not, one person: JSON with levels, m, u, weights, sum, posterior, rules, zone. */
bool identity_explain(struct identity *identity, const struct asker *asker, uint64_t record_a, uint64_t record_b,
                      struct arena *arena, struct span *out_json, struct weighed out_sides[2], struct error *err);

/* Compares the index in memory with one loaded afresh from the database; writes a report; false when they differ. */
bool identity_check_index(struct identity *identity, struct buf *report, struct error *err);
/* Verifies the audit chain from its oldest kept entry. */
bool identity_check_audit(struct identity *identity, struct buf *report, struct error *err);
/* Brings the database to this version's scheme, and its stored forms to this version's standardiser, without a service; writes what
 * it did, one line each. For `sosie migrate`. */
bool identity_migrate(const struct identity_options *options, struct buf *report, struct error *err);
/* Drops and makes partitions as the retention setting says; called by the server daily. */
bool identity_maintain(struct identity *identity, struct error *err);

/* -- training ------------------------------------------------------------------------------------------------------------- */

struct match_trainer; /* matcher.h */
struct identity_train_options {
    struct span name; /* of the new model */
    uint64_t seed;
    void (*tick)(void *context, const char *step, size_t done, size_t total); /* NULL: none; total 0: not known */
    void *tick_context;
};
/* Reads what a model can be learnt from: the current forms of all records and the decisions that stand on pairs of them, in one
 * read-only snapshot beside the running server. The caller fits and frees the trainer. *out_skipped: records whose form is of
 * another version. ERROR_TYPE for a name that is none. */
bool identity_train_read(const char *database_url, const struct identity_train_options *options, struct match_trainer **out,
                         size_t *out_skipped, struct error *err);

#endif
