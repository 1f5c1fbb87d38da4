/*
 * JSON bodies read into a jansson tree, under limits that a sender cannot move: well-formed UTF-8, depth 32, no member twice
 * (R4 json.html; duplicate keys would let two readers see two patients). The tree goes with the arena.
 */
#ifndef FHIR_JSON_READ_H
#define FHIR_JSON_READ_H

#include "base/error.h"
#include "base/span.h"

#include <jansson.h>

struct arena;

/* ERROR_SEQUENCE with line and column, never content, when the body is no JSON object within the limits. */
bool json_read(struct span body, struct arena *arena, json_t **out, struct error *err);
struct span json_member_text(const json_t *object, const char *key); /* absent when not there or no text; borrowed from the tree */

#endif
