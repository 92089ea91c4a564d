/* SPDX-License-Identifier: MIT */
/* pager.c: "previous, page 2 of 9, next". */
#include "market/web/pager.h"

#include <stdio.h>

static void put_step(struct exchange *x, pager_link_fn *link, const void *arg, unsigned page, const char *rel,
                     enum message label) {
    html_printf(&x->out, "<a class=\"button quiet\" rel=\"%s\" href=\"", rel);
    link(x, arg, page);
    html_printf(&x->out, "\">%s</a>\n", exchange_text(x, label));
}

void pager_put(struct exchange *x, unsigned page, unsigned per_page, int64_t total, pager_link_fn *link,
               const void *arg) {
    unsigned last = (unsigned)((total + per_page - 1) / per_page);
    char here[16], end[16];

    if (last <= 1 && page <= 1)
        return;
    snprintf(here, sizeof here, "%u", page);
    snprintf(end, sizeof end, "%u", last);
    html_printf(&x->out, "<nav class=\"pager\" aria-label=\"%s\">\n", exchange_text(x, M_PAGER_LABEL));
    if (page > 1)
        put_step(x, link, arg, page <= last ? page - 1 : last > 0 ? last : 1, "prev", M_PREVIOUS);
    text_puts(&x->out, "<span>");
    page_message(x, M_PAGE_OF, here, end);
    text_puts(&x->out, "</span>\n");
    if (page < last)
        put_step(x, link, arg, page + 1, "next", M_NEXT);
    text_puts(&x->out, "</nav>\n");
}
