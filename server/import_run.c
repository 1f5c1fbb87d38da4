/* Reading files of messages and bringing them, slice by slice; see import_run.h. */
#include "server/import_run.h"

#include "base/arena.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "mllp/mllp.h"
#include "server/control.h"
#include "server/verbs.h"

#include <string.h>

enum {
    SLICE_MESSAGES = 256,
    SLICE_BYTES = 1 << 20,
    SLICE_ARENA = 256 << 20,
    FINDINGS_MOST = 1000,
    FINDINGS_BYTES = 1 << 20,
    PATIENCE_MS = 5 * 60 * 1000,
    PAUSE_MS = 500,
    SHOW_EVERY_MS = 100
};

/* What stands around the messages of a file, as far as it was read. */
struct envelope {
    bool file_begun, file_ended, batch_begun;
    uint64_t batches, in_batch, messages;
};

struct slice {
    struct arena *arena;
    json_t *messages;
    size_t bytes;
};

struct reading {
    struct import_bring *bring;
    struct slice slice;
    struct envelope around;
    uint32_t file;         /* from 1 */
    uint64_t bytes_before; /* of the files before this one */
    int64_t mark;
    uint64_t skipped;  /* messages that the server had before, read over */
    uint64_t shown_ns; /* when progress was shown last */
    uint64_t unlisted; /* findings of this file beyond those that are kept */
};

bool import_measure(const char *const *paths, size_t count, uint64_t *out_bytes, struct error *err) {
    *out_bytes = 0;
    for (size_t i = 0; i < count; i++) {
        struct mllp_file *file;
        if (!mllp_file_open(paths[i], 1024, &file, err))
            return error_prefix(err, "%.200s", paths[i]);
        *out_bytes += mllp_file_size(file);
        mllp_file_close(file);
    }
    return true;
}

void import_bring_release(struct import_bring *bring) {
    buf_release(&bring->findings);
}

/* -- findings --------------------------------------------------------------------------------------------------------------- */

static void keep_finding(struct reading *reading, uint64_t line, const char *text) {
    buf_addf(&reading->bring->findings, "%u\t%llu\t%s\n", reading->file, (unsigned long long)line, text);
}

static void find(struct reading *reading, uint64_t line, const char *text) {
    if (reading->bring->finding_count++ < FINDINGS_MOST)
        keep_finding(reading, line, text);
    else
        reading->unlisted++;
}

/* About the whole file: however much was found in it before. */
static void find_at_end(struct reading *reading, uint64_t line, const char *text) {
    reading->bring->finding_count++;
    keep_finding(reading, line, text);
}

/* BTS-1 and FTS-1 may be empty; else they are the number of what is there (HL7 2.5.1 ch.2.15.3, 2.15.7). */
static void find_count(struct reading *reading, const struct mllp_piece *piece, const char *field, const char *of_what,
                       uint64_t there) {
    char text[160];
    (void)snprintf(text, sizeof text, "the number of %s is %llu, %s says %llu", of_what, (unsigned long long)there, field,
                   (unsigned long long)piece->count);
    if (piece->no_count)
        (void)snprintf(text, sizeof text, "the number of %s is %llu, %s says no number", of_what, (unsigned long long)there, field);
    if (piece->no_count || (piece->count != UINT64_MAX && piece->count != there))
        find(reading, piece->line, text);
}

static void end_batch(struct reading *reading, const struct mllp_piece *piece) {
    struct envelope *around = &reading->around;
    if (!around->batch_begun)
        find(reading, piece->line, "a batch ends (BTS) that did not begin (BHS)");
    find_count(reading, piece, "BTS-1", "messages", around->in_batch);
    around->batch_begun = false;
    around->in_batch = 0;
}

static void look_around(struct reading *reading, const struct mllp_piece *piece) {
    struct envelope *around = &reading->around;
    if (around->file_ended && piece->kind != MLLP_PIECE_FILE_BEGIN)
        find(reading, piece->line, "something follows the end of the file (FTS)");
    switch (piece->kind) {
    case MLLP_PIECE_FILE_BEGIN:
        if (around->file_begun && !around->file_ended)
            find(reading, piece->line, "another file begins (FHS) before the end of this one (FTS)");
        *around = (struct envelope){.file_begun = true, .messages = around->messages};
        break;
    case MLLP_PIECE_BATCH_BEGIN:
        if (around->batch_begun)
            find(reading, piece->line, "another batch begins (BHS) before the end of this one (BTS)");
        around->batch_begun = true;
        around->in_batch = 0;
        around->batches++;
        break;
    case MLLP_PIECE_BATCH_END:
        end_batch(reading, piece);
        break;
    case MLLP_PIECE_FILE_END:
        if (!around->file_begun)
            find(reading, piece->line, "a file ends (FTS) that did not begin (FHS)");
        find_count(reading, piece, "FTS-1", "batches", around->batches ? around->batches : around->messages > 0);
        around->file_ended = true;
        break;
    case MLLP_PIECE_STRAY:
        find(reading, piece->line, "a line that is of no message");
        break;
    case MLLP_PIECE_MESSAGE:
        around->in_batch++;
        around->messages++;
        break;
    case MLLP_PIECE_NONE:
        break;
    }
}

