/*
 * Patient Demographics Supplier (IHE PDQm ITI-78): search and read.
 *
 *     search:  parameters -> plan -> find (keys, best first) -> settle (read and filter where the plan says so) -> page -> Bundle
 *     next:    token -> the kept keys -> Bundle
 *
 * Keys are found once; a page reads only its own patients.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "fhir/bundle.h"
#include "fhir/call.h"
#include "fhir/dates.h"
#include "fhir/negotiate.h"
#include "fhir/outcome.h"
#include "fhir/search_filter.h"
#include "fhir/search_pages.h"
#include "fhir/search_plan.h"

#include <stdlib.h>
#include <string.h>

enum {
    KEYS_MOST = 10000,    /* identity counts exactly up to here */
    FILTERED_MOST = 1000, /* patients looked into one by one for one search */
    FORM_PAIRS_MOST = 64,
    ISSUES_MOST = 8,
};

/* A search under way. */
struct finding {
    struct fhir_call *call;
    struct search search;
    struct search_plan plan;
    struct patient_view view;
    struct page_key *keys;
    size_t count, total;
    const struct person **persons; /* of the keys, once read; NULL before */
    uint64_t record;               /* that the identifier belongs to; 0: not found so */
    bool ranked;
    struct issue issues[ISSUES_MOST];
    size_t issue_count;
};

static void add_issue(struct finding *finding, const char *severity, const char *code, struct span diagnostics) {
    if (finding->issue_count < ISSUES_MOST)
        finding->issues[finding->issue_count++] = (struct issue){.severity = severity, .code = code, .diagnostics = diagnostics};
}

/* -- keys ------------------------------------------------------------------------------------------------------------------- */

static int by_person_then_score(const void *left, const void *right) {
    const struct page_key *a = left, *b = right;
    if (a->person != b->person)
        return a->person < b->person ? -1 : 1;
    return (a->score < b->score) - (a->score > b->score);
}

/* Best first, then by id: an order without ties, so that pages are the same for every reader. */
static int by_score(const void *left, const void *right) {
    const struct page_key *a = left, *b = right;
    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    return (a->person > b->person) - (a->person < b->person);
}

static bool find_by_id(struct finding *finding) {
    finding->keys = ARENA_ARRAY(finding->call->arena, struct page_key, finding->plan.id_count);
    for (size_t i = 0; i < finding->plan.id_count; i++)
        finding->keys[i] = (struct page_key){.person = finding->plan.ids[i]};
    finding->count = finding->total = finding->plan.id_count;
    qsort(finding->keys, finding->count, sizeof *finding->keys, by_score);
    return true;
}

/* From memory, when the identifier leads to a person. Otherwise the search goes on by identity_search, which notes in the audit
 * trail that somebody asked. */
static bool try_identifier(struct finding *finding, struct error *err) {
    struct fhir_call *call = finding->call;
    const struct search_plan *plan = &finding->plan;
    struct error reason = ERROR_INIT;
    struct page_key key = {.score = 1};
    if (identity_resolve(call->fhir->identity, plan->resolve, plan->resolve_value, &key.person, &finding->record, &reason)) {
        finding->keys = arena_dup(call->arena, &key, sizeof key);
        finding->count = finding->total = 1;
        finding->view.found_by = &plan->asked[0];
        return true;
    }
    if (reason.code == ERROR_RULE) /* a regional identifier whose records went to several persons */
        add_issue(finding, "warning", "business-rule", span_of(arena_strdup(call->arena, reason.text)));
    if (reason.code != ERROR_RULE && reason.code != ERROR_UNKNOWN)
        *err = reason;
    return false;
}

static bool run_query(struct finding *finding, size_t index, size_t most, struct page_key *room, size_t *out_count,
                      size_t *out_total, struct error *err) {
    struct fhir_call *call = finding->call;
    struct person_query query;
    const struct person_key *keys = NULL;
    *out_count = *out_total = 0;
    if (!search_plan_query(&finding->plan, index, &query))
        return true;
    query.most = most;
    if (!identity_search(call->fhir->identity, &call->asker, &query, call->arena, &keys, out_count, out_total, err))
        return false;
    if (*out_count > most)
        *out_count = most;
    for (size_t i = 0; i < *out_count; i++)
        room[i] = (struct page_key){keys[i].person, keys[i].score};
    return true;
}

