/* sosie peer add | set | remove | list | show: systems on the wire. */
#include "server/cli.h"
#include "server/terminal.h"

#include <string.h>

#define PEER_FLAGS                                                                                                                 \
    {"sender", FLAG_VALUE, "'APP|FACILITY'", "MSH-3|MSH-4 of its messages, * for any; with TLS also |CN=gam.chu,O=CHU,C=FR"},      \
        {"address", FLAG_VALUE, "ADDRESS", "where it connects from, or a network: 10.1.2.0/24; empty: anywhere"},                  \
        {"charset", FLAG_VALUE, "SET", "of its messages without MSH-18: 8859/1, UNICODE UTF-8"},                                   \
        {"time-zone", FLAG_VALUE, "ZONE", "of times that say none, an IANA name: Indian/Reunion; empty: Europe/Paris"},            \
        {"answer-charset", FLAG_VALUE, "SET", "of our answers to it; empty: that of its message"},                                 \
        {"tolerance", FLAG_LIST, "KEY=yes|no",                                                                                     \
         "a setting that holds otherwise for it: feed.control_id_reuse=yes; or profile=openhie, strict, lenient"},                 \
        {"events", FLAG_VALUE, "A28,A31,...", "events that its messages may have; empty: all"},                                    \
        {"rate", FLAG_VALUE, "N", "messages a second; 0: no limit"},                                                               \
        {"notify", FLAG_VALUE, "none|pix|pam", "what it is told: cross-references (ITI-10) or demographics (ITI-30)"},             \
        {"to", FLAG_VALUE, "HOST:PORT", "where it listens"}, {"tls", FLAG_VALUE, "yes|no", "tell it over TLS (notify.tls.*)"},     \
        {"domains", FLAG_VALUE, "A,B", "domains of interest; empty: all"},                                                         \
        {"version", FLAG_VALUE, "VERSION", "MSH-12 of what it is told: 2.5, 2.3.1, 2.5^FRA^2.11"},                                 \
        {"out-charset", FLAG_VALUE, "SET", "character set of what it is told"},                                                    \
        {"out-events", FLAG_VALUE, "A28,...", "of A28 A31 A40 A47 A24 A37, those it wants (pam)"}, {                               \
        "author", FLAG_VALUE, "NAME", "who decides this, for the audit trail (default: you)"                                       \
    }

static const struct flag_row change_flags[] = {PEER_FLAGS};
static const struct flag_row replay_flags[] = {
    {"all", FLAG_SWITCH, NULL, "all its dead letters"},
    {"since", FLAG_VALUE, "TIME", "all that it was told since: 2026-11-01, 2026-11-01T08:30:00Z"},
    {"author", FLAG_VALUE, "NAME", "who decides this, for the audit trail (default: you)"},
};
static const struct flag_row skip_flags[] = {
    {"all", FLAG_SWITCH, NULL, "all its dead letters"},
    {"author", FLAG_VALUE, "NAME", "who decides this, for the audit trail (default: you)"},
};
static const struct flag_row remove_flags[] = {
    {"author", FLAG_VALUE, "NAME", "who decides this, for the audit trail (default: you)"},
};

/* -- requests ------------------------------------------------------------------------------------------------------------- */

static void put(json_t *request, const char *field, struct span value) {
    json_object_set_new(request, field, json_stringn(value.ptr ? value.ptr : "", value.len));
}

static bool put_sender(struct cli *cli, json_t *request, struct error *err) {
    struct span text = args_value(&cli->args, "sender"), application, facility;
    if (span_is_absent(text))
        return true;
    if (!span_cut(&text, '|', &application) || !span_cut(&text, '|', &facility))
        return error_set(err, ERROR_TYPE, cli->args.command->name, "--sender is 'APPLICATION|FACILITY' as in MSH-3 and MSH-4");
    put(request, "application", application);
    put(request, "facility", facility);
    put(request, "certificate", text);
    return true;
}

