/* SPDX-License-Identifier: MIT */
/* serve_options.h: the arguments of `market serve`. */
#ifndef MARKET_WEB_SERVE_OPTIONS_H
#define MARKET_WEB_SERVE_OPTIONS_H

#include <stdbool.h>

struct serve_options {
    const char *listen; /* "127.0.0.1:8080" */
    const char *db;     /* path */
    const char *origin; /* "https://shop.example"; NULL: none */
    bool log;
    unsigned connections_max; /* not an argument: what the process may hold; 0: the default */
};

/**
 * Parse them; prints help, or what is wrong.
 * @param options  strings point into argv
 * @return -1 go on; else the exit status: 0 after --help, 2 after a mistake
 */
int serve_options_parse(struct serve_options *options, int argc, char **argv);

#endif
