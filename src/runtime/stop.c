/* SPDX-License-Identifier: MIT */
/* stop.c: the two signals that stop a run, and a turn's look at all of them.
 * The second one never gets here: the handler itself lets it end the process, since the loop may be stuck. */
#include "runtime/stop.h"

#include "runtime/loop.h"

#include <errno.h>

static const int signos[] = {SIGINT, SIGTERM};
static const char *const names[] = {"SIGINT", "SIGTERM"};

int weir__stop_open(struct weir__loop *loop, void (*on_first)(struct weir__loop *loop, const char *cause)) {
    struct weir__signals *signals = &loop->signals;

    for (int i = 0; i < 2; i++) {
        signals->stops[i] = (struct weir__signal_sink){.platform = loop->platform,
                                                       .pending = &signals->pending,
                                                       .tally = &signals->stop_tally};
        int rc = weir__signal_take(&signals->stops[i], signos[i]);
        if (rc < 0) {
            if (i > 0)
                weir__signal_give_back(&signals->stops[0]);
            return rc;
        }
    }
    signals->on_first = on_first;
    return 0;
}

void weir__stop_close(struct weir__loop *loop) {
    for (int i = 0; i < 2; i++)
        weir__signal_give_back(&loop->signals.stops[i]);
}

static void deliver(struct weir__loop *loop) {
    struct weir__signals *signals = &loop->signals;

    weir__signals_deliver(signals);
    for (int i = 0; i < 2 && signals->on_first != NULL; i++) {
        if (atomic_load(&signals->stops[i].count) == 0)
            continue;
        void (*on_first)(struct weir__loop *, const char *) = signals->on_first;
        signals->on_first = NULL;
        on_first(loop, names[i]);
    }
}

void weir__stop_poll(struct weir__loop *loop) {
    if (atomic_load_explicit(&loop->signals.pending, memory_order_relaxed) &&
        atomic_exchange(&loop->signals.pending, false))
        deliver(loop);
}
