/* SPDX-License-Identifier: MIT */
/* reply_file.c: files as replies. The kernel may block on a disk, so each step is one call on an offload thread: the
 * first opens, measures and reads what is enough for most files; a large one follows piece by piece, at the client's
 * pace, with one piece in memory. */
#include "http/connection.h"

#include "base/assert.h"
#include "http/entity.h"
#include "http/media_type.h"
#include "platform/file.h"
#include "weir/offload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 16 * 1024, PIECE_BYTES = 128 * 1024 };

/* ---- On a thread ------------------------------------------------------------------------------------------------- */

struct open_call {
    const char *directory, *path;
    struct weir__file file;
    char *first; /* FIRST_BYTES */
};

static int open_and_read(void *arg, const weir_stop *stop) {
    struct open_call *call = arg;
    int rc = weir__file_open_beneath(&call->file, call->directory, call->path);

    (void)stop;
    if (rc < 0)
        return rc;
    rc = weir__file_read_at(&call->file, call->first, FIRST_BYTES, 0);
    if (rc < 0)
        weir__file_close(&call->file);
    return rc;
}

struct read_call {
    const struct weir__file *file;
    char *buf;
    size_t bytes;
    uint64_t offset;
};

static int read_piece(void *arg, const weir_stop *stop) {
    const struct read_call *call = arg;
    (void)stop;
    return weir__file_read_at(call->file, call->buf, call->bytes, call->offset);
}

/* ---- What may be served ------------------------------------------------------------------------------------------ */

/* Every part of the path has a name, and none that is hidden, `.` or `..`. */
static bool may_be_served(const char *path) {
    for (const char *part = path;; part++) {
        if (*part == '.' || *part == '/' || *part == '\0')
            return false;
        part = strchrnul(part, '/');
        if (*part == '\0')
            return true;
    }
}

/* The path with the folder's index where it names a folder; NULL without memory. */
static const char *with_index(weir_http_reply *reply, const char *path, const char *index) {
    size_t bytes = strlen(path);
    char *whole;

    if (index == NULL || (bytes > 0 && path[bytes - 1] != '/'))
        return path;
    whole = weir__arena_take_text(&reply->connection->work->arena, bytes + strlen(index) + 1);
    if (whole != NULL)
        stpcpy(mempcpy(whole, path, bytes), index);
    return whole;
}

/* What is there but cannot be served answers like what is not: its name is nobody's concern. ENXIO and ENODEV are what
 * opening a socket or a device without a driver gives. */
static int as_absent(int rc) {
    switch (rc) {
    case -ENOTDIR:
    case -EISDIR:
    case -EXDEV:
    case -ELOOP:
    case -EACCES:
    case -ENAMETOOLONG:
    case -ENXIO:
    case -ENODEV:
        return -ENOENT;
    default:
        return rc;
    }
}

/* ---- Sending ----------------------------------------------------------------------------------------------------- */

/* The bytes from `first` on; those up to `have` are in memory already. */
static int send_pieces(weir_http_reply *reply, const struct open_call *open, uint64_t first, uint64_t bytes,
                       size_t have) {
    struct read_call call = {.file = &open->file, .offset = first};
    size_t known = first < have ? have - (size_t)first : 0;
    int rc;

    if (known > bytes)
        known = (size_t)bytes;
    rc = weir_http_reply_write(reply, open->first + (known > 0 ? first : 0), known);
    if (rc < 0 || known == bytes || reply->has_no_body)
        return rc;
    call.buf = weir__arena_take_text(&reply->connection->work->arena, PIECE_BYTES);
    if (call.buf == NULL)
        return -ENOMEM;
    call.offset += known;
    for (uint64_t left = bytes - known; left > 0; left -= (uint64_t)rc, call.offset += (uint64_t)rc) {
        call.bytes = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
        rc = weir_offload(NULL, read_piece, &call);
        if (rc <= 0)
            return rc < 0 ? rc : weir_fail(-EIO, "%s became shorter while it was sent", open->path);
        int sent = weir_http_reply_write(reply, call.buf, (size_t)rc);
        if (sent < 0)
            return sent;
    }
    return 0;
}

