/* SPDX-License-Identifier: MIT */
/* page_product.h: an article's page, also with what was wrong about buying it. */
#ifndef MARKET_WEB_PAGE_PRODUCT_H
#define MARKET_WEB_PAGE_PRODUCT_H

#include "market/web/field.h"

/** @param flaws, quantity  of the form that was sent; NULL for a fresh one */
int page_product_show(struct exchange *x, int64_t id, int status, const struct form_flaws *flaws,
                      const char *quantity) WEIR_MUST_CHECK;

#endif
