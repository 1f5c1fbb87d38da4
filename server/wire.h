/*
 * The MLLP port as commands see it: --host, --port and --tls-* of `sosie send` and `sosie query`, by default the listener that the
 * settings name.
 */
#ifndef SERVER_WIRE_H
#define SERVER_WIRE_H

#include "base/stream.h"
#include "base/tls.h"
#include "server/cli.h"

#define WIRE_FLAGS                                                                                                                 \
    {"host", FLAG_VALUE, "NAME", "where the server listens (default: mllp.address)"},                                              \
        {"port", FLAG_VALUE, "N", "its port (default: mllp.port)"},                                                                \
        {"timeout", FLAG_VALUE, "MS", "how long to wait for an answer (default 30000)"},                                           \
        {"tls-ca", FLAG_VALUE, "FILE", "speak TLS; PEM file of the authority of the server's certificate"},                        \
        {"tls-certificate", FLAG_VALUE, "FILE", "our certificate, PEM, when the server asks for one"}, {                           \
        "tls-key", FLAG_VALUE, "FILE", "its private key"                                                                           \
    }

struct wire {
    const char *host;
    uint16_t port;
    uint32_t timeout_ms;
    struct tls_context *tls; /* NULL: plain */
};

bool wire_init(struct cli *cli, struct wire *out, struct error *err); /* after cli_settings */
void wire_release(struct wire *wire);
bool wire_connect(const struct wire *wire, struct stream **out, struct error *err);

#endif
