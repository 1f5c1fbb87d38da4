/*
 * The cell's pages: what identity-vigilance reviewers (cellule d'identitovigilance) see and do in a browser, and the same as JSON
 * under /api/ for programs. Server-rendered HTML, French first, English by choice; nothing needs JavaScript, nothing comes from
 * another host.
 *
 *     GET  /                        the queues: filters, counts, paging             /api/tasks  /api/counts
 *     GET  /taches/ID   /tasks/ID   the pair side by side, reasons, history, form   /api/tasks/ID
 *     POST /taches/ID               one outcome, then 303 to the task               /api/tasks/ID/review
 *     GET  /messages[?control_id=]  dead letters, or what became of a message       /api/messages
 *     GET  /messages/ID             one message by segments; POST .../replay replays a dead letter
 *     GET  /personnes/ID            golden traits with their sources, records, decisions; POST takes a decision back
 *     POST /personnes               finds a person by identifier
 *
 * Until accounts exist the pages are for this machine only: a peer that is not loopback, or a Host that is no loopback name (DNS
 * rebinding), gets 403. A POST must come from our own pages: same origin and the token of this process in its form; JSON posts need
 * the JSON content type (which no foreign form can send) and, where a browser says it, the same origin. Outcomes ask for an author.
 *
 * The room translates and never decides: what a task allows, and whether an outcome stands, is identity's word.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "base/error.h"
#include "base/http.h"
#include "identity/identity.h"

/* Replays a dead letter in the name of its author; the message goes its whole way again. Fills *out_outcome; false with *err when
 * it could not even be tried. Given by the server, for the room that knows HL7 is another one. */
typedef bool web_replay(void *context, uint64_t message_id, struct span author, struct arena *arena,
                        struct feed_outcome *out_outcome, struct error *err);

struct web_options {
    bool loopback_only; /* true; false only behind something that knows its users */
    web_replay *replay; /* NULL: pages show dead letters without the button */
    void *replay_context;
};

void web_options_default(struct web_options *options);

struct web;

/* Keeps a copy of the options and borrows identity, which must outlive it. */
bool web_new(const struct web_options *options, struct identity *identity, struct web **out, struct error *err);
void web_free(struct web *web);

/* An http_handler with the struct web as its context; any thread. Answers every path: 404 for those it does not know. */
void web_handle(void *web, const struct http_request *request, struct http_answer *answer);

#endif
