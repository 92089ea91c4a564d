/* SPDX-License-Identifier: MIT */
/* target.c: the forms of a request's target. Origin ("/path?query") for all; absolute ("http://host/path") as proxies
 * send it; asterisk for OPTIONS alone. */
#include "http/head.h"

#include <string.h>

enum { BAD_REQUEST = -400, TARGET_TOO_LONG = -414 };

/* Each '%' has two digits behind it, and none is a NUL, which would cut the string that a handler gets. */
static int check_escapes(struct weir__span span, bool is_strict) {
    for (size_t i = 0; i < span.bytes; i++) {
        if (span.at[i] != '%')
            continue;
        if (span.bytes - i < 3 || weir__char_hex(span.at[i + 1]) < 0 || weir__char_hex(span.at[i + 2]) < 0) {
            if (is_strict)
                return BAD_REQUEST;
        } else if (span.at[i + 1] == '0' && span.at[i + 2] == '0')
            return BAD_REQUEST;
    }
    return 0;
}

/* A query is lenient, as that of browsers is: "100%" stands for itself. What its fields take is bounded here, so that
 * decoding them later cannot fail. */
static int check_query(struct weir__span query) {
    const char *at = query.at, *end = query.at + query.bytes;
    unsigned separators = 0;

    while (at < end && (at = memchr(at, '&', (size_t)(end - at))) != NULL) {
        at++;
        if (++separators == WEIR__HTTP_QUERY_FIELDS_MAX)
            return TARGET_TOO_LONG;
    }
    return check_escapes(query, false);
}

static int split_path(struct weir__http_head *head, struct weir__span path) {
    const char *mark = memchr(path.at, '?', path.bytes);

    head->has_query = mark != NULL;
    head->query = (struct weir__span){path.at + path.bytes, 0};
    if (mark != NULL) {
        head->query = (struct weir__span){mark + 1, (size_t)(path.at + path.bytes - mark) - 1};
        path.bytes = (size_t)(mark - path.at);
    }
    head->path = path;
    head->path_is_escaped = memchr(path.at, '%', path.bytes) != NULL;
    if (head->path_is_escaped && check_escapes(path, true) < 0)
        return BAD_REQUEST;
    return head->has_query ? check_query(head->query) : 0;
}

/* What a host takes of the span's front; 0: there is none. */
static size_t host_bytes(struct weir__span span) {
    const char *name = span.at, *end = span.at + span.bytes;
    size_t at = 1;

    if (span.bytes == 0 || span.at[0] != '[') {
        while (name < end && weir__char_is(*name, WEIR__CHAR_HOST))
            name++;
        return (size_t)(name - span.at);
    }
    for (; at < span.bytes && span.at[at] != ']'; at++)
        if (weir__char_hex(span.at[at]) < 0 && span.at[at] != ':' && span.at[at] != '.')
            return 0;
    return at < 3 || at == span.bytes ? 0 : at + 1;
}

/* Up to 65535 in five digits at most, or nothing. */
static bool is_port(struct weir__span digits) {
    unsigned port = 0;

    if (digits.bytes > 5)
        return false;
    for (size_t i = 0; i < digits.bytes; i++) {
        if (!weir__char_is_digit(digits.at[i]))
            return false;
        port = port * 10 + (unsigned)(digits.at[i] - '0');
    }
    return port <= UINT16_MAX;
}

bool weir__http_is_host(struct weir__span span) {
    size_t bytes = host_bytes(span);

    if (bytes == 0 || bytes == span.bytes)
        return bytes > 0;
    return span.at[bytes] == ':' && is_port((struct weir__span){span.at + bytes + 1, span.bytes - bytes - 1});
}

/* After "http://": authority, then a path, which may be empty: then a query may follow at once. */
static int split_absolute(struct weir__http_head *head, struct weir__span rest) {
    size_t authority = 0;

    while (authority < rest.bytes && rest.at[authority] != '/' && rest.at[authority] != '?')
        authority++;
    head->host = (struct weir__span){rest.at, authority};
    if (!weir__http_is_host(head->host))
        return BAD_REQUEST;
    rest.at += authority;
    rest.bytes -= authority;
    if (rest.bytes == 0 || rest.at[0] == '?') {
        int rc = split_path(head, rest);
        head->path = (struct weir__span){"/", 1};
        return rc;
    }
    return split_path(head, rest);
}

static bool begins_with(struct weir__span span, const char *prefix, size_t bytes) {
    return span.bytes > bytes && weir__same_letters(span.at, prefix, bytes);
}

int weir__http_target_split(struct weir__http_head *head) {
    struct weir__span target = head->target;

    head->host = (struct weir__span){"", 0};
    if (target.bytes > 0 && target.at[0] == '/')
        return split_path(head, target);
    if (target.bytes == 1 && target.at[0] == '*' && head->method == WEIR__HTTP_OPTIONS)
        return split_path(head, target);
    if (begins_with(target, "http://", 7))
        return split_absolute(head, (struct weir__span){target.at + 7, target.bytes - 7});
    if (begins_with(target, "https://", 8))
        return split_absolute(head, (struct weir__span){target.at + 8, target.bytes - 8});
    return BAD_REQUEST;
}
