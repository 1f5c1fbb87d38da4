/* Loops on threads; see parallel.h. */
#include "base/parallel.h"

#include "base/error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

struct loop {
    atomic_size_t next;
    size_t pieces;
    void (*work)(void *context, size_t piece, unsigned worker);
    void *context;
};

struct hand {
    struct loop *loop;
    unsigned worker;
};

static void *take_pieces(void *argument) {
    const struct hand *hand = argument;
    size_t piece;
    while ((piece = atomic_fetch_add(&hand->loop->next, 1)) < hand->loop->pieces)
        hand->loop->work(hand->loop->context, piece, hand->worker);
    return NULL;
}

static void take_pieces_and_tick(struct loop *loop, const struct parallel *parallel) {
    size_t piece;
    while ((piece = atomic_fetch_add(&loop->next, 1)) < loop->pieces) {
        loop->work(loop->context, piece, 0);
        if (parallel->tick)
            parallel->tick(parallel->tick_context, piece + 1, loop->pieces);
    }
}

void parallel_run(const struct parallel *parallel, size_t pieces, void (*work)(void *context, size_t piece, unsigned worker),
                  void *context) {
    struct loop loop = {.pieces = pieces, .work = work, .context = context};
    struct hand hands[PARALLEL_MOST];
    pthread_t threads[PARALLEL_MOST];
    unsigned made = 1;
    must(parallel->threads >= 1 && parallel->threads <= PARALLEL_MOST);
    for (; made < parallel->threads && made < pieces; made++) {
        hands[made] = (struct hand){&loop, made};
        if (pthread_create(&threads[made], NULL, take_pieces, &hands[made]) != 0)
            break;
    }
    take_pieces_and_tick(&loop, parallel);
    for (unsigned i = 1; i < made; i++)
        must(pthread_join(threads[i], NULL) == 0);
}

unsigned parallel_processors(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > PARALLEL_MOST ? PARALLEL_MOST : (unsigned)count;
}
