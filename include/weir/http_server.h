/* SPDX-License-Identifier: MIT */
/* http_server.h: routes, requests, replies. One task a connection answers one request at a time; bodies stream both
 * ways. Requests that arrive together are answered in order, and their answers leave together.
 *
 * A handler may simply return the code of what failed. Before the head of its reply is made that answers
 *     400 for -EINVAL, -WEIR_EPROTO, -WEIR_EEOF    408 for -ETIMEDOUT     413 for -WEIR_ELIMIT
 *     415 for -EMEDIUMTYPE                         503 for -ETIME and shortages (-EAGAIN, -EMFILE, -ENFILE, -ENOBUFS,
 *     -ENOMEM)                                     500 for anything else, and for a field that the handler set wrongly
 * without the detail, which weir_http_options.on_error may look at. After it, the connection is cut so that the peer
 * sees a truncated body. What a handler did not read of the body is discarded, up to 256 KiB; beyond that the
 * connection closes after the answer.
 *
 * The server itself answers 400 to whatever is malformed or could be understood in two ways, 404, 405 with Allow, 408,
 * 413, 414, 431, 501, 503 and 505; HEAD as GET without the body; OPTIONS; and Expect: 100-continue.
 *
 * Strings that a request gives are NUL-terminated, borrowed, and good until its handler returns. */
#ifndef WEIR_HTTP_SERVER_H
#define WEIR_HTTP_SERVER_H

#include "weir/base.h"
#include "weir/stream.h"
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

/**
 * Renders an answer to a failure: the server's own, and what handlers return.
 * @param request  of a head that was malformed it has the method "" and the path ""
 * @param reply    nothing of it is sent yet; fields that the handler had set are gone, `status` and what belongs to it
 *                 (Allow, Connection) are set
 * @param status   400 to 599
 * @param code     what the handler returned; else 0. weir_error_text(code) has the detail
 * @return >= 0; with nothing sent, or below 0, the plain default is sent
 */
typedef int weir_http_error_fn(weir_http_request *request, weir_http_reply *reply, int status, int code, void *arg);

/** What a server has done so far; plain numbers, changed by the server's tasks alone. Zero it before. */
typedef struct weir_http_counters {
    uint64_t connections;        /* taken */
    uint64_t connections_open;   /* now */
    uint64_t connections_idle;   /* of these: between two requests */
    uint64_t requests;           /* answered, refused ones included */
    uint64_t requests_open;      /* in a handler now */
    uint64_t requests_cut;       /* ended without a whole answer */
    uint64_t by_status[600];     /* requests by the status of their answer, its number being the index */
    uint64_t bytes_in;           /* as received, heads included */
    uint64_t bytes_out;          /* as sent, heads included */
    weir_duration handlers_time; /* all the time that passed in handlers, together */
} weir_http_counters;

/** A field left at zero takes its default. */
typedef struct weir_http_options {
    size_t size_bytes;               /* sizeof(weir_http_options) */
    const weir_serve_options *serve; /* connections, drain; borrowed; NULL for the defaults */
    size_t head_bytes_max;           /* 512 to 64 KiB; default 16 KiB; beyond it, or 100 fields, 431 */
    size_t target_bytes_max;         /* at most half of that; default 8 KiB; 414 */
    uint64_t body_bytes_max;         /* default 1 MiB, 413; a route may raise its own */
    weir_duration head_time;         /* for a whole head; default 10 s, 408 */
    weir_duration idle_time;         /* between requests, and for a body that does not move; default 60 s */
    weir_duration write_time;        /* for a peer that does not read; default 30 s */
    weir_duration request_time;      /* the deadline of a handler; default none */
    unsigned rate_min;               /* bytes/s that a body must make on the whole, beyond these times; default 256 */
    weir_http_fn *on_request;        /* called before each route's handler, as one: it may set fields, or answer, and
                                      * then the handler is not called; NULL for none */
    weir_http_error_fn *on_error;    /* NULL: a line of plain text */
    void *arg;                       /* of these two; borrowed until the return */
    weir_http_counters *counters;    /* borrowed until the return; kept up to date; may be NULL */
} weir_http_options;

