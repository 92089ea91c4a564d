/* SPDX-License-Identifier: MIT */
/* reply.c: the answer to a request: its head, made in place in the output buffer, and its body, whole or in pieces.
 * Invariant: what follows a head on the wire is exactly as long as the head says, or the connection is cut. */
#include "http/connection.h"

#include "base/assert.h"
#include "http/status.h"
#include "weir/scope.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void weir__http_reply_begin(weir_http_reply *reply, struct weir__http_connection *connection, bool is_head) {
    reply->connection = connection;
    reply->is_head = is_head;
    weir__http_reply_reset(reply);
}

void weir__http_reply_reset(weir_http_reply *reply) {
    reply->state = WEIR__REPLY_OPEN;
    reply->status = 200;
    reply->failure = 0;
    reply->has_date = reply->has_type = reply->has_length = false;
    reply->is_chunked = reply->has_no_body = false;
    reply->length = 0;
    reply->fields_bytes = 0;
    reply->fields = NULL;
    reply->fields_end = &reply->fields;
}

bool weir_http_reply_is_begun(const weir_http_reply *reply) { return reply->state != WEIR__REPLY_OPEN; }

/* ---- The head ---------------------------------------------------------------------------------------------------- */

/* All that is in a head beside the fields that were set and the type. */
enum { HEAD_FIXED_BYTES = 256 };

#define PUT(at, literal) mempcpy(at, literal, sizeof(literal) - 1)

static char *put_span(char *at, struct weir__span span) { return mempcpy(at, span.at, span.bytes); }

static char *put_number(char *at, uint64_t number) {
    char digits[20];
    int first = sizeof digits;

    do
        digits[--first] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return mempcpy(at, digits + first, sizeof digits - (size_t)first);
}

static char *put_status(char *at, int status) {
    if (status == 200)
        return PUT(at, "HTTP/1.1 200 OK\r\n");
    at = PUT(at, "HTTP/1.1 ");
    at = put_number(at, (uint64_t)status);
    *at++ = ' ';
    at = stpcpy(at, weir__http_status_text(status));
    return PUT(at, "\r\n");
}

static char *put_fields(char *at, const weir_http_reply *reply) {
    for (const struct weir__http_reply_field *field = reply->fields; field != NULL; field = field->next) {
        if (reply->status == 204 && weir__span_is(field->name, "content-length"))
            continue; /* which has none (RFC 9110, 8.6) */
        at = put_span(at, field->name);
        at = PUT(at, ": ");
        at = put_span(at, field->value);
        at = PUT(at, "\r\n");
    }
    return at;
}

/* Who closes, and how a body's end is told. */
static char *put_framing(char *at, weir_http_reply *reply, bool is_streamed, uint64_t length) {
    struct weir__http_connection *connection = reply->connection;
    const struct weir__http_head *head = &weir__http_request_of(reply)->head;
    bool may_have_body = reply->status != 204 && reply->status != 304;

    if (may_have_body && !is_streamed && !reply->has_length) {
        at = PUT(at, "Content-Length: ");
        at = put_number(at, length);
        at = PUT(at, "\r\n");
    } else if (may_have_body && is_streamed && !reply->has_length) {
        reply->is_chunked = head->minor > 0;
        if (reply->is_chunked)
            at = PUT(at, "Transfer-Encoding: chunked\r\n");
        else {
            connection->keeps = false; /* HTTP/1.0 ends a body with the connection */
            connection->ends_body = !reply->is_head;
        }
    }
    if (!connection->keeps)
        return PUT(at, "Connection: close\r\n");
    return head->minor > 0 ? at : PUT(at, "Connection: keep-alive\r\n");
}

/* Nothing more can be promised once the server drains, or while a body is there that nobody can skip. */
static void settle_persistence(weir_http_reply *reply) {
    struct weir__http_connection *connection = reply->connection;

    if (connection->server->is_draining || !weir__http_body_may_be_discarded(weir__http_request_of(reply))) {
        connection->lingers |= connection->keeps;
        connection->keeps = false;
    }
}

