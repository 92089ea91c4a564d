/* SPDX-License-Identifier: MIT */
/* page_failure.c: pages about failures, and /problems/{code}, which explains what the JSON interface's `type` names. */
#include "market/web/page.h"

#include "market/web/access.h"

/* A page about a failure must not fail itself. Who looks is asked only where nothing is wrong on our side; if that
 * cannot be told, the page is as for anybody. */
static void look(struct exchange *x, int status) {
    if (status >= 500 || *weir_http_request_method(x->request) == '\0')
        return;
    int rc = access_look(x);
    if (rc < 0)
        x->user = NULL;
}

int page_failure(struct exchange *x, const struct failure *failure, int status, const char *detail) {
    struct page page = {.title = exchange_text(x, failure->heading)};

    look(x, status);
    page_begin(x, &page);
    html_printf(&x->out,
                "<div class=\"failure\">\n<p class=\"status\" aria-hidden=\"true\">%d</p>\n<h1>%s</h1>\n<p>%s</p>\n",
                status, page.title, exchange_text(x, failure->text));
    if (detail != NULL)
        html_printf(&x->out, "<p class=\"detail\" lang=\"en\">%s</p>\n", detail);
    html_printf(&x->out, "<p><a class=\"button\" href=\"/\">%s</a></p>\n</div>\n", exchange_text(x, M_SHOW_ALL));
    return page_end(x, status);
}

int page_problem(struct exchange *x) {
    const struct failure *failure = failure_named(weir_http_request_param(x->request, "code"));
    struct page page;

    if (failure == NULL)
        return -MARKET_ENOT_FOUND;
    int rc = page_visit(x);
    if (rc < 0)
        return rc;
    page = (struct page){.title = failure->name};
    page_begin(x, &page);
    html_printf(&x->out,
                "<div class=\"narrow\">\n<h1><code>%s</code></h1>\n<p lang=\"en\">%s.</p>\n<p>%s</p>\n"
                "<p>HTTP %d</p>\n</div>\n",
                failure->name, failure->title, exchange_text(x, failure->text), failure->status);
    return page_end(x, 200);
}
