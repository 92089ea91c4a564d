/* SPDX-License-Identifier: MIT */
/* serve.c: a task for each connection.
 *
 * Two groups, one in the other, since a cancel from outside must end the accepting at once and the connections later:
 *
 *     acceptor's group               sees every cancel; its one task takes connections
 *         shield                     hides them from what is inside, until the drain is over
 *             connections' group     a task for each connection
 *
 * Invariant: `open` tasks are in the connections' group, never more than connections_max; the acceptor, which fills
 * that group, has ended before it is closed. */
#include "weir/tcp.h"

#include "base/assert.h"
#include "io/stream.h"
#include "platform/stack.h"
#include "runtime/scope.h"
#include "runtime/task.h"
#include "runtime/owner.h"

#include <stdio.h>

enum { CONNECTIONS_MAX = 10000 };
static const weir_duration DRAIN = 5 * WEIR_SEC;
static const weir_duration PAUSE = 100 * WEIR_MS; /* before a shortage is looked at again, if no connection ends */

struct weir__server {
    weir_listener *listener;
    weir_serve_fn *fn;
    void *arg;
    weir_serve_options options; /* with the defaults filled in */
    weir_group connections;
    struct weir__task *task;   /* in weir_serve */
    struct weir__line changes; /* the acceptor, while it waits for a connection to end */
    unsigned open;
    bool is_accepting;
    int accept_result;
};

/* ---- One connection ---------------------------------------------------------------------------------------------- */

static void tell(struct weir__server *server, const weir_failure *failure) {
    int rc = server->options.failures != NULL ? weir_queue_try_put(server->options.failures, failure) : 0;
    (void)rc; /* the contract: unless it is full */
}

static void tell_failure(struct weir__server *server, const weir_stream *stream, int code) {
    weir_failure failure = {.code = code, .task_id = weir__task_current()->id};

    if (server->options.failures == NULL || weir_scope_check() != 0)
        return; /* nobody asks; or it was cut, which weir_serve itself tells */
    snprintf(failure.task, sizeof failure.task, "%.31s", weir_stream_peer(stream));
    snprintf(failure.text, sizeof failure.text, "%.215s", weir_error_text(code));
    tell(server, &failure);
}

static int run_connection(void *arg) {
    weir_stream *stream = arg;
    struct weir__server *server = stream->server;

    int rc = server->fn(stream, server->arg);
    if (rc < 0)
        tell_failure(server, stream, rc);
    (void)weir_stream_close(stream); /* what the last bytes met, the handler could have asked for */
    weir_stream_free(stream);
    server->open--;
    weir__line_wake_all(&server->changes, 0);
    return 0;
}

/* ---- Accepting --------------------------------------------------------------------------------------------------- */

static int start_connection(struct weir__server *server, weir_stream *stream) {
    weir_spawn_options options = {.size_bytes = sizeof options, .stack_bytes = server->options.stack_bytes};

    stream->server = server;
    int rc = weir_spawn_with(&server->connections, run_connection, stream, NULL, &options);
    if (rc < 0) {
        weir_failure failure;
        while (weir_group_try_failure(&server->connections, &failure) > 0)
            tell(server, &failure);
        weir_stream_free(stream);
        return rc;
    }
    server->open++;
    return 0;
}

/* Wait until a connection has ended. */
static int wait_for_change(struct weir__server *server, const void *site) {
    struct weir__waiter waiter;
    int rc = weir__checkpoint();
    return rc < 0 ? rc : weir__line_wait(&server->changes, &waiter, WEIR__WAIT_ACCEPT, server->listener, site);
}

static int wait_for_room(struct weir__server *server) {
    int rc = 0;
    while (rc == 0 && server->open >= server->options.connections_max)
        rc = wait_for_change(server, WEIR__SITE);
    return rc;
}

