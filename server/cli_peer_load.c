/* sosie peer load: a peer that was declared late is told what there is. */
#include "server/cli.h"

#include "base/clock.h"
#include "server/terminal.h"

#include <unistd.h>

static const struct flag_row load_flags[] = {
    {"anew", FLAG_SWITCH, NULL, "from the first record on, although a load is under way"},
    {"progress", FLAG_SWITCH, NULL, "show progress also when standard error is no terminal"},
    {"quiet", FLAG_SWITCH, NULL, "show no progress"},
    {"author", FLAG_VALUE, "NAME", "who asks for it (default: you)"},
};

enum { LOOK_EVERY_MS = 50 };

/* One step; *out_place: up to which record it has come. */
static bool take_step(struct cli *cli, struct control_line *line, bool anew, uint64_t *out_place, uint64_t *out_last,
                      bool *out_more, struct error *err) {
    struct arena *arena = arena_new(0);
    json_t *request = cli_request(cli, "peer-load"), *answer = NULL;
    json_object_set_new(request, "name", json_stringn(cli->args.words[0].ptr, cli->args.words[0].len));
    json_object_set_new(request, "anew", json_boolean(anew));
    bool ok = control_ask(line, request, arena, &answer, err);
    json_decref(request);
    if (ok) {
        uint64_t next = (uint64_t)json_integer_value(json_object_get(answer, "next"));
        *out_last = (uint64_t)json_integer_value(json_object_get(answer, "last"));
        *out_place = next ? next - 1 : *out_last;
        *out_more = next != 0;
    }
    arena_free(arena);
    return ok;
}

static int run_load(struct cli *cli) {
    struct error err = ERROR_INIT;
    struct control_line *line;
    struct progress progress;
    uint64_t place = 0, last = 0;
    bool more = true, begun = false, anew = args_has(&cli->args, "anew");
    bool shown = !args_has(&cli->args, "quiet") && (args_has(&cli->args, "progress") || terminal_is(STDERR_FILENO));
    if (!cli_open(cli, CONTROL_SERVER, &line, &err))
        return cli_fail(cli, &err);
    bool ok = true;
    while (ok && more) {
        ok = take_step(cli, line, anew, &place, &last, &more, &err);
        anew = false;
        if (ok && shown && !begun)
            progress_begin(&progress, "records", last);
        begun |= ok;
        if (ok && shown)
            progress_show(&progress, place);
        if (ok && more)
            clock_sleep_ms(LOOK_EVERY_MS);
    }
    if (begun && shown)
        progress_end(&progress, place);
    control_close(line);
    if (!ok)
        return cli_fail(cli, &err);
    if (cli->args.json)
        buf_addf(cli->out, "{\"ok\": true, \"records\": %llu}\n", (unsigned long long)last);
    else
        buf_addf(cli->out, "Looked through the records, %llu in all; sosie peer list shows what is still on its way.\n",
                 (unsigned long long)last);
    return EXIT_DONE;
}

const struct command_row command_peer_load = {
    .name = "peer load",
    .words = "NAME",
    .summary = "tell a new peer what there is already",
    .text =
        "Tells a peer the identifiers of each person (pix) or each record (pam: A28, or A31 when it does not want A28) of its "
        "domains\n"
        "of interest, a few at a time as it takes them: no change waits long behind them. Stopped, or killed, it goes on where it\n"
        "was when it is run again. It needs a running server.\n\n"
        "  sosie peer add lab --sender 'LAB|CHU-SUD' --notify pam --to lab.chu-sud:2575 --tls yes\n"
        "  sosie peer load lab",
    .flags = load_flags,
    .flag_count = sizeof load_flags / sizeof *load_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_load,
};
