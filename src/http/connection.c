/* SPDX-License-Identifier: MIT */
/* connection.c: the life of a connection: wait without a buffer, answer all that has come, send, wait again.
 *
 *     IDLE      holds no memory but its stack; ends when the server drains: at once, unless it was used just now
 *     ANSWERING has a work; reads heads and answers them in order until nothing whole is left in the input
 *     ENDING    no further request; where the peer may still be sending, the way out is kept open until it has heard
 *
 * IDLE -> ANSWERING -> IDLE ... -> ENDING. Invariant: whoever waits for a request has nothing unsent. */
#include "http/connection.h"

#include "weir/scope.h"

enum { LINGER_BYTES = 4 * 1024 };

/* For so long after its last answer a connection is awake: its next request may be on the way already. It keeps the
 * pages of its stack, and in a drain this time. */
static const weir_duration awake_time = WEIR_SEC;

static const weir_duration linger_time = 5 * WEIR_SEC, linger_idle_time = WEIR_SEC;

static void give_back_work(struct weir__http_connection *connection) {
    if (connection->work == NULL)
        return;
    weir__http_output_settle(connection);
    weir__http_work_give(connection->server, connection->work);
    connection->work = NULL;
}

/* ---- IDLE -------------------------------------------------------------------------------------------------------- */

/* A wait that ends with -ECANCELED when the server drains, from here to the end of the scope. */
static void begin_drainable(struct weir__http_connection *connection, weir_scope *scope) {
    connection->waits = scope;
    weir__list_append(&connection->server->idle, &connection->idle);
}

static void end_drainable(struct weir__http_connection *connection) {
    if (connection->waits == NULL)
        return;
    weir__list_remove(&connection->idle);
    connection->waits = NULL;
}

/* Send what is ready, give the buffers back, wait for bytes, and only then take buffers for them. All within one scope:
 * what is sent is mostly taken at once, and bytes that are there are read at once.
 * > 0 bytes came; 0 none will; -ETIMEDOUT none came for so long; -ECANCELED also when it is drainable. */
static int wait_and_read(struct weir__http_connection *connection, weir_duration time, bool is_drainable) {
    struct weir__http_server *server = connection->server;
    weir_scope scope;
    int rc = 0;

    weir_scope_open(&scope, weir__http_after(time));
    if (connection->work != NULL)
        rc = weir__http_output_flush_within(connection);
    if (rc < 0)
        return weir__http_deadline_close(&scope, rc);
    give_back_work(connection);
    if (is_drainable)
        begin_drainable(connection, &scope);
    rc = weir_stream_wait_readable(connection->stream);
    end_drainable(connection);
    if (rc == 0) {
        connection->work = weir__http_work_take(server);
        rc = connection->work == NULL
                 ? weir_fail(-ENOMEM, "no memory for a request")
                 : weir_stream_read_some(connection->stream, connection->work->input, connection->work->input_bytes);
    }
    rc = weir__http_deadline_close(&scope, rc);
    if (rc <= 0) /* also where bytes had come, but the time was over when they were to be read */
        give_back_work(connection);
    return rc;
}

/* The same for a connection that was used just now. A peer that takes its answers slowly has write_time for them. */
static int wait_awake(struct weir__http_connection *connection, weir_duration time) {
    int rc = wait_and_read(connection, time, false);

    if (rc != -ETIMEDOUT || connection->work == NULL)
        return rc;
    rc = weir__http_output_flush(connection);
    return rc < 0 ? rc : wait_and_read(connection, time, false);
}

/* Wait for the next request. > 0: its first bytes are in the input. 0: there will be none. */
static int wait_for_request(struct weir__http_connection *connection) {
    struct weir__http_server *server = connection->server;
    weir_duration time = server->options.idle_time, first = time < awake_time ? time : awake_time;

    server->counters->connections_idle++;
    int rc = wait_awake(connection, first);
    if (rc == -ETIMEDOUT && connection->work == NULL && time > first && !server->is_draining) {
        weir__task_trim_stack(); /* what handlers used below this frame; it may be a long wait */
        rc = wait_and_read(connection, time - first, true);
    }
    server->counters->connections_idle--;
    if (rc > 0) {
        connection->input = (struct weir__http_input){.end = (size_t)rc};
        server->counters->bytes_in += (uint64_t)rc;
        return rc;
    }
    connection->is_broken = true; /* or ended: nobody hears more from us */
    if (connection->output.failure < 0)
        return connection->output.failure;
    if (server->is_draining && weir_scope_check() == 0)
        return 0;
    return rc == -ETIMEDOUT || rc == -ECONNRESET ? 0 : rc; /* a client that leaves between requests is no failure */
}

/* ---- ANSWERING --------------------------------------------------------------------------------------------------- */

/* Take the head that begins the input apart, and answer it. 1: go on. 0: no further request. */
static int answer_head(struct weir__http_connection *connection, size_t bytes) {
    struct weir__http_work *work = connection->work;
    struct weir__http_input *input = &connection->input;

    weir__http_input_settle_head(connection, bytes);
    int rc = weir__http_head_parse(&work->splitter, &work->request.head, work->input + input->at, bytes, &work->scan);
    work->scan = (struct weir__http_scan){.line = 0};
    if (rc < 0)
        return weir__http_exchange_refuse(connection, -rc);
    input->at += bytes;
    input->pin = input->at;
    rc = weir__http_exchange(connection);
    input->pin = 0;
    return rc < 0 ? rc : connection->keeps;
}

