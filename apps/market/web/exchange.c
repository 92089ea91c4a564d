/* SPDX-License-Identifier: MIT */
/* exchange.c: sending, and what handlers share. Invariant: `answered` is set before the first byte leaves, so the
 * dispatcher never answers twice. */
#include "market/web/exchange.h"

#include "market/utf8.h"
#include "market/web/failure.h"
#include "market/web/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Pages have no script and load nothing from elsewhere; the header makes sure of it. */
static const char content_policy[] = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
                                     "base-uri 'none'; frame-ancestors 'none'";

static enum language visitor_language(weir_http_request *request) {
    enum language language;

    if (language_from_code(weir_http_request_cookie(request, "lang"), &language))
        return language;
    return language_negotiate(weir_http_request_header(request, "Accept-Language"));
}

void exchange_init(struct exchange *x, struct site *site, const struct route *route, weir_http_request *request,
                   weir_http_reply *reply) {
    *x = (struct exchange){.site = site, .route = route, .request = request, .reply = reply};
    x->out = text_make(EXCHANGE_OUT_BYTES_MAX);
    x->language = request == NULL ? LANGUAGE_ENGLISH : visitor_language(request);
}

void exchange_done(struct exchange *x) {
    text_done(&x->out);
    market_free(x->user);
    x->user = NULL;
}

const char *exchange_text(const struct exchange *x, enum message message) { return message_text(message, x->language); }

bool exchange_is_api(const struct exchange *x) {
    return x->request != NULL && strncmp(weir_http_request_path(x->request), "/api/", 5) == 0;
}

/* Failures to set are recorded by the reply, and the send reports them. */
void exchange_set_headers(struct exchange *x) {
    weir_http_reply_set_header(x->reply, "X-Content-Type-Options", "nosniff");
    weir_http_reply_set_header(x->reply, "Referrer-Policy", "same-origin");
    weir_http_reply_set_header(x->reply, "Content-Security-Policy", content_policy);
    weir_http_reply_set_header(x->reply, "Cross-Origin-Resource-Policy", "same-origin");
    weir_http_reply_set_header(x->reply, "Cross-Origin-Opener-Policy", "same-origin");
    if (!x->cached)
        weir_http_reply_set_header(x->reply, "Cache-Control", x->private ? "no-store" : "private, no-cache");
}

void exchange_note(struct exchange *x, int status, size_t bytes) {
    x->answered = true;
    x->status = status;
    x->bytes = bytes;
}

int exchange_send(struct exchange *x, int status, const char *type) {
    if (x->out.error < 0) /* too long an answer is our failure, not the request's */
        return x->out.error == -ENOMEM ? -ENOMEM : -EIO;
    exchange_set_headers(x);
    exchange_note(x, status, x->out.bytes);
    return weir_http_reply_send(x->reply, status, type, x->out.data, x->out.bytes);
}

int exchange_send_empty(struct exchange *x, int status) {
    text_clear(&x->out);
    return exchange_send(x, status, NULL);
}

int exchange_redirect(struct exchange *x, const char *path) {
    weir_http_reply_set_header(x->reply, "Location", path);
    return exchange_send_empty(x, 303);
}

void exchange_set_cookie(struct exchange *x, const char *name, const char *value, weir_duration max_age) {
    weir_http_cookie_options options = {.size_bytes = sizeof options,
                                        .max_age = max_age,
                                        .secure = site_is_secure(x->site)};

    weir_http_reply_set_cookie(x->reply, name, value, &options); /* a failure is recorded; the send reports it */
}

int exchange_fail_field(struct exchange *x, int code, const char *field, const char *format, ...) {
    char text[200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    utf8_copy(x->field, sizeof x->field, field, strlen(field));
    return weir_fail(code, "%s %s", field, text);
}

int exchange_fail_flaw(struct exchange *x, const struct market_flaw *flaw) {
    int code = -MARKET_EINVALID;
    const char *field = flaw->field;

    switch (flaw->reason) {
    case MARKET_FLAW_MISSING:
        return exchange_fail_field(x, -WEB_EMISSING_FIELD, field, "must not be empty");
    case MARKET_FLAW_TOO_SHORT:
        return exchange_fail_field(x, code, field, "has fewer than %" PRId64 " characters", flaw->limit);
    case MARKET_FLAW_TOO_LONG:
        return exchange_fail_field(x, code, field, "has more than %" PRId64 " characters", flaw->limit);
    case MARKET_FLAW_TOO_SMALL:
        return exchange_fail_field(x, code, field, "is below %" PRId64, flaw->limit);
    case MARKET_FLAW_TOO_LARGE:
        return exchange_fail_field(x, code, field, "is above %" PRId64, flaw->limit);
    case MARKET_FLAW_BAD_UTF8:
        return exchange_fail_field(x, code, field, "is not UTF-8");
    case MARKET_FLAW_BAD_CHARACTER:
        return exchange_fail_field(x, code, field, "holds a character that is not allowed there");
    case MARKET_FLAW_NONE:
        break;
    }
    return exchange_fail_field(x, code, field, "is not acceptable");
}

int exchange_parse_int(const char *text, int64_t min, int64_t max, int64_t *ret_value) {
    size_t digits = strspn(text, "0123456789");
    int64_t value = 0;

    if (digits == 0 || digits > 18 || text[digits] != '\0')
        return -EINVAL;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (text[i] - '0');
    if (value < min || value > max)
        return -EINVAL;
    *ret_value = value;
    return 0;
}

int exchange_id(struct exchange *x, int64_t *ret_id) {
    int rc = exchange_parse_int(weir_http_request_param(x->request, "id"), 1, INT64_MAX, ret_id);
    return rc < 0 ? -MARKET_ENOT_FOUND : 0;
}
