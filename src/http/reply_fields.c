/* SPDX-License-Identifier: MIT */
/* reply_fields.c: the header fields of a reply, before its head is made. What could begin a second field or a second
 * reply (CR, LF, NUL) is refused, and so is what would contradict the server's own framing. */
#include "http/connection.h"

#include "base/assert.h"

#include <stdio.h>
#include <string.h>

static int record(weir_http_reply *reply, int code, const char *name, const char *why) {
    if (reply->failure == 0)
        reply->failure = code;
    return weir_fail(code, "reply field %.64s: %s", name, why);
}

static struct weir__span span_of(const char *string) { return (struct weir__span){string, strlen(string)}; }

static void set_flag(weir_http_reply *reply, struct weir__span name, bool value) {
    if (weir__span_is(name, "content-type"))
        reply->has_type = value;
    else if (weir__span_is(name, "content-length"))
        reply->has_length = value;
    else if (weir__span_is(name, "date"))
        reply->has_date = value;
}

static void take_away(weir_http_reply *reply, struct weir__span name) {
    struct weir__http_reply_field **each = &reply->fields;

    while (*each != NULL) {
        if ((*each)->name.bytes == name.bytes && weir__same_letters((*each)->name.at, name.at, name.bytes)) {
            reply->fields_bytes -= (*each)->name.bytes + (*each)->value.bytes + 4;
            *each = (*each)->next;
        } else
            each = &(*each)->next;
    }
    reply->fields_end = each;
    set_flag(reply, name, false);
}

/* Digits alone, as a request's. */
static bool read_length(struct weir__span value, uint64_t *ret_length) {
    uint64_t length = 0;

    for (size_t i = 0; i < value.bytes; i++)
        if (!weir__char_is_digit(value.at[i]) || __builtin_mul_overflow(length, 10, &length) ||
            __builtin_add_overflow(length, (uint64_t)(value.at[i] - '0'), &length))
            return false;
    *ret_length = length;
    return value.bytes > 0;
}

/* The fields that the server makes itself. 1: nothing is left to add. */
static int mind_framing(weir_http_reply *reply, struct weir__span name, struct weir__span value) {
    if (weir__span_is(name, "transfer-encoding") || weir__span_is(name, "keep-alive"))
        return -EINVAL;
    if (weir__span_is(name, "content-length"))
        return read_length(value, &reply->length) ? 0 : -EINVAL;
    if (!weir__span_is(name, "connection"))
        return 0;
    if (!weir__span_is(value, "close"))
        return -EINVAL;
    reply->connection->lingers |= reply->connection->keeps;
    reply->connection->keeps = false;
    return 1;
}

static int append(weir_http_reply *reply, struct weir__span name, struct weir__span value) {
    struct weir__arena *arena = &reply->connection->work->arena;
    struct weir__http_reply_field *field;
    size_t bytes = name.bytes + value.bytes + 4; /* ": " and CR LF */

    if (bytes > WEIR__HTTP_REPLY_FIELDS_BYTES - reply->fields_bytes)
        return record(reply, -WEIR_ELIMIT, name.at, "the fields are too long");
    field = weir__arena_take(arena, sizeof *field);
    if (field == NULL)
        return record(reply, -ENOMEM, name.at, "out of memory");
    field->next = NULL;
    field->name = (struct weir__span){weir__arena_copy(arena, name), name.bytes};
    field->value = (struct weir__span){weir__arena_copy(arena, value), value.bytes};
    if (field->name.at == NULL || field->value.at == NULL)
        return record(reply, -ENOMEM, name.at, "out of memory");
    *reply->fields_end = field;
    reply->fields_end = &field->next;
    reply->fields_bytes += bytes;
    set_flag(reply, name, true);
    return 0;
}

static int set(weir_http_reply *reply, const char *name_text, const char *value_text, bool replaces) {
    struct weir__span name = span_of(name_text), value;
    int rc;

    WEIR_ASSERT(reply->state == WEIR__REPLY_OPEN);
    if (name.bytes == 0 || !weir__span_is_all(name, WEIR__CHAR_TOKEN))
        return record(reply, -EINVAL, name_text, "its name is no token");
    if (replaces)
        take_away(reply, name);
    if (value_text == NULL)
        return 0;
    value = weir__span_trim(span_of(value_text));
    if (weir__find_control(value.at, value.at + value.bytes) != value.at + value.bytes)
        return record(reply, -EINVAL, name_text, "a control character");
    rc = mind_framing(reply, name, value);
    if (rc < 0)
        return record(reply, rc, name_text, "the server frames the reply");
    return rc > 0 ? 0 : append(reply, name, value);
}

int weir_http_reply_set_header(weir_http_reply *reply, const char *name, const char *value) {
    return set(reply, name, value, true);
}

int weir_http_reply_add_header(weir_http_reply *reply, const char *name, const char *value) {
    bool is_single = strcasecmp(name, "content-length") == 0 || strcasecmp(name, "content-type") == 0 ||
                     strcasecmp(name, "date") == 0;
    return set(reply, name, value, is_single);
}

void weir_http_reply_set_status(weir_http_reply *reply, int status) {
    WEIR_ASSERT(reply->state == WEIR__REPLY_OPEN);
    WEIR_ASSERT(status >= 200 && status <= 599);
    reply->status = status;
}

/* ---- Cookies ----------------------------------------------------------------------------------------------------- */

static bool is_cookie_text(const char *text) { return weir__span_is_all(span_of(text), WEIR__CHAR_COOKIE); }

static bool is_attribute(const char *text) {
    return strchr(text, ';') == NULL && weir__span_is_all(span_of(text), WEIR__CHAR_VALUE);
}

int weir_http_reply_set_cookie(weir_http_reply *reply, const char *name, const char *value,
                               const weir_http_cookie_options *options) {
    static const weir_http_cookie_options defaults = {.size_bytes = sizeof defaults};
    const weir_http_cookie_options *o = options != NULL ? options : &defaults;
    const char *path = o->path != NULL ? o->path : "/", *domain = o->domain != NULL ? o->domain : "";
    char text[4096], age[32] = "";

    WEIR_ASSERT(o->size_bytes == sizeof *o);
    if (name[0] == '\0' || !weir__span_is_all(span_of(name), WEIR__CHAR_TOKEN) || !is_cookie_text(value) ||
        !is_attribute(path) || !is_attribute(domain))
        return record(reply, -EINVAL, "Set-Cookie", "a character that a cookie may not have");
    if (o->max_age != 0)
        snprintf(age, sizeof age, "; Max-Age=%lld", (long long)(o->max_age < 0 ? 0 : o->max_age / WEIR_SEC));
    int bytes = snprintf(text, sizeof text, "%s=%s; Path=%s%s%s%s%s%s; SameSite=%s", name, value, path,
                         domain[0] != '\0' ? "; Domain=" : "", domain, age, o->secure ? "; Secure" : "",
                         o->for_scripts ? "" : "; HttpOnly",
                         o->strict       ? "Strict"
                         : o->cross_site ? "None"
                                         : "Lax");
    if (bytes >= (int)sizeof text)
        return record(reply, -WEIR_ELIMIT, "Set-Cookie", "the cookie is too long");
    return weir_http_reply_add_header(reply, "Set-Cookie", text);
}
