/* SPDX-License-Identifier: MIT */
/* metrics.c: counts, and the Prometheus text format. */
#include "market/web/metrics.h"

#include <inttypes.h>

static const struct {
    weir_duration up_to;
    const char *label; /* in seconds */
} buckets[METRICS_BUCKETS] = {
    {500 * WEIR_US, "0.0005"}, {WEIR_MS, "0.001"},     {2500 * WEIR_US, "0.0025"},
    {5 * WEIR_MS, "0.005"},    {10 * WEIR_MS, "0.01"}, {25 * WEIR_MS, "0.025"},
    {50 * WEIR_MS, "0.05"},    {100 * WEIR_MS, "0.1"}, {250 * WEIR_MS, "0.25"},
    {500 * WEIR_MS, "0.5"},    {WEIR_SEC, "1"},        {5 * WEIR_SEC, "5"},
};

void metrics_answered(struct metrics *metrics, weir_duration took) {
    int bucket = 0;

    while (bucket < METRICS_BUCKETS && took > buckets[bucket].up_to)
        bucket++;
    metrics->latency[bucket]++;
    metrics->latency_count++;
    metrics->latency_seconds += (double)took / (double)WEIR_SEC;
}

static void head(struct text *out, const char *type, const char *name, const char *help) {
    text_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_write_one(struct text *out, const char *type, const char *name, const char *help, uint64_t value) {
    head(out, type, name, help);
    text_printf(out, "%s %" PRIu64 "\n", name, value);
}

void metrics_write_statuses(struct text *out, const uint64_t *by_status, size_t count) {
    head(out, "counter", "market_http_answers_total", "Answers by status.");
    for (size_t status = 0; status < count; status++)
        if (by_status[status] > 0)
            text_printf(out, "market_http_answers_total{status=\"%zu\"} %" PRIu64 "\n", status, by_status[status]);
}

static void write_latency(struct text *out, const struct metrics *metrics) {
    static const char name[] = "market_http_answer_seconds";
    uint64_t sum = 0;

    head(out, "histogram", name, "Time from the parsed head to the answer.");
    for (int i = 0; i < METRICS_BUCKETS; i++) {
        sum += metrics->latency[i];
        text_printf(out, "%s_bucket{le=\"%s\"} %" PRIu64 "\n", name, buckets[i].label, sum);
    }
    text_printf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, metrics->latency_count);
    text_printf(out, "%s_sum %.6f\n%s_count %" PRIu64 "\n", name, metrics->latency_seconds, name,
                metrics->latency_count);
}

void metrics_write(struct text *out, const struct metrics *metrics) {
    write_latency(out, metrics);
    metrics_write_one(out, "counter", "market_orders_placed_total", "Orders made.", metrics->orders_placed);
    metrics_write_one(out, "counter", "market_orders_repeated_total", "Orders answered again for the same key.",
                      metrics->orders_repeated);
    metrics_write_one(out, "counter", "market_orders_refused_total", "Orders refused, out of stock.",
                      metrics->orders_refused);
    metrics_write_one(out, "counter", "market_logins_failed_total", "Wrong names or passwords.",
                      metrics->logins_failed);
    metrics_write_one(out, "counter", "market_logins_limited_total", "Logins refused after too many failures.",
                      metrics->logins_limited);
}
