#include "tests/unit/cmocka_all.h"

#include "base/buf.h"
#include "base/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
    const char *address;
    int64_t port;
    int64_t limit;
    bool danger;
    int oids;
    const char *url;
    const char *token;
};

static const struct config_row rows[] = {
    {.key = "mllp.address",
     .type = CONFIG_TEXT,
     .unit = "",
     .default_text = "127.0.0.1",
     .offset = offsetof(struct settings, address),
     .text = "Address to listen on."},
    {.key = "mllp.port",
     .type = CONFIG_NUMBER,
     .unit = "",
     .default_text = "2575",
     .least = 0,
     .most = 65535,
     .offset = offsetof(struct settings, port),
     .text = "Port to listen on."},
    {.key = "mllp.max_frame",
     .type = CONFIG_NUMBER,
     .unit = "bytes",
     .default_text = "16M",
     .least = 1024,
     .most = 1 << 30,
     .offset = offsetof(struct settings, limit),
     .text = "Largest frame."},
    {.key = "listen.without_tls",
     .type = CONFIG_BOOL,
     .unit = "",
     .default_text = "no",
     .offset = offsetof(struct settings, danger),
     .text = "Dangerous."},
    {.key = "ins.oids",
     .type = CONFIG_CHOICE,
     .unit = "",
     .default_text = "production",
     .choices = "production|test|both",
     .offset = offsetof(struct settings, oids),
     .text = "Which INS."},
    {.key = "database.url",
     .type = CONFIG_TEXT,
     .unit = "",
     .default_text = "",
     .offset = offsetof(struct settings, url),
     .text = "Where the data is."},
    {.key = "token",
     .type = CONFIG_TEXT,
     .unit = "secret",
     .default_text = "",
     .offset = offsetof(struct settings, token),
     .text = "A secret."},
};
static const struct config_table table = {rows, sizeof rows / sizeof *rows};

static bool set(struct settings *settings, const char *key, const char *value, struct error *err) {
    return config_set(&table, settings, span_of(key), span_of(value), err);
}

static void defaults_come_from_the_rows(void **state) {
    struct settings settings;
    config_defaults(&table, &settings);
    assert_string_equal(settings.address, "127.0.0.1");
    assert_int_equal(settings.port, 2575);
    assert_int_equal(settings.limit, 16 << 20);
    assert_false(settings.danger);
    assert_int_equal(settings.oids, 0);
}

static void values_are_checked(void **state) {
    struct settings settings;
    struct error err = ERROR_INIT;
    config_defaults(&table, &settings);
    assert_true(set(&settings, "mllp.port", "65535", &err));
    assert_false(set(&settings, "mllp.port", "65536", &err));
    assert_string_equal(err.text, "mllp.port: \"65536\" is not a number from 0 to 65535");
    assert_false(set(&settings, "mllp.port", "2k", &err)); /* suffixes are for bytes */
    assert_false(set(&settings, "mllp.port", "", &err));
    assert_int_equal(settings.port, 65535);
    assert_true(set(&settings, "mllp.max_frame", "2k", &err));
    assert_int_equal(settings.limit, 2048);
    assert_false(set(&settings, "mllp.max_frame", "9000000000G", &err));
    assert_true(set(&settings, "listen.without_tls", "TRUE", &err));
    assert_true(settings.danger);
    assert_true(set(&settings, "listen.without_tls", "off", &err));
    assert_false(settings.danger);
    assert_false(set(&settings, "listen.without_tls", "perhaps", &err));
    assert_true(set(&settings, "ins.oids", "both", &err));
    assert_int_equal(settings.oids, 2);
    assert_false(set(&settings, "ins.oids", "bot", &err));
    assert_non_null(strstr(err.text, "production|test|both"));
}

static void unknown_keys_name_the_nearest(void **state) {
    struct settings settings;
    struct error err = ERROR_INIT;
    assert_false(set(&settings, "mlpp.prot", "1", &err));
    assert_int_equal(err.code, ERROR_UNKNOWN);
    assert_string_equal(err.text, "unknown setting \"mlpp.prot\"; the nearest known one is mllp.port");
    assert_false(set(&settings, "quite.another.thing", "1", &err));
    assert_string_equal(err.text, "unknown setting \"quite.another.thing\"");
}

static char path[64];

