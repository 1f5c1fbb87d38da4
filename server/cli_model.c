/* --model: the text of a model, and errors that name its file. */
#include "server/cli.h"

#include "matcher/matcher.h"
#include "server/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool cli_model_text(struct cli *cli, struct buf *out, struct error *err) {
    struct span path = args_value(&cli->args, "model");
    if (span_eq_cstr(path, "french")) {
        buf_add(out, match_model_shipped());
        return true;
    }
    FILE *file = fopen(span_cstr(path, cli->arena), "rb");
    char piece[16384];
    if (!file)
        return error_set(err, ERROR_IO, "--model", "%.*s: the file cannot be read: %s", SPAN_ARG(span_sub(path, 0, 100)),
                         strerror(errno));
    for (size_t got; buf_ok(out) && (got = fread(piece, 1, sizeof piece, file)) > 0;) /* a device may never end */
        buf_add_bytes(out, piece, got);
    int reason = ferror(file) ? errno : 0;
    (void)fclose(file);
    if (reason)
        return error_set(err, ERROR_IO, "--model", "the file cannot be read to its end: %s", strerror(reason));
    return buf_ok(out) || error_set(err, ERROR_LIMIT, "--model", "the file is too large for a model");
}

bool cli_model_fault(const struct cli *cli, struct error *err) {
    struct span path = args_value(&cli->args, "model");
    struct error inner = *err;
    return error_set(err, inner.code, "--model", "%.*s%s%s: %s", SPAN_ARG(span_sub(path, 0, 100)), *inner.where ? ", " : "",
                     inner.where, inner.text);
}

void cli_print_model(struct cli *cli, const json_t *answer) {
    const json_t *model = json_object_get(answer, "model");
    if (!model)
        return;
    buf_add_cstr(cli->out, "The model that decides: ");
    terminal_text(cli->out, cli_member(cli, model, "name"));
    buf_addf(cli->out, " (%.*s)\n", SPAN_ARG(span_clip(cli_member(cli, model, "hash"), 12)));
}
