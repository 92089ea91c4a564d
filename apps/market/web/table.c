/* SPDX-License-Identifier: MIT */
/* table.c: what is the same around the rows of every table. */
#include "market/web/table.h"

#include "market/web/html.h"

void table_open(struct exchange *x, const enum message *labels, size_t count, bool last_is_unseen) {
    text_puts(&x->out, "<table role=\"table\">\n<thead role=\"rowgroup\"><tr role=\"row\">");
    for (size_t i = 0; i < count; i++) {
        bool is_unseen = last_is_unseen && i + 1 == count;
        text_puts(&x->out, "<th scope=\"col\" role=\"columnheader\">");
        html_printf(&x->out, is_unseen ? "<span class=\"unseen\">%s</span></th>" : "%s</th>",
                    exchange_text(x, labels[i]));
    }
    text_puts(&x->out, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

void table_close(struct exchange *x) { text_puts(&x->out, "</tbody>\n</table>\n"); }