int weir__http_reply_make_head(weir_http_reply *reply, const char *type, bool is_streamed, uint64_t length) {
    struct weir__http_connection *connection = reply->connection;
    struct weir__span media = {"", 0};
    char *begin, *at;

    WEIR_ASSERT(reply->state == WEIR__REPLY_OPEN);
    if (reply->failure < 0)
        return reply->failure;
    if (type != NULL && !reply->has_type)
        media = (struct weir__span){type, strlen(type)};
    if (media.bytes > WEIR__HTTP_REPLY_FIELDS_BYTES ||
        weir__find_control(media.at, media.at + media.bytes) != media.at + media.bytes)
        return weir_fail(-EINVAL, "the type of a reply is malformed");
    int rc = weir__http_output_reserve(connection, HEAD_FIXED_BYTES + reply->fields_bytes + media.bytes, &begin);
    if (rc < 0)
        return rc;
    settle_persistence(reply);
    at = put_status(begin, reply->status);
    if (!reply->has_date) {
        at = PUT(at, "Date: ");
        at = mempcpy(at, weir__http_date_now(&connection->server->date), WEIR__HTTP_DATE_BYTES);
        at = PUT(at, "\r\n");
    }
    if (media.bytes > 0) {
        at = PUT(at, "Content-Type: ");
        at = put_span(at, media);
        at = PUT(at, "\r\n");
    }
    at = put_fields(at, reply);
    at = put_framing(at, reply, is_streamed, length);
    at = PUT(at, "\r\n");
    weir__http_output_commit(connection, (size_t)(at - begin));
    reply->has_no_body = reply->is_head || reply->status == 204 || reply->status == 304;
    reply->state = is_streamed ? WEIR__REPLY_STREAMING : WEIR__REPLY_WHOLE;
    return 0;
}

/* ---- Whole ------------------------------------------------------------------------------------------------------- */

int weir_http_reply_send(weir_http_reply *reply, int status, const char *type, const void *body, size_t bytes) {
    WEIR_ASSERT(body != NULL || bytes == 0);
    int rc = weir_scope_check();
    if (rc < 0)
        return rc;
    weir_http_reply_set_status(reply, status);
    if (reply->has_length && reply->length != bytes && !reply->is_head && status != 304)
        return weir_fail(-EINVAL, "the Content-Length that was set is not that of the body");
    rc = weir__http_reply_make_head(reply, type, false, bytes);
    if (rc < 0 || reply->has_no_body)
        return rc;
    rc = weir__http_output_put(reply->connection, body, bytes);
    reply->connection->is_cut |= rc < 0;
    return rc;
}

int weir_http_reply_printf(weir_http_reply *reply, int status, const char *type, const char *format, ...) {
    char text[4096 + 1];
    va_list arguments;

    va_start(arguments, format);
    int bytes = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (bytes < 0)
        return weir_fail(-EINVAL, "the format of a reply is malformed");
    if (bytes >= (int)sizeof text)
        return weir_fail(-WEIR_ELIMIT, "a formatted reply is longer than 4 KiB");
    return weir_http_reply_send(reply, status, type, text, (size_t)bytes);
}

int weir_http_reply_redirect(weir_http_reply *reply, int status, const char *location) {
    WEIR_ASSERT(status == 301 || status == 302 || status == 303 || status == 307 || status == 308);
    int rc = weir_http_reply_set_header(reply, "Location", location);
    return rc < 0 ? rc : weir_http_reply_send(reply, status, NULL, NULL, 0);
}

/* ---- In pieces --------------------------------------------------------------------------------------------------- */

static int put_chunk(weir_http_reply *reply, const void *data, size_t bytes) {
    char size[24];
    int size_bytes = snprintf(size, sizeof size, "%zx\r\n", bytes);

    int rc = weir__http_output_put(reply->connection, size, (size_t)size_bytes);
    if (rc == 0)
        rc = weir__http_output_put(reply->connection, data, bytes);
    return rc < 0 ? rc : weir__http_output_put(reply->connection, "\r\n", 2);
}

int weir_http_reply_write(weir_http_reply *reply, const void *data, size_t bytes) {
    WEIR_ASSERT(reply->state != WEIR__REPLY_WHOLE);
    int rc = weir_scope_check();
    if (rc < 0)
        return rc;
    if (reply->state == WEIR__REPLY_OPEN)
        rc = weir__http_reply_make_head(reply, NULL, true, 0);
    if (rc < 0 || bytes == 0 || reply->has_no_body)
        return rc;
    if (reply->is_chunked)
        rc = put_chunk(reply, data, bytes);
    else if (reply->has_length && bytes > reply->length)
        return weir_fail(-WEIR_ELIMIT, "more is written than the Content-Length that was set");
    else {
        rc = weir__http_output_put(reply->connection, data, bytes);
        reply->length -= reply->has_length ? bytes : 0;
    }
    reply->connection->is_cut |= rc < 0;
    return rc;
}

int weir__http_reply_end(weir_http_reply *reply) {
    int rc = 0;

    if (reply->state == WEIR__REPLY_OPEN)
        return weir_http_reply_send(reply, reply->status, NULL, NULL, 0);
    if (reply->state == WEIR__REPLY_WHOLE)
        return 0;
    reply->state = WEIR__REPLY_WHOLE;
    if (reply->has_no_body)
        return 0;
    if (reply->has_length && reply->length > 0)
        rc = weir_fail(-WEIR_EPROTO, "less was written than the Content-Length that was set");
    else if (reply->is_chunked)
        rc = weir__http_output_put(reply->connection, "0\r\n\r\n", 5);
    reply->connection->is_cut |= rc < 0;
    return rc;
}
