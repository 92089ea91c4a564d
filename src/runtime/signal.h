/* SPDX-License-Identifier: MIT */
/* signal.h: what a loop keeps of signals: those that its tasks have opened, and the two that stop the run. */
#ifndef WEIR_SRC_RUNTIME_SIGNAL_H
#define WEIR_SRC_RUNTIME_SIGNAL_H

#include "base/list.h"
#include "platform/signal.h"

#include <stdatomic.h>
#include <stdbool.h>

struct weir__loop;

/** In the loop. */
struct weir__signals {
    atomic_bool pending;    /* some signal came since the last look */
    struct weir__link open; /* of weir_signal_open */

    struct weir__signal_sink stops[2]; /* SIGINT, SIGTERM */
    atomic_uint stop_tally;
    void (*on_first)(struct weir__loop *loop, const char *cause); /* NULL: not taken over, or called already */
};

/** From here SIGPIPE is ignored. */
void weir__signals_open(struct weir__loop *loop);

/** Give everything back: signals that a task has left open are lost to it. */
void weir__signals_close(struct weir__loop *loop);

/** Hand the signals that came to those who wait for them. */
void weir__signals_deliver(struct weir__signals *signals);

#endif
