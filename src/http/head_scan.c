/* SPDX-License-Identifier: MIT */
/* head_scan.c: the first look at a head, line by line as it comes: where it ends, and whether each line is well formed.
 * llhttp accepts bare line feeds, folded lines, empty names and heads without end; what stands here keeps them from it.
 * Invariant: all lines before scan->line are whole and good, and each byte is looked at once, however they come. */
#include "http/head.h"

#include <string.h>

enum {
    BAD_REQUEST = -400,
    TARGET_TOO_LONG = -414,
    HEAD_TOO_LONG = -431,
    UNKNOWN_METHOD = -501,
    UNKNOWN_VERSION = -505
};
enum { METHOD_BYTES_MAX = 32, BLANK_LINES_MAX = 2 };

/* "HTTP/1.1" and "HTTP/1.0" are spoken here; other versions are told so; what is no version is no request. */
static int scan_version(const char *at, size_t bytes) {
    if (bytes != 8 || memcmp(at, "HTTP/", 5) != 0 || at[6] != '.' || !weir__char_is_digit(at[5]) ||
        !weir__char_is_digit(at[7]))
        return BAD_REQUEST;
    return at[5] == '1' && at[7] <= '1' ? 0 : UNKNOWN_VERSION;
}

/* METHOD SP target SP version, with single spaces. Without a version it would be HTTP/0.9. */
static int scan_request_line(const char *line, size_t bytes, size_t target_bytes_max) {
    const char *end = line + bytes, *method = line, *target;
    size_t method_bytes, target_bytes;

    while (line < end && weir__char_is(*line, WEIR__CHAR_TOKEN))
        line++;
    method_bytes = (size_t)(line - method);
    if (line == end || *line != ' ' || method_bytes == 0)
        return BAD_REQUEST;
    target = ++line;
    while (line < end && weir__char_is(*line, WEIR__CHAR_TARGET))
        line++;
    target_bytes = (size_t)(line - target);
    if (line == end || *line != ' ' || target_bytes == 0)
        return BAD_REQUEST;
    line++;
    int rc = scan_version(line, (size_t)(end - line));
    if (rc < 0)
        return rc;
    if (target_bytes > target_bytes_max)
        return TARGET_TOO_LONG;
    return method_bytes > METHOD_BYTES_MAX ? UNKNOWN_METHOD : 0;
}

/* name ":" value. A line that begins with a space continues the one before (obs-fold), and a space before the colon
 * hides the name from some parsers: neither is taken. */
static int scan_field(const char *line, size_t bytes) {
    const char *end = line + bytes, *name = line;

    while (line < end && weir__char_is(*line, WEIR__CHAR_TOKEN))
        line++;
    if (line == name || line == end || *line != ':')
        return BAD_REQUEST;
    return weir__find_control(line + 1, end) == end ? 0 : BAD_REQUEST;
}

/* The request line may not grow for ever, so it is measured before it is whole: the same in each case. */
static bool is_request_line_too_long(const struct weir__http_scan *scan, size_t line_bytes,
                                     const struct weir__http_limits *limits) {
    return scan->lines == 0 && line_bytes > limits->target_bytes_max + WEIR__HTTP_LINE_BYTES;
}

/* The line from scan->line up to its CR is whole. 1: it is the empty one at the end of the head. */
static int scan_line(struct weir__http_scan *scan, const char *line, size_t bytes,
                     const struct weir__http_limits *limits) {
    int rc;

    if (bytes == 0 && scan->lines == 0) /* some clients send a CR LF after a body */
        return scan->line / 2 < BLANK_LINES_MAX ? 0 : BAD_REQUEST;
    if (bytes == 0)
        return 1;
    if (scan->lines == 0)
        scan->begin = scan->line;
    if (scan->lines > WEIR__HTTP_FIELDS_MAX)
        return HEAD_TOO_LONG;
    rc = scan->lines == 0 ? scan_request_line(line, bytes, limits->target_bytes_max) : scan_field(line, bytes);
    if (rc == 0)
        scan->lines++;
    return rc;
}

/* Nothing that begins otherwise can become a request: TLS spoken to a plain port is told at once. */
static bool begins_badly(const struct weir__http_scan *scan, const char *bytes, size_t count) {
    return scan->lines == 0 && count > scan->line && !weir__char_is(bytes[scan->line], WEIR__CHAR_TOKEN) &&
           bytes[scan->line] != '\r';
}

int weir__http_head_scan(struct weir__http_scan *scan, const char *bytes, size_t count,
                         const struct weir__http_limits *limits) {
    for (;;) {
        const char *line = bytes + scan->line;
        const char *feed = memchr(bytes + scan->searched, '\n', count - scan->searched);
        size_t end = feed != NULL ? (size_t)(feed - bytes) + 1 : count;

        if (begins_badly(scan, bytes, count))
            return BAD_REQUEST;
        if (is_request_line_too_long(scan, end - scan->line, limits))
            return TARGET_TOO_LONG;
        if (end > limits->head_bytes_max || (feed == NULL && end == limits->head_bytes_max))
            return HEAD_TOO_LONG;
        scan->searched = end;
        if (feed == NULL)
            return 0;
        if (feed == line || feed[-1] != '\r')
            return BAD_REQUEST;

        int rc = scan_line(scan, line, (size_t)(feed - line) - 1, limits);
        scan->line = end;
        if (rc != 0)
            return rc < 0 ? rc : (int)end;
    }
}
