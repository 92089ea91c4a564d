/* SPDX-License-Identifier: MIT */
/* test_serve_options.c: the arguments of `market serve`. */
#include "market/web/serve_options.h"
#include "support/test.h"

#include <getopt.h>
#include <stddef.h>

static struct serve_options options;

static int parse(char *first, char *second, char *third) {
    char *argv[] = {(char *)"serve", first, second, third, NULL};
    int argc = 1;

    while (argc < 4 && argv[argc] != NULL)
        argc++;
    optind = 0;
    return serve_options_parse(&options, argc, argv);
}

TEST(test_serve_options_default_to_a_local_address) {
    CHECK_INT(parse(NULL, NULL, NULL), -1);
    CHECK_STR(options.listen, "127.0.0.1:8080");
    CHECK_STR(options.db, "var/market.db");
    CHECK(options.origin == NULL && !options.log);
}

TEST(test_serve_options_take_what_is_given) {
    CHECK_INT(parse((char *)"--listen=[::1]:0", (char *)"--db", (char *)"x.db"), -1);
    CHECK_STR(options.listen, "[::1]:0");
    CHECK_STR(options.db, "x.db");
    CHECK_INT(parse((char *)"--origin", (char *)"https://shop.example", (char *)"--log"), -1);
    CHECK_STR(options.origin, "https://shop.example");
    CHECK(options.log);
    CHECK_INT(parse((char *)"--listen", (char *)"*:80", NULL), -1);
}

TEST(test_serve_options_refuse_mistakes_with_status_2) {
    const char *addresses[] = {"", "8080", ":8080", "localhost:80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:99999", "[::1:80"};
    const char *origins[] = {"shop.example", "https://", "https://shop.example/", "ftp://shop.example"};

    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        CHECK_INT(parse((char *)"--listen", (char *)addresses[i], NULL), 2);
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++)
        CHECK_INT(parse((char *)"--origin", (char *)origins[i], NULL), 2);
    CHECK_INT(parse((char *)"--db", NULL, NULL), 2);
    CHECK_INT(parse((char *)"--colour", NULL, NULL), 2);
    CHECK_INT(parse((char *)"now", NULL, NULL), 2);
    CHECK_INT(parse((char *)"--help", NULL, NULL), 0);
}
