/* What becomes of a message that failed for this reason: the one place that tells AE from AR (HL7 2.5.1 ch.2.9.2, hl7v2.md 1.7). */
#include "identity/identity.h"

enum feed_result feed_result_of(enum error_code code) {
    switch (code) {
    case ERROR_NONE:
        return FEED_ACCEPTED;
    case ERROR_UNSUPPORTED_MESSAGE:
    case ERROR_UNSUPPORTED_EVENT:
    case ERROR_UNSUPPORTED_PROCESSING:
    case ERROR_UNSUPPORTED_VERSION:
    case ERROR_UNAVAILABLE:
    case ERROR_TIMEOUT:
    case ERROR_IO:
    case ERROR_INTERNAL:
        return FEED_REJECTED;
    default:
        return FEED_ERROR;
    }
}

const char *feed_result_name(enum feed_result result) {
    static const char *const names[] = {[FEED_ACCEPTED] = "AA", [FEED_ERROR] = "AE", [FEED_REJECTED] = "AR"};
    must(result < sizeof names / sizeof *names);
    return names[result];
}
