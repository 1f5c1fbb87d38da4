/* sosie query pix | pdq: ITI-9 and ITI-21 asked of the running server through its MLLP port, as any peer would. */
#include "server/cli.h"

#include "base/clock.h"
#include "base/rand.h"
#include "mllp/mllp.h"
#include "server/er7.h"
#include "server/terminal.h"
#include "server/verbs.h"
#include "server/wire.h"

#include <string.h>

enum { MOST_PAGES = 1000 };

#define ASK_FLAGS                                                                                                                  \
    WIRE_FLAGS, {"as", FLAG_VALUE, "'APP|FACILITY'", "who asks: MSH-3|MSH-4 (default: SOSIE-CLI|SOSIE)"},                          \
        {"domains", FLAG_VALUE, "A,B", "only identifiers of these domains"}, {                                                     \
        "raw", FLAG_SWITCH, NULL, "print question and answer as they travel, one segment a line"                                   \
    }

static const struct flag_row pix_flags[] = {ASK_FLAGS};
static const struct flag_row pdq_flags[] = {
    {"family", FLAG_VALUE, "NAME", "family name, birth or used; MOR* for a beginning"},
    {"given", FLAG_VALUE, "NAME", "given name"},
    {"birthdate", FLAG_VALUE, "DATE", "1984, 1984-03 or 1984-03-17"},
    {"sex", FLAG_VALUE, "M|F|U", "administrative sex"},
    {"id", FLAG_VALUE, "ID^^^NS", "an identifier, or DOMAIN:LOCALID"},
    {"street", FLAG_VALUE, "TEXT", "address line"},
    {"city", FLAG_VALUE, "NAME", "city of the address"},
    {"postcode", FLAG_VALUE, "CODE", "postcode of the address"},
    {"phone", FLAG_VALUE, "NUMBER", "telephone number"},
    {"limit", FLAG_VALUE, "N", "patients of one page"},
    {"all", FLAG_SWITCH, NULL, "follow the pages to the end"},
    ASK_FLAGS,
};

struct question {
    struct cli *cli;
    struct wire wire;
    struct stream *stream;
    const char *event, *qpd, *rcp; /* "Q22", "QPD|...", "RCP|I" */
    struct buf asked;              /* the last message sent */
};

/* -- identifiers ---------------------------------------------------------------------------------------------------------- */

static bool split_identifier(struct cli *cli, struct span text, struct span *out_value, struct span *out_authority,
                             struct error *err) {
    size_t hat = span_find(text, '^', 0), colon = span_find(text, ':', 0);
    if (hat < text.len && span_starts(span_sub(text, hat, 3), SPAN("^^^"))) {
        *out_value = span_sub(text, 0, hat);
        *out_authority = span_sub(text, hat + 3, text.len);
        *out_authority = span_sub(*out_authority, 0, span_find(*out_authority, '^', 0));
    } else if (hat == text.len && colon < text.len) {
        *out_value = er7_escaped(span_sub(text, colon + 1, text.len), cli->arena);
        *out_authority = er7_escaped(span_sub(text, 0, colon), cli->arena);
    } else {
        *out_value = *out_authority = SPAN("");
    }
    if (out_value->len && out_authority->len)
        return true;
    return error_set(err, ERROR_TYPE, cli->args.command->name,
                     "an identifier is written ID^^^NAMESPACE (or ID^^^&OID&ISO) or DOMAIN:LOCALID");
}

static const char *domains_field(struct cli *cli) {
    struct span rest = args_value(&cli->args, "domains"), piece;
    const char *text = "";
    while (span_cut(&rest, ',', &piece)) {
        piece = span_trim(piece);
        if (piece.len)
            text = arena_printf(cli->arena, "%s%s^^^%.*s", text, *text ? "~" : "", SPAN_ARG(piece));
    }
    return text;
}

/* -- asking --------------------------------------------------------------------------------------------------------------- */

static const char *fresh_id(struct cli *cli, const char *prefix) {
    unsigned char bytes[6];
    rand_secure_bytes(bytes, sizeof bytes);
    return arena_printf(cli->arena, "%s%02X%02X%02X%02X%02X%02X", prefix, bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
                        bytes[5]);
}

