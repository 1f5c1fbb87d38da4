#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "base/stream.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct pair {
    struct stream *near, *far;
};

/* Two ends of one TCP connection on loopback. */
static struct pair pair_make(const char *address) {
    int listen_fd = -1;
    struct pair pair = {NULL, NULL};
    struct error err = ERROR_INIT;
    assert_true(stream_listen(address, 0, 4, &listen_fd, &err));
    assert_true(stream_connect(address, stream_listen_port(listen_fd), 5000, &pair.near, &err));
    pair.far = stream_from_fd(accept(listen_fd, NULL, NULL));
    close(listen_fd);
    return pair;
}

static void pair_free(struct pair *pair) {
    stream_free(pair->near);
    stream_free(pair->far);
}

static void bytes_cross(void **state) {
    struct pair pair = pair_make("127.0.0.1");
    struct error err = ERROR_INIT;
    char got[16];
    assert_true(stream_write(pair.near, SPAN("hello"), clock_deadline(5000), &err));
    assert_int_equal(stream_read(pair.far, got, sizeof got, clock_deadline(5000), &err), 5);
    assert_memory_equal(got, "hello", 5);
    assert_true(stream_peer_is_loopback(pair.far));
    assert_true(span_starts(stream_peer_address(pair.far), SPAN("127.0.0.1:")));
    assert_span(stream_peer_subject(pair.far), "");
    pair_free(&pair);
}

static void the_end_reads_as_zero(void **state) {
    struct pair pair = pair_make("127.0.0.1");
    struct error err = ERROR_INIT;
    char got[16];
    assert_true(stream_write(pair.near, SPAN("x"), 0, &err));
    stream_free(pair.near);
    assert_int_equal(stream_read(pair.far, got, sizeof got, 0, &err), 1);
    assert_int_equal(stream_read(pair.far, got, sizeof got, 0, &err), 0);
    stream_free(pair.far);
    stream_free(NULL);
}

/* A descriptor that becomes readable ends the wait for bytes; what there is to write still goes out. */
static void a_stop_ends_the_wait_for_bytes(void **state) {
    struct pair pair = pair_make("127.0.0.1");
    struct error err = ERROR_INIT;
    char got[16];
    int stop[2];
    assert_int_equal(pipe(stop), 0);
    stream_stop_by(pair.far, stop[0]);
    assert_true(stream_write(pair.near, SPAN("x"), 0, &err));
    assert_int_equal(stream_read(pair.far, got, sizeof got, clock_deadline(5000), &err), 1);
    assert_int_equal(write(stop[1], "x", 1), 1);
    assert_int_equal(stream_read(pair.far, got, sizeof got, 0, &err), -1);
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_true(stream_write(pair.far, SPAN("y"), clock_deadline(5000), &err));
    assert_int_equal(stream_read(pair.near, got, sizeof got, clock_deadline(5000), &err), 1);
    close(stop[0]);
    close(stop[1]);
    pair_free(&pair);
}

static void a_silent_peer_is_a_timeout(void **state) {
    struct pair pair = pair_make("127.0.0.1");
    struct error err = ERROR_INIT;
    char got[16];
    assert_int_equal(stream_read(pair.far, got, sizeof got, clock_deadline(20), &err), -1);
    assert_int_equal(err.code, ERROR_TIMEOUT);
    pair_free(&pair);
}

static void a_peer_that_does_not_read_is_a_timeout(void **state) {
    struct pair pair = pair_make("127.0.0.1");
    struct error err = ERROR_INIT;
    size_t size = 32u << 20;
    char *bytes = calloc(1, size);
    assert_false(stream_write(pair.near, span_make(bytes, size), clock_deadline(50), &err));
    assert_int_equal(err.code, ERROR_TIMEOUT);
    free(bytes);
    pair_free(&pair);
}

static void writing_to_a_closed_peer_is_an_error(void **state) {
    struct pair pair = pair_make("127.0.0.1");
    struct error err = ERROR_INIT;
    stream_free(pair.far);
    bool ok = true;
    for (int i = 0; i < 100 && ok; i++) {
        ok = stream_write(pair.near, SPAN("x"), clock_deadline(1000), &err);
        clock_sleep_ms(1);
    }
    assert_false(ok);
    assert_int_equal(err.code, ERROR_IO);
    stream_free(pair.near);
}

