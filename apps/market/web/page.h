/* SPDX-License-Identifier: MIT */
/* page.h: the pages: what they share, and their handlers, one file a page. No page needs a script.
 * A page first learns who looks (page_visit), then writes page_begin, its own part, page_end. */
#ifndef MARKET_WEB_PAGE_H
#define MARKET_WEB_PAGE_H

#include "market/web/exchange.h"
#include "market/web/failure.h"
#include "market/web/html.h"

enum section { SECTION_NONE, SECTION_BROWSE, SECTION_SELL, SECTION_ORDERS, SECTION_ACCOUNT };

struct page {
    const char *title; /* of the document, in the visitor's language; the site's name follows */
    enum section section;
    const char *words; /* what the search field holds; NULL: nothing */
};

/** Find out who looks. @return 0; as access_look */
int page_visit(struct exchange *x) WEIR_MUST_CHECK;

/** As page_visit; who is not logged in is sent to log in first, and comes back to `path`. @return 1 answered so; 0 */
int page_visit_user(struct exchange *x, const char *path) WEIR_MUST_CHECK;

void page_begin(struct exchange *x, const struct page *page);
int page_end(struct exchange *x, int status) WEIR_MUST_CHECK;

/** Answer with a page about a failure. @param detail  in English, for who can read it; NULL: none */
int page_failure(struct exchange *x, const struct failure *failure, int status, const char *detail) WEIR_MUST_CHECK;

/** Go on to a path of ours, where the notice is shown once. @param notice  M_NOTICE_... */
int page_redirect(struct exchange *x, const char *path, enum message notice) WEIR_MUST_CHECK;

/** Append a message whose "{}" are replaced by the arguments, in order; those are escaped. NULL ends them early. */
void page_message(struct exchange *x, enum message message, const char *first, const char *second);

/** Append `&amp;name=value`, both percent-encoded, or `?name=value` when it is the first. */
void page_put_query(struct exchange *x, bool *is_first, const char *name, const char *value);

handler_fn page_home, page_product, page_picture, page_asset, page_problem;
handler_fn page_sell, page_sell_publish, page_sell_one, page_sell_change, page_sell_withdraw;
handler_fn page_register, page_register_submit, page_login, page_login_submit, page_logout;
handler_fn page_orders, page_order, page_order_submit, page_language;

#endif
