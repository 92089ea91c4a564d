/* SPDX-License-Identifier: MIT */
/* fault.h: tell a stack overflow for what it is, then let the fault take its course.
 *
 * A task that runs off its stack meets a guard and raises SIGSEGV, or SIGBUS. The handler runs on an alternate stack,
 * asks the loop of this thread whose guard that is, writes a line to stderr,
 *
 *     weir: stack overflow in task "parse" (spawned at serve+0x4c (market+0x51cc)): 262144 bytes used,
 *     run `addr2line -e /usr/bin/market 0x51cb`
 *
 * (on one line), and passes the fault on to the handler that was there before, or to the default action: a core. Faults
 * of any other kind are passed on in silence. */
#ifndef WEIR_SRC_PLATFORM_FAULT_H
#define WEIR_SRC_PLATFORM_FAULT_H

#include <stdbool.h>
#include <stddef.h>

/** Whose stack overflowed, for the report. */
struct weir__overflow {
    const char *task;       /* its name; "": it has none, so `function` tells */
    const void *function;   /* what the task runs; NULL where it has a name */
    const void *spawned_at; /* return address of the spawn; NULL: not known */
    size_t stack_bytes;     /* all of them used */
};

/**
 * Whether a fault is an overflow of a stack of ours. Runs in the signal handler: allocates nothing, locks nothing.
 * @param arg       as given to weir__fault_open
 * @param address   what the fault was about
 * @param ret_overflow  filled in when true; its strings stay readable until the process's end
 */
typedef bool weir__fault_find(void *arg, const void *address, struct weir__overflow *ret_overflow);

/**
 * Watch this thread. Once a thread at a time; any number of threads.
 * @param arg  handed to `find`, until weir__fault_close
 * @return 0; -ENOMEM no alternate stack
 */
int weir__fault_open(weir__fault_find *find, void *arg);

/** Stop watching this thread; the last one gives the signals back. */
void weir__fault_close(void);

#endif
