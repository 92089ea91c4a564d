/* SPDX-License-Identifier: MIT */
/* assets.h: the style sheet and the icon, part of the program. Their addresses hold a hash of their bytes, so browsers
 * keep them for ever and a new version is another address. */
#ifndef MARKET_WEB_ASSETS_H
#define MARKET_WEB_ASSETS_H

enum asset { ASSET_STYLE, ASSET_ICON, ASSET_COUNT };

/** Where it is served: "/assets/market.1f2e3d4c5b6a7988.css". */
const char *assets_path(enum asset asset);

#endif
