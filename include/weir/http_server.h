/* SPDX-License-Identifier: MIT */
/* http_server.h: routes, requests, replies. One task answers one request at a time; bodies stream both ways.
 * A handler may simply return the code of what failed. Before the head is sent that answers 413 for -WEIR_ELIMIT,
 * 400 for -EINVAL and -WEIR_EPROTO, 503 for -ETIME, else 500, without the detail; after it, the connection is cut so
 * that the peer sees a truncated body. What a handler did not read of the body is discarded, up to a limit. */
#ifndef WEIR_HTTP_SERVER_H
#define WEIR_HTTP_SERVER_H

#include "weir/base.h"
#include "weir/tcp.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Borrowed by the handler until it returns, as is every string that they give. Thread: the handler's task. */
typedef struct weir_http_request weir_http_request;
typedef struct weir_http_reply weir_http_reply;
typedef struct weir_http_router weir_http_router;

/** Answers one request. @return >= 0 answered (nothing sent is an empty 200); < 0 a failure, as told above. */
typedef int weir_http_fn(weir_http_request *request, weir_http_reply *reply, void *arg);

/** A field left at zero takes its default. */
typedef struct weir_http_options {
    size_t size_bytes;               /* sizeof(weir_http_options) */
    const weir_serve_options *serve; /* connections, drain; borrowed; NULL for the defaults */
    size_t head_bytes_max;           /* default 16 KiB, beyond it 431 */
    size_t target_bytes_max;         /* default 8 KiB, 414 */
    uint64_t body_bytes_max;         /* default 1 MiB, 413; a route may raise its own */
    weir_duration head_time;         /* for a whole head; default 10 s, 408 */
    weir_duration idle_time;         /* between requests, and between two pieces of a body; default 60 s */
    weir_duration request_time;      /* the deadline of a handler; default none */
} weir_http_options;

/** @return 0; -ENOMEM. @param ret_router  to be freed. Suspends: no. Thread: task. */
WEIR_EXPORT int weir_http_router_new(weir_http_router **ret_router) WEIR_MUST_CHECK;

/** Release; not while it serves. NULL is fine. Suspends: no. */
WEIR_EXPORT void weir_http_router_free(weir_http_router *router);

/**
 * Add a route. HEAD, OPTIONS and 405 with Allow are answered from what was added.
 * @param method  "GET", "POST", ...
 * @param path    "/api/products/{id}"; `{name}` takes one segment, `{name...}` the rest. Copied
 * @param arg     borrowed while the router lives
 * @return 0; -EINVAL, -EEXIST, -ENOMEM: recorded, and returned by weir_http_serve, so the return may be ignored
 * Suspends: no. Thread: owner; before it serves.
 */
WEIR_EXPORT int weir_http_router_add(weir_http_router *router, const char *method, const char *path, weir_http_fn *fn,
                                     void *arg);

/** A field left at zero takes the server's. */
typedef struct weir_http_route_options {
    size_t size_bytes; /* sizeof(weir_http_route_options) */
    uint64_t body_bytes_max;
    weir_duration request_time;
} weir_http_route_options;

/** As weir_http_router_add, with options (borrowed during the call). */
WEIR_EXPORT int weir_http_router_add_with(weir_http_router *router, const char *method, const char *path,
                                          weir_http_fn *fn, void *arg, const weir_http_route_options *options);

/**
 * Serve until cancelled, then drain: as weir_serve, and idle connections end at once.
 * @param listener, router  borrowed until the return
 * @param options           borrowed until the return; NULL for the defaults
 * @return as weir_serve; also what weir_http_router_add recorded
 * Suspends. Cancel: drains. Thread: owner.
 */
WEIR_EXPORT int weir_http_serve(weir_listener *listener, weir_http_router *router,
                                const weir_http_options *options) WEIR_MUST_CHECK;

/* ---- The request: none of these suspends or fails, except the two that read ------------------------------------- */

