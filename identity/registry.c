/* Records, persons and what binds them, in memory; see registry.h. */
#include "identity/registry.h"

#include <stdio.h>
#include <string.h>

struct registry *registry_new(size_t expected_records) {
    struct registry *registry = mem_alloc(sizeof *registry);
    registry->index = match_index_new(expected_records);
    return registry;
}

static void free_pages(struct registry *registry) {
    for (uint64_t id = 1; id <= registry->last_record; id++) {
        const struct record *record = registry_record(registry, id);
        if (record)
            mem_free((char *)(uintptr_t)record->local_id);
    }
    for (uint64_t id = 1; id <= registry->last_person; id++) {
        const struct person_entry *person = registry_person(registry, id);
        if (person)
            mem_free(person->more);
        if (person && person->left_count > 1)
            mem_free(person->left.many);
    }
    for (size_t i = 0; i < registry->record_pages; i++)
        mem_free(registry->records[i]);
    for (size_t i = 0; i < registry->person_pages; i++)
        mem_free(registry->persons[i]);
    mem_free(registry->records);
    mem_free(registry->persons);
}

void registry_free(struct registry *registry) {
    if (!registry)
        return;
    free_pages(registry);
    for (size_t i = 0; i < registry->alias_count; i++)
        mem_free((char *)(uintptr_t)registry->aliases[i].value);
    mem_free(registry->aliases);
    mem_free(registry->tasks);
    struct idmap *maps[] = {&registry->identifiers, &registry->ins,           &registry->negatives,      &registry->negatives_said,
                            &registry->task_by_id,  &registry->task_by_cause, &registry->task_by_record, &registry->waits};
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        idmap_release(maps[i]);
    match_index_free(registry->index);
    match_model_free(registry->model);
    mem_free(registry);
}

/* -- reading -------------------------------------------------------------------------------------------------------------- */

const struct record *registry_record(const struct registry *registry, uint64_t id) {
    size_t page = (size_t)(id / REGISTRY_PAGE);
    if (page >= registry->record_pages || !registry->records[page])
        return NULL;
    const struct record *record = &registry->records[page][id % REGISTRY_PAGE];
    return record->id ? record : NULL;
}

const struct person_entry *registry_person(const struct registry *registry, uint64_t id) {
    size_t page = (size_t)(id / REGISTRY_PAGE);
    if (page >= registry->person_pages || !registry->persons[page])
        return NULL;
    const struct person_entry *person = &registry->persons[page][id % REGISTRY_PAGE];
    return person->id ? person : NULL;
}

const uint64_t *person_members(const struct person_entry *person, size_t *out_count) {
    *out_count = person->count;
    return person->count > 1 ? person->more : &person->first;
}

uint64_t registry_identifier_hash(uint32_t domain, struct span value) {
    return span_hash_nocase(value, domain);
}

uint64_t registry_wait_hash(uint32_t domain, struct span value) {
    return span_hash(value, domain);
}

uint64_t registry_ins_hash(struct span ins) {
    return span_hash(span_sub(ins, 0, 13), 0x1e5u);
}

uint64_t registry_cause_hash(struct span cause) {
    return span_hash(cause, 0xca05eu);
}

uint64_t registry_find(const struct registry *registry, uint32_t domain, struct span value) {
    uint64_t hash = registry_identifier_hash(domain, value), found;
    for (size_t cursor = 0; idmap_next(&registry->identifiers, hash, &cursor, &found);) {
        if (found & REGISTRY_ALIAS) {
            const struct alias_entry *alias = &registry->aliases[found & ~REGISTRY_ALIAS];
            if (alias->domain == domain && span_eq_cstr(value, alias->value))
                return alias->record;
            continue;
        }
        const struct record *record = registry_record(registry, found);
        if (record && record->domain == domain && span_eq_cstr(value, record->local_id))
            return found;
    }
    return 0;
}

uint64_t registry_survivor(const struct registry *registry, uint64_t id) {
    const struct record *record = registry_record(registry, id);
    for (; record && record->merged_into; record = registry_record(registry, id))
        id = record->merged_into;
    return id;
}

