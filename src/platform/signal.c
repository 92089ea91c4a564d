/* SPDX-License-Identifier: MIT */
/* signal.c: the table of who owns which signal, and the handler that reads it.
 * Invariant: a slot's sink is set before the action is ours, and cleared after it has been given back; whoever clears
 * it then waits until no handler is inside the slot.
 *
 * What is process-wide here is what the kernel keeps for the process: the signals' actions. */
#include "platform/signal.h"

#include "base/assert.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>

static struct slot {
    _Atomic(struct weir__signal_sink *) sink; /* NULL: not taken over */
    atomic_uint inside;                       /* handlers that may be using the sink */
} slots[NSIG];

/** Settles who takes a signal first; handlers do not need it. */
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned sigpipe_holders; /* under table_lock */
static struct sigaction sigpipe_former;

/* The signal is blocked while its handler runs, so it acts at the handler's return: by then the action is the default.
 */
static void end_process(int signo) {
    const struct sigaction by_default = {.sa_handler = SIG_DFL};

    sigaction(signo, &by_default, NULL);
    raise(signo);
}

static void on_signal(int signo) {
    struct slot *slot = &slots[signo];
    int kept_errno = errno;

    atomic_fetch_add(&slot->inside, 1);
    struct weir__signal_sink *sink = atomic_load(&slot->sink);
    if (sink != NULL) {
        if (sink->tally != NULL && atomic_fetch_add(sink->tally, 1) > 0)
            end_process(signo);
        atomic_fetch_add(&sink->count, 1);
        atomic_store(sink->pending, true);
        sink->platform->ops->wake(sink->platform);
    }
    atomic_fetch_sub(&slot->inside, 1);
    errno = kept_errno;
}

/** A fault's signal cannot be an event: the instruction would fault for ever. */
static bool may_be_taken(int signo) {
    static const int never[] = {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        if (signo == never[i])
            return false;
    }
    return signo > 0 && signo < NSIG;
}

static void set_blocked(int signo, bool blocked, bool *ret_was_blocked) {
    sigset_t set, former;

    sigemptyset(&set);
    sigaddset(&set, signo);
    WEIR_ASSERT(pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, &former) == 0);
    if (ret_was_blocked != NULL)
        *ret_was_blocked = sigismember(&former, signo) == 1;
}

static int take_locked(struct weir__signal_sink *sink, int signo) {
    struct slot *slot = &slots[signo];
    struct sigaction ours = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_ONSTACK};

    if (atomic_load(&slot->sink) != NULL)
        return -EBUSY;
    sink->signo = signo;
    atomic_store(&slot->sink, sink);
    sigfillset(&ours.sa_mask); /* no handler inside another: the count of a pair is exact */
    if (sigaction(signo, &ours, &sink->former) == 0)
        return 0;
    atomic_store(&slot->sink, NULL); /* one that libc keeps for itself */
    return -EINVAL;
}

int weir__signal_take(struct weir__signal_sink *sink, int signo) {
    if (!may_be_taken(signo))
        return -EINVAL;

    pthread_mutex_lock(&table_lock);
    int rc = take_locked(sink, signo);
    pthread_mutex_unlock(&table_lock);
    if (rc == 0)
        set_blocked(signo, false, &sink->was_blocked);
    return rc;
}

static bool action_is(int signo, void (*handler)(int)) {
    struct sigaction present;

    return sigaction(signo, NULL, &present) == 0 && (present.sa_flags & SA_SIGINFO) == 0 &&
           present.sa_handler == handler;
}

void weir__signal_give_back(struct weir__signal_sink *sink) {
    struct slot *slot = &slots[sink->signo];

    if (sink->was_blocked)
        set_blocked(sink->signo, true, NULL);
    pthread_mutex_lock(&table_lock);
    WEIR_ASSERT(atomic_load(&slot->sink) == sink);
    if (action_is(sink->signo, on_signal))
        sigaction(sink->signo, &sink->former, NULL);
    atomic_store(&slot->sink, NULL);
    /* A handler on another thread may have read the sink before; it needs a few instructions more. */
    while (atomic_load(&slot->inside) > 0)
        sched_yield();
    pthread_mutex_unlock(&table_lock);
}

void weir__sigpipe_ignore(void) {
    const struct sigaction ignored = {.sa_handler = SIG_IGN};

    pthread_mutex_lock(&table_lock);
    if (sigpipe_holders++ == 0)
        sigaction(SIGPIPE, &ignored, &sigpipe_former);
    pthread_mutex_unlock(&table_lock);
}

void weir__sigpipe_restore(void) {
    pthread_mutex_lock(&table_lock);
    if (--sigpipe_holders == 0 && action_is(SIGPIPE, SIG_IGN))
        sigaction(SIGPIPE, &sigpipe_former, NULL);
    pthread_mutex_unlock(&table_lock);
}
