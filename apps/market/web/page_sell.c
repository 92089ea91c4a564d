/* SPDX-License-Identifier: MIT */
/* page_sell.c: /sell: publish an article, and see what one has on sale. */
#include "market/web/page.h"

#include "market/web/access.h"
#include "market/web/card.h"
#include "market/web/offer_form.h"
#include "market/web/pager.h"
#include "market/web/site.h"
#include "market/web/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PER_PAGE = 20 };

static void put_row(struct exchange *x, const struct market_product *product) {
    html_printf(&x->out,
                "<tr role=\"row\">\n<th scope=\"row\" role=\"rowheader\"><a href=\"/products/%ld\">%s</a></th>\n<td "
                "role=\"cell\" data-label=\"%s\">",
                (long)product->id, product->title, exchange_text(x, M_PRICE));
    card_put_price(x, product->price_minor);
    html_printf(&x->out, "</td>\n<td role=\"cell\" data-label=\"%s\">%ld</td>\n<td role=\"cell\">",
                exchange_text(x, M_STOCK), (long)product->stock);
    if (product->withdrawn)
        html_printf(&x->out, "<span class=\"stock none\">%s</span>", exchange_text(x, M_WITHDRAWN));
    else {
        html_printf(&x->out,
                    "<a class=\"button quiet small\" href=\"/sell/%ld\">%s<span class=\"unseen\"> %s</span></a>",
                    (long)product->id, exchange_text(x, M_CHANGE), product->title);
    }
    text_puts(&x->out, "</td>\n</tr>\n");
}

static void put_page_link(struct exchange *x, const void *arg, unsigned page) {
    (void)arg;
    text_printf(&x->out, "/sell?page=%u#yours", page);
}

static int put_own(struct exchange *x) {
    static const enum message columns[] = {M_TITLE, M_PRICE, M_STOCK, M_CHANGE};
    struct market_query query = {.per_page = PER_PAGE, .page = 1, .sort = MARKET_SORT_NEWEST};
    const char *page = weir_http_request_query(x->request, "page");
    struct market_products *found;
    int64_t number;

    query.seller_id = x->user->id;
    if (page != NULL && exchange_parse_int(page, 1, MARKET_PAGE_MAX, &number) == 0)
        query.page = (unsigned)number;
    int rc = store_products_find(x->site->store, &query, &found);
    if (rc < 0)
        return rc;

    html_printf(&x->out, "<section class=\"yours\" id=\"yours\">\n<h2>%s</h2>\n", exchange_text(x, M_YOUR_ARTICLES));
    if (found->count == 0)
        html_printf(&x->out, "<p class=\"empty-line\">%s</p>\n", exchange_text(x, M_NO_ARTICLES));
    else
        table_open(x, columns, sizeof columns / sizeof columns[0], true);
    for (size_t i = 0; i < found->count; i++)
        put_row(x, &found->items[i]);
    if (found->count > 0)
        table_close(x);
    pager_put(x, found->page, found->per_page, found->total, put_page_link, NULL);
    text_puts(&x->out, "</section>\n");
    market_free(found);
    return 0;
}

static int show(struct exchange *x, const struct offer_form *offer, int status) {
    struct page page = {.title = exchange_text(x, M_SELL_TITLE), .section = SECTION_SELL};

    page_begin(x, &page);
    html_printf(&x->out, "<div class=\"columns\">\n<section>\n<h1>%s</h1>\n", page.title);
    offer_form_put(x, offer, "/sell", M_PUBLISH);
    text_puts(&x->out, "</section>\n");
    int rc = put_own(x);
    text_puts(&x->out, "</div>\n");
    return rc < 0 ? rc : page_end(x, status);
}

int page_sell(struct exchange *x) {
    struct offer_form empty = {.stock = "1"};

    int rc = page_visit_user(x, "/sell");
    return rc != 0 ? rc : show(x, &empty, 200);
}

static int publish(struct exchange *x, const struct offer_form *offer, const struct form *form) {
    char path[48];
    int64_t id;

    int rc = store_product_add(x->site->store, x->user->id, &offer->offer, &id, NULL);
    if (rc < 0)
        return rc;
    if (form->picture.bytes > 0)
        rc = store_picture_set(x->site->store, x->user->id, id, form->picture.data, form->picture.bytes, NULL);
    if (rc < 0 && rc != -MARKET_EPICTURE_TYPE)
        return rc;
    /* The article is published even if its picture turns out to be damaged: then its seller tries another. */
    snprintf(path, sizeof path, rc < 0 ? "/sell/%" PRId64 : "/products/%" PRId64, id);
    return page_redirect(x, path, rc < 0 ? M_NOTICE_PICTURE : M_NOTICE_PUBLISHED);
}

int page_sell_publish(struct exchange *x) {
    struct offer_form offer = {0};
    struct form form = {0};

    int rc = page_visit_user(x, "/sell");
    if (rc != 0)
        return rc;
    rc = form_read(x, &form);
    if (rc == 0)
        rc = offer_form_read(&offer, &form);
    if (rc == 0)
        rc = offer.flaws.count > 0 ? show(x, &offer, 422) : publish(x, &offer, &form);
    offer_form_done(&offer);
    form_done(&form);
    return rc;
}
