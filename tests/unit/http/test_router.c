/* SPDX-License-Identifier: MIT */
/* Which route answers which path, and what is wrong with a route. */
#include "support/test.h"

#include "http/router.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int handler(weir_http_request *request, weir_http_reply *reply, void *arg) {
    (void)request, (void)reply, (void)arg;
    return 0;
}

static weir_http_router *router;

static void add(const char *method, const char *path, const char *name) {
    CHECK_INT(weir_http_router_add(router, method, path, handler, (void *)name), 0);
}

/* "name" or "name a=1 b=2" of the route that was found; "405 GET, HEAD, OPTIONS"; "404". */
static const char *found(const char *method, const char *path) {
    static char text[512];
    struct weir__route_match match;
    size_t at;

    weir__router_match(router, weir__http_method_of(method), (struct weir__span){path, strlen(path)},
                       strchr(path, '%') != NULL, &match);
    if (match.route == NULL && match.allow == 0)
        return "404";
    if (match.route == NULL) {
        char allow[WEIR__ALLOW_BYTES];
        weir__allow_text(match.allow, allow);
        snprintf(text, sizeof text, "405 %s", allow);
        return text;
    }
    CHECK_INT(match.parameters, match.route->parameters);
    at = (size_t)snprintf(text, sizeof text, "%s", (const char *)match.route->arg);
    for (unsigned i = 0; i < match.parameters; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, " %s=%.*s", match.route->names[i],
                               (int)match.values[i].bytes, match.values[i].at);
    return text;
}

static void begin(void) { CHECK_INT(weir_http_router_new(&router), 0); }

static void end(void) { weir_http_router_free(router); }

TEST(test_router_literals) {
    begin();
    add("GET", "/", "root");
    add("GET", "/a", "a");
    add("GET", "/a/", "a slash");
    add("GET", "/a/b", "a b");
    add("GET", "/ab", "ab");
    add("GET", "/caf\xc3\xa9", "cafe");
    CHECK_STR(found("GET", "/"), "root");
    CHECK_STR(found("GET", "/a"), "a");
    CHECK_STR(found("GET", "/a/"), "a slash");
    CHECK_STR(found("GET", "/a/b"), "a b");
    CHECK_STR(found("GET", "/ab"), "ab");
    CHECK_STR(found("GET", "/a/b/"), "404");
    CHECK_STR(found("GET", "//"), "404");
    CHECK_STR(found("GET", "/b"), "404");
    CHECK_STR(found("GET", "/A"), "404");
    CHECK_STR(found("GET", "/%61"), "a");
    CHECK_STR(found("GET", "/caf%C3%A9"), "cafe");
    CHECK_STR(found("GET", "/a%2Fb"), "404");
    end();
}

TEST(test_router_parameters) {
    begin();
    add("GET", "/products/{id}", "product");
    add("GET", "/products/{id}/picture", "picture");
    add("GET", "/products/{product}/reviews/{review}", "review");
    add("GET", "/products/new", "new");
    CHECK_STR(found("GET", "/products/17"), "product id=17");
    CHECK_STR(found("GET", "/products/new"), "new");
    CHECK_STR(found("GET", "/products/new/picture"), "picture id=new");
    CHECK_STR(found("GET", "/products/17/reviews/3"), "review product=17 review=3");
    CHECK_STR(found("GET", "/products/a%2Fb"), "product id=a%2Fb");
    CHECK_STR(found("GET", "/products/"), "404");
    CHECK_STR(found("GET", "/products//picture"), "404");
    CHECK_STR(found("GET", "/products"), "404");
    CHECK_STR(found("GET", "/products/.."), "product id=..");
    end();
}

TEST(test_router_rest) {
    begin();
    add("GET", "/static/{path...}", "files");
    add("GET", "/static/logo", "logo");
    add("GET", "/{page}", "page");
    CHECK_STR(found("GET", "/static/css/a.css"), "files path=css/a.css");
    CHECK_STR(found("GET", "/static/"), "files path=");
    CHECK_STR(found("GET", "/static/logo"), "logo");
    CHECK_STR(found("GET", "/static/logo/x"), "files path=logo/x");
    CHECK_STR(found("GET", "/static/../x"), "files path=../x");
    CHECK_STR(found("GET", "/static"), "page page=static");
    end();
}

TEST(test_router_goes_back_to_a_less_special_route) {
    begin();
    add("GET", "/a/b/c", "abc");
    add("GET", "/a/{x}/d", "axd");
    add("GET", "/{y}/b/e", "ybe");
    add("GET", "/{all...}", "all");
    CHECK_STR(found("GET", "/a/b/c"), "abc");
    CHECK_STR(found("GET", "/a/b/d"), "axd x=b");
    CHECK_STR(found("GET", "/a/b/e"), "ybe y=a");
    CHECK_STR(found("GET", "/a/b/f"), "all all=a/b/f");
    CHECK_STR(found("GET", "/"), "all all=");
    end();
}

