/* SPDX-License-Identifier: MIT */
/* entity.h: something of a known size that is served as it is: an asset, a file. Its conditions and ranges. */
#ifndef WEIR_SRC_HTTP_ENTITY_H
#define WEIR_SRC_HTTP_ENTITY_H

#include "weir/http_server.h"

struct weir__entity {
    uint64_t bytes;
    const char *etag;
    int64_t modified; /* seconds since 1970; below 0: not known */
    const char *cache_control;
};

/**
 * Set the fields, weigh the request's conditions, and choose what is sent of it.
 * @param ret_first, ret_bytes  what is sent; the status is set
 * @return 0 send it; 1 answered already: 304, 412 or 416; below 0 as weir_http_reply_send
 */
int weir__entity_begin(weir_http_reply *reply, const struct weir__entity *entity, uint64_t *ret_first,
                       uint64_t *ret_bytes);

#endif
