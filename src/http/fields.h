/* SPDX-License-Identifier: MIT */
/* fields.h: names and values out of a query, a form or a Cookie field. */
#ifndef WEIR_SRC_HTTP_FIELDS_H
#define WEIR_SRC_HTTP_FIELDS_H

#include "http/arena.h"
#include "http/chars.h"
#include "weir/http_server.h"

struct weir__pair {
    const char *name, *value;
};

struct weir_http_fields {
    size_t count;
    struct weir__pair pairs[];
};

/** No fields at all. */
extern const struct weir_http_fields weir__fields_none;

/** What the fields of a text take of an arena at most, all of them together. */
size_t weir__fields_bytes_max(size_t text_bytes, size_t count_max);

/**
 * "a=1&b=2", decoded (WHATWG URL, application/x-www-form-urlencoded). Empty pieces are skipped; without "=" the value
 * is "".
 * @return 0; -WEIR_ELIMIT more than count_max; -ENOMEM
 */
int weir__fields_of_form(struct weir__arena *arena, struct weir__span text, size_t count_max,
                         const struct weir_http_fields **ret_fields);

/** "a=1; b=2" (RFC 6265). What is no pair is skipped, as is all beyond count_max. 0; -ENOMEM. */
int weir__fields_of_cookie(struct weir__arena *arena, struct weir__span text, size_t count_max,
                           const struct weir_http_fields **ret_fields);

#endif