/** @return 0; -ENOMEM. @param ret_router  to be freed. Suspends: no. Thread: task. */
WEIR_EXPORT int weir_http_router_new(weir_http_router **ret_router) WEIR_MUST_CHECK;

/** Release; not while it serves. NULL is fine. Suspends: no. */
WEIR_EXPORT void weir_http_router_free(weir_http_router *router);

/**
 * Add a route. HEAD, OPTIONS and 405 with Allow are answered from what was added.
 *
 * Of several routes that fit, the one with the literal segment wins over `{name}`, and that over `{name...}`, from the
 * left; one that lacks the method is passed over. Segments are compared after percent-decoding.
 *
 * @param method  "GET", "POST", ... of RFC 9110 but CONNECT, or of WebDAV
 * @param path    "/api/products/{id}"; `{name}` takes one segment that is not empty, `{name...}` the rest, maybe empty.
 *                At most 32 segments and 8 parameters. Copied
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

/** As weir_http_router_add, with options (borrowed during the call; NULL for the defaults). */
WEIR_EXPORT int weir_http_router_add_with(weir_http_router *router, const char *method, const char *path,
                                          weir_http_fn *fn, void *arg, const weir_http_route_options *options);

/** A field left at zero takes its default. */
typedef struct weir_http_files_options {
    size_t size_bytes;         /* sizeof(weir_http_files_options) */
    const char *index;         /* the file that stands for its folder, "index.html" say; copied; default none: 404 */
    const char *cache_control; /* a field to send along; copied; default none */
} weir_http_files_options;

/**
 * Add the files of a folder, for GET and HEAD: with their type by the name's ending, ETag, Last-Modified, conditions,
 * and single ranges. Nothing outside the folder is ever served, by `..` or by a link. Names that begin with a dot are
 * not there. Files are read on weir_offload's threads.
 * @param path       its last segment is `{name...}`
 * @param directory  copied; opened at each request, so that a folder may be exchanged as a whole
 * @param options    borrowed during the call; NULL for the defaults
 * @return as weir_http_router_add. Suspends: no. Thread: owner; before it serves.
 */
WEIR_EXPORT int weir_http_router_add_files(weir_http_router *router, const char *path, const char *directory,
                                           const weir_http_files_options *options);

/**
 * Serve until cancelled, then drain: as weir_serve; requests under way are answered with Connection: close, and so are
 * those that come within a second of a connection's last answer. Connections that were idle for longer end at once.
 * @param listener, router  borrowed until the return
 * @param options           borrowed until the return; NULL for the defaults
 * @return as weir_serve; -EINVAL an option is out of range; what weir_http_router_add recorded; -ENOMEM
 * Suspends. Cancel: drains. Thread: owner.
 */
WEIR_EXPORT int weir_http_serve(weir_listener *listener, weir_http_router *router,
                                const weir_http_options *options) WEIR_MUST_CHECK;

/**
 * Serve one connection, whatever made its stream, until either side ends it.
 * @param stream   borrowed until the return; the caller closes and frees it
 * @param router, options  as above; of options->serve only `draining` counts: the event, when given and set, ends the
 *                         connection after the request under way
 * @return 0 it ended, and whatever came was answered, refusals included
 *         < 0  an answer was not made whole, or nobody was there to hear it: -EPIPE, -ECONNRESET, -ETIMEDOUT,
 *         -WEIR_EEOF, the code of a handler; and what weir_http_serve checks
 *         -ECANCELED, -ETIME  cut
 * Suspends. Cancel: entry, wait; a request under way is cut. Thread: the stream's owner.
 */
WEIR_EXPORT int weir_http_serve_stream(weir_stream *stream, weir_http_router *router,
                                       const weir_http_options *options) WEIR_MUST_CHECK;

/* ---- The request: what came with its head. None of these suspends or fails --------------------------------------- */

