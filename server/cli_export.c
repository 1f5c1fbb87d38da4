/* sosie export: a domain as a file of HL7 messages (hl7v2.md 1.9). */
#include "server/cli.h"

#include "base/clock.h"
#include "base/log.h"
#include "mllp/mllp.h"
#include "server/terminal.h"
#include "server/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, FLUSH_BYTES = 1 << 20, TEXT_BYTES = 64 << 20, SHOW_EVERY_MS = 1000 };

static const struct flag_row export_flags[] = {
    {"out", FLAG_VALUE, "FILE", "where to; only its owner may read it (mode 0600)"},
    {"sender", FLAG_VALUE, "APP|FACILITY", "MSH-3 and MSH-4 (default: those of the domain's first declared sender)"},
    {"receiver", FLAG_VALUE, "APP|FACILITY", "MSH-5 and MSH-6 (default: nobody)"},
    {"version", FLAG_VALUE, "TEXT", "MSH-12 (default: 2.5^FRA^2.11)"},
    {"charset", FLAG_VALUE, "CODE", "UNICODE UTF-8 (default), 8859/15, 8859/1, ..."},
    {"hidden", FLAG_SWITCH, NULL, "also hidden, anonymous, protected, fictitious and restricted records"},
    {"at", FLAG_VALUE, "TIME",
     "2026-11-01T08:30:00Z, say, in MSH-7 and EVN-2 instead of now: the same content is the same file then"},
    {"quiet", FLAG_SWITCH, NULL, "show no progress"},
    {"author", FLAG_VALUE, "NAME", "who takes it out, for the audit trail (default: you)"},
};

struct exporting {
    struct mllp_export export;
    bool sender_said;
    FILE *out;
    struct buf text;
    struct arena *arena;
    uint64_t messages, shown_ns;
    bool shown;
};

static bool flush(struct exporting *exporting, size_t least, struct error *err) {
    struct buf *text = &exporting->text;
    if (text->len < least || !text->len)
        return true;
    bool ok = buf_ok(text) && fwrite(text->bytes, 1, text->len, exporting->out) == text->len;
    buf_clear(text);
    return ok || error_set(err, ERROR_IO, "--out", "it cannot be written: %s", strerror(errno));
}

static void show(struct exporting *exporting) {
    uint64_t now_ns = clock_mono_ns();
    if (!exporting->shown || now_ns < exporting->shown_ns + (uint64_t)SHOW_EVERY_MS * 1000000)
        return;
    exporting->shown_ns = now_ns;
    (void)fprintf(stderr, "\rexporting: %llu messages", (unsigned long long)exporting->messages);
}

/* As the domain's own system would send it: whoever declares the domain alike takes it. */
static void find_sender(struct exporting *exporting, const struct domain *domain) {
    struct mllp_export *export = &exporting->export;
    if (exporting->sender_said)
        return;
    export->facility = domain->namespace_id;
    for (size_t i = domain->sender_count; i-- > 0;) {
        const struct domain_sender *sender = &domain->senders[i];
        if (span_eq_cstr(sender->application, "*") || span_eq_cstr(sender->facility, "*"))
            continue;
        export->application = sender->application;
        export->facility = sender->facility;
    }
}

static bool take(void *context, const struct domain_list *domains, const struct domain *domain, const struct notification *what,
                 const struct notice *notice, struct error *err) {
    struct exporting *exporting = context;
    if (!exporting->messages++) {
        find_sender(exporting, domain);
        mllp_export_begin(&exporting->export, &exporting->text);
    }
    arena_reset(exporting->arena);
    show(exporting);
    return mllp_export_message(&exporting->export, domains, what, notice, exporting->arena, &exporting->text, err) &&
           flush(exporting, FLUSH_BYTES, err);
}

/* -- the file --------------------------------------------------------------------------------------------------------------- */

static bool end_file(struct exporting *exporting, struct error *err) {
    if (!exporting->messages)
        mllp_export_begin(&exporting->export, &exporting->text);
    mllp_export_end(exporting->messages, &exporting->text);
    if (!flush(exporting, 0, err))
        return false;
    return (fflush(exporting->out) == 0 && fsync(fileno(exporting->out)) == 0) ||
           error_set(err, ERROR_IO, "--out", "it cannot be written: %s", strerror(errno));
}

/* Whole, or not there: written beside its name, then put in its place. */
static bool write_file(struct exporting *exporting, const struct export_options *options, const char *path,
                       struct export_counts *counts, struct error *err) {
    char beside[PATH_BYTES];
    if (!cli_may_replace(path, "--out", err))
        return false;
    int len = snprintf(beside, sizeof beside, "%s.%ld", path, (long)getpid());
    int fd = len < PATH_BYTES ? open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    exporting->out = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (!exporting->out)
        return error_set(err, ERROR_IO, "--out", "%.200s cannot be written: %s", path, strerror(errno));
    bool ok = identity_export(options, take, exporting, counts, err) && end_file(exporting, err);
    if (fclose(exporting->out) != 0 && ok)
        ok = error_set(err, ERROR_IO, "--out", "it cannot be written: %s", strerror(errno));
    if (ok && rename(beside, path) != 0)
        ok = error_set(err, ERROR_IO, "--out", "%.200s cannot be put there: %s", path, strerror(errno));
    if (!ok)
        (void)unlink(beside);
    return ok;
}

/* -- the command ------------------------------------------------------------------------------------------------------------ */

