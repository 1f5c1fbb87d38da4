/* One message in a single thread; see message.h. */
#include "benchmarks/hl7/message.h"

#include "base/arena.h"
#include "benchmarks/hl7/allocations.h"
#include "mllp/ack.h"
#include "mllp/adt.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { EACH_TURN = 500, TURNS_MOST = 1000, TEXT_BYTES_MOST = 1 << 21 };

static const char sample[] =
    "MSH|^~\\&|GAM|CHU-EXEMPLE|SOSIE|REGION|20251118093501+0100||ADT^A28^ADT_A05|GAM0000101|P|2.5^FRA^2.11|||||FRA|UNICODE "
    "UTF-8|FR||2.11^IHE_FRANCE-2.11-PAM\r"
    "EVN||20251118093500||||20251118093000\r"
    "PID|1||100200301^^^CHU-EXEMPLE&990000018&M^PI~284032505699746^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS||"
    "LEF\xc3\x88VRE^ANNE^^^Mme^^D~MOREL^ANNE^ANNE LOUISE MARIE^^Mme^^L||19840317|F|||12 rue des Granges^2e "
    "\xc3\xa9tage^BESAN\xc3\x87ON^^25000^FRA^H~^^BESAN\xc3\x87ON^^25000^FRA^BDL^^25056||^PRN^PH^^^^^^^^^0381000001~^PRN^CP^^^^^^^^^"
    "0639980001~^NET^Internet^anne.morel@exemple.invalid|||M|||||||BESAN\xc3\x87ON|N||FRA||||||VALI|20251118093500\r"
    "PD1||U||||||||||N\r"
    "ROL||UC|ODRP|99999999901^DURAND^Claire^^^^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^RPPS|||||||3 place du "
    "March\xc3\xa9^^BESAN\xc3\x87ON^^25000^FRA^O|^WPN^PH^^^^^^^^^0381000002\r"
    "ROL||UC|AT|99999999902^ROUX^Hugo^^^^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^RPPS|||||||1 quai de la "
    "R\xc3\xa9publique^^BESAN\xc3\x87ON^^25000^FRA^O|^WPN^PH^^^^^^^^^0381000003\r"
    "NK1|1|GARNIER^JEANNE^^^^^L|SPO^\xc3\x89pouse|12 rue des "
    "Granges^^BESAN\xc3\x87ON^^25000^FRA^H|^PRN^CP^^^^^^^^^0639980002||C||||||||||||||||||||||||||NK-7781^^^CHU-EXEMPLE&990000018&"
    "M^PN\r"
    "NK1|2|LEFEVRE^PAUL^^^^^L|CHD^Enfant||^PRN^CP^^^^^^^^^0639980003||E||||||||||||||||||||||||||NK-7782^^^CHU-EXEMPLE&990000018&M^"
    "PN\r"
    "NK1|3|MOREL^LUCIE^^^^^L|SIS^S\xc5\x93ur||^PRN^CP^^^^^^^^^0639980004||K||||||||||||||||||||||||||NK-7783^^^CHU-EXEMPLE&"
    "990000018&M^"
    "PN\r"
    "PV1||N\r"
    "ZFP|1|22\r"
    "ZFA|ACTIF|20251118093000|||||||INO|20251118093000|IC|20251118093000\r"
    "ZFD|||Y|N|INSI|20251118092800|CN|20310630\r";

struct span message_sample(void) {
    return SPAN(sample);
}

/* -- the kinds of work ------------------------------------------------------------------------------------------------ */

static struct mllp_options options;
static struct mllp_edge edge;
static struct mllp_peer peer;
static struct buf text; /* as a connection keeps one for its answers */
static volatile size_t sink;

static struct hl7_message *parse(struct span raw, struct arena *arena) {
    struct hl7_message *message;
    must(hl7_open(raw, HL7_CHARSET_NONE, arena, &message, NULL) && hl7_parse(message, NULL));
    return message;
}

static struct mllp_request request_of(struct span raw, struct arena *arena) {
    return (struct mllp_request){.edge = &edge, .peer = &peer, .arena = arena, .raw = raw, .message = parse(raw, arena)};
}

static void only_copy(struct span raw, struct arena *arena) {
    sink += (size_t)((char *)arena_dup(arena, raw.ptr, raw.len))[raw.len / 2];
}

static void only_parse(struct span raw, struct arena *arena) {
    sink += parse(raw, arena)->segment_count;
}

