/* Comma-separated text: any bytes give rows whose lines rise, or an error. */
#include "base/arena.h"
#include "base/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new(0);
    struct csv csv;
    struct error err = ERROR_INIT;
    size_t line = 0;
    if (csv_open(&csv, span_make((const char *)data, size), &err)) {
        while (csv_next(&csv, arena)) {
            must(csv.line > line);
            line = csv.line;
            for (size_t i = 0; i < csv.count; i++)
                must(csv.fields[i].len <= 3 * CSV_FIELD_MOST && (csv.fields[i].len == 0 || csv.fields[i].ptr));
            arena_reset(arena);
        }
    } else {
        must(err.code != ERROR_NONE && err.text[0]);
    }
    arena_free(arena);
    return 0;
}
