/* SPDX-License-Identifier: MIT */
/* main.c: the command line of `market`: which subcommand, and the help above them. */
#include "market/commands.h"
#include "market/version.h"

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"serve", market_serve, "serve the market: pages and JSON, over HTTP"},
    {"import", market_import, "read the order lines of a shop into the database"},
    {"seed", market_seed, "put a small catalogue of its own into the database, once"},
};

static void print_help(FILE *out) {
    fprintf(out, "usage: market COMMAND [OPTION]...\n\nCommands:\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].summary);
    fprintf(out, "\n  --help, --version\n\n`market COMMAND --help` tells the options of a command.\n");
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";

    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0) {
        printf("market %s\n", MARKET_VERSION);
        return 0;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);

    if (*name != '\0')
        fprintf(stderr, "market: there is no command \"%s\"\n", name);
    print_help(stderr);
    return 2;
}
