/* SPDX-License-Identifier: MIT */
/* body.c: a request's body, as it comes. What the handler asks for is read straight into its buffer, where that is
 * large enough to be worth it and nothing waits in ours. */
#include "http/connection.h"

#include "http/gather.h"
#include "weir/scope.h"

#include <string.h>

enum { DIRECT_BYTES_MIN = 4 * 1024, EARNED_SECONDS_MAX = INT32_MAX /* as nanoseconds, 64 bits hold it */ };

void weir__http_body_begin(struct weir_http_request *request, uint64_t bytes_max) {
    struct weir__http_body *body = &request->body;

    body->is_chunked = request->head.is_chunked;
    body->left = (uint64_t)request->head.length;
    body->is_over = !body->is_chunked && body->left == 0;
    body->owes_continue = request->head.expects;
    body->failure = 0;
    body->received = 0;
    body->received_max = bytes_max;
    body->waited = 0;
    body->chunked = (struct weir__chunked){.state = 0};
}

static int fail(struct weir_http_request *request, int code, const char *why) {
    request->body.failure = code;
    request->connection->keeps = false;
    request->connection->lingers = true;
    return weir_fail(code, "%s", why);
}

/* A client that wants to be asked is told to go on; one that has sent something already needs no telling. */
static int invite(struct weir_http_request *request) {
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct weir__http_connection *connection = request->connection;

    if (!request->body.owes_continue)
        return 0;
    request->body.owes_continue = false;
    if (connection->input.at < connection->input.end || connection->work->reply.state != WEIR__REPLY_OPEN)
        return 0;
    return weir__http_output_put(connection, go_on, sizeof go_on - 1);
}

/* Until when to wait for more: a body may rest for idle_time at once, and on the whole for that and the time which its
 * bytes take at the least rate. So a byte a second does not hold a connection for ever. */
static weir_instant deadline_of(const struct weir_http_request *request) {
    const weir_http_options *options = &request->connection->server->options;
    uint64_t earned = request->body.received / options->rate_min;
    weir_duration left = options->idle_time - request->body.waited;

    left += (weir_duration)(earned < EARNED_SECONDS_MAX ? earned : EARNED_SECONDS_MAX) * WEIR_SEC;
    return weir__http_after(left < options->idle_time ? left : options->idle_time);
}

/* Wait for more: into `buf`, or (NULL) behind what lies in the input. */
static int receive(struct weir_http_request *request, void *buf, size_t buf_bytes) {
    struct weir__http_connection *connection = request->connection;
    weir_instant begun = weir__loop_now(), deadline;
    int rc = weir__http_output_flush(connection); /* it may be what the client waits for */

    if (rc < 0)
        return rc;
    deadline = deadline_of(request);
    rc = buf != NULL ? weir__http_input_read(connection, buf, buf_bytes, deadline)
                     : weir__http_input_fill(connection, deadline);
    request->body.waited += weir_instant_diff(weir__loop_now(), begun);
    if (rc == 0) {
        connection->is_broken = true;
        return fail(request, -WEIR_EEOF, "the client ended the connection within a body");
    }
    if (rc == -ETIMEDOUT)
        return fail(request, -ETIMEDOUT, "the client sends its body too slowly");
    if (rc < 0 && connection->is_broken)
        request->body.failure = rc;
    return rc;
}

/* Data of a length that is known: `left` bytes. From the input, or the peer. */
static int take_data(struct weir_http_request *request, uint64_t left, void *buf, size_t buf_bytes) {
    struct weir__http_connection *connection = request->connection;
    struct weir__http_input *input = &connection->input;
    size_t wanted = left < buf_bytes ? (size_t)left : buf_bytes;
    int rc;

    if (input->at == input->end && wanted >= DIRECT_BYTES_MIN)
        return receive(request, buf, wanted);
    if (input->at == input->end) {
        rc = receive(request, NULL, 0);
        if (rc < 0)
            return rc;
    }
    if (wanted > input->end - input->at)
        wanted = input->end - input->at;
    memcpy(buf, connection->work->input + input->at, wanted);
    input->at += wanted;
    return (int)wanted;
}

