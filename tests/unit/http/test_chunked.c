/* SPDX-License-Identifier: MIT */
/* The framing of chunked bodies: what is data, where it ends, what is refused, whatever pieces it comes in. */
#include "support/test.h"

#include "http/chunked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chunked_case {
    const char *bytes;
    size_t count;
    const char *data; /* NULL: it is refused */
    const char *rest; /* what follows the body; NULL: the body is not over */
};

#define GOOD(text, data, rest)                                                                                         \
    { text, sizeof(text) - 1, data, rest }
#define UNFINISHED(text, data)                                                                                         \
    { text, sizeof(text) - 1, data, NULL }
#define BAD(text)                                                                                                      \
    { text, sizeof(text) - 1, NULL, NULL }

static const struct chunked_case cases[] = {
    GOOD("0\r\n\r\n", "", ""),
    GOOD("00\r\n\r\n", "", ""),
    GOOD("5\r\nhello\r\n0\r\n\r\n", "hello", ""),
    GOOD("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET /", "hello world", "GET /"),
    GOOD("a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n", "0123456789abcdefghij", ""),
    GOOD("0000000000000005\r\nhello\r\n0\r\n\r\n", "hello", ""),
    GOOD("5;a\r\nhello\r\n0;b=c;d=\"e f\"\r\n\r\n", "hello", ""),
    GOOD("5; a = b\r\nhello\r\n0\r\n\r\n", "hello", ""),
    GOOD("2\r\n\r\n\r\n0\r\n\r\n", "\r\n", ""),
    GOOD("0\r\nX: y\r\nZ:\r\n\r\nrest", "", "rest"),
    UNFINISHED("", ""),
    UNFINISHED("5", ""),
    UNFINISHED("5\r", ""),
    UNFINISHED("5\r\nhel", "hel"),
    UNFINISHED("5\r\nhello", "hello"),
    UNFINISHED("5\r\nhello\r\n", "hello"),
    UNFINISHED("5\r\nhello\r\n0\r\n", "hello"),
    UNFINISHED("0\r\nX: y\r\n", ""),
    BAD("\r\n"),
    BAD("x\r\n"),
    BAD("+5\r\nhello\r\n"),
    BAD("-5\r\nhello\r\n"),
    BAD(" 5\r\nhello\r\n"),
    BAD("5 \r\nhello\r\n"),
    BAD("5\t\r\nhello\r\n"),
    BAD("0x5\r\nhello\r\n"),
    BAD("5h\r\nhello\r\n"),
    BAD("5 ;a\r\nhello\r\n"),
    BAD(";a\r\nhello\r\n"),
    BAD("5\nhello\r\n"),
    BAD("5\r\r\nhello\r\n"),
    BAD("5;a\nhello\r\n"),
    BAD("5;a\rb\r\nhello\r\n"),
    BAD("5;\x01\r\nhello\r\n"),
    BAD("5\r\nhello0\r\n\r\n"),
    BAD("5\r\nhello\n0\r\n\r\n"),
    BAD("5\r\nhello\rX"),
    BAD("5\r\nhello!\r\n"),
    BAD("8000000000000000\r\n"),
    BAD("ffffffffffffffff\r\n"),
    BAD("10000000000000005\r\n"),
    BAD("00000000000000005\r\n"),
    BAD("0\r\nX y\r\n\r\n"),
    BAD("0\r\n: y\r\n\r\n"),
    BAD("0\r\nX : y\r\n\r\n"),
    BAD("0\r\n X: y\r\n\r\n"),
    BAD("0\r\nX: y\n\r\n"),
    BAD("0\r\nX: y\r\n\n"),
    BAD("0\r\nX: \x01\r\n\r\n"),
    BAD("0\r\n\rX"),
    BAD("0\n\r\n"),
};

/* Reads the case in pieces of `step` bytes. */
static void check_case(const struct chunked_case *chunked_case, size_t step) {
    struct weir__chunked state = {.state = 0};
    char data[64] = "";
    size_t at = 0, made = 0, used;

    for (;;) {
        size_t come = chunked_case->count - at < step ? chunked_case->count - at : step;
        enum weir__chunked_event event = weir__chunked_next(&state, chunked_case->bytes + at, come, &used);

        at += used;
        come -= used;
        if (event == WEIR__CHUNKED_BAD) {
            CHECK(chunked_case->data == NULL);
            return;
        }
        if (event == WEIR__CHUNKED_END) {
            data[made] = '\0';
            CHECK_STR(data, chunked_case->data);
            CHECK_STR(chunked_case->bytes + at, chunked_case->rest);
            return;
        }
        if (event == WEIR__CHUNKED_DATA) {
            size_t taken = state.left < come ? (size_t)state.left : come;
            CHECK(made + taken < sizeof data);
            memcpy(data + made, chunked_case->bytes + at, taken);
            weir__chunked_take(&state, taken);
            made += taken;
            at += taken;
        }
        if (at == chunked_case->count) {
            data[made] = '\0';
            CHECK_STR(data, chunked_case->data);
            CHECK(chunked_case->rest == NULL);
            return;
        }
    }
}

TEST(test_chunked_in_pieces_of_any_size) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t step = 1; step <= cases[i].count + 1; step++)
            check_case(&cases[i], step);
}

/* The event that `count` times `piece`, after `before`, leads to. */
static enum weir__chunked_event event_of(const char *before, const char *piece, int count) {
    struct weir__chunked state = {.state = 0};
    enum weir__chunked_event event = weir__chunked_next(&state, before, strlen(before), &(size_t){0});

    for (int i = 0; i < count && event != WEIR__CHUNKED_BAD; i++) {
        const char *at = piece, *end = piece + strlen(piece);
        while (at < end && event != WEIR__CHUNKED_BAD) {
            size_t used;
            event = weir__chunked_next(&state, at, (size_t)(end - at), &used);
            at += used;
            if (event == WEIR__CHUNKED_DATA) {
                weir__chunked_take(&state, 1);
                at++;
            }
        }
    }
    return event;
}

TEST(test_chunked_extension_limit) {
    CHECK_INT(event_of("5;", "x", WEIR__CHUNKED_EXTENSION_BYTES_MAX), WEIR__CHUNKED_MORE);
    CHECK_INT(event_of("5;", "x", WEIR__CHUNKED_EXTENSION_BYTES_MAX + 1), WEIR__CHUNKED_BAD);
}

TEST(test_chunked_extensions_limit_over_all_chunks) {
    int chunks = WEIR__CHUNKED_EXTENSIONS_BYTES_MAX / 4;
    CHECK_INT(event_of("", "1;abcd\r\nx\r\n", chunks), WEIR__CHUNKED_MORE);
    CHECK_INT(event_of("", "1;abcd\r\nx\r\n", chunks + 1), WEIR__CHUNKED_BAD);
}

TEST(test_chunked_trailer_limit) {
    CHECK_INT(event_of("0\r\n", "x", WEIR__CHUNKED_TRAILER_BYTES_MAX), WEIR__CHUNKED_MORE);
    CHECK_INT(event_of("0\r\n", "x", WEIR__CHUNKED_TRAILER_BYTES_MAX + 1), WEIR__CHUNKED_BAD);
}

TEST(test_chunked_many_chunks_without_extensions) { CHECK_INT(event_of("", "1\r\nx\r\n", 100000), WEIR__CHUNKED_MORE); }
