/* SHA-256 by OpenSSL; see digest.h. */
#include "base/digest.h"

#include "base/error.h"

#include <openssl/evp.h>

void digest_sha256(struct span s, unsigned char out[DIGEST_BYTES]) {
    unsigned int size = 0;
    must(EVP_Digest(s.ptr ? s.ptr : "", s.len, out, &size, EVP_sha256(), NULL) == 1);
    must(size == DIGEST_BYTES);
}

void digest_sha256_hex(struct span s, char out[DIGEST_HEX]) {
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[DIGEST_BYTES];
    digest_sha256(s, bytes);
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[DIGEST_HEX - 1] = '\0';
}
