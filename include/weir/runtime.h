/* SPDX-License-Identifier: MIT */
/* runtime.h: start Weir, run a first task to its end, stop Weir. */
#ifndef WEIR_RUNTIME_H
#define WEIR_RUNTIME_H

#include "weir/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a task runs. @return its result: >= 0, or a negative code, which is a failure of its group. */
typedef int weir_task_fn(void *arg);

/**
 * Where the run takes its clock, randomness, sockets and order of tasks from. SIM is the simulated platform: a virtual
 * clock that jumps to the next timer when nothing can run, sockets in memory, and a seed that decides the order in
 * which runnable tasks run. For tests: they take no time, and the same seed repeats the same run.
 */
enum weir_backend { WEIR_BACKEND_AUTO = 0, WEIR_BACKEND_EPOLL, WEIR_BACKEND_URING, WEIR_BACKEND_SIM };

/** `{.size_bytes = sizeof(weir_run_options), ...}`; a field left at zero takes its default. */
typedef struct weir_run_options {
    size_t size_bytes;            /* sizeof(weir_run_options) of the caller's header; anything unknown is -EINVAL */
    enum weir_backend backend;    /* AUTO takes the best that works here; URING is -ENOSYS where it is not built in */
    uint64_t seed;                /* of SIM */
    bool stop_on_signals;         /* the first SIGINT or SIGTERM cancels the first task; a second ends the process */
    unsigned tasks_max;           /* default 4 Mi; a spawn beyond it fails with -EAGAIN */
    unsigned offload_threads_max; /* of the shared lane; default 2 per core, at least 4 */
    weir_duration grace;          /* how long shields may hold up the end; default 5 s */
    size_t stack_bytes;           /* of the first task and of spawns that say nothing; default 256 KiB */
} weir_run_options;

/**
 * Run `fn(arg)` as the first task, on this thread, until it has ended; then give everything back.
 *
 * @param fn       the first task; all others descend from it
 * @param arg      borrowed until the return
 * @param options  borrowed during the call; NULL for the defaults
 * @return what fn returned
 *         -EINVAL           an option is unknown or out of range; fn did not run
 *         -ENOSYS           the backend is not there; fn did not run
 *         -ENOMEM, -EMFILE, -ENFILE  the runtime could not start; fn did not run
 *         -EDEADLK          every task waited on another; weir_error_text names them. All were cancelled
 *         -EBUSY            an abandoned offload's thread did not end within the grace time; the text names it
 *                           with stop_on_signals also: another run or weir_signal has one of the two; fn did not run
 *
 * A process that forks inside a run may only exec or exit in the child: every call that needs a task is an assertion
 * there.
 *
 * Suspends: blocks the thread. Cancel: by a signal, when asked for. Thread: any plain thread, never inside a task.
 */
WEIR_EXPORT int weir_run(weir_task_fn *fn, void *arg, const weir_run_options *options);

#ifdef __cplusplus
}
#endif
#endif
