/* SHA-256 (FIPS 180-4 examples). */
#include "base/digest.h"
#include "tests/unit/matcher_help.h"

static void test_published_digests(void **state) {
    char hex[DIGEST_HEX];
    digest_sha256_hex(SPAN("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256_hex(SPAN_ABSENT, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_published_digests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
