/* SPDX-License-Identifier: MIT */
/* notice.h: "Your article is on sale": said once, on the page that follows a redirect. The cookie `flash` holds the
 * notice's number among ours, never a text, so nobody can put words into our mouth. */
#ifndef MARKET_WEB_NOTICE_H
#define MARKET_WEB_NOTICE_H

#include "market/web/exchange.h"

/** Leave a notice for the next page. */
void notice_leave(struct exchange *x, enum message notice);

/** Take the one that was left, if any. */
bool notice_take(struct exchange *x, enum message *ret_notice);

#endif
