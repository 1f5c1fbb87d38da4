/* The protocol and the table of verbs; see control.h. */
#include "server/control.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "server/args.h"
#include "server/verbs.h"

#include <string.h>

struct verb_row {
    const char *name;
    bool changes;
    control_verb *act;
};

static const struct verb_row verbs[] = {
    {"status", false, verb_status},
    {"check-index", false, verb_check_index},
    {"check-audit", false, verb_check_audit},
    {"domain-add", true, verb_domain_add},
    {"domain-set", true, verb_domain_set},
    {"domain-list", false, verb_domain_list},
    {"domain-show", false, verb_domain_show},
    {"peer-add", true, verb_peer_add},
    {"peer-set", true, verb_peer_set},
    {"peer-remove", true, verb_peer_remove},
    {"peer-pause", true, verb_peer_pause},
    {"peer-resume", true, verb_peer_resume},
    {"peer-dead", false, verb_peer_dead},
    {"peer-replay", true, verb_peer_replay},
    {"peer-skip", true, verb_peer_skip},
    {"peer-load", true, verb_peer_load},
    {"peer-list", false, verb_peer_list},
    {"peer-show", false, verb_peer_show},
    {"task-list", false, verb_task_list},
    {"task-show", false, verb_task_show},
    {"task-resolve", true, verb_task_resolve},
    {"explain", false, verb_explain},
    {"log", false, verb_log},
    {"dead-letters", false, verb_dead_letters},
    {"replay", true, verb_replay},
    {"link", true, verb_link},
    {"separate", true, verb_separate},
    {"undo", true, verb_undo},
    {"decisions", false, verb_decisions},
    {"relink-list", false, verb_relink_list},
    {"relink-accept", true, verb_relink_accept},
    {"relink-abandon", true, verb_relink_abandon},
    {"import-begin", true, verb_import_begin},
    {"import-slice", true, verb_import_slice},
    {"import-end", true, verb_import_end},
    {"import-release", true, verb_import_release},
    {"import-settle", true, verb_import_settle},
    {"import-list", false, verb_import_list},
    {"import-show", false, verb_import_show},
    {"import-lines", false, verb_import_lines},
};
enum { VERB_COUNT = sizeof verbs / sizeof *verbs, LOADING_PATIENCE_MS = 5000 };

static const struct verb_row *find_verb(const char *name) {
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    }
    return NULL;
}

bool control_changes(const char *verb) {
    const struct verb_row *row = find_verb(verb);
    return row && row->changes;
}

static bool unknown_verb(struct span name, struct error *err) {
    const char *names[VERB_COUNT];
    for (size_t i = 0; i < VERB_COUNT; i++)
        names[i] = verbs[i].name;
    const char *nearest = args_nearest(name, names, VERB_COUNT);
    return error_set(err, ERROR_UNKNOWN, "do", "\"%.*s\" is not a verb%s%s%s", SPAN_ARG(span_sub(name, 0, 40)),
                     nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

/* A server that has just started knows nothing yet: better to wait a moment than to say that there is nothing. */
static bool wait_loaded(const struct control *control, struct error *err) {
    uint64_t deadline = clock_deadline(LOADING_PATIENCE_MS);
    if (!control->identity) /* the protocol alone, in tests */
        return true;
    for (;; clock_sleep_ms(10)) {
        enum identity_state state = identity_state(control->identity);
        if (state == IDENTITY_WRITER || state == IDENTITY_FOLLOWER)
            return true;
        if (clock_left_ms(deadline) > 0)
            continue;
        if (state == IDENTITY_LOADING)
            return error_set(err, ERROR_UNAVAILABLE, "server", "the server loads its index; try again in a moment");
        return identity_domains(control->identity)->count > 0 ||
               error_set(err, ERROR_UNAVAILABLE, "server", "the server cannot reach its database; its log says why");
    }
}

static bool act(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    if (!json_is_object(request))
        return error_set(err, ERROR_TYPE, "request", "a request is one JSON object with the member \"do\"");
    struct span name;
    if (!ask_needed_text(request, "do", &name, err))
        return false;
    const struct verb_row *row = find_verb(name.ptr);
    if (!row)
        return unknown_verb(name, err);
    return (row->act == verb_status || wait_loaded(control, err)) && row->act(control, request, answer, arena, err);
}

static void release_json(void *json) {
    json_decref(json);
}

json_t *control_handle(const struct control *control, const json_t *request, struct arena *arena) {
    struct error err = ERROR_INIT;
    json_t *answer = json_pack("{s:b}", "ok", 1);
    arena_defer(arena, release_json, answer);
    if (act(control, request, answer, arena, &err))
        return answer;
    json_object_clear(answer);
    json_object_set_new(answer, "ok", json_false());
    json_object_set_new(answer, "error", answer_error(&err));
    return answer;
}

static json_t *parse_failure(const json_error_t *failure) {
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_TYPE, "request", "not one JSON object on one line, at byte %d", failure->position);
    return json_pack("{s:b, s:o}", "ok", 0, "error", answer_error(&err));
}

struct span control_handle_line(const struct control *control, struct span line, struct arena *arena) {
    json_error_t failure;
    json_t *request = json_loadb(line.ptr ? line.ptr : "", line.len, JSON_REJECT_DUPLICATES, &failure);
    json_t *answer;
    if (request) {
        arena_defer(arena, release_json, request);
        answer = control_handle(control, request, arena);
    } else {
        answer = parse_failure(&failure);
        arena_defer(arena, release_json, answer);
    }
    size_t size = json_dumpb(answer, NULL, 0, JSON_COMPACT);
    if (size > CONTROL_ANSWER_LIMIT)
        return SPAN("{\"ok\":false,\"error\":{\"code\":\"limit\",\"where\":\"answer\",\"text\":\"the answer is too large; ask for "
                    "less\"}}\n");
    char *text = arena_alloc(arena, size + 1);
    json_dumpb(answer, text, size, JSON_COMPACT);
    text[size] = '\n';
    return span_make(text, size + 1);
}
