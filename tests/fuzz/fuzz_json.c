/* JSON bodies: read under the limits, written again by our writer, read again. */
#include "base/arena.h"
#include "fhir/json_read.h"
#include "fhir/json_write.h"

#include <stdint.h>

enum { DEPTH_MOST = JSON_DEPTH_LIMIT - 2, OUT_BYTES_MOST = 16 << 20 };

static bool is_shallow(const json_t *value, unsigned depth) {
    const char *key;
    json_t *member;
    size_t i;
    if (depth > DEPTH_MOST)
        return false;
    json_array_foreach(value, i, member) {
        if (!is_shallow(member, depth + 1))
            return false;
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, member) {
        if (!is_shallow(member, depth + 1))
            return false;
    }
    return true;
}

/* Texts and structure; what our writer has no form for becomes a text. Keys are our own in the edge, so here they are too. */
static void write_value(struct json *json, const char *key, const json_t *value) {
    const char *name;
    json_t *member;
    size_t i;
    if (json_is_string(value)) {
        json_write_text(json, key, span_make(json_string_value(value), json_string_length(value)));
    } else if (json_is_boolean(value)) {
        json_write_bool(json, key, json_is_true(value));
    } else if (json_is_integer(value) && json_integer_value(value) >= 0) {
        json_write_u64(json, key, (uint64_t)json_integer_value(value));
    } else if (json_is_array(value)) {
        json_write_open(json, key, '[');
        json_array_foreach(value, i, member) write_value(json, NULL, member);
        json_write_close(json);
    } else if (json_is_object(value)) {
        json_write_open(json, key, '[');
        json_object_foreach((json_t *)(uintptr_t)value, name, member) write_value(json, NULL, member);
        json_write_close(json);
    } else {
        json_write_cstr(json, key, "other");
    }
}

static void check_written(const json_t *tree, bool pretty, struct arena *arena) {
    struct json json;
    struct error err = ERROR_INIT;
    json_t *again;
    json_write_init(&json, arena, OUT_BYTES_MOST, pretty);
    json_write_open(&json, NULL, '{');
    json_write_cstr(&json, "resourceType", "Any");
    write_value(&json, "value", tree);
    json_write_close(&json);
    must(json_write_ok(&json));
    must(json_read(json_write_span(&json), arena, &again, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    json_t *tree;
    if (!json_read(span_make((const char *)data, size), arena, &tree, &err)) {
        must(err.code == ERROR_SEQUENCE && err.text[0]);
    } else if (is_shallow(tree, 0)) {
        check_written(tree, false, arena);
        check_written(tree, true, arena);
    }
    arena_free(arena);
    return 0;
}
