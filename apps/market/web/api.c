/* SPDX-License-Identifier: MIT */
/* api.c: what the handlers of the JSON interface share. */
#include "market/web/api.h"

#include "market/web/failure.h"
#include "market/web/sorts.h"
#include "market/web/timestamp.h"

#include <inttypes.h>
#include <string.h>

static int fail_fault(struct exchange *x, enum json_fault fault, const char *detail) {
    switch (fault) {
    case JSON_OK:
        return 0;
    case JSON_MALFORMED:
        return weir_fail(-WEB_EMALFORMED_JSON, "malformed at %s", detail);
    case JSON_BAD_UTF8:
        return weir_fail(-WEB_EINVALID_UTF8, "the body holds bytes that are not UTF-8");
    case JSON_TOO_DEEP:
        return weir_fail(-WEB_ETOO_DEEP, "more than %d levels", JSON_DEPTH_MAX);
    case JSON_DUPLICATE:
        return weir_fail(-WEB_EDUPLICATE_FIELD, "a member's name occurs twice in one object");
    case JSON_NO_OBJECT:
        return weir_fail(-WEB_ENOT_AN_OBJECT, "the body is JSON, but not an object");
    case JSON_UNKNOWN:
        return exchange_fail_field(x, -WEB_EUNKNOWN_FIELD, detail, "is not known here");
    case JSON_WRONG_TYPE:
        return exchange_fail_field(x, -WEB_EWRONG_TYPE, detail, "has the wrong type");
    case JSON_OUT_OF_RANGE:
        return exchange_fail_field(x, -WEB_EINVALID_FIELD, detail, "is not a whole number, or out of range");
    case JSON_NO_MEMORY:
        break;
    }
    return -ENOMEM;
}

int api_read(struct exchange *x, struct json_body *body, struct json_member *members, size_t count) {
    const char *data;
    size_t bytes;

    *body = (struct json_body){0};
    if (!weir_http_request_is_type(x->request, "application/json"))
        return weir_fail(-WEB_EMEDIA_TYPE, "send Content-Type: application/json");
    int rc = weir_http_request_read_all(x->request, EXCHANGE_BODY_BYTES_MAX, &data, &bytes);
    if (rc < 0)
        return rc;
    if (bytes == 0)
        return weir_fail(-WEB_EEMPTY_BODY, "a JSON object is expected");
    return fail_fault(x, json_body_read(body, data, bytes, members, count), body->detail);
}

int api_need(struct exchange *x, const struct json_member *members, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!members[i].present)
            return exchange_fail_field(x, -WEB_EMISSING_FIELD, members[i].name, "is missing");
    return 0;
}

int api_query_int(struct exchange *x, const char *name, int64_t min, int64_t max, int64_t otherwise,
                  int64_t *ret_value) {
    const char *text = weir_http_request_query(x->request, name);

    if (text == NULL || *text == '\0') {
        *ret_value = otherwise;
        return 0;
    }
    if (exchange_parse_int(text, min, max, ret_value) < 0)
        return exchange_fail_field(x, -WEB_EINVALID_FIELD, name, "is not a whole number from %" PRId64 " to %" PRId64,
                                   min, max);
    return 0;
}

int api_query_sort(struct exchange *x, enum market_sort *ret_sort) {
    if (sort_from_name(weir_http_request_query(x->request, "sort"), ret_sort))
        return 0;
    return exchange_fail_field(x, -WEB_EINVALID_FIELD, "sort", "is none of relevance, newest, price, -price");
}

int api_send(struct exchange *x, int status) {
    text_putc(&x->out, '\n');
    return exchange_send(x, status, "application/json");
}

void api_put_time(struct json_writer *json, const char *key, weir_wall wall) {
    char text[TIMESTAMP_BYTES];
    json_put_string(json, key, timestamp_format(text, wall));
}

void api_open_list(struct json_writer *json, int64_t total, unsigned page, unsigned per_page) {
    json_open(json, NULL, '{');
    json_put_int(json, "total", total);
    json_put_int(json, "page", page);
    json_put_int(json, "per_page", per_page);
    json_open(json, "items", '[');
}

void api_close_list(struct json_writer *json) {
    json_close(json, ']');
    json_close(json, '}');
}
