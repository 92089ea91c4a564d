/* SPDX-License-Identifier: MIT */
/* sorts.h: the orders of a list of articles, as addresses name them. */
#ifndef MARKET_WEB_SORTS_H
#define MARKET_WEB_SORTS_H

#include "market/model.h"

/** "relevance", "newest", "price" (cheap first), "-price"; NULL and "" are relevance. @return false: no such order */
bool sort_from_name(const char *name, enum market_sort *ret_sort);

const char *sort_name(enum market_sort sort);

#endif
