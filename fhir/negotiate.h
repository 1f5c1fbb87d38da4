/*
 * What the client wants to read and how it wants to be judged: _format before Accept before JSON (fhir.md 0.1), and
 * Prefer: handling. Only JSON is written for now.
 */
#ifndef FHIR_NEGOTIATE_H
#define FHIR_NEGOTIATE_H

#include "base/error.h"
#include "base/span.h"

#include <stdbool.h>

struct http_pair;
struct http_request;

/* May the answer be JSON? ERROR_UNSUPPORTED_VERSION (406) when `_format`, or Accept in its absence, leaves no room for it. */
bool negotiate_json(const struct http_request *request, struct error *err);
/* The same for one value of _format ("json", "application/fhir+json", also with the '+' decoded to a blank). */
bool negotiate_format(struct span format, struct error *err);

enum body_kind { BODY_JSON, BODY_FORM, BODY_OTHER };
/* By Content-Type; without one by the first byte. */
enum body_kind negotiate_body(const struct http_request *request);

bool negotiate_strict(const struct http_request *request); /* Prefer: handling=strict */

#endif
