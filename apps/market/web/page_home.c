/* SPDX-License-Identifier: MIT */
/* page_home.c: the catalogue: browse, search, sort, turn pages. */
#include "market/web/page.h"

#include "market/number.h"
#include "market/utf8.h"
#include "market/web/card.h"
#include "market/web/pager.h"
#include "market/web/site.h"
#include "market/web/sorts.h"

#include <stdio.h>
#include <string.h>

enum { PER_PAGE = 24 };

/* Addresses are typed and edited by people: what makes no sense is read as if it were not there. */
static struct market_query read_query(struct exchange *x) {
    const char *page = weir_http_request_query(x->request, "page"), *words = weir_http_request_query(x->request, "q");
    struct market_query query = {.per_page = PER_PAGE, .page = 1, .sort = MARKET_SORT_BEST};
    int64_t number;

    if (page != NULL && exchange_parse_int(page, 1, MARKET_PAGE_MAX, &number) == 0)
        query.page = (unsigned)number;
    if (words != NULL && words[strspn(words, " \t\r\n")] != '\0' && utf8_length(words, strlen(words)) >= 0)
        query.words = words;
    sort_from_name(weir_http_request_query(x->request, "sort"), &query.sort);
    if (query.words == NULL && query.sort == MARKET_SORT_BEST)
        query.sort = MARKET_SORT_NEWEST;
    return query;
}

static void put_link_query(struct exchange *x, const struct market_query *query, enum market_sort sort, unsigned page) {
    bool is_first = true;
    char number[16];

    text_puts(&x->out, "/");
    if (query->words != NULL)
        page_put_query(x, &is_first, "q", query->words);
    if (sort != (query->words == NULL ? MARKET_SORT_NEWEST : MARKET_SORT_BEST))
        page_put_query(x, &is_first, "sort", sort_name(sort));
    snprintf(number, sizeof number, "%u", page);
    if (page > 1)
        page_put_query(x, &is_first, "page", number);
}

static void put_sorts(struct exchange *x, const struct market_query *query) {
    static const struct {
        enum market_sort sort;
        enum message label;
    } sorts[] = {{MARKET_SORT_BEST, M_SORT_BEST},
                 {MARKET_SORT_NEWEST, M_SORT_NEWEST},
                 {MARKET_SORT_CHEAP, M_SORT_CHEAP},
                 {MARKET_SORT_DEAR, M_SORT_DEAR}};

    html_printf(&x->out, "<nav class=\"sorts\" aria-label=\"%s\">\n<ul>\n", exchange_text(x, M_SORT_LABEL));
    for (size_t i = query->words == NULL ? 1 : 0; i < sizeof sorts / sizeof sorts[0]; i++) {
        text_puts(&x->out, "<li><a href=\"");
        put_link_query(x, query, sorts[i].sort, 1);
        text_puts(&x->out, sorts[i].sort == query->sort ? "\" aria-current=\"true\">" : "\">");
        html_printf(&x->out, "%s</a></li>\n", exchange_text(x, sorts[i].label));
    }
    text_puts(&x->out, "</ul>\n</nav>\n");
}

static void put_heading(struct exchange *x, const struct market_query *query, const struct market_products *found) {
    char count[NUMBER_TEXT_BYTES];

    number_format(count, (uint64_t)found->total);
    text_puts(&x->out, "<div class=\"heading\">\n<h1>");
    if (query->words != NULL)
        page_message(x, M_RESULTS_FOR, query->words, NULL);
    else
        html_printf(&x->out, "%s", exchange_text(x, M_HOME_HEADING));
    text_puts(&x->out, "</h1>\n<p class=\"count\">");
    page_message(x, found->total == 1 ? M_ONE_ARTICLE : M_ARTICLES, count, NULL);
    text_puts(&x->out, "</p>\n</div>\n");
}

static void put_nothing(struct exchange *x, const struct market_query *query) {
    html_printf(&x->out,
                "<div class=\"empty\">\n<h2>%s</h2>\n<p>%s</p>\n<p><a class=\"button\" "
                "href=\"%s\">%s</a></p>\n</div>\n",
                exchange_text(x, query->words == NULL ? M_EMPTY_MARKET : M_NO_RESULTS),
                exchange_text(x, query->words == NULL ? M_EMPTY_MARKET_TEXT : M_NO_RESULTS_TEXT),
                query->words == NULL ? "/sell" : "/",
                exchange_text(x, query->words == NULL ? M_SELL_FIRST : M_SHOW_ALL));
}

static void put_page_link(struct exchange *x, const void *arg, unsigned page) {
    const struct market_query *query = arg;
    put_link_query(x, query, query->sort, page);
}

int page_home(struct exchange *x) {
    struct market_query query = read_query(x);
    struct page page = {.title = query.words == NULL ? exchange_text(x, M_HOME_TITLE) : query.words,
                        .section = SECTION_BROWSE,
                        .words = query.words};
    struct market_products *found;

    int rc = page_visit(x);
    if (rc == 0)
        rc = store_products_find(x->site->store, &query, &found);
    if (rc < 0)
        return rc;

    page_begin(x, &page);
    put_heading(x, &query, found);
    if (found->total > 0)
        put_sorts(x, &query);
    if (found->count == 0)
        put_nothing(x, &query);
    else
        text_puts(&x->out, "<ul class=\"cards\">\n");
    for (size_t i = 0; i < found->count; i++)
        card_put(x, &found->items[i]);
    if (found->count > 0)
        text_puts(&x->out, "</ul>\n");
    pager_put(x, found->page, found->per_page, found->total, put_page_link, &query);
    market_free(found);
    return page_end(x, 200);
}
