/* SPDX-License-Identifier: MIT */
/* source.h: read a file from its beginning to its end, unpacking it when it is gzip. Blocks: for threads that may.
 * Where it waits for whoever writes a pipe, it looks now and then whether `stop` is asked for; NULL: never. */
#ifndef MARKET_SOURCE_H
#define MARKET_SOURCE_H

#include "weir/offload.h"

struct source;

/**
 * @param ret_source  to be closed
 * @return 0; -ENOENT, -EACCES, -EISDIR, ... with a detail that names the file; -ENOMEM; -ECANCELED stopped
 */
int source_open(struct source **ret_source, const char *path, const weir_stop *stop);

/** NULL is fine. */
void source_close(struct source *source);

/**
 * Read until `buf` is full or the file ends.
 * @return > 0 bytes; 0 the end; -EIO, ...; -EBADMSG damaged; -WEIR_EEOF cut short: with a detail that names the file
 *         -ECANCELED stopped
 */
int source_read(struct source *source, char *buf, int buf_bytes, const weir_stop *stop);

/** How much of the file as it lies on disk has been read, and how large it is; 0: not known (a pipe). */
void source_progress(const struct source *source, uint64_t *ret_done, uint64_t *ret_size);

#endif
