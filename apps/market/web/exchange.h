/* SPDX-License-Identifier: MIT */
/* exchange.h: one request and its answer, as market's handlers see them.
 * A handler answers once and returns >= 0, or returns a negative code and the dispatcher answers with what failure.h
 * says of it: a problem document under /api/, a page elsewhere. */
#ifndef MARKET_WEB_EXCHANGE_H
#define MARKET_WEB_EXCHANGE_H

#include "market/auth.h"
#include "weir/http_server.h"
#include "market/web/language.h"
#include "market/web/messages.h"
#include "market/web/text.h"

#define EXCHANGE_BODY_BYTES_MAX ((size_t)64 * 1024) /* of a request: every form and JSON body fits, pictures aside */
#define EXCHANGE_OUT_BYTES_MAX ((size_t)16 * 1024 * 1024) /* 100 articles of the longest description */

struct site;
struct route;

struct exchange {
    struct site *site;         /* borrowed */
    const struct route *route; /* borrowed; NULL for what the server answers without a handler */
    weir_http_request *request;
    weir_http_reply *reply;
    enum language language;
    struct market_user *user;     /* who asks; NULL: nobody, or not looked up yet (access.h) */
    char token[AUTH_TOKEN_BYTES]; /* of the session; "" without one */
    struct text out;              /* the answer's body while it is written */
    int status;                   /* that was answered; 0 not yet */
    size_t bytes;                 /* of the answer's body */
    bool answered;
    bool has_retry_after; /* the handler has set a better one than the failure's */
    bool private;         /* the answer is for this visitor's eyes alone: nothing may keep it */
    bool cached;          /* the handler has set Cache-Control */
    char field[64];       /* which field a failure is about; "" none */
};

typedef int handler_fn(struct exchange *x);

void exchange_init(struct exchange *x, struct site *site, const struct route *route, weir_http_request *request,
                   weir_http_reply *reply);
void exchange_done(struct exchange *x);

/** The text of a message in the visitor's language. */
const char *exchange_text(const struct exchange *x, enum message message);

/** Set the headers that every answer has; for handlers that send by themselves. */
void exchange_set_headers(struct exchange *x);

/** Note an answer that was sent by other means, for the log. */
void exchange_note(struct exchange *x, int status, size_t bytes);

/** Send x->out as `type`, with the headers that every answer has. @return as weir_http_reply_send; text's failures */
int exchange_send(struct exchange *x, int status, const char *type);

/** Send no body. 204, 304, or a redirect's. */
int exchange_send_empty(struct exchange *x, int status);

/** 303 to a path of ours, so that reloading repeats no POST. */
int exchange_redirect(struct exchange *x, const char *path);

/** Set a cookie: HttpOnly, SameSite=Lax, Secure where visitors come over TLS. @param max_age  < 0 deletes it */
void exchange_set_cookie(struct exchange *x, const char *name, const char *value, weir_duration max_age);

/** Fail over a field: `code` is recorded with the text, and the field named in the answer. @return code */
int exchange_fail_field(struct exchange *x, int code, const char *field, const char *format, ...) WEIR_PRINTF(4, 5);

/** Fail over a flaw of model.h's, in a sentence. @return -MARKET_EINVALID */
int exchange_fail_flaw(struct exchange *x, const struct market_flaw *flaw);

/**
 * The route's {id}.
 * @return 0; -MARKET_ENOT_FOUND no positive decimal number: there is no such thing
 */
int exchange_id(struct exchange *x, int64_t *ret_id);

/** A whole number of decimal digits alone, within the bounds. @return 0; -EINVAL */
int exchange_parse_int(const char *text, int64_t min, int64_t max, int64_t *ret_value);

/** Whether the request is for the JSON interface. */
bool exchange_is_api(const struct exchange *x);

#endif
