/* SPDX-License-Identifier: MIT */
/* progress.h: word how far a long work has come. Pure: the caller prints. */
#ifndef MARKET_PROGRESS_H
#define MARKET_PROGRESS_H

#include "weir/base.h"

enum { PROGRESS_BYTES = 160 };

struct progress {
    uint64_t done, size; /* bytes; size 0: not known */
    uint64_t lines;
    weir_duration elapsed;
};

/** 0 to 100; -1: not known. */
int progress_percent(const struct progress *progress);

/** "[#######       ]  45 %  144,120 lines  98,000/s  0:03 left"; without a size no bar and no time. */
const char *progress_bar(const struct progress *progress, char buf[PROGRESS_BYTES]);

/** The same without the bar, for what is no terminal. */
const char *progress_plain(const struct progress *progress, char buf[PROGRESS_BYTES]);

#endif
