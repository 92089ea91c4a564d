/* SPDX-License-Identifier: MIT */
/* unix.c: Unix sockets' addresses; the rest is that of any socket. */
#include "weir/unix.h"

#include "base/assert.h"
#include "io/address.h"
#include "io/connect.h"
#include "io/listener.h"
#include "runtime/park.h"

static int refuse(const char *what, const char *path) {
    return weir_fail(-EINVAL, "%s %s: a path has 1 to 107 bytes", what, path);
}

int weir_unix_connect(weir_stream **ret_stream, const char *path) {
    struct weir__address address;

    WEIR_ASSERT(path != NULL);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    if (weir__address_parse_path(path, &address) < 0)
        return refuse("connect", path);
    rc = weir__connect(ret_stream, &address, WEIR__SITE);
    if (rc == 0 || rc == -ECANCELED || rc == -ETIME)
        return rc;
    return weir_fail(rc, "connect %s: %s", path, weir_strerror(rc));
}

int weir_unix_listen(weir_listener **ret_listener, const char *path) {
    struct weir__address address;

    WEIR_ASSERT(path != NULL);
    if (weir__address_parse_path(path, &address) < 0)
        return refuse("listen", path);
    int rc = weir__listener_open(ret_listener, &address);
    return rc < 0 ? weir_fail(rc, "listen %s: %s", path, weir_strerror(rc)) : 0;
}
