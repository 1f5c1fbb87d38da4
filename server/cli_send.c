/* sosie send: files of HL7 messages to an MLLP port, with a summary by event and answer. */
#include "server/cli.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "mllp/mllp.h"
#include "server/er7.h"
#include "server/send_plan.h"
#include "server/sender.h"
#include "server/terminal.h"
#include "server/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 512, FILE_CEILING = 1 << 30, MOST_EVENTS = 64, SHOWN_REFUSALS = 5, KEPT_REFUSALS = 1000, LOOK_MS = 100 };

static const struct flag_row flags[] = {
    WIRE_FLAGS,
    {"connections", FLAG_VALUE, "N", "connections at once (default 1)"},
    {"retries", FLAG_VALUE, "N", "how often a message is sent again when its connection broke (default 3)"},
    {"progress", FLAG_SWITCH, NULL, "show progress also when standard error is no terminal"},
    {"quiet", FLAG_SWITCH, NULL, "show no progress"},
    {"report", FLAG_VALUE, "FILE", "write the summary as JSON into FILE too"},
};

struct batch {
    const struct span *messages;
    size_t count;
};

struct event_row {
    struct span event;
    size_t by_code[SENT_CODE_COUNT];
};

struct summary {
    struct batch batch;
    const struct sent *sent;
    struct event_row events[MOST_EVENTS];
    size_t event_count;
    size_t by_code[SENT_CODE_COUNT];
    double seconds;
    uint32_t connections;
    uint32_t p50_us, p99_us;
    struct error err;
};

/* -- files ---------------------------------------------------------------------------------------------------------------- */

static bool read_all(const char *path, struct buf *out, struct error *err) {
    bool standard = strcmp(path, "-") == 0;
    CLEANUP(close_fd) int fd = standard ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (!standard && fd < 0)
        return error_set(err, ERROR_IO, "send", "cannot read %.150s: %s", path, strerror(errno));
    char piece[65536];
    for (;;) {
        ssize_t got = read(standard ? STDIN_FILENO : fd, piece, sizeof piece);
        if (got < 0)
            return error_set(err, ERROR_IO, "send", "cannot read %.150s: %s", path, strerror(errno));
        if (got == 0)
            return buf_ok(out) ||
                   error_set(err, ERROR_LIMIT, "send", "%.150s is larger than %d MiB; split it", path, FILE_CEILING >> 20);
        buf_add_bytes(out, piece, (size_t)got);
    }
}

static bool read_file(struct cli *cli, struct span word, struct batch *out, struct error *err) {
    CLEANUP(buf_release) struct buf text = {0};
    const char *path = span_cstr(word, cli->arena);
    buf_init(&text, FILE_CEILING);
    if (!read_all(path, &text, err))
        return false;
    if (!mllp_file_split(buf_copy(&text, cli->arena), cli->arena, &out->messages, &out->count, err))
        return error_prefix(err, "%.100s", path);
    return out->count > 0 || error_set(err, ERROR_MISSING, "send", "%.150s holds no HL7 message: each begins with MSH|", path);
}

static bool read_files(struct cli *cli, struct batch *out, struct error *err) {
    struct batch *files = ARENA_ARRAY(cli->arena, struct batch, cli->args.word_count);
    size_t count = 0, at = 0;
    for (size_t i = 0; i < cli->args.word_count; i++) {
        if (!read_file(cli, cli->args.words[i], &files[i], err))
            return false;
        count += files[i].count;
    }
    struct span *messages = ARENA_ARRAY(cli->arena, struct span, count);
    for (size_t i = 0; i < cli->args.word_count; i++) {
        for (size_t m = 0; m < files[i].count; m++)
            messages[at++] = files[i].messages[m];
    }
    *out = (struct batch){.messages = messages, .count = count};
    return true;
}

/* -- the summary ---------------------------------------------------------------------------------------------------------- */

static struct span event_of(struct span message) {
    struct er7 er7;
    if (!er7_open(message, &er7))
        return SPAN("(none)");
    struct span type = er7_field(&er7, "MSH", 1, 9), event = er7_component(&er7, type, 2);
    return event.len ? event : type.len ? type : SPAN("(none)");
}

/* Events beyond the table share its last row. */
static struct event_row *row_of(struct summary *summary, struct span event) {
    for (size_t i = 0; i < summary->event_count; i++) {
        if (span_eq(summary->events[i].event, event))
            return &summary->events[i];
    }
    if (summary->event_count == MOST_EVENTS)
        return &summary->events[MOST_EVENTS - 1];
    struct event_row *row = &summary->events[summary->event_count++];
    row->event = summary->event_count == MOST_EVENTS ? SPAN("(others)") : event;
    return row;
}

