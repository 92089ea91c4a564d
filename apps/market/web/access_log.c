/* SPDX-License-Identifier: MIT */
/* access_log.c: the queue and the task behind access_log.h. Lines are logfmt, so that both people and tools read them.
 */
#include "market/web/access_log.h"

#include "market/web/timestamp.h"

#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 240, LINES_MAX = 1024, BATCH_MAX = 64, POLL_MS = 100 };

#define DRAIN_TIME WEIR_MIN /* longer than any server drains */
#define LAST_TIME (250 * WEIR_MS)

struct line {
    char text[LINE_BYTES];
};

struct access_log {
    weir_queue queue;
    weir_task *task;
    weir_scope *drain; /* the task's, while it outlives the cancel of all others; else NULL */
    bool is_closed;
    weir_lane *lane;
    uint64_t dropped;
    size_t batch_bytes, batch_written;        /* equal: nothing is left of it */
    char batch[(BATCH_MAX + 2) * LINE_BYTES]; /* one line beyond, and the count of those dropped */
    struct line slots[LINES_MAX];
};

/* On the lane's thread; it must be able to stop, so it writes what fits without waiting, and waits in short steps. What
 * standard error refuses for good is lost: there is nowhere to complain. */
static int write_batch(void *arg, const weir_stop *stop) {
    struct access_log *log = arg;
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};

    while (log->batch_written < log->batch_bytes && !weir_stop_asked(stop)) {
        if (poll(&ready, 1, POLL_MS) <= 0)
            continue;
        size_t bytes = log->batch_bytes - log->batch_written;
        ssize_t n = write(STDERR_FILENO, log->batch + log->batch_written, bytes < PIPE_BUF ? bytes : PIPE_BUF);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            n = (ssize_t)bytes;
        log->batch_written += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static void batch_add(struct access_log *log, const char *text) {
    size_t bytes = strlen(text);
    if (bytes > sizeof log->batch - log->batch_bytes)
        return;
    memcpy(log->batch + log->batch_bytes, text, bytes);
    log->batch_bytes += bytes;
}

/* The next line, and those behind it that are there already. 1; 0 the log is closed and empty; < 0. */
static int fill_batch(struct access_log *log) {
    struct line line;

    int rc = weir_queue_get(&log->queue, &line);
    if (rc <= 0)
        return rc;
    log->batch_bytes = log->batch_written = 0;
    do
        batch_add(log, line.text);
    while (log->batch_bytes < BATCH_MAX * LINE_BYTES && weir_queue_try_get(&log->queue, &line) > 0);
    if (log->dropped > 0) {
        snprintf(line.text, sizeof line.text, "lines_dropped=%" PRIu64 "\n", log->dropped);
        log->dropped = 0;
        batch_add(log, line.text);
    }
    return 1;
}

static int flush_batch(struct access_log *log) {
    int rc = 0;
    while (rc == 0 && log->batch_written < log->batch_bytes)
        rc = weir_offload(log->lane, write_batch, log);
    return rc;
}

/* Until the log is closed and empty, 0; or until interrupted: what is left of the batch is then still there. */
static int write_lines(struct access_log *log) {
    int rc = flush_batch(log);
    while (rc == 0 && (rc = fill_batch(log)) > 0)
        rc = flush_batch(log);
    return rc;
}

/* Being told to stop is what a server's drain begins with: its answers are logged like all others. Once the log is
 * closed what is left has little time: where nobody reads standard error it is lost. */
static int log_task(void *arg) {
    struct access_log *log = arg;
    weir_scope drain;

    int rc = write_lines(log);
    if (rc != -ECANCELED)
        return rc;
    weir_scope_open_shield(&drain, weir_after(log->is_closed ? LAST_TIME : DRAIN_TIME));
    log->drain = &drain;
    rc = write_lines(log);
    log->drain = NULL;
    rc = weir_scope_close(&drain, rc);
    return rc == -ETIME || rc == -ECANCELED ? 0 : rc;
}

int access_log_new(struct access_log **ret_log, weir_group *group) {
    weir_spawn_options options = {.size_bytes = sizeof options, .name = "access log"};
    struct access_log *log = calloc(1, sizeof *log);

    if (log == NULL)
        return -ENOMEM;
    int rc = weir_lane_new(&log->lane, "market log", 1, 1);
    if (rc < 0) {
        free(log);
        return rc;
    }
    weir_queue_init(&log->queue, log->slots, LINES_MAX, sizeof log->slots[0]);
    rc = weir_spawn_with(group, log_task, log, &log->task, &options);
    if (rc < 0) {
        access_log_free(log);
        return rc;
    }
    *ret_log = log;
    return 0;
}

/* "2026-11-20T06:49:00.123Z": between seconds and zone the thousandths. */
static void format_time(char *buf, size_t buf_bytes, weir_wall wall) {
    char text[TIMESTAMP_BYTES];

    timestamp_format(text, wall);
    snprintf(buf, buf_bytes, "%.19s.%03dZ", text, (int)(wall.ns % WEIR_SEC / WEIR_MS));
}

void access_log_put(struct access_log *log, const struct access_log_entry *entry) {
    struct line line;
    char when[40];

    if (log == NULL)
        return;
    format_time(when, sizeof when, weir_wall_now());
    int bytes =
        snprintf(line.text, sizeof line.text, "time=%s peer=%s method=%s path=%.120s status=%d bytes=%zu ms=%.3f\n",
                 when, entry->peer, entry->method, entry->path, entry->status, entry->bytes,
                 (double)entry->took / (double)WEIR_MS);
    if (bytes >= LINE_BYTES) /* cut, but still a line */
        line.text[LINE_BYTES - 2] = '\n';
    if (weir_queue_try_put(&log->queue, &line) < 0)
        log->dropped++;
}

void access_log_close(struct access_log *log) {
    if (log == NULL)
        return;
    weir_queue_close(&log->queue);
    log->is_closed = true;
    if (log->drain != NULL)
        weir_scope_set_deadline(log->drain, weir_after(LAST_TIME));
    else
        weir_task_cancel(log->task, "the log is closed");
}

void access_log_free(struct access_log *log) {
    if (log == NULL)
        return;
    weir_queue_done(&log->queue);
    weir_lane_free(log->lane);
    free(log);
}
