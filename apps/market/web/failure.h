/* SPDX-License-Identifier: MIT */
/* failure.h: what a handler's negative code means to whoever asked: the status, the `code` of the problem document, and
 * the page's words. Handlers return codes; nothing but this table knows statuses of failures. */
#ifndef MARKET_WEB_FAILURE_H
#define MARKET_WEB_FAILURE_H

#include "market/web/messages.h"

/** Failures of a request itself; a range of their own beside errno, WEIR_E... and MARKET_E... */
enum web_error {
    WEB_EMALFORMED_JSON = 0x30000,
    WEB_EINVALID_UTF8,
    WEB_ETOO_DEEP,
    WEB_EDUPLICATE_FIELD,
    WEB_ENOT_AN_OBJECT,
    WEB_EUNKNOWN_FIELD,
    WEB_EWRONG_TYPE,
    WEB_EINVALID_FIELD, /* a member or a parameter that is out of its range */
    WEB_EMISSING_FIELD,
    WEB_EMEDIA_TYPE, /* a body of a kind that is not taken here */
    WEB_ELOGIN_REQUIRED,
    WEB_EFOREIGN_ORIGIN, /* a cookie's write that another site may have caused */
    WEB_EKEY_REQUIRED,
    WEB_EBAD_FORM,
    WEB_EEMPTY_BODY,
    /* What the server answers by itself, before or without a handler. */
    WEB_EMETHOD,
    WEB_EREQUEST_TIMEOUT,
    WEB_ETARGET_TOO_LONG,
    WEB_EHEAD_TOO_LARGE,
    WEB_EEXPECTATION,
};

struct failure {
    int code; /* > 0: what a handler returns, negated */
    int status;
    const char *name;  /* "out_of_stock" */
    const char *title; /* the same for every occurrence, in English */
    enum message heading, text;
    bool tells; /* weir_error_text may be shown; never for failures of our own inside */
};

/** Never NULL: what is not in the table is an internal error, 500. @param code < 0 */
const struct failure *failure_of(int code);

/** For answers that the server makes by itself, from their status. Never NULL. */
const struct failure *failure_of_status(int status);

/** By the `code` member; NULL for none. */
const struct failure *failure_named(const char *name);

/** Seconds for Retry-After, 0 for none. */
int failure_retry_after(const struct failure *failure);

/** The detail that was recorded for `code`; NULL when there is none, or when it is not for others' eyes. */
const char *failure_detail(const struct failure *failure, int code);

#endif
