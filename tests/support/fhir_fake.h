/* The FHIR edge over the fake identity, as a fixture of cmocka. */
#ifndef TESTS_SUPPORT_FHIR_FAKE_H
#define TESTS_SUPPORT_FHIR_FAKE_H

#include "tests/support/fake_identity.h"
#include "tests/support/fhir_client.h"

#define FAKE_BASE CLIENT_BASE

static inline int client_setup(void **state) {
    (void)state;
    memset(&fake, 0, sizeof fake);
    fake.state = IDENTITY_WRITER;
    client_open();
    return 0;
}

static inline int client_teardown(void **state) {
    (void)state;
    client_close();
    return 0;
}

#define client_test(function) cmocka_unit_test_setup_teardown(function, client_setup, client_teardown)

#endif
