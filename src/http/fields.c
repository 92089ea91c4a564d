/* SPDX-License-Identifier: MIT */
/* fields.c: lists of names and values. They are counted first, so that a list is two pieces of memory: pairs and text.
 */
#include "http/fields.h"

#include "http/percent.h"

#include <stdalign.h>
#include <string.h>

const struct weir_http_fields weir__fields_none = {.count = 0};

size_t weir__fields_bytes_max(size_t text_bytes, size_t count_max) {
    return sizeof(struct weir_http_fields) + count_max * sizeof(struct weir__pair) + text_bytes + 2 * count_max +
           alignof(max_align_t);
}

static size_t count_pieces(struct weir__span text, char separator) {
    struct weir__span piece;
    size_t count = 0;

    while (weir__span_take(&text, separator, &piece))
        count += piece.bytes > 0;
    return count;
}

static struct weir_http_fields *new_fields(struct weir__arena *arena, size_t count) {
    struct weir_http_fields *fields = weir__arena_take(arena, sizeof *fields + count * sizeof(struct weir__pair));
    if (fields != NULL)
        fields->count = 0;
    return fields;
}

/* A piece's name and value, each with its NUL; `*text` moves on behind them. */
static struct weir__pair decode_pair(char **text, struct weir__span piece) {
    const char *equals = memchr(piece.at, '=', piece.bytes);
    size_t name_bytes = equals != NULL ? (size_t)(equals - piece.at) : piece.bytes;
    struct weir__span name = {piece.at, name_bytes};
    struct weir__span value = {piece.at + name_bytes + 1, equals != NULL ? piece.bytes - name_bytes - 1 : 0};
    struct weir__pair pair;

    pair.name = *text;
    *text += weir__percent_decode(*text, name, WEIR__PERCENT_FORM);
    *(*text)++ = '\0';
    pair.value = *text;
    if (equals != NULL)
        *text += weir__percent_decode(*text, value, WEIR__PERCENT_FORM);
    *(*text)++ = '\0';
    return pair;
}

/* Like weir__span_take, but spaces belong to the text. */
static bool take_piece(struct weir__span *text, struct weir__span *ret_piece) {
    while (text->bytes > 0) {
        const char *found = memchr(text->at, '&', text->bytes);
        *ret_piece = (struct weir__span){text->at, found != NULL ? (size_t)(found - text->at) : text->bytes};
        text->at += ret_piece->bytes + (found != NULL);
        text->bytes -= ret_piece->bytes + (found != NULL);
        if (ret_piece->bytes > 0)
            return true;
    }
    return false;
}

int weir__fields_of_form(struct weir__arena *arena, struct weir__span text, size_t count_max,
                         const struct weir_http_fields **ret_fields) {
    struct weir_http_fields *fields;
    struct weir__span rest = text, piece;
    size_t count = 0;
    char *decoded;

    while (take_piece(&rest, &piece))
        count++;
    if (count > count_max)
        return -WEIR_ELIMIT;
    fields = new_fields(arena, count);
    decoded = weir__arena_take_text(arena, text.bytes + 2 * count);
    if (fields == NULL || decoded == NULL)
        return -ENOMEM;
    while (take_piece(&text, &piece))
        fields->pairs[fields->count++] = decode_pair(&decoded, piece);
    *ret_fields = fields;
    return 0;
}

int weir__fields_of_cookie(struct weir__arena *arena, struct weir__span text, size_t count_max,
                           const struct weir_http_fields **ret_fields) {
    size_t count = count_pieces(text, ';');
    struct weir_http_fields *fields = new_fields(arena, count < count_max ? count : count_max);
    struct weir__span cookie, name;

    if (fields == NULL)
        return -ENOMEM;
    while (fields->count < count_max && weir__span_take(&text, ';', &cookie)) {
        struct weir__span value = cookie;
        if (!weir__span_take(&value, '=', &name) || value.at == NULL || name.bytes == 0)
            continue;
        value = weir__span_trim(value);
        if (value.bytes >= 2 && value.at[0] == '"' && value.at[value.bytes - 1] == '"')
            value = (struct weir__span){value.at + 1, value.bytes - 2};
        struct weir__pair *pair = &fields->pairs[fields->count];
        pair->name = weir__arena_copy(arena, name);
        pair->value = weir__arena_copy(arena, value);
        if (pair->name == NULL || pair->value == NULL)
            return -ENOMEM;
        fields->count++;
    }
    *ret_fields = fields;
    return 0;
}

const char *weir_http_fields_get(const weir_http_fields *fields, const char *name) {
    for (size_t i = 0; i < fields->count; i++)
        if (strcmp(fields->pairs[i].name, name) == 0)
            return fields->pairs[i].value;
    return NULL;
}

int weir_http_fields_next(const weir_http_fields *fields, size_t *cursor, const char **ret_name,
                          const char **ret_value) {
    if (*cursor >= fields->count)
        return 0;
    *ret_name = fields->pairs[*cursor].name;
    *ret_value = fields->pairs[*cursor].value;
    (*cursor)++;
    return 1;
}
