/* SPDX-License-Identifier: MIT */
/* route.c: runs a handler, turns what it returns into an answer, counts and logs it. */
#include "market/web/route.h"

#include "market/web/access.h"
#include "market/web/failure.h"
#include "market/web/page.h"
#include "market/web/problem.h"
#include "market/web/site.h"

#include <stdio.h>

/* Answered elsewhere: the handler's own scope is over, so that nothing can be sent from within it; or the peer is gone.
 */
static bool is_for_the_server(int code) {
    return code == -ETIME || code == -ECANCELED || code == -EPIPE || code == -ECONNRESET || code == -ETIMEDOUT;
}

static void set_retry_after(struct exchange *x, const struct failure *failure) {
    char text[16];
    int seconds = failure_retry_after(failure);

    if (seconds == 0 || x->has_retry_after)
        return;
    snprintf(text, sizeof text, "%d", seconds);
    weir_http_reply_set_header(x->reply, "Retry-After", text);
}

static int answer_failure(struct exchange *x, const struct failure *failure, int status, const char *detail) {
    /* What the handler has set for the answer that is not to be. */
    static const char *const fields[] = {"Content-Length", "Content-Type", "ETag", "Location"};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        weir_http_reply_set_header(x->reply, fields[i], NULL);
    x->cached = false;
    set_retry_after(x, failure);
    if (status == 401)
        weir_http_reply_set_header(x->reply, "WWW-Authenticate", "Bearer realm=\"market\"");
    return exchange_is_api(x) ? problem_send(x, failure, status, detail) : page_failure(x, failure, status, detail);
}

static void finish(struct exchange *x, weir_instant began) {
    char peer[64];
    weir_duration took = weir_instant_diff(weir_now(), began);
    struct access_log_entry entry = {
        .peer = access_peer(x, peer, sizeof peer),
        .method = weir_http_request_method(x->request),
        .path = weir_http_request_path(x->request),
        .status = x->status,
        .bytes = x->bytes,
        .took = took,
    };

    if (x->answered) {
        metrics_answered(&x->site->metrics, took);
        access_log_put(x->site->log, &entry);
    }
    exchange_done(x);
}

static int route_run(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const struct site_route *bound = arg;
    weir_instant began = weir_now();
    struct exchange x;

    exchange_init(&x, bound->site, bound->route, request, reply);
    int rc = bound->route->fn(&x);
    if (rc < 0 && !x.answered && !is_for_the_server(rc)) {
        const struct failure *failure = failure_of(rc);
        rc = answer_failure(&x, failure, failure->status, failure_detail(failure, rc));
    }
    finish(&x, began);
    return rc;
}

int route_refuse(weir_http_request *request, weir_http_reply *reply, int status, int code, void *arg) {
    const struct failure *failure = code < 0 ? failure_of(code) : failure_of_status(status);
    weir_instant began = weir_now();
    struct exchange x;

    exchange_init(&x, arg, NULL, request, reply);
    int rc = answer_failure(&x, failure, status, NULL);
    finish(&x, began);
    return rc;
}

void routes_bind(weir_http_router *router, struct site *site, const struct route *routes, size_t count) {
    for (size_t i = 0; i < count && i < SITE_ROUTES_MAX; i++) {
        const struct route *route = &routes[i];
        weir_http_route_options options = {
            .size_bytes = sizeof options,
            .body_bytes_max = route->body_bytes_max > 0 ? route->body_bytes_max : EXCHANGE_BODY_BYTES_MAX,
            .request_time = route->time,
        };
        site->routes[i] = (struct site_route){site, route};
        weir_http_router_add_with(router, route->method, route->path, route_run, &site->routes[i], &options);
    }
}
