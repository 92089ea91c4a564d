/* SPDX-License-Identifier: MIT */
/* router_tree.h: the tree behind a router; for router.c, which searches it, and router_add.c, which builds it. */
#ifndef WEIR_SRC_HTTP_ROUTER_TREE_H
#define WEIR_SRC_HTTP_ROUTER_TREE_H

#include "http/router.h"

struct weir__route_node {
    char *segment; /* NULL: the root, or one that takes anything */
    size_t bytes;
    struct weir__route_node **literals; /* sorted */
    size_t literals_count;
    struct weir__route_node *any; /* {name} */
    struct weir__route *rest;     /* {name...} */
    struct weir__route *routes;   /* of the path that ends here */
};

struct weir_http_router {
    struct weir__route_node root;
    uint32_t methods; /* of all routes */
    int error;
    char error_text[256];
};

/** The first segment of a path, taken off; what is left has at == NULL when no slash follows. */
struct weir__span weir__router_take_segment(struct weir__span *path);

/** Where the segment is among a node's literals; false: where it belongs. */
bool weir__router_find_literal(const struct weir__route_node *node, struct weir__span segment, size_t *ret_place);

/** Free routes of one path, and their arguments. */
void weir__routes_free(struct weir__route *routes);

#endif
