/* The command's side of control.h: a line to the running server, or an identity of our own. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stream.h"
#include "server/control.h"
#include "server/wiring.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { OPEN_TIMEOUT_MS = 30000, DATABASE_PATIENCE_MS = 5000, ANSWER_TIMEOUT_MS = 15 * 60 * 1000 };

struct control_line {
    struct stream *stream; /* NULL: our own identity */
    struct identity *identity;
    struct wiring *wiring;
    enum control_need need;
};

/* -- an identity of our own ----------------------------------------------------------------------------------------------- */

/* Loading takes as long as it takes; a database that is away, or another writer, does not get better by waiting. */
static bool wait_ready(struct control_line *line, struct error *err) {
    uint64_t patience = clock_deadline(DATABASE_PATIENCE_MS), writer = clock_deadline(OPEN_TIMEOUT_MS);
    for (;; clock_sleep_ms(20)) {
        enum identity_state state = identity_state(line->identity);
        if (state == IDENTITY_WRITER || (state == IDENTITY_FOLLOWER && line->need == CONTROL_READER))
            return true;
        if (state == IDENTITY_NO_DATABASE && clock_left_ms(patience) == 0)
            return error_set(err, ERROR_UNAVAILABLE, "database.url",
                             "no server answers on control.socket and the database is not reachable: start PostgreSQL, or correct "
                             "the address (sosie check --show prints both)");
        if (state == IDENTITY_LOADING)
            writer = clock_deadline(OPEN_TIMEOUT_MS);
        if (state == IDENTITY_FOLLOWER && clock_left_ms(writer) == 0)
            return error_set(
                err, ERROR_UNAVAILABLE, "control.socket",
                "another server is the writer of this database: run this command with that server's settings (--config)");
    }
}

static bool open_own(const struct settings *settings, struct control_line *line, struct error *err) {
    if (line->need == CONTROL_SERVER)
        return error_set(
            err, ERROR_UNAVAILABLE, "control.socket",
            "this needs a running server, and none answers on control.socket: start it with sosie serve, then run this again");
    struct identity_options options;
    wiring_identity(settings, &options);
    options.writer = line->need != CONTROL_READER;
    options.progress = false;
    log_to(STDERR_FILENO, LOG_ERROR); /* the command says itself what it waited for in vain */
    if (!identity_open(&options, false, &line->identity, err) || !wait_ready(line, err))
        return false;
    line->wiring = wiring_new(settings, line->identity);
    return true;
}

/* -- the running server --------------------------------------------------------------------------------------------------- */

/* No socket, or one that nobody listens on: no server runs here. One that we may not open: one runs, but not for us. */
static bool connect_running(const struct settings *settings, struct control_line *line, struct error *err) {
    if (access(settings->control_socket, W_OK) != 0 && errno == EACCES)
        return error_set(err, ERROR_FORBIDDEN, "control.socket",
                         "%.120s belongs to another user: run this command as the server's user", settings->control_socket);
    struct error ignored;
    if (!stream_connect_unix(settings->control_socket, &line->stream, &ignored))
        line->stream = NULL;
    return true;
}

bool control_open(const struct settings *settings, enum control_need need, struct control_line **out, struct error *err) {
    struct control_line *line = mem_alloc(sizeof *line);
    line->need = need;
    if (connect_running(settings, line, err) && (line->stream || open_own(settings, line, err))) {
        *out = line;
        return true;
    }
    control_close(line);
    return false;
}

void control_close(struct control_line *line) {
    if (!line)
        return;
    stream_free(line->stream);
    wiring_free(line->wiring);
    identity_close(line->identity);
    mem_free(line);
}

/* -- asking --------------------------------------------------------------------------------------------------------------- */

static bool server_ended(struct error *err) {
    return error_set(err, ERROR_UNAVAILABLE, "control.socket", "the server ended before it answered; look at its log");
}

static bool read_answer(struct stream *stream, struct arena *arena, struct span *out, struct error *err) {
    struct buf text = {0};
    char piece[16384];
    uint64_t deadline = clock_deadline(ANSWER_TIMEOUT_MS);
    bool good = false;
    buf_init(&text, CONTROL_ANSWER_LIMIT + 2);
    while (!good) {
        int64_t got = stream_read(stream, piece, sizeof piece, deadline, err);
        if (got == 0)
            (void)server_ended(err);
        if (got <= 0)
            break;
        buf_add_bytes(&text, piece, (size_t)got);
        good = piece[got - 1] == '\n';
        if (!buf_ok(&text)) {
            error_set(err, ERROR_LIMIT, "control.socket", "the server's answer is too large; ask for less, with --limit");
            break;
        }
    }
    if (good)
        *out = buf_copy(&text, arena);
    buf_release(&text);
    return good;
}

static void release_json(void *json) {
    json_decref(json);
}

static bool ask_running(struct control_line *line, const json_t *request, struct arena *arena, json_t **out, struct error *err) {
    size_t size = json_dumpb(request, NULL, 0, JSON_COMPACT);
    struct span answer;
    if (size + 1 >= CONTROL_LINE_LIMIT)
        return error_set(err, ERROR_LIMIT, "request", "the request is too long; shorten its texts");
    char *text = arena_alloc(arena, size + 1);
    json_dumpb(request, text, size, JSON_COMPACT);
    text[size] = '\n';
    if (!stream_write(line->stream, span_make(text, size + 1), clock_deadline(CONTROL_SILENCE_MS), err) ||
        !read_answer(line->stream, arena, &answer, err)) {
        if (err->code == ERROR_IO) /* a server that was killed leaves a broken line */
            (void)server_ended(err);
        return false;
    }
    *out = json_loadb(answer.ptr, answer.len, 0, NULL);
    if (!*out)
        return error_set(err, ERROR_INTERNAL, "control.socket",
                         "the answer is no JSON: is it sosie, of this version, that listens there?");
    arena_defer(arena, release_json, *out);
    return true;
}

/* The error of an answer, back in our own form. */
static bool refuse(const json_t *answer, struct error *err) {
    const json_t *error = json_object_get(answer, "error");
    const char *code = json_string_value(json_object_get(error, "code"));
    const char *where = json_string_value(json_object_get(error, "where"));
    const char *text = json_string_value(json_object_get(error, "text"));
    enum error_code found = ERROR_INTERNAL;
    for (int i = 0; code && i < ERROR_CODE_COUNT; i++) {
        if (strcmp(error_code_name((enum error_code)i), code) == 0)
            found = (enum error_code)i;
    }
    return error_set(err, found, where, "%s", text ? text : "the server gave no reason");
}

bool control_ask(struct control_line *line, const json_t *request, struct arena *arena, json_t **out_answer, struct error *err) {
    json_t *answer;
    if (line->stream) {
        if (!ask_running(line, request, arena, &answer, err))
            return false;
    } else {
        answer = control_handle(wiring_control(line->wiring), request, arena);
    }
    if (!json_is_true(json_object_get(answer, "ok")))
        return refuse(answer, err);
    json_object_set_new(answer, "server", json_boolean(line->stream != NULL));
    *out_answer = answer;
    return true;
}