static size_t drop_repeated(struct page_key *keys, size_t count) {
    size_t kept = 0;
    qsort(keys, count, sizeof *keys, by_person_then_score);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || keys[kept - 1].person != keys[i].person)
            keys[kept++] = keys[i];
    }
    qsort(keys, kept, sizeof *keys, by_score);
    return kept;
}

/* Puts the answers of all combinations together. What one query could not give whole is counted, and said. */
static bool find_united(struct finding *finding, size_t most, struct error *err) {
    size_t gathered = 0, missed = 0;
    struct page_key *all = ARENA_ARRAY(finding->call->arena, struct page_key, 2 * most);
    for (size_t i = 0; i < finding->plan.query_count; i++) {
        size_t count, total;
        if (!run_query(finding, i, most, all + gathered, &count, &total, err))
            return false;
        missed += total - count;
        gathered = drop_repeated(all, gathered + count);
        if (gathered > most) {
            missed += gathered - most;
            gathered = most;
        }
    }
    finding->keys = all;
    finding->count = gathered;
    finding->total = gathered + missed;
    return true;
}

static bool find_keys(struct finding *finding, struct error *err) {
    const struct search_plan *plan = &finding->plan;
    struct arena *arena = finding->call->arena;
    size_t most = plan->filter ? FILTERED_MOST : finding->search.count_only ? 1 : KEYS_MOST;
    if (plan->impossible)
        return true;
    if (plan->by_id)
        return find_by_id(finding);
    if (plan->resolve && try_identifier(finding, err))
        return true;
    if (err->code != ERROR_NONE)
        return false;
    finding->ranked = !plan->resolve;
    if (plan->query_count > 1)
        return find_united(finding, plan->filter ? FILTERED_MOST : KEYS_MOST, err);
    finding->keys = arena_alloc(arena, most * sizeof *finding->keys);
    return run_query(finding, 0, most, finding->keys, &finding->count, &finding->total, err);
}

/* -- patients --------------------------------------------------------------------------------------------------------------- */

static bool read_persons(struct fhir_call *call, const struct page_key *keys, size_t count, const struct person ***out,
                         struct error *err) {
    uint64_t *ids = ARENA_ARRAY(call->arena, uint64_t, count);
    const struct person **persons = ARENA_ARRAY(call->arena, const struct person *, count);
    for (size_t i = 0; i < count; i++)
        ids[i] = keys[i].person;
    if (count && !identity_read_persons(call->fhir->identity, &call->asker, ids, count, call->arena, persons, err))
        return false;
    *out = persons;
    return true;
}

/* Nothing to share (gone or hidden), another person now, or no identifier left to show. */
static bool is_shown(const struct patient_view *view, uint64_t asked, const struct person *person, struct arena *arena) {
    const struct patient_identifier *identifiers;
    return person && person->id == asked && patient_identifiers(view, person, arena, &identifiers) > 0;
}

/* The record that an identifier belongs to may be hidden from this reader: then it finds nobody, though the person has others. */
static bool is_reached(const struct finding *finding, const struct person *person) {
    for (size_t i = 0; i < person->record_count && finding->record; i++) {
        if (person->records[i].id == finding->record)
            return true;
    }
    return finding->record == 0;
}

/* Where keys alone do not decide: reads all patients found and keeps those that belong into the answer. */
static bool settle(struct finding *finding, struct error *err) {
    const struct search_plan *plan = &finding->plan;
    struct arena *arena = finding->call->arena;
    if (!plan->filter && !plan->by_id && !plan->resolve)
        return true;
    if (finding->total > FILTERED_MOST)
        return error_set(err, ERROR_LIMIT, NULL, "the criteria that can be looked up find more than %d patients; add some",
                         FILTERED_MOST);
    const struct person **persons = NULL;
    if (!read_persons(finding->call, finding->keys, finding->count, &persons, err))
        return false;
    size_t kept = 0;
    int64_t now_us = clock_now_us();
    for (size_t i = 0; i < finding->count; i++) {
        if (!is_shown(&finding->view, finding->keys[i].person, persons[i], arena) || !is_reached(finding, persons[i]))
            continue;
        if (plan->filter && !search_accepts(&finding->search, plan->decided, &finding->view, persons[i], now_us, arena))
            continue;
        finding->keys[kept] = finding->keys[i];
        persons[kept++] = persons[i];
    }
    finding->count = finding->total = kept;
    finding->persons = persons;
    return true;
}

