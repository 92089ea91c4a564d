/* SPDX-License-Identifier: MIT */
/* stream.h: bytes both ways, over TCP, a Unix socket, TLS or memory.
 * One task reads and one writes at a time, else -EBUSY; a select on weir_case_readable counts as a reader. Where bytes
 * may have moved before an error, `progress` tells: it is written in every case, and may be NULL.
 * A failure of the connection lasts: once a call has met -ECONNRESET, say, every later read answers it too, after the
 * bytes that had come. After weir_stream_close every call but free and peer answers -WEIR_ECLOSED. */
#ifndef WEIR_STREAM_H
#define WEIR_STREAM_H

#include "weir/base.h"
#include "weir/wait.h"

#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_stream weir_stream;

/**
 * Two ends in memory, joined; for tests and for tasks that talk in bytes.
 * @param ret_a, ret_b    to be freed
 * @param buffer_bytes    held in each direction before a write waits; > 0
 * @return 0; -ENOMEM. Suspends: no. Thread: task.
 */
WEIR_EXPORT int weir_stream_pair(weir_stream **ret_a, weir_stream **ret_b, size_t buffer_bytes) WEIR_MUST_CHECK;

/** The other end's address as text; "" for a pair, and for a Unix socket without a name. Valid while the stream lives.
 * Suspends: no. Thread: owner. */
WEIR_EXPORT const char *weir_stream_peer(const weir_stream *stream);

/**
 * Read at least one byte.
 * @param buf        the caller's; the kernel may write it until the call returns
 * @param buf_bytes  > 0
 * @return > 0 bytes read, 1 GiB at most; 0 end of stream, and from then on always
 *         -ECANCELED, -ETIME  nothing was consumed
 *         -ECONNRESET, ...      the stream is dead; freeing it is still the caller's
 * Suspends. Cancel: entry, wait; bytes that were read are always returned. Thread: owner.
 */
WEIR_EXPORT int weir_stream_read_some(weir_stream *stream, void *buf, size_t buf_bytes) WEIR_MUST_CHECK;

/**
 * Wait until weir_stream_read_some would return at once; reads nothing. An idle connection that waits here needs no
 * buffer.
 * @return 0; -EBUSY another task reads; -ECANCELED, -ETIME. Suspends. Cancel: entry, wait. Thread: owner.
 */
WEIR_EXPORT int weir_stream_wait_readable(weir_stream *stream) WEIR_MUST_CHECK;

/**
 * Read exactly `bytes`.
 * @param progress  bytes placed in buf, also on error
 * @return 0 all of them
 *         -WEIR_EEOF                    the stream ended before
 *         -ECANCELED, -ETIME, ...         as read_some; what came is in buf, and consumed
 * Suspends. Cancel: entry, wait. Thread: owner.
 */
WEIR_EXPORT int weir_stream_read_exactly(weir_stream *stream, void *buf, size_t bytes,
                                         size_t *progress) WEIR_MUST_CHECK;

/**
 * Read up to and with a delimiter. What follows it stays for the next read.
 * @param buf        gets the bytes, the delimiter last, then a NUL
 * @param buf_bytes  the limit, NUL included
 * @param delimiter  a string of 1 to 16 bytes, "\r\n" say
 * @return > 0 bytes, the delimiter counted, the NUL not; 0 end of stream before any byte
 *         -WEIR_ELIMIT             buf is full without it
 *         -WEIR_EEOF               the stream ended in between
 *         -ECANCELED, -ETIME, ...    as read_some
 *         In all of these nothing was consumed: the bytes can still be read.
 * Suspends. Cancel: entry, wait. Thread: owner.
 */
WEIR_EXPORT int weir_stream_read_until(weir_stream *stream, char *buf, size_t buf_bytes,
                                       const char *delimiter) WEIR_MUST_CHECK;

/**
 * Write everything; wait while the peer does not take it. No buffer of Weir's stands behind.
 * @param data      borrowed until the return
 * @param progress  bytes that the kernel has taken, also on error
 * @return 0 all of them
 *         -EPIPE, -ECONNRESET  the peer does not read any more; no signal is raised
 *         -ECANCELED, -ETIME   at a byte that `progress` tells
 * Suspends. Cancel: entry, wait. Thread: owner.
 */
WEIR_EXPORT int weir_stream_write_all(weir_stream *stream, const void *data, size_t bytes,
                                      size_t *progress) WEIR_MUST_CHECK;

/** As weir_stream_write_all, from `count` pieces in one go. The array is borrowed and not changed. */
WEIR_EXPORT int weir_stream_write_vec(weir_stream *stream, const struct iovec *pieces, size_t count,
                                      size_t *progress) WEIR_MUST_CHECK;

/**
 * Half-close: the peer's read ends after what was written; ours goes on. Twice is fine.
 * @return 0; -ECANCELED, -ETIME not sent; -EPIPE, ... as a write. Suspends: with TLS. Cancel: entry. Thread: owner.
 */
WEIR_EXPORT int weir_stream_finish(weir_stream *stream) WEIR_MUST_CHECK;

/**
 * Close both ways in good order, and report. A task that reads or writes wakes with -ECANCELED. Free comes after.
 * @return 0; the error that the last bytes met. Suspends: at most 1 s. Cancel: none. Thread: owner.
 */
WEIR_EXPORT int weir_stream_close(weir_stream *stream);

/**
 * Close both ways at once, so that the peer cannot take what it got for all: where the kind has one, it sees a reset,
 * and what it has not read yet may be lost. A task that reads or writes wakes with -ECANCELED. Free comes after. Cannot
 * fail; one that is closed is left alone. Suspends: no. Thread: owner.
 */
WEIR_EXPORT void weir_stream_abort(weir_stream *stream);

/** Release; one that is open is closed hard. No task may be in a call on it. NULL is fine. Suspends: no. */
WEIR_EXPORT void weir_stream_free(weir_stream *stream);

/** Select: weir_stream_read_some would return at once. Reads nothing. result: 0; -EBUSY, -WEIR_ECLOSED as a read;
 * -ECANCELED the stream was closed meanwhile. */
WEIR_EXPORT weir_case weir_case_readable(weir_stream *stream);

#ifdef __cplusplus
}
#endif
#endif