static int compare_times(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static int compare_events(const void *a, const void *b) {
    return span_compare(((const struct event_row *)a)->event, ((const struct event_row *)b)->event);
}

static void summarize(struct cli *cli, struct summary *summary) {
    uint32_t *times = ARENA_ARRAY(cli->arena, uint32_t, summary->batch.count + 1);
    size_t answered = 0;
    for (size_t i = 0; i < summary->batch.count; i++) {
        const struct sent *sent = &summary->sent[i];
        row_of(summary, event_of(summary->batch.messages[i]))->by_code[sent->code]++;
        summary->by_code[sent->code]++;
        if (sent->code != SENT_NOT)
            times[answered++] = sent->took_us;
    }
    qsort(summary->events, summary->event_count, sizeof *summary->events, compare_events);
    qsort(times, answered, sizeof *times, compare_times);
    summary->p50_us = answered ? times[answered / 2] : 0;
    summary->p99_us = answered ? times[answered * 99 / 100] : 0;
}

static void print_events(struct cli *cli, const struct summary *summary) {
    struct table *table = table_new(cli->arena, 1 + SENT_CODE_COUNT);
    static const enum sent_code columns[] = {SENT_AA, SENT_AE, SENT_AR, SENT_OTHER, SENT_NOT};
    table_head(table, "EVENT");
    for (size_t c = 0; c < SENT_CODE_COUNT; c++)
        table_head(table, arena_printf(cli->arena, ">%s", sent_code_names[columns[c]]));
    for (size_t i = 0; i < summary->event_count; i++) {
        table_cell(table, summary->events[i].event);
        for (size_t c = 0; c < SENT_CODE_COUNT; c++)
            table_number(table, summary->events[i].by_code[columns[c]]);
    }
    if (summary->event_count > 1) {
        table_cstr(table, "all");
        for (size_t c = 0; c < SENT_CODE_COUNT; c++)
            table_number(table, summary->by_code[columns[c]]);
    }
    table_write(table, cli->out);
}

static void print_refusals(struct cli *cli, const struct summary *summary) {
    size_t refused = summary->batch.count - summary->by_code[SENT_AA] - summary->by_code[SENT_NOT], shown = 0;
    for (size_t i = 0; i < summary->batch.count && shown < SHOWN_REFUSALS; i++) {
        struct er7 er7;
        const struct sent *sent = &summary->sent[i];
        if (!sent->reason || !er7_open(summary->batch.messages[i], &er7))
            continue;
        buf_add_cstr(cli->out, shown++ ? "  " : "\nNot accepted:\n  ");
        terminal_text(cli->out, er7_field(&er7, "MSH", 1, 10));
        buf_addf(cli->out, "  %.*s  %s  ", SPAN_ARG(event_of(summary->batch.messages[i])), sent_code_names[sent->code]);
        terminal_text(cli->out, span_of(sent->reason));
        buf_add_char(cli->out, '\n');
    }
    if (refused > shown)
        buf_addf(cli->out, "  and %zu more; --report FILE names them all\n", refused - shown);
}

static size_t answered_of(const struct summary *summary) {
    return summary->batch.count - summary->by_code[SENT_NOT];
}

static double rate_of(const struct summary *summary) {
    return summary->seconds > 0 ? (double)answered_of(summary) / summary->seconds : 0;
}

static void print_summary(struct cli *cli, const struct summary *summary) {
    print_events(cli, summary);
    buf_add_char(cli->out, '\n');
    terminal_count(cli->out, answered_of(summary));
    buf_add_cstr(cli->out, " of ");
    terminal_count(cli->out, summary->batch.count);
    buf_addf(cli->out, " answered in %.2f s on %u connection%s: ", summary->seconds, summary->connections,
             summary->connections == 1 ? "" : "s");
    terminal_count(cli->out, (uint64_t)rate_of(summary));
    buf_addf(cli->out, " messages/s, answers within %.1f ms (half), %.1f ms (99 of 100)\n", summary->p50_us / 1000.0,
             summary->p99_us / 1000.0);
    print_refusals(cli, summary);
}

static json_t *json_refusals(const struct summary *summary) {
    json_t *list = json_array();
    for (size_t i = 0; i < summary->batch.count && json_array_size(list) < KEPT_REFUSALS; i++) {
        struct er7 er7;
        const struct sent *sent = &summary->sent[i];
        if (sent->code == SENT_AA)
            continue;
        json_t *row = json_pack("{s:I, s:s}", "message", (json_int_t)(i + 1), "code", sent_code_names[sent->code]);
        answer_add(row, "event", answer_text(event_of(summary->batch.messages[i])));
        if (er7_open(summary->batch.messages[i], &er7))
            answer_add(row, "control_id", answer_text(er7_field(&er7, "MSH", 1, 10)));
        answer_add(row, "reason", answer_text(span_of(sent->reason)));
        json_array_append_new(list, row);
    }
    return list;
}

static json_t *json_summary(const struct summary *summary) {
    json_t *events = json_array();
    for (size_t i = 0; i < summary->event_count; i++) {
        json_t *row = json_object();
        answer_add(row, "event", answer_text(summary->events[i].event));
        for (size_t c = 0; c < SENT_CODE_COUNT; c++)
            answer_add(row, sent_code_names[c], json_integer((json_int_t)summary->events[i].by_code[c]));
        json_array_append_new(events, row);
    }
    json_t *json = json_pack("{s:I, s:I, s:f, s:f, s:i, s:i, s:i, s:o, s:o}", "messages", (json_int_t)summary->batch.count,
                             "answered", (json_int_t)answered_of(summary), "seconds", summary->seconds, "rate", rate_of(summary),
                             "connections", (int)summary->connections, "p50_us", (int)summary->p50_us, "p99_us",
                             (int)summary->p99_us, "events", events, "not_accepted", json_refusals(summary));
    if (summary->err.code)
        answer_add(json, "error", answer_error(&summary->err));
    return json;
}

static bool write_report(struct cli *cli, const json_t *json, struct error *err) {
    struct span path = args_value(&cli->args, "report");
    if (span_is_absent(path))
        return true;
    return json_dump_file(json, span_cstr(path, cli->arena), JSON_INDENT(2)) == 0 ||
           error_set(err, ERROR_IO, "send", "cannot write %.*s: %s", SPAN_ARG(span_sub(path, 0, 150)), strerror(errno));
}

/* -- sending -------------------------------------------------------------------------------------------------------------- */

static void watch(struct cli *cli, const struct sender *sender, size_t count) {
    struct progress progress;
    bool shown = !args_has(&cli->args, "quiet") && (args_has(&cli->args, "progress") || terminal_is(STDERR_FILENO));
    if (shown)
        progress_begin(&progress, "sending", count);
    while (sender_running(sender)) {
        clock_sleep_ms(count < 100 ? 2 : LOOK_MS);
        if (shown)
            progress_show(&progress, sender_answered(sender));
    }
    if (shown)
        progress_end(&progress, sender_answered(sender));
}

static int finish(struct cli *cli, struct summary *summary) {
    struct error err = ERROR_INIT;
    summarize(cli, summary);
    json_t *json = json_summary(summary);
    bool written = write_report(cli, json, &err);
    if (cli->args.json)
        cli_print_json(cli, json);
    else
        print_summary(cli, summary);
    json_decref(json);
    if (!written)
        return cli_fail(cli, &err);
    if (summary->by_code[SENT_NOT] == 0)
        return EXIT_DONE;
    return cli->args.json ? EXIT_FAILED : cli_fail(cli, &summary->err);
}

static int send_batch(struct cli *cli, const struct wire *wire, struct summary *summary, uint32_t retries) {
    uint32_t *connection_of = ARENA_ARRAY(cli->arena, uint32_t, summary->batch.count);
    send_plan(summary->batch.messages, summary->batch.count, summary->connections, cli->arena, connection_of);
    uint64_t begun_ns = clock_mono_ns();
    struct sender *sender =
        sender_start(wire, summary->batch.messages, connection_of, summary->batch.count, summary->connections, retries);
    watch(cli, sender, summary->batch.count);
    summary->sent = sender_finish(sender, &summary->err);
    summary->seconds = (double)(clock_mono_ns() - begun_ns) / 1e9;
    int code = finish(cli, summary);
    sender_free(sender);
    return code;
}

static int run_send(struct cli *cli) {
    struct error err = ERROR_INIT;
    struct summary summary = {.err = ERROR_INIT};
    struct wire wire;
    uint64_t connections, retries;
    if (!args_number(&cli->args, "connections", 1, MOST_CONNECTIONS, 1, &connections, &err) ||
        !args_number(&cli->args, "retries", 0, 1000, 3, &retries, &err))
        return cli_usage(cli, &err);
    if (!cli_settings(cli, &err) || !read_files(cli, &summary.batch, &err) || !wire_init(cli, &wire, &err))
        return cli_fail(cli, &err);
    summary.connections = (uint32_t)(connections < summary.batch.count ? connections : summary.batch.count);
    int code = send_batch(cli, &wire, &summary, (uint32_t)retries);
    wire_release(&wire);
    return code;
}

const struct command_row command_send = {
    .name = "send",
    .words = "FILE...",
    .summary = "send HL7 messages to an MLLP port",
    .text =
        "Sends the messages of the files (one or many in each; CR, LF or CRLF, framed or plain; - is standard input) and prints\n"
        "the answers by event. Messages of one sender about one identifier keep their order, whatever --connections says.\n"
        "Exits 1 when some were not answered; a refusal (AE, AR) is an answer.\n\n"
        "  sosie send --connections 16 fixtures/feed.hl7",
    .flags = flags,
    .flag_count = sizeof flags / sizeof *flags,
    .least_words = 1,
    .most_words = 10000,
    .run = run_send,
};
