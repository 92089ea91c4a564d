/* SPDX-License-Identifier: MIT */
/* talk.c: the client's side of a test, strict about what it gets. */
#include "talk.h"

#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 512 * 1024, TEXTS = 4 };

static char *next_text(void) {
    static char *texts[TEXTS];
    static int next;
    char **text = &texts[next++ % TEXTS];

    free(*text);
    *text = malloc(TEXT_BYTES);
    CHECK(*text != NULL);
    return *text;
}

void talk_init(struct talk *talk) {
    *talk = (struct talk){.pair_bytes = 64 * 1024};
    CHECK_INT(weir_http_router_new(&talk->router), 0);
}

static int serve(void *arg) {
    struct talk *talk = arg;
    talk->result = weir_http_serve_stream(talk->server, talk->router, &talk->options);
    weir_stream_close(talk->server);
    weir_event_set(&talk->over);
    return 0;
}

void talk_begin(struct talk *talk) {
    talk->options.size_bytes = sizeof talk->options;
    talk->options.counters = &talk->counters;
    CHECK_INT(weir_stream_pair(&talk->client, &talk->server, talk->pair_bytes), 0);
    weir_event_init(&talk->over);
    weir_group_open(&talk->group);
    CHECK_INT(weir_spawn(&talk->group, serve, talk, NULL), 0);
}

void talk_send_bytes(struct talk *talk, const void *bytes, size_t count) {
    CHECK_INT(weir_stream_write_all(talk->client, bytes, count, NULL), 0);
}

void talk_send(struct talk *talk, const char *text) { talk_send_bytes(talk, text, strlen(text)); }

/* Without the Date line, which must be there once, and without CR. */
static void tidy(char *head) {
    char *date = strstr(head, "\r\nDate: "), *out = head;

    CHECK(date != NULL && strstr(date + 2, "\r\nDate: ") == NULL);
    memmove(date, date + 37, strlen(date + 37) + 1);
    for (char *at = head; *at != '\0'; at++)
        if (*at != '\r')
            *out++ = *at;
    *out = '\0';
}

static size_t read_chunks(struct talk *talk, char *out) {
    char line[32];
    size_t made = 0;

    for (;;) {
        CHECK(weir_stream_read_until(talk->client, line, sizeof line, "\r\n") > 2);
        size_t bytes = strtoul(line, NULL, 16);
        CHECK_INT(weir_stream_read_exactly(talk->client, out + made, bytes + 2, NULL), 0);
        CHECK(memcmp(out + made + bytes, "\r\n", 2) == 0);
        made += bytes;
        if (bytes == 0)
            return made;
    }
}

static const char *read_answer(struct talk *talk, bool has_body) {
    char *text = next_text(), *length, *end;
    size_t bytes = 0;
    int rc = weir_stream_read_until(talk->client, text, 64 * 1024, "\r\n\r\n");

    if (rc <= 0)
        test_fail(__FILE__, __LINE__, "no answer: %d %s; the server returned %d", rc, weir_error_text(rc),
                  talk->result);
    tidy(text);
    end = text + strlen(text);
    length = strstr(text, "\nContent-Length: ");
    if (has_body && length != NULL) {
        bytes = strtoul(length + 17, NULL, 10);
        CHECK_INT(weir_stream_read_exactly(talk->client, end, bytes, NULL), 0);
    } else if (has_body && strstr(text, "\nTransfer-Encoding: chunked\n") != NULL)
        bytes = read_chunks(talk, end);
    end[bytes] = '\0';
    return text;
}

const char *talk_answer(struct talk *talk) { return read_answer(talk, true); }

const char *talk_head(struct talk *talk) { return read_answer(talk, false); }

const char *talk_ask(struct talk *talk, const char *text) {
    talk_send(talk, text);
    return talk_answer(talk);
}

const char *talk_rest(struct talk *talk) {
    char *text = next_text();
    size_t bytes = 0;

    int rc = weir_stream_read_exactly(talk->client, text, TEXT_BYTES - 1, &bytes);
    CHECK_INT(rc, -WEIR_EEOF);
    text[bytes] = '\0';
    for (char *date; (date = strstr(text, "Date: ")) != NULL;)
        memmove(date, date + 37, strlen(date + 37) + 1);
    return text;
}

int talk_over(struct talk *talk) {
    CHECK_INT(weir_event_wait(&talk->over), 0);
    CHECK_INT(weir_group_close(&talk->group, 0), 0);
    CHECK_INT(talk->counters.connections_open, 0);
    CHECK_INT(talk->counters.connections_idle, 0);
    CHECK_INT(talk->counters.requests_open, 0);
    weir_event_done(&talk->over);
    weir_stream_free(talk->client);
    weir_stream_free(talk->server);
    weir_http_router_free(talk->router);
    return talk->result;
}

int talk_end(struct talk *talk) {
    char byte;

    CHECK_INT(weir_stream_finish(talk->client), 0);
    CHECK_INT(weir_stream_read_some(talk->client, &byte, 1), 0);
    return talk_over(talk);
}
