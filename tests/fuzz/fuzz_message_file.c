/* Files of messages: any bytes give pieces that lie one after the other and cover no more than the file. */
#include "base/arena.h"
#include "mllp/mllp.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { LIMIT = 512 };
    char path[64];
    struct mllp_file *file;
    struct error err = ERROR_INIT;
    int fd = memfd_create("messages", MFD_CLOEXEC);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (mllp_file_open(path, LIMIT, &file, &err)) {
        struct mllp_piece piece;
        uint64_t end = 0, line = 0;
        must(mllp_file_size(file) == size);
        while (mllp_file_next(file, &piece, &err) && piece.kind != MLLP_PIECE_NONE) {
            must(piece.line > line && piece.end >= end && piece.end <= size); /* what begins the next one may be read already */
            must(piece.text.len <= LIMIT + 1 && piece.length >= piece.text.len);
            must(piece.kind != MLLP_PIECE_MESSAGE || span_starts(piece.text, SPAN("MSH")));
            line = piece.line;
            end = piece.end;
        }
        mllp_file_close(file);
    } else {
        must(err.code != ERROR_NONE && err.text[0]);
    }
    (void)close(fd);
    return 0;
}
