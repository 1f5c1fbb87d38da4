/*
 * Files of messages as a stream; see mllp.h. A line is read at a time, and gathered until the next one begins another piece:
 *
 *     bytes -> next_line (CR, LF, CRLF; at most limit + 1 bytes are kept of it) -> class_of -> message, or a piece of its own
 */
#include "mllp/mllp.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "mllp/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_BYTES = 256 * 1024 };

struct mllp_file {
    int fd;
    uint64_t size;
    size_t limit;
    char *block;
    size_t filled, used;
    uint64_t read_bytes; /* of the file, up to the end of the block */
    bool ended;
    /* the line that was read last */
    struct buf line;
    uint64_t line_number, line_length;
    bool line_ended, line_waits; /* it was read and begins the next piece */
    /* the message that is being gathered */
    struct buf message;
    uint64_t message_length;
};

static bool fill(struct mllp_file *file, struct error *err) {
    ssize_t got;
    do
        got = read(file->fd, file->block, BLOCK_BYTES);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_set(err, ERROR_IO, "", "it cannot be read: %s", strerror(errno));
    file->filled = (size_t)got;
    file->used = 0;
    file->read_bytes += (uint64_t)got;
    file->ended = got == 0;
    return true;
}

/* No HL7 message is in either; without a byte order mark the zeros between ASCII letters tell. */
static const char *wide_charset(struct span head) {
    static const struct {
        const char *mark, *zeros; /* which of the first four bytes are zero */
        size_t mark_bytes;
        const char *name;
    } rows[] = {
        {"\xff\xfe\0\0", ".000", 4, "UTF-32"},
        {"\0\0\xfe\xff", "000.", 4, "UTF-32"},
        {"\xff\xfe", ".0.0", 2, "UTF-16"},
        {"\xfe\xff", "0.0.", 2, "UTF-16"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool alike = head.len >= 4;
        for (size_t at = 0; alike && at < 4; at++)
            alike = (head.ptr[at] == 0) == (rows[i].zeros[at] == '0');
        if (alike || span_starts(head, span_make(rows[i].mark, rows[i].mark_bytes)))
            return rows[i].name;
    }
    return NULL;
}

bool mllp_file_open(const char *path, size_t limit, struct mllp_file **out, struct error *err) {
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &about) != 0) {
        (void)error_set(err, ERROR_IO, "", "it cannot be read: %s", strerror(errno));
        close_fd(&fd);
        return false;
    }
    struct mllp_file *file = mem_alloc(sizeof *file);
    *file = (struct mllp_file){.fd = fd, .size = (uint64_t)about.st_size, .limit = limit, .block = mem_alloc(BLOCK_BYTES)};
    buf_init(&file->line, limit + 2);
    buf_init(&file->message, limit + 2);
    bool ok = S_ISREG(about.st_mode) || error_set(err, ERROR_TYPE, "", "it is no file that can be read again from the beginning");
    ok = ok && fill(file, err);
    struct span head = span_make(file->block, file->filled);
    const char *wide = ok ? wide_charset(head) : NULL;
    if (wide)
        ok = error_set(err, ERROR_TYPE, "", "it is in %s, which no HL7 message is; convert it (iconv -f %s -t UTF-8)", wide, wide);
    if (!ok) {
        mllp_file_close(file);
        return false;
    }
    file->used = span_starts(head, SPAN("\xef\xbb\xbf")) ? 3 : 0;
    *out = file;
    return true;
}

uint64_t mllp_file_size(const struct mllp_file *file) {
    return file->size;
}

void mllp_file_close(struct mllp_file *file) {
    if (!file)
        return;
    close_fd(&file->fd);
    buf_release(&file->line);
    buf_release(&file->message);
    mem_free(file->block);
    mem_free(file);
}

/* -- lines ------------------------------------------------------------------------------------------------------------------ */

/* The LF of a CRLF is of the line before, wherever the block ends. */
static bool skip_line_feed(struct mllp_file *file, struct error *err) {
    if (file->used == file->filled && !file->ended && !fill(file, err))
        return false;
    file->used += file->used < file->filled && file->block[file->used] == '\n';
    return true;
}

static void keep(struct buf *to, uint64_t *length, struct span bytes) {
    size_t room = to->ceiling - to->len - 1;
    *length += bytes.len;
    buf_add(to, span_sub(bytes, 0, room < bytes.len ? room : bytes.len));
}

/* *out_more false: there was none. */
static bool next_line(struct mllp_file *file, bool *out_more, struct error *err) {
    buf_clear(&file->line);
    file->line_length = 0;
    file->line_ended = false;
    *out_more = false;
    while (!file->line_ended) {
        if (file->used == file->filled && !fill(file, err))
            return false;
        if (file->ended)
            break;
        size_t end = file->used;
        while (end < file->filled && file->block[end] != '\r' && file->block[end] != '\n')
            end++;
        keep(&file->line, &file->line_length, span_make(file->block + file->used, end - file->used));
        file->used = end;
        *out_more = true;
        if (end == file->filled)
            continue;
        file->line_ended = true;
        bool carriage_return = file->block[file->used++] == '\r';
        if (carriage_return && !skip_line_feed(file, err))
            return false;
    }
    file->line_number += *out_more;
    return true;
}

