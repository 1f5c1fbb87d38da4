/* Answers; see ack.h. */
#include "mllp/ack.h"

#include "base/clock.h"

#include <string.h>

/* -- the table ------------------------------------------------------------------------------------------------------------ */

static const unsigned conditions[ERROR_CODE_COUNT] = {
    [ERROR_SEQUENCE] = 100,
    [ERROR_MISSING] = 101,
    [ERROR_TYPE] = 102,
    [ERROR_TABLE] = 103,
    [ERROR_UNSUPPORTED_MESSAGE] = 200,
    [ERROR_UNSUPPORTED_EVENT] = 201,
    [ERROR_UNSUPPORTED_PROCESSING] = 202,
    [ERROR_UNSUPPORTED_VERSION] = 203,
    [ERROR_UNKNOWN] = 204,
    [ERROR_FORBIDDEN] = 204, /* an authority that is not this sender's (hl7v2.md 5.21) */
    [ERROR_DUPLICATE] = 205,
};
enum { CONDITION_INTERNAL = 207 }; /* of every other error */

static const struct {
    unsigned number;
    const char *text;
} table_0357[] = {
    {0, "Message accepted"},
    {100, "Segment sequence error"},
    {101, "Required field missing"},
    {102, "Data type error"},
    {103, "Table value not found"},
    {200, "Unsupported message type"},
    {201, "Unsupported event code"},
    {202, "Unsupported processing id"},
    {203, "Unsupported version id"},
    {204, "Unknown key identifier"},
    {205, "Duplicate key identifier"},
    {206, "Application record locked"},
    {207, "Application internal error"},
};

unsigned ack_condition(enum error_code code) {
    bool listed = code == ERROR_NONE || (code < ERROR_CODE_COUNT && conditions[code]);
    return listed ? conditions[code] : CONDITION_INTERNAL;
}

static const char *condition_text(unsigned number) {
    for (size_t i = 0; i < sizeof table_0357 / sizeof table_0357[0]; i++) {
        if (table_0357[i].number == number)
            return table_0357[i].text;
    }
    return "Application internal error";
}

/* -- MSH ------------------------------------------------------------------------------------------------------------------ */

static struct span request_field(const struct mllp_request *request, size_t field) {
    return request->message ? hl7_field(&request->message->segments[0], field) : SPAN_ABSENT;
}

/* An answer goes out in the set of its request, unless its sender has one of its own (hl7v2.md 1.3); text that needs more than
 * ASCII says so in MSH-18. */
static void choose_charset(const struct mllp_request *request, struct mllp_answer *answer) {
    struct span own = request->known ? request->known->texts[PEER_ANSWER_CHARSET] : SPAN_ABSENT;
    bool alias;
    if (!span_is_empty(own)) {
        answer->charset = hl7_charset_parse(own, &alias);
        return;
    }
    answer->charset = request->message ? hl7_charset_of_answer(request->message->charset) : HL7_CHARSET_ASCII;
    if (answer->charset <= HL7_CHARSET_ASCII)
        answer->charset = request->edge->charset == HL7_CHARSET_NONE ? HL7_CHARSET_UTF8 : request->edge->charset;
}

static void put_or(struct hl7_writer *writer, size_t field, struct span raw, struct span otherwise) {
    if (span_is_empty(raw))
        hl7_put(writer, field, otherwise);
    else
        hl7_put_raw(writer, field, raw);
}

/* "PID^1^3^2^4" or "ACK^A28^ACK" as components of the answer's own delimiters; `most` components. */
static void write_parts(struct hl7_writer *writer, const char *text, size_t most) {
    struct span rest = span_of(text), piece;
    for (size_t i = 1; i <= most && rest.len && span_cut(&rest, '^', &piece); i++)
        hl7_add(writer, i, piece);
}

