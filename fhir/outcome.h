/*
 * OperationOutcome, and the one table that turns our error codes into HTTP statuses and FHIR issue codes (fhir.md 8).
 * Diagnostics are English and name the element or parameter, never its value; details.text is French, for people.
 */
#ifndef FHIR_OUTCOME_H
#define FHIR_OUTCOME_H

#include "base/error.h"
#include "base/span.h"

struct fhir_call;
struct json;

struct issue {
    const char *severity; /* "error" */
    const char *code;     /* "not-found": http://hl7.org/fhir/issue-type */
    struct span diagnostics;
    struct span parameter; /* the search parameter at fault, or empty */
};

struct outcome_row {
    int status;
    const char *severity;
    const char *code;
};

/* The table; ERROR_NONE and unknown codes give the row of ERROR_INTERNAL. */
struct outcome_row outcome_of(enum error_code code);

/* An OperationOutcome resource, as a body or as an entry. */
void outcome_write(struct json *json, const char *key, const struct issue *issues, size_t count);

/* Answers with this one issue. */
void outcome_send(struct fhir_call *call, int status, const struct issue *issue);
/* Answers with the table's row of the error; logs what is our own fault and keeps its text from the client. */
void outcome_error(struct fhir_call *call, const struct error *err);

#endif
