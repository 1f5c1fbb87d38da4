/* JSON bodies under limits; see json_read.h. */
#include "fhir/json_read.h"

#include "base/arena.h"

enum { READ_DEPTH_LIMIT = 32 };

/* Depth is counted before jansson sees the body: its own limit is 2048 levels of its recursion. */
static bool depth_is_fine(struct span body) {
    size_t depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < body.len; i++) {
        char c = body.ptr[i];
        if (in_text && c == '\\')
            i++;
        else if (c == '"')
            in_text = !in_text;
        else if (!in_text && (c == '{' || c == '['))
            depth++;
        else if (!in_text && (c == '}' || c == ']') && depth > 0)
            depth--;
        if (depth > READ_DEPTH_LIMIT)
            return false;
    }
    return true;
}

static void release_tree(void *handle) {
    json_decref(handle);
}

bool json_read(struct span body, struct arena *arena, json_t **out, struct error *err) {
    if (!span_is_utf8(body))
        return error_set(err, ERROR_SEQUENCE, "body", "the body is not well-formed UTF-8");
    if (!depth_is_fine(body))
        return error_set(err, ERROR_SEQUENCE, "body", "the body nests deeper than %d levels", READ_DEPTH_LIMIT);
    json_error_t fault;
    json_t *tree = json_loadb(body.ptr ? body.ptr : "", body.len, JSON_REJECT_DUPLICATES, &fault);
    if (!tree)
        return error_set(err, ERROR_SEQUENCE, "body", "the body is not valid JSON: line %d, column %d", fault.line, fault.column);
    arena_defer(arena, release_tree, tree);
    if (!json_is_object(tree))
        return error_set(err, ERROR_SEQUENCE, "body", "the body is not a JSON object");
    *out = tree;
    return true;
}

struct span json_member_text(const json_t *object, const char *key) {
    const json_t *member = json_object_get(object, key);
    if (!json_is_string(member))
        return SPAN_ABSENT;
    return span_make(json_string_value(member), json_string_length(member));
}
