/*
 * Snapshots of the domains. A reader keeps the one it took for as long as it likes, so all of them stay until the close; a region
 * has thousands of practices, and thousands of lists of thousands would be gigabytes. So snapshots share what did not change:
 *
 *     items  [ A ][ B ][ C ][ D ]......     a new domain goes behind the others, into the same array; those who hold an older
 *     older   <------- 3 ------>            snapshot count fewer. Only a change of a domain that is there copies the array, and
 *     newer   <---------- 4 --------->      then the texts of the others are shared.
 */
#include "identity/service.h"

static bool same_sender(const struct domain_sender *a, const struct domain_sender *b) {
    return span_eq(a->application, b->application) && span_eq(a->facility, b->facility) && span_eq(a->certificate, b->certificate);
}

static bool same_domain(const struct domain *a, const struct domain *b) {
    bool same = a->id == b->id && span_eq(a->namespace_id, b->namespace_id) && span_eq(a->oid, b->oid) &&
                span_eq(a->finess, b->finess) && a->kind == b->kind && a->auto_link == b->auto_link &&
                a->max_status == b->max_status && a->evidence == b->evidence && a->trust == b->trust &&
                a->any_case == b->any_case && a->sender_count == b->sender_count;
    for (size_t i = 0; same && i < a->sender_count; i++)
        same = same_sender(&a->senders[i], &b->senders[i]);
    return same;
}

static struct domain copy_domain(const struct domain *domain, struct arena *arena) {
    struct domain copy = *domain;
    struct domain_sender *senders = ARENA_ARRAY(arena, struct domain_sender, copy.sender_count + 1);
    copy.namespace_id = span_copy(copy.namespace_id, arena);
    copy.oid = span_copy(copy.oid, arena);
    copy.finess = span_copy(copy.finess, arena);
    for (size_t i = 0; i < copy.sender_count; i++)
        senders[i] =
            (struct domain_sender){span_copy(copy.senders[i].application, arena), span_copy(copy.senders[i].facility, arena),
                                   span_copy(copy.senders[i].certificate, arena)};
    copy.senders = senders;
    return copy;
}

/* How many of the old domains stand in the new list as they were. */
static size_t count_same(const struct domain_list *old, const struct domain_list *list) {
    size_t count = 0;
    while (count < old->count && count < list->count && same_domain(&old->items[count], &list->items[count]))
        count++;
    return count;
}

void identity_publish_domains(struct identity *identity, const struct domain_list *list) {
    struct arena *arena = identity->domain_arena;
    const struct domain_list *old = atomic_load(&identity->domains);
    size_t same = count_same(old, list), from = old->count;
    if (same == old->count && same == list->count)
        return;
    if (same < old->count || list->count > identity->domain_room) {
        identity->domain_room = 2 * list->count;
        identity->domain_items = ARENA_ARRAY(arena, struct domain, identity->domain_room);
        from = 0;
    }
    for (size_t i = from; i < list->count; i++) {
        bool shared = i < old->count && same_domain(&old->items[i], &list->items[i]);
        identity->domain_items[i] = shared ? old->items[i] : copy_domain(&list->items[i], arena);
    }
    struct domain_list *fresh = ARENA_NEW(arena, struct domain_list);
    *fresh = (struct domain_list){identity->domain_items, list->count};
    atomic_store(&identity->domains, fresh);
}