const int64_t *person_left(const struct person_entry *person, size_t *out_count) {
    *out_count = person->left_count;
    return person->left_count > 1 ? person->left.many : &person->left.one;
}

uint64_t person_today(const struct person_entry *person, uint64_t (*person_of)(const void *context, uint64_t record),
                      const void *context, bool *out_dispersed) {
    uint64_t leads[2] = {0, 0}; /* of those who stood there, and of those who did by mistake */
    bool several[2] = {false, false};
    size_t count;
    *out_dispersed = false;
    if (!person)
        return 0;
    const int64_t *left = person_left(person, &count);
    for (size_t i = 0; i < count; i++) {
        bool mistake = left[i] < 0;
        uint64_t now = person_of(context, (uint64_t)(mistake ? -left[i] : left[i]));
        several[mistake] = several[mistake] || (leads[mistake] && leads[mistake] != now);
        leads[mistake] = now;
    }
    bool only_mistakes = !leads[0];
    if (person->count || !leads[only_mistakes])
        return person->id;
    *out_dispersed = several[only_mistakes];
    return *out_dispersed ? person->id : leads[only_mistakes];
}

static uint64_t person_of_record(const void *context, uint64_t record) {
    return registry_record(context, record)->person;
}

uint64_t registry_person_resolve(const struct registry *registry, uint64_t id, bool *out_dispersed) {
    return person_today(registry_person(registry, id), person_of_record, registry, out_dispersed);
}

