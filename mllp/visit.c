/* Encounters; see visit.h. */
#include "mllp/visit.h"

#include <string.h>
#include <time.h>

/* -- copying segments ----------------------------------------------------------------------------------------------------- */

static bool same_delimiters(const struct hl7_delimiters *a, const struct hl7_delimiters *b) {
    return a->field == b->field && a->component == b->component && a->repetition == b->repetition && a->escape == b->escape &&
           a->subcomponent == b->subcomponent;
}

void visit_copy(const struct hl7_message *message, const struct hl7_segment *segment, const struct hl7_delimiters *delimiters,
                struct buf *out) {
    struct hl7_writer writer;
    if (same_delimiters(&message->delimiters, delimiters)) {
        buf_add(out, segment->text);
        buf_add_char(out, '\r');
        return;
    }
    hl7_writer_init(&writer, delimiters, out);
    hl7_rewrite(message, segment, &writer);
}

struct span visit_keep(const struct mllp_request *request, const struct hl7_segment *segment) {
    struct buf out;
    if (!segment)
        return SPAN_ABSENT;
    buf_init(&out, request->message->text.len * 4 + 64);
    visit_copy(request->message, segment, &HL7_DELIMITERS, &out);
    struct span kept = buf_ok(&out) ? span_sub(buf_copy(&out, request->arena), 0, out.len - 1) : SPAN_ABSENT; /* its CR is ours */
    buf_release(&out);
    return kept;
}

/* -- what is told --------------------------------------------------------------------------------------------------------- */

static bool is_event(const struct mllp_request *request, const char *list) {
    return request->header.event.len == 3 && strstr(list, span_cstr(request->header.event, request->arena));
}

/* ITI-30 tells of nobody's whereabouts: PV1 is there for form, with class N. */
static bool tells_encounter(const struct mllp_request *request, const struct hl7_segment *pv1) {
    struct span class = hl7_text(request->message, hl7_part(request->message, pv1, 2, 1));
    return pv1 && !is_event(request, "A28 A31 A40 A47 A24 A37 A44") && !span_eq_nocase(class, SPAN("N"));
}

static struct span authority_text(const struct mllp_request *request, const struct hl7_segment *segment, size_t field) {
    struct hl7_hd hd;
    hl7_read_hd(request->message, hl7_part(request->message, segment, field, 4), &hd);
    if (span_is_empty(hd.namespace_id) && span_is_empty(hd.universal_id))
        return SPAN_ABSENT;
    return span_of(
        arena_printf(request->arena, "%.*s&%.*s&%.*s", SPAN_ARG(hd.namespace_id), SPAN_ARG(hd.universal_id), SPAN_ARG(hd.type)));
}

/* A number as CX; "" is none. */
static struct span number(const struct mllp_request *request, const struct hl7_segment *segment, size_t field) {
    struct span raw = hl7_part(request->message, segment, field, 1);
    return hl7_is_null(raw) ? SPAN_ABSENT : hl7_first(request->message, raw);
}

bool visit_is_historic(const struct mllp_request *request, const struct hl7_segment *zbe) {
    return hl7_read_yn(hl7_text(request->message, hl7_part(request->message, zbe, 5, 1))) == 'Y';
}

/* A moment as YYYYMMDDHHMMSS in UTC; absent when less than a day is known. */
static struct span utc_digits(const struct mllp_request *request, struct span text) {
    int64_t at_s, ignored;
    struct tm parts;
    char *digits = arena_alloc(request->arena, 32);
    const struct zone *own = request->known ? request->known->zone : NULL;
    if (!zone_moment(own ? own : &ZONE_PARIS, text, &at_s, &ignored))
        return SPAN_ABSENT;
    time_t seconds = (time_t)at_s;
    if (!gmtime_r(&seconds, &parts) || strftime(digits, 32, "%Y%m%d%H%M%S", &parts) != 14)
        return SPAN_ABSENT;
    return span_make(digits, 14);
}

/* ZBE-2 to the second, in UTC: two peers may tell of one visit, each by its own clock. A movement that is taken back leaves no
 * mark: whatever is told next counts. */
static struct span movement_time(const struct mllp_request *request, const struct hl7_segment *zbe) {
    const struct hl7_message *message = request->message;
    struct span text = hl7_text(message, hl7_part(message, zbe, 2, 1));
    struct hl7_ts ts;
    if (span_eq_nocase(hl7_text(message, hl7_part(message, zbe, 4, 1)), SPAN("CANCEL")) || span_is_empty(text) ||
        !hl7_read_ts(text, &ts, NULL) || span_is_empty(ts.date))
        return SPAN_ABSENT;
    struct span moment = utc_digits(request, text);
    if (!span_is_empty(moment))
        return moment;
    char *digits = arena_alloc(request->arena, 15);
    memcpy(digits, "00000000000000", 15);
    memcpy(digits, ts.date.ptr, ts.date.len < 8 ? ts.date.len : 8);
    if (ts.time.len)
        memcpy(digits + 8, ts.time.ptr, ts.time.len < 6 ? ts.time.len : 6);
    return span_make(digits, 14);
}