static bool put_to(struct cli *cli, json_t *request, struct error *err) {
    struct span text = args_value(&cli->args, "to");
    if (span_is_absent(text))
        return true;
    size_t colon = text.len;
    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (colon < 2)
        return error_set(err, ERROR_TYPE, cli->args.command->name, "--to \"%.*s\" is not HOST:PORT", SPAN_ARG(span_clip(text, 80)));
    put(request, "host", span_sub(text, 0, colon - 1));
    put(request, "port", span_sub(text, colon, text.len));
    return true;
}

/* The whole list, as the flags give it. */
static void put_tolerances(struct cli *cli, json_t *request) {
    if (!args_has(&cli->args, "tolerance"))
        return;
    struct buf list = {0};
    buf_init(&list, 4096);
    for (size_t i = 0; i < cli->args.given_count; i++) {
        const struct flag_given *given = &cli->args.given[i];
        if (strcmp(given->row->name, "tolerance") != 0 || span_is_empty(given->value))
            continue;
        buf_addf(&list, "%s%.*s", list.len ? "," : "", SPAN_ARG(given->value));
    }
    put(request, "tolerances", buf_span(&list));
    buf_release(&list);
}

static json_t *name_request(struct cli *cli, const char *verb) {
    json_t *request = cli_request(cli, verb);
    put(request, "name", cli->args.words[0]);
    return request;
}

static bool make_request(struct cli *cli, const char *verb, json_t **out, struct error *err) {
    static const char *const same[][2] = {{"address", "address"},
                                          {"charset", "charset"},
                                          {"answer-charset", "answer_charset"},
                                          {"time-zone", "time_zone"},
                                          {"events", "events"},
                                          {"rate", "rate"},
                                          {"notify", "notify"},
                                          {"tls", "tls"},
                                          {"domains", "domains"},
                                          {"version", "version"},
                                          {"out-charset", "out_charset"},
                                          {"out-events", "out_events"}};
    json_t *request = name_request(cli, verb);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        cli_put_flag(cli, request, same[i][0], same[i][1]);
    put_tolerances(cli, request);
    if (put_sender(cli, request, err) && put_to(cli, request, err)) {
        *out = request;
        return true;
    }
    json_decref(request);
    return false;
}

/* -- printing ------------------------------------------------------------------------------------------------------------- */

static void print_line(struct cli *cli, const char *name, struct span value) {
    if (value.len > 0)
        cli_print_line(cli, name, value);
}

static struct span sender_text(struct cli *cli, const json_t *peer) {
    struct span certificate = cli_member(cli, peer, "certificate");
    return span_of(arena_printf(cli->arena, "%.*s|%.*s%s%.*s", SPAN_ARG(cli_member(cli, peer, "application")),
                                SPAN_ARG(cli_member(cli, peer, "facility")), certificate.len ? "|" : "", SPAN_ARG(certificate)));
}

/* "3 of 120" of the last hour, as a share. */
static struct span error_rate(struct cli *cli, const json_t *activity) {
    json_int_t all = json_integer_value(json_object_get(activity, "hour_messages"));
    json_int_t refused = json_integer_value(json_object_get(activity, "hour_refused"));
    if (!all)
        return SPAN("");
    return span_of(arena_printf(cli->arena, "%.1f%% of %lld", 100.0 * (double)refused / (double)all, (long long)all));
}

static struct span last_message(struct cli *cli, const json_t *activity) {
    struct span when = cli_time(cli, activity, "last");
    if (!when.len)
        return SPAN("");
    return span_of(arena_printf(cli->arena, "%.*s %.*s %.*s", SPAN_ARG(when), SPAN_ARG(cli_member(cli, activity, "last_event")),
                                SPAN_ARG(cli_member(cli, activity, "last_answer"))));
}

static struct span told_where(struct cli *cli, const json_t *peer) {
    struct span host = cli_member(cli, peer, "host");
    if (!host.len)
        return SPAN("");
    return span_of(arena_printf(cli->arena, "%.*s:%.*s%s", SPAN_ARG(host), SPAN_ARG(cli_member(cli, peer, "port")),
                                span_eq_cstr(cli_member(cli, peer, "tls"), "yes") ? " (TLS)" : " (no TLS)"));
}

