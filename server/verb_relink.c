/* relink-list, relink-accept, relink-abandon: runs that weigh the registry again under another model (DESIGN.md rule 13). */
#include "server/verbs.h"

static json_t *json_counts(const struct relink_counts *counts) {
    json_t *json = json_pack("{s:I}", "records", (json_int_t)counts->records);
    for (int act = 0; act < RELINK_ACT_COUNT; act++)
        answer_add(json, relink_act_name((enum relink_act)act), json_integer((json_int_t)counts->acts[act]));
    return json;
}

json_t *answer_relink(const struct relink_run *run) {
    json_t *json = json_pack("{s:I, s:s}", "id", (json_int_t)run->id, "state", relink_state_name(run->state));
    answer_add(json, "model", answer_text(run->model_name));
    answer_add(json, "model_hash", answer_text(run->model_hash));
    answer_add(json, "before", answer_text(run->before_name));
    answer_add(json, "before_hash", answer_text(run->before_hash));
    answer_add(json, "change", json_integer((json_int_t)run->change));
    answer_add(json, "previewed_at", answer_time(run->previewed_us));
    answer_add(json, "previewed_by", answer_text(run->previewed_by));
    answer_add(json, "preview", json_counts(&run->counts));
    if (!run->accepted_us)
        return json;
    answer_add(json, "accepted_at", answer_time(run->accepted_us));
    answer_add(json, "accepted_by", answer_text(run->accepted_by));
    answer_add(json, "reason", answer_text(run->reason));
    answer_add(json, "done", json_counts(&run->done));
    if (run->state == RELINK_RUNNING)
        answer_add(json, "pass", json_string(run->parting ? "parting" : "matching"));
    answer_add(json, "share", json_real(run->share));
    answer_add(json, "ended_at", answer_time(run->ended_us));
    return json;
}

void answer_model(const struct control *control, json_t *answer, struct arena *arena) {
    struct span name, hash;
    struct error err = ERROR_INIT;
    if (!identity_model(control->identity, arena, &name, &hash, &err))
        return;
    json_t *model = json_object();
    answer_add(model, "name", answer_text(name));
    answer_add(model, "hash", answer_text(hash));
    answer_add(answer, "model", model);
}

bool verb_relink_list(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                      struct error *err) {
    const struct relink_run *runs;
    uint64_t run;
    size_t count;
    if (!ask_number(request, "run", 0, INT64_MAX, &run, err) ||
        !identity_relink_runs(control->identity, run, arena, &runs, &count, err))
        return false;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, answer_relink(&runs[i]));
    answer_add(answer, "runs", list);
    answer_model(control, answer, arena);
    return true;
}

static bool read_order(const json_t *request, uint64_t *out_run, struct span *out_author, struct span *out_reason,
                       struct error *err) {
    return ask_needed_number(request, "run", out_run, err) && ask_needed_text(request, "author", out_author, err) &&
           ask_needed_text(request, "reason", out_reason, err);
}

bool verb_relink_accept(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                        struct error *err) {
    (void)answer;
    uint64_t run;
    struct span author, reason;
    return read_order(request, &run, &author, &reason, err) &&
           identity_relink_accept(control->identity, run, author, reason, arena, err);
}

bool verb_relink_abandon(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                         struct error *err) {
    uint64_t run;
    struct span author, reason;
    if (!read_order(request, &run, &author, &reason, err) ||
        !identity_relink_abandon(control->identity, run, author, reason, arena, err))
        return false;
    answer_model(control, answer, arena);
    return true;
}
