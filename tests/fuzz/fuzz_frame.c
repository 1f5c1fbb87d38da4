/* Frames from any bytes. The first bytes choose the mode and the size of the pieces. */
#include "mllp/frame.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct frame_parser parser;
    if (size < 3)
        return 0;
    struct frame_options options = {.limit_bytes = (size_t)data[0] * 16 + 1, .strict = data[1] & 1, .end_in_data = data[1] & 2};
    size_t step = (size_t)data[2] + 1;
    struct span bytes = span_make((const char *)data + 3, size - 3);
    frame_init(&parser, &options);
    while (bytes.len) {
        struct span piece = span_sub(bytes, 0, step);
        bytes = span_sub(bytes, piece.len, bytes.len);
        while (piece.len) {
            enum frame_event event;
            size_t used = frame_push(&parser, piece, &event);
            if ((used == 0 && event == FRAME_MORE) || parser.message.len > options.limit_bytes)
                __builtin_trap();
            piece = span_sub(piece, used, piece.len);
            if (event == FRAME_BROKEN)
                break;
        }
    }
    frame_end(&parser);
    frame_release(&parser);
    return 0;
}
