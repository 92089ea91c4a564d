/* SPDX-License-Identifier: MIT */
/* tcp.c: TCP's addresses; the rest is that of any socket. */
#include "weir/tcp.h"

#include "base/assert.h"
#include "io/address.h"
#include "io/connect.h"
#include "io/listener.h"
#include "runtime/park.h"

/* An address that is none, told to whoever asks for the text. */
static int refuse(int rc, const char *what, const char *address) {
    if (rc == -ENOENT)
        return weir_fail(rc, "%s %s: a host name; only numeric addresses and localhost are known", what, address);
    return weir_fail(rc, "%s %s: not an address like 127.0.0.1:80 or [::1]:80", what, address);
}

int weir_tcp_connect(weir_stream **ret_stream, const char *address) {
    struct weir__addresses addresses;

    WEIR_ASSERT(address != NULL);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    rc = weir__address_parse_peer(address, &addresses);
    if (rc < 0)
        return refuse(rc, "connect", address);
    for (int i = 0; i < addresses.count; i++) {
        rc = weir__connect(ret_stream, &addresses.choice[i], WEIR__SITE);
        if (rc == 0 || rc == -ECANCELED || rc == -ETIME)
            return rc;
    }
    return weir_fail(rc, "connect %s: %s", address, weir_strerror(rc));
}

int weir_tcp_listen(weir_listener **ret_listener, const char *address) {
    struct weir__address local;

    WEIR_ASSERT(address != NULL);
    int rc = weir__address_parse_local(address, &local);
    if (rc < 0)
        return refuse(rc, "listen", address);
    rc = weir__listener_open(ret_listener, &local);
    return rc < 0 ? weir_fail(rc, "listen %s: %s", address, weir_strerror(rc)) : 0;
}
