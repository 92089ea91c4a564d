/* SPDX-License-Identifier: MIT */
/* address.h: addresses as text. "127.0.0.1:80", "[::1]:80", "*:80"; a path, "@name" in the abstract space. */
#ifndef WEIR_SRC_IO_ADDRESS_H
#define WEIR_SRC_IO_ADDRESS_H

#include "platform/platform.h"

/** Room for the text of any address, the NUL included. */
enum { WEIR__ADDRESS_TEXT_BYTES = 112 };

/** What text can stand for. */
struct weir__addresses {
    int count;                      /* 1, or 2 for "localhost" */
    struct weir__address choice[2]; /* to be tried in this order */
};

/**
 * Where to connect to.
 * @return 0; -EINVAL malformed, or port 0; -ENOENT the host is a name other than localhost
 */
int weir__address_parse_peer(const char *text, struct weir__addresses *ret_addresses);

/** Where to listen. @return 0; -EINVAL malformed, or the host is a name */
int weir__address_parse_local(const char *text, struct weir__address *ret_address);

/** A Unix socket's. @return 0; -EINVAL empty, or longer than 107 bytes */
int weir__address_parse_path(const char *path, struct weir__address *ret_address);

/** The text of an address; "" for one without a name. */
void weir__address_format(const struct weir__address *address, char text[static WEIR__ADDRESS_TEXT_BYTES]);

#endif
