/* SPDX-License-Identifier: MIT */
/* entity.c: conditions first, then ranges (RFC 9110, 13.2.2 and 14). */
#include "http/entity.h"

#include "base/assert.h"
#include "http/connection.h"
#include "http/etag.h"
#include "http/range.h"

#include <stdio.h>
#include <string.h>

static struct weir__span span_of(const char *string) { return (struct weir__span){string, strlen(string)}; }

/* 1 when that is the answer. */
static int answer_conditions(weir_http_reply *reply, struct weir__span etag, int64_t modified) {
    struct weir_http_request *request = weir__http_request_of(reply);
    struct weir__conditions conditions = {
        .if_match = weir__http_request_field(request, "if-match"),
        .if_none_match = weir__http_request_field(request, "if-none-match"),
        .if_modified_since = weir__http_request_field(request, "if-modified-since"),
        .if_unmodified_since = weir__http_request_field(request, "if-unmodified-since"),
        .is_read = request->head.method == WEIR__HTTP_GET || request->head.method == WEIR__HTTP_HEAD,
    };
    int rc = 0;

    switch (weir__conditions_weigh(&conditions, etag, modified)) {
    case WEIR__CONDITION_GO_ON:
        return 0;
    case WEIR__CONDITION_NOT_MODIFIED:
        rc = weir_http_reply_send(reply, 304, NULL, NULL, 0);
        break;
    case WEIR__CONDITION_FAILED:
        rc = weir__http_answer_failure(reply->connection, 412, 0);
        break;
    }
    return rc < 0 ? rc : 1;
}

int weir_http_reply_check_etag(weir_http_reply *reply, const char *etag) {
    WEIR_ASSERT(weir__etag_is_valid(span_of(etag)));
    int rc = weir_http_reply_set_header(reply, "ETag", etag);
    return rc < 0 ? rc : answer_conditions(reply, span_of(etag), -1);
}

/* A range counts only for what the client has seen a part of. */
static bool is_same_as_before(struct weir__span if_range, const struct weir__entity *entity) {
    int64_t since;

    if (if_range.at == NULL)
        return true;
    if (weir__etag_is_valid(if_range)) /* one tag, not a list of them */
        return weir__etag_is_listed(if_range, span_of(entity->etag), WEIR__ETAG_STRONG);
    return weir__http_date_read(if_range, &since) == 0 && since == entity->modified;
}

static int set_fields(weir_http_reply *reply, const struct weir__entity *entity) {
    char date[WEIR__HTTP_DATE_BYTES + 1] = "";

    int rc = weir_http_reply_set_header(reply, "ETag", entity->etag);
    if (rc == 0 && entity->modified >= 0) {
        weir__http_date_write(date, entity->modified);
        rc = weir_http_reply_set_header(reply, "Last-Modified", date);
    }
    if (rc == 0 && entity->cache_control != NULL)
        rc = weir_http_reply_set_header(reply, "Cache-Control", entity->cache_control);
    return rc < 0 ? rc : weir_http_reply_set_header(reply, "Accept-Ranges", "bytes");
}

static int refuse_range(weir_http_reply *reply, uint64_t bytes) {
    char text[48];

    snprintf(text, sizeof text, "bytes */%llu", (unsigned long long)bytes);
    int rc = weir_http_reply_set_header(reply, "Content-Range", text);
    if (rc == 0)
        rc = weir_http_reply_send(reply, 416, NULL, NULL, 0);
    return rc < 0 ? rc : 1;
}

static int choose_part(weir_http_reply *reply, uint64_t size, uint64_t first, uint64_t bytes) {
    char text[96];

    snprintf(text, sizeof text, "bytes %llu-%llu/%llu", (unsigned long long)first,
             (unsigned long long)(first + bytes - 1), (unsigned long long)size);
    weir_http_reply_set_status(reply, 206);
    return weir_http_reply_set_header(reply, "Content-Range", text);
}

int weir__entity_begin(weir_http_reply *reply, const struct weir__entity *entity, uint64_t *ret_first,
                       uint64_t *ret_bytes) {
    struct weir_http_request *request = weir__http_request_of(reply);
    struct weir__span range = {NULL, 0};
    int rc = set_fields(reply, entity);

    *ret_first = 0;
    *ret_bytes = entity->bytes;
    if (rc == 0)
        rc = answer_conditions(reply, span_of(entity->etag), entity->modified);
    if (rc != 0)
        return rc;
    if (request->head.method == WEIR__HTTP_GET)
        range = weir__http_request_field(request, "range");
    if (range.at == NULL || !is_same_as_before(weir__http_request_field(request, "if-range"), entity))
        return 0;
    switch (weir__range_read(range, entity->bytes, ret_first, ret_bytes)) {
    case WEIR__RANGE_PART:
        return choose_part(reply, entity->bytes, *ret_first, *ret_bytes);
    case WEIR__RANGE_NONE:
        return refuse_range(reply, entity->bytes);
    default:
        return 0;
    }
}

int weir_http_reply_asset(weir_http_reply *reply, const weir_http_asset *asset) {
    struct weir__entity entity = {asset->bytes, asset->etag, -1, asset->cache_control};
    char etag[WEIR_HTTP_ETAG_BYTES];
    uint64_t first, bytes;

    if (entity.etag == NULL) {
        weir_http_etag(etag, asset->data, asset->bytes);
        entity.etag = etag;
    }
    WEIR_ASSERT(weir__etag_is_valid(span_of(entity.etag)));
    int rc = weir__entity_begin(reply, &entity, &first, &bytes);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    return weir_http_reply_send(reply, reply->status, asset->type, (const char *)asset->data + first, (size_t)bytes);
}