TEST(test_router_methods) {
    begin();
    add("GET", "/a", "get a");
    add("PUT", "/a", "put a");
    add("HEAD", "/h", "head h");
    add("GET", "/h", "get h");
    add("DELETE", "/{any}", "delete any");
    CHECK_STR(found("GET", "/a"), "get a");
    CHECK_STR(found("PUT", "/a"), "put a");
    CHECK_STR(found("HEAD", "/a"), "get a");
    CHECK_STR(found("HEAD", "/h"), "head h");
    CHECK_STR(found("DELETE", "/a"), "delete any any=a");
    CHECK_STR(found("POST", "/a"), "405 GET, HEAD, PUT, DELETE, OPTIONS");
    CHECK_STR(found("POST", "/b"), "405 DELETE, OPTIONS");
    CHECK_STR(found("OPTIONS", "/b"), "405 DELETE, OPTIONS");
    CHECK_STR(found("OPTIONS", "*"), "405 GET, HEAD, PUT, DELETE, OPTIONS");
    end();
}

TEST(test_router_many_siblings) {
    static char paths[300][16];

    begin();
    for (int i = 0; i < 300; i++) {
        snprintf(paths[i], sizeof paths[i], "/n%d", (i * 7) % 300);
        add("GET", paths[i], paths[i] + 1);
    }
    for (int i = 0; i < 300; i++) {
        char path[16];
        snprintf(path, sizeof path, "/n%d", i);
        CHECK_STR(found("GET", path), path + 1);
    }
    CHECK_STR(found("GET", "/n"), "404");
    CHECK_STR(found("GET", "/n300"), "404");
    end();
}

static int adding(const char *method, const char *path) {
    weir_http_router *fresh;

    CHECK_INT(weir_http_router_new(&fresh), 0);
    int rc = weir_http_router_add(fresh, method, path, handler, NULL);
    CHECK_INT(weir__router_check(fresh), rc);
    weir_http_router_free(fresh);
    return rc;
}

TEST(test_router_refuses_bad_routes) {
    CHECK_INT(adding("GET", "/{a}/{b_2}/{Rest...}"), 0);
    CHECK_INT(adding("PROPFIND", "/"), 0);
    CHECK_INT(adding("get", "/"), -EINVAL);
    CHECK_INT(adding("BREW", "/"), -EINVAL);
    CHECK_INT(adding("CONNECT", "/"), -EINVAL);
    CHECK_INT(adding("GET", ""), -EINVAL);
    CHECK_INT(adding("GET", "a"), -EINVAL);
    CHECK_INT(adding("GET", "/{}"), -EINVAL);
    CHECK_INT(adding("GET", "/{...}"), -EINVAL);
    CHECK_INT(adding("GET", "/{a"), -EINVAL);
    CHECK_INT(adding("GET", "/a}"), -EINVAL);
    CHECK_INT(adding("GET", "/x{a}"), -EINVAL);
    CHECK_INT(adding("GET", "/{a}x"), -EINVAL);
    CHECK_INT(adding("GET", "/{a b}"), -EINVAL);
    CHECK_INT(adding("GET", "/{a.b}"), -EINVAL);
    CHECK_INT(adding("GET", "/{a}/{a}"), -EINVAL);
    CHECK_INT(adding("GET", "/{a...}/b"), -EINVAL);
    CHECK_INT(adding("GET", "/a?b"), -EINVAL);
    CHECK_INT(adding("GET", "/a#b"), -EINVAL);
    CHECK_INT(adding("GET", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}"), 0);
    CHECK_INT(adding("GET", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}"), -EINVAL);
}

TEST(test_router_refuses_the_same_route_twice) {
    begin();
    add("GET", "/a/{x}", "one");
    CHECK_INT(weir_http_router_add(router, "GET", "/a/{y}", handler, NULL), -EEXIST);
    CHECK_INT(weir_http_router_add(router, "POST", "/a/{y}", handler, NULL), 0);
    CHECK_INT(weir__router_check(router), -EEXIST); /* the first failure stays */
    CHECK_STR(found("GET", "/a/1"), "one x=1");
    end();
}

TEST(test_router_depth_limit) {
    char path[128] = "";

    for (int i = 0; i < WEIR__ROUTE_SEGMENTS_MAX; i++)
        strcat(path, "/a");
    CHECK_INT(adding("GET", path), 0);
    CHECK_INT(adding("GET", strcat(path, "/a")), -EINVAL);
}

static int freed;
static void count_free(void *arg) {
    (void)arg;
    freed++;
}

TEST(test_router_frees_what_it_owns) {
    begin();
    CHECK_INT(weir__router_add(router, "GET", "/a", handler, NULL, count_free, NULL), 0);
    CHECK_INT(weir__router_add(router, "GET", "/a", handler, NULL, count_free, NULL), -EEXIST);
    CHECK_INT(freed, 1);
    end();
    CHECK_INT(freed, 2);
    weir_http_router_free(NULL);
}
