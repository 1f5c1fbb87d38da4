/* Comma-separated text: any bytes give rows whose lines rise, or an error. */
#include "base/arena.h"
#include "base/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new(0);
    struct csv csv;
    struct error err = ERROR_INIT;
    size_t line = 0, decoded_len = 0;
    struct span text = span_make((const char *)data, size);
    char *decoded = csv_decode(text, size % 7 == 0 ? CSV_ISO_8859_15 : CSV_FIND_OUT, &decoded_len);
    if (decoded)
        text = span_make(decoded, decoded_len);
    must(!decoded || span_is_utf8(text));
    if (csv_open(&csv, text, &err)) {
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
    mem_free(decoded);
    arena_free(arena);
    return 0;
}
