/* SPDX-License-Identifier: MIT */
/* problem.h: failures as programs read them: application/problem+json, RFC 9457. */
#ifndef MARKET_WEB_PROBLEM_H
#define MARKET_WEB_PROBLEM_H

#include "market/web/exchange.h"
#include "market/web/failure.h"

/** Answer with the failure. @param detail  what is special about this one; NULL: none */
int problem_send(struct exchange *x, const struct failure *failure, int status, const char *detail);

#endif