static void write_header(const struct mllp_request *request, const char *type, const char *control_id, int64_t at_us,
                         struct hl7_writer *writer, struct mllp_answer *answer) {
    struct span charset = request_field(request, 18), facility = request_field(request, 6);
    char when[32];
    clock_format_hl7(at_us, when, sizeof when);
    choose_charset(request, answer);
    bool own = request->known && !span_is_empty(request->known->texts[PEER_ANSWER_CHARSET]);
    bool said = !own && !span_is_empty(charset) && (!request->message || request->message->declared != HL7_CHARSET_UNKNOWN);
    hl7_writer_init(writer, request->message ? &request->message->delimiters : &HL7_DELIMITERS, &answer->text);
    hl7_begin(writer, "MSH");
    put_or(writer, 3, request_field(request, 5), span_of(request->edge->options->application));
    put_or(writer, 4, facility, span_is_empty(facility) ? edge_facility(request->edge) : SPAN_ABSENT);
    hl7_put_raw(writer, 5, request_field(request, 3));
    hl7_put_raw(writer, 6, request_field(request, 4));
    hl7_put_cstr(writer, 7, when);
    hl7_at(writer, 9);
    write_parts(writer, type, 3);
    hl7_put_cstr(writer, 10, control_id);
    put_or(writer, 11, request_field(request, 11), SPAN("P"));
    put_or(writer, 12, request_field(request, 12), SPAN("2.5"));
    hl7_put_raw(writer, 17, request_field(request, 17));
    if (said)
        hl7_put_raw(writer, 18, charset);
    else if (own || answer->charset != HL7_CHARSET_UTF8 || !request->message || !hl7_is_ascii(request->message->text))
        hl7_put_cstr(writer, 18, hl7_charset_code(answer->charset));
    hl7_put_raw(writer, 19, request_field(request, 19));
    hl7_end(writer);
}

static const char *own_number(const struct mllp_request *request) {
    const struct mllp_edge *whole = request->edge->whole ? request->edge->whole : request->edge;
    struct mllp_edge *edge = (struct mllp_edge *)whole; /* the counter is all that changes */
    uint64_t number = atomic_fetch_add(&edge->next_answer, 1);
    return arena_printf(request->arena, "Q%llx", (unsigned long long)number);
}

void ack_begin(const struct mllp_request *request, const char *type, struct hl7_writer *writer, struct mllp_answer *answer) {
    write_header(request, type, own_number(request), clock_now_us(), writer, answer);
}

/* -- MSA, ERR ------------------------------------------------------------------------------------------------------------- */

/* ERR before 2.4 is one segment with an ELD, and MSA carries the text (hl7v2.md 1.7). */
static bool is_old(const struct mllp_request *request) {
    return span_starts(request->header.version, SPAN("2.3")) || span_starts(request->header.version, SPAN("2.2")) ||
           span_starts(request->header.version, SPAN("2.1"));
}

void ack_msa(const struct mllp_request *request, struct hl7_writer *writer, const char *code, const struct error *err) {
    hl7_begin(writer, "MSA");
    hl7_put_cstr(writer, 1, code);
    hl7_put_raw(writer, 2, request->header.control_id);
    if (err && is_old(request)) {
        unsigned number = ack_condition(err->code);
        hl7_put_cstr(writer, 3, err->text);
        hl7_at(writer, 6);
        hl7_add_u64(writer, 1, number);
        hl7_add_cstr(writer, 2, condition_text(number));
        hl7_add_cstr(writer, 3, "HL70357");
    }
    hl7_end(writer);
}

/* A place in a message begins with its segment: what a room inside names (its session, its pool) tells the sender nothing. */
static const char *place_of(const struct error *err) {
    size_t len = 0;
    while ((err->where[len] >= 'A' && err->where[len] <= 'Z') || (err->where[len] >= '0' && err->where[len] <= '9'))
        len++;
    return len == 3 && (err->where[3] == '^' || err->where[3] == '\0') ? err->where : "";
}

static void write_old_err(struct hl7_writer *writer, const struct error *err) {
    unsigned number = ack_condition(err->code);
    hl7_at(writer, 1);
    write_parts(writer, place_of(err), 3);
    char digits[8];
    snprintf(digits, sizeof digits, "%u", number);
    hl7_sub(writer, 4, 1, span_of(digits));
    hl7_sub(writer, 4, 2, span_of(condition_text(number)));
    hl7_sub(writer, 4, 3, SPAN("HL70357"));
}

