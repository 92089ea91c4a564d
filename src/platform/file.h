/* SPDX-License-Identifier: MIT */
/* file.h: reading files. All of these block, so they run on the threads of weir_offload, never on a loop.
 * They are shown to weir-http, which is a library of its own. */
#ifndef WEIR_SRC_PLATFORM_FILE_H
#define WEIR_SRC_PLATFORM_FILE_H

#include "weir/base.h"

struct weir__file {
    int fd;
    uint64_t bytes;
    weir_wall modified;
};

/**
 * Open a regular file for reading, below a folder: neither `..` nor a link leads out of it.
 * @param path      relative
 * @param ret_file  to be closed
 * @return 0; -ENOENT, -ENOTDIR; -EISDIR it is a folder; -EXDEV, -ELOOP it leads out; -EACCES it is no file, or closed
 *         to us; -EMFILE, ...
 */
WEIR_EXPORT int weir__file_open_beneath(struct weir__file *ret_file, const char *directory, const char *path);

/** What opening does where the kernel has no openat2: each name of the path by itself, and no links. @return a
 * descriptor for reading; as above. @param folder  a descriptor of it */
WEIR_EXPORT int weir__file_open_by_steps(int folder, const char *path);

/** Read at an offset. @return bytes, fewer than asked for only at the end of the file; a negative errno */
WEIR_EXPORT int weir__file_read_at(const struct weir__file *file, void *buf, size_t bytes, uint64_t offset);

WEIR_EXPORT void weir__file_close(struct weir__file *file);

#endif
