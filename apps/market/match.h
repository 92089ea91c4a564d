/* SPDX-License-Identifier: MIT */
/* match.h: turn what a person types into the search box into an expression for FTS5. Pure; whatever is typed, the
 * expression is well formed, since only folded letters and digits of it get in, and those inside quotes.
 *
 *     red lantern     "red"* AND "lantern"*      words from their beginning, all of them
 *     t-light         "t light"*                 what a hyphen, apostrophe or dot joins stays together
 *     "tea pot"       "tea pot"                  as it stands
 *     蓝色茶壶          "蓝 色 茶 壶"                a run of Chinese characters as a whole */
#ifndef MARKET_MATCH_H
#define MARKET_MATCH_H

#include <stddef.h>

enum {
    MATCH_TERMS_MAX = 32, /* further ones are not looked for */
    MATCH_BYTES_MAX = 4096,
};

/**
 * @param typed  any bytes, MARKET_QUERY_BYTES_MAX at most; the rest is not looked at
 * @param buf    gets the expression and a NUL; "" when nothing can be looked for
 * @return how many terms it has; 0: none
 */
unsigned match_build(const char *typed, char buf[MATCH_BYTES_MAX]);

#endif