static struct span body(const struct mllp_request *request, const struct visit_segments *segments) {
    const struct hl7_segment *const kept[] = {segments->pv1, segments->zfv, segments->zfm};
    struct buf out;
    buf_init(&out, request->message->text.len * 4 + 64);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (kept[i])
            visit_copy(request->message, kept[i], &HL7_DELIMITERS, &out);
    }
    struct span text = buf_ok(&out) ? buf_copy(&out, request->arena) : SPAN_ABSENT;
    buf_release(&out);
    return text;
}

void visit_read(const struct mllp_request *request, const struct visit_segments *segments, struct visit_told *out) {
    bool encounter = tells_encounter(request, segments->pv1);
    *out = (struct visit_told){.account = number(request, segments->pid, 18)};
    if (!span_is_empty(out->account))
        out->account_authority = authority_text(request, segments->pid, 18);
    if (segments->mrg)
        out->prior_account = number(request, segments->mrg, 3);
    out->historic = !encounter || visit_is_historic(request, segments->zbe);
    if (!encounter)
        return;
    out->number = number(request, segments->pv1, 19);
    out->number_authority = authority_text(request, segments->pv1, 19);
    out->unit = span_upper(hl7_first(request->message, hl7_part(request->message, segments->pv1, 3, 1)), request->arena);
    out->moved = movement_time(request, segments->zbe);
    out->cancelled = is_event(request, "A11 A38 A27");
    out->body = body(request, segments);
}

/* -- ITI-22 --------------------------------------------------------------------------------------------------------------- */

/* Class, place, the doctors, service, visit number (the list of hl7v2.md 2.5). 0: any component. */
static const struct {
    size_t field, components;
} parameters[] = {{2, 1}, {3, 4}, {7, 3}, {8, 3}, {9, 3}, {10, 1}, {17, 3}, {19, 4}};

/* "3.1" of "@PV1.3.1" */
bool visit_parameter(struct span name, struct visit_criterion *out) {
    uint64_t numbers[3] = {0, 1, 0};
    struct span rest = name, part;
    if (!span_cut(&rest, '.', &part) || !span_eq_nocase(part, SPAN("@PV1")))
        return false;
    for (size_t i = 0; i < 3 && span_cut(&rest, '.', &part); i++)
        if (!span_to_u64(part, &numbers[i]) || !numbers[i])
            return false;
    if (!span_is_empty(rest))
        return false;
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        if (parameters[i].field != numbers[0] || numbers[1] > parameters[i].components || numbers[2] > 3)
            continue;
        *out = (struct visit_criterion){
            .field = (size_t)numbers[0], .component = (size_t)numbers[1], .subcomponent = (size_t)numbers[2]};
        return true;
    }
    return false;
}

static bool value_matches(struct span held, struct span wanted) {
    size_t star = span_find(wanted, '*', 0);
    if (star < wanted.len)
        return span_eq_nocase(span_sub(held, 0, star), span_sub(wanted, 0, star));
    return span_eq_nocase(held, wanted);
}

/* Any repetition of the field: a patient may have several doctors of a kind. */
static bool meets(const struct hl7_message *message, const struct hl7_segment *pv1, const struct visit_criterion *wanted) {
    struct span field = hl7_field(pv1, wanted->field);
    size_t repetitions = hl7_repetition_count(message, field);
    for (size_t i = 1; i <= repetitions; i++) {
        struct span component = hl7_component(message, hl7_repetition(message, field, i), wanted->component);
        struct span held = wanted->subcomponent ? hl7_text(message, hl7_subcomponent(message, component, wanted->subcomponent))
                                                : hl7_first(message, component);
        if (value_matches(held, wanted->value))
            return true;
    }
    return false;
}

/* The body as a message of its own. */
static struct hl7_message *open_body(struct span body_text, struct arena *arena) {
    struct hl7_message *message;
    struct error err = ERROR_INIT;
    struct span text = span_of(arena_printf(arena, "MSH|^~\\&|||||||ADT|1|P|2.5||||||UNICODE UTF-8\r%.*s", SPAN_ARG(body_text)));
    return hl7_open(text, HL7_CHARSET_UTF8, arena, &message, &err) && hl7_parse(message, &err) ? message : NULL;
}

bool visit_matches(struct span body_text, const struct visit_criterion *criteria, size_t count, struct arena *arena) {
    const struct hl7_message *message = count ? open_body(body_text, arena) : NULL;
    const struct hl7_segment *pv1 = message ? hl7_segment(message, "PV1", 1) : NULL;
    for (size_t i = 0; i < count; i++) {
        if (!pv1 || !meets(message, pv1, &criteria[i]))
            return false;
    }
    return true;
}

void visit_write(struct span body_text, struct hl7_writer *writer, struct arena *arena) {
    const struct hl7_message *message = open_body(body_text, arena);
    const struct hl7_segment *pv1 = message ? hl7_segment(message, "PV1", 1) : NULL;
    if (pv1)
        visit_copy(message, pv1, &writer->delimiters, writer->out);
}
