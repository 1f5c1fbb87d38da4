/* Escapes and character sets from any bytes: text comes out well formed, and what is escaped comes back. */
#include "base/arena.h"
#include "mllp/hl7_escape.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct hl7_delimiters sets[] = {{'|', '^', '~', '\\', '&'}, {'|', '^', '~', '\0', '&'}, {'F', 'S', 'R', 'E', 'T'}};
    if (size < 2)
        return 0;
    struct arena *arena = arena_new(0);
    const struct hl7_delimiters *delimiters = &sets[data[0] % 3];
    enum hl7_charset charset = (enum hl7_charset)(data[1] % HL7_CHARSET_UNKNOWN), used;
    unsigned warnings = 0;
    struct span text = hl7_charset_decode(span_make((const char *)data + 2, size - 2), charset, false, arena, &used, &warnings);
    if (!span_is_utf8(text) || !span_is_utf8(hl7_unescape(delimiters, used, text, arena)))
        __builtin_trap();
    struct buf escaped, encoded;
    buf_init(&escaped, size * 40);
    buf_init(&encoded, size * 40);
    hl7_escape(delimiters, text, &escaped);
    if (data[0] % 3 == 0 && !span_eq(hl7_unescape(delimiters, HL7_CHARSET_UTF8, buf_span(&escaped), arena), text))
        __builtin_trap();
    hl7_charset_encode(text, charset, &encoded);
    buf_release(&escaped);
    buf_release(&encoded);
    arena_free(arena);
    return 0;
}
