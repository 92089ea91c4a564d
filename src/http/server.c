/* SPDX-License-Identifier: MIT */
/* server.c: from options to a server; serving a listener or one stream; draining. */
#include "http/connection.h"

#include "base/assert.h"
#include "http/fields.h"
#include "weir/scope.h"
#include "weir/task.h"

enum { HEAD_BYTES_MAX = 64 * 1024, HEAD_BYTES_MIN = 512 };

static void default_size(size_t *option, size_t size) { *option = *option != 0 ? *option : size; }

static void default_time(weir_duration *option, weir_duration time) { *option = *option != 0 ? *option : time; }

static int fill_options(weir_http_options *o) {
    default_size(&o->head_bytes_max, (size_t)16 * 1024);
    default_size(&o->target_bytes_max, o->head_bytes_max / 2 < 8192 ? o->head_bytes_max / 2 : 8192);
    o->body_bytes_max = o->body_bytes_max != 0 ? o->body_bytes_max : UINT64_C(1) << 20;
    o->rate_min = o->rate_min != 0 ? o->rate_min : 256;
    default_time(&o->head_time, 10 * WEIR_SEC);
    default_time(&o->idle_time, 60 * WEIR_SEC);
    default_time(&o->write_time, 30 * WEIR_SEC);
    if (o->head_bytes_max < HEAD_BYTES_MIN || o->head_bytes_max > HEAD_BYTES_MAX ||
        o->target_bytes_max > o->head_bytes_max / 2)
        return weir_fail(-EINVAL, "weir_http_options: a head or a target of this size");
    if (o->head_time < 0 || o->idle_time < 0 || o->write_time < 0 || o->request_time < 0)
        return weir_fail(-EINVAL, "weir_http_options: a time below zero");
    return 0;
}

/* The most that the strings of one request can take. */
static size_t strings_bytes(const weir_http_options *o) {
    size_t fields = o->head_bytes_max; /* joined: ", " is shorter than what it stands for */
    size_t query = weir__fields_bytes_max(o->target_bytes_max, WEIR__HTTP_QUERY_FIELDS_MAX);
    size_t cookies = weir__fields_bytes_max(o->head_bytes_max, WEIR__HTTP_COOKIES_MAX);
    size_t parameters = o->target_bytes_max + WEIR__ROUTE_PARAMETERS_MAX, host = o->head_bytes_max + 1;
    return fields + query + cookies + parameters + host;
}

static int server_init(struct weir__http_server *server, const weir_http_router *router,
                       const weir_http_options *options) {
    WEIR_ASSERT(router != NULL);
    WEIR_ASSERT(options == NULL || options->size_bytes == sizeof *options);
    *server = (struct weir__http_server){.router = router};
    int rc = weir__router_check(router);
    if (rc < 0)
        return rc;
    if (options != NULL)
        server->options = *options;
    rc = fill_options(&server->options);
    if (rc < 0)
        return rc;
    server->limits = (struct weir__http_limits){server->options.head_bytes_max, server->options.target_bytes_max};
    server->strings_bytes = strings_bytes(&server->options);
    server->counters = server->options.counters != NULL ? server->options.counters : &server->uncounted;
    weir__list_init(&server->idle);
    weir__http_flusher_init(&server->flusher);
    return 0;
}

static void server_done(struct weir__http_server *server) {
    WEIR_ASSERT(weir__list_is_empty(&server->idle));
    weir_semaphore_done(&server->flusher.bell);
    weir__http_works_done(server);
}

/* ---- Draining ---------------------------------------------------------------------------------------------------- */

struct drain_watch {
    struct weir__http_server *server;
    weir_event *draining;
    bool is_over; /* the serving is: this was no drain */
};

/* Whether the event is set or we are cancelled: the server drains. Idle connections need not wait for it. */
static int watch_drain(void *arg) {
    struct drain_watch *watch = arg;
    struct weir__http_server *server = watch->server;
    int rc = weir_event_wait(watch->draining);
    struct weir__link *link = server->idle.next;

    if (watch->is_over)
        return rc;
    server->is_draining = true;
    for (; link != &server->idle; link = link->next)
        weir_scope_cancel(WEIR__CONTAINER(link, struct weir__http_connection, idle)->waits, "the server drains");
    return rc;
}

/* ---- Serving ----------------------------------------------------------------------------------------------------- */

/* `serve` runs with the flusher and the watch beside it. */
static int run_with_helpers(struct weir__http_server *server, weir_event *draining, int (*serve)(void *arg),
                            void *arg) {
    const weir_group_options supervising = {.size_bytes = sizeof supervising, .supervising = true};
    struct drain_watch watch = {server, draining, false};
    weir_group helpers;
    weir_failure failure;

    weir_group_open_with(&helpers, &supervising);
    int rc = weir_spawn(&helpers, weir__http_flusher_run, server, NULL);
    if (rc == 0 && draining != NULL)
        rc = weir_spawn(&helpers, watch_drain, &watch, NULL);
    if (rc == 0)
        rc = serve(arg);
    watch.is_over = true;
    weir__http_flusher_end(&server->flusher);
    weir_group_cancel(&helpers, "the server has ended");
    while (weir_group_try_failure(&helpers, &failure) > 0)
        continue;
    int closed = weir_group_close(&helpers, rc < 0 ? rc : 0);
    return rc != 0 || closed == -ECANCELED ? rc : closed;
}

struct serve_call {
    struct weir__http_server *server;
    weir_listener *listener;
    weir_stream *stream;
    weir_serve_options options;
};

static int serve_connection(weir_stream *stream, void *server) { return weir__http_connection_run(server, stream); }

static int serve_listener(void *arg) {
    struct serve_call *call = arg;
    return weir_serve(call->listener, serve_connection, call->server, &call->options);
}

static int serve_stream(void *arg) {
    struct serve_call *call = arg;
    return weir__http_connection_run(call->server, call->stream);
}

int weir_http_serve(weir_listener *listener, weir_http_router *router, const weir_http_options *options) {
    struct weir__http_server server;
    struct serve_call call = {.server = &server, .listener = listener};
    weir_event draining;

    int rc = server_init(&server, router, options);
    if (rc < 0)
        return rc;
    call.options = (weir_serve_options){.size_bytes = sizeof call.options};
    if (server.options.serve != NULL)
        call.options = *server.options.serve;
    weir_event_init(&draining);
    if (call.options.draining == NULL)
        call.options.draining = &draining;
    rc = run_with_helpers(&server, call.options.draining, serve_listener, &call);
    weir_event_done(&draining);
    server_done(&server);
    return rc;
}

int weir_http_serve_stream(weir_stream *stream, weir_http_router *router, const weir_http_options *options) {
    struct weir__http_server server;
    struct serve_call call = {.server = &server, .stream = stream};

    int rc = server_init(&server, router, options);
    if (rc < 0)
        return rc;
    rc = run_with_helpers(&server, server.options.serve != NULL ? server.options.serve->draining : NULL, serve_stream,
                          &call);
    server_done(&server);
    return rc;
}
