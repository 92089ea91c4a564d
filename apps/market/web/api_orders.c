/* SPDX-License-Identifier: MIT */
/* api_orders.c: /api/orders and /api/orders/{id}: the caller's own alone. */
#include "market/web/api.h"

#include "market/web/access.h"
#include "market/web/failure.h"
#include "market/web/money.h"
#include "market/web/site.h"

static void put_order(struct json_writer *json, const struct market_order *order) {
    json_open(json, NULL, '{');
    json_put_int(json, "id", order->id);
    json_put_string(json, "status", order->status);
    json_put_int(json, "total_minor", order->total_minor);
    json_put_string(json, "currency", MONEY_CURRENCY);
    api_put_time(json, "created", order->created);
    json_open(json, "lines", '[');
    for (size_t i = 0; i < order->line_count; i++) {
        json_open(json, NULL, '{');
        json_put_int(json, "product_id", order->lines[i].product_id);
        json_put_string(json, "title", order->lines[i].title);
        json_put_int(json, "price_minor", order->lines[i].price_minor);
        json_put_int(json, "quantity", order->lines[i].quantity);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_close(json, '}');
}

/* The one order of `orders`, which is freed. */
static int send_order(struct exchange *x, struct market_orders *orders, int status) {
    struct json_writer json = json_writer_make(&x->out);

    put_order(&json, &orders->items[0]);
    market_free(orders);
    return api_send(x, status);
}

static int place(struct exchange *x, const char *key, int64_t product_id, int64_t quantity,
                 struct market_orders **ret_orders) {
    struct market_flaw flaw = {0};
    bool again = false;

    int rc = store_order_place(x->site->store, x->user->id, product_id, quantity, key, ret_orders, &again, &flaw);
    if (rc == -MARKET_EINVALID)
        return exchange_fail_flaw(x, &flaw);
    site_count_order(x->site, rc, again);
    return rc;
}

int api_order_create(struct exchange *x) {
    struct json_member members[] = {{.name = "product_id", .type = JSON_MEMBER_INTEGER},
                                    {.name = "quantity", .type = JSON_MEMBER_INTEGER}};
    const char *key = weir_http_request_header(x->request, "Idempotency-Key");
    struct market_orders *orders;
    struct json_body body = {0};

    int rc = access_need_writer(x);
    if (rc == 0 && key == NULL)
        rc = weir_fail(-WEB_EKEY_REQUIRED, "send Idempotency-Key: a value of your own, new for each order");
    if (rc == 0)
        rc = api_read(x, &body, members, 2);
    if (rc == 0)
        rc = api_need(x, members, 2);
    json_body_done(&body);
    if (rc == 0)
        rc = place(x, key, members[0].integer, members[1].integer, &orders);
    return rc < 0 ? rc : send_order(x, orders, 201);
}

int api_orders_list(struct exchange *x) {
    struct json_writer json = json_writer_make(&x->out);
    struct market_orders *orders;
    int64_t page = 1, per_page = 20;

    int rc = access_need_user(x);
    if (rc == 0)
        rc = api_query_int(x, "page", 1, MARKET_PAGE_MAX, 1, &page);
    if (rc == 0)
        rc = api_query_int(x, "per_page", 1, MARKET_PER_PAGE_MAX, 20, &per_page);
    if (rc == 0)
        rc = store_orders_find(x->site->store, x->user->id, (unsigned)page, (unsigned)per_page, &orders);
    if (rc < 0)
        return rc;

    api_open_list(&json, orders->total, orders->page, orders->per_page);
    for (size_t i = 0; i < orders->count; i++)
        put_order(&json, &orders->items[i]);
    api_close_list(&json);
    market_free(orders);
    return api_send(x, 200);
}

int api_order_get(struct exchange *x) {
    struct market_orders *orders;
    int64_t id = 0;

    int rc = access_need_user(x);
    if (rc == 0)
        rc = exchange_id(x, &id);
    if (rc == 0)
        rc = store_order_get(x->site->store, x->user->id, id, &orders);
    return rc < 0 ? rc : send_order(x, orders, 200);
}