/* No descriptor or no memory is left: until a connection ends, or for a while, asking again would only spin. */
static int wait_out_shortage(struct weir__server *server) {
    weir_scope pause;

    weir_scope_open(&pause, weir_after(PAUSE));
    int rc = weir_scope_close(&pause, wait_for_change(server, WEIR__SITE));
    return rc == 0 || rc == -ETIME ? weir_scope_check() : rc;
}

static bool is_shortage(int rc) {
    return rc == -EMFILE || rc == -ENFILE || rc == -ENOBUFS || rc == -ENOMEM || rc == -EAGAIN;
}

static bool is_cancel(int rc) { return rc == -ECANCELED || rc == -ETIME; }

static int accept_connections(void *arg) {
    struct weir__server *server = arg;
    weir_stream *stream;
    int rc = 0;

    while (rc == 0) {
        rc = wait_for_room(server);
        if (rc == 0)
            rc = weir_listener_accept(server->listener, &stream);
        if (rc == 0)
            rc = start_connection(server, stream);
        if (is_shortage(rc))
            rc = wait_out_shortage(server);
    }
    server->is_accepting = false;
    server->accept_result = rc;
    weir__task_wake(server->task);
    return is_cancel(rc) ? 0 : weir_fail(rc, "accept at %s", weir_listener_address(server->listener));
}

/* ---- Serving ----------------------------------------------------------------------------------------------------- */

static int take_options(const weir_serve_options *given, weir_serve_options *options) {
    WEIR_ASSERT(given == NULL || given->size_bytes == sizeof *given);
    *options = given != NULL ? *given : (weir_serve_options){.size_bytes = sizeof *options};
    if (options->connections_max == 0)
        options->connections_max = CONNECTIONS_MAX;
    if (options->drain == 0)
        options->drain = DRAIN;
    if (options->stack_bytes > WEIR__STACK_BYTES_MAX)
        return weir_fail(-EINVAL, "serve: stack_bytes %zu is out of range", options->stack_bytes);
    return 0;
}

/* Let connections go on for a while. @return how many had to be cut */
static unsigned drain(struct weir__server *server) {
    weir_scope limit;

    if (server->options.draining != NULL)
        weir_event_set(server->options.draining);
    weir_scope_open(&limit, weir_after(server->options.drain));
    int rc = weir_scope_close(&limit, weir_group_wait(&server->connections));
    if (rc == 0)
        return 0;
    weir_group_cancel(&server->connections, "the end of the server's drain");
    return server->open;
}

/* From inside the shield. @return how many connections had to be cut */
static unsigned serve(struct weir__server *server, const void *site) {
    const weir_group_options supervising = {.size_bytes = sizeof supervising, .supervising = true};

    weir_group_open_with(&server->connections, &supervising);
    while (server->is_accepting)
        weir__park_uncancellable(WEIR__WAIT_ACCEPT, server->listener, site);
    unsigned cut = drain(server);
    int rc = weir_group_close(&server->connections, 0);
    /* Each task of it returned 0; what is left is a refused spawn, for whose text there was no memory either. */
    (void)rc;
    return cut;
}

int weir_serve(weir_listener *listener, weir_serve_fn *fn, void *arg, const weir_serve_options *options) {
    struct weir__server server = {.listener = listener, .fn = fn, .arg = arg, .is_accepting = true};
    weir_group acceptor;
    weir_scope shield;

    WEIR_ASSERT(fn != NULL);
    int rc = take_options(options, &server.options);
    if (rc < 0)
        return rc;
    server.task = weir__task_current();
    weir__line_init(&server.changes);

    weir_group_open(&acceptor);
    rc = weir_spawn(&acceptor, accept_connections, &server, NULL);
    if (rc < 0)
        return weir_group_close(&acceptor, rc);
    weir__scope_open_shield(&shield, weir_never(), WEIR__SITE);
    unsigned cut = serve(&server, WEIR__SITE);
    (void)!weir_scope_close(&shield, 0);
    rc = weir_group_close(&acceptor, 0);
    if (rc < 0 || cut == 0)
        return rc;
    return weir_fail(server.accept_result, "%u of the server's connections were cut at the end of its drain", cut);
}
