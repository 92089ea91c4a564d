/* SPDX-License-Identifier: MIT */
/* routes.c: every address of market. */
#include "market/web/api.h"
#include "market/web/form.h"
#include "market/web/page.h"
#include "market/web/route.h"

/* A picture of 5 MB takes its time on a telephone. */
enum { UPLOAD_SECONDS = 120 };

static const struct route routes[] = {
    {"GET", "/", page_home, 0, 0},
    {"GET", "/products/{id}", page_product, 0, 0},
    {"GET", "/products/{id}/picture", page_picture, 0, UPLOAD_SECONDS *WEIR_SEC},
    {"GET", "/sell", page_sell, 0, 0},
    {"POST", "/sell", page_sell_publish, FORM_BODY_BYTES_MAX, UPLOAD_SECONDS *WEIR_SEC},
    {"GET", "/sell/{id}", page_sell_one, 0, 0},
    {"POST", "/sell/{id}", page_sell_change, FORM_BODY_BYTES_MAX, UPLOAD_SECONDS *WEIR_SEC},
    {"POST", "/sell/{id}/withdraw", page_sell_withdraw, 0, 0},
    {"GET", "/register", page_register, 0, 0},
    {"POST", "/register", page_register_submit, 0, 0},
    {"GET", "/login", page_login, 0, 0},
    {"POST", "/login", page_login_submit, 0, 0},
    {"POST", "/logout", page_logout, 0, 0},
    {"GET", "/orders", page_orders, 0, 0},
    {"POST", "/orders", page_order_submit, 0, 0},
    {"GET", "/orders/{id}", page_order, 0, 0},
    {"POST", "/language", page_language, 0, 0},
    {"GET", "/assets/{name}", page_asset, 0, 0},
    {"GET", "/problems/{code}", page_problem, 0, 0},

    {"POST", "/api/users", api_user_create, 0, 0},
    {"POST", "/api/sessions", api_session_create, 0, 0},
    {"DELETE", "/api/sessions", api_session_delete, 0, 0},
    {"GET", "/api/products", api_products_list, 0, 0},
    {"POST", "/api/products", api_product_create, 0, 0},
    {"GET", "/api/products/{id}", api_product_get, 0, 0},
    {"PATCH", "/api/products/{id}", api_product_change, 0, 0},
    {"DELETE", "/api/products/{id}", api_product_withdraw, 0, 0},
    {"PUT", "/api/products/{id}/picture", api_picture_put, MARKET_PICTURE_BYTES_MAX, UPLOAD_SECONDS *WEIR_SEC},
    {"POST", "/api/orders", api_order_create, 0, 0},
    {"GET", "/api/orders", api_orders_list, 0, 0},
    {"GET", "/api/orders/{id}", api_order_get, 0, 0},
    {"GET", "/healthz", health_live, 0, 0},
    {"GET", "/readyz", health_ready, 0, 0},
    {"GET", "/metrics", health_metrics, 0, 0},
};

void routes_add(weir_http_router *router, struct site *site) {
    routes_bind(router, site, routes, sizeof routes / sizeof routes[0]);
}
