/*
 * What went wrong, where, and a sentence that a person can act on. A struct error lives on the caller's stack and travels by
 * pointer as the last argument; a function that returns false has filled it, one that returns true has not touched it.
 *
 * Codes are ours and few; only mllp/ack.c, fhir/outcome.c and web/page.c translate them for the wire. `where` names the place in
 * the terms of its medium: an HL7 location "PID^1^3^2^4" (HL7 2.5.1 ch.2.15.5, ERL), a parameter "birthdate", a file and line.
 * `text` is one line, lower case, says the reason and the remedy, names no function and holds no patient data.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/span.h"

enum error_code {
    ERROR_NONE = 0,
    ERROR_SEQUENCE, /* a segment or part is missing or out of order */
    ERROR_MISSING,  /* a required value is absent */
    ERROR_TYPE,     /* a value is malformed: date, number, identifier */
    ERROR_TABLE,    /* a code is not in its table */
    ERROR_UNSUPPORTED_MESSAGE,
    ERROR_UNSUPPORTED_EVENT,
    ERROR_UNSUPPORTED_PROCESSING,
    ERROR_UNSUPPORTED_VERSION,
    ERROR_UNKNOWN,     /* names an identifier, domain or thing that is not known here */
    ERROR_DUPLICATE,   /* belongs to another already */
    ERROR_FORBIDDEN,   /* this peer or person may not do that */
    ERROR_RULE,        /* a rule of identity refuses it */
    ERROR_LIMIT,       /* too large or too many; sending it again unchanged is useless */
    ERROR_UNAVAILABLE, /* a cause outside the request; sending it again later may help */
    ERROR_TIMEOUT,
    ERROR_IO,
    ERROR_INTERNAL,
    ERROR_SET_ASIDE, /* the server itself failed on it and kept it; sending it again is useless */
    ERROR_CODE_COUNT
};

struct error {
    enum error_code code;
    char where[64];
    char text[256];
};

#define ERROR_INIT ((struct error){.code = ERROR_NONE})

/* Fills *err (NULL is fine) and returns false, so that `return error_set(...)` leaves. where may be NULL. */
bool error_set(struct error *err, enum error_code code, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Puts "prefix: " before the text; for adding the file or the step. Returns false. */
bool error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *error_code_name(enum error_code code); /* "unknown", "unavailable"...: for logs and JSON */

/* A condition that only a bug can break. Stays on in release; says where and ends the process. */
#define must(condition) ((condition) ? (void)0 : must_failed(#condition, __FILE__, __LINE__))
_Noreturn void must_failed(const char *condition, const char *file, int line);

#endif
