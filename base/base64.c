/* Base64; see base64.h. */
#include "base/base64.h"

#include "base/arena.h"
#include "base/error.h"

#include <limits.h>
#include <openssl/evp.h>

struct span base64_write(struct span bytes, struct arena *arena) {
    must(bytes.len < INT_MAX / 2);
    char *text = arena_alloc(arena, (bytes.len + 2) / 3 * 4 + 1);
    const char *from = bytes.len ? bytes.ptr : "";
    int len = EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)from, (int)bytes.len);
    return span_make(text, (size_t)len);
}

/* EVP_DecodeBlock is more lenient than the RFC, and counts the padding as bytes. */
static bool is_base64(struct span text) {
    size_t at = 0;
    while (at < text.len && ((text.ptr[at] >= 'A' && text.ptr[at] <= 'Z') || (text.ptr[at] >= 'a' && text.ptr[at] <= 'z') ||
                             (text.ptr[at] >= '0' && text.ptr[at] <= '9') || text.ptr[at] == '+' || text.ptr[at] == '/'))
        at++;
    size_t padding = text.len - at;
    return text.len % 4 == 0 && text.len < INT_MAX / 2 && padding <= 2 && (padding == 0 || text.ptr[text.len - 1] == '=') &&
           (padding < 2 || text.ptr[at] == '=');
}

bool base64_read(struct span text, struct arena *arena, struct span *out) {
    if (!is_base64(text))
        return false;
    unsigned char *bytes = arena_alloc(arena, text.len + 1);
    int len = text.len ? EVP_DecodeBlock(bytes, (const unsigned char *)text.ptr, (int)text.len) : 0;
    if (len < 0)
        return false;
    for (size_t i = 1; i <= 2 && i <= text.len; i++)
        len -= text.ptr[text.len - i] == '=';
    *out = span_make((const char *)bytes, (size_t)len);
    return true;
}
