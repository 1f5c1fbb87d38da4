/* Query strings and form bodies: any bytes give pairs within the limit or an error, and pairs hold no more than what came in. */
#include "base/arena.h"
#include "base/error.h"
#include "base/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new(0);
    const struct http_pair *pairs = NULL;
    size_t count = 0, bytes = 0;
    struct error err = ERROR_INIT;
    if (http_form_parse(span_make((const char *)data, size), arena, 64, &pairs, &count, &err)) {
        must(count <= 64);
        for (size_t i = 0; i < count; i++)
            bytes += pairs[i].name.len + pairs[i].value.len;
        must(bytes <= size);
    } else {
        must(err.code != ERROR_NONE && err.text[0]);
    }
    arena_free(arena);
    return 0;
}
