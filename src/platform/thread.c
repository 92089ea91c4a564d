/* SPDX-License-Identifier: MIT */
/* thread.c: threads by way of pthreads.
 * Invariant: what can fail only by misuse (a lock that is not held, a condition destroyed under a waiter) is an
 * assertion; only the start of a thread is a failure that a correct program meets. */
#include "platform/thread.h"

#include "base/assert.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

/* Faults that a thread raises itself must stay deliverable: the kernel kills where they are blocked. */
static void block_signals(sigset_t *ret_former) {
    static const int of_faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
    sigset_t set;

    sigfillset(&set);
    for (size_t i = 0; i < sizeof of_faults / sizeof of_faults[0]; i++)
        sigdelset(&set, of_faults[i]);
    WEIR_ASSERT(pthread_sigmask(SIG_SETMASK, &set, ret_former) == 0);
}

static void *thread_main(void *arg) {
    struct weir__thread *thread = arg;

    thread->self = pthread_self();
    pthread_setname_np(pthread_self(), thread->name); /* for debuggers alone: a failure changes nothing */
    thread->run(thread->arg);                         /* may free the thread */
    return NULL;
}

static int start_with_attributes(struct weir__thread *thread) {
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);

    if (error != 0)
        return error;
    error = pthread_attr_setstacksize(&attributes, WEIR__THREAD_STACK_BYTES);
    if (error == 0)
        error = pthread_create(&thread->native, &attributes, thread_main, thread);
    pthread_attr_destroy(&attributes);
    return error;
}

int weir__thread_start(struct weir__thread *thread, const char *name, void (*run)(void *arg), void *arg) {
    sigset_t former;

    memset(thread->name, 0, sizeof thread->name);
    memcpy(thread->name, name, strnlen(name, sizeof thread->name - 1));
    thread->run = run;
    thread->arg = arg;

    /* The new thread inherits the mask, so there is no moment at which a signal could meet it. */
    block_signals(&former);
    int error = start_with_attributes(thread);
    WEIR_ASSERT(pthread_sigmask(SIG_SETMASK, &former, NULL) == 0);
    return error == 0 ? 0 : -EAGAIN;
}

void weir__thread_join(struct weir__thread *thread) { WEIR_ASSERT(pthread_join(thread->native, NULL) == 0); }

void weir__thread_detach(const struct weir__thread *thread) { WEIR_ASSERT(pthread_detach(thread->self) == 0); }

/* Process-wide, as the list of such functions is that libc keeps for the process. */
static atomic_bool is_watched;

int weir__fork_watch(void (*in_child)(void)) {
    if (atomic_exchange(&is_watched, true))
        return 0;
    if (pthread_atfork(NULL, NULL, in_child) == 0)
        return 0;
    atomic_store(&is_watched, false);
    return -ENOMEM;
}

unsigned weir__thread_cores(void) {
    cpu_set_t allowed;

    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return 1; /* a machine of more than 1024 */
    return (unsigned)CPU_COUNT(&allowed);
}

void weir__lock_init(struct weir__lock *lock) { WEIR_ASSERT(pthread_mutex_init(&lock->native, NULL) == 0); }

void weir__lock_done(struct weir__lock *lock) { WEIR_ASSERT(pthread_mutex_destroy(&lock->native) == 0); }

void weir__lock_take(struct weir__lock *lock) { WEIR_ASSERT(pthread_mutex_lock(&lock->native) == 0); }

void weir__lock_give(struct weir__lock *lock) { WEIR_ASSERT(pthread_mutex_unlock(&lock->native) == 0); }

void weir__bell_init(struct weir__bell *bell) {
    pthread_condattr_t attributes;

    WEIR_ASSERT(pthread_condattr_init(&attributes) == 0);
    WEIR_ASSERT(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    WEIR_ASSERT(pthread_cond_init(&bell->native, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
}

void weir__bell_done(struct weir__bell *bell) { WEIR_ASSERT(pthread_cond_destroy(&bell->native) == 0); }

void weir__bell_ring(struct weir__bell *bell) { WEIR_ASSERT(pthread_cond_signal(&bell->native) == 0); }

void weir__bell_ring_all(struct weir__bell *bell) { WEIR_ASSERT(pthread_cond_broadcast(&bell->native) == 0); }

void weir__bell_wait(struct weir__bell *bell, struct weir__lock *lock) {
    WEIR_ASSERT(pthread_cond_wait(&bell->native, &lock->native) == 0);
}

bool weir__bell_wait_until(struct weir__bell *bell, struct weir__lock *lock, int64_t deadline_ns) {
    const struct timespec deadline = {.tv_sec = deadline_ns / 1000000000, .tv_nsec = deadline_ns % 1000000000};

    if (deadline_ns == INT64_MAX) {
        weir__bell_wait(bell, lock);
        return true;
    }
    int error = pthread_cond_timedwait(&bell->native, &lock->native, &deadline);
    WEIR_ASSERT(error == 0 || error == ETIMEDOUT);
    return error == 0;
}