/* "12 waiting, 1 dead, 3 behind it"; nothing for who is told nothing. */
static struct span open_text(struct cli *cli, const json_t *peer) {
    const json_t *open = json_object_get(peer, "open");
    json_int_t dead = json_integer_value(json_object_get(open, "dead")), held = json_integer_value(json_object_get(open, "held"));
    if (!open)
        return SPAN("");
    const char *more = dead ? arena_printf(cli->arena, ", %lld dead, %lld behind", (long long)dead, (long long)held) : "";
    return span_of(arena_printf(cli->arena, "%lld%s%s", (long long)json_integer_value(json_object_get(open, "waiting")), more,
                                json_is_true(json_object_get(peer, "paused")) ? ", paused" : ""));
}

static struct span feeds_text(struct cli *cli, const json_t *peer) {
    const json_t *list = json_object_get(peer, "feeds");
    const char *text = "";
    for (size_t i = 0; i < json_array_size(list); i++)
        text = arena_printf(cli->arena, "%s%s%s", text, i ? ", " : "", json_string_value(json_array_get(list, i)));
    return span_of(text);
}

static void print_peer(struct cli *cli, const json_t *peer) {
    static const char *const lines[][2] = {
        {"address", "address"},         {"charset", "charset"},       {"answer_charset", "answer-charset"},
        {"tolerances", "tolerances"},   {"events", "events"},         {"rate", "rate"},
        {"notify", "notify"},           {"domains", "domains"},       {"version", "version"},
        {"out_charset", "out-charset"}, {"out_events", "out-events"}, {"paused", "paused"},
        {"time_zone", "time-zone"}};
    const json_t *activity = json_object_get(peer, "activity");
    terminal_text(cli->out, cli_member(cli, peer, "name"));
    buf_add_char(cli->out, '\n');
    print_line(cli, "sender", sender_text(cli, peer));
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        print_line(cli, lines[i][1], cli_member(cli, peer, lines[i][0]));
    print_line(cli, "feeds", feeds_text(cli, peer));
    print_line(cli, "to", told_where(cli, peer));
    print_line(cli, "last message", last_message(cli, activity));
    print_line(cli, "refused", error_rate(cli, activity));
    print_line(cli, "still to tell", open_text(cli, peer));
    print_line(cli, "told", cli_time(cli, activity, "told"));
    print_line(cli, "trouble", cli_member(cli, activity, "trouble"));
}

static void print_peers(struct cli *cli, const json_t *list) {
    static const char *const heads[] = {"PEER", "SENDER", "EVENTS", "LAST MESSAGE", "REFUSED, 1 H", "TOLD", "TO", "STILL TO TELL"};
    struct table *table = table_new(cli->arena, 8);
    for (size_t i = 0; i < 8; i++)
        table_head(table, heads[i]);
    for (size_t row = 0; row < json_array_size(list); row++) {
        const json_t *peer = json_array_get(list, row), *activity = json_object_get(peer, "activity");
        table_cell(table, cli_member(cli, peer, "name"));
        table_cell(table, sender_text(cli, peer));
        table_cell(table, cli_member(cli, peer, "events"));
        table_cell(table, last_message(cli, activity));
        table_cell(table, error_rate(cli, activity));
        table_cell(table, cli_member(cli, peer, "notify"));
        table_cell(table, told_where(cli, peer));
        table_cell(table, open_text(cli, peer));
    }
    if (table_rows(table) > 0)
        table_write(table, cli->out);
    else
        buf_add_cstr(cli->out, "No peer is declared. sosie peer add --help shows how to declare one.\n");
}

