/* SPDX-License-Identifier: MIT */
/* api.h: the JSON interface: what its handlers share, and the handlers themselves, one file a noun. */
#ifndef MARKET_WEB_API_H
#define MARKET_WEB_API_H

#include "market/web/exchange.h"
#include "market/web/json_read.h"
#include "market/web/json_write.h"

/**
 * Read the body: a JSON object of these members, and no others.
 * @param body  to be given to json_body_done in every case
 * @return 0; 415, 400, 413, 422 as a code of failure.h
 */
int api_read(struct exchange *x, struct json_body *body, struct json_member *members, size_t count) WEIR_MUST_CHECK;

/** The first of the members that is missing. @return 0; -WEB_EMISSING_FIELD */
int api_need(struct exchange *x, const struct json_member *members, size_t count) WEIR_MUST_CHECK;

/** A number of the query within bounds, `otherwise` when it is not there. @return 0; -WEB_EINVALID_FIELD */
int api_query_int(struct exchange *x, const char *name, int64_t min, int64_t max, int64_t otherwise,
                  int64_t *ret_value) WEIR_MUST_CHECK;

/** `sort` of the query. @return 0; -WEB_EINVALID_FIELD */
int api_query_sort(struct exchange *x, enum market_sort *ret_sort) WEIR_MUST_CHECK;

/** Send x->out as JSON. */
int api_send(struct exchange *x, int status);

/** A wall time as JSON has it: "2026-11-20T06:49:00Z". */
void api_put_time(struct json_writer *json, const char *key, weir_wall wall);

/** `{"total":…,"page":…,"per_page":…,"items":[`, left open. */
void api_open_list(struct json_writer *json, int64_t total, unsigned page, unsigned per_page);
void api_close_list(struct json_writer *json);

handler_fn api_user_create;
handler_fn api_session_create, api_session_delete;
handler_fn api_products_list, api_product_create, api_product_get, api_product_change, api_product_withdraw;
handler_fn api_picture_put;
handler_fn api_order_create, api_orders_list, api_order_get;
handler_fn health_live, health_ready, health_metrics;

#endif
