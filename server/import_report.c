/* The report of an import, line by line; see import_run.h. */
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/csv.h"
#include "server/cli.h"
#include "server/control.h"
#include "server/import_run.h"
#include "server/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PAGE_LINES = 2000, PATH_BYTES = 4096 };

struct report {
    FILE *out;
    struct buf text;
    const char *files; /* of the run, one a line */
};

static struct span member(const json_t *object, const char *field) {
    const json_t *value = json_object_get(object, field);
    return json_is_string(value) ? span_make(json_string_value(value), json_string_length(value)) : SPAN("");
}

static long long number(const json_t *object, const char *field) {
    return json_integer_value(json_object_get(object, field));
}

static struct span file_name(const struct report *report, long long file) {
    struct span rest = span_of(report->files), name = SPAN("");
    for (long long i = 0; i < file; i++)
        if (!span_cut(&rest, '\n', &name))
            return SPAN("");
    return name;
}

static void write_place(struct report *report, long long file, long long line) {
    csv_write(&report->text, file_name(report, file));
    buf_addf(&report->text, ",%lld,", line);
}

static void write_line(struct report *report, const json_t *line) {
    const json_t *error = json_object_get(line, "error"), *tasks = json_object_get(line, "tasks");
    struct buf *out = &report->text;
    write_place(report, number(line, "file"), number(line, "line"));
    csv_write(out, member(line, "control_id"));
    buf_add_char(out, ',');
    csv_write(out, member(line, "event"));
    buf_addf(out, ",%s,", json_string_value(json_object_get(line, "answer")));
    csv_write(out, member(error, "where"));
    buf_addf(out, ",%.*s,", SPAN_ARG(member(error, "code")));
    csv_write(out, json_is_true(json_object_get(line, "copy")) ? SPAN("a copy: it took effect before") : member(error, "text"));
    buf_add_char(out, ',');
    for (size_t i = 0; i < json_array_size(tasks); i++)
        buf_addf(out, "%s%s", i ? " " : "", json_string_value(json_array_get(tasks, i)));
    buf_add_char(out, '\n');
}

static bool flush(struct report *report) {
    size_t len = report->text.len;
    bool ok = buf_ok(&report->text) && fwrite(report->text.bytes ? report->text.bytes : "", 1, len, report->out) == len;
    buf_clear(&report->text);
    return ok;
}

static bool write_page(struct control_line *line, struct report *report, const json_t *request, struct arena *arena,
                       long long *io_after, bool *out_more, struct error *err) {
    json_t *answer;
    if (!control_ask(line, request, arena, &answer, err))
        return false;
    const json_t *lines = json_object_get(answer, "lines");
    size_t count = json_array_size(lines);
    for (size_t i = 0; i < count; i++)
        write_line(report, json_array_get(lines, i));
    *out_more = count > 0;
    if (count)
        *io_after = number(json_array_get(lines, count - 1), "number");
    return flush(report) || error_set(err, ERROR_IO, "--report", "it cannot be written: %s", strerror(errno));
}

static bool write_lines(struct control_line *line, struct report *report, long long run, struct span author, struct error *err) {
    long long after = 0;
    bool ok = true, more = true;
    while (ok && more) {
        struct arena *arena = arena_new((size_t)256 << 20);
        json_t *request = json_pack("{s:s, s:I, s:I, s:i}", "do", "import-lines", "import", (json_int_t)run, "after",
                                    (json_int_t)after, "most", PAGE_LINES);
        answer_add(request, "author", answer_text(author));
        ok = write_page(line, report, request, arena, &after, &more, err);
        json_decref(request);
        arena_free(arena);
    }
    return ok;
}

static void write_findings(struct report *report, struct span findings) {
    struct span line, file, place;
    uint64_t file_number, line_number;
    while (span_cut(&findings, '\n', &line)) {
        if (!span_cut(&line, '\t', &file) || !span_cut(&line, '\t', &place) || !span_to_u64(file, &file_number) ||
            !span_to_u64(place, &line_number))
            continue;
        write_place(report, (long long)file_number, (long long)line_number);
        buf_add_cstr(&report->text, ",,,,batch,");
        csv_write(&report->text, line);
        buf_add_cstr(&report->text, ",\n");
    }
}

static bool write_all(struct control_line *line, const json_t *run, struct span author, struct report *report, struct error *err) {
    buf_add_cstr(&report->text, "file,line,control_id,event,answer,place,code,text,tasks\n");
    if (!write_lines(line, report, number(run, "id"), author, err))
        return false;
    write_findings(report, member(run, "findings"));
    bool ok = flush(report) && fflush(report->out) == 0 && fsync(fileno(report->out)) == 0;
    return ok || error_set(err, ERROR_IO, "--report", "it cannot be written: %s", strerror(errno));
}

bool import_report(struct control_line *line, const json_t *run, struct span author, const char *path, struct error *err) {
    CLEANUP(buf_release) struct buf beside = {0};
    struct report report = {.files = json_string_value(json_object_get(run, "files"))};
    if (!cli_may_replace(path, "--report", err))
        return false;
    buf_init(&beside, PATH_BYTES);
    buf_init(&report.text, (size_t)64 << 20);
    buf_addf(&beside, "%s.%ld", path, (long)getpid());
    int fd = buf_ok(&beside) ? open(beside.bytes, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    report.out = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (!report.out)
        return error_set(err, ERROR_IO, "--report", "%.200s cannot be written: %s", path, strerror(errno));
    bool ok = write_all(line, run, author, &report, err);
    if (fclose(report.out) != 0 && ok)
        ok = error_set(err, ERROR_IO, "--report", "it cannot be written: %s", strerror(errno));
    if (ok && rename(beside.bytes, path) != 0)
        ok = error_set(err, ERROR_IO, "--report", "%.200s cannot be put there: %s", path, strerror(errno));
    if (!ok)
        (void)unlink(beside.bytes);
    buf_release(&report.text);
    return ok;
}