/* -- the answer --------------------------------------------------------------------------------------------------------------- */

static struct span page_query(struct fhir_call *call, const char *name, size_t from) {
    char token[PAGE_TOKEN_BYTES];
    search_pages_token(name, from, token);
    return span_of(arena_printf(call->arena, "_page=%s", token));
}

static size_t make_entries(struct fhir_call *call, const struct patient_view *view, const struct page_run *run,
                           const struct person *const *persons, struct bundle_entry *entries) {
    size_t count = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (is_shown(view, run->keys[i].person, persons[i], call->arena))
            entries[count++] = (struct bundle_entry){persons[i], run->keys[i].score};
    }
    return count;
}

static void send_page(struct finding *finding) {
    struct fhir_call *call = finding->call;
    struct error err = ERROR_INIT;
    struct page_run run = {
        .keys = finding->keys,
        .count = finding->count < finding->search.count ? finding->count : finding->search.count,
        .kept = finding->count,
        .total = finding->total,
        .size = finding->search.count,
        .ranked = finding->ranked,
        .only = finding->plan.only,
    };
    struct bundle bundle = {.view = &finding->view, .self = finding->search.self, .total = run.total, .ranked = run.ranked};
    const struct person **persons = finding->persons;
    if (!persons && !read_persons(call, run.keys, run.count, &persons, &err)) {
        outcome_error(call, &err);
        return;
    }
    char name[33];
    bool more = run.count < run.kept, kept = more && search_pages_keep(call->fhir->pages, &run, name);
    if (kept)
        bundle.next = page_query(call, name, run.count);
    if ((more && !kept) || run.total > run.kept)
        add_issue(finding, "warning", "incomplete",
                  SPAN("only the best part of the patients found can be paged through; add criteria"));
    struct bundle_entry *entries = ARENA_ARRAY(call->arena, struct bundle_entry, run.count);
    bundle.entries = entries;
    bundle.entry_count = make_entries(call, &finding->view, &run, persons, entries);
    bundle.issues = finding->issues;
    bundle.issue_count = finding->issue_count;
    bundle_send(call, &bundle);
}

static void send_count(struct finding *finding) {
    struct bundle bundle = {
        .view = &finding->view,
        .self = finding->search.self,
        .total = finding->total,
        .issues = finding->issues,
        .issue_count = finding->issue_count,
    };
    bundle_send(finding->call, &bundle);
}

static void send_next_page(struct fhir_call *call, struct span token) {
    struct page_run run;
    char name[33];
    enum page_state state = search_pages_take(call->fhir->pages, token, call->arena, &run, name);
    if (state == PAGE_GONE) {
        outcome_send(call, 410,
                     &(struct issue){"error", "expired", SPAN("this page link has expired; search again"), SPAN("_page")});
        return;
    }
    if (state == PAGE_MALFORMED) {
        outcome_send(call, 400, &(struct issue){"error", "value", SPAN("this is no page link of ours"), SPAN("_page")});
        return;
    }
    struct error err = ERROR_INIT;
    const struct person **persons = NULL;
    if (!read_persons(call, run.keys, run.count, &persons, &err)) {
        outcome_error(call, &err);
        return;
    }
    struct patient_view view = {.base = call->base, .domains = identity_domains(call->fhir->identity), .only = run.only};
    struct bundle_entry *entries = ARENA_ARRAY(call->arena, struct bundle_entry, run.count);
    struct bundle bundle = {.view = &view, .total = run.total, .ranked = run.ranked, .entries = entries};
    bundle.entry_count = make_entries(call, &view, &run, persons, entries);
    bundle.self = page_query(call, name, run.from);
    if (run.from + run.count < run.kept)
        bundle.next = page_query(call, name, run.from + run.count);
    bundle_send(call, &bundle);
}

