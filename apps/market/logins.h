/* SPDX-License-Identifier: MIT */
/* logins.h: how many logins of late have failed, for one name from one address. Pure but for its memory, which is
 * bounded: where many names come at once, those that were quiet the longest are forgotten.
 *
 * An attempt counts as failed from its beginning, so that many at once cannot all slip through, until it is forgiven.
 */
#ifndef MARKET_LOGINS_H
#define MARKET_LOGINS_H

#include "weir/base.h"

enum { LOGINS_FAILURES_MAX = 32 };

struct logins;

/**
 * @param failures_max   1 to LOGINS_FAILURES_MAX; so many may fail ...
 * @param failures_time  ... within this time
 * @return NULL without memory
 */
struct logins *logins_new(unsigned failures_max, weir_duration failures_time);
void logins_free(struct logins *logins);

/** How long the next attempt of `key` has to wait; 0: not at all. */
weir_duration logins_wait(const struct logins *logins, uint64_t key, weir_instant now);

/** An attempt begins; logins_wait has said 0. */
void logins_begin(struct logins *logins, uint64_t key, weir_instant now);

/** It succeeded: nothing counts any more. */
void logins_forgive(struct logins *logins, uint64_t key);

/** It was never made (no thread was free, say): the last one does not count. */
void logins_undo(struct logins *logins, uint64_t key);

#endif
