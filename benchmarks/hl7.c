/*
 * What an A28 costs before the lane: reading the bytes, cutting them, making traits; and what its answer costs. Against the time of
 * copying the same bytes, as a measure of the machine.
 *
 *     bench-hl7 [FILE]      FILE: one message; default an A28 of about 1.5 kB
 */
#include "base/clock.h"
#include "mllp/ack.h"
#include "mllp/adt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 100000, TURNS = 200, MESSAGE_BYTES_MOST = 1 << 20 };

static const char sample[] = "MSH|^~\\&|GAM|CHU-EXEMPLE|SOSIE|REGION|20251118093501+0100||ADT^A28^ADT_A05|GAM0000101|P|2.5^FRA^2."
                             "11|||||FRA|UNICODE UTF-8|FR||"
                             "2.11^IHE_FRANCE-2.11-PAM\r"
                             "EVN||20251118093500||||20251118093000\r"
                             "PID|1||100200301^^^CHU-EXEMPLE&990000018&M^PI~284032505699746^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4."
                             "8&ISO^INS||LEF\xc3\x88VRE^ANNE^^^"
                             "Mme^^D~MOREL^ANNE^ANNE LOUISE MARIE^^Mme^^L||19840317|F|||12 rue des Granges^2e "
                             "\xc3\xa9tage^BESANCON^^25000^FRA^H~^^BESANCON^^25000^"
                             "FRA^BDL^^25056||^PRN^CP^^^^^^^^^0639980001~^NET^Internet^anne.morel@exemple.invalid|||M||||||||N||"
                             "FRA||||||VALI|20251118093500\r"
                             "PD1||U||||||||||N\r"
                             "ROL||UC|ODRP|99999999901^DURAND^Claire^^^^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^RPPS\r"
                             "NK1|1|GARNIER^JEANNE^^^^^L|SPO^Epouse||^PRN^CP^^^^^^^^^0639980002||C||||||||||||||||||||||||||NK-"
                             "7781^^^CHU-EXEMPLE&990000018&M^PN\r"
                             "PV1||N\r"
                             "ZFA|ACTIF|20251118093000|||||||INO|20251118093000|IC|20251118093000\r"
                             "ZFD|||Y|N|INSI|20251118092800|CN|20310630\r";

static struct mllp_options options;
static struct mllp_edge edge;
static struct mllp_peer peer;
static volatile size_t sink;

static void copy(struct span raw, struct arena *arena) {
    sink += (size_t)((char *)arena_dup(arena, raw.ptr, raw.len))[raw.len / 2];
}

static struct hl7_message *parse(struct span raw, struct arena *arena) {
    struct hl7_message *message;
    must(hl7_open(raw, HL7_CHARSET_NONE, arena, &message, NULL) && hl7_parse(message, NULL));
    return message;
}

static void only_parse(struct span raw, struct arena *arena) {
    sink += parse(raw, arena)->segment_count;
}

static struct mllp_request request_of(struct span raw, struct arena *arena) {
    return (struct mllp_request){.edge = &edge, .peer = &peer, .arena = arena, .raw = raw, .message = parse(raw, arena)};
}

static void read_traits(struct span raw, struct arena *arena) {
    struct mllp_request request = request_of(raw, arena);
    struct feed feed = {.action = FEED_CREATE};
    must(adt_read(&request, dispatch_find(SPAN("ADT"), SPAN("A28")), &feed, NULL));
    sink += feed.subject_count;
}

static void answer(struct span raw, struct arena *arena) {
    struct mllp_request request = request_of(raw, arena);
    struct mllp_answer made = {0};
    buf_init(&made.text, 1 << 20);
    ack_feed(&request, &(struct feed_outcome){.message_id = 1, .answered_us = 1}, &made);
    sink += made.text.len;
    buf_release(&made.text);
}

static double measure(void (*work)(struct span, struct arena *), struct span raw) {
    struct arena *arena = arena_new(0);
    double best = 1e9;
    for (int turn = 0; turn < TURNS; turn++) { /* the best of many short turns: whatever else runs here disturbs few of them */
        uint64_t began_ns = clock_mono_ns();
        for (int i = 0; i < ROUNDS / TURNS; i++) {
            work(raw, arena);
            arena_reset(arena);
        }
        double each = (double)(clock_mono_ns() - began_ns) / (ROUNDS / TURNS);
        best = each < best ? each : best;
    }
    arena_free(arena);
    return best;
}

static struct span read_file(const char *path) {
    static char bytes[MESSAGE_BYTES_MOST];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return span_make(bytes, len);
}

int main(int argc, char **argv) {
    struct span raw = argc > 1 ? read_file(argv[1]) : SPAN(sample);
    mllp_options_default(&options);
    edge.options = &options;
    double base = measure(copy, raw), parsed = measure(only_parse, raw), traits = measure(read_traits, raw);
    double answered = measure(answer, raw);
    printf("one A28 of %zu bytes, single thread\n", raw.len);
    printf("  copy               %8.0f ns\n", base);
    printf("  parse              %8.0f ns  %6.1f copies\n", parsed, parsed / base);
    printf("  parse and traits   %8.0f ns  %6.1f copies\n", traits, traits / base);
    printf("  parse and answer   %8.0f ns  %6.1f copies\n", answered, answered / base);
    return 0;
}
