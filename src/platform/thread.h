/* SPDX-License-Identifier: MIT */
/* thread.h: threads, and what they wait for each other with.
 *
 * A thread of Weir's runs with every signal blocked but those that a fault of its own raises, so a signal of the
 * process always meets the loop's thread or one of the program's; a function that starts children sets their mask
 * itself. */
#ifndef WEIR_SRC_PLATFORM_THREAD_H
#define WEIR_SRC_PLATFORM_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    WEIR__THREAD_NAME_BYTES = 16, /* the kernel's bound, NUL included */
    WEIR__THREAD_STACK_BYTES = 1 << 20,
};

/** A thread that was started. Stays where it is until it has been joined, or has detached itself. */
struct weir__thread {
    pthread_t native; /* the starter's */
    pthread_t self;   /* the same, the thread's own: there before it runs anything */
    char name[WEIR__THREAD_NAME_BYTES];
    void (*run)(void *arg);
    void *arg;
};

/**
 * Start a thread that runs `run(arg)`; it ends with that.
 * @param name  copied, cut at 15 bytes
 * @return 0; -EAGAIN no thread, or no memory for its stack
 */
int weir__thread_start(struct weir__thread *thread, const char *name, void (*run)(void *arg), void *arg);

/** Wait for the end of a thread. From another one, once. */
void weir__thread_join(struct weir__thread *thread);

/** Let a thread give everything back by itself at its end; nobody may join it then. From the thread itself, or from
 * whoever was told something by it. */
void weir__thread_detach(const struct weir__thread *thread);

/**
 * Have `in_child` called in each child that a fork makes from now on, on the one thread that is left there, before the
 * fork returns. There is one such function in a process; asking again changes nothing.
 * @return 0; -ENOMEM
 */
int weir__fork_watch(void (*in_child)(void));

/** Cores that this process may use; at least 1. */
unsigned weir__thread_cores(void);

/** For what threads share. Held for a few instructions, and never across a wait of a task. */
struct weir__lock {
    pthread_mutex_t native;
};

void weir__lock_init(struct weir__lock *lock);
void weir__lock_done(struct weir__lock *lock);
void weir__lock_take(struct weir__lock *lock);
void weir__lock_give(struct weir__lock *lock);

/** A condition variable: rung when what a lock guards has changed. */
struct weir__bell {
    pthread_cond_t native;
};

void weir__bell_init(struct weir__bell *bell);
void weir__bell_done(struct weir__bell *bell);
/** Wake one that waits; all that wait. */
void weir__bell_ring(struct weir__bell *bell);
void weir__bell_ring_all(struct weir__bell *bell);

/** Give the lock up, wait, take it again. Wakes without reason, too. */
void weir__bell_wait(struct weir__bell *bell, struct weir__lock *lock);

/**
 * As weir__bell_wait, up to an instant.
 * @param deadline_ns  of weir__kernel_clock_ns; INT64_MAX for none
 * @return false: it has passed
 */
bool weir__bell_wait_until(struct weir__bell *bell, struct weir__lock *lock, int64_t deadline_ns);

#endif
