/*
 * Base64 (RFC 4648 section 4): bytes of any kind in a text.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"
#include "base/span.h"

struct arena;

/* With padding, in one line. */
struct span base64_write(struct span bytes, struct arena *arena);
/* False for what is no base64 with its padding. */
bool base64_read(struct span text, struct arena *arena, struct span *out);

#endif
