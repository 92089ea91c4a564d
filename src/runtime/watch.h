/* SPDX-License-Identifier: MIT */
/* watch.h: overflows of this loop's stacks are reported with the task's name. */
#ifndef WEIR_SRC_RUNTIME_WATCH_H
#define WEIR_SRC_RUNTIME_WATCH_H

struct weir__loop;

/** @return 0; -ENOMEM */
int weir__watch_open(struct weir__loop *loop);
void weir__watch_close(struct weir__loop *loop);

#endif
