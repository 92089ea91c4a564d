/* SPDX-License-Identifier: MIT */
/* connection.h: one connection, and the server that it belongs to: what the files of this folder share.
 *
 * A connection is a task. While it is idle it holds nothing but its stack; all that a request needs (buffers, head,
 * memory of the handler) is one `weir__http_work`, taken from the server's pool when bytes have come and given back
 * when all that has come is answered. */
#ifndef WEIR_SRC_HTTP_CONNECTION_H
#define WEIR_SRC_HTTP_CONNECTION_H

#include "base/list.h"
#include "http/arena.h"
#include "http/chunked.h"
#include "http/date.h"
#include "http/head.h"
#include "http/router.h"
#include "runtime/park.h"
#include "weir/event.h"
#include "weir/group.h"
#include "weir/http_server.h"
#include "weir/semaphore.h"

enum {
    WEIR__HTTP_OUTPUT_BYTES = 64 * 1024,
    WEIR__HTTP_INPUT_BYTES = 8 * 1024, /* beside a head of the greatest size: for bodies, and what is pipelined */
    WEIR__HTTP_REPLY_FIELDS_BYTES = 16 * 1024, /* of one reply */
    WEIR__HTTP_DISCARD_BYTES_MAX = 256 * 1024, /* of a body that nobody read */
    WEIR__HTTP_SPARE_WORKS_MIN = 16,           /* kept for the next requests even while none is in use */
    WEIR__HTTP_COOKIES_MAX = 64                /* of a request; more are not seen */
};

struct weir__http_connection;

/* ---- The request and its body (request.c, body.c) ---------------------------------------------------------------- */

struct weir__http_body {
    bool is_chunked;
    bool is_over;
    bool owes_continue; /* the client waits for 100 before it sends */
    int failure;        /* what every further read returns */
    uint64_t left;      /* of a length that was told */
    uint64_t received, received_max;
    weir_duration waited; /* all the time that reads have waited */
    struct weir__chunked chunked;
};

struct weir_http_request {
    struct weir__http_connection *connection;
    struct weir__http_head head;
    struct weir__http_body body;
    struct weir__route_match match;
    const char *values[WEIR__ROUTE_PARAMETERS_MAX]; /* of the match, decoded */
    const struct weir_http_fields *query, *cookies; /* NULL: not asked for yet */
    const char *host;                               /* likewise */
};

/* ---- The reply (reply.c) ----------------------------------------------------------------------------------------- */

/** A field that was set. */
struct weir__http_reply_field {
    struct weir__http_reply_field *next;
    struct weir__span name, value;
};

enum weir__http_reply_state {
    WEIR__REPLY_OPEN,      /* everything can be set */
    WEIR__REPLY_STREAMING, /* the head is made; pieces follow */
    WEIR__REPLY_WHOLE
};

struct weir_http_reply {
    struct weir__http_connection *connection;
    enum weir__http_reply_state state;
    int status;
    int failure;      /* the first of setting something */
    bool is_head;     /* the request is a HEAD */
    bool has_date;    /* one was set */
    bool has_type;    /* likewise Content-Type */
    bool has_length;  /* likewise Content-Length */
    bool is_chunked;  /* pieces are sent so */
    bool has_no_body; /* by its status or for HEAD: pieces are dropped */
    uint64_t length;  /* while STREAMING: what is still to come of it */
    size_t fields_bytes;
    struct weir__http_reply_field *fields, **fields_end;
};

/* ---- Memory (work.c) --------------------------------------------------------------------------------------------- */

/** What a request in progress needs. The buffers lie behind it. */
struct weir__http_work {
    struct weir__http_work *next; /* in the pool */
    struct weir__http_splitter splitter;
    struct weir__http_scan scan;
    struct weir__arena strings; /* what the request's strings need; of a size that is enough for any head */
    struct weir__arena arena;   /* all else; gone when the handler has returned */
    char *input, *output;
    size_t input_bytes;
    struct weir_http_request request;
    struct weir_http_reply reply;
};

