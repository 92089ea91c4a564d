/* SPDX-License-Identifier: MIT */
/* multipart.h: takes a multipart/form-data body apart (RFC 7578, 2046). No I/O: it is shown a window of the body, and
 * says what the first bytes of it are. */
#ifndef WEIR_SRC_HTTP_MULTIPART_H
#define WEIR_SRC_HTTP_MULTIPART_H

#include "http/chars.h"
#include "weir/http_server.h"

enum {
    WEIR__MULTIPART_BOUNDARY_BYTES_MAX = 70,
    WEIR__MULTIPART_HEAD_BYTES_MAX = 4 * 1024,
    WEIR__MULTIPART_PARTS_MAX = 256,
    /** A window of this size is enough for every step. */
    WEIR__MULTIPART_WINDOW_BYTES = 8 * 1024
};

enum weir__multipart_state {
    WEIR__MULTIPART_PREAMBLE,
    WEIR__MULTIPART_DELIMITER, /* it has been seen: another part, or "--" */
    WEIR__MULTIPART_HEAD,
    WEIR__MULTIPART_BYTES, /* of a part */
    WEIR__MULTIPART_DONE
};

struct weir__multipart {
    enum weir__multipart_state state;
    unsigned parts;
    size_t delimiter_bytes;
    char delimiter[4 + WEIR__MULTIPART_BOUNDARY_BYTES_MAX]; /* CR LF "--" boundary */
    char text[WEIR__MULTIPART_HEAD_BYTES_MAX];              /* the strings of the part that was told last */
};

/**
 * Begin. The window's first two bytes must be CR LF, set in front of the body: its first delimiter needs no line
 * before.
 * @param type  the request's Content-Type
 * @return 0; -EINVAL it has no good boundary
 */
int weir__multipart_init(struct weir__multipart *multipart, struct weir__span type);

enum weir__multipart_event {
    WEIR__MULTIPART_MORE, /* nothing can be said before more bytes come; `used` of these are of no more use */
    WEIR__MULTIPART_PART, /* a part begins: ret_part */
    WEIR__MULTIPART_DATA, /* the first `used` bytes are the part's */
    WEIR__MULTIPART_PART_END,
    WEIR__MULTIPART_END, /* no part follows; what does is of no meaning */
    WEIR__MULTIPART_BAD,
    WEIR__MULTIPART_LIMIT
};

/**
 * @param ret_used  how many bytes of the window this took; they must be gone from it at the next call
 * @param ret_part  filled for a part; its strings are good until the next part
 */
enum weir__multipart_event weir__multipart_next(struct weir__multipart *multipart, const char *window, size_t bytes,
                                                size_t *ret_used, weir_http_part *ret_part);

#endif
