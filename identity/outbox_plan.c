/*
 * What a batch means to those who are told of changes: the committed registry beside the plan's overlay, record by record and
 * person by person, just before the batch is written. Several changes of one record in one batch are told as one.
 *
 *     pix    the set of identifiers of a person, limited to the domains of interest, is another: one A31 for each person of today
 *     pam    a record is new or live again (A28), has another identifier (A47), other traits or status (A31), was merged (A40),
 *            left someone (A37), joined someone (A24)
 */
#include "identity/outbox_plan.h"

#include "identity/ins.h"

static const uint32_t HIDDEN =
    ATTRIBUTE_HIDDEN | ATTRIBUTE_ANONYMOUS | ATTRIBUTE_PROTECTED | ATTRIBUTE_FICTITIOUS | ATTRIBUTE_RESTRICTED;

struct telling {
    struct plan *plan;
    struct plan committed; /* what is there before it: a plan that changes nothing */
    const struct peer *peer;
};

static struct telling telling_of(struct plan *plan, const struct peer *peer) {
    return (struct telling){.plan = plan, .committed = {.registry = plan->registry}, .peer = peer};
}

static bool is_shown(const struct record *record) {
    return record && !record->merged_into && !(record->attributes & HIDDEN);
}

/* Its INS leaves now and did not, or the other way round, whatever the reason: a task about it or about a link of its person. */
static bool ins_turns(const struct telling *telling, uint64_t id) {
    const struct record *before = registry_record(telling->plan->registry, id);
    return (before && ins_leaves(&telling->committed, before)) != ins_leaves(telling->plan, plan_record(telling->plan, id));
}

/* -- rows ----------------------------------------------------------------------------------------------------------------- */

struct keys {
    struct arena *arena;
    VEC(int64_t) items;
};

static void add_key(struct keys *keys, int64_t key) {
    for (size_t i = 0; i < keys->items.count; i++)
        if (keys->items.items[i] == key)
            return;
    if (key)
        VEC_ADD(keys->arena, keys->items, key);
}

/* The record, and the persons on which it stands and stood. */
static void add_record_keys(const struct plan *plan, struct keys *keys, uint64_t id) {
    const struct record *before = registry_record(plan->registry, id), *record = plan_record(plan, id);
    add_key(keys, -(int64_t)id);
    add_key(keys, record ? (int64_t)record->person : 0);
    add_key(keys, before ? (int64_t)before->person : 0);
}

/* As PostgreSQL writes an array. */
static struct span keys_text(const struct keys *keys) {
    enum { DIGITS = 21 };
    char *text = arena_alloc(keys->arena, keys->items.count * DIGITS + 3), *end = text;
    *end++ = '{';
    for (size_t i = 0; i < keys->items.count; i++)
        end += snprintf(end, DIGITS + 1, "%s%lld", i ? "," : "", (long long)keys->items.items[i]);
    *end++ = '}';
    return span_make(text, (size_t)(end - text));
}

static void add_row(const struct telling *telling, const char *event, struct notification_row row, const struct keys *keys) {
    struct plan *plan = telling->plan;
    const struct record *before = registry_record(plan->registry, row.record);
    row.version_before = before ? before->version : 0;
    row.id = plan->counters.notification++;
    row.peer = telling->peer->id;
    row.event = span_of(event);
    row.keys = keys_text(keys);
    VEC_ADD(plan->arena, plan->notifications, row);
}

/* -- whose change it is ----------------------------------------------------------------------------------------------------- */

static bool feeds(const struct peer *peer, const struct domain *domain) {
    const struct feed as_sent = {.sender_application = peer->texts[PEER_APPLICATION],
                                 .sender_facility = peer->texts[PEER_FACILITY],
                                 .certificate = peer->texts[PEER_CERTIFICATE],
                                 .loopback = true};
    return identity_may_feed(domain, &as_sent);
}

bool peer_feeds(const struct peer *peer, const struct domain_list *domains, uint32_t domain) {
    const struct domain *found = domain_by_id(domains, domain);
    return found && feeds(peer, found);
}

static bool is_told(const struct telling *telling, const struct record *record) {
    return is_shown(record) && peer_wants_domain(telling->peer, record->domain) &&
           !peer_feeds(telling->peer, telling->plan->domains, record->domain);
}

