/* SPDX-License-Identifier: MIT */
/* request_llhttp.c: llhttp takes a whole head apart into spans. The only file that knows llhttp.
 *
 * It gets one complete head that head_scan.c has passed, in one piece, so that each of its spans is complete too; it
 * never sees a body. Hooks: it has no need of clock, memory, randomness or sockets, so it runs simulated as it is. */
#include "http/head.h"

#include "weir/base.h"

#include <llhttp.h>

enum { BAD_REQUEST = -400, TOO_MANY_FIELDS = -431, UNKNOWN_METHOD = -501 };

_Static_assert(sizeof(llhttp_t) + 16 <= sizeof(struct weir__http_splitter), "llhttp's state has room");

/* What lies in the opaque words. */
struct splitter {
    llhttp_t parser;
    struct weir__http_head *head;
    struct weir__http_framing *framing;
};

_Static_assert(sizeof(struct splitter) <= sizeof(struct weir__http_splitter), "the splitter has room");

static struct splitter *of_parser(llhttp_t *parser) { return (struct splitter *)(void *)parser; }

static int on_url(llhttp_t *parser, const char *at, size_t bytes) {
    of_parser(parser)->head->target = (struct weir__span){at, bytes};
    return 0;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t bytes) {
    struct weir__http_head *head = of_parser(parser)->head;

    if (head->fields_count == WEIR__HTTP_FIELDS_MAX)
        return HPE_USER;
    head->fields[head->fields_count++] =
        (struct weir__http_field){.name = at, .name_bytes = (uint32_t)bytes, .value = at + bytes};
    return 0;
}

/* An empty value may come as no call, or as one of no bytes; spaces at the end are still in it. */
static int on_header_value(llhttp_t *parser, const char *at, size_t bytes) {
    struct weir__http_head *head = of_parser(parser)->head;
    struct weir__span value = weir__span_trim((struct weir__span){at, bytes});

    head->fields[head->fields_count - 1].value = value.at;
    head->fields[head->fields_count - 1].value_bytes = (uint32_t)value.bytes;
    return 0;
}

static int on_headers_complete(llhttp_t *parser) {
    struct weir__http_framing *framing = of_parser(parser)->framing;

    framing->is_chunked = (parser->flags & F_CHUNKED) != 0;
    framing->length = (parser->flags & F_CONTENT_LENGTH) != 0 ? parser->content_length : 0;
    return HPE_PAUSED; /* the body is ours to read; and no protocol is switched to, whatever Upgrade asks for */
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
};

static enum weir__http_method method_of(const llhttp_t *parser) {
    switch ((llhttp_method_t)parser->method) {
#define EACH(id, name)                                                                                                 \
    case HTTP_##id:                                                                                                    \
        return WEIR__HTTP_##id;
        WEIR__HTTP_METHODS(EACH)
#undef EACH
    default:
        return WEIR__HTTP_NO_METHOD;
    }
}

void weir__http_splitter_init(struct weir__http_splitter *opaque) {
    struct splitter *splitter = (struct splitter *)(void *)opaque;
    llhttp_init(&splitter->parser, HTTP_REQUEST, &settings);
}

int weir__http_head_split(struct weir__http_splitter *opaque, struct weir__http_head *head, const char *bytes,
                          size_t count, struct weir__http_framing *ret_framing) {
    struct splitter *splitter = (struct splitter *)(void *)opaque;
    llhttp_errno_t error;

    splitter->head = head;
    splitter->framing = ret_framing;
    head->fields_count = 0;
    head->target = (struct weir__span){bytes, 0};
    *ret_framing = (struct weir__http_framing){.is_chunked = false};
    llhttp_reset(&splitter->parser);
    error = llhttp_execute(&splitter->parser, bytes, count);
    /* The scan has seen a token and a version of HTTP: what llhttp takes amiss is a method of RTSP, ICE or HTTP/2. */
    if (error == HPE_INVALID_METHOD || error == HPE_INVALID_CONSTANT)
        return UNKNOWN_METHOD;
    if (error == HPE_USER)
        return TOO_MANY_FIELDS;
    if (error != HPE_PAUSED || llhttp_get_error_pos(&splitter->parser) != bytes + count)
        return BAD_REQUEST;
    head->minor = splitter->parser.http_minor;
    head->method = method_of(&splitter->parser);
    return head->method == WEIR__HTTP_NO_METHOD ? UNKNOWN_METHOD : 0;
}
