/*
 * Wiring: settings into the options of each room, and the one way back (a dead letter's replay, which the pages and the control
 * socket start and only mllp can do). The wiring must outlive what was made with it.
 */
#ifndef SERVER_WIRING_H
#define SERVER_WIRING_H

#include "base/error.h"
#include "base/http.h"
#include "identity/identity.h"
#include "server/control.h"
#include "server/settings.h"

struct mllp_options;
struct mllp_teller_options;
struct fhir_options;
struct web_options;

void wiring_identity(const struct settings *settings, struct identity_options *out);
void wiring_teller(const struct settings *settings, struct mllp_teller_options *out);
void wiring_http(const struct settings *settings, struct http_options *out);

/* What the control socket, and a command without a server, need to handle verbs. */
struct wiring;
struct wiring *wiring_new(const struct settings *settings, struct identity *identity);
void wiring_free(struct wiring *wiring);
const struct control *wiring_control(const struct wiring *wiring);
const struct mllp_options *wiring_mllp(const struct wiring *wiring);
const struct fhir_options *wiring_fhir(const struct wiring *wiring);
void wiring_web(struct wiring *wiring, struct web_options *out);

#endif
