/* SPDX-License-Identifier: MIT */
/* api_health.c: /healthz (the process answers), /readyz (it can serve), /metrics (what it has done). */
#include "market/web/api.h"

#include "market/web/site.h"

static int send_line(struct exchange *x, int status, const char *line) {
    text_puts(&x->out, line);
    x->private = true;
    return exchange_send(x, status, "text/plain; charset=utf-8");
}

int health_live(struct exchange *x) { return send_line(x, 200, "ok\n"); }

int health_ready(struct exchange *x) {
    if (weir_event_is_set(&x->site->draining))
        return send_line(x, 503, "stopping\n");
    int rc = store_check(x->site->store);
    if (rc == -ECANCELED || rc == -ETIME)
        return rc;
    return rc < 0 ? send_line(x, 503, "the database cannot be read\n") : send_line(x, 200, "ready\n");
}

static void write_server(struct text *out, const weir_http_counters *http) {
    metrics_write_one(out, "counter", "market_connections_total", "Connections taken.", http->connections);
    metrics_write_one(out, "gauge", "market_connections_open", "Connections now.", http->connections_open);
    metrics_write_one(out, "gauge", "market_connections_idle", "Of these, between two requests.",
                      http->connections_idle);
    metrics_write_one(out, "gauge", "market_http_requests_running", "Requests under way.", http->requests_open);
    metrics_write_one(out, "counter", "market_http_requests_cut_total", "Requests that ended without a whole answer.",
                      http->requests_cut);
    metrics_write_one(out, "counter", "market_http_received_bytes_total", "Bytes received.", http->bytes_in);
    metrics_write_one(out, "counter", "market_http_sent_bytes_total", "Bytes sent.", http->bytes_out);
    metrics_write_statuses(out, http->by_status, sizeof http->by_status / sizeof http->by_status[0]);
}

static void write_store(struct text *out, const struct store *store) {
    struct store_stats stats;

    store_get_stats(store, &stats);
    metrics_write_one(out, "counter", "market_store_reads_total", "Reads of the database.", stats.reads);
    metrics_write_one(out, "counter", "market_store_writes_total", "Writes that were done.", stats.writes);
    metrics_write_one(out, "counter", "market_store_writes_failed_total", "Writes refused, rolled back or withdrawn.",
                      stats.writes_failed);
    metrics_write_one(out, "counter", "market_store_commits_total", "Commits; writes share them.", stats.commits);
    metrics_write_one(out, "counter", "market_store_commits_failed_total", "Commits that failed.",
                      stats.commits_failed);
    metrics_write_one(out, "gauge", "market_store_commit_writes_max", "The most writes in one commit.",
                      stats.batch_max);
    metrics_write_one(out, "gauge", "market_store_writes_waiting", "Writes that wait for the writer.",
                      stats.writes_waiting);
    metrics_write_one(out, "gauge", "market_store_reads_running", "Reads under way or waiting.", stats.reads_running);
}

static void write_accounts(struct text *out, const struct auth *auth) {
    struct auth_stats stats;

    auth_get_stats(auth, &stats);
    metrics_write_one(out, "gauge", "market_passwords_waiting", "Logins that wait for a core.", stats.waiting);
    metrics_write_one(out, "gauge", "market_passwords_running", "Passwords being hashed.", stats.running);
}

static void write_auth(struct text *out, const struct auth *auth) {
    struct auth_stats stats;

    auth_get_stats(auth, &stats);
    metrics_write_one(out, "counter", "market_passwords_hashed_total", "Passwords hashed or compared.", stats.hashed);
    metrics_write_one(out, "counter", "market_passwords_refused_total", "Calls that found their line full.",
                      stats.refused);
    metrics_write_one(out, "gauge", "market_passwords_running", "Passwords being hashed.", stats.running);
    metrics_write_one(out, "gauge", "market_passwords_waiting", "Calls in line for it.", stats.waiting);
}

int health_metrics(struct exchange *x) {
    write_server(&x->out, &x->site->http);
    metrics_write(&x->out, &x->site->metrics);
    write_store(&x->out, x->site->store);
    write_auth(&x->out, x->site->auth);
    write_accounts(&x->out, x->site->auth);
    x->private = true;
    return exchange_send(x, 200, "text/plain; version=0.0.4; charset=utf-8");
}
