/*
 * JSON written straight into memory of the arena, without a tree: a search by identifier is answered in a few microseconds, most of
 * them spent here. FHIR forbids empty texts, arrays and objects (R4 json.html), so nothing empty is written: an empty text leaves
 * no trace, an array or object in which nothing was written disappears with its key when it is closed.
 *
 *     json_write_init(&json, arena, 1 << 20, false);
 *     json_write_open(&json, NULL, '{');
 *     json_write_cstr(&json, "resourceType", "Patient");
 *     json_write_close(&json);
 *
 * `key` is NULL inside an array and at the top. Keys, and what json_write_cstr writes, are our own literals without a quote,
 * backslash or control character in them; all else is escaped. Texts are UTF-8. Writing beyond the ceiling writes nothing more:
 * check json_write_ok once at the end.
 */
#ifndef FHIR_JSON_WRITE_H
#define FHIR_JSON_WRITE_H

#include "base/span.h"

enum { JSON_DEPTH_LIMIT = 24 };

struct json_level {
    size_t start;      /* where the text stood before the array or object and its separator */
    bool filled;       /* something was written in it */
    bool outer_filled; /* what `filled` of the level around it was */
    char closing;
};

struct json {
    struct arena *arena;
    char *bytes;
    size_t len, capacity, ceiling;
    bool overflowed;
    bool pretty;
    unsigned depth;
    struct json_level levels[JSON_DEPTH_LIMIT + 1];
};

void json_write_init(struct json *json, struct arena *arena, size_t ceiling_bytes, bool pretty);
bool json_write_ok(const struct json *json);
struct span json_write_span(const struct json *json); /* in the arena; later writing may move it */

void json_write_open(struct json *json, const char *key, char bracket); /* '{' or '[' */
void json_write_close(struct json *json);

void json_write_text(struct json *json, const char *key, struct span value);
void json_write_cstr(struct json *json, const char *key, const char *value); /* a literal; NULL: nothing */
/* One text of several parts; nothing when the last is empty. */
void json_write_parts(struct json *json, const char *key, const struct span *parts, size_t count);
void json_write_joined(struct json *json, const char *key, struct span head, struct span tail);  /* of two parts */
void json_write_numbered(struct json *json, const char *key, const char *head, uint64_t number); /* "Patient/p" and 12 */
void json_write_bool(struct json *json, const char *key, bool value);
void json_write_u64(struct json *json, const char *key, uint64_t value);
void json_write_fraction(struct json *json, const char *key, double value); /* 0..1, four decimals */

#endif
