/* SPDX-License-Identifier: MIT */
/* json_write.c: the writer of json_write.h. */
#include "web/json_write.h"

#include <inttypes.h>
#include <string.h>

struct json_writer json_writer_make(struct text *out) {
    struct json_writer json = {.out = out};
    return json;
}

static void put_quoted(struct text *out, const char *string) {
    text_putc(out, '"');
    for (;;) {
        size_t plain = 0;
        while ((unsigned char)string[plain] >= 0x20 && string[plain] != '"' && string[plain] != '\\')
            plain++;
        text_append(out, string, plain);
        string += plain;
        if (*string == '\0')
            break;
        if (*string == '"' || *string == '\\')
            text_printf(out, "\\%c", *string);
        else if (*string == '\n')
            text_puts(out, "\\n");
        else
            text_printf(out, "\\u%04x", (unsigned)(unsigned char)*string);
        string++;
    }
    text_putc(out, '"');
}

void json_begin(struct json_writer *json, const char *key) {
    if (json->comma)
        text_putc(json->out, ',');
    json->comma = true;
    if (key != NULL) {
        put_quoted(json->out, key);
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

void json_put_bool(struct json_writer *json, const char *key, bool value) {
    json_begin(json, key);
    text_puts(json->out, value ? "true" : "false");
}

void json_put_string(struct json_writer *json, const char *key, const char *value) {
    json_begin(json, key);
    if (value == NULL)
        text_puts(json->out, "null");
    else
        put_quoted(json->out, value);
}
