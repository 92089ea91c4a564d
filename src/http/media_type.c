/* SPDX-License-Identifier: MIT */
/* media_type.c: what files are by their names, and the parameters behind a type. */
#include "http/media_type.h"

#include "weir/base.h"

#include <string.h>

/* What the web serves; the rest is downloaded. */
static const struct ending {
    const char *ending, *type;
} endings[] = {
    {"html", "text/html; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"txt", "text/plain; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"md", "text/markdown; charset=utf-8"},
    {"xml", "application/xml"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"avif", "image/avif"},
    {"ico", "image/x-icon"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"pdf", "application/pdf"},
    {"wasm", "application/wasm"},
    {"gz", "application/gzip"},
    {"zip", "application/zip"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json"},
};

const char *weir__media_type_of_name(const char *name) {
    const char *dot = strrchr(name, '.');

    if (dot != NULL && strchr(dot, '/') == NULL)
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
            if (weir__span_is((struct weir__span){dot + 1, strlen(dot + 1)}, endings[i].ending))
                return endings[i].type;
    return "application/octet-stream";
}

bool weir__media_type_is(struct weir__span value, const char *type) {
    struct weir__span told;
    return weir__span_take(&value, ';', &told) && weir__span_is(told, type);
}

/* A quoted string, taken off the front. A backslash stands before a quote or another backslash; elsewhere it is itself,
 * since old browsers send "C:\folder\file". */
static int take_quoted(struct weir__span *rest, char *out, size_t out_bytes) {
    size_t made = 0, at = 1;

    for (; at < rest->bytes && rest->at[at] != '"'; at++) {
        if (rest->at[at] == '\\' && at + 1 < rest->bytes && (rest->at[at + 1] == '"' || rest->at[at + 1] == '\\'))
            at++;
        if (made + 1 >= out_bytes)
            return -WEIR_ELIMIT;
        out[made++] = rest->at[at];
    }
    if (at == rest->bytes)
        return -EINVAL;
    out[made] = '\0';
    rest->at += at + 1;
    rest->bytes -= at + 1;
    return (int)made;
}

static int take_token(struct weir__span *rest, char *out, size_t out_bytes) {
    size_t bytes = 0;

    while (bytes < rest->bytes && weir__char_is(rest->at[bytes], WEIR__CHAR_TOKEN))
        bytes++;
    if (bytes == 0)
        return -EINVAL;
    if (bytes >= out_bytes)
        return -WEIR_ELIMIT;
    memcpy(out, rest->at, bytes);
    out[bytes] = '\0';
    rest->at += bytes;
    rest->bytes -= bytes;
    return (int)bytes;
}

/* `;` name "=" value off the front of the rest. */
static int take_parameter(struct weir__span *rest, struct weir__span *ret_name, char *out, size_t out_bytes) {
    size_t bytes = 1;

    *rest = weir__span_trim(*rest);
    if (rest->bytes == 0)
        return -ENOENT;
    if (rest->at[0] != ';')
        return -EINVAL;
    *rest = weir__span_trim((struct weir__span){rest->at + 1, rest->bytes - 1});
    if (rest->bytes == 0)
        return -ENOENT; /* a semicolon at the end */
    for (bytes = 0; bytes < rest->bytes && weir__char_is(rest->at[bytes], WEIR__CHAR_TOKEN);)
        bytes++;
    *ret_name = (struct weir__span){rest->at, bytes};
    if (bytes == 0 || bytes + 1 >= rest->bytes || rest->at[bytes] != '=')
        return -EINVAL;
    *rest = (struct weir__span){rest->at + bytes + 1, rest->bytes - bytes - 1};
    return rest->at[0] == '"' ? take_quoted(rest, out, out_bytes) : take_token(rest, out, out_bytes);
}

int weir__media_parameter(struct weir__span value, const char *name, char *out, size_t out_bytes) {
    const char *first = value.bytes > 0 ? memchr(value.at, ';', value.bytes) : NULL;
    struct weir__span rest, parameter;

    if (first == NULL)
        return -ENOENT;
    rest = (struct weir__span){first, value.bytes - (size_t)(first - value.at)};
    for (;;) {
        int rc = take_parameter(&rest, &parameter, out, out_bytes);
        if (rc < 0 || weir__span_is(parameter, name))
            return rc;
    }
}
