/* SPDX-License-Identifier: MIT */
/* html.h: HTML that cannot be injected into. Templates are C functions that call html_printf: what stands in the format
 * is markup, and every %s is escaped on its way in, for text and for quoted attributes alike. */
#ifndef MARKET_WEB_HTML_H
#define MARKET_WEB_HTML_H

#include "market/web/text.h"

/** Append with & < > " ' escaped, and controls that HTML does not have replaced by U+FFFD. */
void html_escape(struct text *out, const char *data, size_t bytes);

/**
 * Append the format as markup. Known are %s (escaped), %d, %u, %ld, %lu, %zu, %c (escaped) and %%;
 * anything else fails the text with -EINVAL. Markup that was made before goes in with text_append.
 */
void html_printf(struct text *out, const char *format, ...) WEIR_PRINTF(2, 3);

/**
 * Append a text of the search's, escaped, with its matches in <mark>.
 * @param text  holds MARKET_MARK_OPEN and MARKET_MARK_CLOSE around each match; unbalanced ones are repaired
 */
void html_highlight(struct text *out, const char *text);

/** Append a text of several lines: escaped, a blank line starts a new <p>, a line break is <br>. */
void html_paragraphs(struct text *out, const char *text);

#endif
