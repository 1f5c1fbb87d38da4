/* The MLLP port as commands see it; see wire.h. */
#include "server/wire.h"

#include "base/clock.h"

#include <string.h>

enum { CONNECT_TIMEOUT_MS = 5000 };

static const char *flag_text(struct cli *cli, const char *flag) {
    struct span value = args_value(&cli->args, flag);
    return span_is_empty(value) ? NULL : span_cstr(value, cli->arena);
}

/* An address to listen on everywhere is none to connect to. */
static const char *reachable(const char *address) {
    if (strcmp(address, "0.0.0.0") == 0)
        return "127.0.0.1";
    return strcmp(address, "::") == 0 ? "::1" : address;
}

static bool init_tls(struct cli *cli, struct wire *wire, struct error *err) {
    const char *ca = flag_text(cli, "tls-ca"), *certificate = flag_text(cli, "tls-certificate"), *key = flag_text(cli, "tls-key");
    if (ca)
        return tls_client_new(ca, certificate, key, &wire->tls, err);
    if (certificate || key)
        return error_set(err, ERROR_MISSING, cli->args.command->name,
                         "--tls-certificate and --tls-key need --tls-ca too: the authority of the server's certificate");
    if (!args_has(&cli->args, "host") && *cli->settings.mllp_tls_certificate)
        return error_set(err, ERROR_MISSING, cli->args.command->name,
                         "the listener speaks TLS (mllp.tls.certificate): name the authority of its certificate with --tls-ca");
    return true;
}

bool wire_init(struct cli *cli, struct wire *out, struct error *err) {
    uint64_t port, timeout_ms;
    const char *host = flag_text(cli, "host");
    if (!args_number(&cli->args, "port", 1, 65535, (uint64_t)cli->settings.mllp_port, &port, err) ||
        !args_number(&cli->args, "timeout", 1, 3600000, 30000, &timeout_ms, err))
        return false;
    if (port == 0)
        return error_set(err, ERROR_MISSING, "mllp.port",
                         "0 means any free port: say with --port which one the server took (its log knows)");
    struct wire wire = {
        .host = host ? host : reachable(cli->settings.mllp_address), .port = (uint16_t)port, .timeout_ms = (uint32_t)timeout_ms};
    if (!init_tls(cli, &wire, err))
        return false;
    *out = wire;
    return true;
}

void wire_release(struct wire *wire) {
    tls_context_free(wire->tls);
    wire->tls = NULL;
}

bool wire_connect(const struct wire *wire, struct stream **out, struct error *err) {
    struct stream *plain;
    if (!stream_connect(wire->host, wire->port, CONNECT_TIMEOUT_MS, &plain, err))
        return error_prefix(err, "no answer at %s port %u (is the server up? sosie status tells)", wire->host, wire->port);
    if (!wire->tls) {
        *out = plain;
        return true;
    }
    return tls_connect(wire->tls, plain, wire->host, clock_deadline(CONNECT_TIMEOUT_MS), out, err);
}
