/* SPDX-License-Identifier: MIT */
/* Files and assets: conditions, ranges, and nothing from outside the folder. */
#include "support/test.h"

#include "http/date.h"
#include "platform/file.h"
#include "talk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct talk talk;
static char root[64], folder[80];

static void write_file(const char *name, const void *bytes, size_t count) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    struct timespec times[2] = {{1000000000, 0}, {1000000000, 500000000}};
    CHECK(fd >= 0 && write(fd, bytes, count) == (ssize_t)count);
    CHECK(futimens(fd, times) == 0);
    close(fd);
}

static void make_link(const char *name, const char *to) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    CHECK(symlink(to, path) == 0);
}

static void make_folder(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    CHECK(mkdir(path, 0755) == 0);
}

enum { LARGE = 300000 };

/* root/secret, root/www/... */
static void make_tree(void) {
    static char large[LARGE];
    strcpy(root, "/tmp/weir-files-XXXXXX");
    CHECK(mkdtemp(root) != NULL);
    snprintf(folder, sizeof folder, "%s/www", root);
    make_folder("www");
    make_folder("www/css");
    write_file("secret", "secret", 6);
    write_file("www/a.txt", "0123456789", 10);
    write_file("www/empty.png", "", 0);
    write_file("www/index.html", "<p>hi", 5);
    write_file("www/css/index.html", "<p>css", 6);
    write_file("www/css/a b.css", "body{}", 6);
    write_file("www/.hidden", "hidden", 6);
    make_link("www/inside", "a.txt");
    make_link("www/outside", "../secret");
    make_link("www/absolute", "/etc/passwd");
    make_link("www/up", "..");
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)('a' + i % 26);
    write_file("www/large", large, sizeof large);
    char path[256];
    snprintf(path, sizeof path, "%s/pipe", folder);
    CHECK(mkfifo(path, 0644) == 0);
    snprintf(path, sizeof path, "%s/socket", folder);
    CHECK(mknod(path, S_IFSOCK | 0644, 0) == 0);
}

static void remove_tree(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", root);
    CHECK(system(command) == 0);
}

static int picture(weir_http_request *request, weir_http_reply *reply, void *arg) {
    (void)request;
    return weir_http_reply_asset(reply, arg);
}

static int tagged(weir_http_request *request, weir_http_reply *reply, void *arg) {
    int rc = weir_http_reply_check_etag(reply, arg);
    (void)request;
    return rc != 0 ? rc : weir_http_reply_send(reply, 200, NULL, "new", 3);
}

static const weir_http_asset asset = {"0123456789", 10, "image/png", "\"x\"", "max-age=60"};
static const weir_http_asset untagged = {"0123456789", 10, "image/png", NULL, NULL};

static void begin(void) {
    static const weir_http_files_options options = {sizeof options, "index.html", "no-cache"};
    make_tree();
    talk_init(&talk);
    weir_http_router_add_files(talk.router, "/s/{path...}", folder, NULL);
    weir_http_router_add_files(talk.router, "/i/{path...}", folder, &options);
    weir_http_router_add(talk.router, "GET", "/asset", picture, (void *)&asset);
    weir_http_router_add(talk.router, "GET", "/untagged", picture, (void *)&untagged);
    weir_http_router_add(talk.router, "GET", "/tagged", tagged, "\"17\"");
    weir_http_router_add(talk.router, "PUT", "/tagged", tagged, "\"17\"");
    talk_begin(&talk);
}

static void end(void) {
    CHECK_INT(talk_end(&talk), 0);
    remove_tree();
}

static const char *get(const char *path, const char *fields) {
    static char text[1024];
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", path, fields);
    talk_send(&talk, text);
    return strstr(fields, "None-Match") != NULL || strstr(fields, "Modified") != NULL ? talk_head(&talk)
                                                                                      : talk_answer(&talk);
}

#define MODIFIED "Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\n"
#define ETAG "\"de0b6b3c5316500-a\""

