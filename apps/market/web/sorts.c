/* SPDX-License-Identifier: MIT */
/* sorts.c: names of orders; the first of each is the one that our own links use. */
#include "market/web/sorts.h"

#include <string.h>

static const struct {
    const char *name;
    enum market_sort sort;
} sorts[] = {
    {"relevance", MARKET_SORT_BEST}, {"newest", MARKET_SORT_NEWEST},   {"price", MARKET_SORT_CHEAP},
    {"-price", MARKET_SORT_DEAR},    {"price_asc", MARKET_SORT_CHEAP}, {"price_desc", MARKET_SORT_DEAR},
};

bool sort_from_name(const char *name, enum market_sort *ret_sort) {
    if (name == NULL || *name == '\0')
        name = "relevance";
    for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++)
        if (strcmp(name, sorts[i].name) == 0) {
            *ret_sort = sorts[i].sort;
            return true;
        }
    return false;
}

const char *sort_name(enum market_sort sort) {
    size_t i = 0;
    while (sorts[i].sort != sort)
        i++;
    return sorts[i].name;
}
