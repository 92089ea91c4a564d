/* SPDX-License-Identifier: MIT */
/* chunked.c: one byte, one state. No sign, no space, no bare CR or LF, no size that overflows, no endless extensions:
 * each of these has been used to smuggle a request past somebody. Trailer fields are checked and dropped. */
#include "http/chunked.h"

#include "http/chars.h"

enum state {
    SIZE_FIRST, /* at least one digit */
    SIZE,
    EXTENSION, /* after ';' */
    SIZE_FEED, /* the LF of the size's line */
    DATA,
    DATA_FEED, /* the LF behind the data */
    TRAILER_LINE,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_FEED,
    END_FEED,
    END,
    BAD
};

static enum state on_size(struct weir__chunked *state, char c) {
    int digit = weir__char_hex(c);

    if (digit >= 0) {
        if (state->digits == WEIR__CHUNKED_SIZE_DIGITS_MAX || state->left > (uint64_t)INT64_MAX >> 4)
            return BAD;
        state->digits++;
        state->left = state->left << 4 | (unsigned)digit;
        return SIZE;
    }
    if (state->state == SIZE_FIRST)
        return BAD;
    state->digits = 0;
    state->extension_bytes = 0;
    return c == '\r' ? SIZE_FEED : c == ';' ? EXTENSION : BAD;
}

static enum state on_extension(struct weir__chunked *state, char c) {
    if (c == '\r')
        return SIZE_FEED;
    if (!weir__char_is(c, WEIR__CHAR_VALUE) || ++state->extension_bytes > WEIR__CHUNKED_EXTENSION_BYTES_MAX ||
        ++state->extensions_bytes > WEIR__CHUNKED_EXTENSIONS_BYTES_MAX)
        return BAD;
    return EXTENSION;
}

/* A data chunk is over when nothing of it is left; its CR LF must follow at once. */
static enum state on_data_end(struct weir__chunked *state, char c) {
    if (state->state == DATA)
        return c == '\r' ? DATA_FEED : BAD;
    return c == '\n' ? SIZE_FIRST : BAD;
}

static enum state on_trailer(struct weir__chunked *state, char c) {
    if (++state->trailer_bytes > WEIR__CHUNKED_TRAILER_BYTES_MAX)
        return BAD;
    switch (state->state) {
    case TRAILER_LINE:
        return c == '\r' ? END_FEED : weir__char_is(c, WEIR__CHAR_TOKEN) ? TRAILER_NAME : BAD;
    case TRAILER_NAME:
        return c == ':' ? TRAILER_VALUE : weir__char_is(c, WEIR__CHAR_TOKEN) ? TRAILER_NAME : BAD;
    case TRAILER_VALUE:
        return c == '\r' ? TRAILER_FEED : weir__char_is(c, WEIR__CHAR_VALUE) ? TRAILER_VALUE : BAD;
    case TRAILER_FEED:
        return c == '\n' ? TRAILER_LINE : BAD;
    default: /* END_FEED */
        return c == '\n' ? END : BAD;
    }
}

static enum state step(struct weir__chunked *state, char c) {
    switch (state->state) {
    case SIZE_FIRST:
    case SIZE:
        return on_size(state, c);
    case EXTENSION:
        return on_extension(state, c);
    case SIZE_FEED:
        return c != '\n' ? BAD : state->left > 0 ? DATA : TRAILER_LINE;
    case DATA:
    case DATA_FEED:
        return on_data_end(state, c);
    default:
        return on_trailer(state, c);
    }
}

enum weir__chunked_event weir__chunked_next(struct weir__chunked *state, const char *bytes, size_t count,
                                            size_t *ret_used) {
    size_t used = 0;

    while (state->state < END && !(state->state == DATA && state->left > 0) && used < count)
        state->state = (uint8_t)step(state, bytes[used++]);
    *ret_used = used;
    if (state->state >= END)
        return state->state == END ? WEIR__CHUNKED_END : WEIR__CHUNKED_BAD;
    return state->state == DATA && state->left > 0 ? WEIR__CHUNKED_DATA : WEIR__CHUNKED_MORE;
}
