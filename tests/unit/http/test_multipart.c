/* SPDX-License-Identifier: MIT */
/* multipart/form-data, taken apart in windows of every size. */
#include "support/test.h"

#include "http/multipart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE "multipart/form-data; boundary=B"

static struct weir__multipart multipart;

static int init(const char *type) { return weir__multipart_init(&multipart, (struct weir__span){type, strlen(type)}); }

/* Reads a body that comes `step` bytes at a time, through a window as the server keeps one, and tells what it saw:
 * "name(filename,type):bytes;" for each part, and at the end "end", "bad", "limit" or "cut". */
static const char *seen(const char *body, size_t count, size_t step) {
    static char text[4096];
    static char window[WEIR__MULTIPART_WINDOW_BYTES];
    size_t held = 2, at = 0, made = 0, used;
    weir_http_part part = {NULL, NULL, NULL};

    CHECK_INT(init(TYPE), 0);
    memcpy(window, "\r\n", 2);
    for (;;) {
        enum weir__multipart_event event = weir__multipart_next(&multipart, window, held, &used, &part);
        switch (event) {
        case WEIR__MULTIPART_PART:
            made += (size_t)snprintf(text + made, sizeof text - made, "%s(%s,%s):", part.name,
                                     part.filename != NULL ? part.filename : "-", part.type != NULL ? part.type : "-");
            break;
        case WEIR__MULTIPART_DATA:
            CHECK(used > 0);
            memcpy(text + made, window, used);
            made += used;
            break;
        case WEIR__MULTIPART_PART_END:
            text[made++] = ';';
            break;
        case WEIR__MULTIPART_MORE:
            break;
        default:
            strcpy(text + made, event == WEIR__MULTIPART_END ? "end" : event == WEIR__MULTIPART_BAD ? "bad" : "limit");
            return text;
        }
        memmove(window, window + used, held - used);
        held -= used;
        if (event != WEIR__MULTIPART_MORE || used > 0)
            continue;
        size_t come = count - at < step ? count - at : step;
        if (come > sizeof window - held)
            come = sizeof window - held;
        if (at == count) {
            strcpy(text + made, "cut");
            return text;
        }
        CHECK(come > 0);
        memcpy(window + held, body + at, come);
        held += come;
        at += come;
    }
}

static void check_body(const char *body, const char *expected) {
    size_t count = strlen(body);
    for (size_t step = 1; step <= count; step++)
        CHECK_STR(seen(body, count, step), expected);
}

#define PART(disposition, fields, bytes) "--B\r\nContent-Disposition: " disposition "\r\n" fields "\r\n" bytes "\r\n"
#define NAMED(name, bytes) PART("form-data; name=\"" name "\"", "", bytes)

TEST(test_multipart_fields_and_files) {
    check_body("--B--\r\n", "end");
    check_body("--B--", "end");
    check_body(NAMED("a", "1") NAMED("b", "") NAMED("c", "\r\n") "--B--\r\n", "a(-,-):1;b(-,-):;c(-,-):\r\n;end");
    check_body(PART("form-data; name=\"p\"; filename=\"x.png\"", "Content-Type: image/png\r\n",
                    "\x89PNG\r\n--b\r\n-") "--B--",
               "p(x.png,image/png):\x89PNG\r\n--b\r\n-;end");
    check_body("preamble\r\n" NAMED("a", "1") "--B--\r\nepilogue", "a(-,-):1;end");
    check_body("preamble --B\r\n" NAMED("a", "--B") "--B--", "a(-,-):--B;end");
    check_body(PART("form-data;name=a;filename=b", "X-Other: z\r\n", "1") "--B--", "a(b,-):1;end");
    check_body(PART("Form-Data; NAME=\"a\"; filename=\"\"", "content-TYPE:  text/plain; charset=utf-8 \r\n",
                    "") "--B--",
               "a(,text/plain; charset=utf-8):;end");
    check_body("--B\r\nContent-Type: a/b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n\r\n--B--",
               "n(-,a/b):;end");
    check_body(PART("form-data; name=\"a\\\"b\"; filename=\"C:\\dir\\f\\\\g\"", "", "1") "--B--",
               "a\"b(C:\\dir\\f\\g,-):1;end");
    check_body(PART("form-data; name=\"caf\xc3\xa9; x\"; filename=\"%22\"", "", "1") "--B--",
               "caf\xc3\xa9; x(%22,-):1;end");
    check_body(PART("form-data; name=a", "Content-Transfer-Encoding: binary\r\n", "1") "--B--", "a(-,-):1;end");
}

