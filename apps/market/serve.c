/* SPDX-License-Identifier: MIT */
/* serve.c: `market serve`: puts the parts together, serves until told to stop, and takes them apart in the reverse
 * order. Invariant: what was opened is closed on every way out, and an answered write is on disk whatever happens. */
#include "market/commands.h"
#include "market/web/json_read.h"
#include "market/web/route.h"
#include "market/web/serve_options.h"
#include "market/web/site.h"
#include "weir/weir.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* A stop is over within 5 s: the drain takes most of it, the rest is for the database. */
#define DRAIN (4 * WEIR_SEC)
#define GRACE (4500 * WEIR_MS)
#define REQUEST_TIME (10 * WEIR_SEC)

enum { CONNECTIONS_MAX = 16384, DESCRIPTORS_KEPT = 128 };

/* To standard error, unless that is a pipe or a terminal that nobody reads: it must not hold up the loop, nor the stop.
 */
static void say(const char *format, ...) WEIR_PRINTF(1, 2);

static void say(const char *format, ...) {
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
    va_list args;

    if (poll(&ready, 1, 0) <= 0)
        return;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
}

static int fail(const char *what, int rc) {
    say("market: %s: %s\n", what, market_error_text(rc));
    return rc;
}

static int fail_listen(const char *address, int rc) {
    if (rc == -EADDRINUSE)
        say("market: %s is in use by another program; stop that, or choose with --listen\n", address);
    else if (rc == -EACCES)
        say("market: %s: no permission; ports below 1024 are the system's\n", address);
    else
        say("market: cannot listen on %s: %s\n", address, weir_error_text(rc));
    return rc;
}

/* As many connections as there are descriptors for, some being kept for the database. */
static unsigned raise_connections(void) {
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit); /* if it is refused, the old limit holds */
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur > CONNECTIONS_MAX + DESCRIPTORS_KEPT)
        return CONNECTIONS_MAX;
    return limit.rlim_cur > 2 * DESCRIPTORS_KEPT ? (unsigned)limit.rlim_cur - DESCRIPTORS_KEPT : DESCRIPTORS_KEPT;
}

/* Says that the stop has begun; the cancel that begins it is what wakes this task. */
static int announce_stop(void *arg) {
    struct site *site = arg;

    int rc = weir_event_wait(&site->draining);
    say("market: stopping (%s); requests under way are answered\n",
        rc < 0 ? weir_error_text(rc) : "no new connections");
    return 0;
}

static int run_server(struct site *site, weir_listener *listener, unsigned connections_max) {
    weir_serve_options serve = {.size_bytes = sizeof serve,
                                .connections_max = connections_max,
                                .drain = DRAIN,
                                .draining = &site->draining};
    weir_http_options http = {.size_bytes = sizeof http,
                              .serve = &serve,
                              .request_time = REQUEST_TIME,
                              .on_error = route_refuse,
                              .arg = site,
                              .counters = &site->http};
    weir_http_router *router;

    int rc = weir_http_router_new(&router);
    if (rc < 0)
        return rc;
    routes_add(router, site);
    printf("market listening on http://%s\n", weir_listener_address(listener));
    fflush(stdout);
    rc = weir_http_serve(listener, router, &http);
    weir_http_router_free(router);
    return rc;
}

/* Stopped is what a server ends with; only what was not asked for is a failure. */
static int report_end(const struct site *site, int rc) {
    if (rc < 0 && rc != -ECANCELED && rc != -ETIME)
        return fail("serving failed", rc);
    if (rc < 0)
        say("market: %s\n", weir_error_text(rc));
    say("market: stopped after %" PRIu64 " requests\n", site->http.requests);
    return 0;
}

/* The tasks beside the server: the log's and the one that announces. They end when the serving has. */
static int serve_site(struct site *site, weir_listener *listener, const struct serve_options *options) {
    weir_group beside;

    weir_group_open(&beside);
    int rc = options->log ? access_log_new(&site->log, &beside) : 0;
    if (rc == 0)
        rc = weir_spawn(&beside, announce_stop, site, NULL);
    if (rc == 0)
        rc = run_server(site, listener, options->connections_max);
    access_log_close(site->log);
    weir_event_set(&site->draining);
    int ended = weir_group_close(&beside, 0);
    access_log_free(site->log);
    rc = report_end(site, rc);
    return rc < 0 ? rc : ended == -ECANCELED ? 0 : ended;
}

static int open_and_serve(struct site *site, const struct serve_options *options) {
    struct store_options store = {.size_bytes = sizeof store, .path = options->db};
    struct auth_options auth = {.size_bytes = sizeof auth};
    weir_listener *listener = NULL;

    int rc = store_open(&site->store, &store);
    if (rc < 0)
        return fail("the database", rc);
    rc = auth_new(&site->auth, site->store, &auth);
    if (rc < 0) {
        fail("accounts", rc);
        goto out;
    }
    rc = weir_tcp_listen(&listener, options->listen);
    if (rc < 0)
        fail_listen(options->listen, rc);
    else
        rc = serve_site(site, listener, options);
out:
    weir_listener_free(listener);
    auth_free(site->auth);
    int closed = store_close(site->store);
    if (closed < 0)
        fail("closing the database", closed);
    return rc < 0 ? rc : closed;
}

static int serve_task(void *arg) {
    const struct serve_options *options = arg;
    struct site *site = calloc(1, sizeof *site);

    if (site == NULL)
        return -ENOMEM;
    site->origin = options->origin;
    weir_event_init(&site->draining);
    weir_semaphore_init(&site->uploads, SITE_UPLOADS_MAX);
    json_seed();
    int rc = open_and_serve(site, options);
    weir_semaphore_done(&site->uploads);
    weir_event_done(&site->draining);
    free(site);
    return rc;
}

int market_serve(int argc, char **argv) {
    weir_run_options run = {.size_bytes = sizeof run, .stop_on_signals = true, .grace = GRACE};
    struct serve_options options;

    int status = serve_options_parse(&options, argc, argv);
    if (status >= 0)
        return status;
    options.connections_max = raise_connections();
    int rc = weir_run(serve_task, &options, &run);
    if (rc == -EBUSY || rc == -EDEADLK || rc == -EMFILE || rc == -ENOMEM)
        fail("the runtime", rc);
    return rc < 0 ? 1 : 0;
}
