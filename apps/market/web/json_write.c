/* SPDX-License-Identifier: MIT */
/* json_write.c: the writer of json_write.h. */
#include "market/web/json_write.h"

#include <inttypes.h>
#include <string.h>

struct json_writer json_writer_make(struct text *out) {
    struct json_writer json = {.out = out};
    return json;
}

static void put_escape(struct text *out, char byte) {
    if (byte == '"' || byte == '\\')
        text_printf(out, "\\%c", byte);
    else if (byte == '\n')
        text_puts(out, "\\n");
    else
        text_printf(out, "\\u%04x", (unsigned)(unsigned char)byte);
}

static void put_quoted(struct text *out, const char *data, size_t bytes) {
    size_t start = 0;

    text_putc(out, '"');
    for (size_t i = 0; i < bytes; i++) {
        if ((unsigned char)data[i] >= 0x20 && data[i] != '"' && data[i] != '\\')
            continue;
        text_append(out, data + start, i - start);
        put_escape(out, data[i]);
        start = i + 1;
    }
    text_append(out, data + start, bytes - start);
    text_putc(out, '"');
}

void json_begin(struct json_writer *json, const char *key) {
    if (json->comma)
        text_putc(json->out, ',');
    json->comma = true;
    if (key != NULL) {
        put_quoted(json->out, key, strlen(key));
        text_putc(json->out, ':');
    }
}

void json_open(struct json_writer *json, const char *key, char bracket) {
    json_begin(json, key);
    text_putc(json->out, bracket);
    json->comma = false;
}

void json_close(struct json_writer *json, char bracket) {
    text_putc(json->out, bracket);
    json->comma = true;
}

void json_put_int(struct json_writer *json, const char *key, int64_t value) {
    json_begin(json, key);
    text_printf(json->out, "%" PRId64, value);
}

void json_put_bytes(struct json_writer *json, const char *key, const char *data, size_t bytes) {
    json_begin(json, key);
    put_quoted(json->out, data, bytes);
}

void json_put_string(struct json_writer *json, const char *key, const char *value) {
    if (value != NULL) {
        json_put_bytes(json, key, value, strlen(value));
        return;
    }
    json_begin(json, key);
    text_puts(json->out, "null");
}
