/* SPDX-License-Identifier: MIT */
/* table.h: tables. Their roles are spelled out, since the style sheet lays them out as cards on a phone, and browsers
 * then forget that they are tables. */
#ifndef MARKET_WEB_TABLE_H
#define MARKET_WEB_TABLE_H

#include "market/web/exchange.h"

/**
 * Append a table up to its first row: the head, one column a label, and the body, left open.
 * @param last_is_unseen  the last label is for screen readers alone
 */
void table_open(struct exchange *x, const enum message *labels, size_t count, bool last_is_unseen);

/** Close body and table. */
void table_close(struct exchange *x);

#endif