static void write_file(const char *content) {
    snprintf(path, sizeof path, "/tmp/sosie-test-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content));
    close(fd);
}

static bool read_content(const char *content, struct settings *settings, struct error *err) {
    config_defaults(&table, settings);
    write_file(content);
    bool ok = config_read_file(&table, settings, path, err);
    unlink(path);
    return ok;
}

static void files_are_read(void **state) {
    struct settings settings;
    struct error err = ERROR_INIT;
    assert_true(read_content("# head\n\n mllp.port = 99 # why\r\nmllp.address=::1\ndatabase.url = \"a # b\"\ntoken = a#b",
                             &settings, &err));
    assert_int_equal(settings.port, 99);
    assert_string_equal(settings.address, "::1");
    assert_string_equal(settings.url, "a # b");
    assert_string_equal(settings.token, "a#b");
    assert_true(read_content("\xEF\xBB\xBFmllp.port = 98\n", &settings, &err)); /* as editors write UTF-8 */
    assert_int_equal(settings.port, 98);
}

static void wrong_files_name_the_line(void **state) {
    struct settings settings;
    struct error err = ERROR_INIT;
    assert_false(read_content("mllp.port = 1\n\nmllp.prt = 2\n", &settings, &err));
    assert_non_null(strstr(err.text, ", line 3: unknown setting \"mllp.prt\"; the nearest known one is mllp.port"));
    assert_false(read_content("mllp.port\n", &settings, &err));
    assert_non_null(strstr(err.text, ", line 1: "));
    assert_false(read_content("mllp.port = 1\nmllp.port = 2\n", &settings, &err));
    assert_int_equal(err.code, ERROR_DUPLICATE);
    assert_false(config_read_file(&table, &settings, "/nowhere.conf", &err));
    assert_non_null(strstr(err.text, "/nowhere.conf"));
}

static void secrets_come_from_files(void **state) {
    struct settings settings;
    struct error err = ERROR_INIT;
    char value[80];
    config_defaults(&table, &settings);
    write_file("s3cret\n");
    snprintf(value, sizeof value, "file:%s", path);
    assert_true(set(&settings, "token", value, &err));
    assert_string_equal(settings.token, "s3cret");
    unlink(path);
    assert_false(set(&settings, "token", value, &err));
    assert_non_null(strstr(err.text, "token: cannot read "));
}

static void the_environment_is_read(void **state) {
    struct settings settings;
    struct error err = ERROR_INIT;
    config_defaults(&table, &settings);
    char own[] = "SOSIE_CONFIG=/etc/sosie.conf";
    char home[] = "HOME=/root", port[] = "SOSIE_MLLP_PORT=7", frame[] = "SOSIE_MLLP_MAX_FRAME=4k", bad[] = "SOSIE_MLLP_PROT=8";
    char *good_environment[] = {home, port, own, frame, NULL}, *bad_environment[] = {home, bad, NULL};
    assert_true(config_read_environment(&table, &settings, good_environment, &err));
    assert_int_equal(settings.port, 7);
    assert_int_equal(settings.limit, 4096);
    assert_false(config_read_environment(&table, &settings, bad_environment, &err));
    assert_non_null(strstr(err.text, "SOSIE_MLLP_PROT"));
    assert_non_null(strstr(err.text, "mllp.port"));
}

static void the_sample_is_a_file_of_comments(void **state) {
    struct buf out;
    struct settings settings;
    struct error err = ERROR_INIT;
    buf_init(&out, 1u << 16);
    config_write_sample(&table, &out);
    assert_non_null(strstr(out.bytes, "# Largest frame. 1024 to 1073741824 bytes.\n#mllp.max_frame = 16M\n"));
    assert_non_null(strstr(out.bytes, "# Which INS. One of production|test|both.\n#ins.oids = production\n"));
    assert_true(read_content(out.bytes, &settings, &err));
    for (char *at = out.bytes; (at = strstr(at, "\n#")) != NULL; at++) {
        if (at[2] != ' ')
            memmove(at + 1, at + 2, strlen(at + 1));
    }
    assert_true(read_content(out.bytes, &settings, &err)); /* with the comment signs taken away too */
    buf_release(&out);
}

static void effective(const struct settings *settings, const char *want) {
    struct buf out;
    buf_init(&out, 1u << 16);
    config_write_effective(&table, settings, &out);
    if (!strstr(out.bytes, want))
        fail_msg("%s lacks %s", out.bytes, want);
    assert_null(strstr(out.bytes, "hidden"));
    buf_release(&out);
}

static void secrets_are_not_written(void **state) {
    struct settings settings;
    struct error err = ERROR_INIT;
    config_defaults(&table, &settings);
    effective(&settings, "mllp.address = 127.0.0.1\nmllp.port = 2575\nmllp.max_frame = 16777216\nlisten.without_tls = no\n"
                         "ins.oids = production\ndatabase.url = \ntoken = \n");
    assert_true(set(&settings, "token", "hidden", &err));
    effective(&settings, "token = ***\n");
    assert_true(set(&settings, "database.url", "postgresql://me:hidden@host:5432/db", &err));
    effective(&settings, "database.url = postgresql://me:***@host:5432/db\n");
    assert_true(set(&settings, "database.url", "host=a password=hidden dbname=b", &err));
    effective(&settings, "database.url = host=a password=*** dbname=b\n");
    assert_true(set(&settings, "database.url", "postgresql:///db?host=/run&password=hidden", &err));
    effective(&settings, "database.url = postgresql:///db?host=/run&password=***\n");
    assert_true(set(&settings, "database.url", "postgresql://me@host:5432/db", &err));
    effective(&settings, "database.url = postgresql://me@host:5432/db\n");
}

static void equal_texts_are_kept_once(void **state) {
    struct settings a, b;
    struct error err = ERROR_INIT;
    assert_true(set(&a, "token", "same", &err));
    assert_true(set(&b, "token", "same", &err));
    assert_ptr_equal(a.token, b.token);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_come_from_the_rows),   cmocka_unit_test(values_are_checked),
        cmocka_unit_test(unknown_keys_name_the_nearest), cmocka_unit_test(files_are_read),
        cmocka_unit_test(wrong_files_name_the_line),     cmocka_unit_test(secrets_come_from_files),
        cmocka_unit_test(the_environment_is_read),       cmocka_unit_test(the_sample_is_a_file_of_comments),
        cmocka_unit_test(secrets_are_not_written),       cmocka_unit_test(equal_texts_are_kept_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
