/* SPDX-License-Identifier: MIT */
/* access_log.c: the queue and the task behind access_log.h. Lines are logfmt, so that both people and tools read them.
 */
#include "market/web/access_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 240, LINES_MAX = 1024, BATCH_MAX = 64 };

struct line {
    char text[LINE_BYTES];
};

struct access_log {
    weir_queue queue;
    weir_lane *lane;
    uint64_t dropped;
    size_t batch_bytes;
    char batch[BATCH_MAX * LINE_BYTES];
    struct line slots[LINES_MAX];
};

/* On the lane's thread. What standard error refuses is lost: there is nowhere to complain. */
static int write_batch(void *arg, const weir_stop *stop) {
    struct access_log *log = arg;
    size_t done = 0;

    while (done < log->batch_bytes && !weir_stop_asked(stop)) {
        ssize_t n = write(STDERR_FILENO, log->batch + done, log->batch_bytes - done);
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
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

static int log_task(void *arg) {
    struct access_log *log = arg;
    struct line line;
    int rc;

    while ((rc = weir_queue_get(&log->queue, &line)) > 0) {
        log->batch_bytes = 0;
        batch_add(log, line.text);
        for (int i = 2; i < BATCH_MAX && weir_queue_try_get(&log->queue, &line) > 0; i++)
            batch_add(log, line.text);
        if (log->dropped > 0) {
            snprintf(line.text, sizeof line.text, "lines_dropped=%" PRIu64 "\n", log->dropped);
            log->dropped = 0;
            batch_add(log, line.text);
        }
        rc = weir_offload(log->lane, write_batch, log);
        if (rc < 0)
            break;
    }
    return rc;
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
    rc = weir_spawn_with(group, log_task, log, NULL, &options);
    if (rc < 0) {
        access_log_free(log);
        return rc;
    }
    *ret_log = log;
    return 0;
}

/* "2026-11-20T06:49:00.123Z" */
static void format_time(char *buf, size_t buf_bytes, weir_wall wall) {
    time_t seconds = (time_t)(wall.ns / WEIR_SEC);
    char text[32];
    struct tm utc;

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(buf, buf_bytes, "%s.%03dZ", text, (int)(wall.ns % WEIR_SEC / WEIR_MS));
}

void access_log_put(struct access_log *log, const struct access_log_entry *entry) {
    struct line line;
    char when[40];

    if (log == NULL)
        return;
    format_time(when, sizeof when, weir_wall_now());
    snprintf(line.text, sizeof line.text - 1, "time=%s peer=%s method=%s path=%.120s status=%d bytes=%zu ms=%.3f", when,
             entry->peer, entry->method, entry->path, entry->status, entry->bytes,
             (double)entry->took / (double)WEIR_MS);
    strcat(line.text, "\n");
    if (weir_queue_try_put(&log->queue, &line) < 0)
        log->dropped++;
}

void access_log_close(struct access_log *log) {
    if (log != NULL)
        weir_queue_close(&log->queue);
}

void access_log_free(struct access_log *log) {
    if (log == NULL)
        return;
    weir_queue_done(&log->queue);
    weir_lane_free(log->lane);
    free(log);
}