struct weir__http_works {
    struct weir__http_work *spare;
    unsigned spares, in_use;
};

/* ---- The connection ---------------------------------------------------------------------------------------------- */

/** Bytes that have come: [at, end) are still to be looked at; what is before `pin` must stay where it is, and ends
 * within the first head_bytes_max bytes, so that there is always room behind it. */
struct weir__http_input {
    size_t pin, at, end;
};

/** Bytes that wait to be sent: [begin, end). */
struct weir__http_output {
    size_t begin, end;
    struct weir__link unsent; /* on the flusher's list while there are some */
    bool is_writing;          /* the writer sends them while the connection's own task waits for something else */
    weir_event written;       /* the writer's end; initialised when it begins */
    int failure;              /* of the last write: nothing can be sent any more */
};

struct weir__http_server;

struct weir__http_connection {
    struct weir__http_server *server;
    weir_stream *stream;
    struct weir__http_work *work; /* NULL: idle */
    struct weir__http_input input;
    struct weir__http_output output;
    struct weir__link idle;   /* on the server's list while it waits for a request */
    struct weir_scope *waits; /* the scope of that wait */
    struct weir_group *group; /* of its writer */
    bool keeps;               /* another request may follow this one */
    bool lingers;             /* the peer may be sending still: see to it that it gets the answer */
    bool is_cut;              /* what was sent is no whole answer */
    bool ends_body;           /* the answer's body ends where the connection does: only a reset tells that it was cut */
    bool is_broken;           /* the peer is gone, or as good as gone */
};

/** Serve it. @return as weir_http_serve_stream */
int weir__http_connection_run(struct weir__http_server *server, weir_stream *stream);

/* ---- The server -------------------------------------------------------------------------------------------------- */

/** Sends what connections have ready while their handlers wait (flusher.c). */
struct weir__http_flusher {
    struct weir__link unsent; /* connections */
    weir_semaphore bell;
    bool is_rung;
    bool is_over;
};

struct weir__http_server {
    const weir_http_router *router;
    weir_http_options options; /* every default filled in */
    struct weir__http_limits limits;
    size_t strings_bytes;
    weir_http_counters *counters; /* the program's, or `uncounted` */
    weir_http_counters uncounted;
    struct weir__http_date_cache date;
    struct weir__http_works works;
    struct weir__link idle; /* connections between two requests */
    bool is_draining;
    struct weir__http_flusher flusher;
};

/** @return NULL without memory */
struct weir__http_work *weir__http_work_take(struct weir__http_server *server);
/** Its arenas are empty: each request's end has seen to that. */
void weir__http_work_give(struct weir__http_server *server, struct weir__http_work *work);
void weir__http_works_done(struct weir__http_server *server);

/* ---- Input (input.c) --------------------------------------------------------------------------------------------- */

/** The next `bytes` are a head, and will be pinned: see to it that its body will have room behind it. */
void weir__http_input_settle_head(struct weir__http_connection *connection, size_t bytes);

/**
 * Read what comes next, behind what is there.
 * @param deadline  by when; -ETIMEDOUT after it
 * @return > 0 bytes; 0 the peer sends no more; -ECANCELED, -ETIME; -ECONNRESET ...
 */
int weir__http_input_fill(struct weir__http_connection *connection, weir_instant deadline);

/** The same into other memory; nothing may be left in the input. */
int weir__http_input_read(struct weir__http_connection *connection, void *buf, size_t bytes, weir_instant deadline);

/** The instant `span` from the beginning of this turn of the loop: exact enough for a deadline, and cheap. */
static inline weir_instant weir__http_after(weir_duration span) { return weir_instant_add(weir__loop_now(), span); }

/** Close a scope with a deadline of ours: -ETIMEDOUT where that, and no outer one, has passed. */
int weir__http_deadline_close(struct weir_scope *scope, int rc);

