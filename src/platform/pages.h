/* SPDX-License-Identifier: MIT */
/* pages.h: memory by whole pages, for what is large and comes in crowds. Given back it is the kernel's again at once;
 * what malloc gets back stays the program's for as long as anything lives behind it. Shown to weir-http, a library of
 * its own. */
#ifndef WEIR_SRC_PLATFORM_PAGES_H
#define WEIR_SRC_PLATFORM_PAGES_H

#include "weir/base.h"

/** Zeroed memory of at least `bytes`, at a page's beginning; a page that nobody touches costs nothing. NULL: none. */
WEIR_EXPORT void *weir__pages_take(size_t bytes);

/** @param bytes  as it was taken. NULL is fine. */
WEIR_EXPORT void weir__pages_give(void *pages, size_t bytes);

#endif
