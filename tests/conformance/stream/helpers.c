/* SPDX-License-Identifier: MIT */
/* helpers.c: bytes that tell where they belong, and calls in tasks of their own. */
#include "promises.h"

#include "support/test.h"
#include "weir/task.h"

#include <stdlib.h>
#include <string.h>

unsigned char pattern_at(size_t place) { return (unsigned char)(place * 7 + place / 251 + place / 65521); }

static size_t random_size(size_t max) {
    static uint64_t state;

    state = state == 0 ? test_seed() : state;
    state = state * UINT64_C(6364136223846793005) + 1;
    return 1 + (size_t)(state >> 33) % max;
}

void write_pattern(weir_stream *stream, size_t place, size_t bytes) {
    unsigned char buf[5000];

    while (bytes > 0) {
        size_t some = random_size(sizeof buf);
        some = some < bytes ? some : bytes;
        for (size_t i = 0; i < some; i++)
            buf[i] = pattern_at(place + i);
        CHECK_INT(weir_stream_write_all(stream, buf, some, NULL), 0);
        place += some;
        bytes -= some;
    }
}

void read_pattern(weir_stream *stream, size_t place, size_t bytes) {
    unsigned char buf[7000];

    while (bytes > 0) {
        size_t some = random_size(sizeof buf);
        int n = weir_stream_read_some(stream, buf, some < bytes ? some : bytes);
        CHECK(n > 0);
        for (size_t i = 0; i < (size_t)n; i++)
            CHECK_INT(buf[i], pattern_at(place + i));
        place += (size_t)n;
        bytes -= (size_t)n;
    }
}

void write_text(weir_stream *stream, const char *text) {
    CHECK_INT(weir_stream_write_all(stream, text, strlen(text), NULL), 0);
}

void read_text(weir_stream *stream, const char *text) {
    char buf[256] = "";
    size_t bytes = strlen(text);

    CHECK(bytes < sizeof buf);
    CHECK_INT(weir_stream_read_exactly(stream, buf, bytes, NULL), 0);
    buf[bytes] = '\0';
    CHECK_STR(buf, text);
}

void let_others_wait(void) {
    for (int i = 0; i < 200; i++)
        CHECK_INT(weir_yield(), 0);
}

static int select_one(weir_stream *stream) {
    weir_case arms[] = {weir_case_readable(stream)};
    int rc = weir_select(arms, 1);
    return rc == 0 ? arms[0].result : rc;
}

static int write_much(struct call *call) {
    unsigned char *data = malloc(call->bytes);

    CHECK(data != NULL);
    for (size_t i = 0; i < call->bytes; i++)
        data[i] = pattern_at(i);
    int rc = weir_stream_write_all(call->stream, data, call->bytes, &call->progress);
    free(data);
    return rc;
}

static int dispatch(struct call *call) {
    switch (call->what) {
    case READ_SOME:
        return weir_stream_read_some(call->stream, call->buf, sizeof call->buf);
    case READ_EXACTLY:
        return weir_stream_read_exactly(call->stream, call->buf, call->bytes, &call->progress);
    case READ_UNTIL:
        return weir_stream_read_until(call->stream, call->buf, sizeof call->buf, "\r\n");
    case WAIT_READABLE:
        return weir_stream_wait_readable(call->stream);
    case SELECT:
        return select_one(call->stream);
    case WRITE:
        return write_much(call);
    }
    return -EINVAL;
}

int make_call(void *arg) {
    struct call *call = arg;

    call->result = dispatch(call);
    call->is_over = true;
    return 0;
}