/** "GET", ...; constant. */
WEIR_EXPORT const char *weir_http_request_method(const weir_http_request *request);
/** The path as it came, without the query; of an absolute target ("GET http://host/path") its path; "*" for OPTIONS. */
WEIR_EXPORT const char *weir_http_request_path(const weir_http_request *request);
/** The host and port that the client asked for, as it wrote them: "shop.example:8080"; "" when it told none. */
WEIR_EXPORT const char *weir_http_request_host(weir_http_request *request);
/** The client's address, "127.0.0.1:51234"; "" for a stream without one. */
WEIR_EXPORT const char *weir_http_request_peer(const weir_http_request *request);
/** A parameter of the route, decoded; never NULL for a name that the route has, else an assertion. */
WEIR_EXPORT const char *weir_http_request_param(const weir_http_request *request, const char *name);
/** The first value of a query field, decoded; NULL when it is not there. */
WEIR_EXPORT const char *weir_http_request_query(weir_http_request *request, const char *name);
/** The value of a cookie, without the quotes around it; NULL when it is not there. */
WEIR_EXPORT const char *weir_http_request_cookie(weir_http_request *request, const char *name);
/** A header field, any case, several joined by ", "; NULL when it is not there. */
WEIR_EXPORT const char *weir_http_request_header(weir_http_request *request, const char *name);
/**
 * The header fields one after another: `for (size_t i = 0; weir_http_request_header_next(request, &i, &n, &v) > 0;)`
 * @return 1 one is told; 0 there are no more
 */
WEIR_EXPORT int weir_http_request_header_next(weir_http_request *request, size_t *cursor, const char **ret_name,
                                              const char **ret_value);
/** Whether Content-Type is `type`, "application/json" say, whatever its parameters and its case. */
WEIR_EXPORT bool weir_http_request_is_type(weir_http_request *request, const char *type);
/** Content-Length, or -1 when the body is chunked; 0 without a body. */
WEIR_EXPORT int64_t weir_http_request_length(const weir_http_request *request);

/** Names and values, decoded, in the order in which they came; a name may come several times. */
typedef struct weir_http_fields weir_http_fields;

/** The first value of that name; NULL when it is not there. */
WEIR_EXPORT const char *weir_http_fields_get(const weir_http_fields *fields, const char *name);
/** One after another, as weir_http_request_header_next. */
WEIR_EXPORT int weir_http_fields_next(const weir_http_fields *fields, size_t *cursor, const char **ret_name,
                                      const char **ret_value);
/** All fields of the query; never NULL. */
WEIR_EXPORT const weir_http_fields *weir_http_request_query_fields(weir_http_request *request);

/* ---- The request's body ------------------------------------------------------------------------------------------ */

/**
 * Read some of the body; the first call answers Expect: 100-continue.
 * @param buf_bytes  > 0
 * @return > 0 bytes; 0 the body is complete, and from then on always
 *         -WEIR_ELIMIT        longer than allowed; return it, and the answer is 413
 *         -ETIMEDOUT          the client is too slow; return it, and the answer is 408
 *         -WEIR_EPROTO        malformed; return it, and the answer is 400
 *         -WEIR_EEOF, -ECONNRESET  cut; return it, nobody hears the answer
 *         -ECANCELED, -ETIME  nothing was consumed
 *         After any but the last the connection ends with the answer.
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

/**
 * Read the body as the fields of an HTML form, application/x-www-form-urlencoded.
 * @param bytes_max   above it, or 1,000 fields, -WEIR_ELIMIT
 * @param ret_fields  valid until the handler returns
 * @return 0; -EMEDIUMTYPE another type; -EINVAL a NUL in it; as read_all. Suspends. Cancel: entry, wait.
 */
WEIR_EXPORT int weir_http_request_form(weir_http_request *request, size_t bytes_max,
                                       const weir_http_fields **ret_fields) WEIR_MUST_CHECK;

/* ---- A form with files: multipart/form-data, read part by part as it comes -----------------------------------------
 *
 *     rc = weir_http_multipart_open(&multipart, request);
 *     if (rc < 0)
 *         return rc;
 *     while ((rc = weir_http_multipart_next(multipart, &part)) > 0) {
 *         if (strcmp(part.name, "picture") == 0)
 *             rc = store_picture(multipart);           // weir_http_multipart_read_some until 0
 *         else
 *             rc = weir_http_multipart_read_all(multipart, 4096, &text, NULL);
 *         if (rc < 0)
 *             return rc;                               // 413, say
 *     } */

/** Reads one request's parts. Memory of the request's: nothing is to be freed. */
typedef struct weir_http_multipart weir_http_multipart;

