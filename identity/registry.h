/*
 * What the server knows by heart: every record, person, identifier, negative link and open task in memory, with the matching index.
 * Derived from PostgreSQL (load.c), changed only after a COMMIT (plan_publish, load_apply), thrown away and rebuilt at will.
 *
 * One thread writes: the lane. It reads without the identity's lock and takes it for writing only to publish; queries hold it for
 * reading and do no I/O meanwhile. Numbers of records, persons and tasks are dense from 1, so they are array indexes.
 */
#ifndef IDENTITY_REGISTRY_H
#define IDENTITY_REGISTRY_H

#include "identity/identity.h"
#include "identity/idmap.h"
#include "matcher/matcher.h"

enum link_kind {
    LINK_OWN,      /* the person was made for this record */
    LINK_SCORE,    /* by the engine */
    LINK_DECLARED, /* by a message (DESIGN.md rule 8, A24) */
    LINK_DECISION, /* by the cell */
};
enum record_flag {
    RECORD_MARKED = 1,       /* a declared or decided link that a veto contradicts: stays, but no INS leaves its person */
    RECORD_INS_WITHHELD = 2, /* has an INS that must not leave: lower claim, no proof */
    /* Doubtful by the cell's word, which no message takes back (rule 15); an undo does. Counted: each decision's doubt is its own.
     */
    RECORD_DOUBT = 4,
    RECORD_DOUBTS = 0xfffc,
    RECORD_SAID_DOUBTFUL = 0x10000, /* beneath such doubts: the sender says so as well (status.h) */
};
enum version_kind { VERSION_TRUSTED, VERSION_QUARANTINED, VERSION_REJECTED, VERSION_LATE, VERSION_OTHER_PERSON };
enum proof { PROOF_INSI = 1, PROOF_DOCUMENT = 2 };

struct record {
    uint64_t id, person, merged_into;
    uint64_t tied_to; /* the record that a declaration or decision says is the same person; 0: none */
    uint32_t domain;
    uint32_t version, quarantined, last_version; /* trusted version; version kept apart, 0 none; highest given */
    uint32_t attributes, flags;
    uint8_t status, claim, proof, link_kind;
    int64_t updated_us;
    uint64_t created_by, changed_by; /* numbers of messages; what a person changed counts as of the next one */
    const char *local_id;            /* owned by the registry; in an overlay, by its arena */
    const char *ins_oid;             /* static text, "" for none */
    char ins[16];
};

struct person_entry {
    uint64_t id;
    uint32_t version;
    uint32_t count, left_count;
    uint64_t first; /* the only member when count is 1 */
    uint64_t *more; /* all members when count > 1 */
    union {
        int64_t one;
        int64_t *many; /* when left_count > 1 */
    } left;            /* records that stood here and went; negative: by a decision that was taken back */
};

struct alias_entry {
    uint32_t domain;
    uint64_t record;
    const char *value;
};

struct task_entry { /* open tasks only */
    uint64_t id, record_a, record_b, message, cause_hash;
    uint8_t kind, state, priority;
    uint32_t domain;
};

struct registry {
    struct record **records; /* pages of REGISTRY_PAGE */
    struct person_entry **persons;
    size_t record_pages, person_pages;
    uint64_t last_record, last_person; /* highest numbers in use */
    struct alias_entry *aliases;
    size_t alias_count, alias_capacity;
    struct idmap identifiers;    /* hash(domain, value without case) -> record, or alias index + ALIAS_BIT */
    struct idmap ins;            /* hash(ins) -> record */
    struct idmap negatives;      /* record -> other record, both ways */
    struct idmap negatives_said; /* the same, of those that a message said */
    struct idmap task_by_id, task_by_cause, task_by_record; /* -> index into tasks + 1, cause -> id, record -> id */
    struct idmap waits; /* hash(domain, value) -> message id of a dead merge that waits for it */
    struct task_entry *tasks;
    size_t task_count, task_capacity;
    struct match_index *index;
    struct match_model *model;
    uint64_t change, change_by; /* the last change applied, and the mark of the process that made it */
};

enum { REGISTRY_PAGE = 4096 };
#define REGISTRY_ALIAS ((uint64_t)1 << 63)

struct registry *registry_new(size_t expected_records);
void registry_free(struct registry *registry);

const struct record *registry_record(const struct registry *registry, uint64_t id); /* NULL when unknown */
const struct person_entry *registry_person(const struct registry *registry, uint64_t id);
const uint64_t *person_members(const struct person_entry *person, size_t *out_count);
const int64_t *person_left(const struct person_entry *person, size_t *out_count);
/* Where the person's identifier leads: to itself while anybody stands there, else to where those who stood there are now. Several
 * such places: *out_dispersed, and no answer but the person itself. `person_of` tells where a record is. 0 for no person. */
uint64_t person_today(const struct person_entry *person, uint64_t (*person_of)(const void *context, uint64_t record),
                      const void *context, bool *out_dispersed);
/* The persons that those are on today whom person_today asks about, each once: what a dispersed identifier leads to. */
size_t registry_person_parts(const struct registry *registry, uint64_t person, struct arena *arena, const uint64_t **out_persons);
uint64_t registry_find(const struct registry *registry, uint32_t domain, struct span value); /* record number, 0 unknown */
uint64_t registry_survivor(const struct registry *registry, uint64_t record);                /* through merges to the last */
uint64_t registry_person_resolve(const struct registry *registry, uint64_t person, bool *out_dispersed); /* person_today */
bool registry_negative(const struct registry *registry, uint64_t a, uint64_t b);
bool registry_negative_said(const struct registry *registry, uint64_t a, uint64_t b);
const struct task_entry *registry_task(const struct registry *registry, uint64_t id);
bool registry_has_task(const struct registry *registry, uint64_t record, enum task_kind kind);

uint64_t registry_identifier_hash(uint32_t domain, struct span value); /* without case: the caller compares */
uint64_t registry_wait_hash(uint32_t domain, struct span value);       /* with case */
uint64_t registry_ins_hash(struct span ins);                           /* of the 13 characters, as ins_same */
uint64_t registry_cause_hash(struct span cause);                       /* of a task */
/* A person's regional identifier is made of its number: "R" and nine digits or more. 0 when the text is not one. */
uint64_t registry_regional_parse(struct span text);
void registry_regional_write(uint64_t person, char out[24]);

/* Changes, under the write lock (or before anybody reads). Texts are copied. */
void registry_apply_record(struct registry *registry, const struct record *record);
void registry_apply_person(struct registry *registry, uint64_t id, const int64_t *left, size_t left_count, uint32_t version);
void registry_apply_alias(struct registry *registry, uint32_t domain, struct span value, uint64_t record);
void registry_apply_negative(struct registry *registry, uint64_t a, uint64_t b, bool active, bool said);
void registry_apply_task(struct registry *registry, const struct task_entry *task); /* state TASK_RESOLVED takes it out */

#endif
