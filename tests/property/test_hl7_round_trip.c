/* A message that was written and is read has the values that were written; escapes are undone to what was escaped; and what was
 * read, written again, reads the same (HL7 2.5.1 ch.2.5, ch.2.7). SOSIE_SEED repeats a run. */
#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/rand.h"
#include "mllp/hl7_escape.h"
#include "mllp/hl7_types.h"
#include "mllp/hl7_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 1500, MOST_FIELDS = 12, MOST_REPETITIONS = 3, MOST_PARTS = 5 };

static uint64_t seed;

static struct span make_text(struct rng *rng, struct arena *arena) {
    static const char *const pieces[] = {"A",  "b",  "7",     "|",    "^",        "~",
                                         "\\", "&",  "\r",    "\n",   "\xc3\xa9", "\xe2\x82\xac",
                                         " x", "\"", "\\F\\", "\x0b", "\x1c",     "X0D"};
    struct buf text;
    buf_init(&text, 1000);
    for (uint32_t i = rng_below(rng, 8); i > 0; i--)
        buf_add_cstr(&text, pieces[rng_below(rng, sizeof pieces / sizeof pieces[0])]);
    struct span made = buf_copy(&text, arena);
    buf_release(&text);
    return made;
}

struct value {
    size_t field, repetition, component, subcomponent;
    struct span text;
};

/* Writes random values at rising places; returns how many. */
static size_t write_values(struct rng *rng, struct hl7_writer *writer, struct arena *arena, struct value *values) {
    size_t count = 0;
    for (size_t field = 1; field <= MOST_FIELDS; field++) {
        if (rng_chance(rng, 0.4))
            continue;
        hl7_at(writer, field);
        for (size_t repetition = 1; repetition <= MOST_REPETITIONS; repetition++) {
            if (repetition > 1)
                hl7_repeat(writer);
            for (size_t component = 1; component <= MOST_PARTS; component++) {
                for (size_t sub = 1; sub <= MOST_PARTS; sub++) {
                    if (!rng_chance(rng, 0.2))
                        continue;
                    struct span text = make_text(rng, arena);
                    hl7_sub(writer, component, sub, text);
                    values[count++] = (struct value){field, repetition, component, sub, text};
                }
            }
        }
    }
    return count;
}

static struct span read_value(const struct hl7_message *message, const struct hl7_segment *segment, const struct value *at) {
    struct span repetition = hl7_repetition(message, hl7_field(segment, at->field), at->repetition);
    return hl7_text_exact(message, hl7_subcomponent(message, hl7_component(message, repetition, at->component), at->subcomponent));
}

static const struct hl7_delimiters delimiter_sets[] = {
    {'|', '^', '~', '\\', '&'}, {'$', '%', '*', '!', '@'}, {'&', '|', '\\', '^', '~'}};

static void what_was_written_is_read(void **state) {
    static struct value values[MOST_FIELDS * MOST_REPETITIONS * MOST_PARTS * MOST_PARTS];
    struct rng rng;
    struct buf text;
    struct arena *arena = arena_new(0);
    rng_init(&rng, seed);
    buf_init(&text, 1 << 20);
    for (int round = 0; round < ROUNDS; round++) {
        struct hl7_writer writer;
        struct hl7_message *message;
        struct error err = ERROR_INIT;
        buf_clear(&text);
        hl7_writer_init(&writer, &delimiter_sets[round % 3], &text);
        hl7_begin(&writer, "MSH");
        hl7_put_cstr(&writer, 18, "UNICODE UTF-8");
        hl7_end(&writer);
        hl7_begin(&writer, "ZZZ");
        size_t count = write_values(&rng, &writer, arena, values);
        hl7_end(&writer);
        assert_true(hl7_open(buf_span(&text), HL7_CHARSET_NONE, arena, &message, &err) && hl7_parse(message, &err));
        assert_int_equal(message->segment_count, 2);
        for (size_t i = 0; i < count; i++) {
            if (!span_eq(read_value(message, hl7_segment(message, "ZZZ", 1), &values[i]), values[i].text))
                fail_msg("seed %llu round %d value %zu", (unsigned long long)seed, round, i);
        }
        arena_reset(arena);
    }
    buf_release(&text);
    arena_free(arena);
}

/* -- taken apart and written again ---------------------------------------------------------------------------------------- */

/* What hl7_rewrite must come to, by asking for every place in turn. */
static void rewrite_slowly(const struct hl7_message *message, const struct hl7_segment *segment, struct hl7_writer *writer) {
    hl7_begin(writer, segment->id);
    for (size_t field = memcmp(segment->id, "MSH", 3) == 0 ? 3 : 1; field < segment->field_count; field++)
        for (size_t r = 1, most = hl7_repetition_count(message, segment->fields[field]); r <= most; r++) {
            struct span repetition = hl7_repetition(message, segment->fields[field], r), component, sub;
            r == 1 ? hl7_at(writer, field) : hl7_repeat(writer);
            for (size_t c = 1; component = hl7_component(message, repetition, c), !span_is_absent(component); c++)
                for (size_t i = 1; sub = hl7_subcomponent(message, component, i), !span_is_absent(sub); i++)
                    hl7_sub(writer, c, i, hl7_text_exact(message, sub));
        }
    hl7_end(writer);
}

