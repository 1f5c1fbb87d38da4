/*
 * The HL7 text of a `feed` step: a message of the French PAM extension (or of another version) from traits given as pairs. What a
 * pair does not say is not in the message; the value `null` puts "" there. README.md lists the keys.
 */
#ifndef SCENARIOS_COMPOSE_H
#define SCENARIOS_COMPOSE_H

#include "tests/scenarios/script.h"

struct compose {
    struct span event; /* "A28" */
    struct span id;    /* "CHU-NORD:1001" */
    const struct pairs *traits;
    const struct pairs *other; /* traits of the second PID of A24 and A37, NULL: none but its identifier */
    const char *control_id;
};

/* Segments end with CR. Fails for an identifier without a domain or a key that does not exist. */
bool compose_message(const struct compose *compose, struct arena *arena, struct span *out, struct error *err);
/* "CHU-NORD:1001" -> "CHU-NORD" and "1001". */
bool id_split(struct span id, struct span *out_domain, struct span *out_value, struct error *err);

#endif