/* Without block characters at its ends; after the last one of a frame nothing is missing. */
static struct span bare(struct mllp_file *file) {
    struct span line = buf_span(&file->line);
    while (line.len && (line.ptr[0] == FRAME_START || line.ptr[0] == FRAME_END))
        line = span_sub(line, 1, line.len);
    bool whole = file->line_length == file->line.len;
    while (whole && line.len && (line.ptr[line.len - 1] == FRAME_END || line.ptr[line.len - 1] == FRAME_START)) {
        file->line_ended = true;
        line.len--;
    }
    return line;
}

/* -- pieces ----------------------------------------------------------------------------------------------------------------- */

static bool is_segment(struct span line, const char *name) {
    return span_starts(line, span_of(name)) &&
           (line.len == 3 || (!(line.ptr[3] >= 'A' && line.ptr[3] <= 'Z') && !(line.ptr[3] >= '0' && line.ptr[3] <= '9')));
}

static enum mllp_piece_kind class_of(struct span line) {
    static const struct {
        const char *segment;
        enum mllp_piece_kind kind;
    } rows[] = {{"MSH", MLLP_PIECE_MESSAGE},
                {"FHS", MLLP_PIECE_FILE_BEGIN},
                {"BHS", MLLP_PIECE_BATCH_BEGIN},
                {"BTS", MLLP_PIECE_BATCH_END},
                {"FTS", MLLP_PIECE_FILE_END}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is_segment(line, rows[i].segment))
            return rows[i].kind;
    return line.len == 0 || line.ptr[0] == '#' ? MLLP_PIECE_NONE : MLLP_PIECE_STRAY;
}

/* BTS-1 and FTS-1 (HL7 2.5.1 ch.2.15.3, 2.15.7). */
static void read_count(struct span line, struct mllp_piece *out) {
    struct span value = span_sub(line, 4, line.len);
    if (line.len > 3)
        value = span_trim(span_sub(value, 0, span_find(value, line.ptr[3], 0)));
    uint64_t count;
    if (span_is_empty(value))
        return;
    out->no_count = !span_to_u64(value, &count);
    out->count = out->no_count ? UINT64_MAX : count;
}

static void begin_piece(const struct mllp_file *file, enum mllp_piece_kind kind, struct mllp_piece *out) {
    *out = (struct mllp_piece){.kind = kind, .line = file->line_number, .count = UINT64_MAX};
}

static void add_line(struct mllp_file *file, struct span line, struct mllp_piece *out) {
    file->message_length += file->line_length - file->line.len;
    keep(&file->message, &file->message_length, line);
    keep(&file->message, &file->message_length, SPAN("\r"));
    out->cut = !file->line_ended;
}

/* Segments until the next message or what stands around messages; comments and empty lines are of none. */
static bool gather(struct mllp_file *file, struct mllp_piece *out, struct error *err) {
    bool more = true;
    buf_clear(&file->message);
    file->message_length = 0;
    add_line(file, bare(file), out);
    while (!file->line_waits) {
        if (!next_line(file, &more, err))
            return false;
        if (!more)
            break;
        struct span line = bare(file);
        enum mllp_piece_kind kind = class_of(line);
        file->line_waits = kind != MLLP_PIECE_NONE && kind != MLLP_PIECE_STRAY;
        if (kind == MLLP_PIECE_STRAY) /* a segment */
            add_line(file, line, out);
        else if (kind == MLLP_PIECE_NONE)
            out->cut = false; /* something came behind the last segment, if only the end of its line */
    }
    out->text = buf_span(&file->message);
    out->length = file->message_length;
    if (out->length > file->limit)
        out->text = span_sub(out->text, 0, FRAME_KEPT_BYTES);
    return true;
}

bool mllp_file_next(struct mllp_file *file, struct mllp_piece *out, struct error *err) {
    enum mllp_piece_kind kind = MLLP_PIECE_NONE;
    *out = (struct mllp_piece){.kind = MLLP_PIECE_NONE};
    while (kind == MLLP_PIECE_NONE) {
        bool more = true;
        if (!file->line_waits && !next_line(file, &more, err))
            return false;
        file->line_waits = false;
        if (!more)
            return true;
        kind = class_of(bare(file));
    }
    begin_piece(file, kind, out);
    if (kind == MLLP_PIECE_MESSAGE && !gather(file, out, err))
        return false;
    if (kind == MLLP_PIECE_BATCH_END || kind == MLLP_PIECE_FILE_END)
        read_count(bare(file), out);
    out->end = file->read_bytes - (file->filled - file->used);
    return true;
}
