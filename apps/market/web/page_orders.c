/* SPDX-License-Identifier: MIT */
/* page_orders.c: /orders: buy (POST), and see what one has bought. */
#include "market/web/page.h"

#include "market/web/access.h"
#include "market/web/card.h"
#include "market/web/field.h"
#include "market/web/form.h"
#include "market/web/page_product.h"
#include "market/web/pager.h"
#include "market/web/site.h"
#include "market/web/table.h"
#include "market/web/timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PER_PAGE = 20 };

static void put_time(struct exchange *x, weir_wall wall) {
    char machine[TIMESTAMP_BYTES], words[TIMESTAMP_BYTES];
    html_printf(&x->out, "<time datetime=\"%s\">%s</time>", timestamp_format(machine, wall),
                timestamp_format_words(words, wall, x->language));
}

static enum message status_words(const char *status) {
    return strcmp(status, "imported") == 0 ? M_STATUS_IMPORTED : M_STATUS_CONFIRMED;
}

static void put_number(struct exchange *x, const struct market_order *order) {
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, order->id);
    page_message(x, M_ORDER_NUMBER, number, NULL);
}

static void put_row(struct exchange *x, const struct market_order *order) {
    html_printf(&x->out, "<tr role=\"row\">\n<th scope=\"row\" role=\"rowheader\"><a href=\"/orders/%ld\">",
                (long)order->id);
    put_number(x, order);
    html_printf(&x->out, "</a></th>\n<td role=\"cell\" data-label=\"%s\">", exchange_text(x, M_DATE));
    put_time(x, order->created);
    html_printf(&x->out, "</td>\n<td role=\"cell\" data-label=\"%s\">", exchange_text(x, M_ARTICLE));
    if (order->line_count > 0)
        html_printf(&x->out, "%s", order->lines[0].title);
    if (order->line_count > 1)
        html_printf(&x->out, " +%zu", order->line_count - 1);
    html_printf(&x->out, "</td>\n<td role=\"cell\" data-label=\"%s\">", exchange_text(x, M_TOTAL));
    card_put_price(x, order->total_minor);
    text_puts(&x->out, "</td>\n</tr>\n");
}

static void put_page_link(struct exchange *x, const void *arg, unsigned page) {
    (void)arg;
    text_printf(&x->out, "/orders?page=%u", page);
}

static void put_list(struct exchange *x, const struct market_orders *orders) {
    static const enum message columns[] = {M_ORDER, M_DATE, M_ARTICLE, M_TOTAL};

    html_printf(&x->out, "<h1>%s</h1>\n", exchange_text(x, M_ORDERS_TITLE));
    if (orders->count == 0) {
        html_printf(&x->out,
                    "<div class=\"empty\">\n<h2>%s</h2>\n<p>%s</p>\n<p><a class=\"button\" href=\"/\">%s</a></p>\n"
                    "</div>\n",
                    exchange_text(x, M_NO_ORDERS), exchange_text(x, M_NO_ORDERS_TEXT), exchange_text(x, M_SHOW_ALL));
        return;
    }
    table_open(x, columns, sizeof columns / sizeof columns[0], false);
    for (size_t i = 0; i < orders->count; i++)
        put_row(x, &orders->items[i]);
    table_close(x);
}

int page_orders(struct exchange *x) {
    struct page page = {.title = exchange_text(x, M_ORDERS_TITLE), .section = SECTION_ORDERS};
    const char *text = weir_http_request_query(x->request, "page");
    struct market_orders *orders;
    int64_t number = 1;

    int rc = page_visit_user(x, "/orders");
    if (rc != 0)
        return rc;
    if (text != NULL && exchange_parse_int(text, 1, MARKET_PAGE_MAX, &number) < 0)
        number = 1;
    rc = store_orders_find(x->site->store, x->user->id, (unsigned)number, PER_PAGE, &orders);
    if (rc < 0)
        return rc;
    page_begin(x, &page);
    put_list(x, orders);
    pager_put(x, orders->page, orders->per_page, orders->total, put_page_link, NULL);
    market_free(orders);
    return page_end(x, 200);
}

