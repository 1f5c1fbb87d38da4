/* Errors on the caller's stack; see error.h. */
#include "base/error.h"

#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const code_names[ERROR_CODE_COUNT] = {
    [ERROR_NONE] = "none",
    [ERROR_SEQUENCE] = "sequence",
    [ERROR_MISSING] = "missing",
    [ERROR_TYPE] = "type",
    [ERROR_TABLE] = "table",
    [ERROR_UNSUPPORTED_MESSAGE] = "unsupported-message",
    [ERROR_UNSUPPORTED_EVENT] = "unsupported-event",
    [ERROR_UNSUPPORTED_PROCESSING] = "unsupported-processing",
    [ERROR_UNSUPPORTED_VERSION] = "unsupported-version",
    [ERROR_UNKNOWN] = "unknown",
    [ERROR_DUPLICATE] = "duplicate",
    [ERROR_FORBIDDEN] = "forbidden",
    [ERROR_RULE] = "rule",
    [ERROR_LIMIT] = "limit",
    [ERROR_UNAVAILABLE] = "unavailable",
    [ERROR_TIMEOUT] = "timeout",
    [ERROR_IO] = "io",
    [ERROR_INTERNAL] = "internal",
    [ERROR_SET_ASIDE] = "set-aside",
};

/* What was cut may end with half a character, which neither the message log nor a sender could read. */
static void mend_end(char *text) {
    text[span_clip(span_of(text), SIZE_MAX).len] = '\0';
}

bool error_set(struct error *err, enum error_code code, const char *where, const char *format, ...) {
    if (!err)
        return false;
    /* where or an argument may lie inside *err itself: build aside, then copy. */
    struct error made = {.code = code};
    snprintf(made.where, sizeof made.where, "%s", where ? where : "");
    va_list args;
    va_start(args, format);
    vsnprintf(made.text, sizeof made.text, format, args);
    va_end(args);
    mend_end(made.where);
    mend_end(made.text);
    *err = made;
    return false;
}

bool error_prefix(struct error *err, const char *format, ...) {
    if (!err)
        return false;
    char text[2 * sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof err->text, format, args);
    va_end(args);
    size_t len = strlen(text);
    snprintf(text + len, sizeof text - len, ": %s", err->text);
    memcpy(err->text, text, sizeof err->text - 1);
    err->text[sizeof err->text - 1] = '\0';
    mend_end(err->text);
    return false;
}

const char *error_code_name(enum error_code code) {
    return (unsigned)code < ERROR_CODE_COUNT ? code_names[code] : "internal";
}

void must_failed(const char *condition, const char *file, int line) {
    log_error("a condition that must hold does not", LOG_TEXT("condition", condition), LOG_TEXT("file", file),
              LOG_I64("line", line));
    abort();
}
