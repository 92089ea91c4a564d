/* SPDX-License-Identifier: MIT */
/* pattern.h: tiles of simple shapes, different for each article, where it has no picture. Drawn with classes alone,
 * since the Content-Security-Policy allows no inline style; so it follows light and dark. */
#ifndef MARKET_WEB_PATTERN_H
#define MARKET_WEB_PATTERN_H

#include "market/web/text.h"

/** Append an <svg>, the same for the same seed; hidden from screen readers. */
void pattern_put(struct text *out, int64_t seed);

#endif
