/* Search results on the wire; see bundle.h. */
#include "fhir/bundle.h"

#include "base/arena.h"
#include "base/clock.h"
#include "fhir/call.h"
#include "fhir/dates.h"

static void write_link(struct fhir_call *call, const char *relation, struct span query) {
    struct json *json = &call->json;
    const struct span parts[] = {call->base, query.len ? SPAN("/Patient?") : SPAN("/Patient"), query};
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "relation", relation);
    json_write_parts(json, "url", parts, query.len ? 3 : 2);
    json_write_close(json);
}

static void write_head(struct fhir_call *call, const struct bundle *bundle) {
    struct json *json = &call->json;
    char now[FHIR_INSTANT_BYTES];
    fhir_date_instant_write(clock_now_us(), now);
    json_write_cstr(json, "resourceType", "Bundle");
    json_write_open(json, "meta", '{');
    json_write_cstr(json, "lastUpdated", now);
    json_write_close(json);
    json_write_cstr(json, "type", "searchset");
    json_write_u64(json, "total", bundle->total);
    json_write_open(json, "link", '[');
    write_link(call, "self", bundle->self);
    if (bundle->next.len)
        write_link(call, "next", bundle->next);
    json_write_close(json);
}

static void write_match(struct fhir_call *call, const struct bundle *bundle, const struct bundle_entry *entry) {
    struct json *json = &call->json;
    char id[40];
    int len = snprintf(id, sizeof id, "/Patient/p%llu", (unsigned long long)entry->person->id);
    json_write_open(json, NULL, '{');
    json_write_joined(json, "fullUrl", call->base, span_make(id, (size_t)len));
    patient_write_person(json, "resource", bundle->view, entry->person, entry->person->id, call->arena);
    json_write_open(json, "search", '{');
    json_write_cstr(json, "mode", "match");
    if (bundle->ranked)
        json_write_fraction(json, "score", entry->score);
    json_write_close(json);
    json_write_close(json);
}

static void write_outcome(struct json *json, const struct bundle *bundle) {
    if (bundle->issue_count == 0)
        return;
    json_write_open(json, NULL, '{');
    outcome_write(json, "resource", bundle->issues, bundle->issue_count);
    json_write_open(json, "search", '{');
    json_write_cstr(json, "mode", "outcome");
    json_write_close(json);
    json_write_close(json);
}

void bundle_send(struct fhir_call *call, const struct bundle *bundle) {
    struct json *json = fhir_call_begin(call);
    json_write_open(json, NULL, '{');
    write_head(call, bundle);
    json_write_open(json, "entry", '[');
    for (size_t i = 0; i < bundle->entry_count; i++)
        write_match(call, bundle, &bundle->entries[i]);
    write_outcome(json, bundle);
    json_write_close(json);
    json_write_close(json);
    fhir_call_end(call, 200);
}