static bool read_pair(struct cli *cli, const char *flag, struct span *out_application, struct span *out_facility,
                      struct error *err) {
    struct span value = args_value(&cli->args, flag);
    if (span_is_absent(value))
        return true;
    size_t bar = span_find(value, '|', 0);
    *out_application = span_sub(value, 0, bar);
    *out_facility = span_sub(value, bar + 1, value.len);
    return bar < value.len || error_set(err, ERROR_TYPE, "export", "--%s is written 'APP|FACILITY'", flag);
}

static bool read_time(struct cli *cli, int64_t *out_us, struct error *err) {
    struct span text = args_value(&cli->args, "at");
    *out_us = clock_now_us();
    return span_is_absent(text) || clock_parse_iso(text, out_us) ||
           error_set(err, ERROR_TYPE, "--at", "a time is written 2026-11-01T08:30:00Z");
}

static struct span text_of(struct cli *cli, const char *flag, const char *otherwise) {
    struct span value = args_value(&cli->args, flag);
    return span_is_empty(value) ? span_of(otherwise) : value;
}

static bool read_flags(struct cli *cli, struct exporting *out, struct error *err) {
    struct mllp_export *export = &out->export;
    export->application = span_of(cli->settings.mllp_application);
    export->processing = span_of(cli->settings.notify_processing_id);
    export->version = text_of(cli, "version", "2.5^FRA^2.11");
    export->charset = text_of(cli, "charset", "UNICODE UTF-8");
    if (!mllp_charset_known(export->charset))
        return error_set(err, ERROR_TABLE, "--charset", "\"%.*s\" is not a character set of HL7 table 0211",
                         SPAN_ARG(span_sub(export->charset, 0, 40)));
    out->sender_said = args_has(&cli->args, "sender");
    return read_pair(cli, "sender", &export->application, &export->facility, err) &&
           read_pair(cli, "receiver", &export->to_application, &export->to_facility, err) && read_time(cli, &export->at_us, err);
}

static void print_counts(struct cli *cli, const struct export_counts *counts, const char *path) {
    if (cli->args.json) {
        json_t *json =
            json_pack("{s:b, s:s, s:I, s:I, s:I, s:I, s:I}", "ok", 1, "file", path, "records", (json_int_t)counts->records,
                      "with_ins", (json_int_t)counts->ins, "replaced", (json_int_t)counts->replaced, "merged",
                      (json_int_t)counts->merged, "left_out", (json_int_t)counts->left_out);
        cli_print_json(cli, json);
        json_decref(json);
        return;
    }
    terminal_counted(cli->out, "", counts->records, " record (A28)", " records (A28)");
    terminal_counted(cli->out, ", ", counts->ins, " of them with INS", " of them with INS");
    terminal_counted(cli->out, "; ", counts->replaced, " replaced identifier (A47)", " replaced identifiers (A47)");
    terminal_counted(cli->out, ", ", counts->merged, " merged one (A40)", " merged ones (A40)");
    if (counts->left_out)
        terminal_counted(cli->out, "; ", counts->left_out, " hidden record is left out (--hidden)",
                         " hidden records are left out (--hidden)");
    buf_addf(cli->out, "\nwritten to %s\n", path);
}

static int run_export(struct cli *cli) {
    struct error err = ERROR_INIT;
    struct exporting exporting = {.arena = arena_new((size_t)64 << 20)};
    struct export_counts counts = {0};
    struct span out = args_value(&cli->args, "out");
    if (span_is_empty(out)) {
        error_set(&err, ERROR_MISSING, "--out", "say where to: --out FILE");
        arena_free(exporting.arena);
        return cli_usage(cli, &err);
    }
    buf_init(&exporting.text, TEXT_BYTES);
    log_to(STDERR_FILENO, LOG_ERROR); /* not a line for each character that a set cannot hold */
    bool ok = cli_settings(cli, &err) && read_flags(cli, &exporting, &err);
    if (ok) {
        const struct export_options options = {.database_url = cli->settings.database_url,
                                               .domain = cli->args.words[0],
                                               .hidden = args_has(&cli->args, "hidden"),
                                               .author = cli_author(cli)};
        exporting.shown = !args_has(&cli->args, "quiet") && terminal_is(STDERR_FILENO);
        ok = write_file(&exporting, &options, span_cstr(out, cli->arena), &counts, &err);
        if (exporting.shown)
            (void)fputs("\r\033[K", stderr);
    }
    if (ok)
        print_counts(cli, &counts, span_cstr(out, cli->arena));
    buf_release(&exporting.text);
    arena_free(exporting.arena);
    return ok ? EXIT_DONE : cli_fail(cli, &err);
}

const struct command_row command_export = {
    .name = "export",
    .words = "DOMAIN",
    .summary = "write a domain as a file of HL7 messages",
    .text =
        "An HL7 batch (FHS, BHS, BTS, FTS): an A28 for each record, an A47 for each identifier that was replaced, an A40 for each\n"
        "that was merged. It is read beside the running server, as of one moment; the file is there whole, or not at all. Nothing\n"
        "quarantined is in it, and an INS only of a qualified record without an open conflict. That it was taken out is in the\n"
        "audit trail. sosie import brings it in elsewhere.\n\n"
        "  sosie export CHU-NORD --out chu-nord.hl7\n"
        "  sosie export CHU-NORD --out chu-nord.hl7 --charset 8859/15 --sender 'GAM|CHU-NORD'",
    .flags = export_flags,
    .flag_count = sizeof export_flags / sizeof *export_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_export,
};
