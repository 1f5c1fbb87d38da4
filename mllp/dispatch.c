/* From a message to its handler; see dispatch.h. */
#include "mllp/dispatch.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/metrics.h"
#include "mllp/ack.h"
#include "mllp/adt.h"
#include "mllp/frame.h"
#include "mllp/gate.h"
#include "mllp/pdq.h"
#include "mllp/pix.h"

#include <stdatomic.h>
#include <string.h>

enum { MOST_ANSWER_BYTES = 64 * 1024 * 1024, MOST_CONTROL_ID_BYTES = 199, MOST_NAME_BYTES = 227 };

/* -- the table of events (hl7v2.md 2.1, 2.6, 2.7) ----------------------------------------------------------------------------- */

static const struct dispatch_row rows[] = {
    {"ADT", "A28", DISPATCH_FEED, FEED_CREATE, 0},
    {"ADT", "A31", DISPATCH_FEED, FEED_UPDATE, 0},
    {"ADT", "A08", DISPATCH_FEED, FEED_UPDATE, 0},
    {"ADT", "A40", DISPATCH_FEED, FEED_MERGE, 0},
    {"ADT", "A47", DISPATCH_FEED, FEED_CHANGE_ID, EVENT_LOOSE},
    {"ADT", "A24", DISPATCH_FEED, FEED_LINK, EVENT_LOOSE},
    {"ADT", "A37", DISPATCH_FEED, FEED_UNLINK, EVENT_LOOSE},
    {"ADT", "A44", DISPATCH_FEED, FEED_MOVE_ACCOUNT, EVENT_LOOSE},
    {"ADT", "A01", DISPATCH_FEED, FEED_UPDATE, EVENT_FRENCH_ENCOUNTER},
    {"ADT", "A04", DISPATCH_FEED, FEED_UPDATE, EVENT_FRENCH_ENCOUNTER},
    {"ADT", "A05", DISPATCH_FEED, FEED_UPDATE, EVENT_FRENCH_ENCOUNTER},
    {"ADT", "A14", DISPATCH_FEED, FEED_UPDATE, EVENT_FRENCH_ENCOUNTER},
    {"ADT", "A06", DISPATCH_FEED, FEED_ENCOUNTER, EVENT_LOOSE},
    {"ADT", "A07", DISPATCH_FEED, FEED_ENCOUNTER, EVENT_LOOSE},
    {"ADT", "A02", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A03", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A09", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A10", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A11", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A12", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A13", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A15", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A16", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A21", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A22", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A25", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A26", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A27", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A32", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A33", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A38", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A52", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A53", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A54", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "A55", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"ADT", "Z99", DISPATCH_FEED, FEED_TOUCH, EVENT_LOOSE},
    {"QBP", "Q23", DISPATCH_PIX, FEED_REFUSED, 0},
    {"QBP", "Q22", DISPATCH_PDQ, FEED_REFUSED, 0},
    {"QBP", "ZV1", DISPATCH_PDQ, FEED_REFUSED, EVENT_VISITS},
    {"QCN", "J01", DISPATCH_CANCEL, FEED_REFUSED, 0},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static const char *const versions[] = {"2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2"};

const struct dispatch_row *dispatch_find(struct span type, struct span event) {
    for (size_t i = 0; type.len == 3 && event.len == 3 && i < ROW_COUNT; i++) { /* as all of them are */
        if (memcmp(event.ptr, rows[i].event, 3) == 0 && memcmp(type.ptr, rows[i].type, 3) == 0)
            return &rows[i];
    }
    return NULL;
}

static bool is_known_type(struct span type) {
    return span_eq_cstr(type, "ADT") || span_eq_cstr(type, "QBP") || span_eq_cstr(type, "QCN");
}

static bool is_query(const struct mllp_request *request) {
    return span_eq_cstr(request->header.type, "QBP") || span_eq_cstr(request->header.type, "QCN");
}

/* -- metrics -------------------------------------------------------------------------------------------------------------- */

/* Handles by row and outcome; the last row stands for every event that is not in the table. */
static _Atomic(struct metric *) outcome_counters[ROW_COUNT + 1][3];
static _Atomic(struct metric *) latencies[ROW_COUNT + 1];

static struct metric *outcome_counter(size_t row, size_t outcome) {
    struct metric *metric = atomic_load(&outcome_counters[row][outcome]);
    if (metric)
        return metric;
    char labels[64];
    snprintf(labels, sizeof labels, "event=\"%s\",outcome=\"%s\"", row < ROW_COUNT ? rows[row].event : "other",
             feed_result_name((enum feed_result)outcome));
    bool feed = row == ROW_COUNT || rows[row].kind == DISPATCH_FEED;
    metric = feed ? metric_counter("sosie_feeds_total", "HL7 feeds answered, by event and MSA-1.", labels)
                  : metric_counter("sosie_hl7_queries_total", "HL7 queries answered, by event and MSA-1.", labels);
    atomic_store(&outcome_counters[row][outcome], metric);
    return metric;
}

static struct metric *latency(size_t row) {
    struct metric *metric = atomic_load(&latencies[row]);
    if (metric)
        return metric;
    char labels[32];
    snprintf(labels, sizeof labels, "event=\"%s\"", row < ROW_COUNT ? rows[row].event : "other");
    metric = metric_seconds("sosie_hl7_seconds", "Time from the end of a frame to its answer, by event.", labels);
    atomic_store(&latencies[row], metric);
    return metric;
}

static void count_answer(const struct dispatch_row *row, const struct mllp_answer *answer, uint64_t began_ns) {
    size_t index = row ? (size_t)(row - rows) : ROW_COUNT;
    for (size_t i = 0; i < 3 && answer->code; i++) {
        if (strcmp(answer->code, feed_result_name((enum feed_result)i)) == 0)
            metric_add(outcome_counter(index, i), 1);
    }
    metric_observe(latency(index), (double)(clock_mono_ns() - began_ns) / 1e9);
}

/* -- warnings ------------------------------------------------------------------------------------------------------------- */

static const struct {
    unsigned bit; /* request warnings, shifted by 16, and message warnings */
    const char *name;
} warning_names[] = {
    {HL7_CHARSET_GUESSED, "charset_guessed"},
    {HL7_CHARSET_WRONG, "charset_wrong"},
    {HL7_CHARSET_ALIAS, "charset_alias"},
    {HL7_CHARSET_NUL, "nul_bytes"},
    {HL7_CHARSET_DAMAGED, "bytes_damaged"},
    {HL7_WARN_LINE_ENDS, "line_ends"},
    {HL7_WARN_ODD_LINE, "odd_line"},
    {HL7_WARN_DELIMITERS, "delimiters"},
    {WARN_SEX_CODE << 16, "sex_code"},
    {WARN_STATUS_CODE << 16, "status_code"},
    {WARN_BIRTH_DATE << 16, "birth_date"},
    {WARN_NAME_TYPES << 16, "name_types"},
    {WARN_TELECOM << 16, "telecom"},
    {WARN_MRG4 << 16, "mrg4"},
    {WARN_PID19 << 16, "pid19"},
    {WARN_VERSION << 16, "version"},
    {WARN_STRUCTURE << 16, "structure"},
    {WARN_CODE_CASE << 16, "code_case"},
    {WARN_OTHER_DATE << 16, "other_date"},
    {WARN_FURTHER_PID << 16, "further_pid"},
};

enum { WARNING_COUNT = sizeof warning_names / sizeof warning_names[0] };
static _Atomic(struct metric *) warning_counters[WARNING_COUNT];

static void note_warning(const struct mllp_request *request, size_t index) {
    struct metric *metric = atomic_load(&warning_counters[index]);
    if (!metric) {
        char labels[64];
        snprintf(labels, sizeof labels, "kind=\"%s\"", warning_names[index].name);
        metric = metric_counter("sosie_hl7_warnings_total", "Departures from the standard that were forgiven, by kind.", labels);
        atomic_store(&warning_counters[index], metric);
    }
    metric_add(metric, 1);
    if (request->peer->warned & 1u << index)
        return;
    request->peer->warned |= 1u << index;
    log_info("a sender departs from the standard", LOG_TEXT("kind", warning_names[index].name),
             LOG_SPAN("sender", request->header.application), LOG_SPAN("facility", request->header.facility),
             LOG_SPAN("control_id", request->header.control_id), LOG_SPAN("peer", request->peer->address));
}

static void note_warnings(const struct mllp_request *request) {
    unsigned all = request->warnings << 16 | (request->message ? request->message->warnings : 0);
    for (size_t i = 0; all && i < WARNING_COUNT; i++) {
        if (all & warning_names[i].bit)
            note_warning(request, i);
    }
}

/* -- the header ----------------------------------------------------------------------------------------------------------- */

/* "2.5" of "2.5", "2.5 FRA"; empty when there is none (hl7v2.md 6 row 34). */
static struct span leading_version(struct span text) {
    size_t len = 0;
    while (len < text.len && ((text.ptr[len] >= '0' && text.ptr[len] <= '9') || text.ptr[len] == '.'))
        len++;
    return span_sub(text, 0, len);
}

static void read_header(struct mllp_request *request) {
    const struct hl7_message *message = request->message;
    const struct hl7_segment *msh = &message->segments[0];
    struct hl7_header *header = &request->header;
    header->application = hl7_first(message, hl7_part(message, msh, 3, 1));
    header->facility = hl7_first(message, hl7_part(message, msh, 4, 1));
    header->type = span_upper(hl7_text(message, hl7_part(message, msh, 9, 1)), request->arena);
    header->event = span_upper(hl7_text(message, hl7_part(message, msh, 9, 2)), request->arena);
    header->control_id = hl7_field(msh, 10);
    header->processing = span_upper(hl7_text(message, hl7_part(message, msh, 11, 1)), request->arena);
    header->version = leading_version(hl7_text(message, hl7_part(message, msh, 12, 1)));
    header->french = span_eq_nocase(hl7_text(message, hl7_part(message, msh, 12, 2)), SPAN("FRA"));
    if (header->type.ptr != hl7_text(message, hl7_part(message, msh, 9, 1)).ptr)
        request->warnings |= WARN_CODE_CASE;
}

static bool in_list(struct span value, const char *list) {
    struct span rest = span_of(list), item;
    while (span_cut(&rest, ',', &item)) {
        if (!span_is_empty(value) && span_eq_nocase(span_trim(item), value))
            return true;
    }
    return false;
}

static bool check_version(struct mllp_request *request, struct error *err) {
    struct span version = request->header.version;
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        if (span_eq_cstr(version, versions[i]))
            return true;
    }
    return error_set(err, ERROR_UNSUPPORTED_VERSION, "MSH^1^12^1", "versions 2.3 to 2.8 are accepted");
}

/* MSH-9, 11, 12 (AR), then 10 (AE). */
static bool check_header(struct mllp_request *request, const struct dispatch_row **out_row, struct error *err) {
    const struct hl7_header *header = &request->header;
    if (!is_known_type(header->type))
        return error_set(err, ERROR_UNSUPPORTED_MESSAGE, "MSH^1^9^1^1", "this port takes ADT, QBP and QCN messages");
    *out_row = dispatch_find(header->type, header->event);
    if (!*out_row)
        return error_set(err, ERROR_UNSUPPORTED_EVENT, "MSH^1^9^1^2", "the event is not one that this server handles");
    if ((*out_row)->flags & EVENT_VISITS && !request->edge->options->visit_queries)
        return error_set(err, ERROR_UNSUPPORTED_EVENT, "MSH^1^9^1^2",
                         "queries about visits are not answered here; with pdq.visits = yes, or this for the peer, they are");
    if (!in_list(header->processing, request->edge->options->processing_ids))
        return error_set(err, ERROR_UNSUPPORTED_PROCESSING, "MSH^1^11^1^1", "this port takes the processing ids %s",
                         request->edge->options->processing_ids);
    if (!check_version(request, err))
        return false;
    if (span_is_empty(span_trim(header->control_id)) || hl7_is_null(header->control_id))
        return error_set(err, ERROR_MISSING, "MSH^1^10", "the message has no control id");
    if (header->control_id.len > MOST_CONTROL_ID_BYTES)
        return error_set(err, ERROR_TYPE, "MSH^1^10", "the control id is longer than %d bytes", MOST_CONTROL_ID_BYTES);
    for (size_t field = 3; field <= 4; field++)
        if (hl7_field(&request->message->segments[0], field).len > MOST_NAME_BYTES) /* HL7 2.5.1 ch.2.A.33: an HD */
            return error_set(err, ERROR_LIMIT, field == 3 ? "MSH^1^3" : "MSH^1^4", "longer than %d bytes", MOST_NAME_BYTES);
    return true;
}

/* -- senders -------------------------------------------------------------------------------------------------------------- */

void request_sender(const struct mllp_request *request, struct feed *out) {
    const struct hl7_header *header = &request->header; /* refused for a header that is too long, its beginning is kept */
    *out = (struct feed){
        .event = span_clip(header->event, MOST_NAME_BYTES),
        .sender_application = span_clip(header->application, MOST_NAME_BYTES),
        .sender_facility = span_clip(header->facility, MOST_NAME_BYTES),
        .certificate = request->peer->certificate,
        .loopback = request->peer->loopback,
        .peer = request->known,
        .control_id = span_clip(header->control_id, MOST_CONTROL_ID_BYTES),
        .version = span_clip(header->version, MOST_NAME_BYTES),
        .raw = request->raw,
        .comparable = request->comparable,
        .digest = request->hand.digest,
        .replay_of = request->replay_of,
        .replay_author = request->replay_author,
        .import = request->import,
    };
}

void request_asker(const struct mllp_request *request, const char *interaction, struct asker *out) {
    struct feed sender;
    request_sender(request, &sender);
    const struct domain_list *domains = identity_domains(request->edge->identity);
    uint32_t *own = ARENA_ARRAY(request->arena, uint32_t, domains->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < domains->count; i++) {
        if (identity_may_feed(&domains->items[i], &sender))
            own[count++] = domains->items[i].id;
    }
    *out = (struct asker){
        .application = sender.sender_application,
        .facility = sender.sender_facility,
        .address = request->peer->address,
        .interaction = span_of(interaction),
        .sees_ins = peer_holds(request->known, PEER_SEES_INS, count > 0),
        .own_domains = own,
        .own_domain_count = count,
        .peer = request->known,
    };
}

/* -- feeds ---------------------------------------------------------------------------------------------------------------- */

static enum feed_action action_of(const struct mllp_request *request, const struct dispatch_row *row) {
    const struct mllp_options *options = request->edge->options;
    bool french = request->header.french || options->french;
    bool encounter = row->flags & EVENT_FRENCH_ENCOUNTER && french && !options->iti31_updates_french;
    return encounter ? FEED_ENCOUNTER : row->action;
}

static void make_refused(const struct mllp_request *request, const struct error *why, struct feed *out) {
    request_sender(request, out);
    out->action = FEED_REFUSED;
    out->refusal = *why;
}

static void refuse_feed(const struct mllp_request *request, const struct error *why, struct feed_outcome *out) {
    struct feed feed;
    make_refused(request, why, &feed);
    identity_feed(request->edge->identity, &feed, request->arena, out);
}

static void make_feed(struct mllp_request *request, const struct dispatch_row *row, struct feed *out) {
    struct error err = ERROR_INIT;
    request_sender(request, out);
    out->event = span_of(row->event);
    out->action = action_of(request, row);
    if (!hl7_parse(request->message, &err) || !adt_read(request, row, out, &err))
        make_refused(request, &err, out);
}

static void run_feed(struct mllp_request *request, const struct dispatch_row *row, struct feed_outcome *out) {
    struct feed feed;
    make_feed(request, row, &feed);
    identity_feed(request->edge->identity, &feed, request->arena, out);
}

/* Reads the header and finds the row; *row is NULL when there is none. */
static bool open_request(struct mllp_request *request, const struct dispatch_row **out_row, struct error *err) {
    *out_row = NULL;
    if (!hl7_open(request->raw, gate_charset(request), request->arena, &request->message, err))
        return false;
    read_header(request);
    fault_crash("reading", request->header.control_id);
    return gate_pass(request, err) && check_header(request, out_row, err);
}

/* -- in hand (DESIGN.md promise 6) ------------------------------------------------------------------------------------------- */

static bool take_up(struct mllp_request *request) {
    request->comparable = hl7_comparable(request->raw, request->arena);
    return identity_take_up(request->edge->identity, request->comparable, &request->hand);
}

/* Without parsing it: that may be where the server aborted. */
static void read_set_aside(struct mllp_request *request, struct error *err) {
    request->header = (struct hl7_header){.application = hl7_peek_header(request->raw, 3),
                                          .facility = hl7_peek_header(request->raw, 4),
                                          .control_id = hl7_peek_header(request->raw, 10)};
    error_set(err, ERROR_SET_ASIDE, "", "the server failed twice on this message; it was set aside as a dead letter");
}

static void set_aside(struct mllp_request *request, struct mllp_answer *answer) {
    struct error err = ERROR_INIT;
    struct feed_outcome outcome = {0};
    read_set_aside(request, &err);
    refuse_feed(request, &err, &outcome);
    ack_feed(request, &outcome, answer);
}

static bool is_rejected(const struct mllp_answer *answer) {
    return answer->code && strcmp(answer->code, feed_result_name(FEED_REJECTED)) ==
                               0; /* the server could not take it now, so nothing is known of it */
}

/* -- ways in -------------------------------------------------------------------------------------------------------------- */

/* A refusal that is only answered: of a query, which leaves no trace in the message log. */
static void answer_error(const struct mllp_request *request, const struct error *err, struct mllp_answer *answer) {
    ack_feed(request, &(struct feed_outcome){.result = feed_result_of(err->code), .err = *err}, answer);
}

static void run_query(struct mllp_request *request, const struct dispatch_row *row, struct mllp_answer *answer) {
    struct error err = ERROR_INIT;
    if (!hl7_parse(request->message, &err)) {
        answer_error(request, &err, answer);
        return;
    }
    if (row->kind == DISPATCH_PIX)
        pix_answer(request, answer);
    else if (row->kind == DISPATCH_PDQ)
        pdq_answer(request, answer);
    else
        pdq_cancel(request, answer);
}

/* A frame without a message: its sender waits for an answer all the same (hl7v2.md 1.1), but there is nothing to keep. */
static bool is_blank(struct span raw) {
    for (size_t i = 0; i < raw.len; i++) {
        if (!strchr("\r\n \t", raw.ptr[i]))
            return false;
    }
    return true;
}

static void run(struct mllp_request *request, const struct dispatch_row **out_row, struct mllp_answer *answer) {
    struct error err = ERROR_INIT;
    struct feed_outcome outcome = {0};
    bool opened = open_request(request, out_row, &err);
    if (!opened && span_eq_cstr(request->header.type, "ACK")) {
        log_warn("an acknowledgement came as a request", LOG_SPAN("peer", request->peer->address)); /* answering would loop */
        return;
    }
    if (!opened && (is_query(request) || is_blank(request->raw))) {
        answer_error(request, &err, answer);
        return;
    }
    if (opened && (*out_row)->kind != DISPATCH_FEED) {
        run_query(request, *out_row, answer);
        return;
    }
    if (opened)
        run_feed(request, *out_row, &outcome);
    else
        refuse_feed(request, &err, &outcome);
    if (outcome.repeated)
        metric_add(metric_counter("sosie_feeds_repeated_total", "HL7 feeds that came again and got their stored answer.", ""), 1);
    if (outcome.result != FEED_ACCEPTED)
        log_info("a feed was not accepted", LOG_SPAN("control_id", request->header.control_id),
                 LOG_SPAN("sender", request->header.application), LOG_TEXT("code", error_code_name(outcome.err.code)),
                 LOG_ERR(&outcome.err), LOG_U64("message", outcome.message_id));
    ack_feed(request, &outcome, answer);
}

void dispatch_message(const struct mllp_edge *edge, struct mllp_peer *peer, struct span raw, struct arena *arena,
                      struct mllp_answer *answer) {
    uint64_t began_ns = clock_mono_ns();
    struct mllp_request request = {.edge = edge, .peer = peer, .arena = arena, .raw = raw};
    const struct dispatch_row *row = NULL;
    *answer = (struct mllp_answer){.charset = HL7_CHARSET_ASCII};
    buf_init(&answer->text, MOST_ANSWER_BYTES);
    bool fresh = take_up(&request);
    if (fresh)
        run(&request, &row, answer);
    else
        set_aside(&request, answer);
    identity_put_down(edge->identity, &request.hand, fresh && !is_rejected(answer));
    gate_leave(&request, answer->code);
    note_warnings(&request);
    count_answer(row, answer, began_ns);
}

static void say_too_long(const struct mllp_edge *edge, uint64_t length, struct error *err) {
    error_set(err, ERROR_LIMIT, "MSH^1", "the message has %llu bytes; at most %zu are accepted (mllp.frame_limit)",
              (unsigned long long)length, edge->options->frame_limit_bytes);
}

void dispatch_too_long(const struct mllp_edge *edge, struct mllp_peer *peer, struct span head, uint64_t length, struct arena *arena,
                       struct mllp_answer *answer) {
    struct mllp_request request = {.edge = edge, .peer = peer, .arena = arena, .raw = head};
    const struct dispatch_row *row;
    struct error ignored = ERROR_INIT, err = ERROR_INIT;
    struct feed_outcome outcome = {0};
    *answer = (struct mllp_answer){.charset = HL7_CHARSET_ASCII, .close = true};
    buf_init(&answer->text, MOST_ANSWER_BYTES);
    if (take_up(&request))
        (void)open_request(&request, &row, &ignored);
    say_too_long(edge, length, &err);
    refuse_feed(&request, &err, &outcome);
    ack_feed(&request, &outcome, answer);
    identity_put_down(edge->identity, &request.hand, false);
    answer->close = true;
}

void dispatch_replay(const struct mllp_edge *edge, const struct message *stored, struct span author, struct arena *arena,
                     struct feed_outcome *out) {
    struct error err = ERROR_INIT;
    struct mllp_peer peer = {.address = SPAN("replay"), .certificate = stored->certificate, .loopback = stored->loopback};
    struct mllp_request request = {
        .edge = edge, .peer = &peer, .arena = arena, .raw = stored->raw, .replay_of = stored->id, .replay_author = author};
    const struct dispatch_row *row;
    (void)take_up(&request); /* set aside or not: who replays it wants to know */
    bool read = open_request(&request, &row, &err);
    if (read && row->kind != DISPATCH_FEED)
        read = error_set(&err, ERROR_UNSUPPORTED_MESSAGE, "MSH^1^9", "the message is not a feed");
    if (read)
        run_feed(&request, row, out);
    else
        *out = (struct feed_outcome){.result = feed_result_of(err.code), .err = err};
    identity_put_down(edge->identity, &request.hand, out->result == FEED_ACCEPTED);
}

void dispatch_read(struct mllp_request *request, uint64_t length, bool cut, struct feed *out) {
    struct error err = ERROR_INIT, ignored = ERROR_INIT;
    const struct dispatch_row *row = NULL;
    bool whole = length <= request->raw.len && !cut;
    if (!take_up(request)) {
        read_set_aside(request, &err);
    } else if (!whole) {
        (void)open_request(request, &row, &ignored);
        if (cut)
            error_set(&err, ERROR_MISSING, "",
                      "the file ends inside this segment, without the end of a line: it may have been cut");
        else
            say_too_long(request->edge, length, &err);
    } else if (open_request(request, &row, &err) && row->kind != DISPATCH_FEED) {
        error_set(&err, ERROR_UNSUPPORTED_MESSAGE, "MSH^1^9", "the message is not a feed");
    }
    if (err.code == ERROR_NONE)
        make_feed(request, row, out);
    else
        make_refused(request, &err, out);
    identity_put_down(request->edge->identity, &request->hand, false);
    note_warnings(request);
    if (row)
        out->event = span_of(row->event);
}