static void put_lines(struct exchange *x, const struct market_order *order) {
    static const enum message columns[] = {M_ARTICLE, M_QUANTITY, M_EACH, M_SUM};

    table_open(x, columns, sizeof columns / sizeof columns[0], false);
    for (size_t i = 0; i < order->line_count; i++) {
        const struct market_order_line *line = &order->lines[i];
        html_printf(&x->out,
                    "<tr role=\"row\">\n<th scope=\"row\" role=\"rowheader\"><a "
                    "href=\"/products/%ld\">%s</a></th>\n<td role=\"cell\" data-label=\"%s\">%ld</td>\n"
                    "<td role=\"cell\" data-label=\"%s\">",
                    (long)line->product_id, line->title, exchange_text(x, M_QUANTITY), (long)line->quantity,
                    exchange_text(x, M_EACH));
        card_put_price(x, line->price_minor);
        html_printf(&x->out, "</td>\n<td role=\"cell\" data-label=\"%s\">", exchange_text(x, M_SUM));
        card_put_price(x, line->price_minor * line->quantity);
        text_puts(&x->out, "</td>\n</tr>\n");
    }
    html_printf(&x->out,
                "</tbody>\n<tfoot role=\"rowgroup\"><tr role=\"row\"><th scope=\"row\" role=\"rowheader\" "
                "colspan=\"3\">%s</th><td role=\"cell\">",
                exchange_text(x, M_TOTAL));
    card_put_price(x, order->total_minor);
    text_puts(&x->out, "</td></tr></tfoot>\n</table>\n");
}

int page_order(struct exchange *x) {
    struct page page = {.title = exchange_text(x, M_ORDER), .section = SECTION_ORDERS};
    struct market_orders *orders;
    char path[48];
    int64_t id;

    int rc = exchange_id(x, &id);
    if (rc < 0)
        return rc;
    snprintf(path, sizeof path, "/orders/%" PRId64, id);
    rc = page_visit_user(x, path);
    if (rc != 0)
        return rc;
    rc = store_order_get(x->site->store, x->user->id, id, &orders);
    if (rc < 0)
        return rc;

    page_begin(x, &page);
    html_printf(&x->out, "<p class=\"back\"><a href=\"/orders\">%s</a></p>\n<article class=\"receipt\">\n<h1>",
                exchange_text(x, M_ORDERS_TITLE));
    put_number(x, &orders->items[0]);
    html_printf(&x->out, "</h1>\n<p class=\"facts\"><span class=\"stock\">%s</span> ",
                exchange_text(x, status_words(orders->items[0].status)));
    put_time(x, orders->items[0].created);
    text_puts(&x->out, "</p>\n");
    put_lines(x, &orders->items[0]);
    text_puts(&x->out, "</article>\n");
    market_free(orders);
    return page_end(x, 200);
}

/* Show the article again with what was wrong about buying it; what the visitor cannot mend fails the request. */
static int explain(struct exchange *x, int rc, int64_t product_id, const char *quantity) {
    struct form_flaws flaws = {0};

    switch (rc) {
    case -MARKET_EOUT_OF_STOCK:
        form_flaws_add(&flaws, "quantity", M_FLAW_OUT_OF_STOCK, 0);
        break;
    case -MARKET_EINVALID:
        form_flaws_add(&flaws, "quantity", M_FLAW_WHOLE_FROM_ONE, 0);
        break;
    default:
        return rc;
    }
    return page_product_show(x, product_id, rc == -MARKET_EINVALID ? 422 : 409, &flaws, quantity);
}

static int buy(struct exchange *x, const struct form *form) {
    const char *key = form_get(form, "key"), *typed = form_get(form, "quantity");
    int64_t product_id, quantity;
    struct market_orders *orders;
    bool again = false;
    char path[48];

    if (exchange_parse_int(form_get(form, "product_id"), 1, INT64_MAX, &product_id) < 0)
        return -MARKET_ENOT_FOUND;
    snprintf(path, sizeof path, "/products/%" PRId64, product_id);
    int rc = page_visit_user(x, path);
    if (rc != 0)
        return rc;
    if (exchange_parse_int(typed, 1, MARKET_QUANTITY_MAX, &quantity) < 0)
        return explain(x, -MARKET_EINVALID, product_id, typed);
    if (market_key_check(key, NULL) < 0)
        return weir_fail(-WEB_EBAD_FORM, "the form's key is missing");

    rc = store_order_place(x->site->store, x->user->id, product_id, quantity, key, &orders, &again, NULL);
    site_count_order(x->site, rc, again);
    if (rc < 0)
        return explain(x, rc, product_id, typed);
    snprintf(path, sizeof path, "/orders/%" PRId64, orders->items[0].id);
    market_free(orders);
    return page_redirect(x, path, again ? M_NOTICE_BOUGHT_BEFORE : M_NOTICE_BOUGHT);
}

int page_order_submit(struct exchange *x) {
    struct form form = {0};

    int rc = form_read(x, &form);
    if (rc == 0)
        rc = buy(x, &form);
    form_done(&form);
    return rc;
}
