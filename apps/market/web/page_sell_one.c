/* SPDX-License-Identifier: MIT */
/* page_sell_one.c: /sell/{id}: change an article of one's own, or withdraw it. */
#include "market/web/page.h"

#include "market/web/access.h"
#include "market/web/card.h"
#include "market/web/offer_form.h"
#include "market/web/site.h"

#include <inttypes.h>
#include <stdio.h>

/* Withdrawing is for good, so it takes two steps, without a script. */
static void put_withdraw(struct exchange *x, int64_t id) {
    html_printf(&x->out,
                "<details class=\"danger\">\n<summary>%s</summary>\n<p>%s</p>\n"
                "<form method=\"post\" action=\"/sell/%ld/withdraw\"><button class=\"stop\">%s</button></form>\n"
                "</details>\n",
                exchange_text(x, M_WITHDRAW), exchange_text(x, M_WITHDRAW_TEXT), (long)id,
                exchange_text(x, M_WITHDRAW_CONFIRM));
}

static int show(struct exchange *x, const struct market_product *product, const struct offer_form *offer, int status) {
    struct page page = {.title = exchange_text(x, M_CHANGE_TITLE), .section = SECTION_SELL};
    char action[48];

    snprintf(action, sizeof action, "/sell/%" PRId64, product->id);
    page_begin(x, &page);
    html_printf(&x->out,
                "<p class=\"back\"><a href=\"/products/%ld\">%s</a></p>\n<div class=\"columns\">\n<section>\n"
                "<h1>%s</h1>\n",
                (long)product->id, product->title, page.title);
    offer_form_put(x, offer, action, M_SAVE);
    text_puts(&x->out, "</section>\n<section>\n<div class=\"frame\">");
    card_put_picture(x, product, true);
    text_puts(&x->out, "</div>\n");
    put_withdraw(x, product->id);
    text_puts(&x->out, "</section>\n</div>\n");
    return page_end(x, status);
}

/* The visitor's own article, still on sale; whoever is not logged in is sent there first. 1: answered. */
static int open_own(struct exchange *x, int64_t *ret_id, struct market_products **ret_found) {
    char path[48];

    int rc = exchange_id(x, ret_id);
    if (rc < 0)
        return rc;
    snprintf(path, sizeof path, "/sell/%" PRId64, *ret_id);
    rc = page_visit_user(x, path);
    if (rc != 0)
        return rc;
    rc = store_product_get(x->site->store, *ret_id, ret_found);
    if (rc < 0)
        return rc;
    if ((*ret_found)->items[0].seller_id != x->user->id)
        rc = -MARKET_ENOT_YOURS;
    else if ((*ret_found)->items[0].withdrawn)
        rc = -MARKET_ENOT_FOUND;
    if (rc < 0)
        market_free(*ret_found);
    return rc;
}

int page_sell_one(struct exchange *x) {
    struct market_products *found;
    struct offer_form offer;
    int64_t id;

    int rc = open_own(x, &id, &found);
    if (rc != 0)
        return rc;
    offer_form_of(&offer, &found->items[0]);
    rc = show(x, &found->items[0], &offer, 200);
    offer_form_done(&offer);
    market_free(found);
    return rc;
}

static int change(struct exchange *x, int64_t id, const struct offer_form *offer, const struct form *form) {
    struct market_change all = {.set = MARKET_SET_TITLE | MARKET_SET_DESCRIPTION | MARKET_SET_PRICE | MARKET_SET_STOCK,
                                .to = offer->offer};
    char path[48];

    int rc = store_product_change(x->site->store, x->user->id, id, &all, NULL);
    if (rc == 0 && form->picture.bytes > 0)
        rc = store_picture_set(x->site->store, x->user->id, id, form->picture.data, form->picture.bytes, NULL);
    if (rc < 0 && rc != -MARKET_EPICTURE_TYPE)
        return rc;
    snprintf(path, sizeof path, rc < 0 ? "/sell/%" PRId64 : "/products/%" PRId64, id);
    return page_redirect(x, path, rc < 0 ? M_NOTICE_PICTURE : M_NOTICE_CHANGED);
}

int page_sell_change(struct exchange *x) {
    struct market_products *found;
    struct offer_form offer = {0};
    struct form form = {0};
    int64_t id;

    int rc = access_check_origin(x);
    if (rc == 0)
        rc = open_own(x, &id, &found);
    if (rc != 0)
        return rc;
    rc = form_read(x, &form);
    if (rc == 0)
        rc = offer_form_read(&offer, &form);
    if (rc == 0)
        rc = offer.flaws.count > 0 ? show(x, &found->items[0], &offer, 422) : change(x, id, &offer, &form);
    offer_form_done(&offer);
    form_done(&form);
    market_free(found);
    return rc;
}

int page_sell_withdraw(struct exchange *x) {
    struct market_products *found;
    int64_t id;

    int rc = access_check_origin(x);
    if (rc == 0)
        rc = open_own(x, &id, &found);
    if (rc != 0)
        return rc;
    market_free(found);
    rc = store_product_withdraw(x->site->store, x->user->id, id);
    return rc < 0 ? rc : page_redirect(x, "/sell", M_NOTICE_WITHDRAWN);
}
