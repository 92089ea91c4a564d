/* SPDX-License-Identifier: MIT */
/* metrics.h: what /metrics tells, counted where it happens. One loop, so plain integers. */
#ifndef MARKET_WEB_METRICS_H
#define MARKET_WEB_METRICS_H

#include "market/web/text.h"

#include <stdint.h>

#define METRICS_BUCKETS 12 /* of the latency histogram, without +Inf */

struct metrics {
    uint64_t latency[METRICS_BUCKETS + 1]; /* not cumulative; the last is +Inf */
    uint64_t latency_count;
    double latency_seconds;
    uint64_t orders_placed;
    uint64_t orders_repeated; /* answered from an earlier one with the same key */
    uint64_t orders_refused;  /* out of stock */
    uint64_t logins_failed;
    uint64_t logins_limited;
};

/** An answer was made, `took` after its request had been parsed. */
void metrics_answered(struct metrics *metrics, weir_duration took);

/** Lines of the Prometheus text format, version 0.0.4: HELP, TYPE and one value. */
void metrics_write_one(struct text *out, const char *type, const char *name, const char *help, uint64_t value);

/** Append answers by status; `by_status` is indexed by it. */
void metrics_write_statuses(struct text *out, const uint64_t *by_status, size_t count);

/** Append all that `metrics` holds. */
void metrics_write(struct text *out, const struct metrics *metrics);

#endif