static int send_file(weir_http_reply *reply, const struct open_call *open, size_t have,
                     const weir_http_files_options *options) {
    const struct weir__file *file = &open->file;
    char etag[40], length[24];
    struct weir__entity entity = {file->bytes, etag, file->modified.ns / WEIR_SEC,
                                  options != NULL ? options->cache_control : NULL};
    uint64_t first, bytes;

    snprintf(etag, sizeof etag, "\"%llx-%llx\"", (unsigned long long)file->modified.ns,
             (unsigned long long)file->bytes);
    int rc = weir__entity_begin(reply, &entity, &first, &bytes);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    snprintf(length, sizeof length, "%llu", (unsigned long long)bytes);
    rc = weir_http_reply_set_header(reply, "Content-Length", length);
    if (rc == 0 && !reply->has_type)
        rc = weir_http_reply_set_header(reply, "Content-Type", weir__media_type_of_name(open->path));
    return rc < 0 ? rc : send_pieces(reply, open, first, bytes, have);
}

int weir_http_reply_file(weir_http_reply *reply, const char *directory, const char *path,
                         const weir_http_files_options *options) {
    struct open_call call = {.directory = directory};

    WEIR_ASSERT(options == NULL || options->size_bytes == sizeof *options);
    call.path = with_index(reply, path, options != NULL ? options->index : NULL);
    call.first = weir__arena_take_text(&reply->connection->work->arena, FIRST_BYTES);
    if (call.path == NULL || call.first == NULL)
        return -ENOMEM;
    if (!may_be_served(call.path))
        return weir_fail(-ENOENT, "%s may not be served", call.path);
    int rc = as_absent(weir_offload(NULL, open_and_read, &call));
    if (rc < 0)
        return weir_fail(rc, "file %s", call.path);
    rc = send_file(reply, &call, (size_t)rc, options);
    weir__file_close(&call.file); /* it was only read: there is nothing to wait for */
    return rc;
}

/* ---- A route to a folder ----------------------------------------------------------------------------------------- */

struct folder {
    weir_http_files_options options;
    char *directory, *index, *cache_control;
};

static void folder_free(void *arg) {
    struct folder *folder = arg;

    if (folder == NULL)
        return;
    free(folder->directory);
    free(folder->index);
    free(folder->cache_control);
    free(folder);
}

static bool copy(char **ret_copy, const char *string) {
    *ret_copy = string != NULL ? strdup(string) : NULL;
    return string == NULL || *ret_copy != NULL;
}

static struct folder *folder_new(const char *directory, const weir_http_files_options *options) {
    struct folder *folder = calloc(1, sizeof *folder);

    if (folder == NULL)
        return NULL;
    if (!copy(&folder->directory, directory) || !copy(&folder->index, options != NULL ? options->index : NULL) ||
        !copy(&folder->cache_control, options != NULL ? options->cache_control : NULL)) {
        folder_free(folder);
        return NULL;
    }
    folder->options = (weir_http_files_options){sizeof folder->options, folder->index, folder->cache_control};
    return folder;
}

static int serve_folder(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const struct folder *folder = arg;
    const char *path = request->values[request->match.parameters - 1];

    int rc = weir_http_reply_file(reply, folder->directory, path, &folder->options);
    if (rc == -ENOENT && !weir_http_reply_is_begun(reply))
        return weir__http_answer_failure(reply->connection, 404, 0);
    return rc;
}

int weir_http_router_add_files(weir_http_router *router, const char *path, const char *directory,
                               const weir_http_files_options *options) {
    size_t bytes = strlen(path);
    struct folder *folder;

    WEIR_ASSERT(router != NULL && directory != NULL);
    WEIR_ASSERT(options == NULL || options->size_bytes == sizeof *options);
    if (bytes < 4 || strcmp(path + bytes - 4, "...}") != 0)
        return weir__router_fail(router, -EINVAL, "GET", path, "the path of a folder ends with {name...}");
    folder = folder_new(directory, options);
    if (folder == NULL)
        return weir__router_fail(router, -ENOMEM, "GET", path, "out of memory");
    return weir__router_add(router, "GET", path, serve_folder, folder, folder_free, NULL);
}