static const struct decision_row *find_decision(const struct plan *plan, uint64_t id) {
    for (size_t i = plan->decisions.count; i-- > 0;)
        if (plan->decisions.items[i].id == id)
            return &plan->decisions.items[i];
    return NULL;
}

/* Was it a message of this peer, or of another that feeds a domain of its, which declared that the record stands there? */
static bool declared_by_peer(const struct telling *telling, uint64_t record) {
    const struct plan *plan = telling->plan;
    const struct decision_row *decision = NULL;
    for (size_t i = plan->links.count; i-- > 0 && !decision;)
        if (plan->links.items[i].record == record)
            decision = find_decision(plan, plan->links.items[i].decision);
    if (!decision || !decision->message ||
        (!span_eq_cstr(decision->kind, "declared-link") && !span_eq_cstr(decision->kind, "separate")))
        return false;
    for (size_t m = 0; m < plan->messages.count; m++) {
        const struct message_row *row = &plan->messages.items[m];
        const struct feed sent = {.sender_application = row->application,
                                  .sender_facility = row->facility,
                                  .certificate = row->certificate,
                                  .loopback = row->loopback};
        for (size_t d = 0; row->id == decision->message && d < plan->domains->count; d++)
            if (identity_may_feed(&plan->domains->items[d], &sent) && feeds(telling->peer, &plan->domains->items[d]))
                return true;
    }
    return false;
}

/* -- pix ------------------------------------------------------------------------------------------------------------------ */

struct members {
    VEC(const struct record *) items;
};

static bool same_identifier(const struct telling *telling, const struct record *a, const struct record *b, bool ins) {
    if (a->id != b->id || !span_eq_cstr(span_of(a->local_id), b->local_id))
        return false;
    return !ins || (span_eq_cstr(span_of(a->ins), b->ins) && !ins_turns(telling, a->id));
}

static void members_now(const struct telling *telling, uint64_t person, struct members *out) {
    const uint64_t *live;
    size_t count = plan_live_members(telling->plan, person, &live);
    for (size_t i = 0; i < count; i++) {
        const struct record *record = plan_record(telling->plan, live[i]);
        if (is_shown(record) && peer_wants_domain(telling->peer, record->domain))
            VEC_ADD(telling->plan->arena, out->items, record);
    }
}

static void members_before(const struct telling *telling, uint64_t person, struct members *out) {
    const struct registry *registry = telling->plan->registry;
    const struct person_entry *entry = registry_person(registry, person);
    size_t count = 0;
    const uint64_t *members = entry ? person_members(entry, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        const struct record *record = registry_record(registry, members[i]);
        if (is_shown(record) && peer_wants_domain(telling->peer, record->domain))
            VEC_ADD(telling->plan->arena, out->items, record);
    }
}

static bool holds(const struct telling *telling, const struct members *members, const struct record *record, bool ins) {
    for (size_t i = 0; i < members->items.count; i++)
        if (same_identifier(telling, members->items.items[i], record, ins))
            return true;
    return false;
}

static bool wants_ins(const struct telling *telling) {
    const struct domain_list *domains = telling->plan->domains;
    for (size_t i = 0; i < domains->count; i++)
        if (domains->items[i].kind == DOMAIN_NATIONAL && peer_wants_domain(telling->peer, domains->items[i].id))
            return true;
    return false;
}

/* Does one of them come from another person's set? Then a set has split, and this is not the one that stayed. */
static bool has_left(const struct telling *telling, const struct members *now) {
    for (size_t i = 0; i < now->items.count; i++) {
        const struct record *was = registry_record(telling->plan->registry, now->items.items[i]->id);
        if (is_shown(was))
            return true;
    }
    return false;
}

/* Those of one set that stand not in the other, also not under another identifier. */
static void difference(const struct telling *telling, const struct members *from, const struct members *to, struct members *out) {
    for (size_t i = 0; i < from->items.count; i++) {
        bool there = false;
        for (size_t j = 0; j < to->items.count; j++)
            there |= to->items.items[j]->id == from->items.items[i]->id;
        if (!there)
            VEC_ADD(telling->plan->arena, out->items, from->items.items[i]);
    }
}

static size_t count_foreign(const struct telling *telling, const struct members *members) {
    size_t count = 0;
    for (size_t i = 0; i < members->items.count; i++)
        count += !peer_feeds(telling->peer, telling->plan->domains, members->items.items[i]->domain);
    return count;
}