/* -- search ------------------------------------------------------------------------------------------------------------------- */

/* The parameters of the URL and, for _search, those of the form: merged, as if all stood in one (R4 http.html#search). */
static bool gather_pairs(struct fhir_call *call, const struct http_pair **out, size_t *out_count, struct error *err) {
    const struct http_request *request = call->request;
    const struct http_pair *form;
    size_t count;
    *out = request->query;
    *out_count = request->query_count;
    if (!span_eq(request->method, SPAN("POST")))
        return true;
    if (!http_form_parse(request->body, call->arena, FORM_PAIRS_MOST, &form, &count, err))
        return false;
    struct http_pair *all = ARENA_ARRAY(call->arena, struct http_pair, request->query_count + count);
    if (request->query_count)
        memcpy(all, request->query, request->query_count * sizeof *all);
    if (count)
        memcpy(all + request->query_count, form, count * sizeof *all);
    *out = all;
    *out_count = request->query_count + count;
    for (size_t i = 0; i < count; i++) {
        if (span_eq(form[i].name, SPAN("_format")) && form[i].value.len && !negotiate_format(form[i].value, err))
            return false;
    }
    return true;
}

static void note_ignored(struct finding *finding) {
    for (size_t i = 0; i < finding->search.ignored_count; i++) {
        struct span name = finding->search.ignored[i];
        const char *text = arena_printf(finding->call->arena, "parameter %.*s is not supported and was ignored", SPAN_ARG(name));
        add_issue(finding, "warning", "not-supported", span_of(text));
    }
}

static bool prepare(struct finding *finding, struct error *err) {
    struct fhir_call *call = finding->call;
    const struct fhir_options *options = &call->fhir->options;
    struct search_limits limits = {options->page_size, options->page_max, call->strict};
    const struct http_pair *pairs;
    size_t count;
    if (!gather_pairs(call, &pairs, &count, err) || !search_parse(pairs, count, &limits, call->arena, &finding->search, err))
        return false;
    const struct domain_list *domains = identity_domains(call->fhir->identity);
    search_plan_make(&finding->search, domains, call->base, clock_now_us(), call->arena, &finding->plan);
    finding->view = (struct patient_view){
        .base = call->base,
        .domains = domains,
        .only = finding->plan.only,
        .asked = finding->plan.asked,
        .asked_count = finding->plan.asked_count,
    };
    note_ignored(finding);
    return true;
}

/* ITI-78 case 4: 404 preferred; a setting makes it the 200 variant, with the domains that are known. */
static bool refuse_unknown_domain(struct finding *finding) {
    struct issue issue = {"warning", "not-found", SPAN("targetSystem not found"), SPAN_ABSENT};
    if (!finding->plan.unknown_domain)
        return false;
    if (finding->call->fhir->options.unknown_domain_ok) {
        add_issue(finding, issue.severity, issue.code, issue.diagnostics);
        return false;
    }
    outcome_send(finding->call, 404, &issue);
    return true;
}

void pdqm_search(struct fhir_call *call) {
    struct error err = ERROR_INIT;
    struct finding finding = {.call = call};
    call->asker.interaction = SPAN("ITI-78");
    if (span_eq(call->request->method, SPAN("POST")) && negotiate_body(call->request) != BODY_FORM) {
        outcome_send(call, 415,
                     &(struct issue){"error", "not-supported", SPAN("_search takes application/x-www-form-urlencoded"), SPAN("")});
        return;
    }
    if (!prepare(&finding, &err)) {
        outcome_error(call, &err);
        return;
    }
    if (finding.search.page.len) {
        send_next_page(call, finding.search.page);
        return;
    }
    if (refuse_unknown_domain(&finding))
        return;
    if (!find_keys(&finding, &err) || !settle(&finding, &err))
        outcome_error(call, &err);
    else if (finding.search.count_only)
        send_count(&finding);
    else
        send_page(&finding);
}

/* -- read ------------------------------------------------------------------------------------------------------------------- */

