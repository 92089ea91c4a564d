/* SPDX-License-Identifier: MIT */
/* json_read.h: reads the flat objects that programs send: known members with strict types, and nothing else.
 * Depth is checked before the parser sees the text, since it recurses: input decides no recursion. */
#ifndef MARKET_WEB_JSON_READ_H
#define MARKET_WEB_JSON_READ_H

#include "weir/base.h"

#define JSON_DEPTH_MAX 16

enum json_type { JSON_MEMBER_STRING, JSON_MEMBER_INTEGER };

/** One member that the object may have; `name` and `type` are the caller's, the rest is filled in. */
struct json_member {
    const char *name;
    enum json_type type;
    bool present;
    const char *string; /* JSON_MEMBER_STRING: valid until json_body_done */
    size_t string_bytes;
    int64_t integer; /* JSON_MEMBER_INTEGER */
};

/** What is wrong with a body. */
enum json_fault {
    JSON_OK,
    JSON_MALFORMED,    /* no JSON: detail says where */
    JSON_BAD_UTF8,     /* bytes that are no UTF-8 */
    JSON_TOO_DEEP,     /* nested more than JSON_DEPTH_MAX */
    JSON_DUPLICATE,    /* a member twice */
    JSON_NO_OBJECT,    /* JSON, but no object */
    JSON_UNKNOWN,      /* a member that is not known: detail is its name */
    JSON_WRONG_TYPE,   /* a member of another type: detail is its name */
    JSON_OUT_OF_RANGE, /* a number that 64 bits do not hold, or not whole: detail is its member's name */
    JSON_NO_MEMORY
};

struct json_body {
    void *root; /* private: what the members' strings point into */
    char detail[96];
};

/**
 * Read an object.
 * @param data     `bytes` long; borrowed until the return
 * @param members  those that may occur; `present` tells which did. None is required here
 * @param body     filled in every case; to be given to json_body_done
 */
enum json_fault json_body_read(struct json_body *body, const char *data, size_t bytes, struct json_member *members,
                               size_t count);

/** Release the strings. A zeroed one is fine. */
void json_body_done(struct json_body *body);

/** Seed the parser's hash tables from the runtime's randomness; once, before the first read. */
void json_seed(void);

#endif
