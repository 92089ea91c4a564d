/* SPDX-License-Identifier: MIT */
/* router_add.c: patterns into the tree. What is wrong with one is kept for weir_http_serve, so that a program may add
 * its routes without looking at each return. */
#include "http/router_tree.h"

#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int weir__router_fail(weir_http_router *router, int code, const char *method, const char *path, const char *why) {
    if (router->error == 0) {
        router->error = code;
        snprintf(router->error_text, sizeof router->error_text, "route %s %s: %s", method, path, why);
    }
    return weir_fail(code, "route %s %s: %s", method, path, why);
}

int weir__router_check(const weir_http_router *router) {
    return router->error == 0 ? 0 : weir_fail(router->error, "%s", router->error_text);
}

/* A pattern's segment: what it takes. */
enum kind { LITERAL, ANY, REST, MALFORMED };

static bool is_name_char(char c) {
    return weir__char_is_digit(c) || (weir__char_lower(c) >= 'a' && weir__char_lower(c) <= 'z') || c == '_';
}

static enum kind kind_of(struct weir__span segment, struct weir__span *ret_name) {
    enum kind kind = ANY;

    if (segment.bytes == 0 || segment.at[0] != '{') {
        for (size_t i = 0; i < segment.bytes; i++)
            if (strchr("{}?#", segment.at[i]) != NULL)
                return MALFORMED;
        return LITERAL;
    }
    if (segment.bytes < 3 || segment.at[segment.bytes - 1] != '}')
        return MALFORMED;
    *ret_name = (struct weir__span){segment.at + 1, segment.bytes - 2};
    if (ret_name->bytes > 3 && memcmp(ret_name->at + ret_name->bytes - 3, "...", 3) == 0) {
        ret_name->bytes -= 3;
        kind = REST;
    }
    for (size_t i = 0; i < ret_name->bytes; i++)
        if (!is_name_char(ret_name->at[i]))
            return MALFORMED;
    return kind;
}

static struct weir__route_node *add_literal(struct weir__route_node *node, struct weir__span segment) {
    struct weir__route_node *child, **grown;
    size_t place;

    if (weir__router_find_literal(node, segment, &place))
        return node->literals[place];
    grown = realloc(node->literals, (node->literals_count + 1) * sizeof *grown);
    if (grown == NULL)
        return NULL;
    node->literals = grown;
    child = calloc(1, sizeof *child);
    if (child == NULL)
        return NULL;
    child->segment = strndup(segment.at, segment.bytes);
    if (child->segment == NULL) {
        free(child);
        return NULL;
    }
    child->bytes = segment.bytes;
    memmove(grown + place + 1, grown + place, (node->literals_count - place) * sizeof *grown);
    grown[place] = child;
    node->literals_count++;
    return child;
}

static struct weir__route_node *add_any(struct weir__route_node *node) {
    if (node->any == NULL)
        node->any = calloc(1, sizeof *node->any);
    return node->any;
}

/* Why a pattern was not added; `why` is NULL when nothing is wrong. */
struct trouble {
    int code;
    const char *why;
};

static const struct trouble none = {0, NULL}, no_memory = {-ENOMEM, "out of memory"};

static struct trouble wrong(const char *why) { return (struct trouble){-EINVAL, why}; }

static struct trouble add_name(struct weir__route *route, struct weir__span name) {
    if (route->parameters == WEIR__ROUTE_PARAMETERS_MAX)
        return wrong("more than 8 parameters");
    for (unsigned i = 0; i < route->parameters; i++)
        if (strlen(route->names[i]) == name.bytes && memcmp(route->names[i], name.at, name.bytes) == 0)
            return wrong("a parameter's name comes twice");
    route->names[route->parameters] = strndup(name.at, name.bytes);
    if (route->names[route->parameters] == NULL)
        return no_memory;
    route->parameters++;
    return none;
}

/* One segment down, or to the routes of a {name...}, after which `*node` is NULL. */
static struct trouble step_down(struct weir__route_node **node, struct weir__span segment, bool is_last,
                                struct weir__route *route, struct weir__route ***ret_routes) {
    struct weir__span name;
    struct trouble trouble;

    switch (kind_of(segment, &name)) {
    case LITERAL:
        *node = add_literal(*node, segment);
        return *node == NULL ? no_memory : none;
    case ANY:
        trouble = add_name(route, name);
        if (trouble.why != NULL)
            return trouble;
        *node = add_any(*node);
        return *node == NULL ? no_memory : none;
    case REST:
        *ret_routes = &(*node)->rest;
        *node = NULL;
        return is_last ? add_name(route, name) : wrong("{name...} is the last segment");
    default:
        return wrong("a segment is plain text, {name} or {name...}");
    }
}

/* Follow the pattern down, making what is not there. */
static struct trouble descend(struct weir__route_node *node, const char *path, struct weir__route *route,
                              struct weir__route ***ret_routes) {
    struct weir__span rest = {path + 1, strlen(path) - (path[0] != '\0')};

    if (path[0] != '/')
        return wrong("a path begins with /");
    for (int depth = 0; rest.at != NULL; depth++) {
        struct weir__span segment = weir__router_take_segment(&rest);
        if (depth == WEIR__ROUTE_SEGMENTS_MAX)
            return wrong("more than 32 segments");
        struct trouble trouble = step_down(&node, segment, rest.at == NULL, route, ret_routes);
        if (trouble.why != NULL)
            return trouble;
    }
    if (node != NULL)
        *ret_routes = &node->routes;
    return none;
}

static struct trouble insert(weir_http_router *router, const char *path, struct weir__route *route) {
    struct weir__route **routes = NULL;
    struct trouble trouble;

    if (route->method == WEIR__HTTP_NO_METHOD)
        return wrong("the method is not known");
    trouble = descend(&router->root, path, route, &routes);
    if (trouble.why != NULL)
        return trouble;
    for (; *routes != NULL; routes = &(*routes)->next)
        if ((*routes)->method == route->method)
            return (struct trouble){-EEXIST, "is there already"};
    *routes = route;
    router->methods |= UINT32_C(1) << route->method;
    return none;
}

int weir__router_add(weir_http_router *router, const char *method, const char *path, weir_http_fn *fn, void *arg,
                     void (*arg_free)(void *arg), const weir_http_route_options *options) {
    struct weir__route *route = calloc(1, sizeof *route);
    struct trouble trouble;

    if (route == NULL) {
        if (arg_free != NULL)
            arg_free(arg);
        return weir__router_fail(router, -ENOMEM, method, path, "out of memory");
    }
    *route = (struct weir__route){.method = weir__http_method_of(method), .fn = fn, .arg = arg, .arg_free = arg_free};
    if (options != NULL) {
        WEIR_ASSERT(options->size_bytes == sizeof *options);
        route->body_bytes_max = options->body_bytes_max;
        route->request_time = options->request_time;
    }
    trouble = insert(router, path, route);
    if (trouble.why == NULL)
        return 0;
    weir__routes_free(route);
    return weir__router_fail(router, trouble.code, method, path, trouble.why);
}

int weir_http_router_add(weir_http_router *router, const char *method, const char *path, weir_http_fn *fn, void *arg) {
    return weir_http_router_add_with(router, method, path, fn, arg, NULL);
}

int weir_http_router_add_with(weir_http_router *router, const char *method, const char *path, weir_http_fn *fn,
                              void *arg, const weir_http_route_options *options) {
    WEIR_ASSERT(router != NULL && method != NULL && path != NULL && fn != NULL);
    return weir__router_add(router, method, path, fn, arg, NULL, options);
}