/* A name that is this machine's under another name is warned of too: nothing is asked of the network for a warning. */
static void warn_of_clear_text(struct cli *cli, const json_t *peer) {
    struct span host = cli_member(cli, peer, "host"), notify = cli_member(cli, peer, "notify");
    if (span_is_empty(host) || settings_is_loopback(span_cstr(host, cli->arena)) || span_eq_cstr(notify, "none") ||
        span_eq_cstr(cli_member(cli, peer, "tls"), "yes"))
        return;
    struct span name = cli_member(cli, peer, "name");
    buf_addf(cli->err, "sosie: warning: %.*s:%.*s is told without TLS: ", SPAN_ARG(host), SPAN_ARG(cli_member(cli, peer, "port")));
    if (cli->settings.notify_insecure_remote_plaintext)
        buf_add_cstr(cli->err, "identities travel there in clear text (notify.insecure_remote_plaintext = yes)");
    else
        buf_add_cstr(cli->err, "outside this machine nothing is sent in clear text, it waits");
    buf_addf(cli->err, "; the remedy: sosie peer set %.*s --tls yes (with notify.tls.ca)\n", SPAN_ARG(name));
}

static int finish(struct cli *cli, json_t *request, const char *member) {
    return cli_ask_and_print(cli, request, member, print_peer, print_peers);
}

/* -- what it is told ------------------------------------------------------------------------------------------------------ */

/* "A31 update": the code that the peer's people look for, and what it is. */
static struct span event_text(struct cli *cli, const json_t *dead) {
    static const char *const words[][2] = {{"A28", "new patient"},    {"A31", "update"}, {"A40", "merge"},
                                           {"A47", "new identifier"}, {"A24", "link"},   {"A37", "unlink"}};
    struct span event = cli_member(cli, dead, "event");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_eq_cstr(event, words[i][0]))
            return span_of(arena_printf(cli->arena, "%s %s", words[i][0], words[i][1]));
    return event;
}

/* The record; of a person's cross-references, its first record. */
static struct span about_text(struct cli *cli, const json_t *dead) {
    struct span domain = cli_member(cli, dead, "domain"), id = cli_member(cli, dead, "local_id");
    if (!id.len)
        return SPAN("");
    return span_of(arena_printf(cli->arena, "%s%.*s:%.*s", json_object_get(dead, "person") ? "person of " : "", SPAN_ARG(domain),
                                SPAN_ARG(id)));
}

static void print_dead_table(struct cli *cli, const json_t *list) {
    static const char *const heads[] = {"ID", "MESSAGE", "ABOUT", "SINCE", "LAST TRIED", ">TRIES", ">BEHIND", "ANSWER"};
    struct table *table = table_new(cli->arena, 8);
    for (size_t i = 0; i < 8; i++)
        table_head(table, heads[i]);
    for (size_t row = 0; row < json_array_size(list); row++) {
        const json_t *dead = json_array_get(list, row);
        table_cell(table, cli_member(cli, dead, "id"));
        table_cell(table, event_text(cli, dead));
        table_cell(table, about_text(cli, dead));
        table_cell(table, cli_time(cli, dead, "at"));
        table_cell(table, cli_time(cli, dead, "tried"));
        table_cell(table, cli_member(cli, dead, "attempts"));
        table_cell(table, cli_member(cli, dead, "behind"));
        table_cell(table, cli_member(cli, dead, "answer"));
    }
    table_write(table, cli->out);
}

/* Whoever reads this was woken by it: what it is, whom to ask, and what to type. */
static void print_dead(struct cli *cli, const json_t *answer) {
    const json_t *list = json_object_get(answer, "dead");
    struct span name = cli->args.words[0], first = cli_member(cli, json_array_get(list, 0), "id");
    if (json_array_size(list) == 0) {
        buf_addf(cli->out,
                 "No dead letters: %.*s took what it was told; what it has not taken yet, or answers with AR, is told again (sosie "
                 "peer show %.*s).\n",
                 SPAN_ARG(name), SPAN_ARG(name));
        return;
    }
    buf_addf(cli->out, "%.*s (%.*s:%.*s) did not take:\n\n", SPAN_ARG(name), SPAN_ARG(cli_member(cli, answer, "host")),
             SPAN_ARG(cli_member(cli, answer, "port")));
    print_dead_table(cli, list);
    buf_addf(cli->out, "\nIn the log of %.*s, %.*s is the message whose MSH-10 begins with N%.*s-. Once the cause is gone:\n",
             SPAN_ARG(name), SPAN_ARG(first), SPAN_ARG(first));
    buf_addf(cli->out, "  sosie peer replay %.*s %.*s  tells it again, what is true now; --all: all of them\n", SPAN_ARG(name),
             SPAN_ARG(first));
    buf_addf(cli->out, "  sosie peer skip %.*s %.*s    gives it up: %.*s never learns of it; what waits behind goes on\n",
             SPAN_ARG(name), SPAN_ARG(first), SPAN_ARG(name));
    buf_addf(cli->out, "  sosie peer show %.*s %*s    its settings and its trouble now\n", SPAN_ARG(name), (int)first.len, "");
}

