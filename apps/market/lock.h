/* SPDX-License-Identifier: MIT */
/* lock.h: one process at a time. A file beside the database, locked while it is open; a process that dies lets go of
 * it. Blocks, so it is called on a thread that may. */
#ifndef MARKET_LOCK_H
#define MARKET_LOCK_H

/**
 * @param path     of what is to be guarded; the lock is the file `path`.lock
 * @param ret_lock to be given back with lock_give
 * @return 0; -MARKET_EIN_USE, with a detail that names the process; -EACCES, -ENOENT, -ENOSPC, ...
 */
int lock_take(const char *path, int *ret_lock);

/** Let go; the file stays, since removing it could take it from under another one. -1 is fine. */
void lock_give(int lock);

#endif
