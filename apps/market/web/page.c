/* SPDX-License-Identifier: MIT */
/* page.c: the frame of every page: head, banner, notice, footer. */
#include "market/web/page.h"

#include "market/web/access.h"
#include "market/web/assets.h"
#include "market/web/notice.h"
#include "market/web/site.h"

#include <stdio.h>
#include <string.h>

int page_visit(struct exchange *x) { return access_look(x); }

int page_visit_user(struct exchange *x, const char *path) {
    char to[256];

    int rc = access_look(x);
    if (rc < 0 || x->user != NULL)
        return rc;
    snprintf(to, sizeof to, "/login?next=%s", path); /* paths of ours need no encoding */
    rc = page_redirect(x, to, M_NOTICE_LOGIN_FIRST);
    return rc < 0 ? rc : 1;
}

void page_message(struct exchange *x, enum message message, const char *first, const char *second) {
    const char *text = exchange_text(x, message);
    const char *arguments[] = {first, second}, *hole;

    for (size_t i = 0; i < 2 && arguments[i] != NULL && (hole = strstr(text, "{}")) != NULL; i++) {
        html_escape(&x->out, text, (size_t)(hole - text));
        html_escape(&x->out, arguments[i], strlen(arguments[i]));
        text = hole + 2;
    }
    html_escape(&x->out, text, strlen(text));
}

/* Percent-encoded, so that it is as safe in a quoted attribute as in an address. */
static void put_encoded(struct text *out, const char *text) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (; *text != '\0'; text++) {
        if (strchr(plain, *text) != NULL)
            text_putc(out, *text);
        else
            text_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
    }
}

void page_put_query(struct exchange *x, bool *is_first, const char *name, const char *value) {
    text_puts(&x->out, *is_first ? "?" : "&amp;");
    *is_first = false;
    put_encoded(&x->out, name); /* of a visitor's address it can be anything too */
    text_putc(&x->out, '=');
    put_encoded(&x->out, value);
}

static void put_head(struct exchange *x, const char *title) {
    html_printf(&x->out,
                "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n"
                "<title>%s · %s</title>\n"
                "<link rel=\"stylesheet\" href=\"%s\">\n"
                "<link rel=\"icon\" href=\"%s\" type=\"image/svg+xml\">\n</head>\n<body>\n",
                language_tag(x->language), title, exchange_text(x, M_SITE_NAME), assets_path(ASSET_STYLE),
                assets_path(ASSET_ICON));
}

static void put_link(struct exchange *x, const char *path, enum message label, bool is_here) {
    html_printf(&x->out, "<li><a href=\"%s\"", path);
    text_puts(&x->out, is_here ? " aria-current=\"page\">" : ">");
    html_printf(&x->out, "%s</a></li>\n", exchange_text(x, label));
}

static void put_account(struct exchange *x, enum section section) {
    if (x->user == NULL) {
        put_link(x, "/login", M_LOG_IN, section == SECTION_ACCOUNT);
        return;
    }
    html_printf(&x->out,
                "<li class=\"who\"><span class=\"who-name\">%s</span>\n"
                "<form method=\"post\" action=\"/logout\"><button class=\"link\">%s</button></form></li>\n",
                x->user->name, exchange_text(x, M_LOG_OUT));
}

static void put_banner(struct exchange *x, const struct page *page) {
    html_printf(&x->out, "<a class=\"skip\" href=\"#main\">%s</a>\n<header class=\"banner\">\n<div class=\"bar\">\n",
                exchange_text(x, M_SKIP));
    html_printf(&x->out,
                "<a class=\"brand\" href=\"/\"><img src=\"%s\" alt=\"\" width=\"36\" "
                "height=\"36\"><span>%s</span></a>\n",
                assets_path(ASSET_ICON), exchange_text(x, M_SITE_NAME));
    html_printf(&x->out,
                "<form class=\"search\" role=\"search\" action=\"/\">\n"
                "<label class=\"unseen\" for=\"q\">%s</label>\n"
                "<input id=\"q\" name=\"q\" type=\"search\" value=\"%s\" placeholder=\"%s\" maxlength=\"200\" "
                "autocomplete=\"off\">\n<button>%s</button>\n</form>\n",
                exchange_text(x, M_SEARCH_LABEL), page->words == NULL ? "" : page->words,
                exchange_text(x, M_SEARCH_HINT), exchange_text(x, M_SEARCH));
    html_printf(&x->out, "<nav aria-label=\"%s\">\n<ul>\n", exchange_text(x, M_NAV_LABEL));
    put_link(x, "/sell", M_SELL, page->section == SECTION_SELL);
    put_link(x, "/orders", M_ORDERS, page->section == SECTION_ORDERS);
    put_account(x, page->section);
    text_puts(&x->out, "</ul>\n</nav>\n</div>\n<div class=\"awning\"></div>\n</header>\n");
}

void page_begin(struct exchange *x, const struct page *page) {
    enum message notice;

    text_clear(&x->out);
    put_head(x, page->title);
    put_banner(x, page);
    text_puts(&x->out, "<main id=\"main\" tabindex=\"-1\">\n");
    if (notice_take(x, &notice))
        html_printf(&x->out, "<p class=\"notice\" role=\"status\">%s</p>\n", exchange_text(x, notice));
}

/* Where the language switch comes back to: only what was asked for with GET can be asked for again. */
static void put_next(struct exchange *x) {
    const char *method = weir_http_request_method(x->request), *name, *value;
    const weir_http_fields *fields = weir_http_request_query_fields(x->request);
    bool is_first = true;
    size_t cursor = 0;

    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        text_puts(&x->out, "/");
        return;
    }
    html_printf(&x->out, "%s", weir_http_request_path(x->request));
    while (weir_http_fields_next(fields, &cursor, &name, &value))
        page_put_query(x, &is_first, name, value);
}

static void put_footer(struct exchange *x) {
    html_printf(&x->out, "<footer>\n<div class=\"bar\">\n<p>%s</p>\n", exchange_text(x, M_FOOTER));
    html_printf(&x->out, "<form class=\"languages\" method=\"post\" action=\"/language\" aria-label=\"%s\">\n",
                exchange_text(x, M_LANGUAGE_LABEL));
    text_puts(&x->out, "<input type=\"hidden\" name=\"next\" value=\"");
    put_next(x);
    text_puts(&x->out, "\">\n");
    for (int i = 0; i < LANGUAGE_COUNT; i++)
        html_printf(&x->out, "<button name=\"lang\" value=\"%s\" lang=\"%s\" aria-pressed=\"%s\">%s</button>\n",
                    language_code((enum language)i), language_tag((enum language)i),
                    i == (int)x->language ? "true" : "false", message_text(M_LANGUAGE_NAME, (enum language)i));
    text_puts(&x->out, "</form>\n</div>\n</footer>\n");
}

int page_end(struct exchange *x, int status) {
    text_puts(&x->out, "</main>\n");
    put_footer(x);
    text_puts(&x->out, "</body>\n</html>\n");
    weir_http_reply_set_header(x->reply, "Content-Language", language_tag(x->language));
    weir_http_reply_set_header(x->reply, "Vary", "Accept-Language, Cookie");
    return exchange_send(x, status, "text/html; charset=utf-8");
}

int page_redirect(struct exchange *x, const char *path, enum message notice) {
    notice_leave(x, notice);
    return exchange_redirect(x, path);
}
