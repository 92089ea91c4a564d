/* SPDX-License-Identifier: MIT */
/* test_address.c: addresses from and to text, strictly. */
#include "io/address.h"

#include "support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

/* Parse as a peer's, and write it out again. */
static void check_peer(const char *text, const char *expected) {
    struct weir__addresses addresses;
    char out[WEIR__ADDRESS_TEXT_BYTES];

    CHECK_INT(weir__address_parse_peer(text, &addresses), 0);
    CHECK_INT(addresses.count, 1);
    weir__address_format(&addresses.choice[0], out);
    CHECK_STR(out, expected);
}

TEST(test_address_is_read_and_written) {
    check_peer("127.0.0.1:80", "127.0.0.1:80");
    check_peer("255.255.255.255:65535", "255.255.255.255:65535");
    check_peer("0.0.0.0:1", "0.0.0.0:1");
    check_peer("[::1]:8080", "[::1]:8080");
    check_peer("[2001:db8:0:0:0:0:0:7]:443", "[2001:db8::7]:443");
    check_peer("[::ffff:10.1.2.3]:5", "10.1.2.3:5"); /* IPv4 in IPv6's clothes */
    check_peer("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

TEST(test_address_localhost_is_both_loopbacks) {
    struct weir__addresses addresses;
    char out[WEIR__ADDRESS_TEXT_BYTES];

    CHECK_INT(weir__address_parse_peer("localhost:80", &addresses), 0);
    CHECK_INT(addresses.count, 2);
    weir__address_format(&addresses.choice[0], out);
    CHECK_STR(out, "127.0.0.1:80");
    weir__address_format(&addresses.choice[1], out);
    CHECK_STR(out, "[::1]:80");
}

TEST(test_address_refuses_what_is_malformed) {
    static const char *const texts[] = {
        "",
        ":",
        ":80",
        "80",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:x",
        "127.0.0.1:80x",
        "127.0.0.1: 80",
        "127.0.0.1:+80",
        "127.0.0.1:-1",
        "127.0.0.1:65536",
        "127.0.0.1:100000",
        "127.0.0.1:080",
        "127.0.0.1:0",
        " 127.0.0.1:80",
        "127.0.0.1 :80",
        "127.0.0:80",
        "127.0.0.1.1:80",
        "127.0.0.256:80",
        "01.2.3.4:80",
        "::1:80",
        "[::1]",
        "[::1]80",
        "[::1:80",
        "::1]:80",
        "[]:80",
        "[127.0.0.1]:80",
        "[::1%lo]:80",
        "[:::1]:80",
        "[localhost]:80",
        "[*]:80",
        "*:80",
        "a b:80",
        "a\n:80",
        "\xff:80",
        "1234567890:80",
        "[00000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:80",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct weir__addresses addresses;
        int rc = weir__address_parse_peer(texts[i], &addresses);
        if (rc != -EINVAL)
            test_fail(__FILE__, __LINE__, "\"%s\" gives %d", texts[i], rc);
    }
}

TEST(test_address_knows_a_name_when_it_sees_one) {
    static const char *const texts[] = {
        "shop.example:443",     "a:1",
        "my-host:80",           "xn--bcher-kva.example:80",
        "host1.example.org:80", "a-very-long-host-name.with-many-labels.none-of-which-is-numeric.example:80",
        "Localhost:80",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct weir__addresses addresses;
        CHECK_INT(weir__address_parse_peer(texts[i], &addresses), -ENOENT);
    }
}

TEST(test_address_to_listen_at_may_be_any) {
    struct weir__address address;
    char out[WEIR__ADDRESS_TEXT_BYTES];

    CHECK_INT(weir__address_parse_local("*:0", &address), 0);
    weir__address_format(&address, out);
    CHECK_STR(out, "[::]:0");
    CHECK_INT(weir__address_parse_local("0.0.0.0:80", &address), 0);
    CHECK_INT(weir__address_parse_local("[::]:80", &address), 0);
    CHECK_INT(weir__address_parse_local("localhost:80", &address), -EINVAL);
    CHECK_INT(weir__address_parse_local("shop.example:80", &address), -EINVAL);
    CHECK_INT(weir__address_parse_local("**:80", &address), -EINVAL);
}

static void check_path(const char *path, size_t bytes) {
    struct weir__address address;
    char out[WEIR__ADDRESS_TEXT_BYTES];

    CHECK_INT(weir__address_parse_path(path, &address), 0);
    CHECK_INT(address.bytes, offsetof(struct sockaddr_un, sun_path) + bytes);
    weir__address_format(&address, out);
    CHECK_STR(out, path);
}

TEST(test_address_paths_have_1_to_107_bytes) {
    struct weir__address address;
    char path[110];

    check_path("a", 2);
    check_path("/run/x.sock", 12);
    check_path("@name", 5);
    memset(path, 'p', sizeof path);
    path[107] = '\0';
    check_path(path, 108);
    path[0] = '@';
    check_path(path, 107);
    path[107] = 'p';
    path[108] = '\0';
    CHECK_INT(weir__address_parse_path(path, &address), -EINVAL);
    path[0] = 'p';
    CHECK_INT(weir__address_parse_path(path, &address), -EINVAL);
    CHECK_INT(weir__address_parse_path("", &address), -EINVAL);
    CHECK_INT(weir__address_parse_path("@", &address), -EINVAL);
}

TEST(test_address_without_a_name_has_no_text) {
    struct weir__address address = {.bytes = sizeof(sa_family_t)};
    char out[WEIR__ADDRESS_TEXT_BYTES] = "x";

    address.u.any.sa_family = AF_UNIX;
    weir__address_format(&address, out);
    CHECK_STR(out, "");
    address = (struct weir__address){.bytes = 16};
    weir__address_format(&address, out);
    CHECK_STR(out, "");
}
