/* SPDX-License-Identifier: MIT */
/* signal.h: take signals of the process over, one owner each, and give them back.
 *
 * The handler counts, and wakes the owner's platform; everything else is done later, in the owner's loop. */
#ifndef WEIR_SRC_PLATFORM_SIGNAL_H
#define WEIR_SRC_PLATFORM_SIGNAL_H

#include "platform/platform.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

/** Whom the handler tells. In the owner's storage, from weir__signal_take to weir__signal_give_back. */
struct weir__signal_sink {
    struct weir__platform *platform; /* woken with every signal */
    atomic_bool *pending;            /* set with every signal; several sinks may share one */
    atomic_uint *tally;              /* counted up with every signal, of several sinks: where it is above 0 already, the
                                        signal has its default action instead. NULL: no such thing */
    atomic_uint count;               /* of this signal; the owner takes by setting it to 0 */

    /* Kept by signal.c. */
    int signo;
    bool was_blocked; /* on the thread that took it */
    struct sigaction former;
};

/**
 * Take a signal over, and unblock it on this thread.
 * @param sink  its first three fields set, `count` 0
 * @return 0; -EINVAL SIGKILL, SIGSTOP, one that a fault raises, or none at all; -EBUSY it has an owner
 */
int weir__signal_take(struct weir__signal_sink *sink, int signo);

/** Give it back to the action of before, unless somebody has put another one over ours. When this returns, no handler
 * uses the sink any more. On the thread that took it. */
void weir__signal_give_back(struct weir__signal_sink *sink);

/** Ignore SIGPIPE, once more; give its former action back with the last weir__sigpipe_restore. Any thread. */
void weir__sigpipe_ignore(void);
void weir__sigpipe_restore(void);

#endif