/** What stands before a part's bytes; valid until the next part is asked for. */
typedef struct weir_http_part {
    const char *name;     /* of the form's field */
    const char *filename; /* as the client wrote it, so never to be used as a path; NULL: a plain field */
    const char *type;     /* Content-Type; NULL: none was told */
} weir_http_part;

/**
 * Begin to read the parts. The body must not have been read from before.
 * @return 0; -EMEDIUMTYPE the body is of another type; -EINVAL its type has no good boundary; -ENOMEM
 * Suspends: no.
 */
WEIR_EXPORT int weir_http_multipart_open(weir_http_multipart **ret_multipart,
                                         weir_http_request *request) WEIR_MUST_CHECK;

/**
 * Go to the next part; what was not read of the one before is skipped.
 * @return 1 a part; 0 there are no more, and all of the body has been read
 *         -WEIR_ELIMIT  more than 256 parts, or 4 KiB before the bytes of one
 *         -WEIR_EPROTO  malformed; and as read_some. Suspends. Cancel: entry, wait.
 */
WEIR_EXPORT int weir_http_multipart_next(weir_http_multipart *multipart, weir_http_part *ret_part) WEIR_MUST_CHECK;

/** Read some of the part's bytes. @return > 0 bytes; 0 its end; as weir_http_request_read_some. Suspends. */
WEIR_EXPORT int weir_http_multipart_read_some(weir_http_multipart *multipart, void *buf,
                                              size_t buf_bytes) WEIR_MUST_CHECK;

/** Read what is left of the part into memory of the request's: as weir_http_request_read_all. Suspends. */
WEIR_EXPORT int weir_http_multipart_read_all(weir_http_multipart *multipart, size_t bytes_max, const char **ret_bytes,
                                             size_t *ret_bytes_count) WEIR_MUST_CHECK;

/* ---- The reply: set, then either send once, or write many times -------------------------------------------------- */

/** Set the status, 200 unless set; 200 to 599; before the head is made (an assertion). Cannot fail. Suspends: no. */
WEIR_EXPORT void weir_http_reply_set_status(weir_http_reply *reply, int status);

/**
 * Set a header field, in place of earlier ones of its name; before the head is made.
 *
 * Content-Length tells how much weir_http_reply_write will send. `Connection: close` ends the connection after the
 * answer. Date replaces the server's. Transfer-Encoding and other values of Connection are the server's own: -EINVAL.
 *
 * @param value  NULL takes the field away
 * @return 0; -EINVAL (CR, LF, NUL, no token), -ENOMEM, -WEIR_ELIMIT (16 KiB in all): recorded; the send reports it.
 * Copies. Suspends: no.
 */
WEIR_EXPORT int weir_http_reply_set_header(weir_http_reply *reply, const char *name, const char *value);

/** Add a header field beside earlier ones of its name; else as weir_http_reply_set_header. */
WEIR_EXPORT int weir_http_reply_add_header(weir_http_reply *reply, const char *name, const char *value);

/** A field left at zero takes its default. */
typedef struct weir_http_cookie_options {
    size_t size_bytes;     /* sizeof(weir_http_cookie_options) */
    weir_duration max_age; /* default: until the browser ends; below 0: it is deleted */
    const char *path;      /* default "/" */
    const char *domain;    /* default: this host alone */
    bool secure;           /* over TLS only */
    bool for_scripts;      /* scripts may read it: no HttpOnly */
    bool cross_site;       /* SameSite=None, which wants `secure`; default SameSite=Lax */
    bool strict;           /* SameSite=Strict */
} weir_http_cookie_options;

/**
 * Set a cookie: HttpOnly and SameSite=Lax unless the options say otherwise.
 * @param value    without spaces, quotes, commas, semicolons and backslashes, else -EINVAL
 * @param options  borrowed during the call; NULL for the defaults
 * @return as weir_http_reply_set_header. Suspends: no.
 */
WEIR_EXPORT int weir_http_reply_set_cookie(weir_http_reply *reply, const char *name, const char *value,
                                           const weir_http_cookie_options *options);

