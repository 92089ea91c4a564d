/* SPDX-License-Identifier: MIT */
/* assets.c: serves what the build has embedded (assets/embed.py makes embedded_assets.h). */
#include "market/web/assets.h"

#include "market/web/embedded_assets.h"
#include "market/web/page.h"

#include <string.h>

static const struct {
    const char *path, *name, *type;
    const unsigned char *data;
    size_t bytes;
} assets[ASSET_COUNT] = {
    [ASSET_STYLE] = {"/assets/" EMBEDDED_MARKET_CSS_NAME, EMBEDDED_MARKET_CSS_NAME, "text/css; charset=utf-8",
                     embedded_market_css, sizeof embedded_market_css},
    [ASSET_ICON] = {"/assets/" EMBEDDED_MARKET_SVG_NAME, EMBEDDED_MARKET_SVG_NAME, "image/svg+xml", embedded_market_svg,
                    sizeof embedded_market_svg},
};

const char *assets_path(enum asset asset) { return assets[asset].path; }

int page_asset(struct exchange *x) {
    const char *name = weir_http_request_param(x->request, "name");

    for (int i = 0; i < ASSET_COUNT; i++)
        if (strcmp(name, assets[i].name) == 0) {
            weir_http_asset asset = {.data = assets[i].data,
                                     .bytes = assets[i].bytes,
                                     .type = assets[i].type,
                                     .cache_control = "public, max-age=31536000, immutable"};
            x->cached = true;
            exchange_set_headers(x);
            exchange_note(x, 200, asset.bytes);
            return weir_http_reply_asset(x->reply, &asset);
        }
    return -MARKET_ENOT_FOUND;
}
