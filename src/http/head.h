/* SPDX-License-Identifier: MIT */
/* head.h: from the bytes of a request's head to what they say. No I/O: three steps over one piece of memory.
 *
 *     scan    our own look at lines and characters, as they come in; tells where the head ends (head_scan.c)
 *     split   llhttp takes the whole head apart (request_llhttp.c)
 *     judge   what the fields mean: target, host, length of the body, persistence (head_rules.c, target.c)
 *
 * Whatever two parsers could understand differently is refused by the scan or by the judge, and where llhttp and we
 * understand the body's length differently, that is refused too. A refusal is a negative HTTP status, -400 say. */
#ifndef WEIR_SRC_HTTP_HEAD_H
#define WEIR_SRC_HTTP_HEAD_H

#include "http/chars.h"
#include "http/method.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WEIR__HTTP_FIELDS_MAX = 100,
    WEIR__HTTP_QUERY_FIELDS_MAX = 256, /* of a target; more are 414 */
    /** Around the target in a request line: a method of 32 bytes, two spaces, the version, CR LF. */
    WEIR__HTTP_LINE_BYTES = 64
};

struct weir__http_limits {
    size_t head_bytes_max;
    size_t target_bytes_max; /* + WEIR__HTTP_LINE_BYTES < head_bytes_max */
};

/** How far the scan of a head has come; zeroed for a new one. */
struct weir__http_scan {
    size_t line;     /* where the first line begins that is not whole yet */
    size_t searched; /* no end of that line was found before here */
    size_t begin;    /* where the request line begins: empty lines may stand before it */
    unsigned lines;  /* the request line and fields so far */
};

struct weir__http_field {
    const char *name, *value; /* the value trimmed */
    uint32_t name_bytes, value_bytes;
};

/** A request's head. The spans point into the bytes that were parsed. */
struct weir__http_head {
    enum weir__http_method method;
    uint8_t minor;        /* of HTTP/1.x */
    bool keep_alive;      /* the client allows another request */
    bool expects;         /* Expect: 100-continue */
    bool is_chunked;      /* the body is */
    bool path_is_escaped; /* it has a '%' */
    bool has_query;
    int64_t length; /* of the body; 0 when chunked */
    struct weir__span target;
    struct weir__span host;
    struct weir__span path, query;
    unsigned fields_count;
    struct weir__http_field fields[WEIR__HTTP_FIELDS_MAX];
};

/**
 * Look at the bytes that have come, anew from where the last call stopped.
 * @param bytes  all of the head so far, `count` of them; more may follow
 * @return > 0 the head is whole, and this long
 *         0 more must come
 *         < 0 refused: -400, -414, -417, -431, -501, -505. The same whatever pieces the bytes came in
 */
int weir__http_head_scan(struct weir__http_scan *scan, const char *bytes, size_t count,
                         const struct weir__http_limits *limits);

/** Room for llhttp's state; only the wrapper looks inside. */
struct weir__http_splitter {
    uint64_t opaque[16];
};

/** Once, before the first split. */
void weir__http_splitter_init(struct weir__http_splitter *splitter);

/** What the splitter makes of the body's length, to be compared with what we make of it. */
struct weir__http_framing {
    bool is_chunked;
    uint64_t length;
};

/**
 * Take a head that the scan has passed into method, target, version and fields.
 * @return 0, or a refusal
 */
int weir__http_head_split(struct weir__http_splitter *splitter, struct weir__http_head *head, const char *bytes,
                          size_t count, struct weir__http_framing *ret_framing);

/** Take the target apart: path and query, and the host of an absolute one. 0, or a refusal. */
int weir__http_target_split(struct weir__http_head *head);

/** Whether this is a host, a name or "[::1]", with a port or without. */
bool weir__http_is_host(struct weir__span span);

/** Fill in what the fields mean. 0, or a refusal. */
int weir__http_head_judge(struct weir__http_head *head, const struct weir__http_framing *framing);

/**
 * Split and judge in one.
 * @param bytes  a whole head, as the scan has passed it
 * @param scan   of it
 */
int weir__http_head_parse(struct weir__http_splitter *splitter, struct weir__http_head *head, const char *bytes,
                          size_t count, const struct weir__http_scan *scan);

/** The first field of that name; NULL when there is none. */
struct weir__http_field *weir__http_head_find(struct weir__http_head *head, const char *name, size_t name_bytes);

#endif