enum { MANY_BYTES = 4 << 20 };

static void *write_many(void *near) {
    char *bytes = malloc(MANY_BYTES);
    for (size_t i = 0; i < MANY_BYTES; i++)
        bytes[i] = (char)(i * 31 >> 3);
    struct error err = ERROR_INIT;
    bool ok = stream_write(near, span_make(bytes, MANY_BYTES), clock_deadline(30000), &err);
    free(bytes);
    return ok ? near : NULL;
}

static void many_bytes_cross_whole(void **state) {
    struct pair pair = pair_make("127.0.0.1");
    struct error err = ERROR_INIT;
    pthread_t writer;
    pthread_create(&writer, NULL, write_many, pair.near);
    char chunk[10000];
    for (size_t at = 0; at < MANY_BYTES;) {
        int64_t got = stream_read(pair.far, chunk, sizeof chunk, clock_deadline(30000), &err);
        assert_true(got > 0);
        for (size_t i = 0; i < (size_t)got; i++, at++)
            assert_true(chunk[i] == (char)(at * 31 >> 3));
    }
    void *ok = NULL;
    pthread_join(writer, &ok);
    assert_non_null(ok);
    pair_free(&pair);
}

static void a_taken_port_is_named(void **state) {
    int first = -1, second = -1;
    struct error err = ERROR_INIT;
    assert_true(stream_listen("127.0.0.1", 0, 4, &first, &err));
    uint16_t port = stream_listen_port(first);
    assert_false(stream_listen("127.0.0.1", port, 4, &second, &err));
    char want[64];
    snprintf(want, sizeof want, "port %u of 127.0.0.1 is taken", port);
    assert_non_null(strstr(err.text, want));
    assert_int_equal(second, -1);
    close(first);
}

static void nobody_there_is_unavailable(void **state) {
    int listen_fd = -1;
    struct stream *stream = NULL;
    struct error err = ERROR_INIT;
    assert_true(stream_listen("localhost", 0, 4, &listen_fd, &err));
    uint16_t port = stream_listen_port(listen_fd);
    close(listen_fd);
    assert_false(stream_connect("127.0.0.1", port, 5000, &stream, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_false(stream_connect("no.such.host.invalid", 80, 5000, &stream, &err));
    assert_int_equal(err.code, ERROR_UNKNOWN);
    assert_null(stream);
}

static void unix_sockets_are_private_and_replace_the_dead(void **state) {
    char folder[] = "/tmp/sosie-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/s", folder);
    struct error err = ERROR_INIT;
    int fd = -1, other = -1;
    assert_true(stream_listen_unix(path, &fd, &err));
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_false(stream_listen_unix(path, &other, &err)); /* alive */
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    struct stream *near = NULL;
    assert_true(stream_connect_unix(path, &near, &err));
    assert_true(stream_peer_is_loopback(near));
    assert_span(stream_peer_address(near), "unix");
    stream_free(near);
    close(fd); /* the file stays, dead */
    assert_false(stream_connect_unix(path, &near, &err));
    assert_true(stream_listen_unix(path, &fd, &err));
    close(fd);
    unlink(path);
    rmdir(folder);
}

static void a_long_unix_path_is_refused(void **state) {
    char path[200];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    struct error err = ERROR_INIT;
    int fd = -1;
    assert_false(stream_listen_unix(path, &fd, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_cross),
        cmocka_unit_test(the_end_reads_as_zero),
        cmocka_unit_test(a_stop_ends_the_wait_for_bytes),
        cmocka_unit_test(a_silent_peer_is_a_timeout),
        cmocka_unit_test(a_peer_that_does_not_read_is_a_timeout),
        cmocka_unit_test(writing_to_a_closed_peer_is_an_error),
        cmocka_unit_test(many_bytes_cross_whole),
        cmocka_unit_test(a_taken_port_is_named),
        cmocka_unit_test(nobody_there_is_unavailable),
        cmocka_unit_test(unix_sockets_are_private_and_replace_the_dead),
        cmocka_unit_test(a_long_unix_path_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
