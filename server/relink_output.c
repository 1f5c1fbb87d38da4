/* The files of sosie relink --preview; see relink.h. */
#include "server/relink.h"

#include "base/cleanup.h"
#include "base/csv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FLUSH_BYTES = 1 << 20 };

bool relink_make_directory(const char *directory, struct error *err) {
    if (mkdir(directory, 0700) == 0 || errno == EEXIST)
        return true;
    return error_set(err, ERROR_IO, directory, "the directory cannot be made: %s", strerror(errno));
}

static void write_item(struct buf *out, const struct relink_item *item, bool tasks) {
    if (tasks)
        buf_addf(out, "%s,%s,", relink_act_name(item->act), task_kind_name((enum task_kind)item->task));
    buf_addf(out, "%llu,", (unsigned long long)item->record_a);
    csv_write(out, item->local_a);
    buf_addf(out, ",%llu,", (unsigned long long)item->record_b);
    csv_write(out, item->local_b);
    buf_addf(out, ",%.4f,%.4f,%.6f,%.6f,%s,%s,%s\n", item->weight_before, item->weight_after, item->posterior_before,
             item->posterior_after, relink_zone_name(item->zone_before), relink_zone_name(item->zone_after), item->rule);
}

static void flush(FILE *file, struct buf *text, size_t least) {
    if (text->len < least || !text->len)
        return;
    (void)fwrite(text->bytes, 1, text->len, file);
    buf_clear(text);
}

/* The acts of one file: bits 1 << enum relink_act. */
static bool write_acts(const char *directory, const char *name, uint32_t acts, const struct relink_preview *preview,
                       struct error *err) {
    CLEANUP(buf_release) struct buf path = {0};
    CLEANUP(buf_release) struct buf text = {0};
    bool tasks = acts >> RELINK_OPEN & 1u;
    buf_init(&path, 4096);
    buf_init(&text, 16 * FLUSH_BYTES);
    buf_addf(&path, "%s/%s", directory, name);
    FILE *file = buf_ok(&path) ? fopen(path.bytes, "wb") : NULL;
    if (!file)
        return error_set(err, ERROR_IO, directory, "%s cannot be written: %s", name, strerror(errno));
    buf_addf(&text,
             "%srecord_a,local_a,record_b,local_b,weight_before,weight_after,posterior_before,posterior_after,zone_before,"
             "zone_after,rule\n",
             tasks ? "act,task," : "");
    for (size_t i = 0; i < preview->count; i++) {
        if (acts >> preview->items[i].act & 1u)
            write_item(&text, &preview->items[i], tasks);
        flush(file, &text, FLUSH_BYTES);
    }
    flush(file, &text, 0);
    bool good = !ferror(file);
    good = fclose(file) == 0 && good;
    return good || error_set(err, ERROR_IO, directory, "%s cannot be written to its end: is the disk full?", name);
}

bool relink_write_csv(const char *directory, const struct relink_preview *preview, struct error *err) {
    return write_acts(directory, "links.csv", 1u << RELINK_LINK, preview, err) &&
           write_acts(directory, "unlinks.csv", 1u << RELINK_UNLINK, preview, err) &&
           write_acts(directory, "tasks.csv", 1u << RELINK_OPEN | 1u << RELINK_CLOSE, preview, err);
}
