/* SPDX-License-Identifier: MIT */
/* pager.h: links to the pages of a list. */
#ifndef MARKET_WEB_PAGER_H
#define MARKET_WEB_PAGER_H

#include "market/web/page.h"

/** Appends the address of a page, for an attribute: escaped. */
typedef void pager_link_fn(struct exchange *x, const void *arg, unsigned page);

/** Append them; nothing when there is one page only. */
void pager_put(struct exchange *x, unsigned page, unsigned per_page, int64_t total, pager_link_fn *link,
               const void *arg);

#endif
