/* SPDX-License-Identifier: MIT */
/* chunked.h: the framing of a chunked body (RFC 9112, 7.1), strict. No I/O, no copy: tells which bytes are data. */
#ifndef WEIR_SRC_HTTP_CHUNKED_H
#define WEIR_SRC_HTTP_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

enum {
    WEIR__CHUNKED_SIZE_DIGITS_MAX = 16,
    WEIR__CHUNKED_EXTENSION_BYTES_MAX = 256,       /* of one chunk */
    WEIR__CHUNKED_EXTENSIONS_BYTES_MAX = 4 * 1024, /* of all chunks together */
    WEIR__CHUNKED_TRAILER_BYTES_MAX = 4 * 1024
};

/** Zeroed at the beginning of a body. */
struct weir__chunked {
    uint8_t state;
    uint8_t digits;
    uint16_t extension_bytes; /* of this chunk */
    uint16_t extensions_bytes;
    uint16_t trailer_bytes;
    uint64_t left; /* of this chunk's data */
};

enum weir__chunked_event {
    WEIR__CHUNKED_MORE, /* all that was given has been used up, and more must come */
    WEIR__CHUNKED_DATA, /* data begins after what was used */
    WEIR__CHUNKED_END,  /* the body is over; what follows is not its own */
    WEIR__CHUNKED_BAD   /* malformed */
};

/**
 * Use up framing until there is data, or an end.
 * @param ret_used  how many bytes of `bytes` were framing
 * @return DATA: the next bytes of the body follow, state->left of this chunk; take some of them, and tell with
 *         weir__chunked_take
 */
enum weir__chunked_event weir__chunked_next(struct weir__chunked *state, const char *bytes, size_t count,
                                            size_t *ret_used);

/** So many bytes of data have been taken; at most state->left. */
static inline void weir__chunked_take(struct weir__chunked *state, size_t bytes) { state->left -= bytes; }

#endif