static void write_message(struct question *question, struct span pointer) {
    char now[32];
    struct span as = args_value(&question->cli->args, "as"), application = SPAN("SOSIE-CLI"), facility = SPAN("SOSIE");
    if (!span_is_empty(as)) {
        size_t bar = span_find(as, '|', 0);
        application = span_sub(as, 0, bar);
        facility = span_sub(as, bar + 1, as.len);
    }
    clock_format_hl7(clock_now_us(), now, sizeof now);
    buf_clear(&question->asked);
    buf_addf(&question->asked, "MSH|^~\\&|%.*s|%.*s|SOSIE||%s||QBP^%s^QBP_Q21|%s|P|2.5||||||UNICODE UTF-8\r%s\r%s\r",
             SPAN_ARG(application), SPAN_ARG(facility), now, question->event, fresh_id(question->cli, "CLI"), question->qpd,
             question->rcp);
    if (pointer.len)
        buf_addf(&question->asked, "DSC|%.*s|I\r", SPAN_ARG(pointer));
}

static bool ask(struct question *question, struct span pointer, struct er7 *out, struct error *err) {
    struct span answer;
    write_message(question, pointer);
    if (!question->stream && !wire_connect(&question->wire, &question->stream, err))
        return false;
    if (!mllp_exchange(question->stream, buf_span(&question->asked), question->cli->arena, question->wire.timeout_ms, &answer, err))
        return false;
    return er7_open(answer, out) || error_set(err, ERROR_TYPE, question->cli->args.command->name,
                                              "the answer is no HL7 message: is it an MLLP listener on that port?");
}

static void print_raw(struct cli *cli, struct span message) {
    struct span segment;
    while (span_cut(&message, '\r', &segment)) {
        if (segment.len == 0)
            continue;
        terminal_text(cli->out, segment);
        buf_add_char(cli->out, '\n');
    }
    buf_add_char(cli->out, '\n');
}

/* AE and AR say why in ERR (HL7 2.5.1 ch.2.15.5). */
static bool check_answer(struct cli *cli, const struct er7 *answer, struct error *err) {
    struct span code = er7_field(answer, "MSA", 1, 1), where = er7_field(answer, "ERR", 1, 2);
    struct span number = er7_field(answer, "ERR", 1, 3), text = er7_field(answer, "ERR", 1, 8);
    if (span_eq_cstr(code, "AA"))
        return true;
    if (text.len == 0)
        text = er7_component(answer, number, 2);
    return error_set(err, ERROR_RULE, cli->args.command->name, "%.*s: %.*s %.*s %.*s", SPAN_ARG(code),
                     SPAN_ARG(span_sub(where, 0, 40)), SPAN_ARG(er7_component(answer, number, 1)),
                     SPAN_ARG(span_sub(er7_text(answer, text, cli->arena), 0, 160)));
}

/* -- answers -------------------------------------------------------------------------------------------------------------- */

static json_t *json_identifier(struct cli *cli, const struct er7 *er7, struct span repetition) {
    struct span authority = er7_component(er7, repetition, 4);
    json_t *json = json_object();
    answer_add(json, "domain", answer_text(er7_text(er7, er7_subcomponent(er7, authority, 1), cli->arena)));
    answer_add(json, "oid", answer_text(er7_text(er7, er7_subcomponent(er7, authority, 2), cli->arena)));
    answer_add(json, "value", answer_text(er7_text(er7, er7_component(er7, repetition, 1), cli->arena)));
    answer_add(json, "type", answer_text(er7_text(er7, er7_component(er7, repetition, 5), cli->arena)));
    return json;
}

static json_t *json_identifiers(struct cli *cli, const struct er7 *er7, size_t pid) {
    json_t *list = json_array();
    struct span rest = er7_field(er7, "PID", pid, 3), repetition;
    while (span_cut(&rest, er7->repetition, &repetition)) {
        if (repetition.len)
            json_array_append_new(list, json_identifier(cli, er7, repetition));
    }
    return list;
}

