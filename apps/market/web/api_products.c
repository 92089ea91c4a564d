/* SPDX-License-Identifier: MIT */
/* api_products.c: /api/products and /api/products/{id}. */
#include "market/web/api.h"

#include "market/web/access.h"
#include "market/web/failure.h"
#include "market/web/money.h"
#include "market/web/site.h"
#include "market/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TITLE, DESCRIPTION, PRICE, STOCK, MEMBERS };

/* In the order of MARKET_SET_...: the flag of member i is 1 << i. */
#define OFFER_MEMBERS                                                                                                  \
    {                                                                                                                  \
        [TITLE] = {.name = "title", .type = JSON_MEMBER_STRING},                                                       \
        [DESCRIPTION] = {.name = "description", .type = JSON_MEMBER_STRING},                                           \
        [PRICE] = {.name = "price_minor", .type = JSON_MEMBER_INTEGER},                                                \
        [STOCK] = {.name = "stock", .type = JSON_MEMBER_INTEGER},                                                      \
    }

static struct market_change change_of(const struct json_member *members) {
    static const unsigned flags[MEMBERS] = {MARKET_SET_TITLE, MARKET_SET_DESCRIPTION, MARKET_SET_PRICE,
                                            MARKET_SET_STOCK};
    struct market_change change = {.to = {.title = members[TITLE].string,
                                          .description = members[DESCRIPTION].string,
                                          .price_minor = members[PRICE].integer,
                                          .stock = members[STOCK].integer}};

    for (int i = 0; i < MEMBERS; i++)
        if (members[i].present)
            change.set |= flags[i];
    return change;
}

static void put_product(struct json_writer *json, const struct market_product *product) {
    char path[64];

    json_open(json, NULL, '{');
    json_put_int(json, "id", product->id);
    json_put_string(json, "title", product->title);
    json_put_string(json, "description", product->description);
    json_put_int(json, "price_minor", product->price_minor);
    json_put_string(json, "currency", MONEY_CURRENCY);
    json_put_int(json, "stock", product->stock);
    json_open(json, "seller", '{');
    json_put_int(json, "id", product->seller_id);
    json_put_string(json, "name", product->seller);
    json_close(json, '}');
    snprintf(path, sizeof path, "/products/%" PRId64 "/picture", product->id);
    json_put_string(json, "picture", product->picture_id > 0 ? path : NULL);
    api_put_time(json, "created", product->created);
    json_close(json, '}');
}

int api_products_list(struct exchange *x) {
    struct market_query query = {.words = weir_http_request_query(x->request, "q")};
    struct json_writer json = json_writer_make(&x->out);
    struct market_products *found;
    int64_t page = 1, per_page = 20;

    if (query.words != NULL && utf8_length(query.words, strlen(query.words)) < 0)
        return exchange_fail_field(x, -WEB_EINVALID_UTF8, "q", "is not UTF-8");
    int rc = api_query_int(x, "page", 1, MARKET_PAGE_MAX, 1, &page);
    if (rc == 0)
        rc = api_query_int(x, "per_page", 1, MARKET_PER_PAGE_MAX, 20, &per_page);
    if (rc == 0)
        rc = api_query_sort(x, &query.sort);
    query.page = (unsigned)page;
    query.per_page = (unsigned)per_page;
    if (rc == 0)
        rc = store_products_find(x->site->store, &query, &found);
    if (rc < 0)
        return rc;

    api_open_list(&json, found->total, found->page, found->per_page);
    for (size_t i = 0; i < found->count; i++)
        put_product(&json, &found->items[i]);
    api_close_list(&json);
    market_free(found);
    return api_send(x, 200);
}

/* Answer with the article as it is now. */
static int send_product(struct exchange *x, int64_t id, int status) {
    struct json_writer json = json_writer_make(&x->out);
    struct market_products *found;

    int rc = store_product_get(x->site->store, id, &found);
    if (rc < 0)
        return rc;
    if (found->items[0].withdrawn)
        rc = -MARKET_ENOT_FOUND;
    else
        put_product(&json, &found->items[0]);
    market_free(found);
    return rc < 0 ? rc : api_send(x, status);
}

int api_product_get(struct exchange *x) {
    int64_t id;
    int rc = exchange_id(x, &id);
    return rc < 0 ? rc : send_product(x, id, 200);
}

int api_product_create(struct exchange *x) {
    struct json_member members[] = OFFER_MEMBERS;
    struct market_flaw flaw = {0};
    struct json_body body = {0};
    char path[64];
    int64_t id;

    int rc = access_need_writer(x);
    if (rc == 0)
        rc = api_read(x, &body, members, MEMBERS);
    members[DESCRIPTION].present |= rc == 0; /* may be left out */
    if (rc == 0)
        rc = api_need(x, members, MEMBERS);
    if (rc == 0) {
        struct market_change change = change_of(members);
        rc = store_product_add(x->site->store, x->user->id, &change.to, &id, &flaw);
    }
    if (rc == -MARKET_EINVALID)
        rc = exchange_fail_flaw(x, &flaw);
    json_body_done(&body);
    if (rc < 0)
        return rc;

    snprintf(path, sizeof path, "/api/products/%" PRId64, id);
    weir_http_reply_set_header(x->reply, "Location", path);
    return send_product(x, id, 201);
}

int api_product_change(struct exchange *x) {
    struct json_member members[] = OFFER_MEMBERS;
    struct market_flaw flaw = {0};
    struct json_body body = {0};
    int64_t id = 0;

    int rc = access_need_writer(x);
    if (rc == 0)
        rc = exchange_id(x, &id);
    if (rc == 0)
        rc = api_read(x, &body, members, MEMBERS);
    if (rc == 0) {
        struct market_change change = change_of(members);
        rc = store_product_change(x->site->store, x->user->id, id, &change, &flaw);
    }
    if (rc == -MARKET_EINVALID)
        rc = exchange_fail_flaw(x, &flaw);
    json_body_done(&body);
    return rc < 0 ? rc : send_product(x, id, 200);
}

int api_product_withdraw(struct exchange *x) {
    int64_t id = 0;

    int rc = access_need_writer(x);
    if (rc == 0)
        rc = exchange_id(x, &id);
    if (rc == 0)
        rc = store_product_withdraw(x->site->store, x->user->id, id);
    return rc < 0 ? rc : exchange_send_empty(x, 204);
}
