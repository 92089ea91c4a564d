/* SPDX-License-Identifier: MIT */
/* json_write.h: JSON into a text. The writer puts the commas; the caller opens and closes what nests. */
#ifndef MARKET_WEB_JSON_WRITE_H
#define MARKET_WEB_JSON_WRITE_H

#include "market/web/text.h"

struct json_writer {
    struct text *out; /* borrowed */
    bool comma;       /* something stands before in the same object or array */
};

struct json_writer json_writer_make(struct text *out);

/** Open '{' or '[', as the member `key`, or as an element or the whole when key is NULL. */
void json_open(struct json_writer *json, const char *key, char bracket);
void json_close(struct json_writer *json, char bracket);

/** The comma and the key; the value is what the caller appends to the text. */
void json_begin(struct json_writer *json, const char *key);

void json_put_int(struct json_writer *json, const char *key, int64_t value);
/** NULL is written as null. Valid UTF-8; what is not escaped by need goes as it is. */
void json_put_string(struct json_writer *json, const char *key, const char *value);
/** As json_put_string, of a length. */
void json_put_bytes(struct json_writer *json, const char *key, const char *data, size_t bytes);

#endif
