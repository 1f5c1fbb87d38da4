/*
 * JSON written straight into a buf, without a tree: a search by identifier is answered in a few microseconds, most of them spent
 * here. FHIR forbids empty texts, arrays and objects (R4 json.html), so nothing empty is written: an empty text leaves no trace,
 * an array or object in which nothing was written disappears with its key when it is closed.
 *
 *     json_write_init(&json, &buf, false);
 *     json_write_open(&json, NULL, '{');
 *     json_write_cstr(&json, "resourceType", "Patient");
 *     json_write_close(&json);
 *
 * `key` is NULL inside an array and at the top; keys are our own literals and need no escaping. Texts are UTF-8. The ceiling is
 * the buf's: check buf_ok once at the end.
 */
#ifndef FHIR_JSON_WRITE_H
#define FHIR_JSON_WRITE_H

#include "base/buf.h"

enum { JSON_DEPTH_LIMIT = 24 };

struct json_level {
    size_t start;      /* where the buf stood before the array or object and its separator */
    bool filled;       /* something was written in it */
    bool outer_filled; /* what `filled` of the level around it was */
    char closing;
};

struct json {
    struct buf *out;
    bool pretty;
    unsigned depth;
    struct json_level levels[JSON_DEPTH_LIMIT + 1];
};

void json_write_init(struct json *json, struct buf *out, bool pretty);
void json_write_open(struct json *json, const char *key, char bracket); /* '{' or '[' */
void json_write_close(struct json *json);

void json_write_text(struct json *json, const char *key, struct span value);
void json_write_cstr(struct json *json, const char *key, const char *value); /* NULL: nothing */
void json_write_joined(struct json *json, const char *key, struct span head,
                       struct span tail); /* one text of two; no tail: nothing */
void json_write_bool(struct json *json, const char *key, bool value);
void json_write_u64(struct json *json, const char *key, uint64_t value);
void json_write_fraction(struct json *json, const char *key, double value); /* 0..1, four decimals */

#endif