static struct span person_name(struct cli *cli, const struct er7 *er7, struct span repetition) {
    struct span family = er7_subcomponent(er7, er7_component(er7, repetition, 1), 1), given = er7_component(er7, repetition, 2);
    const char *text = arena_printf(cli->arena, "%.*s%s%.*s", SPAN_ARG(er7_text(er7, family, cli->arena)),
                                    family.len && given.len ? " " : "", SPAN_ARG(er7_text(er7, given, cli->arena)));
    return span_of(text);
}

/* PID-5 by type: L is the birth name, D the used one (PAM France 2.11). */
static struct span name_of(struct cli *cli, const struct er7 *er7, size_t pid, const char *type) {
    struct span rest = er7_field(er7, "PID", pid, 5), repetition;
    while (span_cut(&rest, er7->repetition, &repetition)) {
        if (span_eq_cstr(er7_component(er7, repetition, 7), type))
            return person_name(cli, er7, repetition);
    }
    return SPAN("");
}

static json_t *json_patient(struct cli *cli, const struct er7 *er7, size_t pid) {
    json_t *json = json_object();
    struct span address =
        span_sub(er7_field(er7, "PID", pid, 11), 0, span_find(er7_field(er7, "PID", pid, 11), er7->repetition, 0));
    answer_add(json, "name", answer_text(name_of(cli, er7, pid, "L")));
    answer_add(json, "used_name", answer_text(name_of(cli, er7, pid, "D")));
    answer_add(json, "birth_date", answer_text(er7_field(er7, "PID", pid, 7)));
    answer_add(json, "sex", answer_text(er7_field(er7, "PID", pid, 8)));
    answer_add(json, "city", answer_text(er7_text(er7, er7_component(er7, address, 3), cli->arena)));
    answer_add(json, "status", answer_text(er7_field(er7, "PID", pid, 32)));
    answer_add(json, "score", answer_text(er7_field_after(er7, "PID", pid, "QRI", 1)));
    answer_add(json, "identifiers", json_identifiers(cli, er7, pid));
    return json;
}

static struct span identifiers_text(struct cli *cli, const json_t *list) {
    const char *text = "";
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *identifier = json_array_get(list, i);
        struct span domain = cli_member(cli, identifier, "domain");
        text = arena_printf(cli->arena, "%s%s%.*s:%.*s", text, i ? "  " : "",
                            SPAN_ARG(domain.len ? domain : cli_member(cli, identifier, "oid")),
                            SPAN_ARG(cli_member(cli, identifier, "value")));
    }
    return span_of(text);
}

static void print_patients(struct cli *cli, const json_t *patients) {
    static const char *const heads[] = {">SCORE", "NAME", "USED NAME", "BORN", "SEX", "STATUS", "CITY", "IDENTIFIERS"};
    static const char *const fields[] = {"score", "name", "used_name", "birth_date", "sex", "status", "city"};
    struct table *table = table_new(cli->arena, 8);
    for (size_t i = 0; i < 8; i++)
        table_head(table, heads[i]);
    for (size_t row = 0; row < json_array_size(patients); row++) {
        const json_t *patient = json_array_get(patients, row);
        for (size_t i = 0; i < 7; i++)
            table_cell(table, cli_member(cli, patient, fields[i]));
        table_cell(table, identifiers_text(cli, json_object_get(patient, "identifiers")));
    }
    if (table_rows(table) > 0)
        table_write(table, cli->out);
    else
        buf_add_cstr(cli->out, "No patient matches.\n");
}

static void print_identifiers(struct cli *cli, const json_t *identifiers) {
    static const char *const heads[] = {"DOMAIN", "IDENTIFIER", "TYPE", "OID"}, *const fields[] = {"domain", "value", "type",
                                                                                                   "oid"};
    struct table *table = table_new(cli->arena, 4);
    for (size_t i = 0; i < 4; i++)
        table_head(table, heads[i]);
    for (size_t row = 0; row < json_array_size(identifiers); row++) {
        for (size_t i = 0; i < 4; i++)
            table_cell(table, cli_member(cli, json_array_get(identifiers, row), fields[i]));
    }
    if (table_rows(table) > 0)
        table_write(table, cli->out);
    else
        buf_add_cstr(cli->out, "No other identifier of this person is known in these domains.\n");
}

