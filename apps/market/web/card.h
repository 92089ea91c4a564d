/* SPDX-License-Identifier: MIT */
/* card.h: what several pages show of an article. */
#ifndef MARKET_WEB_CARD_H
#define MARKET_WEB_CARD_H

#include "market/model.h"
#include "market/web/page.h"

/** An article in a list: picture, title with the search's matches, price, stock; all of it links to its page. */
void card_put(struct exchange *x, const struct market_product *product);

/** Its picture, or a pattern of its own in the picture's place. @param is_large  the page's main picture */
void card_put_picture(struct exchange *x, const struct market_product *product, bool is_large);

/** "In stock", "Only 3 left", "Sold out". */
void card_put_stock(struct exchange *x, const struct market_product *product);

/** A price in the visitor's language. */
void card_put_price(struct exchange *x, int64_t minor);

#endif