TEST(test_multipart_malformed) {
    check_body("", "cut");
    check_body("x", "cut");
    check_body("--B", "cut");
    check_body("--B\r\n", "cut");
    check_body("--B\r\nContent-Disposition: form-data; name=a\r\n", "cut");
    check_body(NAMED("a", "1"), "a(-,-):cut");
    check_body(NAMED("a", "12345"), /* what may begin a delimiter is held back */
               "a(-,-):123cut");
    check_body("--B\nX", "bad");
    check_body("--B \r\n", "bad");
    check_body("--BX\r\n", "bad");
    check_body("--B-\r\n", "bad");
    check_body("--B\r\n\r\n1\r\n--B--", "bad");
    check_body("--B\r\nContent-Type: a/b\r\n\r\n1\r\n--B--", "bad");
    check_body("--B\r\nX : y\r\n"
               "Content-Disposition: form-data; name=a\r\n\r\n1\r\n--B--",
               "bad");
    check_body("--B\r\nContent-Disposition: form-data; name=a\r\n x\r\n\r\n1\r\n--B--", "bad");
    check_body("--B\r\nContent-Disposition: form-data; name=a\nX: y\r\n\r\n1\r\n--B--", "bad");
    check_body(PART("form-data", "", "1") "--B--", "bad");
    check_body(PART("form-data; filename=\"x\"", "", "1") "--B--", "bad");
    check_body(PART("attachment; name=\"x\"", "", "1") "--B--", "bad");
    check_body(PART("form-data; name=\"x", "", "1") "--B--", "bad");
    check_body(PART("form-data; name=", "", "1") "--B--", "bad");
    check_body(PART("form-data; name=a", "Content-Disposition: form-data; name=b\r\n", "1") "--B--", "bad");
    check_body(PART("form-data; name=a", "Content-Type: x/y\r\nContent-Type: x/y\r\n", "1") "--B--", "bad");
    check_body(PART("form-data; name=a", "Content-Transfer-Encoding: base64\r\n", "1") "--B--", "bad");
}

TEST(test_multipart_head_limit) {
    static char body[3 * WEIR__MULTIPART_HEAD_BYTES_MAX];
    const char *fixed = "\r\nContent-Disposition: form-data; name=a\r\nX: ";

    for (size_t extra = 0; extra < 2; extra++) {
        size_t at = (size_t)sprintf(body, "--B%s", fixed);
        size_t filler = WEIR__MULTIPART_HEAD_BYTES_MAX - strlen(fixed) - 4 + extra;
        memset(body + at, 'x', filler);
        strcpy(body + at + filler, "\r\n\r\n1\r\n--B--");
        for (size_t step = 1; step < 8000; step = step * 3 + 1)
            CHECK_STR(seen(body, strlen(body), step), extra == 0 ? "a(-,-):1;end" : "limit");
    }
}

TEST(test_multipart_parts_limit) {
    const char part[] = NAMED("a", "1");
    static char body[sizeof part * (WEIR__MULTIPART_PARTS_MAX + 2)];

    for (int extra = 0; extra < 2; extra++) {
        char *at = body;
        for (int i = 0; i < WEIR__MULTIPART_PARTS_MAX + extra; i++)
            at = stpcpy(at, part);
        strcpy(at, "--B--");
        const char *text = seen(body, strlen(body), 4096);
        CHECK_STR(strrchr(text, ';') + 1, extra == 0 ? "end" : "limit");
    }
}

TEST(test_multipart_boundaries) {
    char type[256];

    CHECK_INT(init("multipart/form-data; boundary=abc"), 0);
    CHECK_INT(init("multipart/form-data; charset=utf-8; Boundary=\"a b'()+_,-./:=?\""), 0);
    CHECK_INT(init("multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW"), 0);
    CHECK_INT(init("multipart/form-data"), -EINVAL);
    CHECK_INT(init("multipart/form-data; boundary="), -EINVAL);
    CHECK_INT(init("multipart/form-data; boundary=\"\""), -EINVAL);
    CHECK_INT(init("multipart/form-data; boundary=\"a "), -EINVAL);
    CHECK_INT(init("multipart/form-data; boundary=\"a \""), -EINVAL);
    CHECK_INT(init("multipart/form-data; boundary=\"a\tb\""), -EINVAL);
    CHECK_INT(init("multipart/form-data boundary=a"), -EINVAL);
    snprintf(type, sizeof type, "multipart/form-data; boundary=%070d", 1);
    CHECK_INT(init(type), 0);
    snprintf(type, sizeof type, "multipart/form-data; boundary=%071d", 1);
    CHECK_INT(init(type), -EINVAL);
}