/** "GET", ...; constant. */
WEIR_EXPORT const char *weir_http_request_method(const weir_http_request *request);
/** The path as it came, without the query. */
WEIR_EXPORT const char *weir_http_request_path(const weir_http_request *request);
/** A parameter of the route, decoded; never NULL for a name that the route has, else an assertion. */
WEIR_EXPORT const char *weir_http_request_param(const weir_http_request *request, const char *name);
/** The first value of a query field, decoded; NULL when it is not there. */
WEIR_EXPORT const char *weir_http_request_query(const weir_http_request *request, const char *name);
/** A header field, any case, several joined by ", "; NULL when it is not there. */
WEIR_EXPORT const char *weir_http_request_header(const weir_http_request *request, const char *name);
/** Content-Length, or -1 when the body is chunked; 0 without a body. */
WEIR_EXPORT int64_t weir_http_request_length(const weir_http_request *request);

/**
 * Read some of the body; the first call answers Expect: 100-continue.
 * @param buf_bytes  > 0
 * @return > 0 bytes; 0 the body is complete, and from then on always
 *         -WEIR_ELIMIT        longer than allowed; return it, and the answer is 413
 *         -WEIR_EEOF, -WEIR_EPROTO, -ECONNRESET  cut or malformed: return it, nobody hears the answer
 *         -ECANCELED, -ETIME  nothing was consumed
 * Suspends. Cancel: entry, wait.
 */
WEIR_EXPORT int weir_http_request_read_some(weir_http_request *request, void *buf, size_t buf_bytes) WEIR_MUST_CHECK;

/**
 * Read the whole body into memory of the request's.
 * @param bytes_max  above it -WEIR_ELIMIT
 * @param ret_body   valid until the handler returns; a NUL follows
 * @param ret_bytes  without that NUL; may be NULL
 * @return 0; as read_some; -ENOMEM. Suspends. Cancel: entry, wait.
 */
WEIR_EXPORT int weir_http_request_read_all(weir_http_request *request, size_t bytes_max, const char **ret_body,
                                           size_t *ret_bytes) WEIR_MUST_CHECK;

/* ---- The reply: set, then either send once, or write many times -------------------------------------------------- */

/** Set the status, 200 unless set; before the head is sent (an assertion). Cannot fail. Suspends: no. */
WEIR_EXPORT void weir_http_reply_set_status(weir_http_reply *reply, int status);

/**
 * Set a header field, in place of an earlier one of its name; before the head is sent.
 * @return 0; -EINVAL (CR, LF, NUL), -ENOMEM, -WEIR_ELIMIT: recorded; the send reports it. Copies. Suspends: no.
 */
WEIR_EXPORT int weir_http_reply_set_header(weir_http_reply *reply, const char *name, const char *value);

/**
 * Send the whole reply with its Content-Length.
 * @param type   the Content-Type; NULL for none
 * @param body   borrowed until the return; may be NULL when bytes is 0; not sent for HEAD
 * @return 0; -EPIPE, -ECONNRESET, -ECANCELED, -ETIME: the connection is of no more use; return it
 * Suspends. Cancel: entry, wait.
 */
WEIR_EXPORT int weir_http_reply_send(weir_http_reply *reply, int status, const char *type, const void *body,
                                     size_t bytes) WEIR_MUST_CHECK;

/** As weir_http_reply_send with the formatted text, 4 KiB at most, else -WEIR_ELIMIT and nothing sent. */
WEIR_EXPORT int weir_http_reply_printf(weir_http_reply *reply, int status, const char *type, const char *format, ...)
    WEIR_PRINTF(4, 5) WEIR_MUST_CHECK;

/**
 * Send the next piece; the first sends the head (chunked, unless a Content-Length was set). The return ends it.
 * @return as weir_http_reply_send. Suspends while the peer does not read. Cancel: entry, wait.
 */
WEIR_EXPORT int weir_http_reply_write(weir_http_reply *reply, const void *data, size_t bytes) WEIR_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
