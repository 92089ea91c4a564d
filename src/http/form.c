/* SPDX-License-Identifier: MIT */
/* form.c: bodies that HTML forms send: fields alone, or parts with files. */
#include "http/connection.h"

#include "http/fields.h"
#include "http/gather.h"
#include "http/multipart.h"

#include <string.h>

enum { FORM_FIELDS_MAX = 1000 };

static int wrong_type(const char *wanted) { return weir_fail(-EMEDIUMTYPE, "the body is not of type %s", wanted); }

/* A NUL, as it is or escaped, would cut a string that the handler gets. */
static bool has_nul(const char *body, size_t bytes) {
    return memchr(body, '\0', bytes) != NULL || memmem(body, bytes, "%00", 3) != NULL;
}

int weir_http_request_form(weir_http_request *request, size_t bytes_max, const weir_http_fields **ret_fields) {
    const char *body;
    size_t bytes;

    if (!weir_http_request_is_type(request, "application/x-www-form-urlencoded"))
        return wrong_type("application/x-www-form-urlencoded");
    int rc = weir_http_request_read_all(request, bytes_max, &body, &bytes);
    if (rc < 0)
        return rc;
    if (has_nul(body, bytes))
        return weir_fail(-EINVAL, "a NUL in a form");
    rc = weir__fields_of_form(&request->connection->work->arena, (struct weir__span){body, bytes}, FORM_FIELDS_MAX,
                              ret_fields);
    return rc < 0 ? weir_fail(rc, "a form of %zu bytes", bytes) : 0;
}

/* ---- Parts ------------------------------------------------------------------------------------------------------- */

struct weir_http_multipart {
    struct weir_http_request *request;
    bool is_in_part; /* and its end has not been seen */
    bool is_over;    /* the last delimiter has been seen */
    size_t at, end;  /* of the window */
    struct weir__multipart codec;
    char window[WEIR__MULTIPART_WINDOW_BYTES];
};

int weir_http_multipart_open(weir_http_multipart **ret_multipart, weir_http_request *request) {
    struct weir__span type = weir__http_request_field(request, "content-type");
    weir_http_multipart *multipart;

    if (!weir_http_request_is_type(request, "multipart/form-data"))
        return wrong_type("multipart/form-data");
    multipart = weir__arena_take(&request->connection->work->arena, sizeof *multipart);
    if (multipart == NULL)
        return -ENOMEM;
    int rc = weir__multipart_init(&multipart->codec, type);
    if (rc < 0)
        return weir_fail(rc, "multipart/form-data without a good boundary");
    multipart->request = request;
    multipart->is_in_part = multipart->is_over = false;
    memcpy(multipart->window, "\r\n", 2);
    multipart->at = 0;
    multipart->end = 2;
    *ret_multipart = multipart;
    return 0;
}

/* More of the body into the window. Its end comes too early, since the last delimiter has not been seen. */
static int fill(weir_http_multipart *multipart) {
    if (multipart->at > 0) {
        memmove(multipart->window, multipart->window + multipart->at, multipart->end - multipart->at);
        multipart->end -= multipart->at;
        multipart->at = 0;
    }
    int rc = weir_http_request_read_some(multipart->request, multipart->window + multipart->end,
                                         sizeof multipart->window - multipart->end);
    if (rc == 0)
        return weir_fail(-WEIR_EPROTO, "the body ends within a part");
    if (rc > 0)
        multipart->end += (size_t)rc;
    return rc;
}

/* The next event that is one, with at most `bytes_max` bytes of data. */
static int next_event(weir_http_multipart *multipart, size_t bytes_max, weir_http_part *ret_part, size_t *ret_used,
                      enum weir__multipart_event *ret_event) {
    for (;;) {
        const char *window = multipart->window + multipart->at;
        *ret_event =
            weir__multipart_next(&multipart->codec, window, multipart->end - multipart->at, ret_used, ret_part);
        if (*ret_event == WEIR__MULTIPART_DATA && *ret_used > bytes_max)
            *ret_used = bytes_max;
        multipart->at += *ret_used;
        if (*ret_event == WEIR__MULTIPART_BAD)
            return weir_fail(-WEIR_EPROTO, "the parts of a body are malformed");
        if (*ret_event == WEIR__MULTIPART_LIMIT)
            return weir_fail(-WEIR_ELIMIT, "too many parts, or too long a head of one");
        if (*ret_event != WEIR__MULTIPART_MORE)
            return 0;
        if (*ret_used > 0)
            continue;
        int rc = fill(multipart);
        if (rc < 0)
            return rc;
    }
}

/* What follows the last part is of no meaning, but must be gone before the next request. */
static int read_epilogue(weir_http_multipart *multipart) {
    int rc;

    while ((rc = weir_http_request_read_some(multipart->request, multipart->window, sizeof multipart->window)) > 0)
        continue;
    return rc;
}

int weir_http_multipart_next(weir_http_multipart *multipart, weir_http_part *ret_part) {
    enum weir__multipart_event event = WEIR__MULTIPART_MORE;
    size_t used;

    if (multipart->is_over)
        return read_epilogue(multipart);
    do {
        int rc = next_event(multipart, SIZE_MAX, ret_part, &used, &event);
        if (rc < 0)
            return rc;
    } while (event != WEIR__MULTIPART_PART && event != WEIR__MULTIPART_END);
    multipart->is_in_part = event == WEIR__MULTIPART_PART;
    multipart->is_over = event == WEIR__MULTIPART_END;
    return multipart->is_in_part ? 1 : read_epilogue(multipart);
}

int weir_http_multipart_read_some(weir_http_multipart *multipart, void *buf, size_t buf_bytes) {
    enum weir__multipart_event event;
    weir_http_part none;
    size_t used;

    if (!multipart->is_in_part)
        return 0;
    int rc = next_event(multipart, buf_bytes, &none, &used, &event);
    if (rc < 0)
        return rc;
    if (event != WEIR__MULTIPART_DATA) {
        multipart->is_in_part = false;
        return 0;
    }
    memcpy(buf, multipart->window + multipart->at - used, used);
    return (int)used;
}

static int read_source(void *multipart, void *buf, size_t buf_bytes) {
    return weir_http_multipart_read_some(multipart, buf, buf_bytes);
}

int weir_http_multipart_read_all(weir_http_multipart *multipart, size_t bytes_max, const char **ret_bytes,
                                 size_t *ret_bytes_count) {
    enum { FIRST_BYTES = 1024 };
    int rc = weir__gather(&multipart->request->connection->work->arena, read_source, multipart, FIRST_BYTES, bytes_max,
                          ret_bytes, ret_bytes_count);
    return rc == -WEIR_ELIMIT ? weir_fail(rc, "a part is longer than %zu bytes", bytes_max) : rc;
}
