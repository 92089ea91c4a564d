/* SPDX-License-Identifier: MIT */
/* access.h: who asks, and whether they may. By `Authorization: Bearer` or by the cookie `session`; the header wins.
 * A browser sends the cookie along with whatever another site makes it send, so a write that rests on the cookie, and
 * every form, must carry an Origin (or Sec-Fetch-Site) that says it comes from our own pages. */
#ifndef MARKET_WEB_ACCESS_H
#define MARKET_WEB_ACCESS_H

#include "market/web/exchange.h"

/** Find out who asks, if anybody: x->user. @return 0, also for nobody; a failure of the store's */
int access_look(struct exchange *x) WEIR_MUST_CHECK;

/** Somebody must be logged in. @return 0; -WEB_ELOGIN_REQUIRED */
int access_need_user(struct exchange *x) WEIR_MUST_CHECK;

/** As access_need_user, for calls that change something. @return also -WEB_EFOREIGN_ORIGIN */
int access_need_writer(struct exchange *x) WEIR_MUST_CHECK;

/** For forms, of visitors logged in or not. @return 0; -WEB_EFOREIGN_ORIGIN */
int access_check_origin(struct exchange *x) WEIR_MUST_CHECK;

/** A path of ours to go on to, from what a visitor's form says: "/orders?page=2"; "/" for anything else. */
const char *access_local_path(const char *path);

/** The address of who asks, without the port; valid while `buf` is. */
const char *access_peer(const struct exchange *x, char *buf, size_t buf_bytes);

#endif
