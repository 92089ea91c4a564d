/* SPDX-License-Identifier: MIT */
/* request.c: what a handler asks of its request. The head lies in the receive buffer; a string that is asked for gets
 * its NUL there, in place of the separator that followed it. What must be decoded or joined goes into work->strings,
 * which is large enough for any head, so that none of these calls can fail. */
#include "http/connection.h"

#include "base/assert.h"
#include "http/fields.h"
#include "http/media_type.h"
#include "http/percent.h"

#include <string.h>

/* Put a NUL behind a span that lies in the receive buffer, or in a string of ours. */
static const char *terminated(struct weir__span span) {
    char *end = (char *)(uintptr_t)(span.at + span.bytes);

    if (*end != '\0')
        *end = '\0';
    return span.at;
}

static void make_blank(struct weir__http_head *head) {
    head->method = WEIR__HTTP_NO_METHOD;
    head->minor = 1;
    head->path = head->query = head->host = (struct weir__span){"", 0};
    head->has_query = head->is_chunked = head->expects = head->keep_alive = false;
    head->length = 0;
    head->fields_count = 0;
}

void weir__http_request_begin(struct weir_http_request *request, struct weir__http_connection *connection,
                              bool is_blank) {
    request->connection = connection;
    request->query = request->cookies = NULL;
    request->host = NULL;
    request->match.route = NULL;
    if (is_blank)
        make_blank(&request->head);
    else
        terminated(request->head.path);
}

void weir__http_request_set_match(struct weir_http_request *request) {
    struct weir__arena *strings = &request->connection->work->strings;

    for (unsigned i = 0; i < request->match.parameters; i++) {
        struct weir__span value = request->match.values[i];
        char *text = weir__arena_take_text(strings, value.bytes + 1);

        if (request->head.path_is_escaped)
            value.bytes = weir__percent_decode(text, value, WEIR__PERCENT_PATH);
        else
            memcpy(text, value.at, value.bytes);
        text[value.bytes] = '\0';
        request->values[i] = text;
    }
}

const char *weir_http_request_method(const weir_http_request *request) {
    return weir__http_method_name(request->head.method);
}

const char *weir_http_request_path(const weir_http_request *request) { return request->head.path.at; }

const char *weir_http_request_host(weir_http_request *request) {
    if (request->host == NULL)
        request->host = weir__arena_copy(&request->connection->work->strings, request->head.host);
    return request->host;
}

const char *weir_http_request_peer(const weir_http_request *request) {
    return weir_stream_peer(request->connection->stream);
}

int64_t weir_http_request_length(const weir_http_request *request) {
    return request->head.is_chunked ? -1 : request->head.length;
}

const char *weir_http_request_param(const weir_http_request *request, const char *name) {
    const struct weir__route *route = request->match.route;

    for (unsigned i = 0; route != NULL && i < route->parameters; i++)
        if (strcmp(route->names[i], name) == 0)
            return request->values[i];
    WEIR_MISUSE("the route has no {%s}", name);
}

/* ---- Fields ------------------------------------------------------------------------------------------------------ */

static struct weir__http_field *next_of_name(struct weir__http_head *head, const struct weir__http_field *first,
                                             struct weir__http_field *after) {
    for (after++; after < head->fields + head->fields_count; after++)
        if (after->name_bytes == first->name_bytes && weir__same_letters(after->name, first->name, first->name_bytes))
            return after;
    return NULL;
}

/* Several of one name become the first one's value, and are no longer there themselves. */
static void join(struct weir_http_request *request, struct weir__http_field *first, struct weir__http_field *second) {
    struct weir__span name = {first->name, first->name_bytes};
    const char *separator = weir__span_is(name, "cookie") ? "; " : ", ";
    size_t bytes = first->value_bytes;
    char *joined, *at;

    for (struct weir__http_field *each = second; each != NULL; each = next_of_name(&request->head, first, each))
        bytes += 2 + each->value_bytes;
    joined = weir__arena_take_text(&request->connection->work->strings, bytes + 1);
    at = mempcpy(joined, first->value, first->value_bytes);
    for (struct weir__http_field *each = second; each != NULL; each = next_of_name(&request->head, first, each)) {
        at = mempcpy(mempcpy(at, separator, 2), each->value, each->value_bytes);
        each->name_bytes = 0;
    }
    *at = '\0';
    first->value = joined;
    first->value_bytes = (uint32_t)bytes;
}

struct weir__span weir__http_request_field(struct weir_http_request *request, const char *name) {
    struct weir__http_field *field = weir__http_head_find(&request->head, name, strlen(name)), *second;

    if (field == NULL || field->name_bytes == 0)
        return (struct weir__span){NULL, 0};
    second = next_of_name(&request->head, field, field);
    if (second != NULL)
        join(request, field, second);
    return (struct weir__span){field->value, field->value_bytes};
}

const char *weir_http_request_header(weir_http_request *request, const char *name) {
    struct weir__span value = weir__http_request_field(request, name);
    return value.at != NULL ? terminated(value) : NULL;
}

int weir_http_request_header_next(weir_http_request *request, size_t *cursor, const char **ret_name,
                                  const char **ret_value) {
    while (*cursor < request->head.fields_count) {
        struct weir__http_field *field = &request->head.fields[(*cursor)++];
        if (field->name_bytes == 0)
            continue; /* joined to an earlier one */
        *ret_name = terminated((struct weir__span){field->name, field->name_bytes});
        *ret_value = terminated((struct weir__span){field->value, field->value_bytes});
        return 1;
    }
    return 0;
}

bool weir_http_request_is_type(weir_http_request *request, const char *type) {
    struct weir__span value = weir__http_request_field(request, "content-type");
    return value.at != NULL && weir__media_type_is(value, type);
}

/* ---- Query and cookies ------------------------------------------------------------------------------------------- */

const weir_http_fields *weir_http_request_query_fields(weir_http_request *request) {
    if (request->query == NULL) {
        request->query = &weir__fields_none;
        if (request->head.has_query)
            (void)weir__fields_of_form(&request->connection->work->strings, request->head.query,
                                       WEIR__HTTP_QUERY_FIELDS_MAX, &request->query);
    }
    return request->query;
}

const char *weir_http_request_query(weir_http_request *request, const char *name) {
    return weir_http_fields_get(weir_http_request_query_fields(request), name);
}

const char *weir_http_request_cookie(weir_http_request *request, const char *name) {
    if (request->cookies == NULL) {
        struct weir__span text = weir__http_request_field(request, "cookie");
        request->cookies = &weir__fields_none;
        if (text.at != NULL)
            (void)weir__fields_of_cookie(&request->connection->work->strings, text, WEIR__HTTP_COOKIES_MAX,
                                         &request->cookies);
    }
    return weir_http_fields_get(request->cookies, name);
}
