/* SPDX-License-Identifier: MIT */
/* card.c: an article in a list, and the parts that its own page shares with it. */
#include "market/web/card.h"

#include "market/web/money.h"
#include "market/web/pattern.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FEW = 5 }; /* so many or fewer are told as "only ... left" */

void card_put_price(struct exchange *x, int64_t minor) {
    char text[MONEY_TEXT_BYTES];
    html_printf(&x->out, "<span class=\"price\">%s</span>", money_format(text, minor, x->language));
}

void card_put_stock(struct exchange *x, const struct market_product *product) {
    char count[24];

    snprintf(count, sizeof count, "%" PRId64, product->stock);
    if (product->stock == 0)
        html_printf(&x->out, "<span class=\"stock none\">%s</span>", exchange_text(x, M_SOLD_OUT));
    else if (product->stock > FEW)
        html_printf(&x->out, "<span class=\"stock\">%s</span>", exchange_text(x, M_IN_STOCK));
    else {
        text_puts(&x->out, "<span class=\"stock few\">");
        page_message(x, M_ONLY_LEFT, count, NULL);
        text_puts(&x->out, "</span>");
    }
}

void card_put_picture(struct exchange *x, const struct market_product *product, bool is_large) {
    if (product->picture_id == 0) {
        pattern_put(&x->out, product->id);
        return;
    }
    html_printf(&x->out, "<img src=\"/products/%ld/picture?v=%ld\" width=\"%d\" height=\"%d\" alt=\"",
                (long)product->id, (long)product->picture_id, product->picture_width, product->picture_height);
    if (is_large) /* in a list the title stands beside it, and is what a screen reader should say once */
        page_message(x, M_PICTURE_OF, product->title, NULL);
    text_puts(&x->out, is_large ? "\">" : "\" loading=\"lazy\" decoding=\"async\">");
}

void card_put(struct exchange *x, const struct market_product *product) {
    text_puts(&x->out, "<li class=\"card\">\n<div class=\"frame\">");
    card_put_picture(x, product, false);
    html_printf(&x->out, "</div>\n<h2><a href=\"/products/%ld\">", (long)product->id);
    html_highlight(&x->out, product->title_marked != NULL ? product->title_marked : product->title);
    text_puts(&x->out, "</a></h2>\n");
    if (product->excerpt_marked != NULL && strchr(product->excerpt_marked, MARKET_MARK_OPEN) != NULL) {
        text_puts(&x->out, "<p class=\"excerpt\">");
        html_highlight(&x->out, product->excerpt_marked);
        text_puts(&x->out, "</p>\n");
    }
    text_puts(&x->out, "<p class=\"facts\">");
    card_put_price(x, product->price_minor);
    card_put_stock(x, product);
    text_puts(&x->out, "</p>\n</li>\n");
}
