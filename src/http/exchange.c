/* SPDX-License-Identifier: MIT */
/* exchange.c: one request and its answer. */
#include "http/connection.h"

#include "http/status.h"
#include "weir/scope.h"

static void count_answer(const struct weir__http_connection *connection) {
    weir_http_counters *counters = connection->server->counters;
    const weir_http_reply *reply = &connection->work->reply;

    counters->requests++;
    if (connection->is_cut || reply->state != WEIR__REPLY_WHOLE)
        counters->requests_cut++;
    else
        counters->by_status[reply->status]++;
}

static int answer_options(weir_http_reply *reply, uint32_t allow) {
    char text[WEIR__ALLOW_BYTES];

    weir__allow_text(allow, text);
    int rc = weir_http_reply_set_header(reply, "Allow", text);
    return rc < 0 ? rc : weir_http_reply_send(reply, 204, NULL, NULL, 0);
}

/* The program's part: its hook, then the route's handler. */
static int call_handler(struct weir__http_connection *connection, const struct weir__route *route) {
    const weir_http_options *options = &connection->server->options;
    struct weir__http_work *work = connection->work;

    if (options->on_request != NULL) {
        int rc = options->on_request(&work->request, &work->reply, options->arg);
        if (rc < 0 || weir_http_reply_is_begun(&work->reply))
            return rc;
    }
    return route->fn(&work->request, &work->reply, route->arg);
}

static int call_within_time(struct weir__http_connection *connection, const struct weir__route *route,
                            weir_duration time) {
    weir_scope scope;

    weir_scope_open(&scope, weir__http_after(time));
    int rc = call_handler(connection, route);
    return weir_scope_close(&scope, rc);
}

static int handle(struct weir__http_connection *connection, const struct weir__route *route) {
    weir_http_counters *counters = connection->server->counters;
    weir_duration time = route->request_time != 0 ? route->request_time : connection->server->options.request_time;
    bool is_timed = counters != &connection->server->uncounted; /* exactly: two readings of the clock */
    weir_instant begun = is_timed ? weir_now() : (weir_instant){0};

    counters->requests_open++;
    int rc = time > 0 ? call_within_time(connection, route, time) : call_handler(connection, route);
    counters->requests_open--;
    counters->handlers_time += is_timed ? weir_instant_diff(weir_now(), begun) : 0;
    return rc;
}

/* What a handler's end makes of its reply. */
static int conclude(struct weir__http_connection *connection, int rc) {
    weir_http_reply *reply = &connection->work->reply;

    if (connection->is_broken || connection->output.failure < 0)
        return rc < 0 ? rc : -ECONNRESET;
    if (rc >= 0)
        rc = weir__http_reply_end(reply);
    if (rc >= 0)
        return 0;
    int cancelled = weir_scope_check();
    if (cancelled < 0)
        return cancelled;
    if (weir_http_reply_is_begun(reply)) {
        connection->is_cut |= reply->state == WEIR__REPLY_STREAMING;
        return connection->is_cut ? rc : 0; /* a whole answer stands, whatever its handler met afterwards */
    }
    bool is_ours =
        reply->failure < 0 && rc == reply->failure; /* a header that the handler set, say: no fault of the client's */
    return weir__http_answer_failure(connection, is_ours ? 500 : weir__http_status_of_code(rc), rc);
}

static int answer_routed(struct weir__http_connection *connection) {
    struct weir__http_server *server = connection->server;
    struct weir_http_request *request = &connection->work->request;
    const struct weir__route *route;
    uint64_t body_bytes_max = server->options.body_bytes_max;

    weir__router_match(server->router, request->head.method, request->head.path, request->head.path_is_escaped,
                       &request->match);
    route = request->match.route;
    if (route != NULL && route->body_bytes_max != 0)
        body_bytes_max = route->body_bytes_max;
    weir__http_body_begin(request, body_bytes_max);
    if (route == NULL && request->match.allow == 0)
        return weir__http_answer_failure(connection, 404, 0);
    if (route == NULL && request->head.method == WEIR__HTTP_OPTIONS)
        return answer_options(&connection->work->reply, request->match.allow);
    if (route == NULL)
        return weir__http_answer_failure(connection, 405, 0);
    if ((uint64_t)request->head.length > body_bytes_max)
        return weir__http_answer_failure(connection, 413, 0);
    weir__http_request_set_match(request);
    return conclude(connection, handle(connection, route));
}

/* Nothing of a request outlives its answer. */
static void forget(struct weir__http_work *work) {
    weir__arena_reset(&work->arena);
    weir__arena_reset(&work->strings);
}

int weir__http_exchange(struct weir__http_connection *connection) {
    struct weir__http_work *work = connection->work;

    connection->keeps = work->request.head.keep_alive;
    weir__http_request_begin(&work->request, connection, false);
    weir__http_reply_begin(&work->reply, connection, work->request.head.method == WEIR__HTTP_HEAD);
    int rc = answer_routed(connection);
    count_answer(connection);
    if (rc < 0) {
        connection->keeps = false;
        connection->is_cut = true;
    } else if (!work->request.body.is_over && (!connection->keeps || !weir__http_body_discard(&work->request))) {
        connection->keeps = false;
        connection->lingers = true;
    }
    forget(work);
    return rc;
}

int weir__http_exchange_refuse(struct weir__http_connection *connection, int status) {
    struct weir__http_work *work = connection->work;

    connection->keeps = false;
    connection->lingers = true;
    weir__http_request_begin(&work->request, connection, true);
    weir__http_reply_begin(&work->reply, connection, false);
    weir__http_body_begin(&work->request, 0);
    int rc = weir__http_answer_failure(connection, status, 0);
    count_answer(connection);
    forget(work);
    return rc;
}