/* -- pix ------------------------------------------------------------------------------------------------------------------ */

static bool ask_pix(struct question *question, struct error *err) {
    struct cli *cli = question->cli;
    struct span value, authority;
    struct er7 answer;
    if (!split_identifier(cli, cli->args.words[0], &value, &authority, err))
        return false;
    question->event = "Q23";
    const char *domains = domains_field(cli);
    question->qpd = arena_printf(cli->arena, "QPD|IHE PIX Query|%s|%.*s^^^%.*s%s%s", fresh_id(cli, "TAG"), SPAN_ARG(value),
                                 SPAN_ARG(authority), *domains ? "|" : "", domains);
    question->rcp = "RCP|I";
    if (!ask(question, SPAN_ABSENT, &answer, err))
        return false;
    if (args_has(&cli->args, "raw")) {
        print_raw(cli, buf_span(&question->asked));
        print_raw(cli, answer.message);
        return check_answer(cli, &answer, err);
    }
    if (!check_answer(cli, &answer, err))
        return false;
    json_t *identifiers = json_identifiers(cli, &answer, 1);
    if (cli->args.json)
        cli_print_json(cli, identifiers);
    else
        print_identifiers(cli, identifiers);
    json_decref(identifiers);
    return true;
}

/* -- pdq ------------------------------------------------------------------------------------------------------------------ */

static const char *add_criterion(struct cli *cli, const char *so_far, const char *field, struct span value) {
    if (span_is_empty(value))
        return so_far;
    return arena_printf(cli->arena, "%s%s@%s^%.*s", so_far, *so_far ? "~" : "", field, SPAN_ARG(value));
}

/* 1984-03-17 as HL7 writes it. */
static struct span plain_date(struct cli *cli, struct span text) {
    char *out = arena_calloc(cli->arena, 1, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '-')
            out[len++] = text.ptr[i];
    }
    return span_make(out, len);
}

static bool pdq_criteria(struct cli *cli, const char **out, struct error *err) {
    static const char *const plain[][2] = {{"family", "PID.5.1.1"},  {"given", "PID.5.2"}, {"sex", "PID.8"},
                                           {"street", "PID.11.1.1"}, {"city", "PID.11.3"}, {"postcode", "PID.11.5"},
                                           {"phone", "PID.13.1"}};
    struct span id = args_value(&cli->args, "id"), value, authority;
    const char *text = "";
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        text = add_criterion(cli, text, plain[i][1], er7_escaped(args_value(&cli->args, plain[i][0]), cli->arena));
    text = add_criterion(cli, text, "PID.7.1", plain_date(cli, er7_escaped(args_value(&cli->args, "birthdate"), cli->arena)));
    if (!span_is_empty(id)) {
        if (!split_identifier(cli, id, &value, &authority, err))
            return false;
        size_t amp = span_find(authority, '&', 0);
        text = add_criterion(cli, text, "PID.3.1", value);
        text = add_criterion(cli, text, "PID.3.4.1", span_sub(authority, 0, amp));
        if (amp == 0)
            text = add_criterion(cli, text, "PID.3.4.2", span_sub(authority, 1, span_find(authority, '&', 1) - 1));
    }
    *out = text;
    return *text || error_set(err, ERROR_MISSING, cli->args.command->name,
                              "say whom to look for: --family, --given, --birthdate, --id, ...");
}

static bool pdq_question(struct question *question, struct error *err) {
    struct cli *cli = question->cli;
    const char *criteria, *domains = domains_field(cli);
    uint64_t limit;
    if (!pdq_criteria(cli, &criteria, err) || !args_number(&cli->args, "limit", 1, 10000, 0, &limit, err))
        return false;
    question->event = "Q22";
    question->qpd =
        arena_printf(cli->arena, "QPD|IHE PDQ Query|%s|%s%s%s", fresh_id(cli, "TAG"), criteria, *domains ? "|||||" : "", domains);
    question->rcp = limit ? arena_printf(cli->arena, "RCP|I|%llu^RD", (unsigned long long)limit) : "RCP|I";
    return true;
}

