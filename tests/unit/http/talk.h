/* SPDX-License-Identifier: MIT */
/* talk.h: a server on one end of a stream in memory, and the test on the other, in bytes. */
#ifndef WEIR_TESTS_HTTP_TALK_H
#define WEIR_TESTS_HTTP_TALK_H

#include "weir/weir.h"

struct talk {
    weir_http_router *router;
    weir_http_options options; /* size_bytes is filled in */
    weir_http_counters counters;
    size_t pair_bytes; /* what the stream holds in each direction; 64 KiB unless set */
    weir_stream *client, *server;
    weir_group group;
    weir_event over;
    int result; /* of weir_http_serve_stream */
};

/** A router of its own, to which routes are added before talk_begin. */
void talk_init(struct talk *talk);

/** Begin to serve. */
void talk_begin(struct talk *talk);

/** Send a string. */
void talk_send(struct talk *talk, const char *text);
void talk_send_bytes(struct talk *talk, const void *bytes, size_t count);

/** Read one answer: its head without Date, with LF for CR LF, an empty line, and its body, chunked ones decoded. Valid
 * until the next but three. */
const char *talk_answer(struct talk *talk);

/** The same of a HEAD or a 304: no body follows. */
const char *talk_head(struct talk *talk);

/** Send, and read the answer. */
const char *talk_ask(struct talk *talk, const char *text);

/** What comes until the server ends the connection, as it is, without Dates. */
const char *talk_rest(struct talk *talk);

/** End our half, see to it that nothing more comes, and tell what the server returned. */
int talk_end(struct talk *talk);

/** The server has ended by itself: what it returned. */
int talk_over(struct talk *talk);

#endif
