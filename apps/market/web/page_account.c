/* SPDX-License-Identifier: MIT */
/* page_account.c: register, log in, log out. Where a visitor wanted to go first travels along as `next`, which is only
 * ever a path of ours. */
#include "market/web/page.h"

#include "market/web/access.h"
#include "market/web/field.h"
#include "market/web/form.h"
#include "market/web/login.h"

struct account_page {
    enum message title, button, other_text, other;
    const char *action, *other_path;
    enum message name_hint, password_hint;
    const char *password_attributes;
};

static const struct account_page registering = {
    .title = M_REGISTER_TITLE,
    .button = M_REGISTER,
    .other_text = M_HAVE_ACCOUNT,
    .other = M_LOG_IN,
    .action = "/register",
    .other_path = "/login",
    .name_hint = M_NAME_HINT,
    .password_hint = M_PASSWORD_HINT,
    .password_attributes = "required minlength=\"8\" maxlength=\"1024\" autocomplete=\"new-password\"",
};

static const struct account_page logging_in = {
    .title = M_LOG_IN_TITLE,
    .button = M_LOG_IN,
    .other_text = M_NO_ACCOUNT,
    .other = M_REGISTER,
    .action = "/login",
    .other_path = "/register",
    .name_hint = M_NONE,
    .password_hint = M_NONE,
    .password_attributes = "required maxlength=\"1024\" autocomplete=\"current-password\"",
};

static int show(struct exchange *x, const struct account_page *kind, int status, const char *next, const char *name,
                const struct form_flaws *flaws) {
    struct page page = {.title = exchange_text(x, kind->title), .section = SECTION_ACCOUNT};
    struct field fields[] = {
        {"name", M_NAME, kind->name_hint, "text", name, "required maxlength=\"64\" autocomplete=\"username\""},
        {"password", M_PASSWORD, kind->password_hint, "password", NULL, kind->password_attributes},
    };
    bool is_first = true;

    page_begin(x, &page);
    html_printf(&x->out, "<div class=\"narrow\">\n<h1>%s</h1>\n", page.title);
    form_flaws_put(x, flaws);
    html_printf(&x->out,
                "<form class=\"sheet\" method=\"post\" action=\"%s\">\n"
                "<input type=\"hidden\" name=\"next\" value=\"%s\">\n",
                kind->action, next);
    field_put(x, &fields[0], flaws);
    field_put(x, &fields[1], flaws);
    html_printf(&x->out, "<button>%s</button>\n</form>\n<p class=\"aside\">%s <a href=\"%s",
                exchange_text(x, kind->button), exchange_text(x, kind->other_text), kind->other_path);
    page_put_query(x, &is_first, "next", next);
    html_printf(&x->out, "\">%s</a></p>\n</div>\n", exchange_text(x, kind->other));
    return page_end(x, status);
}

static int get(struct exchange *x, const struct account_page *kind) {
    const char *next = access_local_path(weir_http_request_query(x->request, "next"));
    struct form_flaws none = {0};

    int rc = page_visit(x);
    if (rc < 0)
        return rc;
    return x->user != NULL ? exchange_redirect(x, next) : show(x, kind, 200, next, NULL, &none);
}

int page_register(struct exchange *x) { return get(x, &registering); }

int page_login(struct exchange *x) { return get(x, &logging_in); }

/* What a failed attempt says on the page: its status, with a flaw added. 0: nothing that the visitor could mend. */
static int explain(struct exchange *x, int rc, struct form_flaws *flaws) {
    const char *name = "name";

    switch (rc) {
    case -MARKET_ENAME_TAKEN:
        form_flaws_add(flaws, name, M_FLAW_NAME_TAKEN, 0);
        return 409;
    case -MARKET_EBAD_LOGIN:
        form_flaws_add(flaws, name, M_FLAW_BAD_LOGIN, 0);
        return 401;
    case -MARKET_EINVALID:
        return 422; /* added already */
    case -MARKET_ETOO_MANY_LOGINS:
        form_flaws_add(flaws, name, M_ERROR_429_TEXT, 0);
        return 429;
    case -MARKET_EBUSY:
        weir_http_reply_set_header(x->reply, "Retry-After", "2");
        form_flaws_add(flaws, name, M_ERROR_503_TEXT, 0);
        return 503;
    default:
        return 0;
    }
}

static int check(const char *name, const char *password, struct form_flaws *flaws) {
    struct market_flaw flaw;

    if (market_name_check(name, &flaw) < 0)
        form_flaws_add_model(flaws, NULL, &flaw);
    if (market_password_check(password, &flaw) < 0)
        form_flaws_add_model(flaws, NULL, &flaw);
    return flaws->count > 0 ? -MARKET_EINVALID : 0;
}

static int submit(struct exchange *x, const struct account_page *kind, const struct form *form) {
    const char *name = form_get(form, "name"), *password = form_get(form, "password");
    const char *next = access_local_path(form_get(form, "next"));
    struct form_flaws flaws = {0};
    int rc = kind == &registering ? check(name, password, &flaws) : 0;

    if (rc == 0)
        rc = kind == &registering ? login_register(x, name, password) : login_start(x, name, password, NULL);
    if (rc == 0)
        return page_redirect(x, next, kind == &registering ? M_NOTICE_WELCOME : M_NOTICE_LOGGED_IN);

    int status = explain(x, rc, &flaws);
    return status == 0 ? rc : show(x, kind, status, next, name, &flaws);
}

static int post(struct exchange *x, const struct account_page *kind) {
    struct form form;

    int rc = form_read(x, &form);
    if (rc == 0)
        rc = submit(x, kind, &form);
    form_done(&form);
    return rc;
}

int page_register_submit(struct exchange *x) { return post(x, &registering); }

int page_login_submit(struct exchange *x) { return post(x, &logging_in); }

int page_logout(struct exchange *x) {
    int rc = access_check_origin(x);
    if (rc == 0)
        rc = access_look(x);
    if (rc == 0 && x->user != NULL)
        rc = login_end(x);
    return rc < 0 ? rc : page_redirect(x, "/", M_NOTICE_LOGGED_OUT);
}
