/* SPDX-License-Identifier: MIT */
/* access_log.h: a line for each answer, on standard error. Written by a thread from a bounded queue, so a terminal that
 * is stopped or a full pipe delays no answer; lines that find no room are counted, and the count is logged.
 * Holds method, path, status and times; no query (people's searches), no header, no body. */
#ifndef MARKET_WEB_ACCESS_LOG_H
#define MARKET_WEB_ACCESS_LOG_H

#include "weir/weir.h"

struct access_log;

struct access_log_entry {
    const char *peer, *method, *path; /* borrowed during the call */
    int status;                       /* 0: the peer was gone before an answer */
    size_t bytes;                     /* of the body */
    weir_duration took;
};

/** Start the task that writes. @param group  owns it @return 0; -ENOMEM, -EAGAIN. Suspends: no. Thread: task. */
int access_log_new(struct access_log **ret_log, weir_group *group) WEIR_MUST_CHECK;

/** Add a line. NULL is fine: nothing is logged. Suspends: no. */
void access_log_put(struct access_log *log, const struct access_log_entry *entry);

/** No more lines: the task ends when it has written what is queued. NULL is fine. Suspends: no. */
void access_log_close(struct access_log *log);

/** Release, after its group has closed. NULL is fine. */
void access_log_free(struct access_log *log);

#endif
