/* SPDX-License-Identifier: MIT */
/* serve_options.c: parses `market serve [--listen ADDRESS] [--db FILE] [--origin URL] [--log]`. */
#include "market/web/serve_options.h"

#include "market/commands.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTEN_DEFAULT "127.0.0.1:8080"

static void print_usage(FILE *out) {
    fprintf(out,
            "usage: market serve [--listen ADDRESS] [--db FILE] [--origin URL] [--log]\n"
            "\n"
            "Serves the market until SIGINT (Ctrl-C) or SIGTERM.\n"
            "\n"
            "  --listen ADDRESS  numeric host and port, [::1]:8080 say; * is every address, port 0 a free one\n"
            "                    (default " LISTEN_DEFAULT ")\n"
            "  --db FILE         the database, made if it is not there (default " MARKET_DB_DEFAULT ")\n"
            "  --origin URL      where visitors see the market when a proxy stands before it: https://shop.example.\n"
            "                    With https, cookies are sent over TLS only\n"
            "  --log             a line for each answer on standard error\n"
            "  --help\n");
}

static int complain(const char *what, const char *value) {
    fprintf(stderr, "market serve: %s%s%s\n", what, value == NULL ? "" : ": ", value == NULL ? "" : value);
    print_usage(stderr);
    return 2;
}

/* Only the form; whether the address can be listened on, the system says. */
static bool is_address(const char *text) {
    const char *port = strrchr(text, ':');
    size_t digits;

    if (port == NULL || port == text)
        return false;
    digits = strspn(port + 1, "0123456789");
    if (digits < 1 || digits > 5 || port[1 + digits] != '\0' || atoi(port + 1) > 65535)
        return false;
    if (text[0] == '[')
        return port[-1] == ']' && strspn(text + 1, "0123456789abcdefABCDEF:.%") == (size_t)(port - text - 2);
    return (port - text == 1 && text[0] == '*') || strspn(text, "0123456789.") == (size_t)(port - text);
}

/* "http://host" or "https://host:port", as browsers write it: no path, no trailing slash. */
static bool is_origin(const char *text) {
    size_t scheme = strncmp(text, "https://", 8) == 0 ? 8 : strncmp(text, "http://", 7) == 0 ? 7 : 0;
    size_t host = strspn(text + scheme, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]");
    return scheme > 0 && host > 0 && text[scheme + host] == '\0';
}

static int check(const struct serve_options *options) {
    if (!is_address(options->listen))
        return complain("--listen wants a numeric host and a port, such as 127.0.0.1:8080, not", options->listen);
    if (*options->db == '\0')
        return complain("--db wants a file", NULL);
    if (options->origin != NULL && !is_origin(options->origin))
        return complain("--origin wants scheme, host and maybe port, such as https://shop.example, not",
                        options->origin);
    return -1;
}

int serve_options_parse(struct serve_options *options, int argc, char **argv) {
    enum { HELP = 1, LISTEN, DB, ORIGIN, LOG };
    static const struct option known[] = {{"help", no_argument, NULL, HELP},
                                          {"listen", required_argument, NULL, LISTEN},
                                          {"db", required_argument, NULL, DB},
                                          {"origin", required_argument, NULL, ORIGIN},
                                          {"log", no_argument, NULL, LOG},
                                          {0}};
    int found;

    *options = (struct serve_options){.listen = LISTEN_DEFAULT, .db = MARKET_DB_DEFAULT};
    opterr = 0;
    while ((found = getopt_long(argc, argv, "+:h", known, NULL)) != -1) {
        switch (found) {
        case 'h':
        case HELP:
            print_usage(stdout);
            return 0;
        case LISTEN:
            options->listen = optarg;
            break;
        case DB:
            options->db = optarg;
            break;
        case ORIGIN:
            options->origin = optarg;
            break;
        case LOG:
            options->log = true;
            break;
        case ':':
            return complain("this option wants a value", argv[optind - 1]);
        default:
            return complain("there is no such option", argv[optind - 1]);
        }
    }
    return optind < argc ? complain("there is no such argument", argv[optind]) : check(options);
}
