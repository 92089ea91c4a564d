/* SPDX-License-Identifier: MIT */
/* multipart.c: the steps through a multipart body. Every delimiter is looked for with its CR LF in front. */
#include "http/multipart.h"

#include "http/media_type.h"
#include "weir/base.h"

#include <string.h>

static bool is_boundary_char(char c) {
    return (c >= '0' && c <= '9') || (weir__char_lower(c) >= 'a' && weir__char_lower(c) <= 'z') ||
           (c != '\0' && strchr("'()+_,-./:=? ", c) != NULL);
}

int weir__multipart_init(struct weir__multipart *multipart, struct weir__span type) {
    char boundary[WEIR__MULTIPART_BOUNDARY_BYTES_MAX + 1];
    int bytes = weir__media_parameter(type, "boundary", boundary, sizeof boundary);

    if (bytes <= 0 || boundary[bytes - 1] == ' ')
        return -EINVAL;
    for (int i = 0; i < bytes; i++)
        if (!is_boundary_char(boundary[i]))
            return -EINVAL;
    multipart->state = WEIR__MULTIPART_PREAMBLE;
    multipart->parts = 0;
    multipart->delimiter_bytes = 4 + (size_t)bytes;
    memcpy(multipart->delimiter, "\r\n--", 4);
    memcpy(multipart->delimiter + 4, boundary, (size_t)bytes);
    return 0;
}

/* Up to the next delimiter, or as far as none can begin. */
static enum weir__multipart_event skip_or_tell(struct weir__multipart *multipart, const char *window, size_t bytes,
                                               size_t *ret_used) {
    const char *found = memmem(window, bytes, multipart->delimiter, multipart->delimiter_bytes);
    bool is_part = multipart->state == WEIR__MULTIPART_BYTES;

    if (found == NULL) {
        *ret_used = bytes < multipart->delimiter_bytes ? 0 : bytes - multipart->delimiter_bytes + 1;
        return is_part && *ret_used > 0 ? WEIR__MULTIPART_DATA : WEIR__MULTIPART_MORE;
    }
    *ret_used = (size_t)(found - window);
    if (is_part && *ret_used > 0)
        return WEIR__MULTIPART_DATA;
    *ret_used += multipart->delimiter_bytes;
    multipart->state = WEIR__MULTIPART_DELIMITER;
    return is_part ? WEIR__MULTIPART_PART_END : WEIR__MULTIPART_MORE;
}

/* The CR LF behind a delimiter stays in the window: it may be half of the empty line that ends an empty head. */
static enum weir__multipart_event after_delimiter(struct weir__multipart *multipart, const char *window, size_t bytes,
                                                  size_t *ret_used) {
    if (bytes < 2)
        return WEIR__MULTIPART_MORE;
    if (memcmp(window, "--", 2) == 0) {
        *ret_used = 2;
        multipart->state = WEIR__MULTIPART_DONE;
        return WEIR__MULTIPART_END;
    }
    if (memcmp(window, "\r\n", 2) != 0)
        return WEIR__MULTIPART_BAD;
    if (multipart->parts++ == WEIR__MULTIPART_PARTS_MAX)
        return WEIR__MULTIPART_LIMIT;
    multipart->state = WEIR__MULTIPART_HEAD;
    return WEIR__MULTIPART_MORE;
}

/* ---- The head of a part ------------------------------------------------------------------------------------------ */

/* Where the strings of the head go; each is no longer than what it was made of. */
struct head_text {
    char *at;
    size_t room;
    bool has_disposition;
};

/* A parameter as a string of its own; NULL when it is not there. */
static int read_parameter(struct head_text *text, struct weir__span value, const char *name, const char **ret_string) {
    int bytes = weir__media_parameter(value, name, text->at, text->room);

    if (bytes == -ENOENT)
        return 0;
    if (bytes < 0)
        return bytes;
    *ret_string = text->at;
    text->at += bytes + 1;
    text->room -= (size_t)bytes + 1;
    return 0;
}

static int read_disposition(struct head_text *text, struct weir__span value, weir_http_part *part) {
    int rc;

    if (text->has_disposition || !weir__media_type_is(value, "form-data"))
        return -EINVAL;
    text->has_disposition = true;
    rc = read_parameter(text, value, "name", &part->name);
    if (rc < 0)
        return rc;
    return part->name == NULL ? -EINVAL : read_parameter(text, value, "filename", &part->filename);
}

