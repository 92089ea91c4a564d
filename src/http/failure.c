/* SPDX-License-Identifier: MIT */
/* failure.c: answers to what went wrong: the program's rendering, or else a line of plain text. Never the detail: that
 * is for the program's log. */
#include "http/connection.h"

#include "http/status.h"

#include <stdio.h>

/* What belongs to a status in any rendering. */
static int set_fields(weir_http_reply *reply, int status) {
    const struct weir_http_request *request = weir__http_request_of(reply);
    char allow[WEIR__ALLOW_BYTES];

    weir__http_reply_reset(reply);
    weir_http_reply_set_status(reply, status);
    if (status != 405)
        return 0;
    weir__allow_text(request->match.allow, allow);
    return weir_http_reply_set_header(reply, "Allow", allow);
}

static int answer_plainly(weir_http_reply *reply, int status) {
    char text[96];
    int bytes = snprintf(text, sizeof text, "%d %s\n", status, weir__http_status_text(status));

    int rc = set_fields(reply, status);
    return rc < 0 ? rc : weir_http_reply_send(reply, status, "text/plain", text, (size_t)bytes);
}

int weir__http_answer_failure(struct weir__http_connection *connection, int status, int code) {
    const weir_http_options *options = &connection->server->options;
    struct weir__http_work *work = connection->work;
    bool keeps = connection->keeps;

    int rc = set_fields(&work->reply, status);
    if (options->on_error != NULL && rc == 0) {
        rc = options->on_error(&work->request, &work->reply, status, code, options->arg);
        if (rc >= 0 && weir_http_reply_is_begun(&work->reply))
            return weir__http_reply_end(&work->reply);
        if (weir_http_reply_is_begun(&work->reply)) {
            connection->is_cut = true;
            return rc;
        }
        connection->keeps = keeps;
    }
    return answer_plainly(&work->reply, status);
}