static int run_dead(struct cli *cli) {
    struct error err = ERROR_INIT;
    json_t *answer;
    if (!cli_ask(cli, name_request(cli, "peer-dead"), &answer, &err))
        return cli_fail(cli, &err);
    if (cli->args.json)
        cli_print_json(cli, json_object_get(answer, "dead"));
    else
        print_dead(cli, answer);
    return EXIT_DONE;
}

/* ID, or a flag that says which. */
static int run_order(struct cli *cli, const char *verb, const char *instead) {
    struct error err = ERROR_INIT;
    uint64_t id = 0;
    json_t *request = name_request(cli, verb);
    bool numbered = cli->args.word_count > 1;
    if (numbered && (!span_to_u64(cli->args.words[1], &id) || !id))
        error_set(&err, ERROR_TYPE, cli->args.command->name, "\"%.*s\" is not the number of a dead letter; see: sosie peer dead",
                  SPAN_ARG(span_clip(cli->args.words[1], 40)));
    else if (numbered == (args_has(&cli->args, "all") || args_has(&cli->args, "since")))
        error_set(&err, ERROR_MISSING, cli->args.command->name, "say which: the number of a dead letter, or %s", instead);
    if (err.code) {
        json_decref(request);
        return cli_usage(cli, &err);
    }
    json_object_set_new(request, "id", json_integer((json_int_t)id));
    cli_put_flag(cli, request, "since", "since");
    return finish(cli, request, "peer");
}

static int run_replay(struct cli *cli) {
    return run_order(cli, "peer-replay", "--all, or --since TIME");
}

static int run_skip(struct cli *cli) {
    return run_order(cli, "peer-skip", "--all");
}

static int run_pause(struct cli *cli) {
    return finish(cli, name_request(cli, "peer-pause"), "peer");
}

static int run_resume(struct cli *cli) {
    return finish(cli, name_request(cli, "peer-resume"), "peer");
}

/* -- commands ------------------------------------------------------------------------------------------------------------- */

static int run_change(struct cli *cli, const char *verb) {
    struct error err = ERROR_INIT;
    json_t *request;
    if (!make_request(cli, verb, &request, &err))
        return cli_usage(cli, &err);
    json_t *answer;
    if (!cli_ask(cli, request, &answer, &err))
        return cli_fail(cli, &err);
    const json_t *peer = json_object_get(answer, "peer");
    if (cli->args.json)
        cli_print_json(cli, peer);
    else
        print_peer(cli, peer);
    warn_of_clear_text(cli, peer);
    return EXIT_DONE;
}

static int run_add(struct cli *cli) {
    return run_change(cli, "peer-add");
}

static int run_set(struct cli *cli) {
    return run_change(cli, "peer-set");
}

static int run_remove(struct cli *cli) {
    return finish(cli, name_request(cli, "peer-remove"), "peer");
}

static int run_list(struct cli *cli) {
    return finish(cli, cli_request(cli, "peer-list"), "peers");
}

static int run_show(struct cli *cli) {
    return finish(cli, name_request(cli, "peer-show"), "peer");
}

const struct command_row command_peer_add = {
    .name = "peer add",
    .words = "NAME",
    .summary = "declare a system on the wire",
    .text =
        "Declares a peer: whom its messages must come from, what they may be, what is forgiven it, and what it is told. It takes\n"
        "effect at once. Which domain it feeds is said with the domain (sosie domain add --sender).\n\n"
        "  sosie peer add gam-nord --sender 'GAM|CHU-NORD' --events A28,A31,A40,A47 --rate 200\n"
        "  sosie peer add dpi-sud --sender 'DPI|CHU-SUD' --notify pix --domains CHU-NORD,CHU-SUD --to dpi.chu-sud:2575 --tls yes",
    .flags = change_flags,
    .flag_count = sizeof change_flags / sizeof *change_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_add,
};