void ack_err(const struct mllp_request *request, struct hl7_writer *writer, const struct error *errs, size_t count) {
    const struct error *err = &errs[0];
    hl7_begin(writer, "ERR");
    if (is_old(request)) {
        write_old_err(writer, err);
    } else {
        unsigned number = ack_condition(err->code);
        hl7_at(writer, 2);
        for (size_t i = 0; i < count; i++) {
            if (i)
                hl7_repeat(writer);
            write_parts(writer, place_of(&errs[i]), 6);
        }
        hl7_at(writer, 3);
        hl7_add_u64(writer, 1, number);
        hl7_add_cstr(writer, 2, condition_text(number));
        hl7_add_cstr(writer, 3, "HL70357");
        hl7_put_cstr(writer, 4, "E");
        hl7_at(writer, 5);
        hl7_add_cstr(writer, 1, error_code_name(err->code));
        hl7_add_cstr(writer, 3, "99SOSIE");
        hl7_put_cstr(writer, 8, err->text);
    }
    hl7_end(writer);
}

/* -- modes ---------------------------------------------------------------------------------------------------------------- */

static bool wants(struct span condition, bool accepted) {
    if (span_eq_nocase(condition, SPAN("AL")))
        return true;
    if (span_eq_nocase(condition, SPAN("ER")))
        return !accepted;
    return span_eq_nocase(condition, SPAN("SU")) && accepted;
}

enum ack_kind ack_wanted(const struct mllp_request *request, bool accepted) {
    struct span accept = span_trim(request_field(request, 15)), application = span_trim(request_field(request, 16));
    if ((span_is_empty(accept) || hl7_is_null(accept)) && (span_is_empty(application) || hl7_is_null(application)))
        return ACK_APPLICATION; /* original mode: what IHE uses */
    if (wants(application, accepted))
        return ACK_APPLICATION;
    return wants(accept, accepted) ? ACK_ACCEPT : ACK_NONE;
}

/* MSA-1: AA, AE, AR; in enhanced mode CA, CE, CR (table 0008). */
static const char *code_of(const struct feed_outcome *outcome, enum ack_kind kind) {
    static const char *const accept[] = {[FEED_ACCEPTED] = "CA", [FEED_ERROR] = "CE", [FEED_REJECTED] = "CR"};
    return kind == ACK_ACCEPT ? accept[outcome->result] : feed_result_name(outcome->result);
}

const char *ack_type(const struct mllp_request *request) {
    struct span event = request->header.event;
    if (span_is_empty(event) || request->edge->options->short_ack)
        return "ACK";
    if (is_old(request))
        return arena_printf(request->arena, "ACK^%.*s", SPAN_ARG(event));
    return arena_printf(request->arena, "ACK^%.*s^ACK", SPAN_ARG(event));
}

void ack_feed(const struct mllp_request *request, const struct feed_outcome *outcome, struct mllp_answer *answer) {
    bool accepted = outcome->result == FEED_ACCEPTED;
    bool outside = outcome->result == FEED_REJECTED && ack_condition(outcome->err.code) == CONDITION_INTERNAL;
    enum ack_kind kind = ack_wanted(request, accepted);
    answer->code = code_of(outcome, ACK_APPLICATION);
    if (outside && request->edge->options->when_unavailable_close) {
        answer->close = true;
        return;
    }
    if (kind == ACK_NONE)
        return;
    struct hl7_writer writer;
    const char *control_id =
        outcome->message_id ? arena_printf(request->arena, "S%llu", (unsigned long long)outcome->message_id) : own_number(request);
    write_header(request, ack_type(request), control_id, outcome->message_id ? outcome->answered_us : clock_now_us(), &writer,
                 answer);
    ack_msa(request, &writer, code_of(outcome, kind), accepted ? NULL : &outcome->err);
    if (!accepted)
        ack_err(request, &writer, &outcome->err, 1);
}
