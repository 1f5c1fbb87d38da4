/* Any split of the byte stream gives the same frames (hl7v2.md 1.1). The seed of a failing run is printed; SOSIE_SEED repeats it.
 */
#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/rand.h"
#include "mllp/frame.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 3000, MOST_BYTES = 400 };

static uint64_t seed;

/* Bytes in which everything that means something to frames is frequent. */
static size_t make_bytes(struct rng *rng, char *out) {
    static const char alphabet[] = "\x0b\x1c\r\n MSH|^\0\xef\xbb\xbfxyz\x0b\x1c\r\x0bMSH";
    size_t len = rng_below(rng, MOST_BYTES);
    for (size_t i = 0; i < len; i++)
        out[i] = alphabet[rng_below(rng, sizeof alphabet - 1)];
    return len;
}

/* Writes what the parser makes of the bytes, cut into pieces of at most `most` bytes. */
static void run(struct rng *rng, struct span bytes, uint32_t most, const struct frame_options *options, struct buf *out) {
    struct frame_parser parser;
    frame_init(&parser, options);
    while (bytes.len) {
        struct span piece = span_sub(bytes, 0, most == UINT32_MAX ? bytes.len : 1 + rng_below(rng, most));
        bytes = span_sub(bytes, piece.len, bytes.len);
        while (piece.len) {
            enum frame_event event;
            piece = span_sub(piece, frame_push(&parser, piece, &event), piece.len);
            if (event == FRAME_MORE)
                continue;
            buf_addf(out, "<%d ", (int)event);
            if (event == FRAME_MESSAGE || event == FRAME_TOO_LONG)
                buf_add(out, buf_span(&parser.message));
            if (event == FRAME_TOO_LONG)
                buf_addf(out, " %llu %llx", (unsigned long long)parser.length, (unsigned long long)parser.hash);
        }
    }
    buf_addf(out, "junk %llu ", (unsigned long long)parser.junk);
    if (frame_end(&parser))
        buf_add(out, buf_span(&parser.message));
    frame_release(&parser);
}

static void any_split_gives_the_same_frames(void **state) {
    struct rng rng;
    char bytes[MOST_BYTES];
    struct buf whole, cut;
    rng_init(&rng, seed);
    buf_init(&whole, 1 << 16);
    buf_init(&cut, 1 << 16);
    for (int round = 0; round < ROUNDS; round++) {
        struct span made = span_make(bytes, make_bytes(&rng, bytes));
        struct frame_options options = {
            .limit_bytes = 1 + rng_below(&rng, 60), .strict = rng_chance(&rng, 0.2), .end_in_data = rng_chance(&rng, 0.3)};
        buf_clear(&whole);
        buf_clear(&cut);
        run(&rng, made, UINT32_MAX, &options, &whole);
        run(&rng, made, 1 + rng_below(&rng, 20), &options, &cut);
        if (!span_eq(buf_span(&whole), buf_span(&cut)))
            fail_msg("seed %llu round %d", (unsigned long long)seed, round);
    }
    buf_release(&whole);
    buf_release(&cut);
}

/* What stands between frame_write_start and frame_write_end, the parser reads; content without block characters passes unchanged.
 */
static void a_written_frame_is_read(void **state) {
    struct rng rng;
    rng_init(&rng, seed);
    for (int round = 0; round < ROUNDS; round++) {
        char bytes[MOST_BYTES];
        size_t len = make_bytes(&rng, bytes);
        for (size_t i = 0; i < len; i++)
            bytes[i] = bytes[i] == FRAME_START || bytes[i] == FRAME_END ? 'x' : bytes[i];
        struct frame_parser parser;
        struct buf wire;
        enum frame_event event;
        buf_init(&wire, 2 * MOST_BYTES);
        frame_init(&parser, &(struct frame_options){.limit_bytes = MOST_BYTES});
        frame_write_start(&wire);
        buf_add_bytes(&wire, bytes, len);
        frame_write_end(&wire);
        frame_push(&parser, buf_span(&wire), &event);
        assert_int_equal(event, FRAME_MESSAGE);
        assert_true(span_eq(buf_span(&parser.message), span_make(bytes, len)));
        frame_release(&parser);
        buf_release(&wire);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_split_gives_the_same_frames),
        cmocka_unit_test(a_written_frame_is_read),
    };
    const char *given = getenv("SOSIE_SEED");
    if (!given || !span_to_u64(span_of(given), &seed))
        seed = (uint64_t)clock_now_us();
    printf("seed %llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
