/* SPDX-License-Identifier: MIT */
/* commands.h: the subcommands of `market`. Each parses its own arguments (argv[0] is its name), runs to its end,
 * prints, and returns the process's exit status: 0 done, 1 failed, 2 wrong arguments. */
#ifndef MARKET_COMMANDS_H
#define MARKET_COMMANDS_H

#define MARKET_DB_DEFAULT "var/market.db"

int market_serve(int argc, char **argv);  /* serve [--listen ADDRESS] [--db FILE] */
int market_import(int argc, char **argv); /* import FILE [--db FILE] */
int market_seed(int argc, char **argv);   /* seed [--db FILE] */

#endif
