/*
 * SHA-256 of a piece of text (FIPS 180-4), for what must be recognised again for ever: the hash of a model, of a resent
 * message, the links of the audit chain. For tables in memory span_hash is cheaper.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/span.h"

enum { DIGEST_BYTES = 32, DIGEST_HEX = 65 };

void digest_sha256(struct span s, unsigned char out[DIGEST_BYTES]);
void digest_sha256_hex(struct span s, char out[DIGEST_HEX]); /* lower case, NUL-terminated */

#endif
