/* A line on the control socket: any bytes get exactly one line of JSON back, which says "ok". */
#include "tests/support/fake_control.h"

#include "server/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct control control = {.identity = &fake_identity, .replay = fake_replay};
    if (size > CONTROL_LINE_LIMIT)
        return 0;
    struct arena *arena = arena_new(0);
    fake_reset();
    struct span answer = control_handle_line(&control, span_make((const char *)data, size), arena);
    must(answer.len > 0 && span_find(answer, '\n', 0) == answer.len - 1);
    json_t *json = json_loadb(answer.ptr, answer.len, 0, NULL);
    must(json && json_is_boolean(json_object_get(json, "ok")));
    json_decref(json);
    arena_free(arena);
    return 0;
}