/* Is it news to the peer that these came, or went? Not that its own record was made or is gone, nor the link that it declared. */
static bool moved_by_others(const struct telling *telling, const struct members *moved, bool came, size_t foreign) {
    for (size_t i = 0; i < moved->items.count; i++) {
        const struct record *record = moved->items.items[i];
        const struct record *other =
            came ? registry_record(telling->plan->registry, record->id) : plan_record(telling->plan, record->id);
        bool own = peer_feeds(telling->peer, telling->plan->domains, record->domain);
        bool its_life = own && !is_shown(other) && (!came || !foreign);
        if (!its_life && !(foreign < 2 && declared_by_peer(telling, record->id)))
            return true;
    }
    return false;
}

/* A change goes not back to the domain that it came from: its own new, replaced or merged identifiers, the very link that its
 * message declared. What follows from them, the link to another's record above all, is told. */
static bool is_own_doing(const struct telling *telling, const struct members *before, const struct members *now, bool ins) {
    struct members came = {0}, went = {0};
    difference(telling, now, before, &came);
    difference(telling, before, now, &went);
    for (size_t i = 0; i < before->items.count; i++) {
        const struct record *record = before->items.items[i];
        for (size_t j = 0; j < now->items.count; j++)
            if (now->items.items[j]->id == record->id && !holds(telling, now, record, ins) &&
                !peer_feeds(telling->peer, telling->plan->domains, record->domain))
                return false; /* another's number, or INS */
    }
    size_t foreign = count_foreign(telling, now) + count_foreign(telling, &went);
    return !moved_by_others(telling, &came, true, foreign) && !moved_by_others(telling, &went, false, foreign);
}

static void tell_set(const struct telling *telling, uint64_t person) {
    struct members before = {0}, now = {0};
    struct keys keys = {.arena = telling->plan->arena};
    bool ins = wants_ins(telling);
    members_before(telling, person, &before);
    members_now(telling, person, &now);
    bool same = before.items.count == now.items.count;
    for (size_t i = 0; same && i < now.items.count; i++)
        same = holds(telling, &before, now.items.items[i], ins);
    if (same || !now.items.count) /* who has nobody left is told of where they are now */
        return;
    if (is_own_doing(telling, &before, &now, ins))
        return;
    if (!peer_holds(telling->peer, PEER_PIX_SINGLE, true) && now.items.count == 1)
        return;
    if (!peer_holds(telling->peer, PEER_PIX_EACH_SET, true) && !before.items.count && has_left(telling, &now))
        return;
    add_key(&keys, (int64_t)person);
    for (size_t i = 0; i < now.items.count; i++) {
        const struct record *was = registry_record(telling->plan->registry, now.items.items[i]->id);
        add_key(&keys, was ? (int64_t)was->person : 0);
    }
    add_row(telling, "A31", (struct notification_row){.person = person}, &keys);
}

static void add_person(struct plan *plan, struct idmap *known, struct touched_persons *out, uint64_t person) {
    if (!person || idmap_first(known, idmap_hash_number(person)))
        return;
    idmap_add(known, idmap_hash_number(person), person);
    VEC_ADD(plan->arena, out->items, person);
}

static void find_persons(struct plan *plan, struct touched_persons *out) {
    struct idmap known = {0};
    for (size_t i = 0; i < plan->persons.count; i++)
        add_person(plan, &known, out, plan->persons.items[i]->id);
    for (size_t i = 0; i < plan->records.count; i++) {
        const struct record *before = registry_record(plan->registry, plan->records.items[i]->id);
        add_person(plan, &known, out, plan->records.items[i]->person);
        add_person(plan, &known, out, before ? before->person : 0);
    }
    idmap_release(&known);
}

/* -- pam: what happened to a record ----------------------------------------------------------------------------------------- */

static bool wants(const struct telling *telling, const char *event) {
    return peer_wants_event(telling->peer, span_of(event));
}

static void tell_record(const struct telling *telling, const char *event, const struct record *record, struct span prior) {
    struct keys keys = {.arena = telling->plan->arena};
    if (!wants(telling, event))
        return;
    add_record_keys(telling->plan, &keys, record->id);
    add_row(telling, event, (struct notification_row){.record = record->id, .value = span_of(record->local_id), .prior = prior},
            &keys);
}

