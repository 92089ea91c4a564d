/* SPDX-License-Identifier: MIT */
/* progress.c: word how far a long work has come. */
#include "market/progress.h"

#include "market/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BAR_COLUMNS = 30 };

int progress_percent(const struct progress *progress) {
    if (progress->size == 0)
        return -1;
    double part = (double)progress->done / (double)progress->size;
    return part >= 1 ? 100 : (int)(100 * part);
}

static uint64_t lines_per_second(const struct progress *progress) {
    double seconds = (double)progress->elapsed / (double)WEIR_SEC;
    return seconds < 0.001 ? 0 : (uint64_t)((double)progress->lines / seconds);
}

/** "  0:03 left", or nothing while it cannot be told. */
static void append_left(const struct progress *progress, char buf[PROGRESS_BYTES]) {
    size_t used = strlen(buf);

    if (progress->size == 0 || progress->done == 0 || progress->done > progress->size)
        return;
    double part = (double)progress->done / (double)progress->size;
    uint64_t left = (uint64_t)((double)progress->elapsed / (double)WEIR_SEC * (1 - part) / part + 0.5);
    snprintf(buf + used, PROGRESS_BYTES - used, "  %" PRIu64 ":%02" PRIu64 " left", left / 60, left % 60);
}

const char *progress_plain(const struct progress *progress, char buf[PROGRESS_BYTES]) {
    char lines[NUMBER_TEXT_BYTES], speed[NUMBER_TEXT_BYTES], percent[16] = "";

    if (progress->size > 0)
        snprintf(percent, sizeof percent, "%3d %%  ", progress_percent(progress));
    snprintf(buf, PROGRESS_BYTES, "%s%s lines  %s/s", percent, number_format(lines, progress->lines),
             number_format(speed, lines_per_second(progress)));
    append_left(progress, buf);
    return buf;
}

const char *progress_bar(const struct progress *progress, char buf[PROGRESS_BYTES]) {
    char plain[PROGRESS_BYTES], bar[BAR_COLUMNS + 1];

    progress_plain(progress, plain);
    if (progress->size == 0) {
        memcpy(buf, plain, sizeof plain);
        return buf;
    }
    int full = progress_percent(progress) * BAR_COLUMNS / 100;
    memset(bar, ' ', BAR_COLUMNS);
    memset(bar, '#', (size_t)full);
    bar[BAR_COLUMNS] = '\0';
    snprintf(buf, PROGRESS_BYTES, "[%s] %.*s", bar, PROGRESS_BYTES - BAR_COLUMNS - 8, plain);
    return buf;
}