/* ---- Output (output.c) ------------------------------------------------------------------------------------------- */

/** Room for `bytes`, at most WEIR__HTTP_OUTPUT_BYTES, in one piece. 0, or why there can be none. */
int weir__http_output_reserve(struct weir__http_connection *connection, size_t bytes, char **ret_at);

/** So many bytes of the room that was reserved last are to be sent. */
void weir__http_output_commit(struct weir__http_connection *connection, size_t bytes);

/** Send some bytes: with others when they are few, at once when they are many. */
int weir__http_output_put(struct weir__http_connection *connection, const void *data, size_t bytes);

/** Send all that is ready, and wait until it has left. A cancel makes it a failure: no more can be sent. */
int weir__http_output_flush(struct weir__http_connection *connection);

/**
 * The same within a deadline of the caller's, for what a peer mostly takes at once.
 * @return 0; else what is left can still be sent with weir__http_output_flush
 */
int weir__http_output_flush_within(struct weir__http_connection *connection);

/** Wait for the writer's end, whatever cancels: its memory is about to go. What it met is in output.failure. */
void weir__http_output_settle(struct weir__http_connection *connection);

/** Write [begin, end) as it is now; by the connection's task or by its writer. */
int weir__http_output_write(struct weir__http_connection *connection, const void *more, size_t more_bytes);

/* ---- The flusher (flusher.c) ------------------------------------------------------------------------------------- */

void weir__http_flusher_init(struct weir__http_flusher *flusher);

/** Its task, until weir__http_flusher_end. @param arg  the server */
int weir__http_flusher_run(void *arg);
void weir__http_flusher_end(struct weir__http_flusher *flusher);

/** The connection has something to send, and goes on. */
void weir__http_flusher_tell(struct weir__http_connection *connection);

/* ---- One request (exchange.c) ------------------------------------------------------------------------------------ */

/** Answer the request whose head has just been parsed. 0; below 0 the connection is of no more use. */
int weir__http_exchange(struct weir__http_connection *connection);

/** Answer what is no request, and end the connection. */
int weir__http_exchange_refuse(struct weir__http_connection *connection, int status);

/* ---- Its parts --------------------------------------------------------------------------------------------------- */

/** For the head that has been parsed; or for none, with `is_blank`. */
void weir__http_request_begin(struct weir_http_request *request, struct weir__http_connection *connection,
                              bool is_blank);

/** Decode the parameters of the match. */
void weir__http_request_set_match(struct weir_http_request *request);

/** A field's value as a span; `at` is NULL when it is not there. Several are joined. */
struct weir__span weir__http_request_field(struct weir_http_request *request, const char *name);

/** The memory of a request from its reply. */
static inline struct weir_http_request *weir__http_request_of(const struct weir_http_reply *reply) {
    return &reply->connection->work->request;
}

/** Prepare to read a body. */
void weir__http_body_begin(struct weir_http_request *request, uint64_t bytes_max);

/** Read and drop what is left, if that is not too much. False: the connection cannot go on. */
bool weir__http_body_discard(struct weir_http_request *request);

/** Whether what is left can be dropped, as far as one can tell. */
bool weir__http_body_may_be_discarded(const struct weir_http_request *request);

void weir__http_reply_begin(struct weir_http_reply *reply, struct weir__http_connection *connection, bool is_head);

/** Forget what was set, for an error's answer; the head is not made. */
void weir__http_reply_reset(struct weir_http_reply *reply);

/** The handler is done: end what it began. 0, or below 0: the answer cannot be made whole. */
int weir__http_reply_end(struct weir_http_reply *reply);

/** Make the head: with the length that follows at once, or of a streamed body. 0, or what setting a field met. */
int weir__http_reply_make_head(struct weir_http_reply *reply, const char *type, bool is_streamed, uint64_t length);

/** The answer to a failure, by the program's hook or in plain text. */
int weir__http_answer_failure(struct weir__http_connection *connection, int status, int code);

#endif
