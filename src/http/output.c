/* SPDX-License-Identifier: MIT */
/* output.c: what goes to the peer is gathered, so that the answers to what came together leave together.
 *
 * Invariant: bytes leave in the order in which they were put. At most one of the connection's task and its writer is in
 * a write; while the writer is, [begin, end as it was] belongs to it, and more may only be put behind `end`. */
#include "http/connection.h"

#include "base/assert.h"
#include "weir/scope.h"

#include <string.h>

enum { COPY_BYTES_MAX = 16 * 1024 /* more is not worth a copy */ };

static bool is_from_the_peer(int rc) { return rc != -ECANCELED && rc != -ETIME; }

/* One write of at most two pieces. A peer that took little in all of write_time does not read; one that took enough is
 * slow, and goes on. */
static int write_pieces(struct weir__http_connection *connection, const struct iovec pieces[2], size_t *ret_written) {
    const weir_http_options *options = &connection->server->options;
    weir_scope scope;

    weir_scope_open(&scope, weir__http_after(options->write_time));
    int rc = pieces[1].iov_len == 0
                 ? weir_stream_write_all(connection->stream, pieces[0].iov_base, pieces[0].iov_len, ret_written)
                 : weir_stream_write_vec(connection->stream, pieces, 2, ret_written);
    rc = weir__http_deadline_close(&scope, rc);
    if (rc == -ETIMEDOUT && *ret_written >= (uint64_t)(options->write_time / WEIR_SEC) * options->rate_min)
        return *ret_written > 0 ? 0 : rc;
    return rc;
}

/* Nothing can be sent any more. */
static int fail(struct weir__http_connection *connection, int rc) {
    connection->output.failure = rc;
    connection->is_broken |= is_from_the_peer(rc);
    connection->is_cut = true;
    return rc;
}

int weir__http_output_write(struct weir__http_connection *connection, const void *more, size_t more_bytes) {
    struct weir__http_output *output = &connection->output;
    const char *at = more;
    int rc = 0;

    while (rc == 0 && output->end - output->begin + more_bytes > 0) {
        size_t gathered = output->end - output->begin, written = 0;
        struct iovec pieces[2] = {{connection->work->output + output->begin, gathered},
                                  {(void *)(uintptr_t)at, more_bytes}};

        rc = write_pieces(connection, pieces, &written);
        connection->server->counters->bytes_out += written;
        output->begin += written < gathered ? written : gathered;
        written -= written < gathered ? written : gathered;
        at += written;
        more_bytes -= written;
    }
    return rc < 0 ? fail(connection, rc) : 0;
}

static void take_off_list(struct weir__http_output *output) {
    if (weir__link_is_on(&output->unsent))
        weir__list_remove(&output->unsent);
}

void weir__http_output_settle(struct weir__http_connection *connection) {
    struct weir__http_output *output = &connection->output;

    /* The writer lies within the connection's scopes, so a cancel of the connection ends its write too. */
    while (output->is_writing) {
        weir_scope shield;
        weir_scope_open_shield(&shield, weir__http_after(connection->server->options.write_time + WEIR_SEC));
        int rc = weir_event_wait(&output->written);
        rc = weir_scope_close(&shield, rc);
        (void)rc; /* it ends within its own deadlines */
    }
}

/* The same in a handler's time, whose cancel leaves the writer behind and the connection of no more use. */
static int await_writer(struct weir__http_connection *connection) {
    struct weir__http_output *output = &connection->output;

    while (output->is_writing) {
        int rc = weir_event_wait(&output->written);
        if (rc < 0)
            return fail(connection, rc);
    }
    return output->failure;
}

/* Send what is gathered and `more`, by our own hand. */
static int write_out(struct weir__http_connection *connection, const void *more, size_t more_bytes) {
    struct weir__http_output *output = &connection->output;

    take_off_list(output); /* the flusher must not see what is ours to write */
    int rc = await_writer(connection);
    if (output->is_writing)
        return rc; /* what is gathered is the writer's still */
    if (rc == 0)
        rc = weir__http_output_write(connection, more, more_bytes);
    output->begin = output->end = 0;
    return rc;
}

int weir__http_output_flush(struct weir__http_connection *connection) { return write_out(connection, NULL, 0); }

int weir__http_output_flush_within(struct weir__http_connection *connection) {
    struct weir__http_output *output = &connection->output;
    size_t written = 0;

    if (output->is_writing || output->begin == output->end)
        return weir__http_output_flush(connection);
    take_off_list(output);
    int rc = weir_stream_write_all(connection->stream, connection->work->output + output->begin,
                                   output->end - output->begin, &written);
    connection->server->counters->bytes_out += written;
    output->begin += written;
    if (rc == 0)
        output->begin = output->end = 0;
    else if (is_from_the_peer(rc))
        fail(connection, rc);
    return rc;
}

int weir__http_output_reserve(struct weir__http_connection *connection, size_t bytes, char **ret_at) {
    struct weir__http_output *output = &connection->output;

    WEIR_ASSERT(bytes <= WEIR__HTTP_OUTPUT_BYTES);
    if (output->failure < 0)
        return output->failure;
    if (WEIR__HTTP_OUTPUT_BYTES - output->end < bytes) {
        int rc = write_out(connection, NULL, 0);
        if (rc < 0)
            return rc;
    }
    *ret_at = connection->work->output + output->end;
    return 0;
}

void weir__http_output_commit(struct weir__http_connection *connection, size_t bytes) {
    connection->output.end += bytes;
    weir__http_flusher_tell(connection);
}

int weir__http_output_put(struct weir__http_connection *connection, const void *data, size_t bytes) {
    char *at;

    if (bytes == 0)
        return connection->output.failure;
    if (bytes > COPY_BYTES_MAX)
        return write_out(connection, data, bytes);
    int rc = weir__http_output_reserve(connection, bytes, &at);
    if (rc < 0)
        return rc;
    memcpy(at, data, bytes);
    weir__http_output_commit(connection, bytes);
    return 0;
}