/* The file has no more lines: was it all of it? */
static void look_back(struct reading *reading, uint64_t line) {
    const struct envelope *around = &reading->around;
    char more[80];
    (void)snprintf(more, sizeof more, "%llu more like these are not listed", (unsigned long long)reading->unlisted);
    if (reading->unlisted)
        keep_finding(reading, line, more);
    reading->unlisted = 0;
    if (!around->messages)
        find_at_end(reading, line, "the file holds no HL7 message: each begins with MSH");
    if (around->batch_begun)
        find_at_end(reading, line, "the last batch has no end (BTS): the file may have been cut");
    else if (around->file_begun && !around->file_ended)
        find_at_end(reading, line, "the file has no end (FTS): it may have been cut");
}

/* -- slices ----------------------------------------------------------------------------------------------------------------- */

static void clear_slice(struct slice *slice) {
    json_decref(slice->messages);
    arena_reset(slice->arena);
    slice->messages = json_array();
    slice->bytes = 0;
}

/* A server that is there but cannot keep anything now, because its database is away, say, may do so soon. */
static bool may_come_back(const struct error *err) {
    return (err->code == ERROR_UNAVAILABLE || err->code == ERROR_TIMEOUT) && strcmp(err->where, "control.socket") != 0;
}

static bool ask_slice(struct import_bring *bring, const json_t *request, struct arena *arena, struct error *err) {
    json_t *answer;
    if (!control_ask(bring->line, request, arena, &answer, err))
        return false;
    bring->done = (uint64_t)json_integer_value(json_object_get(answer, "done"));
    return true;
}

static bool send_slice(struct reading *reading, struct error *err) {
    struct import_bring *bring = reading->bring;
    struct slice *slice = &reading->slice;
    if (!json_array_size(slice->messages))
        return true;
    json_t *request =
        json_pack("{s:s, s:I, s:O}", "do", "import-slice", "import", (json_int_t)bring->run, "messages", slice->messages);
    answer_add(request, "charset", answer_text(bring->charset));
    uint64_t before = bring->done, until_ns = clock_deadline(PATIENCE_MS);
    bool ok = true;
    for (;;) {
        struct error why = ERROR_INIT;
        ok = ask_slice(bring, request, slice->arena, &why);
        if (ok && bring->done >= bring->number)
            break;
        if (ok)
            (void)error_set(&why, ERROR_UNAVAILABLE, "import", "the server cannot keep messages now; its log says why");
        ok = may_come_back(&why) && clock_left_ms(until_ns) > 0 && !*bring->stop;
        if (!ok) {
            *err = why;
            break;
        }
        clock_sleep_ms(PAUSE_MS);
    }
    json_decref(request);
    bring->brought += bring->done - before;
    clear_slice(slice);
    return ok;
}

/* -- messages --------------------------------------------------------------------------------------------------------------- */

/* It tells the messages up to this one from others: a resumed run compares it with that of the last one it brought. */
static int64_t mark_after(int64_t before, const struct mllp_piece *piece, struct arena *arena) {
    unsigned char own[DIGEST_BYTES], all[DIGEST_BYTES];
    int64_t mark;
    digest_sha256(piece->text, own);
    char *text = arena_alloc(arena, sizeof before + sizeof piece->length + 1 + sizeof own);
    size_t at = 0;
    memcpy(text, &before, sizeof before);
    at += sizeof before;
    memcpy(text + at, &piece->length, sizeof piece->length);
    at += sizeof piece->length;
    text[at++] = piece->cut ? 1 : 0;
    memcpy(text + at, own, sizeof own);
    digest_sha256(span_make(text, at + sizeof own), all);
    memcpy(&mark, all, sizeof mark);
    return mark;
}

