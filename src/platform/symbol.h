/* SPDX-License-Identifier: MIT */
/* symbol.h: which function a code address lies in, read from the symbol tables of the program and its libraries.
 *
 *     char text[160];
 *     weir__symbol_describe(job->fn, text, sizeof text);   // "compress+0x0 (market+0x41f0)"
 *
 * Fit for a signal handler: allocates and locks nothing. Opens and maps the module's file, so it takes some
 * microseconds, and is for reports alone. */
#ifndef WEIR_SRC_PLATFORM_SYMBOL_H
#define WEIR_SRC_PLATFORM_SYMBOL_H

#include <stddef.h>
#include <stdint.h>

struct weir__symbol {
    char function[96];        /* cut; "" when no table names it */
    uint64_t function_offset; /* from its first byte */
    char module[256];         /* path of the program or library; "" when the address lies in none */
    uint64_t module_offset;   /* as addr2line takes it; without a module the address itself */
};

/** Look an address up. What cannot be found stays empty. Any thread. */
void weir__symbol_find(const void *code, struct weir__symbol *ret_symbol);

/** "FUNCTION+0x1a (MODULE+0x41f0)", "MODULE+0x41f0" or "0x7f..": as much as is known. Cut at buf_bytes. */
void weir__symbol_describe(const void *code, char *buf, size_t buf_bytes);

#endif