/* Does one of the entity tags of If-None-Match name this version? Weak comparison (RFC 9110 section 8.8.3.2). */
static bool names_version(struct span header, struct span etag) {
    struct span rest = header, piece, strong = span_sub(etag, 2, etag.len);
    while (span_cut(&rest, ',', &piece)) {
        piece = span_trim(piece);
        if (span_eq(piece, SPAN("*")) || span_eq(piece, etag) || span_eq(piece, strong))
            return true;
    }
    return false;
}

/* Has the client this version already (RFC 9110 section 13.1)? The entity tag outweighs the date. */
static bool is_unmodified(const struct fhir_call *call, struct span etag, int64_t updated_us) {
    struct span tags = http_header(call->request, "If-None-Match");
    struct span since = http_header(call->request, "If-Modified-Since");
    int64_t since_s;
    if (tags.len)
        return names_version(tags, etag);
    return since.len && fhir_date_http_parse(span_trim(since), &since_s) && updated_us / 1000000 <= since_s;
}

/* Sets the validators; true when a 304 was sent instead of the resource. */
static bool send_unmodified(struct fhir_call *call, uint64_t version, int64_t updated_us) {
    struct span etag = span_of(arena_printf(call->arena, "W/\"%llu\"", (unsigned long long)version));
    http_answer_header(call->answer, "ETag", etag);
    http_answer_header(call->answer, "Last-Modified", fhir_date_http_write(updated_us, call->arena));
    if (!is_unmodified(call, etag, updated_us))
        return false;
    call->answer->status = 304;
    return true;
}

static void send_person(struct fhir_call *call, const struct person *person, uint64_t as) {
    struct patient_view view = {.base = call->base, .domains = identity_domains(call->fhir->identity)};
    if (send_unmodified(call, person->version, person->updated_us))
        return;
    patient_write_person(fhir_call_begin(call), NULL, &view, person, as, call->arena);
    fhir_call_end(call, 200);
}

/* Of a record merged away only its survivor is told: its traits are history. */
static bool send_record(struct fhir_call *call, const struct person *person, uint64_t survivor, uint64_t as) {
    struct patient_view view = {.base = call->base, .domains = identity_domains(call->fhir->identity)};
    const struct person_record *record = NULL;
    for (size_t i = 0; i < person->record_count; i++) {
        if (person->records[i].id == survivor)
            record = &person->records[i];
    }
    if (!record)
        return false;
    if (survivor != as) {
        patient_write_merged(fhir_call_begin(call), as, survivor);
        fhir_call_end(call, 200);
    } else if (!send_unmodified(call, record->version, record->updated_us)) {
        patient_write_record(fhir_call_begin(call), NULL, &view, person, record, call->arena);
        fhir_call_end(call, 200);
    }
    return true;
}

struct target {
    bool is_record;
    uint64_t asked, person, record;
};

static bool follow(struct fhir_call *call, struct target *out, struct error *err) {
    *out = (struct target){.asked = 0};
    if (search_plan_parse_id(call->id, 'r', &out->asked)) {
        out->is_record = true;
        return identity_follow_record(call->fhir->identity, out->asked, &out->person, &out->record, err);
    }
    if (search_plan_parse_id(call->id, 'p', &out->asked))
        return identity_follow_person(call->fhir->identity, out->asked, &out->person, err);
    return error_set(err, ERROR_UNKNOWN, NULL, "not an id of ours");
}

void pdqm_read(struct fhir_call *call) {
    struct issue unknown = {"error", "not-found", SPAN("no Patient of this id"), SPAN_ABSENT};
    struct error err = ERROR_INIT;
    const struct person *person = NULL;
    struct target target;
    call->asker.interaction = SPAN("ITI-78");
    bool ok = follow(call, &target, &err) &&
              identity_read_persons(call->fhir->identity, &call->asker, &target.person, 1, call->arena, &person, &err);
    if (!ok && err.code != ERROR_UNKNOWN)
        outcome_error(call, &err);
    else if (!person)
        outcome_send(call, 404, &unknown);
    else if (!target.is_record)
        send_person(call, person, target.asked);
    else if (!send_record(call, person, target.record, target.asked))
        outcome_send(call, 404, &unknown);
}