static bool sees_ins(const struct telling *telling) {
    const struct domain_list *domains = telling->plan->domains;
    bool feeding = false;
    for (size_t i = 0; i < domains->count; i++)
        feeding |= feeds(telling->peer, &domains->items[i]);
    return peer_holds(telling->peer, PEER_SEES_INS, feeding);
}

/* The mark of a version kept apart (COLP) is told with the attributes; of the version itself nothing is. */
static bool other_traits(const struct telling *telling, const struct record *before, const struct record *record) {
    return before->version != record->version || before->status != record->status || before->attributes != record->attributes ||
           (before->quarantined != 0) != (record->quarantined != 0) || !span_eq_cstr(span_of(before->ins), record->ins) ||
           (sees_ins(telling) && ins_turns(telling, record->id));
}

static bool is_merged_now(const struct plan *plan, const struct record *record) {
    const struct record *before = registry_record(plan->registry, record->id);
    return record->merged_into && (!before || before->merged_into != record->merged_into);
}

/* It is told by an A40 or an A47 of this batch, with all of its demographics. */
static bool told_otherwise(const struct telling *telling, const struct record *before, const struct record *record) {
    const struct plan *plan = telling->plan;
    if (wants(telling, "A47") && !span_eq_cstr(span_of(before->local_id), record->local_id))
        return true;
    for (size_t i = 0; wants(telling, "A40") && i < plan->records.count; i++)
        if (plan->records.items[i]->merged_into == record->id && is_merged_now(plan, plan->records.items[i]))
            return true;
    return false;
}

static const char *qualified_ins(const struct record *record) {
    return record->status == STATUS_QUALIFIED && !(record->flags & RECORD_INS_WITHHELD) ? record->ins : "";
}

/* Is the INS that was told to be taken back? It is another now, or none, or it may be somebody else's. A collision keeps it back
 * for as long as it is open, but takes nothing back. */
static bool ins_goes(const struct telling *telling, const struct record *before, const struct record *record) {
    const char *old = qualified_ins(before), *now = qualified_ins(record);
    bool doubted = ins_is_sure(&telling->committed, before) && !ins_is_sure(telling->plan, record);
    bool nia_became_nir = *now && !doubted && ins_is_nia(before->ins_oid) && !ins_is_nia(record->ins_oid);
    return *old && (doubted || !span_eq_cstr(span_of(old), now)) && !nia_became_nir;
}

/* An A31 adds an INS, and makes a NIA a NIR; another NIR in its place, or none any more, is an A47 that names the old one: without
 * it the receiver would keep that (hl7v2.md 4.6). One that might not leave (DESIGN.md 3) is not named, as it may never have been
 * told: an A31 takes away what the receiver has of that authority. The event that tells it; NULL: none does. */
static const char *tell_ins(const struct telling *telling, const struct record *before, const struct record *record) {
    const struct plan *plan = telling->plan;
    bool leaves = ins_leaves(&telling->committed, before);
    const char *event = leaves ? "A47" : "A31";
    if (!ins_goes(telling, before, record) || !is_shown(before) || !wants(telling, event) || !sees_ins(telling))
        return NULL;
    struct keys keys = {.arena = telling->plan->arena};
    add_record_keys(telling->plan, &keys, record->id);
    const char *prior = leaves ? arena_printf(plan->arena, "%s %s", before->ins_oid, before->ins) : before->ins_oid;
    add_row(telling, event,
            (struct notification_row){
                .record = record->id, .other = record->id, .value = span_of(record->local_id), .prior = span_of(prior)},
            &keys);
    return event;
}

/* ZFA and ZFD have their place in A28 and A31: a record told by another event has an A31 beside it when they say something new. */
static bool extras_change(const struct telling *telling, const struct record *before, const struct record *record) {
    if (before->version == record->version)
        return false;
    const struct traits *was = plan_doc(telling->plan, record->id, before->version),
                        *now = plan_doc(telling->plan, record->id, record->version);
    return !span_eq(was->dmp, now->dmp) || !span_eq(was->evidence, now->evidence);
}