/**
 * Send the whole reply with its Content-Length. It leaves with what else is ready: when the handler returns, or waits.
 * @param type   the Content-Type; NULL for none, or one that was set
 * @param body   borrowed until the return; may be NULL when bytes is 0; not sent for HEAD, 204 and 304
 * @return 0; -EPIPE, -ECONNRESET, -ETIMEDOUT, -ECANCELED, -ETIME: the connection is of no more use; return it
 *         -EINVAL, -ENOMEM, -WEIR_ELIMIT  what a header field met; nothing is sent
 * Suspends. Cancel: entry, wait.
 */
WEIR_EXPORT int weir_http_reply_send(weir_http_reply *reply, int status, const char *type, const void *body,
                                     size_t bytes) WEIR_MUST_CHECK;

/** As weir_http_reply_send with the formatted text, 4 KiB at most, else -WEIR_ELIMIT and nothing sent. */
WEIR_EXPORT int weir_http_reply_printf(weir_http_reply *reply, int status, const char *type, const char *format, ...)
    WEIR_PRINTF(4, 5) WEIR_MUST_CHECK;

/** Send the client elsewhere. @param status  301, 302, 303, 307 or 308. @return as weir_http_reply_send. Suspends. */
WEIR_EXPORT int weir_http_reply_redirect(weir_http_reply *reply, int status, const char *location) WEIR_MUST_CHECK;

/**
 * Send the next piece; the first makes the head (chunked, unless a Content-Length was set). The handler's return ends
 * it. Pieces are gathered, 64 KiB at most; what is gathered leaves at the latest when the handler waits for anything.
 * @param data   borrowed until the return; bytes may be 0: only the head
 * @return as weir_http_reply_send; -WEIR_ELIMIT more than the Content-Length that was set: nothing is sent of it
 * Suspends while the peer does not read. Cancel: entry, wait.
 */
WEIR_EXPORT int weir_http_reply_write(weir_http_reply *reply, const void *data, size_t bytes) WEIR_MUST_CHECK;

/** Whether the head has been made: nothing of it can be set any more. Suspends: no. */
WEIR_EXPORT bool weir_http_reply_is_begun(const weir_http_reply *reply);

/* ---- Conditions, ranges, files ----------------------------------------------------------------------------------- */

/** What an entity tag of 64 bits takes, quotes and NUL included. */
enum { WEIR_HTTP_ETAG_BYTES = 20 };

/** Make a strong entity tag of some bytes: equal bytes have equal tags. Not a cryptographic one. Suspends: no. */
WEIR_EXPORT void weir_http_etag(char ret_etag[WEIR_HTTP_ETAG_BYTES], const void *data, size_t bytes);

/**
 * Set ETag, and answer at once where the request's If-None-Match or If-Match says so.
 * @param etag  "\"17\"" or "W/\"17\"", quotes included
 * @return 0 go on and answer; 1 answered, with 304 or 412: return 0
 *         < 0 as weir_http_reply_send. Suspends. Cancel: entry, wait.
 */
WEIR_EXPORT int weir_http_reply_check_etag(weir_http_reply *reply, const char *etag) WEIR_MUST_CHECK;

/** Something in memory to be served as it is: a picture, a style sheet. A field left at zero is left out. */
typedef struct weir_http_asset {
    const void *data;
    size_t bytes;
    const char *type;          /* Content-Type */
    const char *etag;          /* quotes included; NULL: made of the bytes, at each request */
    const char *cache_control; /* a field to send along */
} weir_http_asset;

/**
 * Send an asset: conditions, and a single range, are answered as for files.
 * @param asset  borrowed until the return
 * @return as weir_http_reply_send. Suspends. Cancel: entry, wait.
 */
WEIR_EXPORT int weir_http_reply_asset(weir_http_reply *reply, const weir_http_asset *asset) WEIR_MUST_CHECK;

/**
 * Send a file of a folder, as weir_http_router_add_files does; 404 where there is none.
 * @param directory, path  borrowed until the return; path is relative
 * @param options          borrowed until the return; NULL for the defaults
 * @return as weir_http_reply_send; -ENOENT there is no such file, or it may not be served: nothing is sent
 *         -EIO, -EMFILE, ... reading it failed. Suspends. Cancel: entry, wait.
 */
WEIR_EXPORT int weir_http_reply_file(weir_http_reply *reply, const char *directory, const char *path,
                                     const weir_http_files_options *options) WEIR_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
