/* SPDX-License-Identifier: MIT */
/* page_product.c: an article's own page, with the form that buys it. */
#include "market/web/page_product.h"

#include "market/web/card.h"
#include "market/web/order_key.h"
#include "market/web/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The key makes pressing twice, or sending again after a broken connection, buy once. */
static void put_buy(struct exchange *x, const struct market_product *product, const struct form_flaws *flaws,
                    const char *quantity) {
    char key[ORDER_KEY_BYTES], attributes[120];
    struct field field = {.name = "quantity",
                          .label = M_QUANTITY,
                          .hint = M_NONE,
                          .type = "number",
                          .value = quantity == NULL ? "1" : quantity,
                          .attributes = attributes};

    snprintf(attributes, sizeof attributes, "required min=\"1\" max=\"%" PRId64 "\" inputmode=\"numeric\"",
             product->stock);
    html_printf(&x->out,
                "<form class=\"buy\" method=\"post\" action=\"/orders\">\n"
                "<input type=\"hidden\" name=\"product_id\" value=\"%ld\">\n"
                "<input type=\"hidden\" name=\"key\" value=\"%s\">\n",
                (long)product->id, order_key_make(key));
    field_put(x, &field, flaws);
    html_printf(&x->out, "<button>%s</button>\n</form>\n", exchange_text(x, M_BUY));
}

static void put_action(struct exchange *x, const struct market_product *product, const struct form_flaws *flaws,
                       const char *quantity) {
    if (x->user != NULL && x->user->id == product->seller_id && !product->withdrawn)
        html_printf(&x->out, "<p><a class=\"button quiet\" href=\"/sell/%ld\">%s</a></p>\n", (long)product->id,
                    exchange_text(x, M_CHANGE_THIS));
    if (product->withdrawn)
        html_printf(&x->out, "<p class=\"notice plain\">%s</p>\n", exchange_text(x, M_WITHDRAWN_TEXT));
    else if (product->stock == 0)
        html_printf(&x->out, "<p class=\"notice plain\">%s</p>\n", exchange_text(x, M_SOLD_OUT_TEXT));
    else if (x->user == NULL)
        html_printf(&x->out, "<p><a class=\"button\" href=\"/login?next=/products/%ld\">%s</a></p>\n",
                    (long)product->id, exchange_text(x, M_LOG_IN_TO_BUY));
    else if (x->user->id != product->seller_id)
        put_buy(x, product, flaws, quantity);
}

static void put_product(struct exchange *x, const struct market_product *product, const struct form_flaws *flaws,
                        const char *quantity) {
    text_puts(&x->out, "<article class=\"product\">\n<div class=\"frame\">");
    card_put_picture(x, product, true);
    html_printf(&x->out, "</div>\n<div class=\"offer\">\n<h1>%s</h1>\n<p class=\"seller\">", product->title);
    page_message(x, M_SOLD_BY, product->seller, NULL);
    text_puts(&x->out, "</p>\n");
    if (flaws != NULL)
        form_flaws_put(x, flaws);
    text_puts(&x->out, "<p class=\"facts\">");
    card_put_price(x, product->price_minor);
    if (!product->withdrawn)
        card_put_stock(x, product);
    text_puts(&x->out, "</p>\n");
    put_action(x, product, flaws, quantity);
    text_puts(&x->out, "</div>\n");
    if (product->description[0] != '\0') {
        html_printf(&x->out, "<section class=\"description\">\n<h2>%s</h2>\n", exchange_text(x, M_DESCRIPTION));
        html_paragraphs(&x->out, product->description);
        text_puts(&x->out, "</section>\n");
    }
    text_puts(&x->out, "</article>\n");
}

int page_product_show(struct exchange *x, int64_t id, int status, const struct form_flaws *flaws,
                      const char *quantity) {
    struct market_products *found;
    struct page page = {.section = SECTION_BROWSE};

    int rc = store_product_get(x->site->store, id, &found);
    if (rc < 0)
        return rc;
    page.title = found->items[0].title;
    page_begin(x, &page);
    put_product(x, &found->items[0], flaws, quantity);
    rc = page_end(x, status);
    market_free(found);
    return rc;
}

int page_product(struct exchange *x) {
    int64_t id = 0;

    int rc = page_visit(x);
    if (rc == 0)
        rc = exchange_id(x, &id);
    return rc < 0 ? rc : page_product_show(x, id, 200, NULL, NULL);
}