const struct command_row command_peer_set = {
    .name = "peer set",
    .words = "NAME",
    .summary = "change a peer",
    .text = "Changes what is given and leaves the rest. --tolerance replaces the whole list; an empty value takes a text away.\n\n"
            "  sosie peer set gam-nord --tolerance feed.control_id_reuse=yes --charset 8859/1",
    .flags = change_flags,
    .flag_count = sizeof change_flags / sizeof *change_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_set,
};

const struct command_row command_peer_remove = {
    .name = "peer remove",
    .words = "NAME",
    .summary = "forget a peer",
    .text = "Forgets a peer, and what it was still to be told. Its messages are then treated by the settings alone.",
    .flags = remove_flags,
    .flag_count = sizeof remove_flags / sizeof *remove_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_remove,
};

const struct command_row command_peer_list = {
    .name = "peer list",
    .words = "",
    .summary = "list the peers, their last message and error rate",
    .text = "Lists the declared peers. The last message and the share refused in the last hour outlive a restart of the server.",
    .run = run_list,
};

const struct command_row command_peer_show = {
    .name = "peer show",
    .words = "NAME",
    .summary = "show one peer",
    .text = "Shows one peer with all that is set for it.",
    .least_words = 1,
    .most_words = 1,
    .run = run_show,
};

const struct command_row command_peer_pause = {
    .name = "peer pause",
    .words = "NAME",
    .summary = "stop telling a peer for now",
    .text = "Tells it nothing until sosie peer resume; what it would be told waits, in order.",
    .flags = remove_flags,
    .flag_count = sizeof remove_flags / sizeof *remove_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_pause,
};

const struct command_row command_peer_resume = {
    .name = "peer resume",
    .words = "NAME",
    .summary = "tell a paused peer again",
    .text = "Goes on with what waits, the oldest first.",
    .flags = remove_flags,
    .flag_count = sizeof remove_flags / sizeof *remove_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_resume,
};

const struct command_row command_peer_dead = {
    .name = "peer dead",
    .words = "NAME",
    .summary = "list what a peer did not take, and why",
    .text =
        "Lists the dead letters of a peer, the oldest first: what it refused (AE), or refused or did not answer too often\n"
        "(notify.attempts). ABOUT is the record; where the peer is told cross-references (notify pix), the person's first one.\n"
        "ANSWER is what came of the last attempt. BEHIND counts what waits for it, for it is about the same person; messages\n"
        "about others go on. The peer's own log has 4711 as the message whose MSH-10 begins with N4711-.\n"
        "sosie peer replay tells it again once the cause is gone, skip gives it up.",
    .least_words = 1,
    .most_words = 1,
    .run = run_dead,
};

const struct command_row command_peer_replay = {
    .name = "peer replay",
    .words = "NAME [ID]",
    .summary = "tell a peer again what it did not take",
    .text = "Sends a dead letter again, or all of them, or all that the peer was told since a time: after it was restored from a\n"
            "backup, say. What is sent is what is true now; order is kept.\n\n"
            "  sosie peer replay dpi-sud 4711\n"
            "  sosie peer replay dpi-sud --since 2026-11-01",
    .flags = replay_flags,
    .flag_count = sizeof replay_flags / sizeof *replay_flags,
    .least_words = 1,
    .most_words = 2,
    .run = run_replay,
};

const struct command_row command_peer_skip = {
    .name = "peer skip",
    .words = "NAME [ID]",
    .summary = "give up what a peer did not take",
    .text = "Gives a dead letter up; what waits behind it goes on.\n\n"
            "  sosie peer skip dpi-sud 4711",
    .flags = skip_flags,
    .flag_count = sizeof skip_flags / sizeof *skip_flags,
    .least_words = 1,
    .most_words = 2,
    .run = run_skip,
};
