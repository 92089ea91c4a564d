/* SPDX-License-Identifier: MIT */
/* Requests of all kinds, one behind the other, in pieces of any size: the answers do not depend on the pieces. */
#include "support/test.h"

#include "talk.h"

#include <stdio.h>
#include <string.h>

enum { ROUNDS = 60, REQUESTS = 100, BODY_BYTES = 3000, STREAM_BYTES = REQUESTS * (BODY_BYTES * 2 + 600) };

static struct talk talk;
static char body[BODY_BYTES + 1];
static char stream[STREAM_BYTES];
static size_t stream_bytes;

/* What a request is, and so what its answer must be. */
static struct asked {
    enum kind { HELLO, HEAD_OF_HELLO, ECHO, ECHO_CHUNKED, UNREAD, NOWHERE, KINDS } kind;
    int bytes; /* of its body, or of what pads its head */
} asked[REQUESTS];

static int below(int limit) {
    unsigned number;
    weir_random(&number, sizeof number);
    return (int)(number % (unsigned)limit);
}

static int hello(weir_http_request *request, weir_http_reply *reply, void *arg) {
    (void)request, (void)arg;
    return weir_http_reply_send(reply, 200, NULL, "hello", 5);
}

/* Sometimes whole, sometimes as it comes, in pieces both ways. */
static int echo(weir_http_request *request, weir_http_reply *reply, void *arg) {
    char buf[700];
    const char *text;
    size_t bytes;
    int rc = 0, n;
    (void)arg;

    if (below(2) == 0) {
        rc = weir_http_request_read_all(request, BODY_BYTES, &text, &bytes);
        return rc < 0 ? rc : weir_http_reply_send(reply, 200, NULL, text, bytes);
    }
    while (rc == 0 && (n = weir_http_request_read_some(request, buf, 1 + (size_t)below(sizeof buf))) != 0)
        rc = n < 0 ? n : weir_http_reply_write(reply, buf, (size_t)n);
    return rc;
}

static void put(const char *text, size_t bytes) {
    CHECK(stream_bytes + bytes <= sizeof stream);
    memcpy(stream + stream_bytes, text, bytes);
    stream_bytes += bytes;
}

static void put_chunks(int bytes) {
    char size[32];

    for (int left = bytes, chunk; left > 0; left -= chunk) {
        chunk = 1 + below(left);
        put(size, (size_t)snprintf(size, sizeof size, below(3) == 0 ? "%x;a=b\r\n" : "%x\r\n", (unsigned)chunk));
        put(body + bytes - left, (size_t)chunk);
        put("\r\n", 2);
    }
    put("0\r\n\r\n", 5);
}

static void put_request(struct asked *one) {
    static const char *const lines[KINDS] = {"GET /", "HEAD /", "POST /echo", "POST /echo", "POST /", "PUT /nowhere"};
    char head[600];

    *one = (struct asked){(enum kind)below(KINDS), below(below(4) == 0 ? BODY_BYTES : 300)};
    int bytes = snprintf(head, sizeof head, "%s HTTP/1.1\r\nHost: a\r\n", lines[one->kind]);
    if (one->kind == HELLO || one->kind == HEAD_OF_HELLO)
        bytes += snprintf(head + bytes, sizeof head - (size_t)bytes, "X: %0*d\r\n\r\n", 1 + one->bytes % 400, 0);
    else if (one->kind == ECHO_CHUNKED)
        bytes += snprintf(head + bytes, sizeof head - (size_t)bytes, "Transfer-Encoding: chunked\r\n\r\n");
    else
        bytes += snprintf(head + bytes, sizeof head - (size_t)bytes, "Content-Length: %d\r\n\r\n", one->bytes);
    put(head, (size_t)bytes);
    if (one->kind == ECHO_CHUNKED)
        put_chunks(one->bytes);
    else if (one->kind > HEAD_OF_HELLO)
        put(body, (size_t)one->bytes);
}

/* All of it, in pieces, now and then with a pause. */
static int send_stream(void *arg) {
    (void)arg;
    for (size_t at = 0, piece; at < stream_bytes; at += piece) {
        piece = 1 + (size_t)below(below(3) == 0 ? 20 : 12000);
        piece = piece < stream_bytes - at ? piece : stream_bytes - at;
        talk_send_bytes(&talk, stream + at, piece);
        if (below(3) == 0)
            CHECK_INT(weir_sleep(WEIR_MS), 0);
    }
    return 0;
}

static void check_answer(const struct asked *one) {
    const char *answer = one->kind == HEAD_OF_HELLO ? talk_head(&talk) : talk_answer(&talk);

    switch (one->kind) {
    case HELLO:
        CHECK_HAS(answer, "\nContent-Length: 5\n\nhello");
        break;
    case HEAD_OF_HELLO:
        CHECK_HAS(answer, "\nContent-Length: 5\n\n");
        break;
    case NOWHERE:
        CHECK_HAS(answer, "HTTP/1.1 404 Not Found\n");
        break;
    case UNREAD:
        CHECK_HAS(answer, "\n\nhello");
        break;
    default:
        answer = strstr(answer, "\n\n") + 2;
        CHECK_INT(strlen(answer), one->bytes);
        CHECK_MEM(answer, body, (size_t)one->bytes);
    }
}

TASK_TEST(test_http_answers_do_not_depend_on_the_pieces) {
    for (int i = 0; i < BODY_BYTES; i++)
        body[i] = (char)('a' + i % 23);
    for (int round = 0; round < ROUNDS; round++) {
        weir_group sender;
        talk_init(&talk);
        talk.options.head_bytes_max = 512;
        weir_http_router_add(talk.router, "GET", "/", hello, NULL);
        weir_http_router_add(talk.router, "POST", "/", hello, NULL);
        weir_http_router_add(talk.router, "POST", "/echo", echo, NULL);
        talk_begin(&talk);
        stream_bytes = 0;
        for (int i = 0; i < REQUESTS; i++)
            put_request(&asked[i]);
        weir_group_open(&sender);
        CHECK_INT(weir_spawn(&sender, send_stream, NULL, NULL), 0);
        for (int i = 0; i < REQUESTS; i++)
            check_answer(&asked[i]);
        CHECK_INT(weir_group_close(&sender, 0), 0);
        CHECK_INT(talk_end(&talk), 0);
        CHECK_INT(talk.counters.requests, REQUESTS);
    }
}