/* A record that the peer knew, and knows on. */
static void tell_news(const struct telling *telling, const struct record *before, const struct record *record) {
    if (!span_eq_cstr(span_of(before->local_id), record->local_id))
        tell_record(telling, "A47", record, span_of(before->local_id));
    if (record->merged_into)
        return;
    const char *ins = tell_ins(telling, before, record);
    bool with_extras = ins && strcmp(ins, "A31") == 0, otherwise = ins || told_otherwise(telling, before, record);
    if (otherwise ? !with_extras && extras_change(telling, before, record) : other_traits(telling, before, record))
        tell_record(telling, "A31", record, SPAN(""));
}

/* A record that is merged in the batch that made it is made first: who is told of the merge must know it. So is one that was
 * hidden: an A47 would name its identifier of then. */
static void tell_life(const struct telling *telling, const struct record *record) {
    const struct record *before = registry_record(telling->plan->registry, record->id);
    struct record live = *record;
    live.merged_into = 0;
    if (!is_told(telling, &live) || (before && before->merged_into && record->merged_into))
        return;
    if (is_shown(before))
        tell_news(telling, before, record);
    else
        tell_record(telling, "A28", record, SPAN(""));
}

static void tell_merge(const struct telling *telling, const struct record *record) {
    const struct plan *plan = telling->plan;
    struct keys keys = {.arena = telling->plan->arena};
    if (!is_merged_now(plan, record) || record->attributes & HIDDEN || !wants(telling, "A40"))
        return;
    const struct record *survivor = plan_record(plan, record->merged_into);
    struct record live = *survivor;
    live.merged_into = 0; /* it may have been merged in turn: that is told next */
    if (!is_told(telling, &live))
        return;
    add_record_keys(plan, &keys, survivor->id);
    add_record_keys(plan, &keys, record->id);
    add_row(
        telling, "A40",
        (struct notification_row){
            .record = survivor->id, .other = record->id, .value = span_of(survivor->local_id), .prior = span_of(record->local_id)},
        &keys);
}

/* -- pam: links ------------------------------------------------------------------------------------------------------------- */

static bool wants_domain_of(const struct telling *telling, const struct record *record) {
    return is_shown(record) && peer_wants_domain(telling->peer, record->domain);
}

static void tell_pair(const struct telling *telling, const char *event, const struct record *record, const struct record *other) {
    struct keys keys = {.arena = telling->plan->arena};
    for (size_t i = 0; i < telling->plan->notifications.count; i++) { /* both of them moved, and named each other */
        const struct notification_row *row = &telling->plan->notifications.items[i];
        if (row->peer == telling->peer->id && row->record == other->id && row->other == record->id &&
            span_eq_cstr(row->event, event))
            return;
    }
    add_record_keys(telling->plan, &keys, record->id);
    add_record_keys(telling->plan, &keys, other->id);
    add_row(telling, event,
            (struct notification_row){
                .record = record->id, .other = other->id, .value = span_of(record->local_id), .prior = span_of(other->local_id)},
            &keys);
}

/* The lowest record of those beside which this one stood and stands no more, and the lowest beside which it stands anew. */
static const struct record *companion(const struct telling *telling, const struct record *record, bool anew) {
    const struct plan *plan = telling->plan;
    const struct record *before = registry_record(plan->registry, record->id), *found = NULL;
    const struct person_entry *entry = anew     ? plan_person(plan, record->person)
                                       : before ? registry_person(plan->registry, before->person)
                                                : NULL;
    size_t count = 0;
    const uint64_t *members = entry ? person_members(entry, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        const struct record *other = plan_record(plan, members[i]), *was = registry_record(plan->registry, members[i]);
        bool beside_before = before && was && was->person == before->person, beside_now = other->person == record->person;
        if (other->id != record->id && beside_now == anew && beside_before == !anew && wants_domain_of(telling, other) &&
            (!found || other->id < found->id))
            found = other;
    }
    return found;
}

static void tell_links(const struct telling *telling, const struct record *record, bool anew) {
    const struct record *before = registry_record(telling->plan->registry, record->id);
    const char *event = anew ? "A24" : "A37";
    if (!wants(telling, event) || (before && before->person == record->person) || !wants_domain_of(telling, record))
        return;
    const struct record *other = companion(telling, record, anew);
    if (other && !declared_by_peer(telling, record->id) && !declared_by_peer(telling, other->id))
        tell_pair(telling, event, record, other);
}

/* -- the batch -------------------------------------------------------------------------------------------------------------- */