static bool is_among(const uint64_t *numbers, size_t count, uint64_t number) {
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

size_t registry_person_parts(const struct registry *registry, uint64_t id, struct arena *arena, const uint64_t **out_persons) {
    const struct person_entry *person = registry_person(registry, id);
    size_t left_count = 0, count = 0;
    const int64_t *left = person ? person_left(person, &left_count) : NULL;
    uint64_t *parts = ARENA_ARRAY(arena, uint64_t, left_count + 1);
    for (int mistakes = 0; mistakes < 2 && !count; mistakes++) /* those who stood there by mistake count when nobody else did */
        for (size_t i = 0; i < left_count; i++) {
            uint64_t record = (uint64_t)(mistakes ? -left[i] : left[i]);
            uint64_t now = (left[i] < 0) == mistakes ? registry_record(registry, record)->person : 0;
            if (now && !is_among(parts, count, now))
                parts[count++] = now;
        }
    *out_persons = parts;
    return count;
}

static bool has_pair(const struct idmap *map, uint64_t a, uint64_t b) {
    uint64_t other;
    for (size_t cursor = 0; idmap_next(map, idmap_hash_number(a), &cursor, &other);)
        if (other == b)
            return true;
    return false;
}

bool registry_negative(const struct registry *registry, uint64_t a, uint64_t b) {
    return has_pair(&registry->negatives, a, b);
}

bool registry_negative_said(const struct registry *registry, uint64_t a, uint64_t b) {
    return has_pair(&registry->negatives_said, a, b);
}

const struct task_entry *registry_task(const struct registry *registry, uint64_t id) {
    uint64_t at;
    for (size_t cursor = 0; idmap_next(&registry->task_by_id, idmap_hash_number(id), &cursor, &at);)
        if (registry->tasks[at - 1].id == id)
            return &registry->tasks[at - 1];
    return NULL;
}

bool registry_has_task(const struct registry *registry, uint64_t record, enum task_kind kind) {
    uint64_t id;
    for (size_t cursor = 0; idmap_next(&registry->task_by_record, idmap_hash_number(record), &cursor, &id);) {
        const struct task_entry *task = registry_task(registry, id);
        if (task && task->kind == kind && (task->record_a == record || task->record_b == record))
            return true;
    }
    return false;
}

uint64_t registry_regional_parse(struct span text) {
    uint64_t number = 0;
    if (text.len < 10 || text.ptr[0] != 'R' || !span_to_u64(span_sub(text, 1, text.len - 1), &number))
        return 0;
    char canonical[24];
    registry_regional_write(number, canonical);
    return span_eq_cstr(text, canonical) ? number : 0;
}

void registry_regional_write(uint64_t person, char out[24]) {
    (void)snprintf(out, 24, "R%09llu", (unsigned long long)person);
}

/* -- changing ------------------------------------------------------------------------------------------------------------- */

static void ensure_page(void ***pages, size_t *count, uint64_t id, size_t item_bytes) {
    size_t page = (size_t)(id / REGISTRY_PAGE);
    if (page >= *count) {
        size_t grown = page + 1 + *count / 2;
        *pages = mem_realloc(*pages, grown * sizeof **pages);
        memset(*pages + *count, 0, (grown - *count) * sizeof **pages);
        *count = grown;
    }
    if (!(*pages)[page])
        (*pages)[page] = mem_alloc(REGISTRY_PAGE * item_bytes);
}

static struct person_entry *person_slot(struct registry *registry, uint64_t id) {
    ensure_page((void ***)(void *)&registry->persons, &registry->person_pages, id, sizeof(struct person_entry));
    if (id > registry->last_person)
        registry->last_person = id;
    return &registry->persons[id / REGISTRY_PAGE][id % REGISTRY_PAGE];
}

static void member_remove(struct person_entry *person, uint64_t record) {
    size_t count;
    const uint64_t *members = person_members(person, &count);
    size_t at = 0;
    while (at < count && members[at] != record)
        at++;
    if (at == count)
        return;
    if (count > 1) {
        memmove(person->more + at, person->more + at + 1, (count - at - 1) * sizeof *person->more);
        person->first = person->more[0];
    }
    person->count--;
}

static void member_add(struct person_entry *person, uint64_t record) {
    if (person->count == 0) {
        person->first = record;
    } else {
        person->more = mem_realloc(person->more, (person->count + 1) * sizeof *person->more);
        if (person->count == 1)
            person->more[0] = person->first;
        person->more[person->count] = record;
    }
    person->count++;
}

static void move_member(struct registry *registry, uint64_t record, uint64_t from, uint64_t to) {
    if (from == to)
        return;
    if (from)
        member_remove(person_slot(registry, from), record);
    struct person_entry *person = person_slot(registry, to);
    person->id = to;
    member_add(person, record);
}

void registry_apply_record(struct registry *registry, const struct record *changed) {
    ensure_page((void ***)(void *)&registry->records, &registry->record_pages, changed->id, sizeof(struct record));
    struct record *slot = &registry->records[changed->id / REGISTRY_PAGE][changed->id % REGISTRY_PAGE];
    if (changed->id > registry->last_record)
        registry->last_record = changed->id;
    struct span local = span_of(changed->local_id), old_local = span_of(slot->local_id);
    if (!slot->id || !span_eq(local, old_local)) {
        if (slot->id)
            (void)idmap_remove(&registry->identifiers, registry_identifier_hash(slot->domain, old_local), slot->id);
        idmap_add(&registry->identifiers, registry_identifier_hash(changed->domain, local), changed->id);
    }
    if (slot->id && slot->ins[0] && strcmp(slot->ins, changed->ins) != 0)
        (void)idmap_remove(&registry->ins, registry_ins_hash(span_of(slot->ins)), slot->id);
    if (changed->ins[0])
        idmap_add(&registry->ins, registry_ins_hash(span_of(changed->ins)), changed->id);
    move_member(registry, changed->id, slot->id ? slot->person : 0, changed->person);
    char *kept = slot->id && span_eq(local, old_local) ? (char *)(uintptr_t)slot->local_id : NULL;
    char *fresh = kept ? kept : mem_strdup(changed->local_id);
    if (slot->id && !kept)
        mem_free((char *)(uintptr_t)slot->local_id);
    *slot = *changed;
    slot->local_id = fresh;
}

void registry_apply_person(struct registry *registry, uint64_t id, const int64_t *left, size_t left_count, uint32_t version) {
    struct person_entry *person = person_slot(registry, id);
    int64_t *old = person->left_count > 1 ? person->left.many : NULL; /* `left` may be this very list */
    person->id = id;
    person->version = version;
    person->left_count = (uint32_t)left_count;
    if (left_count > 1) {
        person->left.many = mem_alloc(left_count * sizeof *left);
        memcpy(person->left.many, left, left_count * sizeof *left);
    } else {
        person->left.one = left_count ? left[0] : 0;
    }
    mem_free(old);
}

void registry_apply_alias(struct registry *registry, uint32_t domain, struct span value, uint64_t record) {
    uint64_t hash = registry_identifier_hash(domain, value), found;
    for (size_t cursor = 0; idmap_next(&registry->identifiers, hash, &cursor, &found);) {
        struct alias_entry *alias = found & REGISTRY_ALIAS ? &registry->aliases[found & ~REGISTRY_ALIAS] : NULL;
        if (!alias || alias->domain != domain || !span_eq_cstr(value, alias->value))
            continue;
        alias->record = record;
        return;
    }
    if (registry->alias_count == registry->alias_capacity) {
        registry->alias_capacity = registry->alias_capacity ? registry->alias_capacity * 2 : 64;
        registry->aliases = mem_realloc(registry->aliases, registry->alias_capacity * sizeof *registry->aliases);
    }
    char *copy = mem_alloc(value.len + 1);
    memcpy(copy, value.ptr, value.len);
    registry->aliases[registry->alias_count] = (struct alias_entry){domain, record, copy};
    idmap_add(&registry->identifiers, hash, registry->alias_count | REGISTRY_ALIAS);
    registry->alias_count++;
}

static void set_pair(struct idmap *map, uint64_t a, uint64_t b, bool there) {
    if (there) {
        idmap_add(map, idmap_hash_number(a), b);
        idmap_add(map, idmap_hash_number(b), a);
        return;
    }
    (void)idmap_remove(map, idmap_hash_number(a), b);
    (void)idmap_remove(map, idmap_hash_number(b), a);
}

void registry_apply_negative(struct registry *registry, uint64_t a, uint64_t b, bool active, bool said) {
    set_pair(&registry->negatives, a, b, active);
    set_pair(&registry->negatives_said, a, b, active && said);
}

/* Takes the task at `at` out: the last one moves into its place. */
static void task_remove(struct registry *registry, size_t at) {
    struct task_entry gone = registry->tasks[at], last = registry->tasks[registry->task_count - 1];
    (void)idmap_remove(&registry->task_by_id, idmap_hash_number(gone.id), at + 1);
    (void)idmap_remove(&registry->task_by_cause, gone.cause_hash, gone.id);
    (void)idmap_remove(&registry->task_by_record, idmap_hash_number(gone.record_a), gone.id);
    (void)idmap_remove(&registry->task_by_record, idmap_hash_number(gone.record_b), gone.id);
    registry->task_count--;
    if (at == registry->task_count)
        return;
    (void)idmap_remove(&registry->task_by_id, idmap_hash_number(last.id), registry->task_count + 1);
    registry->tasks[at] = last;
    idmap_add(&registry->task_by_id, idmap_hash_number(last.id), at + 1);
}

void registry_apply_task(struct registry *registry, const struct task_entry *task) {
    const struct task_entry *known = registry_task(registry, task->id);
    if (known)
        task_remove(registry, (size_t)(known - registry->tasks));
    if (task->state == TASK_RESOLVED)
        return;
    if (registry->task_count == registry->task_capacity) {
        registry->task_capacity = registry->task_capacity ? registry->task_capacity * 2 : 64;
        registry->tasks = mem_realloc(registry->tasks, registry->task_capacity * sizeof *registry->tasks);
    }
    registry->tasks[registry->task_count++] = *task;
    idmap_add(&registry->task_by_id, idmap_hash_number(task->id), registry->task_count);
    idmap_add(&registry->task_by_cause, task->cause_hash, task->id);
    if (task->record_a)
        idmap_add(&registry->task_by_record, idmap_hash_number(task->record_a), task->id);
    if (task->record_b)
        idmap_add(&registry->task_by_record, idmap_hash_number(task->record_b), task->id);
}