/* Read on. In a drain, what is left of a head has little time. */
static int fill_head(struct weir__http_connection *connection, weir_instant deadline) {
    struct weir__http_server *server = connection->server;
    weir_instant soon;
    weir_scope scope;
    int rc = -ECANCELED;

    if (!server->is_draining) {
        weir_scope_open(&scope, weir_never());
        begin_drainable(connection, &scope);
        rc = weir__http_input_fill(connection, deadline);
        end_drainable(connection);
        rc = weir_scope_close(&scope, rc);
    }
    if (rc != -ECANCELED || !server->is_draining || weir_scope_check() < 0)
        return rc;
    soon = weir__http_after(awake_time);
    return weir__http_input_fill(connection, soon.ns < deadline.ns ? soon : deadline);
}

/* The rest of a head: it has head_time from its first byte on. 1: something came. 0: nothing more will. */
static int read_head(struct weir__http_connection *connection, weir_instant *deadline) {
    int rc = weir__http_output_flush(connection);
    if (rc < 0)
        return rc;
    if (deadline->ns == 0)
        *deadline = weir__http_after(connection->server->options.head_time);
    rc = fill_head(connection, *deadline);
    if (rc == -ETIMEDOUT)
        return weir__http_exchange_refuse(connection, 408);
    if (rc == 0) {
        connection->is_broken = true;
        return weir_fail(-WEIR_EEOF, "the client ended the connection within a head");
    }
    return rc;
}

/* Empty lines before a request that is not there yet are nothing to wait for. */
static bool is_blank(const struct weir__http_scan *scan, const struct weir__http_input *input) {
    return scan->lines == 0 && scan->line == input->end - input->at;
}

/* All that has come. 1: it is answered, and the connection may be idle again. 0: no further request. */
static int answer_input(struct weir__http_connection *connection) {
    struct weir__http_work *work = connection->work;
    struct weir__http_input *input = &connection->input;
    weir_instant deadline = {0};
    int rc = 1;

    while (rc > 0) {
        int bytes = weir__http_head_scan(&work->scan, work->input + input->at, input->end - input->at,
                                         &connection->server->limits);
        if (bytes < 0)
            return weir__http_exchange_refuse(connection, -bytes);
        if (bytes > 0) {
            rc = answer_head(connection, (size_t)bytes);
            deadline = (weir_instant){0};
        } else if (is_blank(&work->scan, input)) {
            input->at = input->end;
            return 1;
        } else
            rc = read_head(connection, &deadline);
    }
    return rc;
}

static int answer(struct weir__http_connection *connection) {
    int rc = answer_input(connection), sent;

    if (rc > 0)
        return rc; /* what is ready leaves with the next wait */
    sent = weir__http_output_flush(connection);
    connection->lingers |= connection->input.at < connection->input.end;
    return rc < 0 ? rc : sent;
}

/* ---- ENDING ------------------------------------------------------------------------------------------------------ */

/* Closing while the peer still sends makes the kernel reset the connection, and the reset may overtake our answer. So
 * only our half is closed, and what comes is dropped, for a while. Not inlined: an idle connection's frames are to fit
 * into one page of its stack, and this buffer would lie among them. */
static __attribute__((noinline)) void linger(struct weir__http_connection *connection) {
    weir_duration factor = connection->server->is_draining ? 5 : 1;
    weir_instant end = weir__http_after(linger_time / factor);
    char dropped[LINGER_BYTES];
    int rc = weir_stream_finish(connection->stream);

    while (rc >= 0) {
        weir_instant idle_end = weir__http_after(linger_idle_time / factor);
        rc = weir__http_input_read(connection, dropped, sizeof dropped, idle_end.ns < end.ns ? idle_end : end);
        if (rc == 0)
            return;
    }
}

static int converse(struct weir__http_connection *connection) {
    int rc;

    while ((rc = wait_for_request(connection)) > 0) {
        rc = answer(connection);
        if (rc <= 0)
            break;
    }
    give_back_work(connection);
    return rc;
}

int weir__http_connection_run(struct weir__http_server *server, weir_stream *stream) {
    const weir_group_options supervising = {.size_bytes = sizeof supervising, .supervising = true};
    struct weir__http_connection connection = {.server = server, .stream = stream};
    weir_group group;

    server->counters->connections++;
    server->counters->connections_open++;
    connection.group = &group;
    weir_group_open_with(&group, &supervising);
    int rc = converse(&connection);
    rc = weir_group_close(&group, rc < 0 ? rc : 0);
    if (connection.ends_body && connection.is_cut)
        weir_stream_abort(stream);
    else if (rc >= 0 && connection.lingers && !connection.is_broken && !connection.is_cut)
        linger(&connection);
    server->counters->connections_open--;
    return rc;
}