static int read_plain(struct weir_http_request *request, void *buf, size_t buf_bytes) {
    int rc = take_data(request, request->body.left, buf, buf_bytes);

    if (rc > 0) {
        request->body.left -= (uint64_t)rc;
        request->body.is_over = request->body.left == 0;
    }
    return rc;
}

static int read_chunked(struct weir_http_request *request, void *buf, size_t buf_bytes) {
    struct weir__http_connection *connection = request->connection;
    struct weir__http_input *input = &connection->input;
    struct weir__chunked *chunked = &request->body.chunked;
    size_t used;
    int rc;

    for (;;) {
        enum weir__chunked_event event =
            weir__chunked_next(chunked, connection->work->input + input->at, input->end - input->at, &used);
        input->at += used;
        switch (event) {
        case WEIR__CHUNKED_DATA:
            rc = take_data(request, chunked->left, buf, buf_bytes);
            if (rc > 0)
                weir__chunked_take(chunked, (size_t)rc);
            return rc;
        case WEIR__CHUNKED_END:
            request->body.is_over = true;
            return 0;
        case WEIR__CHUNKED_BAD:
            return fail(request, -WEIR_EPROTO, "the body's chunks are malformed");
        case WEIR__CHUNKED_MORE:
            rc = receive(request, NULL, 0);
            if (rc < 0)
                return rc;
        }
    }
}

static int read_some(struct weir_http_request *request, void *buf, size_t buf_bytes) {
    struct weir__http_body *body = &request->body;
    int rc = body->is_chunked ? read_chunked(request, buf, buf_bytes) : read_plain(request, buf, buf_bytes);

    if (rc <= 0)
        return rc;
    body->received += (uint64_t)rc;
    if (body->received > body->received_max)
        return fail(request, -WEIR_ELIMIT, "the body is too long");
    return rc;
}

int weir_http_request_read_some(weir_http_request *request, void *buf, size_t buf_bytes) {
    struct weir__http_body *body = &request->body;

    int rc = weir_scope_check();
    if (rc < 0)
        return rc;
    if (body->failure < 0 || body->is_over)
        return body->failure;
    rc = invite(request);
    if (rc < 0)
        return rc;
    return read_some(request, buf, buf_bytes < INT32_MAX ? buf_bytes : INT32_MAX);
}

/* ---- All of it --------------------------------------------------------------------------------------------------- */

static int read_source(void *request, void *buf, size_t buf_bytes) {
    return weir_http_request_read_some(request, buf, buf_bytes);
}

int weir_http_request_read_all(weir_http_request *request, size_t bytes_max, const char **ret_body, size_t *ret_bytes) {
    enum { CHUNKED_FIRST_BYTES = 2048 };
    const struct weir__http_body *body = &request->body;
    int rc;

    if (body->failure < 0)
        return body->failure;
    if (!body->is_chunked && body->left > bytes_max)
        rc = -WEIR_ELIMIT;
    else
        rc = weir__gather(&request->connection->work->arena, read_source, request,
                          body->is_chunked ? CHUNKED_FIRST_BYTES : (size_t)body->left, bytes_max, ret_body, ret_bytes);
    return rc == -WEIR_ELIMIT && body->failure == 0 ? fail(request, rc, "the body is too long") : rc;
}

/* ---- What nobody read -------------------------------------------------------------------------------------------- */

bool weir__http_body_may_be_discarded(const struct weir_http_request *request) {
    const struct weir__http_body *body = &request->body;

    if (body->is_over)
        return true;
    /* Who waits for 100 may send the body or the next request: nobody can tell (RFC 9110, 10.1.1). */
    if (body->failure < 0 || body->owes_continue)
        return false;
    return body->is_chunked || body->left <= WEIR__HTTP_DISCARD_BYTES_MAX;
}

bool weir__http_body_discard(struct weir_http_request *request) {
    char dropped[2048];
    uint64_t bytes = 0;
    int rc = 0;

    while (!request->body.is_over && weir__http_body_may_be_discarded(request) &&
           bytes <= WEIR__HTTP_DISCARD_BYTES_MAX) {
        rc = read_some(request, dropped, sizeof dropped);
        if (rc < 0)
            return false;
        bytes += (uint64_t)rc;
    }
    return request->body.is_over;
}
