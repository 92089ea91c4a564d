/* SPDX-License-Identifier: MIT */
/* head_rules.c: what the fields of a head mean together. Whoever stands before us may have understood a doubtful head
 * in another way and let a second request pass inside the first (RFC 9112, 11.2), so doubt is a refusal. */
#include "http/head.h"

#include <string.h>

enum { BAD_REQUEST = -400, EXPECTATION_FAILED = -417, UNKNOWN_CODING = -501 };

/* What has been seen so far; a second field of one of these names is a refusal. */
struct seen {
    bool host, length, coding, close, persist;
    struct weir__span host_value;
};

static struct weir__span value_of(const struct weir__http_field *field) {
    return (struct weir__span){field->value, field->value_bytes};
}

/* An empty one is malformed too: no http: URI is without a host (RFC 9110, 4.2.1). */
static int judge_host(struct seen *seen, struct weir__span value) {
    if (seen->host || !weir__http_is_host(value))
        return BAD_REQUEST;
    seen->host = true;
    seen->host_value = value;
    return 0;
}

/* Digits alone, once: no sign, no list, no hexadecimal, nothing that 63 bits do not hold, and no zero in front, which
 * is octal to some. */
static int judge_length(struct weir__http_head *head, struct seen *seen, struct weir__span value) {
    int64_t length = 0;

    if (seen->length || value.bytes == 0 || (value.bytes > 1 && value.at[0] == '0'))
        return BAD_REQUEST;
    for (size_t i = 0; i < value.bytes; i++) {
        if (!weir__char_is_digit(value.at[i]) || __builtin_mul_overflow(length, 10, &length) ||
            __builtin_add_overflow(length, value.at[i] - '0', &length))
            return BAD_REQUEST;
    }
    seen->length = true;
    head->length = length;
    return 0;
}

/* "chunked" alone is understood. A list of codings that ends in it is well formed, and not implemented. */
static int judge_coding(struct weir__http_head *head, struct seen *seen, struct weir__span value) {
    static const char *const known[] = {"gzip", "x-gzip", "deflate", "compress", "x-compress"};
    struct weir__span coding;
    bool is_first = true;

    if (seen->coding || head->minor == 0)
        return BAD_REQUEST;
    seen->coding = true;
    while (weir__span_take(&value, ',', &coding)) {
        bool is_known = false;
        if (value.at == NULL && weir__span_is(coding, "chunked")) {
            head->is_chunked = true;
            return is_first ? 0 : UNKNOWN_CODING;
        }
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            is_known |= weir__span_is(coding, known[i]);
        if (!is_known)
            return BAD_REQUEST;
        is_first = false;
    }
    return BAD_REQUEST;
}

static void judge_connection(struct seen *seen, struct weir__span value) {
    struct weir__span option;

    while (weir__span_take(&value, ',', &option)) {
        seen->close |= weir__span_is(option, "close");
        seen->persist |= weir__span_is(option, "keep-alive");
    }
}

/* HTTP/1.0 does not know it, and is not held to it. */
static int judge_expect(struct weir__http_head *head, struct weir__span value) {
    if (head->minor == 0)
        return 0;
    head->expects = weir__span_is(value, "100-continue");
    return head->expects ? 0 : EXPECTATION_FAILED;
}

static int judge_field(struct weir__http_head *head, struct seen *seen, const struct weir__http_field *field) {
    struct weir__span name = {field->name, field->name_bytes};

    switch (field->name_bytes) {
    case 4:
        return weir__span_is(name, "host") ? judge_host(seen, value_of(field)) : 0;
    case 6:
        return weir__span_is(name, "expect") ? judge_expect(head, value_of(field)) : 0;
    case 10:
        if (weir__span_is(name, "connection"))
            judge_connection(seen, value_of(field));
        return 0;
    case 14:
        return weir__span_is(name, "content-length") ? judge_length(head, seen, value_of(field)) : 0;
    case 17:
        return weir__span_is(name, "transfer-encoding") ? judge_coding(head, seen, value_of(field)) : 0;
    default:
        return 0;
    }
}

/* The host of an absolute target and the Host field must be the same (RFC 9112, 3.2.2). */
static int settle_host(struct weir__http_head *head, const struct seen *seen) {
    if (!seen->host)
        return head->minor == 0 ? 0 : BAD_REQUEST;
    if (head->host.bytes > 0 && (head->host.bytes != seen->host_value.bytes ||
                                 !weir__same_letters(head->host.at, seen->host_value.at, head->host.bytes)))
        return BAD_REQUEST;
    head->host = seen->host_value;
    return 0;
}

int weir__http_head_judge(struct weir__http_head *head, const struct weir__http_framing *framing) {
    struct seen seen = {.host = false};
    int rc;

    head->length = 0;
    head->is_chunked = head->expects = false;
    for (unsigned i = 0; i < head->fields_count; i++) {
        rc = judge_field(head, &seen, &head->fields[i]);
        if (rc < 0)
            return rc;
    }
    if (seen.coding && seen.length)
        return BAD_REQUEST;
    if (framing->is_chunked != head->is_chunked || framing->length != (uint64_t)head->length)
        return BAD_REQUEST; /* llhttp sees another body than we do */
    rc = settle_host(head, &seen);
    head->keep_alive = !seen.close && (head->minor == 1 || seen.persist);
    if (head->length == 0 && !head->is_chunked)
        head->expects = false;
    return rc;
}

int weir__http_head_parse(struct weir__http_splitter *splitter, struct weir__http_head *head, const char *bytes,
                          size_t count, const struct weir__http_scan *scan) {
    struct weir__http_framing framing;

    int rc = weir__http_head_split(splitter, head, bytes + scan->begin, count - scan->begin, &framing);
    if (rc == 0)
        rc = weir__http_target_split(head);
    if (rc == 0)
        rc = weir__http_head_judge(head, &framing);
    return rc;
}

struct weir__http_field *weir__http_head_find(struct weir__http_head *head, const char *name, size_t name_bytes) {
    for (unsigned i = 0; i < head->fields_count; i++)
        if (head->fields[i].name_bytes == name_bytes && weir__same_letters(head->fields[i].name, name, name_bytes))
            return &head->fields[i];
    return NULL;
}
