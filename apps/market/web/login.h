/* SPDX-License-Identifier: MIT */
/* login.h: logging in and out, for the JSON interface and the pages alike; and registering, for the pages, which log in
 * at once. */
#ifndef MARKET_WEB_LOGIN_H
#define MARKET_WEB_LOGIN_H

#include "market/web/exchange.h"

/**
 * Check name and password, and set the cookie `session`.
 * @param ret_session  to be given back with market_free; may be NULL
 * @return 0; -MARKET_EBAD_LOGIN; -MARKET_ETOO_MANY_LOGINS and -MARKET_EBUSY, with Retry-After set; as auth_login
 */
int login_start(struct exchange *x, const char *name, const char *password,
                struct auth_session **ret_session) WEIR_MUST_CHECK;

/** Make an account and log in: who has just said a password need not prove it. @return 0; as auth_register */
int login_register(struct exchange *x, const char *name, const char *password) WEIR_MUST_CHECK;

/** End the session of x, and delete the cookie. @return 0; as auth_logout */
int login_end(struct exchange *x) WEIR_MUST_CHECK;

#endif