static int read_field(struct head_text *text, struct weir__span name, struct weir__span value, weir_http_part *part) {
    if (weir__span_is(name, "content-disposition"))
        return read_disposition(text, value, part);
    if (weir__span_is(name, "content-transfer-encoding")) /* what RFC 7578 gave up, and we do not decode */
        return weir__span_is(value, "binary") || weir__span_is(value, "8bit") || weir__span_is(value, "7bit") ? 0
                                                                                                              : -EINVAL;
    if (!weir__span_is(name, "content-type"))
        return 0;
    if (part->type != NULL || value.bytes >= text->room)
        return -EINVAL;
    memcpy(text->at, value.at, value.bytes);
    text->at[value.bytes] = '\0';
    part->type = text->at;
    text->at += value.bytes + 1;
    text->room -= value.bytes + 1;
    return 0;
}

/* One line, without its end. */
static int read_line(struct head_text *text, struct weir__span line, weir_http_part *part) {
    struct weir__span name = {line.at, 0};

    while (name.bytes < line.bytes && weir__char_is(line.at[name.bytes], WEIR__CHAR_TOKEN))
        name.bytes++;
    if (name.bytes == 0 || name.bytes == line.bytes || line.at[name.bytes] != ':')
        return -EINVAL;
    struct weir__span value = {line.at + name.bytes + 1, line.bytes - name.bytes - 1};
    if (weir__find_control(value.at, value.at + value.bytes) != value.at + value.bytes)
        return -EINVAL;
    return read_field(text, name, weir__span_trim(value), part);
}

/* The lines of a head, each with its CR LF. */
static int read_head(struct weir__multipart *multipart, struct weir__span lines, weir_http_part *ret_part) {
    struct head_text text = {multipart->text, sizeof multipart->text, false};
    weir_http_part part = {NULL, NULL, NULL};

    while (lines.bytes > 0) {
        const char *end = memmem(lines.at, lines.bytes, "\r\n", 2);
        size_t bytes = (size_t)(end - lines.at);
        int rc = read_line(&text, (struct weir__span){lines.at, bytes}, &part);
        if (rc < 0)
            return rc;
        lines.at += bytes + 2;
        lines.bytes -= bytes + 2;
    }
    *ret_part = part;
    return text.has_disposition ? 0 : -EINVAL;
}

static enum weir__multipart_event take_head(struct weir__multipart *multipart, const char *window, size_t bytes,
                                            size_t *ret_used, weir_http_part *ret_part) {
    size_t looked = bytes < WEIR__MULTIPART_HEAD_BYTES_MAX ? bytes : WEIR__MULTIPART_HEAD_BYTES_MAX;
    const char *end = memmem(window, looked, "\r\n\r\n", 4);

    if (end == NULL)
        return looked == WEIR__MULTIPART_HEAD_BYTES_MAX ? WEIR__MULTIPART_LIMIT : WEIR__MULTIPART_MORE;
    /* from behind the delimiter's CR LF to behind that of the last line */
    struct weir__span lines = {window + 2, end == window ? 0 : (size_t)(end - window)};
    if (read_head(multipart, lines, ret_part) < 0)
        return WEIR__MULTIPART_BAD;
    *ret_used = (size_t)(end - window) + 4;
    multipart->state = WEIR__MULTIPART_BYTES;
    return WEIR__MULTIPART_PART;
}

enum weir__multipart_event weir__multipart_next(struct weir__multipart *multipart, const char *window, size_t bytes,
                                                size_t *ret_used, weir_http_part *ret_part) {
    enum weir__multipart_event event = WEIR__MULTIPART_MORE;
    enum weir__multipart_state before;

    *ret_used = 0;
    do { /* a step that used nothing and changed the state is followed by the next */
        before = multipart->state;
        switch (multipart->state) {
        case WEIR__MULTIPART_PREAMBLE:
        case WEIR__MULTIPART_BYTES:
            event = skip_or_tell(multipart, window, bytes, ret_used);
            break;
        case WEIR__MULTIPART_DELIMITER:
            event = after_delimiter(multipart, window, bytes, ret_used);
            break;
        case WEIR__MULTIPART_HEAD:
            event = take_head(multipart, window, bytes, ret_used, ret_part);
            break;
        case WEIR__MULTIPART_DONE:
            *ret_used = bytes;
            event = WEIR__MULTIPART_END;
            break;
        }
    } while (event == WEIR__MULTIPART_MORE && *ret_used == 0 && multipart->state != before);
    return event;
}
