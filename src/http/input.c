/* SPDX-License-Identifier: MIT */
/* input.c: what comes from the peer, each wait with a deadline. */
#include "http/connection.h"

#include "weir/scope.h"

#include <string.h>

int weir__http_deadline_close(weir_scope *scope, int rc) {
    rc = weir_scope_close(scope, rc);
    return rc == -ETIME && weir_scope_check() == 0 ? -ETIMEDOUT : rc;
}

int weir__http_input_read(struct weir__http_connection *connection, void *buf, size_t bytes, weir_instant deadline) {
    weir_scope scope;

    weir_scope_open(&scope, deadline);
    int rc = weir_stream_read_some(connection->stream, buf, bytes);
    rc = weir__http_deadline_close(&scope, rc);
    if (rc > 0)
        connection->server->counters->bytes_in += (uint64_t)rc;
    else if (rc != -ETIMEDOUT && rc != -ETIME && rc != -ECANCELED && rc != 0)
        connection->is_broken = true;
    return rc;
}

void weir__http_input_settle_head(struct weir__http_connection *connection, size_t bytes) {
    struct weir__http_input *input = &connection->input;
    char *memory = connection->work->input;

    if (input->at + bytes <= connection->server->limits.head_bytes_max)
        return;
    memmove(memory, memory + input->at, input->end - input->at);
    input->end -= input->at;
    input->at = 0;
}

/* Room behind what is there, at least WEIR__HTTP_INPUT_BYTES / 2: the pinned bytes stay, the rest moves down to them.
 */
static size_t make_room(struct weir__http_connection *connection) {
    struct weir__http_input *input = &connection->input;
    struct weir__http_work *work = connection->work;

    if (input->at == input->end)
        input->at = input->end = input->pin;
    else if (work->input_bytes - input->end < WEIR__HTTP_INPUT_BYTES / 2 && input->at > input->pin) {
        memmove(work->input + input->pin, work->input + input->at, input->end - input->at);
        input->end -= input->at - input->pin;
        input->at = input->pin;
    }
    return work->input_bytes - input->end;
}

int weir__http_input_fill(struct weir__http_connection *connection, weir_instant deadline) {
    size_t room = make_room(connection);
    int rc = weir__http_input_read(connection, connection->work->input + connection->input.end, room, deadline);

    if (rc > 0)
        connection->input.end += (size_t)rc;
    return rc;
}