/* Down to the subcomponents, escapes undone, and back into the bytes of the wire. */
static void rebuild(struct span raw, struct arena *arena) {
    const struct hl7_message *message = parse(raw, arena);
    struct hl7_writer writer;
    buf_clear(&text);
    hl7_writer_init(&writer, &message->delimiters, &text);
    for (size_t i = 0; i < message->segment_count; i++)
        hl7_rewrite(message, &message->segments[i], &writer);
    sink += text.len;
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
    buf_init(&made.text, TEXT_BYTES_MOST);
    ack_feed(&request, &(struct feed_outcome){.message_id = 1, .answered_us = 1}, &made);
    sink += made.text.len;
    buf_release(&made.text);
}

/* -- the measure ------------------------------------------------------------------------------------------------------ */

struct work {
    const char *name;
    void (*run)(struct span, struct arena *);
    double turns_ns[TURNS_MOST]; /* of one message, the mean of a turn */
    size_t arena_bytes, allocations;
};

static struct work works[] = {
    {.name = "copy", .run = only_copy},
    {.name = "parse", .run = only_parse},
    {.name = "parse and rebuild", .run = rebuild},
    {.name = "parse and traits", .run = read_traits},
    {.name = "parse and answer", .run = answer},
};
enum { WORK_COUNT = sizeof works / sizeof *works };

static void run_once(struct work *work, struct span raw, struct arena *arena) {
    size_t before = allocations_so_far();
    work->run(raw, arena);
    work->arena_bytes = arena_used(arena);
    work->allocations = allocations_so_far() - before;
    arena_reset(arena);
}

/* Processor time of this thread: whatever else runs here, and there is always something, is not in it. */
static uint64_t busy_ns(void) {
    struct timespec spent;
    must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent) == 0);
    return (uint64_t)spent.tv_sec * 1000000000u + (uint64_t)spent.tv_nsec;
}

static double run_turn(const struct work *work, struct span raw, struct arena *arena) {
    uint64_t before_ns = busy_ns();
    for (int i = 0; i < EACH_TURN; i++) {
        work->run(raw, arena);
        arena_reset(arena);
    }
    return (double)(busy_ns() - before_ns) / EACH_TURN;
}

static int by_size(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void print_work(struct work *work, size_t turns, double copy_ns) {
    printf("  %-18s %7.0f ns (least %5.0f), %5.1f copies; %6zu bytes of arena, %zu allocations\n", work->name,
           work->turns_ns[turns / 2], work->turns_ns[0], work->turns_ns[turns / 2] / copy_ns, work->arena_bytes, work->allocations);
}

static bool comes_back(struct span raw, struct arena *arena) {
    struct hl7_message *message;
    struct error err = ERROR_INIT;
    if (!hl7_open(raw, HL7_CHARSET_NONE, arena, &message, &err) || !hl7_parse(message, &err)) {
        fprintf(stderr, "bench-hl7: the message cannot be read: %s %s\n", err.where, err.text);
        return false;
    }
    rebuild(raw, arena);
    arena_reset(arena);
    if (span_eq(buf_span(&text), raw))
        return true;
    fprintf(stderr, "bench-hl7: the message does not come back byte for byte\n");
    return false;
}

bool message_measure(struct span raw, size_t turns) {
    struct arena *arena = arena_new(0);
    turns = turns < 1 ? 1 : turns > TURNS_MOST ? TURNS_MOST : turns;
    mllp_options_default(&options);
    edge.options = &options;
    buf_init(&text, TEXT_BYTES_MOST);
    bool ok = comes_back(raw, arena);
    for (size_t w = 0; ok && w < WORK_COUNT; w++) /* twice: what the second one asks for is what every further one does */
        for (int i = 0; i < 2; i++)
            run_once(&works[w], raw, arena);
    for (size_t turn = 0; ok && turn < turns; turn++)
        for (size_t w = 0; w < WORK_COUNT; w++)
            works[w].turns_ns[turn] = run_turn(&works[w], raw, arena);
    if (ok)
        printf("one message of %zu bytes, a single thread, processor time, the middle of %zu turns\n", raw.len, turns);
    for (size_t w = 0; ok && w < WORK_COUNT; w++)
        qsort(works[w].turns_ns, turns, sizeof *works[w].turns_ns, by_size);
    for (size_t w = 0; ok && w < WORK_COUNT; w++)
        print_work(&works[w], turns, works[0].turns_ns[turns / 2]);
    buf_release(&text);
    arena_free(arena);
    return ok;
}
