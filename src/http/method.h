/* SPDX-License-Identifier: MIT */
/* method.h: the methods that a route may have: those of RFC 9110 but CONNECT, PATCH, and WebDAV's. */
#ifndef WEIR_SRC_HTTP_METHOD_H
#define WEIR_SRC_HTTP_METHOD_H

#define WEIR__HTTP_METHODS(EACH)                                                                                       \
    EACH(GET, "GET")                                                                                                   \
    EACH(HEAD, "HEAD")                                                                                                 \
    EACH(POST, "POST")                                                                                                 \
    EACH(PUT, "PUT")                                                                                                   \
    EACH(PATCH, "PATCH")                                                                                               \
    EACH(DELETE, "DELETE")                                                                                             \
    EACH(OPTIONS, "OPTIONS")                                                                                           \
    EACH(TRACE, "TRACE")                                                                                               \
    EACH(COPY, "COPY")                                                                                                 \
    EACH(LOCK, "LOCK")                                                                                                 \
    EACH(MKCOL, "MKCOL")                                                                                               \
    EACH(MOVE, "MOVE")                                                                                                 \
    EACH(PROPFIND, "PROPFIND")                                                                                         \
    EACH(PROPPATCH, "PROPPATCH")                                                                                       \
    EACH(SEARCH, "SEARCH")                                                                                             \
    EACH(UNLOCK, "UNLOCK")                                                                                             \
    EACH(ACL, "ACL")                                                                                                   \
    EACH(REPORT, "REPORT")

enum weir__http_method {
#define EACH(id, name) WEIR__HTTP_##id,
    WEIR__HTTP_METHODS(EACH)
#undef EACH
        WEIR__HTTP_METHODS_COUNT,
    WEIR__HTTP_NO_METHOD = WEIR__HTTP_METHODS_COUNT
};

/** "GET"; "" for WEIR__HTTP_NO_METHOD. */
const char *weir__http_method_name(enum weir__http_method method);

/** The method of a name, case-sensitive; WEIR__HTTP_NO_METHOD for one that no route may have. */
enum weir__http_method weir__http_method_of(const char *name);

#endif