/* Mostly delimiters, so that all ways of leaving something empty come up; now and then an escape, good or bad. */
static struct span make_noise(struct rng *rng, const struct hl7_delimiters *d, struct arena *arena) {
    const char signs[] = {d->component, d->repetition, d->subcomponent, d->escape, 'H', '7', '&', '|', '^', 0x0b, 0x1c};
    struct buf text;
    buf_init(&text, 4000);
    for (uint32_t i = 0, len = rng_below(rng, 300); i < len; i++)
        if (rng_chance(rng, 0.3))
            buf_add_cstr(&text, "text");
        else if (rng_chance(rng, 0.2) && i < 150) /* fields have a limit */
            buf_add_char(&text, d->field);
        else
            buf_add_char(&text, signs[rng_below(rng, sizeof signs)]);
    struct span made = buf_copy(&text, arena);
    buf_release(&text);
    return made;
}

static void a_segment_written_again_has_the_same_leaves(void **state) {
    static const struct hl7_delimiters short_set = {'|', '^', '~', '\0', '\0'};
    struct rng rng;
    struct arena *arena = arena_new(0);
    rng_init(&rng, seed);
    for (int round = 0; round < 4 * ROUNDS; round++) {
        const struct hl7_delimiters *d = round % 4 == 3 ? &short_set : &delimiter_sets[round % 4];
        struct span noise = make_noise(&rng, d, arena);
        struct hl7_message *message;
        struct hl7_writer fast, slow;
        struct buf text, out[2];
        buf_init(&text, 10000);
        buf_addf(&text, "MSH%c%c%c%.*s%c%cA%cB\rZZZ%c%.*s%s", d->field, d->component, d->repetition, d->escape ? 2 : 0,
                 (const char[]){d->escape, d->subcomponent, 0}, d->field, d->field, d->field, d->field, SPAN_ARG(noise),
                 round % 2 ? "\r" : "");
        assert_true(hl7_open(buf_span(&text), HL7_CHARSET_UTF8, arena, &message, NULL) && hl7_parse(message, NULL));
        for (size_t i = 0; i < 2; i++)
            buf_init(&out[i], 20000);
        hl7_writer_init(&fast, round % 5 ? &message->delimiters : &delimiter_sets[round % 3], &out[0]);
        hl7_writer_init(&slow, &fast.delimiters, &out[1]);
        for (size_t i = 0; i < message->segment_count; i++) {
            hl7_rewrite(message, &message->segments[i], &fast);
            rewrite_slowly(message, &message->segments[i], &slow);
        }
        if (!span_eq(buf_span(&out[0]), buf_span(&out[1])))
            fail_msg("seed %llu round %d\n%.*s\n%s\n%s", (unsigned long long)seed, round, SPAN_ARG(noise), out[0].bytes,
                     out[1].bytes);
        buf_release(&text);
        buf_release(&out[0]);
        buf_release(&out[1]);
        arena_reset(arena);
    }
    arena_free(arena);
}

static void escaping_is_undone(void **state) {
    struct rng rng;
    struct arena *arena = arena_new(0);
    rng_init(&rng, seed);
    for (int round = 0; round < 10 * ROUNDS; round++) {
        struct span text = make_text(&rng, arena);
        struct buf out;
        buf_init(&out, 10000);
        hl7_escape(&delimiter_sets[round % 3], text, &out);
        assert_true(span_eq(hl7_unescape(&delimiter_sets[round % 3], HL7_CHARSET_UTF8, buf_span(&out), arena), text));
        buf_release(&out);
        arena_reset(arena);
    }
    arena_free(arena);
}

/* Types: read, written, read again. */
static void types_come_back(void **state) {
    static const char *const fields[] = {"100200301^^^CHU-EXEMPLE&990000018&M^PI",
                                         "284032505699746^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS", "x^^^&1.2&ISO",
                                         "a\\T\\b^^^n\\S\\s"};
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        struct hl7_message *message;
        struct hl7_cx cx;
        struct hl7_writer writer;
        struct buf text;
        assert_true(hl7_open(SPAN("MSH|^~\\&|A|B\r"), HL7_CHARSET_NONE, arena, &message, NULL));
        assert_true(hl7_read_cx(message, span_of(fields[i]), &cx));
        buf_init(&text, 1000);
        hl7_writer_init(&writer, &message->delimiters, &text);
        hl7_begin(&writer, "PID");
        hl7_at(&writer, 1);
        hl7_write_cx(&writer, &cx);
        assert_span(span_sub(buf_span(&text), 4, text.len), fields[i]);
        buf_release(&text);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(a_segment_written_again_has_the_same_leaves),
        cmocka_unit_test(escaping_is_undone),
        cmocka_unit_test(types_come_back),
    };
    const char *given = getenv("SOSIE_SEED");
    if (!given || !span_to_u64(span_of(given), &seed))
        seed = (uint64_t)clock_now_us();
    printf("seed %llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
