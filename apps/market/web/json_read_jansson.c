/* SPDX-License-Identifier: MIT */
/* json_read_jansson.c: json_read.h on Jansson, which nobody else includes.
 * Its hooks: json_set_alloc_funcs for memory, json_object_seed for randomness; it reads no clock, file or socket here.
 */
#include "market/web/json_read.h"

#include "market/utf8.h"
#include "weir/random.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* The end of the string that opens at `at`: past its closing quote, or `bytes`. */
static size_t skip_string(const char *data, size_t bytes, size_t at) {
    for (at++; at < bytes && data[at] != '"'; at++)
        at += data[at] == '\\';
    return at < bytes ? at + 1 : bytes;
}

static bool is_too_deep(const char *data, size_t bytes) {
    size_t depth = 0;

    for (size_t i = 0; i < bytes;) {
        if (data[i] == '"') {
            i = skip_string(data, bytes, i);
            continue;
        }
        if (data[i] == '[' || data[i] == '{')
            depth++;
        else if ((data[i] == ']' || data[i] == '}') && depth > 0)
            depth--;
        if (depth > JSON_DEPTH_MAX)
            return true;
        i++;
    }
    return false;
}

/* Jansson gives up on a number of 20 digits without saying whose it is. The last string before it that a colon follows
 * is the member's name. */
static void name_before(const char *data, size_t end, char *ret_name, size_t name_bytes) {
    for (size_t i = 0; i < end;) {
        if (data[i] != '"') {
            i++;
            continue;
        }
        size_t after = skip_string(data, end, i), colon = after;
        while (colon < end && strchr(" \t\r\n", data[colon]) != NULL)
            colon++;
        if (colon < end && data[colon] == ':')
            utf8_copy(ret_name, name_bytes, data + i + 1, after - i - 2);
        i = after;
    }
}

static enum json_fault fault_of(const json_error_t *error, const char *data, size_t bytes, struct json_body *body) {
    size_t position = error->position < 0 ? 0 : (size_t)error->position;

    switch (json_error_code(error)) {
    case json_error_out_of_memory:
        return JSON_NO_MEMORY;
    case json_error_invalid_utf8:
        return JSON_BAD_UTF8;
    case json_error_stack_overflow:
        return JSON_TOO_DEEP;
    case json_error_duplicate_key:
        return JSON_DUPLICATE;
    case json_error_numeric_overflow:
        name_before(data, position < bytes ? position : bytes, body->detail, sizeof body->detail);
        return JSON_OUT_OF_RANGE;
    default:
        snprintf(body->detail, sizeof body->detail, "line %d, column %d", error->line, error->column);
        return JSON_MALFORMED;
    }
}

static struct json_member *find(struct json_member *members, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

static enum json_fault take(struct json_member *member, const json_t *value) {
    if (member->type == JSON_MEMBER_STRING && json_is_string(value)) {
        member->string = json_string_value(value);
        member->string_bytes = json_string_length(value);
    } else if (member->type == JSON_MEMBER_INTEGER && json_is_integer(value)) {
        member->integer = json_integer_value(value);
    } else {
        return member->type == JSON_MEMBER_INTEGER && json_is_real(value) ? JSON_OUT_OF_RANGE : JSON_WRONG_TYPE;
    }
    member->present = true;
    return JSON_OK;
}

static enum json_fault take_all(struct json_body *body, struct json_member *members, size_t count) {
    const char *name;
    json_t *value;

    if (!json_is_object((json_t *)body->root))
        return JSON_NO_OBJECT;
    json_object_foreach((json_t *)body->root, name, value) {
        struct json_member *member = find(members, count, name);
        enum json_fault fault = member == NULL ? JSON_UNKNOWN : take(member, value);
        if (fault != JSON_OK) {
            utf8_copy(body->detail, sizeof body->detail, name, strlen(name));
            return fault;
        }
    }
    return JSON_OK;
}

enum json_fault json_body_read(struct json_body *body, const char *data, size_t bytes, struct json_member *members,
                               size_t count) {
    json_error_t error;

    memset(body, 0, sizeof *body);
    for (size_t i = 0; i < count; i++)
        members[i].present = false;
    if (utf8_length(data, bytes) < 0)
        return JSON_BAD_UTF8;
    if (is_too_deep(data, bytes))
        return JSON_TOO_DEEP;
    /* DECODE_ANY, so that `5` is told from `}`; \u0000 is refused, which keeps strings free of NUL. */
    body->root = json_loadb(data, bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (body->root == NULL)
        return fault_of(&error, data, bytes, body);
    return take_all(body, members, count);
}

void json_body_done(struct json_body *body) {
    json_decref((json_t *)body->root);
    body->root = NULL;
}

void json_seed(void) {
    size_t seed = 0;

    while (seed == 0) /* 0 asks Jansson to choose one by itself */
        weir_random(&seed, sizeof seed);
    json_object_seed(seed);
}