static void check_files(void) {
    if (test_is_under("valgrind") || test_is_under("aarch64"))
        SKIP("neither Valgrind nor qemu knows openat2");
    begin();
    CHECK_STR(get("/s/a.txt", ""),
              "HTTP/1.1 200 OK\nETag: " ETAG "\n" MODIFIED "Accept-Ranges: bytes\nContent-Length: 10\n"
              "Content-Type: text/plain; charset=utf-8\n\n0123456789");
    CHECK_HAS(get("/s/inside", ""), "application/octet-stream\n\n0123456789");
    CHECK_HAS(get("/s/empty.png", ""), "Content-Length: 0\nContent-Type: image/png\n\n");
    CHECK_HAS(get("/s/css/a%20b.css", ""), "\n\nbody{}");
    CHECK_HAS(get("/i/", ""), "Cache-Control: no-cache\nAccept-Ranges: bytes\nContent-Length: 5\n"
                              "Content-Type: text/html; charset=utf-8\n\n<p>hi");
    CHECK_HAS(get("/i/css/", ""), "<p>css");
    const char *large = strstr(get("/s/large", ""), "\n\n") + 2;
    CHECK_INT(strlen(large), LARGE);
    for (size_t i = 0; i < LARGE; i++)
        CHECK(large[i] == (char)('a' + i % 26));
    talk_send(&talk, "HEAD /s/large HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_HAS(talk_head(&talk), "Content-Length: 300000\n");
    CHECK_HAS(talk_ask(&talk, "POST /s/a.txt HTTP/1.1\r\nHost: a\r\n\r\n"), "Allow: GET, HEAD, OPTIONS\n");
    end();
}

TASK_TEST(test_http_files_simulated) { check_files(); }

REAL_TEST(test_http_files_on_threads) { check_files(); }

TASK_TEST(test_http_files_nothing_from_outside) {
    static const char *const paths[] = {"/s/../secret",
                                        "/s/%2e%2e/secret",
                                        "/s/..%2fsecret",
                                        "/s/css/../../secret",
                                        "/s/outside",
                                        "/s/absolute",
                                        "/s/up/secret",
                                        "/s/.hidden",
                                        "/s/css/../.hidden",
                                        "/s//etc/passwd",
                                        "/s/%2fetc/passwd",
                                        "/s/",
                                        "/s/css",
                                        "/s/css/",
                                        "/s/none",
                                        "/s/a.txt/",
                                        "/s/a.txt/x",
                                        "/s/pipe",
                                        "/s/socket",
                                        "/s/.",
                                        "/s/css/.",
                                        "/s/css//a%20b.css",
                                        "/i/none/",
                                        "/s/%5c..%5csecret"};

    begin();
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        CHECK_STR(get(paths[i], ""), "HTTP/1.1 404 Not Found\nContent-Type: text/plain\nContent-Length: 14\n\n"
                                     "404 Not Found\n");
    end();
}

TASK_TEST(test_http_files_conditions) {
    begin();
    CHECK_STR(get("/s/a.txt", "If-None-Match: \"x\", " ETAG "\r\n"),
              "HTTP/1.1 304 Not Modified\nETag: " ETAG "\n" MODIFIED "Accept-Ranges: bytes\n\n");
    CHECK_HAS(get("/s/a.txt", "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT\r\n"), "304 Not Modified\n");
    CHECK_HAS(get("/s/a.txt", "If-Match: \"x\"\r\n"), "HTTP/1.1 412 Precondition Failed\n");
    CHECK_HAS(get("/s/a.txt", "If-Match: *\r\n"), "\n\n0123456789");
    end();
}

TASK_TEST(test_http_files_ranges) {
    begin();
    CHECK_HAS(get("/s/a.txt", "Range: bytes=2-4\r\n"), "HTTP/1.1 206 Partial Content\n");
    CHECK_HAS(get("/s/a.txt", "Range: bytes=2-4\r\n"), "Content-Range: bytes 2-4/10\nContent-Length: 3\n");
    CHECK_HAS(get("/s/a.txt", "Range: bytes=2-4\r\n"), "\n\n234");
    CHECK_HAS(get("/s/a.txt", "Range: bytes=-3\r\n"), "\n\n789");
    CHECK_HAS(get("/s/a.txt", "Range: bytes=0-1,4-5\r\n"), "200 OK\n");
    CHECK_HAS(get("/s/a.txt", "Range: bytes=10-\r\n"), "HTTP/1.1 416 Range Not Satisfiable\n");
    CHECK_HAS(get("/s/a.txt", "Range: bytes=10-\r\n"), "Content-Range: bytes */10\nContent-Length: 0\n\n");
    CHECK_HAS(get("/s/a.txt", "Range: bytes=2-4\r\nIf-Range: " ETAG "\r\n"), "\n\n234");
    CHECK_HAS(get("/s/a.txt", "Range: bytes=2-4\r\nIf-Range: \"x\"\r\n"), "\n\n0123456789");
    CHECK_HAS(get("/s/a.txt", "Range: bytes=2-4\r\nIf-Range: *\r\n"), "\n\n0123456789"); /* it names one thing */
    CHECK_HAS(get("/s/a.txt", "Range: bytes=2-4\r\nIf-Range: \"x\", " ETAG "\r\n"), "\n\n0123456789");
    CHECK_HAS(get("/s/a.txt", "Range: bytes=2-4\r\nIf-Range: W/" ETAG "\r\n"), "\n\n0123456789");
    CHECK_HAS(get("/s/a.txt", "Range: bytes=2-4\r\nIf-Range: Sun, 09 Sep 2001 01:46:40 GMT\r\n"), "\n\n234");
    CHECK_HAS(get("/s/a.txt", "Range: bytes=2-4\r\nIf-Range: Sun, 09 Sep 2001 01:46:41 GMT\r\n"), "\n\n0123456789");
    /* around the edge of what is read first, and beyond it */
    CHECK_HAS(get("/s/large", "Range: bytes=16380-16389\r\n"), "\n\nabcdefghij");
    CHECK_HAS(get("/s/large", "Range: bytes=299988-\r\n"), "\n\nabcdefghijkl");
    const char *part = strstr(get("/s/large", "Range: bytes=26-260025\r\n"), "\n\n") + 2;
    CHECK_INT(strlen(part), 260000);
    for (size_t i = 0; i < 260000; i++)
        CHECK(part[i] == (char)('a' + i % 26));
    talk_send(&talk, "HEAD /s/a.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=2-4\r\n\r\n");
    CHECK_HAS(talk_head(&talk), "HTTP/1.1 200 OK\n");
    end();
}

TASK_TEST(test_http_assets) {
    begin();
    CHECK_STR(get("/asset", ""), "HTTP/1.1 200 OK\nContent-Type: image/png\nETag: \"x\"\nCache-Control: max-age=60\n"
                                 "Accept-Ranges: bytes\nContent-Length: 10\n\n0123456789");
    CHECK_HAS(get("/asset", "If-None-Match: W/\"x\"\r\n"), "HTTP/1.1 304 Not Modified\nETag: \"x\"\n");
    CHECK_HAS(get("/asset", "Range: bytes=8-\r\n"), "\n\n89");
    const char *etag = strstr(get("/untagged", ""), "ETag: ") + 6;
    char field[64];
    snprintf(field, sizeof field, "If-None-Match: %.18s\r\n", etag);
    CHECK_HAS(get("/untagged", field), "304 Not Modified");
    end();
}

TASK_TEST(test_http_check_etag) {
    begin();
    CHECK_STR(get("/tagged", ""), "HTTP/1.1 200 OK\nETag: \"17\"\nContent-Length: 3\n\nnew");
    CHECK_STR(get("/tagged", "If-None-Match: \"17\"\r\n"), "HTTP/1.1 304 Not Modified\nETag: \"17\"\n\n");
    CHECK_HAS(talk_ask(&talk, "PUT /tagged HTTP/1.1\r\nHost: a\r\nIf-Match: \"16\"\r\n\r\n"),
              "412 Precondition Failed\n");
    CHECK_HAS(talk_ask(&talk, "PUT /tagged HTTP/1.1\r\nHost: a\r\nIf-Match: \"17\"\r\n\r\n"), "200 OK\n");
    CHECK_HAS(talk_ask(&talk, "PUT /tagged HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n"),
              "412 Precondition Failed\n");
    end();
}

TEST(test_http_files_route_must_end_with_rest) {
    weir_http_router *router;
    CHECK_INT(weir_http_router_new(&router), 0);
    CHECK_INT(weir_http_router_add_files(router, "/s/{path}", "/tmp", NULL), -EINVAL);
    weir_http_router_free(router);
}

TEST(test_file_open_beneath) {
    struct weir__file file;
    char buf[16];

    if (test_is_under("valgrind") || test_is_under("aarch64"))
        SKIP("neither Valgrind nor qemu knows openat2");
    make_tree();
    CHECK_INT(weir__file_open_beneath(&file, folder, "a.txt"), 0);
    CHECK_INT(file.bytes, 10);
    CHECK_INT(file.modified.ns, 1000000000500000000);
    CHECK_INT(weir__file_read_at(&file, buf, sizeof buf, 3), 7);
    CHECK_INT(weir__file_read_at(&file, buf, 4, 3), 4);
    CHECK_MEM(buf, "3456", 4);
    CHECK_INT(weir__file_read_at(&file, buf, 4, 10), 0);
    weir__file_close(&file);
    CHECK_INT(weir__file_open_beneath(&file, folder, "css"), -EISDIR);
    CHECK_INT(weir__file_open_beneath(&file, folder, "pipe"), -EACCES);
    CHECK_INT(weir__file_open_beneath(&file, folder, "none"), -ENOENT);
    CHECK_INT(weir__file_open_beneath(&file, folder, "../secret"), -EXDEV);
    CHECK_INT(weir__file_open_beneath(&file, folder, "outside"), -EXDEV);
    CHECK_INT(weir__file_open_beneath(&file, folder, "/etc/passwd"), -EXDEV);
    CHECK_INT(weir__file_open_beneath(&file, "/nowhere", "a"), -ENOENT);
    remove_tree();
}

TEST(test_file_open_by_steps) {
    char buf[8];

    make_tree();
    int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = weir__file_open_by_steps(at, "css/a b.css");
    CHECK(fd >= 0 && read(fd, buf, sizeof buf) == 6);
    close(fd);
    CHECK_INT(weir__file_open_by_steps(at, "none"), -ENOENT);
    CHECK_INT(weir__file_open_by_steps(at, "none/x"), -ENOENT);
    CHECK_INT(weir__file_open_by_steps(at, "a.txt/x"), -ENOTDIR);
    CHECK_INT(weir__file_open_by_steps(at, "inside"), -ELOOP); /* no links at all */
    CHECK_INT(weir__file_open_by_steps(at, "outside"), -ELOOP);
    CHECK(weir__file_open_by_steps(at, "up/secret") < 0);
    CHECK_INT(weir__file_open_by_steps(at, ".."), -EXDEV);
    CHECK_INT(weir__file_open_by_steps(at, "../secret"), -EXDEV);
    CHECK_INT(weir__file_open_by_steps(at, "css/../a.txt"), -EXDEV);
    CHECK_INT(weir__file_open_by_steps(at, "/etc/passwd"), -EXDEV);
    CHECK_INT(weir__file_open_by_steps(at, "css//a b.css"), -EXDEV);
    CHECK_INT(weir__file_open_by_steps(at, ""), -EXDEV);
    close(at);
    remove_tree();
}