/* Whom the batch does not change, but who stands beside somebody that it does: a link that is contradicted keeps the INS of all in.
 */
static void tell_beside(const struct telling *telling, uint64_t person) {
    const struct plan *plan = telling->plan;
    size_t count = 0;
    const struct person_entry *entry = plan_person(plan, person);
    const uint64_t *members = entry ? person_members(entry, &count) : NULL;
    for (size_t i = 0; i < count; i++)
        if (plan_record(plan, members[i]) == registry_record(plan->registry, members[i]))
            tell_life(telling, plan_record(plan, members[i]));
}

static void tell_pam(const struct telling *telling, const struct touched_persons *persons) {
    const struct plan *plan = telling->plan;
    for (size_t i = 0; i < plan->records.count; i++)
        tell_life(telling, plan->records.items[i]);
    for (size_t i = 0; i < persons->items.count; i++)
        tell_beside(telling, persons->items.items[i]);
    for (size_t i = 0; i < plan->records.count; i++)
        tell_merge(telling, plan->records.items[i]);
    for (size_t i = 0; i < plan->records.count; i++)
        tell_links(telling, plan->records.items[i], false);
    for (size_t i = 0; i < plan->records.count; i++)
        tell_links(telling, plan->records.items[i], true);
}

void outbox_plan(struct plan *plan) {
    struct touched_persons persons = {0};
    bool found = false;
    must(!plan->under); /* what it lay upon is committed: the registry is what was before */
    for (size_t i = 0; i < plan->peers->count; i++) {
        const struct telling telling = telling_of(plan, plan->peers->items[i]);
        if (telling.peer->notify == NOTIFY_NONE)
            continue;
        if (!found)
            find_persons(plan, &persons);
        found = true;
        for (size_t p = 0; telling.peer->notify == NOTIFY_PIX && p < persons.items.count; p++)
            tell_set(&telling, persons.items.items[p]);
        if (telling.peer->notify == NOTIFY_PAM)
            tell_pam(&telling, &persons);
    }
}

/* -- what there is already ---------------------------------------------------------------------------------------------------- */

static void load_record(const struct telling *telling, const struct record *record) {
    if (is_told(telling, record))
        tell_record(telling, wants(telling, "A28") ? "A28" : "A31", record, SPAN(""));
}

/* Beside whom it stands: the lowest, which was told before it. A merge is not told: docs/decisions/0007. */
static void load_link(const struct telling *telling, const struct record *record) {
    struct members now = {0};
    const struct record *first = record;
    if (!wants(telling, "A24") || !wants_domain_of(telling, record))
        return;
    members_now(telling, record->person, &now);
    for (size_t i = 0; i < now.items.count; i++)
        first = now.items.items[i]->id < first->id ? now.items.items[i] : first;
    if (first != record)
        tell_pair(telling, "A24", record, first);
}

/* Once a person: with the first of those that are shown. */
static void load_set(const struct telling *telling, const struct record *record) {
    struct members now = {0};
    struct keys keys = {.arena = telling->plan->arena};
    members_now(telling, record->person, &now);
    uint64_t first = record->id;
    for (size_t i = 0; i < now.items.count; i++)
        first = now.items.items[i]->id < first ? now.items.items[i]->id : first;
    bool one = now.items.count == 1 && !peer_holds(telling->peer, PEER_PIX_SINGLE, true);
    if (!now.items.count || one || first != record->id || !is_shown(record) || !peer_wants_domain(telling->peer, record->domain))
        return;
    add_key(&keys, (int64_t)record->person);
    add_row(telling, "A31", (struct notification_row){.person = record->person}, &keys);
}

void outbox_plan_load(struct plan *plan, const struct peer *peer, const struct outbox_order *order) {
    enum { ROWS_MOST = 64, LOOKED_AT_MOST = 4096 };
    const struct telling telling = telling_of(plan, peer);
    uint64_t id = order->from, until = order->from + LOOKED_AT_MOST;
    for (; id < plan->counters.record && id < until && plan->notifications.count < ROWS_MOST; id++) {
        const struct record *record = plan_record(plan, id);
        if (record && peer->notify == NOTIFY_PIX) {
            load_set(&telling, record);
        } else if (record) {
            load_record(&telling, record);
            load_link(&telling, record);
        }
    }
    *order->next = id < plan->counters.record ? id : 0;
}
