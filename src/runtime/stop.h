/* SPDX-License-Identifier: MIT */
/* stop.h: the first SIGINT or SIGTERM cancels a run, a second one ends the process. */
#ifndef WEIR_SRC_RUNTIME_STOP_H
#define WEIR_SRC_RUNTIME_STOP_H

struct weir__loop;

/**
 * Take SIGINT and SIGTERM over, for weir_run_options.stop_on_signals.
 * @param on_first  called in a turn of the loop, with "SIGINT" or "SIGTERM"
 * @return 0; -EBUSY taken over already
 */
int weir__stop_open(struct weir__loop *loop, void (*on_first)(struct weir__loop *loop, const char *cause));

/** Give them back. */
void weir__stop_close(struct weir__loop *loop);

/** Once a turn: deliver the signals that have come, to the run and to those who wait for one. */
void weir__stop_poll(struct weir__loop *loop);

#endif
