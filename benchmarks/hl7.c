/*
 * ./dev bench hl7: what an HL7 message costs.
 *
 *     bench-hl7 [--message FILE] [--turns N] [--records N] [--connections C] [--rounds N] [--seconds S]
 *
 * First one A28 in a single thread (hl7/message.h): read, taken apart and written again, N turns (200; 0: left out). Then ITI-9
 * queries at the port of the real server, over a real PostgreSQL (hl7/world.h), against a bare echo of the same frames
 * (hl7/echo.h), by the same clients: C connections (16), each of which waits for its answer before it asks again. Rounds (9; 0:
 * left out) of S seconds (1) for each side take turns, because machines are shared and their speed drifts; each gives a ratio, and
 * the middle one counts. Every answer is looked at, and in the end every query must be in the audit chain.
 */
#include "benchmarks/hl7/echo.h"
#include "benchmarks/hl7/exchange.h"
#include "benchmarks/hl7/message.h"
#include "benchmarks/hl7/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_BYTES_MOST = 1 << 20, ROUNDS_MOST = 99, WARM_UP = 4000 };

struct settings {
    const char *file;
    uint64_t turns, records, connections, rounds, seconds;
};

static uint64_t persons; /* whom queries ask about; set before the first one */

/* -- queries ---------------------------------------------------------------------------------------------------------- */

static size_t write_query(uint64_t n, char out[EXCHANGE_ASKED_BYTES]) {
    uint64_t person = n * 2654435761u % persons; /* all over the index */
    int len = snprintf(out, EXCHANGE_ASKED_BYTES,
                       "MSH|^~\\&|DPI|" WORLD_HOSPITAL "|SOSIE|REGION|20260101120000||QBP^Q23^QBP_Q21|Q%09llu|P|2.5||||||"
                       "UNICODE UTF-8\r"
                       "QPD|IHE PIX Query|T%09llu|%08llu^^^" WORLD_HOSPITAL "&1.2.250.1.999.1&ISO^PI\r"
                       "RCP|I\r",
                       (unsigned long long)n, (unsigned long long)n, (unsigned long long)person);
    return (size_t)len;
}

/* AA, to this query, with the identifier that the other hospital has for the person: the same number. */
static bool is_answer(struct span asked, struct span answer) {
    static const char tag[] = "|T000000000|";
    char other[48];
    const char *query = memmem(asked.ptr, asked.len, "|T", 2);
    int len = snprintf(other, sizeof other, "%.8s^^^" WORLD_OTHER "&", query + sizeof tag - 1);
    return memmem(answer.ptr, answer.len, "\rMSA|AA|Q", 9) && memmem(answer.ptr, answer.len, query, sizeof tag - 1) &&
           memmem(answer.ptr, answer.len, other, (size_t)len);
}

static bool is_same(struct span asked, struct span answer) {
    return span_eq(asked, answer);
}

/* -- rounds ----------------------------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

struct figures {
    double rates[2][ROUNDS_MOST], ratios[ROUNDS_MOST];
};

/* Both sides in turn, the other one first in every second round. */
static bool run_rounds(struct exchange_clients *const clients[2], const struct settings *settings, struct figures *out) {
    for (size_t i = 0; i < settings->rounds; i++) {
        for (size_t j = 0; j < 2; j++) {
            size_t side = (i + j) % 2;
            out->rates[side][i] = exchange_turn(clients[side], (double)settings->seconds, UINT64_MAX / 2);
            if (out->rates[side][i] <= 0)
                return false;
        }
        out->ratios[i] = out->rates[0][i] / out->rates[1][i];
    }
    return true;
}

static void print_side(const struct exchange_side *side, double *rates, size_t rounds) {
    qsort(rates, rounds, sizeof *rates, by_size);
    double count = (double)side->exchanges;
    printf(
        "  %-18s %7.0f/s (%.0f to %.0f); half within %u us, 99 of 100 within %u us; %.0f bytes, %.1f us of processor time each\n",
        side->name, rates[rounds / 2], rates[0], rates[rounds - 1], exchange_time_us(side, 500), exchange_time_us(side, 990),
        (double)side->answer_bytes / count, side->busy_seconds / count * 1e6);
}

