/* A settings line, key and value: any bytes are taken or refused with a reason; what is refused changes nothing. */
#include "base/buf.h"
#include "base/config.h"

#include <stddef.h>
#include <string.h>

struct settings {
    const char *text;
    int64_t number, size;
    bool flag;
    int choice;
};

static const struct config_row rows[] = {
    {.key = "a.text", .type = CONFIG_TEXT, .unit = "", .default_text = "", .offset = offsetof(struct settings, text), .text = "t"},
    {.key = "a.number",
     .type = CONFIG_NUMBER,
     .unit = "ms",
     .default_text = "5",
     .least = -10,
     .most = 10,
     .offset = offsetof(struct settings, number),
     .text = "n"},
    {.key = "a.size",
     .type = CONFIG_NUMBER,
     .unit = "bytes",
     .default_text = "1k",
     .least = 0,
     .most = INT64_MAX,
     .offset = offsetof(struct settings, size),
     .text = "s"},
    {.key = "a.flag",
     .type = CONFIG_BOOL,
     .unit = "",
     .default_text = "no",
     .offset = offsetof(struct settings, flag),
     .text = "f"},
    {.key = "a.choice",
     .type = CONFIG_CHOICE,
     .unit = "",
     .default_text = "x",
     .choices = "x|y|z",
     .offset = offsetof(struct settings, choice),
     .text = "c"},
};
static const struct config_table table = {rows, sizeof rows / sizeof *rows};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct settings settings = {0}, before;
    struct error err = ERROR_INIT;
    struct span value = span_make((const char *)data, size), key;
    struct buf out;
    if (size > 4096 || !span_cut(&value, '=', &key) || span_starts(value, SPAN("file:")))
        return 0;
    config_defaults(&table, &settings);
    before = settings;
    if (config_set(&table, &settings, key, value, &err))
        must(settings.number >= -10 && settings.number <= 10 && settings.size >= 0 && settings.choice >= 0 && settings.choice < 3);
    else
        must(err.text[0] && memcmp(&before, &settings, sizeof before) == 0);
    buf_init(&out, 1 << 16);
    config_write_effective(&table, &settings, &out);
    must(buf_ok(&out));
    buf_release(&out);
    return 0;
}
