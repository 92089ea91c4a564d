/* SPDX-License-Identifier: MIT */
/* address.c: addresses from and to text. Strict: what is not written in the one way that is meant is refused. */
#include "io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

/* A host and a port, apart. */
struct parts {
    char host[INET6_ADDRSTRLEN];
    bool is_ip6; /* it stood in brackets */
    uint16_t port;
};

/* "0" to "65535", no sign, no blank, no leading zero. */
static int parse_port(const char *text, uint16_t *ret_port) {
    size_t digits = strspn(text, "0123456789");
    unsigned port = 0;

    if (digits == 0 || digits > 5 || text[digits] != '\0' || (digits > 1 && text[0] == '0'))
        return -EINVAL;
    for (size_t i = 0; i < digits; i++)
        port = port * 10 + (unsigned)(text[i] - '0');
    if (port > UINT16_MAX)
        return -EINVAL;
    *ret_port = (uint16_t)port;
    return 0;
}

/* Whether a host could be a name: letters, digits, dots and dashes, and something that is no number at the end. */
static bool is_name(const char *host, size_t bytes) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t plain = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

    return bytes > 0 && bytes <= 253 && plain >= bytes && strcspn(host, letters) < bytes;
}

/* 0; -EINVAL; -ENOENT: the host is a name, too long to be one of ours. */
static int split(const char *text, struct parts *ret_parts) {
    const char *colon = strrchr(text, ':');
    if (colon == NULL)
        return -EINVAL;

    const char *host = text;
    size_t bytes = (size_t)(colon - text);
    bool is_ip6 = bytes >= 2 && host[0] == '[' && host[bytes - 1] == ']';
    if (is_ip6) {
        host++;
        bytes -= 2;
    }
    struct parts parts = {.is_ip6 = is_ip6};
    int rc = parse_port(colon + 1, &parts.port);
    if (rc < 0)
        return rc;
    if (bytes == 0 || bytes >= sizeof parts.host)
        return !is_ip6 && is_name(host, bytes) ? -ENOENT : -EINVAL;
    memcpy(parts.host, host, bytes);
    *ret_parts = parts;
    return 0;
}

static struct weir__address ip4_address(in_addr_t ip, uint16_t port) {
    struct weir__address address = {.bytes = sizeof(struct sockaddr_in)};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = ip};
    memcpy(&address.u, &in, sizeof in);
    return address;
}

static struct weir__address ip6_address(struct in6_addr ip, uint16_t port) {
    struct weir__address address = {.bytes = sizeof(struct sockaddr_in6)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = ip};
    memcpy(&address.u, &in6, sizeof in6);
    return address;
}

/* A numeric host. 0; -EINVAL; -ENOENT a name. */
static int parse_numeric(const struct parts *parts, struct weir__address *ret_address) {
    struct in_addr ip4;
    struct in6_addr ip6;

    if (parts->is_ip6) {
        if (inet_pton(AF_INET6, parts->host, &ip6) != 1)
            return -EINVAL;
        *ret_address = ip6_address(ip6, parts->port);
        return 0;
    }
    if (inet_pton(AF_INET, parts->host, &ip4) != 1)
        return is_name(parts->host, strlen(parts->host)) ? -ENOENT : -EINVAL;
    *ret_address = ip4_address(ip4.s_addr, parts->port);
    return 0;
}

int weir__address_parse_peer(const char *text, struct weir__addresses *ret_addresses) {
    struct weir__addresses addresses = {.count = 1};
    struct parts parts;

    int rc = split(text, &parts);
    if (rc < 0)
        return rc;
    if (parts.port == 0)
        return -EINVAL;
    if (!parts.is_ip6 && strcmp(parts.host, "localhost") == 0) {
        addresses.count = 2;
        addresses.choice[0] = ip4_address(htonl(INADDR_LOOPBACK), parts.port);
        addresses.choice[1] = ip6_address(in6addr_loopback, parts.port);
    } else {
        rc = parse_numeric(&parts, &addresses.choice[0]);
    }
    if (rc == 0)
        *ret_addresses = addresses;
    return rc;
}

int weir__address_parse_local(const char *text, struct weir__address *ret_address) {
    struct parts parts;

    int rc = split(text, &parts);
    if (rc == 0 && !parts.is_ip6 && strcmp(parts.host, "*") == 0)
        *ret_address = ip6_address(in6addr_any, parts.port); /* IPv4's addresses too */
    else if (rc == 0)
        rc = parse_numeric(&parts, ret_address);
    return rc < 0 ? -EINVAL : 0;
}

int weir__address_parse_path(const char *path, struct weir__address *ret_address) {
    size_t bytes = strlen(path);
    bool is_abstract = path[0] == '@';
    struct sockaddr_un un = {.sun_family = AF_UNIX};

    if (bytes < (is_abstract ? 2 : 1) || bytes >= sizeof un.sun_path)
        return -EINVAL;
    memcpy(un.sun_path, path, bytes);
    if (is_abstract)
        un.sun_path[0] = '\0';
    /* A path ends with a NUL, an abstract name with its last byte. */
    *ret_address = (struct weir__address){
        .bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes + (is_abstract ? 0 : 1)),
    };
    memcpy(&ret_address->u, &un, sizeof un);
    return 0;
}

/* ---- To text ----------------------------------------------------------------------------------------------------- */

static void format_ip4(const struct in_addr *ip, in_port_t port, char *text) {
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, ip, host, sizeof host);
    snprintf(text, WEIR__ADDRESS_TEXT_BYTES, "%s:%u", host, (unsigned)ntohs(port));
}

static void format_ip6(const struct sockaddr_in6 *in6, char *text) {
    char host[INET6_ADDRSTRLEN];
    struct in_addr ip4;

    if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) { /* who came by IPv4 to a listener for both */
        memcpy(&ip4, &in6->sin6_addr.s6_addr[12], sizeof ip4);
        format_ip4(&ip4, in6->sin6_port, text);
        return;
    }
    inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
    snprintf(text, WEIR__ADDRESS_TEXT_BYTES, "[%s]:%u", host, (unsigned)ntohs(in6->sin6_port));
}

static void format_path(const struct sockaddr_un *un, size_t bytes, char *text) {
    bool is_abstract = bytes > 0 && un->sun_path[0] == '\0';

    memcpy(text, un->sun_path, bytes);
    text[bytes] = '\0';
    if (is_abstract)
        text[0] = '@';
}

void weir__address_format(const struct weir__address *address, char text[static WEIR__ADDRESS_TEXT_BYTES]) {
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    size_t path_bytes = address->bytes - offsetof(struct sockaddr_un, sun_path);

    text[0] = '\0';
    if (address->bytes <= offsetof(struct sockaddr_un, sun_path) || address->bytes > sizeof un)
        return;
    switch (address->u.any.sa_family) {
    case AF_INET:
        memcpy(&in, &address->u, sizeof in);
        format_ip4(&in.sin_addr, in.sin_port, text);
        break;
    case AF_INET6:
        memcpy(&in6, &address->u, sizeof in6);
        format_ip6(&in6, text);
        break;
    case AF_UNIX:
        memcpy(&un, &address->u, sizeof un);
        format_path(&un, path_bytes < sizeof un.sun_path ? path_bytes : sizeof un.sun_path - 1, text);
        break;
    default:
        break;
    }
}
