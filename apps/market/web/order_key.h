/* SPDX-License-Identifier: MIT */
/* order_key.h: the idempotency key that a page's buying form carries. */
#ifndef MARKET_WEB_ORDER_KEY_H
#define MARKET_WEB_ORDER_KEY_H

#define ORDER_KEY_BYTES 38

/** A fresh one, "page-" and 128 random bits. @return `buf` */
const char *order_key_make(char buf[ORDER_KEY_BYTES]);

#endif
