/* SPDX-License-Identifier: MIT */
/* market.c: whatever bytes a visitor or a program may send, through what market's pages and JSON interface make of
 * them: none may crash, what is taken must be what it says it is, and no byte may become markup.
 *
 * The input, all of it, as each of these things in turn. */
#include "market/utf8.h"
#include "market/web/access.h"
#include "market/web/html.h"
#include "market/web/json_read.h"
#include "market/web/json_write.h"
#include "market/web/language.h"
#include "market/web/money.h"
#include "market/web/upload.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void require(bool condition) {
    if (!condition)
        abort();
}

/* What was read, written again, must read the same. */
static void check_round_trip(const struct json_member *members) {
    struct json_member again[] = {{.name = "title", .type = JSON_MEMBER_STRING},
                                  {.name = "stock", .type = JSON_MEMBER_INTEGER}};
    struct text out = text_make(16 << 20);
    struct json_writer json = json_writer_make(&out);
    struct json_body body;

    json_open(&json, NULL, '{');
    if (members[0].present)
        json_put_string(&json, "title", members[0].string);
    if (members[1].present)
        json_put_int(&json, "stock", members[1].integer);
    json_close(&json, '}');
    require(out.error == 0);
    require(json_body_read(&body, out.data, out.bytes, again, 2) == JSON_OK);
    require(again[0].present == members[0].present && again[1].present == members[1].present);
    require(!again[0].present || strcmp(again[0].string, members[0].string) == 0);
    require(!again[1].present || again[1].integer == members[1].integer);
    json_body_done(&body);
    text_done(&out);
}

static void try_json(const char *data, size_t bytes) {
    struct json_member members[] = {{.name = "title", .type = JSON_MEMBER_STRING},
                                    {.name = "stock", .type = JSON_MEMBER_INTEGER}};
    struct json_body body;

    if (json_body_read(&body, data, bytes, members, 2) == JSON_OK) {
        if (members[0].present) {
            require(strlen(members[0].string) == members[0].string_bytes);
            require(utf8_length(members[0].string, members[0].string_bytes) >= 0);
        }
        check_round_trip(members);
    }
    require(memchr(body.detail, '\0', sizeof body.detail) != NULL);
    json_body_done(&body);
}

/* Of the text nothing but <mark>, <p> and <br> may look like markup. */
static void check_markup(const char *text) {
    static const char *const tags[] = {"<mark>", "</mark>", "<p>", "</p>", "<br>"};

    for (; (text = strchr(text, '<')) != NULL; text++) {
        bool known = false;
        for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
            known |= strncmp(text, tags[i], strlen(tags[i])) == 0;
        require(known);
    }
}

static void try_html(const char *string) {
    struct text out = text_make(16 << 20);

    html_printf(&out, "%s", string);
    require(strpbrk(text_string(&out), "<>\"'") == NULL);
    text_clear(&out);
    html_highlight(&out, string);
    check_markup(text_string(&out));
    text_clear(&out);
    html_paragraphs(&out, string);
    check_markup(text_string(&out));
    require(out.error == 0);
    text_done(&out);
}

static void try_words(const char *string) {
    const char *path = access_local_path(string);
    int64_t minor = -1;

    require(path[0] == '/' && path[1] != '/' && path[1] != '\\' && strpbrk(path, "\r\n\t ") == NULL);
    require(money_parse(string, &minor) < 0 || minor >= 0);
    require(language_negotiate(string) < LANGUAGE_COUNT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    char *string = malloc(bytes + 1);

    if (string == NULL)
        return 0;
    memcpy(string, data, bytes);
    string[bytes] = '\0';
    try_json((const char *)data, bytes);
    try_html(string);
    try_words(string);
    upload_may_be_picture(data, bytes);
    free(string);
    return 0;
}
