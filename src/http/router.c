/* SPDX-License-Identifier: MIT */
/* router.c: the search for a route in a tree of path segments.
 * Invariant: the tree is no deeper than WEIR__ROUTE_SEGMENTS_MAX, so a search recurses no deeper, whatever the path. */
#include "http/router_tree.h"

#include "http/percent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int weir_http_router_new(weir_http_router **ret_router) {
    weir_http_router *router = calloc(1, sizeof *router);
    if (router == NULL)
        return -ENOMEM;
    *ret_router = router;
    return 0;
}

void weir__routes_free(struct weir__route *route) {
    while (route != NULL) {
        struct weir__route *next = route->next;
        for (unsigned i = 0; i < route->parameters; i++)
            free(route->names[i]);
        if (route->arg_free != NULL)
            route->arg_free(route->arg);
        free(route);
        route = next;
    }
}

static void clear_node(struct weir__route_node *node) {
    for (size_t i = 0; i < node->literals_count; i++) {
        clear_node(node->literals[i]);
        free(node->literals[i]);
    }
    if (node->any != NULL)
        clear_node(node->any);
    free(node->any);
    free(node->literals);
    free(node->segment);
    weir__routes_free(node->rest);
    weir__routes_free(node->routes);
}

void weir_http_router_free(weir_http_router *router) {
    if (router == NULL)
        return;
    clear_node(&router->root);
    free(router);
}

/* ---- Searching --------------------------------------------------------------------------------------------------- */

struct weir__span weir__router_take_segment(struct weir__span *path) {
    const char *slash = path->bytes > 0 ? memchr(path->at, '/', path->bytes) : NULL;
    struct weir__span segment = {path->at, slash != NULL ? (size_t)(slash - path->at) : path->bytes};

    path->at = slash != NULL ? slash + 1 : NULL;
    path->bytes -= slash != NULL ? segment.bytes + 1 : segment.bytes;
    return segment;
}

static int compare(struct weir__span segment, const struct weir__route_node *node) {
    size_t shorter = segment.bytes < node->bytes ? segment.bytes : node->bytes;
    int order = memcmp(segment.at, node->segment, shorter);
    return order != 0 ? order : (segment.bytes > node->bytes) - (segment.bytes < node->bytes);
}

bool weir__router_find_literal(const struct weir__route_node *node, struct weir__span segment, size_t *ret_place) {
    size_t low = 0, high = node->literals_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare(segment, node->literals[middle]);
        if (order == 0) {
            *ret_place = middle;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    *ret_place = low;
    return false;
}

struct search {
    enum weir__http_method method;
    bool is_escaped;
    struct weir__route_match *match;
};

static struct weir__route_node *literal_child(const struct search *search, const struct weir__route_node *node,
                                              struct weir__span segment) {
    size_t place;

    if (!search->is_escaped)
        return weir__router_find_literal(node, segment, &place) ? node->literals[place] : NULL;
    for (place = 0; place < node->literals_count; place++)
        if (weir__percent_is(segment, node->literals[place]->segment, node->literals[place]->bytes))
            return node->literals[place];
    return NULL;
}

/* A route with the method; HEAD is answered by GET's unless it has one of its own. */
static bool choose(struct search *search, const struct weir__route *routes) {
    const struct weir__route *get = NULL;

    for (const struct weir__route *route = routes; route != NULL; route = route->next) {
        search->match->allow |= UINT32_C(1) << route->method;
        if (route->method == search->method) {
            search->match->route = route;
            return true;
        }
        if (route->method == WEIR__HTTP_GET)
            get = route;
    }
    if (search->method == WEIR__HTTP_HEAD)
        search->match->route = get;
    return search->match->route != NULL;
}

static bool walk(struct search *search, const struct weir__route_node *node, struct weir__span path) {
    struct weir__route_match *match = search->match;
    struct weir__span whole = path, segment;
    const struct weir__route_node *child;

    if (path.at == NULL)
        return choose(search, node->routes);
    segment = weir__router_take_segment(&path);
    child = literal_child(search, node, segment);
    if (child != NULL && walk(search, child, path))
        return true;
    if (node->any != NULL && segment.bytes > 0) {
        match->values[match->parameters++] = segment;
        if (walk(search, node->any, path))
            return true;
        match->parameters--;
    }
    if (node->rest != NULL && choose(search, node->rest)) {
        match->values[match->parameters++] = whole;
        return true;
    }
    return false;
}

void weir__router_match(const weir_http_router *router, enum weir__http_method method, struct weir__span path,
                        bool path_is_escaped, struct weir__route_match *ret_match) {
    struct search search = {method, path_is_escaped, ret_match};

    ret_match->route = NULL;
    ret_match->allow = 0;
    ret_match->parameters = 0;
    if (path.bytes == 1 && path.at[0] == '*')
        ret_match->allow = router->methods | UINT32_C(1) << WEIR__HTTP_OPTIONS;
    else
        walk(&search, &router->root, (struct weir__span){path.at + 1, path.bytes - 1});
}

void weir__allow_text(uint32_t allow, char ret_text[WEIR__ALLOW_BYTES]) {
    size_t at = 0;

    if ((allow & UINT32_C(1) << WEIR__HTTP_GET) != 0)
        allow |= UINT32_C(1) << WEIR__HTTP_HEAD;
    allow |= UINT32_C(1) << WEIR__HTTP_OPTIONS;
    for (unsigned i = 0; i < WEIR__HTTP_METHODS_COUNT; i++)
        if ((allow & UINT32_C(1) << i) != 0)
            at += (size_t)snprintf(ret_text + at, WEIR__ALLOW_BYTES - at, at > 0 ? ", %s" : "%s",
                                   weir__http_method_name((enum weir__http_method)i));
}