static void print_figures(const struct exchange_side sides[2], const struct settings *settings, struct figures *figures) {
    size_t rounds = settings->rounds;
    printf("%llu connections, the middle of %zu rounds of %llu s for each side\n", (unsigned long long)settings->connections,
           rounds, (unsigned long long)settings->seconds);
    for (size_t side = 0; side < 2; side++)
        print_side(&sides[side], figures->rates[side], rounds);
    qsort(figures->ratios, rounds, sizeof *figures->ratios, by_size);
    printf("  ratio              %7.2f of the bare echo (%.2f to %.2f)\n", figures->ratios[rounds / 2], figures->ratios[0],
           figures->ratios[rounds - 1]);
}

/* Every query was noted, whatever became of its answer (DESIGN.md section 4, promise 7). */
static bool check_audit(const struct world *world, const struct exchange_side *side) {
    double took = world_wait_audited(world, side->exchanges);
    if (took < 0)
        printf("WRONG: the audit chain holds %llu of %llu queries\n", (unsigned long long)world_audited(world),
               (unsigned long long)side->exchanges);
    else
        printf("  audit              all %llu queries in the chain, %.1f s after the last answer\n",
               (unsigned long long)side->exchanges, took);
    return took >= 0;
}

static bool compare(const struct settings *settings, const struct world *world, struct exchange_side sides[2]) {
    static struct figures figures;
    struct exchange_clients *clients[2] = {exchange_open(&sides[0], settings->connections),
                                           exchange_open(&sides[1], settings->connections)};
    bool ok = clients[0] && clients[1] && exchange_turn(clients[0], 3600, WARM_UP) > 0 &&
              exchange_turn(clients[1], 3600, WARM_UP) > 0 && run_rounds(clients, settings, &figures);
    exchange_close(clients[0]);
    exchange_close(clients[1]);
    if (!ok)
        return false;
    print_figures(sides, settings, &figures);
    ok = check_audit(world, &sides[0]);
    for (size_t i = 0; i < 2; i++)
        if (sides[i].wrong)
            printf("WRONG: %llu of %llu answers of %s, the last of them\n%s\n", (unsigned long long)sides[i].wrong,
                   (unsigned long long)sides[i].exchanges, sides[i].name, sides[i].wrong_text);
    return ok && !sides[0].wrong && !sides[1].wrong;
}

static bool measure_exchanges(const struct settings *settings) {
    static struct exchange_side sides[2] = {{.name = "ITI-9", .ask = write_query, .fits = is_answer},
                                            {.name = "bare echo", .ask = write_query, .fits = is_same}};
    persons = settings->records / 2;
    pid_t echo = sides[1].pid = echo_start(&sides[1].port);
    struct world *world = world_start((uint32_t)settings->records);
    sides[0].port = world_port(world);
    sides[0].pid = world_pid(world);
    bool ok = compare(settings, world, sides);
    world_stop(world);
    echo_stop(echo);
    return ok;
}

/* -- what is asked for ------------------------------------------------------------------------------------------------ */

static bool read_settings(int argc, char **argv, struct settings *out) {
    const struct {
        const char *flag;
        uint64_t *value, least, most;
    } numbers[] = {
        {"--turns", &out->turns, 0, 1000},          {"--records", &out->records, 2, 320000},
        {"--rounds", &out->rounds, 0, ROUNDS_MOST}, {"--connections", &out->connections, 1, EXCHANGE_CONNECTIONS_MOST},
        {"--seconds", &out->seconds, 1, 3600},
    };
    bool fine = argc % 2 == 1;
    for (int i = 1; i + 1 < argc; i += 2) {
        bool known = strcmp(argv[i], "--message") == 0;
        if (known)
            out->file = argv[i + 1];
        for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++)
            if (strcmp(argv[i], numbers[j].flag) == 0)
                known = span_to_u64(span_of(argv[i + 1]), numbers[j].value) && *numbers[j].value >= numbers[j].least &&
                        *numbers[j].value <= numbers[j].most;
        fine &= known;
    }
    if (!fine)
        fprintf(stderr,
                "usage: bench-hl7 [--message FILE] [--turns N] [--records N] [--connections C] [--rounds N] [--seconds S]\n");
    return fine;
}

static struct span read_file(const char *path) {
    static char bytes[MESSAGE_BYTES_MOST];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(2);
    }
    size_t len = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    return span_make(bytes, len);
}

int main(int argc, char **argv) {
    struct settings settings = {.turns = 200, .records = 20000, .connections = 16, .rounds = 9, .seconds = 1};
    if (!read_settings(argc, argv, &settings))
        return 2;
    bool ok = !settings.turns || message_measure(settings.file ? read_file(settings.file) : message_sample(), settings.turns);
    (void)fflush(stdout);
    ok = ok && (!settings.rounds || measure_exchanges(&settings));
    return ok ? 0 : 1;
}
