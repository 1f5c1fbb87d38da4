/*
 * Control: how commands ask a running server. A unix socket (mode 0600: only the server's own user), one JSON object a line in, one
 * out, in order:
 *
 *     {"do":"task-resolve","id":41,"outcome":"link","author":"M. Durand","reason":"same INS"}
 *     {"ok":true,"task":{...}}            or   {"ok":false,"error":{"code":"rule","where":"task","text":"..."}}
 *
 * There is one implementation of each verb, control_handle. The server calls it for its socket; a command that finds no server
 * opens identity itself, becomes the writer, and calls the same function (STYLE.md section 6: commands never write beside the
 * lane).
 *
 * Limits: a request line of 24 MiB (a message of an import, in base64), 16 connections at once, 30 s of silence, answers of 64 MiB.
 */
#ifndef SERVER_CONTROL_H
#define SERVER_CONTROL_H

#include "base/error.h"
#include "base/span.h"
#include "identity/identity.h"
#include "server/settings.h"

#include <jansson.h>

struct arena;

enum { CONTROL_LINE_LIMIT = 24 << 20, CONTROL_CONNECTION_LIMIT = 16, CONTROL_SILENCE_MS = 30000, CONTROL_ANSWER_LIMIT = 64 << 20 };

typedef bool control_replay(void *context, uint64_t message_id, struct span author, struct arena *arena, struct feed_outcome *out,
                            struct error *err);

struct mllp_import;
typedef bool control_import(void *context, const struct mllp_import *slice, struct arena *arena, uint64_t *out_done,
                            struct error *err);

struct control {
    struct identity *identity;
    control_replay *replay; /* the way back through the room that knows HL7 */
    control_import *import;
    void *replay_context;                    /* of both */
    bool (*charset_known)(struct span code); /* of the same room */
    struct import_desk *imports;             /* the server's; NULL: of a command that is alone */
    const struct control_caller *caller;     /* whose request this is; NULL likewise */
    uint32_t silence_ms;                     /* 0: CONTROL_SILENCE_MS */
};

/* One request, already parsed. The answer is never NULL and belongs to the arena. */
json_t *control_handle(const struct control *control, const json_t *request, struct arena *arena);
/* One request line (its newline taken away) and the answer line, newline included. Bad JSON gets an answer too. */
struct span control_handle_line(const struct control *control, struct span line, struct arena *arena);
/* Does this verb change anything, so that whoever runs it must be the writer? Unknown verbs do not. */
bool control_changes(const char *verb);

/* -- the server's side ---------------------------------------------------------------------------------------------------- */

struct control_server;
bool control_start(const char *socket_path, const struct control *control, struct control_server **out, struct error *err);
void control_stop(struct control_server *server); /* ends open connections, waits for requests in hand, removes the socket */
/* Serves one connection until it ends or breaks a limit; takes the fd. For the server's threads and for tests. */
void control_serve_fd(const struct control *control, int fd);

/* -- the command's side --------------------------------------------------------------------------------------------------- */

/* A line to the running server, or, when none answers, an identity of our own. */
struct control_line;
/* What a command asks needs: somebody who reads; the writer, as it changes something; a server that goes on after the command. */
enum control_need { CONTROL_READER, CONTROL_WRITER, CONTROL_SERVER };
/* ERROR_UNAVAILABLE when there is neither a server nor a database, when another server is the writer, or when there is no server
 * and nobody else will do. */
bool control_open(const struct settings *settings, enum control_need need, struct control_line **out, struct error *err);
/* Asks, and checks the answer's "ok": a refusal becomes *err. The answer belongs to the arena; its "server" says whether a running
 * server gave it. */
bool control_ask(struct control_line *line, const json_t *request, struct arena *arena, json_t **out_answer, struct error *err);
void control_close(struct control_line *line);

#endif