static json_t *json_message(const struct reading *reading, const struct mllp_piece *piece) {
    struct span text = base64_write(piece->text, reading->slice.arena);
    json_t *json =
        json_pack("{s:I, s:I, s:I, s:I, s:o}", "number", (json_int_t)reading->bring->number, "file", (json_int_t)reading->file,
                  "line", (json_int_t)piece->line, "mark", (json_int_t)reading->mark, "message", json_stringn(text.ptr, text.len));
    if (piece->length > piece->text.len)
        answer_add(json, "length", json_integer((json_int_t)piece->length));
    if (piece->cut)
        answer_add(json, "cut", json_true());
    return json;
}

static bool check_mark(const struct reading *reading, struct error *err) {
    const struct import_bring *bring = reading->bring;
    return bring->number != bring->done || reading->mark == bring->mark ||
           error_set(err, ERROR_RULE, "import",
                     "messages 1 to %llu are not those that import %llu brought: the files changed since; "
                     "--anew begins another import, which knows copies when it sees them",
                     (unsigned long long)bring->done, (unsigned long long)bring->run);
}

static bool take_message(struct reading *reading, const struct mllp_piece *piece, struct error *err) {
    struct import_bring *bring = reading->bring;
    struct slice *slice = &reading->slice;
    bool full =
        json_array_size(slice->messages) == SLICE_MESSAGES || (slice->bytes && slice->bytes + piece->text.len > SLICE_BYTES);
    if (full && bring->line && !send_slice(reading, err))
        return false;
    bring->number++;
    reading->mark = mark_after(reading->mark, piece, slice->arena);
    if (bring->number <= reading->skipped || !bring->line) {
        arena_reset(slice->arena);
        return bring->number != reading->skipped || check_mark(reading, err);
    }
    json_array_append_new(slice->messages, json_message(reading, piece));
    slice->bytes += piece->text.len;
    return true;
}

/* -- files ------------------------------------------------------------------------------------------------------------------ */

static void show_progress(struct reading *reading, uint64_t at) {
    uint64_t now_ns = clock_mono_ns();
    if (!reading->bring->progress || now_ns < reading->shown_ns + (uint64_t)SHOW_EVERY_MS * 1000000)
        return;
    reading->shown_ns = now_ns;
    progress_show(reading->bring->progress, (reading->bytes_before + at) >> 10);
}

static bool read_pieces(struct reading *reading, struct mllp_file *file, struct error *err) {
    struct import_bring *bring = reading->bring;
    struct mllp_piece piece;
    uint64_t line = 1;
    for (;;) {
        if (*bring->stop) {
            bring->stopped = true;
            return true;
        }
        if (!mllp_file_next(file, &piece, err))
            return false;
        if (piece.kind == MLLP_PIECE_NONE)
            break;
        line = piece.line;
        look_around(reading, &piece);
        if (piece.kind == MLLP_PIECE_MESSAGE && !take_message(reading, &piece, err))
            return false;
        show_progress(reading, piece.end);
    }
    look_back(reading, line);
    return true;
}

static bool read_file(struct reading *reading, struct error *err) {
    struct import_bring *bring = reading->bring;
    struct mllp_file *file;
    const char *path = bring->paths[reading->file - 1];
    if (!mllp_file_open(path, bring->limit, &file, err))
        return error_prefix(err, "%.200s", path);
    reading->around = (struct envelope){0};
    bool ok = read_pieces(reading, file, err);
    reading->bytes_before += mllp_file_size(file);
    mllp_file_close(file);
    return ok;
}

bool import_bring(struct import_bring *bring, struct error *err) {
    struct reading reading = {.bring = bring, .skipped = bring->done};
    reading.slice = (struct slice){.arena = arena_new(SLICE_ARENA), .messages = json_array()};
    buf_init(&bring->findings, FINDINGS_BYTES);
    bool ok = true;
    for (reading.file = 1; ok && !bring->stopped && reading.file <= bring->path_count; reading.file++)
        ok = read_file(&reading, err);
    if (ok && bring->line)
        ok = send_slice(&reading, err);
    if (ok && !bring->stopped && bring->number < reading.skipped)
        ok = error_set(err, ERROR_RULE, "import",
                       "import %llu brought messages 1 to %llu, and message %llu is the last one now: the files changed since",
                       (unsigned long long)bring->run, (unsigned long long)reading.skipped, (unsigned long long)bring->number);
    json_decref(reading.slice.messages);
    arena_free(reading.slice.arena);
    return ok;
}