/* One page into `patients`; *out_pointer is where the next begins, empty at the end. */
static bool ask_page(struct question *question, struct span pointer, json_t *patients, struct span *out_pointer,
                     uint64_t *out_total, struct error *err) {
    struct cli *cli = question->cli;
    struct er7 answer;
    if (!ask(question, pointer, &answer, err))
        return false;
    if (args_has(&cli->args, "raw")) {
        print_raw(cli, buf_span(&question->asked));
        print_raw(cli, answer.message);
    }
    if (!check_answer(cli, &answer, err))
        return false;
    size_t count = er7_count(&answer, "PID");
    for (size_t pid = 1; pid <= count; pid++)
        json_array_append_new(patients, json_patient(cli, &answer, pid));
    *out_pointer = er7_field(&answer, "DSC", 1, 1);
    if (!span_to_u64(er7_field(&answer, "QAK", 1, 4), out_total))
        *out_total = json_array_size(patients);
    return true;
}

static bool ask_pdq(struct question *question, struct error *err) {
    struct cli *cli = question->cli;
    struct span pointer = SPAN_ABSENT;
    uint64_t total = 0;
    if (!pdq_question(question, err))
        return false;
    json_t *patients = json_array();
    bool good = true, more = true;
    for (int page = 0; good && more && page < MOST_PAGES; page++) {
        good = ask_page(question, pointer, patients, &pointer, &total, err);
        more = good && pointer.len > 0 && args_has(&cli->args, "all");
    }
    if (good && !args_has(&cli->args, "raw")) {
        if (cli->args.json)
            cli_print_json(cli, patients);
        else
            print_patients(cli, patients);
        if (!cli->args.json && pointer.len)
            buf_addf(cli->out, "\n%zu of %llu; --all shows the rest\n", json_array_size(patients), (unsigned long long)total);
    }
    json_decref(patients);
    return good;
}

/* -- commands ------------------------------------------------------------------------------------------------------------- */

static int run_question(struct cli *cli, bool (*asking)(struct question *question, struct error *err)) {
    struct error err = ERROR_INIT;
    struct question question = {.cli = cli};
    if (!cli_settings(cli, &err) || !wire_init(cli, &question.wire, &err))
        return cli_fail(cli, &err);
    buf_init(&question.asked, 1 << 20);
    bool good = asking(&question, &err);
    stream_free(question.stream);
    buf_release(&question.asked);
    wire_release(&question.wire);
    return good ? EXIT_DONE : cli_fail(cli, &err);
}

static int run_pix(struct cli *cli) {
    return run_question(cli, ask_pix);
}

static int run_pdq(struct cli *cli) {
    return run_question(cli, ask_pdq);
}

const struct command_row command_query_pix = {
    .name = "query pix",
    .words = "ID^^^NAMESPACE",
    .summary = "ask for the other identifiers of a person (ITI-9)",
    .text = "Sends a PIX query (QBP^Q23) to the MLLP port and prints the identifiers that it knows for the same person.\n\n"
            "  sosie query pix '100200301^^^CHU-EXEMPLE'\n"
            "  sosie query pix CHU-EXEMPLE:100200301 --domains CLINIQUE-EX,REGION-EX",
    .flags = pix_flags,
    .flag_count = sizeof pix_flags / sizeof *pix_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_pix,
};

const struct command_row command_query_pdq = {
    .name = "query pdq",
    .words = "",
    .summary = "look for patients by their traits (ITI-21)",
    .text = "Sends a PDQ query (QBP^Q22) to the MLLP port and prints the patients found, the best first.\n\n"
            "  sosie query pdq --family 'MOR*' --birthdate 1984\n"
            "  sosie query pdq --id CHU-EXEMPLE:100200301 --raw",
    .flags = pdq_flags,
    .flag_count = sizeof pdq_flags / sizeof *pdq_flags,
    .run = run_pdq,
};
