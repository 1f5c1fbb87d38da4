/* Reading ER7 as commands do: every value lies inside the message; escaping and back gives the text again; the plan holds its
 * bounds. */
#include "base/arena.h"
#include "base/error.h"
#include "server/er7.h"
#include "server/send_plan.h"

static void inside(struct span message, struct span value) {
    must(value.len == 0 || (value.ptr >= message.ptr && value.ptr + value.len <= message.ptr + message.len));
}

static void read_message(struct span message, struct arena *arena) {
    struct er7 er7;
    if (!er7_open(message, &er7))
        return;
    size_t count = er7_count(&er7, "PID");
    for (size_t i = 1; i <= count + 1 && i < 8; i++) {
        struct span field = er7_field(&er7, "PID", i, 3), component = er7_component(&er7, field, 4);
        inside(message, field);
        inside(field, component);
        inside(component, er7_subcomponent(&er7, component, 2));
        inside(message, er7_field_after(&er7, "PID", i, "QRI", 1));
        must(er7_text(&er7, field, arena).len <= field.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct span message = span_make((const char *)data, size);
    struct span both[] = {message, message};
    uint32_t to[2];
    struct er7 usual;
    struct arena *arena = arena_new(0);
    read_message(message, arena);
    send_plan(both, 2, 3, arena, to);
    must(to[0] < 3 && to[1] < 3);
    must(er7_open(SPAN("MSH|^~\\&|A"), &usual));
    struct span back = er7_text(&usual, er7_escaped(message, arena), arena);
    must(back.len == message.len);
    for (size_t i = 0; i < size; i++)
        must(back.ptr[i] == (data[i] < 0x20 ? ' ' : (char)data[i]));
    arena_free(arena);
    return 0;
}
